r"""Writes formulas, accents and symbols as Unicode, where mathematics is not rendered.

Mail shows the source of a formula, and a page on GitHub has a budget for formulas; ``$\alpha_1^2$``
reads well as *α₁²* there. pylatexenc knows the symbols. This module adds what it lacks or makes
hard to read: fractions, roots, indices, unknown macros.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, Final

from daily_papers.views.tex.prose import clean

__all__ = ["accented", "character", "formula", "greek", "subscript", "superscript"]

_LONGEST: Final = 2_000
_DEEPEST: Final = 40


@lru_cache(maxsize=4_000)
def formula(tex: str) -> str:
    """Returns a formula as readable Unicode text.

    Args:
        tex: the source without delimiters. It is returned unchanged if it is very long or deeply
            nested, as no formula in a title is, because pylatexenc reads groups by recursion; and
            if it defines macros, because pylatexenc would not know them.
    """
    if len(tex) > _LONGEST or _depth(tex) > _DEEPEST or _DEFINITION.search(tex):
        return tex
    source = _PREPARED.sub(_prepare, tex)
    try:
        decoder, context = _formula_decoder()
        text = decoder.latex_to_text(source, latex_context=context)
    except (RecursionError, ValueError, IndexError, TypeError, AttributeError):
        return tex  # pylatexenc fails on some odd sources
    for _ in range(4):  # indices of indices
        text, count = _INDEX.subn(_index, text)
        if not count:
            break
    text = text.translate(_TURNED_BACK)
    return clean(unicodedata.normalize("NFC", text)) or tex


def superscript(text: str) -> str:
    """Returns the text in superscript; empty if Unicode cannot, and for words (hard to read)."""
    return text.translate(_RAISED) if set(text) <= _RAISABLE and not _WORD.search(text) else ""


def subscript(text: str) -> str:
    """Returns the text in subscript; empty if Unicode cannot, and for words (hard to read)."""
    return text.translate(_LOWERED) if set(text) <= _LOWERABLE and not _WORD.search(text) else ""


_WORD: Final = re.compile("[A-Za-z]{3}")


def _alphabet(pairs: str) -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in pairs.split()}


_RAISED: Final = _alphabet(
    "0⁰ 1¹ 2² 3³ 4⁴ 5⁵ 6⁶ 7⁷ 8⁸ 9⁹ +⁺ -⁻ −⁻ =⁼ (⁽ )⁾ aᵃ bᵇ cᶜ dᵈ eᵉ fᶠ gᵍ hʰ iⁱ jʲ kᵏ lˡ mᵐ nⁿ oᵒ"
    " pᵖ rʳ sˢ tᵗ uᵘ vᵛ wʷ xˣ yʸ zᶻ Aᴬ Bᴮ Dᴰ Eᴱ Gᴳ Hᴴ Iᴵ"
    " Jᴶ Kᴷ Lᴸ Mᴹ Nᴺ Oᴼ Pᴾ Rᴿ Tᵀ Uᵁ Vⱽ Wᵂ αᵅ βᵝ γᵞ δᵟ θᶿ ∘° °° ′′"
)
_LOWERED: Final = _alphabet(
    "0₀ 1₁ 2₂ 3₃ 4₄ 5₅ 6₆ 7₇ 8₈ 9₉ +₊ -₋ −₋ =₌ (₍ )₎ aₐ eₑ hₕ iᵢ jⱼ kₖ lₗ mₘ nₙ oₒ pₚ rᵣ sₛ tₜ uᵤ"
    " vᵥ xₓ βᵦ γᵧ ρᵨ φᵩ χᵪ"
)
_RAISABLE: Final = frozenset(map(chr, _RAISED))
_LOWERABLE: Final = frozenset(map(chr, _LOWERED))


# --- Formulas -------------------------------------------------------------------------------------

_DEFINITION: Final = re.compile(r"\\(?:re|provide)?newcommand|\\[egx]?def(?![a-z])|\\let(?![a-z])")

# pylatexenc drops the braces of an index. These placeholders mark them, as it leaves them alone.
_OPEN, _CLOSE, _LOW, _HIGH = "\ue000", "\ue001", "\ue002", "\ue003"
_TURNED_BACK: Final = str.maketrans({_OPEN: "(", _CLOSE: ")", _LOW: "_", _HIGH: "^"})
_INDEX: Final = re.compile(
    f"([_^])[ ]?(?:{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}|([^\\s{_OPEN}{_CLOSE}_^]))"
)
# Names of functions, with a space between them and a letter: `log n`.
_FUNCTIONS: Final = (
    "arccos|arcsin|arctan|arg|cosh|cos|coth|cot|csc|deg|det|dim|exp|gcd|hom|inf|ker|lg"
    "|liminf|limsup|lim|ln|log|max|min|Pr|sec|sinh|sin|sup|tanh|tan"
)
_PREPARED: Final = re.compile(
    rf"""[\\$&_^%#] (?:
      (?<=\\) (?: left | right | middle | [bB]igg?[lrm]? ) (?![A-Za-z]) \s* \.?
    | (?<=\\) (?: limits | nolimits | displaystyle | textstyle | scriptstyle | nonumber | notag
                | rm | bf | it | sf | tt | cal | mit | boldmath ) (?![A-Za-z]) \s*
    | (?<=\\) (?P<box> mbox | hbox ) (?![A-Za-z])
    | (?<=\\) (?P<name> {_FUNCTIONS} ) (?![A-Za-z]) (?P<space> \s* (?=[A-Za-z\\]) )?
    | (?<=\\) (?P<norm> \| )
    | (?<=\\) unicode [ ]? \{{ x (?P<code> [0-9A-Fa-f]{{2,5}} ) \}}
    | (?<=\\) (?P<other> . )
    | (?<=[$&])
    | (?P<literal> (?<=[%#]) )
    | (?<=[_^]) \s* \{{ (?P<index> [^{{}}]* (?: \{{ [^{{}}]* \}} [^{{}}]* )* ) \}}
    | (?<=[_^]) (?P<single> )
    )""",
    re.VERBOSE | re.DOTALL,
)


def _prepare(found: re.Match[str]) -> str:
    """Returns a piece of a formula as pylatexenc shows it best."""
    sign = found[0]
    match found.lastgroup:
        case "box":
            sign = "\\text"
        case "name" | "space":
            before = found.string[max(0, found.start() - 1) : found.start()]
            sign = " " * before.isalnum() + f"\\text{{{found['name']}}}"
            sign += "" if found["space"] is None else " "
        case "norm":
            sign = "‖"
        case "literal":
            sign = f"\\{sign}"
        case "code":
            sign = chr(int(found["code"], 16))
        case "index":
            sign = f"{sign[0]}{_OPEN}{_PREPARED.sub(_prepare, found['index'])}{_CLOSE}"
        case None:
            sign = " " if sign == "&" else ""
    return sign


def _index(found: re.Match[str]) -> str:
    """Returns an index raised or lowered, in brackets where Unicode has no such characters."""
    sign = found[1]
    inside = (found[2] if found[2] is not None else found[3]).strip()
    if not inside:
        return ""
    if sign == "^" and inside in {"∗", "*", "†", "′", "∘", "°", "⊤", "⊥"}:
        return {"∗": "*", "∘": "°"}.get(inside, inside)
    squeezed = inside.replace(" ", "")
    moved = superscript(squeezed) if sign == "^" else subscript(squeezed)
    if moved:
        return moved
    sign = {"_": _LOW, "^": _HIGH}[sign]  # not to be found again
    is_one = len(inside) == 1 or (inside.isalnum() and (sign == _LOW or inside.isalpha()))
    return f"{sign}{inside}" if is_one else f"{sign}({inside})"


def _depth(tex: str) -> int:
    deepest = depth = 0
    for sign in tex:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        deepest = max(deepest, depth)
    return deepest


# --- Symbols --------------------------------------------------------------------------------------


@lru_cache(maxsize=1_000)
def accented(letter: str) -> str:
    r"""Returns the letter that ``\'e`` means, or nothing.

    The same few come again and again, and pylatexenc starts anew for each.
    """
    text = unicodedata.normalize("NFC", _decoder().latex_to_text(letter))
    is_letter = len(text) == 1 or (len(text) == 2 and unicodedata.combining(text[1]))  # noqa: PLR2004
    return text if is_letter else ""


@lru_cache(maxsize=1_000)
def character(name: str) -> str:
    """Returns the one character that a macro without arguments means, or nothing."""
    macro = _decoder().latex_context.get_macro_spec(name)
    text = macro.simplify_repl if macro else ""
    is_one = isinstance(text, str) and len(text) == 1 and not text.isascii()
    return str(text) if is_one else ""


def greek(name: str) -> str:
    """Returns the Greek letter with this name, or nothing."""
    letter = character(name)
    return letter if "\u0370" <= letter <= "\u03ff" else ""


@cache
def _decoder() -> Any:
    """Imports pylatexenc when the first macro is met; few texts hold one."""
    from pylatexenc.latex2text import (  # type: ignore[import-untyped]  # noqa: PLC0415
        LatexNodes2Text,
    )

    return LatexNodes2Text()


# Macros of formulas, by how they are shown; the others are pylatexenc's, and unknown ones are shown
# by their names.
_FRACTIONS: Final = ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac")
_BINOMIALS: Final = ("binom", "tbinom", "dbinom")
_SHOWN: Final = (
    *("text", "mathop", "mathrm", "mathit", "mathsf", "mathtt"),
    *("bm", "boldsymbol", "pmb", "mathbin", "mathrel", "mathord", "substack", "ensuremath"),
    *("rlap", "llap", "smash", "overbrace", "underbrace", "underline", "boxed", "textnormal"),
)
_SHOWN_SECOND: Final = ("href", "textcolor", "colorbox", "class", "style")
_NOT_SHOWN: Final = (
    *("phantom", "hphantom", "vphantom", "label", "tag", "hspace", "vspace", "color"),
)
_MARKS: Final = {
    **dict.fromkeys(("widetilde", "tilde", "Tilde"), "\u0303"),
    **dict.fromkeys(("widehat", "hat", "Hat"), "\u0302"),
    "bar": "\u0304",
    "Bar": "\u0304",
    "overline": "\u0305",
    "vec": "\u20d7",
}
_SIGNS: Final = {
    **dict.fromkeys(("vert", "lvert", "rvert", "mid"), "|"),
    **dict.fromkeys(("Vert", "lVert", "rVert"), "‖"),
    **dict.fromkeys(("deg", "degree"), "°"),
    "lt": "<",
    "gt": ">",
}


@cache
def _formula_decoder() -> tuple[Any, Any]:
    """Returns a decoder for formulas, and what it is to know of the arguments of macros."""
    from pylatexenc import (  # type: ignore[import-untyped]  # noqa: PLC0415
        latex2text,
        latexwalker,
    )
    from pylatexenc.macrospec import MacroSpec  # type: ignore[import-untyped]  # noqa: PLC0415

    two = (*_FRACTIONS, *_BINOMIALS, *_SHOWN_SECOND)
    arguments = [MacroSpec("sqrt", "[{"), MacroSpec("operatorname", "*{")]
    arguments += [*(MacroSpec(name, "{{") for name in two)]
    arguments += [MacroSpec(name, "{") for name in (*_SHOWN, *_NOT_SHOWN, *_MARKS)]
    context = latexwalker.get_default_latex_context_db()
    context.add_context_category("formulas", prepend=True, macros=arguments)

    shown = {
        "sqrt": _root,
        "operatorname": _last,
        **dict.fromkeys(_FRACTIONS, _fraction),
        **dict.fromkeys(_BINOMIALS, _binomial),
        **dict.fromkeys((*_SHOWN, *_SHOWN_SECOND), _last),
        **dict.fromkeys(_NOT_SHOWN, ""),
        **dict.fromkeys(_MARKS, _marked),
        **_SIGNS,
    }
    texts = latex2text.get_default_latex_context_db()
    texts.add_context_category(
        "formulas",
        prepend=True,
        macros=[latex2text.MacroTextSpec(name, simplify_repl=how) for name, how in shown.items()],
    )
    texts.set_unknown_macro_spec(
        latex2text.MacroTextSpec("", simplify_repl=lambda node: node.macroname)
    )
    return latex2text.LatexNodes2Text(latex_context=texts, math_mode="text"), context


# pylatexenc calls these by the names of their parameters.


def _fraction(node: Any, l2tobj: Any) -> str:
    above, below = (_bracketed(part) for part in _parts(node, l2tobj))
    return f"{above}/{below}"


def _root(node: Any, l2tobj: Any) -> str:
    degree, inside = _parts(node, l2tobj)
    return f"{superscript(degree)}√{_bracketed(inside)}"


def _binomial(node: Any, l2tobj: Any) -> str:
    return "C({}, {})".format(*_parts(node, l2tobj))


def _last(node: Any, l2tobj: Any) -> str:
    return _parts(node, l2tobj)[-1]


def _marked(node: Any, l2tobj: Any) -> str:
    """Returns a letter with the mark of its macro; what is longer has no place for one."""
    inside = _last(node, l2tobj)
    return inside + _MARKS[node.macroname] if len(inside) == 1 else inside


def _parts(node: Any, decoder: Any) -> list[str]:
    """Returns a macro's arguments as text."""
    arguments = node.nodeargd.argnlist
    return [decoder.nodelist_to_text([part]).strip() if part else "" for part in arguments]


def _bracketed(text: str) -> str:
    """Returns a part of a fraction, in brackets unless it is one number, letter or name."""
    return text if re.fullmatch(r"[\w.,′*]*|\([^()]*\)", text) else f"({text})"
