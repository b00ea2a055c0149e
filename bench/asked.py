"""Measures how many requests a day takes, and how accurate our own search is, on the stand-ins."""

from __future__ import annotations

import logging
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple, cast

from bench.report import table, verdict
from daily_papers.answers import Answer, Reply
from daily_papers.arxiv.client import Arxiv, Question
from daily_papers.arxiv.fetch import Wish, ask
from daily_papers.arxiv.schedule import CHECK_EVERY
from daily_papers.memory.merge import merge
from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import Paper, SortBy, newest_first
from daily_papers.topics.lines import Topic, parse_topics
from daily_papers.topics.query import Query
from daily_papers.topics.search import Indexed
from tests.hub import README, TOKEN, World
from tests.standins.arxiv import ArxivStandIn, parameters_of
from tests.standins.entry import Entry
from tests.standins.github import GitHubStandIn
from tests.standins.search import Document
from tests.standins.server import Request, Response
from tests.support import NOW, FakeClock, entry, paper

ENDLESS: Final = 1_000_000
"""Requests to GitHub; a workflow's token has 1,000 an hour."""

REAL_SHARE: Final = 0.0001
"""The share of a topic's papers that our own search overlooks."""

FIRST_WRONG: Final = 0.001
"""The goal: the share of a first day's rows that may differ from those of separate questions."""

DAY: Final = timedelta(days=1)
WORKING_DAYS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """So many topics, and the goals for them."""

    topics: int
    papers: int
    """Of each topic, before the first run."""
    first: int
    """The goal: requests to arXiv on the first day, at most."""
    usual: int
    """The goal: requests to arXiv on four days of five, at most."""
    days: int = WORKING_DAYS
    """Ordinary days that are measured."""


CASES: Final = (
    Case(topics=4, papers=100, first=3, usual=1),
    Case(topics=50, papers=100, first=14, usual=9),
    Case(topics=1000, papers=10, first=320, usual=150, days=1),
)


class _ManyTopics(ArxivStandIn):
    """The stand-in for very many topics: it looks only at papers that can match."""

    def add(self, entries: Iterable[Entry]) -> None:
        """Adds papers, whose titles have the number of their topic."""
        super().add(entries)
        self._by_topic: dict[str, list[Document]] = defaultdict(list)
        for document in super()._current(None):
            self._by_topic[_numbers(document.entry.title)[0]].append(document)

    def answer(self, request: Request) -> Response:
        """Returns the right response to `request`."""
        self._numbers = _numbers(parameters_of(request).get("search_query", ""))
        return super().answer(request)

    def _current(self, moment: datetime | None) -> list[Document]:  # noqa: ARG002 - it is now
        return [document for number in self._numbers for document in self._by_topic[number]]


def _numbers(text: str) -> list[str]:
    """Returns the numbers of the topics that a title or a query names."""
    return list(dict.fromkeys(re.findall(r"Kind (\d+)", text)))


def measure() -> str:
    """Returns the part of the report."""
    return f"## Requests of a day\n\n{_requests()}\n## Mistakes of our own search\n\n{_mistakes()}"


# --- Requests -------------------------------------------------------------------------------------


def _requests() -> str:
    rows = []
    for case in CASES:
        arxiv, reading, writing = _run(case)
        first, *days = arxiv
        usual = sorted(days)[: max(1, len(days) * 4 // 5)][-1]
        rows.append(
            (
                f"{case.topics:,}",
                f"{first} ({case.first}: {verdict(met=first <= case.first)})",
                f"{usual} ({case.usual}: {verdict(met=usual <= case.usual)})",
                max(days),
                reading,
                writing,
            )
        )
    header = (
        "topics",
        "to arXiv, first day (goal)",
        "four days of five (goal)",
        "the fifth day",
        "to GitHub, reading",
        "to GitHub, writing",
    )
    return (
        f"{table(header, rows)}\n"
        "Every topic has a new paper each day; README, pages and data file change, and one issue "
        "is opened. A workflow's token has 1,000 requests to GitHub an hour.\n"
    )


def _run(case: Case) -> tuple[list[int], int, int]:
    """Returns the requests to arXiv on each day, and those of the last day to GitHub."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "workspace").mkdir()
        github = stack.enter_context(
            GitHubStandIn(folder / "git", files={"README.md": README}, token=TOKEN)
        )
        github.rate_limit = ENDLESS
        arxiv = stack.enter_context(_ManyTopics(_papers(case.topics, range(1 - case.papers, 1))))
        world = World(arxiv, github, folder)
        counts = []
        for day in range(case.days + 1):
            if day:
                world.clock.moment = NOW + (day if day < 3 else day + 2) * DAY
                arxiv.add(_papers(case.topics, [day]))
            arxiv.requests.clear()
            result = world.run(
                keywords="\n".join(f"Graphs of Kind {number}" for number in range(case.topics)),
                time_limit="21600",
            )
            assert result.exit_code == 0, result.log[-3000:]
            counts.append(len(arxiv.requests))
        writes = len(world.writes)
        return counts, len(world.asked) - writes, writes


def _papers(topics: int, days: Iterable[int]) -> Iterator[Entry]:
    """Yields a paper of each topic for each of `days`, counted from that of the first run."""
    for day in days:
        for topic in range(topics):
            moment = NOW + timedelta(days=day - 1, seconds=topic)
            yield entry(
                (day % 100) * topics + topic,
                arxiv_id=f"{moment:%y%m}.{moment.day * 1000 + topic:05}",
                title=f"On Graphs of Kind {topic}, Part {day}",
                published=moment,
                updated=moment,
            )


# --- Mistakes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mistaken(Query):
    """A query that arXiv always answers correctly, but our own search does not.

    Our search overlooks a share of the papers that match, and finds a fiftieth of that share of the
    others.
    """

    right: Query
    share: float

    def __str__(self) -> str:
        return str(self.right)

    def to_arxiv(self) -> str:
        return self.right.to_arxiv()

    @property
    def size(self) -> int:
        return self.right.size

    def matches(self, paper: Paper | Indexed) -> bool:
        known = paper.paper if isinstance(paper, Indexed) else paper
        chance = zlib.crc32(f"{known.arxiv_id}{self.right}".encode()) / 2**32
        if self.right.matches(paper):
            return chance >= self.share
        return chance < self.share / 50


@dataclass
class _RightArxiv:
    """arXiv without a network; it counts the requests."""

    topics: Sequence[Topic]
    papers: dict[str, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    """By the query that they match."""
    requests: int = 0

    def newest(self, question: Question) -> Answer:
        text = question.query.to_arxiv()
        queries = [q for topic in self.topics if (q := topic.query.to_arxiv()) in text]
        named = set(re.findall(r'all:"([^"]+)"', text))
        found = {
            paper.arxiv_id: paper
            for query in queries or list(self.papers)
            for paper in self.papers[query]
            if not named or paper.arxiv_id in named
        }
        newest = newest_first(found.values(), question.sort_by)
        size = question.limit
        if question.since:
            size = sum(paper.date(question.sort_by) >= question.since for paper in newest) + 1
            size = max(size, question.page_size)
        answer = newest[:size]
        self.requests += max(1, -(-len(answer) // question.page_size))
        return Answer(papers=answer, total=len(newest))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What some weeks brought."""

    first_wrong: float
    """The share of the first day's rows that are not those of a separate question."""
    wrong: float
    """The same of all days."""
    longest: int
    """Days until the last mistake was corrected."""
    requests: float
    """A day, after the first."""


class _Odd(NamedTuple):
    """A paper that a topic lacks, or has and should not."""

    heading: str
    arxiv_id: str
    is_lacking: bool


def _mistakes() -> str:
    rows = []
    for topics, share in ((4, REAL_SHARE), (50, REAL_SHARE), (4, 0.001), (4, 0.02)):
        found = _weeks(topics, share)
        rows.append(
            (
                topics,
                f"{share:.2%}",
                f"{found.first_wrong:.2%}"
                + (
                    f" (0.10%: {verdict(met=found.first_wrong <= FIRST_WRONG)})"
                    * (share == REAL_SHARE)
                ),
                f"{found.wrong:.3%}",
                f"{found.longest} ({CHECK_EVERY}: {verdict(met=found.longest <= CHECK_EVERY)})",
                f"{found.requests:.1f}",
            )
        )
    header = (
        "topics",
        "overlooked by our own search",
        "wrong rows, first day (goal)",
        "wrong rows, all days",
        "days until all are right (goal)",
        "requests a day",
    )
    return (
        f"{table(header, rows)}\n"
        "Six weeks of five working days; eight papers of each of 4 topics a day, one of each of "
        "50. Of 11,566 real papers our own search overlooks 0.01%; the other shares are made up, "
        "and so is that of all other papers it wrongly takes a fiftieth of that share. One paper "
        "in ten belongs to two topics, one in fifty is announced up to twenty days late.\n"
    )


def _weeks(count: int, share: float, weeks: int = 6) -> _Result:
    """Simulates some weeks, and compares each day's papers with those of arXiv."""
    logging.getLogger("daily_papers").setLevel(logging.WARNING)
    lines = "\n".join(f"Subject Number{number}" for number in range(count))
    topics = [
        Topic(heading=topic.heading, query=_Mistaken(topic.query, share))
        for topic in parse_topics(lines)
    ]
    arxiv, clock = _RightArxiv(topics), FakeClock()
    a_day, limit = (8, 100) if count < WORKING_DAYS else (1, 50)
    old: Snapshot | None = None
    requests, wrong, rows = [], [], []
    since: dict[_Odd, int] = {}
    longest = 0
    for day in range(-60, 7 * weeks):
        _announce(arxiv, day, a_day)
        if day < 0 or day % 7 >= WORKING_DAYS:
            continue
        clock.moment = NOW + day * DAY
        arxiv.requests = 0
        today = clock.moment.date()
        wish = Wish(topics=topics, today=today, limit=limit, sort_by=SortBy.UPDATED)
        replies = ask(wish, cast("Arxiv", arxiv), old, clock)
        old, _ = merge(old, topics, replies, today=today, sort_by=SortBy.UPDATED)
        requests.append(arxiv.requests)
        odd = set(_odd(arxiv, topics, replies, limit))
        wrong.append(_wrong_rows(odd))
        rows.append(sum(len(section.papers) for section in old.sections))
        longest = max([longest, *(day - since[key] for key in since.keys() - odd)])
        since = {key: since.get(key, day) for key in odd}
    return _Result(
        first_wrong=wrong[0] / rows[0],
        wrong=sum(wrong) / sum(rows),
        longest=longest,
        requests=sum(requests[1:]) / len(requests[1:]),
    )


def _announce(arxiv: _RightArxiv, day: int, a_day: int) -> None:
    """Lets arXiv announce a day's papers."""
    count = len(arxiv.topics)
    for topic in range(count):
        for part in range(a_day):
            number = ((day + 60) * count + topic) * a_day + part
            is_late = number % 50 == 49
            moment = NOW + (day - (number % 20 if is_late else 0)) * DAY - timedelta(hours=9)
            moment += timedelta(seconds=number % 3600)
            homes = {topic, (topic + number % count) % count if number % 10 == 0 else topic}
            made = paper(
                f"{2501 + number // 90_000}.{number % 90_000:05}",
                title=" and ".join(arxiv.topics[home].heading for home in sorted(homes)),
                summary="",
                published=moment,
                updated=moment,
            )
            for home in homes:
                arxiv.papers[arxiv.topics[home].query.to_arxiv()].append(made)


def _odd(
    arxiv: _RightArxiv, topics: Sequence[Topic], replies: Mapping[str, Reply], limit: int
) -> Iterator[_Odd]:
    """Yields the papers that a topic has and should not have, or lacks and should have."""
    for topic in topics:
        right = newest_first(arxiv.papers[topic.query.to_arxiv()], SortBy.UPDATED)[:limit]
        reply = replies[topic.heading]
        assert isinstance(reply, Answer)
        ours, theirs = ({paper.arxiv_id for paper in some} for some in (reply.papers, right))
        for arxiv_id in ours ^ theirs:
            yield _Odd(topic.heading, arxiv_id, is_lacking=arxiv_id in theirs)


def _wrong_rows(odd: Iterable[_Odd]) -> int:
    """Counts wrong rows: a missing paper and the older one in its place are one row."""
    counts = Counter((one.heading, one.is_lacking) for one in odd)
    headings = {heading for heading, _ in counts}
    return sum(max(counts[heading, True], counts[heading, False]) for heading in headings)
