"""The GitHub stand-in, as PyGithub and plain HTTP see it."""

from __future__ import annotations

import base64
import contextlib
import re
import signal
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import github
import pytest
import requests
from github import Auth, Github, InputGitTreeElement

from tests.standins import github_faults as faults
from tests.standins.git import (
    CorruptRepositoryError,
    Executable,
    GitRepository,
    NotFastForwardError,
    Submodule,
    Symlink,
)
from tests.standins.github import RULESET, GitHubStandIn
from tests.standins.openapi import OpenApiViolationError
from tests.standins.server import with_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from github.GitCommit import GitCommit
    from github.Repository import Repository

    from tests.standins.git import FileLike

TOKEN = "ghs_stand-in"
README = b"# Papers\n\nText of the user\xe2\x80\x99s own.\n"
FILES: dict[str, FileLike] = {
    "README.md": README,
    "docs/über uns.md": "Wir.\n",
    "run.sh": Executable(b"#!/bin/sh\n"),
}


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[GitHubStandIn]:
    with GitHubStandIn(tmp_path / "papers.git", files=FILES) as server:
        yield server


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[GitHubStandIn]:
    with GitHubStandIn(tmp_path / "papers.git") as server:
        yield server


def client(standin: GitHubStandIn, token: str = TOKEN, *, lazy: bool = False) -> Github:
    return Github(
        auth=Auth.Token(token),
        base_url=standin.address,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=lazy,
    )


def repository_of(standin: GitHubStandIn) -> Repository:
    return client(standin, lazy=True).get_repo("octo/papers")


def ask(
    standin: GitHubStandIn,
    method: str,
    path: str,
    json: object = None,
    *,
    token: str | None = TOKEN,
    **options: Any,
) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers.update(options.pop("headers", {}))
    url = f"{standin.address}/repos/octo/papers{path}"
    options = {"timeout": 60, "allow_redirects": False, **options}
    return requests.request(method, url, json=json, headers=headers, **options)


def refused(answer: requests.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["message"].startswith(words)
    assert answer.json()["status"] == str(status)
    assert answer.json()["documentation_url"].startswith("https://docs.github.com/rest")


def commit_by_api(
    repository: Repository, files: dict[str, str], *, branch: str = "main"
) -> GitCommit:
    head = repository.get_branch(branch).commit
    elements = [InputGitTreeElement(path, "100644", "blob", text) for path, text in files.items()]
    tree = repository.create_git_tree(elements, head.commit.tree)
    commit = repository.create_git_commit("Update", tree, [head.commit])
    move(repository, branch, commit.sha)
    return commit


def move(repository: Repository, branch: str, sha: str, *, force: bool = False) -> None:
    ref = repository.get_git_ref(f"heads/{branch}")
    assert ref.object.sha  # reading it gives the ref the address at which it can be changed
    ref.edit(sha, force=force)


# A commit


def test_a_commit_lands(standin: GitHubStandIn) -> None:
    repository = repository_of(standin)
    content = repository.get_contents("README.md", ref="main")
    assert not isinstance(content, list)
    assert content.decoded_content == README
    commit = commit_by_api(repository, {"README.md": "new\n", "data/x.json": "{}\n"})
    stored = standin.repository
    assert stored.resolve("main") == commit.sha
    assert stored.paths("main") == ["README.md", "data/x.json", "docs/über uns.md", "run.sh"]
    assert stored.read("main", "README.md") == b"new\n"
    assert [entry.message for entry in stored.log("main")] == ["Update", "Begin"]
    assert "+new" in stored.diff("main^", "main")
    entry = stored.entry("main", "run.sh")
    assert entry is not None
    assert entry.mode == "100755"


def test_github_signs_only_what_it_commits_itself(standin: GitHubStandIn) -> None:
    repository = repository_of(standin)
    own = commit_by_api(repository, {"a": "1"})
    assert (own.verification.verified, own.verification.reason) == (True, "valid")
    assert own.committer.name == "GitHub"
    assert own.author.name == "github-actions[bot]"
    somebody = github.InputGitAuthor("Somebody", "s@example.org", "2025-10-03T06:00:00Z")
    theirs = repository.create_git_commit("Mine", own.tree, [own], author=somebody)
    assert (theirs.verification.verified, theirs.verification.reason) == (False, "unsigned")
    assert theirs.committer.email == "s@example.org"
    assert theirs.author.date.year == 2025


def test_the_loser_of_a_race_is_refused_and_nothing_is_lost(standin: GitHubStandIn) -> None:
    repository = repository_of(standin)
    head = repository.get_branch("main").commit
    tree = repository.create_git_tree(
        [InputGitTreeElement("a", "100644", "blob", "1")], head.commit.tree
    )
    commit = repository.create_git_commit("Late", tree, [head.commit])
    pushed = standin.repository.push({"README.md": "theirs\n"})
    with pytest.raises(github.GithubException) as caught:
        move(repository, "main", commit.sha)
    assert caught.value.status == 422
    assert caught.value.data["message"] == "Update is not a fast forward"
    assert standin.repository.resolve("main") == pushed
    move(repository, "main", commit.sha, force=True)
    assert standin.repository.resolve("main") == commit.sha


def test_many_writers_at_once_lose_nothing(standin: GitHubStandIn) -> None:
    def write(number: int) -> None:
        repository = repository_of(standin)
        landed = False
        while not landed:
            with contextlib.suppress(github.GithubException):
                commit_by_api(repository, {f"by/{number}": "x"})
                landed = True

    with ThreadPoolExecutor() as pool:
        written = [pool.submit(write, number) for number in range(6)]
        for number in range(3):
            standin.repository.push({f"pushed/{number}": "x"})
        for future in written:
            future.result(30)
    assert len(standin.repository.log("main")) == 10
    assert len(standin.repository.paths("main")) == 12


@pytest.mark.parametrize("base", ["tree", "commit"])
def test_a_tree_is_built_upon_a_tree_or_a_commit(standin: GitHubStandIn, base: str) -> None:
    head = standin.repository.commit("main")
    blob = ask(standin, "POST", "/git/blobs", {"content": "aMOk", "encoding": "base64"}).json()
    answer = ask(
        standin,
        "POST",
        "/git/trees",
        {
            "base_tree": head.tree if base == "tree" else head.sha,
            "tree": [
                {"path": "docs/über uns.md", "mode": "100644", "type": "blob", "sha": None},
                {"path": "bin", "mode": "100644", "type": "blob", "sha": blob["sha"]},
                {"path": "link", "mode": "120000", "type": "blob", "content": "README.md"},
                {"path": "README.md/inner", "mode": "100644", "type": "blob", "content": "x"},
            ],
        },
    )
    assert answer.status_code == 201
    stored = standin.repository
    assert stored.paths(answer.json()["sha"]) == ["README.md/inner", "bin", "link", "run.sh"]
    assert stored.read(answer.json()["sha"], "bin") == b"h\xc3\xa4"


def test_folders_can_be_put_and_removed_whole(standin: GitHubStandIn) -> None:
    docs = standin.repository.entry("main", "docs")
    assert docs is not None
    head = standin.repository.commit("main").sha
    lines = [
        {"path": "docs", "mode": "040000", "type": "tree", "sha": None},
        {"path": "copy/of", "mode": "040000", "type": "tree", "sha": docs.sha},
    ]
    answer = ask(standin, "POST", "/git/trees", {"base_tree": head, "tree": lines})
    assert standin.repository.paths(answer.json()["sha"]) == [
        "README.md",
        "copy/of/über uns.md",
        "run.sh",
    ]


TREE_REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"path": "a", "mode": "100644", "sha": None}, "GitRPC::BadObjectState"),
    ({"path": "a", "mode": "100644", "sha": "1" * 40}, "tree.sha is not a valid blob"),
    ({"path": "a", "content": "x"}, "Must supply a valid tree.mode"),
    ({"path": "a", "mode": "100644"}, "Must supply either tree.sha or tree.content"),
    ({"path": "/a", "mode": "100644", "content": ""}, "tree.path contains a malformed path"),
    ({"path": "a/../b", "mode": "100644", "content": ""}, "tree.path contains a malformed path"),
    ({"path": ".git/x", "mode": "100644", "content": ""}, "tree.path contains a malformed path"),
]


@pytest.mark.parametrize("line, words", TREE_REFUSALS)
def test_a_bad_tree_is_refused(standin: GitHubStandIn, line: dict[str, Any], words: str) -> None:
    head = standin.repository.commit("main").sha
    refused(ask(standin, "POST", "/git/trees", {"base_tree": head, "tree": [line]}), 422, words)


def test_other_bad_writes_are_refused(standin: GitHubStandIn) -> None:
    head = standin.repository.commit("main")
    line = {"path": "a", "mode": "100644", "content": "x"}
    nobody = "1" * 40
    for path, body, words in [
        ("/git/trees", {"tree": []}, "Invalid tree info"),
        ("/git/trees", {"base_tree": nobody, "tree": [line]}, "base_tree is not a valid tree"),
        ("/git/commits", {"tree": nobody, "message": "m"}, "Tree SHA does not exist"),
        ("/git/commits", {"tree": head.tree}, 'Invalid request.\n\n"message" wasn\'t supplied.'),
        (
            "/git/commits",
            {"tree": head.tree, "message": "m", "parents": [nobody]},
            "Parent SHA does not exist or is not a commit object",
        ),
        ("/git/refs", {"ref": "refs/heads/main", "sha": head.sha}, "Reference already exists"),
        ("/git/refs", {"ref": "refs/heads/new", "sha": nobody}, "Object does not exist"),
        ("/git/refs", {"ref": "refs/heads/a..b", "sha": head.sha}, "refs/heads/a..b is not"),
        ("/git/refs", {"ref": "refs/heads/main/x", "sha": head.sha}, "Reference update failed"),
    ]:
        refused(ask(standin, "POST", path, body), 422, words)
    refused(ask(standin, "POST", "/git/blobs", data=b"{"), 400, "Problems parsing JSON")
    large = {**line, "content": "x" * 2_600_000}
    refused(ask(standin, "POST", "/git/trees", {"tree": [large]}), 502, "We couldn't respond")


def test_refs_are_made_moved_listed_and_removed(standin: GitHubStandIn) -> None:
    repository = repository_of(standin)
    head = standin.repository.commit("main").sha
    ref = repository.create_git_ref("refs/heads/daily-papers/update", head)
    assert [found.ref for found in repository.get_git_matching_refs("heads/daily-")] == [ref.ref]
    assert repository.get_branch("daily-papers/update").commit.sha == head
    encoded = ask(standin, "GET", "/branches/daily-papers%2Fupdate")
    assert encoded.json()["name"] == "daily-papers/update"
    ref.delete()
    refused(ask(standin, "DELETE", "/git/refs/heads/none"), 422, "Reference does not exist")
    refused(
        ask(standin, "PATCH", "/git/refs/heads/none", {"sha": head}),
        422,
        "Reference does not exist",
    )
    refused(
        ask(standin, "PATCH", "/git/refs/heads/main", {"sha": "1" * 40}),
        422,
        "Object does not exist",
    )


def test_a_protected_branch_refuses_a_direct_push(standin: GitHubStandIn) -> None:
    standin.hub.rules["main"] = RULESET
    before = standin.repository.resolve("main")
    with pytest.raises(github.GithubException) as caught:
        commit_by_api(repository_of(standin), {"a": "1"})
    assert caught.value.status == 422
    assert "Changes must be made through a pull request." in caught.value.data["message"]
    assert standin.repository.resolve("main") == before
    assert repository_of(standin).get_branch("main").protected


# Reading


def test_commits_trees_and_blobs_are_read(standin: GitHubStandIn) -> None:
    repository = repository_of(standin)
    head = commit_by_api(repository, {"README.md": "one\ntwo\n"}).sha
    commit = repository.get_commit(head)
    assert (commit.sha, commit.stats.total, commit.files[0].status) == (head, 5, "modified")
    assert "+two" in commit.files[0].patch
    assert commit.author.login == "github-actions[bot]"
    git_commit = repository.get_git_commit(head)
    assert git_commit.parents[0].sha == standin.repository.log("main")[1].sha
    tree = repository.get_git_tree("main", recursive=True)
    assert [entry.path for entry in tree.tree] == [
        "README.md",
        "docs",
        "docs/über uns.md",
        "run.sh",
    ]
    blob = repository.get_git_blob(tree.tree[0].sha)
    assert base64.b64decode(blob.content) == b"one\ntwo\n"
    plain = ask(standin, "GET", "/commits/main", headers={"Accept": "application/vnd.github.sha"})
    assert plain.text == head


def test_comparing_counts_both_ways(standin: GitHubStandIn) -> None:
    head = standin.repository.commit("main").sha
    ask(standin, "POST", "/git/refs", {"ref": "refs/heads/side", "sha": head})
    standin.repository.push({"b": "1\n"})
    standin.repository.push({"c": "1\n", "run.sh": None}, branch="side")
    comparison = repository_of(standin).compare("main", "side")
    assert (comparison.status, comparison.ahead_by, comparison.behind_by) == ("diverged", 1, 1)
    assert {file.filename: file.status for file in comparison.files} == {
        "c": "added",
        "run.sh": "removed",
    }
    refused(ask(standin, "GET", "/compare/main...none"), 404, "Not Found")


def test_changes_of_every_kind_are_told(standin: GitHubStandIn) -> None:
    stored = standin.repository
    stored.push({"long.txt": "".join(f"{n}\n" for n in range(50)), "x": "x\n", "y": "y\n"})
    old = stored.read("main", "long.txt")
    assert old is not None
    stored.push(
        {"long.txt": None, "moved.txt": old, "x": Symlink("y"), "y": b"\0\1", "run.sh": "#"}
    )
    changes = {file.filename: file for file in repository_of(standin).get_commit("main").files}
    assert {name: file.status for name, file in changes.items()} == {
        "moved.txt": "renamed",
        "run.sh": "modified",
        "x": "changed",
        "y": "modified",
    }
    assert changes["moved.txt"].previous_filename == "long.txt"


def test_what_is_missing_is_not_found_in_githubs_words(standin: GitHubStandIn) -> None:
    nobody = "1" * 40
    for path, status, words in [
        ("/branches/none", 404, "Branch not found"),
        ("/git/ref/heads/none", 404, "Not Found"),
        (f"/git/commits/{nobody}", 404, "Not Found"),
        (f"/git/trees/{nobody}", 404, "Not Found"),
        (f"/git/blobs/{nobody}", 404, "Not Found"),
        ("/commits/none", 422, "No commit found for SHA: none"),
        ("/contents/none", 404, "Not Found"),
        ("/contents/README.md/none", 404, "Not Found"),
        ("/contents/README.md?ref=none", 404, "No commit found for the ref none"),
    ]:
        refused(ask(standin, "GET", path), status, words)
    url = f"{standin.address}/repos/octo/other"
    refused(requests.get(url, headers={"Authorization": f"token {TOKEN}"}, timeout=60), 404, "Not")


def test_contents_are_files_folders_links_and_submodules(standin: GitHubStandIn) -> None:
    standin.repository.push(
        {
            "docs/to-readme": Symlink("../README.md"),
            "docs/to-nowhere": Symlink("/etc/passwd"),
            "sub": Submodule("2" * 40),
            "100% #1?.md": "odd\n",
        }
    )
    repository = repository_of(standin)
    folder = repository.get_contents("docs", ref="main")
    assert isinstance(folder, list)
    assert {item.name: item.type for item in folder} == {
        "to-nowhere": "symlink",
        "to-readme": "symlink",
        "über uns.md": "file",
    }
    assert len(ask(standin, "GET", "/contents/").json()) == 5
    assert ask(standin, "GET", "/contents/sub").json()["type"] == "submodule"
    dead = ask(standin, "GET", "/contents/docs/to-nowhere").json()
    assert (dead["type"], dead["target"]) == ("symlink", "/etc/passwd")
    followed = ask(standin, "GET", "/contents/docs/to-readme").json()
    assert (followed["type"], base64.b64decode(followed["content"])) == ("file", README)
    for path in ("docs/über uns.md", "100% #1?.md"):
        found = repository.get_contents(path, ref="main")
        assert not isinstance(found, list)
        assert found.decoded_content == standin.repository.read("main", path)


def test_a_large_file_comes_raw_or_as_a_blob_only(standin: GitHubStandIn) -> None:
    large = b"x" * (1024 * 1024 + 1)
    standin.repository.push({"large": large, "fits": large[1:]})
    answer = ask(standin, "GET", "/contents/large").json()
    assert (answer["content"], answer["encoding"], answer["size"]) == ("", "none", len(large))
    assert ask(standin, "GET", "/contents/fits").json()["encoding"] == "base64"
    for kind in ("application/vnd.github.raw+json", "application/vnd.github.v3.raw"):
        raw = ask(standin, "GET", "/contents/large", headers={"Accept": kind})
        assert raw.content == large
    blob = ask(standin, "GET", f"/git/blobs/{answer['sha']}").json()
    assert base64.b64decode(blob["content"]) == large


def test_an_empty_repository_takes_its_first_file_through_contents(empty: GitHubStandIn) -> None:
    words = "Git Repository is empty."
    for path in ("/git/ref/heads/main", "/git/matching-refs/heads", "/commits/main"):
        refused(ask(empty, "GET", path), 409, words)
    refused(ask(empty, "POST", "/git/blobs", {"content": "x"}), 409, words)
    refused(ask(empty, "GET", "/contents/README.md"), 404, "This repository is empty.")
    refused(ask(empty, "GET", "/branches/main"), 404, "Branch not found")
    repository = repository_of(empty)
    created = repository.create_file("README.md", "First", "# Papers\n")
    assert empty.repository.read("main", "README.md") == b"# Papers\n"
    assert created["commit"].sha == empty.repository.resolve("main")
    content = created["content"]
    assert content is not None
    repository.update_file("README.md", "Second", "more\n", content.sha)
    with pytest.raises(github.GithubException) as caught:
        repository.update_file("README.md", "Third", "lost\n", content.sha)
    assert caught.value.status == 409
    assert empty.repository.read("main", "README.md") == b"more\n"


# Who may do what


def test_a_wrong_token_and_a_missing_one(standin: GitHubStandIn) -> None:
    with pytest.raises(github.BadCredentialsException):
        client(standin, "ghs_wrong").get_repo("octo/papers")
    assert ask(standin, "GET", "/branches/main", token=None).ok
    body = {"content": "x"}
    refused(ask(standin, "POST", "/git/blobs", body, token=None), 401, "Requires authentication")
    standin.hub.private = True
    refused(ask(standin, "GET", "/branches/main", token=None), 404, "Not Found")


def test_a_missing_permission_is_named(standin: GitHubStandIn) -> None:
    standin.hub.permissions["contents"] = "read"
    standin.hub.permissions.pop("issues")
    for method, path, body, needed in [
        ("POST", "/git/blobs", {"content": "x"}, "contents=write"),
        ("POST", "/issues", {"title": "x"}, "issues=write"),
    ]:
        answer = ask(standin, method, path, body)
        refused(answer, 403, "Resource not accessible by integration")
        assert answer.headers["x-accepted-github-permissions"] == needed
    assert not repository_of(standin).permissions.push
    standin.hub.private = True
    assert ask(standin, "GET", "/contents/README.md").ok
    refused(ask(standin, "GET", "/issues"), 403, "Resource not accessible by integration")


def test_rate_limits_are_counted_down(standin: GitHubStandIn) -> None:
    standin.rate_limit = 2
    assert ask(standin, "GET", "").headers["x-ratelimit-remaining"] == "1"
    ask(standin, "GET", "")
    spent = ask(standin, "GET", "")
    refused(spent, 403, "API rate limit exceeded for installation ID")
    assert spent.headers["x-ratelimit-remaining"] == "0"
    assert client(standin).get_rate_limit().rate.remaining == 0


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_addresses_carry_the_host_that_was_asked(tmp_path: Path, prefix: str) -> None:
    with GitHubStandIn(tmp_path / "r.git", files=FILES, prefix=prefix) as standin:
        host = f"{standin.address.replace('127.0.0.1', 'localhost')}"
        answer = requests.get(f"{host}/repos/octo/papers/branches/main", timeout=60).json()
        assert answer["commit"]["url"].startswith(f"{host}/repos/octo/papers/commits/")
        assert commit_by_api(repository_of(standin), {"a": "1"}).sha


def test_a_renamed_branch_redirects_to_what_it_is_called_now(standin: GitHubStandIn) -> None:
    standin.hub.renamed_branches["master"] = "main"
    answer = ask(standin, "GET", "/branches/master")
    assert answer.status_code == 301
    assert answer.headers["location"] == answer.json()["url"]
    assert answer.headers["location"].startswith(f"{standin.address}/repositories/")
    assert answer.headers["location"].endswith("/branches/main")
    assert repository_of(standin).get_branch("master").name == "main"
    refused(ask(standin, "GET", "/git/ref/heads/master"), 404, "Not Found")


@pytest.mark.parametrize(
    "method,path,body",
    [
        ("POST", "/git/blobs", {"content": "x"}),
        ("POST", "/issues", {"title": "x"}),
        ("PATCH", "/git/refs/heads/main", {"sha": "0" * 40}),
    ],
)
def test_an_archived_repository_is_only_read(
    standin: GitHubStandIn, method: str, path: str, body: dict[str, str]
) -> None:
    standin.hub.archived = True
    assert repository_of(standin).archived
    assert repository_of(standin).get_branch("main").name == "main"
    refused(ask(standin, method, path, body), 403, "Repository was archived so is read-only.")


def test_a_tree_with_too_many_entries_is_cut(standin: GitHubStandIn) -> None:
    standin.hub.tree_entries = 2
    cut = ask(standin, "GET", "/git/trees/main?recursive=1").json()
    assert cut["truncated"]
    assert len(cut["tree"]) == 2
    standin.hub.tree_entries = 100
    whole = ask(standin, "GET", "/git/trees/main?recursive=1").json()
    assert not whole["truncated"]
    modes = {entry["path"]: (entry["mode"], entry["type"]) for entry in whole["tree"]}
    assert modes["run.sh"] == ("100755", "blob")
    assert modes["docs"] == ("040000", "tree")


def test_a_renamed_repository_redirects(standin: GitHubStandIn) -> None:
    standin.hub.renamed_from = "octo/old"
    repository = client(standin).get_repo("octo/old")
    assert repository.full_name == "octo/papers"
    url = f"{standin.address}/repos/octo/old/branches/main"
    answer = requests.get(url, timeout=60)
    assert [hop.status_code for hop in answer.history] == [301]
    assert answer.json()["name"] == "main"
    written = requests.post(
        f"{standin.address}/repos/octo/old/git/blobs",
        json={"content": "x"},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=60,
    )
    assert ([hop.status_code for hop in written.history], written.status_code) == ([307], 201)


# Issues, labels and comments


def test_issues_are_opened_listed_changed_and_closed(standin: GitHubStandIn) -> None:
    repository = repository_of(standin)
    issue = repository.create_issue("One", "Body", labels=["daily-papers", "New"])
    assert (issue.number, issue.user.login) == (1, "github-actions[bot]")
    assert [label.name for label in repository.get_labels()] == ["daily-papers", "New"]
    standin.open_issue("Foreign", labels=["Daily-Papers"])
    assert [found.number for found in repository.get_issues(labels=["daily-papers"])] == [2, 1]
    theirs = ask(standin, "GET", "/issues?creator=somebody").json()
    assert [found["number"] for found in theirs] == [2]
    issue.edit(state="closed", state_reason="completed", body="Other")
    assert (issue.state, issue.state_reason, issue.body) == ("closed", "completed", "Other")
    assert issue.closed_at is not None
    assert [found.number for found in repository.get_issues(state="closed")] == [1]
    issue.create_comment("Hello")
    ask(standin, "POST", "/issues/1/labels", {"labels": ["third"]})
    assert [comment.body for comment in repository.get_issue(1).get_comments()] == ["Hello"]
    assert [label.name for label in repository.get_issue(1).labels][-1] == "third"
    refused(ask(standin, "GET", "/issues/9"), 404, "Not Found")


def test_lists_come_in_pages(standin: GitHubStandIn) -> None:
    for number in range(75):
        standin.open_issue(f"Issue {number}")
    issues = repository_of(standin).get_issues(state="all")
    assert [issue.number for issue in issues] == list(range(75, 0, -1))
    answer = ask(standin, "GET", "/issues?per_page=30&page=2")
    assert sorted(answer.links) == ["first", "last", "next", "prev"]
    assert answer.links["last"]["url"].endswith("per_page=30&page=3")
    assert len(requests.get(answer.links["next"]["url"], timeout=60).json()) == 15


def test_a_body_that_is_too_long_is_refused(standin: GitHubStandIn) -> None:
    assert ask(standin, "POST", "/issues", {"title": "x", "body": "é" * 65_536}).ok
    answer = ask(standin, "POST", "/issues", {"title": "x", "body": "é" * 65_537})
    refused(answer, 422, "Validation Failed")
    error = answer.json()["errors"][0]
    assert error["message"] == "body is too long (maximum is 65536 characters)"
    refused(ask(standin, "POST", "/issues", {"title": " "}), 422, "Validation Failed")


def test_labels_without_push_access_are_dropped_in_silence(standin: GitHubStandIn) -> None:
    standin.hub.push_access = False
    assert repository_of(standin).create_issue("One", labels=["daily-papers"]).labels == []


def test_labels_are_made_once(standin: GitHubStandIn) -> None:
    repository = repository_of(standin)
    refused(ask(standin, "GET", "/labels/daily%20papers"), 404, "Not Found")
    repository.create_label("daily papers", "0e8a16", "Digests")
    assert repository.get_label("Daily Papers").color == "0e8a16"
    again = ask(standin, "POST", "/labels", {"name": "Daily papers", "color": "0e8a16"})
    refused(again, 422, "Validation Failed")
    assert again.json()["errors"] == [
        {"resource": "Label", "code": "already_exists", "field": "name"}
    ]
    refused(ask(standin, "POST", "/labels", {"name": "x", "color": "#fff"}), 422, "Validation")


def test_issues_can_be_off(standin: GitHubStandIn) -> None:
    standin.open_issue("Old")
    standin.hub.has_issues = False
    words = "Issues has been disabled in this repository."
    refused(ask(standin, "POST", "/issues", {"title": "x"}), 410, words)
    refused(ask(standin, "GET", "/issues/1"), 410, words)
    assert ask(standin, "GET", "/issues").json() == []


# Pull requests


def open_pull(standin: GitHubStandIn) -> int:
    repository = repository_of(standin)
    head = standin.repository.commit("main").sha
    repository.create_git_ref("refs/heads/update", head)
    commit_by_api(repository, {"a": "1\n"}, branch="update")
    return repository.create_pull("main", "update", title="Update", body="Body").number


def test_a_pull_request_is_opened_once_kept_and_closed(standin: GitHubStandIn) -> None:
    number = open_pull(standin)
    repository = repository_of(standin)
    pull = repository.get_pull(number)
    assert (pull.commits, pull.changed_files, pull.additions) == (1, 1, 1)
    again = ask(standin, "POST", "/pulls", {"title": "x", "head": "update", "base": "main"})
    refused(again, 422, "Validation Failed")
    assert "A pull request already exists for octo:update." in again.text
    assert [found.number for found in repository.get_pulls(head="octo:update")] == [number]
    assert list(repository.get_pulls(head="octo:other")) == []
    assert [found.number for found in repository.get_pulls(head="other")] == [number]
    pushed = standin.repository.push({"b": "1"}, branch="update")
    assert repository.get_pull(number).head.sha == pushed
    assert repository.get_issue(number).pull_request is not None
    pull.edit(title="Other", body="More", state="closed")
    assert (pull.title, pull.state, pull.merged) == ("Other", "closed", False)


def test_a_merged_pull_request_is_closed(standin: GitHubStandIn) -> None:
    number = open_pull(standin)
    merged = standin.merge(number)
    assert standin.repository.resolve("main") == merged
    pull = repository_of(standin).get_pull(number)
    assert (pull.state, pull.merged, pull.merge_commit_sha) == ("closed", True, merged)


def test_a_pull_request_whose_branch_is_gone_is_closed(standin: GitHubStandIn) -> None:
    number = open_pull(standin)
    assert ask(standin, "DELETE", "/git/refs/heads/update").status_code == 204
    assert repository_of(standin).get_pull(number).state == "closed"
    answer = ask(standin, "PATCH", f"/pulls/{number}", {"state": "open"})
    refused(answer, 422, "Validation Failed")


def test_a_bad_pull_request_is_refused(standin: GitHubStandIn) -> None:
    head = standin.repository.commit("main").sha
    ask(standin, "POST", "/git/refs", {"ref": "refs/heads/same", "sha": head})
    for body, words in [
        ({"title": "x", "head": "none", "base": "main"}, '"field": "head"'),
        ({"title": "x", "head": "same", "base": "none"}, '"field": "base"'),
        ({"title": "x", "head": "same", "base": "main"}, "No commits between main and same"),
    ]:
        answer = ask(standin, "POST", "/pulls", body)
        refused(answer, 422, "Validation Failed")
        assert words in answer.text
    standin.hub.actions_may_open_pulls = False
    answer = ask(standin, "POST", "/pulls", {"title": "x", "head": "same", "base": "main"})
    refused(answer, 403, "GitHub Actions is not permitted to create or approve pull requests.")


# Faults


def test_a_trouble_after_the_write_leaves_it_done(standin: GitHubStandIn) -> None:
    standin.troubles.append(faults.server_error(method="POST", path="/issues$"))
    assert ask(standin, "GET", "/issues").ok
    assert ask(standin, "POST", "/issues", {"title": "x"}).status_code == 502
    assert len(standin.hub.issues) == 1
    assert ask(standin, "POST", "/issues", {"title": "x"}).ok


def test_a_trouble_before_the_write_leaves_it_undone(standin: GitHubStandIn) -> None:
    standin.troubles += [
        faults.before(faults.server_error(503, method="POST", path="/issues$")),
        faults.secondary_limit(retry_after=7, method="POST", path="/issues$"),
        faults.secondary_limit(429, method="POST", path="/issues$"),
        faults.primary_limit(wait=5, clock=lambda: 100, method="POST", path="/issues$", skip=1),
    ]
    answers = [ask(standin, "POST", "/issues", {"title": "x"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [503, 403, 429, 201]
    assert answers[1].headers["retry-after"] == "7"
    assert "retry-after" not in answers[2].headers
    limited = ask(standin, "POST", "/issues", {"title": "x"})
    refused(limited, 403, "API rate limit exceeded")
    assert limited.headers["x-ratelimit-reset"] == "105"
    assert len(standin.hub.issues) == 1


def test_connections_fail_in_several_ways(standin: GitHubStandIn) -> None:
    standin.troubles += [faults.silence(5), faults.reset(), faults.truncated()]
    with pytest.raises(requests.ReadTimeout):
        ask(standin, "GET", "", timeout=0.05)
    with pytest.raises(requests.ConnectionError):
        ask(standin, "GET", "")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(standin, "GET", "")
    standin.faults.append(with_status(500))
    assert ask(standin, "GET", "").status_code == 500


# What the stand-in watches itself


def test_fsck_catches_a_broken_object(tmp_path: Path) -> None:
    standin = GitHubStandIn(tmp_path / "r.git", files=FILES).start()
    blob = standin.repository.entry("main", "README.md")
    assert blob is not None
    path = tmp_path / "r.git" / "objects" / blob.sha[:2] / blob.sha[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob 5\0other"))
    with pytest.raises(CorruptRepositoryError, match="hash"):
        standin.stop()


def test_an_endpoint_that_is_missing_fails_the_test(tmp_path: Path) -> None:
    standin = GitHubStandIn(tmp_path / "r.git", files=FILES).start()
    assert ask(standin, "GET", "/releases").status_code == 404
    with pytest.raises(NotImplementedError, match="/releases"):
        standin.stop()


def test_a_repository_moves_fast_forward_only(tmp_path: Path) -> None:
    repository = GitRepository.create(tmp_path / "r.git", {"a": "1"})
    old = repository.push({"a": "2"})
    new = repository.push({"a": "3"})
    with pytest.raises(NotFastForwardError):
        repository.fast_forward("refs/heads/main", old)
    assert repository.resolve("main") == new
    assert repository.log("none") == []
    assert repository.read("main", "none") is None
    with pytest.raises(subprocess.CalledProcessError):
        repository.push({"a": Submodule("no sha")})
    repository.fsck()


def test_exchanges_are_held_to_the_description(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    description = tmp_path / "openapi.json"
    description.write_text(
        """
        {"openapi": "3.0.3", "paths": {"/repos/{owner}/{repo}": {"get": {"parameters": [],
         "responses": {"200": {"content": {"application/json": {"schema":
         {"$ref": "#/components/schemas/repo"}}}}}}}},
         "components": {"schemas": {"repo": {"type": "object", "required": ["missing"],
         "properties": {"missing": {"type": "string", "nullable": true}}}}}}
        """,
        encoding="utf-8",
    )
    monkeypatch.setenv("DAILY_PAPERS_GITHUB_OPENAPI", str(description))
    standin = GitHubStandIn(tmp_path / "r.git", files=FILES).start()
    ask(standin, "GET", "?surprise=1")
    with pytest.raises(OpenApiViolationError) as caught:
        standin.stop()
    assert "'missing' is a required property" in str(caught.value)
    assert "surprise: the description has no such parameter" in str(caught.value)


def test_both_standins_run_by_hand(tmp_path: Path) -> None:
    folder = tmp_path / "by-hand.git"
    command = [sys.executable, "-m", "tests.standins", "--folder", str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent
    ) as process:
        assert process.stdout is not None
        told = "".join(iter(process.stdout.readline, "Ctrl-C ends both.\n"))
        address = re.findall(r"GITHUB_API_URL=(\S+)", told)[0]
        try:
            answer = requests.get(f"{address}/repos/octo/papers/contents/README.md", timeout=60)
        finally:
            process.send_signal(signal.SIGINT)
    assert answer.ok
    assert process.returncode == 0
    assert b"daily-papers:start" in (GitRepository(folder).read("main", "README.md") or b"")
