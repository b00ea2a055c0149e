"""What is mathematics in a text, and what is money."""

from __future__ import annotations

import pytest

from daily_papers.views import tex
from daily_papers.views.tex import Link, Math


def shown(text: str) -> str:
    """The text with formulas in brackets; those that are displayed in double ones."""
    parts = []
    for segment in tex.read(text):
        if isinstance(segment, Math):
            parts.append(f"⟦{segment.tex}⟧" if segment.display else f"[{segment.tex}]")
        else:
            parts.append(segment.text)
    return "".join(parts)


@pytest.mark.parametrize(
    "text, expected",
    [
        (r"of $1.18σ^{\rm eff}$", r"of [1.18σ^{\rm eff}]"),
        (r"a $1^\circ \times 1^\circ $ field", r"a [1^\circ \times 1^\circ] field"),
        ("for $ C>0 $ and $x$", "for [C>0] and [x]"),
        ("at $z=$3 and $z=$5", "at [z=]3 and [z=]5"),
        (r"if $1\leq qs\leq 3$", r"if [1\leq qs\leq 3]"),
        (r"if $0\le s<1 $, $1<p<N$ hold", r"if [0\le s<1], [1<p<N] hold"),
        ("a 1D $1D $ model of $ a $ and $ k $", "a 1D [1D] model of [a] and [k]"),
        (r"a $ G/T \to BT \to BG $ map", r"a [G/T \to BT \to BG] map"),
        (r"${}^{12}$C, H$\alpha$, 10$^{-3}$, $-$2", r"[{}^{12}]C, H[\alpha], 10[^{-3}], [-]2"),
        (r"$f_{\rm esc, rel}$ of $20 km s^{-1}$", r"[f_{\rm esc, rel}] of [20 km s^{-1}]"),
        (r"$\text{the set of all words}$", r"[\text{the set of all words}]"),
        (r"$90\%$, $95\% $ and $ 5\%$", r"[90\%], [95\%] and [5\%]"),
        (r"x $\ $ y", r"x [\ ] y"),
    ],
)
def test_formulas(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "costs $5, $10 and $15",
        "from $3 million to $4 million in 2020",
        "($0.00050 vs $0.143) at 100,000 inferences",
        "in US$ and A$ alike, 40$% faster",
        "between $5 and x, or 6$ for two",
        "$20/month to $30/month, $1,000-$2,000",
    ],
)
def test_prices(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    "text, expected",
    [
        ("$5 for $x$ and $y$", "$5 for [x] and [y]"),
        ("$x$ costs $5, $y_1$ costs $6", "[x] costs $5, [y_1] costs $6"),
        ("a space C^n.$ For this purpose $y$", "a space Cⁿ.$ For this purpose [y]"),
        (r"on $\Phi that ensures it, with $\Psi$", r"on $Φ that ensures it, with [\Psi]"),
        (r"a $\tau$-$DM relation for $z$", r"a [\tau]-$DM relation for [z]"),
        (r"in $\R^3$, $f(x) is smooth in $L^2$", r"in [\R^3], $f(x) is smooth in [L^2]"),
    ],
)
def test_a_missing_dollar_spoils_no_other_formula(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        (r"a \begin{equation*} x=1 \end{equation*} b", "a ⟦x=1⟧ b"),
        (r"\begin{equation}\label{e} x \tag{1} \nonumber\end{equation}", "⟦x⟧"),
        (r"\begin{displaymath}x\end{displaymath}", "⟦x⟧"),
        (r"\begin{align}a&=b\\c&=d\end{align}", r"⟦\begin{aligned}a&=b\\c&=d\end{aligned}⟧"),
        (r"\begin{eqnarray*}a&=&b\end{eqnarray*}", r"⟦\begin{aligned}a&=&b\end{aligned}⟧"),
        (r"\begin{gather}a\end{gather}", r"⟦\begin{gathered}a\end{gathered}⟧"),
        (r"\begin{multline*}a\end{multline*}", r"⟦\begin{gathered}a\end{gathered}⟧"),
        (r"\begin{cases}a\end{cases}", r"⟦\begin{cases}a\end{cases}⟧"),
        (
            r"\begin{align*}\mbox{in $x$}\begin{array}{l}a\end{array}\end{align*}",
            r"⟦\begin{aligned}\mbox{in $x$}\begin{array}{l}a\end{array}\end{aligned}⟧",
        ),
        ("so {equation*} x=1 {equation*} holds", "so ⟦x=1⟧ holds"),
        (r"\begin{theorem}[A] Let $x$ be.\end{theorem}", "Let [x] be."),
        (r"\begin{equation} is open", "is open"),
        (r"is closed \end{align*}, here", "is closed, here"),
        (r"\begin{itemize}\item one \item[(b)] two\end{itemize}.", "• one (b) two."),
    ],
)
def test_environments(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_no_formula_reaches_out_of_its_braces() -> None:
    assert shown("a {$x} b$ c") == "a {$x} b$ c"
    assert shown(r"\textbf{a $x$} $y$") == "a [x] [y]"


def test_a_link_is_not_read_within_a_formula() -> None:
    assert not any(isinstance(s, Link) for s in tex.read(r"$\href{https://a.example}{x}$"))
