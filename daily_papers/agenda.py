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

from daily_papers.arxiv import PAGE_SIZE, Question
from daily_papers.papers import Paper, SortBy
from daily_papers.query import joined
from daily_papers.snapshot import Section, Snapshot
from daily_papers.topics import Topic

__all__ = ["CHECK_EVERY", "Agenda", "Group", "make_agenda", "section_of"]

CHECK_EVERY: Final = 7
"""Days after which a topic is asked by itself at the latest."""

LOOK_BACK: Final = timedelta(days=7)
"""How far behind the last check a common answer reaches at least. Papers are announced up to four
days after their submission, those that moderation has held back later."""

LATEST: Final = timedelta(days=21)
"""How far behind the last check it reaches where one page is enough for that."""

ROOM: Final = 1.5
"""How many more papers such a page may hold than are known."""

MOST_ON_A_PAGE: Final = 1_000
"""Entries of a common answer's page; arXiv's manual asks not to want more."""

MOST_PAPERS: Final = 5_000
"""Where a common answer ends in any case."""

MOST_TERMS: Final = 400
"""Terms of one question. arXiv looks for each in two fields, stemmed and not, and the search behind
it (Elasticsearch) takes 1,024 clauses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Topics that are asked for together."""

    topics: tuple[Topic, ...]
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The questions of one run, in their order."""

    groups: tuple[Group, ...]
    alone: tuple[Topic, ...]
    """Those that are asked for by themselves. Topics of `groups` may be among them."""

    @property
    def size(self) -> int:
        """How many questions there are; each may take several pages."""
        return len(self.groups) + len(self.alone)


def make_agenda(
    topics: Sequence[Topic],
    old: Snapshot | None,
    today: date,
    *,
    limit: int,
    sort_by: SortBy,
) -> Agenda:
    """Decides what to ask for.

    Args:
        topics: what is wanted.
        old: what is known of it.
        today: the day of the run.
        limit: how many papers each topic is to have.
        sort_by: the date that makes a paper new.

    Returns:
        An agenda by which every topic has an answer.
    """
    known = [(topic, section) for topic in topics if (section := section_of(topic, old))]
    sortable = [(topic, section) for topic, section in known if _can_be_sorted(section, limit)]
    checked = {topic.heading: section.checked or date.min for topic, section in sortable}
    due = [heading for heading, day in checked.items() if (today - day).days >= CHECK_EVERY]
    count = max(len(due), math.ceil(len(topics) / CHECK_EVERY))
    # Topics that were checked on the same day keep the user's order: `sorted` is stable.
    in_turn = set(sorted(checked, key=lambda heading: checked[heading])[:count])
    in_turn |= {topic.heading for topic, section in sortable if section.doubts}
    alone = tuple(
        topic for topic in topics if topic.heading not in checked or topic.heading in in_turn
    )
    groups = tuple(_groups(sortable, old.updated, sort_by)) if old else ()
    if len(groups) + len(alone) >= len(topics):
        return Agenda(groups=(), alone=tuple(topics))
    return Agenda(groups=groups, alone=alone)


def section_of(topic: Topic, old: Snapshot | None) -> Section | None:
    """Gives what is known of a topic, unless it was asked for in other words."""
    section = old.section(topic.heading) if old else None
    return section if section and section.query == topic.query.to_arxiv() else None


def _can_be_sorted(section: Section, limit: int) -> bool:
    """Tells whether a topic's papers are known well enough to go on from."""
    is_whole = section.is_complete or len(section.papers) >= limit
    return section.failure is None and section.checked is not None and is_whole


def _groups(
    known: Iterable[tuple[Topic, Section]], checked: date, sort_by: SortBy
) -> Iterator[Group]:
    """Puts as many topics into each question as it can hold."""
    topics: list[Topic] = []
    papers: dict[str, Paper] = {}
    size = 0
    for topic, section in known:
        if topics and size + topic.query.size > MOST_TERMS:
            yield _group(topics, papers.values(), checked, sort_by)
            topics, papers, size = [], {}, 0
        topics.append(topic)
        papers |= {paper.arxiv_id: paper for paper in section.papers}
        size += topic.query.size
    if topics:
        yield _group(topics, papers.values(), checked, sort_by)


def _group(
    topics: Sequence[Topic], known: Iterable[Paper], checked: date, sort_by: SortBy
) -> Group:
    """Makes one question for some topics.

    Its first page is as large as the last three weeks, by what is known, with room for new papers;
    further pages follow only until a week back.
    """
    known = tuple(known)
    day = datetime.combine(checked, time(), UTC)
    expected = sum(paper.date(sort_by) > day - LATEST for paper in known)
    page = math.ceil((expected * ROOM + 1) / PAGE_SIZE) * PAGE_SIZE
    return Group(
        topics=tuple(topics),
        question=Question(
            query=joined(topic.query for topic in topics),
            limit=MOST_PAPERS,
            sort_by=sort_by,
            known=known,
            since=day - LOOK_BACK,
            page_size=min(page, MOST_ON_A_PAGE),
        ),
    )
