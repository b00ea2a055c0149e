"""Asks a model for summaries, a few at once, within limits of number, time and failures.

Nothing depends on the result: whatever an endpoint does, the run continues. A thread does one
exchange and nothing else; all decisions are made here, in the order of the papers.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from daily_papers import REPOSITORY_URL, __version__
from daily_papers.clock import Clock
from daily_papers.memory.summaries import SummariesResult, Summary
from daily_papers.papers import Paper
from daily_papers.summaries.completion import (
    FORMS,
    MAX_BYTES,
    RefusedError,
    read_completion,
    request_body,
)
from daily_papers.summaries.sentence import UnusableError, read_sentence
from daily_papers.transport import (
    Request,
    Response,
    Timeouts,
    Transport,
    TransportError,
    retry_after,
)

__all__ = ["TIMEOUTS", "Settings", "summarise"]

AT_ONCE: Final = 4
"""The most requests that wait for an answer at the same time."""

MAX_FAILURES: Final = 5
"""The number of failures in a row after which no more requests are made."""

BUDGET: Final = 300.0
"""The most seconds for all summaries of a run."""

BACKOFF: Final = 5.0
"""Seconds to wait if a busy endpoint does not say how long; doubled after each failure."""

TIMEOUTS: Final = Timeouts(connect=10.0, read=120.0, whole=120.0)
"""A model on a machine without a graphics card may take a minute, and may have to be loaded."""

USER_AGENT: Final = f"daily-papers/{__version__} (+{REPOSITORY_URL})"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which model to ask, and for what."""

    url: str
    """The base address of the endpoint, such as `https://api.openai.com/v1`."""
    model: str
    key: str = field(default="", repr=False)
    language: str = "English"
    limit: int = 50
    """The most papers to ask for."""


def summarise(
    wanted: Sequence[Paper],
    settings: Settings,
    clock: Clock,
    deadline: float,
    *,
    timeouts: Timeouts = TIMEOUTS,
) -> SummariesResult:
    """Asks for summaries of papers. Failures of the model or the network do not raise errors.

    Args:
        wanted: the papers, most wanted first.
        settings: which model to ask, and for what.
        clock: measures the time, and waits.
        deadline: the value of `clock.monotonic` after which no request is made; at most `BUDGET`
            seconds from now.
        timeouts: the timeouts of each request.

    Returns:
        The summaries. A paper that is not among them got no answer, and may be asked for again.
    """
    deadline = min(deadline, clock.monotonic() + BUDGET)
    conversation = _Conversation(wanted[: settings.limit], settings, clock, deadline, timeouts)
    conversation.hold()
    return conversation.result()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A request that has been made."""

    place: int
    """The index of its paper, in the order of the papers."""
    form: int
    waits: int
    """The number of waits before it was made."""
    response: Future[Response]


class _Conversation:
    """The requests of one run, and the answers so far."""

    def __init__(
        self,
        papers: Sequence[Paper],
        settings: Settings,
        clock: Clock,
        deadline: float,
        timeouts: Timeouts,
    ) -> None:
        self._papers, self._settings = papers, settings
        self._clock, self._deadline, self._timeouts = clock, deadline, timeouts
        self._host = urlsplit(settings.url).netloc
        self._transport = Transport()
        self._waiting = list(range(len(papers)))
        self._asked: deque[_Asked] = deque()
        self._at_once = 1  # The first answer shows which form of request the endpoint takes.
        self._form: int | None = None
        self._waits = 0
        self._found: dict[int, Summary] = {}
        self._tokens = self._failures = self._in_a_row = 0
        self._last_failure = ""

    def hold(self) -> None:
        """Makes the requests in the order of the papers, and waits for all answers."""
        if self._papers:
            _log.info(
                "Sending the titles, categories and abstracts of up to %d papers to %s",
                len(self._papers),
                self._host,
            )
        while True:
            # If all of these requests failed, they would not be more than `MAX_FAILURES` in a row.
            room = min(self._at_once, MAX_FAILURES - self._in_a_row)
            while self._waiting and len(self._asked) < room and self._left() > 0:
                self._ask(heapq.heappop(self._waiting), self._form or 0)
            if not self._asked:
                return
            self._hear(self._asked.popleft())

    def result(self) -> SummariesResult:
        """Returns the summaries so far, and how the requests went."""
        return SummariesResult(
            summaries={self._papers[i].arxiv_id: self._found[i] for i in sorted(self._found)},
            tokens=self._tokens,
            failures=self._failures,
            note=self._note(),
            source=f"{self._settings.model} at {self._host}",
        )

    def _note(self) -> str:
        last = f"; the last one: {self._last_failure}" if self._last_failure else ""
        left = len(self._waiting)
        papers = "paper" if left == 1 else "papers"
        if self._in_a_row >= MAX_FAILURES:
            return f"stopped after {MAX_FAILURES} failures in a row{last}"
        if left:
            return f"the time was over with {left} {papers} left for the next run{last}"
        return ""

    def _left(self) -> float:
        return self._deadline - self._clock.monotonic()

    # --- Asking

    def _ask(self, place: int, form: int) -> None:
        """Makes a request without waiting for its answer."""
        settings, left = self._settings, max(1.0, self._left())
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
        }
        if settings.key:
            headers["Authorization"] = f"Bearer {settings.key}"
        request = Request(
            method="POST",
            url=f"{settings.url}/chat/completions",
            headers=headers,
            body=request_body(
                self._papers[place],
                model=settings.model,
                language=settings.language,
                form=FORMS[form],
            ),
        )
        timeouts = Timeouts(*(min(seconds, left) for seconds in self._timeouts))
        future: Future[Response] = Future()
        threading.Thread(
            target=_exchange, args=(self._transport, request, timeouts, future), daemon=True
        ).start()
        self._asked.append(_Asked(place=place, form=form, waits=self._waits, response=future))

    # --- Being answered

    def _hear(self, asked: _Asked) -> None:
        """Waits for an answer, and decides what to do next."""
        try:
            self._found[asked.place] = self._summary(asked)
            self._in_a_row = 0
        except TransportError as error:
            self._fail(f"{self._host} could not be reached: {error}")
        except RefusedError as error:
            if error.is_about_form and self._form is None and asked.form + 1 < len(FORMS):
                self._ask(asked.place, asked.form + 1)
            elif error.is_busy:
                heapq.heappush(self._waiting, asked.place)
                self._wait(asked, f"{self._host} {error}")
            else:
                if error.is_about_form:  # No form helped, so the others are not tried again.
                    self._form = asked.form
                self._fail(f"{self._host} {error}")
        except UnusableError as error:
            self._found[asked.place] = self._made("", None, asked.place)
            self._fail(f"the answer {error}")

    def _summary(self, asked: _Asked) -> Summary:
        """Returns the summary in an answer.

        Raises:
            TransportError: there was no complete answer.
            RefusedError: the endpoint refused the request.
            UnusableError: the model's answer cannot be shown.
        """
        completion = read_completion(asked.response.result())
        if self._form is None:
            self._form = asked.form
            self._at_once = 1 if self._waits else AT_ONCE
        self._tokens += completion.tokens
        language = self._settings.language
        text, title = read_sentence(completion.content, self._papers[asked.place], language)
        return self._made(text, title, asked.place)

    def _made(self, text: str, title: str | None, place: int) -> Summary:
        version = self._papers[place].version
        return Summary(text=text, title=title, model=self._settings.model, version=version)

    def _fail(self, message: str) -> None:
        self._failures += 1
        self._in_a_row += 1
        key = self._settings.key
        self._last_failure = message.replace(key, "***") if key else message
        _log.info("No summary: %s", self._last_failure)

    def _wait(self, asked: _Asked, message: str) -> None:
        """Waits as long as the endpoint asks, if there is time; from then on, asks one by one."""
        self._at_once = 1
        if asked.waits < self._waits:
            return  # The request was made before the last wait, which was for one made with it.
        self._fail(message)
        backoff = BACKOFF * 2 ** (self._in_a_row - 1)
        seconds = retry_after(asked.response.result(), self._clock.now()) or backoff
        if self._in_a_row < MAX_FAILURES and seconds < self._left():
            _log.info("%s; going on in %.0f s", self._last_failure, seconds)
            self._clock.sleep(seconds)
        else:
            self._last_failure += f" (to wait {seconds:.0f} s)"
            self._deadline = self._clock.monotonic()
        self._waits += 1


def _exchange(
    transport: Transport, request: Request, timeouts: Timeouts, future: Future[Response]
) -> None:
    """Sets the result of `future` to the answer, or its exception."""
    try:
        future.set_result(transport.exchange(request, timeouts=timeouts, most=MAX_BYTES))
    except BaseException as error:  # noqa: BLE001 - raised where the answer is waited for
        future.set_exception(error)
