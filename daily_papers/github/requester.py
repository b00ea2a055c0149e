"""PyGithub's way of making requests, with a guard between PyGithub and whatever answers.

A request that only reads is made again where that may help. One that writes never is: its answer
may be lost although it was carried out, so that whoever writes has to look first. See GitHub's
docs: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api

An answer is believed only as far as it has the form that GitHub describes, since a proxy, a gateway
or another product may answer in GitHub's place.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from github.Requester import Requester

from daily_papers import __version__
from daily_papers.clock import Clock
from daily_papers.github.failures import (
    LONGEST_MESSAGE,
    TROUBLES,
    NoAnswerError,
    Patience,
    RefusalError,
)
from daily_papers.github.shapes import ShapeError, take

__all__ = ["GuardedRequester"]

API_VERSION: Final = "2022-11-28"

TIMEOUT: Final = 30
"""Seconds to wait for GitHub's next bytes."""

LONGEST_ANSWER_TIME: Final = 300.0
"""Seconds that one answer may take from its first byte to its last."""

LARGEST_ANSWER: Final = 200_000_000
"""Bytes. A blob has up to 100 MB, and Base64 makes a third more of them."""

REDIRECTS: Final = 5
"""How often one request is redirected at most."""

_REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})
_DONE: Final = frozenset({200, 201, 204})


class GuardedRequester(Requester):
    """Makes PyGithub's requests, and gives it nothing that it cannot take.

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
