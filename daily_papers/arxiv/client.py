"""The arXiv API: from a query to its newest papers, at arXiv's pace and with patience.

Facts are from arXiv's API user manual and its terms of use: at most one request in three seconds,
over one connection; `start` counts from 0; entries may be fewer than were asked for. What is tried
again, and how long to wait before, is what public reports of the years 2023 to 2026 tell of.
"""

from __future__ import annotations

import email.utils
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlencode, urljoin

import requests
import urllib3

from daily_papers import REPOSITORY_URL, __version__
from daily_papers.answers import Answer
from daily_papers.arxiv import checks, feed, listing
from daily_papers.arxiv.feed import Feed
from daily_papers.arxiv.listing import Listing
from daily_papers.clock import Clock
from daily_papers.errors import ArxivError, FeedError, OutOfTimeError, UnavailableError
from daily_papers.papers import Paper, SortBy, latest_versions, newest_first
from daily_papers.topics.query import Query

__all__ = ["Arxiv", "Question", "Timeouts"]

SPACING: Final = 3.0
"""Seconds between the starts of two requests."""

PAGE_SIZE: Final = 100
"""Entries asked for at once, mostly; large pages are slow, and fail more often."""

LONG_PARAMETERS: Final = 4_000
"""Characters of a query string from which on the question is asked by POST, as the manual says;
an address of 7,000 got status 414 (https://github.com/lukasschwab/arxiv.py/issues/15)."""

FORGIVEN: Final = 3
"""How many failures of one question are forgiven before it counts as unanswered."""

BACKOFF: Final = 5.0
"""Seconds to wait before the first time that a question is asked again; they double."""

BACKOFF_WHEN_THROTTLED: Final = 30.0
"""Seconds to wait after 406 and 429: 30 to 150 were seen to help, shorter ones not."""

JITTER: Final = 0.25
"""Each wait is longer by up to this share, so that machines do not come back all at once."""

USER_AGENT: Final = f"daily-papers/{__version__} (+{REPOSITORY_URL})"

_SORT_BY: Final = {SortBy.UPDATED: "lastUpdatedDate", SortBy.PUBLISHED: "submittedDate"}
_THROTTLED: Final = frozenset({406, 429})
_TRANSIENT: Final = frozenset({406, 408, 425, 429})

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Timeouts(NamedTuple):
    """Seconds to wait for a connection, for the next bytes, and for a whole answer."""

    connect: float = 10.0
    read: float = 60.0
    whole: float = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What arXiv is asked for: the newest papers that match a query, down to some bound."""

    query: Query
    limit: int
    """How many papers to bring at most."""
    sort_by: SortBy
    """The date that makes a paper new."""
    known: Sequence[Paper] = ()
    """The papers of the last good answer to the same query, if there was one."""
    since: datetime | None = None
    """The date at which to stop, behind the first `page_size` papers and short of `limit`, where
    there is one."""
    page_size: int = PAGE_SIZE
    """How many entries to ask for at once, as long as nothing fails."""


class Arxiv:
    """One run's conversation with arXiv.

    Args:
        url: the address of the API.
        clock: tells the time between requests, and waits.
        time_limit: seconds from now after which nothing is asked any more.
        timeouts: for each request.
    """

    def __init__(
        self, url: str, clock: Clock, *, time_limit: float, timeouts: Timeouts | None = None
    ) -> None:
        self._url = url
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._deadline = clock.monotonic() + time_limit
        self._earliest_start = clock.monotonic()
        self._session = _Session()
        # arXiv answers 406 to clients that do not say what they accept.
        self._session.headers.update({"Accept": "application/atom+xml", "User-Agent": USER_AGENT})

    def newest(self, question: Question) -> Answer:
        """Asks for the newest papers that match a query, as often as it takes and makes sense.

        Returns:
            The papers down to the question's bound, or all there are.

        Raises:
            ArxivError: there was no answer that can be trusted; nothing of any is used.
            OutOfTimeError: the time limit was reached.
        """
        patience = _Patience(self._clock, self._deadline)
        return patience.keep_trying(lambda: self._ask(question, patience))

    def listing(self, url: str, places: Sequence[str]) -> Listing:
        """Asks once for what arXiv announced last: its other door, which no search stands behind.

        Args:
            url: the address of the announcement feeds, without a category.
            places: archives and categories.

        Raises:
            ArxivError: there was no usable answer.
            OutOfTimeError: the time limit was reached.
        """
        return listing.parse(self._request(f"{url.rstrip('/')}/{'+'.join(places)}"))

    def _ask(self, question: Question, patience: _Patience) -> Answer:
        """Asks once, page by page, and gives the answer if it can be trusted."""
        limit, sort_by, known = question.limit, question.sort_by, question.known
        given: list[Paper] = []
        papers: tuple[Paper, ...] = ()
        start, totals = 0, [1]
        is_far_enough = False
        while start < totals[-1] and len(papers) < limit and not is_far_enough:
            page = patience.keep_trying(partial(self._page, question, start, patience))
            totals.append(page.total_results)
            start += len(page.papers)
            given += page.papers
            papers = latest_versions(given)
            if question.since and start >= question.page_size:
                is_far_enough = given[-1].date(sort_by) < question.since
        checks.check_complete(papers, totals=totals[1:], limit=start if is_far_enough else limit)
        limit = len(papers) if is_far_enough else limit
        checks.check_order(given, sort_by)
        papers = newest_first(papers, sort_by)[:limit]
        checks.check_versions(papers, known)
        checks.check_not_fewer(papers, known, limit=limit, sort_by=sort_by)
        self._check_not_stale(checks.vanished_from_top(papers, known, sort_by))
        return Answer(papers=papers, total=totals[-1])

    def _check_not_stale(self, vanished: Sequence[Paper]) -> None:
        """Refuses an answer from before its newest papers came.

        A paper leaves a result because it has changed, and arXiv never forgets one: asked by its
        id, an index that is up to date knows it, and not as it was.

        Raises:
            FeedError: arXiv does not know all of `vanished`, or knows one as it was or had been.
        """
        if not vanished:
            return
        ids = ",".join(paper.arxiv_id for paper in vanished)
        body = self._request(self._url, {"id_list": ids, "max_results": len(vanished)})
        page = feed.parse(body)
        now = {paper.arxiv_id: paper for paper in page.papers}
        for paper in vanished:
            found = now.get(paper.arxiv_id, paper)
            if found == paper or found.version < paper.version:
                raise checks.older(paper)

    def _page(self, question: Question, start: int, patience: _Patience) -> Feed:
        """Asks for a page from the entry at `start` on; after each failure for half as many."""
        size = min(max(question.page_size >> patience.failures, PAGE_SIZE), question.limit)
        parameters: dict[str, str | int] = {
            "search_query": question.query.to_arxiv(),
            "start": start,
            "max_results": size,
            "sortBy": _SORT_BY[question.sort_by],
            "sortOrder": "descending",
        }
        page = feed.parse(self._request(self._url, parameters))
        checks.check_page(page, start)
        return page

    def _request(self, url: str, parameters: Mapping[str, str | int] | None = None) -> bytes:
        """Makes one request, no sooner than arXiv allows, and gives the answer's body."""
        self._keep_distance()
        left = max(1.0, self._deadline - self._clock.monotonic())
        timeouts = (min(self._timeouts.connect, left), min(self._timeouts.read, left))
        try:
            is_long = len(urlencode(parameters or {})) > LONG_PARAMETERS
            with self._session.request(
                "POST" if is_long else "GET",
                url,
                params=None if is_long else parameters,
                data=parameters if is_long else None,
                timeout=timeouts,
                stream=True,
            ) as response:
                body = self._read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise UnavailableError(f"arXiv could not be reached: {error}") from error
        _check_response(response, body, self._clock.now())
        return body

    def _keep_distance(self) -> None:
        """Waits until the next request may start."""
        now = self._clock.monotonic()
        start = max(now, self._earliest_start)
        if start >= self._deadline:
            raise OutOfTimeError("the time limit for asking arXiv is reached")
        if start > now:
            self._clock.sleep(start - now)
        self._earliest_start = self._clock.monotonic() + SPACING

    def _read(self, response: requests.Response) -> bytes:
        """Reads a body as far as a feed could reach: no answer may fill memory, or drip forever."""
        end = min(self._deadline, self._clock.monotonic() + self._timeouts.whole)
        pieces, size = [], 0
        # What has arrived, without waiting for more: `iter_content` would wait for a full piece.
        while piece := response.raw.read1(64 * 1024, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > feed.MAX_BYTES:
                break
            if self._clock.monotonic() > end:
                raise UnavailableError("arXiv's answer took too long to arrive")
        return b"".join(pieces)


class _Patience:
    """What is forgiven while one question is asked, page by page.

    Args:
        clock: waits.
        deadline: when waiting has no sense any more, by the clock's stopwatch.
    """

    def __init__(self, clock: Clock, deadline: float) -> None:
        self._clock = clock
        self._deadline = deadline
        self.failures = 0

    def keep_trying(self, ask: Callable[[], _T]) -> _T:
        """Calls `ask` until it succeeds, with growing waits between, or patience ends.

        Raises:
            UnavailableError: the last failure.
            OutOfTimeError: the next wait would end behind the deadline.
        """
        while True:
            try:
                return ask()
            except UnavailableError as error:
                self.failures += 1
                if self.failures > FORGIVEN:
                    raise
                self._wait(error)

    def _wait(self, error: UnavailableError) -> None:
        seconds = max(error.backoff * 2 ** (self.failures - 1), error.retry_after)
        seconds *= random.uniform(1, 1 + JITTER)  # noqa: S311 - jitter, no secret
        if self._clock.monotonic() + seconds >= self._deadline:
            raise OutOfTimeError(
                f"{error.message}; the time limit leaves no room to try again"
            ) from error
        _log.info("%s; trying again in %.0f s", error.message, seconds)
        self._clock.sleep(seconds)


class _Session(requests.Session):
    """A session that follows a redirect to nothing but https."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        try:
            target = super().get_redirect_target(resp)
            is_safe = target and urljoin(resp.url, target).startswith("https://")
        except ValueError:  # It is no address at all.
            return None
        return target if is_safe else None


def _check_response(response: requests.Response, body: bytes, now: datetime) -> None:
    """Refuses a response that is not a feed.

    Raises:
        UnavailableError: asking again may help.
        ArxivError: it will not.
    """
    status = response.status_code
    if status == requests.codes.ok:
        content_type = response.headers.get("Content-Type", "no content type")
        if "xml" not in content_type:
            raise FeedError(
                f"arXiv sent {content_type} where a feed was due: {_words(body)}",
                backoff=_backoff(status, body),
            )
    elif response.is_redirect:
        target = response.headers["Location"]
        raise UnavailableError(f"arXiv sends us on to {target}, which is not https")
    elif status in _TRANSIENT or status >= requests.codes.internal_server_error:
        raise UnavailableError(
            _refusal(status, body),
            backoff=_backoff(status, body),
            retry_after=_retry_after(response, now),
        )
    else:
        raise ArxivError(_refusal(status, body))


def _backoff(status: int, body: bytes) -> float:
    """Gives the seconds to wait before asking again; `Rate exceeded.` came with status 200 too."""
    is_throttled = status in _THROTTLED or body.startswith(b"Rate exceeded")
    return BACKOFF_WHEN_THROTTLED if is_throttled else BACKOFF


def _refusal(status: int, body: bytes) -> str:
    """Says what arXiv said, in its own words where it has some."""
    try:
        feed.parse(body)
    except FeedError:
        return f"arXiv answered with status {status}: {_words(body)}".rstrip(": ")
    except ArxivError as error:
        return f"{error.message} (status {status})"
    return f"arXiv answered with status {status}"


def _words(body: bytes) -> str:
    """Gives the beginning of a body that is not a feed, to be shown to a person."""
    return " ".join(body[:200].decode("utf-8", "replace").split())


def _retry_after(response: requests.Response, now: datetime) -> float:
    """Gives the seconds that the header `Retry-After` asks for (RFC 9110, section 10.2.3)."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
