"""Killed in the middle: every file is as it was or complete, and the next run goes on from there.

What is killed is the real entry point in a process of its own. Most of its life goes by before
anything is published, so the moments are spread over the time after arXiv's answer alone.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.standins.arxiv import ArxivStandIn
from tests.standins.github import GitHubStandIn
from tests.standins.server import Request, Response
from tests.support import FakeClock, Result, Shown, entry, run_main, shown

pytestmark = pytest.mark.slow

MOMENTS = 25
PATIENCE = 120
"""Seconds after which a process is given up, on a machine that is busy."""
"""For each way to publish."""

TOPIC = "Graph Neural Networks"
README, DATA_FILE = "README.md", ".github/daily-papers.json"
TOKEN = "ghs_t"
ROOT = Path(__file__).parent.parent

WITHOUT_PAUSES = """
import runpy, time

time.sleep = lambda _: None
runpy.run_path("entrypoint.py", run_name="__main__")
"""
"""Runs the entry point without its pauses between requests to GitHub: nothing happens in them."""

KILLED_AT_A_CHANGE = """
import os, runpy, signal, sys

left, root = int(sys.argv[1]), sys.argv[2]
CHANGES = {"os.rename", "os.mkdir", "os.chmod", "os.remove", "os.truncate", "tempfile.mkstemp"}


def hook(event, arguments):
    global left
    if event == "open":
        changes = isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    else:
        changes = event in CHANGES
    if changes and any(str(argument).startswith(root) for argument in arguments):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(hook)
sys.argv = ["entrypoint.py"]
runpy.run_path("entrypoint.py", run_name="__main__")
"""
"""Runs the entry point and kills it just before its n-th change to a file below a directory."""

KILLED_INSIDE_A_FILE = """
import resource, runpy, signal, sys

sys.dont_write_bytecode = True  # It is a file, too.
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv = ["entrypoint.py"]
runpy.run_path("entrypoint.py", run_name="__main__")
"""
"""Runs the entry point; the system kills it where a file gets longer than so many bytes."""


@dataclass
class World:
    """arXiv, a place to publish to, and the process that is to be killed."""

    arxiv: ArxivStandIn
    folder: Path
    hub: GitHubStandIn | None = None
    days: int = 0
    answering: threading.Event = field(default_factory=threading.Event)

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def environ(self) -> dict[str, str]:
        environ = {
            "PATH": os.environ["PATH"],
            "GITHUB_WORKSPACE": str(self.workspace),
            "INPUT_KEYWORDS": TOPIC,
            "INPUT_ARXIV-URL": self.arxiv.url,
            "INPUT_PUBLISH": "commit" if self.hub else "local",
        }
        if self.hub:
            environ |= {
                "INPUT_GITHUB-TOKEN": TOKEN,
                "GITHUB_REPOSITORY": "octo/papers",
                "GITHUB_API_URL": self.hub.address,
                "GITHUB_REF": "refs/heads/main",
            }
        return environ

    @property
    def files(self) -> tuple[bytes | None, bytes | None]:
        """The page and the data file."""
        if self.hub:
            repository = self.hub.repository
            head = repository.log("main")[0].sha
            return repository.read(head, README), repository.read(head, DATA_FILE)
        page, data = (self.workspace / path for path in (README, DATA_FILE))
        return (
            page.read_bytes() if page.exists() else None,
            data.read_bytes() if data.exists() else None,
        )

    def a_day_passes(self) -> None:
        """There is a new paper, and a revised one."""
        self.days += 1
        self.arxiv.add([entry(1000 * self.days)])
        self.arxiv.revise("2509.00001", updated=datetime(2025, 11, self.days % 30 + 1, tzinfo=UTC))

    def run(self) -> Result:
        """Runs to the end, in this process."""
        clock = FakeClock(moment=datetime.now(UTC))
        return run_main(self.folder / "runner", environ=self.environ, clock=clock)

    def start(self, code: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Starts a run in a separate process."""
        self.answering.clear()
        self.arxiv.faults.append(self._tell)
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.DEVNULL,
        )

    def _tell(self, _request: Request, response: Response) -> Response:
        self.answering.set()
        return response

    def check_that_nothing_is_broken(
        self, before: tuple[bytes | None, bytes | None]
    ) -> tuple[bool, bool]:
        """Returns which files a killed run had completed, once another run has."""
        at_death = self.files
        assert self.run().exit_code == 0
        complete = self.files
        assert complete[0] is not None
        assert not list(self.workspace.rglob("*.tmp"))
        truth = sorted(self.arxiv.entries, key=lambda e: (e.updated, e.arxiv_id), reverse=True)
        shown_ids = tuple(paper.versioned_id for paper in truth)[:100]
        assert shown(complete[0].decode()) == {TOPIC: Shown("", shown_ids)}
        assert at_death[0] in (before[0], complete[0])
        assert at_death[1] in (before[1], complete[1])
        return at_death[0] == complete[0], at_death[1] == complete[1]


@pytest.fixture(params=["local", "commit"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    (tmp_path / "workspace").mkdir()
    entries = [entry(n, summary=f"We go on with part {n}. " * 40) for n in range(100)]
    files = {"LICENSE": b"free"}
    with ArxivStandIn(entries) as arxiv:
        if request.param == "local":
            yield World(arxiv, tmp_path)
        else:
            with GitHubStandIn(tmp_path / "git", files=files, token=TOKEN) as hub:
                yield World(arxiv, tmp_path, hub)


def test_killed_at_any_moment(world: World) -> None:
    rng = random.Random(3)
    duration = 10.0
    killed = 0
    fates: list[tuple[bool, bool]] = []
    while killed < MOMENTS:
        world.a_day_passes()
        before = world.files
        process = world.start(WITHOUT_PAUSES)
        assert world.answering.wait(PATIENCE)
        answered = time.monotonic()
        try:
            process.wait(rng.uniform(0, duration) if fates else PATIENCE)
            duration = min(duration, time.monotonic() - answered)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE)
            killed += 1
        world.arxiv.faults.clear()
        fates.append(world.check_that_nothing_is_broken(before))
        if world.hub:
            assert fates[-1] in {(True, True), (False, False)}, "a commit is whole"
            world.hub.repository.fsck()
    assert {(False, False), (True, True)} <= set(fates), "before, and after"


@pytest.mark.parametrize("world", ["local"], indirect=True)
@pytest.mark.parametrize("is_first", [True, False])
def test_killed_before_any_change_to_a_file(world: World, *, is_first: bool) -> None:
    fates: list[tuple[bool, bool]] = []
    exit_code = -signal.SIGKILL
    while exit_code == -signal.SIGKILL:
        if is_first:
            for path in (README, DATA_FILE):
                (world.workspace / path).unlink(missing_ok=True)
        else:
            world.run()
            world.a_day_passes()
        before = world.files
        process = world.start(KILLED_AT_A_CHANGE, f"{len(fates) + 1}", f"{world.workspace}")
        exit_code = process.wait(PATIENCE)
        world.arxiv.faults.clear()
        fates.append(world.check_that_nothing_is_broken(before))
    assert exit_code == 0
    assert len(fates) > 6
    assert fates == sorted(fates)
    assert set(fates) == {(False, False), (True, False), (True, True)}, "the page comes first"


@pytest.mark.parametrize("world", ["local"], indirect=True)
@pytest.mark.parametrize("size", [1, 4_096, 50_000])
def test_killed_inside_a_file(world: World, size: int) -> None:
    world.run()
    world.a_day_passes()
    before = world.files
    process = world.start(KILLED_INSIDE_A_FILE, f"{size}")
    assert process.wait(PATIENCE) == -signal.SIGXFSZ
    world.arxiv.faults.clear()
    assert world.files == before
    assert world.check_that_nothing_is_broken(before) == (False, False)
