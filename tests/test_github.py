"""GitHub at its worst: commits that land, or are refused with a reason, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from daily_papers.errors import GitHubError, LostRaceError, PathError
from daily_papers.github.client import connect
from daily_papers.github.repository import GitHubRepository
from daily_papers.memory import datafile
from daily_papers.papers import SortBy
from daily_papers.publish.repository import Change, Plan, blob_sha
from tests.hub import DATA_FILE, END, README, START, TOKEN, World, world_with
from tests.standins import github_faults as faults
from tests.standins.git import Executable, Submodule, Symlink
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
    memory = datafile.decode(
        world.read(DATA_FILE).encode(), "daily-papers", SortBy.UPDATED, today=NOW.date()
    )
    assert memory.snapshot.kept_ids
    assert len(world.github.hub.issues) == 1


# --- What an ordinary day costs


@pytest.mark.parametrize(
    "inputs", [{}, {"pages": "always", "feed": "docs/feed.xml", "trends": "true"}]
)
def test_an_ordinary_day_takes_nine_requests(world: World, inputs: dict[str, str]) -> None:
    world.inputs |= inputs
    world.run()
    world.a_day_later(6)
    assert world.run().outputs["issue-numbers"] == "[2]"
    assert len(world.asked) <= 9, world.asked


def test_a_day_that_closes_an_old_issue_takes_ten(world: World) -> None:
    world.run(notify_keep="1")
    world.a_day_later(6)
    world.run(notify_keep="1")
    assert [issue["state"] for issue in world.github.hub.issues.values()] == ["closed", "open"]
    assert len(world.asked) <= 10, world.asked


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
    assert world.asked.count("POST /git/blobs") == 1, "a probe"


def test_files_that_are_too_much_for_one_tree(world: World) -> None:
    text = "x" * 79 + "\n"
    world.github.repository.push({"README.md": README + text * 35_000})
    result = world.run()
    assert result.exit_code == 0, result.log
    assert world.read().endswith(text * 35_000)
    assert world.writes.count("POST /git/blobs") == 2, "a probe, and the README"


def test_a_hundred_thousand_files(world: World) -> None:
    world.github.repository.push({f"data/{n % 250}/{n}.txt": b"x" for n in range(100_000)})
    landed(world, world.run(), commits=2)
    assert len(world.asked) <= 16, world.asked


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


@pytest.mark.parametrize("path", ["/contents/README", "/contents/.github/", "/branches/main$"])
def test_a_single_404_is_looked_at_a_second_time(world: World, path: str) -> None:
    world.run()
    world.a_day_later(6)
    world.github.troubles.append(faults.refusal(404, "Not Found", method="GET", path=path))
    result = world.run()
    assert result.exit_code == 0, result.log
    assert result.outputs["new-papers"] == "1"
    assert result.outputs["issue-numbers"] == "[2]"
    assert world.read().startswith("# Ours")
    assert len(world.asked) <= 11


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
    assert [one.partition("/git/")[2] for one in world.writes if "/git/" in one] == [
        "blobs",  # a probe
        "trees",
        "commits",
        "refs/heads/main",
    ]


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
    assert result.exit_code == 1
    assert "could not write to octo/papers: GitHub answered 403" in result.log
    assert "permissions:%0A  contents: write" in result.log
    assert "publish: pull-request" not in result.log, "that would need the same permission"
    assert world.arxiv.requests == []
    assert len(world.asked) <= 8


def test_a_permission_that_was_taken_away_is_named(world: World) -> None:
    world.run()
    world.github.hub.permissions["contents"] = "read"
    world.a_day_later(6)
    result = world.run()
    assert result.exit_code == 1
    assert "could not commit to octo/papers: GitHub answered 403" in result.log
    assert "permissions:%0A  contents: write" in result.log
    assert world.asked.count("POST /git/trees") == 1


def test_an_archived_repository_is_told_before_arxiv_is_asked(world: World) -> None:
    world.github.hub.archived = True
    result = world.run()
    assert result.exit_code == 1
    assert "Repository was archived so is read-only" in result.log
    assert "unarchive it in its settings" in result.log
    assert "pull-request" not in result.log
    assert world.arxiv.requests == []


def test_a_repository_that_was_archived_later(world: World) -> None:
    world.run()
    world.github.hub.archived = True
    world.a_day_later(6)
    result = world.run()
    assert result.exit_code == 1
    assert "unarchive it in its settings" in result.log
    assert "pull-request" not in result.log


def test_a_plan_needs_no_permission_and_writes_nothing(world: World) -> None:
    world.github.hub.permissions["contents"] = "read"
    result = world.run(publish="plan")
    assert result.exit_code == 0, result.log
    assert world.writes == []


def test_trouble_with_the_look_at_permissions_is_no_refusal(world: World) -> None:
    world.github.troubles.append(faults.server_error(method="POST", path="/git/blobs"))
    landed(world, world.run())


def test_a_branch_that_was_renamed_is_told_at_once(world: World) -> None:
    world.github.hub.renamed_branches["master"] = "main"
    result = world.run(branch="master")
    assert result.exit_code == 1
    assert "::error::master is now main in octo/papers%0ASet branch: main" in result.log
    assert world.asked == ["GET /branches/master", "GET "], "the second by number"
    assert world.clock.sleeps == []
    assert world.arxiv.requests == []


@pytest.mark.parametrize("path", ["README.md", DATA_FILE])
def test_a_file_in_git_lfs_is_told(world: World, path: str) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'1' * 64}\nsize 12345\n"
    world.github.repository.push({path: pointer})
    result = world.run()
    assert result.exit_code == 1
    assert f"{path} is kept in Git LFS" in result.log
    assert f"git lfs untrack {path}" in result.log
    assert len(world.commits) == 2


# --- What became of our files meanwhile


@pytest.mark.parametrize("path", ["README.md", DATA_FILE])
def test_a_file_that_became_a_link_is_refused_on_an_ordinary_day(world: World, path: str) -> None:
    world.run()
    depth = "../" * path.count("/")
    world.github.repository.push({f"docs/{path}": world.read(path)})
    world.github.repository.push({path: Symlink(f"{depth}docs/{path}")})
    before = world.commits
    world.a_day_later(6)
    result = world.run()
    assert result.exit_code == 1
    assert f"::error::{path}: {path} is a symbolic link in octo/papers" in result.log
    assert world.commits == before
    assert world.writes == []


def test_a_readme_that_became_executable_stays_so(world: World) -> None:
    world.run()
    world.github.repository.push({"README.md": Executable(world.read().encode())})
    world.a_day_later(6)
    assert world.run().exit_code == 0
    entry = world.github.repository.entry("main", "README.md")
    assert entry is not None
    assert entry.mode == "100755"


# --- Files that go


def repository_of(world: World, clock: FakeClock | None = None) -> GitHubRepository:
    connection = connect(
        "octo/papers", token=TOKEN, api_url=world.github.address, clock=clock or FakeClock()
    )
    return GitHubRepository(connection, "main")


def change(path: str, before: bytes | None, after: bytes | None) -> Change:
    sha = None if before is None else blob_sha(before)
    return Change(path=path, before=None, before_sha=sha, after=after)


def test_files_are_removed_in_the_same_commit(world: World) -> None:
    world.github.repository.push({"a/b.md": "1", "a/c.md": "2", "d.md": "3"})
    repository = repository_of(world)
    state = repository.read(["d.md"])
    expected = {"a/b.md": blob_sha(b"1"), "a/c.md": blob_sha(b"0"), "a/new.md": None}
    state = repository.read_changed(state, expected)
    assert state.files == {"d.md": b"3", "a/c.md": b"2"}
    assert state.shas == {**expected, "a/c.md": blob_sha(b"2")}
    plan = Plan(
        head=state.head,
        changes=(
            change("a/b.md", b"1", None),
            change("a/c.md", b"2", None),
            change("d.md", b"3", b"4"),
            change("a/new.md", None, b"5"),
        ),
        message="All at once",
    )
    commit = repository.apply(plan)
    assert commit is not None
    assert commit.sha == world.commits[0]
    assert world.github.repository.paths("main") == ["README.md", "a/new.md", "d.md"]


# --- Many files, and files that are not text

FONT = b"wOF2\0\xff" + bytes(range(256))


def test_files_are_looked_for_with_one_request(world: World) -> None:
    files = {f"docs/fonts/{n}.woff2": FONT + bytes([n]) for n in range(30)}
    world.github.repository.push({**files, "docs/index.html": "x"})
    repository = repository_of(world)
    state = repository.read(["README.md"])
    world.github.requests.clear()
    expected: dict[str, str | None] = {path: blob_sha(data) for path, data in files.items()}
    expected |= {"docs/index.html": blob_sha(b"x"), "docs/no.html": None, "none/at/all": None}
    state = repository.read_changed(state, expected)
    assert state.shas == expected
    assert list(state.files) == ["README.md"]
    assert len(world.asked) == 1


def test_a_listing_that_github_cuts_is_not_believed(world: World) -> None:
    world.github.hub.tree_entries = 1_020
    files = {f"docs/{n:04}.html": str(n) for n in range(1010)}
    world.github.repository.push({**files, **{f"z/{n}": "x" for n in range(20)}})
    repository = repository_of(world)
    expected = {"docs/0001.html": None, "docs/1005.html": blob_sha(b"1005"), "docs/x.html": None}
    state = repository.read_changed(repository.read([]), expected)
    assert state.shas == {**expected, "docs/0001.html": blob_sha(b"1")}
    assert state.files == {"docs/0001.html": b"1"}
    trees = [one for one in world.asked if one.startswith("GET /git/trees")]
    assert len(trees) == 3, "all, the top folder, docs"


def test_a_folder_that_github_does_not_list_whole_is_told(world: World) -> None:
    world.github.hub.tree_entries = 10
    world.github.repository.push({f"docs/{n:04}.html": str(n) for n in range(20)})
    repository = repository_of(world)
    state = repository.read([])
    with pytest.raises(GitHubError, match="docs of octo/papers has more files than GitHub lists"):
        repository.read_changed(state, {"docs/0001.html": None})


@pytest.mark.parametrize(
    "path,words",
    [
        ("docs/a", "docs/a: docs/a is a directory in octo/papers"),
        ("docs/link", "docs/link is a symbolic link"),
        ("docs/outside", "docs/outside is a symbolic link"),
        ("way/b", "way/b: way is a symbolic link"),
        ("lib", "lib is a submodule"),
        ("lib/b", "lib/b: lib is a submodule"),
        ("docs/a/b/c", "docs/a/b/c: docs/a/b is a file"),
    ],
)
@pytest.mark.parametrize("is_large", [False, True])
def test_only_regular_files_are_looked_for_or_written(
    world: World, path: str, words: str, *, is_large: bool
) -> None:
    if is_large:
        world.github.hub.tree_entries = 6
    world.github.repository.push(
        {
            "docs/a/b": "x",
            "docs/link": Symlink("a/b"),
            "docs/outside": Symlink("/etc/passwd"),
            "way": Symlink("docs/a"),
            "lib": Submodule("1" * 40),
        }
    )
    repository = repository_of(world)
    state = repository.read([])
    with pytest.raises(PathError, match=words):
        repository.read_changed(state, {path: None})
    with pytest.raises(PathError, match=words):
        repository.apply(Plan(head=state.head, changes=(change(path, None, b"x"),), message="x"))
    assert world.writes == []


def test_the_executable_bit_stays(world: World) -> None:
    world.github.repository.push({"run.md": Executable(b"1")})
    repository = repository_of(world)
    state = repository.read(["run.md"])
    changes = (change("run.md", b"1", b"2"), change("new.md", None, b"3"))
    repository.apply(Plan(head=state.head, changes=changes, message="x"))
    held = world.github.repository
    modes = {
        path: entry.mode for path in ("run.md", "new.md") if (entry := held.entry("main", path))
    }
    assert modes == {"run.md": "100755", "new.md": "100644"}


def test_binary_files_land_as_they_are_and_are_sent_once(world: World) -> None:
    clock = FakeClock()
    repository = repository_of(world, clock)
    fonts = {f"docs/{n}.woff2": FONT + bytes([n]) for n in range(3)}
    changes = [change(path, None, data) for path, data in fonts.items()]
    changes.append(change("docs/index.html", None, "é\r\n".encode()))
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
    result = world.run(keywords=keywords, pages="never", notify="none")
    assert result.exit_code == 0
    assert world.github.repository.paths("main") == [DATA_FILE, "README.md", "papers/topic-2.md"]
    # Nothing but a signature lets a file be removed, so that each of them is read.
    assert len(world.asked) <= 8 + 12, world.asked
    assert "and 12 other files as" in result.log


def test_the_region_is_as_it_was_told(world: World) -> None:
    world.run()
    assert world.read().split(START)[0] == README.split(START)[0]
    assert world.read().split(END)[1] == README.split(END)[1]
