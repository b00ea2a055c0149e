"""The container for real: built, run as the runner runs it, and used by a workflow.

Without a Docker engine these tests are skipped, but where `CI` is set they fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standins.arxiv import ArxivStandIn
from tests.standins.github import GitHubStandIn
from tests.support import entry

ROOT = Path(__file__).parent.parent
BASE_IMAGE = "python:3.13-slim-trixie"
README = "# Ours\n\n<!-- daily-papers:start -->\n<!-- daily-papers:end -->\n"
TOKEN = "ghs_TOKENtokenTOKEN"

HAS_DOCKER = (
    shutil.which("docker") is not None
    and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
)

pytestmark = pytest.mark.skipif(
    not HAS_DOCKER and os.environ.get("CI") != "true", reason="no Docker engine answers"
)


def command(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Runs a command, and gives what it printed; all of it where it fails."""
    done = subprocess.run(
        arguments, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def image() -> str:
    command("docker", "build", "--quiet", "--tag", "daily-papers:test", ROOT)
    return "daily-papers:test"


@pytest.fixture
def arxiv() -> Iterator[ArxivStandIn]:
    with ArxivStandIn(entry(number) for number in range(5)) as arxiv:
        yield arxiv


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandIn]:
    with GitHubStandIn(tmp_path / "git", files={"README.md": README}, token=TOKEN) as github:
        yield github


def run_as_the_runner(image: str, folder: Path, environ: dict[str, str]) -> str:
    """Starts the container with the mounts and the environment of a hosted runner."""
    mounts = {"workspace": folder / "ws", "home": folder / "home", "file_commands": folder / "fc"}
    for place in mounts.values():
        place.mkdir(exist_ok=True)
    environ = {
        "HOME": "/github/home",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": "/github/workspace",
        "GITHUB_OUTPUT": "/github/file_commands/output",
        "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
        **environ,
    }
    return command(
        "docker",
        "run",
        "--rm",
        "--network=host",
        "--workdir=/github/workspace",
        *(f"--volume={place}:/github/{name}" for name, place in mounts.items()),
        *(f"--env={name}={value}" for name, value in environ.items()),
        image,
    )


def test_a_container_commits(
    image: str, tmp_path: Path, arxiv: ArxivStandIn, github: GitHubStandIn
) -> None:
    # What lies in the mounted folders must not be imported in place of what the image holds.
    for place in ("ws", "home/.local/lib/python3.13/site-packages"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "requests.py").write_text("raise SystemExit('hijacked')")
    log = run_as_the_runner(
        image,
        tmp_path,
        {
            "PYTHONPATH": "/github/workspace",
            "GITHUB_REPOSITORY": "octo/papers",
            "GITHUB_API_URL": github.address,
            "GITHUB_REF": "refs/heads/main",
            "INPUT_KEYWORDS": "Graph Neural Networks",
            "INPUT_MAX-PAPERS": "3",
            "INPUT_ARXIV-URL": arxiv.url,
            "INPUT_GITHUB-TOKEN": TOKEN,
        },
    )
    assert "Graph Neural Networks: 3 papers of 5" in log
    page = github.repository.read("main", "README.md")
    assert page is not None
    assert page.count(b"\n| **[Graph Neural Networks, Part ") == 3
    assert len(github.repository.log("main")) == 2
    assert "changed<<" in (tmp_path / "fc" / "output").read_text()
    assert "Graph Neural Networks" in (tmp_path / "fc" / "summary").read_text()


def test_a_container_writes_the_workspace(image: str, tmp_path: Path, arxiv: ArxivStandIn) -> None:
    run_as_the_runner(
        image,
        tmp_path,
        {
            "INPUT_KEYWORDS": "Graph Neural Networks",
            "INPUT_PUBLISH": "local",
            "INPUT_ARXIV-URL": arxiv.url,
            "INPUT_TIMEZONE": "Asia/Tokyo",
            "INPUT_SITE": "docs",
        },
    )
    assert "## Graph Neural Networks" in (tmp_path / "ws" / "README.md").read_text()
    assert (tmp_path / "ws" / "docs" / "katex" / "katex.min.js").is_file()


def test_the_image_holds_no_installer_of_ours_and_no_tests(image: str) -> None:
    listed = command("docker", "run", "--rm", "--entrypoint=ls", image, "/daily-papers").split()
    assert {"entrypoint.py", "daily_papers", "requests", "lxml"} <= set(listed)
    assert not {"tests", "pip", "setuptools", "pytest"} & set(listed)


def test_the_repositorys_own_workflow_lands_one_commit_and_one_issue(
    tmp_path: Path, arxiv: ArxivStandIn, github: GitHubStandIn
) -> None:
    fork = tmp_path / "fork"
    tracked = command(
        "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT
    )
    for name in filter(None, tracked.split("\0")):
        (fork / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, fork / name)
    command("git", "init", "--quiet", "--initial-branch=main", cwd=fork)
    command("git", "remote", "add", "origin", "https://github.com/octo/papers", cwd=fork)
    command("git", "add", ".", cwd=fork)
    identity = ("-c", "user.name=Octo", "-c", "user.email=octo@example.org")
    command("git", *identity, "commit", "--quiet", "--message=Fork", cwd=fork)

    def dispatch() -> str:
        return command(
            Path(sys.executable).with_name("act"),
            "workflow_dispatch",
            "--workflows=.github/workflows/daily-papers.yml",
            f"--platform=ubuntu-latest={BASE_IMAGE}",
            "--pull=false",
            "--bind",
            "--network=host",
            f"--secret=GITHUB_TOKEN={TOKEN}",
            f"--env=GITHUB_API_URL={github.address}",
            f"--var=DAILY_PAPERS_ARXIV_URL={arxiv.url}",
            "--input=publish=commit",
            "--input=keywords=Graph Neural Networks",
            "--input=max-papers=3",
            cwd=fork,
        )

    assert "Graph Neural Networks: 3 papers of 5" in dispatch()
    page = github.repository.read("main", "README.md")
    assert page is not None
    assert page.count(b"\n| **[Graph Neural Networks, Part ") == 3
    assert "Nothing has changed" in dispatch()
    assert len(github.repository.log("main")) == 2
    assert [issue["title"] for issue in github.hub.issues.values()] == ["Daily Papers: welcome"]
