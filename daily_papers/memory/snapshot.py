"""What is known after a run."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from daily_papers.answers import Answer, Listed, Reply
from daily_papers.memory.trends import Trend, Window, begin, count, half_year
from daily_papers.papers import Paper
from daily_papers.topics.lines import Topic

__all__ = ["Failure", "News", "Notice", "Section", "Snapshot", "merge", "with_counts"]

MEMORY: Final = timedelta(days=92)
"""How long the id of a paper that is no longer kept is remembered, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Since when a topic has had no answer that can be trusted."""

    since: date
    """The first day without one."""
    checked: date | None
    """A day on which the papers were known to be right; `None` where there never was one."""
    listed: date | None = None
    """The day of the announcement from which papers came in the meantime, if some did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A topic and the papers kept for it."""

    heading: str
    query: str
    """The topic's query in arXiv's syntax: another query makes it another topic."""
    papers: tuple[Paper, ...]
    """Newest first, each once."""
    is_complete: bool
    """Whether `papers` are all that arXiv has on the query."""
    news: int = 0
    """How many of them came with the last change."""
    failure: Failure | None = None
    """Set while arXiv gives no usable answer. A day with a good answer and nothing new is not
    recorded, because it changes nothing: `checked` is then the day of the last change."""
    checked: date | None = None
    """The day on which arXiv was last asked about this topic separately, or about it at all if all
    its papers are of combined answers; `None` if there is no such day, or by another date."""
    unconfirmed: tuple[str, ...] = ()
    """The ids of the papers that are here by our own search, not by arXiv's; sorted."""
    doubts: int = 0
    """How many more checks must find no difference before a combined answer is enough."""
    trend: Trend | None = None
    """How many papers came in which week; `None` until that is known of any."""

    def weeks(self, updated: date) -> Mapping[date, int | None]:
        """Gives the papers of each of the last whole weeks by its Monday, oldest first.

        Args:
            updated: the day up to which the snapshot tells.

        Returns:
            Half a year of weeks, with `None` where their papers are not known.
        """
        checked = self.failure.checked if self.failure else updated
        return half_year(self.trend, updated=updated, checked=checked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that is known after a run; every page is a view of it."""

    updated: date
    """The day on which its content last changed, in the user's time zone."""
    sections: tuple[Section, ...]
    seen: tuple[str, ...] = ()
    """The ids of papers of late that were kept once and are no longer, sorted."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The generated files besides the README, by path: git's name of each one's content."""
    queue: tuple[Notice, ...] = ()
    """What watchers are to be told, oldest first. What was told stays until the next change."""
    _by_heading: Mapping[str, Section] = field(init=False, repr=False, compare=False)
    _seen: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_heading = {section.heading: section for section in self.sections}
        object.__setattr__(self, "_by_heading", by_heading)
        object.__setattr__(self, "_seen", frozenset(self.seen))

    def section(self, heading: str) -> Section | None:
        """Gives the section under `heading`, if there is one."""
        return self._by_heading.get(heading)

    def has_seen(self, arxiv_id: str) -> bool:
        """Tells whether a paper was kept once, of late, and is no longer."""
        return arxiv_id in self._seen

    def places(self) -> dict[str, list[int]]:
        """Gives the numbers of the sections that hold each paper, by its id."""
        places: dict[str, list[int]] = {}
        for number, section in enumerate(self.sections):
            for paper in section.papers:
                places.setdefault(paper.arxiv_id, []).append(number)
        return places

    @property
    def kept_ids(self) -> frozenset[str]:
        """The ids of all papers that are kept."""
        return frozenset(paper.arxiv_id for section in self.sections for paper in section.papers)

    @property
    def known_ids(self) -> frozenset[str]:
        """The ids of all papers that are not news any more."""
        kept = (paper.arxiv_id for section in self.sections for paper in section.papers)
        return frozenset(itertools.chain(kept, self.seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one topic has that it did not have."""

    heading: str
    new: tuple[Paper, ...]
    revised: tuple[Paper, ...]
    """Papers that were known at an earlier version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What watchers are to be told of one run."""

    key: str
    """Names it among all announcements, of whatever repository and marker."""
    day: date
    is_welcome: bool
    """Whether it is the first, which shows all that there is."""
    new: Mapping[str, tuple[str, ...]]
    """The new papers' ids, by heading; topics without any are left out."""
    revised: Mapping[str, tuple[str, ...]]


def merge(
    old: Snapshot | None,
    topics: Iterable[Topic],
    replies: Mapping[str, Reply],
    today: date,
) -> Snapshot:
    """Gives the snapshot after a run.

    A topic without an answer keeps the papers that it had. The snapshot is dated `today` only
    where its content differs from that of `old`: a run that finds nothing new must not change a
    byte.

    Args:
        old: the snapshot before the run, if there was one.
        topics: the topics that the page is to have, in order.
        replies: what came of asking for each, by heading.
        today: the day of the run.
    """
    sections = tuple(_section(old, topic, replies[topic.heading], today) for topic in topics)
    if old is None:
        return Snapshot(updated=today, sections=sections)
    if [*map(_content, sections)] == [*map(_content, old.sections)]:
        return old
    merged = replace(old, updated=today, sections=sections)
    seen = old.known_ids - merged.kept_ids
    return replace(merged, seen=tuple(sorted(i for i in seen if _is_of_late(i, today))))


def with_counts(snapshot: Snapshot, news: Iterable[News]) -> Snapshot:
    """Gives `snapshot` with the numbers of its new papers, topic by topic in the same order."""
    sections = zip(snapshot.sections, news, strict=True)
    return replace(
        snapshot,
        sections=tuple(replace(section, news=len(item.new)) for section, item in sections),
    )


def _is_of_late(arxiv_id: str, today: date) -> bool:
    """Tells whether a paper may still be taken for a new one, by the month that begins its id."""
    month = (today - MEMORY).strftime("%y%m")
    return "." in arxiv_id and "/" not in arxiv_id and arxiv_id[:4] >= month


def _content(section: Section) -> Section:
    """Gives a section without what is not worth a commit."""
    return replace(section, news=0, checked=None, unconfirmed=(), doubts=0)


def _section(old: Snapshot | None, topic: Topic, reply: Reply, today: date) -> Section:
    """Gives one topic's section after a run."""
    query = topic.query.to_arxiv()
    kept = old.section(topic.heading) if old else None
    if isinstance(reply, Answer):
        return Section(
            heading=topic.heading,
            query=query,
            papers=reply.papers,
            is_complete=reply.is_complete,
            checked=today if reply.is_own or not (kept and kept.checked) else kept.checked,
            unconfirmed=reply.unconfirmed,
            doubts=reply.doubts,
            trend=_trend(old, topic, reply),
        )
    if kept is None or old is None:
        failure = Failure(since=today, checked=None)
        return Section(
            heading=topic.heading, query=query, papers=(), is_complete=False, failure=failure
        )
    failure = kept.failure or Failure(since=today, checked=old.updated)
    if isinstance(reply, Listed):
        ids = {paper.arxiv_id for paper in kept.papers}
        came = [paper.arxiv_id for paper in reply.papers if paper.arxiv_id not in ids]
        kept = replace(
            kept, papers=reply.papers, unconfirmed=tuple(sorted({*kept.unconfirmed, *came}))
        )
        failure = replace(failure, listed=reply.day if came else failure.listed)
    return replace(kept, news=0, failure=failure)


def _trend(old: Snapshot | None, topic: Topic, answer: Answer) -> Trend | None:
    """Counts on where the same query was answered before."""
    now = Window(papers=answer.papers, is_complete=answer.is_complete)
    kept = old.section(topic.heading) if old else None
    if old is None or kept is None or kept.trend is None or kept.query != topic.query.to_arxiv():
        return begin(now)
    before = Window(
        papers=kept.papers,
        is_complete=kept.is_complete,
        checked=kept.failure.checked if kept.failure else None,
    )
    # A paper that came with an announcement has another date, and is counted by its own.
    dates = {paper.arxiv_id: paper.published for paper in kept.papers}
    counted = {
        paper.arxiv_id
        for paper in answer.papers
        if dates.get(paper.arxiv_id) == paper.published or old.has_seen(paper.arxiv_id)
    }
    return count(kept.trend, before, now, counted)
