"""Runs at the same time, in separate processes, that publish to one branch or one directory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.hub import TOKEN, World, world_with
from tests.standins.github_faults import Trouble
from tests.support import entry

ROOT = Path(__file__).parent.parent
MARKERS = [f"group-{number}" for number in range(8)]
REGIONS = "\n".join(
    f"<!-- {name}:start -->\n<!-- {name}:end -->\n\nOf {name}.\n" for name in MARKERS
)
ROUNDS = 20 if settings.get_current_profile_name() == "thorough" else 3


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path, {"README.md": f"# Ours\n\n{REGIONS}"}) as made:
        yield made


def start(world: World, marker: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, ROOT / "entrypoint.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": world.github.address,
            "GITHUB_REPOSITORY": "octo/papers",
            "GITHUB_REF": "refs/heads/main",
            "INPUT_KEYWORDS": "Graph Neural Networks",
            "INPUT_MARKER": marker,
            "INPUT_DATA-FILE": f".github/{marker}.json",
            "INPUT_NOTIFY": "none",
            "INPUT_ARXIV-URL": world.arxiv.url,
            "INPUT_GITHUB-TOKEN": TOKEN,
        },
    )


def test_eight_at_once_all_land(world: World) -> None:
    lost = 0
    for number in range(ROUNDS):
        world.arxiv.add([entry(10 + number)])
        world.arxiv.requests.clear()
        world.github.rate_used = 0  # each round is one of another hour
        runs = [start(world, marker) for marker in MARKERS]
        logs = [run.communicate(timeout=240)[0] for run in runs]
        assert [run.returncode for run in runs] == [0] * 8, logs
        assert len(world.commits) == 1 + 8 * (number + 1)
        for marker in MARKERS:
            region, _, rest = world.read().partition(f"<!-- {marker}:end -->\n")
            region = region.rpartition(f"<!-- {marker}:start -->\n")[2]
            assert region.count("\n| **[") == 5 + number + 1
            assert rest.startswith(f"\nOf {marker}.\n")
        assert len(world.arxiv.requests) == 8  # lost races ask arXiv for nothing
        lost += sum("planning again" in log for log in logs)
    assert lost
    world.github.repository.fsck()


def test_seven_rivals_that_are_faster_are_outlasted(world: World) -> None:
    def fault(_request: object, response: object) -> object:
        world.github.repository.push({"README.md": world.read() + "\n"})
        return response

    world.github.troubles.append(Trouble(fault=fault, method="POST", path="/commits$", times=7))  # type: ignore[arg-type]
    result = world.run(marker="group-3")
    assert result.exit_code == 0
    assert len(world.commits) == 9
    assert len(world.arxiv.requests) == 1


def test_four_at_once_in_one_directory_all_land(world: World, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    (workspace / "README.md").write_text(f"# Ours\n\n{REGIONS}")
    runs = [
        subprocess.Popen(
            [sys.executable, ROOT / "entrypoint.py"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                "GITHUB_WORKSPACE": str(workspace),
                "INPUT_KEYWORDS": "Graph Neural Networks",
                "INPUT_MARKER": marker,
                "INPUT_DATA-FILE": f".github/{marker}.json",
                "INPUT_PUBLISH": "local",
                "INPUT_ARXIV-URL": world.arxiv.url,
                "INPUT_ANNOUNCEMENTS-URL": world.arxiv.announcements_url,
            },
        )
        for marker in MARKERS[:4]
    ]
    logs = [run.communicate(timeout=240)[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * 4, logs
    page = (workspace / "README.md").read_text()
    assert page.count("\n| **[") == 4 * 5
    assert page.endswith("\nOf group-7.\n")
    names = {path.name for path in workspace.rglob("*") if path.is_file()}
    assert names == {"README.md", *(f"{marker}.json" for marker in MARKERS[:4])}
