"""Notices: what waits to be told, and what has been told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from daily_papers.memory.news import News, TopicNews, find_news, first_sight
from daily_papers.memory.notices import (
    EVERY_DAY,
    ISSUE,
    MAX_WAITING,
    Notice,
    gathered,
    is_due,
    make_notice,
    make_silence,
    marked,
    unsent,
    witnessed,
)
from daily_papers.memory.snapshot import Failure, Section
from daily_papers.papers import SortBy
from tests.test_news import DAY, FIRST, OLD, OTHER, section, snapshot

OWNER = "octo/papers:daily-papers"
GRAPHS = TopicNews(heading="Graphs", new=(FIRST,), revised=(OLD,))
TIME = TopicNews(heading="Time", new=(), revised=(OTHER,))
FOUND = snapshot(section(FIRST, OLD), section(OTHER, heading="Time"), section(heading="Empty"))


def made(*topics: TopicNews, is_welcome: bool = False) -> Notice | None:
    return make_notice(
        News(topics=topics),
        owner=OWNER,
        now=datetime(2025, 10, 3, 23, 30, 5, tzinfo=UTC),
        is_welcome=is_welcome,
    )


def waiting(number: int, **changes: Any) -> Notice:
    fields: dict[str, Any] = {"new": {"Graphs": (f"2509.{number:05}",)}, "revised": {}, **changes}
    return Notice(key=f"{OWNER}:{number}", day=DAY, **fields)


def test_a_notice_tells_of_every_topic_with_news() -> None:
    assert made(GRAPHS, TIME) == Notice(
        key=f"{OWNER}:2025-10-03T23:30:05+00:00",
        day=date(2025, 10, 3),
        new={"Graphs": (FIRST.arxiv_id,)},
        revised={"Graphs": (OLD.arxiv_id,), "Time": (OTHER.arxiv_id,)},
    )


def test_without_new_papers_there_is_no_notice() -> None:
    assert made(TIME) is None


def test_the_first_notice_welcomes_with_all_that_there_is() -> None:
    welcome = made(*first_sight(FOUND).topics, is_welcome=True)
    assert welcome is not None
    assert welcome.is_welcome
    assert welcome.key == f"{OWNER}:welcome"
    assert welcome.new == {"Graphs": (FIRST.arxiv_id, OLD.arxiv_id), "Time": (OTHER.arxiv_id,)}
    assert welcome.revised == {}
    assert find_news(None, FOUND.sections, SortBy.UPDATED).new_ids == frozenset()


def test_a_first_run_that_finds_nothing_does_not_welcome() -> None:
    assert made(*first_sight(snapshot(section())).topics, is_welcome=True) is None


def test_waiting_notices_become_one_with_each_paper_once() -> None:
    notices = gathered(
        [
            waiting(1, new={"Graphs": ("2509.00001",)}, revised={"Graphs": ("2509.00009",)}),
            waiting(2, new={"Time": ("2509.00002", "2509.00001")}),
        ],
        waiting(3, new={"Graphs": ("2509.00003",)}, revised={"Graphs": ("2509.00001",)}),
    )
    assert notices == (
        waiting(
            3,
            new={
                "Graphs": ("2509.00003", "2509.00001"),
                "Time": ("2509.00002", "2509.00001"),
            },
            revised={"Graphs": ("2509.00009",)},
        ),
    )


def test_what_one_channel_has_told_is_not_told_there_again_under_another_key() -> None:
    first = waiting(1, told=("issue",))
    assert gathered([first], waiting(2)) == (first, waiting(2))


def test_a_welcome_stays_a_welcome() -> None:
    welcome = waiting(1, is_welcome=True)
    assert gathered([welcome], waiting(2)) == (welcome, waiting(2))


def test_the_oldest_of_too_many_is_given_up() -> None:
    many = [waiting(number, told=(f"{number}",)) for number in range(MAX_WAITING + 2)]
    notices = gathered(many, waiting(99))
    assert notices == (*many[3:], waiting(99))
    assert len(notices) == MAX_WAITING


def test_what_the_same_channels_have_told_waits_for_the_others_as_one() -> None:
    told = [waiting(number, told=("issue",)) for number in range(20)]
    first, last = gathered(told, waiting(99))
    assert first.told == ("issue",)
    assert len(first.new_ids) == 20
    assert last == waiting(99)


@pytest.mark.parametrize(
    "told,is_unsent",
    [
        ([], True),
        ([f"{OWNER}:1"], False),
        ([f"{OWNER}:11"], True),
        ([f"{OWNER}:1:0123456789ab"], False),
    ],
    ids=["nothing", "the notice", "another notice", "the notice of one topic, by version 0.1.0"],
)
def test_what_an_issue_shows_has_been_told(told: list[str], *, is_unsent: bool) -> None:
    left = unsent(witnessed([waiting(1)], told), ISSUE, owner=OWNER)
    assert left == ((waiting(1),) if is_unsent else ())


def test_what_one_channel_has_told_waits_for_the_others_alone() -> None:
    notices = marked([waiting(1), waiting(2)], {f"{OWNER}:1": {"slack", ISSUE}})
    assert notices == (waiting(1, told=("issue", "slack")), waiting(2))
    assert unsent(notices, ISSUE, owner=OWNER) == (waiting(2),)
    assert unsent(notices, ISSUE, "slack", "mail", owner=OWNER) == notices


def test_a_fork_does_not_tell_what_it_inherits() -> None:
    assert unsent([waiting(1)], ISSUE, owner="somebody/papers:daily-papers") == ()


# --- When


FRIDAY = date(2025, 10, 3)


@pytest.mark.parametrize(
    "days,passed,is_told",
    [
        (EVERY_DAY, 0, True),
        ({0}, 0, False),
        ({0}, 2, False),
        ({0}, 3, True),
        ({0}, 4, True),
        ({0}, 40, True),
        ({4}, 0, True),
        ({1, 3}, 3, False),
        ({1, 3}, 4, True),
    ],
)
def test_a_notice_waits_for_the_first_of_some_days(
    days: set[int], passed: int, *, is_told: bool
) -> None:
    notice = Notice(key=f"{OWNER}:1", day=FRIDAY, new={}, revised={})
    assert is_due(notice, FRIDAY + timedelta(days=passed), frozenset(days)) is is_told
    later = replace(notice, day=FRIDAY + timedelta(days=passed), since=FRIDAY)
    assert is_due(later, later.day, frozenset(days)) is is_told


def test_a_welcome_does_not_wait() -> None:
    assert is_due(waiting(1, is_welcome=True), DAY, frozenset({(DAY.weekday() + 1) % 7}))


# --- Silence


def failed(since: date, checked: date | None = DAY) -> Section:
    return replace(section(OLD), failure=Failure(since=since, checked=checked))


@pytest.mark.parametrize("passed,is_told", [(0, False), (2, False), (3, False), (4, True)])
def test_after_three_weekdays_without_an_answer_readers_are_told(
    passed: int, *, is_told: bool
) -> None:
    silent = snapshot(failed(FRIDAY), failed(FRIDAY - timedelta(days=9)))
    notice = make_silence(silent, owner=OWNER, today=FRIDAY + timedelta(days=passed))
    assert bool(notice) is is_told
    if notice:
        assert notice.key == f"{OWNER}:silence:2025-10-03"
        assert notice.silent_since == FRIDAY
        assert notice.is_apart


def test_a_topic_with_an_answer_breaks_the_silence_and_a_new_one_does_not() -> None:
    today = FRIDAY + timedelta(days=9)
    assert make_silence(snapshot(failed(FRIDAY), section(OLD)), owner=OWNER, today=today) is None
    new = failed(today, checked=None)
    assert make_silence(snapshot(failed(FRIDAY), new), owner=OWNER, today=today)
