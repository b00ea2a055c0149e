"""A year of working days: 400 papers a day, thirty topics, and arXiv as it is.

Papers are announced late, revised, renamed and withdrawn; arXiv refuses, hangs up and sends wrecks.
What the pages show is held to the truth, as the stand-in's own search sees it: nearly always at
once, always within a week; and every paper is told exactly once.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from daily_papers.topics.lines import parse_topics
from tests.standins import arxiv_faults as faults
from tests.standins.arxiv import ArxivStandIn
from tests.standins.entry import Entry
from tests.standins.search import Document, parsed
from tests.standins.server import Fault, changed, with_status
from tests.support import FakeClock, entry, published_files, run_main, shown

pytestmark = pytest.mark.slow

RUNS = 260 if os.environ.get("CI") == "true" else 65
"""A year; outside CI, a quarter of one."""
PAPERS_A_DAY = 400
LIMIT = 40
DAY = timedelta(days=1)
START = datetime(2025, 1, 6, 5, 37, tzinfo=UTC)
"""A Monday."""

# fmt: off
WORDS = [
    "adaptive", "agents", "alignment", "attention", "audio", "benchmarks", "calibration",
    "causal", "clinical", "clustering", "codes", "compression", "contrastive", "control",
    "decoding", "detection", "diffusion", "dynamics", "efficient", "embeddings", "energy",
    "estimation", "evaluation", "fairness", "federated", "forecasting", "generative",
    "gradients", "hierarchical", "imaging", "inference", "kernels", "language", "latent",
    "learning", "manifolds", "matching", "memory", "metrics", "molecular", "multimodal",
    "navigation", "networks", "noise", "operators", "optimal", "planning", "policies",
    "pretraining", "privacy", "prompts", "pruning", "quantum", "ranking", "reasoning",
    "recovery", "regularised", "retrieval", "robotics", "robust", "sampling", "scaling",
    "search", "segmentation", "signals", "simulation", "sparse", "speech", "stochastic",
    "structured", "summaries", "tracking", "transfer", "transport", "trees", "uncertainty",
    "video", "vision", "world",
]
# fmt: on

TOPICS = {
    "Graph Neural Networks": "graph neural network",
    "Recommendation": "recommender",
    "Time Series": "time-series",
    "Trajectory": "trajectories",
    "Knowledge Graphs": "knowledge graph",
    "Anomaly Detection": "anomaly detection",
    "Large Language Models": "large language models",
    "Tool Use: ti:tool AND (abs:agent OR abs:agents)": "tools for agents",
    "Weather: weather forecasting OR climate": "climatic",
    "No Surveys: causal inference NOT survey": "causal inferences",
    "By Author: au:Lovelace": "",
    "Physics: cat:physics AND transport": "transport",
} | {f"Subject Number{n}": f"subject number{n}" for n in range(18)}
"""Lines of `keywords`, and words in other forms that belong to each."""
QUERIES = {
    topic.heading: parsed(topic.query.to_arxiv()) for topic in parse_topics("\n".join(TOPICS))
}


@dataclass
class Year:
    """arXiv, a workspace, and what is true."""

    arxiv: ArxivStandIn
    folder: Path
    clock: FakeClock
    rng: random.Random
    latest: dict[str, Entry] = field(default_factory=dict)
    """The papers that may be on a page, by id, at their latest versions."""
    held: list[tuple[int, Entry]] = field(default_factory=list)
    """Papers that are announced on a later day."""
    topics: dict[str, list[str]] = field(default_factory=dict)
    """The topics of each version of each paper."""
    noise: list[str] = field(default_factory=list)
    count: int = 0
    told: Counter[str] = field(default_factory=Counter)
    due: dict[str, int] = field(default_factory=dict)
    """Papers that had to be on a page, and in which run first."""
    wrong_since: dict[str, date] = field(default_factory=dict)
    days: int = 0
    wrong: int = 0

    # --- What happens

    def announce(self, run: int) -> None:
        """Lets arXiv announce a day's papers, revisions and withdrawals."""
        self.arxiv.remove(*self.noise)
        self.noise = []
        new = [*self._submitted(run), *self._released(run)]
        self.arxiv.add(new)
        for paper in new:
            if self._topics_of(paper):
                self.latest[paper.arxiv_id] = paper
            else:
                self.noise.append(paper.arxiv_id)
        for _ in range(15):
            self._revise()

    def _submitted(self, run: int) -> Iterator[Entry]:
        days = 3 if run % 5 == 0 else 1
        for _ in range(PAPERS_A_DAY):
            paper = self._paper(self.clock.moment - DAY * days * self.rng.uniform(0.6, 1))
            if self.rng.random() < 0.02:
                age = self.rng.randint(1, 20)
                self.held.append((run + age * 5 // 7, paper))
            else:
                yield paper

    def _released(self, run: int) -> Iterator[Entry]:
        yield from (paper for day, paper in self.held if day <= run)
        self.held = [(day, paper) for day, paper in self.held if day > run]

    def _revise(self) -> None:
        """Revises a paper; one in fifty gets a title that may be of another topic."""
        old = self.latest[self.rng.choice(list(self.latest))]
        changes: dict[str, object] = {"comment": f"Version {old.version + 1}"}
        if self.rng.random() < 0.02:
            changes["title"] = self._title()
        if self.rng.random() < 0.03:
            changes["comment"] = "This paper has been withdrawn by its authors."
        moment = self.clock.moment - DAY * self.rng.uniform(0.4, 1)
        revised = self.arxiv.revise(old.arxiv_id, updated=max(moment, old.updated), **changes)
        self.latest[old.arxiv_id] = revised

    def _paper(self, moment: datetime) -> Entry:
        self.count += 1
        category = self.rng.choice(["cs.LG", "cs.CL", "physics.optics", "stat.ML", "math.OC"])
        made = entry(
            self.count,
            arxiv_id=f"{moment:%y%m}.{self.count % 100_000:05}",
            title=self._title(),
            summary=f"{self._title()}. {self._title()}.",
            primary_category=category,
            categories=(category, "cs.AI"),
            published=moment.replace(microsecond=0),
            updated=moment.replace(microsecond=0),
        )
        if self.rng.random() < 0.003:
            lovelace = replace(made.authors[0], name="Augusta Lovelace")
            made = replace(made, authors=(*made.authors, lovelace))
        return made

    def _title(self) -> str:
        words = self.rng.sample(WORDS, 8)
        if self.rng.random() < 0.06:  # Of a day's papers some seventy belong to a topic.
            words[3:3] = [self.rng.choice([*TOPICS.values()])]
        return " ".join(words).capitalize()

    # --- What is true

    def _topics_of(self, paper: Entry) -> list[str]:
        if paper.versioned_id not in self.topics:
            document = Document(paper)
            found = [heading for heading, query in QUERIES.items() if document.matches(query)]
            self.topics[paper.versioned_id] = found
        return self.topics[paper.versioned_id]

    def truth(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[Entry]] = {heading: [] for heading in QUERIES}
        newest = sorted(self.latest.values(), key=lambda p: (p.updated, p.arxiv_id), reverse=True)
        for paper in newest:
            for heading in self._topics_of(paper):
                found[heading].append(paper)
        return {
            heading: tuple(paper.versioned_id for paper in papers[:LIMIT])
            for heading, papers in found.items()
        }

    # --- Runs

    def run(self, number: int) -> None:
        self.arxiv.requests.clear()
        self.arxiv.faults.clear()
        self.arxiv.faults.extend(self._weather(number))
        flags = {
            "keywords": "\n".join(TOPICS),
            "publish": "local",
            "max-papers": str(LIMIT),
            "columns": "title, date",
            "pages": "never",
            "announcements": "never",
            "arxiv-url": self.arxiv.url,
        }
        environ = {"GITHUB_WORKSPACE": str(self.folder / "workspace")}
        result = run_main(self.folder / "runner", flags, environ, self.clock)
        assert "Traceback" not in result.log
        failed = set(json.loads(result.outputs["failed-topics"]))
        assert result.exit_code == (len(failed) == len(QUERIES))
        assert number == 0 or len(self.arxiv.requests) < len(QUERIES) or self.arxiv.faults
        new = self.folder / "workspace" / result.outputs["new-papers-file"]
        self.told.update(one["id"] for one in json.loads(new.read_text()))
        self._check_page(number, failed)

    def _weather(self, number: int) -> list[Fault | None]:
        """How arXiv behaves in one run: usually well."""
        if number == 0 or self.rng.random() < 0.8:
            return []
        refusal = self.rng.choice(
            [
                faults.rate_exceeded(),
                faults.unavailable(),
                faults.html_page(),
                faults.empty_page(),
                faults.truncated(),
                faults.partial_page(3),
                faults.stale_feed(self.arxiv, self.rng.choice([2, 9])),
                faults.unsorted_page(self.arxiv),
                with_status(500),
                changed(reset=True),
            ]
        )
        before: list[Fault | None] = [None] * self.rng.choice([0, 0, 1, 2])
        return [*before, *[refusal] * self.rng.choice([1, 1, 2, 3, 99])]

    def _check_page(self, number: int, failed: set[str]) -> None:
        page = shown(published_files(self.folder / "workspace")["README.md"].decode())
        truth = self.truth()
        today = self.clock.moment.date()
        for heading, expected in truth.items():
            if heading in failed:
                continue
            self.days += 1
            if page[heading].papers == expected:
                self.wrong_since.pop(heading, None)
            else:
                self.wrong += 1
                since = self.wrong_since.setdefault(heading, today)
                assert (today - since).days < 7, (heading, page[heading].papers, expected)
            for name in expected if number else ():
                arxiv_id, _, version = name.partition("v")
                if version == "1" and self.latest[arxiv_id].updated > START:
                    self.due.setdefault(arxiv_id, number)
        current = {name.partition("v")[0] for papers in truth.values() for name in papers}
        if number % 5 == 0:  # What has sunk below all pages does not come back but by a revision.
            sunk = self.clock.moment - 120 * DAY
            gone = [i for i, p in self.latest.items() if i not in current and p.updated < sunk]
            self.arxiv.remove(*gone)
            for arxiv_id in gone:
                del self.latest[arxiv_id]


def test_a_year(tmp_path: Path) -> None:
    random.seed(1)  # The program's own chance, too, is the same in every run.
    clock = FakeClock(moment=START)
    (tmp_path / "workspace").mkdir()
    with ArxivStandIn(clock=clock.now) as arxiv:
        year = Year(arxiv, tmp_path, clock, random.Random(1))
        for number in range(RUNS):
            clock.moment = START + (number // 5 * 7 + number % 5) * DAY
            if number == 0:
                for age in range(60):
                    clock.moment = START - (60 - age) * DAY
                    year.announce(-1)
                clock.moment = START
            year.announce(number)
            year.run(number)
    last_week = RUNS - 10
    untold = [name for name, run in year.due.items() if run < last_week and not year.told[name]]
    assert untold == []
    assert [name for name, times in year.told.items() if times > 1] == []
    assert year.wrong <= year.days / 1000, (year.wrong, year.days)
