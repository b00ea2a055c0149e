"""The score of a match is the formula of docs/decisions/0008-what-a-profile-is.md.

It is computed once more here, term by term and slowly, with no more in common than the stems and
the constants. Small limits make each of them count.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest

from bench.ranking import Text
from daily_papers.interests import ranking
from daily_papers.interests.frequencies import Frequencies
from daily_papers.interests.ranking import (
    BACKGROUND,
    COHESION,
    K1,
    LENGTH,
    LOCAL,
    LOCAL_SHARE,
    NEIGHBORS_SHARE,
    PAIR,
    POWER,
    TITLE,
    UNSEEN,
    B,
    Ranking,
)
from daily_papers.interests.words import Stems

Vector = dict[str, float]

FIELDS = [
    "session graph recommend click user item cart shop",
    "protein fold enzyme residue amino acid bind helix",
    "halo galaxy quasar pulsar dust redshift orbit comet",
    "wavelet sparse kernel spline fourier lattice prime tensor",
]
TABLE = Frequencies(
    papers=500, by_term={"graph": 90, "protein": 40, "halo": 5, "sparse": 499, "session graph": 8}
)
LIMITS = {"MAX_INTERESTS": 2, "TERMS": 7, "NEIGHBORS": 2, "SOURCES": 5}
"""Such that each of them is reached."""


def texts(chance: random.Random, count: int) -> list[Text]:
    """Texts of one field each, with some words of the others and some that are no terms."""
    made = []
    for _ in range(count):
        field = chance.choice(FIELDS).split()
        words = [*field * 3, *" ".join(FIELDS).split(), "the", "of", "7"]
        title, summary = (chance.choices(words, k=chance.randint(1, most)) for most in (6, 40))
        made.append(Text(title=" ".join(title), summary=" ".join(summary)))
    return made


def terms(text: Text) -> Counter[str]:
    counts: Counter[str] = Counter()
    title, summary = Stems().of(text.title, text.summary)
    for stems in (title,) * TITLE + (summary,):
        counts.update(stem for stem in stems if stem)
        counts.update(f"{a} {b}" for a, b in pairwise(stems) if a and b)
    return counts


def is_pair(term: str) -> bool:
    return " " in term


def product(one: Vector, other: Vector) -> float:
    return math.fsum(x * other[term] for term, x in one.items() if term in other)


def vectors_of(papers: Sequence[Text], liked: Sequence[Text]) -> list[Vector]:
    counted = [terms(text) for text in (*papers, *liked)]
    of_liked = {term for counts in counted[len(papers) :] for term in counts}
    counted = [
        Counter({t: n for t, n in counts.items() if not is_pair(t) or t in of_liked})
        for counts in counted
    ]
    worth = min(LOCAL, LOCAL_SHARE * TABLE.papers / len(counted))
    found = []
    for counts in counted:
        length = sum(n for term, n in counts.items() if not is_pair(term))
        vector = {}
        for term, n in counts.items():
            here = sum(term in other for other in counted)
            share = (TABLE.by_term.get(term, UNSEEN) + worth * here) / (
                TABLE.papers + worth * len(counted)
            )
            rarity = max(0.0, -math.log(share)) ** POWER * (PAIR if is_pair(term) else 1)
            saturated = n * (K1 + 1) / (n + K1 * (1 - B + B * length / LENGTH))
            vector[term] = rarity * saturated
        norm = math.sqrt(math.fsum(x * x for term, x in vector.items() if not is_pair(term)))
        found.append({term: x / norm for term, x in vector.items()})
    return found


def mean(vectors: Sequence[Vector]) -> Vector:
    names = {term for vector in vectors for term in vector}
    return {t: math.fsum(v.get(t, 0.0) for v in vectors) / len(vectors) for t in names}


def interests(liked: Sequence[Vector]) -> list[Vector]:
    groups: list[list[Vector]] = []
    for vector in liked:
        near = [product(vector, mean(group)) for group in groups]
        if not groups or (max(near) < COHESION and len(groups) < LIMITS["MAX_INTERESTS"]):
            groups.append([vector])
        else:
            groups[near.index(max(near))].append(vector)
    weightiest = []
    for group in groups:
        weights = sorted(mean(group).items(), key=lambda item: (-item[1], item[0]))
        weightiest.append(dict(weights[: LIMITS["TERMS"]]))
    return weightiest


def expected(papers: Sequence[Text], liked: Sequence[Text]) -> list[float]:
    vectors = vectors_of(papers, liked)
    recent, likes = vectors[: len(papers)], vectors[len(papers) :]
    words = [{t: x for t, x in vector.items() if not is_pair(t)} for vector in recent]
    common = mean(words)
    own = []
    for vector in recent:
        similar = [
            (product(vector, interest) - BACKGROUND * product(vector, common))
            / math.sqrt(product(interest, interest))
            for interest in interests(likes)
        ]
        own.append(min(1.0, max(0.0, *similar)))
    best = sorted(range(len(own)), key=lambda i: (-own[i], i))[: LIMITS["SOURCES"]]
    scores = []
    for index, score in enumerate(own):
        near = sorted(
            ((product(words[index], words[i]), own[i]) for i in best if i != index and own[i] > 0),
            reverse=True,
        )[: LIMITS["NEIGHBORS"]]
        weight = math.fsum(x for x, _ in near)
        theirs = math.fsum(x * y for x, y in near) / weight if weight else 0.0
        mixed = (1 - NEIGHBORS_SHARE) * score + NEIGHBORS_SHARE * theirs
        scores.append(mixed if score > 0 else 0.0)
    return scores


@pytest.mark.parametrize("seed", range(12))
def test_a_score_is_that_of_the_formula(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LIMITS.items():
        monkeypatch.setattr(ranking, name, value)
    chance = random.Random(seed)
    papers, liked = texts(chance, 4 + 4 * (seed % 3)), texts(chance, 1 + 2 * (seed % 5))
    made = Ranking(papers, liked, TABLE)
    found = [made.score(index) for index in range(len(papers))]
    assert found == pytest.approx(expected(papers, liked), abs=1e-9)
