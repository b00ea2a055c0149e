"""Measures several things side by side, so that their ratios mean something.

A machine is never quiet: clock rates change, and other processes run. So everything that is
compared is measured in the same minutes, in rounds; each round measures everything once, in random
order. The result is the ratio of two medians, with the interval of 95 of 100 ratios of resampled
rounds (https://en.wikipedia.org/wiki/Bootstrapping_(statistics)).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

DRAWS = 2000

Measured = Mapping[str, float]
"""What one work took, by the name of the quantity, such as `seconds`."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """The ratio of two medians, with its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{_figures(self.value)} ({_figures(self.low)}–{_figures(self.high)})"


class Rounds:
    """What all works took, round by round."""

    def __init__(self, taken: Mapping[str, Sequence[Measured]]) -> None:
        self._taken = taken

    def median(self, work: str, quantity: str = "seconds") -> float:
        """Returns the median of one work."""
        return median(one[quantity] for one in self._taken[work])

    def ratio(self, work: str, other: str, quantity: str = "seconds") -> Ratio:
        """Returns how many times as much `work` took as `other`."""
        pairs = [
            (one[quantity], another[quantity])
            for one, another in zip(self._taken[work], self._taken[other], strict=True)
        ]
        rng = random.Random(0)
        drawn = sorted(_ratio(rng.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
        return Ratio(_ratio(pairs), drawn[DRAWS // 40], drawn[-DRAWS // 40])


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    return median(one for one, _ in pairs) / median(other for _, other in pairs)


def _figures(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def in_turn(works: Mapping[str, Callable[[], Measured]], *, rounds: int) -> Rounds:
    """Measures each work once a round, after one round that does not count."""
    rng = random.Random(0)
    taken: dict[str, list[Measured]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name in rng.sample(list(works), len(works)):
            measured = works[name]()
            if number:
                taken[name].append(measured)
    return Rounds(taken)


def timed(work: Callable[[], object]) -> Callable[[], Measured]:
    """Returns a function that does the work and returns how long it took."""

    def measure() -> Measured:
        begun = perf_counter()
        work()
        return {"seconds": perf_counter() - begun}

    return measure
