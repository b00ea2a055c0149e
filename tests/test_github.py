"""GitHub at its worst: commits that land, or are refused with a reason, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from daily_papers.errors import LostRaceError, PathError
from daily_papers.github.repository import GitHubRepository, connect
from daily_papers.memory import datafile
from daily_papers.papers import SortBy
from daily_papers.publish.repository import Change, Plan, blob_sha
from tests.hub import DATA_FILE, END, README, START, TOKEN, World, world_with
from tests.standins import github_faults as faults
from tests.standins.git import Symlink
from tests.standins.github import CLASSIC, RULESET
from tests.standins.github_faults import Trouble
from tests.standins.server import Request, Response
from tests.support import NOW, FakeClock, Result


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path, {"README.md": README}) as made:
        yield made


def landed(world: World, result: Result, *, commits: int = 1) -> None:
    """The page is there, by so many commits, and watchers were told once."""
    assert result.exit_code == 0, result.log
    assert len(world.commits) == 1 + commits
    assert world.read().count("\n| **[") == 5
    assert world.read().startswith("# Ours\n\nText")
    assert datafile.decode(world.read(DATA_FILE).encode(), "daily-papers", SortBy.UPDATED).kept_ids
    assert len(world.github.hub.issues) == 1


# --- What an ordinary day costs


@pytest.mark.parametrize(
    "inputs", [{}, {"pages": "always", "feed": "docs/feed.xml", "trends": "true"}]
)
def test_an_ordinary_day_takes_eight_requests(world: World, inputs: dict[str, str]) -> None:
    world.inputs |= inputs
    world.run()
    world.a_day_later(6)
    assert world.run().outputs["issue-numbers"] == "[2]"
    assert len(world.asked) <= 8, world.asked


def test_a_day_that_closes_an_old_issue_takes_nine(world: World) -> None:
    world.run(notify_keep="1")
    world.a_day_later(6)
    world.run(notify_keep="1")
    assert [issue["state"] for issue in world.github.hub.issues.values()] == ["closed", "open"]
    assert len(world.asked) <= 9, world.asked


def test_a_quiet_day_writes_nothing(world: World) -> None:
    world.run()
    world.a_day_later()
    world.run()
    assert world.writes == []
    assert len(world.asked) <= 4


# --- Where repositories differ


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_github_enterprise_server(tmp_path: Path, prefix: str) -> None:
    with world_with(tmp_path, {"README.md": README}, prefix=prefix) as world:
        landed(world, world.run())
        world.a_day_later(6)
        assert world.run().outputs["new-papers"] == "1"


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/tags/v1", "refs/pull/3/merge"])
def test_without_a_branch_the_default_branch_is_committed_to(world: World, ref: str) -> None:
    world.environ["GITHUB_REF"] = ref
    landed(world, world.run())


@pytest.mark.parametrize("branch", ["", "main"])
def test_an_empty_repository(tmp_path: Path, branch: str) -> None:
    with world_with(tmp_path) as world:
        result = world.run(branch=branch)
        assert result.exit_code == 0, result.log
        assert world.read().startswith("# Daily Papers\n")
        assert world.github.repository.paths("main") == [DATA_FILE, "README.md"]
        assert result.outputs["commit-sha"] == world.commits[0]
        assert len(world.commits) == 2
        world.a_day_later()
        assert world.run().outputs["changed"] == "false"


def test_an_empty_repository_for_one_file(tmp_path: Path) -> None:
    with world_with(tmp_path) as world:
        result = world.run(data_file="none")
        assert result.outputs["commit-sha"] == world.commits[0]
        assert world.github.repository.paths("main") == ["README.md"]


@pytest.mark.parametrize(
    "trouble",
    [
        faults.server_error(method="PUT"),
        faults.reset(method="PUT"),
        faults.before(faults.server_error(method="PUT")),
        faults.server_error(method="POST", path="/git/commits$"),
    ],
)
def test_an_empty_repository_begins_once(tmp_path: Path, trouble: Trouble) -> None:
    with world_with(tmp_path) as world:
        world.github.troubles.append(trouble)
        result = world.run()
        assert result.exit_code == 0, result.log
        assert world.github.repository.paths("main") == [DATA_FILE, "README.md"]
        assert len(world.commits) == 2


def test_a_readme_over_a_megabyte(world: World) -> None:
    text = "x" * 79 + "\n"
    world.github.repository.push({"README.md": README + text * 15_000})
    result = world.run()
    assert result.exit_code == 0, result.log
    assert world.read().endswith(text * 15_000)
    assert any(one.startswith("GET /git/blobs/") for one in world.asked)
    assert "POST /git/blobs" not in world.asked


def test_files_that_are_too_much_for_one_tree(world: World) -> None:
    text = "x" * 79 + "\n"
    world.github.repository.push({"README.md": README + text * 35_000})
    result = world.run()
    assert result.exit_code == 0, result.log
    assert world.read().endswith(text * 35_000)
    assert world.writes.count("POST /git/blobs") == 1


def test_a_hundred_thousand_files(world: World) -> None:
    world.github.repository.push({f"data/{n % 250}/{n}.txt": b"x" for n in range(100_000)})
    landed(world, world.run(), commits=2)
    assert not any(one.startswith("GET /git/trees") for one in world.asked)
    assert len(world.asked) <= 13, world.asked


def test_a_renamed_repository(world: World) -> None:
    world.github.repository.push({"README.md": README}, branch="pages")
    world.github.repository.push({"README.md": "# Another, without markers\n"})
    world.github.hub.full_name, world.github.hub.renamed_from = "octo/new", "octo/papers"
    result = world.run(branch="pages")
    assert result.exit_code == 0, result.log
    assert "The repository is now octo/new" in result.log
    assert world.read(branch="pages").count("\n| **[") == 5
    assert world.github.hub.issues
    old = [one for one in world.github.requests if one.path.startswith("/repos/octo/papers")]
    assert [one.method for one in old] == ["GET", "GET"]


def test_what_github_signs_is_told(world: World) -> None:
    result = world.run()
    (made, _) = world.github.repository.log("main")
    assert made.signature
    assert f"Commit {made.sha[:7]}, signature: valid" in result.log


# --- Reads are tried again


@pytest.mark.parametrize(
    "trouble,waits",
    [
        (faults.server_error(502), [5]),
        (faults.server_error(503, times=2), [5, 10]),
        (faults.reset(), [5]),
        (faults.truncated(1), [5]),
        (faults.secondary_limit(retry_after=7), [7]),
        (faults.secondary_limit(429, retry_after=7, times=2), [7, 7]),
        (faults.secondary_limit(times=2), [60, 120]),
        (faults.secondary_limit(retry_after="soon"), [60]),
        (faults.primary_limit(wait=90, clock=NOW.timestamp), [91]),
        (faults.primary_limit(429, wait=-5, clock=NOW.timestamp), []),
    ],
)
def test_a_read_is_tried_again(world: World, trouble: Trouble, waits: list[int]) -> None:
    world.github.troubles.append(replace(trouble, method="GET", path="/contents/README"))
    landed(world, world.run())
    assert [pause for pause in world.clock.sleeps if pause > 1] == waits


@pytest.mark.parametrize("path", ["/branches/main$", "/contents/.github/", "/issues$"])
def test_whatever_is_read(world: World, path: str) -> None:
    world.github.troubles.append(faults.reset(method="GET", path=path, times=2))
    landed(world, world.run())
    assert [pause for pause in world.clock.sleeps if pause > 1] == [5, 10]


def test_reads_are_given_up_after_three_tries(world: World) -> None:
    world.github.troubles.append(faults.server_error(times=99, path="/branches/"))
    result = world.run()
    assert result.exit_code == 1
    assert "::error::could not read octo/papers: GitHub answered 502" in result.log
    assert world.asked == ["GET /branches/main"] * 3


def test_a_limit_for_longer_than_a_run_is_not_waited_for(world: World) -> None:
    clock = world.clock.now().timestamp
    world.github.troubles.append(faults.primary_limit(wait=3000, clock=clock))
    result = world.run()
    assert result.exit_code == 1
    assert "API rate limit exceeded" in result.log
    assert "The token has made too many requests" in result.log
    assert world.clock.sleeps == []


def test_all_waits_together_are_bounded(world: World) -> None:
    world.github.troubles.append(faults.secondary_limit(retry_after=400, path="/branches"))
    world.github.troubles.append(faults.secondary_limit(retry_after=400, path="/contents"))
    assert world.run().exit_code == 1
    assert sum(world.clock.sleeps) <= 600


def test_a_refusal_is_not_tried_again(world: World) -> None:
    world.github.troubles.append(faults.refusal(403, "No, never.", path="/branches", times=9))
    assert world.run().exit_code == 1
    assert len(world.asked) == 1


# --- Writes are looked at before they are done again


@pytest.mark.parametrize("path", ["/git/trees$", "/git/commits$", "/git/refs/heads/main$"])
@pytest.mark.parametrize(
    "make",
    [
        faults.server_error,
        faults.reset,
        lambda **aim: faults.before(faults.server_error(**aim)),
        lambda **aim: faults.before(faults.reset(**aim)),
        lambda **aim: faults.secondary_limit(retry_after=30, **aim),
        lambda **aim: faults.refusal(409, "Conflict", **aim),
        lambda **aim: faults.refusal(422, "Update is not a fast forward", **aim),
        lambda **aim: faults.refusal(422, "Reference cannot be updated", **aim),
    ],
)
def test_a_write_that_fails_lands_once(
    world: World, make: Callable[..., Trouble], path: str
) -> None:
    method = "PATCH" if "refs" in path else "POST"
    world.github.troubles.append(make(method=method, path=path, times=2))
    result = world.run()
    landed(world, result)
    assert result.outputs["commit-sha"] == world.commits[0]


def test_a_move_whose_answer_is_lost_is_not_made_again(world: World) -> None:
    world.github.troubles.append(faults.server_error(method="PATCH", path="/git/refs/"))
    landed(world, world.run())
    assert len([one for one in world.writes if "/git/" in one]) == 3


def test_writes_are_given_up_when_github_never_answers_them(world: World) -> None:
    trouble = faults.before(faults.server_error(method="POST", path="/git/trees", times=99))
    world.github.troubles.append(trouble)
    result = world.run()
    assert result.exit_code == 1
    assert "could not commit to octo/papers: GitHub answered 502" in result.log
    assert world.writes.count("POST /git/trees") == 3
    assert len(world.commits) == 1


def test_a_move_whose_answer_is_lost_and_that_somebody_builds_upon(world: World) -> None:
    def fault(_request: Request, _response: Response) -> Response:
        world.github.repository.push({"other.md": "x"})
        return Response(status=502)

    world.github.troubles.append(Trouble(fault=fault, method="PATCH", path="/git/refs/"))
    landed(world, world.run(), commits=2)
    assert world.read("other.md") == "x"


def test_a_branch_that_vanishes_in_between(world: World) -> None:
    world.github.repository.push({"README.md": README}, branch="pages")

    def fault(_request: Request, response: Response) -> Response:
        world.github.repository.delete_ref("refs/heads/pages")
        return response

    world.github.troubles.append(Trouble(fault=fault, method="POST", path="/git/commits$"))
    result = world.run(branch="pages")
    assert result.exit_code == 1
    assert "pages has moved on meanwhile; planning again" in result.log
    assert "there is no branch 'pages'" in result.log


# --- Refusals say what to do


@pytest.mark.parametrize("words", [RULESET, CLASSIC, "Cannot update this protected branch."])
def test_rules_lead_to_pull_requests(world: World, words: str) -> None:
    world.github.hub.rules["main"] = words
    result = world.run()
    assert result.exit_code == 1
    assert "could not commit to octo/papers: GitHub answered 422" in result.log
    assert "set publish: pull-request" in result.log
    assert "planning again" not in result.log
    assert len(world.commits) == 1


@pytest.mark.parametrize("status", [403, 409])
def test_other_refusals_of_a_push_do_so_too(world: World, status: int) -> None:
    words = "Repository rule violations found"
    world.github.troubles.append(faults.refusal(status, words, method="PATCH", times=9))
    result = world.run()
    assert result.exit_code == 1
    assert "set publish: pull-request" in result.log
    assert len(world.commits) == 1


def test_a_rate_limit_is_no_rule(world: World) -> None:
    limit = faults.primary_limit(wait=3000, clock=NOW.timestamp, method="POST", path="/git/trees")
    world.github.troubles.append(limit)
    result = world.run()
    assert result.exit_code == 1
    assert "The token has made too many requests" in result.log
    assert "pull-request" not in result.log


def test_a_missing_permission_is_named(world: World) -> None:
    world.github.hub.permissions["contents"] = "read"
    result = world.run()
    assert "permissions:%0A  contents: write" in result.log
    assert "publish: pull-request" in result.log
    assert world.asked.count("POST /git/trees") == 1


# --- Files that go


def repository_of(world: World, clock: FakeClock | None = None) -> GitHubRepository:
    connection = connect(
        "octo/papers", token=TOKEN, api_url=world.github.address, clock=clock or FakeClock()
    )
    return GitHubRepository(connection, "main")


def test_files_are_removed_in_the_same_commit(world: World) -> None:
    world.github.repository.push({"a/b.md": "1", "a/c.md": "2", "d.md": "3"})
    repository = repository_of(world)
    state = repository.read(["d.md"])
    state = repository.read_more(state, ["a/c.md"])
    assert state.files == {"d.md": b"3", "a/c.md": b"2"}
    plan = Plan(
        head=state.head,
        changes=(
            Change(path="a/b.md", before=None, after=None, is_vouched=True),
            Change(path="a/c.md", before=b"2", after=None),
            Change(path="d.md", before=b"3", after=b"4"),
            Change(path="a/new.md", before=None, after=b"5", is_vouched=True),
        ),
        message="All at once",
    )
    commit = repository.apply(plan)
    assert commit is not None
    assert commit.sha == world.commits[0]
    assert world.github.repository.paths("main") == ["README.md", "a/new.md", "d.md"]


# --- Many files, and files that are not text

FONT = b"wOF2\0\xff" + bytes(range(256))


def test_files_are_identified_by_a_request_for_a_folder(world: World) -> None:
    files = {f"docs/fonts/{n}.woff2": FONT + bytes([n]) for n in range(30)}
    world.github.repository.push({**files, "docs/index.html": "x"})
    repository = repository_of(world)
    state = repository.read(["README.md"])
    world.github.requests.clear()
    state = repository.identify(state, [*files, "docs/index.html", "docs/no.html", "none/at/all"])
    assert state.shas == {
        **{path: blob_sha(data) for path, data in files.items()},
        "docs/index.html": blob_sha(b"x"),
        "docs/no.html": None,
        "none/at/all": None,
    }
    assert len(world.asked) == 3
    assert list(state.files) == ["README.md"]


def test_a_listing_that_github_cuts_is_not_believed(world: World) -> None:
    files = {f"docs/{n:04}.html": str(n) for n in range(1010)}
    world.github.repository.push(files)
    repository = repository_of(world)
    state = repository.read([])
    state = repository.identify(state, ["docs/0001.html", "docs/1005.html", "docs/2000.html"])
    assert state.shas == {
        "docs/0001.html": blob_sha(b"1"),
        "docs/1005.html": blob_sha(b"1005"),
        "docs/2000.html": None,
    }


def test_what_is_no_file_is_never_identified(world: World) -> None:
    world.github.repository.push({"docs/a/b": "x", "docs/link": Symlink("a/b")})
    repository = repository_of(world)
    state = repository.read([])
    with pytest.raises(PathError, match="docs/a is not a file but a directory"):
        repository.identify(state, ["docs/a"])
    with pytest.raises(PathError, match="docs/link is not a file but a symlink"):
        repository.identify(state, ["docs/link"])


def test_binary_files_land_as_they_are_and_are_sent_once(world: World) -> None:
    clock = FakeClock()
    repository = repository_of(world, clock)
    fonts = {f"docs/{n}.woff2": FONT + bytes([n]) for n in range(3)}
    changes = [Change(path=path, before=None, after=data) for path, data in fonts.items()]
    changes.append(Change(path="docs/index.html", before=None, after="é\r\n".encode()))
    plan = Plan(head=repository.read([]).head, changes=tuple(changes), message="Fonts")
    world.github.repository.push({"other.md": "x"})
    with pytest.raises(LostRaceError):
        repository.apply(plan)
    repository.apply(replace(plan, head=repository.read([]).head))
    held = world.github.repository
    assert {path: held.read("main", path) for path in fonts} == fonts
    assert held.read("main", "docs/index.html") == "é\r\n".encode()
    assert world.writes.count("POST /git/blobs") == 3
    assert clock.sleeps == [1.0, 1.0]


@pytest.mark.parametrize("data_file", [DATA_FILE, "none"])
def test_pages_are_made_with_few_requests(world: World, data_file: str) -> None:
    keywords = "\n".join(f"Topic {n}: graph neural networks {n}" for n in range(12))
    flags = {"keywords": keywords, "pages": "always", "notify": "none", "data_file": data_file}
    assert world.run(**flags).exit_code == 0
    assert len(world.asked) <= 11, world.asked
    world.a_day_later()
    assert world.run(**flags).outputs["changed"] == "false"
    assert len(world.asked) <= 4, world.asked


def test_pages_go_with_few_requests(world: World) -> None:
    keywords = "\n".join(f"Topic {n}: graph neural networks {n}" for n in range(12))
    world.run(keywords=keywords, pages="always", notify="none")
    edited = world.read("papers/topic-1.md") + "Mine.\n"
    world.github.repository.push({"papers/topic-1.md": edited, "papers/topic-2.md": "All mine."})
    result = world.run(keywords=keywords, notify="none")
    assert result.exit_code == 0
    assert world.github.repository.paths("main") == [DATA_FILE, "README.md", "papers/topic-2.md"]
    assert len(world.asked) <= 10, world.asked
    assert "and 8 more files as" in result.log


def test_the_region_is_as_it_was_told(world: World) -> None:
    world.run()
    assert world.read().split(START)[0] == README.split(START)[0]
    assert world.read().split(END)[1] == README.split(END)[1]
