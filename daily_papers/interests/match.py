"""Matches, as views show them. Only values, so that views need not import the ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Match", "Matches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How well a paper fits what the reader likes."""

    score: float
    """From 0 (no word in common) to 1 (the same words), rounded to two digits."""
    because: tuple[str, ...]
    """The words and phrases that decided, as the paper writes them; empty if the match is low."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """The matches of a run."""

    by_id: Mapping[str, Match] = field(default_factory=dict)
    """The matches of all new or recent papers, best first. Liked papers have none."""
    picks: tuple[str, ...] = ()
    """The ids of the papers that match best, best first."""
