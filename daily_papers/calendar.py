"""ArXiv's announcement calendar: when new papers can appear at all.

Papers are announced at 20:00 US Eastern time on Sunday to Thursday evenings, but not on arXiv's
holidays (https://info.arxiv.org/help/availability.html).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["why_nothing_was_announced"]

_EASTERN: Final = ZoneInfo("America/New_York")
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
    local = now.astimezone(_EASTERN)
    evening = local.date() if local.time() >= _ANNOUNCEMENT else local.date() - timedelta(days=1)
    if evening.weekday() in {_FRIDAY, _SATURDAY}:
        return "nothing announced at the weekend"
    if evening in _HOLIDAYS:
        return "nothing announced on a holiday of arXiv"
    return ""
