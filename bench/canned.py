"""Runs the arXiv stand-in in a separate process with cached answers, so its work is not measured.

`python -m bench.canned DAYS` serves the test corpus as it is after `DAYS` days, with a few new
papers each day, until its standard input ends. The stand-in answers a question when it is first
asked; after that, the answer is repeated.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from tests.standins.arxiv import ArxivStandIn
from tests.standins.corpus import UNTIL, corpus, fresh_papers
from tests.standins.server import Request, Response

PAPERS_A_DAY = 7


class CannedArxiv(ArxivStandIn):
    """The stand-in with a cache for its answers."""

    def answer(self, request: Request) -> Response:
        """Returns the answer that the same request got the first time."""
        if request.target not in self._answers:
            self._answers[request.target] = super().answer(request)
        return self._answers[request.target]

    @property
    def _answers(self) -> dict[str, Response]:
        return self.__dict__.setdefault("answers", {})  # type: ignore[no-any-return]


def main(days: int) -> None:
    """Prints the address on a line, then serves."""
    papers = [*corpus()]
    for day in range(days):
        since = UNTIL + timedelta(days=day)
        papers += fresh_papers(PAPERS_A_DAY, seed=day, since=since, until=since + timedelta(days=1))
    with CannedArxiv(papers) as arxiv:
        sys.stdout.write(f"{arxiv.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


@contextmanager
def canned_arxiv(days: int = 0) -> Iterator[str]:
    """Starts the process, yields its address, and ends the process."""
    command = [sys.executable, "-m", "bench.canned", str(days)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().decode().strip()
        process.stdin.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
