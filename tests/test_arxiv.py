from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from daily_papers import REPOSITORY_URL, __version__
from daily_papers.answers import Answer
from daily_papers.arxiv.client import SPACING, Arxiv, Question, Timeouts
from daily_papers.errors import ArxivError, UnavailableError, UnreachableError
from daily_papers.papers import SortBy
from daily_papers.topics.lines import parse_topics
from tests.standins import arxiv_faults as faults
from tests.standins.arxiv import ArxivStandIn
from tests.standins.server import Fault, Request, Response, make_certificate, with_status
from tests.support import NOW, FakeClock, entry

(TOPIC,) = parse_topics("Graph Neural Networks")
PATIENT = Timeouts()


def question(limit: int) -> Question:
    return Question(query=TOPIC.query, limit=limit, sort_by=SortBy.UPDATED)


@pytest.fixture
def standin() -> Iterator[ArxivStandIn]:
    with ArxivStandIn(entry(number) for number in range(250)) as standin:
        yield standin


def newest(
    standin: ArxivStandIn,
    limit: int,
    clock: FakeClock | None = None,
    timeouts: Timeouts = PATIENT,
) -> Answer:
    arxiv = Arxiv(standin.url, clock or FakeClock(), time_limit=600, timeouts=timeouts)
    return arxiv.newest(question(limit))


def ids(answer: Answer) -> list[int]:
    return [int(paper.arxiv_id.removeprefix("2509.")) for paper in answer.papers]


@pytest.mark.parametrize(
    "limit,asked",
    [
        (1, [(0, 1)]),
        (100, [(0, 100)]),
        (150, [(0, 100), (100, 100)]),
        (1000, [(0, 100), (100, 100), (200, 100)]),
    ],
)
def test_pages_are_asked_for_until_there_are_enough(
    standin: ArxivStandIn, limit: int, asked: list[tuple[int, int]]
) -> None:
    answer = newest(standin, limit)
    assert ids(answer) == list(range(249, -1, -1))[:limit]
    assert answer.total == 250
    pages = [(int(r.query["start"]), int(r.query["max_results"])) for r in standin.requests]
    assert pages == asked


def test_the_request_says_who_asks_and_what_for(standin: ArxivStandIn) -> None:
    newest(standin, 1)
    (request,) = standin.requests
    assert request.headers["accept"] == "application/atom+xml"
    assert request.headers["user-agent"] == f"daily-papers/{__version__} (+{REPOSITORY_URL})"
    assert request.query["search_query"] == TOPIC.query.to_arxiv()
    assert request.query["sortBy"] == "lastUpdatedDate"
    assert request.query["sortOrder"] == "descending"


def test_papers_are_asked_for_by_id_in_one_question(standin: ArxivStandIn) -> None:
    wanted = [f"2509.{number:05}" for number in range(0, 200, 2)]
    standin.faults.extend([with_status(503, "later"), faults.partial_page(40)])
    arxiv = Arxiv(standin.url, FakeClock(), time_limit=600)
    found = arxiv.papers([*wanted, "2509.99999"])
    assert {paper.arxiv_id for paper in found} == set(wanted)
    assert len(standin.requests) == 3


def test_requests_keep_their_distance_and_nobody_waits_after_the_last(
    standin: ArxivStandIn,
) -> None:
    clock = FakeClock()
    arxiv = Arxiv(standin.url, clock, time_limit=600)
    for _ in range(3):
        arxiv.newest(question(1))
    assert clock.sleeps == [SPACING, SPACING]
    clock.seconds += 2
    arxiv.newest(question(1))
    assert clock.sleeps[2:] == [SPACING - 2]
    clock.seconds += 60
    arxiv.newest(question(1))
    assert len(clock.sleeps) == 3


def test_a_short_page_is_no_reason_to_stop(standin: ArxivStandIn) -> None:
    standin.faults.append(faults.partial_page(37))
    assert ids(newest(standin, 150)) == list(range(249, 99, -1))
    assert [request.query["start"] for request in standin.requests] == ["0", "37", "137"]


def test_a_paper_that_comes_twice_counts_once(standin: ArxivStandIn) -> None:
    standin.faults.extend([None, faults.duplicate_page(standin)])
    found = ids(newest(standin, 150))
    assert len(found) == len(set(found)) == 150


def test_no_papers_is_an_answer() -> None:
    with ArxivStandIn() as standin:
        assert newest(standin, 100) == Answer(papers=(), total=0)


def test_a_large_page_that_fails_is_asked_for_at_half_the_size(standin: ArxivStandIn) -> None:
    standin.faults.extend([with_status(503), with_status(503)])
    asked = Question(query=TOPIC.query, limit=240, sort_by=SortBy.UPDATED, page_size=800)
    answer = Arxiv(standin.url, FakeClock(), time_limit=600).newest(asked)
    assert len(answer.papers) == 240
    assert [int(one.query["max_results"]) for one in standin.requests] == [240, 240, 200, 200]


def test_phrases_reach_arxiv_whatever_they_hold(standin: ArxivStandIn) -> None:
    (topic,) = parse_topics('Odd: "C++ & C# 100% (é) + OR: ?a=b"')
    arxiv = Arxiv(standin.url, FakeClock(), time_limit=600)
    arxiv.newest(Question(query=topic.query, limit=1, sort_by=SortBy.PUBLISHED))
    phrase = "C++ & C# 100% (é) + OR: ?a=b"
    assert standin.requests[0].query["search_query"] == f'(ti:"{phrase}" OR abs:"{phrase}")'
    assert standin.requests[0].query["sortBy"] == "submittedDate"


@pytest.mark.parametrize(
    "fault,words",
    [
        (faults.rate_exceeded(), r"status 429: Rate exceeded\.\Z"),
        (with_status(503), r"status 503\Z"),
        (faults.html_page(), "text/html; charset=utf-8 instead of a feed: <!DOCTYPE"),
        (faults.truncated(), "could not be reached"),
        (faults.reset(), "could not be reached"),
        (faults.rate_exceeded(200), r"text/plain instead of a feed: Rate exceeded\."),
        (faults.empty_page(4321), "counts 4321 papers but sent none from 0 on"),
        (faults.broken_gzip(), "could not be reached"),
        (faults.two_documents(), "not well-formed"),
    ],
)
def test_an_unusable_answer_is_an_error(standin: ArxivStandIn, fault: object, words: str) -> None:
    standin.faults.extend([fault] * 4)  # type: ignore[list-item]
    with pytest.raises((ArxivError, Exception), match=words) as caught:
        newest(standin, 100)
    assert caught.type.__module__ == "daily_papers.errors"


def test_silence_is_an_error(standin: ArxivStandIn) -> None:
    standin.faults.extend([faults.stall(5)] * 4)
    with pytest.raises(ArxivError, match=r"sent nothing for 0\.2 s"):
        newest(standin, 100, timeouts=Timeouts(read=0.2))


def test_a_refused_question_is_told_in_arxivs_own_words(standin: ArxivStandIn) -> None:
    standin.faults.append(
        with_status(
            400,
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>http://arxiv.org/"
            "api/errors#x</id><title>Error</title><summary>bad id</summary></entry></feed>",
        )
    )
    with pytest.raises(ArxivError, match=r"arXiv says: bad id \(status 400\)"):
        newest(standin, 100)


def test_an_answer_without_end_is_cut(
    standin: ArxivStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daily_papers.arxiv.feed.MAX_BYTES", 10_000)
    with pytest.raises(Exception, match="larger than 10,000 bytes"):
        newest(standin, 100)


# --- Redirects ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    return make_certificate(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[ArxivStandIn]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority[0]))
    with ArxivStandIn(entry(number) for number in range(9)) as standin:
        standin.encrypt(*authority)
        yield standin


def onward(standin: ArxivStandIn, status: int = 302) -> Fault:
    """A redirect to the same question at a stand-in that speaks TLS."""
    return lambda request, _response: Response(
        status=status,
        headers={"Location": standin.url.replace("http:", "https:") + f"?{query_of(request)}"},
        body=b"Moved",
    )


def query_of(request: Request) -> str:
    return request.target.partition("?")[2]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_https_is_followed_at_arxivs_pace(
    standin: ArxivStandIn, secure: ArxivStandIn, status: int
) -> None:
    clock = FakeClock()
    standin.faults.append(onward(secure, status))
    secure.faults.extend([onward(secure, status)] * 4)
    assert len(newest(standin, 3, clock).papers) == 3
    assert (len(standin.requests), len(secure.requests)) == (1, 5)
    assert clock.sleeps == [SPACING] * 5
    assert secure.requests[4].headers["accept"] == "application/atom+xml"


def test_no_more_than_five_redirects_are_followed(
    standin: ArxivStandIn, secure: ArxivStandIn
) -> None:
    standin.faults.extend([onward(secure)] * 4)
    secure.faults.extend([onward(secure)] * 99)
    with pytest.raises(ArxivError, match="arXiv redirects more than 5 times in a row"):
        newest(standin, 3)
    assert (len(standin.requests), len(secure.requests)) == (4, 20)


def test_a_long_question_stays_whole_when_it_is_redirected(
    standin: ArxivStandIn, secure: ArxivStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daily_papers.arxiv.client.LONG_PARAMETERS", 10)
    standin.faults.append(onward(secure, 301))
    assert len(newest(standin, 3).papers) == 3
    assert [request.method for request in standin.requests + secure.requests] == ["POST", "POST"]


# --- A network that is not there ------------------------------------------------------------------


def unknown(code: int) -> Callable[..., None]:
    def look_up(*_: object, **__: object) -> None:
        raise socket.gaierror(code, "not known")

    return look_up


@pytest.mark.parametrize(
    "code,is_attended", [(socket.EAI_NONAME, False), (socket.EAI_NONAME, True), (-3, True)]
)
def test_nobody_waits_for_a_host_that_cannot_be_found(
    code: int,
    *,
    is_attended: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", unknown(code))
    clock = FakeClock()
    arxiv = Arxiv("http://no.invalid/api", clock, time_limit=600, is_attended=is_attended)
    for _ in range(9):
        with pytest.raises(UnreachableError, match=r"arXiv could not be reached: .*no\.invalid"):
            arxiv.newest(question(1))
    assert clock.sleeps == []


def test_a_network_that_is_down_may_come_back_when_nobody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", unknown(socket.EAI_AGAIN))
    clock = FakeClock()
    with pytest.raises(UnavailableError, match=r"there is no way to no\.invalid; check the net"):
        Arxiv("http://no.invalid/api", clock, time_limit=600).newest(question(1))
    assert len(clock.sleeps) == 3


# --- Entries that are no papers -------------------------------------------------------------------

LACKS = {
    "title": (rb"<title>[^<]*Part 5</title>", b""),
    "empty title": (rb"<title>[^<]*Part 5</title>", b"<title> </title>"),
    "summary": (rb"<summary>We go on with part 5\.</summary>", b""),
    "published": (rb"<published>2025-09-01T12:05:00Z</published>", b""),
    "date": (rb"(<published>)2025(-09-01T12:05:00Z)", rb"\g<1>0001\2"),
    "id": (rb"abs/2509\.00005v1", b"abs/2509.00005"),
}


def without(pattern: bytes, replacement: bytes) -> Fault:
    return lambda _request, response: replace(
        response, body=re.sub(pattern, replacement, response.body)
    )


@pytest.mark.parametrize("lack", LACKS)
def test_an_entry_that_lacks_something_is_asked_for_again_and_then_left_out(
    lack: str, caplog: pytest.LogCaptureFixture
) -> None:
    with ArxivStandIn(entry(number) for number in range(10)) as standin:
        standin.faults.append(without(*LACKS[lack]))
        assert ids(newest(standin, 100)) == list(range(9, -1, -1))
        assert len(standin.requests) == 2
        assert "left out" not in caplog.text
        standin.faults.extend([without(*LACKS[lack])] * 2)
        answer = newest(standin, 100)
    assert ids(answer) == [9, 8, 7, 6, 4, 3, 2, 1, 0]
    assert answer.is_complete
    (warning,) = (one.getMessage() for one in caplog.records if one.levelname == "WARNING")
    assert warning.startswith("One paper of arXiv's answer is left out: ")
    assert "2509.00005" in warning


def test_another_paper_takes_the_place_of_one_that_is_left_out(standin: ArxivStandIn) -> None:
    fault = without(rb"<title>[^<]*Part 245</title>", b"")
    standin.faults.extend([fault] * 99)
    assert ids(newest(standin, 100)) == [n for n in range(249, 148, -1) if n != 245]
    assert [request.query["max_results"] for request in standin.requests] == ["100", "101"]


def test_all_pages_together_are_complete_without_what_is_left_out(standin: ArxivStandIn) -> None:
    standin.faults.extend([without(rb"<title>[^<]*Part (7|120|245)</title>", b"")] * 99)
    answer = newest(standin, 1000)
    assert ids(answer) == [n for n in range(249, -1, -1) if n not in {7, 120, 245}]
    assert answer.is_complete


def test_a_known_paper_is_kept_while_its_entry_is_unusable(
    standin: ArxivStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    known = newest(standin, 100).papers
    standin.faults.extend([without(rb"<title>[^<]*Part 249</title>", b"")] * 99)
    arxiv = Arxiv(standin.url, FakeClock(), time_limit=600)
    assert arxiv.newest(replace(question(100), known=known)).papers == known
    assert "left out" not in caplog.text


def test_a_known_paper_that_was_revised_unusably_is_no_sign_of_an_old_answer(
    standin: ArxivStandIn,
) -> None:
    known = newest(standin, 100).papers
    standin.revise("2509.00249", updated=NOW, title="Graph Neural Networks, revised")
    standin.faults.extend([without(rb"<title>[^<]*revised</title>", b"")] * 99)
    arxiv = Arxiv(standin.url, FakeClock(), time_limit=600)
    answer = arxiv.newest(replace(question(100), known=known))
    assert ids(answer) == list(range(248, 148, -1))


def test_an_answer_of_many_unusable_entries_is_bad(standin: ArxivStandIn) -> None:
    standin.faults.extend([without(rb"<title>[^<]*Part 24\d</title>", b"")] * 99)
    assert len(newest(standin, 100).papers) == 100
    standin.faults.clear()
    standin.faults.extend([without(rb"<title>[^<]*Part 2[34]\d</title>", b"")] * 99)
    with pytest.raises(ArxivError, match="arXiv's answer has unusable entries"):
        newest(standin, 100)


@pytest.mark.parametrize("year", [b"2027", b"9999", b"0001"])
def test_an_answer_of_another_time_is_bad(standin: ArxivStandIn, year: bytes) -> None:
    standin.faults.extend([without(rb"(<updated>)\d{4}", rb"\g<1>" + year)] * 99)
    with pytest.raises(ArxivError, match=r"arXiv's answer (is dated|lacks a usable field)"):
        newest(standin, 100)


# --- Waiting --------------------------------------------------------------------------------------


def test_the_first_wait_is_in_one_place(
    standin: ArxivStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daily_papers.arxiv.client.BACKOFF", 7.0)
    monkeypatch.setattr("daily_papers.arxiv.client.JITTER", 0.0)
    for fault in (with_status(503), faults.reset(), faults.two_documents(), faults.empty_page()):
        clock = FakeClock()
        standin.faults.extend([fault, fault])
        newest(standin, 1, clock)
        assert clock.sleeps == [7, 14]


def test_it_is_told_what_is_waited_for(
    standin: ArxivStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []

    @contextmanager
    def waiting(what: str) -> Iterator[None]:
        told.append(what)
        yield
        told.append("")

    standin.faults.append(with_status(503))
    caplog.set_level("INFO")
    arxiv = Arxiv(standin.url, FakeClock(), time_limit=600, waiting=waiting)
    arxiv.newest(replace(question(250), name="Graphs"))
    assert told == ["Waiting for an answer of 127.0.0.1", ""] * 4
    pages = [one.getMessage() for one in caplog.records if "so far" in one.getMessage()]
    assert pages == ["Graphs: 100 papers of 250 so far", "Graphs: 200 papers of 250 so far"]
