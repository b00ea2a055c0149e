"""`python -m daily_papers`, and the command `daily-papers`."""

from __future__ import annotations

import os
import sys


def console() -> None:
    """Runs the program, and exits with its exit code."""
    try:
        # Loading takes a part of a second, in which Ctrl-C must not end in a traceback.
        from daily_papers.cli import main  # noqa: PLC0415

        code = main(sys.argv[1:], os.environ, out=sys.stdout, log=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped. Nothing was changed", file=sys.stderr)  # noqa: T201 - no log yet
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    console()
