"""Words as arXiv's search sees them: folded, without stop words, stemmed.

arXiv analyses titles, abstracts, comments and journal references with Lucene's English analyser.
What stands here does the same, so that a paper can be looked for without asking arXiv.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import Stemmer

__all__ = ["Phrase", "Text", "phrase", "stem", "stems", "words"]

# fmt: off
STOP_WORDS: Final = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they",
    "this", "to", "was", "will", "with",
})
# fmt: on
"""What Lucene drops from English texts."""

GAP: Final = ""
"""Stands where a stop word stood: it is not searched, but it keeps words apart."""

_WORD = re.compile("[a-z0-9]+")
_POSSESSIVE = re.compile(r"['’]s\b")

# Porter's measure is above zero where a consonant follows a vowel; a y behind a consonant is one.
_VOWEL = "(?:[aeiou]|(?<=[^aeiou])y)"
_MEASURE = re.compile(f"{_VOWEL}[^aeiou]")
_DOUBLED = re.compile(rf"(.*{_VOWEL}.*?([chjkqvwx0-9]))\2(?:ed|ing)s?")
_BLY_OR_LOGY = re.compile("(?P<rest>.*)(?:(?P<bl>bl)|log)(?:[iy](?:ed|ing)?s?|ies)")
_snowball: Final = Stemmer.Stemmer("porter")


def words(text: str) -> list[str]:
    """Gives the words of `text` in lower case, without accents and possessive endings."""
    folded = text.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        folded = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _WORD.findall(_POSSESSIVE.sub("", folded))


def stems(text: str) -> list[str]:
    """Gives the stems of the words of `text`, and a `GAP` for each stop word."""
    return [stem(word) for word in words(text)]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Gives the stem of one of `words`, or a `GAP` if it is a stop word.

    Lucene's stemmer differs from Snowball's in a few points: it leaves words of two letters alone,
    it takes `bli` to `ble` and `logi` to `log` (so that *topology* finds *topological*), and of
    *trekking* it keeps one k.
    """
    if word in STOP_WORDS:
        return GAP
    if len(word) <= 2:  # noqa: PLR2004 - see above
        return word
    if doubled := _DOUBLED.fullmatch(word):
        return stem(doubled[1])
    if (ending := _BLY_OR_LOGY.fullmatch(word)) and _MEASURE.search(ending["rest"]):
        word = ending["rest"] + ("ble" if ending["bl"] else "log")
    return str(_snowball.stemWord(word))


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the form in which phrases are looked for in it."""

    words: tuple[str, ...]
    line: str
    """The words in one string, each between spaces: the fastest thing to search."""

    @classmethod
    def of(cls, words: Iterable[str]) -> Text:
        """Makes a text of words, or of stems."""
        words = tuple(words)
        return cls(words, f" {' '.join(words)} ")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand side by side; at a gap, any one word may stand."""

    words: tuple[str, ...]
    runs: tuple[str, ...]
    """The lines between the gaps: where one is missing, the phrase is."""

    @classmethod
    def of(cls, words: Iterable[str]) -> Phrase:
        """Makes a phrase of words, or of stems; gaps at its ends do not count."""
        line = " ".join(words).strip()
        runs = (f" {run} " for run in re.split("  +", line))
        return cls(tuple(line.split(" ")), tuple(runs)) if line else cls((), ())

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.words)

    def stands_in(self, text: Text) -> bool:
        """Whether `text` has the phrase."""
        if not self.words or not all(run in text.line for run in self.runs):
            return False
        starts = range(len(text.words) - len(self.words) + 1)
        return len(self.runs) == 1 or any(self._stands_at(start, text) for start in starts)

    def _stands_at(self, start: int, text: Text) -> bool:
        here = text.words[start : start + len(self.words)]
        return all(ours in (GAP, theirs) for ours, theirs in zip(self.words, here, strict=True))


@lru_cache(maxsize=20_000)
def phrase(text: str, *, stemmed: bool) -> Phrase:
    """Gives the phrase that `text` asks for."""
    return Phrase.of(stems(text) if stemmed else words(text))
