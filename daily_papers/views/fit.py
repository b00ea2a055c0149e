"""How many rows of each topic fit on a page, whose bytes and formulas GitHub limits."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from daily_papers.views.mathjax import PAGE_BUDGET

__all__ = ["MAX_BYTES", "MAX_COST", "share"]

MAX_BYTES: Final = 500_000
"""Bytes of a README or a page. GitHub shows 500 KiB (512,000 bytes) and cuts the rest without a
word (https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-readmes)."""

MAX_COST: Final = PAGE_BUDGET - 200
"""What the formulas of a page may cost GitHub, with a margin for what else it counts."""


def share(sizes: Sequence[Sequence[int]], room: int) -> list[int]:
    """Shares `room` fairly among topics: small ones whole, large ones cut to the same size.

    Args:
        sizes: the sizes of each topic's rows, in order: their bytes, or what their formulas cost.
        room: for all rows together.

    Returns:
        For each topic, how many of its first rows are shown. No topic could show one more without
        taking more room than any other was given, or than there is.
    """
    sums = [list(accumulate(topic)) for topic in sizes]
    levels = range(1, room + 1)
    level = bisect_right(levels, room, key=lambda n: sum(_used(topic, n) for topic in sums))
    return [bisect_right(topic, level) for topic in sums]


def _used(sums: Sequence[int], level: int) -> int:
    """Returns what a topic uses of its `level`, in whole rows."""
    count = bisect_right(sums, level)
    return sums[count - 1] if count else 0
