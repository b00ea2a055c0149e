from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers import runner
from daily_papers.answers import Answer, Reply
from daily_papers.arxiv.client import Arxiv, Question
from daily_papers.arxiv.fetch import REFUSALS, Wish, ask
from daily_papers.errors import ArxivError, FeedError, OutOfTimeError, UnavailableError
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper, SortBy
from daily_papers.topics.lines import parse_topics
from tests.support import NOW, FakeClock, paper

GOOD = Answer(papers=(paper(),), total=1)


@dataclass
class ScriptedArxiv(Arxiv):
    """arXiv with the replies of a script; it keeps what it was asked."""

    script: list[Reply]
    asked: list[tuple[str, Sequence[Paper]]] = field(default_factory=list)

    def newest(self, question: Question) -> Answer:
        assert (question.limit, question.sort_by) == (7, SortBy.PUBLISHED)
        self.asked.append((question.query.to_arxiv(), question.known))
        reply = self.script[len(self.asked) - 1]
        if isinstance(reply, ArxivError):
            raise reply
        assert isinstance(reply, Answer)
        return reply


def asked(script: list[Reply], old: Snapshot | None = None) -> tuple[ScriptedArxiv, list[Reply]]:
    topics = parse_topics("\n".join(f"Topic {number}" for number in range(len(script))))
    arxiv = ScriptedArxiv(script)
    clock = FakeClock()
    wish = Wish(
        topics=topics, today=NOW.date(), limit=7, sort_by=SortBy.PUBLISHED, is_combined=False
    )
    replies = ask(wish, arxiv, old, clock)
    assert list(replies) == [topic.heading for topic in topics]
    return arxiv, list(replies.values())


REFUSED = UnavailableError("refused")
UNTRUSTED = FeedError("untrusted")
NOT_FOUND = ArxivError("not found")
OUT_OF_TIME = OutOfTimeError("out of time")


@pytest.mark.parametrize(
    "script,questions,end",
    [
        ([GOOD, GOOD], 2, ""),
        ([REFUSED, REFUSED, GOOD, REFUSED, REFUSED, GOOD], 6, ""),
        ([REFUSED, REFUSED, NOT_FOUND, REFUSED, REFUSED, GOOD], 6, ""),
        ([NOT_FOUND] * 6, 6, ""),
        ([REFUSED, UNTRUSTED, REFUSED], 3, ""),
        (
            [REFUSED, UNTRUSTED, REFUSED, GOOD, GOOD],
            3,
            "not asked: arXiv refused 3 topics in a row",
        ),
        ([GOOD, *[REFUSED] * 3, GOOD], 4, "not asked: arXiv refused 3 topics in a row"),
        ([GOOD, OUT_OF_TIME, GOOD], 2, "not asked: the time limit is reached"),
        ([REFUSED, REFUSED, OUT_OF_TIME, GOOD], 3, "not asked: the time limit is reached"),
    ],
)
def test_asking_ends_where_it_makes_no_sense_any_more(
    script: list[Reply], questions: int, end: str
) -> None:
    arxiv, replies = asked(script)
    assert len(arxiv.asked) == questions
    assert replies[:questions] == script[:questions]
    for reply in replies[questions:]:
        assert isinstance(reply, ArxivError)
        assert reply.message == end


@given(st.lists(st.sampled_from([GOOD, REFUSED, UNTRUSTED, NOT_FOUND, OUT_OF_TIME]), max_size=12))
def test_no_topic_is_asked_twice_or_forgotten(script: list[Reply]) -> None:
    arxiv, replies = asked(script)
    count = len(arxiv.asked)
    assert replies[:count] == script[:count]
    assert all(isinstance(reply, ArxivError) for reply in replies[count:])
    refused = [isinstance(reply, UnavailableError) for reply in script]
    in_a_row = any(all(refused[i : i + REFUSALS]) for i in range(count - REFUSALS + 1))
    assert count == len(script) or in_a_row or script[count - 1] is OUT_OF_TIME
    assert OUT_OF_TIME not in script[: max(0, count - 1)]


def test_an_answer_goes_on_from_what_the_same_query_had() -> None:
    kept = (paper("2509.00002", title="On Topic 0 and Topic 1"),)
    queries = [topic.query.to_arxiv() for topic in parse_topics("Topic 0\nTopic 1\nTopic 2")]
    old = Snapshot(
        updated=date(2025, 10, 2),
        sections=(
            Section(heading="Topic 0", query=queries[0], papers=kept, is_complete=True),
            Section(heading="Topic 1", query="another", papers=kept, is_complete=True),
        ),
    )
    arxiv, _ = asked([GOOD, GOOD, GOOD], old)
    assert arxiv.asked == [(queries[0], kept), (queries[1], ()), (queries[2], ())]


@pytest.mark.parametrize(
    "changes,unconfirmed",
    [
        ({"title": "On Topic 1"}, ()),
        ({}, ("2509.00003",)),
        ({"updated": NOW + timedelta(days=3), "published": NOW + timedelta(days=3)}, ()),
    ],
    ids=["arXiv's mistake", "sorted in here", "of a day to come"],
)
def test_only_papers_beyond_doubt_show_that_an_answer_is_old(
    changes: dict[str, Any], unconfirmed: tuple[str, ...]
) -> None:
    kept = paper("2509.00002", title="On Topic 0")
    doubtful = paper("2509.00003", **{"title": "On Topic 0", **changes})
    (topic,) = parse_topics("Topic 0")
    section = Section(
        heading=topic.heading,
        query=topic.query.to_arxiv(),
        papers=(doubtful, kept),
        is_complete=True,
        unconfirmed=unconfirmed,
    )
    arxiv, _ = asked([GOOD], Snapshot(updated=NOW.date(), sections=(section,)))
    assert arxiv.asked == [(topic.query.to_arxiv(), (kept,))]


def test_each_reply_is_told() -> None:
    log = io.StringIO()
    runner.log_to(log, commands=True)
    asked([GOOD, NOT_FOUND, OUT_OF_TIME, GOOD])
    assert log.getvalue().splitlines() == [
        "Asking arXiv about 4 topics",
        "Topic 0: 1 paper of 1, 0.0 s",
        "::warning::Topic 1: no papers: not found",
        "::warning::Topic 2: no papers: out of time",
        "::warning::Topic 3: no papers: not asked: the time limit is reached",
    ]
