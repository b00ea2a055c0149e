"""What a run makes of the last snapshot and arXiv's replies, field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from daily_papers.answers import Answer, Listed, Reply
from daily_papers.errors import ArxivError
from daily_papers.memory import merge as merging
from daily_papers.memory.merge import FOUND
from daily_papers.memory.snapshot import Failure
from daily_papers.papers import Paper, SortBy
from tests.support import paper
from tests.test_snapshot import DAY, GRAPHS, NEXT_DAY, A, B, C, answered, merge, section, snapshot

TODAY = DAY + timedelta(days=7)
HOUR = timedelta(hours=1)


def listed(*papers: Paper) -> dict[str, Reply]:
    return {"Graphs": Listed(papers=papers, day=TODAY, error=ArxivError("refused"))}


def test_what_a_listing_brings_is_unconfirmed() -> None:
    known = snapshot(replace(section(A, B), unconfirmed=(B.arxiv_id,)))
    (found,) = merge(known, [GRAPHS], listed(C, B, A), TODAY).sections
    assert found.papers == (C, B, A)
    assert found.unconfirmed == (B.arxiv_id, C.arxiv_id)
    assert found.failure == Failure(since=TODAY, checked=DAY, listed=TODAY)


def test_a_listing_without_a_paper_leaves_the_day_of_the_last_that_had_one() -> None:
    failure = Failure(since=DAY, checked=None, listed=NEXT_DAY)
    known = snapshot(replace(section(A, B), failure=failure))
    (found,) = merge(known, [GRAPHS], listed(B, A), TODAY).sections
    assert found.failure == failure


@pytest.mark.parametrize("before", [None, DAY])
@pytest.mark.parametrize("is_own", [True, False])
def test_a_topic_is_checked_by_an_answer_of_its_own(*, is_own: bool, before: date | None) -> None:
    known = snapshot(replace(section(A), checked=before))
    answer = Answer(papers=(B, A), total=2, is_own=is_own, unconfirmed=(B.arxiv_id,), doubts=3)
    (found,) = merge(known, [GRAPHS], {"Graphs": answer}, TODAY).sections
    assert found.checked == (DAY if before and not is_own else TODAY)
    assert (found.unconfirmed, found.doubts) == ((B.arxiv_id,), 3)
    assert (found.query, found.is_complete) == (GRAPHS.query.to_arxiv(), True)


@pytest.mark.parametrize(
    "change", [{"new": ("2509.00001",)}, {"checked": DAY}, {"unconfirmed": ("x",)}, {"doubts": 1}]
)
def test_what_readers_do_not_see_is_not_worth_a_commit(change: dict[str, object]) -> None:
    first = merge(None, [GRAPHS], answered(A), DAY)
    known = replace(first, sections=(replace(first.sections[0], **change),))  # type: ignore[arg-type]
    assert merge(known, [GRAPHS], answered(A), TODAY) is known


def test_a_topic_that_is_added_on_a_bad_day_has_failed_since_then() -> None:
    known = replace(snapshot(section(A, heading="Other")), updated=DAY)
    failed: dict[str, Reply] = {"Graphs": ArxivError("arXiv is down")}
    (found,) = merge(known, [GRAPHS], failed, TODAY).sections
    assert (found.papers, found.failure) == ((), Failure(since=TODAY, checked=None))
    assert (found.heading, found.query) == ("Graphs", GRAPHS.query.to_arxiv())
    assert not found.is_complete


def test_a_paper_that_comes_back_is_not_counted_again() -> None:
    moment = datetime.combine(TODAY, time(1), UTC)
    back = replace(B, published=moment, updated=moment)
    first = merge(None, [GRAPHS], answered(back, A), TODAY)
    left = merge(first, [GRAPHS], answered(A), TODAY)
    assert left.seen == (B.arxiv_id,)
    again = merge(left, [GRAPHS], answered(back, A), TODAY + timedelta(days=1))
    assert again.sections[0].trend == first.sections[0].trend


def test_papers_that_no_list_has_any_more_are_still_counted() -> None:
    """A topic with more papers a week than its list is long would seem to fall asleep."""
    monday = datetime.combine(DAY - timedelta(days=DAY.weekday()), time(1), UTC)
    papers = [
        paper(f"2509.{n:05}", published=monday + n * HOUR, updated=monday + n * HOUR)
        for n in range(50)
    ]
    known = None
    for count in (20, 35, 50):
        newest = tuple(reversed(papers[count - 20 : count]))
        replies: dict[str, Reply] = {"Graphs": Answer(papers=newest, total=count)}
        known = merge(known, [GRAPHS], replies, DAY)
    assert known is not None
    trend = known.sections[0].trend
    assert trend is not None
    assert trend.counts[-1] == 50


def test_a_new_paper_is_found_today_and_for_a_month() -> None:
    first = merge(None, [GRAPHS], answered(A), DAY)
    ago = {"2508.00001": TODAY - FOUND, "2508.00002": TODAY - FOUND - timedelta(days=1)}
    after = merge(replace(first, found=ago), [GRAPHS], answered(C, B, A), TODAY)
    assert after.found == {"2508.00001": TODAY - FOUND, B.arxiv_id: TODAY, C.arxiv_id: TODAY}
    assert list(after.found)[1:] == [B.arxiv_id, C.arxiv_id]
    assert after.sections[0].new == (C.arxiv_id, B.arxiv_id)
    assert after.updated == TODAY


def test_a_paper_that_left_is_remembered_as_long_as_it_could_seem_new() -> None:
    old, older = paper("2507.00001"), paper("2506.00001")
    first = merge(None, [GRAPHS], answered(A, B, old, older), DAY)
    after = merge(replace(first, seen=("math/0211159",)), [GRAPHS], answered(A), TODAY)
    assert after.seen == ("2507.00001", B.arxiv_id)
    back = merge(after, [GRAPHS], answered(B, A), TODAY)
    assert back.seen == ("2507.00001",)
    assert back.sections[0].new == ()


@pytest.mark.parametrize("sort_by", SortBy)
def test_the_date_that_orders_is_the_one_that_was_asked_for(sort_by: SortBy) -> None:
    """Below a list that was cut, a paper is not new; by which date is for the user to say."""
    replies: dict[str, Reply] = {"Graphs": Answer(papers=(A,), total=9)}
    first, _ = merging.merge(None, [GRAPHS], replies, today=DAY, sort_by=sort_by)
    assert first.sort_by is sort_by
    early = A.published - timedelta(days=1)
    came = replace(B, published=early, updated=A.updated)
    replies = {"Graphs": Answer(papers=(A, came), total=9)}
    after, news = merging.merge(first, [GRAPHS], replies, today=TODAY, sort_by=sort_by)
    assert news.new_ids == ({B.arxiv_id} if sort_by is SortBy.UPDATED else frozenset())
    assert after.sort_by is sort_by
