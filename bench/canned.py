"""arXiv in a separate process with its answers ready, so that its work is not measured.

`python -m bench.canned DAYS` serves the test corpus as it is after so many days, with a few papers
more each day, until its standard input ends. The first time that a question is asked, the stand-in
answers it; from then on the answer is a recording.
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
    """The stand-in, which keeps its answers."""

    def answer(self, request: Request) -> Response:
        """Returns the answer of the first time."""
        if request.target not in self._answers:
            self._answers[request.target] = super().answer(request)
        return self._answers[request.target]

    @property
    def _answers(self) -> dict[str, Response]:
        return self.__dict__.setdefault("answers", {})  # type: ignore[no-any-return]


def main(days: int) -> None:
    """Serves, after its address was told on a line."""
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
