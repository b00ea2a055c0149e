"""Time as an argument: the date, a way to wait, and the format in which moments are written.

The program reads no clock of its own, so that tests decide what time it is and never really wait.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import Final, Protocol, TextIO
from zoneinfo import ZoneInfo

from daily_papers.errors import excerpt

__all__ = [
    "EASTERN",
    "FIRST_YEAR",
    "LAST_YEAR",
    "Clock",
    "SystemClock",
    "TerminalClock",
    "parse_rfc3339",
    "rfc3339",
]

EASTERN: Final = ZoneInfo("America/New_York")
"""The time zone in which arXiv announces papers
(https://info.arxiv.org/help/availability.html)."""


FIRST_YEAR: Final = 1986
"""No paper of arXiv is older: it began in 1991, and a few papers carry an earlier date."""

LAST_YEAR: Final = 9000
"""No moment is later. The data file, which knows the year of the run, has a much closer limit."""


def rfc3339(moment: datetime) -> str:
    """Returns a moment in UTC in the format of RFC 3339, to the second: `2025-10-03T06:00:00Z`.

    See https://www.rfc-editor.org/rfc/rfc3339#section-5.6.
    """
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_rfc3339(text: str) -> datetime:
    """Returns a moment in the format of RFC 3339, converted to UTC.

    The year is bounded, so that the moment can be shown in any time zone, moved by years, and
    written and read again.

    Raises:
        ValueError: `text` is not such a moment, names no time zone, or is from before
            `FIRST_YEAR` or after `LAST_YEAR`.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{excerpt(text)!r} is not a date") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is out of range") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year of {text!r} is not between {FIRST_YEAR} and {LAST_YEAR}")
    return moment


class Clock(Protocol):
    """A calendar, a stopwatch and a way to wait. Tests pass one that never really waits."""

    def now(self) -> datetime:
        """Returns the current time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Returns seconds that never run backwards, from an arbitrary start."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits for `seconds`."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Returns the current time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Returns the seconds of `time.monotonic`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits for `seconds`."""
        time.sleep(seconds)


class TerminalClock(SystemClock):
    """The machine's own clock, which shows a person that it waits, and how much longer.

    Args:
        terminal: takes a line that is written over every second, and removed after the wait.
    """

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal

    def sleep(self, seconds: float) -> None:
        """Waits for `seconds`; a wait of some seconds is counted down."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if seconds > _SHORT:
                self._show(f"waiting, {math.ceil(left)} s left")
            time.sleep(min(left, 1.0))
        if seconds > _SHORT:
            self._show("")

    def _show(self, text: str) -> None:
        self._terminal.write(f"\r\x1b[K{text}")  # Carriage return, then erase the line (ECMA-48).
        self._terminal.flush()


_SHORT: Final = 1.0
"""Seconds of a wait that is too short to be shown."""
