"""Where watchers are told of new papers: the protocol, and the key that makes an issue ours.

Titles, labels and most of a body may be changed by people. What names an issue for good is its
key, in a hidden comment on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

__all__ = ["Issue", "Posted", "Tracker", "hidden", "key_in", "make_key"]

_HIDDEN: Final = re.compile(r"<!-- (\S+) -->")


def make_key(owner: str, *what: str) -> str:
    """Returns the key of an issue.

    Args:
        owner: `Tracker.owner`, or the key of which this one is a part.
        what: tells the issue from the owner's others; no part has a space.
    """
    return ":".join((owner, *what))


def hidden(key: str) -> str:
    """Returns the line that holds `key` in an issue's body, where nobody sees it."""
    return f"<!-- {key} -->"


def key_in(body: str, owner: str) -> str:
    """Returns the key that is hidden in `body`; empty where there is none of `owner`.

    A quoted key does not count, and of several the last one does: a body that we write ends with
    its key, and people may write more after it.
    """
    for line in reversed(body.splitlines()):
        found = _HIDDEN.fullmatch(line.rstrip())
        if found and found[1].startswith(make_key(owner, "")):
            return found[1]
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue that is to be opened."""

    key: str
    """Names it among all issues."""
    title: str
    body: str
    """Markdown; it ends with the key, hidden."""
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An issue of ours that is there already."""

    number: int
    key: str
    title: str
    body: str
    """As it is now: people may have ticked boxes, or edited it."""
    is_open: bool


class Tracker(Protocol):
    """A repository's issues. Every method may raise `GitHubError`."""

    owner: str
    """The repository and the marker: what the keys of our issues begin with."""

    def posted(self, label: str, expected: Collection[str] = ()) -> Sequence[Posted]:
        """Returns our own issues among the latest, newest first.

        Args:
            label: the label of our issues.
            expected: keys of issues that may have been opened. Where one of them is not found
                among the latest with the label, it is looked for among more issues.
        """
        ...

    def open(self, issue: Issue) -> int:
        """Opens an issue, and returns its number."""
        ...

    def close(self, number: int) -> None:
        """Closes an issue as completed."""
        ...

    def page_url(self, path: str, revision: str) -> str:
        """Returns the address of a file as it is at a revision."""
        ...
