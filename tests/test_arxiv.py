from __future__ import annotations

from collections.abc import Iterator

import pytest

from daily_papers import REPOSITORY_URL, __version__
from daily_papers.answers import Answer
from daily_papers.arxiv.client import SPACING, Arxiv, Question, Timeouts
from daily_papers.errors import ArxivError
from daily_papers.papers import SortBy
from daily_papers.topics.lines import parse_topics
from tests.standins import arxiv_faults as faults
from tests.standins.arxiv import ArxivStandIn
from tests.standins.server import with_status
from tests.support import FakeClock, entry

(TOPIC,) = parse_topics("Graph Neural Networks")


def question(limit: int) -> Question:
    return Question(query=TOPIC.query, limit=limit, sort_by=SortBy.UPDATED)


@pytest.fixture
def standin() -> Iterator[ArxivStandIn]:
    with ArxivStandIn(entry(number) for number in range(250)) as standin:
        yield standin


def newest(standin: ArxivStandIn, limit: int, clock: FakeClock | None = None) -> Answer:
    arxiv = Arxiv(
        standin.url, clock or FakeClock(), time_limit=600, timeouts=Timeouts(connect=1, read=0.2)
    )
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
        (faults.stall(5), "could not be reached"),
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
