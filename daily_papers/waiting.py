"""Shows on a terminal what a run waits for, and for how long: silence looks like a hang.

Waits of a known length are the clock's (`clock.TerminalClock`); this is for the others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

__all__ = ["Counter"]


class Counter:
    """A line on a terminal that counts the seconds of a wait, and goes away after it.

    An instance is called with the words for what is waited for, and returns a context manager.

    Args:
        terminal: where to write.
        interval: seconds from one count to the next; the first wait as short as that is not shown.
    """

    def __init__(self, terminal: TextIO, interval: float = 1.0) -> None:
        self._terminal = terminal
        self._interval = interval

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Counts until the block is left."""
        is_over = threading.Event()
        thread = threading.Thread(target=self._count, args=(what, is_over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def _count(self, what: str, is_over: threading.Event) -> None:
        count = 0
        while not is_over.wait(self._interval):
            count += 1
            self._write(f"\r{what}: {count * self._interval:.0f} s")
        if count:
            self._write("\r\x1b[K")  # Erases the line: ECMA-48, 8.3.41.

    def _write(self, text: str) -> None:
        self._terminal.write(text)
        self._terminal.flush()
