"""A workspace, arXiv, and the days that pass."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from daily_papers.arxiv.client import SPACING, Timeouts
from tests.standins.arxiv import ArxivStandIn, parameters_of
from tests.standins.entry import Entry
from tests.standins.server import Request
from tests.support import NOW, FakeClock, Result, Shown, entry, published_files, run_main, shown

TOPICS = ("Graph Neural Networks", "Time Series", "Road Maps", "Sea Ice")
DAY = timedelta(days=1)
LIMIT = 5
DATA_FILE = ".github/daily-papers.json"


@dataclass
class World:
    """arXiv, a workspace, and the days that pass."""

    arxiv: ArxivStandIn
    folder: Path
    topics: tuple[str, ...] = TOPICS
    clock: FakeClock = field(default_factory=FakeClock)
    inputs: dict[str, str] = field(default_factory=dict)
    """By name; underscores stand for hyphens."""
    environ: dict[str, str] = field(default_factory=dict)
    timeouts: Timeouts | None = None

    def run(self, **inputs: str) -> Result:
        """Runs the action."""
        self.arxiv.requests.clear()
        self.clock.sleeps.clear()
        given = {
            "keywords": "\n".join(self.topics),
            "publish": "local",
            "max_papers": str(LIMIT),
            "arxiv_url": self.arxiv.url,
            "announcements_url": self.arxiv.announcements_url,
            "time_limit": "21600",
            **self.inputs,
            **inputs,
        }
        return run_main(
            self.folder / "runner",
            {name.replace("_", "-"): value for name, value in given.items()},
            {"GITHUB_WORKSPACE": str(self.folder / "workspace"), **self.environ},
            self.clock,
            self.timeouts,
        )

    def sleep_until_tomorrow(self) -> None:
        self.clock.moment = NOW + ((self.clock.moment - NOW) // DAY + 1) * DAY

    def a_day_later(self) -> None:
        """Lets a day pass, on which each topic gets a paper."""
        self.sleep_until_tomorrow()
        submitted = self.clock.moment - DAY / 2
        self.arxiv.add(paper(topic, submitted) for topic in self.topics)

    @property
    def asked(self) -> list[str]:
        """What arXiv was asked for: a topic or several, `ids`, or `announcements`."""
        return [self._subject(request) for request in self.arxiv.requests]

    def _subject(self, request: Request) -> str:
        if request.path.startswith("/atom"):
            return "announcements"
        found = parameters_of(request)
        query = found.get("search_query", "")
        return " + ".join(topic for topic in self.topics if f'"{topic}"' in query) or "ids"

    @property
    def backoffs(self) -> list[float]:
        """The waits of the last run that were not arXiv's ordinary distance."""
        return [seconds for seconds in self.clock.sleeps if seconds > SPACING]

    @property
    def files(self) -> dict[str, bytes]:
        """All that the workspace holds."""
        return published_files(self.folder / "workspace")

    @property
    def page(self) -> dict[str, Shown]:
        return shown(self.files["README.md"].decode())

    @property
    def data(self) -> dict[str, dict[str, Any]]:
        """What the data file remembers of each topic."""
        return {topic["heading"]: topic for topic in json.loads(self.files[DATA_FILE])["topics"]}

    def truth(self, topic: str, limit: int | None = None) -> tuple[str, ...]:
        """What arXiv has on a topic, as the page should show it."""
        limit = limit or int(self.inputs.get("max_papers", LIMIT))
        found = [one for one in self.arxiv.entries if topic in one.title]
        found.sort(key=lambda one: (one.updated, one.arxiv_id), reverse=True)
        return tuple(one.versioned_id for one in found)[:limit]

    def check_page(self) -> None:
        for topic in self.topics:
            assert self.page[topic] == Shown("", self.truth(topic))


_numbers = iter(range(100_000))


def paper(topic: str, moment: datetime) -> Entry:
    """Makes a paper; no two are submitted at the same moment."""
    number = next(_numbers)
    moment += timedelta(seconds=number % 3600)
    named = f"2510.{number:05}"
    title = f"{topic}, Part {number}"
    return entry(number, arxiv_id=named, title=title, published=moment, updated=moment)


def a_world(folder: Path, topics: tuple[str, ...] = TOPICS) -> World:
    (folder / "workspace").mkdir()
    clock = FakeClock()
    arxiv = ArxivStandIn(clock=clock.now)
    for topic in topics:
        arxiv.add(paper(topic, NOW - age * DAY) for age in range(1, LIMIT + 3))
    return World(arxiv, folder, topics, clock)
