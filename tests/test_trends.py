"""Papers by the week: true where they are known, and never guessed where they are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from daily_papers.answers import Answer, Listed, Reply
from daily_papers.errors import ArxivError
from daily_papers.memory import merge as merging
from daily_papers.memory.snapshot import Snapshot
from daily_papers.memory.trends import SPAN, Trend, half_year
from daily_papers.papers import Paper, SortBy, newest_first
from daily_papers.topics.lines import Topic, parse_topics
from tests.support import paper

(GRAPHS,) = parse_topics("Graphs")
(OTHER,) = parse_topics("Graphs: other")
MONDAY = date(2025, 9, 1)
WEEK = timedelta(weeks=1)
TODAY = date(2025, 10, 3)


def at(day: date, number: int = 0, **changes: Any) -> Paper:
    """A paper that was submitted on a day."""
    moment = datetime(day.year, day.month, day.day, 12, number % 60, tzinfo=UTC)
    arxiv_id = f"{moment:%y%m}.{day.day:02}{number:03}"
    return paper(arxiv_id, **{"published": moment, "updated": moment, **changes})


def on(*days: int) -> tuple[Paper, ...]:
    """One paper for each so many days after the first Monday, newest first."""
    return newest_first([at(MONDAY + timedelta(days=day)) for day in days], SortBy.UPDATED)


def after(
    old: Snapshot | None, papers: Sequence[Paper], total: int | None = None, today: date = TODAY
) -> Snapshot:
    """The snapshot after an answer; it is complete unless `total` says that there are more."""
    answer = Answer(papers=tuple(papers), total=len(papers) if total is None else total)
    return merge(old, [GRAPHS], {"Graphs": answer}, today)


def merge(
    old: Snapshot | None, topics: Sequence[Topic], replies: Mapping[str, Reply], today: date
) -> Snapshot:
    merged, _ = merging.merge(old, topics, replies, today=today, sort_by=SortBy.UPDATED)
    return merged


def counts(known: Snapshot) -> list[int | None]:
    """The counts of five weeks from the first Monday on."""
    trend = known.sections[0].trend
    return [trend.of(MONDAY + age * WEEK) if trend else None for age in range(5)]


# --- What an answer tells


def test_a_complete_answer_knows_every_week() -> None:
    known = after(None, on(0, 6, 7, 21))
    assert counts(known) == [2, 1, 0, 1, 0]
    assert list(known.sections[0].weeks(TODAY).values())[:-4] == [0] * (SPAN - 4)


def test_a_topic_without_papers_has_known_zeros() -> None:
    assert set(after(None, ()).sections[0].weeks(TODAY).values()) == {0}


def test_only_weeks_wholly_above_the_oldest_paper_are_known() -> None:
    assert counts(after(None, on(0, 1, 7, 8, 14), 9)) == [None, 2, 1, 0, 0]
    assert counts(after(None, on(28, 29), 9)) == [None] * 5


def test_a_busy_topic_is_counted_on_from_answer_to_answer() -> None:
    known = after(None, on(-1, 0, 1), 9)
    for days in ((1, 2, 3), (3, 4, 5), (5, 6, 7), (7, 8, 9), (9, 10, 14)):
        known = after(known, on(*days), 99)
    assert counts(known)[:3] == [7, 4, 1]


def test_a_known_week_does_not_shrink_when_its_papers_fall_off() -> None:
    known = after(None, on(-1, 0, 1, 2, 7), 9)
    known = after(known, on(7, 8, 9, 10, 14), 9)
    assert counts(known)[:3] == [3, 4, 1]


def test_a_revision_is_not_counted_twice() -> None:
    known = after(None, on(-1, 0, 1, 7), 9)
    (first,) = on(0)
    known = after(known, on(7, 8, 9, 10), 9)
    back = replace(first, version=2, updated=datetime(2025, 9, 12, tzinfo=UTC))
    known = after(known, (back, *on(8, 9, 10)), 9)
    assert counts(known)[:2] == [2, 4]


def test_a_revision_is_not_counted_twice_when_its_first_version_is_forgotten() -> None:
    known = after(None, on(-1, 0, 1, 7), 9)
    (first,) = on(0)
    days = range(0, 180, 3)
    for day in days:
        known = after(known, on(day, day + 1, day + 2, day + 3), 99, MONDAY + timedelta(days=day))
    assert first.arxiv_id not in known.known_ids
    (old,) = on(160)
    (newest,) = on(180)
    back = [
        replace(one, version=2, updated=newest.updated + timedelta(hours=1)) for one in (first, old)
    ]
    assert after(known, [*back, newest, *on(179)], 99).sections[0].trend == known.sections[0].trend


def test_a_paper_that_comes_back_is_not_counted_again() -> None:
    known = after(None, on(-1, 0, 1, 7), 9)
    known = after(known, on(-1, 0, 7, 8), 9)
    (left,) = on(1)
    assert known.seen == (left.arxiv_id,)
    back = replace(left, version=2, updated=datetime(2025, 9, 10, tzinfo=UTC))
    assert counts(after(known, (back, *on(7, 8)), 9)) == counts(known) == [2, 2, 0, 0, 0]


def test_an_old_paper_that_joins_a_complete_topic_is_counted_in_its_week() -> None:
    """The topic had all its papers, so that it cannot have been counted before."""
    known = after(None, on(7, 8, 14))
    (old,) = on(1)
    joins = replace(old, version=2, updated=datetime(2025, 9, 16, tzinfo=UTC))
    assert counts(after(known, (joins, *on(14, 8)), 4)) == [1, 2, 1, 0, 0]


def test_a_known_week_does_not_shrink_when_papers_leave_the_topic() -> None:
    known = after(None, on(0, 1, 7))
    assert counts(after(known, on(1, 7)))[:2] == [2, 1]
    trend = after(known, ()).sections[0].trend
    assert trend is not None
    assert (trend.first, len(trend.counts)) == (MONDAY - 25 * WEEK, SPAN + 1)


def test_weeks_that_no_answer_reached_are_unknown() -> None:
    known = after(None, on(-1, 0, 1, 7, 8), 9)
    known = after(known, on(15, 16, 21, 22, 28), 99)
    assert counts(known) == [2, None, None, 2, 1]
    assert after(known, on(15, 16, 21, 22, 28), 99) is known


def test_an_answer_that_reaches_down_again_tells_what_was_unknown() -> None:
    known = after(None, on(-1, 0, 1, 7, 8), 9)
    known = after(known, on(15, 16, 21, 22, 28), 99)
    known = after(known, on(-1, 0, 1, 7, 8, 9, 15, 16, 21, 22, 28), 11)
    assert counts(known) == [2, 3, 2, 2, 1]


def test_a_topic_that_is_added_begins_with_its_first_answer() -> None:
    (added,) = parse_topics("Trees")
    known = after(None, on(0, 7, 14))
    replies: dict[str, Reply] = {
        "Graphs": Answer(papers=on(0, 7, 14), total=3),
        "Trees": Answer(papers=on(1, 8), total=9),
    }
    graphs, trees = merge(known, [GRAPHS, added], replies, TODAY).sections
    assert graphs == known.sections[0]
    assert trees.trend == Trend(first=MONDAY + WEEK, counts=(1,))


def test_another_query_begins_again() -> None:
    known = after(None, on(0, 7, 14))
    answer = Answer(papers=on(1, 8), total=9)
    changed = merge(known, [OTHER], {"Graphs": answer}, TODAY)
    assert counts(changed) == [None, 1, 0, 0, 0]


def test_a_topic_that_fails_is_not_known_since_then() -> None:
    known = after(None, on(0, 7, 14))
    failing = merge(known, [GRAPHS], {"Graphs": ArxivError("down")}, TODAY + timedelta(days=1))
    later = TODAY + 3 * WEEK
    assert list(failing.sections[0].weeks(TODAY).values())[-4:] == [1, 1, 1, 0]
    assert list(failing.sections[0].weeks(later).values())[-4:] == [0, None, None, None]
    assert after(failing, on(0, 7, 14)).sections == known.sections
    never = merge(None, [GRAPHS], {"Graphs": ArxivError("down")}, TODAY)
    assert set(never.sections[0].weeks(TODAY).values()) == {None}


def test_papers_of_announcements_are_counted_by_their_own_dates() -> None:
    known = after(None, on(-1, 0, 1, 7, 8), 9)
    (real,) = on(13)
    monday = real.published + timedelta(days=1)
    announced = Listed(
        papers=(replace(real, published=monday, updated=monday), *on(0, 1, 7, 8)),
        day=MONDAY + 2 * WEEK,
        error=ArxivError("refused"),
    )
    failing = merge(known, [GRAPHS], {"Graphs": announced}, MONDAY + 2 * WEEK)
    assert counts(failing) == counts(known) == [2, 2, 0, 0, 0]
    assert counts(after(failing, (real, *on(0, 1, 7, 8)), 9)) == [2, 3, 0, 0, 0]


def test_announcements_do_not_hide_what_nobody_saw() -> None:
    known = after(None, on(-1, 0, 1, 7, 8), 9, MONDAY + timedelta(days=8))
    announced = Listed(
        papers=(*on(22), *on(0, 1, 7, 8)), day=MONDAY + 3 * WEEK, error=ArxivError("refused")
    )
    failing = merge(known, [GRAPHS], {"Graphs": announced}, MONDAY + timedelta(days=22))
    assert counts(after(failing, on(16, 21, 22, 23), 99)) == [2, None, None, 3, 0]


# --- The half year

TREND = Trend(first=MONDAY, counts=(5, 4, None, 3, 2, 1))


@pytest.mark.parametrize(
    "updated,last,numbers",
    [
        # Sunday and Monday: the week before is not announced yet.
        (date(2025, 9, 28), date(2025, 9, 15), [None, 5, 4, None]),
        (date(2025, 9, 29), date(2025, 9, 15), [None, 5, 4, None]),
        (date(2025, 9, 30), date(2025, 9, 22), [5, 4, None, 3]),
        (date(2025, 10, 5), date(2025, 9, 22), [5, 4, None, 3]),
        (date(2025, 10, 28), date(2025, 10, 20), [2, 1, 0, 0]),
    ],
)
def test_the_last_week_is_the_last_that_is_announced(
    updated: date, last: date, numbers: list[int | None]
) -> None:
    weeks = half_year(TREND, updated=updated, checked=updated)
    assert len(weeks) == SPAN
    assert max(weeks) == last
    assert next(iter(weeks)) == last - 25 * WEEK
    assert list(weeks.values())[-4:] == numbers


def test_a_trend_is_not_kept_for_longer_than_it_is_shown() -> None:
    known = after(None, on(0, 7))
    much_later = at(MONDAY + 60 * WEEK)
    trend = after(known, (much_later, *on(0, 7))).sections[0].trend
    assert trend is not None
    assert trend.first == MONDAY + 34 * WEEK
    assert trend.counts == (0,) * 26 + (1,)


# --- Any course of events


@dataclass
class Course:
    """All that was ever submitted, and what the action knows of it."""

    sort_by: SortBy
    now: datetime = datetime(2025, 3, 5, tzinfo=UTC)
    versions: dict[str, Paper] = field(default_factory=dict)
    known: Snapshot | None = None

    def submit(self, revised: int | None) -> None:
        if revised is None or not self.versions:
            number = len(self.versions)
            made = at(self.now.date(), number, published=self.now, updated=self.now)
        else:
            old = list(self.versions.values())[-1 - revised % len(self.versions)]
            made = replace(old, version=old.version + 1, updated=self.now)
        self.versions[made.arxiv_id] = made

    def ask(self, limit: int) -> None:
        papers = newest_first(self.versions.values(), self.sort_by)
        answer = Answer(papers=papers[:limit], total=len(papers))
        before = self.known
        self.known = merge(before, [GRAPHS], {"Graphs": answer}, self.now.date())
        later = merge(self.known, [GRAPHS], {"Graphs": answer}, self.now.date() + WEEK)
        assert later is self.known
        self.check(answer, limit)

    def check(self, answer: Answer, limit: int) -> None:
        truth = Counter(
            one.published.date() - timedelta(days=one.published.weekday())
            for one in self.versions.values()
        )
        trend = self.known.sections[0].trend if self.known else None
        assert trend is not None
        this = self.now.date() - timedelta(days=self.now.weekday())
        for age in range(SPAN + 1):
            monday = this - age * WEEK
            number = trend.of(monday)
            assert number in {None, truth[monday]}
            event("known" if number is not None else "unknown")
        if len(self.versions) <= limit:
            assert None not in half_year(trend, updated=self.now.date(), checked=self.now.date())
        oldest = answer.papers[-1].updated if answer.papers else self.now
        if self.sort_by is SortBy.UPDATED and oldest.date() < this:
            assert trend.of(this) is not None


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.5, 3, 24, 24, 60, 200]),
        st.lists(st.none() | st.integers(0, 12), max_size=4),
        st.integers(2, 9),
        st.booleans(),
    ),
    max_size=40,
)


@given(STEPS, st.sampled_from(SortBy))
def test_what_is_known_is_true(
    steps: list[tuple[float, list[int | None], int, bool]], sort_by: SortBy
) -> None:
    course = Course(sort_by)
    for hours, submissions, limit, asks in steps:
        for number, revised in enumerate(submissions):
            course.now += timedelta(hours=hours / 4, seconds=number + 1)
            course.submit(revised)
        course.now += timedelta(hours=hours / 4)
        if asks:
            course.ask(limit)
