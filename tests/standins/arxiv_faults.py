"""arXiv at its worst: faults for the script of `ArxivStandIn.faults`.

Each is something that clients of arXiv have met. Those that need more than the right answer (what
arXiv had days ago, or its answer to another question) take the stand-in itself. The caller says how
many seconds silences and drips last, so tests can keep them short.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from tests.standins.arxiv import ArxivStandIn, parameters_of
from tests.standins.server import Fault, Request, Response, changed, with_status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "broken_gzip",
    "declared_encoding",
    "duplicate_page",
    "empty_page",
    "html_page",
    "not_acceptable",
    "nul_bytes",
    "partial_page",
    "rate_exceeded",
    "recorded",
    "redirect",
    "reset",
    "slow_drip",
    "stale_feed",
    "stall",
    "truncated",
    "two_documents",
    "unavailable",
    "unsorted_page",
    "wrong_content_type",
]

_ENTRY = re.compile(rb"  <entry>\n.*?  </entry>\n", re.DOTALL)
_TOTAL = re.compile(rb"(<opensearch:totalResults[^>]*>)\d+")


def _with_body(change: Callable[[bytes], bytes]) -> Fault:
    return lambda _request, response: replace(response, body=change(response.body))


# --- Feeds that are valid but wrong ---------------------------------------------------------------


def empty_page(total: int = 4_321) -> Fault:
    """No entries, while the total is in the thousands."""
    return _with_body(lambda body: _TOTAL.sub(rb"\g<1>%d" % total, _ENTRY.sub(b"", body)))


def partial_page(kept: int) -> Fault:
    """Only the first `kept` entries of the page; the counts stay."""

    def cut(body: bytes) -> bytes:
        entries = list(_ENTRY.finditer(body))
        if len(entries) <= kept:
            return body
        return body[: entries[kept].start()] + body[entries[-1].end() :]

    return _with_body(cut)


def unsorted_page(arxiv: ArxivStandIn) -> Fault:
    """`sortBy` ignored: the oldest papers first, those of ten years ago before today's."""
    return _instead(arxiv, sortOrder="ascending")


def duplicate_page(arxiv: ArxivStandIn) -> Fault:
    """The first page again, whatever `start` says; the feed's own `startIndex` is 0."""
    return _instead(arxiv, start="0")


def _instead(arxiv: ArxivStandIn, **parameters: str) -> Fault:
    """The right answer to another question."""
    return lambda request, _response: arxiv.answer(
        replace(request, method="GET", query=parameters_of(request) | parameters)
    )


def stale_feed(arxiv: ArxivStandIn, days: float) -> Fault:
    """The answer of some days ago, but with today's `updated`."""
    return lambda request, _response: arxiv.answer_as_of(
        request, arxiv.clock() - timedelta(days=days)
    )


# --- Bodies that are not feeds --------------------------------------------------------------------


def rate_exceeded(status: int = 429, **headers: str) -> Fault:
    """The plain words `Rate exceeded.`, seen with 429 and with 200."""
    return with_status(status, "Rate exceeded.", **headers)


def not_acceptable() -> Fault:
    """406, which arXiv has sent to clients that did say what they accept."""
    return with_status(406, "Not Acceptable")


def unavailable(**headers: str) -> Fault:
    """503, seen with `Retry-After: 0` after minutes of waiting."""
    return with_status(503, "Service Unavailable", **headers)


def html_page(status: int = 200) -> Fault:
    """A page for people in place of the feed."""
    body = "<!DOCTYPE html><html><head><title>arXiv</title></head><body><h1>Back soon<br></body>"
    headers = {"Content-Type": "text/html; charset=utf-8"}
    return lambda _request, _response: Response(status=status, headers=headers, body=body.encode())


def redirect(location: str, status: int = 301) -> Fault:
    """A redirect to `location`, for instance to http."""
    return with_status(status, Location=location)


def wrong_content_type(content_type: str = "text/html; charset=utf-8") -> Fault:
    """The right feed under a wrong name."""
    return lambda _request, response: replace(
        response, headers=response.headers | {"Content-Type": content_type}
    )


def two_documents() -> Fault:
    """The feed twice in one body, each with its XML declaration."""
    return _with_body(lambda body: body + body)


def nul_bytes() -> Fault:
    """NUL bytes inside the feed."""
    return _with_body(lambda body: body.replace(b"<title>", b"<title>\0\0", 2))


def declared_encoding(name: str = "UTF-16") -> Fault:
    """An XML declaration that names an encoding other than that of the feed."""
    return _with_body(lambda body: re.sub(rb"UTF-8", name.encode(), body, count=1))


def recorded(path: Path, status: int = 200, content_type: str = "text/plain") -> Fault:
    """The bytes of a file."""
    response = Response(status=status, headers={"Content-Type": content_type})
    return lambda _request, _response: replace(response, body=path.read_bytes())


# --- Deliveries that go wrong ---------------------------------------------------------------------


def truncated(
    share: float = 0.5, framing: Literal["length", "chunked", "close"] = "length"
) -> Fault:
    """The connection closed after `share` of the body; with `close`, nothing else shows it."""
    return lambda _request, response: replace(
        response, framing=framing, cut=int(len(response.body) * share)
    )


def broken_gzip(damage: Literal["cut", "flip", "plain"] = "flip") -> Fault:
    """Compressed content that ends early, has a wrong byte, or was never compressed."""

    def damaged(_request: Request, response: Response) -> Response:
        body = response.body if damage == "plain" else gzip.compress(response.body, mtime=0)
        middle = len(body) // 2
        if damage == "cut":
            body = body[:middle]
        elif damage == "flip":
            body = body[:middle] + bytes([body[middle] ^ 0xFF]) + body[middle + 1 :]
        return replace(response, body=body, headers=response.headers | {"Content-Encoding": "gzip"})

    return damaged


def stall(seconds: float, *, inside: bool = False) -> Fault:
    """Silence before the status line, or in the middle of the body."""
    return changed(stall_inside=seconds) if inside else changed(stall=seconds)


def slow_drip(seconds: float) -> Fault:
    """The body in sixteen pieces, with `seconds` between two of them."""
    return changed(drip=seconds)


def reset() -> Fault:
    """The connection reset in place of an answer."""
    return changed(reset=True)
