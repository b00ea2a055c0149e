"""The program without its waits: what is measured is its own work."""

from __future__ import annotations

import os
import sys

from daily_papers.cli import main
from daily_papers.clock import SystemClock


class _NoWaiting(SystemClock):
    def sleep(self, seconds: float) -> None:
        """Goes on at once, and counts no second as passed."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, out=sys.stdout, log=sys.stdout, clock=_NoWaiting()))
