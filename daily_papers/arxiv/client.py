"""Asks the arXiv API for the newest papers on a query, at arXiv's pace and with patience.

The rules are those of arXiv's terms of use (https://info.arxiv.org/help/api/tou.html) and of its
user manual (https://info.arxiv.org/help/api/user-manual.html): at most one request in three
seconds, over one connection; `start` counts from 0; entries may be fewer than were asked for. What
is tried again, and after how long, follows public reports of the years 2023 to 2026.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from daily_papers.answers import Answer
from daily_papers.arxiv import checks, feed, listing
from daily_papers.arxiv.feed import Feed, Flaw
from daily_papers.arxiv.listing import Listing
from daily_papers.clock import Clock
from daily_papers.errors import (
    ArxivError,
    FeedError,
    OutOfTimeError,
    UnavailableError,
    UnreachableError,
    excerpt,
)
from daily_papers.papers import Paper, SortBy, latest_versions, newest_first
from daily_papers.topics.query import Query
from daily_papers.transport import (
    NoNetworkError,
    Request,
    Response,
    Timeouts,
    Transport,
    TransportError,
    UnknownHostError,
    retry_after,
)

__all__ = ["Arxiv", "Question", "Timeouts", "Waiting"]

SPACING: Final = 3.0
"""Seconds between the starts of two requests."""

PAGE_SIZE: Final = 100
"""Entries usually asked for at once; large pages are slow, and fail more often."""

LONG_PARAMETERS: Final = 4_000
"""Characters of a query string from which on the question is asked by POST, as the manual says;
an address of 7,000 got status 414 (https://github.com/lukasschwab/arxiv.py/issues/15)."""

REDIRECTS: Final = 5
"""How many redirects of one request are followed."""

FORGIVEN: Final = 3
"""How many failures of one question are forgiven before it counts as unanswered."""

BACKOFF: Final = 5.0
"""Seconds to wait before the first time that a question is asked again; they double."""

BACKOFF_WHEN_THROTTLED: Final = 30.0
"""The same after 406 and 429: 30 to 150 seconds were seen to help, shorter waits not."""

JITTER: Final = 0.25
"""Each wait is longer by up to this share, so that machines do not all come back at once."""

_SORT_BY: Final = {SortBy.UPDATED: "lastUpdatedDate", SortBy.PUBLISHED: "submittedDate"}
_THROTTLED: Final = frozenset({406, 429})
_TRANSIENT: Final = frozenset({103, 406, 408, 425, 429})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

Waiting = Callable[[str], AbstractContextManager[object]]
"""Makes what is entered while something is waited for, from the words for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What arXiv is asked for: the newest papers that match a query, down to some bound."""

    query: Query
    limit: int
    """How many papers to return at most."""
    sort_by: SortBy
    """The date that makes a paper new."""
    known: Sequence[Paper] = ()
    """The papers of the last good answer to the same query, if there was one."""
    since: datetime | None = None
    """The date at which to stop, after the first `page_size` papers and short of `limit`, if there
    is one."""
    page_size: int = PAGE_SIZE
    """How many entries to ask for at once, as long as nothing fails."""
    name: str = "arXiv"
    """What the log calls the question."""


class Arxiv:
    """One run's conversation with arXiv.

    Args:
        url: the address of the API.
        clock: tells the time between requests, and waits.
        time_limit: seconds from now after which nothing is asked any more.
        timeouts: for each request.
        is_attended: whether a person waits for the run: a network that is down is then an error at
            once; otherwise it has time to come back.
        waiting: entered while an answer is waited for, which the clock does not know of.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        time_limit: float,
        timeouts: Timeouts | None = None,
        is_attended: bool = False,
        waiting: Waiting = nullcontext,
    ) -> None:
        self._url = url
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._deadline = clock.monotonic() + time_limit
        self._earliest_start = clock.monotonic()
        self._is_attended = is_attended
        self._waiting = waiting
        self._transport = Transport()
        self._unreachable: dict[str | None, UnreachableError] = {}
        """The hosts that cannot be reached: each is tried once."""
        self._warned: set[str] = set()

    def newest(self, question: Question) -> Answer:
        """Asks for the newest papers that match a query, as often as needed and sensible.

        Args:
            question: what to ask for.

        Returns:
            The papers down to the question's bound, or all there are.

        Raises:
            ArxivError: there was no answer that can be trusted; nothing of any is used.
            OutOfTimeError: the time limit was reached.
        """
        patience = _Patience(self._clock, self._deadline)
        return patience.keep_trying(lambda: self._ask(question, patience))

    def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Asks one question for papers by their ids.

        Args:
            ids: at most 1,000, without versions.

        Returns:
            Those that arXiv has, each at its latest version, in no certain order.

        Raises:
            ArxivError: there was no usable answer.
            OutOfTimeError: the time limit was reached.
        """
        _log.info("Asking arXiv for %d %s by id", len(ids), "paper" if len(ids) == 1 else "papers")
        patience = _Patience(self._clock, self._deadline)
        page = patience.keep_trying(partial(self._by_ids, ids))
        self._warn_of(page.flaws)
        return page.papers

    def listing(self, url: str, places: Sequence[str]) -> Listing:
        """Asks once for what arXiv announced last, which does not come from its search.

        Args:
            url: the address of the announcement feeds, without a category.
            places: archives and categories.

        Returns:
            The listing.

        Raises:
            ArxivError: there was no usable answer.
            OutOfTimeError: the time limit was reached.
        """
        found = listing.parse(self._request(f"{url.rstrip('/')}/{'+'.join(places)}"))
        self._warn_of(found.flaws)
        return found

    def _ask(self, question: Question, patience: _Patience) -> Answer:
        """Asks once, page by page, and returns the answer if it can be trusted."""
        limit, sort_by, known = question.limit, question.sort_by, question.known
        given: list[Paper] = []
        known_as = {(paper.arxiv_id, paper.version): paper for paper in known}
        kept: list[Paper] = []
        left_out: dict[str, Flaw] = {}
        papers: tuple[Paper, ...] = ()
        start, totals = 0, [1]
        is_far_enough = False
        while start < totals[-1] and len(papers) < limit and not is_far_enough:
            if start:
                _log.info("%s: %d papers of %d so far", question.name, start, totals[-1])
            page = patience.keep_trying(partial(self._page, question, start, patience))
            totals.append(page.total_results)
            start += page.size
            given += page.papers
            for flaw in page.flaws:
                # At a version that is known, the paper is as it was.
                if paper := known_as.get((flaw.arxiv_id, flaw.version)):
                    kept.append(paper)
                else:
                    left_out[flaw.reason] = flaw
            papers = latest_versions([*given, *kept])
            if question.since and given and start >= question.page_size:
                is_far_enough = given[-1].date(sort_by) < question.since
        checks.check_complete(
            papers,
            totals=[total - len(left_out) for total in totals[1:]],
            limit=start - len(left_out) if is_far_enough else limit,
        )
        limit = len(papers) if is_far_enough else limit
        checks.check_order(given, sort_by)
        papers = newest_first(papers, sort_by)[:limit]
        checks.check_versions(papers, known)
        checks.check_not_fewer(papers, known, limit=limit, sort_by=sort_by)
        self._check_not_stale(checks.vanished_from_top(papers, known, sort_by))
        self._warn_of(left_out.values())
        return Answer(papers=papers, total=totals[-1] - len(left_out))

    def _check_not_stale(self, vanished: Sequence[Paper]) -> None:
        """Refuses an answer from before its newest papers came.

        A paper leaves a result because it has changed, and arXiv never forgets one: asked by its
        id, an index that is up to date knows it, and not as it was.

        Raises:
            FeedError: arXiv does not know all of `vanished`, or knows one as it was or had been.
        """
        if not vanished:
            return
        page = self._by_ids([paper.arxiv_id for paper in vanished])
        now = {paper.arxiv_id: paper for paper in page.papers}
        flawed = {flaw.arxiv_id: flaw.version for flaw in page.flaws}
        for paper in vanished:
            found = now.get(paper.arxiv_id, paper)
            is_revised = flawed.get(paper.arxiv_id, 0) > paper.version
            if (found == paper and not is_revised) or found.version < paper.version:
                raise checks.older(paper)

    def _by_ids(self, ids: Sequence[str]) -> Feed:
        """Asks once for papers by their ids.

        Raises:
            FeedError: the answer has fewer papers than it counts.
        """
        page = self._feed({"id_list": ",".join(ids), "max_results": len(ids)})
        if page.size < min(page.total_results, len(ids)):
            raise FeedError(f"arXiv sent {page.size} of {page.total_results} papers")
        return page

    def _page(self, question: Question, start: int, patience: _Patience) -> Feed:
        """Asks for a page from the entry at `start` on; after each failure for half as many.

        A page with a flaw is asked for once more, and for more entries in place of those that may
        have to be left out: arXiv has omitted the title of a paper for good, because it was "0"
        (https://github.com/lukasschwab/arxiv.py/issues/71).
        """
        size = min(max(question.page_size >> patience.failures, PAGE_SIZE), question.limit)
        parameters: dict[str, str | int] = {
            "search_query": question.query.to_arxiv(),
            "start": start,
            "max_results": size,
            "sortBy": _SORT_BY[question.sort_by],
            "sortOrder": "descending",
        }
        page = self._feed(parameters)
        if page.flaws:
            _log.info("In arXiv's answer, %s; asking again", page.flaws[0].reason)
            page = self._feed(parameters | {"max_results": size + len(page.flaws)})
        if not page.flaws:
            checks.check_page(page, start)
        return page

    def _feed(self, parameters: Mapping[str, str | int]) -> Feed:
        """Asks the API once, and reads the answer."""
        page = feed.parse(self._request(self._url, parameters))
        if page.updated.year > self._clock.now().year + 1:
            raise FeedError(f"arXiv's answer is dated {page.updated:%Y-%m-%d}")
        return page

    def _warn_of(self, flaws: Iterable[Flaw]) -> None:
        for flaw in flaws:
            if flaw.reason not in self._warned:
                self._warned.add(flaw.reason)
                _log.warning("One paper of arXiv's answer is left out: %s", flaw.reason)

    def _request(self, url: str, parameters: Mapping[str, str | int] | None = None) -> bytes:
        """Asks for an address, follows its redirects, and returns the body of a good response."""
        # arXiv answers 406 to clients that do not say what they accept.
        headers = {"Accept": "application/atom+xml"}
        request = Request(url=url, headers=headers)
        if parameters:
            query = urlencode(parameters)
            if len(query) > LONG_PARAMETERS:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                request = replace(request, method="POST", body=query.encode())
            else:
                request = replace(request, url=f"{url}{'&' if '?' in url else '?'}{query}")
        for _ in range(1 + REDIRECTS):
            response = self._exchange(request)
            if response.status not in _REDIRECTS or not response.headers.get("Location"):
                _check_response(response, self._clock.now())
                return response.body
            request = _redirected(request, response)
        raise UnavailableError(f"arXiv redirects more than {REDIRECTS} times in a row")

    def _exchange(self, request: Request) -> Response:
        """Makes one request, no sooner than arXiv allows.

        Raises:
            UnreachableError: it cannot be made, and no other could be.
            UnavailableError: there is no whole response.
            OutOfTimeError: the time limit is reached.
        """
        host = urlsplit(request.url).hostname
        if host in self._unreachable:
            raise UnreachableError(self._unreachable[host].message)
        self._keep_distance()
        left = max(1.0, self._deadline - self._clock.monotonic())
        timeouts = Timeouts(*(min(seconds, left) for seconds in self._timeouts))
        try:
            with self._waiting(f"Waiting for an answer of {host}"):
                return self._transport.exchange(request, timeouts=timeouts, most=feed.MAX_BYTES)
        except TransportError as error:
            message = f"arXiv could not be reached: {error}"
            if isinstance(error, UnknownHostError) or (
                isinstance(error, NoNetworkError) and self._is_attended
            ):
                self._unreachable[host] = UnreachableError(message)
                raise UnreachableError(message) from error
            raise UnavailableError(message) from error

    def _keep_distance(self) -> None:
        """Waits until the next request may start."""
        now = self._clock.monotonic()
        start = max(now, self._earliest_start)
        if start >= self._deadline:
            raise OutOfTimeError("the time limit for asking arXiv is reached")
        if start > now:
            self._clock.sleep(start - now)
        self._earliest_start = self._clock.monotonic() + SPACING


class _Patience:
    """What is forgiven while one question is asked, page by page.

    Args:
        clock: waits.
        deadline: when waiting makes no sense any more, by the clock's stopwatch.
    """

    def __init__(self, clock: Clock, deadline: float) -> None:
        self._clock = clock
        self._deadline = deadline
        self.failures = 0

    def keep_trying(self, ask: Callable[[], _T]) -> _T:
        """Calls `ask` until it succeeds, with growing waits between, or patience ends.

        Raises:
            UnavailableError: the last failure.
            OutOfTimeError: the next wait would end after the deadline.
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
        backoff = BACKOFF_WHEN_THROTTLED if error.is_throttled else BACKOFF
        seconds = max(backoff * 2 ** (self.failures - 1), error.retry_after)
        seconds *= random.uniform(1, 1 + JITTER)  # noqa: S311 - jitter, no secret
        if self._clock.monotonic() + seconds >= self._deadline:
            raise OutOfTimeError(
                f"{error.message}; the time limit leaves no room to try again"
            ) from error
        _log.info("%s; trying again in %.0f s", error.message, seconds)
        self._clock.sleep(seconds)


def _redirected(request: Request, response: Response) -> Request:
    """Returns the request that a redirect asks for.

    The method stays, as RFC 9110 allows for 301 and 302 (section 15.4): a question that is too
    long for an address would be lost otherwise.

    Raises:
        UnavailableError: it leads to something else than an https address.
    """
    location = response.headers["Location"]
    try:
        url = urljoin(request.url, location)
        is_safe = urlsplit(url).scheme == "https"
    except ValueError:
        is_safe = False
    if not is_safe:
        raise UnavailableError(
            f"arXiv redirects to {excerpt(location)}, which is not an https address"
        )
    if response.status == HTTPStatus.SEE_OTHER:
        return replace(request, method="GET", url=url, body=None)
    return replace(request, url=url)


def _check_response(response: Response, now: datetime) -> None:
    """Refuses a response that is not a feed.

    Raises:
        UnavailableError: asking again may help.
        ArxivError: it will not.
    """
    status, body = response.status, response.body
    # `Rate exceeded.` came with status 200 too.
    is_throttled = status in _THROTTLED or body.startswith(b"Rate exceeded")
    if status == HTTPStatus.OK:
        content_type = response.headers.get("Content-Type", "no content type")
        if "xml" not in content_type:
            raise FeedError(
                f"arXiv sent {excerpt(content_type)} instead of a feed: {_beginning(body)}",
                is_throttled=is_throttled,
            )
    elif status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise UnavailableError(
            _refusal(status, body),
            is_throttled=is_throttled,
            retry_after=retry_after(response, now),
        )
    else:
        raise ArxivError(_refusal(status, body))


def _refusal(status: int, body: bytes) -> str:
    """Returns what arXiv said, in its own words if it has some."""
    try:
        feed.parse(body)
    except FeedError:
        return f"arXiv answered with status {status}: {_beginning(body)}".rstrip(": ")
    except ArxivError as error:
        return f"{error.message} (status {status})"
    return f"arXiv answered with status {status}"


def _beginning(body: bytes) -> str:
    """Returns the beginning of a body that is not a feed, to be shown to a person."""
    return excerpt(body[:200].decode("utf-8", "replace"))
