"""The way to one repository: PyGithub, with our guard, and with addresses that are ours.

No address is taken from an answer: the token goes to no other host than the one that was named.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlsplit

from github import Auth, Github
from github.GitRef import GitRef
from github.Issue import Issue
from github.PullRequest import PullRequest
from github.Repository import Repository

from daily_papers.clock import Clock
from daily_papers.errors import GitHubError
from daily_papers.github.failures import LONGEST_MESSAGE, Patience
from daily_papers.github.requester import GuardedRequester

__all__ = ["Connection", "connect"]

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Connection:
    """One repository on GitHub, for all that one run does there."""

    repository: Repository
    """PyGithub's."""
    name: str
    """Its full name, as in `octo/papers`."""
    patience: Patience
    clock: Clock

    def follow_rename(self, url: str) -> None:
        """Takes on the repository's new name, where `url` shows that it was renamed.

        GitHub redirects what still asks for the old name, but no request that writes is redirected
        here.

        Args:
            url: the address in the API of something in the repository, as GitHub gave it.
        """
        if f"/repos/{self.name}/".lower() not in url.lower():
            self.name = self.repository.complete().full_name
            requester = self.repository.requester
            self.repository = Repository(requester, url=f"/repos/{quote(self.name)}")
            _log.info("The repository is now %s", self.name)

    # What is to be changed is addressed by us, not as an answer says.

    def reference(self, branch: str) -> GitRef:
        """Returns a branch as what can be moved and deleted; nothing is asked of GitHub."""
        return self._known(GitRef, f"/git/refs/heads/{quote(branch)}")

    def issue(self, number: int) -> Issue:
        """Returns an issue as what can be edited; nothing is asked of GitHub."""
        return self._known(Issue, f"/issues/{number}")

    def pull(self, number: int) -> PullRequest:
        """Returns a pull request as what can be edited; nothing is asked of GitHub."""
        return self._known(PullRequest, f"/pulls/{number}")

    def _known(self, kind: Callable[..., _T], path: str) -> _T:
        url = f"{self.repository.url}{path}"
        return kind(self.repository.requester, {}, {"url": url}, completed=True)


def connect(name: str, *, token: str, api_url: str, clock: Clock) -> Connection:
    """Returns a connection to the repository `name`; nothing is asked of GitHub before it is used.

    Args:
        name: the repository's full name, as in `octo/papers`.
        token: authorises every request.
        api_url: GitHub's API, as in `https://api.github.com`.
        clock: tells the time, and waits.

    Raises:
        GitHubError: the token or the address cannot be used.
    """
    if not re.fullmatch(r"[!-~]+", token):
        raise GitHubError(
            "the input github-token is not a token: it has a space, a line break or another "
            "character that no token has",
            "Store the token again, without anything before or after it.",
        )
    client = Github(
        auth=Auth.Token(token),
        base_url=_checked(api_url),
        lazy=True,
        per_page=100,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    patience = Patience(clock)
    guarded = GuardedRequester(client.requester.kwargs, token=token, patience=patience)
    repository = Repository(guarded, url=f"/repos/{quote(name)}")
    return Connection(repository=repository, name=name, patience=patience, clock=clock)


def _checked(api_url: str) -> str:
    """Returns the API's address without slashes at its end.

    Raises:
        GitHubError: this is not the address of an API.
    """
    try:
        parts = urlsplit(api_url)
        is_fine = (
            parts.scheme in {"http", "https"}
            and re.fullmatch(r"[A-Za-z0-9.:\[\]_-]+", parts.netloc) is not None
            and bool(parts.hostname)
            and parts.port != 0
            and re.fullmatch(r"[!-~]{0,200}", parts.path) is not None
            and not parts.query
            and not parts.fragment
        )
    except ValueError:
        is_fine = False
    if not is_fine:
        raise GitHubError(
            f"the variable GITHUB_API_URL cannot be used: {api_url[:LONGEST_MESSAGE]!r}",
            "It is the address of GitHub's API, as in https://api.github.com or "
            "https://github.example.org/api/v3",
        )
    return api_url.rstrip("/")
