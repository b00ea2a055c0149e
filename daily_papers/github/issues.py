"""The issues of a repository on GitHub, as far as they are ours.

What was told is known by the keys in our issues: a second witness besides the data file, which
knows of an issue only from the next commit on. Labels, titles and bodies may be changed by people,
so that an issue is found by any of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable
from typing import Final

from github.GithubObject import NotSet
from github.Issue import Issue as GitHubIssue

from daily_papers.github.client import Connection
from daily_papers.github.failures import TROUBLES, errors
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
            for page in range(PAGES):
                issues = self._list(page, label)
                if page == 0 and not issues:
                    self._make_label(label)
                self._collect(issues, found, missing)
                if len(issues) < PAGE or not missing:
                    break
            if missing:
                self._collect(filter(_is_by_us, self._list(0)), found, missing)
        return [found[number] for number in sorted(found, reverse=True)]

    def open(self, issue: Issue) -> int:
        """Opens an issue, and returns its number.

        One that looks like it and has lost its key is taken for it: somebody edited it.
        """
        if issue.title in self._edited:
            return self._edited[issue.title]
        with errors("open an issue"):
            self._connection.clock.sleep(BETWEEN_WRITES)
            made = self._connection.repository.create_issue(
                issue.title, body=issue.body, labels=list(issue.labels)
            )
            return made.number

    def close(self, number: int) -> None:
        """Closes an issue as completed."""
        with errors("close an issue"):
            self._connection.clock.sleep(BETWEEN_WRITES)
            self._connection.issue(number).edit(state="closed", state_reason="completed")

    def _list(self, page: int, *labels: str) -> list[GitHubIssue]:
        """Lists a page of the latest issues, and of the pull requests, which are issues as well."""
        found = self._connection.repository.get_issues(
            labels=list(labels) or NotSet, state="all", sort="created", direction="desc"
        )
        return found.get_page(page)

    def _collect(
        self, issues: Iterable[GitHubIssue], found: dict[int, Posted], missing: set[str]
    ) -> None:
        """Puts our issues among `issues` into `found`, and takes their keys out of `missing`."""
        for issue in issues:
            if issue.pull_request is not None:
                continue
            body = issue.body or ""
            key = key_in(body, self.owner)
            if key:
                found[issue.number] = Posted(
                    number=issue.number,
                    key=key,
                    title=issue.title,
                    body=body,
                    is_open=issue.state == "open",
                    is_ours=_is_by_us(issue),
                )
                missing.discard(key)
            elif _is_by_us(issue) and f"<!-- {self._connection.name}:" not in body:
                self._edited[issue.title] = issue.number

    def _make_label(self, label: str) -> None:
        """Makes the label, where it is missing, in arXiv's red."""
        with contextlib.suppress(*TROUBLES):  # An issue's labels are made with it, too.
            self._connection.repository.create_label(label, "b31b1b", "New papers on arXiv")


def _is_by_us(issue: GitHubIssue) -> bool:
    """Whether a workflow or somebody who may commit has opened an issue."""
    is_bot = issue.user is not None and issue.user.type == "Bot"
    return is_bot or issue.author_association in _OURS
