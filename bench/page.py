"""Measures the web page in Chromium: how soon it can be read, and how fast its search is.

Pages are loaded from loopback by a new visitor without a cache, some of them on a simulated slow
phone: a quarter of the CPU, and a network of 1.6 Mbit/s with 150 ms to the server, as in
Lighthouse. The papers are the test corpus; those of the large archive are real ones, if there are
any.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from bench.pairwise import Measured, in_turn
from bench.report import kilobytes, megabytes, milliseconds, table, verdict
from daily_papers.memory.archive import Archive, remember
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper
from daily_papers.views import archive as months
from daily_papers.views import site
from tests.browser import chromium, served
from tests.needs import CHROMIUM
from tests.support import with_words
from tests.test_site import corpus_snapshot

ROUNDS = 11
EMPTY = {"index.html": b"<!doctype html><title>Empty</title><article><h3>Nothing</h3></article>"}
REAL_PAPERS = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
MONTHS = 60
A_MONTH = 1667
"""Papers per month in the large archive: 100,000 in five years."""

AGES = {
    "today": (0, "zyzzogeton"),
    "this month": (0, "quokkaism"),
    "last month": (1, "bandicootal"),
    "two months ago": (2, "wombatoid"),
    "30 months ago": (30, "platypodes"),
    "58 months ago": (58, "numbatless"),
    "59 months ago": (59, "kakapology"),
}
"""Words that only one paper has, and how many months ago it came."""

LIGHTHOUSE = "lighthouse@12.2.3"
MARKUP = ("html-validate@10.17.0", "vnu-jar@26.9.27")

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

IS_READY = "document.documentElement.classList.contains('js')"

# Each key until the page is painted anew: a message that is sent in a frame comes after it.
KEYS = """
async (words) => {
  const field = document.querySelector("#query");
  field.focus();
  const taken = [];
  for (const word of words) {
    for (let length = 1; length <= word.length; length += 1) {
      field.value = word.slice(0, length);
      const begun = performance.now();
      field.dispatchEvent(new Event("input"));
      await new Promise((resolve) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(null);
      }));
      taken.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  field.value = "";
  field.dispatchEvent(new Event("input"));
  return taken;
}
"""

# From the last key to the first paper that is shown.
FIRST_HIT = """
(query) => new Promise((resolve) => {
  const field = document.querySelector("#query");
  field.focus();
  field.value = query;
  const begun = performance.now();
  field.dispatchEvent(new Event("input"));
  const look = () => {
    if (document.querySelector("article")) resolve(performance.now() - begun);
    else if (performance.now() - begun > 60_000) resolve(null);
    else requestAnimationFrame(look);
  };
  look();
})
"""


def measure() -> str:
    """Returns the part of the report."""
    if CHROMIUM is None:
        return "## The web page\n\nNot measured: there is no Chromium.\n"
    few = corpus_snapshot(100)
    pages = {"4 × 100": few, "20 × 100": _many(few, topics=20)}
    header = ("papers", "loaded at first", "first row", "times an empty page")
    rows = [
        (name, *_row(site.render(snapshot, marker="daily-papers")))
        for name, snapshot in pages.items()
    ]
    return (
        f"## The web page\n\n{table(header, rows)}\n"
        "For a new visitor, in Chromium, from loopback.\n\n"
        f"{_keys(pages['20 × 100'])}\n{_large_archive()}\n{_lighthouse(pages)}\n{_markup(few)}"
    )


def _row(files: dict[str, bytes]) -> tuple[str, ...]:
    loaded = sum(
        len(gzip.compress(data))
        for path, data in files.items()
        if path.endswith((".html", ".css", ".js", "latin-wght-normal.woff2"))
        and not path.startswith("katex")
    )
    with chromium() as browser, served(EMPTY) as empty, served(files) as address:
        works = {
            "page": partial(_first_row, browser, address),
            "empty": partial(_first_row, browser, empty),
        }
        rounds = in_turn(works, rounds=ROUNDS)
    return (
        megabytes(loaded),
        milliseconds(rounds.median("page")),
        str(rounds.ratio("page", "empty")),
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


@contextmanager
def _phone(browser: Browser, address: str) -> Iterator[tuple[Page, Counter[str]]]:
    """Yields a loaded page on a slow phone, and the bytes that it receives of each file."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(IS_READY)
    received: Counter[str] = Counter()
    names: dict[str, str] = {}

    def name(event: dict[str, Any]) -> None:
        names[event["requestId"]] = event["request"]["url"].rpartition("/")[2]

    def count(event: dict[str, Any]) -> None:
        received[names[event["requestId"]]] += event["encodedDataLength"]

    protocol = context.new_cdp_session(page)
    protocol.on("Network.requestWillBeSent", name)
    protocol.on("Network.dataReceived", count)
    protocol.send("Network.enable")
    protocol.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 150,
            "downloadThroughput": 1_600_000 / 8,
            "uploadThroughput": 750_000 / 8,
        },
    )
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    yield page, received
    context.close()


def _keys(snapshot: Snapshot) -> str:
    """Measures the keys of a search when all papers of the month are loaded."""
    files = site.render(snapshot, marker="daily-papers")
    total = sum(len(section.papers) for section in snapshot.sections)
    with chromium() as browser, served(files) as address:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(address)
        for _ in range(400):
            page.mouse.wheel(0, 50_000)
            page.wait_for_timeout(20)
            if page.locator("#end").inner_text().startswith("These are all"):
                break
        page.evaluate("scrollTo(0, 0)")
        protocol = page.context.new_cdp_session(page)
        protocol.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.evaluate(KEYS, ["warm"])
        words = ["hypergraph", "attention", 'au:"kim"', "forecasting -graph", "time series"]
        taken = sorted(page.evaluate(KEYS, words))
    at = taken[int(len(taken) * 0.95)]
    return (
        f"With {total:,} papers loaded and a fourth of the CPU, a key of a search takes "
        f"{taken[len(taken) // 2]:.0f} ms (median), {at:.0f} ms at the 95th percentile: "
        f"goal 50 ms, {verdict(met=at <= 50)}.\n"
    )


def _large_archive() -> str:
    """Measures the first hit in 100,000 papers of 60 months, for words of different ages."""
    files, seconds = _archive_files()
    rows = []
    with chromium() as browser, served(files) as address:
        for name, (age, word) in AGES.items():
            with _phone(browser, address) as (page, received):
                taken = page.evaluate(FIRST_HIT, word)
                size = received.total()
                index = sum(n for file, n in received.items() if not file.startswith("20"))
            met = taken is not None and taken <= 1000 and size <= 1_000_000 and index <= 350_000
            shown = "none within a minute" if taken is None else milliseconds(taken / 1000)
            month = str(MONTHS - age)
            rows.append((name, month, shown, kilobytes(size), kilobytes(index), verdict(met=met)))
    texts = sum(len(data) for path, data in files.items() if path.startswith("20"))
    words = sum(len(data) for path, data in files.items() if path.startswith("words"))
    header = (
        "a word that was last seen",
        "month",
        "first hit",
        "received",
        "of it index",
        "goal: 1 s, 1 MB, 350 kB of index",
    )
    return (
        f"The archive of {MONTHS * A_MONTH:,} papers in {MONTHS} months, searched on a slow phone:"
        f"\n\n{table(header, rows)}\n"
        f"The months take {megabytes(texts)}, their index {megabytes(words)}. To add a month of "
        f"{A_MONTH:,} papers to it takes {milliseconds(seconds)} of CPU time.\n"
    )


def _archive_files() -> tuple[dict[str, bytes], float]:
    """Returns a page after 60 months, and the seconds that adding the last one to the index took.

    In it are the words of `AGES`, each in one paper.
    """
    papers = _texts()
    archive, snapshot = Archive(), None
    files: dict[str, bytes] = {}
    seconds = 0.0
    for number in range(MONTHS):
        first = date(2021 + number // 12, number % 12 + 1, 1)
        moment = datetime(first.year, first.month, 1, tzinfo=UTC)
        rare = {
            A_MONTH - 10 if name == "today" else A_MONTH // 2: word
            for name, (age, word) in AGES.items()
            if age == MONTHS - 1 - number
        }
        made = []
        for place in range(A_MONTH):
            when = moment + timedelta(minutes=20 * place)
            text = papers[(number * 257 + place) % len(papers)]
            made.append(
                replace(
                    text,
                    arxiv_id=f"{first:%y%m}.{place:05}",
                    summary=f"{text.summary} {rare.get(place, '')}".strip(),
                    published=when,
                    updated=when,
                )
            )
        made.reverse()
        section = Section(heading="All", query="q", papers=tuple(made), is_complete=False)
        now = Snapshot(updated=first, sections=(section,))
        before, archive = archive, remember(archive, snapshot, now)
        begun = time.process_time()
        archive, words = with_words(before, archive, files)
        seconds = time.process_time() - begun
        snapshot = now
        files |= words | months.render(archive, now, marker="daily-papers", sentences={})
    assert snapshot is not None
    facts = site.Facts(archive=archive)
    return files | site.render(snapshot, marker="daily-papers", facts=facts), seconds


@cache
def _texts() -> tuple[Paper, ...]:
    """Returns the papers whose texts the large archive repeats."""
    known = tuple(corpus_snapshot(100).papers.values())
    if not REAL_PAPERS:
        return known
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines][:5000]
    return tuple(
        replace(known[0], title=x["title"], summary=x["summary"], comment=x["comment"] or None)
        for x in records
    )


# --- What other people's tools say ----------------------------------------------------------------


def _lighthouse(pages: Mapping[str, Snapshot]) -> str:
    """Returns what Lighthouse says of the page on a phone."""
    if shutil.which("npm") is None:
        return "Lighthouse was not run: there is no npm.\n"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        if not _install(folder, LIGHTHOUSE):
            return "Lighthouse was not run: npm could not install it.\n"
        for name, snapshot in pages.items():
            with served(site.render(snapshot, marker="daily-papers")) as address:
                report = _lighthouse_report(folder, address)
            scores = [f"{x['score'] * 100:.0f}" for x in report["categories"].values()]
            shift = report["audits"]["cumulative-layout-shift"]["numericValue"]
            met = min(map(int, scores[1:])) == 100 and int(scores[0]) >= 95 and shift < 0.02
            rows.append((name, *scores, f"{shift:.3f}", verdict(met=met)))
    header = (
        "papers",
        "performance",
        "accessibility",
        "best practices",
        "SEO",
        "layout shift",
        "goal: 95, 100, 100, 100, below 0.02",
    )
    return f"{LIGHTHOUSE.replace('@', ' ').title()}, on a phone:\n\n{table(header, rows)}"


def _lighthouse_report(folder: str, address: str) -> dict[str, Any]:
    command = ["npx", "lighthouse", address, "--output=json", "--quiet"]
    flags = "--chrome-flags=--headless --no-sandbox"
    environment = {**os.environ, "CHROME_PATH": CHROMIUM or ""}
    done = subprocess.run(
        [*command, flags], cwd=folder, env=environment, capture_output=True, check=True
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _markup(snapshot: Snapshot) -> str:
    """Returns what html-validate and the Nu Html Checker say of the page."""
    if shutil.which("npm") is None or shutil.which("java") is None:
        return "The markup was not checked: there is no npm, or no Java.\n"
    with tempfile.TemporaryDirectory() as folder:
        if not _install(folder, *MARKUP):
            return "The markup was not checked: npm could not install the checkers.\n"
        page = Path(folder, "index.html")
        page.write_bytes(site.render(snapshot, marker="daily-papers")["index.html"])
        commands = {
            "html-validate": ["npx", "html-validate", page.name],
            "Nu Html Checker": [
                "java",
                "-jar",
                "node_modules/vnu-jar/build/dist/vnu.jar",
                "--errors-only",
                page.name,
            ],
        }
        found = {
            name: subprocess.run(command, cwd=folder, capture_output=True, check=False)
            for name, command in commands.items()
        }
    said = ", ".join(
        f"{name}: {'no error' if done.returncode == 0 else '**errors**'}"
        for name, done in found.items()
    )
    return f"Markup: {said}.\n"


def _install(folder: str, *packages: str) -> bool:
    """Whether npm could install packages into a folder."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", folder]
    return subprocess.run([*command, *packages], capture_output=True, check=False).returncode == 0


def _many(snapshot: Snapshot, *, topics: int) -> Snapshot:
    """Returns a snapshot of several topics, no two of which share a paper."""
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
