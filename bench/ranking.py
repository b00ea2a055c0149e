"""Measures whether the papers that a reader wants come first, and what the ranking costs.

CSFCube (https://github.com/iesl/CSFCube) has 50 queries, each a paper and a facet of it, with
candidates that people graded from 0 to 3. Its license is CC BY-NC: it is used to measure, and is
not part of the project. The variable `DAILY_PAPERS_CSFCUBE` names its folder.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import random
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from time import process_time
from typing import Final

from bench.report import megabytes, milliseconds, table, verdict
from daily_papers.interests.ranking import Ranking

VARIABLE: Final = "DAILY_PAPERS_CSFCUBE"
FACETS: Final = ("background", "method", "result")
DRAWS: Final = 3
OTHERS: Final = 300
WANTED: Final = 2
"""The lowest grade of a wanted candidate."""

NDCG_GOAL: Final = 55.5
MIXED_GOAL: Final = 8
NARROW_GOAL: Final = 34
SHOWN: Final = 20
"""Papers whose match is explained."""

SECONDS_GOAL: Final = 0.5
BYTES_GOAL: Final = 60e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paper as the ranking sees it."""

    title: str
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A paper, a facet of it, and the grades of its candidates by their ids."""

    paper: str
    facet: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Liked papers, wanted ones, and what else is new."""

    liked: Sequence[str]
    wanted: frozenset[str]
    new: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """CSFCube."""

    texts: Mapping[str, Text]
    queries: Sequence[Query]

    @classmethod
    def read(cls, folder: Path) -> Collection:
        """Reads the collection from its folder."""
        with gzip.open(folder / "docs.json.gz", "rt", encoding="utf-8") as file:
            texts = {name: Text(title=t, summary=s) for name, (t, s) in json.load(file).items()}
        queries = []
        for facet in FACETS:
            path = folder / f"test-pid2anns-csfcube-{facet}.json"
            for paper, graded in json.loads(path.read_text(encoding="utf-8")).items():
                grades = dict(zip(graded["cands"], graded["relevance_adju"], strict=True))
                queries.append(Query(paper=paper, facet=facet, grades=grades))
        return cls(texts=texts, queries=queries)


Order = Callable[[Sequence[str], Sequence[str]], list[str]]
"""Takes the liked papers and the new ones, and returns an order of the new ones, best first."""


def ranked(texts: Mapping[str, Text], *, titles_only: bool = False) -> Order:
    """Returns the product's order; `titles_only` ignores the abstracts of the liked papers."""

    def order(liked: Sequence[str], new: Sequence[str]) -> list[str]:
        likes = [texts[name] for name in liked]
        if titles_only:
            likes = [Text(title=like.title) for like in likes]
        ranking = Ranking([texts[name] for name in new], likes)
        places = sorted(range(len(new)), key=lambda place: (-ranking.score(place), place))
        return [new[place] for place in places]

    return order


def shuffled(_liked: Sequence[str], new: Sequence[str]) -> list[str]:
    """Returns a random order, which is always the same."""
    return random.Random(len(new)).sample(list(new), len(new))


def ndcg(order: Order, query: Query) -> float:
    """Returns NDCG over the first fifth of a pool, as the collection's own scorer computes it."""
    found = order([query.paper], sorted(query.grades))
    depth = len(found) // 5
    best = sorted(query.grades.values(), reverse=True)
    return _gain([query.grades[name] for name in found[:depth]]) / _gain(best[:depth])


def _gain(grades: Sequence[int]) -> float:
    first, *rest = grades
    return first + sum(grade / math.log2(place) for place, grade in enumerate(rest, start=2))


def days(collection: Collection, likes: int, *, is_mixed: bool) -> Iterator[Day]:
    """Yields a reader's days: `likes` wanted papers are liked, and the rest of them are new.

    On a mixed day, `OTHERS` papers of other pools are new as well; within a narrow topic, the rest
    of the pool is.
    """
    for query in collection.queries:
        good = sorted(name for name, grade in query.grades.items() if grade >= WANTED)
        if len(good) < likes + 3:
            continue
        others = sorted(collection.texts.keys() - query.grades.keys() - {query.paper})
        for draw in range(DRAWS):
            chance = random.Random(f"{query.paper} {query.facet} {likes} {draw}")
            liked = chance.sample(good, likes)
            wanted = frozenset(good) - frozenset(liked)
            drawn = chance.sample(others, OTHERS)
            rest = {*wanted, *drawn} if is_mixed else query.grades.keys() - set(liked)
            yield Day(liked=liked, wanted=wanted, new=sorted(rest))


def rows_to_read(found: Sequence[str], wanted: frozenset[str]) -> int:
    """Returns the rows to read until 80 % of the wanted papers are seen."""
    needed = math.ceil(0.8 * len(wanted))
    places = (place for place, name in enumerate(found, start=1) if name in wanted)
    return [*places][needed - 1]


def average_precision(found: Sequence[str], wanted: frozenset[str]) -> float:
    """Returns the mean precision at each wanted paper."""
    places = [place for place, name in enumerate(found, start=1) if name in wanted]
    return fmean(number / place for number, place in enumerate(places, start=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The results of some days."""

    rows: float
    recall: float
    precision: float
    new: float

    @classmethod
    def of(cls, order: Order, all_days: Sequence[Day]) -> Outcome:
        """Measures an order over days."""
        found = [(order(day.liked, day.new), day.wanted) for day in all_days]
        return cls(
            rows=median(rows_to_read(*one) for one in found),
            recall=fmean(len({*names[:20]} & wanted) / len(wanted) for names, wanted in found),
            precision=fmean(average_precision(*one) for one in found),
            new=fmean(len(names) for names, _ in found),
        )


def measure() -> str:
    """Returns the part of the report."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return f"## Ranking\n\nNot measured: `{VARIABLE}` names no collection.\n"
    collection = Collection.read(Path(folder))
    full = ranked(collection.texts)
    titles = ranked(collection.texts, titles_only=True)
    score = 100 * fmean(ndcg(full, query) for query in collection.queries)
    chance = 100 * fmean(ndcg(shuffled, query) for query in collection.queries)
    orders: dict[str, Order] = {"ours": full, "ours, liked titles only": titles, "chance": shuffled}
    rows = []
    five: dict[bool, float] = {}
    for is_mixed in (True, False):
        for likes in (1, 3, 5, 10):
            all_days = list(days(collection, likes, is_mixed=is_mixed))
            for name, order in orders.items():
                one = Outcome.of(order, all_days)
                if likes == 5 and order is full:
                    five[is_mixed] = one.rows
                kind = "mixed" if is_mixed else "narrow"
                numbers = (f"{one.rows:.0f} of {one.new:.0f}", f"{one.recall:.2f}")
                rows.append((f"{kind}, {likes} liked, {name}", *numbers, f"{one.precision:.3f}"))
    seconds, size = _costs(collection)
    goals = (
        (f"NDCG%20 {score:.1f} (by chance {chance:.1f})", NDCG_GOAL, score >= NDCG_GOAL),
        (f"mixed day, five liked: {five[True]:.0f} rows", MIXED_GOAL, five[True] <= MIXED_GOAL),
        (f"narrow topic, five liked: {five[False]:.0f} rows", NARROW_GOAL,
         five[False] <= NARROW_GOAL),
        (f"2,000 papers against 500 liked: {milliseconds(seconds)}", f"{SECONDS_GOAL} s",
         seconds <= SECONDS_GOAL),
        (f"the same: {megabytes(size)}", megabytes(BYTES_GOAL), size <= BYTES_GOAL),
    )  # fmt: skip
    verdicts = [(what, goal, verdict(met=is_met)) for what, goal, is_met in goals]
    header = ("day", "rows until 80 % of the wanted (median)", "recall@20", "MAP")
    return (
        f"## Ranking\n\n{table(('measured', 'goal', ''), verdicts)}\n{table(header, rows)}\n"
        "Measured with CSFCube: full texts of the new papers, three draws of liked papers for each "
        "query. The least that any order can reach on a mixed day with five liked papers is 7 "
        "rows.\n"
    )


def _costs(collection: Collection) -> tuple[float, float]:
    """Returns the processor time in seconds, and the peak memory in bytes, of one large ranking."""
    texts = list(collection.texts.values())
    papers, liked = texts[:2000], texts[2000:2500]
    Ranking(papers[:1], liked[:1])  # The table is read once in a run.
    begun = process_time()
    ranking = Ranking(papers, liked)
    for place in sorted(range(len(papers)), key=ranking.score)[-SHOWN:]:
        ranking.match(place)
    seconds = process_time() - begun
    del ranking
    tracemalloc.start()
    Ranking(papers, liked)
    _, size = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return seconds, size


if __name__ == "__main__":
    sys.stdout.write(measure())
