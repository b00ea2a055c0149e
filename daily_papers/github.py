"""A repository on GitHub, read and committed to through its REST API.

A commit is made as GitHub's docs on the Git database tell it: a tree on top of the old one, a
commit of it, then the branch moved there without force, which GitHub refuses when somebody else
has moved it meanwhile. Neither author nor committer is sent, so that GitHub signs the commit for
the workflow's token and shows it as *Verified*.
"""

from __future__ import annotations

import base64
import contextlib
import re
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
from github.Issue import Issue as GitHubIssue
from github.Repository import Repository

from daily_papers import __version__
from daily_papers.clock import Clock
from daily_papers.errors import GitHubError, LostRaceError, NotAllowedError, PathError
from daily_papers.notify import Issue, Posted
from daily_papers.repository import Commit, Plan, State

__all__ = ["GitHubRepository", "GitHubTracker", "connect"]

TIMEOUT: Final = 30
"""Seconds to wait for GitHub's next bytes."""

BETWEEN_WRITES: Final = 1.0
"""Seconds that GitHub's docs ask for between two requests that change something."""

INLINE_BYTES: Final = 1_000_000
"""Larger files are sent as blobs of their own: a tree with much text in it times out."""

_REGULAR_FILE: Final = "100644"


def connect(name: str, *, token: str, api_url: str) -> Repository:
    """Gives the repository `name`; nothing is asked of GitHub before it is used.

    Args:
        name: the repository's full name, as in `octo/papers`.
        token: authorises every request.
        api_url: GitHub's API, as in `https://api.github.com`.
    """
    # PyGithub would repeat a POST whose answer was lost, and so open an issue twice. What is lost
    # here is looked for, or planned again.
    client = Github(
        auth=Auth.Token(token),
        base_url=api_url.rstrip("/"),
        timeout=TIMEOUT,
        retry=None,
        lazy=True,
        per_page=100,
        seconds_between_requests=None,
        seconds_between_writes=None,
        user_agent=f"daily-papers/{__version__}",
    )
    return client.get_repo(name)


class GitHubRepository:
    """One branch of a repository on GitHub.

    Args:
        repository: the repository.
        name: its full name, for messages.
        branch: the branch; empty for the default branch.
        clock: keeps writes apart.
    """

    def __init__(self, repository: Repository, name: str, branch: str, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock
        self._name = name
        self._branch_name = branch
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


class GitHubTracker:
    """The issues of a repository on GitHub, as far as they are ours.

    Ours begin with a hidden comment that holds their key.

    Args:
        repository: the repository.
        name: its full name, as in `octo/papers`.
        marker: the name of the region whose papers the issues tell of.
        clock: keeps writes apart.
        site: GitHub's web site, as in `https://github.com`.
    """

    def __init__(
        self, repository: Repository, name: str, marker: str, clock: Clock, *, site: str
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._site = f"{site.rstrip('/')}/{name}"
        self._issues: dict[int, GitHubIssue] = {}
        self.owner = f"{name}:{marker}"

    def page_url(self, path: str, revision: str) -> str:
        """Gives the address of a file as it is at a revision."""
        return f"{self._site}/blob/{revision}/{quote(path)}"

    def hidden(self, key: str) -> str:
        """Gives the comment by which `posted` knows an issue again."""
        return f"<!-- {key} -->"

    def posted(self, label: str) -> list[Posted]:
        """Lists our own issues among the latest hundred with `label`, newest first."""
        with _errors("list issues"):
            issues = self._repository.get_issues(
                labels=[label], state="all", sort="created", direction="desc"
            )
            found = [self._posted(issue) for issue in issues.get_page(0)]
            if not found:
                self._make_label(label)
        return [posted for posted in found if posted]

    def open(self, issue: Issue) -> int:
        """Opens an issue, and gives its number."""
        with _errors("open an issue"):
            self._clock.sleep(BETWEEN_WRITES)
            made = self._repository.create_issue(
                issue.title, body=issue.body, labels=list(issue.labels)
            )
        return made.number

    def close(self, number: int) -> None:
        """Closes an issue as completed."""
        with _errors("close an issue"):
            self._clock.sleep(BETWEEN_WRITES)
            self._issues[number].edit(state="closed", state_reason="completed")

    def _posted(self, issue: GitHubIssue) -> Posted | None:
        """Gives what is known of an issue, if it is one of ours."""
        self._issues[issue.number] = issue
        first_line = (issue.body or "").partition("\n")[0].strip()
        key = re.fullmatch(r"<!-- (\S+) -->", first_line)
        if key is None or not key[1].startswith(f"{self.owner}:"):
            return None
        return Posted(number=issue.number, key=key[1], is_open=issue.state == "open")

    def _make_label(self, label: str) -> None:
        """Makes the label, where it is missing, in arXiv's red."""
        with contextlib.suppress(GithubException):  # An issue's labels are made with it, too.
            self._repository.create_label(label, "b31b1b", "New papers on arXiv")


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
    accepted = (error.headers or {}).get("x-accepted-github-permissions")
    if error.status == requests.codes.unauthorized:
        return GitHubError(message, "The input github-token is not a token that GitHub knows.")
    if error.status == requests.codes.gone:
        return NotAllowedError(
            message, "Turn issues on in the repository's settings, or set notify: none."
        )
    if error.status == requests.codes.forbidden and accepted:
        lines = "\n".join(
            f"  {item.strip().replace('=', ': ')}" for item in accepted.split(";")[0].split(",")
        )
        return NotAllowedError(
            f"{message} (it accepts: {accepted})",
            f"Give the job the permission, in the workflow:\n\npermissions:\n{lines}",
        )
    return GitHubError(message)
