"""What arXiv is asked in one run: few questions for many topics.

A machine that asks little is refused little. So an ordinary day has one question for all topics
together, whose answer is sorted into the topics here (see `sorting`). By itself is asked for what
cannot be sorted, because there is nothing to go on from; and in turn for every topic, so that each
is checked against arXiv's own search at least once in seven days.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from daily_papers.arxiv.client import PAGE_SIZE, Question
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import SortBy
from daily_papers.topics.lines import Topic
from daily_papers.topics.query import joined

__all__ = ["CHECK_EVERY", "Group", "Schedule", "make_schedule", "section_of"]

CHECK_EVERY: Final = 7
"""Days after which a topic is asked by itself at the latest."""

LOOK_BACK: Final = timedelta(days=21)
"""How far behind the last check one page of a common answer is meant to reach. Papers are announced
up to four days after their submission; moderation holds some back for weeks."""

LOOK_BACK_AT_LEAST: Final = timedelta(days=7)
"""How far it reaches in any case, by more pages where one is not enough. What it does not reach is
found when a topic's turn comes."""

MOST_ON_A_PAGE: Final = 2_000
"""Entries of a page; arXiv gives no more."""

MOST_PAPERS: Final = 6_000
"""Where a common answer ends at last."""

ROOM: Final = 1.25
"""How many more papers such an answer may hold than are expected."""

MOST_TERMS: Final = 400
"""Terms of one question. arXiv looks for each in two fields, stemmed and not, and the search behind
it (Elasticsearch) takes 1,024 clauses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Topics that are asked for together."""

    topics: tuple[Topic, ...]
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The questions of one run, in their order."""

    groups: tuple[Group, ...]
    alone: tuple[Topic, ...]
    """Those that are asked for by themselves. Topics of `groups` may be among them."""

    @property
    def size(self) -> int:
        """How many questions there are; each may take several pages."""
        return len(self.groups) + len(self.alone)


def make_schedule(
    topics: Sequence[Topic],
    old: Snapshot | None,
    today: date,
    *,
    limit: int,
    sort_by: SortBy,
) -> Schedule:
    """Decides what to ask for.

    Args:
        topics: what is wanted.
        old: what is known of it.
        today: the day of the run.
        limit: how many papers each topic is to have.
        sort_by: the date that makes a paper new.

    Returns:
        An schedule by which every topic has an answer.
    """
    known = [(topic, section) for topic in topics if (section := section_of(topic, old))]
    sortable = [(topic, section) for topic, section in known if _can_be_sorted(section, limit)]
    checked = {topic.heading: section.checked or date.min for topic, section in sortable}
    due = [heading for heading, day in checked.items() if (today - day).days >= CHECK_EVERY]
    some = math.ceil(len(topics) / CHECK_EVERY)
    # Topics that were checked on the same day keep the user's order: `sorted` is stable.
    in_turn = sorted(checked, key=lambda heading: checked[heading])[: max(len(due), some)]
    doubtful = [topic.heading for topic, section in sortable if section.doubts]
    failed = [topic.heading for topic, section in sortable if section.failure]
    if len(failed) > some:
        failed = []  # So many at once: it was arXiv that failed, not they.
    by_itself = {*in_turn, *doubtful, *failed}
    alone = tuple(
        topic for topic in topics if topic.heading not in checked or topic.heading in by_itself
    )
    groups = tuple(_groups(sortable, old.updated, sort_by)) if old else ()
    if len(groups) + len(alone) >= len(topics):
        return Schedule(groups=(), alone=tuple(topics))
    return Schedule(groups=groups, alone=alone)


def section_of(topic: Topic, old: Snapshot | None) -> Section | None:
    """Gives what is known of a topic, unless it was asked for in other words."""
    section = old.section(topic.heading) if old else None
    return section if section and section.query == topic.query.to_arxiv() else None


def _can_be_sorted(section: Section, limit: int) -> bool:
    """Tells whether a topic's papers are known well enough to go on from."""
    is_whole = section.is_complete or len(section.papers) >= limit
    return section.checked is not None and is_whole


def _groups(
    known: Iterable[tuple[Topic, Section]], updated: date, sort_by: SortBy
) -> Iterator[Group]:
    """Puts as many topics into each question as it can hold."""
    part: list[tuple[Topic, Section]] = []
    size = 0
    for topic, section in known:
        if part and size + topic.query.size > MOST_TERMS:
            yield _group(part, updated, sort_by)
            part, size = [], 0
        part.append((topic, section))
        size += topic.query.size
    if part:
        yield _group(part, updated, sort_by)


def _group(part: Sequence[tuple[Topic, Section]], updated: date, sort_by: SortBy) -> Group:
    """Makes one question for some topics, mostly for one page."""
    papers = {paper.arxiv_id: paper for _, section in part for paper in section.papers}
    known = tuple(papers.values())
    last_checks = (
        section.failure.checked or updated if section.failure else updated for _, section in part
    )
    day = datetime.combine(min(last_checks), time(), UTC)
    expected = sum(_expected(section, day, sort_by) for _, section in part)
    page = math.ceil((expected * ROOM + 1) / PAGE_SIZE) * PAGE_SIZE
    return Group(
        topics=tuple(topic for topic, _ in part),
        question=Question(
            query=joined(topic.query for topic, _ in part),
            limit=MOST_PAPERS,
            sort_by=sort_by,
            known=known,
            since=day - LOOK_BACK_AT_LEAST,
            page_size=min(page, MOST_ON_A_PAGE),
        ),
    )


def _expected(section: Section, day: datetime, sort_by: SortBy) -> float:
    """Gives how many papers of a topic come in the time to look back on, as far as is known."""
    dates = [paper.date(sort_by) for paper in section.papers]
    late = [date for date in dates if date > day - LOOK_BACK]
    if section.is_complete or len(late) < len(dates):
        return len(late)
    # Its papers do not reach back so far: as many came before them as in their own time.
    return len(late) * (LOOK_BACK / max(day - min(dates), timedelta(days=1)))
