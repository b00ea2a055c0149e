from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.arxiv import checks
from daily_papers.arxiv.checks import (
    check_complete,
    check_not_fewer,
    check_order,
    check_page,
    check_versions,
    vanished_from_top,
)
from daily_papers.arxiv.feed import Feed
from daily_papers.errors import FeedError
from daily_papers.papers import Paper, SortBy, newest_first
from tests.support import NOW, paper

BY = SortBy.UPDATED


def numbered(number: int, version: int = 1) -> Paper:
    """A paper; the higher its number, the newer it is."""
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=number, minutes=version - 1)
    return paper(f"2501.{number:05}", version, updated=moment, published=moment)


def newest(*numbers: int) -> tuple[Paper, ...]:
    return newest_first(map(numbered, numbers), BY)


def is_trusted(check: object, *arguments: object, **named: object) -> bool:
    try:
        check(*arguments, **named)  # type: ignore[operator]
    except FeedError:
        return False
    return True


# --- Pages ----------------------------------------------------------------------------------------


def page(total: int, papers: tuple[Paper, ...]) -> Feed:
    return Feed(total_results=total, updated=NOW, papers=papers)


@pytest.mark.parametrize(
    "total,start,count,trusted",
    [
        (0, 0, 0, True),
        (5, 0, 5, True),
        (5, 0, 1, True),
        (5, 5, 0, True),
        (5, 6, 0, True),
        (5, 0, 0, False),
        (5, 4, 0, False),
        (4321, 0, 0, False),
    ],
)
def test_a_page_is_empty_only_at_the_end(
    total: int, start: int, count: int, *, trusted: bool
) -> None:
    given_page = page(total, newest(*range(count)))
    assert is_trusted(check_page, given_page, start) is trusted


@pytest.mark.parametrize(
    "count,totals,limit,trusted",
    [
        (0, [0], 100, True),
        (5, [5], 100, True),
        (100, [4321], 100, True),
        (100, [4321], 1, True),
        (4, [5], 100, False),
        (99, [4321], 100, False),
        (149, [4321, 4321], 150, True),
        (148, [4321, 4321], 150, False),
        (148, [4321, 4322, 4323], 150, True),
        (100, [250, 60], 150, False),
        (100, [60, 250], 150, False),
        (60, [61, 60], 150, True),
    ],
)
def test_pages_add_up_except_for_one_paper_on_each(
    count: int, totals: list[int], limit: int, *, trusted: bool
) -> None:
    answer = newest(*range(count))
    assert is_trusted(check_complete, answer, totals=totals, limit=limit) is trusted


# --- Order ----------------------------------------------------------------------------------------


def longest_falling_run(dates: list[datetime]) -> int:
    """By definition, in quadratic time."""
    best: list[int] = []
    for here, date in enumerate(dates):
        best.append(1 + max((best[i] for i in range(here) if dates[i] >= date), default=0))
    return max(best, default=0)


@given(st.lists(st.integers(0, 9)))
def test_the_longest_falling_run_is_what_its_name_says(numbers: list[int]) -> None:
    dates = [NOW + timedelta(days=number) for number in numbers]
    assert checks._longest_falling_run(dates) == longest_falling_run(dates)  # noqa: SLF001


@given(st.lists(st.integers(0, 50), max_size=30))
def test_a_sorted_answer_is_trusted(numbers: list[int]) -> None:
    assert is_trusted(check_order, newest(*numbers), BY)


@given(st.integers(1, 200), st.data())
def test_one_in_twenty_may_be_anywhere(count: int, data: st.DataObject) -> None:
    papers = list(newest(*range(count)))
    for _ in range(max(1, count // 20)):
        moved = papers.pop(data.draw(st.integers(0, len(papers) - 1)))
        papers.insert(data.draw(st.integers(0, len(papers))), moved)
    assert is_trusted(check_order, papers, BY)


@pytest.mark.parametrize("count", [3, 4, 25, 100])
def test_an_answer_in_another_order_is_refused(count: int) -> None:
    papers = list(newest(*range(count)))
    assert not is_trusted(check_order, papers[::-1], BY)
    if count > 4:
        random.Random(1).shuffle(papers)
        assert not is_trusted(check_order, papers, BY)


def test_the_order_is_that_of_the_date_asked_for() -> None:
    papers = [paper(f"2509.{n:05}", updated=NOW - timedelta(days=n)) for n in range(30)]
    published = [paper(p.arxiv_id, published=NOW + (NOW - p.updated)) for p in papers]
    assert is_trusted(check_order, papers, SortBy.UPDATED)
    assert is_trusted(check_order, papers, SortBy.PUBLISHED), "all the same day"
    assert not is_trusted(check_order, published, SortBy.PUBLISHED)
    assert not is_trusted(check_order, papers[::-1], SortBy.UPDATED), "not the same moment"


def test_a_share_out_of_order_is_reported() -> None:
    with pytest.raises(FeedError, match="not sorted: 29 of 30 out of order"):
        check_order(newest(*range(30))[::-1], BY)


# --- Known papers ---------------------------------------------------------------------------------


def is_enough(answer: tuple[Paper, ...], known: tuple[Paper, ...], limit: int) -> bool:
    return is_trusted(check_not_fewer, answer, known, limit=limit, sort_by=BY)


@pytest.mark.parametrize(
    "known,lost,trusted",
    [(2, 2, True), (12, 2, True), (12, 3, False), (29, 3, False), (30, 3, True), (100, 11, False)],
)
def test_few_papers_may_leave_the_result(known: int, lost: int, *, trusted: bool) -> None:
    answer = newest(*range(lost, known))
    assert is_enough(answer, newest(*range(known)), 1000) is trusted


@given(st.integers(1, 60), st.integers(0, 80), st.integers(0, 80))
def test_what_newer_papers_push_out_is_not_lost(limit: int, before: int, came: int) -> None:
    known = newest(*range(before))[:limit]
    answer = newest(*range(before + came))[:limit]
    assert is_enough(answer, known, limit)
    assert vanished_from_top(answer, known, BY) == ()


@given(st.integers(1, 60), st.integers(1, 60))
def test_another_limit_loses_nothing(earlier: int, later: int) -> None:
    everything = newest(*range(40))
    assert is_enough(everything[:later], everything[:earlier], later)


def test_equal_dates_prove_nothing() -> None:
    """Which of two papers of the same second is higher, or falls off the end, is chance."""
    first, second = paper("2509.00001"), paper("2509.00002")
    assert is_enough((second,), (first,), 1)
    assert vanished_from_top((second,), (first,), BY) == ()
    many = tuple(paper(f"2509.1{number:04}") for number in range(9))
    assert is_enough(many[:4], many[4:], 4)


@given(
    st.permutations(range(9)),
    st.sets(st.integers(0, 8)),
    st.integers(1, 9),
    st.sampled_from(SortBy),
)
def test_the_date_that_was_asked_for_decides(
    order: list[int], given_numbers: set[int], limit: int, sort_by: SortBy
) -> None:
    """What was published in one order was updated in another."""
    everything = [
        replace(numbered(number), published=numbered(place).published)
        for number, place in enumerate(order)
    ]
    answer = newest_first([everything[number] for number in given_numbers], sort_by)[:limit]
    others = [one for one in everything if one not in answer]
    dates = [one.date(sort_by) for one in answer]
    newer = {one for one in others if not dates or one.date(sort_by) > max(dates)}
    between = {one for one in others if dates and one.date(sort_by) > min(dates)}
    assert set(vanished_from_top(answer, everything, sort_by)) == newer
    expected = between if len(answer) == limit else set(others)
    assert set(checks.missing(answer, everything, limit=limit, sort_by=sort_by)) == expected


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)), st.integers(1, 50))
def test_what_vanished_was_known_is_newer_than_the_answer_and_is_missing(
    given_numbers: set[int], known_numbers: set[int], limit: int
) -> None:
    answer, known = newest(*given_numbers)[:limit], newest(*known_numbers)
    vanished = vanished_from_top(answer, known, BY)
    top = max((p.updated for p in answer), default=datetime.min.replace(tzinfo=UTC))
    assert set(vanished) == {p for p in known if p.updated > top}


@given(st.integers(0, 30), st.integers(1, 30))
def test_an_answer_from_an_earlier_day_is_never_believed_unchecked(before: int, came: int) -> None:
    """Whatever an answer lacks at its top is either too much or looked up."""
    answer, known = newest(*range(before)), newest(*range(before + came))
    assert not is_enough(answer, known, 1000) or vanished_from_top(answer, known, BY)


@pytest.mark.parametrize(
    "given_version,known_version,trusted", [(1, 1, True), (2, 1, True), (1, 2, False)]
)
def test_no_version_is_taken_back(given_version: int, known_version: int, *, trusted: bool) -> None:
    answer = (numbered(1), numbered(2, given_version))
    known = (numbered(2, known_version), numbered(3))
    assert is_trusted(check_versions, answer, known) is trusted


def test_an_answer_without_papers_takes_no_version_back() -> None:
    assert is_trusted(check_versions, (), newest(1, 2))


def test_the_same_version_is_not_an_older_one_whatever_its_date() -> None:
    known = replace(numbered(2, 2), updated=numbered(5).updated)
    assert is_trusted(check_versions, (numbered(2, 2),), (known,))


def test_a_version_as_young_as_a_higher_one_proves_that_there_was_no_such_version() -> None:
    wrong = replace(numbered(2), version=999)
    assert is_trusted(check_versions, (numbered(1), numbered(2)), (wrong, numbered(1)))


def test_papers_of_a_later_day_prove_that_an_answer_is_not_the_older_one() -> None:
    """Whatever version and date one answer gave a paper, it can be right again within two days."""
    wrong = replace(numbered(2), version=999, updated=numbered(20).updated)
    until_then = (numbered(2), numbered(20 + 24))
    assert not is_trusted(check_versions, until_then, (wrong,))
    assert is_trusted(check_versions, (*until_then, numbered(20 + 25)), (wrong,))


@given(st.integers(0, 30), st.integers(1, 30), st.integers(2, 5))
def test_an_answer_from_before_a_revision_is_never_believed(
    before: int, later: int, version: int
) -> None:
    """Whatever came before the revision, and however it was revised."""
    revised = replace(numbered(before), version=version, updated=numbered(before + later).updated)
    answer = newest(*range(before + 1))
    known = newest_first([*answer[1:], revised], BY)
    assert not is_trusted(check_versions, answer, known)


def test_what_is_missing_is_reported() -> None:
    with pytest.raises(FeedError, match=r"it lacks 2501\.00002v5$"):
        check_versions([numbered(2)], [numbered(2, 5)])
    with pytest.raises(FeedError, match="counts 5 papers but sent none from 2 on"):
        check_page(page(5, ()), 2)
    with pytest.raises(FeedError, match="counts 9 papers but sent only 3 different ones"):
        check_complete(newest(1, 2, 3), totals=[8, 9], limit=5)
    with pytest.raises(FeedError, match="lacks 3 of 3 papers that it had"):
        check_not_fewer((), newest(1, 2, 3), limit=5, sort_by=BY)
