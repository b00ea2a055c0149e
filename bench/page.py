"""The first row of the web page beside an empty page, in Chromium.

Both are loaded from loopback, each time by a new visitor without a cache. The papers are the test
corpus, then so many that no page holds more; for both pages the work of one key in the search is
measured as well.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from statistics import median

from playwright.sync_api import Browser, Page

from bench.pairwise import Measured, in_turn
from bench.report import megabytes, milliseconds, table
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import SortBy
from daily_papers.views import site
from tests.browser import chromium, served
from tests.test_site import corpus_snapshot

ROUNDS = 11
EMPTY = {"index.html": b"<!doctype html><title>Empty</title><article><h3>Nothing</h3></article>"}

# The frame after the one in which there is something to see has been shown.
FIRST_ROW = """
new Promise((resolve) => {
  const look = () => {
    const row = document.querySelector("article h3");
    if (row?.getBoundingClientRect().height) {
      requestAnimationFrame(() => resolve(performance.now()));
    } else requestAnimationFrame(look);
  };
  look();
}).then((milliseconds) => { window.firstRow = milliseconds; });
"""

# Until the page is laid out again. The first key finds the words of all papers prepared or not.
SEARCH = """
(word) => {
  const field = document.querySelector("#query");
  return [...word].map((letter, place) => {
    field.value = word.slice(0, place + 1);
    const begun = performance.now();
    field.dispatchEvent(new Event("input"));
    document.querySelector("main").getBoundingClientRect();
    return performance.now() - begun;
  });
}
"""


def measure() -> str:
    """Returns the part of the report."""
    if shutil.which("chromium") is None:
        return "## The web page\n\nNot measured: there is no Chromium.\n"
    rows = []
    for snapshot in (corpus_snapshot(100), _many(corpus_snapshot(100), topics=100)):
        files = site.render(snapshot, marker="daily-papers", sort_by=SortBy.UPDATED)
        rows.append(_row(files))
    header = ("papers", "weight", "first row", "times an empty page", "first key", "other keys")
    return (
        f"## The web page\n\n{table(header, rows)}\n"
        "For a new visitor, in Chromium, from loopback; the keys are those of a search.\n"
    )


def _row(files: dict[str, bytes]) -> tuple[str, ...]:
    weight = sum(len(data) for path, data in files.items() if "katex/fonts" not in path)
    with chromium() as browser, served(EMPTY) as empty, served(files) as address:
        works = {
            "page": partial(_first_row, browser, address),
            "empty": partial(_first_row, browser, empty),
        }
        rounds = in_turn(works, rounds=ROUNDS)
        first, *others = _keys(browser.new_page(), address)
    return (
        f"{files['index.html'].count(b'<article'):,}",
        megabytes(weight),
        milliseconds(rounds.median("page")),
        str(rounds.ratio("page", "empty")),
        milliseconds(first / 1000),
        milliseconds(median(others) / 1000),
    )


def _first_row(browser: Browser, address: str) -> Measured:
    """Measures from the click on a link to the first row."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(FIRST_ROW)
    page.goto(address)
    shown: float = page.evaluate(
        "() => new Promise((resolve) => { const ask = () => window.firstRow ? "
        "resolve(window.firstRow) : setTimeout(ask, 5); ask(); })"
    )
    context.close()
    return {"seconds": shown / 1000}


def _keys(page: Page, address: str) -> list[float]:
    """Returns the milliseconds that each key of a word takes."""
    page.goto(address)
    times: list[float] = page.evaluate(SEARCH, "hypergraph")
    return times


def _many(snapshot: Snapshot, *, topics: int) -> Snapshot:
    """Returns a snapshot of so many topics, none of which shares a paper with another."""
    sections = []
    for number in range(topics):
        of = snapshot.sections[number % len(snapshot.sections)]
        papers = tuple(
            replace(paper, arxiv_id=f"{2001 + number}.{place:05}")
            for place, paper in enumerate(of.papers)
        )
        sections.append(
            Section(heading=f"{of.heading} {number}", query="q", papers=papers, is_complete=False)
        )
    return replace(snapshot, sections=tuple(sections))
