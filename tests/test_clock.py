from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.clock import EASTERN, FIRST_YEAR, LAST_YEAR, parse_rfc3339, rfc3339

MOMENTS = st.datetimes(timezones=st.timezones() | st.just(UTC))


@pytest.mark.parametrize(
    "text,words",
    [
        ("", "'' is not a date"),
        ("yesterday", "'yesterday' is not a date"),
        ("9" * 9_999, "9…' is not a date"),
        ("2025-13-01T00:00:00Z", "is not a date"),
        ("2025-10-03T06:00:00", "has no time zone"),
        ("0001-01-01T00:00:00+14:00", "is out of range"),
        ("9999-12-31T23:59:59-14:00", "is out of range"),
        ("9999-12-31T23:59:59Z", "is not between"),
        ("0999-01-01T00:00:00Z", "is not between"),
        ("1985-12-31T23:59:59Z", "is not between"),
        ("1986-01-01T00:00:00+00:01", "is not between"),
    ],
)
def test_what_is_not_a_moment_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        parse_rfc3339(text)
    assert len(str(caught.value)) < 300


def test_the_first_moment_is_one() -> None:
    assert parse_rfc3339("1986-01-01T00:00:00Z") == datetime(1986, 1, 1, tzinfo=UTC)


@given(MOMENTS)
def test_what_is_read_can_be_shown_anywhere_and_read_again(moment: datetime) -> None:
    try:
        read = parse_rfc3339(moment.replace(microsecond=0).isoformat())
    except ValueError:
        # A year at the edge may be another one in UTC.
        assert not FIRST_YEAR < moment.year < LAST_YEAR or moment.utcoffset() is None
        return
    assert parse_rfc3339(rfc3339(read)) == read
    assert isinstance(read.astimezone(EASTERN).date(), date)


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_a_value_error(text: str) -> None:
    try:
        assert parse_rfc3339(text).tzinfo is UTC
    except ValueError:
        return
