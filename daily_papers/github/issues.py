"""The issues of a repository on GitHub, as far as they are ours.

What was told is known by the keys in our issues: a second witness besides the data file, which
knows of an issue only from the next commit on. Labels, titles and bodies may be changed by people,
so that an issue is found by any of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable
from typing import Final

from daily_papers.github.client import TROUBLES, Answer, Connection, errors
from daily_papers.github.repository import BETWEEN_WRITES
from daily_papers.memory.keys import key_in, make_key
from daily_papers.publish.tracker import Issue, Posted

__all__ = ["GitHubTracker"]

PAGE: Final = 100
"""GitHub lists so many issues at once."""

PAGES: Final = 3
"""So many pages of issues with our label are looked at."""

_OURS: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
"""The associations of people whose token may be the action's. Others may open issues as well, and
a key that they have copied counts for nothing."""


class GitHubTracker:
    """The issues of a repository on GitHub, as far as they are ours.

    Args:
        connection: the way to the repository.
        marker: the name of the region whose papers the issues tell of.
    """

    def __init__(self, connection: Connection, marker: str) -> None:
        self._connection = connection
        self._edited: dict[str, int] = {}
        self.owner = make_key(connection.name, marker)

    def posted(self, label: str, expected: Collection[str] = ()) -> list[Posted]:
        """Returns our own issues, newest first.

        The latest hundred with `label` are looked at, and older ones only while one that is
        expected is missing; then the latest hundred issues of any label, since somebody may have
        renamed ours or taken it off.
        """
        found: dict[int, Posted] = {}
        missing = set(expected)
        self._edited.clear()
        with errors("list issues"):
            for page in range(1, PAGES + 1):
                answers = self._list(page, labels=label)
                if page == 1 and not answers:
                    self._make_label(label)
                self._collect(answers, found, missing)
                if len(answers) < PAGE or not missing:
                    break
            if missing:
                self._collect(filter(_is_by_us, self._list(1)), found, missing)
        return [found[number] for number in sorted(found, reverse=True)]

    def open(self, issue: Issue) -> int:
        """Opens an issue, and returns its number.

        One that looks like it and has lost its key is taken for it: somebody edited it.
        """
        if issue.title in self._edited:
            return self._edited[issue.title]
        with errors("open an issue"):
            self._connection.clock.sleep(BETWEEN_WRITES)
            made = self._connection.send(
                "POST",
                "/issues",
                {"title": issue.title, "body": issue.body, "labels": list(issue.labels)},
            )
            return made.number("number")

    def close(self, number: int) -> None:
        """Closes an issue as completed."""
        with errors("close an issue"):
            self._connection.clock.sleep(BETWEEN_WRITES)
            self._connection.send(
                "PATCH", f"/issues/{number}", {"state": "closed", "state_reason": "completed"}
            )

    def _list(self, page: int, **query: str) -> list[Answer]:
        """Lists a page of the latest issues, and of the pull requests, which are issues as well."""
        settings = {"state": "all", "sort": "created", "direction": "desc"}
        return self._connection.get(
            "/issues", per_page=PAGE, page=page, **settings, **query
        ).items()

    def _collect(
        self, answers: Iterable[Answer], found: dict[int, Posted], missing: set[str]
    ) -> None:
        """Puts our issues among `answers` into `found`, and takes their keys out of `missing`."""
        for answer in answers:
            if answer.has("pull_request"):
                continue
            number, title = answer.number("number"), answer.text("title")
            body = answer.text("body") if answer.has("body") else ""
            key = key_in(body, self.owner)
            if key:
                is_open = answer.text("state") == "open"
                found[number] = Posted(
                    number=number,
                    key=key,
                    title=title,
                    body=body,
                    is_open=is_open,
                    is_ours=_is_by_us(answer),
                )
                missing.discard(key)
            elif _is_by_us(answer) and f"<!-- {self._connection.name}:" not in body:
                self._edited[title] = number

    def _make_label(self, label: str) -> None:
        """Makes the label, where it is missing, in arXiv's red."""
        body = {"name": label, "color": "b31b1b", "description": "New papers on arXiv"}
        with contextlib.suppress(*TROUBLES):  # An issue's labels are made with it, too.
            self._connection.send("POST", "/labels", body)


def _is_by_us(issue: Answer) -> bool:
    """Whether a workflow or somebody who may commit has opened an issue."""
    is_bot = issue.has("user", "type") and issue.text("user", "type") == "Bot"
    return is_bot or (issue.has("author_association") and issue.text("author_association") in _OURS)
