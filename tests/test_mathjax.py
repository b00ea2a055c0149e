"""Formulas as GitHub's renderer accepts them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.views import mathjax
from daily_papers.views.tex import Math

FILTERED = (
    *("operatorname", "phantom", "hphantom", "vphantom", "unicode", "mathchoice", "colorbox"),
    *("fcolorbox", "definecolor", "DeclareMathOperator", "DeclarePairedDelimiters"),
    *("newtagform", "renewtagform", "Newextarrow", "mmlToken"),
)
LACKING = ("href", "class", "newcommand", "require", "bbox")
FORBIDDEN = (*FILTERED, *LACKING)

PIECES = st.sampled_from(
    [
        *(f"\\{name}" for name in FORBIDDEN),
        *(f"\\{name}{{x}}" for name in FORBIDDEN),
        *("{", "}", "{{", "}}", "{%", "<", ">", "`", "``", "$", "$x$", "&", "&lt;", "\\\\", "\\"),
        *("\\text{", "\\mbox{a-b}", "\\bm{x}", "phantom", "@name", "#12", "\\#12", "abcdef1"),
        *("\\left<", "\\right>", "\\left(", "\\right)", "\\begin{align}", "\\end{align}", "%"),
        *("\\unicode{x2013}", "\\unicode{x202e}", "x", "_\\rm{a}", "^2", " ", "\\ ", "!--", "-->"),
    ]
)
FORMULAS = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join))


@given(FORMULAS, st.booleans())
def test_what_is_written_passes_githubs_filter(tex: str, display: bool) -> None:  # noqa: FBT001
    formula = mathjax.accepted(Math(" ".join(tex.split()), display=display))
    if formula is None:
        return
    assert not re.search("|".join(FILTERED), formula.tex)
    macro = rf"(?<!\\)(?:\\\\)*\\(?:{'|'.join(LACKING)})(?![A-Za-z])"  # `\\` ends a line.
    assert not re.search(macro, formula.tex)
    assert not re.search(r"[<>`\n]|\{\{|\{%|@\w|#\d|&[A-Za-z#]", formula.tex)
    assert mathjax.cost(formula.tex) <= mathjax.FORMULA_BUDGET
    bare = re.sub(r"\\.", "", formula.tex)
    assert bare.count("{") == bare.count("}")


@given(st.text(st.sampled_from("abxy012 +-=^_()[]|,.;:!/'*"), min_size=1))
def test_most_formulas_stay_as_they_are(tex: str) -> None:
    formula = mathjax.accepted(Math(tex))
    assert formula == mathjax.Accepted(tex=tex)


@pytest.mark.parametrize(
    "tex, expected",
    [
        (r"\operatorname{Hom}_G(x)", r"\mathop{\mathrm{Hom}}_G(x)"),
        (r"\operatorname*{arg\,min}_x", r"\mathop{\mathrm{arg\,min}}_x"),
        (r"\operatorname x", r"\mathop{\mathrm{x}}"),
        (r"\mbox x, \hbox 3y", r"\text{x}, \text{3}y"),
        (r"\mbox{if $x<y$}", r"\text{if $x\lt y$}"),
        (r"\hbox{a-b} \bm{x} \bm x", r"\text{a-b} \boldsymbol{x} \boldsymbol x"),
        ("1<p<N", r"1\lt p\lt N"),
        ("a < b > c", r"a \lt b \gt c"),
        (r"\text{a<b}", r"\text{a}\lt \text{b}"),
        (r"\left<x\right>", r"\left\langle x\right\rangle "),
        (r"\phantom{x}y\hphantom{z}", "y"),
        (r"w_{\rm phantom}", r"w_{\rm pha{}ntom}"),
        (r"\text{phantom}", r"\text{pha}\text{ntom}"),
        (r"\unicode{x2013}\unicode[f]{97}", "–a"),
        (r"\mathchoice{a}{b}{c}{d}e", "{b}e"),
        (r"\colorbox{red}{x<y}", r"\text{x}\lt \text{y}"),
        (r"\definecolor{a}{b}{c}x", "x"),
        (r"\class{a}{x}\bbox[red]{y}", "{x}{y}"),
        (r"x \tag{1} \label{e}", "x"),
        (r"\begin{align*}a&b\end{align*}", r"\begin{aligned}a& b\end{aligned}"),
        (r"\begin{equation}x\end{equation}", "x"),
        (r"\footnotesize x\rlap{y}", "x{y}"),
        (r"\textgreater x \textbackslash \textmu", r"\gt  x \backslash  µ"),
        ("50% {%}", r"50\% {\%}"),
        ("x_{{a}}", "x_{ {a}}"),
        ("a`b", "a‘b"),
        ("deadbee1 1234567", "deadbe{}e1 123456{}7"),
        ("a@b #12", r"a@{}b \#{}12"),
        (r"M_\rm{eff}", r"M_\mathrm{eff}"),
        (r"u=0 {in $\Omega$}", r"u=0 \text{in $\Omega$}"),
        ("\\ ", "\\ "),
    ],
)
def test_refused_formulas_are_rewritten(tex: str, expected: str) -> None:
    formula = mathjax.accepted(Math(tex))
    assert formula is not None
    assert formula.tex.replace("µ", "μ") == expected.replace("µ", "μ").strip() + (
        " " if expected == "\\ " else ""
    )


@pytest.mark.parametrize(
    "tex",
    [
        r"\newcommand{\a}{b}\a",
        r"\def\a{b}\a",
        r"\let\a=b",
        r"\DeclareMathOperator{\a}{b}",
        r"\operatorname\href",
        r"\mbox\alpha",
        r"\unicode{zz}",
        r"\textfoo",
        "{x",
        "x}",
        r"\left(x",
        r"x\right)",
        r"\begin{align}x",
        r"\begin{prooftree}x\end{prooftree}",
        "a & b",
        "x $ y",
        "{" * 1000 + "}" * 1000,
    ],
)
def test_formulas_without_an_equivalent_are_refused(tex: str) -> None:
    assert mathjax.accepted(Math(tex)) is None


def test_a_link_in_a_formula_is_kept() -> None:
    formula = mathjax.accepted(Math(r"\href{https://a.example/b\_c}{x}"))
    assert formula == mathjax.Accepted(tex="{x}", links=("https://a.example/b_c",))
    formula = mathjax.accepted(Math(r"\href{javascript:x}{x}"))
    assert formula == mathjax.Accepted(tex="{x}")


def test_a_displayed_formula_is_in_display_style() -> None:
    formula = mathjax.accepted(Math(r"\sum x", display=True))
    assert formula == mathjax.Accepted(tex=r"\displaystyle \sum x")
