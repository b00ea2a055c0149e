from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from daily_papers.answers import Answer, Reply
from daily_papers.errors import ArxivError
from daily_papers.memory import merge as merging
from daily_papers.memory.news import News, find_news
from daily_papers.memory.snapshot import Failure, Section, Snapshot
from daily_papers.papers import Paper, SortBy, latest_versions, newest_first
from daily_papers.topics.lines import Topic, parse_topics
from tests.support import paper

DAY = date(2025, 10, 3)
NEXT_DAY = date(2025, 10, 4)


def section(*papers: Paper, heading: str = "Graphs", query: str = "q") -> Section:
    return Section(heading=heading, query=query, papers=papers, is_complete=True)


def compare(old: Snapshot | None, new: Snapshot) -> News:
    return find_news(old, new.sections, SortBy.UPDATED)


def merge(
    old: Snapshot | None, topics: Sequence[Topic], replies: Mapping[str, Reply], today: date
) -> Snapshot:
    merged, _ = merging.merge(old, topics, replies, today=today, sort_by=SortBy.UPDATED)
    return merged


def snapshot(*sections: Section) -> Snapshot:
    return Snapshot(updated=DAY, sections=sections)


(GRAPHS,) = parse_topics("Graphs")
FAILED: dict[str, Reply] = {"Graphs": ArxivError("arXiv is down")}


def answered(*papers: Paper) -> dict[str, Reply]:
    return {"Graphs": Answer(papers=papers, total=len(papers))}


A, B, C = paper("2509.00001"), paper("2509.00002"), paper("2509.00003")
A2 = replace(A, version=2)


def test_the_date_changes_with_the_content_alone() -> None:
    first = merge(None, [GRAPHS], answered(A), DAY)
    assert first.updated == DAY
    assert merge(first, [GRAPHS], answered(A), NEXT_DAY) == first
    assert merge(first, [GRAPHS], answered(B, A), NEXT_DAY).updated == NEXT_DAY


def test_a_topic_without_an_answer_keeps_its_papers_and_says_since_when() -> None:
    first = merge(None, [GRAPHS], answered(A), DAY)
    failing = merge(first, [GRAPHS], FAILED, NEXT_DAY)
    (kept,) = failing.sections
    assert kept.papers == (A,)
    assert kept.failure == Failure(since=NEXT_DAY, checked=DAY)
    assert failing.updated == NEXT_DAY
    later = NEXT_DAY + timedelta(days=5)
    assert merge(failing, [GRAPHS], FAILED, later) == failing
    (well,) = merge(failing, [GRAPHS], answered(A), later).sections
    assert well == replace(first.sections[0], checked=later)


def test_a_topic_that_never_had_an_answer_has_no_news_with_its_first() -> None:
    never = merge(None, [GRAPHS], FAILED, DAY)
    assert never.sections[0].failure == Failure(since=DAY, checked=None)
    first = merge(never, [GRAPHS], answered(A), NEXT_DAY)
    assert compare(never, first).new_ids == frozenset()


def test_a_paper_that_comes_withdrawn_is_not_news() -> None:
    withdrawn = replace(B, version=2, comment="This paper has been withdrawn by the authors.")
    (news,) = compare(snapshot(section(A)), snapshot(section(withdrawn, A))).topics
    assert news.new == news.revised == ()


def test_new_and_revised_papers_are_told_apart() -> None:
    (news,) = compare(snapshot(section(A, B)), snapshot(section(C, A2, B))).topics
    assert news.new == (C,)
    assert news.revised == (A2,)


@pytest.mark.parametrize(
    "old",
    [None, snapshot(), snapshot(section(heading="Other")), snapshot(section(B, query="other"))],
    ids=["first run", "empty", "new topic", "changed query"],
)
def test_a_first_sight_has_no_news(old: Snapshot | None) -> None:
    news = compare(old, snapshot(section(A)))
    assert news.new_ids == frozenset()


def test_a_paper_that_is_new_in_two_topics_counts_once() -> None:
    old = snapshot(section(A), section(A, heading="Time"))
    news = compare(old, snapshot(section(B, A), section(B, A, heading="Time")))
    assert news.new_ids == {"2509.00002"}


def test_each_paper_stays_at_its_latest_version() -> None:
    assert latest_versions([A, B, A2, A]) == (A2, B)


def test_equal_dates_are_ordered_by_id() -> None:
    assert newest_first([A, C, B], SortBy.UPDATED) == (C, B, A)
    newer = replace(A, published=A.published + timedelta(1))
    assert newest_first([C, newer], SortBy.PUBLISHED) == (newer, C)
    assert newest_first([C, newer], SortBy.UPDATED) == (C, newer)
