from __future__ import annotations

import gzip
import json
import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daily_papers.topics.analyzer import GAP, STOP_WORDS, stem, stems, words
from daily_papers.topics.search import Text, phrase
from tests.standins import stemmer

REAL_PAPERS = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
# fmt: off
ENDINGS = [
    "s", "es", "ies", "sses", "ed", "eed", "ing", "ings", "y", "ly", "bly", "bli", "blies", "logy",
    "logi", "logies", "logical", "ization", "ational", "fulness", "ement", "ion", "tion", "sion",
    "able", "ible", "ous", "al", "er", "e", "ll", "kking", "xxed",
]
# fmt: on


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Graph Neural Networks", ["graph", "neural", "networks"]),
        ("Möbius, naïve — Straße", ["mobius", "naive", "strasse"]),
        ("Alzheimer's and Parkinson’s", ["alzheimer", "and", "parkinson"]),
        ("don't", ["don", "t"]),
        ("GPT-4o (3.5%) $x^2$", ["gpt", "4o", "3", "5", "x", "2"]),
        ("ﬁne ２", ["fine", "2"]),
        ("图", []),
    ],
)
def test_text_becomes_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_stop_words_leave_gaps() -> None:
    assert stems("The Theory of Graphs") == [GAP, "theori", GAP, "graph"]


@pytest.mark.parametrize(
    "one, other",
    [
        ("recommendation", "recommender"),
        ("transformer", "transformation"),
        ("university", "universe"),
        # Here Snowball's stemmer differs from Lucene's.
        ("topology", "topological"),
        ("technologies", "technological"),
        ("possibly", "possible"),
        ("trekking", "trek"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["us", "gs", "is", "4s"])
def test_words_of_two_letters_stay(word: str) -> None:
    assert stem(word) == (GAP if word in STOP_WORDS else word)


def test_detection_is_not_detector() -> None:
    assert stem("detection") != stem("detector")


@given(
    st.tuples(
        st.text("abcdeghiklmnoprstuvxyz4", max_size=6),
        st.sampled_from(ENDINGS),
        st.sampled_from([*ENDINGS, ""]),
    ).map("".join)
)
@example("downeykking")
@example("trekkings")
def test_stems_are_those_of_the_arxiv_stand_in(word: str) -> None:
    assert stem(word) == (GAP if word in STOP_WORDS else stemmer.stem(word))


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
def test_the_stems_of_real_papers_are_those_of_the_arxiv_stand_in() -> None:
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        texts = [text for line in lines for text in map(str, json.loads(line).values())]
    found = {word for text in texts for word in words(text)} - STOP_WORDS
    assert [word for word in found if stem(word) != stemmer.stem(word)] == []


@pytest.mark.parametrize(
    "looked_for, text, found",
    [
        ("graph network", "On Graphs' Networks", True),
        ("graph network", "graphs and networks", False),
        ("graph network", "network graph", False),
        ("theory of graphs", "theory and graphs", True),
        ("theory of graphs", "theory behind graphs", True),
        ("theory of graphs", "theory graphs", False),
        ("theory of graphs", "theory of all graphs", False),
        ("theory of the graphs", "theory of all graphs", True),
        ("theory of graphs", "theory, theory of trees, graphs of theory in graph", True),
        ("theory of graphs", "graphs; theory of trees", False),
        ("the graph", "graph", True),
        ("graph", "graphite", False),
        ("the", "the graph", False),
    ],
)
def test_a_phrase_stands_in_a_text_side_by_side(looked_for: str, text: str, *, found: bool) -> None:
    assert phrase(looked_for, stemmed=True).is_in(Text.of(stems(text))) is found
