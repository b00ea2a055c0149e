from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
import tomllib
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import scitldr
from bench.rouge import rouge
from daily_papers.views.key_sentence import features, key_sentence, read_weights
from daily_papers.views.sentences import sentences
from scripts import train_key_sentence

REAL_PAPERS = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
SCITLDR = scitldr.folder()
WEIGHTS = files("daily_papers.views").joinpath("key_sentence.txt")
needs_scitldr = pytest.mark.skipif(SCITLDR is None, reason=f"{scitldr.VARIABLE} names no folder")

# A title, and an abstract with the key sentence between asterisks.
ABSTRACTS = {
    "Contrastive learning of session graphs": (
        "Recommending the next item in a session is hard. However, existing methods ignore the "
        "graph of sessions. **We propose a contrastive method that learns from the graph of "
        "sessions.** Experiments on three data sets show that it outperforms the state of the art. "
        "Code is available at https://github.com/example/code."
    ),
    "Sums of three cubes": (
        "The question is classical. **We prove that every integer in the family is a sum of three "
        "cubes of rational numbers.** The proof uses the circle method."
    ),
    "A giant planet around an M dwarf": (
        "Context. Giant planets around M dwarfs are rare. Aims. **We report the discovery of a "
        "giant planet that transits a nearby M dwarf.** Methods. We used TESS and spectra. "
        "Results. The planet has 0.9 Jupiter masses."
    ),
    "A data set of weather": (
        "Weather matters. **We present a data set of weather, available at https://example.org.** "
        "The data and the code are available at https://example.org/weather."
    ),
    "Regularity of minimal surfaces": (
        "Let $M$ be a minimal surface in $\\mathbb{R}^3$. **In this paper, we study the regularity "
        "of minimal surfaces $M$ with $\\dim M = 2. 5$ near the boundary.** This improves a result "
        "of J. Smith et al. It is sharp."
    ),
}


@pytest.mark.parametrize("title, marked", ABSTRACTS.items())
def test_it_says_what_the_paper_does(title: str, marked: str) -> None:
    _, expected, _ = marked.split("**")
    assert key_sentence(title, marked.replace("**", "")) == expected


@pytest.mark.parametrize("abstract", ["", " ", "\n"])
def test_an_empty_abstract_has_none(abstract: str) -> None:
    assert key_sentence("Title", abstract) == ""


@pytest.mark.parametrize(
    "only",
    [
        "One sentence.",
        "no stop",
        "This paper has been withdrawn by its authors.",
        "See https://a.b",
    ],
)
def test_the_only_sentence_is_the_key(only: str) -> None:
    assert key_sentence("Title", only) == only


@pytest.mark.parametrize(
    "boilerplate",
    [
        "Code is available at https://github.com/example/paper.",
        "The code and data are publicly available.",
        "Our source code will be released upon acceptance.",
        "Code for the proposed method is available at github.com/example/paper.",
        "Our implementation of the presented method can be found here: www.example.org.",
        "We will release our code and our models soon.",
        "Project page: https://example.github.io/paper, with a video of the method that we used.",
        "The data set is available on Zenodo.",
        "Aims.",
        "Methods and results.",
        "[Abridged.]",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_boilerplate_is_never_the_key(boilerplate: str, *, first: bool) -> None:
    other = "Of this and that one had known too little for years"
    pair = f"{boilerplate} {other}." if first else f"{other}. {boilerplate}"
    assert key_sentence("The code and data of the paper", pair) == f"{other}."


@pytest.mark.parametrize(
    "dependent",
    [
        "However, this problem of sparse graphs is difficult.",
        "This makes the training of sparse graphs more difficult.",
        "It also shows the difficulty of sparse graphs.",
        "These results show the difficulty of sparse graphs.",
        "Moreover, the difficulty of sparse graphs is shown.",
    ],
)
def test_a_sentence_that_needs_another_one_is_not_the_key(dependent: str) -> None:
    better = "We show how to train sparse graphs."
    assert key_sentence("Training of sparse graphs", f"{dependent} {better}") == better
    assert key_sentence("Training of sparse graphs", f"{better} {dependent}") == better


def test_a_long_sentence_is_whole() -> None:
    long = f"We propose a method for graphs {'and more graphs ' * 60}in one go."
    assert key_sentence("Graphs", f"It is known. {long} It works.") in {long, "It is known."}
    assert key_sentence("Graphs", long) == long


@given(st.text(max_size=30), st.text("abWe .?$\\{}()。\n'\"", max_size=200))
def test_it_is_one_of_the_sentences(title: str, abstract: str) -> None:
    chosen = key_sentence(title, abstract)
    assert chosen in (sentences(abstract) or [""])


@pytest.mark.parametrize(
    "piece",
    [". ", "A. ", "$", "$a. ", "We ", "We a. ", "' ", "This code. ", "let it be ", "。", "("],
)
def test_time_is_linear(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            key_sentence(text, text)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(100_000) < 10 * seconds(25_000) + 0.01


def test_features_do_not_depend_on_the_spelling_of_white_space() -> None:
    one, other = (list(features("A title", [f"We{s}show{s}it."])) for s in (" ", "\n"))
    assert one == other


def test_the_model_is_small_and_names_its_source() -> None:
    content = WEIGHTS.read_bytes()
    assert len(content) <= 20_000
    comments = [line for line in content.decode().splitlines() if line.startswith("##")]
    assert "Apache License 2.0" in " ".join(comments)
    assert "https://github.com/allenai/scitldr" in " ".join(comments)
    weights = read_weights(content.decode())
    assert len(weights) == content.decode().count("\n") - len(comments)
    assert all(weights.values())


def test_the_package_carries_its_model() -> None:
    pyproject = Path(__file__).parent.parent / "pyproject.toml"
    data = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-data"
    ]
    assert any(fnmatch("key_sentence.txt", pattern) for pattern in data["daily_papers.views"])


def test_the_model_is_read_when_it_is_needed() -> None:
    script = (
        "import sys, daily_papers.views.key_sentence as k;"
        "assert k._weights.cache_info().currsize == 0;"
        "k.key_sentence('', 'One is. Two are.');"
        "assert k._weights.cache_info().currsize == 1"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    "summary, reference, expected",
    [
        ("The cat sat.", "the CAT sat!", (1, 1, 1)),
        ("the cat sat", "a dog ran", (0, 0, 0)),
        ("", "a dog ran", (0, 0, 0)),
        # Two of three words, one of two pairs; in order only "the sat" or "cat sat".
        ("the cat sat", "cat sat down", (2 / 3, 1 / 2, 2 / 3)),
        ("police killed the gunman", "the gunman killed police", (1, 1 / 3, 1 / 2)),
        ("a a a", "a", (1 / 2, 0, 1 / 2)),
    ],
)
def test_rouge_counts_words_pairs_and_order(
    summary: str, reference: str, expected: tuple[float, float, float]
) -> None:
    assert rouge(summary, [reference]) == pytest.approx(expected)


def test_rouge_takes_the_reference_that_is_most_alike() -> None:
    assert rouge("the cat sat", ["a dog ran", "the cat sat", "the cat"]) == (1, 1, 1)


@needs_scitldr
def test_the_model_is_what_the_script_computes() -> None:
    assert SCITLDR is not None
    assert train_key_sentence.train(SCITLDR, ["train", "dev"]) == WEIGHTS.read_text("utf-8")


@needs_scitldr
def test_the_goal_is_reached() -> None:
    assert SCITLDR is not None
    documents = list(scitldr.documents(SCITLDR, "test"))
    scores = [
        rouge(key_sentence(document.title, document.abstract), document.summaries).one
        for document in documents
    ]
    assert sum(scores) / len(scores) >= 0.395


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
def test_of_real_papers_few_key_sentences_need_another_one() -> None:
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines][:2000]
    chosen = [key_sentence(paper["title"], " ".join(paper["summary"].split())) for paper in papers]
    dependent = [text for text in chosen if text.startswith(("However", "This is", "It ", "They "))]
    assert len(dependent) < 0.01 * len(chosen)
    assert sum("available at" in text for text in chosen) < 0.005 * len(chosen)
