"""arXiv's announcement calendar: when new papers can appear at all.

Papers are announced at 20:00 US Eastern time on Sunday to Thursday evenings, but not on arXiv's
holidays (https://info.arxiv.org/help/availability.html). A day without news is then no failure.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from daily_papers.clock import EASTERN

__all__ = ["is_list_known", "latest_listing", "why_nothing_was_announced"]

_ANNOUNCEMENT: Final = time(20)
_FRIDAY, _SATURDAY = 4, 5

_LISTED_YEARS: Final = frozenset({2026})
"""The years whose list of holidays arXiv has published, and which is below."""

_HOLIDAYS: Final = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2026-01-01", "2026-01-19", "2026-06-19", "2026-07-03", "2026-09-07", "2026-11-26"),
        *("2026-12-25", "2026-12-29", "2026-12-31"),
        # arXiv's list for 2027 was not out in November 2026. These are the federal holidays that it
        # kept in 2023 and 2026, and that are no Friday or Saturday
        # (https://www.opm.gov/policy-data-oversight/pay-leave/federal-holidays/).
        *("2027-01-18", "2027-07-05", "2027-09-06", "2027-11-25"),
    )
)


def is_list_known(day: date) -> bool:
    """Whether arXiv's own list of holidays for the year of `day` is known here.

    In a year without a list, a holiday may look like a day on which arXiv failed.
    """
    return day.year in _LISTED_YEARS


def why_nothing_was_announced(now: datetime) -> str:
    """Returns why no paper can have appeared in the last day.

    Args:
        now: the time of the run, aware.

    Returns:
        The reason, to follow a name in a sentence; empty if arXiv announced papers.
    """
    return _why_not(_last_evening(now))


def latest_listing(now: datetime) -> date:
    """Returns the day whose listing holds the latest announcement: the one after its evening.

    Args:
        now: the time of the run, aware.
    """
    evening = _last_evening(now)
    while _why_not(evening):
        evening -= timedelta(days=1)
    return evening + timedelta(days=1)


def _last_evening(now: datetime) -> date:
    """Returns the last day on which the hour of announcements has come."""
    local = now.astimezone(EASTERN)
    return local.date() if local.time() >= _ANNOUNCEMENT else local.date() - timedelta(days=1)


def _why_not(evening: date) -> str:
    """Returns why nothing was announced on an evening; empty if something was."""
    if evening.weekday() in {_FRIDAY, _SATURDAY}:
        return "nothing announced at the weekend"
    return "nothing announced on a holiday of arXiv" if evening in _HOLIDAYS else ""
