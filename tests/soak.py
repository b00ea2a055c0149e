"""The long life of one repository: news, and trouble with them, day after day.

`make test` plays sixty days of it, and `make soak` as many as are asked for. They begin in February
of a leap year. Papers come, come late, are revised and withdrawn; arXiv and GitHub fail, and runs
are killed. The schedule has a local time zone, with nights that have an hour twice or lack one.
Somebody else commits as well, and ticks boxes. On a third of the days an old version runs, then
everything is switched on, and in the last third readers are told on Mondays only.

What was told is read from the bodies of the issues, and what should have been from the page: every
paper that came after the first run and was there, unless it came withdrawn.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time as stopwatch
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bench import report
from daily_papers.memory.news import REMEMBERED
from daily_papers.topics.lines import parse_topics
from tests.hub import DATA_FILE, DAY, README, START, KilledError, World, mortal, world_with
from tests.standins import arxiv_faults, github_faults
from tests.standins.arxiv_listing import submitted
from tests.standins.corpus import HEADINGS, corpus, fresh_papers
from tests.standins.entry import Entry
from tests.standins.github_faults import Trouble
from tests.standins.search import Document, parsed
from tests.standins.server import Fault, Request, Response, with_status
from tests.standins.services import SLACK, ServicesStandIn, ids_in
from tests.support import Result, Shown, shown, told

FIRST_DAY: Final = date(2028, 2, 10)
"""The day of the first run. Sixty days later, there was a leap day and a change of the clock."""
ZONE: Final = ZoneInfo("Europe/Berlin")
SCHEDULE: Final = time(6, 37)
AT_NIGHT: Final = time(2, 37)
"""On the nights on which the clock is changed, a run comes in the hour that is there twice or not
at all."""
LIMIT: Final = 50
"""Papers of each topic: what waits for Monday must still be kept then."""
PATIENCE: Final = 3
"""Bad days in a row; with more, notices that cannot be sent are given up."""
OUTAGE: Final = 9
"""Days on which arXiv is silent, once."""
HEALS: Final = timedelta(days=7 + PATIENCE)
"""What is missed is found by the check of each topic, which comes once a week."""
RECOVERY: Final = 14
"""Good days at the end, so that what has been missed is found, and told on a Monday. On the first
half of them there are still news: ticks alone are no reason for a commit."""
CHECKPOINTS: Final = 10
GOAL: Final = 500

QUERIES: Final = {
    topic.heading: parsed(topic.query.to_arxiv()) for topic in parse_topics("\n".join(HEADINGS))
}
BIB: Final = "@article{a, title = {Contrastive Pretraining on Graphs}, year = 2026}\n"

GITHUB: Final[dict[str, Callable[..., Trouble]]] = {
    "502, done": github_faults.server_error,
    "502": lambda **aim: github_faults.before(github_faults.server_error(**aim)),
    "reset, done": github_faults.reset,
    "reset": lambda **aim: github_faults.before(github_faults.reset(**aim)),
    "truncated": github_faults.truncated,
    "primary limit": github_faults.primary_limit,
    "secondary limit": github_faults.secondary_limit,
    "no permission": lambda **aim: github_faults.refusal(
        403, "Resource not accessible by integration", **aim
    ),
    "issues off": lambda **aim: github_faults.refusal(410, "Issues has been disabled", **aim),
}
AIMS: Final[tuple[github_faults.Aim, ...]] = (
    {"method": "POST", "path": "/issues$"},
    {"method": "GET", "path": "/issues$"},
    {"method": "PATCH", "path": "/issues/"},
    {"method": "PATCH", "path": "/git/refs/"},
    {"method": "POST", "path": "/git/"},
    {"method": "GET", "path": "/contents/"},
)


def as_first_version(data: bytes) -> bytes:
    """Returns a data file as version 0.1 would have written it."""
    document = json.loads(data)
    for topic in document["topics"]:
        topic["new"] = len(topic["new"])
        if failure := topic.get("failure"):
            failure["announced"] = failure.pop("listed")
    kept = ["marker", "sorted_by", "updated", "topics", "papers", "files", "seen"]
    notices = [notice for notice in document["notices"] if not notice["silent_since"]]
    queue = [
        {name: notice[name] for name in ("key", "day", "welcome", "new", "revised")}
        for notice in notices
    ]
    old = {"schema": 1, **{name: document[name] for name in kept}, "queue": queue}
    fields = (f'"{name}": {_by_line(value)}' for name, value in old.items())
    return "\n".join(["{", ",\n".join(fields), "}", ""]).encode()


def _by_line(value: object) -> str:
    """Returns JSON in which each item of a list has a line."""
    if not isinstance(value, list):
        return json.dumps(value)
    return "\n".join(["[", ",\n".join(map(json.dumps, value)), "]"])


def moments(day: date) -> list[datetime]:
    """Returns when runs come on a day: once, and on the night of a change of the clock besides."""
    nights = {_utc(datetime.combine(day, AT_NIGHT, ZONE).replace(fold=fold)) for fold in (0, 1)}
    usual = _utc(datetime.combine(day, SCHEDULE, ZONE))
    return [*(sorted(nights) if len(nights) > 1 else ()), usual]


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Row:
    """What had become of the repository by a day."""

    day: int
    date: date
    papers: int
    told: int
    arxiv: int
    """Requests so far."""
    github: int
    data_file: int
    """Bytes."""
    pack: int


@dataclass
class Soak:
    """A repository, the world around it, and what is true."""

    world: World
    services: ServicesStandIn
    rng: random.Random
    days: int
    old: frozenset[str]
    """The papers that were there before the first run."""
    sighted: set[str] = field(default_factory=set)
    """The papers that the page has shown."""
    archived: set[str] = field(default_factory=set)
    """Those that it has shown since there is an archive."""
    expected: set[str] = field(default_factory=set)
    """The papers that are to be told."""
    expected_by_services: set[str] = field(default_factory=set)
    """Those that have come since services are told as well."""
    forgiven: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a service may be told of a paper once more, by the names of both: it shows nobody
    what it was told, so that a run that dies right after that leaves nothing."""
    heard: Counter[str] = field(default_factory=Counter)
    """How many messages to each service have been looked at."""
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    """How often each service was told of a paper."""
    ticked: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    """What the user has written into the README."""
    closed: dict[str, bytes] = field(default_factory=dict)
    """The files of the months that are over."""
    wrong_since: dict[str, date] = field(default_factory=dict)
    topics: dict[str, list[str]] = field(default_factory=dict)
    """The topics of each version of each paper."""
    requests: Counter[str] = field(default_factory=Counter)
    bad_days: int = 0
    killed: int = 0
    troubled: int = 0
    rows: list[Row] = field(default_factory=list)

    # --- A life

    def live(self) -> Iterator[Row]:
        """Lives through all days, and yields a row from time to time."""
        for number in range(self.days):
            self._live(number)
            if (number + 1) % max(self.days // CHECKPOINTS, 1) == 0:
                yield self._take_stock(number + 1)
        self.services.down.clear()
        for number in range(self.days, self.days + RECOVERY):
            self._begin(number)
            if number < self.days + RECOVERY // 2:
                self._news()
            for moment in moments(self.today):
                self.world.clock.moment = moment
                self._run()
        self._check_the_end()

    @property
    def today(self) -> date:
        return self.world.clock.moment.astimezone(ZONE).date()

    def _begin(self, number: int) -> None:
        self.world.clock.moment = moments(FIRST_DAY + number * DAY)[0]
        stage = 3 * number // self.days
        site = {"site": "docs", "interests": f"ticks\nreferences.bib\n{min(self.old)}"}
        if stage >= 1 and "site" not in self.world.inputs:
            self._upgrade()
            services = {"notify_services": f"{SLACK}\n{self.services.json}"}
            self.world.inputs |= site | services
        if stage >= 2:
            self.world.inputs["notify_days"] = "mon"

    def _upgrade(self) -> None:
        data = self.world.github.repository.read("main", DATA_FILE)
        if data:
            self.world.github.repository.push({DATA_FILE: as_first_version(data)}, "As version 0.1")

    def _live(self, number: int) -> None:
        """Lives through a day."""
        self._begin(number)
        if number == 0:
            assert self._run().exit_code == 0
            assert len(self.world.issues) == 1
            return
        self._news()
        self._visit()
        outage = self.days // 2
        is_silent = outage <= number < outage + min(OUTAGE, self.days // 6)
        is_bad = is_silent or self.rng.random() < 0.4
        self.bad_days = self.bad_days + 1 if is_bad else 0
        if self.bad_days > PATIENCE and not is_silent:
            self.bad_days, is_bad = 0, False
        for moment in moments(self.today):
            self.world.clock.moment = moment
            if is_silent:
                with self._silence():
                    self._run()
            elif is_bad:
                self._run_badly()
            else:
                result = self._run()
                assert result.exit_code == 0, result.log
        if is_bad and self.rng.random() < 0.5:  # Somebody starts it again, by hand.
            self.world.clock.moment += timedelta(hours=3)
            self._run()

    # --- What happens

    def _news(self) -> None:
        """Lets arXiv announce what was submitted for today's listing."""
        if self.today.weekday() >= 5:
            return
        since, until = map(_utc, submitted(self.today))
        arxiv, rng = self.world.arxiv, self.rng
        count = rng.randrange(3, 13)
        # The length of a period without papers on a topic is not always the same.
        papers = fresh_papers(16, seed=rng.randrange(1 << 30), since=since, until=until)
        arxiv.add(rng.sample(papers, count))
        known = {paper.arxiv_id: paper for paper in arxiv.entries}
        if rng.random() < 0.2:
            late = until - rng.randrange(1, 15) * DAY
            (paper,) = fresh_papers(
                1, seed=rng.randrange(1 << 30), since=late - timedelta(hours=5), until=late
            )
            if paper.arxiv_id not in known:
                arxiv.add([paper])
        # Whoever is held back by moderation for weeks is not revised meanwhile.
        seen = self.sighted | self.old
        likely = [
            paper
            for name, paper in known.items()
            if paper.updated <= since and (name in seen or paper.published > since - 4 * DAY)
        ]
        likely = likely[-300:] if rng.random() < 0.8 else likely
        for paper in rng.sample(likely, min(rng.randrange(5), len(likely))):
            moment = (since + (until - since) * rng.random()).replace(microsecond=0)
            if rng.random() < 0.1:
                arxiv.withdraw(paper.arxiv_id, updated=moment)
            else:
                arxiv.revise(paper.arxiv_id, updated=moment, comment="Now longer")

    def _visit(self) -> None:
        """Lets people do something in the repository: tick boxes, and write."""
        if self.rng.random() < 0.3:
            boxes = [
                (issue, found)
                for issue in self.world.issues.values()
                if issue["state"] == "open"
                for found in re.finditer(
                    r"(?m)^- \[([ x])\] \*\*\[.*?https://arxiv\.org/abs/(.+?)v\d+\)", issue["body"]
                )
            ]
            if boxes:
                issue, found = self.rng.choice(boxes)
                is_ticked = found[1] == " "
                body, place = issue["body"], found.start(1)
                issue["body"] = f"{body[:place]}{'x' if is_ticked else ' '}{body[place + 1 :]}"
                (self.ticked.add if is_ticked else self.ticked.discard)(found[2])
        if self.rng.random() < 0.03:
            self._write()

    def _write(self) -> None:
        """Lets the user write into the README, above the papers."""
        repository = self.world.github.repository
        self.words.append(f"On {self.world.clock.moment:%Y-%m-%d at %H:%M} this was new.")
        page = self.world.read().replace(START, f"{self.words[-1]}\n\n{START}", 1)
        repository.push({"README.md": page}, "Their own words")

    def _run_badly(self) -> None:
        """Runs on a bad day: some of arXiv, GitHub, the services and the runner fail."""
        rng, world = self.rng, self.world
        self.troubled += 1
        if rng.random() < 0.5:
            world.arxiv.faults.extend(self._weather())
        if rng.random() < 0.5:
            make = GITHUB[rng.choice(sorted(GITHUB))]
            trouble = make(**rng.choice(AIMS))
            skip, times = rng.randrange(2), rng.choice([1, 1, 9])
            world.github.troubles.append(replace(trouble, skip=skip, times=times))
        if rng.random() < 0.1:
            world.github.troubles.append(Trouble(fault=self._race, method="POST", path="/trees$"))
        self.services.down = {rng.choice(["", "", "slack", "json"])}
        fate = rng.choice(["", "", "any request", "after the commit"])
        before = rng.random() < 0.5
        death = {
            "any request": mortal(rng.randrange(25), before=before),
            "after the commit": mortal(rng.randrange(3), before=before, has_committed=True),
        }.get(fate, nullcontext())
        try:
            with death:
                self._run()
        except KilledError:
            self.killed += 1
        finally:
            self.services.down.clear()
            world.arxiv.faults.clear()
            world.github.troubles.clear()

    def _race(self, _request: Request, response: Response) -> Response:
        """Lets somebody else commit while the run is about to."""
        self._write()
        return response

    def _weather(self) -> list[Fault | None]:
        """How arXiv behaves on a bad day."""
        rng = self.rng
        refusal = rng.choice(
            [
                arxiv_faults.rate_exceeded(),
                arxiv_faults.unavailable(),
                arxiv_faults.html_page(),
                arxiv_faults.empty_page(),
                arxiv_faults.truncated(),
                arxiv_faults.partial_page(3),
                arxiv_faults.stale_feed(self.world.arxiv, rng.choice([2, 9])),
                arxiv_faults.unsorted_page(self.world.arxiv),
                arxiv_faults.reset(),
                with_status(500),
            ]
        )
        before: list[Fault | None] = [None] * rng.choice([0, 0, 1, 2])
        return [*before, *[refusal] * rng.choice([1, 1, 2, 4, 8, 99])]

    @contextmanager
    def _silence(self) -> Iterator[None]:
        """Lets arXiv answer nothing."""
        self.world.arxiv.faults.extend([arxiv_faults.unavailable()] * 200)
        yield
        self.world.arxiv.faults.clear()

    # --- A run, and what must hold after it

    def _run(self) -> Result:
        world = self.world
        before = {name: len(texts) for name, texts in self.services.told.items()}
        is_recorded = False
        try:
            world.arxiv.requests.clear()
            result = world.run()
            is_recorded = "could not be recorded" not in result.log
            assert "Traceback" not in result.log, result.log
        finally:
            if not is_recorded:
                for name, count in before.items():
                    again = "".join(self.services.told[name][count:])
                    self.forgiven.update((name, arxiv_id) for arxiv_id in ids_in(again))
            self.requests.update(arxiv=len(world.arxiv.requests), github=len(world.github.requests))
            self._look()
        if result.exit_code == 0:
            self._check_page(set(json.loads(result.outputs["failed-topics"])))
        return result

    @property
    def _page(self) -> dict[str, Shown]:
        page = self.world.github.repository.read("main", "README.md") or b""
        text = page.decode()
        assert all(words in text for words in self.words)
        return shown(text)

    def _look(self) -> None:
        """Looks at the page, as a reader does, and holds what was told to it."""
        papers = {name.partition("v")[0] for topic in self._page.values() for name in topic.papers}
        withdrawn = {
            paper.arxiv_id
            for paper in self.world.arxiv.entries
            if "withdrawn" in (paper.comment or "")
        }
        came = papers - self.sighted - self.old - withdrawn
        self.expected |= came
        if "notify_services" in self.world.inputs:
            self.expected_by_services |= came
        self.sighted |= papers
        if self.archived or ("site" in self.world.inputs and self._months):
            self.archived |= papers
        self._check_issues()
        self._check_services()

    def _check_issues(self) -> None:
        """Whether no paper is told twice, in two notices or twice under a topic."""
        found = [
            (arxiv_id, heading, issue.key)
            for issue in self.world.told
            for heading, ids in issue.new.items()
            for arxiv_id in ids
        ]
        assert len(found) == len(set(found))
        counts = Counter(arxiv_id for arxiv_id, _ in {(name, key) for name, _, key in found})
        assert [name for name, count in counts.items() if count > 1] == []
        assert counts.keys() - self.expected == set()

    def _check_services(self) -> None:
        """Whether no service is told twice without need, and nobody is pinged."""
        for name, texts in self.services.told.items():
            fresh = "".join(texts[self.heard[name] :])
            self.heard[name] = len(texts)
            assert not re.search("@e|<!c", fresh)
            counts = self.counts.setdefault(name, Counter())
            counts.update(ids_in(fresh))
            assert counts.keys() - self.expected == set()
            assert [
                arxiv_id
                for arxiv_id, count in counts.items()
                if count > 1 + self.forgiven[name, arxiv_id]
            ] == []

    def _check_page(self, failed: set[str]) -> None:
        """Whether each topic shows the truth, or has not done so for a few days only."""
        page, truth = self._page, self._truth()
        for heading in HEADINGS:
            if page[heading].papers == truth[heading]:
                self.wrong_since.pop(heading, None)
            elif heading not in failed:
                since = self.wrong_since.setdefault(heading, self.today)
                assert self.today - since <= HEALS, (heading, since, page[heading], truth[heading])

    def _truth(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {heading: [] for heading in HEADINGS}
        entries = self.world.arxiv.entries
        entries.sort(key=lambda paper: (paper.updated, paper.arxiv_id), reverse=True)
        for paper in entries[: LIMIT * 20]:
            for heading in self._topics_of(paper):
                found[heading].append(paper.versioned_id)
        return {heading: tuple(papers[:LIMIT]) for heading, papers in found.items()}

    def _topics_of(self, paper: Entry) -> list[str]:
        if paper.versioned_id not in self.topics:
            document = Document(paper)
            found = [heading for heading, query in QUERIES.items() if document.matches(query)]
            self.topics[paper.versioned_id] = found
        return self.topics[paper.versioned_id]

    # --- From time to time

    @property
    def _months(self) -> dict[str, bytes]:
        """The files of the archive, by month."""
        repository = self.world.github.repository
        paths = [path for path in repository.paths("main") if re.match(r"docs/\d{4}-", path)]
        return {path[5:-5]: repository.read("main", path) or b"" for path in paths}

    def _take_stock(self, number: int) -> Row:
        """Checks the repository as a whole, and measures it."""
        self._check_archive()
        repository = self.world.github.repository
        repository.fsck()
        subprocess.run(["git", "-C", repository.folder, "gc", "--quiet"], check=True)
        row = Row(
            day=number,
            date=self.today,
            papers=len(self.sighted),
            told=len({arxiv_id for issue in self.world.told for arxiv_id in issue.ids}),
            arxiv=self.requests["arxiv"],
            github=self.requests["github"],
            data_file=len(self.world.read(DATA_FILE).encode()),
            pack=sum(pack.stat().st_size for pack in repository.folder.glob("objects/pack/*.pack")),
        )
        self.rows.append(row)
        return row

    def _check_archive(self) -> None:
        """Whether the archive has each paper once, and the months that are over stay.

        A paper that was forgotten comes as if for the first time.
        """
        months, seen = self._months, dict[str, date]()
        for name in sorted(months):
            for paper in json.loads(months[name])["papers"]:
                day = date.fromisoformat(paper["seen"])
                assert day - seen.get(paper["id"], date.min) > REMEMBERED
                seen[paper["id"]] = day
        assert seen.keys() == self.archived
        over = {name: data for name, data in months.items() if name != max(months)}
        assert self.closed.items() <= over.items()
        self.closed = over

    def _check_the_end(self) -> None:
        """Whether nothing is lost, after some good days."""
        page, truth = self._page, self._truth()
        assert {heading: page[heading].papers for heading in HEADINGS} == truth
        announced = {arxiv_id for issue in self.world.told for arxiv_id in issue.ids}
        assert announced == self.expected
        for name in ("slack", "json"):
            assert self.expected_by_services <= self.counts[name].keys()
        keys = [told(issue["body"]).key for issue in self.world.issues.values()]
        assert len(keys) == len(set(keys))
        assert sum(issue["state"] == "open" for issue in self.world.issues.values()) == 3
        assert set(json.loads(self.world.read(DATA_FILE))["ticked"]) == self.ticked
        self._check_archive()


@contextmanager
def a_life(days: int, seed: int) -> Iterator[Soak]:
    """A world in which arXiv has had papers for two months, and the repository is new."""
    random.seed(seed)  # The program's own chance, too, is the same for a seed.
    start = moments(FIRST_DAY)[0]
    papers = corpus(280, seed=seed, until=start, ancient=4)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        files = {"README.md": README, "references.bib": BIB}
        world = stack.enter_context(world_with(folder, files, entries=papers))
        world.clock.moment = start
        world.github.rate_limit = 10**9
        world.inputs = {
            "keywords": "\n".join(HEADINGS),
            "max_papers": f"{LIMIT}",
            "timezone": ZONE.key,
            "feed": "feed.xml",
            "trends": "true",
            "notify_papers": "100",
            "notify_keep": "3",
        }
        services = stack.enter_context(ServicesStandIn())
        old = frozenset(paper.arxiv_id for paper in papers)
        yield Soak(world, services, random.Random(seed), days, old)


def text(life: Soak, seed: int) -> str:
    """Returns the report on a life that is over."""
    rows = []
    before = Row(day=0, date=FIRST_DAY, papers=0, told=0, arxiv=0, github=0, data_file=0, pack=0)
    for row in life.rows:
        days = row.day - before.day
        counts = (f"{row.day:,}", row.date, f"{row.papers:,}", f"{row.told:,}")
        requests = (
            f"{(now - then) / days:.1f}"
            for now, then in ((row.arxiv, before.arxiv), (row.github, before.github))
        )
        growth = f"{(row.pack - before.pack) / days / 1000:.1f} kB"
        rows.append((*counts, *requests, report.megabytes(row.pack), growth))
        before = row
    header = ("day", "", "papers shown", "told", "arXiv", "GitHub", "pack", "a day")
    played = (
        f"`make soak DAYS={life.days} SEED={seed}` played these days of {len(HEADINGS)} topics of "
        f"{LIMIT} papers. On {life.troubled} of them arXiv, GitHub, a service or the runner "
        f"failed, {life.killed} runs were killed, and arXiv was silent for {OUTAGE} days. Requests "
        "are those of a day, all its runs together; the pack is what `git gc` makes of the "
        "repository, and the last column its growth a day."
    )
    held = (
        f"In the end each of the {len(life.expected):,} papers that the page had shown as new had "
        "been told by exactly one issue, and by each service that there was; services were told of "
        f"papers {life.forgiven.total():,} times more, each time after a run that died, or could "
        "not record it, right after telling. The archive had each paper that the page had shown, "
        "no month that was over had changed, no tick and no word of the user's was lost, and "
        "`git fsck --strict` passed at each row."
    )
    title = f"## Soak: {life.days} days, seed {seed}"
    return "\n".join([title, "", report.table(header, rows), played, "", held, ""])


def main() -> None:
    """Plays, prints, and writes the file of results if the life was long."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--days", type=int, default=GOAL)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    started = stopwatch.monotonic()
    with a_life(given.days, given.seed) as life:
        for row in life.live():
            took = stopwatch.monotonic() - started
            sys.stderr.write(f"{row.day} days, {row.told:,} papers told, {took:.0f} s\n")
    found = text(life, given.seed)
    sys.stdout.write(f"{found}\n")
    if given.days >= GOAL:
        report.write(found, marker="soak")


if __name__ == "__main__":
    main()
