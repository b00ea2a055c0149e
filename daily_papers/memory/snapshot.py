"""All that is known after a run: the data file keeps it, and every page is a view of it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from daily_papers.memory.trends import Trend, half_year
from daily_papers.papers import Paper, SortBy

__all__ = ["Failure", "Section", "Snapshot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Since when a topic has had no usable answer."""

    since: date
    """The first day without one."""
    checked: date | None
    """A day on which the papers were known to be right; `None` where there never was one."""
    listed: date | None = None
    """The day of the last listing that brought papers in the meantime, if one did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A topic and the papers kept for it."""

    heading: str
    query: str
    """The topic's query in arXiv's syntax. Another query makes it another topic."""
    papers: tuple[Paper, ...]
    """Newest first, each once."""
    is_complete: bool
    """Whether `papers` are all that arXiv has on the query."""
    new: tuple[str, ...] = ()
    """The ids of the papers that were new with the last change, in the order of `papers`."""
    failure: Failure | None = None
    """Set while arXiv gives no usable answer. A day with a good answer and nothing new is not
    recorded, because it changes nothing: `checked` is then the day of the last change."""
    checked: date | None = None
    """The day on which arXiv was last asked about this topic separately; or asked at all, if all
    its papers come from combined answers. `None` if there is no such day."""
    unconfirmed: tuple[str, ...] = ()
    """The ids of the papers that are here by our own search, not by arXiv's; sorted."""
    doubts: int = 0
    """How many more checks must find no difference before a combined answer is enough."""
    trend: Trend | None = None
    """How many papers came in which week; `None` until that is known of any."""

    def weeks(self, updated: date) -> Mapping[date, int | None]:
        """Returns the papers of each of the last whole weeks by its Monday, oldest first.

        Args:
            updated: the day up to which the snapshot tells.

        Returns:
            Half a year of weeks, with `None` where their papers are not known.
        """
        checked = self.failure.checked if self.failure else updated
        return half_year(self.trend, updated=updated, checked=checked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that is known after a run."""

    updated: date
    """The day on which its content last changed, in the user's time zone."""
    sections: tuple[Section, ...]
    sort_by: SortBy = SortBy.UPDATED
    """The date that orders the papers of all sections, and that views show."""
    seen: tuple[str, ...] = ()
    """The ids of recent papers that were kept once and are no longer, sorted."""
    found: Mapping[str, date] = field(default_factory=dict)
    """The day on which each recent paper was first seen as new, by id."""
    _by_heading: Mapping[str, Section] = field(init=False, repr=False, compare=False)
    _seen: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_heading = {section.heading: section for section in self.sections}
        object.__setattr__(self, "_by_heading", by_heading)
        object.__setattr__(self, "_seen", frozenset(self.seen))

    def section(self, heading: str) -> Section | None:
        """Returns the section under `heading`, if there is one."""
        return self._by_heading.get(heading)

    def has_seen(self, arxiv_id: str) -> bool:
        """Whether a recent paper was kept once and is no longer."""
        return arxiv_id in self._seen

    def is_revised(self, paper: Paper) -> bool:
        """Whether a paper is a later version than the one that was told as new.

        If none was told as new, each version after the first is a revision. No version is
        told before the day on which it was submitted. `assets/js/record.js` has the same rule.
        """
        told = self.found.get(paper.arxiv_id)
        return paper.version > 1 and (told is None or paper.updated.date() > told)

    def places(self) -> dict[str, list[int]]:
        """Returns the numbers of the sections that hold each paper, by its id."""
        places: dict[str, list[int]] = {}
        for number, section in enumerate(self.sections):
            for paper in section.papers:
                places.setdefault(paper.arxiv_id, []).append(number)
        return places

    @property
    def papers(self) -> dict[str, Paper]:
        """All papers that are kept, by id; at the latest version where sections differ."""
        papers: dict[str, Paper] = {}
        for section in self.sections:
            for paper in section.papers:
                known = papers.get(paper.arxiv_id)
                if known is None or known.version < paper.version:
                    papers[paper.arxiv_id] = paper
        return papers

    @property
    def kept_ids(self) -> frozenset[str]:
        """The ids of all papers that are kept."""
        return frozenset(paper.arxiv_id for section in self.sections for paper in section.papers)

    @property
    def known_ids(self) -> frozenset[str]:
        """The ids of all papers that are not news any more."""
        kept = (paper.arxiv_id for section in self.sections for paper in section.papers)
        return frozenset(itertools.chain(kept, self.seen))
