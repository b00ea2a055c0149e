"""Summaries by a model: which are wanted, what came of asking, and what is kept of it.

Each version of a paper is asked for once, ever: a model costs money, and a second answer would be
another one. So an answer that cannot be shown is kept as well, without its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import Paper

__all__ = [
    "MAX_MODEL",
    "MAX_TEXT",
    "MAX_TITLE",
    "SummariesResult",
    "Summarise",
    "Summary",
    "kept",
    "wanted",
]

MAX_TEXT: Final = 400
"""Characters of a summary, which is one sentence: the longest of 6,000 that people wrote for papers
have 300."""

MAX_TITLE: Final = 400
"""Characters of a title in the reader's language."""

MAX_MODEL: Final = 100
"""Characters of a model's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a model made of one version of a paper."""

    text: str
    """One sentence; empty if the answer was not one that can be shown, or is shown nowhere."""
    title: str | None = None
    """The paper's title in the reader's language, if that is not English."""
    model: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariesResult:
    """What came of asking a model."""

    summaries: Mapping[str, Summary] = field(default_factory=dict)
    """By arXiv id, in the order in which they were asked for."""
    tokens: int = 0
    """The tokens that the endpoint says it has counted, of questions and answers."""
    failures: int = 0
    """How many requests brought nothing that can be shown."""
    note: str = ""
    """Why papers were left for the next run; usually nothing."""
    source: str = ""
    """The model and its host, as people read it."""

    @property
    def shown(self) -> int:
        """How many of the summaries can be shown."""
        return sum(bool(summary.text) for summary in self.summaries.values())


Summarise = Callable[[Sequence[Paper], float], SummariesResult]
"""Asks a model for summaries of papers, best first, until a moment of the clock's stopwatch. Never
raises an error because of the model or the network."""


def wanted(
    snapshot: Snapshot, known: Mapping[str, Summary], best: Iterable[str] = ()
) -> tuple[Paper, ...]:
    """Returns the papers that have no summary of their version yet, in the order to ask.

    Args:
        snapshot: the papers.
        known: the summaries that there are, by arXiv id.
        best: the ids of the papers that match the reader's interests, the best first. Among those
            of one day they come first.
    """
    places = {arxiv_id: place for place, arxiv_id in enumerate(best)}

    def order(paper: Paper) -> tuple[int, int, float, str]:
        moment = paper.date(snapshot.sort_by)
        place = places.get(paper.arxiv_id, len(places))
        return -moment.toordinal(), place, -moment.timestamp(), paper.arxiv_id

    papers = (paper for paper in snapshot.papers.values() if not _is_known(paper, known))
    return tuple(sorted((paper for paper in papers if not paper.is_withdrawn), key=order))


def _is_known(paper: Paper, known: Mapping[str, Summary]) -> bool:
    summary = known.get(paper.arxiv_id)
    return summary is not None and summary.version >= paper.version


def kept(
    known: Mapping[str, Summary], found: Mapping[str, Summary], snapshot: Snapshot
) -> dict[str, Summary]:
    """Returns the summaries to remember, by arXiv id.

    Of a paper that is kept no longer, only that it was asked for is remembered, as long as its id.

    Args:
        known: what was remembered so far.
        found: what a model has answered since.
        snapshot: the papers after the run.
    """
    everything = {**known, **found}
    current = snapshot.kept_ids
    return {
        arxiv_id: summary if arxiv_id in current else replace(summary, text="", title=None)
        for arxiv_id, summary in sorted(everything.items())
        if arxiv_id in current or snapshot.has_seen(arxiv_id)
    }
