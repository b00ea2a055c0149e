from __future__ import annotations

import gzip
import json
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.views.sentences import sentences

REAL_PAPERS = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
LETTERS = st.text("abAB .?!…$()[]{}\\'\"019,;:-。\n", max_size=60)

# A bar is where one sentence ends and the next one begins.
SPLIT = [
    "We follow Smith et al. (2020) closely.|We differ from Wu et al. in two points.",
    "Groups are old, as shown by Smith et al.|We prove more.",
    "Models, e.g. transformers, i.e. networks, win.|They win vs. trees, cf. Sec. 3.",
    "See Fig. 1 and Figs. 2a and 3.|Eq. (4), Eqs. (5)–(6), Ref. [7] and Refs. 8 and 9 hold.",
    "It holds w.r.t. the norm, resp. the metric, for approx. 5 s.|It is not i.i.d. noise.",
    "It is used in the U.S.|We use it in the U.S. Navy.",
    "Results of J. Smith, J.-P. Serre and C. D. Rossi are used.|We prove more.",
    "Dr. Who met Mr. Jones and Prof. Li at St. Andrews.|They left.",
    "We answer No. 5 of the list.|Is it true?|No.|We show why.",
    "The value is 3.5 and rises to 1.2.|The other is .5 at most.",
    "The field is 1.2 T.|Sensitivities are high.",
    "In 2020.|In version 2.0.1 it is.",
    "We set $f(x) = 0.5. Then$ we go on.|Next $x. Y$ is used.",
    "We set \\(x. Y\\) and \\[a. B\\] here.|It works.",
    "We have $$x = y.$$|Next we have \\begin{align} a. B \\end{align} here.|Done.",
    "The order is $n$.|$p$-adic groups are next.|$x$ is last.",
    "Here $\\left. x \\right. y$ and \\left. x \\right. are formulas.|Good.",
    "It costs $5 a day.|Then it costs $10 a day.|It was cheap.",
    "A lone $ is here.|Nothing happens.",
    "Let us wait... and see.|We waited for years...|Now we know.",
    "We waited… and saw.|We waited…|Now we know.",
    "See https://example.org/a.b?c=d.e for more.|See www.example.org/x.|Good.",
    "Is it so?|Yes!|Indeed, it is ('really?!').|Good.",
    'He said "it ends."|Then he left.|(He came back.)|Then “it ended.”|Good.',
    "Code [1, 2].|New things.[12]|Old things.|[3] is older.",
    "See arXiv:2401.01234.|See also arXiv:math/0309136v1.",
    "We cluster.|k-means is fast.|iPhone users agree.|mRNA is next.|3D models are last.",
    "We prove three claims: 1. It works.|2. It is fast.",
    "They are (i) fast, (ii) good, etc. and cheap.|We like them, etc.|Good.",
    "e. g. this, i. e. that, w. r. t. the norm.|Good.",
    "我们提出一种方法。|它很快！|为什么？|因为。",
    "彼は「はい。」|と言った。",
    "We prove this.|we are careless.|they agree.",
    "This follows [J. Funct. Anal. 70 (1987). Theorem 2] and (Comm. Math. Phys. 3 (1999)).|Good.",
    "On SLTs and CF.|Our results agree.|Results in Phys. Rev. Lett. 12 agree.",
    "Stars of Pop. III are old.|Stars at approx. 3 kpc are not.",
    "The class is $K$-a.e. convergent.|Good.",
    "The interval [0, 1).|The other (0, 1].|Good.",
    "The norm is bounded .|It is good .",
    "a) One.|b) Two.",
    "\\emph{It ends.}|\\textbf{It begins.}|Good.",
    "Methods.|We measure.|Results.|It is large.",
]


@pytest.mark.parametrize("text", SPLIT)
def test_a_text_is_split_where_its_sentences_end(text: str) -> None:
    expected = text.split("|")
    assert sentences(" ".join(expected)) == expected


def test_a_forgotten_space_is_no_obstacle() -> None:
    assert sentences("It is slow.We make it fast.The rest of Node.js is not.") == [
        "It is slow.",
        "We make it fast.",
        "The rest of Node.js is not.",
    ]


@pytest.mark.parametrize("text", ["A title without a stop", "One sentence.", "x", ".", "…", "$"])
def test_one_sentence_is_one(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize("text", ["", " ", "\n \t"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert sentences(text) == []


@given(LETTERS)
def test_sentences_are_the_text_without_the_space_between(text: str) -> None:
    here = 0
    for sentence in sentences(text):
        assert sentence == sentence.strip() != ""
        begin = text.index(sentence, here)
        assert text[here:begin].strip() == ""
        here = begin + len(sentence)
    assert text[here:].strip() == ""


@given(LETTERS, LETTERS)
def test_splitting_is_the_same_for_any_white_space(one: str, other: str) -> None:
    text = f"{one} {other}"
    spaced = [" ".join(sentence.split()) for sentence in sentences(text.replace(" ", "\n"))]
    assert spaced == [" ".join(sentence.split()) for sentence in sentences(text)]


# fmt: off
PIECES = [
    ".", "'", '"', "$", "?. ", "\\(", "\\begin{align}", "$5 a b. ", ". ' ", "。", "a. ", "et al. ",
    "$x", "\\", "[1", ".[1", ". [", "\\$", " ", "(.)", "$ .", "(A. ", "A.) ", ".We ", "1. ", "aaa",
]
# fmt: on


@pytest.mark.parametrize("piece", PIECES)
def test_time_is_linear(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            sentences(text)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(100_000) < 10 * seconds(25_000) + 0.01


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
def test_real_abstracts_have_sentences_of_a_usual_length() -> None:
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        found = [sentences(" ".join(json.loads(line)["summary"].split())) for line in lines]
    lengths = sorted(len(sentence) for abstract in found for sentence in abstract)
    assert 120 < lengths[len(lengths) // 2] < 200
    assert sum(length < 20 for length in lengths) < 0.005 * len(lengths)
    assert sum(length > 600 for length in lengths) < 0.005 * len(lengths)
