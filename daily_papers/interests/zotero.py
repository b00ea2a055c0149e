"""Reads Zotero libraries through Zotero's web API.

Facts are from https://www.zotero.org/support/dev/web_api/v3/basics and
https://www.zotero.org/support/dev/web_api/v3/syncing: every answer has the library's version in
`Last-Modified-Version`; a request for a list is answered with 304 if nothing is newer than
`If-Modified-Since-Version`, and the list has only items newer than `since`; `format=keys` lists a
whole library in one answer, other formats at most 100 items; `Backoff` asks for a pause with any
answer, `Retry-After` with 429 and 503. `pyzotero` would bring four more packages, one of them a
`bibtexparser` older than ours; it follows addresses in answers, and waits as long as it is told to.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError
from daily_papers.interests.liked import MAX_LIKED, Liked, arxiv_id
from daily_papers.interests.likes import Shelf
from daily_papers.interests.lines import Library
from daily_papers.transport import Request, Response, Timeouts, Transport, TransportError

__all__ = ["URL", "Timeouts", "Zotero", "ZoteroError"]

URL: Final = "https://api.zotero.org"
"""The only host that sees the key. No input changes it; tests pass another."""

PAGE_SIZE: Final = 100
"""The number of items in an answer; Zotero allows no more."""

FORGIVEN: Final = 2
"""How many failures in a row are forgiven."""

PAUSE: Final = 5.0
"""Seconds to wait after a failure if Zotero does not say how long."""

MAX_BYTES: Final = 32_000_000
"""The longest answer in bytes: a hundred items with very long abstracts, or a million keys."""

KEYS_URL: Final = "https://www.zotero.org/settings/keys"

_KEY: Final = re.compile(r"[A-Za-z0-9]{1,128}", re.ASCII)
_ITEM_KEY: Final = re.compile(r"[A-Z0-9]{8}", re.ASCII)
_NO_PAPERS: Final = frozenset({"annotation", "attachment", "note"})
_TRANSIENT: Final = frozenset({408, 425, 429})
_log = logging.getLogger(__name__)


class ZoteroError(DailyPapersError):
    """A library could not be read. What is known about it is used, and the run continues."""


class _UnavailableError(ZoteroError):
    """Zotero did not answer, or refused for now.

    Args:
        message: what happened.
        wait: seconds to wait before asking again.
    """

    def __init__(self, message: str, *, wait: float = PAUSE) -> None:
        super().__init__(message, "The next run asks again.")
        self.wait = wait


class Zotero:
    """The requests of one run to Zotero.

    Args:
        clock: measures the time, and waits.
        time_limit: seconds that reading one library may take.
        key: the reader's API key; empty for public libraries.
        url: the address of the API.
        timeouts: the timeouts of each request.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        time_limit: float,
        key: str = "",
        url: str = URL,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._clock = clock
        self._time_limit = time_limit
        self._deadline = clock.monotonic() + time_limit
        self._earliest_start = clock.monotonic()
        self._url = url
        self._timeouts = timeouts or Timeouts(read=30.0)
        self._key = key.strip()
        self._transport = Transport()

    def read(
        self, library: Library, known: Shelf | None = None, *, limit: int = MAX_LIKED
    ) -> Shelf:
        """Reads a library, as `Libraries.read` says.

        Raises:
            ZoteroError: the library cannot be read, perhaps only for the moment.
        """
        # Other characters never occur in a key, and could break out of the header.
        if self._key and not _KEY.fullmatch(self._key):
            raise ZoteroError(
                "zotero-key is not a Zotero key: it has characters other than letters and digits",
                f"Copy it anew from {KEYS_URL}.",
            )
        self._deadline = self._clock.monotonic() + self._time_limit
        known = known or Shelf()
        listed = self._ask(library, {"format": "keys"}, since=known.version)
        if listed is None:
            return known
        keys = _keys(listed, library)
        wanted = keys[:limit]
        items = dict(known.items)
        if known.version:
            items.update(self._items(library, since=known.version, limit=len(keys)))
        if not items.keys() >= set(wanted):
            items = dict(self._items(library, since=0, limit=len(wanted)))
        return Shelf(
            version=listed.version,
            items={key: items[key] for key in wanted if key in items},
            total=len(keys),
        )

    def _items(self, library: Library, *, since: int, limit: int) -> Iterator[tuple[str, Liked]]:
        """Yields the newest items of a library that have changed after the version `since`."""
        start, total = 0, min(1, limit)
        while start < min(total, limit):
            page = self._ask(
                library,
                {"format": "json", "since": since, "start": start, "limit": PAGE_SIZE},
            )
            if page is None:
                raise _UnavailableError(f"Zotero sent no items of {library}")
            items = _json(page.body, library)
            if not isinstance(items, list):
                raise _UnavailableError(f"Zotero sent no list of items of {library}")
            yield from filter(None, map(_item, items))
            # The next page is computed here; an address in an answer is never followed.
            start, total = start + PAGE_SIZE, page.total

    def _ask(
        self, library: Library, parameters: Mapping[str, str | int], *, since: int = 0
    ) -> _Page | None:
        """Asks for a list, again after a failure that may pass.

        Returns:
            The answer, or `None` if the library has not changed after the version `since`.
        """
        failures = 0
        while True:
            try:
                return self._ask_once(library, parameters, since)
            except _UnavailableError as error:
                failures += 1
                if failures > FORGIVEN:
                    raise
                _log.info("%s; asking again in %.0f s", error.message, error.wait)
                self._pause(error.wait)

    def _ask_once(
        self, library: Library, parameters: Mapping[str, str | int], since: int
    ) -> _Page | None:
        self._wait(library)
        folder = f"/collections/{library.collection}" if library.collection else ""
        query = urlencode({**parameters, "sort": "dateAdded", "direction": "desc"})
        headers = {"Accept": "application/json", "Zotero-API-Version": "3"}
        if self._key:
            headers["Zotero-API-Key"] = self._key
        if since:
            headers["If-Modified-Since-Version"] = str(since)
        place = f"{library.kind}/{library.number}{folder}/items/top"
        left = max(1.0, self._deadline - self._clock.monotonic())
        try:
            response = self._transport.exchange(
                Request(url=f"{self._url}/{place}?{query}", headers=headers),
                timeouts=Timeouts(*(min(seconds, left) for seconds in self._timeouts)),
                most=MAX_BYTES,
            )
        except TransportError as error:
            raise _UnavailableError(f"Zotero could not be reached: {error}") from error
        self._pause(_seconds(response, "Backoff"))
        if since and response.status == HTTPStatus.NOT_MODIFIED:
            return None
        self._check(response, library)
        if len(response.body) > MAX_BYTES:
            raise ZoteroError(f"Zotero's answer for {library} is too long to be read")
        return _Page(
            version=_whole_number(response, "Last-Modified-Version"),
            total=_whole_number(response, "Total-Results"),
            body=response.body,
        )

    def _check(self, response: Response, library: Library) -> None:
        """Raises an error for an answer that is not a list.

        Raises:
            ZoteroError: the library cannot be read.
        """
        status = response.status
        if status == HTTPStatus.OK:
            return
        if status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _UnavailableError(
                f"Zotero answered with status {status}",
                wait=_seconds(response, "Retry-After") or PAUSE,
            )
        if status == HTTPStatus.FORBIDDEN and self._key:
            raise ZoteroError(
                f"Zotero does not let zotero-key read {library}",
                f"{KEYS_URL} shows what the key may read, and makes another.",
            )
        if status == HTTPStatus.FORBIDDEN:
            raise ZoteroError(
                f"{library} is private",
                f"Make a key that may read it at {KEYS_URL}, keep it as a secret of the repository,"
                " and give it as zotero-key.",
            )
        if status == HTTPStatus.NOT_FOUND:
            raise ZoteroError(
                f"Zotero has no {library}",
                "A library is named by its number, not by a user name: "
                f"{KEYS_URL} shows yours as your user ID. A collection may have been deleted.",
            )
        raise ZoteroError(f"Zotero answered with status {status} for {library}")

    def _pause(self, seconds: float) -> None:
        """Delays the next request."""
        self._earliest_start = max(self._earliest_start, self._clock.monotonic() + seconds)

    def _wait(self, library: Library) -> None:
        """Waits until the next request may start.

        Raises:
            ZoteroError: the wait would exceed the time limit.
        """
        now = self._clock.monotonic()
        if max(now, self._earliest_start) >= self._deadline:
            raise ZoteroError(
                f"Zotero asks for more patience than there is time for {library}",
                "The next run asks again.",
            )
        if self._earliest_start > now:
            self._clock.sleep(self._earliest_start - now)


class _Page(NamedTuple):
    """A list as Zotero sent it."""

    version: int
    total: int
    body: bytes


def _seconds(response: Response, name: str) -> float:
    """Returns the seconds that a header asks to wait; Zotero always sends a number."""
    text = response.headers.get(name, "").strip()
    return float(text[:9]) if re.fullmatch(r"\d+", text, re.ASCII) else 0.0


def _whole_number(response: Response, name: str) -> int:
    text = response.headers.get(name, "").strip()
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else 0


def _keys(page: _Page, library: Library) -> list[str]:
    keys = list(dict.fromkeys(page.body.decode("utf-8", "replace").split()))
    if len(keys) != page.total or not all(map(_ITEM_KEY.fullmatch, keys)):
        raise _UnavailableError(f"Zotero sent no whole list of keys of {library}")
    return keys


def _json(body: bytes, library: Library) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise _UnavailableError(f"Zotero sent no JSON for {library}") from None


def _item(item: Any) -> tuple[str, Liked] | None:
    """Returns the key of an item and its paper, or `None` if it does not have the form of an item.

    Where the arXiv id is depends on how and when the paper was added: a *Preprint* has it in
    `archiveID`, older items in `extra`, `reportNumber` or `publicationTitle`.
    """
    data = item.get("data") if isinstance(item, dict) else None
    if not isinstance(data, dict) or not _ITEM_KEY.fullmatch(str(data.get("key"))):
        return None

    def text(name: str) -> str:
        value = data.get(name)
        return value if isinstance(value, str) else ""

    places = [
        text("archiveID"),
        text("DOI"),
        text("url"),
        text("publicationTitle"),
        text("reportNumber"),
        *text("extra")[:2000].splitlines(),
    ]
    is_paper = text("itemType") not in _NO_PAPERS
    return data["key"], Liked.of(
        text("title") if is_paper else "",
        text("abstractNote") if is_paper else "",
        arxiv_id=next(filter(None, map(arxiv_id, places)), None),
        doi=text("DOI"),
    )
