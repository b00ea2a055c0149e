"""Searches papers for what a query asks for, by the same tokens as arXiv's search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from daily_papers.papers import Paper
from daily_papers.topics import analyzer, taxonomy
from daily_papers.topics.analyzer import GAP

__all__ = ["Field", "Indexed", "Phrase", "Text", "phrase"]

Field = Literal["ti", "abs", "au", "cat", "co", "jr", "all"]
"""Title, abstract, author, category, comment, journal reference, or any of them."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text prepared for the search for phrases."""

    words: tuple[str, ...]
    line: str
    """The words in one string, each between spaces, which is fastest to search."""

    @classmethod
    def of(cls, words: Iterable[str]) -> Text:
        """Returns the text that consists of some words, or stems."""
        words = tuple(words)
        return cls(words, f" {' '.join(words)} ")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must be side by side. A gap matches any single word."""

    words: tuple[str, ...]
    runs: tuple[str, ...]
    """The words between the gaps. A text that lacks one of these does not have the phrase."""

    @classmethod
    def of(cls, words: Iterable[str]) -> Phrase:
        """Returns the phrase that consists of some words, or stems, without gaps at its ends."""
        line = " ".join(words).strip()
        runs = (f" {run} " for run in re.split("  +", line))
        return cls(tuple(line.split(" ")), tuple(runs)) if line else cls((), ())

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.words)

    def is_in(self, text: Text) -> bool:
        """Whether `text` has the phrase."""
        if not self.words or not all(run in text.line for run in self.runs):
            return False
        starts = range(len(text.words) - len(self.words) + 1)
        return len(self.runs) == 1 or any(self._is_at(start, text) for start in starts)

    def _is_at(self, start: int, text: Text) -> bool:
        here = text.words[start : start + len(self.words)]
        return all(ours in (GAP, theirs) for ours, theirs in zip(self.words, here, strict=True))


@lru_cache(maxsize=20_000)
def phrase(text: str, *, stemmed: bool) -> Phrase:
    """Returns the phrase that `text` asks for."""
    return Phrase.of(analyzer.stems(text) if stemmed else analyzer.words(text))


# --- Papers -------------------------------------------------------------------------------------

_ENGLISH: Final[dict[Field, str]] = {
    "ti": "title",
    "abs": "summary",
    "co": "comment",
    "jr": "journal_ref",
}
"""The fields that are stemmed, and the attributes of a paper that they search."""
_AUTHOR: Final[Field] = "au"


class Indexed:
    """A paper prepared for searching: each of its texts is split into tokens only once."""

    __slots__ = ("_texts", "paper")

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self._texts: dict[Field, Text] = {}

    def holds(self, field: Field, text: str) -> bool:
        """Whether a field contains the text of a term."""
        if field == "cat":
            return any(map(self._is_within, taxonomy.patterns(text)))
        if field == "all":
            return self._holds_anywhere(text)
        return phrase(text, stemmed=field != "au").is_in(self._text(field))

    def _holds_anywhere(self, text: str) -> bool:
        paper = self.paper
        exact = (paper.arxiv_id, paper.versioned_id, paper.doi, *paper.categories)
        return text in exact or any(self.holds(field, text) for field in (*_ENGLISH, _AUTHOR))

    def _is_within(self, pattern: str) -> bool:
        if pattern.endswith("*"):
            return any(name.startswith(pattern[:-1]) for name in self.paper.categories)
        return pattern in self.paper.categories

    def _text(self, field: Field) -> Text:
        if field not in self._texts:
            self._texts[field] = self._authors() if field == _AUTHOR else self._english(field)
        return self._texts[field]

    def _english(self, field: Field) -> Text:
        return Text.of(analyzer.stems(getattr(self.paper, _ENGLISH[field]) or ""))

    def _authors(self) -> Text:
        """Returns each name as written and with its last word first, separated by gaps."""
        found: list[str] = []
        for author in self.paper.authors:
            name = analyzer.words(author)
            found += [*name, GAP, *name[-1:], *name[:-1], GAP]
        return Text.of(found)
