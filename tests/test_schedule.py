from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.arxiv import schedule as rules
from daily_papers.arxiv.schedule import (
    CHECK_EVERY,
    LOOK_BACK_AT_LEAST,
    MOST_ON_A_PAGE,
    MOST_PAPERS,
    MOST_TERMS,
    ROOM,
    Schedule,
    Wish,
    first_groups,
)
from daily_papers.memory.snapshot import Failure, Section, Snapshot
from daily_papers.papers import Paper, SortBy
from daily_papers.topics.lines import Topic, parse_topics
from daily_papers.topics.query import Or, joined
from tests.support import paper

TODAY = date(2025, 10, 3)
DAY = timedelta(days=1)
LIMIT = 3


def topics(count: int) -> tuple[Topic, ...]:
    return parse_topics("\n".join(f"Topic Number{n}" for n in range(count)))


def wide_topics(sizes: list[int]) -> tuple[Topic, ...]:
    """Topics with so many terms each."""
    lines = (
        f"Topic{number}: {' OR '.join(f'ti:word{number}x{i}' for i in range(size))}"
        for number, size in enumerate(sizes)
    )
    return parse_topics("\n".join(lines))


def papers(number: int, count: int = LIMIT) -> tuple[Paper, ...]:
    day = datetime(2025, 10, 3, tzinfo=UTC)
    return tuple(
        paper(f"2509.{number * 10 + i:05}", updated=day - i * timedelta(hours=1))
        for i in range(count)
    )


def papers_every(hours: int, count: int, until: date) -> tuple[Paper, ...]:
    last = datetime.combine(until, time(), UTC)
    return tuple(
        paper(f"2509.{n:05}", updated=last - n * timedelta(hours=hours)) for n in range(count)
    )


def section(topic: Topic, number: int, **changes: object) -> Section:
    made = Section(
        heading=topic.heading,
        query=topic.query.to_arxiv(),
        papers=papers(number),
        is_complete=False,
        checked=TODAY - DAY,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def snapshot(wanted: tuple[Topic, ...], **changes: object) -> Snapshot:
    sections = (section(topic, number, **changes) for number, topic in enumerate(wanted))
    return Snapshot(updated=TODAY - DAY, sections=tuple(sections))


def a_wish(wanted: tuple[Topic, ...], today: date = TODAY, limit: int = LIMIT) -> Wish:
    return Wish(topics=wanted, today=today, limit=limit, sort_by=SortBy.UPDATED)


def make_schedule(wanted: tuple[Topic, ...], old: Snapshot | None, today: date = TODAY) -> Schedule:
    return rules.make_schedule(a_wish(wanted, today), old)


def headings(schedule: Schedule) -> list[str]:
    return [topic.heading for topic in schedule.separate]


def size(schedule: Schedule) -> int:
    return len(schedule.groups) + len(schedule.separate)


@pytest.mark.parametrize("count,most", [(1, 1), (2, 1), (4, 1), (6, 1), (50, 9), (1000, 150)])
def test_an_ordinary_day_has_few_questions(count: int, most: int) -> None:
    wanted = topics(count)
    schedule = make_schedule(wanted, snapshot(wanted))
    assert size(schedule) <= most
    asked = {topic for group in schedule.groups for topic in group.topics} | {*schedule.separate}
    assert asked == {*wanted}


def test_few_topics_are_all_checked_on_the_same_day_of_a_week() -> None:
    wanted = topics(4)
    checked = dict.fromkeys(wanted, TODAY)
    counts = []
    for day in range(1, 15):
        today = TODAY + day * DAY
        sections = tuple(section(t, n, checked=checked[t]) for n, t in enumerate(wanted))
        schedule = make_schedule(wanted, Snapshot(updated=today - DAY, sections=sections), today)
        counts.append(size(schedule))
        checked |= dict.fromkeys(schedule.separate, today)
    assert counts == [1, 1, 1, 1, 1, 1, 5] * 2


def test_on_the_users_wish_each_topic_is_asked_about_separately() -> None:
    wanted = topics(9)
    schedule = rules.make_schedule(replace(a_wish(wanted), is_combined=False), snapshot(wanted))
    assert schedule == Schedule(groups=(), first=(), first_checks=0, separate=wanted)


@pytest.mark.parametrize("ages", [(7, 6, 6, 1), (7, 4, 4, 3)])
def test_a_check_that_was_missed_joins_the_others_again(ages: tuple[int, ...]) -> None:
    wanted = topics(4)
    sections = tuple(
        section(topic, n, checked=TODAY - age * DAY)
        for n, (topic, age) in enumerate(zip(wanted, ages, strict=True))
    )
    schedule = make_schedule(wanted, Snapshot(updated=TODAY - DAY, sections=sections))
    assert headings(schedule) == ["Topic Number0", "Topic Number1", "Topic Number2"]


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_new_topics_are_asked_about_separately(count: int) -> None:
    schedule = make_schedule(topics(count), None)
    assert schedule.separate == topics(count)
    assert schedule.first == ()


@pytest.mark.parametrize("count,checks", [(3, 1), (7, 1), (8, 2), (50, 8), (1000, 143)])
def test_on_a_first_day_topics_share_questions_and_some_are_checked(
    count: int, checks: int
) -> None:
    wanted = topics(count)
    assert make_schedule(wanted, None) == Schedule(
        groups=(), first=wanted, first_checks=checks, separate=()
    )


@given(
    sizes=st.lists(st.integers(1, 90), min_size=1, max_size=60),
    limit=st.sampled_from([1, 10, 100, 1000, 5000]),
)
def test_first_questions_are_about_all_topics_and_not_too_long(
    sizes: list[int], limit: int
) -> None:
    wanted = wide_topics(sizes)
    groups = first_groups(wanted, {}, a_wish(wanted, limit=limit))
    assert tuple(topic for group in groups for topic in group.topics) == wanted
    for group in groups:
        assert group.question.page_size <= MOST_ON_A_PAGE
        assert group.question.limit >= len(group.topics) * limit
        if len(group.topics) > 1:
            assert group.question.query.size <= MOST_TERMS
            assert group.question.limit <= MOST_PAPERS


@given(
    sizes=st.lists(st.integers(1, 90), min_size=1, max_size=60),
    limit=st.sampled_from([1, 10, 100, 1000, 5000]),
    sort_by=st.sampled_from(SortBy),
)
def test_a_first_question_is_about_as_many_topics_and_papers_as_it_can(
    sizes: list[int], limit: int, sort_by: SortBy
) -> None:
    wanted = wide_topics(sizes)
    groups = first_groups(wanted, {}, replace(a_wish(wanted, limit=limit), sort_by=sort_by))
    for group, following in zip(groups, [*groups[1:], None], strict=True):
        count = len(group.topics)
        question = group.question
        assert question.name == f"{count} topics together"
        assert question.sort_by is sort_by
        assert question.query == joined(topic.query for topic in group.topics)
        assert question.limit >= min(3 * count * limit, MOST_ON_A_PAGE)
        assert question.limit in {ceil(1.2 * count * limit), 3 * count * limit, MOST_ON_A_PAGE}
        assert question.page_size == min(ceil(question.limit / 100) * 100, MOST_ON_A_PAGE)
        if following:
            terms = question.query.size + following.topics[0].query.size
            assert terms > MOST_TERMS or 1.2 * (count + 1) * limit > MOST_PAPERS


def test_a_first_question_goes_on_from_what_was_known_by_another_order() -> None:
    wanted = topics(3)
    old = snapshot(wanted, checked=None)
    assert make_schedule(wanted, old).first == wanted
    sections = {section.heading: section for section in old.sections}
    (group,) = first_groups(wanted, sections, a_wish(wanted))
    assert {*group.question.known} == {p for number in range(3) for p in papers(number)}


def test_one_question_is_for_all_topics_and_goes_back_a_week_at_least() -> None:
    wanted = topics(4)
    (group,) = make_schedule(wanted, snapshot(wanted)).groups
    assert group.topics == wanted
    assert group.question.name == "4 topics together"
    assert group.question.limit == MOST_PAPERS
    assert group.question.sort_by is SortBy.UPDATED
    assert group.question.query == Or(tuple(topic.query for topic in wanted))
    assert group.question.since == datetime(2025, 10, 2, tzinfo=UTC) - LOOK_BACK_AT_LEAST
    assert {p.arxiv_id for p in group.question.known} == {
        p.arxiv_id for number in range(4) for p in papers(number)
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"query": "another"},
        {"failure": Failure(since=TODAY - DAY, checked=TODAY - 2 * DAY)},
        {"checked": None},
        {"checked": TODAY - CHECK_EVERY * DAY},
        {"doubts": 1},
        {"papers": papers(5, LIMIT - 1)},
    ],
    ids=["changed", "failed", "never checked", "due", "doubtful", "short"],
)
@pytest.mark.parametrize("count", [5, 10])
def test_what_our_own_search_cannot_decide_is_asked_about_separately(
    changes: dict[str, object], count: int
) -> None:
    wanted = topics(count)
    old = snapshot(wanted)
    odd = replace(old.sections[4], **changes)  # type: ignore[arg-type]
    old = replace(old, sections=(*old.sections[:4], odd, *old.sections[5:]))
    assert "Topic Number4" not in headings(make_schedule(wanted, snapshot(wanted)))
    assert "Topic Number4" in headings(make_schedule(wanted, old))


def test_where_many_topics_failed_at_once_they_are_asked_about_together_again() -> None:
    """It was arXiv that failed; the question goes back to before the last day without failure."""
    wanted = topics(10)
    checked = TODAY - 4 * DAY
    old = snapshot(wanted, failure=Failure(since=TODAY - 3 * DAY, checked=checked))
    schedule = make_schedule(wanted, old)
    assert headings(schedule) == ["Topic Number0", "Topic Number1"]
    (group,) = schedule.groups
    assert group.question.since == datetime(2025, 9, 29, tzinfo=UTC) - LOOK_BACK_AT_LEAST
    assert group.question.known


def test_a_topic_that_failed_cannot_make_the_answer_for_all_look_old() -> None:
    wanted = topics(10)
    old = snapshot(wanted)
    failed = replace(old.sections[3], failure=Failure(since=TODAY - DAY, checked=TODAY - 2 * DAY))
    old = replace(old, sections=(*old.sections[:3], failed, *old.sections[4:]))
    (group,) = make_schedule(wanted, old).groups
    assert not {*group.question.known} & {*failed.papers}


def test_a_new_topic_is_asked_about_separately() -> None:
    wanted = topics(10)
    assert "Topic Number9" in headings(make_schedule(wanted, snapshot(wanted[:9])))


def test_few_papers_are_enough_where_there_are_no_more() -> None:
    wanted = topics(10)
    old = snapshot(wanted, papers=papers(5, 1), is_complete=True)
    assert headings(make_schedule(wanted, old)) == ["Topic Number0", "Topic Number1"]


def test_those_come_first_whose_check_is_oldest_and_then_who_has_most_unconfirmed_papers() -> None:
    wanted = topics(14)
    sections = tuple(
        section(
            topic,
            number,
            checked=TODAY - (number % 6) * DAY,
            unconfirmed=tuple(p.arxiv_id for p in papers(number)) if number == 10 else (),
        )
        for number, topic in enumerate(wanted)
    )
    schedule = make_schedule(wanted, Snapshot(updated=TODAY - DAY, sections=sections))
    assert headings(schedule) == ["Topic Number5", "Topic Number11"]
    sections = tuple(replace(section, checked=TODAY - DAY) for section in sections)
    schedule = make_schedule(wanted, Snapshot(updated=TODAY - DAY, sections=sections))
    assert headings(schedule) == ["Topic Number0", "Topic Number10"]


@given(
    count=st.integers(3, 30),
    ages=st.lists(st.integers(0, 6), min_size=30, max_size=30),
    days=st.lists(st.integers(1, 4), min_size=1, max_size=30),
)
def test_no_topic_goes_unchecked_for_more_than_a_week(
    count: int, ages: list[int], days: list[int]
) -> None:
    """Whatever the days on which runs happen: on the first one after a week it is checked."""
    wanted = topics(count)
    today = TODAY
    checked = {topic: today - age * DAY for topic, age in zip(wanted, ages, strict=False)}
    for pause in days:
        today += pause * DAY
        sections = (section(topic, n, checked=checked[topic]) for n, topic in enumerate(wanted))
        schedule = make_schedule(
            wanted, Snapshot(updated=today - DAY, sections=tuple(sections)), today
        )
        checked |= dict.fromkeys(schedule.separate, today)
        assert min(checked.values()) > today - CHECK_EVERY * DAY


@given(st.lists(st.integers(1, 90), min_size=1, max_size=40))
def test_no_question_is_too_long_and_no_topic_is_lost(sizes: list[int]) -> None:
    """A topic alone may have more terms than that; it cannot be taken apart."""
    wanted = wide_topics(sizes)
    schedule = make_schedule(wanted, snapshot(wanted))
    for group in schedule.groups:
        assert group.question.query.size <= MOST_TERMS
        assert group.question.page_size <= MOST_ON_A_PAGE
    together = [topic for group in schedule.groups for topic in group.topics]
    assert together == list(wanted) or schedule.separate == wanted
    for group, after in pairwise(schedule.groups):
        assert group.question.query.size + after.topics[0].query.size > MOST_TERMS


def test_pages_are_as_large_as_three_weeks() -> None:
    wanted = topics(4)
    old = snapshot(wanted, papers=papers_every(3, 250, date(2025, 10, 1)))
    (group,) = make_schedule(wanted, old).groups
    of_three_weeks = 4 * 160
    assert group.question.page_size == ceil((of_three_weeks * ROOM + 1) / 100) * 100


@pytest.mark.parametrize("hours,days", [(2, 2), (1, 1), (0, 1)])
def test_a_busy_topic_is_expected_to_go_on_as_it_did(hours: int, days: int) -> None:
    """Its papers are of few days; in three weeks it has as many times as many."""
    wanted = topics(4)
    busy = papers_every(hours, 25, date(2025, 10, 2))
    old = snapshot(wanted, is_complete=True)
    first = replace(old.sections[0], papers=busy, is_complete=False)
    old = replace(old, sections=(first, *old.sections[1:]))
    (group,) = make_schedule(wanted, old).groups
    of_three_weeks = 25 * 21 / days + 3 * LIMIT
    assert group.question.page_size == ceil((of_three_weeks * ROOM + 1) / 100) * 100
