"""Invented papers that read like real ones, the same for the same arguments.

`corpus` returns papers on four topics. Abstracts are composed from the templates of
`vocabulary.toml`; about one in ten contains TeX, some titles and comments are hard to put into a
table, some papers have several versions, belong to two topics, or name their topic only in the
abstract. Nothing in it is real: not the methods, not the numbers, not the authors.
"""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.standins.entry import Author, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HEADINGS", "UNTIL", "corpus", "fresh_papers"]

HEADINGS = ("Graph Neural Networks", "Time Series", "Recommendation", "Trajectory")
UNTIL = datetime(2025, 10, 3, 5, 37, tzinfo=UTC)
"""The moment of the run for which the default corpus is made: a Friday."""

_YOUNGEST = timedelta(hours=11)
"""What is submitted later than this before a run is not announced by then."""
_SHORTEST, _LONGEST = 800, 1_900
_SECONDS_PER_NUMBER = 27
"""So that a month's ids have five digits and grow with the time of submission."""


def corpus(
    size: int = 560, *, seed: int = 2025, until: datetime = UNTIL, days: int = 60, ancient: int = 8
) -> tuple[Entry, ...]:
    """Returns `size` papers at their latest versions, oldest first.

    Args:
        size: How many papers, spread evenly over the four topics.
        seed: A different seed makes different papers.
        until: The moment at which the corpus is complete; the newest are some hours older.
        days: How many days back the papers reach. Revised papers may have been submitted earlier.
        ancient: How many of the papers are from before April 2007 and have ids of the old style.
    """
    rng = random.Random(seed)
    newest = until - _YOUNGEST
    drafts = _drafts(rng, size)
    recent = [
        _dated(rng, draft, newest - timedelta(days=days), newest) for draft in drafts[ancient:]
    ]
    old = [_ancient(rng, draft, number) for number, draft in enumerate(drafts[:ancient])]
    return tuple(_identified([*old, *recent]))


def fresh_papers(
    count: int, *, seed: int, since: datetime, until: datetime = UNTIL
) -> tuple[Entry, ...]:
    """Returns `count` papers, all at version 1, that were submitted between two moments.

    The days are not looked at, so a weekend is possible. Ids differ from those of any paper that
    was submitted at another moment.
    """
    rng = random.Random(seed)
    span = (until - since).total_seconds()
    fresh = []
    for draft in _drafts(rng, count):
        moment = _whole_second(since + timedelta(seconds=rng.random() * span))
        fresh.append(replace(draft, version=1, published=moment, updated=moment))
    return tuple(_identified(fresh))


# --- Dates and ids ------------------------------------------------------------------------------


def _dated(rng: random.Random, draft: Entry, oldest: datetime, newest: datetime) -> Entry:
    """Returns the draft a date of submission, and one of revision if it has several versions."""
    updated = _weekday(rng, oldest, newest)
    if draft.version == 1:
        return replace(draft, published=updated, updated=updated)
    published = _weekday(rng, updated - timedelta(days=rng.choice((9, 40, 300))), updated)
    return replace(draft, published=published, updated=updated)


def _ancient(rng: random.Random, draft: Entry, number: int) -> Entry:
    moment = _weekday(rng, datetime(2003, 1, 1, tzinfo=UTC), datetime(2007, 3, 30, tzinfo=UTC))
    archive = draft.primary_category.partition(".")[0]
    return replace(
        draft,
        arxiv_id=f"{archive}/{moment:%y%m}{number + 101:03}",
        version=1,
        comment=None,
        published=moment,
        updated=moment,
    )


def _weekday(rng: random.Random, oldest: datetime, newest: datetime) -> datetime:
    while True:
        moment = oldest + timedelta(seconds=rng.random() * (newest - oldest).total_seconds())
        if moment.weekday() < 5:
            return _whole_second(moment)


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _identified(entries: list[Entry]) -> Iterator[Entry]:
    """Returns ids to those without one, in the order of submission."""
    taken: set[str] = set()
    for entry in sorted(entries, key=lambda entry: entry.published):
        arxiv_id = entry.arxiv_id or _id_at(entry.published)
        while arxiv_id in taken:
            month, _, number = arxiv_id.partition(".")
            arxiv_id = f"{month}.{int(number) + 1:05}"
        taken.add(arxiv_id)
        yield replace(entry, arxiv_id=arxiv_id)


def _id_at(moment: datetime) -> str:
    start = moment.replace(day=1, hour=0, minute=0, second=0)
    return f"{moment:%y%m}.{int((moment - start).total_seconds()) // _SECONDS_PER_NUMBER:05}"


# --- Papers -------------------------------------------------------------------------------------


def _drafts(rng: random.Random, size: int) -> list[Entry]:
    """Papers without ids and dates; no two have the same title."""
    topics = _vocabulary()["topic"]
    drafts: dict[str, Entry] = {}
    while len(drafts) < size:
        topic = topics[len(drafts) % len(topics)]
        other = rng.choice([o for o in topics if o is not topic]) if rng.random() < 0.08 else None
        draft = _Writer(rng, topic, other).paper()
        drafts.setdefault(draft.title, draft)
    return list(drafts.values())


@dataclass(frozen=True, slots=True)
class _Kind:
    """How papers of one kind are built: what they call themselves, and where their parts lie."""

    titles: str
    proposals: str
    steps: str
    with_experiments: bool


_KINDS = {
    _Kind("titles", "proposals", "mechanisms", with_experiments=True): 64,
    _Kind("study_titles", "study_proposals", "study_steps", with_experiments=False): 12,
    _Kind("benchmark_titles", "benchmark_proposals", "benchmark_steps", with_experiments=False): 8,
    _Kind("theory_titles", "theory_proposals", "theory_steps", with_experiments=False): 9,
    _Kind("survey_titles", "survey_proposals", "survey_steps", with_experiments=False): 7,
}
"""Each with its share in a hundred papers."""


class _Writer:
    """Writes one paper."""

    def __init__(
        self, rng: random.Random, topic: dict[str, Any], other: dict[str, Any] | None
    ) -> None:
        self.rng = rng
        self.topic = topic
        self.other = other
        self.kind = rng.choices(list(_KINDS), list(_KINDS.values()))[0]
        self.version = rng.choices((1, 2, 3, 4), (82, 12, 4, 2))[0]
        self.words = self._chosen_words()

    def paper(self) -> Entry:
        """Returns the paper, still without id and dates."""
        doi, journal = self._publication()
        categories = self._categories()
        epoch = datetime.fromtimestamp(0, UTC)
        return Entry(
            arxiv_id="",
            version=self.version,
            title=self._title(),
            summary=self._summary(),
            authors=self._authors(),
            comment=self._comment(),
            journal_ref=journal,
            doi=doi,
            primary_category=categories[0],
            categories=categories,
            classes=tuple(self._general("classes")) if self.rng.random() < 0.08 else (),
            published=epoch,
            updated=epoch,
        )

    def _chosen_words(self) -> dict[str, str]:
        """Decides what the paper is about."""
        rng, topic = self.rng, self.topic
        words: dict[str, str] = {"name": rng.choice(topic["name_starts"])}
        words["name"] += rng.choice(topic["name_ends"])
        for name in ("task", "setting", "use"):
            words[name] = rng.choice(topic[f"{name}s"])
        words["challenge"], words["challenge2"] = rng.sample(topic["challenges"], 2)
        words["idea"], words["idea2"] = rng.sample(topic["ideas"], 2)
        words["base"], words["base2"] = rng.sample(topic["baselines"], 2)
        words["data1"], words["data2"], words["data3"] = rng.sample(topic["datasets"], 3)
        words["metric"] = rng.choice(topic["metrics"])
        words["gain"] = f"{rng.uniform(0.8, 14):.1f}%"
        words["gain2"] = f"{rng.uniform(0.8, 14):.1f}%"
        words["times"] = f"{rng.uniform(1.4, 9):.1f}"
        words["n"] = str(rng.randint(7, 24))
        words["slug"] = re.sub(r"\W", "", words["name"].lower())
        pages = rng.randint(6, 38)
        words |= {"p": str(pages), "q": str(pages + 14), "v": str(self.version)}
        words |= {"f": str(rng.randint(2, 12)), "t": str(rng.randint(2, 9))}
        return words

    def _general(self, name: str, count: int = 1) -> list[str]:
        return self.rng.sample(_vocabulary()["general"][name], count)

    # --- Title and abstract ---

    def _title(self) -> str:
        tasks = self.topic["other_title_tasks" if self.rng.random() < 0.2 else "title_tasks"]
        forms = {
            "Name": self.words["name"],
            "Task": self.rng.choice(tasks),
            "Idea": _capitalized(self.words["idea"]),
            "Idea2": _capitalized(self.words["idea2"]),
            "Challenge": _capitalized(self.words["challenge"]),
            "Setting": _capitalized(self.words["setting"]),
        }
        if self.other:
            forms["Task"] = self.rng.choice(self.topic["title_tasks"])
            forms["OtherTask"] = self.rng.choice(self.other["title_tasks"])
            template = self._general("joint_titles")[0]
        elif self.rng.random() < 0.05:
            template = self._general("hard_titles")[0]
        else:
            template = self._general(self.kind.titles)[0]
        return template.format_map(forms)

    def _summary(self) -> str:
        """An abstract of the length that abstracts have."""
        parts, spare = self._sentences()
        enough = self.rng.triangular(_SHORTEST - 100, _LONGEST - 100, 1_150)
        while len(" ".join(parts)) < enough and spare:
            parts.insert(-1, spare.pop(0))
        while len(" ".join(parts)) > _LONGEST:
            parts.pop(-2)
        return " ".join(parts)

    def _sentences(self) -> tuple[list[str], list[str]]:
        """The sentences of an abstract, and others that may come before its last."""
        rng, topic, kind = self.rng, self.topic, self.kind
        findings = rng.sample(topic["findings"], 5)
        closings = self._general("closings", 5)
        steps = topic["mechanisms"] if kind.with_experiments else self._general(kind.steps, 6)
        steps = rng.sample(steps, rng.randint(3, 5))
        opening = [rng.choice(topic["openings"])]
        if self.other:
            opening.append(rng.choice(self.other["openings"]))
        if rng.random() < 0.8:
            opening.append(rng.choice(topic["gaps"]))
        opening += self._general(kind.proposals)
        results = [*self._general("experiments"), findings.pop()] if kind.with_experiments else []
        tex = self._general("tex", rng.choice((1, 2, 2))) if rng.random() < 0.13 else []
        spare = findings if kind.with_experiments else self._general(kind.steps, 6)
        templates = [*opening, *steps, *results, closings.pop()]
        parts = [self._filled(template) for template in templates]
        others = [self._filled(template) for template in (*spare, *closings)]
        parts[len(opening) + 1 : len(opening) + 1] = tex
        return parts, [sentence for sentence in others if sentence not in parts]

    def _filled(self, template: str) -> str:
        sentence = template.format_map(self.words)
        if sentence.startswith(self.words["name"]):
            return sentence
        return sentence[0].upper() + sentence[1:]

    # --- Other fields ---

    def _comment(self) -> str | None:
        names = (None, "short_comments", "long_comments", "hard_comments")
        name = self.rng.choices(names, (30, 22, 42, 6))[0]
        return self._general(name)[0].format_map(self.words) if name else None

    def _publication(self) -> tuple[str | None, str | None]:
        """DOI and journal; most papers have neither."""
        if self.rng.random() > 0.1:
            return None, None
        doi = f"10.5555/{self.words['slug']}.2025.{self.rng.randint(100, 9999)}"
        journal = self._general("journals")[0].format_map(self.words)
        return self.rng.choice(((doi, journal), (doi, None), (None, journal)))

    def _categories(self) -> tuple[str, ...]:
        names = self.rng.choice(self.topic["categories"]).split()
        if self.other:
            names += self.rng.choice(self.other["categories"]).split()
        return tuple(dict.fromkeys(names))

    def _authors(self) -> tuple[Author, ...]:
        names = [self._author() for _ in range(self.rng.choice((1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8)))]
        if self.rng.random() < 0.02:
            names[-1] = self._general("odd_authors")[0]
        known = self.rng.random() < 0.06
        return tuple(
            Author(
                name=name,
                affiliations=tuple(
                    self._general("affiliations", self.rng.choice((1, 1, 2))) if known else ()
                ),
            )
            for name in dict.fromkeys(names)
        )

    def _author(self) -> str:
        middle = self._general("middle_names") if self.rng.random() < 0.1 else []
        return " ".join([*self._general("first_names"), *middle, *self._general("last_names")])


# --- Words --------------------------------------------------------------------------------------

_SMALL_WORDS = frozenset(("and", "in", "into", "of", "on", "over", "to", "with"))


def _capitalized(phrase: str) -> str:
    """Writes a phrase as it is written in a title."""
    parts = re.split(r"([ -])", phrase)
    return "".join(part if part in _SMALL_WORDS else part[:1].upper() + part[1:] for part in parts)


@cache
def _vocabulary() -> dict[str, Any]:
    path = Path(__file__).with_name("vocabulary.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
