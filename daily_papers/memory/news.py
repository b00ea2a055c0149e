"""What a run found that was not known before, and the queue of what watchers are told.

An announcement is committed together with the papers that it tells of, and only then made an
issue. A run that dies in between leaves it in the queue for the next one; docs/decisions tells why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from daily_papers.memory.snapshot import News, Notice, Section, Snapshot
from daily_papers.papers import Paper, SortBy

__all__ = ["Digest", "announce", "compare"]

HELD: Final = timedelta(days=45)
"""Moderation holds some papers back for weeks; one that is older than this and was never seen is
an old one that came back."""

ON_ITS_WAY: Final = timedelta(days=7)
"""What was revised had been announced, at most so long after its submission; one that is older
and was never seen stood too far down, or came by its revision."""

QUEUE_LENGTH: Final = 7
"""Older announcements that could not be delivered are given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a run found that the snapshot before it did not have, topic by topic."""

    topics: tuple[News, ...]

    @property
    def new_ids(self) -> frozenset[str]:
        """The new papers' ids; a paper that is new in two topics counts once."""
        return frozenset(paper.arxiv_id for news in self.topics for paper in news.new)


def compare(old: Snapshot | None, new: Snapshot, sort_by: SortBy) -> Digest:
    """Tells what `new` has that `old` has not.

    A topic that `old` does not know, or knows with another query, has no news: all that it holds
    is a first sight of it. So a first run has none at all.
    """
    if old is None:
        nothing = (News(heading=section.heading, new=(), revised=()) for section in new.sections)
        return Digest(topics=tuple(nothing))
    known = old.known_ids
    return Digest(
        topics=tuple(
            _news(old.section(section.heading), section, known, old.updated, sort_by)
            for section in new.sections
        )
    )


def _news(
    old: Section | None, new: Section, known: Collection[str], updated: date, sort_by: SortBy
) -> News:
    """Tells what one topic has that it did not have."""
    nothing = News(heading=new.heading, new=(), revised=())
    if old is None or old.query != new.query:
        return nothing
    checked = old.failure.checked if old.failure else updated
    if checked is None:
        return nothing
    versions = {paper.arxiv_id: paper.version for paper in old.papers}
    found = [
        paper
        for paper in new.papers
        if versions.get(paper.arxiv_id, 0) < paper.version
        and _is_within(paper, old, sort_by)
        and (paper.arxiv_id in versions or not paper.is_withdrawn)
    ]
    fresh = [
        paper for paper in found if paper.arxiv_id not in known and _is_of_late(paper, checked)
    ]
    fresh_ids = {paper.arxiv_id for paper in fresh}
    return replace(
        nothing,
        new=tuple(fresh),
        revised=tuple(
            paper for paper in found if paper.arxiv_id not in fresh_ids and paper.version > 1
        ),
    )


def _is_within(paper: Paper, old: Section, sort_by: SortBy) -> bool:
    """Tells a paper that came from one that always stood further down a list that got longer."""
    if old.is_complete or not old.papers:
        return True
    return paper.date(sort_by) >= old.papers[-1].date(sort_by)


def _is_of_late(paper: Paper, checked: date) -> bool:
    """Tells whether a paper that was never seen was announced after `checked`, or right before."""
    delay = HELD if paper.version == 1 else ON_ITS_WAY
    return paper.published.date() >= checked - delay


def announce(
    snapshot: Snapshot,
    digest: Digest,
    waiting: Iterable[Notice],
    *,
    owner: str,
    now: datetime,
    is_first: bool,
) -> Snapshot:
    """Queues the announcement of `digest`, where there is something to announce.

    Args:
        snapshot: what was found.
        digest: what is new in it.
        waiting: what the queue holds that watchers were not told yet.
        owner: the repository and the marker, for the key.
        now: the time of the run, for the key.
        is_first: whether there was never a run before; it welcomes with all that it has.
    """
    news: Iterable[News] = digest.topics
    if is_first:
        news = [
            News(heading=section.heading, new=section.papers, revised=())
            for section in snapshot.sections
        ]
    new = {item.heading: _ids(item.new) for item in news if item.new}
    if not new:
        return snapshot
    announcement = Notice(
        key=f"{owner}:{'welcome' if is_first else now.isoformat(timespec='seconds')}",
        day=now.date(),
        is_welcome=is_first,
        new=new,
        revised={item.heading: _ids(item.revised) for item in digest.topics if item.revised},
    )
    return replace(snapshot, queue=(*waiting, announcement)[-QUEUE_LENGTH:])


def _ids(papers: Iterable[Paper]) -> tuple[str, ...]:
    return tuple(paper.arxiv_id for paper in papers)
