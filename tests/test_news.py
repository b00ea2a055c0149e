"""What is new, and what is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daily_papers.answers import Answer
from daily_papers.errors import ArxivError
from daily_papers.memory.merge import follow, merge
from daily_papers.memory.news import (
    ANNOUNCED_WITHIN,
    MAX_AGE,
    MAX_AGE_WHEN_REVISED,
    REMEMBERED,
    News,
    TopicNews,
    find_news,
    first_sight,
    is_remembered,
)
from daily_papers.memory.snapshot import Failure, Section, Snapshot
from daily_papers.papers import Paper, SortBy, newest_first
from daily_papers.topics.lines import parse_topics
from tests.support import NOW, paper

DAY = NOW.date()


def at(days: float, number: int = 1, version: int = 1, **changes: Any) -> Paper:
    """A paper that was submitted so many days before the old snapshot."""
    moment = NOW - timedelta(days=days)
    fields = {"published": moment, "updated": moment + timedelta(hours=version - 1), **changes}
    return paper(f"{moment:%y%m}.{number:05}", version, **fields)


def section(*papers: Paper, heading: str = "Graphs", **changes: Any) -> Section:
    fields: dict[str, Any] = {"query": "q", "is_complete": True, **changes}
    return Section(heading=heading, papers=newest_first(papers, SortBy.UPDATED), **fields)


def snapshot(*sections: Section, **changes: Any) -> Snapshot:
    return Snapshot(updated=DAY, sections=sections, **changes)


def found_by(old: Snapshot | None, *sections: Section) -> News:
    return find_news(old, sections, SortBy.UPDATED)


def news(old: Snapshot | None, *sections: Section) -> tuple[TopicNews, ...]:
    return found_by(old, *sections).topics


# --- New, revised, or neither


OLD, OTHER = at(20), at(21, 2)
FIRST = at(3, 3)
KNOWN = section(OLD, OTHER)
WITHDRAWN: dict[str, Any] = {"comment": "This paper has been withdrawn by the authors."}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A paper that comes to a topic with two papers, of which the older one is `OTHER`."""

    name: str
    paper: Paper
    old: Section = KNOWN
    seen: tuple[str, ...] = ()
    is_new: bool = False
    is_revised: bool = False


CASES = (
    Case(name="submitted since", paper=at(-1, 3), is_new=True),
    Case(name="held back by moderation for weeks", paper=at(15, 3), is_new=True),
    Case(name="older than the rest of a whole list", paper=at(30, 3), is_new=True),
    Case(name="much too old, with a new keyword", paper=at(400, 3)),
    Case(name="revised before it was ever seen", paper=at(2, 3, version=2), is_new=True),
    Case(
        name="held back for weeks, and revised meanwhile",
        paper=at(20, 3, version=2, updated=NOW - timedelta(days=9)),
        is_new=True,
    ),
    Case(
        name="held back for too long, and revised meanwhile",
        paper=at(50, 3, version=2, updated=NOW - timedelta(days=9)),
        is_revised=True,
    ),
    Case(
        name="an old one that comes back by its revision",
        paper=at(12, 3, version=2, updated=NOW),
        is_revised=True,
    ),
    Case(
        name="a very old one that comes back",
        paper=at(400, 3, version=5, updated=NOW),
        is_revised=True,
    ),
    Case(name="a known one, revised", paper=replace(OLD, version=2), is_revised=True),
    Case(name="a known one, as it was", paper=OLD),
    Case(
        name="a known one, at an earlier version", paper=OLD, old=section(replace(OLD, version=2))
    ),
    Case(
        name="a known one, revised long ago",
        paper=replace(OLD, version=2),
        old=section(replace(OLD, version=2), OTHER),
    ),
    Case(name="dropped out of the list, and back", paper=FIRST, seen=(FIRST.arxiv_id,)),
    Case(
        name="dropped out, revised, and back",
        paper=replace(FIRST, version=2),
        seen=(FIRST.arxiv_id,),
        is_revised=True,
    ),
    Case(name="withdrawn before it was ever seen", paper=at(1, 3, version=2, **WITHDRAWN)),
    Case(
        name="withdrawn after it was told of",
        paper=replace(OLD, version=2, **WITHDRAWN),
        is_revised=True,
    ),
    Case(
        name="from further down, now that more are kept",
        paper=at(22, 3),
        old=section(OLD, OTHER, is_complete=False),
    ),
    Case(
        name="among those that are kept",
        paper=at(20.5, 3),
        old=section(OLD, OTHER, is_complete=False),
        is_new=True,
    ),
    Case(name="the first of a topic that had none", paper=FIRST, old=section(), is_new=True),
    Case(name="of another query under the same heading", paper=FIRST, old=section(OLD, query="p")),
    Case(
        name="of a topic that never had an answer",
        paper=FIRST,
        old=section(failure=Failure(since=DAY, checked=None)),
    ),
    Case(
        name="submitted long ago, in the long time that a topic failed",
        paper=at(60, 3),
        old=section(
            at(100, 4),
            failure=Failure(since=DAY - timedelta(80), checked=DAY - timedelta(81)),
        ),
        is_new=True,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_paper_that_comes(case: Case) -> None:
    kept = [known for known in case.old.papers if known.arxiv_id != case.paper.arxiv_id]
    (found,) = news(snapshot(case.old, seen=case.seen), section(case.paper, *kept))
    assert found.new == ((case.paper,) if case.is_new else ())
    assert found.revised == ((case.paper,) if case.is_revised else ())


@pytest.mark.parametrize(
    "version,updated,most",
    [
        (1, None, MAX_AGE),
        (2, timedelta(0), MAX_AGE_WHEN_REVISED),
        (2, ANNOUNCED_WITHIN, MAX_AGE_WHEN_REVISED),
        (2, ANNOUNCED_WITHIN + timedelta(days=1), MAX_AGE),
    ],
    ids=["a first version", "revised today", "revised as announced", "revised while held back"],
)
def test_the_last_day_on_which_a_paper_is_new_counts(
    version: int, updated: timedelta | None, most: timedelta
) -> None:
    known = section(at(100, 4))
    changes = {} if updated is None else {"updated": NOW - updated}
    for age, is_new in ((most, True), (most + timedelta(days=1), False)):
        came = at(age.days, 3, version, **changes)
        (found,) = news(snapshot(known), section(came, *known.papers))
        assert found.new == ((came,) if is_new else ())


def test_an_id_is_remembered_for_its_whole_month() -> None:
    today = date(2025, 10, 31)
    month = today - REMEMBERED
    assert is_remembered(f"{month:%y%m}.00001", today)
    assert is_remembered(f"{today:%y%m}.00001", today)
    assert not is_remembered(f"{month.replace(day=1) - timedelta(days=1):%y%m}.99999", today)
    assert not is_remembered("math/0211159", today)


def test_a_first_sight_is_all_papers_under_their_headings() -> None:
    times = section(FIRST, heading="Times")
    assert first_sight(snapshot(KNOWN, times)).topics == (
        TopicNews(heading="Graphs", new=KNOWN.papers, revised=()),
        TopicNews(heading="Times", new=(FIRST,), revised=()),
    )


def test_news_are_under_the_heading_of_their_topic() -> None:
    sections = [section(FIRST, OLD, OTHER), section(FIRST, heading="Times")]
    found = news(snapshot(KNOWN), *sections)
    assert [topic.heading for topic in found] == ["Graphs", "Times"]


def test_a_topic_that_is_added_or_that_is_the_first_has_no_news() -> None:
    both = section(FIRST, OLD), section(FIRST, heading="Time")
    graphs, time = news(snapshot(section(OLD)), *both)
    assert (graphs.new, time.new) == ((FIRST,), ())
    assert all(not found.new for found in news(None, *both))


def test_a_paper_in_two_topics_is_new_in_both_and_counts_once() -> None:
    old = snapshot(section(OLD), section(OTHER, heading="Time"))
    found = found_by(old, section(FIRST, OLD), section(FIRST, heading="Time"))
    assert [topic.new for topic in found.topics] == [(FIRST,), (FIRST,)]
    assert found.new_ids == {FIRST.arxiv_id}


def test_a_paper_that_one_topic_knows_is_not_new_in_another() -> None:
    old = snapshot(section(OLD), section(OTHER, heading="Time"))
    _, time = news(old, section(OLD), section(OLD, OTHER, heading="Time"))
    assert time.new == time.revised == ()
    revised = replace(OLD, version=2)
    graphs, time = news(old, section(revised), section(revised, OTHER, heading="Time"))
    assert (graphs.new, graphs.revised) == (time.new, time.revised) == ((), (revised,))


TOPICS = parse_topics("Graphs\nTime")


@given(st.data())
def test_whatever_arxiv_answers_no_paper_is_new_twice(data: st.DataObject) -> None:
    """Papers come late, leave, come back, are revised, and topics fail; lists are cut anywhere."""
    told: list[str] = []
    known: Snapshot | None = None
    first_sight: set[str] = set()
    for day in range(data.draw(st.integers(2, 8))):
        today = DAY + timedelta(days=3 * day)
        replies = {topic.heading: data.draw(answers(day)) for topic in TOPICS}
        after, found = merge(known, TOPICS, replies, today=today, sort_by=SortBy.UPDATED)
        assert {i for known_as in after.sections for i in known_as.new} <= after.kept_ids
        assert {i: day for i, day in after.found.items() if day == today} == dict.fromkeys(
            found.new_ids, today
        )
        for topic in found.topics:
            assert not {new.arxiv_id for new in topic.new} & {rev.arxiv_id for rev in topic.revised}
        if known is None:
            first_sight |= after.kept_ids
        told += found.new_ids
        known = after
    assert len(told) == len(set(told))
    assert not first_sight & set(told)


def answers(day: int) -> st.SearchStrategy[Answer | ArxivError]:
    papers = st.builds(
        lambda number, version: at(30 - 3 * number, number, version),
        number=st.integers(1, 12 + day),
        version=st.integers(1, 3),
    )
    lists = st.lists(papers, max_size=6, unique_by=lambda paper: paper.arxiv_id)
    return st.just(ArxivError("down")) | st.builds(
        lambda found, more: Answer(
            papers=newest_first(found, SortBy.UPDATED), total=len(found) + more
        ),
        lists,
        st.integers(0, 1),
    )


# --- Headings that change

QUERIES = ("graphs", "maps", "ice", "trees")
NAMED = st.dictionaries(st.sampled_from("ABCD"), st.sampled_from(QUERIES), min_size=1)


@example(
    {"A": "graphs", "C": "maps", "B": "maps"},
    {"A": "maps", "B": "graphs", "C": "graphs", "D": "maps"},
)
@given(NAMED, NAMED)
def test_a_topic_is_followed_to_its_heading_and_no_paper_becomes_news(
    before: dict[str, str], after: dict[str, str]
) -> None:
    topics = parse_topics("\n".join(f"{name}: {query}" for name, query in after.items()))
    asked = parse_topics("\n".join(f"{name}: {query}" for name, query in before.items()))
    old = Snapshot(
        updated=NOW.date(),
        sections=tuple(
            Section(
                heading=topic.heading,
                query=topic.query.to_arxiv(),
                papers=(paper(f"2509.{number:05}"),),
                is_complete=True,
            )
            for number, topic in enumerate(asked, 1)
        ),
    )
    new = follow(old, topics)
    headings = [section.heading for section in new.sections]
    assert len(headings) == len(set(headings))
    assert new.known_ids == old.known_ids
    assert follow(new, topics) == new
    for topic in topics:
        found = new.section(topic.heading)
        known = old.section(topic.heading)
        if known and known.query == topic.query.to_arxiv():
            assert found == known
        elif list(after.values()).count(after[topic.heading]) == 1:
            is_known = any(one.query == topic.query.to_arxiv() for one in old.sections)
            assert (found is not None and found.query == topic.query.to_arxiv()) == is_known
