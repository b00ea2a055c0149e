"""The way to GitHub's REST API: one client that waits for GitHub, and errors that say what to do.

A request that only reads is made again where that may help. One that writes never is: its answer
may be lost although it was carried out, so that whoever writes has to look first. See GitHub's
docs: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api

All addresses are made here, none is taken from an answer, so that the token goes to no other host;
and an answer is believed only as far as it has the form that GitHub describes, since a proxy, a
gateway or another product may answer in its place.
"""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import requests
import urllib3
from github import Auth, Github
from github.GitRef import GitRef
from github.Issue import Issue
from github.PullRequest import PullRequest
from github.Repository import Repository
from github.Requester import Requester

from daily_papers import __version__
from daily_papers.clock import Clock
from daily_papers.errors import GitHubError, NotAllowedError
from daily_papers.github.shapes import ShapeError, take

__all__ = [
    "TROUBLES",
    "Connection",
    "NoAnswerError",
    "Patience",
    "RefusalError",
    "connect",
    "errors",
]

API_VERSION: Final = "2022-11-28"

TIMEOUT: Final = 30
"""Seconds to wait for GitHub's next bytes."""

LONGEST_ANSWER_TIME: Final = 300.0
"""Seconds that one answer may take from its first byte to its last."""

LARGEST_ANSWER: Final = 200_000_000
"""Bytes. A blob has up to 100 MB, and Base64 makes a third more of them."""

REDIRECTS: Final = 5
"""How often one request is redirected at most."""

TRIES: Final = 3
"""How often one thing is tried at most."""

BACKOFF: Final = 5.0
"""Seconds to wait before the second try, where GitHub does not say how long; they double."""

BACKOFF_WHEN_LIMITED: Final = 60.0
"""The same after a rate limit: GitHub asks for at least a minute.
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"""

LONGEST_WAIT: Final = 600.0
"""Seconds that one run waits for GitHub, all in all."""

LONGEST_MESSAGE: Final = 500
"""Characters of GitHub's own words that a message quotes at most."""

_REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})
_NOT_ALLOWED: Final = frozenset({401, 403, 404})
_DONE: Final = frozenset({200, 201, 204})

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class RefusalError(Exception):
    """GitHub answered with an error.

    Args:
        status: the HTTP status.
        headers: the answer's headers, by lower-case name.
        words: what GitHub said, all of it on one line; may be empty.
    """

    def __init__(self, status: int, headers: Mapping[str, str], words: str) -> None:
        super().__init__(f"GitHub answered {status}: {words}".rstrip(": "))
        self.status = status
        self.headers = headers
        self.words = words

    @property
    def is_rate_limit(self) -> bool:
        """Whether this is a limit, which ends, and no refusal; GitHub answers 403 to both."""
        return self.status == requests.codes.too_many_requests or (
            self.status == requests.codes.forbidden
            and (
                "retry-after" in self.headers
                or self.headers.get("x-ratelimit-remaining") == "0"
                or "rate limit" in self.words.lower()
            )
        )

    @property
    def is_final(self) -> bool:
        """Whether the same request will be refused again, for want of a permission."""
        return self.status in _NOT_ALLOWED and not self.is_rate_limit


class NoAnswerError(Exception):
    """GitHub could not be reached, or what answered cannot be GitHub's API.

    Args:
        message: what happened.
        hint: what to look at.
        is_final: whether trying again is of no use.
    """

    def __init__(self, message: str, hint: str = "", *, is_final: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.is_final = is_final


TROUBLES: Final = (RefusalError, NoAnswerError)
"""What a request can raise."""


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

    def get_tree(self, sha: str, *, recursive: bool = False) -> dict[str, Any]:
        """Returns the listing of a tree as it comes: an object for each entry would take long."""
        query = {"recursive": 1} if recursive else None
        url = f"{self.repository.url}/git/trees/{sha}"
        found: dict[str, Any] = self.repository.requester.requestJsonAndCheck("GET", url, query)[1]
        return found

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
            "the input github-token is no token: it has a space, a line break or another "
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
    guarded = _Requester(client.requester.kwargs, token=token, patience=patience, clock=clock)
    repository = Repository(guarded, url=f"/repos/{quote(name)}")
    return Connection(repository=repository, name=name, patience=patience, clock=clock)


class _Requester(Requester):
    """PyGithub's way of making requests, with a guard.

    PyGithub's own repeats a POST after a fault, and so opens an issue twice; it follows redirects
    without an end, sleeps through status 202, reads bodies of any length, and meets an odd answer
    with an error of any kind. Here a request is made once, or again if it only reads; and PyGithub
    gets what `shapes` names of the answer, and nothing else.

    Args:
        settings: PyGithub's.
        token: authorises every request.
        patience: says whether to try again.
        clock: tells how long an answer takes.
    """

    def __init__(
        self, settings: dict[str, Any], *, token: str, patience: Patience, clock: Clock
    ) -> None:
        super().__init__(**settings)
        self._patience = patience
        self._clock = clock
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._session.headers.update(
            {
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": API_VERSION,
                "User-Agent": f"daily-papers/{__version__}",
            }
        )

    def requestJsonAndCheck(  # noqa: N802 - PyGithub's own name and arguments
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,  # noqa: ARG002
        input: Any | None = None,  # noqa: A002
        follow_302_redirect: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> tuple[dict[str, Any], Any]:
        """Makes a request; one that only reads is made again where that may help.

        Returns:
            No headers, and what is read of the answer.

        Raises:
            RefusalError: GitHub answered with an error.
            NoAnswerError: there was no answer, or it is not GitHub's.
        """
        for failures in count(1):
            try:
                return {}, self._ask(verb, url.removeprefix(self.base_url), parameters, input)
            except TROUBLES as error:
                if verb != "GET" or not self._patience.waits(error, failures):
                    raise
        raise AssertionError

    def _ask(self, verb: str, path: str, query: dict[str, Any] | None, body: Any | None) -> Any:
        """Makes a request once, and follows GitHub where it only reads."""
        below = re.sub(r"^/(repos/[^/]+/[^/]+|repositories/\d+)", "", path)
        source = f"{verb} {below or '/'}"
        prepared = requests.Request(verb, self.base_url + path, params=query, json=body)
        try:
            for _ in range(REDIRECTS + 1):
                status, headers, data = self._exchange(source, prepared)
                if verb != "GET" or status not in _REDIRECTED:
                    value = self._json(source, status, headers, data)
                    return take(verb, below, value)
                prepared = requests.Request(verb, self._target(source, prepared.url, headers))
        except ShapeError as error:
            field = f"its {error}" if f"{error}" else "its form"
            raise self._not_github(source, f"{field} is missing or wrong") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise self._unreached(error) from error
        raise self._not_github(source, f"it redirects more than {REDIRECTS} times")

    def _exchange(
        self, source: str, request: requests.Request
    ) -> tuple[int, dict[str, str], bytes]:
        """Sends a request, and returns status, headers and body of the answer as it comes."""
        prepared = self._session.prepare_request(request)
        settings = self._session.merge_environment_settings(
            prepared.url, {}, stream=True, verify=None, cert=None
        )
        with self._session.send(
            prepared, timeout=TIMEOUT, allow_redirects=False, **settings
        ) as response:
            deadline = self._clock.monotonic() + LONGEST_ANSWER_TIME
            data = bytearray()
            while piece := response.raw.read1(65_536, decode_content=True):
                data += piece
                if len(data) > LARGEST_ANSWER or self._clock.monotonic() > deadline:
                    raise self._not_github(source, "the answer has no end")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status_code, headers, bytes(data)

    def _target(self, source: str, url: str, headers: Mapping[str, str]) -> str:
        """Returns where a redirect leads, if that is GitHub's API as well."""
        target = urljoin(url, headers.get("location", ""))
        if _origin(target) != _origin(url) or not target.startswith(f"{self.base_url}/"):
            where = urlsplit(target).netloc[:LONGEST_MESSAGE] or "nowhere"
            raise self._not_github(source, f"it redirects to {where}")
        return target

    def _json(self, source: str, status: int, headers: Mapping[str, str], data: bytes) -> object:
        """Returns the JSON of an answer, if it is no error."""
        try:
            value: object = json.loads(data) if data else None
        except (ValueError, RecursionError):
            if status < requests.codes.bad_request:
                raise self._not_github(source, "it is not JSON") from None
            value = None
        if status in _DONE:
            return value
        if status < requests.codes.bad_request and status not in _REDIRECTED:
            raise self._not_github(source, f"its status is {status}")
        raise RefusalError(status, headers, _words(value))

    def _not_github(self, source: str, reason: str) -> NoAnswerError:
        return NoAnswerError(
            f"what answered {source} cannot be GitHub: {reason}",
            f"Try again later. If that does not help, check that {self.base_url} is the API of "
            "GitHub or of GitHub Enterprise Server, and that no proxy answers in its place.",
        )

    def _unreached(self, error: Exception) -> NoAnswerError:
        """Says in one sentence why there was no answer."""
        causes = list(_causes(error))
        is_unknown = any(
            isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME
            for cause in causes
        )
        if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
            reason = f"it was silent for {TIMEOUT} s"
        elif is_unknown:
            reason = "there is no such host"
        else:
            told = (cause.strerror for cause in causes if isinstance(cause, OSError))
            reason = next(filter(None, told), "the connection broke off")
        return NoAnswerError(
            f"GitHub could not be reached at {urlsplit(self.base_url).netloc}: {reason}",
            f"Check the network and, on a runner of your own, its proxy: {self.base_url}",
            is_final=is_unknown,
        )


class _Bearer(requests.auth.AuthBase):
    """Adds the token to a request; with it, requests does not look for another one in `.netrc`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _checked(api_url: str) -> str:
    """Returns the API's address without slashes at its end.

    Raises:
        GitHubError: this is no address of an API.
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


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yields what led to `error`, the first cause first."""
    chain: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in chain:
        chain.append(found)
        found = found.__cause__ or found.__context__
    return reversed(chain)


def _words(data: object) -> str:
    """Returns what GitHub says in an error, all of it on one line."""
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    details = [
        detail.get("message") or detail.get("code") or "" if isinstance(detail, dict) else detail
        for detail in (errors if isinstance(errors, list) else ())
    ]
    said = (word for word in (data.get("message"), *details) if isinstance(word, str))
    words = " ".join(" ".join(said).split())
    return words if len(words) <= LONGEST_MESSAGE else f"{words[:LONGEST_MESSAGE]}…"


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

        Returns:
            Whether to try again now.
        """
        seconds = _delay(error, failures, self._clock.now())
        if seconds is None or failures >= TRIES or seconds > self._left:
            return False
        _log.info("%s; waiting %.0f s", error, seconds)
        self._left -= seconds
        self._clock.sleep(seconds)
        return True


def _delay(error: Exception, failures: int, now: datetime) -> float | None:
    """Returns the seconds before what failed may be tried again; `None` where that is no use."""
    if isinstance(error, RefusalError):
        if error.is_rate_limit:
            return _limit(error.headers, failures, now)
        if error.status < requests.codes.internal_server_error:
            return None
    elif isinstance(error, NoAnswerError) and error.is_final:
        return None
    return BACKOFF * 2.0 ** (failures - 1)


def _limit(headers: Mapping[str, str], failures: int, now: datetime) -> float:
    """Returns the seconds for which GitHub wants to be left alone."""
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return float(after[:9])
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        # One second more: GitHub's clock and ours need not agree.
        return max(1.0, int(reset[:12]) - now.timestamp() + 1)
    return BACKOFF_WHEN_LIMITED * 2.0 ** (failures - 1)


@contextmanager
def errors(doing: str) -> Iterator[None]:
    """Turns what a request raises into an error that says what to do.

    Args:
        doing: what the requests are for, as in `list issues`.
    """
    try:
        yield
    except RefusalError as error:
        raise _for_user(f"could not {doing}: {error}", error) from error
    except NoAnswerError as error:
        raise GitHubError(f"could not {doing}: {error}", error.hint) from error


def _for_user(message: str, error: RefusalError) -> GitHubError:
    """Returns the error for the user, with what to do where that is known."""
    if error.status == requests.codes.unauthorized:
        return GitHubError(message, "The input github-token is not a token that GitHub knows.")
    if error.status == requests.codes.gone:
        return NotAllowedError(
            message, "Turn issues on in the repository's settings, or set notify: none."
        )
    if error.is_rate_limit:
        return GitHubError(message, "The token has made too many requests. Run again in an hour.")
    if error.status == requests.codes.forbidden:
        return _not_allowed(message, error)
    return GitHubError(message)


def _not_allowed(message: str, error: RefusalError) -> GitHubError:
    """Names the permission or the setting that is missing, where GitHub does."""
    if "was archived" in error.words:
        return NotAllowedError(
            message,
            "Nothing can be written to an archived repository: unarchive it in its settings, or "
            "disable the workflow.",
        )
    if "not permitted to create or approve pull requests" in error.words:
        return NotAllowedError(
            message,
            "In the repository's settings, Actions, General, Workflow permissions, tick: Allow "
            "GitHub Actions to create and approve pull requests.",
        )
    accepted = error.headers.get("x-accepted-github-permissions", "")[:LONGEST_MESSAGE]
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
