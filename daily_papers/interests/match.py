"""Matches, as views show them: only values, so that a view imports no ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Match", "Matches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How well a paper fits what the reader likes."""

    score: float
    """From 0, no word in common, to 1, the same words; two digits."""
    because: tuple[str, ...]
    """The words and phrases that decided, as the paper has them; none where the match is low."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """The matches of a run."""

    by_id: Mapping[str, Match] = field(default_factory=dict)
    """Of the papers that are new, and of those that picks are chosen from, the best first; not of
    papers that are liked themselves."""
    picks: tuple[str, ...] = ()
    """The ids of the papers that match best, the best first."""
