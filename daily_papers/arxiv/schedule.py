"""The questions of one run: few for many topics, because who asks arXiv little is refused little.

Topics whose papers are known share one combined question (see `combined`). What is sorted into them
by our own search has to be checked against arXiv's, so each topic is also asked about separately at
least once in seven days: few topics all on the same day, many of them in turn. Topics of which
nothing is known yet share combined questions of their own, as far as those reach.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from daily_papers.arxiv.client import PAGE_SIZE, Question
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper, SortBy, latest_versions
from daily_papers.topics.lines import Topic
from daily_papers.topics.query import joined

__all__ = [
    "CHECK_EVERY",
    "WORTH_COMBINING",
    "Group",
    "Schedule",
    "Wish",
    "first_groups",
    "make_schedule",
    "section_of",
]

CHECK_EVERY: Final = 7
"""Days after which a topic is asked about separately at the latest. So many topics or fewer are all
checked on the same day."""

LOOK_BACK: Final = timedelta(days=21)
"""How far before the last check one page of a combined answer should reach. Papers are announced
up to four days after their submission; moderation holds some back for weeks."""

LOOK_BACK_AT_LEAST: Final = timedelta(days=7)
"""How far it always reaches, by more pages if one is not enough. What it does not reach is found
by the topic's next check."""

MOST_ON_A_PAGE: Final = 2_000
"""Entries of a page; arXiv sends no more (https://info.arxiv.org/help/api/user-manual.html)."""

MOST_PAPERS: Final = 6_000
"""Papers of a combined answer; it ends here even if it does not reach far enough."""

ROOM: Final = 1.25
"""How many more papers than expected a combined answer may hold."""

ROOM_AT_FIRST: Final = 1.2
"""The same for topics of which nothing is known yet."""

LESS_BUSY: Final = 3
"""How much less busy than the average such a topic may be to get all its papers, if a page has room
for that."""

MOST_TERMS: Final = 400
"""Terms of one question. arXiv looks for each in two fields, stemmed and not, and the search engine
behind it (Elasticsearch) accepts 1,024 clauses."""

WORTH_COMBINING: Final = 3
"""With fewer new topics than this, a combined question and a check are as many requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a run wants to know, and the ways in which it may ask."""

    topics: Sequence[Topic]
    today: date
    """The day of the run, in the user's time zone."""
    limit: int
    """How many papers to bring for each topic at most."""
    sort_by: SortBy
    """The date that makes a paper new."""
    is_combined: bool = True
    """Whether one question may be about several topics."""
    listing_url: str = ""
    """The address of the listings, for days on which arXiv refuses; empty to do without."""
    places: Sequence[str] = ()
    """The archives and categories of the listings; without any, those of the known papers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Topics that share one question."""

    topics: tuple[Topic, ...]
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The questions of one run."""

    groups: tuple[Group, ...]
    """For topics whose papers are known."""
    first: tuple[Topic, ...]
    """Topics without known papers, which are many enough for combined questions."""
    first_checks: int
    """How many of `first` are also asked about separately."""
    separate: tuple[Topic, ...]
    """The topics that are asked about separately, those of `groups` as a check."""


def make_schedule(wish: Wish, old: Snapshot | None) -> Schedule:
    """Returns the questions that give every topic an answer.

    Args:
        wish: what to ask for.
        old: what is known of it.
    """
    topics = wish.topics
    if not wish.is_combined:
        return Schedule(groups=(), first=(), first_checks=0, separate=tuple(topics))
    found = [(topic, section) for topic in topics if (section := section_of(topic, old))]
    known = [(topic, section) for topic, section in found if _is_beginning(section, wish.limit)]
    if len(known) == 1:
        known = []  # A question about one topic is not combined.
    headings = {topic.heading for topic, _ in known}
    unknown = tuple(topic for topic in topics if topic.heading not in headings)
    first = unknown if len(unknown) >= WORTH_COMBINING else ()
    separate = _checks([section for _, section in known], wish.today)
    separate |= {topic.heading for topic in unknown} - {topic.heading for topic in first}
    return Schedule(
        groups=tuple(_groups(known, old.updated, wish.sort_by)) if old else (),
        first=first,
        first_checks=math.ceil(len(first) / CHECK_EVERY),
        separate=tuple(topic for topic in topics if topic.heading in separate),
    )


def section_of(topic: Topic, old: Snapshot | None) -> Section | None:
    """Returns what is known of a topic, unless its query was another one."""
    section = old.section(topic.heading) if old else None
    return section if section and section.query == topic.query.to_arxiv() else None


def _is_beginning(section: Section, limit: int) -> bool:
    """Whether a topic's papers are a beginning that combined answers can go on from."""
    is_whole = section.is_complete or len(section.papers) >= limit
    return section.checked is not None and is_whole


def _checks(sections: Sequence[Section], today: date) -> set[str]:
    """Returns the headings of those topics that are to be asked about separately."""
    ages = {
        section.heading: (today - (section.checked or date.min)).days
        for section in sorted(sections, key=lambda section: len(section.unconfirmed), reverse=True)
    }
    due = {heading for heading, age in ages.items() if age >= CHECK_EVERY}
    some = math.ceil(len(sections) / CHECK_EVERY)
    if some > 1:
        # Sorting is stable: of the same day, the topic with most unconfirmed papers comes first.
        due |= set(sorted(ages, key=lambda heading: ages[heading], reverse=True)[:some])
    elif due:
        due = {heading for heading, age in ages.items() if age > CHECK_EVERY // 2}
    failed = {section.heading for section in sections if section.failure}
    if len(failed) > some:
        failed = set()  # It was arXiv that failed, not they.
    return due | failed | {section.heading for section in sections if section.doubts}


def _groups(
    known: Iterable[tuple[Topic, Section]], updated: date, sort_by: SortBy
) -> Iterator[Group]:
    """Yields questions about as many topics each as possible."""
    sections = dict(known)
    for topics in _parts(list(sections), most=len(sections)):
        yield _group([(topic, sections[topic]) for topic in topics], updated, sort_by)


def _parts(topics: Sequence[Topic], *, most: int) -> Iterator[list[Topic]]:
    """Yields the topics in parts of at most `most` topics and, if possible, `MOST_TERMS` terms."""
    part: list[Topic] = []
    size = 0
    for topic in topics:
        if part and (len(part) == most or size + topic.query.size > MOST_TERMS):
            yield part
            part, size = [], 0
        part.append(topic)
        size += topic.query.size
    if part:
        yield part


def _group(part: Sequence[tuple[Topic, Section]], updated: date, sort_by: SortBy) -> Group:
    """Returns one question about some topics, usually for one page."""
    # A topic that failed may have a paper that was never as it seemed: the others speak for it.
    sound = [section for _, section in part if not section.failure]
    last_checks = (
        section.failure.checked or updated if section.failure else updated for _, section in part
    )
    day = datetime.combine(min(last_checks), time(), UTC)
    expected = sum(_expected(section, day, sort_by) for _, section in part)
    return Group(
        topics=tuple(topic for topic, _ in part),
        question=Question(
            name=f"{len(part)} topics together",
            query=joined(topic.query for topic, _ in part),
            limit=MOST_PAPERS,
            sort_by=sort_by,
            known=_papers(sound or (section for _, section in part)),
            since=day - LOOK_BACK_AT_LEAST,
            page_size=_page_size(expected * ROOM + 1),
        ),
    )


def _expected(section: Section, day: datetime, sort_by: SortBy) -> float:
    """Returns how many papers of a topic come in `LOOK_BACK`, as far as is known."""
    dates = [paper.date(sort_by) for paper in section.papers]
    late = [date for date in dates if date > day - LOOK_BACK]
    if section.is_complete or len(late) < len(dates):
        return len(late)
    # Its papers do not reach back so far: as many came before them as in their own time.
    return len(late) * (LOOK_BACK / max(day - min(dates), timedelta(days=1)))


def first_groups(
    topics: Sequence[Topic], sections: Mapping[str, Section], wish: Wish
) -> tuple[Group, ...]:
    """Returns combined questions about topics that have no beginning to go on from.

    Each question asks for as many papers as its topics have if all are about equally busy, and for
    more if one page holds them.

    Args:
        topics: the topics, those that are about equally busy next to each other.
        sections: what is known of topics, by heading; an answer must not be older.
        wish: what to ask for.
    """
    most = max(1, int(MOST_PAPERS / (wish.limit * ROOM_AT_FIRST)))
    groups = []
    for part in _parts(topics, most=most):
        size = len(part) * wish.limit
        papers = max(math.ceil(size * ROOM_AT_FIRST), min(size * LESS_BUSY, MOST_ON_A_PAGE))
        found = (section for topic in part if (section := sections.get(topic.heading)))
        question = Question(
            name=f"{len(part)} topics together",
            query=joined(topic.query for topic in part),
            limit=papers,
            sort_by=wish.sort_by,
            known=_papers(found),
            page_size=_page_size(papers),
        )
        groups.append(Group(topics=tuple(part), question=question))
    return tuple(groups)


def _papers(sections: Iterable[Section]) -> tuple[Paper, ...]:
    """Returns all papers of some topics, each once."""
    return latest_versions(paper for section in sections for paper in section.papers)


def _page_size(papers: float) -> int:
    """Returns a round number of entries to ask for at once."""
    return min(math.ceil(papers / PAGE_SIZE) * PAGE_SIZE, MOST_ON_A_PAGE)
