"""arXiv at its worst, end to end: a good day, a bad day, and a day on which all is well again.

Each row of the table is a script of faults and what must come of it. Nobody waits: sleeping costs
no time, but a real silence of the stand-in counts, so that timeouts are real.
"""

from __future__ import annotations

import email.utils
import gzip
import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from daily_papers.arxiv.client import JITTER, Timeouts
from tests.standins import arxiv_faults as faults
from tests.standins.arxiv import ArxivStandIn
from tests.standins.entry import Entry
from tests.standins.github import GitHubStandIn
from tests.standins.hostile import SCRIPTS, HostileServer
from tests.standins.server import Fault, Request, Response, changed, with_status
from tests.support import (
    NOW,
    Result,
    Shown,
    StopwatchClock,
    entry,
    run_main,
    shown,
)
from tests.workspace import DATA_FILE, DAY, World

TOPICS = ("Graph Neural Networks", "Time Series", "Road Maps", "Sea Ice", "Bird Song")
A, B, C, D, E = TOPICS
TODAY, YESTERDAY = "2025-10-04", "2025-10-03"
FAILED = f"arXiv has given no usable answer since {TODAY}; as of {YESTERDAY}."
PATIENCE = 60
"""Real seconds after which a run must have given up, whatever arXiv does."""
IMPATIENT = Timeouts(read=1.5, whole=3)
"""For a silence of arXiv. A right answer must come within them, on a machine that is busy, too."""

Script = Callable[[ArxivStandIn], Sequence[Fault | None]]


def papers(heading: str, numbers: Iterable[int], **changes: object) -> list[Entry]:
    """Papers on one topic; the higher a number, the newer."""
    first = TOPICS.index(heading) * 1000
    return [
        entry(first + number, title=f"{heading}, Part {number}", **changes) for number in numbers
    ]


def fresh(heading: str, number: int, moment: datetime) -> Entry:
    """A paper of last night; the higher its number, the later it was submitted."""
    submitted = moment - DAY / 2 + timedelta(minutes=number)
    (made,) = papers(heading, [number], published=submitted, updated=submitted)
    return made


@contextmanager
def a_world(folder: Path, sizes: dict[str, int] | None = None) -> Iterator[World]:
    """A world in which every topic has a dozen papers, two of them of last night."""
    (folder / "workspace").mkdir(parents=True)
    clock = StopwatchClock()
    with ArxivStandIn(clock=clock.now) as arxiv:
        for heading in TOPICS:
            size = (sizes or {}).get(heading, 12)
            arxiv.add(papers(heading, range(size - 2)))
            arxiv.add(fresh(heading, number, NOW) for number in (size - 2, size - 1))
        inputs = {"requests": "per-topic", "announcements": "never"}
        inputs |= {"max_papers": "100", "time_limit": "600"}
        yield World(arxiv, folder, TOPICS, clock, inputs)


def a_day_passes(world: World) -> None:
    """It is tomorrow, every topic has a new paper, and one paper of it was revised."""
    world.sleep_until_tomorrow()
    moment = world.clock.moment
    for number, heading in enumerate(world.topics):
        world.arxiv.add([fresh(heading, 500 + (moment - NOW) // DAY, moment)])
        revised = f"2509.{number * 1000:05}"
        world.arxiv.revise(revised, updated=moment - DAY / 3, comment="now longer")


def told(result: Result, command: str) -> list[str]:
    prefix = f"::{command}::"
    lines = result.log.splitlines()
    return [line.removeprefix(prefix) for line in lines if line.startswith(prefix)]


def new_ids(before: dict[str, Shown], after: dict[str, Shown]) -> set[str]:
    """The papers that a page shows and did not show before.

    One that comes back from below the limit with a new version is not among them.
    """

    def names(page: dict[str, Shown]) -> set[str]:
        return {name for topic in page.values() for name in topic.papers}

    known = {name.partition("v")[0] for name in names(before)}
    return {name for name in names(after) if name.endswith("v1") and name[:-2] not in known}


# --- The table ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Case:
    """One bad day."""

    name: str
    script: Script
    requests: int
    backoffs: tuple[float, ...] = ()
    """Seconds before each repeated question, without the jitter."""
    failed: tuple[str, ...] = ()
    because: str = ""
    """A regular expression for the first failed topic's annotation."""
    error: str = ""
    """A regular expression for the run's error, if it has one."""
    unnoticed: bool = False
    """The first topic's answer is of yesterday, as it may be on any day without news."""
    sizes: dict[str, int] = field(default_factory=dict)
    is_long: bool = False
    """The first topic has two pages."""
    inputs: dict[str, str] = field(default_factory=dict)
    timeouts: Timeouts | None = None


def once(name: str, fault: Fault, *, wait: float = 5.0) -> Case:
    """The first topic meets a fault once, and is asked again."""
    return Case(name=f"{name}, once", script=lambda _: [fault], requests=6, backoffs=(wait,))


def for_ever(name: str, fault: Fault, because: str, *, wait: float = 5.0) -> Case:
    """The first topic meets a fault each time it is asked; the others are well."""
    return Case(
        name=f"{name}, for ever",
        script=lambda _: [fault] * 4,
        requests=8,
        backoffs=(wait, 2 * wait, 4 * wait),
        failed=(A,),
        because=because,
    )


def no_matter(name: str, fault: Fault, *, requests: int = 5) -> Case:
    """Something unusual that is not a reason to distrust an answer."""
    return Case(name=name, script=lambda _: [fault] * 3, requests=requests)


def impatient(case: Case) -> Case:
    """The same day for a run that waits no longer for an answer than a test can."""
    return replace(case, timeouts=IMPATIENT)


def at_once(name: str, fault: Fault, because: str) -> Case:
    """The first topic meets a fault that asking again would not help."""
    return Case(name=name, script=lambda _: [fault], requests=5, failed=(A,), because=because)


def in_vain(**fields: Any) -> Case:
    """The first topic is asked as often as may be; the others are well."""
    return Case(backoffs=(5, 10, 20), failed=(A,), **fields)


def no_answer(**fields: Any) -> Case:
    """No topic has an answer, so that the run fails."""
    return Case(failed=TOPICS, error=ALL, **fields)


def in_seconds(seconds: float) -> str:
    """A moment after the bad day's first question, as HTTP writes it."""
    return email.utils.format_datetime(NOW + DAY + timedelta(seconds=seconds), usegmt=True)


def retry_after(value: str, wait: float, status: int = 503) -> Case:
    """A refusal that says when to come back."""
    fault = with_status(status, Retry_After=value)
    return once(f"{status} with Retry-After: {value}", fault, wait=wait)


def with_headers(**headers: str) -> Fault:
    """The right answer with other headers; underscores in names mean hyphens."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request, response: replace(
        response, framing="close", headers=response.headers | given
    )


def well_compressed(_request: Request, response: Response) -> Response:
    body = gzip.compress(response.body, mtime=0)
    return replace(response, body=body, headers=response.headers | {"Content-Encoding": "gzip"})


def other_body(pattern: bytes, replacement: bytes) -> Fault:
    """The right answer with its first match of `pattern` replaced."""
    return lambda _request, response: replace(
        response, body=re.sub(pattern, replacement, response.body, count=1, flags=re.DOTALL)
    )


def total_of(total: int) -> Fault:
    """A page that miscounts how many papers there are."""
    return other_body(rb"(<opensearch:totalResults>)\d+", rb"\g<1>%d" % total)


def both(one: Fault, other: Fault) -> Fault:
    return lambda request, response: other(request, one(request, response))


def search_alone(fault: Fault) -> Fault:
    """A fault that a question for ids does not meet: it is answered by another machine."""
    return lambda request, response: (
        response if "id_list" in request.query else fault(request, response)
    )


def error_entry(status: int) -> Fault:
    """arXiv's own error: a feed with one entry."""
    body = (
        "<?xml version='1.0' encoding='UTF-8'?>\n<feed xmlns='http://www.w3.org/2005/Atom'><entry>"
        "<id>https://arxiv.org/api/errors#bad_query</id><title>Error</title>"
        "<summary>Invalid query string</summary></entry></feed>"
    )
    return with_status(status, body, Content_Type="application/atom+xml")


TRANSIENT = {406: 30, 408: 5, 425: 5, 429: 30, 500: 5, 502: 5, 503: 5, 504: 5}
REFUSED = with_status(503, "Service Unavailable")
ALL = "arXiv gave no usable answer for any topic; the page keeps its papers"
TWO_PAGES = 180
OUT_OF_TIME = "the time limit leaves no room to try again"
OLDER = r"arXiv's answer is older than the last one: it lacks 2509\.000\d\dv1$"
FRAMINGS: tuple[Literal["length", "chunked", "close"], ...] = ("length", "chunked", "close")
DAMAGES: tuple[Literal["cut", "flip", "plain"], ...] = ("cut", "flip", "plain")

CASES = [
    Case(name="nothing at all", script=lambda _: [], requests=5),
    # Statuses.
    *(once(f"status {s}", with_status(s, "no"), wait=wait) for s, wait in TRANSIENT.items()),
    *(
        for_ever(
            f"status {s}", with_status(s, "no"), rf"arXiv answered with status {s}: no$", wait=w
        )
        for s, w in TRANSIENT.items()
    ),
    *(
        at_once(f"status {s}", with_status(s, "no"), rf"arXiv answered with status {s}: no$")
        for s in (400, 401, 403, 404, 410)
    ),
    at_once(
        "error entry, status 400", error_entry(400), r"says: Invalid query string \(status 400"
    ),
    at_once("error entry, status 200", error_entry(200), "arXiv says: Invalid query string$"),
    for_ever("error entry, status 500", error_entry(500), r"says: Invalid query string \(status 5"),
    Case(
        name="429, then 503, then a reset",
        script=lambda _: [faults.rate_exceeded(), faults.unavailable(), faults.reset()],
        requests=8,
        backoffs=(30, 10, 20),
    ),
    # Retry-After.
    retry_after("40", 40),
    retry_after("0", 5),
    retry_after("7", 30, status=429),
    retry_after("90", 90, status=429),
    retry_after(in_seconds(50), 50),
    retry_after(in_seconds(-50), 5),
    retry_after("soon", 5),
    retry_after("-40", 5),
    retry_after("Sat, 04 Oct 99999999999999999999 06:00:00 GMT", 5),
    Case(
        name="503 with Retry-After: 86400",
        script=lambda _: [None, with_status(503, Retry_After="86400")],
        requests=2,
        failed=(B, C, D, E),
        because=OUT_OF_TIME,
    ),
    Case(
        name="503 with a Retry-After of 40 digits",
        script=lambda _: [None, with_status(503, Retry_After="9" * 40)],
        requests=2,
        failed=(B, C, D, E),
        because=OUT_OF_TIME,
    ),
    # Feeds that parse and lie.
    once("empty page", faults.empty_page()),
    for_ever("empty page", faults.empty_page(), "counts 4321 papers but sent none from 0 on"),
    for_ever("empty page, total 0", faults.empty_page(0), "lacks 12 of 12 papers that it had"),
    no_matter("partial page", faults.partial_page(5), requests=7),
    for_ever(
        "partial page with a fitting total",
        both(faults.partial_page(7), total_of(7)),
        "lacks 6 of 12 papers",
    ),
    Case(
        name="a total that is far too large",
        script=lambda _: [total_of(4321)],
        requests=7,
        backoffs=(5,),
    ),
    Case(
        name="unsorted page, once",
        script=lambda arxiv: [faults.unsorted_page(arxiv)],
        requests=6,
        backoffs=(5,),
    ),
    in_vain(
        name="unsorted page, for ever",
        script=lambda arxiv: [faults.unsorted_page(arxiv)] * 4,
        requests=8,
        because="is not sorted: 12 of 13 out of order",
    ),
    in_vain(
        name="unsorted page where one paper is shown",
        script=lambda arxiv: [faults.unsorted_page(arxiv)] * 8,
        requests=12,
        because=OLDER,
        inputs={"max_papers": "1"},
    ),
    no_matter(
        "one paper out of order",
        other_body(rb"(  <entry>.*?</entry>\n)(  <entry>.*?</entry>\n)", rb"\2\1"),
        requests=5,
    ),
    Case(
        name="duplicate page, once",
        script=lambda arxiv: [None, faults.duplicate_page(arxiv)],
        is_long=True,
        requests=8,
        backoffs=(5,),
    ),
    in_vain(
        name="duplicate page, for ever",
        script=lambda arxiv: [faults.duplicate_page(arxiv)] * 8,
        is_long=True,
        requests=12,
        because="counts 181 papers but sent only 100 different ones",
    ),
    Case(
        name="feed of yesterday",
        script=lambda arxiv: [faults.stale_feed(arxiv, 1)],
        requests=5,
        unnoticed=True,
    ),
    Case(
        name="feed of three days ago, once",
        script=lambda arxiv: [faults.stale_feed(arxiv, 3)] * 2,
        requests=7,
        backoffs=(5,),
    ),
    in_vain(
        name="feed of three days ago, for ever",
        script=lambda arxiv: [faults.stale_feed(arxiv, 3)] * 8,
        requests=12,
        because=OLDER,
    ),
    in_vain(
        name="search of three days ago, for ever, ids of today",
        script=lambda arxiv: [search_alone(faults.stale_feed(arxiv, 3))] * 8,
        requests=12,
        because=OLDER,
    ),
    in_vain(
        name="search of three days ago, for ever, ids without answer",
        script=lambda arxiv: [faults.stale_feed(arxiv, 3), REFUSED] * 4,
        requests=12,
        because="status 503",
    ),
    in_vain(
        name="feed of two months ago, for ever",
        script=lambda arxiv: [faults.stale_feed(arxiv, 60)] * 4,
        requests=8,
        because="lacks 12 of 12 papers that it had",
    ),
    in_vain(
        name="nothing where two papers were known, for ever",
        script=lambda _: [search_alone(faults.empty_page(0))] * 8,
        sizes={A: 2},
        requests=12,
        because=OLDER,
    ),
    # Bodies that are no feed.
    once("Rate exceeded. with 429", faults.rate_exceeded(), wait=30),
    for_ever(
        "Rate exceeded. with 200",
        faults.rate_exceeded(200),
        "text/plain instead of a feed",
        wait=30,
    ),
    once("HTML with 200", faults.html_page()),
    for_ever("HTML with 200", faults.html_page(), "text/html; charset=utf-8 instead of a feed"),
    for_ever(
        "HTML as Atom",
        both(faults.html_page(), with_headers(Content_Type="application/atom+xml")),
        "holds a document type declaration",
    ),
    for_ever("wrong content type", faults.wrong_content_type(), "text/html; charset=utf-8 instead"),
    for_ever("two documents", faults.two_documents(), "not well-formed XML"),
    for_ever("NUL bytes", faults.nul_bytes(), "not well-formed XML: Invalid character"),
    for_ever("bytes that are not UTF-8", other_body(b"Ada", b"\xc3da"), "not well-formed XML"),
    *(
        no_matter(f"declared as {name}", faults.declared_encoding(name))
        for name in ("UTF-16", "UTF-7", "ISO-8859-1", "no-such-encoding")
    ),
    # Deliveries that go wrong.
    *(
        once(f"cut at {share:.0%}, {framing}", faults.truncated(share, framing))
        for share in (0.0, 0.3, 0.999)
        for framing in FRAMINGS
    ),
    for_ever("cut at 50%, length", faults.truncated(0.5), "arXiv could not be reached"),
    for_ever("cut at 50%, close", faults.truncated(0.5, "close"), "not well-formed XML"),
    *(
        for_ever(f"gzip damaged: {damage}", faults.broken_gzip(damage), "could not|not well-formed")
        for damage in DAMAGES
    ),
    no_matter("gzip as it should be", well_compressed),
    no_matter("chunks as they should be", changed(framing="chunked")),
    once("reset", faults.reset()),
    for_ever("reset", faults.reset(), "arXiv could not be reached"),
    impatient(once("silence before the answer", faults.stall(9))),
    impatient(once("silence inside the answer", faults.stall(9, inside=True))),
    no_matter("short silence", faults.stall(0.05)),
    *(
        impatient(
            once(f"slow drip, {framing}", both(faults.slow_drip(0.4), changed(framing=framing)))
        )
        for framing in FRAMINGS
    ),
    replace(
        once("drip that never is a silence", faults.slow_drip(1)),
        timeouts=Timeouts(read=60, whole=2),
    ),
    no_matter("fast drip", faults.slow_drip(0.005)),
    impatient(
        for_ever(
            "silence before the answer",
            faults.stall(9),
            "could not be reached: .* sent nothing for 1.5 s",
        )
    ),
    for_ever(
        "redirect to http",
        faults.redirect("http://127.0.0.1/"),
        "redirects to http://127.0.0.1/,",
    ),
    for_ever("redirect to nowhere", faults.redirect("http://["), r"redirects to http://\["),
    for_ever("redirect to no text", faults.redirect("\xff"), "redirects to \xff,"),
    for_ever(
        "redirect to a closed port", faults.redirect("https://127.0.0.1:1/"), "not be reached"
    ),
    for_ever("two lengths", with_headers(Content_Length="7, 8"), "could not be reached"),
    for_ever(
        "two hundred headers", with_headers(**{f"X-{n}": "y" for n in range(200)}), "could not be"
    ),
    # Faults on the second page.
    Case(
        name="503 on page 2, once",
        script=lambda _: [None, REFUSED],
        is_long=True,
        requests=7,
        backoffs=(5,),
    ),
    in_vain(
        name="503 on page 2, for ever",
        script=lambda _: [None, *[REFUSED] * 4],
        is_long=True,
        requests=9,
        because="status 503",
    ),
    in_vain(
        name="503 twice on each of two pages",
        script=lambda _: [REFUSED, REFUSED, None, REFUSED, REFUSED],
        is_long=True,
        requests=9,
        because="status 503",
    ),
    Case(
        name="empty page 2, once",
        script=lambda _: [None, faults.empty_page()],
        is_long=True,
        requests=7,
        backoffs=(5,),
    ),
    Case(
        name="a total on page 2 that is too small",
        script=lambda _: [None, both(faults.partial_page(0), total_of(60))],
        is_long=True,
        requests=8,
        backoffs=(5,),
    ),
    # Several topics.
    Case(
        name="503 for the last topic, for ever",
        script=lambda _: [None] * 4 + [REFUSED] * 4,
        requests=8,
        backoffs=(5, 10, 20),
        failed=(E,),
        because="status 503",
    ),
    Case(
        name="503 for three topics in a row",
        script=lambda _: [None, *[REFUSED] * 99],
        requests=1 + 3 * 4,
        backoffs=(5, 10, 20) * 3,
        failed=(B, C, D, E),
        because="status 503",
    ),
    Case(
        name="503 for two topics, and for two more",
        script=lambda _: [*[REFUSED] * 8, None, *[REFUSED] * 8],
        requests=17,
        backoffs=(5, 10, 20) * 4,
        failed=(A, B, D, E),
        because="status 503",
    ),
    no_answer(
        name="503 for two topics, 400, 503 for two more",
        script=lambda _: [*[REFUSED] * 8, with_status(400), *[REFUSED] * 8],
        requests=17,
        backoffs=(5, 10, 20) * 4,
        because="status 503",
    ),
    no_answer(
        name="503 for all",
        script=lambda _: [REFUSED] * 99,
        requests=3 * 4,
        backoffs=(5, 10, 20) * 3,
        because="status 503",
    ),
    no_answer(
        name="400 for all",
        script=lambda _: [with_status(400)] * 99,
        requests=5,
        because="status 400",
    ),
    no_answer(
        name="connection refused",
        script=lambda _: [],
        inputs={"arxiv_url": "http://127.0.0.1:1/api/query"},
        requests=0,
        backoffs=(5, 10, 20) * 3,
        because="arXiv could not be reached",
    ),
    # The time limit.
    Case(
        name="time limit over after three topics",
        script=lambda _: [],
        inputs={"time_limit": "8"},
        requests=3,
        failed=(D, E),
        because="the time limit for asking arXiv is reached",
    ),
    Case(
        name="429, and a time limit too short to wait",
        script=lambda _: [None, None, faults.rate_exceeded()],
        inputs={"time_limit": "30"},
        requests=3,
        failed=(C, D, E),
        because=OUT_OF_TIME,
    ),
    no_answer(
        name="429 for ever, and a time limit that ends it",
        script=lambda _: [faults.rate_exceeded()] * 99,
        inputs={"time_limit": "80"},
        requests=2,
        backoffs=(30,),
        because=OUT_OF_TIME,
    ),
    no_answer(
        name="silence until the time limit",
        script=lambda _: [faults.stall(60)],
        inputs={"time_limit": "1"},
        timeouts=Timeouts(connect=60, read=60, whole=60),
        requests=1,
        because=OUT_OF_TIME,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_bad_day(case: Case, tmp_path: Path) -> None:
    sizes, inputs = case.sizes, case.inputs
    if case.is_long:
        sizes, inputs = sizes | {A: TWO_PAGES}, inputs | {"max_papers": "150"}
    with a_world(tmp_path, sizes) as world:
        limit = int(inputs.get("max_papers", "100"))
        kept_inputs = {"max_papers": str(limit)}
        assert world.run(**kept_inputs).exit_code == 0
        before, page_before = world.files, world.page
        a_day_passes(world)
        world.arxiv.faults.extend(case.script(world.arxiv))
        world.timeouts = case.timeouts

        begun = time.monotonic()
        result = world.run(**inputs)

        assert time.monotonic() - begun < PATIENCE
        assert len(world.arxiv.requests) == case.requests
        assert len(world.backoffs) == len(case.backoffs)
        for waited, least in zip(world.backoffs, case.backoffs, strict=True):
            assert least <= waited <= least * (1 + JITTER)
        assert "Traceback" not in result.log
        warnings = told(result, "warning")
        assert [line.partition(": no papers: ")[0] for line in warnings] == list(case.failed)
        assert not warnings or re.search(case.because, warnings[0])
        errors = told(result, "error")
        assert result.exit_code == len(errors) == bool(case.error)
        assert not errors or re.search(case.error, errors[0])
        assert json.loads(result.outputs["failed-topics"]) == list(case.failed)
        assert result.outputs["changed"] == str(world.files != before).lower() == "true"
        assert world.files.keys() == before.keys() == {"README.md", DATA_FILE}
        for heading in TOPICS:
            if heading in case.failed:
                assert world.page[heading] == replace(page_before[heading], state=FAILED)
            elif heading == A and case.unnoticed:
                assert world.page[heading] == page_before[heading]
            else:
                assert world.page[heading] == Shown("", world.truth(heading, limit))
        page_after = world.page
        assert int(result.outputs["new-papers"]) == len(new_ids(page_before, page_after))

        a_day_passes(world)
        world.arxiv.faults.clear()
        world.timeouts = None
        assert world.run(**kept_inputs).exit_code == 0
        for heading in TOPICS:
            assert world.page[heading] == Shown("", world.truth(heading, limit))
        assert world.files.keys() == before.keys()


# --- Sequences that are no single bad day ---------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path) as world:
        yield world


def of(heading: str, fault: Fault) -> Fault:
    """A fault of one topic's search alone."""
    return lambda request, response: (
        fault(request, response) if heading in request.query.get("search_query", "") else response
    )


def told_once(result: Result, command: str, *words: str) -> None:
    (line,) = told(result, command)
    for word in words:
        assert word in line


@pytest.mark.parametrize("readme", [None, "# Ours\n{}\n{}\n", "# Ours\n{}\nold\n{}\n"])
def test_nothing_is_written_where_no_topic_was_ever_answered(
    world: World, readme: str | None
) -> None:
    if readme:
        markers = ("<!-- daily-papers:start -->", "<!-- daily-papers:end -->")
        (world.folder / "workspace" / "README.md").write_text(readme.format(*markers))
    before = world.files
    world.arxiv.faults.extend([REFUSED] * 99)
    result = world.run()
    assert result.exit_code == 1
    told_once(result, "error", "no papers for 5 of 5 topics. Nothing was changed", "status 503")
    assert "Daily Papers failed" in result.summary
    assert world.files == before


@pytest.mark.parametrize("data", [None, b"{", b""])
def test_nothing_is_written_over_papers_that_no_data_file_remembers(
    world: World, data: bytes | None
) -> None:
    """A topic that has papers on the page, and no answer, must not lose them."""
    if data is None:
        world.inputs["data_file"] = "none"
    assert world.run().exit_code == 0
    if data is not None:
        (world.folder / "workspace" / DATA_FILE).write_bytes(data)
    before = world.files
    a_day_passes(world)
    world.arxiv.faults.extend([None, with_status(400)])
    result = world.run()
    assert result.exit_code == 1
    told_once(result, "error", "no papers for 1 of 5 topics. Nothing was changed", "status 400")
    assert world.files == before
    assert world.run().exit_code == 0
    assert world.page[B] == Shown("", world.truth(B))


def test_a_first_run_shows_the_topics_that_were_answered(world: World) -> None:
    world.arxiv.faults.extend([None, *[REFUSED] * 4])
    result = world.run()
    assert result.exit_code == 0
    assert result.outputs["failed-topics"] == f'["{B}"]'
    assert world.page[A] == Shown("", world.truth(A))
    assert world.page[B] == Shown(f"arXiv has given no usable answer yet, since {YESTERDAY}.", ())
    a_day_passes(world)
    result = world.run()
    assert world.page[B] == Shown("", world.truth(B))
    assert result.outputs["new-papers"] == "4", "a first sight of a topic is not news"


def test_a_topic_that_is_new_and_fails_does_not_harm_the_others(world: World) -> None:
    world.topics = TOPICS[:3]
    world.run()
    world.topics = (D, *TOPICS[:3])
    a_day_passes(world)
    world.arxiv.faults.append(with_status(400))
    result = world.run()
    assert result.exit_code == 0
    told_once(result, "warning", f"{D}: no papers: arXiv answered with status 400")
    assert world.page[D] == Shown(f"arXiv has given no usable answer yet, since {TODAY}.", ())
    assert world.page[C] == Shown("", world.truth(C))
    assert result.outputs["new-papers"] == "3"
    world.sleep_until_tomorrow()
    result = world.run()
    assert world.page[D] == Shown("", world.truth(D))
    assert result.outputs["new-papers"] == "0"


def test_a_lasting_failure_is_told_once_and_makes_the_run_fail_in_the_end(world: World) -> None:
    world.run()
    page = world.page
    for day in range(1, 10):
        a_day_passes(world)
        world.arxiv.faults.extend([with_status(404)])
        before = world.files
        result = world.run(stale_after="7")
        assert world.page[A] == replace(page[A], state=FAILED)
        assert world.page[B] == Shown("", world.truth(B)), "published, red or not"
        assert world.files != before
        assert result.outputs["new-papers"] == "4"
        assert result.exit_code == (0 if day < 8 else 1)
        if day >= 8:
            told_once(
                result,
                "error",
                f"no usable answer of arXiv for 7 days or longer: {A} since {TODAY}",
            )
    a_day_passes(world)
    result = world.run()
    assert result.exit_code == 0
    assert world.page[A] == Shown("", world.truth(A))
    assert result.outputs["new-papers"] == "14", "ten of them waited"


def test_a_second_bad_day_changes_nothing(world: World) -> None:
    world.run()
    for day in range(2):
        world.sleep_until_tomorrow()
        world.arxiv.faults.extend([REFUSED] * 12)
        before = world.files
        result = world.run()
        assert result.exit_code == 1
        assert result.outputs["changed"] == ("true" if day == 0 else "false")
        assert (world.files == before) is (day == 1)
    world.sleep_until_tomorrow()
    result = world.run()
    assert result.outputs["new-papers"] == "0"
    assert result.outputs["changed"] == "true"
    assert {shown.state for shown in world.page.values()} == {""}


@pytest.mark.parametrize(
    "name",
    [
        "silence",
        "100 Continue, poured",
        "headers, dripped",
        "a chunk's extension, poured",
        "trailers, dripped",
        "gzip of empty blocks",
        "a redirect's body, poured",
    ],
)
def test_a_time_limit_holds_whatever_the_other_side_does(tmp_path: Path, name: str) -> None:
    with HostileServer(SCRIPTS[name]) as hostile:
        begun = time.monotonic()
        result = run_main(
            tmp_path,
            {
                "keywords": "\n".join(TOPICS),
                "arxiv-url": hostile.url,
                "time-limit": "2",
                "publish": "local",
                "announcements": "never",
            },
            {"GITHUB_WORKSPACE": str(tmp_path / "workspace")},
            StopwatchClock(),
        )
        assert time.monotonic() - begun < PATIENCE
    assert result.exit_code == 1
    assert "Traceback" not in result.log
    assert len(max(result.log.splitlines(), key=len)) < 500


def test_a_name_that_does_not_exist_is_said_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = socket.getaddrinfo

    def unknown(host: str, *rest: Any, **more: Any) -> Any:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    result = world.run(arxiv_url="https://export.arxiv.invalid/api/query")
    assert result.exit_code == 1
    assert world.clock.sleeps == []
    assert "the name 'export.arxiv.invalid' has no address; check the network" in result.log


@pytest.mark.parametrize("element", ["title", "summary", "published", "category"])
def test_one_entry_that_lacks_something_spoils_no_other(world: World, element: str) -> None:
    world.run()
    a_day_passes(world)
    broken = world.truth(A)[0]
    pattern = rb"(<id>http://arxiv.org/abs/%s</id>(?:(?!</entry>).)*?)" % broken.encode()
    lack = rb"<(?:arxiv:primary_)?%s[^>]*?(?:/>|>[^<]*</%s>)" % ((element.encode(),) * 2)

    def fault(_request: Request, response: Response) -> Response:
        body = response.body
        for _ in range(3):
            body = re.sub(pattern + lack, rb"\1", body, count=1, flags=re.DOTALL)
        return replace(response, body=body)

    world.arxiv.faults.extend([of(A, fault)] * 99)
    result = world.run()
    assert result.exit_code == 0
    assert json.loads(result.outputs["failed-topics"]) == []
    told_once(result, "warning", "is left out", broken, element)
    assert world.page[A] == Shown("", world.truth(A)[1:])
    assert world.page[B] == Shown("", world.truth(B))
    world.arxiv.faults.clear()
    world.sleep_until_tomorrow()
    assert world.run().outputs["new-papers"] == "1", "told when its entry is whole"
    assert world.page[A] == Shown("", world.truth(A))


# --- Papers that change under us ------------------------------------------------------------------


def test_a_withdrawn_paper_stays_with_its_comment_and_is_no_news(world: World) -> None:
    world.run()
    world.sleep_until_tomorrow()
    world.arxiv.withdraw("2509.00005", updated=world.clock.moment - DAY / 2)
    fresh_and_withdrawn = replace(
        fresh(A, 600, world.clock.moment), version=2, comment="This paper has been withdrawn."
    )
    world.arxiv.add([fresh_and_withdrawn])
    result = world.run()
    assert result.outputs["new-papers"] == "0"
    assert world.page[A] == Shown("", world.truth(A))
    assert "2509.00005v2" in world.page[A].papers
    assert re.search(rf"\| {A} \| .* \| 13 \| 0 \| 1 \|", result.summary)


@pytest.mark.parametrize("number", [5, 11])
def test_a_paper_whose_new_title_is_of_another_topic_moves(world: World, number: int) -> None:
    """Number 5 is in the middle, number 11 is the newest that is known."""
    world.run()
    before = world.page
    world.sleep_until_tomorrow()
    moment = world.clock.moment - DAY / 2
    world.arxiv.revise(f"2509.{number:05}", updated=moment, title=f"{B}, moved")
    result = world.run()
    assert result.exit_code == 0
    assert len(world.arxiv.requests) == (5 if number == 5 else 6), "a look at what left the top"
    assert world.page[A] == Shown("", world.truth(A))
    assert world.page[B] == Shown("", world.truth(B))
    assert len(world.page[A].papers) == len(before[A].papers) - 1
    assert result.outputs["new-papers"] == "0", "known from its old topic"


def test_a_new_title_of_the_same_topic_replaces_the_old(world: World) -> None:
    world.run()
    world.sleep_until_tomorrow()
    world.arxiv.revise("2509.00005", updated=world.clock.moment - DAY, title=f"{A}, renamed")
    result = world.run()
    assert world.page[A] == Shown("", world.truth(A))
    page = world.files["README.md"].decode()
    assert f"{A}, renamed" in page
    assert f"{A}, Part 5]" not in page
    assert result.outputs["new-papers"] == "0"


def test_a_paper_that_leaves_from_the_middle_is_taken_away(world: World) -> None:
    world.run()
    world.sleep_until_tomorrow()
    world.arxiv.remove("2509.00005")
    result = world.run()
    assert result.exit_code == 0
    assert json.loads(result.outputs["failed-topics"]) == []
    assert world.page[A] == Shown("", world.truth(A))


def test_a_paper_that_arxiv_forgets_from_the_top_is_kept_until_a_newer_one_comes(
    world: World,
) -> None:
    world.run()
    page = world.page
    world.sleep_until_tomorrow()
    world.arxiv.remove("2509.00011")
    world.arxiv.remove("2509.00010")
    result = world.run()
    assert json.loads(result.outputs["failed-topics"]) == [A]
    assert world.page[A] == replace(page[A], state=FAILED)
    a_day_passes(world)
    assert world.run().exit_code == 0
    assert world.page[A] == Shown("", world.truth(A))


@pytest.mark.parametrize("sort_by", ["updated", "published"])
def test_no_version_is_ever_taken_back(world: World, sort_by: str) -> None:
    """A feed from before a revision that lacks no paper is as old as any other."""
    world.inputs["sort_by"] = sort_by
    world.run()
    world.sleep_until_tomorrow()
    moment = world.clock.moment
    world.arxiv.revise("2509.00005", updated=moment - DAY / 2)
    world.run()
    page = world.page
    assert "2509.00005v2" in page[A].papers
    world.sleep_until_tomorrow()
    world.arxiv.faults.extend([of(A, faults.stale_feed(world.arxiv, 2))] * 99)
    result = world.run()
    told_once(result, "warning", "older than the last one: it lacks 2509.00005v2")
    assert world.page[A].papers == page[A].papers


def test_a_change_of_the_order_or_of_the_number_is_no_reason_for_distrust(world: World) -> None:
    world.arxiv.revise("2509.00001", updated=NOW - DAY / 4)
    for inputs in (
        {"max_papers": "12"},
        {"max_papers": "3", "sort_by": "published"},
        {"max_papers": "7", "sort_by": "updated"},
        {"max_papers": "1"},
        {},
    ):
        world.sleep_until_tomorrow()
        result = world.run(**inputs)
        assert result.exit_code == 0
        assert told(result, "warning") == []
        assert len(world.page[A].papers) == min(12, int(inputs.get("max_papers", "100")))


# --- On GitHub ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script,failed,exit_code",
    [
        ([REFUSED] * 4, [A], 0),
        ([None, *[REFUSED] * 99], [B, C, D, E], 0),
        ([REFUSED] * 99, list(TOPICS), 1),
    ],
)
def test_a_bad_day_on_github(
    world: World, script: list[Fault | None], failed: list[str], exit_code: int
) -> None:
    with GitHubStandIn(world.folder / "git", files={"LICENSE": b"free"}, token="ghs_t") as hub:
        world.inputs |= {"publish": "commit", "github_token": "ghs_t"}
        world.environ |= {
            "GITHUB_REPOSITORY": "octo/papers",
            "GITHUB_API_URL": hub.address,
            "GITHUB_REF": "refs/heads/main",
        }

        def page() -> dict[str, Shown]:
            return shown((hub.repository.read("main", "README.md") or b"").decode())

        assert world.run().exit_code == 0
        before = page()
        a_day_passes(world)
        world.arxiv.faults.extend(script)
        result = world.run()
        assert result.exit_code == exit_code
        assert json.loads(result.outputs["failed-topics"]) == failed
        assert len(told(result, "warning")) == len(failed)
        assert result.outputs["commit-sha"] == hub.repository.log("main")[0].sha
        for heading in TOPICS:
            kept = replace(before[heading], state=FAILED)
            answered = Shown("", world.truth(heading))
            assert page()[heading] == (kept if heading in failed else answered)
        assert len(hub.repository.log("main")) == 3
        world.arxiv.faults.clear()
        a_day_passes(world)
        assert world.run().exit_code == 0
        assert page() == {heading: Shown("", world.truth(heading)) for heading in TOPICS}
        assert len(hub.repository.log("main")) == 4
