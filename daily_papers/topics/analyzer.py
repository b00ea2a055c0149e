"""Turns text into tokens as arXiv's search does: split, folded, without stop words, stemmed.

arXiv analyzes titles and abstracts with Elasticsearch's `english` analyzer, which is Lucene's:
https://www.elastic.co/guide/en/elasticsearch/reference/current/analysis-lang-analyzer.html#english-analyzer
This module does the same, so that papers can be searched without asking arXiv.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import Stemmer

from daily_papers.topics.folding import folded
from daily_papers.topics.tokenizer import tokens

__all__ = ["GAP", "STOP_WORDS", "stem", "stems", "words"]

# fmt: off
STOP_WORDS: Final = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they",
    "this", "to", "was", "will", "with",
})
# fmt: on
"""The words that Lucene drops from English text."""

GAP: Final = ""
"""Takes the place of a stop word, which is not searched but keeps its neighbors apart."""

_POSSESSIVES: Final = ("'s", "’s", "＇s")

# Porter's measure is above zero if a consonant follows a vowel. A y after a consonant is a vowel.
_VOWEL: Final = re.compile("[aeiou]|(?<=[^aeiou])y")
_MEASURE: Final = re.compile("(?:[aeiou]|(?<=[^aeiou])y)[^aeiou]")
_BLY_OR_LOGY: Final = re.compile("(?P<rest>.*)(?:(?P<bl>bl)|log)(?:[iy](?:ed|ing)?s?|ies)")
_UNDOUBLED_BY_SNOWBALL: Final = frozenset("bdfgmnprt")
_NEVER_UNDOUBLED: Final = frozenset("aeiouylsz")
_snowball: Final = Stemmer.Stemmer("porter")


def words(text: str) -> list[str]:
    """Returns the tokens of `text` in lower case, without accents and possessive endings.

    A combining accent is joined to its letter if Unicode has a single character for both. Lucene
    would keep the accent, but text that looks the same should be found.
    """
    if text.isascii():
        return [token.removesuffix("'s") for token in tokens(text.lower())]
    return [_normal(token) for token in tokens(unicodedata.normalize("NFC", text))]


def _normal(token: str) -> str:
    # Lucene lowers each character separately; `str.lower` would turn the last Σ into a final sigma.
    token = token.lower() if token.isascii() else "".join(char.lower()[0] for char in token)
    return folded(token[:-2] if token.endswith(_POSSESSIVES) else token)


def stems(text: str) -> list[str]:
    """Returns the stems of the words of `text`, and a `GAP` for each stop word."""
    return [stem(word) for word in words(text)]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Returns the stem of one of `words`, or a `GAP` if it is a stop word.

    Lucene's stemmer differs from Snowball's in a few points: it leaves words of two letters alone,
    it changes `bli` to `ble` and `logi` to `log` (so that *topology* finds *topological*), and it
    keeps only one k of *trekking*.
    https://github.com/apache/lucene/blob/main/lucene/analysis/common/src/java/org/apache/lucene/analysis/en/PorterStemmer.java
    """
    if word in STOP_WORDS:
        return GAP
    if len(word) <= 2:  # noqa: PLR2004 - see above
        return word
    if undoubled := _undoubled(word):
        return stem(undoubled)
    if (ending := _BLY_OR_LOGY.fullmatch(word)) and _MEASURE.search(ending["rest"]):
        word = ending["rest"] + ("ble" if ending["bl"] else "log")
    return str(_snowball.stemWord(word))


def _undoubled(word: str) -> str | None:
    """Returns `trek` for *trekked*, *trekking* or *trekkings*, of which Snowball keeps both k's."""
    rest = word.removesuffix("s")
    for ending in ("ed", "ing"):
        if rest.endswith(ending):
            rest = rest.removesuffix(ending)
            break
    else:
        return None
    last = rest[-1:]
    if rest[-2:-1] != last or last in _UNDOUBLED_BY_SNOWBALL or last in _NEVER_UNDOUBLED:
        return None
    return rest[:-1] if _VOWEL.search(rest) else None
