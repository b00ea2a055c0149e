"""What became of asking arXiv for one topic: a value that the rest of the run goes on from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from daily_papers.errors import ArxivError
from daily_papers.papers import Paper

__all__ = ["Answer", "Listed", "Reply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What arXiv has on one query, put together from its feeds and trusted."""

    papers: tuple[Paper, ...]
    """Newest first, each once."""
    total: int | None
    """How many papers match, kept or not; `None` where they were not counted, and are more."""
    is_own: bool = True
    """Whether it answers a question for this query alone, not one for several queries."""
    unconfirmed: tuple[str, ...] = ()
    """The ids of papers that it has by our own judgement, not by arXiv's; in order."""
    doubts: int = 0
    """How many more checks must pass before answers for several queries are enough."""

    @property
    def is_complete(self) -> bool:
        """Whether `papers` are all that arXiv has on the query."""
        return self.total is not None and self.total <= len(self.papers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What stands in for an answer to one topic: what it had, and what was announced."""

    papers: tuple[Paper, ...]
    """Newest first, each once."""
    day: date
    """The day of the announcement."""
    error: ArxivError
    """Why there is no answer."""


Reply = Answer | Listed | ArxivError
"""What became of one topic: its papers, what stands in for them, or why there are none that can be
trusted."""
