"""`python -m daily_papers`, and the command `daily-papers`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import TextIO


def console() -> None:
    """Runs the program, and exits with its exit code."""
    try:
        # Loading takes a fraction of a second, in which Ctrl-C must not end in a traceback.
        main = load()
        code = main(sys.argv[1:], os.environ, out=sys.stdout, log=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped. Nothing was changed.", file=sys.stderr)  # noqa: T201 - no log yet
        code = 130
    finally:  # --help and --version exit.
        _finish(sys.stdout)
        _finish(sys.stderr)
    sys.exit(code)


def load() -> Callable[..., int]:
    """Imports the program, and returns its `main`.

    What is loaded stays, so the garbage collector need not look through it, neither now and then
    nor once more at the exit, which takes a sixth of a run's processor time.
    """
    from daily_papers.cli import main  # noqa: PLC0415 - see above

    gc.freeze()
    return main


def _finish(stream: TextIO) -> None:
    """Flushes a stream whose reader may have seen enough, as `head` has.

    Python flushes once more when it exits, and would complain:
    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        print(end="", file=stream, flush=True)  # A closed stream is None, and print takes it.
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    console()
