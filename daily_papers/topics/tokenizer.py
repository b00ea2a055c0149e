"""Splits text into words like Lucene's standard tokenizer, which arXiv's search uses.

Lucene follows the word boundaries of Unicode's Annex 29, with a few choices of its own: each
ideograph and each Hiragana letter is a token, Thai and similar scripts are not divided, and
punctuation is not a token. This module follows the grammar at
https://github.com/apache/lucene/blob/main/lucene/core/src/java/org/apache/lucene/analysis/standard/StandardTokenizerImpl.jflex
https://www.unicode.org/reports/tr29/#Word_Boundaries

ASCII, which is nearly all of arXiv, has a separate pattern. In any other text, each character is
first translated to an ASCII letter for its class, so that one short pattern can read every script.
docs/decisions/0010-tokens-as-arxiv-has-them.md explains why no library is used.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["MOST_CHARACTERS", "tokens"]

MOST_CHARACTERS: Final = 255
"""The longest token, in characters; the rest of a longer one is the next token."""

# --- ASCII --------------------------------------------------------------------------------------

# Joining two runs is tried only at one of the few marks, so most runs end at once.
_ASCII: Final = re.compile(
    r"\w++(?:[.':,;](?:(?=[a-zA-Z])(?<=[a-zA-Z][.':])|(?=\d)(?<=\d[.',;]))\w++)*+",
    re.ASCII,
)

# --- Other scripts ------------------------------------------------------------------------------

# The classes: A letter, H Hebrew, N digit, K Katakana, _ joiner, : within words, `,` within
# numbers, . within both, ' and " themselves, X part of the character before it, Z the zero-width
# joiner, C a token of one character, S Southeast Asian, E pictograph, R regional indicator, and a
# space for everything else.
_OTHER: Final = " "
_MARKS: Final = {
    ":": ":·\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a",
    ",": ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b",
    ".": ".‘’\u2024\ufe52\uff07\uff0e",
    "'": "'",
    '"': '"',
    "Z": "\u200d",
    "X": "\u200c\uff9e\uff9f",
    "_": "\u202f",
    _OTHER: "\u200b",
}

# fmt: off
_RANGES: Final[tuple[tuple[str, tuple[tuple[int, int], ...]], ...]] = (
    # These come before the general categories, because they include letters.
    ("K", ((0x3031, 0x3035), (0x309B, 0x309C), (0x30A0, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF),
           (0x32D0, 0x32FE), (0x3300, 0x3357), (0xFF66, 0xFF9D), (0x1AFF0, 0x1AFFE),
           (0x1B000, 0x1B000), (0x1B120, 0x1B122), (0x1B164, 0x1B167))),
    ("C", ((0x2E80, 0x2FD5), (0x3005, 0x3005), (0x3007, 0x3007), (0x3021, 0x3029),
           (0x3038, 0x303B), (0x3041, 0x3096), (0x309D, 0x309F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
           (0xF900, 0xFAD9), (0x16FE2, 0x16FE3), (0x16FF0, 0x16FF1), (0x1B001, 0x1B11F),
           (0x1B150, 0x1B152), (0x1F200, 0x1F200), (0x20000, 0x3FFFD))),
    ("S", ((0x0E01, 0x0E4E), (0x0E81, 0x0EDF), (0x1000, 0x109F), (0x1780, 0x17DD), (0x1950, 0x19DF),
           (0x1A20, 0x1AAD), (0xA9E0, 0xA9FE), (0xAA60, 0xAADF), (0x11700, 0x11746))),
    ("H", ((0x05D0, 0x05F2), (0xFB1D, 0xFB4F))),
    ("R", ((0x1F1E6, 0x1F1FF),)),
    ("A", ((0x05F3, 0x05F3), (0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169),
           (0x1F170, 0x1F189))),
    # Extended_Pictographic, without the signs that Lucene leaves out: © ® ™ 〰 〽.
    ("E", ((0x203C, 0x203C), (0x2049, 0x2049), (0x2139, 0x2139), (0x2194, 0x2199), (0x21A9, 0x21AA),
           (0x231A, 0x231B), (0x2328, 0x2328), (0x2388, 0x2388), (0x23CF, 0x23CF), (0x23E9, 0x23F3),
           (0x23F8, 0x23FA), (0x25AA, 0x25AB), (0x25B6, 0x25B6), (0x25C0, 0x25C0), (0x25FB, 0x25FE),
           (0x2600, 0x2605), (0x2607, 0x2612), (0x2614, 0x2685), (0x2690, 0x2705), (0x2708, 0x2712),
           (0x2714, 0x2714), (0x2716, 0x2716), (0x271D, 0x271D), (0x2721, 0x2721), (0x2728, 0x2728),
           (0x2733, 0x2734), (0x2744, 0x2744), (0x2747, 0x2747), (0x274C, 0x274C), (0x274E, 0x274E),
           (0x2753, 0x2755), (0x2757, 0x2757), (0x2763, 0x2767), (0x2795, 0x2797), (0x27A1, 0x27A1),
           (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2934, 0x2935), (0x2B05, 0x2B07), (0x2B1B, 0x2B1C),
           (0x2B50, 0x2B50), (0x2B55, 0x2B55), (0x3297, 0x3297), (0x3299, 0x3299),
           (0x1F000, 0x1F0FF), (0x1F10D, 0x1F10F), (0x1F12F, 0x1F12F), (0x1F18E, 0x1F18E),
           (0x1F191, 0x1F19A), (0x1F201, 0x1F20F), (0x1F21A, 0x1F21A), (0x1F22F, 0x1F22F),
           (0x1F232, 0x1F23A), (0x1F249, 0x1F3FA), (0x1F400, 0x1F53D), (0x1F546, 0x1F64F),
           (0x1F680, 0x1F6FF), (0x1F7D5, 0x1F7FF), (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945),
           (0x1F947, 0x1FAFF))),
)
# fmt: on
_BY_CATEGORY: Final = {
    **dict.fromkeys(("Lu", "Ll", "Lt", "Lm", "Lo", "Nl"), "A"),
    **dict.fromkeys(("Mn", "Mc", "Me", "Cf"), "X"),
    "Nd": "N",
    "Pc": "_",
}


class _Classes(dict[int, str]):
    """The class of each character by its code point; computed when it is first seen."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _class_of(code)
        return found


def _class_of(code: int) -> str:
    general = _BY_CATEGORY.get(unicodedata.category(chr(code)), _OTHER)
    if general in ("X", "N", "_"):
        return general
    for name, ranges in _RANGES:
        if any(first <= code <= last for first, last in ranges):
            is_punctuation = name in ("S", "H") and general != "A"
            return _OTHER if is_punctuation else name
    return general


_classes: Final = _Classes(
    {ord(char): name for name, chars in _MARKS.items() for char in chars}
    | dict.fromkeys(range(127995, 128000), "X")  # the skin tones of emoji
)

_X: Final = "[XZ]*+"
_JOINER: Final = rf"(?:_{_X})"
_LETTER: Final = rf"(?:A{_X}|H{_X}(?:\"{_X}(?=H)|'{_X}(?![AH]))?+)"
_LETTERS: Final = rf"{_LETTER}(?:(?:{_JOINER}*+|[:.']{_X}){_LETTER})*+"
_NUMBER: Final = rf"N{_X}(?:(?:{_JOINER}*+|[,.']{_X})N{_X})*+"
_KATAKANA: Final = rf"K{_X}(?:{_JOINER}*+K{_X})*+"
_PART: Final = rf"(?:{_KATAKANA}|(?:{_NUMBER}|{_LETTERS})++)"
_BY_CLASS: Final = re.compile(
    rf"(?P<token>{_JOINER}*+{_PART}(?:{_JOINER}++{_PART})*+{_JOINER}*+"
    rf"|(?:S{_X})++|C{_X}|E{_X}(?:(?<=Z)E{_X})*+|R{_X}R{_X})"
    rf"|{_JOINER}++"  # joiners that join nothing, at once: this keeps a long line of them linear
)


def tokens(text: str) -> list[str]:
    """Returns the tokens of `text` in order, as they are written.

    The time is proportional to the length of `text`.
    """
    found = _in_ascii(text) if text.isascii() else _by_class(text)
    if _has_long_word(text):
        return [piece for token in found for piece in _pieces(token)]
    return found


def _has_long_word(text: str) -> bool:
    """Whether there may be a token that is too long, which is cheaper than looking at each one."""
    half = MOST_CHARACTERS // 2
    for start in range(0, len(text) - half + 1, half):  # `any` takes twice as long
        if text.find(" ", start, start + half) < 0:
            return True
    return False


def _in_ascii(text: str) -> list[str]:
    found = _ASCII.findall(text)
    return [token for token in found if token.strip("_")] if "_" in text else found


def _by_class(text: str) -> list[str]:
    found = _BY_CLASS.finditer(text.translate(_classes))
    return [text[match.start() : match.end()] for match in found if match["token"]]


def _pieces(token: str) -> list[str]:
    """Splits a token where Lucene does, which reads no more than the longest token at a time."""
    if len(token) <= MOST_CHARACTERS:
        return [token]
    pieces: list[str] = []
    start = 0
    while start < len(token):
        window = token[start : start + MOST_CHARACTERS]
        first = next(iter(tokens(window)), "")
        pieces += [first] if first else []
        start += window.index(first) + len(first) if first else len(window)
    return pieces
