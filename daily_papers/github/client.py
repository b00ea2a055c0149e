"""The way to GitHub's REST API: one client that waits for GitHub, and errors that say what to do.

A request that only reads is made again where that may help. One that writes never is: its answer
may be lost although it was carried out, so that whoever writes has to look first. What to wait for
is in GitHub's docs, "Rate limits for the REST API" and "Best practices for using the REST API".
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any, Final

import requests
from github import Auth, Github, GithubException
from github.Repository import Repository
from github.Requester import Requester

from daily_papers import __version__
from daily_papers.clock import Clock
from daily_papers.errors import GitHubError, NotAllowedError

__all__ = ["TROUBLES", "Connection", "Patience", "connect", "errors", "is_rate_limit", "message_of"]

API_VERSION: Final = "2022-11-28"

TIMEOUT: Final = 30
"""Seconds to wait for GitHub's next bytes."""

TRIES: Final = 3
"""How often one thing is tried at most."""

BACKOFF: Final = 5.0
"""Seconds to wait before the second try, where GitHub does not say how long; they double."""

BACKOFF_WHEN_LIMITED: Final = 60.0
"""The same behind a rate limit: GitHub asks for at least a minute."""

LONGEST_WAIT: Final = 600.0
"""Seconds that one run waits for GitHub, all in all."""

TROUBLES: Final = (GithubException, requests.RequestException, json.JSONDecodeError)
"""What PyGithub raises, and what it lets through."""

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Connection:
    """One repository on GitHub, for all that one run does there."""

    repository: Repository
    name: str
    """Its full name, as in `octo/papers`."""
    patience: Patience
    clock: Clock

    def follow(self, url: str) -> None:
        """Takes on the repository's new name, where `url` shows that it was renamed.

        GitHub redirects what still asks for the old name. But PyGithub loses a redirected
        request's query, and does not follow GitHub where the request writes.

        Args:
            url: the address in the API of something in the repository, as GitHub gave it.
        """
        if f"/repos/{self.name}/".lower() not in url.lower():
            self.name = self.repository.complete().full_name
            _log.info("The repository is now %s", self.name)


def connect(name: str, *, token: str, api_url: str, clock: Clock) -> Connection:
    """Gives a connection to the repository `name`; nothing is asked of GitHub before it is used.

    Args:
        name: the repository's full name, as in `octo/papers`.
        token: authorises every request.
        api_url: GitHub's API, as in `https://api.github.com`.
        clock: tells the time, and waits.
    """
    client = Github(
        auth=Auth.Token(token),
        base_url=api_url.rstrip("/"),
        timeout=TIMEOUT,
        retry=None,  # It would repeat a POST whose answer was lost, and so open an issue twice.
        lazy=True,
        per_page=100,
        seconds_between_requests=None,
        seconds_between_writes=None,
        user_agent=f"daily-papers/{__version__}",
        api_version=API_VERSION,
    )
    patience = Patience(clock)
    repository = Repository(_Client(patience, **client.requester.kwargs), url=f"/repos/{name}")
    return Connection(repository=repository, name=name, patience=patience, clock=clock)


class Patience:
    """What one run forgives GitHub, and how long it waits in all.

    Args:
        clock: tells the time, and waits.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = LONGEST_WAIT

    def waits(self, error: Exception, failures: int) -> bool:
        """Waits as long as GitHub asks for, if trying again may help and does not take too long.

        Args:
            error: one of `TROUBLES`.
            failures: how often the same thing has failed, this time included.
        """
        seconds = _delay(error, failures, self._clock.now())
        if seconds is None or failures >= TRIES or seconds > self._left:
            return False
        _log.info("GitHub: %s; waiting %.0f s", message_of(error), seconds)
        self._left -= seconds
        self._clock.sleep(seconds)
        return True


class _Client(Requester):
    """PyGithub's way of making requests, with patience for those that only read."""

    def __init__(self, patience: Patience, **settings: Any) -> None:
        super().__init__(**settings)
        self._patience = patience

    def requestJsonAndCheck(  # noqa: N802 - PyGithub's own name and arguments
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        input: Any | None = None,  # noqa: A002
        follow_302_redirect: bool = False,  # noqa: FBT001, FBT002
    ) -> tuple[dict[str, Any], Any]:
        """Makes a request; one that only reads is made again where that may help."""
        ask = partial(super().requestJsonAndCheck, verb, url, parameters, headers, input)
        for failures in count(1):
            try:
                return ask(follow_302_redirect=follow_302_redirect)
            except TROUBLES as error:
                if verb != "GET" or not self._patience.waits(error, failures):
                    raise
        raise AssertionError


def _delay(error: Exception, failures: int, now: datetime) -> float | None:
    """Gives the seconds before what failed may be tried again; `None` where that is no use."""
    if not isinstance(error, GithubException):
        return BACKOFF * 2.0 ** (failures - 1)
    if is_rate_limit(error):
        return _limit(error.headers or {}, failures, now)
    if error.status >= requests.codes.internal_server_error:
        return BACKOFF * 2.0 ** (failures - 1)
    return None


def is_rate_limit(error: GithubException) -> bool:
    """Tells a limit, which ends, from a refusal; GitHub answers 403 to both."""
    headers = error.headers or {}
    return error.status == requests.codes.too_many_requests or (
        error.status == requests.codes.forbidden
        and (
            "retry-after" in headers
            or headers.get("x-ratelimit-remaining") == "0"
            or "rate limit" in message_of(error).lower()
        )
    )


def _limit(headers: dict[str, str], failures: int, now: datetime) -> float:
    """Gives the seconds for which GitHub wants to be left alone."""
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return float(after[:9])
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        # One second more: GitHub's clock and ours need not agree.
        return max(1.0, int(reset[:12]) - now.timestamp() + 1)
    return BACKOFF_WHEN_LIMITED * 2.0 ** (failures - 1)


def message_of(error: Exception) -> str:
    """Gives what GitHub said, all of it on one line; or why it said nothing."""
    if not isinstance(error, GithubException):
        return f"GitHub could not be reached: {error}"
    data = error.data if isinstance(error.data, dict) else {"message": error.data}
    details = [
        detail.get("message") or detail.get("code", "") if isinstance(detail, dict) else detail
        for detail in data.get("errors") or ()
    ]
    said = " ".join(" ".join(map(str, [data.get("message") or "", *details])).split())
    return f"GitHub answered {error.status}: {said}".rstrip(": ")


@contextmanager
def errors(doing: str) -> Iterator[None]:
    """Turns what PyGithub raises, and what it lets through, into errors for the user."""
    try:
        yield
    except TROUBLES as error:
        raise _for_user(f"could not {doing}: {message_of(error)}", error) from error


def _for_user(message: str, error: Exception) -> GitHubError:
    """Says what to do about an error, where that is known."""
    if not isinstance(error, GithubException):
        return GitHubError(message)
    if error.status == requests.codes.unauthorized:
        return GitHubError(message, "The input github-token is not a token that GitHub knows.")
    if error.status == requests.codes.gone:
        return NotAllowedError(
            message, "Turn issues on in the repository's settings, or set notify: none."
        )
    if is_rate_limit(error):
        return GitHubError(message, "The token has made too many requests. Run again in an hour.")
    if error.status == requests.codes.forbidden:
        return _not_allowed(message, error)
    return GitHubError(message)


def _not_allowed(message: str, error: GithubException) -> GitHubError:
    """Says which permission or setting is missing, where GitHub tells."""
    accepted = (error.headers or {}).get("x-accepted-github-permissions")
    if "not permitted to create or approve pull requests" in message:
        return NotAllowedError(
            message,
            "In the repository's settings, Actions, General, Workflow permissions, tick: Allow "
            "GitHub Actions to create and approve pull requests.",
        )
    if not accepted:
        return GitHubError(message)
    lines = "\n".join(
        f"  {item.strip().replace('=', ': ').replace('_', '-')}"
        for item in accepted.split(";")[0].split(",")
    )
    return NotAllowedError(
        f"{message} (it accepts: {accepted})",
        f"Give the job the permission, in the workflow:\n\npermissions:\n{lines}",
    )
