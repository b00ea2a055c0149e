"""From the last snapshot and arXiv's replies to the next snapshot, and what is new in it.

Here a run thinks: pure functions of values, so that every day can be tried in a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from daily_papers.answers import Answer, Listed, Reply
from daily_papers.memory.news import News, find_news, is_remembered
from daily_papers.memory.snapshot import Failure, Section, Snapshot
from daily_papers.memory.trends import Trend, Window, begin, count
from daily_papers.papers import SortBy
from daily_papers.topics.lines import Topic

__all__ = ["follow", "merge"]

FOUND: Final = timedelta(days=35)
"""For how long the day on which a paper was first seen is kept: a month, and some days more."""


def follow(old: Snapshot, topics: Sequence[Topic]) -> Snapshot:
    """Returns `old` with the headings of today: the query says which topic has a new one.

    Otherwise, what is new on the day of the new heading would never be told, and a topic without
    an answer on that day would lose its papers.

    Args:
        old: the snapshot before the run.
        topics: the topics that the page is to have.
    """
    queries = {topic.heading: topic.query.to_arxiv() for topic in topics}
    stay = {one.heading for one in old.sections if queries.get(one.heading) == one.query}
    came: dict[str, list[str]] = {}  # Several topics may have one query.
    for heading, query in queries.items():
        if heading not in stay:
            came.setdefault(query, []).append(heading)
    moved = {
        section.heading: replace(section, heading=came[section.query].pop(0))
        for section in old.sections
        if section.heading not in stay and came.get(section.query)
    }
    if not moved:
        return old
    taken = {section.heading for section in moved.values()}
    sections = tuple(
        moved.get(section.heading, section)
        for section in old.sections
        if section.heading in moved or section.heading not in taken
    )
    # A topic whose heading is now another's is gone; its papers are no news for that.
    followed = replace(old, sections=sections)
    return replace(followed, seen=tuple(sorted(old.known_ids - followed.kept_ids)))


def merge(
    old: Snapshot | None,
    topics: Iterable[Topic],
    replies: Mapping[str, Reply],
    *,
    today: date,
    sort_by: SortBy,
) -> tuple[Snapshot, News]:
    """Returns the snapshot after a run, and what is new in it.

    A topic without an answer keeps the papers that it had. If the content is that of `old`, `old`
    itself is returned: a run that finds nothing new must not change a byte.

    Args:
        old: the snapshot before the run, if there was one.
        topics: the topics that the page is to have, in order.
        replies: what arXiv answered about each, by heading.
        today: the day of the run, in the user's time zone.
        sort_by: the date that orders the papers.
    """
    sections = tuple(_section(old, topic, replies[topic.heading], today) for topic in topics)
    news = find_news(old, sections, sort_by)
    if old and [*map(_content, sections)] == [*map(_content, old.sections)]:
        return old, news
    sections = tuple(
        replace(section, new=tuple(paper.arxiv_id for paper in topic.new))
        for section, topic in zip(sections, news.topics, strict=True)
    )
    kept = {paper.arxiv_id for section in sections for paper in section.papers}
    seen = (old.known_ids if old else frozenset()) - kept
    found = {i: day for i, day in old.found.items() if day >= today - FOUND} if old else {}
    snapshot = Snapshot(
        updated=today,
        sort_by=sort_by,
        sections=sections,
        seen=tuple(sorted(arxiv_id for arxiv_id in seen if is_remembered(arxiv_id, today))),
        found=found | dict.fromkeys(sorted(news.new_ids), today),
    )
    return snapshot, news


def _content(section: Section) -> Section:
    """Returns a section without what is not worth a commit."""
    return replace(section, new=(), checked=None, unconfirmed=(), doubts=0)


def _section(old: Snapshot | None, topic: Topic, reply: Reply, today: date) -> Section:
    """Returns one topic's section after a run, before it is known what is new in it."""
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
    return replace(kept, failure=failure)


def _trend(old: Snapshot | None, topic: Topic, answer: Answer) -> Trend | None:
    """Returns the counts by week, continued if the same query was answered before."""
    now = Window(papers=answer.papers, is_complete=answer.is_complete)
    kept = old.section(topic.heading) if old else None
    if old is None or kept is None or kept.trend is None or kept.query != topic.query.to_arxiv():
        return begin(now)
    before = Window(
        papers=kept.papers,
        is_complete=kept.is_complete,
        checked=kept.failure.checked if kept.failure else None,
    )
    # A paper that came with a listing has another date, and is counted by its own.
    dates = {paper.arxiv_id: paper.published for paper in kept.papers}
    counted = {
        paper.arxiv_id
        for paper in answer.papers
        if dates.get(paper.arxiv_id) == paper.published or old.has_seen(paper.arxiv_id)
    }
    return count(kept.trend, before, now, counted)
