"""The container for real: built, and run as the runner runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daily_papers import __version__
from tests.runner import BASE_IMAGE, TOKEN, command, copy_of_ours
from tests.standins.arxiv import ArxivStandIn
from tests.standins.github import GitHubStandIn
from tests.support import entry

README = "# Ours\n\n<!-- daily-papers:start -->\n<!-- daily-papers:end -->\n"

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    ours = copy_of_ours(tmp_path_factory.mktemp("ours") / "action", "daily-papers/daily-papers")
    command("docker", "build", "--quiet", "--tag", "daily-papers:test", ours)
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


def test_the_image_holds_nothing_that_no_run_uses(image: str) -> None:
    find = ("docker", "run", "--rm", "--entrypoint=find", image, "/daily-papers")
    listed = [Path(path).relative_to("/daily-papers") for path in command(*find).splitlines()]
    assert {"entrypoint.py", "daily_papers", "requests", "lxml"} <= {str(path) for path in listed}
    names = {part for path in listed for part in path.parts}
    unused = {"bin", "cffi", "cryptography", "pip", "pycparser", "pytest", "setuptools", "tests"}
    unused |= {"charset_normalizer", "isoschematron", "yaml"}
    assert not unused & names
    assert not {".c", ".h", ".pxd", ".pxi", ".pyx"} & {path.suffix for path in listed}


def test_the_image_adds_little_to_its_base(image: str) -> None:
    history = command("docker", "history", "--human=false", "--format={{.Size}}", image)
    base = command("docker", "history", "--human=false", "--format={{.Size}}", BASE_IMAGE)
    assert sum(map(int, history.split())) - sum(map(int, base.split())) <= 36_000_000


def test_nothing_warns_of_what_the_image_leaves_out(image: str) -> None:
    told = command("docker", "run", "--rm", "--network=none", image, "--version")
    assert told == f"daily-papers {__version__}\n"
