"""What people read in the texts of papers."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.views import tex
from daily_papers.views.tex import Link, Math, Segment, Text
from daily_papers.views.tex.addresses import address


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
        (
            r"""Schr{\" o}dinger, Csisz{\' a}r, Schr\" odinger, H\''older, Poincar{\'}e""",
            "Schrödinger, Csiszár, Schrödinger, Hölder, Poincaré",
        ),
        (r"Ole\u ınik, Babu\u{s}ka, \'{\i}", "Oleĭnik, Babus̆ka, í"),
        (r"\c{opyright} H\b{eta} \c{hi}2 \r{ho} \t{au} \k{appa}", "© Hβ χ2 ρ τ κ"),
        (
            r"1{,}500 {Lagrangian submanifolds} {new} {0, 1}",
            "1,500 Lagrangian submanifolds new {0, 1}",
        ),
        ("$a$--$b$, $10$--20, $x$ -- $y$, ``$z$''", "$a$–$b$, $10$–20, $x$ – $y$, “$z$”"),
        (r"\texorpdfstring{$\alpha$}{alpha}-decay", r"$\alpha$-decay"),
        (r"\SI{3.5}{\micro\meter}, \SI{30}\hertz rate, \num{1e-5}", "3.5 μm, 30 Hz rate, 1 × 10⁻⁵"),
        (r"\qty{20}{\percent}, \qty{5}{\celsius}, \ang{45}", "20%, 5 °C, 45°"),
        (
            r"\ce{H2O}, \ce{CH3+}, \ion{H}{2}, \ion{C}{iv}, [O\,{\sc iii}]",
            "H₂O, CH₃⁺, H II, C IV, [O iii]",
        ),
        (r"5\arcsec, 0\farcs5, 3\degree, \S 3, \pounds 5, \euro{}7", "5″, 0″.5, 3°, § 3, £ 5, €7"),
        (r"\textcircled{3} a \par b \verb|c_d| \MakeUppercase{\romannumeral 3}", "③ a b c_d III"),
        (
            r"Theorem~\ref{t}\label{l}, \eqref{e} {\large big} {\boldmath x}",
            "Theorem [t], (e) big x",
        ),
        (
            r"z^{2}, x_{i}, CO_2, H_2O, 10^{-3}, 10^5, R^n, L^2(x)",
            "z², xᵢ, CO₂, H₂O, 10⁻³, 10⁵, Rⁿ, L²(x)",
        ),
        (r"T_{\rm eff}, C^{1,1}, x^{\alpha+1}", "T_eff, C^{1,1}, x^(α+1)"),
        (
            "snake_case, x_train, __init__, data_2, ^_^",
            "snake_case, x_train, __init__, data_2, ^_^",
        ),
        (r"\mathbb{R}^n, \frac{1}{2}, \bar M, \left( x \right), \|x\|", "ℝⁿ, 1/2, M̄, ( x ), ‖x‖"),
        (r"\hspace{8mm} on \vspace{1mm}, a\\[2mm]b", "on, a b"),
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
        (
            r"a\href{https://a.example}{ b }c, \href{https://a.example}{ }",
            "a b c, https://a.example",
        ),
        (r"\href{}{ } \href{}{}a", "a"),
        (
            r"\SI[per-mode=symbol]{3}{\metre}, \MakeUppercase{ab}\MakeUppercase{\emph{c}}",
            "3 m, ABc",
        ),
        (r"\textcircled x, \b{abc}, \''o", r"\textcircled x, \b{abc}, ö"),
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
        ("https://a.example/?a=b&c=(d)|e", None, "https://a.example/?a=b&c=(d)%7Ce"),
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


@pytest.mark.parametrize(
    "text, shown, url",
    [
        (r"\href{https://a.example/x}{\color{blue}here}", "here", "https://a.example/x"),
        (r"\href{https://a.example/x}{a.example}", "a.example", "https://a.example/x"),
        (r"\href{https://a.example}{the $\alpha$ code}", "the α code", "https://a.example"),
        (r"\href{https://e.example}{https://arxiv.org/abs/2401.00001}", "https://e.example", None),
        (r"\href{https://e.example}{arXiv:2401.00001}", "https://e.example", None),
        (r"\href{https://e.example}{see arxiv.org}", "https://e.example", None),
        (r"\href{https://e.example}{10.1000/x}", "https://e.example", None),
        (r"\href{https://arxiv.org@e.example}{arxiv.org}", "https://arxiv.org@e.example", None),
        (r"\href{https://a.example}{\href{https://e.example}{x}}", "x", "https://a.example"),
        ("[https://a.example/x](https://a.example/x)", "https://a.example/x", None),
    ],
)
def test_a_link_leads_where_its_label_says(text: str, shown: str, url: str | None) -> None:
    assert tex.read(f"see {text}, too") == (Text("see "), Link(shown, url or shown), Text(", too"))


def test_a_backslash_in_an_address_means_the_same_to_all() -> None:
    (link,) = tex.read(r"\href{https://e.example\x@arxiv.org}{here}")
    assert link == Link("here", "https://e.example%5Cx@arxiv.org")


@pytest.mark.parametrize(
    "written,url",
    [
        ("https://a.example/t?tab=a|b", "https://a.example/t?tab=a%7Cb"),
        ("https://a.example/x[1]?y[]=2#p#q", "https://a.example/x%5B1%5D?y%5B%5D=2#p%23q"),
        ("https://[::1]/a^b%zz%20", "https://[::1]/a%5Eb%25zz%20"),
        ("https://a.example?x=`y`", "https://a.example?x=%60y%60"),
    ],
)
def test_an_address_has_the_characters_of_a_valid_url(written: str, url: str) -> None:
    assert address(written) == url
    assert address(url) == url


@given(st.text(max_size=300))
def test_a_formula_is_found_whole_between_words(text: str) -> None:
    signs = "".join(c for c in tex.clean(text) if c not in "$\\{}<")
    formula = f"x{re.sub('[A-Za-z]+', '+', signs)}y"  # words side by side are prose, not a formula
    assert Math(tex.clean(formula)) in tex.read(f"so ${formula}$, too")


def test_words_between_dollars_are_prose() -> None:
    assert tex.read("so $net profit$, too") == (Text("so $net profit$, too"),)


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
