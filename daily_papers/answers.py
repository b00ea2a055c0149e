"""What became of asking arXiv about one topic: a value that the rest of the run goes on from."""

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
    """How many papers match, whether they are in `papers` or not; `None` where there are more than
    in `papers` and nobody counted them."""
    is_own: bool = True
    """Whether the question was about this query alone; else this is a share of a combined one."""
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
"""What became of one topic: its papers, what replaces them, or why none can be trusted."""
