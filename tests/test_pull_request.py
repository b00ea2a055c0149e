"""Changes by pull request: one that is kept up to date, without losing anybody's work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hub import DATA_FILE, README, World, world_with
from tests.standins import github_faults as faults
from tests.standins.git import Commit
from tests.standins.github import RULESET
from tests.standins.github_faults import Trouble
from tests.support import entry, told

BRANCH = "daily-papers/update"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A repository whose main branch may not be pushed to."""
    with world_with(tmp_path, {"README.md": README}) as made:
        made.inputs["publish"] = "pull-request"
        made.github.hub.rules["main"] = RULESET
        yield made


def proposed(world: World, branch: str = BRANCH) -> Commit:
    """The one commit that the branch has on top of main."""
    (sha,) = world.github.repository.between("main", branch)
    commit = world.github.repository.commit(sha)
    assert commit.parents == (world.commits[0],)
    return commit


def pull(world: World, number: int = 1) -> dict[str, Any]:
    return world.github.hub.issues[number]


def branches(world: World) -> list[str]:
    return list(world.github.repository.refs("refs/heads/"))


def merge(world: World, number: int = 1) -> None:
    world.github.merge(number)


def test_one_commit_is_proposed_and_the_base_left_alone(world: World) -> None:
    result = world.run()
    assert result.exit_code == 0, result.log
    assert len(world.commits) == 1
    commit = proposed(world)
    assert commit.message.startswith("docs: update daily papers (2025-10-03)\n")
    assert commit.signature
    assert world.read(branch=BRANCH).count("\n| **[") == 5
    assert list(world.github.hub.pulls) == list(world.github.hub.issues) == [1]
    assert pull(world)["title"] == "docs: update daily papers (2025-10-03)"
    assert len(told(pull(world)["body"]).ids) == 5
    assert f"/octo/papers/blob/{BRANCH}/README.md" in pull(world)["body"]
    outputs = result.outputs
    assert outputs["changed"] == "true"
    assert outputs["commit-sha"] == commit.sha
    assert outputs["pull-request-url"].endswith("/octo/papers/pull/1")
    assert outputs["issue-numbers"] == "[]"
    assert "Proposed README.md and" in result.log


def test_the_same_is_not_proposed_twice(world: World) -> None:
    world.run()
    world.a_day_later()
    result = world.run()
    assert world.writes == []
    assert result.outputs["changed"] == "false"
    assert result.outputs["commit-sha"] == ""
    assert result.outputs["pull-request-url"].endswith("/pull/1")
    assert "Already proposed" in result.log


def test_a_week_without_a_merge_tells_every_paper_once(world: World) -> None:
    world.run()
    merge(world)
    new = []
    for number in range(6, 13):
        world.a_day_later(number)
        result = world.run()
        new.append(result.outputs["new-papers"])
        assert result.outputs["changed"] == "true"
        assert len(world.asked) <= 11, world.asked
        world.a_day_later()
        assert world.run().outputs["new-papers"] == "0"
        assert world.writes == []
    assert new == ["1"] * 7
    proposed(world)
    assert list(world.github.hub.pulls) == [1, 2]
    assert len(told(pull(world, 2)["body"]).ids) == 7
    assert pull(world, 2)["title"].endswith("(2025-10-16)")
    merge(world, 2)
    world.a_day_later()
    assert world.run().outputs["new-papers"] == "0"
    world.a_day_later(20)
    assert world.run().outputs["new-papers"] == "1"


def test_pages_that_were_only_proposed_are_proposed_again(world: World) -> None:
    world.inputs["pages"] = "always"
    world.run()
    page = "papers/graph-neural-networks.md"
    first = world.read(page, BRANCH)
    world.github.repository.push({"README.md": README + "\nMore.\n"})
    world.a_day_later()
    world.run()
    proposed(world)
    assert world.read(page, BRANCH) == first


def test_a_merged_branch_is_cleared_away(world: World) -> None:
    world.run()
    merge(world)
    world.a_day_later()
    result = world.run()
    assert result.outputs["changed"] == "false"
    assert result.outputs["pull-request-url"] == ""
    assert branches(world) == ["refs/heads/main"]
    world.run()
    assert world.writes == []


def test_a_stale_pull_request_is_closed(world: World) -> None:
    world.run()
    files = {path: world.read(path, BRANCH) for path in ("README.md", DATA_FILE)}
    world.github.repository.push(files, "Squashed by hand")
    result = world.run()
    assert result.exit_code == 0, result.log
    assert "Closed the pull request #1" in result.log
    assert pull(world)["state"] == "closed"
    assert branches(world) == ["refs/heads/main"]
    world.a_day_later(6)
    assert world.run().outputs["new-papers"] == "1"
    assert len(told(pull(world, 2)["body"]).ids) == 1


def test_what_moves_in_the_base_is_kept(world: World) -> None:
    world.run()
    world.github.repository.push({"README.md": world.read().replace("Text.", "Other text.")})
    world.run()
    assert "Other text." in world.read(branch=BRANCH)
    proposed(world)
    assert list(world.github.hub.pulls) == [1]


def test_what_moves_elsewhere_in_the_base_moves_nothing(world: World) -> None:
    world.run()
    world.github.repository.push({"other.md": "x"})
    world.run()
    assert world.writes == []


def amend(world: World, *, message: str) -> None:
    """Does as a person does who changes our commit."""
    path = {"README.md": world.read(branch=BRANCH) + "fixed\n"}
    head = proposed(world)
    world.github.repository.update_ref(f"refs/heads/{BRANCH}", head.parents[0])
    world.github.repository.push(path, message, branch=BRANCH)


@pytest.mark.parametrize("how", ["on top", "amended", "another history"])
def test_nothing_of_anybody_else_is_forced_away(world: World, how: str) -> None:
    world.run()
    repository = world.github.repository
    if how == "on top":
        repository.push({"theirs.md": "x"}, "Theirs", branch=BRANCH)
    elif how == "amended":
        amend(world, message=proposed(world).message)
    else:
        head = proposed(world)
        orphan = repository.write_commit(
            head.tree, "Theirs", author=head.author, committer=head.committer
        )
        repository.update_ref(f"refs/heads/{BRANCH}", orphan)
    theirs = repository.resolve(f"refs/heads/{BRANCH}")
    world.a_day_later(6)
    result = world.run()
    assert result.exit_code == 1
    assert f"::error::the branch {BRANCH} has " in result.log
    assert "which this action did not make" in result.log
    assert "delete the branch" in result.log
    assert repository.resolve(f"refs/heads/{BRANCH}") == theirs
    assert set(world.writes) <= {"POST /git/blobs"}


def test_a_foreign_branch_is_not_deleted(world: World) -> None:
    world.run()
    merge(world)
    world.github.repository.push({"theirs.md": "x"}, "Theirs", branch=BRANCH)
    result = world.run()
    assert result.exit_code == 0
    assert "::warning::the branch" in result.log
    assert world.writes == []


def test_a_branch_without_commits_of_its_own_is_taken(world: World) -> None:
    world.github.repository.update_ref(f"refs/heads/{BRANCH}", world.commits[0])
    assert world.run().exit_code == 0
    proposed(world)


def test_what_somebody_closed_stays_closed_until_there_is_more(world: World) -> None:
    world.run()
    pull(world)["state"] = "closed"
    world.a_day_later()
    result = world.run()
    assert world.writes == []
    assert "it stays closed" in result.log
    world.a_day_later(6)
    assert world.run().outputs["pull-request-url"].endswith("/pull/2")


def test_a_missing_permission_is_named(world: World) -> None:
    del world.github.hub.permissions["pull_requests"]
    world.github.hub.private = True
    result = world.run()
    assert result.exit_code == 1
    assert "permissions:%0A  pull-requests: " in result.log


def test_the_setting_that_keeps_actions_from_it_is_named_and_the_next_run_goes_on(
    world: World,
) -> None:
    world.github.hub.actions_may_open_pulls = False
    result = world.run()
    assert result.exit_code == 1
    assert "Workflow permissions, tick: Allow GitHub Actions to create" in result.log
    world.github.hub.actions_may_open_pulls = True
    assert world.run().outputs["pull-request-url"].endswith("/pull/1")
    proposed(world)


@pytest.mark.parametrize(
    "method,path",
    [
        ("POST", "/git/trees$"),
        ("POST", "/git/commits$"),
        ("POST", "/git/refs$"),
        ("PATCH", "/git/refs/"),
        ("POST", "/pulls$"),
        ("PATCH", "/pulls/"),
        ("GET", "/compare/"),
        ("GET", "/pulls$"),
    ],
)
@pytest.mark.parametrize(
    "make",
    [
        faults.server_error,
        faults.reset,
        lambda **aim: faults.before(faults.server_error(**aim)),
        lambda **aim: faults.secondary_limit(retry_after=30, **aim),
    ],
)
def test_an_answer_that_is_lost_makes_nothing_twice(
    world: World, make: Callable[..., Trouble], method: str, path: str
) -> None:
    world.github.troubles.append(make(method=method, path=path))
    assert world.run().exit_code == 0
    world.a_day_later(6)
    result = world.run()
    assert result.exit_code == 0, result.log
    assert result.outputs["pull-request-url"].endswith("/pull/1")
    assert list(world.github.hub.pulls) == [1]
    assert len(told(pull(world)["body"]).ids) == 6
    proposed(world)


def test_each_marker_has_a_branch_of_its_own(world: World) -> None:
    marked = README + "<!-- second:start -->\n<!-- second:end -->\n"
    world.github.repository.push({"README.md": marked})
    world.run()
    world.run(marker="second", data_file="second.json")
    assert branches(world) == [
        f"refs/heads/{BRANCH}",
        "refs/heads/main",
        "refs/heads/second/update",
    ]
    assert sorted(world.github.hub.pulls) == [1, 2]


def test_without_a_data_file_too(world: World) -> None:
    world.run(data_file="none")
    world.a_day_later()
    world.run(data_file="none")
    assert list(world.github.hub.pulls) == [1]
    proposed(world)


def test_an_empty_repository_is_committed_to(tmp_path: Path) -> None:
    with world_with(tmp_path) as world:
        result = world.run(publish="pull-request")
        assert result.exit_code == 0, result.log
        assert world.github.hub.pulls == {}
        assert len(world.commits) == 2


def test_a_hostile_title_disturbs_nobody(world: World) -> None:
    world.arxiv.add([entry(9, title="Graph Neural Networks @octocat fixes #1")])
    assert world.run().exit_code == 0
    assert not world.github.disturbances


def test_a_long_message_is_cut_to_a_title(world: World) -> None:
    world.run(commit_message="x" * 300 + " {date}")
    assert pull(world)["title"] == "x" * 256
