"""What people take for one character, and letters without their case and accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

__all__ = ["characters", "folded"]

_JOINERS: Final = "\u200c\u200d"
_SKIN_TONES: Final = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def characters(words: str) -> Sequence[str]:
    """Returns what people take for the characters of words: a letter with its accents, an emoji.

    A small part of Unicode's rules (https://unicode.org/reports/tr29/) that covers what is in
    names and comments: marks, joiners, skin tones, flags, and the letters of Hangul.
    """
    return words if words.isascii() else list(_clusters(words))


def _clusters(words: str) -> Iterator[str]:
    cluster = ""
    for character in words:
        if cluster and not _joins(cluster, character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _joins(cluster: str, character: str) -> bool:
    if character < "\u0300":
        return False
    if character in _JOINERS or character in _SKIN_TONES or cluster[-1] == "\u200d":
        return True
    if "\U0001f1e6" <= character <= "\U0001f1ff":  # letters of flags come in pairs
        return len(cluster) == 1 and "\U0001f1e6" <= cluster <= "\U0001f1ff"
    if "\u1160" <= character <= "\u11ff":  # vowels and final consonants of a Hangul syllable
        return "\u1100" <= cluster[-1] <= "\u11ff" or "\uac00" <= cluster[-1] <= "\ud7a3"
    return unicodedata.category(character).startswith("M")


# Letters that Unicode does not take apart into a plain one and its accent.
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
)


def folded(text: str) -> str:
    """Returns a text in lower case and without accents, as `fold` of js/words.js does."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).lower()
    plain = (char for char in apart if not unicodedata.category(char).startswith("M"))
    return "".join(plain).translate(_LETTERS)
