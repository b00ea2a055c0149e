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
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from github.Requester import Requester

from daily_papers.errors import excerpt
from daily_papers.github.failures import (
    LONGEST_MESSAGE,
    TROUBLES,
    NoAnswerError,
    Patience,
    RefusalError,
)
from daily_papers.github.shapes import ShapeError, take
from daily_papers.transport import (
    Request,
    Response,
    Timeouts,
    Transport,
    TransportError,
    UnknownHostError,
)

__all__ = ["GuardedRequester"]

API_VERSION: Final = "2022-11-28"

TIMEOUTS: Final = Timeouts(connect=30.0, read=30.0, whole=300.0)

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
    """

    def __init__(self, settings: dict[str, Any], *, token: str, patience: Patience) -> None:
        super().__init__(**settings)
        self._patience = patience
        self._transport = Transport()
        self._headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": API_VERSION,
        }

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
        path = url.removeprefix(self.base_url)
        if not path.startswith("/"):  # PyGithub has it from an answer.
            raise self._not_github("an earlier request", f"it leads to {excerpt(url)}")
        for failures in count(1):
            try:
                return {}, self._ask(verb, path, parameters, input)
            except TROUBLES as error:
                if verb != "GET" or not self._patience.waits(error, failures):
                    raise
        raise AssertionError

    def _ask(self, verb: str, path: str, query: dict[str, Any] | None, body: Any | None) -> Any:
        """Makes a request once, and follows GitHub where it only reads."""
        below = re.sub(r"^/(repos/[^/]+/[^/]+|repositories/\d+)", "", path)
        source = f"{verb} {below or '/'}"
        request = Request(
            method=verb,
            url=self.base_url + path + (f"?{urlencode(query)}" if query else ""),
            headers=self._headers,
            body=None if body is None else json.dumps(body).encode(),
        )
        try:
            for _ in range(REDIRECTS + 1):
                response = self._exchange(source, request)
                if verb != "GET" or response.status not in _REDIRECTED:
                    return take(verb, below, self._json(source, response))
                target = self._target(source, request.url, response.headers)
                request = replace(request, url=target)
        except ShapeError as error:
            field = f"its {error}" if f"{error}" else "its form"
            raise self._not_github(source, f"{field} is missing or wrong") from error
        raise self._not_github(source, f"it redirects more than {REDIRECTS} times")

    def _exchange(self, source: str, request: Request) -> Response:
        """Sends a request, and returns the answer as it comes."""
        try:
            response = self._transport.exchange(request, timeouts=TIMEOUTS, most=LARGEST_ANSWER)
        except TransportError as error:
            raise NoAnswerError(
                f"GitHub could not be reached: {error}",
                f"Check the network and, on a runner of your own, its proxy: {self.base_url}",
                is_final=isinstance(error, UnknownHostError),
            ) from error
        if len(response.body) > LARGEST_ANSWER:
            raise self._not_github(source, "the answer has no end")
        return response

    def _target(self, source: str, url: str, headers: Mapping[str, str]) -> str:
        """Returns where a redirect leads, if that is GitHub's API as well."""
        try:
            target = urljoin(url, headers.get("Location", ""))
            is_ours = _origin(target) == _origin(url) and target.startswith(f"{self.base_url}/")
            where = urlsplit(target).netloc[:LONGEST_MESSAGE]
        except ValueError:
            is_ours, where = False, ""
        if not is_ours:
            raise self._not_github(source, f"it redirects to {where or 'nowhere'}")
        return target

    def _json(self, source: str, response: Response) -> object:
        """Returns the JSON of an answer, if it is no error."""
        status = response.status
        try:
            value: object = json.loads(response.body) if response.body else None
        except (ValueError, RecursionError):
            if status < HTTPStatus.BAD_REQUEST:
                raise self._not_github(source, "it is not JSON") from None
            value = None
        if status in _DONE:
            return value
        if status < HTTPStatus.BAD_REQUEST and status not in _REDIRECTED:
            raise self._not_github(source, f"its status is {status}")
        raise RefusalError(status, response.headers, _words(value))

    def _not_github(self, source: str, reason: str) -> NoAnswerError:
        return NoAnswerError(
            f"what answered {source} cannot be GitHub: {reason}",
            f"Try again later. If that does not help, check that {self.base_url} is the API of "
            "GitHub or of GitHub Enterprise Server, and that no proxy answers in its place.",
        )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


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
