"""Blanks at the end of long files, so that git stores a day's version as a short delta.

git looks for the base of a delta among some ten objects, those next to it when objects are sorted
by name, then by size, then by age (https://git-scm.com/docs/pack-heuristics). A file with the
newest hundred papers is a little longer today and a little shorter tomorrow, so that its neighbours
by size are weeks away and have few papers in common with it. Versions of equal size are sorted by
age alone: each has the days before and after it as neighbours, and is stored as what they differ
in. Blanks cost next to nothing, as git compresses what it stores.
"""

from __future__ import annotations

from typing import Final

__all__ = ["STEP", "lacking", "lacking_most", "padded"]

STEP: Final = 50_000
"""A page's size is a multiple of so many bytes. A shorter file is left as it is: its growth does
not matter, and people may read its source."""

MAX_STEP: Final = 1 << 20


def lacking(size: int) -> int:
    """Returns how many bytes a page of `size` bytes lacks; 0 for a short one.

    Few, as people load pages: up to 50,000.
    """
    return -size % STEP if size > STEP else 0


def lacking_most(size: int) -> int:
    """Returns how many bytes a file for programs lacks; 0 for a short one.

    As many as it takes to the next power of two, up to a mebibyte: the size of such a file varies
    more than that of a page, and versions of another size are no neighbours.
    """
    return -size % min(1 << (size - 1).bit_length(), MAX_STEP) if size > STEP else 0


def padded(data: bytes, count: int) -> bytes:
    """Returns a text with `count` more bytes: a line of blanks."""
    return data + b" " * (count - 1) + b"\n" if count else data
