"""Where watchers are told of new papers: the protocol of a repository's issues."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Issue", "Posted", "Tracker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue that is to be opened."""

    key: str
    """Identifies it among all issues."""
    title: str
    body: str
    """Markdown; it ends with the key, hidden."""
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An issue of ours that exists."""

    number: int
    key: str
    title: str
    body: str
    """As it is now: people may have ticked boxes, or edited it."""
    is_open: bool
    is_ours: bool = True
    """Whether a workflow or somebody who may commit has opened it; others may quote one of ours."""


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
