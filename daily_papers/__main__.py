"""`python -m daily_papers`, and the command `daily-papers`."""

from __future__ import annotations

import os
import sys


def console() -> None:
    """Runs the program, and exits with its exit code."""
    try:
        # Loading takes a fraction of a second, in which Ctrl-C must not end in a traceback.
        from daily_papers.cli import main  # noqa: PLC0415

        try:
            code = main(sys.argv[1:], os.environ, out=sys.stdout, log=sys.stderr)
        finally:  # --help and --version exit.
            print(end="", flush=True)  # noqa: T201 - there may be no sys.stdout
    except KeyboardInterrupt:
        print("Stopped. Nothing was changed", file=sys.stderr)  # noqa: T201 - no log yet
        code = 130
    except BrokenPipeError:
        # The reader has seen enough, as `head` has. Python flushes once more at its end, and would
        # complain: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


if __name__ == "__main__":
    console()
