"""The workflows that people paste: each is run in a repository that has nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from ruamel.yaml import YAML

from daily_papers.inputs import declarations, read_inputs
from tests.runner import (
    BASE_IMAGE,
    ROOT,
    TOKEN,
    Runner,
    command,
    copy_of_ours,
    new_repository,
    tracked_files,
)
from tests.standins.arxiv import ArxivStandIn
from tests.standins.entry import Author
from tests.standins.github import GitHubStandIn
from tests.support import entry, shown

EXAMPLES = sorted((ROOT / "examples").glob("*.yml"))
OURS = "daily-papers/daily-papers@v1"

MAIL = """\
name: Send mail
description: Stands in for the action that sends a mail, and shows what it was given.
inputs:
  subject: {description: "", required: true}
  body: {description: "", required: true}
  html_body: {description: "", required: true}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        SUBJECT: ${{ inputs.subject }}
        BODY: ${{ inputs.body }}
        HTML: ${{ inputs.html_body }}
      run: echo "Subject is $SUBJECT"; cat "${BODY#file://}" "${HTML#file://}"
"""


def our_steps(workflow: Any) -> Iterator[Any]:
    """The inputs of each step of a workflow that uses our action."""
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if step.get("uses") == OURS:
                yield step["with"]


def third_parties(workflow: Any) -> Iterator[str]:
    """The actions of others that a workflow uses."""
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if step.get("uses", OURS) != OURS:
                yield step["uses"]


def check_inputs(given: Mapping[str, object]) -> None:
    """Reads the inputs of a step as the action would."""
    assert set(given) <= {declared.name for declared in declarations()}
    filled = {name: re.sub(r"\$\{\{ secrets.*?\}\}", "x://x", str(given[name])) for name in given}
    values = {name: re.sub(r"\$\{\{.*?\}\}", "x", value) for name, value in filled.items()}
    environ = {f"INPUT_{name.upper()}": value for name, value in values.items()}
    read_inputs([], {"INPUT_GITHUB-TOKEN": "x", **environ})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_inputs_that_work(path: Path) -> None:
    steps = list(our_steps(YAML(typ="safe").load(path)))
    assert steps
    for given in steps:
        check_inputs(given)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_in_which_time_zone_it_starts(path: Path) -> None:
    (schedule,) = YAML(typ="safe").load(path)["on"]["schedule"]
    assert schedule["timezone"] in available_timezones()


def test_the_steps_in_the_documents_have_inputs_that_work() -> None:
    for name in tracked_files():
        text = (ROOT / name).read_text(encoding="utf-8") if name.endswith(".md") else ""
        for fence in re.findall(r"(?m)^```yaml\n(.*?)^```$", text, re.DOTALL):
            snippet = YAML(typ="safe").load(fence)
            for step in snippet if isinstance(snippet, list) else ():
                if str(step.get("uses")).startswith("daily-papers/daily-papers@"):
                    check_inputs(step.get("with", {"keywords": "x"}))


def test_the_table_lists_every_example() -> None:
    table = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[.*?\]\((.*?)\)", table, re.MULTILINE)
    assert sorted(listed) == [path.name for path in EXAMPLES]


# Runs


@pytest.fixture
def arxiv() -> Iterator[ArxivStandIn]:
    ada = (Author(name="Ada Lovelace"),)
    papers = [
        *(entry(number) for number in range(5)),
        entry(5, title="Time Series of Engines", authors=ada),
        entry(6, title="A Toolkit", summary="It is open source."),
    ]
    with ArxivStandIn(papers) as arxiv:
        yield arxiv


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_ours(tmp_path_factory.mktemp("ours") / "action", "daily-papers/daily-papers")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A hosted runner as far as the examples need it; its `gh` tells what it was asked to do."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "gh").write_text('#!/bin/sh\necho "gh $*"\n')
    (folder / "gh").chmod(0o755)
    (folder / "Dockerfile").write_text(f"FROM {BASE_IMAGE}\nCOPY gh /usr/local/bin/gh\n")
    command("docker", "build", "--quiet", "--tag", "daily-papers:runner", folder)
    return "daily-papers:runner"


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """An example in a repository that has nothing else, but perhaps a README."""

    path: str
    runner: Runner
    github: GitHubStandIn
    arxiv: ArxivStandIn

    def run(self) -> str:
        return self.runner.run("workflow_dispatch", self.path)

    def read(self, path: str, branch: str = "main") -> str:
        data = self.github.repository.read(branch, path)
        assert data is not None, path
        return data.decode()


@pytest.fixture
def pasted(
    request: pytest.FixtureRequest, tmp_path: Path, ours: Path, image: str, arxiv: ArxivStandIn
) -> Iterator[Pasted]:
    """The example, and the README, that the test's parameter names.

    All that is changed is where arXiv is, which is not a setting of a repository. Other actions are
    replaced by a stand-in.
    """
    name, readme = request.param
    yaml = YAML()
    workflow = yaml.load(ROOT / "examples" / f"{name}.yml")
    for inputs in our_steps(workflow):
        inputs["arxiv-url"] = arxiv.url
    folder, path = tmp_path / "theirs", f".github/workflows/{name}.yml"
    (folder / path).parent.mkdir(parents=True)
    yaml.dump(workflow, folder / path)
    if readme:
        (folder / "README.md").write_text(readme)
    new_repository(folder, "octo/papers")
    command("git", "clone", "--quiet", "--bare", folder, tmp_path / "git")
    options = [f"--local-repository={OURS}={ours}"]
    for action in third_parties(workflow):
        (tmp_path / "mail").mkdir()
        (tmp_path / "mail" / "action.yml").write_text(MAIL)
        options.append(f"--local-repository={action}={tmp_path / 'mail'}")
    with GitHubStandIn(tmp_path / "git", token=TOKEN) as github:
        runner = Runner(folder=folder, github=github, image=image, options=tuple(options))
        yield Pasted(path=path, runner=runner, github=github, arxiv=arxiv)


def example(name: str, readme: str = "") -> pytest.MarkDecorator:
    return pytest.mark.parametrize("pasted", [(name, readme)], ids=[name], indirect=True)


@pytest.mark.docker
@example("any-repository")
def test_any_repository(pasted: Pasted) -> None:
    pasted.run()
    page = pasted.read("README.md")
    assert list(shown(page)) == ["Graph Neural Networks", "Time Series", "RAG"]
    assert page.startswith("# Daily Papers\n")
    assert [issue["title"] for issue in pasted.github.hub.issues.values()] == [
        "Daily Papers: welcome"
    ]


@pytest.mark.docker
@example("profile", "# Hello\n\n<!-- daily-papers:start -->\n<!-- daily-papers:end -->\n")
def test_profile(pasted: Pasted) -> None:
    log = pasted.run()
    assert "gh api --method PUT repos/octo/papers/actions/workflows/profile.yml/enable" in log
    page = pasted.read("README.md")
    assert page.startswith("# Hello\n")
    assert len(shown(page)["Our papers"].papers) == 1
    assert not pasted.github.hub.issues


TWO_REGIONS = """\
# Ours

<!-- reading:start -->
<!-- reading:end -->

<!-- tools:start -->
<!-- tools:end -->
"""


@pytest.mark.docker
@example("several-regions", TWO_REGIONS)
def test_several_regions(pasted: Pasted) -> None:
    pasted.run()
    reading, tools = pasted.read("README.md").split("<!-- reading:end -->")
    assert len(shown(reading)["Graph Neural Networks"].papers) == 5
    assert len(shown(tools)["Tools"].papers) == 1
    assert "| **Title** | **Authors** | **Links** |" in tools


@pytest.mark.docker
@example("pull-request")
def test_pull_request(pasted: Pasted) -> None:
    log = pasted.run()
    assert len(shown(pasted.read("README.md", "daily-papers/update"))) == 1
    assert pasted.github.repository.read("main", "README.md") is None
    (number,) = pasted.github.hub.pulls
    assert re.search(rf"gh pr merge --auto --squash https?://\S+/octo/papers/pull/{number}", log)


@pytest.mark.docker
@example("many-topics")
def test_many_topics(pasted: Pasted) -> None:
    pasted.run()
    assert list(shown(pasted.read("groups/graphs.md"))) == [
        "Graph Neural Networks",
        "Knowledge Graphs",
    ]
    assert list(shown(pasted.read("groups/series.md"))) == ["Time Series", "Anomaly Detection"]


@pytest.mark.docker
@example("weekly-mail")
def test_weekly_mail(pasted: Pasted) -> None:
    assert "Subject is" not in pasted.run()  # What was there at first is not news.
    now, authors = datetime.now(UTC), (Author(name="É. Noether"),)
    title = 'Time Series, "quoted"'
    pasted.arxiv.add([entry(30, title=title, authors=authors, published=now, updated=now)])
    log = pasted.run()
    assert "Subject is New papers: 1" in log
    assert f"**[{title}](https://arxiv.org/abs/" in log
    assert "<title>Daily Papers: 1 new on " in log
    assert "É. Noether" in log
    assert not pasted.github.hub.issues
