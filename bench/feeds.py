"""Feeds and papers to measure with: the test corpus, or real papers if they are available.

`DAILY_PAPERS_REAL_PAPERS` names real ones (see tests/README.md). If more are needed than there are,
papers are repeated, each with its own id, date and texts.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from daily_papers.arxiv.feed import parse
from daily_papers.papers import Paper
from tests.standins.arxiv_atom import Answer, feed_of
from tests.standins.corpus import corpus
from tests.standins.entry import Author, Entry

REAL_ONES = 2000
PAGE = 100
"""How many entries one answer has, as in a run."""

NOW = datetime(2025, 10, 3, tzinfo=UTC)


def feed(size: int, *, real: bool = False) -> bytes:
    """Returns an answer of arXiv with `size` entries; real ones, if asked for and available."""
    return _feed((real and _real_ones()) or _invented_ones(), 0, size)


def papers(count: int) -> list[Paper]:
    """Returns invented papers, newest first, as arXiv's answers have them, each with texts of
    its own; the same for the same count.
    """
    made: list[Paper] = []
    while len(made) < count:
        made += parse(_feed(_invented_ones(), len(made), min(PAGE, count - len(made)))).papers
    return made


def _feed(originals: Sequence[Entry], start: int, size: int) -> bytes:
    answer = Answer(
        search_query="all:graph",
        tree="all:graph",
        id_list="",
        start=start,
        max_results=size,
        total=start + size,
        moment=NOW,
        entries=[
            _numbered(originals[number % len(originals)], number)
            for number in range(start, start + size)
        ],
    )
    return feed_of(answer, "since 2025")


def _numbered(entry: Entry, number: int) -> Entry:
    """Returns an entry as another paper, which is older the higher its number."""
    moment = NOW - timedelta(minutes=number)
    month, rest = divmod(number, 100_000)
    return replace(
        entry,
        arxiv_id=f"25{10 - month:02}.{99_999 - rest:05}",
        summary=f"{entry.summary} {number}",
        published=moment,
        updated=moment,
    )


@cache
def _invented_ones() -> Sequence[Entry]:
    return corpus(1000, ancient=0)


@cache
def _real_ones() -> Sequence[Entry]:
    path = os.environ.get("DAILY_PAPERS_REAL_PAPERS")
    if not path:
        return ()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line, _ in zip(lines, range(REAL_ONES), strict=False)]
    return [
        Entry(
            arxiv_id="",
            title=record["title"],
            summary=record["summary"],
            comment=record["comment"],
            authors=(Author(name="Ada Example"), Author(name="Bob Example")) * 2,
            primary_category="cs.LG",
            categories=("cs.LG", "stat.ML"),
            published=NOW,
            updated=NOW,
        )
        for record in records
    ]
