"""Rendering 1,000 rows beside parsing the feed that they came from: `python -m bench.rows`.

Both are measured in turn, in one run, and the ratio of their medians is what counts. The papers
are the test corpus, or the real ones that `DAILY_PAPERS_REAL_PAPERS` names.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from daily_papers import feed
from daily_papers.inputs import Column
from daily_papers.papers import Paper, SortBy
from daily_papers.snapshot import Section
from daily_papers.views.table import make_table
from tests.standins.arxiv_atom import Answer, feed_of
from tests.standins.corpus import corpus
from tests.standins.entry import Author, Entry

ROWS = 1000
ROUNDS = 25
COLUMNS = (Column.TITLE, Column.DATE, Column.ABSTRACT, Column.COMMENT)


def main() -> None:
    """Measures, and prints one line."""
    body = feed_of(_answer(_entries()), "since 2025")
    papers = feed.parse(body).papers
    parsing, rendering = _in_turn(lambda: feed.parse(body), lambda: _render(papers))
    sys.stdout.write(
        f"{len(papers)} papers: parsing {parsing * 1000:.1f} ms, "
        f"rendering {rendering * 1000:.1f} ms, ratio {rendering / parsing:.2f}\n"
    )


def _render(papers: tuple[Paper, ...]) -> str:
    section = Section(heading="Graphs", query="q", papers=papers, is_complete=False)
    return make_table(section, COLUMNS, SortBy.UPDATED).first(len(papers))


def _in_turn(*works: Callable[[], object]) -> list[float]:
    """Gives the median seconds of each, measured round by round."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, taken in zip(works, times, strict=True):
            begun = perf_counter()
            work()
            taken.append(perf_counter() - begun)
    return [median(taken) for taken in times]


def _entries() -> list[Entry]:
    path = os.environ.get("DAILY_PAPERS_REAL_PAPERS")
    if not path:
        return list(corpus(ROWS))
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line, _ in zip(lines, range(ROWS), strict=False)]
    now = datetime(2025, 10, 3, tzinfo=UTC)
    return [
        Entry(
            arxiv_id=f"2510.{number:05}",
            title=record["title"],
            summary=record["summary"],
            comment=record["comment"],
            authors=(Author(name="Ada Example"), Author(name="Bob Example")) * 2,
            primary_category="cs.LG",
            categories=("cs.LG", "stat.ML"),
            published=now,
            updated=now,
        )
        for number, record in enumerate(records)
    ]


def _answer(entries: list[Entry]) -> Answer:
    return Answer(
        search_query="all:graph",
        tree="all:graph",
        id_list="",
        start=0,
        max_results=len(entries),
        total=len(entries),
        moment=datetime(2025, 10, 3, tzinfo=UTC),
        entries=entries,
    )


if __name__ == "__main__":
    main()
