"""Whole runs of the program, over real HTTP, against the stand-ins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from daily_papers.memory import datafile
from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import SortBy
from tests import hub
from tests.hub import DATA_FILE, END, START
from tests.standins import github_faults
from tests.standins.git import Submodule, Symlink
from tests.standins.server import Request, Response, with_status
from tests.support import NOW, Result, entry, run_main

TOKEN = "ghs_TOKENtokenTOKEN"
README = f"\ufeff# Ours\r\n\r\nText with | and \u2028.\r\n{START}\r\nold\r\n{END}\r\n\r\nno end"


class World(hub.World):
    """The same with another README, two topics, and a token that is easily found."""

    @property
    def readme(self) -> str:
        return self.read()

    @property
    def snapshot(self) -> Snapshot:
        data = self.github.repository.read("main", DATA_FILE) or b""
        memory = datafile.decode(data, "daily-papers", SortBy.UPDATED, today=NOW.date())
        return memory.snapshot

    def push(self, readme: str | bytes) -> None:
        self.github.repository.push({"README.md": readme}, "Their own")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    entries = [entry(number) for number in range(5)]
    entries += [entry(number, title=f"Time Series, Part {number}") for number in range(10, 13)]
    with hub.world_with(tmp_path, {"README.md": README.encode()}, entries=entries) as plain:
        plain.github.token = TOKEN
        inputs = {"keywords": "Graph Neural Networks\nTime Series", "github_token": TOKEN}
        yield World(plain.arxiv, plain.github, tmp_path, inputs=inputs)


def test_a_run_makes_one_commit_and_keeps_every_byte_of_the_user(world: World) -> None:
    result = world.run()
    assert result.exit_code == 0, result.log
    before, after = README.split("old\r\n")
    assert world.readme.startswith(
        f"{before}Last update: 2025-10-03\r\n\r\n## Graph Neural Networks"
    )
    assert world.readme.endswith(after)
    assert world.readme.count("\r\n| **[Graph Neural Networks, Part ") == 5
    assert world.readme.count("\r\n| **[Time Series, Part ") == 3
    assert len(world.commits) == 2
    commit = world.github.repository.log("main")[0]
    assert commit.message.strip() == "docs: update daily papers (2025-10-03)"
    assert world.github.repository.paths("main") == [DATA_FILE, "README.md"]
    assert result.outputs == {
        "changed": "true",
        "commit-sha": world.commits[0],
        "commit-url": result.outputs["commit-url"],
        "pull-request-url": "",
        "new-papers": "0",
        "issue-numbers": "[1]",
        "failed-topics": "[]",
        "summary-tokens": "0",
        "new-papers-file": ".daily-papers/new-papers.json",
        "digest-file": "",
        "digest-html-file": "",
    }
    assert result.outputs["commit-url"].endswith(f"/octo/papers/commit/{world.commits[0]}")
    (row,) = re.findall(r"\| Graph Neural Networks \| .*", result.summary)
    assert "https://arxiv.org/search/advanced" in row
    assert row.endswith(" | 5 | 0 | 0 | fresh |")
    assert world.commits[0][:7] in result.summary


def test_rows_are_newest_first(world: World) -> None:
    world.run()
    rows = [line for line in world.readme.splitlines() if line.startswith("| **[Graph")]
    assert [row.split("Part ")[1][0] for row in rows] == ["4", "3", "2", "1", "0"]


def test_the_second_run_changes_nothing(world: World) -> None:
    world.run()
    world.clock.moment += timedelta(days=1)
    result = world.run()
    assert result.exit_code == 0
    assert result.outputs["changed"] == "false"
    assert result.outputs["commit-sha"] == ""
    assert len(world.commits) == 2
    assert "Nothing has changed" in result.summary


def test_one_new_paper_is_one_commit_that_shows_it_and_the_date(world: World) -> None:
    world.run()
    world.arxiv.add([entry(7, title="Graph Neural Networks anew")])
    world.clock.moment += timedelta(days=1)
    result = world.run()
    assert result.outputs["new-papers"] == "1"
    head, previous, _ = world.commits
    diff = world.github.repository.diff(previous, head).splitlines()
    state = ('{"heading"', '{"key"')  # counts, and what watchers are told
    changed = [
        line
        for line in diff
        if line[:1] in "+-" and line[:3] not in {"+++", "---"} and not line[1:].startswith(state)
    ]
    assert [line[:30] for line in changed] == [
        '-"updated": "2025-10-03",',
        '+"updated": "2025-10-04",',
        '+{"id": "2509.00007", "version"'[:30],
        '+{"day": "2025-10-04", "ids": ["2509.00007"]}'[:30],
        "-Last update: 2025-10-03",
        "+Last update: 2025-10-04",
        "+| **[Graph Neural Networks anew"[:30],
    ]


def test_a_revision_is_not_new(world: World) -> None:
    world.run()
    world.arxiv.revise("2509.00001", updated=NOW)
    result = world.run()
    assert result.outputs["new-papers"] == "0"
    assert re.search(r"\| Graph Neural Networks \| .* \| 5 \| 0 \| 1 \|", result.summary)
    assert "/2509.00001v2)" in world.readme
    assert "/2509.00001v1)" not in world.readme


def test_without_a_data_file_a_second_run_changes_nothing_either(world: World) -> None:
    world.run(data_file="none")
    world.clock.moment += timedelta(days=1)
    assert world.run(data_file="none").outputs["changed"] == "false"
    assert world.github.repository.paths("main") == ["README.md"]


@pytest.mark.parametrize("damage", [b"{", b'{"schema": 99}', b""])
def test_a_data_file_that_cannot_be_used_is_reported_and_rebuilt(
    world: World, damage: bytes
) -> None:
    world.run()
    good = world.snapshot
    world.github.repository.push({DATA_FILE: damage})
    result = world.run()
    assert result.exit_code == 0
    assert f"::warning::{DATA_FILE} cannot be used and is rebuilt" in result.log
    assert result.outputs["new-papers"] == "0"
    assert world.snapshot.sections == good.sections
    assert len(world.github.hub.issues) == 1  # the welcome, which is not repeated


@pytest.mark.parametrize(
    "theirs", [b'{"name": "ours"}\n', b"@article{a, title={Graphs}}\n", b"\xff"]
)
@pytest.mark.parametrize("publish", ["commit", "pull-request"])
def test_a_data_file_leads_to_no_file_of_the_user(
    world: World, theirs: bytes, publish: str
) -> None:
    world.github.repository.push({"package.json": theirs})
    result = world.run(data_file="package.json", publish=publish)
    assert result.exit_code == 1
    assert "::error::package.json: there is already a file, and this action did not" in result.log
    assert "change the input data-file" in result.log
    assert world.github.repository.read("main", "package.json") == theirs
    assert not world.writes


@pytest.mark.parametrize("damage", [b"", b'{\n"schema": 2,\n"marker": "daily-papers",\n"sor'])
def test_a_damaged_data_file_is_rebuilt_wherever_it_is(world: World, damage: bytes) -> None:
    world.run(data_file="papers.json")
    world.github.repository.push({"papers.json": damage})
    result = world.run(data_file="papers.json")
    assert result.exit_code == 0
    assert "::warning::papers.json cannot be used and is rebuilt" in result.log
    assert world.read("papers.json").count('"title": ') == 8


def test_a_topic_with_a_new_heading_is_the_same_topic(world: World) -> None:
    world.run(keywords="Graphs: Graph Neural Networks\nTime Series")
    world.clock.moment += timedelta(days=1)
    world.arxiv.add([entry(7)])
    result = world.run(keywords="GNN: Graph Neural Networks\nTime Series", trends="true")
    assert result.outputs["new-papers"] == "1"
    assert len(world.github.hub.issues) == 2
    assert [section.heading for section in world.snapshot.sections] == ["GNN", "Time Series"]
    world.arxiv.faults.extend([with_status(500, "no")] * 40)
    world.clock.moment += timedelta(days=1)
    result = world.run(keywords="Nets: Graph Neural Networks\nTime Series", announcements="never")
    assert world.readme.count("\r\n| **[Graph Neural Networks, Part ") == 6
    assert "## Nets" in world.readme


@pytest.mark.parametrize(
    "topics",
    [
        "A: Time Series\nB: Graph Neural Networks",
        "C: Graph Neural Networks\nA: Time Series",
        "C: Graph Neural Networks\nA: Sea Ice\nB: Time Series",
        "B: Graph Neural Networks",
        "B: Graph Neural Networks\nA: Part",
    ],
)
def test_topics_that_exchange_headings_have_their_news_told_once(world: World, topics: str) -> None:
    world.run(keywords="A: Graph Neural Networks\nB: Time Series")
    world.clock.moment += timedelta(days=1)
    world.arxiv.add([entry(7)])
    assert world.run(keywords=topics).outputs["new-papers"] == "1"
    world.clock.moment += timedelta(days=1)
    assert world.run(keywords=topics).outputs["changed"] == "false"


def test_a_topic_that_has_the_query_of_another_is_not_that_topic(world: World) -> None:
    world.run(keywords="Graphs: Graph Neural Networks\nTime Series")
    world.clock.moment += timedelta(days=1)
    world.arxiv.add([entry(7)])
    topics = "Graphs: Graph Neural Networks\nNets: Graph Neural Networks"
    assert world.run(keywords=topics).outputs["new-papers"] == "1"
    (*_, issue) = world.github.hub.issues.values()
    assert issue["body"].count("\n## ") == 1


def test_the_data_file_of_another_region_is_left_alone(world: World) -> None:
    world.push(f"{README}\n<!-- other:start -->\n<!-- other:end -->\n")
    world.run()
    result = world.run(marker="other")
    assert result.exit_code == 2
    assert "data-file: the file belongs to the marker 'daily-papers'" in result.log
    assert world.run(marker="other", data_file="other.json").exit_code == 0
    assert world.readme.count("## Time Series") == 2


def test_a_missing_readme_is_created(world: World) -> None:
    result = world.run(readme="docs/papers.md", max_papers="3")
    made = world.github.repository.read("main", "docs/papers.md")
    assert made is not None
    assert made.startswith(b"# Daily Papers\n")
    assert b"**Issues**" in made
    assert b"\n## Time Series\n" in made
    assert world.readme == README
    assert "docs/papers.md (new)" in result.log


def test_local_files_are_written_without_github(world: World) -> None:
    workspace = world.folder / "workspace"
    (workspace / "README.md").write_bytes(README.encode())
    assert world.run(publish="local", github_token="").exit_code == 0
    assert b"\r\n## Time Series\r\n" in (workspace / "README.md").read_bytes()
    assert (workspace / DATA_FILE).exists()
    assert world.github.requests == []
    assert world.run(publish="local").outputs["changed"] == "false"


def test_a_plan_shows_the_diff_and_changes_nothing(world: World) -> None:
    result = world.run(publish="plan")
    assert result.exit_code == 0
    assert "::group::The plan\n--- a/README.md\n+++ b/README.md\n" in result.log
    assert "+| **[Time Series, Part 12]" in result.log
    assert result.outputs["changed"] == "false"
    assert len(world.commits) == 1


def test_a_branch_that_is_named_is_read_and_committed_to(world: World) -> None:
    world.github.repository.push({"README.md": README.encode()}, branch="pages/daily")
    assert world.run(branch="pages/daily").exit_code == 0
    assert len(world.github.repository.log("pages/daily")) == 2
    assert len(world.commits) == 1


def test_progress_is_told_in_a_group(world: World) -> None:
    log = world.run().log
    assert log.splitlines()[:9] == [
        f"::add-mask::{TOKEN}",
        "::group::Topics",
        "Graph Neural Networks: “Graph Neural Networks” in the title or abstract",
        "Time Series: “Time Series” in the title or abstract",
        "::endgroup::",
        "::group::Asking arXiv",
        "Asking arXiv about 2 topics",
        "Graph Neural Networks: 5 papers of 5, 0.0 s",
        "Time Series: 3 papers of 3, 3.0 s",
    ]


# --- Races


def push_in_between(world: World, times: int) -> github_faults.Trouble:
    def fault(_request: Request, response: Response) -> Response:
        world.push(world.readme.replace("Text", "More Text"))
        return response

    return github_faults.Trouble(fault=fault, method="POST", path="/git/commits$", times=times)


def test_a_lost_race_is_planned_again_on_top_of_the_winner(world: World) -> None:
    world.github.troubles.append(push_in_between(world, times=2))
    result = world.run()
    assert result.exit_code == 0, result.log
    assert "More More Text" in world.readme
    assert "## Time Series" in world.readme
    assert len(world.commits) == 4
    assert "main has moved on meanwhile; planning again" in result.log
    assert len(world.arxiv.requests) == 2


def test_a_race_that_is_always_lost_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daily_papers.app.MAX_RIVALRY", 20.0)
    world.github.troubles.append(push_in_between(world, times=99))
    result = world.run()
    assert result.exit_code == 1
    assert "moved on" in result.log
    assert "## Time Series" not in world.readme
    assert 5 < len(world.commits) < 99


# --- What is refused, with nothing written


def refused(world: World, result: Result, *words: str, exit_code: int = 1) -> None:
    errors = [line for line in result.log.splitlines() if line.startswith("::error::")]
    assert len(errors) == 1
    for word in words:
        assert word in errors[0]
    assert "Traceback" not in result.log
    assert result.exit_code == exit_code
    assert "Daily Papers failed" in result.summary
    assert len(world.commits) == 1
    assert world.readme == README


def test_inputs_that_cannot_be_used(world: World) -> None:
    result = world.run(keywords="", max_papers="0", github_token="")
    refused(world, result, "keywords", "max-papers", "github-token", exit_code=2)
    assert world.github.requests == world.arxiv.requests == []


@pytest.mark.parametrize(
    "text,words",
    [
        ("# Ours\n", "markers of the region are missing"),
        (f"{START}\n", "is missing"),
        (f"{END}\n{START}\n", "is above"),
        (f"{START}\n{END}\n{START}\n{END}\n", "is in lines 1, 3"),
        (f"```\n{START}\n{END}\n```\n", "markers of the region are missing"),
        (f"- {START}\n- {END}\n", "in a list or a quote"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_readme_without_a_clear_region(world: World, text: str | bytes, words: str) -> None:
    world.push(text)
    result = world.run()
    assert result.exit_code == 1
    assert "::error::README.md" in result.log
    assert words in result.log
    assert len(world.commits) == 2
    assert world.arxiv.requests == []


def test_a_branch_that_does_not_exist(world: World) -> None:
    refused(world, world.run(branch="mian"), "there is no branch 'mian' in octo/papers")
    assert world.arxiv.requests == []


def test_a_token_that_github_does_not_know(world: World) -> None:
    refused(world, world.run(github_token="ghs_other"), "401", "Bad credentials")


def test_a_token_without_permission(world: World) -> None:
    world.github.hub.permissions["contents"] = "read"
    refused(
        world,
        world.run(),
        "403",
        "Resource not accessible by integration",
        "contents=write",
        "permissions:%0A  contents: write",
    )


def test_a_repository_that_the_token_may_not_see(world: World) -> None:
    world.github.hub.full_name = "octo/other"
    result = world.run()
    assert result.exit_code == 1
    assert "there is no branch" in result.log


@pytest.mark.parametrize(
    "path,words",
    [
        ("docs", "docs is a directory in octo/papers"),
        ("module", "module is a submodule in octo/papers"),
        ("link", "link is a symbolic link in octo/papers"),
        ("link/papers.md", "link/papers.md: link is a symbolic link in octo/papers"),
        ("alias.md", "alias.md: alias.md is a symbolic link in octo/papers"),
        ("docs/deep/b.md", "docs/deep/b.md: docs/deep is a symbolic link in octo/papers"),
        ("README.md/b.md", "README.md/b.md: README.md is a file in octo/papers"),
    ],
)
@pytest.mark.parametrize("data_file", [DATA_FILE, "none"])
def test_a_path_that_is_no_file(world: World, path: str, words: str, data_file: str) -> None:
    world.github.repository.push(
        {
            "docs/a.md": b"a",
            "docs/deep": Symlink("../docs"),
            "link": Symlink("docs"),
            "alias.md": Symlink("README.md"),
            "module": Submodule(world.commits[0]),
        }
    )
    paths = world.github.repository.paths("main")
    result = world.run(readme=path, data_file=data_file)
    assert result.exit_code == 1
    assert words in result.log
    assert world.github.repository.paths("main") == paths
    assert len(world.commits) == 2


def test_a_local_path_that_leaves_the_workspace(world: World) -> None:
    (world.folder / "outside").mkdir()
    (world.folder / "workspace" / "docs").symlink_to(world.folder / "outside")
    result = world.run(publish="local", readme="docs/papers.md")
    refused(world, result, "docs is a symbolic link")
    assert list((world.folder / "outside").iterdir()) == []


@pytest.mark.parametrize("status", [403, 500, 503])
def test_arxiv_down(world: World, status: int) -> None:
    world.arxiv.faults.extend([with_status(status, "no ::error::service")] * 50)
    refused(world, world.run(), f"arXiv answered with status {status}")


def test_arxiv_at_an_unknown_host(world: World) -> None:
    result = world.run(arxiv_url="http://127.0.0.1:1/api")
    refused(world, result, "arXiv could not be reached")


def test_github_at_an_unknown_host(world: World) -> None:
    result = run_main(
        world.folder,
        {"keywords": "Graphs", "github-token": TOKEN},
        {"GITHUB_REPOSITORY": "octo/papers", "GITHUB_API_URL": "http://127.0.0.1:1"},
    )
    refused(world, result, "GitHub could not be reached")


def test_a_commit_without_a_known_repository(world: World) -> None:
    result = run_main(world.folder, {"keywords": "Graphs", "github-token": TOKEN})
    refused(world, result, "GITHUB_REPOSITORY", "publish: local", exit_code=2)


# --- Untrusted text


def test_hostile_text_commands_nobody_and_the_token_is_never_shown(world: World) -> None:
    hostile = f"x\n::set-output name=a::b\n##[add-path]/evil | {START} {END} `a` [b](c) <b> @you"
    world.arxiv.add([entry(20, title=f"Time Series {hostile}", comment=hostile, summary=hostile)])
    world.arxiv.add([replace(entry(21), title=f"Time Series {TOKEN}")])
    result = world.run(publish="plan")
    commands = [line for line in result.log.splitlines() if line.strip().startswith("::")]
    assert [command.split("::")[1] for command in commands] == [
        "add-mask",
        "group",
        "endgroup",
        "group",
        "endgroup",
        "group",
        "endgroup",
    ]
    assert "##[" not in result.log
    assert TOKEN not in result.log.split("\n", 1)[1]
    assert world.run().exit_code == 0
    assert world.run().outputs["changed"] == "false"
    row = next(line for line in world.readme.splitlines() if "Time Series x" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 5


def test_a_bug_is_reported_as_one_without_the_token(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(f"oh no {TOKEN}")

    monkeypatch.setattr("daily_papers.app.run", fail)
    result = world.run()
    assert result.exit_code == 1
    assert "::error::This is a bug of Daily Papers" in result.log
    assert TOKEN not in result.log.split("\n", 1)[1]
