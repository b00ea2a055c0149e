"""A repository on the GitHub stand-in, arXiv, and the days that pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.standins.arxiv import ArxivStandIn
from tests.standins.git import FileLike
from tests.standins.github import GitHubStandIn
from tests.support import NOW, FakeClock, Result, entry, run_main

START, END = "<!-- daily-papers:start -->", "<!-- daily-papers:end -->"
README = f"# Ours\n\nText.\n\n{START}\n{END}\n\nMore text.\n"
DATA_FILE = ".github/daily-papers.json"
TOKEN = "ghs_stand-in"


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
        given = {
            "keywords": "Graph Neural Networks",
            "github_token": TOKEN,
            "arxiv_url": self.arxiv.url,
            "announcements_url": self.arxiv.announcements_url,
            **self.inputs,
            **inputs,
        }
        return run_main(
            self.folder / "runner",
            environ={
                "GITHUB_REPOSITORY": "octo/papers",
                "GITHUB_API_URL": self.github.address,
                "GITHUB_REF": "refs/heads/main",
                "GITHUB_WORKSPACE": str(self.folder / "workspace"),
                **{f"INPUT_{name.upper().replace('_', '-')}": given[name] for name in given},
                **self.environ,
            },
            clock=self.clock,
        )

    def a_day_later(self, number: int = 0) -> None:
        """Lets a day pass, on which arXiv gets a paper of this number."""
        self.clock.moment += timedelta(days=1)
        if number:
            self.arxiv.add([entry(number)])

    def read(self, path: str = "README.md", branch: str = "main") -> str:
        data = self.github.repository.read(branch, path)
        assert data is not None, path
        return data.decode()

    @property
    def commits(self) -> list[str]:
        return [commit.sha for commit in self.github.repository.log("main")]

    @property
    def asked(self) -> list[str]:
        """The requests to GitHub, as in `GET /branches/main`."""
        root = "/repos/octo/papers"
        return [f"{one.method} {one.path.partition(root)[2]}" for one in self.github.requests]

    @property
    def writes(self) -> list[str]:
        return [one for one in self.asked if not one.startswith("GET")]


@contextmanager
def world_with(
    folder: Path, files: Mapping[str, FileLike] | None = None, *, prefix: str = ""
) -> Iterator[World]:
    """A world whose repository has `files`, or is empty."""
    (folder / "workspace").mkdir()
    hub = GitHubStandIn(folder / "git", files=files, prefix=prefix, token=TOKEN)
    with ArxivStandIn([entry(n) for n in range(1, 6)], clock=lambda: NOW) as arxiv, hub:
        yield World(arxiv, hub, folder)
