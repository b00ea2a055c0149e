"""Measures parsing an answer of 2,000 entries, arXiv's most, against others and a lower bound."""

from __future__ import annotations

from collections.abc import Callable

import feedparser
from arxiv import _feed as client
from lxml import etree

from bench.feeds import feed as make_feed
from bench.pairwise import in_turn, timed
from bench.report import milliseconds, table, verdict
from daily_papers.arxiv import feed
from daily_papers.options import Column, Layout
from daily_papers.papers import Paper, SortBy
from daily_papers.views.rows import Look, Rows

ENTRIES = 2000
ROUNDS = 15
COLUMNS = (Column.TITLE, Column.DATE, Column.ABSTRACT, Column.COMMENT)

_ATOM = "{http://www.w3.org/2005/Atom}"
_AUTHOR, _NAME = f"{_ATOM}author", f"{_ATOM}name"
_WITH_TERM = (f"{_ATOM}category", "{http://arxiv.org/schemas/atom}primary_category")


def measure() -> str:
    """Returns the part of the report."""
    body = make_feed(ENTRIES, real=True)
    papers = feed.parse(body).papers
    works: dict[str, Callable[[], object]] = {
        "daily_papers": lambda: feed.parse(body),
        "feedparser": lambda: feedparser.parse(body),
        "arxiv": lambda: client.parse(body),
        "lxml, texts kept": lambda: texts(body, keep=True),
        "lxml, texts dropped": lambda: texts(body, keep=False),
        "rendering": lambda: render(papers),
    }
    rounds = in_turn({name: timed(work) for name, work in works.items()}, rounds=ROUNDS)
    faster = rounds.ratio("feedparser", "daily_papers")
    over = rounds.ratio("daily_papers", "lxml, texts kept")
    rows = [
        (label, milliseconds(rounds.median(name)), rounds.ratio(name, "daily_papers"))
        for name, label in {
            "daily_papers": "`daily_papers.arxiv.feed`: papers, every field checked",
            "feedparser": "`feedparser`",
            "arxiv": "`arxiv`, the client's parser",
            "lxml, texts kept": "the limit: lxml alone, the same texts taken into a list",
            "lxml, texts dropped": "lxml alone, the same texts taken and dropped at once",
            "rendering": "beside it: the table of these papers, as Markdown",
        }.items()
    ]
    return (
        f"## Parse: {ENTRIES:,} entries, {len(body) / 1e6:.1f} MB\n\n"
        f"{table(('', 'median', 'times ours'), rows)}\n"
        f"Goals: 10 times faster than feedparser: {faster}, {verdict(met=faster.value >= 10)}. "
        f"At most 1.6 times the limit: {over}, {verdict(met=over.value <= 1.6)}; where the texts "
        f"are dropped at once, which spares lxml their memory, it is "
        f"{rounds.ratio('daily_papers', 'lxml, texts dropped')}.\n"
    )


def texts(body: bytes, *, keep: bool) -> list[str | None]:
    """Reads the texts that papers consist of, but makes no papers."""
    taken: list[str | None] = []
    for entry in etree.fromstring(body):
        if not keep:
            taken.clear()
        for part in entry:
            tag = part.tag
            if tag == _AUTHOR:
                for name in part:
                    if name.tag == _NAME:
                        taken.append(name.text)  # noqa: PERF401 - the fastest form
            elif tag in _WITH_TERM:
                taken.append(part.get("term"))
            else:
                taken.append(part.text)
    return taken


def render(papers: tuple[Paper, ...]) -> bytes:
    """Returns the papers as a table."""
    look = Look(layout=Layout.TABLE, columns=COLUMNS, sort_by=SortBy.UPDATED)
    rows = Rows(look=look, papers=papers)
    return rows.text(rows.first(len(papers), len(papers)))
