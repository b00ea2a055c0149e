"""`python -m scripts.train_key_sentence`: computes the weights that choose a key sentence.

A sentence is worth its ROUGE scores against what people wrote about the paper. The weights are the
least-squares solution, with a penalty on large ones (ridge regression), for how much more or less a
sentence is worth than the others of its abstract. Conjugate gradients find them, in pure Python and
a few seconds. There is no chance in it, and only arithmetic that IEEE 754 defines to the last bit:
the same data give the same bytes on every machine.

The data are SciTLDR-A (Apache License 2.0); `bench/scitldr.py` says where they come from.
`--parts train` leaves the development set out, so that it can judge.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import scitldr
from bench.rouge import rouge
from daily_papers.views import key_sentence
from daily_papers.views.sentences import sentences

WEIGHTS: Final = Path(key_sentence.__file__).with_suffix(".txt")
SEEN: Final = 40
"""A feature that fewer sentences have is left out."""
RIDGE: Final = 250.0
"""The penalty on the square of a weight."""
OTHERS: Final = 0.3
"""What ROUGE-2 and ROUGE-L count beside ROUGE-1. All three numbers are from cross-validation."""
UNIT: Final = 1000
"""Weights are whole thousandths of a score; what rounds to nothing is left out."""
STEPS: Final = 60
HEADER: Final = """\
## Weights of the features of a sentence. `python -m scripts.train_key_sentence` makes this file.
## Computed from SciTLDR (https://github.com/allenai/scitldr), Apache License 2.0,
## Copyright Allen Institute for Artificial Intelligence.
"""

Row = Sequence[int]
"""The columns in which a sentence has a one."""
Vector = list[float]


def train(folder: Path, parts: Sequence[str]) -> str:
    """Returns the file of weights.

    Args:
        folder: the folder of SciTLDR-A.
        parts: the parts of it to learn from.
    """
    groups: list[tuple[list[set[str]], Vector]] = []
    for part in parts:
        for document in scitldr.documents(folder, part):
            candidates = sentences(document.abstract)
            found = list(key_sentence.features(document.title, candidates))
            scores = [rouge(text, document.summaries) for text in candidates]
            groups.append((found, [s.one + OTHERS * (s.two + s.longest) for s in scores]))
    seen = Counter(name for found, _ in groups for names in found for name in names)
    columns = {name: i for i, name in enumerate(sorted(n for n in seen if seen[n] >= SEEN))}
    table = [
        ([sorted(columns[name] for name in names if name in columns) for names in found], worth)
        for found, worth in groups
    ]
    solution = _solve(table, len(columns))
    weights = {name: round(UNIT * solution[i]) for name, i in columns.items()}
    return HEADER + "".join(f"{name} {weight}\n" for name, weight in weights.items() if weight)


def _solve(table: Sequence[tuple[Sequence[Row], Vector]], size: int) -> Vector:
    """Returns the weights `w` that solve `(XᵀX + ridge) w = Xᵀy`, X and y centred in each group."""

    def transposed(values: Sequence[Vector]) -> Vector:
        result = [0.0] * size
        for (rows, _), group in zip(table, values, strict=True):
            for row, value in zip(rows, _centred(group), strict=True):
                for column in row:
                    result[column] += value
        return result

    def times(weights: Vector) -> list[Vector]:
        return [[math.fsum([weights[i] for i in row]) for row in rows] for rows, _ in table]

    solution = [0.0] * size
    residual = transposed([worth for _, worth in table])
    direction = residual
    square = _dot(residual, residual)
    for _ in range(STEPS):
        product = transposed(times(direction))
        product = [a + RIDGE * b for a, b in zip(product, direction, strict=True)]
        step = square / _dot(direction, product)
        solution = [a + step * b for a, b in zip(solution, direction, strict=True)]
        residual = [a - step * b for a, b in zip(residual, product, strict=True)]
        before, square = square, _dot(residual, residual)
        direction = [a + square / before * b for a, b in zip(residual, direction, strict=True)]
    return solution


def _centred(values: Vector) -> Vector:
    mean = math.fsum(values) / len(values)
    return [value - mean for value in values]


def _dot(one: Vector, other: Vector) -> float:
    return math.fsum([a * b for a, b in zip(one, other, strict=True)])


def main() -> None:
    """Writes the file of weights."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", default="train,dev", help="the parts to learn from")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    given = parser.parse_args()
    folder = scitldr.folder()
    if folder is None:
        parser.error(f"set {scitldr.VARIABLE} to the folder of SciTLDR-A")
    given.output.write_text(train(folder, given.parts.split(",")), encoding="utf-8")


if __name__ == "__main__":
    main()
