"""Notices: what waits to be told, and what has been told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from daily_papers.memory.news import News, TopicNews, find_news, first_sight
from daily_papers.memory.notices import MAX_WAITING, Notice, gathered, make_notice, unsent
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
    many = [waiting(number, told=("issue",)) for number in range(MAX_WAITING + 2)]
    notices = gathered(many, waiting(99))
    assert notices == (*many[3:], waiting(99))
    assert len(notices) == MAX_WAITING


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
    assert unsent([waiting(1)], told, owner=OWNER) == ((waiting(1),) if is_unsent else ())


def test_a_fork_does_not_tell_what_it_inherits() -> None:
    assert unsent([waiting(1)], [], owner="somebody/papers:daily-papers") == ()
