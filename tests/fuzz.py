"""`make fuzz`: strangers' bytes for each reader of them, for a while.

Each target takes good inputs, damages them at random, and says what must hold whatever comes. The
same seed tries the same inputs, so that a failure can be repeated:
`python -m tests.fuzz --seconds 60 --seed 7 datafile`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import cmarkgfm
from cmarkgfm.cmark import Options

from daily_papers.arxiv import feed, listing
from daily_papers.errors import ArxivError, InputError, SpliceError
from daily_papers.interests import bib, ticks
from daily_papers.interests.bib import BibError
from daily_papers.memory import datafile
from daily_papers.memory.summaries import MAX_TEXT
from daily_papers.papers import SortBy
from daily_papers.publish.splice import read_document
from daily_papers.summaries.completion import MAX_COUNT, RefusedError, read_completion
from daily_papers.summaries.sentence import UnusableError, read_sentence
from daily_papers.topics.lines import parse_topics
from daily_papers.transport import Response
from daily_papers.views import markdown
from tests.standins.arxiv_atom import Answer, feed_of
from tests.standins.arxiv_listing import listing as listing_of
from tests.support import entry, paper

ROOT: Final = Path(__file__).parent
NOW: Final = datetime(2025, 10, 3, 6, 0, tzinfo=UTC)
MAX_SECONDS: Final = 5.0
"""CPU seconds for one input of at most `MAX_SIZE` bytes; usual ones take a thousandth of it."""
MAX_SIZE: Final = 100_000

ENTRIES: Final = [
    entry(1, title=r"On $L^{p}$-norms & \"uber graphs", comment="12 pages, https://a.example/x"),
    entry(2, summary=r"\begin{align} a &= b \\ c &= d \end{align} costs \$5 {\bf so}"),
]
FEED: Final = feed_of(
    Answer(
        search_query="all:graphs",
        id_list="",
        start=0,
        max_results=10,
        total=2,
        tree="all:graphs",
        entries=ENTRIES,
        moment=NOW,
    ),
    "since 2025",
)
LISTING: Final = listing_of(ENTRIES, "cs.LG", NOW)
DATA_FILE: Final = (ROOT / "upgrade" / "v1" / "daily-papers.json").read_bytes()
README: Final = (
    b"# Ours\n\n<details>\n<!-- daily-papers:start -->\nLast update: 2025-10-03\n\n## A\n| a |\n"
    b"| - |\n| b |\n\n<!-- daily-papers:end -->\n</details>\n\n- a\n\n```\ncode\n```\n"
)
TEXTS: Final = [
    r"On $L^{p}$-norms of Schr\"odinger operators: $1<p<N$ \cite[p. 3]{a} costs \$5",
    r"\begin{equation*} \operatorname{Ext}^1(a|b) \end{equation*} [x](https://a.example) @you #1",
    "https://github.com/o/r/issues/3 GH-12 `code` *so* <b> &lt; 👩‍🔬 e\u0301 \u202e",
]
QUERY: Final = b'RAG: "retrieval-augmented generation" OR (ti:RAG ANDNOT cat:cs.CV)\nTime Series\n'
BIBLIOGRAPHY: Final = (
    rb"@article{a, title={On {G}raphs and Schr{\"o}dinger}, author={A and B}, year=2024,"
    b" eprint={2401.01234}, archivePrefix={arXiv}}\n@string{x = {y}}\n@misc{b, title=x # {z}}\n"
)
SENTENCE: Final = {"sentence": "We study [graphs](http://a.example) of many kinds.", "title": "Ĝ"}
COMPLETION: Final = json.dumps(
    {
        "choices": [{"message": {"content": json.dumps(SENTENCE)}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 400, "completion_tokens": 60, "total_tokens": 460},
    }
).encode()
PAPER: Final = paper()
ISSUE: Final = (ROOT / "golden" / "issue.md").read_bytes()

SIGNS: Final = "$ ${ \\( \\[ { } < > | ` * _ [ ] ( ) @ # & ; : \" ' \r\n \u2028 — é"
"""What means something to one reader or another, between spaces."""

TOKENS: Final = [
    *(bytes([number]) for number in range(256)),
    *(sign.encode() for sign in SIGNS.split(" ")),
    b"<!--", b"-->", b"<!DOCTYPE x>", b"]]>", b"&#0;", b"\\begin{align}", b"\\end{align}",
    b"9" * 400, b"1e999", b"null", b'""', b"\xff\xfe", b"\xed\xa0\x80", b"{" * 50, b"$" * 50,
    b"0001-01-01T00:00:00+14:00", b"v999", b"[x]", b"- [x] ", b"http://a/", b"\\cite[", b",,,,",
]  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Returns `data` with some of it changed, left out, doubled or put elsewhere."""
    made = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        at = chance.randrange(len(made) + 1)
        end = min(len(made), at + chance.choice([0, 1, 1, 8, 64, 512]))
        match chance.randrange(5):
            case 0:
                made[at:end] = b""
            case 1:
                made[at:at] = chance.choice(TOKENS) * chance.choice([1, 1, 1, 3, 1000])
            case 2:
                made[at:end] = chance.choice(TOKENS)
            case 3:
                piece = bytes(made[at:end])
                to = chance.randrange(len(made) + 1)
                made[to:to] = piece
            case _:
                made[at:at] = bytes(made[at:end]) * chance.choice([1, 2, 200])
    return bytes(made[:MAX_SIZE])


# --- What must hold


def try_feed(data: bytes) -> None:
    with suppress(ArxivError):
        for paper in feed.parse(data).papers:
            assert paper.abs_url
            assert 1 <= paper.version <= 999


def try_listing(data: bytes) -> None:
    with suppress(ArxivError):
        listing.parse(data)


def try_datafile(data: bytes) -> None:
    try:
        memory = datafile.decode(data, "daily-papers", SortBy.UPDATED, today=NOW.date())
    except (datafile.DataFileError, InputError):
        return
    again = datafile.encode(memory, "daily-papers")
    assert datafile.decode(again, "daily-papers", SortBy.UPDATED, today=date(2025, 10, 3)) == memory


def try_splice(data: bytes) -> None:
    try:
        page = read_document(data, path="README.md", marker="daily-papers")
    except SpliceError:
        return
    assert page.text.encode() == data
    once = page.with_content(b"Last update: 2025-10-04\n\n## B\n| a |\n| - |\n| b |\n\n")
    found = read_document(once, path="README.md", marker="daily-papers")
    assert (found.before, found.after) == (page.before, page.after)


def try_tex(data: bytes) -> None:
    text = data.decode(errors="replace")
    cells = [
        markdown.link(text, "https://arxiv.org/abs/2509.00001v1", bold=True),
        markdown.inline(text),
        markdown.inline(text, formulas=False),
        markdown.fold_comment(text),
    ]
    page = markdown.table(["A", "B", "C", "D"], [cells])
    html = cmarkgfm.github_flavored_markdown_to_html(page, Options.CMARK_OPT_UNSAFE)
    assert html.count("<td>") == len(cells)
    assert page.count("\n") == 2


def try_query(data: bytes) -> None:
    with suppress(ValueError):
        for topic in parse_topics(data.decode(errors="replace")):
            assert topic.query.to_arxiv()
            assert topic.query.size


def try_bib(data: bytes) -> None:
    with suppress(BibError):
        for liked in bib.read(data, "papers.bib").papers:
            assert liked.title == " ".join(liked.title.split())


def try_completion(data: bytes) -> None:
    response = Response(status=200, headers={}, body=data)
    with suppress(RefusedError, UnusableError):
        completion = read_completion(response)
        assert 0 <= completion.tokens <= MAX_COUNT
        sentence, title = read_sentence(completion.content, PAPER, "Esperanto")
        for text in (sentence, title or ""):
            assert len(text) <= MAX_TEXT
            assert text == " ".join(text.encode().decode().split())


def try_ticks(data: bytes) -> None:
    ticks.read([data.decode(errors="replace")])


TARGETS: Final[dict[str, tuple[Callable[[bytes], None], list[bytes]]]] = {
    "feed": (try_feed, [FEED]),
    "listing": (try_listing, [LISTING]),
    "datafile": (try_datafile, [DATA_FILE]),
    "splice": (try_splice, [README]),
    "tex": (try_tex, [text.encode() for text in TEXTS]),
    "query": (try_query, [QUERY]),
    "bib": (try_bib, [BIBLIOGRAPHY]),
    "completion": (try_completion, [COMPLETION]),
    "ticks": (try_ticks, [ISSUE, ISSUE.replace(b"- **", b"- [x] **")]),
}


def fuzz(name: str, seed: int, seconds: float) -> tuple[str, int, str]:
    """Tries one target for a while.

    Returns:
        Its name, how many inputs were tried, and what failed; empty where nothing did.
    """
    attempt, seeds = TARGETS[name]
    chance = random.Random(f"{name} {seed}")
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end:
        data = damaged(chance.choice(seeds), chance)
        started = time.process_time()
        try:
            attempt(data)
            took = time.process_time() - started
            assert took < MAX_SECONDS, f"it took {took:.1f} s"
        except Exception:  # noqa: BLE001 - any is a finding
            file = Path(f"fuzz-{name}-{seed}-{count}.bin")
            file.write_bytes(data)
            return name, count, f"{traceback.format_exc()}\nThe input is in {file}"
        count += 1
    return name, count, ""


def main() -> int:
    """Tries the targets, some at a time, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all by default")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    names = given.targets or list(TARGETS)
    failed = False
    with ProcessPoolExecutor(max_workers=2) as pool:
        for name, count, failure in pool.map(
            fuzz, names, [given.seed] * len(names), [given.seconds] * len(names)
        ):
            sys.stdout.write(
                f"{name}: {count:,} inputs, {'FAILED' if failure else 'none failed'}\n"
            )
            sys.stdout.write(f"{failure}\n" if failure else "")
            sys.stdout.flush()
            failed |= bool(failure)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
