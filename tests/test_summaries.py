"""Asking a model: what is sent, how often, and that nothing depends on what comes back."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from daily_papers.memory.snapshot import Snapshot
from daily_papers.memory.summaries import SummariesResult, Summary, kept, wanted
from daily_papers.papers import Paper
from daily_papers.summaries import client
from daily_papers.summaries.client import AT_ONCE, BUDGET, MAX_FAILURES, Settings, summarise
from daily_papers.summaries.completion import FORMS
from daily_papers.transport import Timeouts
from tests.standins.hostile import SCRIPTS, HostileServer
from tests.standins.model import ANSWERS, FAULTS, ModelStandIn, answering, error, merged
from tests.standins.server import Fault, Request, Response, changed, with_status
from tests.support import NOW, FakeClock, StopwatchClock, paper
from tests.test_snapshot import section

ABSTRACT = "We go on with part {} of a long study of graphs, and show what holds for all of them."
KEY = "sk-sesame-5f7e"


@pytest.fixture
def model() -> Iterator[ModelStandIn]:
    with ModelStandIn(key=KEY) as model:
        yield model


def papers(count: int, **changes: Any) -> list[Paper]:
    return [
        paper(f"2509.{n:05}", title=f"On Graphs, {n}", summary=ABSTRACT.format(n), **changes)
        for n in range(count)
    ]


def play(model: ModelStandIn, script: Iterable[Fault | None], start: int = 0) -> None:
    """Plays one fault for each paper, in their order."""
    for number, fault in enumerate(script, start):
        if fault:
            model.faults_on[f"On Graphs, {number}"].append(fault)


def ask(
    model: ModelStandIn,
    count: int = 1,
    clock: FakeClock | None = None,
    seconds: float = 1e6,
    timeouts: Timeouts = client.TIMEOUTS,
    **settings: Any,
) -> SummariesResult:
    clock = clock or FakeClock()
    chosen = {"url": model.url, "model": model.model, "key": KEY, **settings}
    return summarise(
        papers(count), Settings(**chosen), clock, clock.monotonic() + seconds, timeouts=timeouts
    )


# What is sent


def test_only_title_categories_and_abstract_are_sent(model: ModelStandIn) -> None:
    ask(model)
    (request,) = model.requests
    system, user = json.loads(request.body)["messages"]
    assert json.loads(user["content"]) == {
        "title": "On Graphs, 0",
        "categories": ["cs.LG", "stat.ML"],
        "abstract": ABSTRACT.format(0),
    }
    for private in ("Ada Example", "12 pages", "2509", KEY):
        assert private not in system["content"] + user["content"]
    assert set(request.headers) == {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    }


def test_the_reasons_beside_the_prompt_are_not_sent(model: ModelStandIn) -> None:
    ask(model)
    ask(model, language="Deutsch")
    english, german = (
        json.loads(request.body)["messages"][0]["content"] for request in model.requests
    )
    assert "#" not in english + german
    assert "one sentence in English" in english
    assert "title" not in english.splitlines()[-1]
    assert "translated into Deutsch" in german


def test_an_endpoint_without_a_key_gets_none() -> None:
    with ModelStandIn() as model:
        assert ask(model, key="").shown == 1
    assert "authorization" not in model.requests[0].headers


# What comes back


def test_each_paper_gets_its_own_sentence_in_the_order_of_the_papers(model: ModelStandIn) -> None:
    play(model, [None, changed(stall=0.2), None, None])
    result = ask(model, 9)
    assert list(result.summaries) == [paper.arxiv_id for paper in papers(9)]
    for number, summary in enumerate(result.summaries.values()):
        assert summary.text == " ".join(ABSTRACT.format(number).split()[:20])
        assert (summary.title, summary.model, summary.version) == (None, "stand-in-1", 1)
    assert (result.failures, result.note) == (0, "")
    assert result.source == f"stand-in-1 at {model.address.removeprefix('http://')}"


def test_no_more_papers_are_asked_for_than_the_limit_and_the_first_ones_are(
    model: ModelStandIn,
) -> None:
    assert ask(model, 9, limit=3).note == ""
    assert sorted(model.asked) == ["On Graphs, 0", "On Graphs, 1", "On Graphs, 2"]


def test_a_few_are_asked_at_once_after_the_first_and_never_more(model: ModelStandIn) -> None:
    flying, most, lock = 0, [0], threading.Lock()

    def slow(_request: Request, response: Response) -> Response:
        nonlocal flying
        with lock:
            flying += 1
            most.append(flying)
        time.sleep(0.05)
        with lock:
            flying -= 1
        return response

    model.faults.extend([slow] * 12)
    ask(model, 12)
    assert most[:2] == [0, 1]
    assert max(most) == AT_ONCE


def test_the_tokens_are_those_of_the_endpoint(model: ModelStandIn) -> None:
    play(
        model,
        [
            merged(usage={"prompt_tokens": 400, "completion_tokens": 50, "total_tokens": 450}),
            merged(usage={"prompt_tokens": 7, "completion_tokens": 3}),
            merged(usage=None),
            merged(usage={"total_tokens": "many"}),
            merged(usage={"total_tokens": -5}),
            merged(usage={"total_tokens": 10**30}),
            merged(usage={"total_tokens": True}),
        ],
    )
    result = ask(model, 7)
    assert (result.tokens, result.shown) == (460, 7)


def test_the_title_is_there_in_another_language(model: ModelStandIn) -> None:
    text = "Wir führen Teil 0 einer Studie über Graphen fort und zeigen, was für alle gilt."
    model.faults.append(answering(text, title="Über die Graphen, 0"))
    (summary,) = ask(model, language="German").summaries.values()
    assert (summary.text, summary.title) == (text, "Über die Graphen, 0")


# Forms of a request


@pytest.mark.parametrize(
    "refused,form",
    [
        ([], 0),
        (["max_tokens"], 1),
        (["response_format"], 2),
        (["response_format", "max_tokens"], 3),
    ],
)
def test_what_an_endpoint_does_not_take_is_found_out_once(refused: list[str], form: int) -> None:
    with ModelStandIn(key=KEY, refused=refused) as model:
        result = ask(model, 5)
    assert (result.shown, result.failures) == (5, 0)
    assert len(model.requests) == 5 + form
    sent = [set(json.loads(request.body)) for request in model.requests]
    assert all(fields == {"messages", "model", "stream", *FORMS[form]} for fields in sent[form:])


def test_where_no_form_is_taken_all_are_tried_for_one_paper_alone(model: ModelStandIn) -> None:
    model.faults.extend([with_status(400, "no")] * 99)
    result = ask(model, 40)
    assert result.failures == MAX_FAILURES
    assert len(model.requests) == len(FORMS) - 1 + MAX_FAILURES
    assert "answered with status 400: no" in result.note


def test_a_paper_that_is_refused_later_is_a_failure_and_no_question_of_form(
    model: ModelStandIn,
) -> None:
    play(model, [None, with_status(400, "content policy")])
    result = ask(model, 4)
    assert (result.shown, result.failures, len(model.requests)) == (3, 1, 4)


# Faults


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_paper_that_got_no_answer_is_left_for_the_next_run(
    model: ModelStandIn, fault: Fault
) -> None:
    play(model, [None, fault])
    result = ask(model, 3)
    assert list(result.summaries) == ["2509.00000", "2509.00002"]
    assert (result.shown, result.failures, result.note) == (2, 1, "")
    assert len(model.requests) == 3


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_cannot_be_shown_is_remembered_and_never_asked_for_again(
    model: ModelStandIn, answer: Fault
) -> None:
    play(model, [None, answer])
    result = ask(model, 3)
    assert result.summaries["2509.00001"] == Summary(text="", model="stand-in-1", version=1)
    assert (result.shown, result.failures, result.note) == (2, 1, "")
    known = result.summaries
    snapshot = Snapshot(updated=NOW.date(), sections=(section(*papers(3)),))
    assert wanted(snapshot, known) == ()


@pytest.mark.parametrize("fault", [*FAULTS.values(), *ANSWERS.values()], ids=[*FAULTS, *ANSWERS])
def test_five_failures_in_a_row_end_the_conversation(model: ModelStandIn, fault: Fault) -> None:
    play(model, [None, None, *[fault] * 40])
    result = ask(model, 40)
    assert result.shown == 2
    assert result.failures == MAX_FAILURES
    assert len(model.requests) == 2 + MAX_FAILURES
    assert result.note.startswith("stopped after 5 failures in a row; the last one: ")
    assert len(result.note) < 500


def test_failures_that_are_not_in_a_row_end_nothing(model: ModelStandIn) -> None:
    play(model, [None, *[with_status(500), None] * 10])
    result = ask(model, 21)
    assert (result.shown, result.failures, result.note) == (11, 10, "")


def test_a_wrong_key_ends_the_conversation_and_is_quoted_nowhere(
    model: ModelStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        result = ask(model, 40, key="sk-wrong-1234")
    assert len(model.requests) == MAX_FAILURES
    assert "answered with status 401; check summaries-key" in result.note
    assert "sk-wrong" not in result.note + caplog.text + repr(Settings(url="", model="", key=KEY))


def test_a_key_that_an_endpoint_echoes_is_not_shown(model: ModelStandIn) -> None:
    model.faults.extend([lambda _request, _response: error(500, f"bad {KEY}")] * 5)
    note = ask(model, 9).note
    assert KEY not in note
    assert "bad ***" in note


def test_no_endpoint_is_a_failure_like_others() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    settings = Settings(url=url, model="any")
    result = summarise(papers(9), settings, FakeClock(), 1e9)
    assert (result.summaries, result.failures) == ({}, MAX_FAILURES)
    assert "could not be reached" in result.note


def test_the_key_follows_no_redirect(model: ModelStandIn) -> None:
    with ModelStandIn() as other:
        there = Response(status=307, headers={"Location": f"{other.url}/chat/completions"})
        model.faults.append(lambda _request, _response: there)
        result = ask(model)
        assert other.requests == []
    assert (result.shown, result.failures) == (0, 1)


# Time


def test_silence_ends_with_the_timeout(model: ModelStandIn) -> None:
    model.faults.extend([changed(stall=60.0)] * 5)
    begin = time.monotonic()
    result = ask(model, 9, StopwatchClock(), timeouts=Timeouts(connect=1, read=0.2, whole=0.2))
    assert time.monotonic() - begin < 30
    assert result.failures == MAX_FAILURES


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_hostile_server_costs_no_more_than_its_time(name: str) -> None:
    timeouts = Timeouts(connect=1, read=0.3, whole=0.3)
    begin = time.monotonic()
    with HostileServer(SCRIPTS[name]) as server:
        settings = Settings(url=server.url, model="any", limit=1)
        result = summarise(papers(1), settings, StopwatchClock(), 1e9, timeouts=timeouts)
    assert result.summaries == {}
    assert time.monotonic() - begin < 30


def test_nothing_is_asked_after_the_deadline(model: ModelStandIn) -> None:
    assert ask(model, 3, seconds=0).note == "the time was over with 3 papers left for the next run"
    assert model.requests == []


def test_the_time_of_a_request_ends_with_the_deadline(model: ModelStandIn) -> None:
    model.faults.extend([changed(stall=60.0)] * 5)
    begin = time.monotonic()
    result = ask(model, 3, StopwatchClock(), seconds=0.5)
    assert time.monotonic() - begin < 30
    assert "the time was over with 2 papers left" in result.note


BUSY = [
    (with_status(429, "slow down", Retry_After="17"), 17.0),
    (with_status(503, "overloaded", Retry_After="17"), 17.0),
    (
        with_status(429, "slow", Retry_After=format_datetime(NOW + timedelta(seconds=17))),
        17.0,
    ),
    (with_status(429, "slow down"), client.BACKOFF),
    (with_status(429, "slow down", Retry_After="soon"), client.BACKOFF),
    (with_status(429, "slow down", Retry_After="-5"), client.BACKOFF),
]


@pytest.mark.parametrize("fault,seconds", BUSY)
def test_a_busy_endpoint_is_waited_for_and_asked_again(
    model: ModelStandIn, fault: Fault, seconds: float
) -> None:
    clock = FakeClock()
    model.faults.append(fault)
    result = ask(model, 3, clock)
    assert clock.sleeps == [seconds]
    assert (result.shown, result.note) == (3, "")
    assert model.asked[:2] == ["On Graphs, 0", "On Graphs, 0"]


def test_requests_that_were_refused_at_once_are_waited_for_once(model: ModelStandIn) -> None:
    clock = FakeClock()
    busy = with_status(429, "slow down", Retry_After="17")
    play(model, [None, *[busy] * AT_ONCE])
    result = ask(model, 9, clock)
    assert clock.sleeps == [17.0]
    assert (result.shown, result.failures) == (9, 1)
    assert list(result.summaries) == [paper.arxiv_id for paper in papers(9)]


def test_a_wait_that_is_too_long_ends_the_conversation(model: ModelStandIn) -> None:
    clock = FakeClock()
    model.faults.append(with_status(429, "quota", Retry_After="86400"))
    result = ask(model, 9, clock)
    assert clock.sleeps == []
    assert len(model.requests) == 1
    assert result.note == (
        "the time was over with 9 papers left for the next run; the last one: "
        f"{model.address.removeprefix('http://')} answered with status 429: quota (to wait 86400 s)"
    )


def test_an_endpoint_that_is_always_busy_is_left_alone(model: ModelStandIn) -> None:
    clock = FakeClock()
    model.faults.extend([with_status(429, "slow down")] * 99)
    result = ask(model, 40, clock)
    assert clock.sleeps == [5.0, 10.0, 20.0, 40.0]
    assert len(model.requests) == MAX_FAILURES
    assert sum(clock.sleeps) < BUDGET
    assert result.summaries == {}


# Which are wanted, and what is kept


def test_the_newest_day_comes_first_and_within_it_the_best_match() -> None:
    days = [
        datetime(2025, 9, day, 12, minute, tzinfo=UTC) for day, minute in ((1, 0), (2, 0), (2, 5))
    ]
    old, early, late = (
        paper(f"2509.0000{number}", published=day, updated=day) for number, day in enumerate(days)
    )
    snapshot = Snapshot(updated=NOW.date(), sections=(section(late, early, old), section(early)))
    assert wanted(snapshot, {}) == (late, early, old)
    assert wanted(snapshot, {}, best=[old.arxiv_id, early.arxiv_id]) == (early, late, old)


def test_each_version_is_wanted_once_whatever_the_model_and_a_withdrawn_one_never() -> None:
    first, second = paper(), paper(version=2)
    summary = Summary(text="One.", model="any", version=1)
    known = {first.arxiv_id: summary}

    def of(paper: Paper) -> Snapshot:
        return Snapshot(updated=NOW.date(), sections=(section(paper),))

    assert wanted(of(first), known) == ()
    assert wanted(of(second), known) == (second,)
    assert wanted(of(paper(version=2, comment="This paper has been withdrawn")), known) == ()


def test_of_a_paper_that_is_kept_no_longer_only_the_asking_is_remembered() -> None:
    snapshot = Snapshot(updated=NOW.date(), sections=(section(paper()),), seen=("2509.00007",))
    ids = ("2509.00009", "2509.00007", "2509.00001")
    known = dict.fromkeys(ids, Summary(text="One.", title="T", model="any", version=1))
    assert list(kept(known, {}, snapshot).items()) == [
        ("2509.00001", Summary(text="One.", title="T", model="any", version=1)),
        ("2509.00007", Summary(text="", model="any", version=1)),
    ]
    newer = Summary(text="Two.", model="other", version=2)
    assert kept(known, {"2509.00001": newer}, snapshot)["2509.00001"] == newer
