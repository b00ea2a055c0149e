"""Formulas as readable text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.views.tex import plain


@pytest.mark.parametrize(
    "tex, expected",
    [
        ("x^{2}_{ij}", "x²ᵢⱼ"),
        (r"\mathbb{R}^N", "ℝᴺ"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"\tfrac12", "1/2"),
        (r"\sqrt{3}x + \sqrt[3]{x+1}", "√3x + ³√(x+1)"),
        (r"\binom{n}{k}", "C(n, k)"),
        (r"v < 360\,{\rm km\,s^{-1}}", "v < 360 km s⁻¹"),
        (r"T_{\rm eff}", "T_eff"),
        ("x^{a+b/2}", "x^(a+b/2)"),
        (r"M_\odot, 1^\circ", "M_⊙, 1°"),
        (r"\widetilde{O}(n\log n)", "Õ(n log n)"),
        (r"\operatorname*{argmin}_x \|x\|", "argminₓ ‖x‖"),
        (r"\mbox{in $x$} \text{y}", "in x y"),
        (r"\left(\frac{1}{2}\right)^n", "(1/2)ⁿ"),
        (r"\R^d, \eps", "Rᵈ, eps"),
        ("50% of #3", "50% of #3"),
        (r"\unicode{x2013}", "–"),
        (r"{}^{12}\mathrm{C}", "¹²C"),
        (r"\newcommand{\a}{b}\a", r"\newcommand{\a}{b}\a"),
        ("{" * 50 + "}" * 50, "{" * 50 + "}" * 50),
    ],
)
def test_formula(tex: str, expected: str) -> None:
    assert plain.formula(tex) == expected


@given(st.text(st.sampled_from("\\{}$^_&%#[]()ab1 \u202e\ud800αfractextmbox|<`"), max_size=40))
def test_any_formula_is_one_line_that_can_be_written(tex: str) -> None:
    text = plain.formula(f"x{tex}".encode(errors="replace").decode())
    assert text
    assert len(text.splitlines()) == 1
    text.encode()
