r"""The words of a title or an abstract, and the terms that a ranking counts.

This is not a search, so nothing here has to agree with arXiv's. A term is a stem, or two stems in a
row. The position of each word is kept, because a match is explained in the words of the paper.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import Stemmer

__all__ = [
    "FILLERS",
    "GAP",
    "MAX_SUMMARY",
    "MAX_TITLE",
    "Stems",
    "pairs",
    "plain",
    "spans",
    "words",
]

MAX_TITLE: Final = 1_000
MAX_SUMMARY: Final = 10_000
"""How many characters count; arXiv's abstracts have at most 1,920
(https://info.arxiv.org/help/prep.html#abstracts)."""

LONGEST_WORD: Final = 40

GAP: Final = ""
"""Takes the place of a word that is not a term, and keeps the words beside it apart."""

# Chinese and Japanese have no spaces: each character is a word, and two in a row are a term.
_WORD: Final = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff]|(?:(?![\u3040-\u30ff\u3400-\u9fff])[^\W_])+"
)
_ASCII_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_POSSESSIVE: Final = re.compile(r"['’]s\b")

_FORMULA: Final = re.compile(
    r"\$\$[^$]*\$\$|\$(?=[^\s$])[^$]*(?<=\S)\$"
    r"|\\\((?:[^\\]|\\(?!\))){,400}\\\)|\\\[(?:[^\\]|\\(?!\])){,400}\\\]"  # bounded: stays linear
)
_ACCENTS: Final = dict(
    zip(
        "`'^\"~=.cvHukrbd",
        "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0327\u030c\u030b\u0306"
        "\u0328\u030a\u0331\u0323",
        strict=True,
    )
)
_ACCENT: Final = re.compile(
    r"\{?\\(?:([`'^\"~=.])|([cvHukrbd])(?![A-Za-z]))\s?\{?\\?([A-Za-z])\}?\}?"
)
_LETTER: Final = re.compile(r"\{?\\(ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)(?![A-Za-z])(?:\{\}|\s)?\}?")
_LETTERS: Final = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø",
    "l": "ł", "L": "Ł", "i": "i", "j": "j",
}  # fmt: skip
_MACRO: Final = re.compile(r"\\[A-Za-z]+\*?")

# fmt: off
STOP_WORDS: Final = frozenset({
    "about", "above", "across", "after", "again", "against", "all", "almost", "along", "already",
    "also", "although", "always", "am", "among", "an", "and", "another", "any", "are", "as", "at",
    "based", "be", "became", "because", "become", "been", "before", "being", "below", "between",
    "both", "but", "by", "can", "cannot", "could", "did", "do", "does", "doing", "done", "down",
    "due", "during", "each", "either", "else", "enough", "etc", "even", "ever", "every", "few",
    "first", "for", "from", "further", "had", "has", "have", "having", "he", "hence", "her", "here",
    "his", "how", "however", "if", "in", "into", "is", "it", "its", "itself", "just", "last",
    "least", "less", "like", "made", "make", "many", "may", "me", "method", "methods", "might",
    "more", "most", "much", "must", "my", "near", "neither", "new", "no", "nor", "not", "now", "of",
    "off", "often", "on", "once", "one", "only", "onto", "or", "other", "others", "our", "ours",
    "out", "over", "own", "paper", "per", "perhaps", "present", "propose", "proposed", "rather",
    "result", "results", "same", "several", "she", "should", "show", "shown", "shows", "since",
    "so", "some", "still", "study", "such", "than", "that", "the", "their", "them", "themselves",
    "then", "there", "therefore", "these", "they", "this", "those", "though", "three", "through",
    "thus", "to", "together", "too", "toward", "towards", "two", "under", "until", "up", "upon",
    "us", "use", "used", "uses", "using", "very", "via", "was", "we", "well", "were", "what",
    "when", "where", "whether", "which", "while", "who", "whom", "whose", "why", "will", "with",
    "within", "without", "would", "yet", "you", "your", "approach",
})
# fmt: on
"""Words that say nothing about a paper's subject: common in English, or in all papers."""

# fmt: off
FILLERS: Final = frozenset({
    "abil", "account", "achiev", "action", "activ", "address", "advanc", "advantag", "aim", "allow",
    "altern", "analysi", "analyt", "analyz", "appli", "applic", "approach", "area", "aris", "art",
    "articl", "assess", "associ", "assum", "assumpt", "attempt", "attract", "avail", "averag",
    "base", "believ", "best", "better", "beyond", "build", "call", "capabl", "central", "certain",
    "challeng", "chang", "character", "characterist", "class", "close", "code", "collect", "com",
    "combin", "common", "compar", "comparison", "complet", "complex", "compon", "comprehens",
    "condit", "conduct", "confirm", "consid", "consist", "contain", "context", "continu",
    "contribut", "core", "correct", "correspond", "critic", "crucial", "current", "data", "dataset",
    "defin", "demonstr", "denot", "deriv", "describ", "design", "despit", "detail", "determin",
    "develop", "differ", "difficult", "direct", "discuss", "distinct", "divers", "domin", "drive",
    "driven", "earli", "easi", "easili", "effect", "effici", "emerg", "empir", "employ", "enabl",
    "end", "enhanc", "ensur", "entir", "equival", "especi", "especially", "essenti", "establish",
    "estim", "evalu", "exampl", "exhibit", "exist", "expect", "experi", "experiment", "explain",
    "explicit", "explor", "express", "extend", "extens", "extract", "facilit", "factor", "fail",
    "fast", "featur", "final", "find", "fine", "first", "fit", "fix", "flexibl", "focus", "follow",
    "form", "format", "formul", "found", "foundat", "four", "framework", "full", "fulli",
    "function", "fundament", "furthermor", "futur", "gap", "general", "generat", "github", "give",
    "given", "good", "great", "handl", "hard", "henc", "high", "higher", "highlight", "https",
    "human", "ii", "impact", "implement", "import", "improv", "incorpor", "increas", "independ",
    "indic", "individu", "induc", "influenc", "inform", "inher", "insight", "instead", "integr",
    "interest", "introduc", "investig", "involv", "issu", "joint", "key", "known", "lack", "larg",
    "lead", "learn", "let", "level", "leverag", "limit", "line", "long", "low", "lower", "main",
    "maintain", "make", "mean", "measur", "method", "methodolog", "mitig", "model", "moreov",
    "motiv", "multi", "multipl", "name", "need", "network", "normal", "novel", "number", "object",
    "observ", "obtain", "offer", "open", "optim", "origin", "outperform", "paramet", "part",
    "perform", "plan", "play", "point", "pose", "posit", "possibl", "potenti", "power", "practic",
    "pre", "precis", "predict", "presenc", "present", "previous", "principl", "problem", "process",
    "produc", "product", "promis", "properti", "propos", "provid", "public", "qualiti", "question",
    "rang", "rapid", "rate", "real", "recent", "recogn", "reduc", "relat", "relationship", "relev",
    "reli", "reliabl", "repres", "requir", "research", "respect", "result", "reveal", "role",
    "satisfi", "scale", "scenario", "scheme", "second", "select", "self", "set", "sever", "shape",
    "show", "signific", "similar", "simpl", "singl", "size", "small", "solut", "solv", "sourc",
    "special", "specif", "stage", "standard", "state", "step", "strategi", "strong", "structur",
    "studi", "substanti", "success", "suffici", "suggest", "suitabl", "superior", "support",
    "suppos", "system", "systemat", "take", "target", "task", "techniqu", "term", "test", "theoret",
    "therebi", "time", "tool", "tradit", "train", "true", "two", "type", "typic", "under",
    "undergo", "understand", "unifi", "uniqu", "usual", "util", "valid", "valu", "vari", "various",
    "view", "way", "wide", "word", "work", "world", "write", "year", "yield", "zero",
})
# fmt: on
"""Stems that occur in papers on any subject: they count, but explain nothing."""


def plain(text: str) -> str:
    """Returns a text without possessive endings and TeX, whose accents become Unicode's."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "\\" in text:
        text = _ACCENT.sub(_accented, text)
        text = _LETTER.sub(lambda found: _LETTERS[found[1]], text)
    if "$" in text or "\\" in text:
        text = _MACRO.sub(" ", _FORMULA.sub(" \N{PILCROW SIGN} ", text))
    if "'" in text or "’" in text:
        text = _POSSESSIVE.sub("", text)
    return text.replace("{", "").replace("}", "")


def _accented(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", found[3] + _ACCENTS[found[1] or found[2]])


def words(text: str) -> list[str]:
    """Returns the words of a text that `plain` has returned."""
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text)


def spans(text: str) -> Iterator[re.Match[str]]:
    """Yields the words of a text that `plain` has returned, as matches that have their places."""
    return (_ASCII_WORD if text.isascii() else _WORD).finditer(text)


class Stems(dict[str, str]):
    """The stem of each word, computed once; a `GAP` for a word that is not a term.

    Each ranking has its own, so that words from untrusted texts do not stay in memory.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stem_word = Stemmer.Stemmer("english", 0).stemWord  # 0: this dictionary is the cache.

    def __missing__(self, word: str) -> str:
        stem = self[word] = self._stem(word)
        return stem

    def _stem(self, word: str) -> str:
        folded = word.casefold()
        if not folded.isascii():
            decomposed = unicodedata.normalize("NFKD", folded)
            folded = "".join(char for char in decomposed if not unicodedata.combining(char))
        is_term = (
            (len(folded) > 1 or not folded.isascii())
            and len(folded) <= LONGEST_WORD
            and folded not in STOP_WORDS
            and not folded.isdigit()
        )
        return str(self._stem_word(folded)) if is_term else GAP

    def of(self, title: str, summary: str) -> tuple[list[str], list[str]]:
        """Returns the stems of a title and of an abstract, in their order, gaps included."""
        return (
            [self[word] for word in words(plain(title[:MAX_TITLE]).lower())],
            [self[word] for word in words(plain(summary[:MAX_SUMMARY]).lower())],
        )


def pairs(stems: Sequence[str]) -> Iterator[str]:
    """Yields the terms that consist of two stems in a row."""
    return (f"{first} {second}" for first, second in pairwise(stems) if first and second)
