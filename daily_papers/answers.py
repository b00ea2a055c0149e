"""The result of asking arXiv about one topic.

A failure is a value, too: one topic without an answer must not end the run for the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from daily_papers.errors import ArxivError
from daily_papers.papers import Paper

__all__ = ["Answer", "Listed", "Reply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The papers that arXiv has on one query, collected from its pages and checked."""

    papers: tuple[Paper, ...]
    """Newest first, each once."""
    total: int | None
    """How many papers match, whether they are in `papers` or not; `None` if there are more than in
    `papers` and their number is unknown."""
    is_own: bool = True
    """Whether the question was about this query only; otherwise this is a share of a combined
    answer."""
    unconfirmed: tuple[str, ...] = ()
    """The ids of the papers that are here by our own search, not by arXiv's; sorted."""
    doubts: int = 0
    """How many more checks must pass before a combined answer is enough for this topic."""

    @property
    def is_complete(self) -> bool:
        """Whether `papers` are all that arXiv has on the query."""
        return self.total is not None and self.total <= len(self.papers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What replaces an answer about one topic: the papers that it had, and the listed ones."""

    papers: tuple[Paper, ...]
    """Newest first, each once."""
    day: date
    """The day of the listing."""
    error: ArxivError
    """Why there is no answer."""


Reply = Answer | Listed | ArxivError
"""What arXiv answered about one topic: its papers, what replaces them, or why it has none."""
