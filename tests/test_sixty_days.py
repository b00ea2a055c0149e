"""Sixty days of news, and of trouble with them: nothing is lost, and nothing told twice."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.hub import DAY
from tests.soak import FIRST_DAY, PATIENCE, a_life, moments

pytestmark = pytest.mark.slow

DAYS = 60


def test_sixty_days() -> None:
    with a_life(DAYS, seed=2) as life:
        *_, last = life.live()
    assert last.told > 100
    assert life.troubled > DAYS / 6
    assert life.killed > PATIENCE
    assert [*life.closed] == ["2028-03"]


def test_sixty_days_have_a_leap_day_and_a_change_of_the_clock() -> None:
    days = [FIRST_DAY + number * DAY for number in range(DAYS)]
    assert date(2028, 2, 29) in days
    assert [day for day in days if len(moments(day)) > 1] == [date(2028, 3, 26)]


@pytest.mark.parametrize(
    "day,hours",
    [
        # In spring, 02:37 is read as it would be without the change; in autumn it comes twice.
        (date(2028, 3, 26), [(0, 37), (1, 37), (4, 37)]),
        (date(2028, 10, 29), [(0, 37), (1, 37), (5, 37)]),
        (date(2028, 10, 30), [(5, 37)]),
    ],
)
def test_the_schedule_is_local(day: date, hours: list[tuple[int, int]]) -> None:
    expected = [datetime(day.year, day.month, day.day, *one, tzinfo=UTC) for one in hours]
    assert moments(day) == expected
