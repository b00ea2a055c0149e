"""A repository on GitHub, read and committed to through its REST API; and its issues.

A commit is made as GitHub's docs on the Git database tell it: a tree on top of the old one, a
commit of it, then the branch moved there without force, which GitHub refuses when somebody else
has moved it meanwhile. Neither author nor committer is sent, so that GitHub signs the commit for
the workflow's token and shows it as *Verified*.

The docs ask for a second between two writes where there are many. The three of a commit follow one
another at once: all that a pause between them would do is let others move the branch.
"""

from __future__ import annotations

import base64
import contextlib
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

import requests
from github import GithubException, InputGitTreeElement
from github.Branch import Branch
from github.ContentFile import ContentFile
from github.GitCommit import GitCommit
from github.GitRef import GitRef
from github.Issue import Issue as GitHubIssue

from daily_papers.errors import GitHubError, LostRaceError, PathError
from daily_papers.github.client import (
    TROUBLES,
    Connection,
    connect,
    errors,
    is_rate_limit,
    message_of,
)
from daily_papers.notify.notices import Issue, Posted
from daily_papers.publish.repository import Commit, Plan, State, as_text, blob_sha

__all__ = ["GitHubRepository", "GitHubTracker", "connect"]

BETWEEN_WRITES: Final = 1.0
"""Seconds that GitHub's docs ask for between two requests that change something."""

INLINE_BYTES: Final = 2_000_000
"""What a tree holds of its files' text at most: with some more, GitHub runs out of time. The rest
are sent as blobs of their own."""

LONGEST_LISTING: Final = 1_000
"""GitHub lists so many entries of a folder and no more (its docs, "Get repository content")."""

_FILE: Final = "100644"
"""The mode of a regular file, in git."""
_MISSING: Final = requests.codes.not_found
_REFUSALS: Final = frozenset({403, 409, 422})
"""How GitHub answers where a branch is protected, by classic rules or by rulesets."""

_RULE: Final = re.compile(r"\brules?\b|protected|review|pull request", re.IGNORECASE)
_RACE: Final = re.compile(r"fast.forward|cannot be updated|cannot lock ref", re.IGNORECASE)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What a folder's listing tells of one of its entries."""

    kind: str
    """As in `file`, `dir`, `symlink`, `submodule`."""
    sha: str
    """git's name of its content."""


_Listing = Mapping[str, _Entry]
"""A folder's entries, by name."""


class GitHubRepository:
    """One branch of a repository on GitHub.

    Args:
        connection: the way there.
        branch: the branch; empty for the default branch.
    """

    def __init__(self, connection: Connection, branch: str) -> None:
        self.connection = connection
        self._branch_name = branch
        self._branch: Branch | None = None  # None, too, while the repository is empty.
        self._failures = 0
        self._listings: dict[tuple[str, str], _Listing] = {}
        self._blobs: set[str] = set()

    @property
    def branch_name(self) -> str:
        """The branch's name; the default branch has one once it was read."""
        return self._branch_name

    def read(self, paths: Iterable[str]) -> State:
        """Reads the files at `paths` as they stand at the head of the branch."""
        with errors(f"read {self.connection.name}"):
            self._branch_name = self._branch_name or self.connection.repository.default_branch
            self._branch = self._read_branch()
        head = self._branch.commit.sha if self._branch else ""
        return self.read_more(State(head=head, files={}), paths)

    def read_more(self, state: State, paths: Iterable[str]) -> State:
        """Gives `state` with the files at `paths`, too, as they were at its moment."""
        found = {path: self.read_file(path, state.head) if state.head else None for path in paths}
        return replace(state, files={**state.files, **found})

    def identify(self, state: State, paths: Iterable[str]) -> State:
        """Gives `state` with git's names of the files at `paths`, too: a request for a folder."""
        shas = {path: self._identify(path, state.head) if state.head else None for path in paths}
        return replace(state, shas={**state.shas, **shas})

    def read_file(self, path: str, revision: str) -> bytes | None:
        """Reads one file as it is at a revision."""
        with errors(f"read {path} in {self.connection.name}"):
            return self._read_file(path, revision)

    def apply(self, plan: Plan) -> Commit | None:
        """Makes one commit with all changes of `plan`, on top of the state it was made from."""
        if not plan.changes:
            return None
        with _names_the_way_out(), self.writing(f"commit to {self.connection.name}"):
            return self._land(plan) if plan.head else self._begin(plan)

    # What a pull request needs as well

    def commit(self, plan: Plan, message: str, *, mark: str = "") -> Commit:
        """Makes a commit of `plan` that no branch knows of yet.

        Args:
            plan: the changes, and what they are on top of.
            message: the commit's message.
            mark: begins a trailer of the message, which ends with the name of the tree.
        """
        branch = self._branch
        if branch is None or branch.commit.sha != plan.head:
            raise LostRaceError("the plan was made from another state than the last one read")
        self._check_ways(plan)
        repository = self.connection.repository
        elements = self._tree_elements(plan)
        tree = repository.create_git_tree(elements, branch.commit.commit.tree)
        if mark:
            message = f"{message}\n\n{mark} {tree.sha}"
        parent = GitCommit(repository.requester, {}, {"sha": plan.head}, completed=True)
        return _made(repository.create_git_commit(message, tree, [parent]))

    def reference(self, branch: str) -> GitRef:
        """Gives a branch as what can be moved and deleted; nothing is asked of GitHub."""
        repository = self.connection.repository
        url = f"{repository.url}/git/refs/heads/{quote(branch)}"
        return GitRef(repository.requester, {}, {"url": url}, completed=True)

    @contextmanager
    def writing(self, doing: str) -> Iterator[None]:
        """Guards what writes: it is never made again as it is, but planned again.

        Raises:
            LostRaceError: GitHub did not answer, and may have done it; or it was too busy.
            GitHubError: GitHub refused, or has been silent too often.
        """
        with errors(doing):
            try:
                yield
            except TROUBLES as error:
                self._failures += 1
                if self.connection.patience.waits(error, self._failures):
                    raise LostRaceError(f"could not {doing}: {message_of(error)}") from error
                raise

    # Reading

    def _read_branch(self) -> Branch | None:
        """Reads the branch; an empty repository has none."""
        try:
            branch = self.connection.repository.get_branch(self._branch_name)
        except GithubException as error:
            if error.status != _MISSING:
                raise
            if self._read_head() == "":
                return None
            raise GitHubError(
                f"there is no branch {self._branch_name!r} in {self.connection.name}, or the token "
                "may not see it",
                "Check the input branch, and that the job has the permission contents: write.",
            ) from error
        self.connection.follow(branch.commit.url)
        return branch

    def _read_head(self) -> str | None:
        """Reads where the branch stands: nowhere (`None`), or `""` in an empty repository."""
        try:
            name = f"heads/{self._branch_name}"
            return self.connection.repository.get_git_ref(name).object.sha
        except GithubException as error:
            if error.status == requests.codes.conflict:
                return ""
            if error.status == _MISSING:
                return None
            raise

    def _read_file(self, path: str, revision: str) -> bytes | None:
        try:
            found = self.connection.repository.get_contents(path, ref=revision)
        except GithubException as error:
            if error.status == _MISSING:
                return None
            raise
        if not isinstance(found, ContentFile) or found.type != "file":
            raise _not_a_file(path, "dir" if isinstance(found, list) else found.type)
        if found.encoding == "base64":
            return base64.b64decode(found.content)
        # Above 1 MB the contents come without their content (GitHub's docs, "Get repository
        # content"); a blob has up to 100 MB.
        return base64.b64decode(self.connection.repository.get_git_blob(found.sha).content)

    def _identify(self, path: str, head: str) -> str | None:
        """Gives git's name of one file's content."""
        place = PurePosixPath(path)
        with errors(f"look for {path} in {self.connection.name}"):
            listing = self._list_folder(place.parent.as_posix(), head)
        if place.name not in listing and len(listing) >= LONGEST_LISTING:
            data = self.read_file(path, head)
            return None if data is None else blob_sha(data)
        found = listing.get(place.name)
        if found and found.kind != "file":
            raise _not_a_file(path, found.kind)
        return found.sha if found else None

    def _check_ways(self, plan: Plan) -> None:
        """Refuses to write over a symbolic link or a submodule, or through one.

        Contents are read through links, and a tree is written over them; only the listing of a
        directory tells of them. It is asked for when a file is made, or changed by itself, and
        not on each day on which the same files change again.
        """
        known = (change.before is not None or change.is_vouched for change in plan.changes)
        if len(plan.changes) > 1 and all(known):
            return
        for change in plan.changes:
            path = PurePosixPath(change.path)
            for place in (path, *path.parents):
                found = self._list_folder(place.parent.as_posix(), plan.head).get(place.name)
                if found and found.kind != ("file" if place == path else "dir"):
                    raise PathError(
                        f"{change.path}: {place} is a {found.kind} in {self.connection.name}",
                        "Name a regular file; nothing else is written, and no link is followed.",
                    )

    def _list_folder(self, folder: str, head: str) -> _Listing:
        """Lists a folder, once for each commit; a missing one has no entries."""
        if (folder, head) not in self._listings:
            self._listings[folder, head] = self._read_listing("" if folder == "." else folder, head)
        return self._listings[folder, head]

    def _read_listing(self, path: str, head: str) -> _Listing:
        try:
            found = self.connection.repository.get_contents(path, ref=head)
        except GithubException as error:
            if error.status == _MISSING:
                return {}
            raise
        # A submodule is listed as a file without a download (GitHub's docs, same place).
        entries = found if isinstance(found, list) else []
        return {
            entry.name: _Entry(
                kind="submodule" if entry.type == "file" and not entry.download_url else entry.type,
                sha=entry.sha,
            )
            for entry in entries
        }

    # Writing

    def _land(self, plan: Plan) -> Commit:
        """Makes a commit of `plan` and moves the branch to it, unless somebody else was faster.

        Whatever goes wrong, it is the branch that tells what has happened.
        """
        made = None
        try:
            made = self.commit(plan, plan.message)
            self.reference(self._branch_name).edit(made.sha, force=False)
        except TROUBLES as error:
            now = self._read_head()
            if made and now == made.sha:
                return made
            if now != plan.head or _is_race(error):
                raise LostRaceError(f"{self._branch_name} has moved on meanwhile") from error
            raise
        return made

    def _begin(self, plan: Plan) -> Commit:
        """Makes the first commit of an empty repository.

        Its Git database takes nothing yet; only the contents endpoint can begin it, with one file.
        The other files follow in a second commit.
        """
        first, *others = plan.changes
        try:
            self.connection.repository.create_file(
                first.path, plan.message, first.after or b"", branch=self._branch_name
            )
        except TROUBLES as error:
            if self._read_head():
                raise LostRaceError(f"{self._branch_name} has begun meanwhile") from error
            raise
        self._branch = begun = self._read_branch()
        if begun is None:
            raise LostRaceError(f"{self._branch_name} has vanished meanwhile")
        if others:
            return self._land(replace(plan, head=begun.commit.sha, changes=tuple(others)))
        return Commit(sha=begun.commit.sha, url=begun.commit.html_url)

    def _tree_elements(self, plan: Plan) -> list[InputGitTreeElement]:
        """Gives what a tree is told of each file.

        It only names what lies in blobs: the largest files, and those that are not text.
        """
        inline = 0
        elements = []
        for change in sorted(plan.changes, key=lambda change: len(change.after or b"")):
            element = partial(InputGitTreeElement, change.path, _FILE, "blob")
            if change.after is None:
                elements.append(element(sha=None))
                continue
            text = as_text(change.after)
            inline += len(change.after) if text is not None else 0
            if text is not None and inline <= INLINE_BYTES:
                elements.append(element(content=text))
            else:
                elements.append(element(sha=self._make_blob(change.after)))
        return elements

    def _make_blob(self, data: bytes) -> str:
        """Sees to it that GitHub has a blob with `data`, and gives its name.

        What was sent once is there when the same is planned again after a lost race.
        """
        sha = blob_sha(data)
        if sha not in self._blobs:
            if self._blobs:
                self.connection.clock.sleep(BETWEEN_WRITES)
            content = base64.b64encode(data).decode()
            self.connection.repository.create_git_blob(content, "base64")
            self._blobs.add(sha)
        return sha


def _not_a_file(path: str, kind: str) -> PathError:
    return PathError(
        f"{path} is not a file but a {'directory' if kind == 'dir' else kind}",
        "Name the file itself; nothing but a regular file is read or written.",
    )


def _is_race(error: Exception) -> bool:
    """Tells a conflict with somebody who was faster from one with a rule; both may be 409."""
    if not isinstance(error, GithubException) or _RULE.search(message_of(error)):
        return False
    return error.status == requests.codes.conflict or bool(_RACE.search(message_of(error)))


def _made(commit: GitCommit) -> Commit:
    """Gives a commit that was just made, and logs what GitHub says of its signature."""
    _log.info("Commit %s, signature: %s", commit.sha[:7], commit.verification.reason)
    return Commit(sha=commit.sha, url=commit.html_url)


@contextmanager
def _names_the_way_out() -> Iterator[None]:
    """Adds to a refusal of GitHub's what to do where the branch may not be pushed to."""
    try:
        yield
    except GitHubError as error:
        cause = error.__cause__
        if not isinstance(cause, GithubException) or cause.status not in _REFUSALS:
            raise
        if is_rate_limit(cause):
            raise
        way = (
            "If rules keep the branch from being pushed to, set publish: pull-request, and give "
            "the job the permission pull-requests: write."
        )
        raise type(error)(error.message, f"{error.hint}\n\n{way}".strip()) from cause


class GitHubTracker:
    """The issues of a repository on GitHub, as far as they are ours.

    Ours end with a hidden comment that holds their key.

    Args:
        connection: the way to the repository.
        marker: the name of the region whose papers the issues tell of.
        site: GitHub's web site, as in `https://github.com`.
    """

    def __init__(self, connection: Connection, marker: str, *, site: str) -> None:
        self._repository = connection.repository
        self._clock = connection.clock
        self._site = f"{site.rstrip('/')}/{connection.name}"
        self._issues: dict[int, GitHubIssue] = {}
        self.owner = f"{connection.name}:{marker}"

    def page_url(self, path: str, revision: str) -> str:
        """Gives the address of a file as it is at a revision."""
        return f"{self._site}/blob/{revision}/{quote(path)}"

    def hidden(self, key: str) -> str:
        """Gives the comment by which `posted` knows an issue again."""
        return f"<!-- {key} -->"

    def posted(self, label: str) -> list[Posted]:
        """Lists our own issues among the latest hundred with `label`, newest first."""
        with errors("list issues"):
            issues = self._repository.get_issues(
                labels=[label], state="all", sort="created", direction="desc"
            )
            found = [self._posted(issue) for issue in issues.get_page(0)]
            if not found:
                self._make_label(label)
        return [posted for posted in found if posted]

    def open(self, issue: Issue) -> int:
        """Opens an issue, and gives its number."""
        with errors("open an issue"):
            self._clock.sleep(BETWEEN_WRITES)
            made = self._repository.create_issue(
                issue.title, body=issue.body, labels=list(issue.labels)
            )
        return made.number

    def close(self, number: int) -> None:
        """Closes an issue as completed."""
        with errors("close an issue"):
            self._clock.sleep(BETWEEN_WRITES)
            self._issues[number].edit(state="closed", state_reason="completed")

    def _posted(self, issue: GitHubIssue) -> Posted | None:
        """Gives what is known of an issue, if it is one of ours."""
        self._issues[issue.number] = issue
        last_line = (issue.body or "").rstrip().rpartition("\n")[2]
        key = re.fullmatch(r"<!-- (\S+) -->", last_line)
        if key is None or not key[1].startswith(f"{self.owner}:"):
            return None
        return Posted(number=issue.number, key=key[1], is_open=issue.state == "open")

    def _make_label(self, label: str) -> None:
        """Makes the label, where it is missing, in arXiv's red."""
        with contextlib.suppress(*TROUBLES):  # An issue's labels are made with it, too.
            self._repository.create_label(label, "b31b1b", "New papers on arXiv")
