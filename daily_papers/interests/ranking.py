"""How well new papers match what a reader likes, and the words that decide.

A paper and the profile are vectors of terms: stems, and pairs of adjacent stems, each weighted by
how often it occurs in the paper (as in BM25) and by how rare it is in papers in general. A profile
is the mean of the liked papers minus a share of the mean of all recent ones (Rocchio's method); a
reader with several interests has one for each. The scores of a paper's nearest neighbors count as
much as its own. Each of these choices was measured: docs/decisions/0008-what-a-profile-is.md.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise, repeat
from operator import mul
from typing import Final, NamedTuple, Protocol

from daily_papers.interests.frequencies import Frequencies, table
from daily_papers.interests.match import Match
from daily_papers.interests.words import (
    FILLERS,
    GAP,
    MAX_SUMMARY,
    MAX_TITLE,
    Stems,
    pairs,
    plain,
    spans,
)

__all__ = ["LOW", "Ranking", "Readable"]

LOW: Final = 0.1
"""A lower match is not explained: it is no better than that of most other papers."""

MAX_WORDS: Final = 3
"""The most words and phrases that explain a match."""

LEAST_SHARE: Final = 0.08
"""The smallest share of a match with which a second or third word is shown."""

# The weights of terms. K1 and B are BM25's: how soon repetitions of a word stop counting, and how
# strongly the length of a text is normalized.
TITLE: Final = 2
PAIR: Final = 0.5
K1: Final = 2.0
B: Final = 0.5
LENGTH: Final = 100.0
"""The number of terms of a typical paper, with its title counted twice."""
POWER: Final = 0.75
"""The power of the inverse document frequency: rare words count more, but not in proportion."""

UNSEEN: Final = 0.5
"""The assumed number of papers with a term that is not in the table."""
LOCAL: Final = 30.0
"""How many papers of the table one recent paper counts for, if there are few recent ones."""
LOCAL_SHARE: Final = 0.25
"""The largest weight of all recent papers together, as a share of the table's."""

BACKGROUND: Final = 0.2
"""The weight with which the mean of all recent papers is subtracted from the profile."""

COHESION: Final = 0.08
"""The least similarity to an interest with which a liked paper belongs to it."""
MAX_INTERESTS: Final = 8
TERMS: Final = 500
"""How many terms of an interest count: those with the largest weights."""

NEIGHBORS: Final = 10
SOURCES: Final = 30
"""How many of the best papers can be neighbors."""
NEIGHBORS_SHARE: Final = 0.5

LONGEST_PHRASE: Final = 3

_WORDLIKE: Final = re.compile(r"[^\W\d_]{2}|[\u3040-\u30ff\u3400-\u9fff]")
_WITHIN: Final = re.compile(r"[\w,)-] ?$")
_Vector = dict[str, float]


class Readable(Protocol):
    """Anything with a title and an abstract, which may be empty and in any language."""

    @property
    def title(self) -> str: ...  # noqa: D102 - the name says it
    @property
    def summary(self) -> str: ...  # noqa: D102


class Ranking:
    """The matches of some papers with what a reader likes.

    The same papers and likes, in the same order, give the same matches in every run: neither the
    clock nor chance has any influence.

    Args:
        papers: the recent papers, including the new ones. Words that are common among them count
            less.
        liked: the liked papers.
        frequencies: how common words are in papers in general.
    """

    def __init__(
        self,
        papers: Sequence[Readable],
        liked: Sequence[Readable],
        frequencies: Frequencies | None = None,
    ) -> None:
        self._papers = papers
        self._stems = Stems()
        likes = [_counted(paper, self._stems, None) for paper in liked]
        self._pairs = {term for counts in likes for term in counts if " " in term}
        counted = [_counted(paper, self._stems, self._pairs) for paper in papers]
        self._rarity = _Rarity(frequencies or table(), [*counted, *likes])
        vectors = [self._vector(counts) for counts in counted]
        self._background = _mean(vectors)
        self._interests = _interests([self._vector(counts) for counts in likes])
        own = [self._own_score(vector) for vector in vectors]
        self._scores = _smoothed(own, vectors)

    def score(self, index: int) -> float:
        """Returns the match of the paper at `index`, from 0 to 1."""
        return self._scores[index]

    def match(self, index: int, *, is_explained: bool = True) -> Match:
        """Returns the match of the paper at `index`, with the words that decided if wanted."""
        score = round(self._scores[index], 2)
        has_words = is_explained and score >= LOW
        return Match(score=score, because=self._because(index) if has_words else ())

    def _vector(self, counts: Mapping[str, float]) -> _Vector:
        """Returns the weights of a text's terms, scaled so that the stems have the norm 1."""
        rarity = self._rarity
        length = sum(count for term, count in counts.items() if " " not in term)
        slow = K1 * (1 - B + B * length / LENGTH)
        vector = {
            term: rarity[term] * count * (K1 + 1) / (count + slow) for term, count in counts.items()
        }
        norm = math.sqrt(sum(x * x for term, x in vector.items() if " " not in term))
        return {term: x / norm for term, x in vector.items()} if norm else {}

    def _own_score(self, vector: _Vector) -> float:
        """Returns the similarity of a paper to the interest that it fits best."""
        common = BACKGROUND * _product(vector, self._background)
        similar = ((_product(vector, one.terms) - common) / one.norm for one in self._interests)
        return min(max(0.0, *similar), 1.0) if self._interests else 0.0

    def _because(self, index: int) -> tuple[str, ...]:
        """Returns the words and phrases that decided, as the paper writes them, heaviest first.

        A phrase is two or three adjacent words whose pairs also occur in the liked papers. It
        replaces its single words.
        """
        paper = self._papers[index]
        vector = self._vector(_counted(paper, self._stems, self._pairs))
        terms = max(self._interests, key=lambda one: _product(vector, one.terms) / one.norm).terms
        shares = {term: x * terms[term] for term, x in vector.items() if term in terms}
        least = LEAST_SHARE * sum(shares.values())
        phrases = _Phrases(shares, self._stems)
        phrases.add(paper.summary[:MAX_SUMMARY], is_title=False)
        phrases.add(paper.title[:MAX_TITLE], is_title=True)
        chosen: list[str] = []
        taken: set[str] = set()
        for stems, share in phrases.by_share():
            if len(chosen) == MAX_WORDS or (chosen and share < least):
                break
            if taken.isdisjoint(stems) and not FILLERS.issuperset(stems):
                chosen.append(phrases.as_written(stems))
                taken.update(stems)
        return tuple(chosen)


class _Interest(NamedTuple):
    """What some liked papers have in common."""

    terms: _Vector
    """The mean of the papers' vectors, reduced to its heaviest terms."""
    norm: float

    @classmethod
    def of(cls, total: _Vector, count: int) -> _Interest:
        """Returns the interest of `count` vectors whose sum is `total`."""
        weightiest = heapq.nsmallest(TERMS, total, key=lambda term: (-total[term], term))
        terms = {term: total[term] / count for term in weightiest}
        return cls(terms=terms, norm=math.sqrt(sum(x * x for x in terms.values())))


class _Rarity(dict[str, float]):
    """The weight of a term by its rarity, in the table and among the texts at hand."""

    def __init__(self, frequencies: Frequencies, texts: Sequence[Mapping[str, float]]) -> None:
        super().__init__()
        self._at_large = frequencies
        self._here: Counter[str] = Counter()
        for counts in texts:
            self._here.update(counts.keys())
        # A few recent papers say little about what is common; many must not outweigh the table.
        most = LOCAL_SHARE * frequencies.papers / max(1, len(texts))
        self._worth = min(LOCAL, most)
        self._papers = frequencies.papers + self._worth * len(texts)

    def common(self, term: str) -> float:
        """Returns the share of papers that contain a term."""
        seen = self._at_large.by_term.get(term, UNSEEN) + self._worth * self._here[term]
        return seen / self._papers

    def __missing__(self, term: str) -> float:
        weight = math.pow(max(0.0, -math.log(self.common(term))), POWER)
        self[term] = weight = PAIR * weight if " " in term else weight
        return weight


class _Phrases:
    """The phrases of a paper that contribute to its match, and how they are written.

    Args:
        shares: how much each term contributes.
        stems: the stems of words.
    """

    def __init__(self, shares: Mapping[str, float], stems: Stems) -> None:
        self._shares = shares
        self._stems = stems
        self._written: dict[tuple[str, ...], Counter[str]] = {}

    def add(self, text: str, *, is_title: bool) -> None:
        """Adds a text. Spellings in titles and at the beginning of sentences count less."""
        text = plain(text)
        found = [(word, self._stems[word[0]]) for word in spans(text)]
        for begin, (word, stem) in enumerate(found):
            if stem not in self._shares or not _WORDLIKE.search(word[0]):
                continue
            is_start = is_title or not _WITHIN.search(text[max(0, word.start() - 2) : word.start()])
            self._count((stem,), word[0], is_start=is_start)
            run = [stem]
            for (before, _), (after, other) in pairwise(found[begin : begin + LONGEST_PHRASE]):
                between = text[before.end() : after.start()]
                if f"{run[-1]} {other}" not in self._shares or between not in {" ", "-"}:
                    break
                run.append(other)
                self._count(tuple(run), text[word.start() : after.end()], is_start=is_start)

    def _count(self, stems: tuple[str, ...], written: str, *, is_start: bool) -> None:
        self._written.setdefault(stems, Counter())[written] += 1 if is_start else 1_000

    def by_share(self) -> list[tuple[tuple[str, ...], float]]:
        """Returns the phrases with their contributions, largest first."""
        sums = {stems: self._share(stems) for stems in self._written}
        return sorted(sums.items(), key=lambda item: (-item[1], item[0]))

    def _share(self, stems: tuple[str, ...]) -> float:
        terms = {*stems, *pairs(stems)}
        return sum(sorted(self._shares.get(term, 0.0) for term in terms))

    def as_written(self, stems: tuple[str, ...]) -> str:
        """Returns a phrase as the paper writes it most often."""
        return max(self._written[stems].items(), key=lambda item: (item[1], item[0]))[0]


def _counted(paper: Readable, stems: Stems, known: set[str] | None) -> Counter[str]:
    """Returns how often each term occurs in a text; those of its title count `TITLE` times.

    Args:
        paper: the text.
        stems: the stems of words.
        known: the pairs to count; `None` for all.
    """
    title, summary = stems.of(paper.title, paper.summary)
    terms = title * TITLE
    terms += summary
    for part, times in ((title, TITLE), (summary, 1)):
        found = pairs(part) if known is None else filter(known.__contains__, pairs(part))
        terms += list(found) * times
    counts = Counter(terms)
    del counts[GAP]
    return counts


def _product(vector: _Vector, other: _Vector) -> float:
    """Returns the dot product of two vectors; summing maps is three times as fast as a loop."""
    return float(sum(map(mul, vector.values(), map(other.get, vector, repeat(0.0)))))


def _mean(vectors: Sequence[_Vector]) -> _Vector:
    """Returns the mean of vectors, without pairs of stems."""
    total: dict[str, float] = {}
    for vector in vectors:
        for term, x in vector.items():
            total[term] = total.get(term, 0.0) + x
    return {term: x / len(vectors) for term, x in total.items() if " " not in term}


def _interests(vectors: Sequence[_Vector]) -> list[_Interest]:
    """Returns the interests into which liked papers fall.

    A paper joins the interest to whose papers it is most similar, or begins a new one.
    """
    sums: list[_Vector] = []
    counts: list[int] = []
    for vector in filter(None, vectors):
        similar = [_product(vector, one) / n for one, n in zip(sums, counts, strict=True)]
        best = max(range(len(sums)), key=similar.__getitem__, default=-1)
        if best < 0 or (similar[best] < COHESION and len(sums) < MAX_INTERESTS):
            sums.append(dict(vector))
            counts.append(1)
            continue
        counts[best] += 1
        total = sums[best]
        for term, x in vector.items():
            total[term] = total.get(term, 0.0) + x
    return [_Interest.of(one, n) for one, n in zip(sums, counts, strict=True)]


def _smoothed(scores: Sequence[float], vectors: Sequence[_Vector]) -> list[float]:
    """Returns the scores, each averaged with those of the paper's nearest neighbors among the best.

    A paper that has no word in common with the liked ones keeps its score of 0.
    """
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
    sources = [index for index in order[:SOURCES] if scores[index] > 0]
    postings: dict[str, list[tuple[int, float]]] = {}
    for place, index in enumerate(sources):
        for term, x in vectors[index].items():
            if " " not in term:
                postings.setdefault(term, []).append((place, x))
    smoothed = []
    for index, (score, vector) in enumerate(zip(scores, vectors, strict=True)):
        if score <= 0:
            smoothed.append(0.0)
            continue
        similar = [0.0] * len(sources)
        for term, x in vector.items():
            for place, y in postings.get(term, ()):
                similar[place] += x * y
        near = sorted(
            ((x, place) for place, x in enumerate(similar) if x > 0 and sources[place] != index),
            key=lambda pair: (-pair[0], pair[1]),
        )[:NEIGHBORS]
        weight = sum(x for x, _ in near)
        mean = sum(x * scores[sources[place]] for x, place in near) / weight if weight else 0.0
        smoothed.append((1 - NEIGHBORS_SHARE) * score + NEIGHBORS_SHARE * mean)
    return smoothed
