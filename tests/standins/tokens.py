"""Tokens as Elasticsearch's standard tokenizer makes them, by the rules of Unicode's Annex 29.

Imitated: the rules WB4 to WB13 of https://www.unicode.org/reports/tr29/, each asked at each place
between two characters; single ideographs and Hiragana; pictographs; a token's 255 characters; the
folding of accents by Lucene's ASCIIFoldingFilter, for the letters of Latin-1, Latin Extended-A and
what decomposes to a letter and accents.

Not imitated: emoji that several characters make, Hebrew quotation marks, rare Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

__all__ = ["plain_words"]

_MID_LETTER = set(":\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a")
_MID_NUMBER = set(
    ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b"
)
_MID_BOTH = set("'.\u2018\u2019\u2024\ufe52\uff07\uff0e")
_SOUTH_EAST = ("THAI", "LAO", "MYANMAR", "KHMER", "NEW", "TAI", "AHOM")
_ALONE = ("CJK", "IDEOGRAPHIC", "HIRAGANA", "KANGXI", "HANGZHOU")
_LONGEST = 255
_SPECIAL = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ħ": "h",
    "ı": "i", "ł": "l", "ŀ": "l", "ŋ": "n", "ŧ": "t", "ĸ": "q", "ŉ": "n", "ſ": "s", "ĳ": "ij",
    "’": "'", "‘": "'", "＇": "'", "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl",
}  # fmt: skip


@cache
def _kind(char: str) -> str:  # noqa: PLR0911 - one for each part
    """The character's part in the rules, by its name and category rather than by a table."""
    for kind, chars in (("ml", _MID_LETTER), ("mn", _MID_NUMBER), ("mb", _MID_BOTH)):
        if char in chars:
            return kind
    category = unicodedata.category(char)
    script = unicodedata.name(char, "").partition(" ")[0]
    if char == "\u200b":
        return "other"
    if category.startswith("M") or category == "Cf" or char in "\uff9e\uff9f":
        return "extend"
    if category == "Nd":
        return "digit"
    if category == "Pc" or char == "\u202f":
        return "joiner"
    if category.startswith("L") or category == "Nl":
        if script in _ALONE:
            return "alone"
        if script == "KATAKANA" or char in "\u30fc\uff70":
            return "katakana"
        return "asian" if script in _SOUTH_EAST else "letter"
    pictographs = 0x1F300 <= ord(char) <= 0x1F64F or 0x1F900 <= ord(char) <= 0x1F93A
    return "alone" if pictographs else "other"


_WORDS = {"letter", "digit", "katakana", "joiner"}


def _joined(kinds: list[str], left: int, right: int, after: int | None) -> bool:
    """Whether there is no boundary between two characters; what only extends is left out."""
    one, two = kinds[left], kinds[right]
    third = kinds[after] if after is not None else ""
    if one == two == "asian":
        return True
    if {one, two} <= {"letter", "digit"}:  # WB5, WB8 to WB10
        return True
    if one == two == "katakana":  # WB13
        return True
    if "joiner" in (one, two) and {one, two} <= _WORDS:  # WB13a, WB13b
        return True
    if one == "letter" and two in ("ml", "mb"):  # WB6
        return third == "letter"
    return one == "digit" and two in ("mn", "mb") and third == "digit"  # WB12


def _tokens(text: str) -> list[str]:
    kinds = [_kind(char) for char in text]
    bases = [place for place, kind in enumerate(kinds) if kind != "extend"]
    found: list[list[int]] = []
    joins_next = False
    for number, place in enumerate(bases):
        following = bases[number + 1 : number + 3]
        if joins_next:
            found[-1].append(place)
        else:
            found.append([place])
        joins_next = kinds[place] in ("ml", "mn", "mb") and len(found[-1]) > 1  # WB7, WB11
        if following and not joins_next:
            after = following[1] if len(following) > 1 else None
            joins_next = _joined(kinds, place, following[0], after)
    end_of = dict(zip(bases, [*bases[1:], len(text)], strict=False))
    return [
        text[places[0] : end_of[places[-1]]]
        for places in found
        if any(
            kinds[place] in {"letter", "digit", "katakana", "asian", "alone"} for place in places
        )
    ]


def _cut(token: str) -> list[str]:
    """The token in pieces of at most 255 characters, each as long as it goes."""
    pieces = []
    while token:
        inside = _tokens(token[:_LONGEST])
        if not inside:
            token = token[_LONGEST:]
            continue
        pieces.append(inside[0])
        token = token[token.index(inside[0]) + len(inside[0]) :]
    return pieces


@cache
def _fold(char: str) -> str:
    lower = char.lower()[0]
    if lower in _SPECIAL:
        return _SPECIAL[lower]
    if 0xFF01 <= ord(lower) <= 0xFF5E:
        return chr(ord(lower) - 0xFEE0)
    base = unicodedata.normalize("NFD", lower)
    letter = "".join(part for part in base if unicodedata.category(part) != "Mn")
    return letter if letter.isascii() and letter else lower


def plain_words(text: str) -> list[str]:
    """The words of `text` in lower case, without accents and possessive endings."""
    return [word for part in re.split("[ \\n]+", text) for word in _words_between_spaces(part)]


@lru_cache(maxsize=200_000)
def _words_between_spaces(text: str) -> tuple[str, ...]:
    """No token reaches over a space, and what is between two spaces often comes again."""
    found = []
    for token in _tokens(unicodedata.normalize("NFC", text)):
        for piece in _cut(token):
            bare = piece[:-2] if piece[-2:-1] in ("'", "’", "＇") and piece[-1:] in "sS" else piece
            found.append("".join(map(_fold, bare)))
    return tuple(found)
