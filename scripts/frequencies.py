"""`python -m scripts.frequencies FILE…`: the table of document frequencies that the package has.

The table says how common a word is in papers of all fields, so that a ranking does not depend on
the papers of one day. It is made of arXiv's metadata, which are in the public domain (CC0 1.0,
https://info.arxiv.org/help/license/index.html#metadata-license); it has words and counts of them,
but no text. The same files make the same bytes.

Args of the command line are files of JSON lines, gzipped, each with an `id`, a `title` and a
`summary`; a paper of several versions counts once, at the last one.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from daily_papers.interests.frequencies import TABLE
from daily_papers.interests.words import GAP, Stems, pairs

LEAST: Final = 3
"""How many papers must have a word for it to be in the table; rarer words are all alike."""
LEAST_OF_PAIR: Final = 50
"""The same for two words in a row."""

HEADER: Final = """\
# How many of {papers} arXiv papers have a word (its stem), or two in a row, by number.
# Made by scripts/frequencies.py from arXiv's metadata, which are CC0 1.0 (public domain):
# 8,308 papers on time series, trajectories and graph neural networks (2024 to 2025), 7,000 of
# math.AP, 4,000 of astro-ph, 2,039 of cs.CV, and 2,963 of other mathematics, physics and finance.
"""


def main(names: Iterable[str]) -> None:
    """Writes the table from files of papers."""
    papers = {re.sub(r"v\d+$", "", paper["id"]): paper for paper in _papers(names)}
    stems = Stems()
    counts = Counter[str]()
    for paper in papers.values():
        title, summary = stems.of(paper["title"], paper["summary"])
        counts.update({*title, *summary, *pairs(title), *pairs(summary)} - {GAP})
    by_count: dict[int, list[str]] = defaultdict(list)
    for stem, count in counts.items():
        if count >= (LEAST_OF_PAIR if " " in stem else LEAST) and stem.isascii():
            by_count[count].append(stem.replace(" ", "_"))
    lines = [f"{count} {' '.join(sorted(by_count[count]))}\n" for count in sorted(by_count)]
    header = HEADER.format(papers=f"{len(papers):,}")
    TABLE.write_text(f"{header}{len(papers)}\n{''.join(lines)}", encoding="utf-8")


def _papers(names: Iterable[str]) -> Iterator[dict[str, str]]:
    for name in names:
        with gzip.open(Path(name), "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


if __name__ == "__main__":
    main(sys.argv[1:])
