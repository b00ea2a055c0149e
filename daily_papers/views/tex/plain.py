r"""Formulas, accents and symbols as Unicode, for where no renderer of mathematics is.

Mails show a formula's source, and a page on GitHub has a budget for formulas; ``$\alpha_1^2$``
reads well as *α₁²* there. pylatexenc knows the symbols. What it leaves out or gets wrong for a
reader is said here: fractions, roots, indices, macros that nobody knows.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, Final

__all__ = ["accented", "character", "formula", "greek", "subscript", "superscript"]

_LONGEST: Final = 2_000
_DEEPEST: Final = 40


@lru_cache(maxsize=4_000)
def formula(tex: str) -> str:
    """Returns a formula as readable Unicode text.

    Args:
        tex: the source without delimiters. What is very long or deeply nested, as no formula in a
            title is, is returned as it is: pylatexenc reads groups by recursion.
    """
    if len(tex) > _LONGEST or _depth(tex) > _DEEPEST:
        return tex
    source = _PREPARED.sub(_prepare, tex)
    try:
        decoder, context = _formula_decoder()
        text = decoder.latex_to_text(source, latex_context=context)
    except (RecursionError, ValueError, IndexError, TypeError, AttributeError):
        return tex  # a fault of pylatexenc with an odd source
    for _ in range(4):  # indices of indices
        text, count = _INDEX.subn(_index, text)
        if not count:
            break
    text = text.translate(_TURNED_BACK)
    return " ".join(unicodedata.normalize("NFC", text).split()) or tex


def superscript(text: str) -> str:
    """Returns the text raised, or nothing where Unicode lacks a character for it."""
    return text.translate(_RAISED) if set(text) <= _RAISABLE else ""


def subscript(text: str) -> str:
    """Returns the text lowered, or nothing where Unicode lacks a character for it."""
    return text.translate(_LOWERED) if set(text) <= _LOWERABLE else ""


def _alphabet(pairs: str) -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in pairs.split()}


_RAISED: Final = _alphabet(
    "0⁰ 1¹ 2² 3³ 4⁴ 5⁵ 6⁶ 7⁷ 8⁸ 9⁹ +⁺ -⁻ −⁻ =⁼ (⁽ )⁾ aᵃ bᵇ cᶜ dᵈ eᵉ fᶠ gᵍ hʰ iⁱ jʲ kᵏ lˡ mᵐ nⁿ oᵒ"
    " pᵖ rʳ sˢ tᵗ uᵘ vᵛ wʷ xˣ yʸ zᶻ αᵅ βᵝ γᵞ δᵟ θᶿ ∘° °° ′′"
)
_LOWERED: Final = _alphabet(
    "0₀ 1₁ 2₂ 3₃ 4₄ 5₅ 6₆ 7₇ 8₈ 9₉ +₊ -₋ −₋ =₌ (₍ )₎ aₐ eₑ hₕ iᵢ jⱼ kₖ lₗ mₘ nₙ oₒ pₚ rᵣ sₛ tₜ uᵤ"
    " vᵥ xₓ βᵦ γᵧ ρᵨ φᵩ χᵪ"
)
_RAISABLE: Final = frozenset(map(chr, _RAISED))
_LOWERABLE: Final = frozenset(map(chr, _LOWERED))


# --- Formulas -------------------------------------------------------------------------------------

# pylatexenc drops the braces of an index; these keep their places, as it leaves them alone.
_OPEN, _CLOSE, _LOW, _HIGH = "\ue000", "\ue001", "\ue002", "\ue003"
_TURNED_BACK: Final = str.maketrans({_OPEN: "(", _CLOSE: ")", _LOW: "_", _HIGH: "^"})
_INDEX: Final = re.compile(
    f"([_^])[ ]?(?:{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}|([^\\s{_OPEN}{_CLOSE}_^]))"
)
_PREPARED: Final = re.compile(
    r"""[\\$&_^] (?:
      (?<=\\) (?: left | right | middle | [bB]igg?[lrm]? ) (?![A-Za-z]) \s* \.?
    | (?<=\\) (?: limits | nolimits | displaystyle | textstyle | scriptstyle | nonumber | notag
                | rm | bf | it | sf | tt | cal | mit | boldmath ) (?![A-Za-z]) \s*
    | (?<=\\) (?P<box> mbox | hbox ) (?![A-Za-z])
    | (?<=\\) (?P<name> (?: arccos | arcsin | arctan | arg | cos | cosh | cot | coth | csc | deg
        | det | dim | exp | gcd | hom | inf | ker | lg | lim | liminf | limsup | ln | log | max
        | min | Pr | sec | sin | sinh | sup | tan | tanh ) ) (?![A-Za-z]) (?P<after> \s* (?=[A-Za-z\\]) )?
    | (?<=\\) (?P<norm> \| )
    | (?<=\\) .
    | (?<=[$&])
    | (?<=[_^]) \s* \{ (?P<index> [^{}]* (?: \{ [^{}]* \} [^{}]* )* ) \}
    )""",
    re.VERBOSE | re.DOTALL,
)


def _prepare(found: re.Match[str]) -> str:
    if found["box"]:
        return "\\text"
    if found["name"]:
        return f"\\text{{{found['name']}}}" + (" " if found["after"] is not None else "")
    if found["norm"]:
        return "‖"
    if found["index"] is not None:
        return f"{found[0][0]}{_OPEN}{_PREPARED.sub(_prepare, found['index'])}{_CLOSE}"
    if found[0] in {"$", "&"}:
        return " " if found[0] == "&" else ""
    if len(found[0]) == 2 or found[0][0] != "\\":  # noqa: PLR2004
        return found[0]
    return ""


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
    return f"{sign}{inside}" if inside.isalnum() else f"{sign}({inside})"


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


@cache
def _formula_decoder() -> tuple[Any, Any]:
    """Returns a decoder, and what it is to know of arguments, with the macros that pylatexenc lacks or shows in another way."""
    from pylatexenc.latex2text import (  # noqa: PLC0415
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )
    from pylatexenc.latexwalker import (  # type: ignore[import-untyped]  # noqa: PLC0415
        get_default_latex_context_db as get_walker_db,
    )
    from pylatexenc.macrospec import MacroSpec  # type: ignore[import-untyped]  # noqa: PLC0415

    def part(node: Any, number: int, decoder: Any) -> str:
        arguments = node.nodeargd.argnlist if node.nodeargd else []
        found = arguments[number] if number < len(arguments) else None
        return str(decoder.nodelist_to_text([found])).strip() if found is not None else ""

    def fraction(node: Any, l2tobj: Any) -> str:
        above, below = (_bracketed(part(node, number, l2tobj)) for number in (0, 1))
        return f"{above}/{below}"

    def root(node: Any, l2tobj: Any) -> str:
        degree, inside = part(node, 0, l2tobj), _bracketed(part(node, 1, l2tobj))
        return f"{superscript(degree)}√{inside}"

    def binomial(node: Any, l2tobj: Any) -> str:
        return f"C({part(node, 0, l2tobj)}, {part(node, 1, l2tobj)})"

    def shown(node: Any, l2tobj: Any) -> str:
        return part(node, -1 % max(len(node.nodeargd.argnlist), 1), l2tobj)

    def marked(mark: str) -> Any:
        def accent(node: Any, l2tobj: Any) -> str:
            inside = part(node, 0, l2tobj)
            return inside + mark if len(inside) == 1 else inside

        return accent

    one = (
        "text",
        "mathop",
        "operatorname",
        "operatorname*",
        "mathrm",
        "mathit",
        "mathsf",
        "mathtt",
    )
    one += ("bm", "boldsymbol", "pmb", "mathbin", "mathrel", "mathord", "substack", "ensuremath")
    one += ("rlap", "llap", "smash", "overbrace", "underbrace", "underline", "boxed", "textnormal")
    second = ("href", "textcolor", "colorbox", "class", "style")
    nothing = ("phantom", "hphantom", "vphantom", "label", "tag", "hspace", "vspace", "color")
    signs = {"overline": "\u0305", "widetilde": "\u0303", "tilde": "\u0303", "Tilde": "\u0303"}
    signs |= {"widehat": "\u0302", "hat": "\u0302", "bar": "\u0304", "vec": "\u20d7"}
    fractions = ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac")
    walker = get_walker_db()
    walker.add_context_category(
        "ours",
        prepend=True,
        macros=[
            *(MacroSpec(name, "{{") for name in (*fractions, "binom", "tbinom", "dbinom")),
            MacroSpec("sqrt", "[{"),
            *(MacroSpec(name, "{") for name in (*one, *nothing, *signs)),
            *(MacroSpec(name, "{{") for name in second),
        ],
    )
    texts = get_default_latex_context_db()
    texts.add_context_category(
        "ours",
        prepend=True,
        macros=[
            *(MacroTextSpec(name, simplify_repl=fraction) for name in fractions),
            *(MacroTextSpec(name, binomial) for name in ("binom", "tbinom", "dbinom")),
            MacroTextSpec("sqrt", simplify_repl=root),
            *(MacroTextSpec(name, simplify_repl=shown) for name in (*one, *second)),
            *(MacroTextSpec(name, simplify_repl="") for name in nothing),
            *(MacroTextSpec(name, simplify_repl=marked(mark)) for name, mark in signs.items()),
            *(MacroTextSpec(name, simplify_repl="|") for name in ("vert", "lvert", "rvert", "mid")),
            *(MacroTextSpec(name, simplify_repl="‖") for name in ("Vert", "lVert", "rVert")),
            *(MacroTextSpec(name, simplify_repl="<") for name in ("lt",)),
            *(MacroTextSpec(name, simplify_repl=">") for name in ("gt",)),
            *(MacroTextSpec(name, simplify_repl="°") for name in ("deg", "degree")),
        ],
    )
    texts.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=lambda node: node.macroname))
    return LatexNodes2Text(latex_context=texts, math_mode="text"), walker


def _bracketed(text: str) -> str:
    """Returns a part of a fraction, in brackets unless it is one number, letter or name."""
    return text if re.fullmatch(r"[\w.,′*]*|\([^()]*\)", text) else f"({text})"
