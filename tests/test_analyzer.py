from __future__ import annotations

import gzip
import json
import os
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daily_papers.topics.analyzer import GAP, STOP_WORDS, stem, stems, words
from daily_papers.topics.search import Text, phrase
from tests.standins import stemmer
from tests.standins.tokens import plain_words

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
        ("don't, don’t", ["don't", "don't"]),
        ("Kepler's laws", ["kepler", "laws"]),
        ("KEPLER'S LAWS", ["kepler", "laws"]),
        ("James's O’Neill’S DON＇S", ["james", "o'neill", "don"]),
        ("GPT-4o (3.5%) $x^2$", ["gpt", "4o", "3.5", "x", "2"]),
        (
            "1,000 v1.2 3. .5 1. a.b a.1 1.a",
            ["1,000", "v1.2", "3", "5", "1", "a.b", "a", "1", "1", "a"],
        ),
        (
            "a:b a: b :c 1:2 a;b 1;2 'x' rock'n'roll",
            ["a:b", "a", "b", "c", "1", "2", "a", "b", "1;2", "x", "rock'n'roll"],
        ),
        ("foo_bar _x_ H_2 __ _ a_.b", ["foo_bar", "_x_", "h_2", "a_", "b"]),
        ("ﬁne ２ Ａ＿ｂ", ["fine", "2", "a_b"]),
        ("γ-ray τ-bench π0 β-VAE Λ", ["γ", "ray", "τ", "bench", "π0", "β", "vae", "λ"]),
        ("ΟΔΟΣ Ύλη µ", ["οδοσ", "ύλη", "µ"]),
        ("Нейронные сети-2", ["нейронные", "сети", "2"]),
        ("图神经 GNN网络", ["图", "神", "经", "gnn", "网", "络"]),
        ("グラフの学習 한국어 모델", ["グラフ", "の", "学", "習", "한국어", "모델"]),
        ("שלום صباح ไทยดี", ["שלום", "صباح", "ไทยดี"]),
        (
            "Erdős Łojasiewicz Ørsted Æther ħ Þór ĳ",
            ["erdos", "lojasiewicz", "orsted", "aether", "h", "thor", "ij"],
        ),
        ("e\u0301tale x\u0304 n\u0303", ["etale", "x\u0304", "n"]),
        ("x² ½ ℝ 𝐱 ∂f → ∞", ["x", "ℝ", "𝐱", "f"]),
        ("🤗 Transformers 👩🏽\u200d🔬 🇩🇪🇫🇷", ["🤗", "transformers", "👩🏽\u200d🔬", "🇩🇪", "🇫🇷"]),
        ("İstanbul ß ẞ", ["istanbul", "ss", "ss"]),
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
        ("tracked", "track"),
        ("indexing", "index"),
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


# fmt: off
_PIECES = [
    "a", "B", "é", "e\u0301", "γ", "Σ", "ς", "д", "ß", "ı", "ﬁ", "1", "２", "٣", "_", "‿",
    "'", "’", "＇s", "'s", ".", ",", ":", ";", "·", "-", " ", "\n", "图", "の", "カ", "ー",
    "한", "ไ", "ท", "\u0301", "\u200d", "\u200b", "🤗", "²", "ℝ", "𝐱", "→", "ing", "kked",
    "the",
]
# fmt: on


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
@example("a" * 600 + ".b")
@example("1," * 300 + "a")
@example("_" * 700 + "a")
@example("é" * 300)
def test_words_are_those_of_the_arxiv_stand_in(text: str) -> None:
    assert words(text) == plain_words(text)


def test_a_token_has_at_most_255_characters() -> None:
    assert [len(word) for word in words("a" * 600)] == [255, 255, 90]
    assert [len(word) for word in words("é" * 256)] == [255, 1]


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
def test_the_words_of_real_papers_are_those_of_the_arxiv_stand_in() -> None:
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        texts = [text for line in lines for text in map(str, json.loads(line).values())]
    some = [text for number, text in enumerate(texts) if number % 20 == 0 or not text.isascii()]
    assert [text for text in some if words(text) != plain_words(text)] == []


_FAMILIES = [
    "a",
    "_",
    "é",
    "é_",
    "a'",
    "a'\u0301",
    "1,",
    "'",
    "\u0301",
    "k",
    "kked",
    "bly",
    "图",
    "カ_",
]


@pytest.mark.parametrize("family", [*_FAMILIES, "aeiou", "🤗\u200d", "ไ", "א'", 'א"'])
def test_time_grows_with_the_length_of_a_text(family: str) -> None:
    def seconds(length: int) -> float:
        text = family * (length // len(family))
        times = []
        for _ in range(3):
            stem.cache_clear()
            start = time.process_time()
            stems(text)
            times.append(time.process_time() - start)
        return min(times)

    # Twice as long takes twice as long, where a quadratic search would take four times; the bound
    # of eight for four times the length keeps a busy machine from failing it.
    assert seconds(80_000) < 8 * seconds(20_000) + 0.02


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
        ("γ-ray burst", "An X-ray burst", False),
        ("γ-ray burst", "A γ-ray Bursts' survey", True),
        ("γ-ray burst", "A GAMMA-ray burst", False),
        ("τ-bench", "a bench", False),
        ("τ-bench", "Τ-bench", True),
        ("π0", "0", False),
        ("π0", "Π0: a policy", True),
        ("β-VAE", "VAE", False),
        ("Λ system", "a system", False),
        ("Λ system", "λ-systems", True),
    ],
)
def test_a_phrase_is_in_a_text_side_by_side(looked_for: str, text: str, *, found: bool) -> None:
    assert phrase(looked_for, stemmed=True).is_in(Text.of(stems(text))) is found
