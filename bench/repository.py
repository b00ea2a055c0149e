"""How much a repository grows: some months of real days, replayed and packed by git.

Each day becomes a commit, as a run makes it, of the README and of all other files. There is nobody
to ask: a day's papers are those that a public page of the same topics first showed on that day, of
which each topic holds the newest. At the end `git gc` packs the repository with git's own settings.
A plain script's README of the same papers, committed daily, is there to compare with.

`DAILY_PAPERS_REAL_PAPERS` names the papers (see tests/README.md).
"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby, islice
from typing import IO, Final, cast

from bench import script
from bench.report import megabytes, table, verdict
from daily_papers.answers import Answer
from daily_papers.home import Home
from daily_papers.inputs import Inputs, read_inputs
from daily_papers.memory.archive import Archive, remember
from daily_papers.memory.datafile import Memory
from daily_papers.memory.merge import merge
from daily_papers.memory.notices import make_notice
from daily_papers.papers import Paper, SortBy, latest_versions, newest_first
from daily_papers.publish.draft import document, make_draft
from daily_papers.publish.repository import State
from daily_papers.topics.search import Indexed
from tests.standins.corpus import corpus
from tests.standins.entry import Entry

DAYS: Final = 114
BEFORE: Final = 60
"""Days of which the papers are known when the first commit is made, so that all topics are full."""
GOAL: Final = 8_000_000
"""Bytes of the packed repository, at most."""

TOPICS: Final = "Time Series\nTrajectory\nGraph Neural Networks"
HOME: Final = Home(site="https://github.com", name="octo/papers", branch="")

CONFIGURATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "as it comes": {},
    "pages always": {"INPUT_PAGES": "always"},
    "everything on": {"INPUT_FEED": "feed.xml", "INPUT_SITE": "docs", "INPUT_TRENDS": "true"},
}

PARTS: Final[Mapping[str, str]] = {
    "README": "README.md",
    "data file": ".github/",
    "topics' pages": "papers/",
    "feeds": "feed.",
    "web page": "docs/index.html",
    "months of the archive": "docs/20",
    "assets, and the archive's index": "docs/",
    "trees and commits": "",
}
"""How the path of each file begins, the longer ones first."""

Files = Mapping[str, bytes]
"""The content of files, by path."""


# --- The days -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day on which papers, or versions of them, were to be seen for the first time."""

    date: date
    came: int
    """How many."""
    newest: Mapping[str, tuple[Paper, ...]]
    """What arXiv would have answered, by heading."""


@cache
def days() -> Sequence[Day]:
    """Returns the days that are replayed, oldest first."""
    inputs = _inputs({})
    newest = {topic.heading: tuple[Paper, ...]() for topic in inputs.topics}
    found = []
    for day, records in islice(groupby(_records(), _first_seen), BEFORE + DAYS):
        papers = list(map(_paper, records))
        for topic in inputs.topics:
            matching = [paper for paper in papers if topic.query.matches(Indexed(paper))]
            every = latest_versions((*newest[topic.heading], *matching))
            newest[topic.heading] = newest_first(every, SortBy.UPDATED)[: inputs.max_papers]
        found.append(Day(date=date.fromisoformat(day), came=len(papers), newest=dict(newest)))
    return found[BEFORE:]


def _records() -> list[dict[str, str]]:
    with gzip.open(os.environ["DAILY_PAPERS_REAL_PAPERS"], "rt", encoding="utf-8") as lines:
        return sorted(map(json.loads, lines), key=_first_seen)


def _first_seen(record: Mapping[str, str]) -> str:
    return record["first_seen"]


def _paper(record: Mapping[str, str]) -> Paper:
    """Returns a real paper. What its record lacks is invented, and the same for each version."""
    arxiv_id, _, version = record["id"].rpartition("v")
    rng = random.Random(arxiv_id)
    entry = rng.choice(_entries())
    time_of_day = timedelta(seconds=rng.randrange(86_400))
    day = datetime.combine(date.fromisoformat(record["updated"]), time(tzinfo=UTC))
    month = datetime(2000 + int(arxiv_id[:2]), int(arxiv_id[2:4]), 1, tzinfo=UTC)
    return Paper(
        arxiv_id=arxiv_id,
        version=int(version),
        title=" ".join(record["title"].split()),
        authors=tuple(author.name for author in entry.authors),
        summary=" ".join(record["summary"].split()),
        comment=" ".join(record["comment"].split()) or None,
        journal_ref=entry.journal_ref,
        doi=entry.doi,
        primary_category=entry.primary_category,
        categories=entry.categories,
        published=(day if version == "1" else min(month, day)) + time_of_day,
        updated=day + time_of_day,
    )


@cache
def _entries() -> Sequence[Entry]:
    return corpus(1000, ancient=0)


# --- What is committed ----------------------------------------------------------------------------


def _inputs(settings: Mapping[str, str]) -> Inputs:
    return read_inputs([], {"INPUT_KEYWORDS": TOPICS, "INPUT_PUBLISH": "local", **settings})


def ours(settings: Mapping[str, str]) -> Iterator[tuple[Files, tuple[str, ...]]]:
    """Yields all files of each day, as a run makes them, and those that it removes."""
    inputs = _inputs(settings)
    memory: Memory | None = None
    page: bytes | None = None
    for day in days():
        before = memory.snapshot if memory else None
        snapshot, news = merge(
            before,
            inputs.topics,
            {heading: Answer(papers=papers, total=None) for heading, papers in day.newest.items()},
            today=day.date,
            sort_by=inputs.sort_by,
        )
        now = datetime.combine(day.date, time(6, tzinfo=UTC))
        notice = make_notice(news, owner="octo/papers:daily-papers", now=now)
        known = Memory(snapshot=snapshot, notices=(notice,) if notice else ())
        if inputs.site:
            archive = memory.archive if memory else None
            known = replace(known, archive=remember(archive or Archive(), before, snapshot))
        state = State(head="", files={inputs.readme: page}, shas={})
        draft = make_draft(inputs, document(inputs, state), known, merged=memory, home=HOME)
        yield draft.files, draft.gone
        memory, page = draft.memory, draft.files[inputs.readme]


def plain() -> Iterator[tuple[Files, tuple[str, ...]]]:
    """Yields the README of the plain script, likewise."""
    for day in days():
        tables = (
            script.table(heading, map(_row, papers)) for heading, papers in day.newest.items()
        )
        yield {"README.md": f"{script.title(day.date)}{''.join(tables)}".encode()}, ()


def _row(paper: Paper) -> dict[str, str]:
    return {
        "title": paper.title,
        "link": paper.abs_url,
        "date": paper.updated.date().isoformat(),
        "abstract": paper.summary,
        "comment": paper.comment or "",
    }


# --- What git makes of it -------------------------------------------------------------------------


def packed(states: Iterable[tuple[Files, tuple[str, ...]]]) -> Counter[str]:
    """Returns the bytes of a pack with a commit of each state, by what they are there for."""
    with tempfile.TemporaryDirectory() as folder:
        _git(folder, "init", "-q", "--bare")
        # Below its limit, git unpacks what is imported. So every content is an object of its own,
        # as after commits by GitHub's API, and packing begins with nothing.
        command = ["git", "-C", folder, "-c", "fastimport.unpackLimit=1000000", "fast-import"]
        with subprocess.Popen([*command, "--quiet"], stdin=subprocess.PIPE) as process:
            _import(states, cast("IO[bytes]", process.stdin))
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        _git(folder, "gc", "-q")
        listed = _git(folder, "rev-list", "--objects", "--all").splitlines()
        paths = dict(line.partition(" ")[::2] for line in listed)
        form = "--batch-check=%(objectname) %(objectsize:disk)"
        sizes: Counter[str] = Counter()
        for line in _git(folder, "cat-file", "--batch-all-objects", form).splitlines():
            sha, _, size = line.partition(" ")
            sizes[_part(paths[sha])] += int(size)
        return sizes


def _import(states: Iterable[tuple[Files, tuple[str, ...]]], stream: IO[bytes]) -> None:
    before: Files = {}
    with stream:
        for number, (files, gone) in enumerate(states):
            moment = f"{1_700_000_000 + 86_400 * number} +0000"
            message = f"docs: update daily papers ({number})"
            lines = [
                f"commit refs/heads/main\ncommitter bot <bot@example.org> {moment}",
                f"data {len(message)}\n{message}",
                *(f"D {path}" for path in gone),
            ]
            stream.write("\n".join([*lines, ""]).encode())
            for path, data in files.items():
                if before.get(path) != data:
                    stream.write(f"M 100644 inline {path}\ndata {len(data)}\n".encode())
                    stream.write(data + b"\n")
            before = {**before, **files}


def _git(folder: str, *arguments: str) -> str:
    command = ["git", "-C", folder, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout


def _part(path: str) -> str:
    """Returns what a file is for; a tree has the path of a folder, and a commit has none."""
    begin = path if "." in path.rpartition("/")[2] and path != ".github" else ""
    return next(name for name, start in PARTS.items() if begin.startswith(start))


# --- The report -----------------------------------------------------------------------------------


def measure() -> str:
    """Returns the part of the report."""
    title = "## The repository\n\n"
    if not os.environ.get("DAILY_PAPERS_REAL_PAPERS"):
        return f"{title}Not measured: `DAILY_PAPERS_REAL_PAPERS` names no real papers.\n"
    sizes = {"the script": packed(plain())}
    sizes |= {name: packed(ours(settings)) for name, settings in CONFIGURATIONS.items()}
    rows = [
        (part, *(_shown(one[part]) for one in sizes.values()))
        for part in PARTS
        if any(one[part] for one in sizes.values())
    ]
    totals = {name: one.total() for name, one in sizes.items()}
    rows.append(("together", *map(_shown, totals.values())))
    first, *_, last = days()
    goals = ", ".join(
        f"{name}: {megabytes(totals[name])}, {verdict(met=totals[name] <= GOAL)}"
        for name in CONFIGURATIONS
    )
    return (
        f"{title}{table(('', *sizes), rows)}\n"
        f"What `git gc` packs after {len(days())} days with news, {first.date} to {last.date}: "
        f"{sum(day.came for day in days()):,} versions of papers in three topics of 100.\n\n"
        f"Goal: at most {megabytes(GOAL)}. {goals}.\n"
    )


def _shown(size: int) -> str:
    return f"{size / 1e6:.2f} MB" if size else ""
