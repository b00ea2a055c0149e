r"""Decides which dollars of a text delimit formulas, and which are money.

Authors write ``$x$`` and ``$$x$$``, and also prices. If a dollar is missing, pairing the others one
by one would take all prose after it for formulas. So all dollars are considered together: unless
every pair is clearly a formula, the pairing that explains most of them is chosen. Only the
beginning of each formula is examined, so that the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

__all__ = ["pairs"]

_LOOKED_AT: Final = 400
"""How many characters at the beginning of a formula are examined."""

_CLEAR: Final = 2.0
"""The score of a formula that nobody would doubt."""

_DISPLAYED: Final = 4.0
"""The score of a formula between double dollars."""

_LONELY: Final = -0.5
"""The score of a dollar that is neither money nor part of a formula."""


def pairs(text: str, dollars: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yields the dollars that delimit formulas.

    Args:
        text: the text.
        dollars: the indices of the dollars that may be paired, in order.

    Yields:
        The index of the opening delimiter, that of the closing one, and how many dollars each has.
    """
    in_turn = list(zip(dollars[::2], dollars[1::2], strict=False))
    if len(dollars) % 2 == 0 and all(_score(text, a + 1, b) >= _CLEAR for a, b in in_turn):
        for begin, end in in_turn:
            yield begin, end, 1
        return
    used = _best(text, dollars)
    i = 0
    while i < len(dollars):
        if width := used[i] // 2:
            yield dollars[i], dollars[i + width], width
        i += used[i]


def _best(text: str, dollars: list[int]) -> list[int]:
    """Returns how many dollars the best reading takes at each: 1 (money), 2 (a formula), or 4."""
    count = len(dollars)
    best = [0.0] * (count + 4)
    used = [1] * count
    doubled = [b == a + 1 for a, b in pairwise(dollars)] + [False] * 3
    for i in range(count - 1, -1, -1):
        is_price = text[dollars[i] + 1 : dollars[i] + 2].isdigit()
        readings = [(best[i + 1] + (0 if is_price else _LONELY), 1)]
        if i + 1 < count and (score := _score(text, dollars[i] + 1, dollars[i + 1])):
            readings.append((best[i + 2] + score, 2))
        if doubled[i] and doubled[i + 2] and not _is_empty(text, dollars[i] + 2, dollars[i + 2]):
            readings.append((best[i + 4] + _DISPLAYED, 4))
        best[i], used[i] = max(readings)
    return used


_SIGN: Final = re.compile(r"\\[A-Za-z]|\\[,;!{}|]|[_^=<>≤≥≲≳∼≃≈×±∈→∞]")
_TEX_SIGN: Final = re.compile(r"\\[A-Za-z]|[_^]")


def _is_empty(text: str, begin: int, end: int) -> bool:
    return begin == end or (begin + 1 == end and text[begin] == " ")  # white space is folded


def _score(text: str, begin: int, end: int) -> float:
    r"""Returns how much the text between two dollars is like a formula; 0 if it cannot be one.

    Evidence of TeX or of a relation takes precedence over Pandoc's rule about money
    (https://pandoc.org/MANUAL.html#extension-tex_math_dollars): no space after the opening dollar,
    none before the closing one, no digit after it. Astronomers write ``$\sim$10``, and others put
    spaces inside.
    """
    if _is_empty(text, begin, end):
        return 0
    tex = text[begin : min(end, begin + _LOOKED_AT)]
    is_amount = tex.lstrip()[0].isdigit()
    if " " not in tex and end - begin <= _LOOKED_AT and not is_amount:
        return _CLEAR + (len(tex) == 1 or _SIGN.search(tex) is not None)
    before_digit = text[end + 1 : end + 2].isdigit()
    if is_amount and before_digit and not _TEX_SIGN.search(tex):
        return 0
    spaced = (tex[0] == " ") + (text[end - 1] == " ")
    prose = _prose(tex.strip())
    if _SIGN.search(tex):
        return _CLEAR + 1 - 0.5 * spaced - prose if prose <= (spaced < len("  ")) else 0
    is_sum = is_amount and spaced and tex.rstrip()[-1] in ",;.:("
    if prose or is_sum or end - begin > _LOOKED_AT or (spaced and _LONG_WORD.search(tex)):
        return 0
    return _CLEAR - 0.5 * spaced - (before_digit and len(tex.strip()) > 1)


# --- Prose ----------------------------------------------------------------------------------------

_WORD: Final = re.compile(r"(?<![A-Za-z\\{])[A-Za-z]{2,}(?![A-Za-z])")
_LONG_WORD: Final = re.compile(r"(?<![A-Za-z])[a-z]{3}")
_NEIGHBORS: Final = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3,}[,.;:)]* +\(?[a-z]{3,}(?![A-Za-z(_^])")
_MARKUP: Final = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}]")
_FUNCTION_WORDS: Final = frozenset(
    (
        *("and", "or", "the", "of", "in", "is", "are", "for", "with", "to", "on", "by", "at"),
        *("from", "where", "that", "we", "as", "an", "which", "has", "than", "per", "vs", "when"),
        *("if", "was", "were", "be", "its", "it", "not", "but", "can", "into"),
    )
)


def _prose(tex: str) -> int:
    """Returns how much prose is in a formula outside its braces, which may contain text."""
    if " " not in tex and tex not in _FUNCTION_WORDS:
        return 0
    if not _WORD.search(tex):
        return 0
    outside = _outside_braces(tex)
    small = sum(word in _FUNCTION_WORDS for word in _WORD.findall(outside))
    return small + 2 * len(_NEIGHBORS.findall(outside))


def _outside_braces(tex: str) -> str:
    r"""Returns what is outside all braces, with a backslash in place of each macro or group."""
    pieces: list[str] = []
    depth = here = 0
    for markup in _MARKUP.finditer(tex):
        if depth == 0:
            pieces += (tex[here : markup.start()], "\\")
        depth = max(depth + {"{": 1, "}": -1}.get(markup[0], 0), 0)
        here = markup.end()
    return "".join([*pieces, tex[here:] if depth == 0 else ""])
