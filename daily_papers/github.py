"""A repository on GitHub, read and committed to through its REST API.

A commit is made as GitHub's docs on the Git database tell it: a tree on top of the old one, a
commit of it, then the branch moved there without force, which GitHub refuses when somebody else
has moved it meanwhile. Neither author nor committer is sent, so that GitHub signs the commit for
the workflow's token and shows it as *Verified*.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

import requests
from github import Auth, Github, GithubException, InputGitTreeElement
from github.Branch import Branch
from github.ContentFile import ContentFile
from github.GitCommit import GitCommit
from github.GitRef import GitRef

from daily_papers import __version__
from daily_papers.clock import Clock
from daily_papers.errors import GitHubError, LostRaceError, PathError
from daily_papers.repository import Commit, Plan, State

__all__ = ["GitHubRepository"]

TIMEOUT: Final = 30
"""Seconds to wait for GitHub's next bytes."""

BETWEEN_WRITES: Final = 1.0
"""Seconds that GitHub's docs ask for between two requests that change something."""

INLINE_BYTES: Final = 1_000_000
"""Larger files are sent as blobs of their own: a tree with much text in it times out."""

_REGULAR_FILE: Final = "100644"


class GitHubRepository:
    """One branch of a repository on GitHub.

    Args:
        name: the repository's full name, as in `octo/papers`.
        branch: the branch; empty for the default branch.
        token: authorises every request.
        api_url: GitHub's API, as in `https://api.github.com`.
        clock: keeps writes apart.
    """

    def __init__(self, name: str, branch: str, *, token: str, api_url: str, clock: Clock) -> None:
        # PyGithub would repeat a POST whose answer was lost; what is lost here is planned again.
        client = Github(
            auth=Auth.Token(token),
            base_url=api_url.rstrip("/"),
            timeout=TIMEOUT,
            retry=None,
            lazy=True,
            seconds_between_requests=None,
            seconds_between_writes=None,
            user_agent=f"daily-papers/{__version__}",
        )
        self._clock = clock
        self._name = name
        self._branch_name = branch
        self._repository = client.get_repo(name)
        self._branch: Branch | None = None

    def read(self, paths: Iterable[str]) -> State:
        """Reads the files at `paths` as they stand at the head of the branch."""
        with _errors(f"read {self._name}"):
            self._branch_name = self._branch_name or self._repository.default_branch
            self._branch = self._read_branch()
            head = self._branch.commit.sha
            return State(head=head, files={path: self._read_file(path, head) for path in paths})

    def apply(self, plan: Plan) -> Commit:
        """Makes one commit with all changes of `plan`, on top of the state it was made from."""
        branch = self._branch
        if branch is None or branch.commit.sha != plan.head:
            raise LostRaceError("the plan was made from another state than the last one read")
        with _errors(f"commit to {self._name}"):
            self._check_ways(plan)
            tree = self._repository.create_git_tree(
                [self._tree_element(change.path, change.after) for change in plan.changes],
                branch.commit.commit.tree,
            )
            self._clock.sleep(BETWEEN_WRITES)
            parent = GitCommit(self._repository.requester, {}, {"sha": plan.head}, completed=True)
            commit = self._repository.create_git_commit(plan.message, tree, [parent])
            self._clock.sleep(BETWEEN_WRITES)
            self._move_branch(commit.sha)
        return Commit(sha=commit.sha, url=commit.html_url)

    def _read_branch(self) -> Branch:
        try:
            return self._repository.get_branch(self._branch_name)
        except GithubException as error:
            if error.status == requests.codes.not_found:
                raise GitHubError(
                    f"there is no branch {self._branch_name!r} in {self._name}, or the token may "
                    "not see it",
                    "Check the input branch, and that the job has the permission contents: write.",
                ) from error
            raise

    def _read_file(self, path: str, head: str) -> bytes | None:
        try:
            found = self._repository.get_contents(path, ref=head)
        except GithubException as error:
            if error.status == requests.codes.not_found:
                return None
            raise
        if not isinstance(found, ContentFile) or found.type != "file":
            kind = "directory" if isinstance(found, list) else found.type
            raise PathError(
                f"{path} is not a file but a {kind}",
                "Name the file itself; nothing but a regular file is read or written.",
            )
        if found.encoding == "base64":
            return base64.b64decode(found.content)
        # Above 1 MB the contents come without their content (GitHub's docs, "Get repository
        # content"); a blob has up to 100 MB.
        return base64.b64decode(self._repository.get_git_blob(found.sha).content)

    def _check_ways(self, plan: Plan) -> None:
        """Refuses to write over a symbolic link or a submodule, or through one.

        Contents are read through links, and a tree is written over them; only the listing of a
        directory tells of them. It is asked for when a file is made, or changed by itself, and
        not on each day on which the same files change again.
        """
        if len(plan.changes) > 1 and all(change.before is not None for change in plan.changes):
            return
        kinds: dict[str, dict[str, str]] = {}
        for change in plan.changes:
            path = PurePosixPath(change.path)
            for place in (path, *path.parents):
                folder = place.parent.as_posix()
                if folder not in kinds:
                    kinds[folder] = self._list_folder(folder, plan.head)
                kind = kinds[folder].get(place.name, "file" if place == path else "dir")
                if place.name and kind != ("file" if place == path else "dir"):
                    raise PathError(
                        f"{change.path}: {place} is a {kind} in {self._name}",
                        "Name a regular file; nothing else is written, and no link is followed.",
                    )

    def _list_folder(self, folder: str, head: str) -> dict[str, str]:
        """Gives the kind of each entry of a folder, by name; a missing folder has none."""
        try:
            found = self._repository.get_contents("" if folder == "." else folder, ref=head)
        except GithubException as error:
            if error.status == requests.codes.not_found:
                return {}
            raise
        return {entry.name: entry.type for entry in found} if isinstance(found, list) else {}

    def _tree_element(self, path: str, data: bytes) -> InputGitTreeElement:
        if len(data) <= INLINE_BYTES:
            return InputGitTreeElement(path, _REGULAR_FILE, "blob", content=data.decode())
        blob = self._repository.create_git_blob(base64.b64encode(data).decode(), "base64")
        self._clock.sleep(BETWEEN_WRITES)
        return InputGitTreeElement(path, _REGULAR_FILE, "blob", sha=blob.sha)

    def _move_branch(self, sha: str) -> None:
        url = f"{self._repository.url}/git/refs/heads/{quote(self._branch_name)}"
        reference = GitRef(self._repository.requester, {}, {"url": url}, completed=True)
        try:
            reference.edit(sha, force=False)
        except GithubException as error:
            if error.status == requests.codes.conflict or "fast forward" in str(error.data):
                raise LostRaceError(f"{self._branch_name} has moved on meanwhile") from error
            raise


@contextmanager
def _errors(doing: str) -> Iterator[None]:
    """Turns what PyGithub raises, and what it lets through, into errors for the user."""
    try:
        yield
    except GithubException as error:
        raise _github_error(doing, error) from error
    except requests.RequestException as error:
        raise GitHubError(f"could not {doing}: GitHub could not be reached: {error}") from error


def _github_error(doing: str, error: GithubException) -> GitHubError:
    """Says what GitHub said, and what to do about it where that is known."""
    said = error.data.get("message", "") if isinstance(error.data, dict) else error.data
    message = f"could not {doing}: GitHub answered {error.status}: {said}"
    if error.status == requests.codes.unauthorized:
        return GitHubError(message, "The input github-token is not a token that GitHub knows.")
    accepted = (error.headers or {}).get("x-accepted-github-permissions")
    if error.status == requests.codes.forbidden and accepted:
        return GitHubError(
            f"{message} (it accepts: {accepted})",
            "Give the job the permission, in the workflow:\n\npermissions:\n  contents: write",
        )
    return GitHubError(message)
