from __future__ import annotations

import io
import time
from contextlib import suppress

from daily_papers.waiting import Counter


def test_a_wait_is_counted_and_leaves_nothing_behind() -> None:
    terminal = io.StringIO()
    with Counter(terminal, interval=0.02)("Waiting for arXiv"):
        time.sleep(0.2)
    written = terminal.getvalue()
    assert written.startswith("\rWaiting for arXiv: 0 s\rWaiting for arXiv: ")
    assert written.endswith("\r\x1b[K")
    assert "\n" not in written


def test_a_short_wait_is_not_shown() -> None:
    terminal = io.StringIO()
    with Counter(terminal)("Waiting for arXiv"):
        pass
    assert terminal.getvalue() == ""


def test_an_interrupted_wait_leaves_a_clean_line() -> None:
    terminal = io.StringIO()
    with suppress(KeyboardInterrupt), Counter(terminal, interval=0.01)("Waiting"):
        time.sleep(0.1)
        raise KeyboardInterrupt
    assert terminal.getvalue().endswith("\r\x1b[K")
