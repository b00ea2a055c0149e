"""A fork from beginning to end: made, configured in the browser, run, seen, and updated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from daily_papers.inputs import declarations
from tests.runner import (
    TOKEN,
    Runner,
    command,
    commit_all,
    copy_of_ours,
    tracked_files,
)
from tests.standins.arxiv import ArxivStandIn
from tests.standins.github import GitHubStandIn
from tests.support import entry, shown

ROOT = Path(__file__).parent.parent
WORKFLOW = ".github/workflows/daily-papers.yml"
PAGE = ".github/README.md"


@pytest.fixture
def arxiv() -> Iterator[ArxivStandIn]:
    series = [entry(number, title=f"Time Series {number}", comment=None) for number in (7, 8)]
    with ArxivStandIn([*(entry(number) for number in range(5)), *series]) as arxiv:
        yield arxiv


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    return copy_of_ours(tmp_path / "fork", "octo/papers")


@pytest.fixture
def github(fork: Path, tmp_path: Path) -> Iterator[GitHubStandIn]:
    """GitHub with the fork, as it is when somebody has just made it: its issues are off."""
    command("git", "clone", "--quiet", "--bare", fork, tmp_path / "git")
    with GitHubStandIn(tmp_path / "git", token=TOKEN) as github:
        github.hub.has_issues = False
        yield github


def read(github: GitHubStandIn, path: str) -> str:
    data = github.repository.read("main", path)
    assert data is not None, path
    return data.decode()


@pytest.mark.docker
def test_a_fork_gets_its_page_and_keeps_it_through_merges(
    fork: Path, tmp_path: Path, arxiv: ArxivStandIn, github: GitHubStandIn
) -> None:
    runner = Runner(folder=fork, github=github)
    variables = {"DAILY_PAPERS_ARXIV_URL": arxiv.url}

    # Nothing is configured: the button alone makes a page, beside our README.
    log = runner.run("workflow_dispatch", WORKFLOW, variables=variables)
    assert "Turn issues on in the repository's settings" in log
    assert "forgotten" not in log
    assert list(shown(read(github, PAGE))) == ["Graph Neural Networks"]
    assert read(github, "README.md") == (ROOT / "README.md").read_text(encoding="utf-8")

    # Other topics for once, and only to look at them.
    inputs = {"keywords": "Part", "max-papers": "1", "publish": "plan"}
    log = runner.run("workflow_dispatch", WORKFLOW, variables=variables, inputs=inputs)
    assert "forgotten by the next one. To keep them, set the variable DAILY_PAPERS_KEYWORDS" in log
    assert "+## Part" in log
    assert list(shown(read(github, PAGE))) == ["Graph Neural Networks"]

    # The owner turns issues on, and sets variables; then a morning comes.
    github.hub.has_issues = True
    variables["DAILY_PAPERS_KEYWORDS"] = "Time Series\nGraph Neural Networks"
    variables["DAILY_PAPERS_MAX_PAPERS"] = "3"
    runner.run("schedule", WORKFLOW, variables=variables)
    topics = shown(read(github, PAGE))
    assert {heading: len(topic.papers) for heading, topic in topics.items()} == {
        "Time Series": 2,
        "Graph Neural Networks": 3,
    }
    assert [issue["title"] for issue in github.hub.issues.values()] == ["Daily Papers: welcome"]

    # The original moves on in every file that it has; "Sync fork" merges it.
    for name in tracked_files(fork):
        with (fork / name).open("ab") as file:
            file.write(b"\nMore.\n")
    commit_all(fork, "Upstream")
    command("git", "push", "--quiet", tmp_path / "git", "main:refs/heads/upstream", cwd=fork)
    github.repository.git("merge-tree", "--write-tree", "main", "upstream")


@pytest.mark.docker
def test_the_original_repository_only_plans(tmp_path: Path, arxiv: ArxivStandIn) -> None:
    ours = copy_of_ours(tmp_path / "ours", "daily-papers/daily-papers")
    command("git", "clone", "--quiet", "--bare", ours, tmp_path / "git")
    name = "daily-papers/daily-papers"
    with GitHubStandIn(tmp_path / "git", full_name=name, token=TOKEN) as github:
        # Not even where somebody asks for it.
        log = Runner(folder=ours, github=github).run(
            "workflow_dispatch",
            WORKFLOW,
            variables={"DAILY_PAPERS_ARXIV_URL": arxiv.url},
            inputs={"publish": "commit"},
        )
    assert "nothing was changed" in log
    assert len(github.repository.log("main")) == 1


def test_no_file_of_ours_is_where_a_fork_has_its_own() -> None:
    theirs = (PAGE, ".github/daily-papers.json", "papers/")
    assert not [name for name in tracked_files() if name.startswith(theirs)]


def test_every_input_can_be_set_by_a_variable_or_a_secret() -> None:
    workflow = YAML(typ="safe").load(ROOT / WORKFLOW)
    given = workflow["jobs"]["update"]["steps"][-1]["with"]
    declared = [one for one in declarations() if one.name != "github-token"]
    assert list(given) == [one.name for one in declared]
    for one in declared:
        kind = "secrets" if one.secret else "vars"
        variable = f"{kind}.DAILY_PAPERS_{one.name.upper().replace('-', '_')} "
        assert variable in f"{given[one.name]} ", one.name
