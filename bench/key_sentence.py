"""Measures how good the key sentence is, how large its model, and how long it takes to choose."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from importlib.resources import files

import Stemmer

from bench import scitldr
from bench.report import table, verdict
from bench.rouge import Rouge, rouge
from bench.scitldr import Document
from daily_papers.views.key_sentence import key_sentence
from daily_papers.views.sentences import sentences

ROUNDS = 15
GOAL = 39.5  # ROUGE-1, without a stemmer
LARGEST = 20_000  # bytes
SLOWEST = 0.0002  # seconds

_PROPOSE = re.compile(
    r"\b(?:we|this paper|this work)\b.*\b(?:propose|present|introduce|develop|describe|study|show)",
    re.IGNORECASE,
)


def measure() -> str:
    """Returns the part of the report, or only its heading if there is no data set."""
    heading = "## The key sentence of an abstract\n\n"
    folder = scitldr.folder()
    if folder is None:
        return f"{heading}Not measured: `{scitldr.VARIABLE}` names no folder.\n"
    documents = list(scitldr.documents(folder, "test"))
    ways: dict[str, Callable[[Document], str]] = {
        "first sentence": lambda document: sentences(document.abstract)[0],
        "title": lambda document: document.title,
        "first sentence with *we propose* or the like": _rule,
        "**key sentence**": lambda document: key_sentence(document.title, document.abstract),
        "sentence labeled in the data": lambda document: document.labeled,
    }
    chosen = {name: [way(document) for document in documents] for name, way in ways.items()}
    plain = {name: _mean(texts, documents) for name, texts in chosen.items()}
    stem = Stemmer.Stemmer("porter").stemWord
    stemmed = {name: _mean(texts, documents, stem) for name, texts in chosen.items()}
    rows = [(name, _shown(plain[name]), _shown(stemmed[name])) for name in ways]
    reached = 100 * plain["**key sentence**"].one
    size = len(files("daily_papers.views").joinpath("key_sentence.txt").read_bytes())
    seconds = min(_seconds(documents) for _ in range(ROUNDS)) / len(documents)
    return (
        f"{heading}"
        f"ROUGE-1/2/L (F1) of one sentence for each of the {len(documents)} abstracts in the test "
        "part of SciTLDR-A, against the summary by people that it is most like:\n\n"
        f"{table(('', 'ROUGE', 'with a stemmer'), rows)}\n"
        f"Goals: at least {GOAL} ROUGE-1, {verdict(met=reached >= GOAL)}; "
        f"a model of at most {LARGEST / 1000:.0f} kB: {size / 1000:.1f} kB, "
        f"{verdict(met=size <= LARGEST)}; "
        f"at most {1e6 * SLOWEST:.0f} µs an abstract: {1e6 * seconds:.0f} µs, "
        f"{verdict(met=seconds <= SLOWEST)}.\n"
    )


def _rule(document: Document) -> str:
    found = sentences(document.abstract)
    return next(filter(_PROPOSE.search, found), found[0])


def _mean(
    texts: Sequence[str],
    documents: Sequence[Document],
    stem: Callable[[str], str] | None = None,
) -> Rouge:
    scores = [
        rouge(text, document.summaries, stem=stem)
        for text, document in zip(texts, documents, strict=True)
    ]
    return Rouge(*(sum(column) / len(scores) for column in zip(*scores, strict=True)))


def _shown(scores: Rouge) -> str:
    return "/".join(f"{100 * score:.1f}" for score in scores)


def _seconds(documents: Sequence[Document]) -> float:
    """Returns the processor time of choosing from all abstracts."""
    start = time.process_time()
    for document in documents:
        key_sentence(document.title, document.abstract)
    return time.process_time() - start
