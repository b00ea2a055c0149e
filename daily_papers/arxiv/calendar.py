"""ArXiv's announcement calendar: when new papers can appear at all.

Papers are announced at 20:00 US Eastern time on Sunday to Thursday evenings, but not on arXiv's
holidays (https://info.arxiv.org/help/availability.html).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from daily_papers.clock import EASTERN

__all__ = ["latest_listing", "why_nothing_was_announced"]

_ANNOUNCEMENT: Final = time(20)
_FRIDAY, _SATURDAY = 4, 5

# ArXiv publishes each year's list in the year before; an unknown year simply has none.
_HOLIDAYS: Final = frozenset(
    date.fromisoformat(f"2026-{day}")
    for day in ("01-01", "01-19", "06-19", "07-03", "09-07", "11-26", "12-25", "12-29", "12-31")
)


def why_nothing_was_announced(now: datetime) -> str:
    """Tells why no paper can have appeared in the last day.

    Args:
        now: the time of the run, aware.

    Returns:
        The reason, to follow a name in a sentence; empty where arXiv announced papers.
    """
    return _why_not(_last_evening(now))


def latest_listing(now: datetime) -> date:
    """Gives the day whose listing holds the latest announcement: the one after its evening.

    Args:
        now: the time of the run, aware.
    """
    evening = _last_evening(now)
    while _why_not(evening):
        evening -= timedelta(days=1)
    return evening + timedelta(days=1)


def _last_evening(now: datetime) -> date:
    """Gives the last day on which the hour of announcements has come."""
    local = now.astimezone(EASTERN)
    return local.date() if local.time() >= _ANNOUNCEMENT else local.date() - timedelta(days=1)


def _why_not(evening: date) -> str:
    """Tells why nothing was announced on an evening; empty where something was."""
    if evening.weekday() in {_FRIDAY, _SATURDAY}:
        return "nothing announced at the weekend"
    return "nothing announced on a holiday of arXiv" if evening in _HOLIDAYS else ""
