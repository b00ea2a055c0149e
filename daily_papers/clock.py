"""Time as an argument: the calendar, a way to wait, and the form in which moments are written."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import Final, Protocol, TextIO
from zoneinfo import ZoneInfo

__all__ = ["EASTERN", "Clock", "SystemClock", "TerminalClock", "parse_rfc3339", "rfc3339"]

EASTERN: Final = ZoneInfo("America/New_York")
"""The time zone in which arXiv announces papers
(https://info.arxiv.org/help/availability.html)."""


def rfc3339(moment: datetime) -> str:
    """Returns a moment of UTC as RFC 3339 writes it, to the second: `2025-10-03T06:00:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_rfc3339(text: str) -> datetime:
    """Returns a moment that RFC 3339 wrote, in UTC.

    Raises:
        ValueError: `text` is no such moment, or names no time zone.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


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
"""Seconds of a wait that nobody needs to be told of."""
