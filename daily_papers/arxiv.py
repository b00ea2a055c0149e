"""The arXiv API: from a query to its newest papers, at the pace that arXiv asks for.

Facts are from arXiv's API user manual and its terms of use: at most one request in three seconds,
over one connection; `start` counts from 0; entries may be fewer than were asked for.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final, NamedTuple

import requests

from daily_papers import REPOSITORY_URL, __version__, feed
from daily_papers.clock import Clock
from daily_papers.errors import ArxivError, FeedError
from daily_papers.papers import Feed, Paper, SortBy, latest_versions, newest_first
from daily_papers.topics import Query

__all__ = ["Answer", "Arxiv", "Timeouts"]

SPACING: Final = 3.0
"""Seconds between the starts of two requests."""

PAGE_SIZE: Final = 100
"""Entries asked for at once; large pages are slow, and fail more often."""

USER_AGENT: Final = f"daily-papers/{__version__} (+{REPOSITORY_URL})"

_SORT_BY: Final = {SortBy.UPDATED: "lastUpdatedDate", SortBy.PUBLISHED: "submittedDate"}

_log = logging.getLogger(__name__)


class Timeouts(NamedTuple):
    """Seconds to wait for a connection, and for the next bytes of an answer."""

    connect: float = 10.0
    read: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What arXiv has on one query."""

    papers: tuple[Paper, ...]
    """Newest first, each once."""
    total: int
    """How many papers match, kept or not."""


class Arxiv:
    """One run's conversation with arXiv.

    Args:
        url: the address of the API.
        clock: tells the time between requests, and waits.
        timeouts: for each request.
    """

    def __init__(self, url: str, clock: Clock, timeouts: Timeouts | None = None) -> None:
        self._url = url
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._next_start: float | None = None
        self._session = requests.Session()
        # arXiv answers 406 to clients that do not say what they accept.
        self._session.headers.update({"Accept": "application/atom+xml", "User-Agent": USER_AGENT})

    def newest(self, query: Query, *, limit: int, sort_by: SortBy) -> Answer:
        """Asks for the newest papers that match `query`.

        Args:
            query: what to look for.
            limit: how many papers to bring at most.
            sort_by: the date that makes a paper new.

        Returns:
            `limit` papers, or all there are where arXiv has fewer.

        Raises:
            ArxivError: there was no usable answer; nothing of it is used.
        """
        papers: tuple[Paper, ...] = ()
        start, total = 0, 1
        while start < total and len(papers) < limit:
            page = self._page(query, start=start, size=min(PAGE_SIZE, limit), sort_by=sort_by)
            total = page.total_results
            if not page.papers and start < total:
                raise ArxivError(f"arXiv counts {total} papers but sent none from {start} on")
            start += len(page.papers)
            papers = latest_versions((*papers, *page.papers))
        return Answer(papers=newest_first(papers, sort_by)[:limit], total=total)

    def _page(self, query: Query, *, start: int, size: int, sort_by: SortBy) -> Feed:
        """Asks for `size` entries from the one at `start` on."""
        parameters: dict[str, str | int] = {
            "search_query": query.to_arxiv(),
            "start": start,
            "max_results": size,
            "sortBy": _SORT_BY[sort_by],
            "sortOrder": "descending",
        }
        return feed.parse(self._get(parameters))

    def _get(self, parameters: dict[str, str | int]) -> bytes:
        """Makes one request, no sooner than arXiv allows, and gives the answer's body."""
        self._keep_distance()
        try:
            with self._session.get(
                self._url, params=parameters, timeout=self._timeouts, stream=True
            ) as response:
                body = _read(response)
        except requests.RequestException as error:
            raise ArxivError(f"arXiv could not be reached: {error}") from error
        if response.status_code != requests.codes.ok:
            raise _refusal(response.status_code, body)
        content_type = response.headers.get("Content-Type", "")
        if "xml" not in content_type:
            raise ArxivError(f"arXiv sent {content_type} where a feed was due: {_words(body)}")
        return body

    def _keep_distance(self) -> None:
        """Waits until the next request may start."""
        now = self._clock.monotonic()
        if self._next_start is not None and now < self._next_start:
            self._clock.sleep(self._next_start - now)
            now = self._next_start
        self._next_start = now + SPACING


def _read(response: requests.Response) -> bytes:
    """Reads a body as far as a feed could reach, so that no answer can fill the memory."""
    pieces, size = [], 0
    for piece in response.iter_content(64 * 1024):
        pieces.append(piece)
        size += len(piece)
        if size > feed.MAX_BYTES:
            break
    return b"".join(pieces)


def _refusal(status: int, body: bytes) -> ArxivError:
    """Gives the error that says what arXiv said, in its own words where it has some."""
    try:
        feed.parse(body)
    except ArxivError as error:
        return ArxivError(f"{error.message} (status {status})")
    except FeedError:
        pass
    return ArxivError(f"arXiv answered with status {status}: {_words(body)}".rstrip(": "))


def _words(body: bytes) -> str:
    """Gives the beginning of a body that is not a feed, to be shown to a person."""
    return " ".join(body[:200].decode("utf-8", "replace").split())
