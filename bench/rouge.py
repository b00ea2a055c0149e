"""ROUGE, the usual measure of a summary: how many words and pairs of words it shares with another.

The scores equal those of Google's `rouge-score` 0.1.2 without its stemmer, which the documentation
quotes. See Lin, "ROUGE: A Package for Automatic Evaluation of Summaries" (2004),
https://aclanthology.org/W04-1013.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

_WORD = re.compile("[a-z0-9]+")


class Rouge(NamedTuple):
    """The F1 scores of one summary, each from 0 to 1. They are compared by the first."""

    one: float
    two: float
    longest: float


def rouge(
    summary: str, references: Iterable[str], *, stem: Callable[[str], str] | None = None
) -> Rouge:
    """Returns the scores of `summary` against the reference that is most like it by ROUGE-1.

    Args:
        summary: the text to judge.
        references: summaries by people, at least one.
        stem: returns the stem to which a word is reduced before it is compared.
    """
    words = _words(summary, stem)
    return max(_scores(words, _words(reference, stem)) for reference in references)


def _words(text: str, stem: Callable[[str], str] | None) -> list[str]:
    """Returns words in lower case; like `rouge-score`, stems those of more than three letters."""
    words = _WORD.findall(text.lower())
    return [stem(word) if len(word) > 3 else word for word in words] if stem else words


def _scores(ours: Sequence[str], theirs: Sequence[str]) -> Rouge:
    return Rouge(
        _f1(_shared(ours, theirs), len(ours), len(theirs)),
        _f1(_shared(pairwise(ours), pairwise(theirs)), len(ours) - 1, len(theirs) - 1),
        _f1(_longest_common_subsequence(ours, theirs), len(ours), len(theirs)),
    )


def _f1(shared: int, ours: int, theirs: int) -> float:
    return 2 * shared / (ours + theirs) if shared else 0.0


def _shared(ours: Iterable[Hashable], theirs: Iterable[Hashable]) -> int:
    return (Counter(ours) & Counter(theirs)).total()


def _longest_common_subsequence(ours: Sequence[str], theirs: Sequence[str]) -> int:
    row = [0] * (len(theirs) + 1)
    for word in ours:
        corner = 0
        for column, other in enumerate(theirs, 1):
            above = row[column]
            row[column] = corner + 1 if word == other else max(above, row[column - 1])
            corner = above
    return row[-1]
