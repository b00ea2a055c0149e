"""What a run found that was not known before.

This module has the only rule of what is *new*: first seen by us, and recent. Issues, page, feed and
web page all follow it, so that they never disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper, SortBy

__all__ = ["News", "TopicNews", "find_news", "first_sight", "is_remembered"]

MAX_AGE: Final = timedelta(days=45)
"""Moderation holds some papers back for weeks
(https://info.arxiv.org/help/moderation/index.html). A paper that was submitted longer ago than this
and was never seen is an old one that came back."""

MAX_AGE_WHEN_REVISED: Final = timedelta(days=7)
"""A paper that was revised since the last check has usually been announced before, at most this
many days after its submission. An older one that was never seen was too far down the list."""

ANNOUNCED_WITHIN: Final = timedelta(days=4)
"""The longest time from the submission of a version to its announcement, unless it is held back:
from Friday afternoon to Monday evening (https://info.arxiv.org/help/availability.html), and one day
more for the run that finds it."""

REMEMBERED: Final = timedelta(days=92)
"""For how long, at least, the id of a paper that is no longer kept is remembered."""

# A paper must not be forgotten while it could still count as new.
assert MAX_AGE + timedelta(days=31) < REMEMBERED  # noqa: S101 - ids are forgotten by the month


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicNews:
    """What one topic has that it did not have."""

    heading: str
    new: tuple[Paper, ...]
    revised: tuple[Paper, ...]
    """Papers that now have a later version; none of them is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a run found, topic by topic."""

    topics: tuple[TopicNews, ...]

    @property
    def new_ids(self) -> frozenset[str]:
        """The new papers' ids. A paper that is new in two topics counts once."""
        return frozenset(paper.arxiv_id for topic in self.topics for paper in topic.new)


def find_news(old: Snapshot | None, sections: Iterable[Section], sort_by: SortBy) -> News:
    """Returns what `sections` have that `old` does not have.

    A topic that `old` does not have, or has with another query, has no news, because everything in
    it is seen for the first time. So a first run has no news at all.
    """
    known = old.known_ids if old else frozenset()
    return News(
        topics=tuple(
            _topic_news(old, old.section(section.heading) if old else None, section, known, sort_by)
            for section in sections
        )
    )


def first_sight(snapshot: Snapshot) -> News:
    """Returns all papers of `snapshot` as new, for readers who have seen none yet."""
    return News(
        topics=tuple(
            TopicNews(heading=section.heading, new=section.papers, revised=())
            for section in snapshot.sections
        )
    )


def _topic_news(
    old: Snapshot | None,
    before: Section | None,
    after: Section,
    known: Collection[str],
    sort_by: SortBy,
) -> TopicNews:
    """Returns what one topic has that it did not have."""
    nothing = TopicNews(heading=after.heading, new=(), revised=())
    if old is None or before is None or before.query != after.query:
        return nothing
    checked = before.failure.checked if before.failure else old.updated
    if checked is None:
        return nothing
    versions = {paper.arxiv_id: paper.version for paper in before.papers}
    came = [
        paper
        for paper in after.papers
        if versions.get(paper.arxiv_id, 0) < paper.version
        and _is_within(paper, before, sort_by)
        and (paper.arxiv_id in versions or not paper.is_withdrawn)
    ]
    new = {p.arxiv_id for p in came if p.arxiv_id not in known and _is_recent(p, checked)}
    return TopicNews(
        heading=after.heading,
        new=tuple(paper for paper in came if paper.arxiv_id in new),
        revised=tuple(p for p in came if p.arxiv_id not in new and p.version > 1),
    )


def _is_within(paper: Paper, before: Section, sort_by: SortBy) -> bool:
    """Whether a paper has come, rather than moved up into a list that became longer."""
    if before.is_complete or not before.papers:
        return True
    return paper.date(sort_by) >= before.papers[-1].date(sort_by)


def _is_recent(paper: Paper, checked: date) -> bool:
    """Whether a paper that was never seen was announced after `checked`, or shortly before.

    A later version that is older than the last check would have been seen then, had the paper
    been announced: it was held back together with the first one.
    """
    submitted = paper.published.date()
    if paper.version == 1 or paper.updated.date() < checked - ANNOUNCED_WITHIN:
        return submitted >= checked - MAX_AGE
    return submitted >= checked - MAX_AGE_WHEN_REVISED


def is_remembered(arxiv_id: str, today: date) -> bool:
    """Whether a paper that is no longer kept could still be mistaken for a new one.

    An id begins with its month (https://info.arxiv.org/help/arxiv_identifier.html); one of the
    old style, which has a slash, is from 2007 at the latest.
    """
    month = (today - REMEMBERED).strftime("%y%m")
    return "/" not in arxiv_id and arxiv_id[:4] >= month
