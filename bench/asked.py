"""How many requests an ordinary day takes, counted by running it against the stand-ins."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.report import table
from tests.hub import README, TOKEN, World
from tests.standins.arxiv import ArxivStandIn, parameters_of
from tests.standins.entry import Entry
from tests.standins.github import GitHubStandIn
from tests.standins.search import Document
from tests.standins.server import Request, Response
from tests.support import NOW, entry

SIZES = {4: 100, 50: 100, 1000: 10}
"""Topics, each with the number of its papers."""

ENDLESS = 1_000_000
"""Requests to GitHub; a workflow's token has 1,000 an hour."""

DAYS = 1
"""Ordinary days after the one that began it."""


class _ManyTopics(ArxivStandIn):
    """The stand-in, with topics so many that it looks only at those papers that can match."""

    def add(self, entries: Iterable[Entry]) -> None:
        """Adds papers; the title tells the number of its topic."""
        super().add(entries)
        self._by_topic: dict[str, list[Document]] = defaultdict(list)
        for document in super()._current(None):
            self._by_topic[_numbers(document.entry.title)[0]].append(document)

    def answer(self, request: Request) -> Response:
        """Gives the right response to `request`."""
        self._numbers = _numbers(parameters_of(request).get("search_query", ""))
        return super().answer(request)

    def _current(self, moment: datetime | None) -> list[Document]:  # noqa: ARG002 - it is now
        return [document for number in self._numbers for document in self._by_topic[number]]


def _numbers(text: str) -> list[str]:
    """Gives the numbers of the topics that a title or a query names."""
    return list(dict.fromkeys(re.findall(r"Kind (\d+)", text)))


def measure() -> str:
    """Gives the part of the report."""
    rows = [(f"{topics:,}", *_requests(topics, papers)) for topics, papers in SIZES.items()]
    header = (
        "topics",
        "to arXiv",
        "to GitHub, reading",
        "to GitHub, writing",
        "to arXiv on the first day",
    )
    return (
        f"## Requests of an ordinary day\n\n{table(header, rows)}\n"
        "Every topic has a new paper; README, pages and data file change, and one issue is opened. "
        "A workflow's token has 1,000 requests to GitHub an hour.\n"
    )


def _requests(topics: int, papers: int) -> tuple[int, int, int, int]:
    """Gives the requests of the last day to arXiv and GitHub, and of the first day to arXiv."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "workspace").mkdir()
        github = stack.enter_context(
            GitHubStandIn(folder / "git", files={"README.md": README}, token=TOKEN)
        )
        github.rate_limit = ENDLESS
        arxiv = stack.enter_context(_ManyTopics(_papers(topics, range(1 - papers, 1))))
        world = World(arxiv, github, folder)
        counts = []
        for day in range(DAYS + 1):
            if day:
                world.clock.moment = NOW + timedelta(days=day)
                arxiv.add(_papers(topics, [day]))
            arxiv.requests.clear()
            result = world.run(
                keywords="\n".join(f"Graphs of Kind {number}" for number in range(topics)),
                time_limit="21600",
            )
            assert result.exit_code == 0, result.log[-3000:]
            counts.append(len(arxiv.requests))
        writes = len(world.writes)
        return counts[-1], len(world.asked) - writes, writes, counts[0]


def _papers(topics: int, days: Iterable[int]) -> Iterator[Entry]:
    """Gives a paper of each topic for each of `days`, counted from that of the first run."""
    for day in days:
        for topic in range(topics):
            moment = NOW + timedelta(days=day - 1, seconds=topic)
            yield entry(
                (day % 100) * topics + topic,
                arxiv_id=f"{moment:%y%m}.{moment.day * 1000 + topic:05}",
                title=f"On Graphs of Kind {topic}, Part {day}",
                published=moment,
                updated=moment,
            )
