"""How common words are in papers: a table in the package, made by `scripts/frequencies.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["TABLE", "Frequencies", "table"]

TABLE: Final = Path(__file__).with_name("frequencies.txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """How many papers contain each term: a stem, or two stems in a row."""

    papers: int
    """How many papers were counted."""
    by_term: Mapping[str, int]
    """The number of papers for each term. Rare terms are left out."""


@cache
def table() -> Frequencies:
    """Returns the table of the package."""
    by_term: dict[str, int] = {}
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    papers, *counted = (line for line in lines if not line.startswith("#"))
    for line in counted:
        count, *terms = line.split(" ")
        by_term.update((term.replace("_", " "), int(count)) for term in terms)
    return Frequencies(papers=int(papers), by_term=by_term)
