"""A repository on the GitHub stand-in, arXiv, and the days that pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import requests
from requests.adapters import HTTPAdapter

from tests.standins.arxiv import ArxivStandIn
from tests.standins.entry import Entry
from tests.standins.git import FileLike
from tests.standins.github import GitHubStandIn
from tests.support import NOW, FakeClock, Result, Told, entry, run_main, told

START, END = "<!-- daily-papers:start -->", "<!-- daily-papers:end -->"
README = f"# Ours\n\nText.\n\n{START}\n{END}\n\nMore text.\n"
DATA_FILE = ".github/daily-papers.json"
TOKEN = "ghs_stand-in"
GRAPHS, TIME = "Graph Neural Networks", "Time Series"
DAY: Final = timedelta(days=1)


@dataclass
class World:
    arxiv: ArxivStandIn
    github: GitHubStandIn
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    inputs: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, **inputs: str) -> Result:
        """Runs the action; underscores in the names of inputs stand for hyphens."""
        self.github.requests.clear()
        self.clock.sleeps.clear()
        return run_main(
            self.folder / "runner", environ=self.environment(**inputs), clock=self.clock
        )

    def environment(self, **inputs: str) -> dict[str, str]:
        """Returns the variables of a run, without the runner's files."""
        given = {
            "keywords": GRAPHS,
            "github_token": TOKEN,
            "arxiv_url": self.arxiv.url,
            "announcements_url": self.arxiv.announcements_url,
            **self.inputs,
            **inputs,
        }
        return {
            "GITHUB_REPOSITORY": "octo/papers",
            "GITHUB_API_URL": self.github.address,
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_WORKSPACE": str(self.folder / "workspace"),
            **{f"INPUT_{name.upper().replace('_', '-')}": given[name] for name in given},
            **self.environ,
        }

    def a_day_later(self, number: int = 0) -> None:
        """Lets a day pass, on which arXiv gets a paper of this number."""
        self.clock.moment += DAY
        if number:
            self.arxiv.add([entry(number)])

    def sleep_until_tomorrow(self) -> None:
        self.clock.moment = NOW + ((self.clock.moment - NOW) // DAY + 1) * DAY

    def tomorrow(self, *titles: str, **inputs: str) -> Result:
        """It is tomorrow, arXiv has new papers of these titles, and the action runs."""
        self.sleep_until_tomorrow()
        for title in titles:
            self.arxiv.add([self.fresh(title)])
        return self.run(**inputs)

    def fresh(self, title: str, **changes: Any) -> Entry:
        """A paper that was submitted a while ago."""
        number = len(self.arxiv.entries)
        moment = self.clock.moment - timedelta(hours=9) + timedelta(seconds=number)
        dates = {"published": moment, "updated": moment}
        return entry(9000 + number, title=f"{title}, Part {number}", **dates, **changes)

    def read(self, path: str = "README.md", branch: str = "main") -> str:
        data = self.github.repository.read(branch, path)
        assert data is not None, path
        return data.decode()

    @property
    def commits(self) -> list[str]:
        return [commit.sha for commit in self.github.repository.log("main")]

    @property
    def head(self) -> str:
        return self.commits[0]

    @property
    def asked(self) -> list[str]:
        """The requests to GitHub, as in `GET /branches/main`."""
        root = f"/repos/{self.github.hub.full_name}"
        return [f"{one.method} {one.path.partition(root)[2]}" for one in self.github.requests]

    @property
    def writes(self) -> list[str]:
        return [one for one in self.asked if not one.startswith("GET")]

    @property
    def issues(self) -> dict[int, dict[str, Any]]:
        return self.github.hub.issues

    @property
    def owner(self) -> str:
        return f"{self.github.hub.full_name}:daily-papers"

    @property
    def told(self) -> list[Told]:
        """What our issues tell, after the welcome."""
        bodies = [issue["body"] or "" for issue in self.issues.values()]
        ours = [told(body) for body in bodies if f"\n<!-- {self.owner}:" in body]
        return [one for one in ours if not one.key.startswith(f"{self.owner}:welcome")]


class KilledError(BaseException):
    """What nothing in the program catches."""


@contextmanager
def mortal(left: int, *, before: bool, has_committed: bool = False) -> Iterator[None]:
    """Lets the program die at a request, before or after it was carried out.

    Args:
        left: How many requests it survives.
        before: Whether the last one is not carried out.
        has_committed: Whether they are counted from the first commit on.
    """
    send = HTTPAdapter.send
    is_counting = not has_committed

    def send_or_die(
        adapter: HTTPAdapter, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        nonlocal left, is_counting
        left -= is_counting
        response = None if left < 0 and before else send(adapter, request, **kwargs)
        if left < 0 or response is None:
            if response:
                response.close()
            adapter.close()  # As the system does.
            raise KilledError
        is_counting |= request.method == "PATCH" and "/git/refs/" in (request.url or "")
        return response

    with patch.object(HTTPAdapter, "send", send_or_die):
        yield


@contextmanager
def world_with(
    folder: Path,
    files: Mapping[str, FileLike] | None = None,
    *,
    prefix: str = "",
    entries: Iterable[Entry] | None = None,
) -> Iterator[World]:
    """A world whose repository has `files`, or is empty; arXiv has five papers or `entries`."""
    (folder / "workspace").mkdir()
    clock = FakeClock()
    papers = [entry(number) for number in range(1, 6)] if entries is None else entries
    hub = GitHubStandIn(
        folder / "git",
        files=files,
        prefix=prefix,
        token=TOKEN,
        clock=lambda: clock.now().timestamp(),
    )
    with ArxivStandIn(papers, clock=clock.now) as arxiv, hub:
        yield World(arxiv, hub, folder, clock)
