"""Runs the program without its waits, so that only its own work is measured.

What guesses encodings is left out, as it is left out of the image (see the Dockerfile).
"""

from __future__ import annotations

import os
import sys

from daily_papers.__main__ import load
from daily_papers.clock import SystemClock


class _NoWaiting(SystemClock):
    def sleep(self, seconds: float) -> None:
        """Returns at once; no time passes on the clock."""


if __name__ == "__main__":
    sys.modules["charset_normalizer"] = None  # type: ignore[assignment]
    main = load()
    sys.exit(main(sys.argv[1:], os.environ, out=sys.stdout, log=sys.stdout, clock=_NoWaiting()))
