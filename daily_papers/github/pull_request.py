"""Changes that are proposed by a pull request, where rules keep the branch from being pushed to.

Every run plans on top of the branch as it is, and proposes all that it lacks by one commit: so what
is proposed can always be merged, and the pull request tells what merging it brings. What the last
proposal knew is known, whether it was merged or not: its papers are not new once more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from github.Comparison import Comparison
from github.PullRequest import PullRequest

from daily_papers.errors import GitHubError
from daily_papers.github.failures import RefusalError
from daily_papers.github.repository import BETWEEN_WRITES, GitHubRepository
from daily_papers.publish.repository import Commit, Plan, State, blob_sha

__all__ = ["PullRequestRepository", "branch_of"]

MAX_TITLE: Final = 256
"""GitHub refuses a longer title."""

_log = logging.getLogger(__name__)


def branch_of(marker: str) -> str:
    """Returns the name of the branch on which a marker's changes are proposed."""
    return f"{marker}/update"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    """What the branch of the pull request has, and its base has not."""

    sha: str
    url: str
    foreign: str
    """A commit that somebody else made; empty where all are ours."""
    files: Mapping[str, str | None]
    """The name of each changed file's blob, by path; `None` where the file is removed."""


class PullRequestRepository:
    """A branch that is read, and to which changes are proposed by one pull request.

    Args:
        base: the branch.
        marker: names the branch of the pull request, and our commits.
        data_file: holds what the last proposal knew.
    """

    def __init__(self, base: GitHubRepository, marker: str, data_file: str | None) -> None:
        self._base = base
        self._branch = branch_of(marker)
        self._mark = f"Daily-Papers: {marker}"
        self._data_file = data_file

    def read(self, paths: Iterable[str]) -> State:
        """Reads the files at `paths` in the base, and the data file of the last proposal."""
        state = self._base.read(paths)
        if not self._data_file or not state.head:
            return state
        data = self._base.read_file(self._data_file, self._branch)
        return replace(state, proposed={self._data_file: data})

    def read_changed(self, state: State, shas: Mapping[str, str | None]) -> State:
        """Returns `state` with what is at the paths of `shas` in the base."""
        return self._base.read_changed(state, shas)

    def names(self, state: State, folders: Iterable[str]) -> dict[str, list[str]]:
        """Returns the names of the files in each of some folders of the base."""
        return self._base.names(state, folders)

    def check_access(self) -> None:
        """Makes sure that the token may commit to a branch of the repository."""
        self._base.check_access()

    def apply(self, plan: Plan) -> Commit | None:
        """Proposes the changes of `plan`, and withdraws the last proposal where there are none.

        Returns:
            The proposal, which may be of an earlier run.
        """
        if not plan.head:  # Nothing can be proposed to an empty repository.
            return self._base.apply(plan)
        with self._base.writing(f"propose changes to {self._base.connection.name}"):
            last = self._read_proposal(plan.head)
            if not plan.changes:
                self._withdraw(last)
                return None
            commit = self._propose(plan, last)
            url = self._open_or_update(plan, commit)
        return replace(commit, pull_request_url=url)

    def _read_proposal(self, head: str) -> _Proposal | None:
        """Compares the pull request's branch with its base, if there is such a branch."""
        try:
            found = self._base.connection.repository.compare(head, self._branch).complete()
        except RefusalError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            if "common ancestor" not in error.words:
                return None
            raise self._not_ours("another history") from error
        commits = list(found.commits)
        foreign = (
            commit.sha[:7]
            for commit in commits
            if not commit.commit.message.rstrip().endswith(f"{self._mark} {commit.commit.tree.sha}")
        )
        return _Proposal(
            sha=commits[-1].sha if commits else head,
            url=commits[-1].html_url if commits else "",
            foreign=next(foreign, ""),
            files=_files(found),
        )

    def _not_ours(self, what: str) -> GitHubError:
        """Says why nothing is proposed, and what to do."""
        return GitHubError(
            f"the branch {self._branch} has {what}, which this action did not make",
            "Nothing was changed there. Merge its pull request, or delete the branch; the next run "
            "makes it anew.",
        )

    def _propose(self, plan: Plan, last: _Proposal | None) -> Commit:
        """Sees to it that the branch holds the changes of `plan`, and nothing else.

        Raises:
            GitHubError: somebody else has committed to it.
        """
        if last and last.foreign:
            raise self._not_ours(f"the commit {last.foreign}")
        if last and last.files == _wanted(plan):
            return Commit(sha=last.sha, url=last.url, is_new=False)
        commit = self._base.commit(plan, plan.message, mark=self._mark)
        if last:
            self._base.connection.reference(self._branch).edit(commit.sha, force=True)
        else:
            repository = self._base.connection.repository
            repository.create_git_ref(f"refs/heads/{self._branch}", commit.sha)
        return commit

    def _open_or_update(self, plan: Plan, commit: Commit) -> str:
        """Sees to it that one pull request tells of the proposal, and returns its address.

        One that somebody has closed stays closed, until there is something else to propose.
        """
        connection = self._base.connection
        title = plan.message.partition("\n")[0][:MAX_TITLE]
        pulls = self._pulls("all")
        found = next((pull for pull in pulls if pull.state == "open"), None)
        if found is None and any(pull.head.sha == commit.sha for pull in pulls):
            _log.info("Somebody has closed the pull request of these changes; it stays closed")
            return ""
        if found and (found.title, found.body) == (title, plan.description):
            return found.html_url
        connection.clock.sleep(BETWEEN_WRITES)
        if found is None:
            made = connection.repository.create_pull(
                self._base.branch_name, self._branch, title=title, body=plan.description
            )
        else:
            made = connection.pull(found.number)
            made.edit(title=title, body=plan.description)
        return made.html_url

    def _withdraw(self, last: _Proposal | None) -> None:
        """Closes the pull request and deletes its branch: the base has all that it proposed."""
        if last is None:
            return
        if last.foreign:
            error = self._not_ours(f"the commit {last.foreign}")
            _log.warning("%s; it is left as it is", error.message)
            return
        for pull in self._pulls("open"):
            self._base.connection.pull(pull.number).edit(state="closed")
            _log.info("Closed the pull request #%d: nothing is left to propose", pull.number)
        self._base.connection.reference(self._branch).delete()

    def _pulls(self, state: str) -> list[PullRequest]:
        """Lists the pull requests of our branch, newest first."""
        connection = self._base.connection
        owner = connection.name.partition("/")[0]
        return connection.repository.get_pulls(
            state=state, head=f"{owner}:{self._branch}", base=self._base.branch_name
        ).get_page(0)


def _files(found: Comparison) -> dict[str, str | None]:
    """Returns what a comparison says of each file; a renamed one is removed and made."""
    files: dict[str, str | None] = {}
    for file in found.files:
        files[file.filename] = None if file.status == "removed" else file.sha
        if file.status == "renamed" and file.previous_filename:
            files[file.previous_filename] = None
    return files


def _wanted(plan: Plan) -> dict[str, str | None]:
    """Returns the same of a plan."""
    return {
        change.path: None if change.after is None else blob_sha(change.after)
        for change in plan.changes
    }
