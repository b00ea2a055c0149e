"""A repository on GitHub, read and committed to through its REST API.

A commit is made as GitHub's docs on the Git database tell it: a tree on top of the old one, a
commit of it, then the branch moved there without force, which GitHub refuses when somebody else
has moved it meanwhile (https://docs.github.com/rest/guides/using-the-rest-api-to-interact-with-your-git-database).
Neither author nor committer is sent, so that GitHub signs the commit for the workflow's token and
shows it as *Verified*.

The docs ask for a second between two writes where there are many. The three of a commit follow one
another at once: all that a pause between them would do is let others move the branch.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Final

from github import InputGitTreeElement
from github.ContentFile import ContentFile
from github.GitCommit import GitCommit
from github.GitTree import GitTree

from daily_papers.errors import GitHubError, LostRaceError, NotAllowedError, PathError
from daily_papers.github.client import Connection
from daily_papers.github.failures import TROUBLES, NoAnswerError, RefusalError, errors
from daily_papers.github.tree import REGULAR, Tree
from daily_papers.publish.repository import (
    Commit,
    Plan,
    State,
    as_text,
    blob_sha,
    refuse_lfs_pointer,
)

__all__ = ["BETWEEN_WRITES", "GitHubRepository"]

BETWEEN_WRITES: Final = 1.0
"""Seconds that GitHub's docs ask for between two requests that change something."""

INLINE_BYTES: Final = 2_000_000
"""What a tree holds of its files' text at most: with some more, GitHub runs out of time. The rest
are sent as blobs of their own."""

PROBE: Final = b"Daily Papers\n"
"""A blob that nothing refers to: to make it takes the permission that a commit takes, and it is in
nobody's way."""

_MISSING: Final = HTTPStatus.NOT_FOUND
_REFUSALS: Final = frozenset({403, 409, 422})
"""How GitHub answers where a branch is protected, by classic rules or by rulesets."""

_RULE: Final = re.compile(r"\brules?\b|protected|review|pull request", re.IGNORECASE)
_RACE: Final = re.compile(r"fast.forward|cannot be updated|cannot lock ref", re.IGNORECASE)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The commit that the branch leads to."""

    sha: str
    url: str
    """Where GitHub shows it."""
    tree: Tree
    tree_sha: str


class GitHubRepository:
    """One branch of a repository on GitHub.

    Args:
        connection: the way there.
        branch: the branch; empty for the default branch.
    """

    def __init__(self, connection: Connection, branch: str) -> None:
        self.connection = connection
        self._branch_name = branch
        self._head: _Head | None = None  # None, too, while the repository is empty.
        self._failures = 0
        self._blobs: set[str] = set()

    @property
    def branch_name(self) -> str:
        """The branch's name; the default branch has one once it was read."""
        return self._branch_name

    def read(self, paths: Iterable[str]) -> State:
        """Reads the files at `paths` as they are at the head of the branch.

        GitHub has been seen to answer 404 for a file that is there. So a file that it does not
        find is looked for once more, in the tree of the commit; whoever lacks a file is about to
        commit one, and needs the tree then.
        """
        with errors(f"read {self.connection.name}"):
            self._branch_name = self._branch_name or self.connection.repository.default_branch
            self._head = head = self._read_branch()
        if head is None:
            return State(head="", files=dict.fromkeys(paths))
        files = {path: self.read_file(path, head.sha) for path in paths}
        for path, data in files.items():
            if data is None:
                with errors(f"look for {path} in {self.connection.name}"):
                    entry = head.tree.find(path)
                    files[path] = self._read_blob(entry.sha) if entry else None
        return State(head=head.sha, files=files)

    def read_changed(self, state: State, shas: Mapping[str, str | None]) -> State:
        """Looks for all files in the commit's tree, and reads those that are not as expected."""
        names: dict[str, str | None] = dict.fromkeys(shas)
        changed: dict[str, bytes | None] = {}
        with errors(f"look for files in {self.connection.name}"):
            for path, expected in shas.items():
                entry = self._at(state.head).tree.find(path) if state.head else None
                names[path] = sha = entry.sha if entry else None
                if path in state.files and sha != _sha(state.files[path]):
                    raise LostRaceError(f"{path} is not what was read before")
                if sha != expected:
                    changed[path] = self._read_blob(sha) if sha else None
        return replace(state, shas={**state.shas, **names}, files={**state.files, **changed})

    def names(self, state: State, folders: Iterable[str]) -> dict[str, list[str]]:
        """Returns the names of the files in each of some folders; the empty one is the top."""
        with errors(f"look for files in {self.connection.name}"):
            tree = self._at(state.head).tree if state.head else None
            return {folder: tree.names(folder) if tree else [] for folder in folders}

    def read_file(self, path: str, revision: str) -> bytes | None:
        """Reads one file as it is at a revision; `None` where there is none."""
        with errors(f"read {path} in {self.connection.name}"):
            return self._read_file(path, revision)

    def check_access(self) -> None:
        """Makes sure that the token may commit to the repository.

        What the repository's `permissions` say does not hold for the token of a workflow. So a
        blob is made, as every commit needs them. Rules that protect the branch are found out only
        by moving it.
        """
        if self._head is None:  # An empty repository takes no blobs.
            return
        try:
            with errors(f"write to {self.connection.name}"):
                self._make_blob(PROBE)
        except GitHubError as error:
            cause = error.__cause__
            if isinstance(cause, RefusalError) and cause.is_final:
                raise
            _log.info("Whether the token may write could not be looked at: %s", error.message)

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
        head = self._at(plan.head)
        repository = self.connection.repository
        base = GitTree(repository.requester, {}, {"sha": head.tree_sha}, completed=True)
        tree = repository.create_git_tree(self._tree_elements(plan, head.tree), base)
        if mark:
            message = f"{message}\n\n{mark} {tree.sha}"
        parent = GitCommit(repository.requester, {}, {"sha": head.sha}, completed=True)
        made = repository.create_git_commit(message, tree, [parent])
        if made.verification and made.verification.reason:
            _log.info("Commit %s, signature: %s", made.sha[:7], made.verification.reason)
        return Commit(sha=made.sha, url=made.html_url)

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
                    raise LostRaceError(f"could not {doing}: {error}") from error
                raise

    # Reading

    def _at(self, sha: str) -> _Head:
        """Returns the head that was read last, if it is the commit `sha`."""
        if self._head is None or self._head.sha != sha:
            raise LostRaceError("the plan was made from another state than the last one read")
        return self._head

    def _read_branch(self) -> _Head | None:
        """Reads the branch; an empty repository has none."""
        asked, repository = self._branch_name, self.connection.repository
        try:
            branch = repository.get_branch(asked)
        except RefusalError as error:
            if error.status != _MISSING:
                raise
            head = self._read_head()
            if head == "":
                return None
            if head is None:
                raise GitHubError(
                    f"there is no branch {asked!r} in {self.connection.name} on GitHub, or the "
                    "token may not see it",
                    "Check the input branch, and that the job has the permission contents: write.",
                ) from error
            branch = repository.get_branch(asked)  # It is there, after all.
        if branch.name != asked:
            # GitHub redirects from a branch that was renamed, and from a missing `master`:
            # https://github.com/github/rest-api-description/issues/7096
            raise GitHubError(
                f"{asked} is now {branch.name} in {self.connection.name}",
                f"Set branch: {branch.name} where the workflow says branch: {asked}",
            )
        commit = branch.commit
        self.connection.follow_rename(commit.url)
        tree = commit.commit.tree.sha
        return _Head(
            sha=commit.sha,
            url=commit.html_url,
            tree=Tree(self.connection, tree),
            tree_sha=tree,
        )

    def _read_head(self) -> str | None:
        """Returns where the branch leads; `None` for nowhere, `""` in an empty repository."""
        try:
            name = f"heads/{self._branch_name}"
            return self.connection.repository.get_git_ref(name).object.sha
        except RefusalError as error:
            if error.status == HTTPStatus.CONFLICT:
                return ""
            if error.status == _MISSING:
                return None
            raise

    def _read_file(self, path: str, revision: str) -> bytes | None:
        try:
            found = self.connection.repository.get_contents(path, ref=revision)
        except RefusalError as error:
            if error.status == _MISSING:
                return None
            raise
        if isinstance(found, list) or found.type != "file":
            raise PathError(
                f"{path} is a {_kind(found, path)} in {self.connection.name}",
                "Name a regular file; nothing else is read or written.",
            )
        # Above 1 MB, contents come without their content; a blob has up to 100 MB.
        # https://docs.github.com/rest/repos/contents#get-repository-content
        if found.encoding == "base64" and found.content is not None:
            return refuse_lfs_pointer(path, _decoded(found.content))
        return self._read_blob(found.sha)

    def _read_blob(self, sha: str) -> bytes:
        return _decoded(self.connection.repository.get_git_blob(sha).content)

    # Writing

    def _land(self, plan: Plan) -> Commit:
        """Makes a commit of `plan` and moves the branch to it, unless somebody else was faster.

        Whatever goes wrong, it is the branch that tells what has happened.
        """
        made = None
        try:
            made = self.commit(plan, plan.message)
            self.connection.reference(self._branch_name).edit(made.sha, force=False)
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
        self._head = begun = self._read_branch()
        if begun is None:
            raise LostRaceError(f"{self._branch_name} has vanished meanwhile")
        if others:
            return self._land(replace(plan, head=begun.sha, changes=tuple(others)))
        return Commit(sha=begun.sha, url=begun.url)

    def _tree_elements(self, plan: Plan, tree: Tree) -> list[InputGitTreeElement]:
        """Returns what a tree is told of each file, which keeps the mode that it has.

        It only names what is in blobs: the largest files, and those that are not text.
        """
        inline = 0
        elements = []
        for change in sorted(plan.changes, key=lambda change: len(change.after or b"")):
            entry = tree.find(change.path)
            mode = entry.mode if entry else REGULAR
            element = partial(InputGitTreeElement, change.path, mode, "blob")
            if change.after is None:
                if entry:  # GitHub refuses to remove what is not there.
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
        """Sees to it that GitHub has a blob with `data`, and returns its name.

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


def _kind(found: ContentFile | list[ContentFile], path: str) -> str:
    """Returns what the contents at a path are, where they are no file."""
    if not isinstance(found, list):
        return found.type.replace("symlink", "symbolic link")
    if not found[0].path.startswith(f"{path}/"):
        raise NoAnswerError(f"what GitHub gives as the folder {path} is none")
    return "directory"


def _decoded(content: str) -> bytes:
    """Returns the content of a file or a blob."""
    try:
        return base64.b64decode(content)
    except ValueError as error:
        raise NoAnswerError("what GitHub gives as the content of a file is no Base64") from error


def _sha(data: bytes | None) -> str | None:
    return None if data is None else blob_sha(data)


def _is_race(error: Exception) -> bool:
    """Whether this is a conflict with somebody who was faster, not with a rule; both may be 409."""
    if not isinstance(error, RefusalError) or _RULE.search(error.words):
        return False
    return error.status == HTTPStatus.CONFLICT or bool(_RACE.search(error.words))


@contextmanager
def _names_the_way_out() -> Iterator[None]:
    """Adds to a refusal of GitHub's what to do where the branch may not be pushed to."""
    try:
        yield
    except NotAllowedError:
        raise
    except GitHubError as error:
        cause = error.__cause__
        if not isinstance(cause, RefusalError) or cause.status not in _REFUSALS:
            raise
        if cause.is_rate_limit:
            raise
        way = (
            "If rules keep the branch from being pushed to, set publish: pull-request, and give "
            "the job the permission pull-requests: write."
        )
        raise GitHubError(error.message, f"{error.hint}\n\n{way}".strip()) from cause
