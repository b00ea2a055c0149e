"""What people read in the texts of papers."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.views import tex
from daily_papers.views.tex import Link, Math, Segment, Text


def words(text: str) -> str:
    return "".join(f"${s.tex}$" if isinstance(s, Math) else s.text for s in tex.read(text))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("  white \n\t space\u2028\xa0folds ", "white space folds"),
        (
            r"Fr\'echet, Poincar\'{e}, na\"{\i}ve, \v{C}ech, \v Cech",
            "Fréchet, Poincaré, naïve, Čech, Čech",
        ),
        (
            r"Erd\H{o}s, {\"o}, Fran\c{c}ois, Ni\~no, It\^o, K\=ilauea",
            "Erdős, ö, François, Niño, Itô, Kīlauea",
        ),
        (
            r"S{\o}rensen, Stra\ss e, {\L}uk, \AA ngstr\"om, \o{}re",
            "Sørensen, Straße, Łuk, Ångström, øre",
        ),
        (r"\emph{a \textbf{b} c} \texttt{d\_e} {\it f} {\bf G}raph \em h", "a b c d_e f Graph h"),
        (r"\textcolor{red}{a} \underline{\textbf{C}}at\footnote{b} \enquote{c}", "a Cat (b) “c”"),
        (
            r"3.6\% \& \#1 \$5 a\_b \{x\} 2\,000 flexi\-ble a\\b",
            "3.6% & #1 $5 a_b {x} 2 000 flexible a b",
        ),
        (r"\cite{a,b}, see~\citep[p. 3]{c}", "[a, b], see [c]"),
        (
            r"\alpha, \textpm 3, 5 \times 5, 4{\deg}C, \ldots, \LaTeX{} \ie{} x",
            "α, ± 3, 5 × 5, 4°C, …, LaTeX i.e. x",
        ),
        (
            r"\ours outperforms \method{} and \foo{bar} {\baz}",
            r"\ours outperforms \method{} and \foo{bar} \baz",
        ),
        (r"C:\new\dir \d+ \ (end", r"C:\new\dir \d+ (end"),
        ("``a'' ''b'' (``c'')", "“a” “b” (“c”)"),
        ("```a``` f'''", "```a``` f'''"),
        (
            "a -- b --- c, 1--10, ls --all, A --> B, <!-- x",
            "a – b — c, 1–10, ls --all, A --> B, <!-- x",
        ),
        ("Fig.~1, net~(GNN), ~95%, 30%~50%, 1~2, a~", "Fig. 1, net (GNN), ~95%, 30%~50%, 1~2, a~"),
        ("{B}ERT, {discretize}d, {a, b}, x_{i}, {", "BERT, discretized, {a, b}, xᵢ, {"),
        ("100% of it % is no comment", "100% of it % is no comment"),
        (r"\textbf{open, \emph{", r"\textbf{open, \emph{"),
        (r"\url{not a link} \href{javascript:x}{label}", "not a link label"),
        ("trailing \\", "trailing \\"),
        ("a\u202eb\u200bc\u00add\x07e\ufefff\ud800\u200cg", "abcdef\ufffd\u200cg"),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("$x$", [Math("x")]),
        (r"\(x\)", [Math("x")]),
        ("$$x$$", [Math("x", display=True)]),
        (r"\[x\]", [Math("x", display=True)]),
        (r"$\text{if $x>0$}$", [Math(r"\text{if $x>0$}")]),
        (r"$\{a\}$, $\$5$", [Math(r"\{a\}"), Text(", "), Math(r"\$5")]),
        (r"$\textit{a--b}~c''$", [Math(r"\textit{a--b}~c''")]),
        ("$x$$y$", [Math("x"), Math("y")]),
        (r"$ \alpha $ $ k $", [Math(r"\alpha"), Text(" "), Math("k")]),
        (r"$\sim$10$^{-5}$", [Math(r"\sim"), Text("10"), Math("^{-5}")]),
        ("$<$1%, 5$'$", [Math("<"), Text("1%, 5"), Math("'")]),
        ("$10$ and $10\\%$", [Math("10"), Text(" and "), Math("10\\%")]),
        ("costs $5, and $x$ holds", [Text("costs $5, and "), Math("x"), Text(" holds")]),
        ("$5 or $10, $5-$10", [Text("$5 or $10, $5-$10")]),
        ("from $20 it is not so, even 5$", [Text("from $20 it is not so, even 5$")]),
        ("$ 5 and $ 6", [Text("$ 5 and $ 6")]),
        (r"$\frac{a}{b is open $y$", [Text(r"$\frac{a}{b is open "), Math("y")]),
        ("$a}$ $", [Text("$a}$ $")]),
        ("$$ $", [Text("$$ $")]),
        ("$<!-- daily-papers:end -->$", [Math("<!-- daily-papers:end -->")]),
        ("$https://a.example$", [Math("https://a.example")]),
    ],
)
def test_mathematics(text: str, expected: list[Segment]) -> None:
    assert list(tex.read(text)) == expected


@pytest.mark.parametrize(
    "text, shown, url",
    [
        ("https://a.example/b_c~d%20#e", None, None),
        ("https://en.wikipedia.org/wiki/A_(b)", None, None),
        ("https://a.example/?a=b&c=(d)|e", None, None),
        (r"https://a.example/b\_c", "https://a.example/b_c", "https://a.example/b_c"),
        (
            r"\url{https://a.example/b\_c\%20}",
            "https://a.example/b_c%20",
            "https://a.example/b_c%20",
        ),
        (r"\url{a.example/b}", "a.example/b", "https://a.example/b"),
        (r"\href{https://a.example}{the \textbf{code}}", "the code", "https://a.example"),
        ("www.a.example/b", None, "http://www.a.example/b"),
        ("github.com/owner/repo", None, "https://github.com/owner/repo"),
        ("some-page.github.io/x", None, "https://some-page.github.io/x"),
        ("arXiv:2401.01234v2", None, "https://arxiv.org/abs/2401.01234v2"),
        ("arXiv: math.GT/0309136", None, "https://arxiv.org/abs/math.GT/0309136"),
        ("10.1016/S0140-6736(05)67889-0", None, "https://doi.org/10.1016/S0140-6736(05)67889-0"),
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "see {}.", "({})", "({}).", "at {}, and", "{}; x", "“{}”", "{}!", "a: {}?"]
)
def test_links(text: str, shown: str | None, url: str | None, around: str) -> None:
    before, after = around.split("{}")
    assert tex.read(before + text + after) == tuple(
        part
        for part in (Text(before), Link(shown or text, url or shown or text), Text(after))
        if not isinstance(part, Text) or part.text
    )


@pytest.mark.parametrize(
    "text",
    [
        "http://",
        "www.",
        "https://.",
        "xhttps",
        "mail@github.com/x",
        "3.10.1000",
        "arXiv:24",
        "github.company/x",
        "and/or",
    ],
)
def test_no_links(text: str) -> None:
    assert tex.read(text) == (Text(text),)


@given(st.text())
def test_a_formula_is_found_whole_between_words(formula: str) -> None:
    formula = "x" + "".join(c for c in tex.clean(formula) if c not in "$\\{}<") + "y"
    assert Math(tex.clean(formula)) in tex.read(f"so ${formula}$, too")


@given(st.text())
def test_segments_are_in_order_and_never_empty(text: str) -> None:
    segments = tex.read(text)
    assert all(s.tex if isinstance(s, Math) else s.text for s in segments)
    assert not any(isinstance(a, Text) and isinstance(b, Text) for a, b in pairwise(segments))


def test_deep_nesting_is_read_without_recursion() -> None:
    assert words("\\emph{" * 2500 + "x" + "}" * 2500) == "x"


def test_importing_does_not_import_pylatexenc() -> None:
    code = (
        "import sys; from daily_papers.views import markdown; markdown.inline('$x$ 3%');"
        "print('pylatexenc' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
