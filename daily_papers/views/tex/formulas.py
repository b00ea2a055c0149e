r"""Which dollars, brackets and environments of a text delimit mathematics.

Authors write ``$x$``, ``$$x$$``, ``\(x\)``, ``\[x\]`` and environments such as ``equation``, and
also prices. A dollar may be missing, and then a reader who pairs the others one by one takes all
prose after it for formulas. So the dollars of a text are paired together: the pairing wins that
explains them best.

Everything is found in one pass with one stack, and no more than the beginning of a formula is
looked at, so that the time is linear in the length of the text however its braces are nested.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["ENVIRONMENTS", "Formula", "braces", "find_formulas"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """Where a formula is in its text."""

    begin: int
    """Where its source begins, after the delimiter."""
    end: int
    """Where its source ends."""
    after: int
    """Where the text goes on, after the closing delimiter."""
    display: bool
    environment: str = ""
    """The environment to write it in; most need none."""


ENVIRONMENTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("equation", "displaymath", "math", "dmath"), ""),
    **dict.fromkeys(("align", "eqnarray", "flalign", "IEEEeqnarray", "split"), "aligned"),
    **dict.fromkeys(("gather", "multline"), "gathered"),
    "alignat": "alignedat",
    **{
        name: name
        for name in (
            *("aligned", "alignedat", "gathered", "array", "cases", "dcases", "rcases"),
            *("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix"),
            *("subarray", "CD"),
        )
    },
}
"""Environments of mathematics, and those that say the same within a formula.

https://docs.mathjax.org/en/v3.2/input/tex/macros/index.html#environments
"""

_STEP: Final = re.compile(
    r"""[\\{}$] (?:
      (?<=[{}$])
    | begin[ ]?\{ (?P<begin> [A-Za-z]+ ) \*?\}
    | end[ ]?\{ (?P<end> [A-Za-z]+ ) \*?\}
    | [\\{}$()\[\]]
    )""",
    re.VERBOSE,
)
# arXiv once lost the `\begin` and `\end` of some abstracts: `{equation*} x = y {equation*}`.
_STRIPPED: Final = re.compile(r"\{(equation|eqnarray|align|gather|multline|displaymath)(\*?)\}")
_CLOSERS: Final = {"\\)": "\\(", "\\]": "\\["}


@dataclass(slots=True)
class _Group:
    """What has been seen within one pair of braces, or outside all of them."""

    dollars: list[int] = field(default_factory=list)
    opened: dict[str, int] = field(default_factory=dict)


def braces(text: str) -> dict[int, int]:
    """Returns where each brace that opens is closed; a brace without a partner is left out."""
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for step in _BRACE_STEP.finditer(text):
        if step[0] == "{":
            opened.append(step.start())
        elif step[0] == "}" and opened:
            pairs[opened.pop()] = step.start()
    return pairs


_BRACE_STEP: Final = re.compile(r"[\\{}](?:(?<=[{}])|[\\{}])")


def find_formulas(text: str) -> dict[int, Formula]:
    r"""Returns the formulas of a text by where their opening delimiters are.

    A formula within another, as in ``\text{if $x > 0$}``, is among them: the reader never comes
    there.
    """
    found: dict[int, Formula] = {}
    groups = [_Group()]
    begun: defaultdict[str, list[re.Match[str]]] = defaultdict(list)
    for step in _STEP.finditer(text):
        group, at, sign = groups[-1], step.start(), step[0]
        if sign == "{":
            groups.append(_Group())
        elif sign == "}":
            # A formula cannot reach out of its group, nor past a brace that closes nothing.
            if group.dollars:
                found.update(_dollar_formulas(text, group.dollars))
            groups.pop()
            groups = groups or [_Group()]
        elif sign == "$":
            group.dollars.append(at)
            group.opened.clear()
        elif sign in {"\\(", "\\["}:
            group.opened.setdefault(sign, at)
        elif opener := _CLOSERS.get(sign):
            begin = group.opened.pop(opener, None)
            if begin is not None and not _is_empty(text, begin + 2, at):
                found[begin] = Formula(
                    begin=begin + 2, end=at, after=at + 2, display=opener == "\\["
                )
        elif name := step["begin"]:
            begun[name].append(step)
        elif (name := step["end"]) and begun[name]:
            begin_step = begun[name].pop()
            if name in ENVIRONMENTS:
                found[begin_step.start()] = Formula(
                    begin=begin_step.end(),
                    end=at,
                    after=step.end(),
                    display=True,
                    environment=ENVIRONMENTS[name],
                )
    for group in groups:
        found.update(_dollar_formulas(text, group.dollars))
    if "{e" in text or "{a" in text or "{g" in text or "{m" in text or "{d" in text:
        found.update(_stripped_environments(text))
    return found


def _is_empty(text: str, begin: int, end: int) -> bool:
    return begin == end or (begin + 1 == end and text[begin] == " ")  # white space is folded


def _stripped_environments(text: str) -> Iterator[tuple[int, Formula]]:
    opens: re.Match[str] | None = None
    for found in _STRIPPED.finditer(text):
        if opens is None or opens[0] != found[0]:
            opens = found
            continue
        environment = ENVIRONMENTS[opens[1]]
        yield (
            opens.start(),
            Formula(
                begin=opens.end(),
                end=found.start(),
                after=found.end(),
                display=True,
                environment=environment,
            ),
        )
        opens = None


# --- Dollars --------------------------------------------------------------------------------------

_LOOKED_AT: Final = 400
"""Characters at the beginning of a formula that decide whether it is one."""

_CLEAR: Final = 2.0
"""The score of a formula that nobody would doubt."""

_SIGN: Final = re.compile(r"\\[A-Za-z]|\\[,;!{}|]|[_^=<>≤≥≲≳∼≃≈×±∈→∞]")
_TEX_SIGN: Final = re.compile(r"\\[A-Za-z]|[_^]")
_MAYBE_PROSE: Final = re.compile(r"(?<![A-Za-z\\{])[A-Za-z]{2,}(?![A-Za-z])")
_WORD: Final = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{2,}(?![A-Za-z])")
_NEIGHBOURS: Final = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3,}[,.;:)]* +\(?[a-z]{3,}(?![A-Za-z(_^])")
_SKIPPED: Final = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}]")
_FUNCTION_WORDS: Final = frozenset(
    "and or the of in is are for with to on by at from where that we as an which has than per vs"
    " when if was were be its it not but can into".split()
)


def _dollar_formulas(text: str, dollars: list[int]) -> Iterator[tuple[int, Formula]]:
    """Returns the formulas into which the dollars of one group are paired best."""
    count = len(dollars)
    pairs = list(zip(dollars[::2], dollars[1::2], strict=False))
    if count % 2 == 0 and all(_score(text, begin + 1, end) >= _CLEAR for begin, end in pairs):
        for begin, end in pairs:
            yield begin, Formula(begin=begin + 1, end=end, after=end + 1, display=False)
        return
    best = [0.0] * (count + 4)
    used = [1] * count
    for i in range(count - 1, -1, -1):
        best[i] = best[i + 1] + _price(text, dollars[i])
        if i + 1 < count and (score := _score(text, dollars[i] + 1, dollars[i + 1])):
            score += best[i + 2]
            if score >= best[i]:
                best[i], used[i] = score, 2
        if _is_double(dollars, i) and _is_double(dollars, i + 2):
            score = 4 + best[i + 4]
            if not _is_empty(text, dollars[i] + 2, dollars[i + 2]) and score > best[i]:
                best[i], used[i] = score, 4
    i = 0
    while i < count:
        begin = dollars[i]
        if used[i] == 2:  # noqa: PLR2004
            end = dollars[i + 1]
            yield begin, Formula(begin=begin + 1, end=end, after=end + 1, display=False)
        elif used[i] == 4:  # noqa: PLR2004
            end = dollars[i + 2]
            yield begin, Formula(begin=begin + 2, end=end, after=end + 2, display=True)
        i += used[i]


def _is_double(dollars: list[int], i: int) -> bool:
    return i + 1 < len(dollars) and dollars[i + 1] == dollars[i] + 1


def _price(text: str, at: int) -> float:
    """Returns how well a dollar is explained as money."""
    return 0.0 if text[at + 1 : at + 2].isdigit() else -0.5


def _score(text: str, begin: int, end: int) -> float:
    """Returns how well a formula explains what is between two dollars; nothing if it cannot be one.

    Evidence of TeX or of a relation counts before the rule about money, which is Pandoc's
    (https://pandoc.org/MANUAL.html#extension-tex_math_dollars): no space after the opening dollar,
    none before the closing one, no digit after it. Astronomers write ``$\\sim$10``, and others put
    spaces inside.
    """
    if _is_empty(text, begin, end):
        return 0
    tex = text[begin : min(end, begin + _LOOKED_AT)]
    if " " not in tex and end - begin <= _LOOKED_AT and not tex[0].isdigit():
        return _CLEAR + (len(tex) == 1 or _SIGN.search(tex) is not None)
    spaced = (tex[0] == " ") + (text[end - 1] == " ")
    bare = tex.strip()
    before_digit = text[end + 1 : end + 2].isdigit()
    is_amount = bare[0].isdigit()
    if is_amount and before_digit and not _TEX_SIGN.search(bare):
        return 0
    sign = _SIGN.search(bare) is not None
    if (words := _prose(bare)) > (1 if sign and spaced < 2 else 0):  # noqa: PLR2004
        return 0
    if end - begin > _LOOKED_AT and not sign:
        return 0
    if sign or len(bare) == 1:
        return _CLEAR + 1 - 0.5 * spaced - words
    if is_amount and spaced and not before_digit and bare[-1] in ",;.(":
        return 0
    return _CLEAR - 0.5 * spaced - before_digit


def _prose(tex: str) -> int:
    """Returns how much prose is in a formula outside its braces, which may hold text."""
    if " " not in tex or not _MAYBE_PROSE.search(tex):
        return 0
    depth = 0
    pieces = []
    here = 0
    for step in _SKIPPED.finditer(tex):
        if depth == 0:
            pieces.append(tex[here : step.start()])
            pieces.append("\\")
        depth = max(depth + {"{": 1, "}": -1}.get(step[0], 0), 0)
        here = step.end()
    pieces.append(tex[here:] if depth == 0 else "")
    outside = "".join(pieces)
    small = sum(word in _FUNCTION_WORDS for word in _WORD.findall(outside))
    return small + 2 * len(_NEIGHBOURS.findall(outside))
