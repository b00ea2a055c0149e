"""Texts made to be slow take time in proportion to their length, and what is endless is cut.

Python's instructions are counted, so that no test can fail by chance; a loop within one call of a
regular expression is not, so that the time of the longest text is looked at, too, with much room.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from bench.operations import operations
from daily_papers.views import markdown, remarks, tex

LENGTH = 1_500
SECONDS = 3.0
"""For 20,000 characters; most take a fiftieth, and what is quadratic took minutes."""

FAMILIES = [
    *("\\(", "\\[", "${", "{$ ", "$", "$ ", "$$ ", "$a {$b ", "$and of ", "$5 ", "$a b ", "$<"),
    *("\\cite[", "\\cite[a]", "\\cite{", "\\href{u.ab}{", "\\href{}{", "\\emph{", "\\SI{", "\\ce{"),
    *("\\begin{equation}", "\\end{equation}", "\\begin{align}\\end{align}", "\\frac{", "\\frac12"),
    *("{equation*}", "{equation*}{align*}", "\\texorpdfstring{", "\\verb|", "\\item[", "\\ion{"),
    *(
        "x^{",
        "x_",
        "x^2^",
        "\\'{",
        '\\" ',
        "{\\'",
        "\\textsuperscript{",
        "\\color{",
        "{",
        "}",
        "{a",
    ),
    *("http://a.b/c ", "http://a/](", "https://a.b/%", "www.a.b ", "a.github.io", "10.1234/"),
    *("arxiv:a", "arxiv a-", "a~", "``a''", "'' ", "a--", "---", "a  b", "\\", "\\\\[", "@", "#1"),
    *(":a", ":", "GH-1", "a@b.c ", "<", "[https://a.b]", "{{", "{%", "!", "*", "|", "e\u0301"),
    *("$\\text{a<", "$\\operatorname{", "$\\phantom{", "$\\text{$", "${in $", "$abcdef12 $"),
    *("\U0001f1e6", "a", "a ", "https://a.b/c/d/issues/1/../", "\\romannumeral 3", "\\left("),
]


def text_of(family: str, length: int) -> str:
    return (family * (length // len(family) + 1))[:length]


def work(text: str) -> None:
    markdown.inline(text)
    markdown.inline(text, formulas=False)
    markdown.link(text, "https://a.example")
    markdown.fold_comment(text)
    remarks.code_link(text)


NESTED: dict[str, Callable[[int], str]] = {
    "closed braces": lambda n: "{a" * (n // 3) + "}" * (n // 3),
    "dollars in braces": lambda n: "$ {" * (n // 6) + "}$ " * (n // 6),
    "brackets after an address": lambda n: "http://a/" + ")" * n,
    "closed macros": lambda n: "\\emph{" * (n // 7) + "}" * (n // 7),
    "links in links": lambda n: "\\href{a.bc}{" * (n // 13) + "x" + "}" * (n // 13),
    "groups of mathematics": lambda n: f"${'{' * (n // 2)}{'}' * (n // 2)}$",
    "fractions": lambda n: "\\frac{" * (n // 10) + "x}{y}" + "}{z}" * (n // 10),
    "indices": lambda n: f"${'x_{' * (n // 4)}{'}' * (n // 4)}$",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_twice_the_text_takes_twice_the_steps(family: str) -> None:
    work(text_of(family, 100))  # what is imported late
    once = operations(partial(work, text_of(family, LENGTH)))
    assert operations(partial(work, text_of(family, 2 * LENGTH))) < 2.3 * once + 2_000


@pytest.mark.parametrize("family", NESTED)
def test_twice_the_nesting_takes_twice_the_steps(family: str) -> None:
    work(NESTED[family](100))
    once = operations(partial(work, NESTED[family](LENGTH)))
    assert operations(partial(work, NESTED[family](2 * LENGTH))) < 2.3 * once + 2_000


def test_no_text_takes_long() -> None:
    texts = [text_of(family, 1_000_000) for family in FAMILIES]
    texts += [make(tex.LIMIT) for make in NESTED.values()]
    for text in texts:
        begin = time.process_time()
        work(text)
        assert time.process_time() - begin < SECONDS, text[:20]


def test_a_text_without_end_is_cut_with_a_mark() -> None:
    whole = "word " * 3_999 + "end"
    assert markdown.inline(whole) == whole
    cut = markdown.inline("word " * 4_001)
    assert len(cut) <= tex.LIMIT
    assert cut.endswith("word…")
    assert markdown.inline("a" * 30_000) == "a" * (tex.LIMIT - 1) + "…"
