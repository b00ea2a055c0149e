"""What can go wrong with GitHub, ready to be given to the stand-in's `troubles`.

    standin.troubles.append(server_error(method="POST", path="/issues$"))

A trouble waits for the requests that it is meant for, unlike the script `faults`, which counts all
requests. Most troubles happen *instead* of the request; `server_error` and `silence` happen after
it by default, which is worse: the write was done, and the client does not know.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from tests.standins.server import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.standins.server import Fault, Request

__all__ = [
    "Aim",
    "Trouble",
    "before",
    "primary_limit",
    "refusal",
    "reset",
    "secondary_limit",
    "server_error",
    "silence",
    "truncated",
]

_DOCS = "https://docs.github.com/rest"
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


class Aim(TypedDict, total=False):
    """Which requests a trouble is meant for."""

    method: str
    """Any, if not given."""
    path: str
    """A regular expression that is looked for in the path; any path, if not given."""
    skip: int
    """So many matching requests pass first."""
    times: int
    """So many are hit then; one, if not given."""


@dataclass(slots=True, kw_only=True)
class Trouble:
    """A fault, and the requests that it is meant for."""

    fault: Fault
    method: str = ""
    path: str = ""
    skip: int = 0
    times: int = 1
    instead: bool = False
    """Whether it happens in place of the real thing, which then is not done."""

    def takes(self, request: Request) -> bool:
        """Whether it hits this request; counts those that it is meant for."""
        if self.times <= 0 or self.method not in {"", request.method}:
            return False
        if not re.search(self.path, request.path):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


def refusal(
    status: int, message: str, *, headers: Mapping[str, str] | None = None, **aim: Unpack[Aim]
) -> Trouble:
    """An error in GitHub's form, in place of the real thing."""
    body: dict[str, Any] = {"message": message, "documentation_url": _DOCS, "status": str(status)}
    content = {"Content-Type": "application/json; charset=utf-8"}

    def fault(_request: Request, _response: Response) -> Response:
        return Response(
            status=status, headers={**content, **(headers or {})}, body=json.dumps(body).encode()
        )

    return Trouble(fault=fault, instead=True, **aim)


def primary_limit(
    status: int = 403,
    *,
    wait: float = 60,
    clock: Callable[[], float] = time.time,
    **aim: Unpack[Aim],
) -> Trouble:
    """The hour's requests are used up until `wait` seconds from now; there is no `Retry-After`."""
    headers = {
        "x-ratelimit-limit": "1000",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-used": "1000",
        "x-ratelimit-reset": str(int(clock() + wait)),
        "x-ratelimit-resource": "core",
    }
    words = "API rate limit exceeded for installation ID 1."
    return refusal(status, words, headers=headers, **aim)


def secondary_limit(
    status: int = 403, *, retry_after: int | str | None = None, **aim: Unpack[Aim]
) -> Trouble:
    """Too much at once; with or without `Retry-After`."""
    headers = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "900"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return refusal(status, _SECONDARY, headers=headers, **aim)


def server_error(status: int = 502, **aim: Unpack[Aim]) -> Trouble:
    """GitHub's own page for an error, *after* the request was carried out."""

    def fault(_request: Request, _response: Response) -> Response:
        page = b"<html><head><title>Unicorn!</title></head><body>Server Error</body></html>\n"
        return Response(status=status, headers={"Content-Type": "text/html"}, body=page)

    return Trouble(fault=fault, **aim)


def silence(seconds: float, **aim: Unpack[Aim]) -> Trouble:
    """No answer for `seconds`, *after* the request was carried out."""
    return Trouble(fault=lambda _request, response: replace(response, stall=seconds), **aim)


def reset(**aim: Unpack[Aim]) -> Trouble:
    """The connection is reset *after* the request was carried out."""
    return Trouble(fault=lambda _request, response: replace(response, reset=True), **aim)


def truncated(size: int = 20, **aim: Unpack[Aim]) -> Trouble:
    """The answer breaks off after `size` bytes."""
    return Trouble(fault=lambda _request, response: replace(response, cut=size), **aim)


def before(trouble: Trouble) -> Trouble:
    """The same trouble, but the request is not carried out."""
    return replace(trouble, instead=True)
