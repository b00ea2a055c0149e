from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.arxiv.calendar import is_list_known, why_nothing_was_announced

EASTERN = ZoneInfo("America/New_York")
WEEKEND, HOLIDAY = "nothing announced at the weekend", "nothing announced on a holiday of arXiv"


@pytest.mark.parametrize(
    "moment,why",
    [
        # A week in summer: 20:00 in the east is 00:00 UTC of the next day.
        ("2026-06-01T05:37Z", ""),  # Monday: Sunday's announcement
        ("2026-06-02T05:37Z", ""),
        ("2026-06-03T05:37Z", ""),
        ("2026-06-04T05:37Z", ""),
        ("2026-06-05T05:37Z", ""),  # Friday: Thursday's announcement
        ("2026-06-06T05:37Z", WEEKEND),  # Saturday: there is none on Friday
        ("2026-06-07T05:37Z", WEEKEND),  # Sunday: there is none on Saturday
        ("2026-06-08T05:37Z", ""),
        # The very evening, in summer and in winter.
        ("2026-06-07T23:59:59Z", WEEKEND),
        ("2026-06-08T00:00Z", ""),
        ("2026-06-05T23:59:59Z", ""),
        ("2026-06-06T00:00Z", WEEKEND),
        ("2026-02-02T00:00Z", WEEKEND),
        ("2026-02-02T00:59:59Z", WEEKEND),
        ("2026-02-02T01:00Z", ""),
        # Daylight saving begins on Sunday 2026-03-08 and ends on Sunday 2026-11-01, at 2 o'clock.
        ("2026-03-08T23:59:59Z", WEEKEND),
        ("2026-03-09T00:00Z", ""),
        ("2026-03-02T00:30Z", WEEKEND),
        ("2026-11-02T00:30Z", WEEKEND),
        ("2026-11-02T01:00Z", ""),
        ("2026-10-26T00:30Z", ""),
        # Holidays: an evening without announcement is felt until the next one.
        ("2026-11-26T05:37Z", ""),  # Wednesday's announcement, before Thanksgiving
        ("2026-11-27T00:59Z", ""),
        ("2026-11-27T01:00Z", HOLIDAY),
        ("2026-11-27T23:00Z", HOLIDAY),
        ("2026-11-28T05:37Z", WEEKEND),
        ("2026-01-20T05:37Z", HOLIDAY),  # Monday's, on Martin Luther King's day
        ("2026-01-21T05:37Z", ""),
        ("2026-07-04T05:37Z", WEEKEND),  # Friday is both
        ("2026-12-30T05:37Z", HOLIDAY),
        ("2026-12-31T05:37Z", ""),
        ("2027-01-01T05:37Z", HOLIDAY),
        # 2027, as far as it is known.
        ("2027-01-19T05:37Z", HOLIDAY),
        ("2027-07-06T05:37Z", HOLIDAY),
        ("2027-11-26T05:37Z", HOLIDAY),
        ("2027-11-25T05:37Z", ""),
        # Other places.
        ("2026-06-01T13:00+13:00", ""),
        ("2026-06-01T12:59+13:00", WEEKEND),
        ("2026-05-31T20:00-04:00", ""),
        ("2026-05-31T17:00-07:00", ""),
    ],
)
def test_a_day(moment: str, why: str) -> None:
    assert why_nothing_was_announced(datetime.fromisoformat(moment)) == why


@given(st.datetimes(datetime(2024, 1, 1), datetime(2025, 12, 31), timezones=st.just(EASTERN)))  # noqa: DTZ001 - the zone is given beside
def test_a_year_without_a_known_list_has_weekends_alone(moment: datetime) -> None:
    """Between Friday's 20:00 and Sunday's, and at no other time."""
    into_the_week = timedelta(days=moment.weekday(), hours=moment.hour, minutes=moment.minute)
    begin, end = timedelta(days=4, hours=20), timedelta(days=6, hours=20)
    why = WEEKEND if begin <= into_the_week < end else ""
    assert why_nothing_was_announced(moment) == why


@given(
    st.datetimes(
        datetime(2026, 1, 1),  # noqa: DTZ001 - the zone is given beside
        datetime(2026, 12, 31),  # noqa: DTZ001
        timezones=st.just(EASTERN),
    ),
    st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Apia"]),
)
def test_the_zone_of_the_run_does_not_matter(moment: datetime, zone: str) -> None:
    elsewhere = moment.astimezone(ZoneInfo(zone))
    assert why_nothing_was_announced(elsewhere) == why_nothing_was_announced(moment)


def test_every_listed_holiday_of_2026_is_known() -> None:
    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]
    evenings = [datetime.combine(day, time(22), EASTERN) for day in days]
    found = [f"{e:%m-%d}" for e in evenings if why_nothing_was_announced(e) == HOLIDAY]
    # 06-19, 07-03 and 12-25 are Fridays, without an announcement anyway.
    assert found == ["01-01", "01-19", "09-07", "11-26", "12-29", "12-31"]


def test_a_year_without_a_list_of_arxivs_own_is_known_as_one() -> None:
    assert [year for year in range(2024, 2030) if is_list_known(date(year, 12, 31))] == [2026]
