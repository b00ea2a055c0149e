"""The picks: the papers of the last days that match the reader's interests best, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from daily_papers.interests.match import Matches
from daily_papers.memory.snapshot import Snapshot
from daily_papers.memory.summaries import Summary
from daily_papers.views import markdown
from daily_papers.views.fit import MAX_BYTES, MAX_COST, share
from daily_papers.views.rows import Look, Rows

__all__ = ["Picks", "because", "make_picks"]

SHARE: Final = 4
"""Picks use at most one part in so many of what a page has room for, in bytes and in formulas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """The picks as a page shows them."""

    rows: Rows
    """The best first, each with the words that decided."""
    typeset: int
    """How many of the rows have formulas that GitHub typesets."""

    @property
    def cost(self) -> int:
        """What the formulas cost GitHub."""
        return sum(self.rows.cost(number) for number in range(self.typeset))

    @property
    def text(self) -> bytes:
        """The rows as Markdown; nothing where there are none."""
        return self.rows.text(self.rows.first(len(self.rows), self.typeset))


def make_picks(
    look: Look,
    snapshot: Snapshot,
    matches: Matches,
    summaries: Mapping[str, Summary] = MappingProxyType({}),
) -> Picks:
    """Returns the picks that fit into their share of a page.

    Args:
        look: how the page shows papers.
        snapshot: the papers.
        matches: how well they match.
        summaries: what a model has made of them, by id.
    """
    papers = snapshot.papers
    rows = Rows(
        look=look,
        papers=[papers[name] for name in matches.picks],
        new={name for section in snapshot.sections for name in section.new},
        notes={
            name: f"*{because(words)}*"
            for name in matches.picks
            if (words := matches.by_id[name].because)
        },
        summaries=summaries,
    )
    sizes = [len(row) for row in rows.first(len(rows), len(rows))]
    (count,) = share([sizes], MAX_BYTES // SHARE)
    rows = replace(rows, papers=rows.papers[:count])
    (typeset,) = share([[rows.cost(number) for number in range(count)]], MAX_COST // SHARE)
    return Picks(rows=rows, typeset=typeset)


def because(words: Sequence[str]) -> str:
    """Returns the words that decided, as Markdown; they are an author's."""
    return f"because: {', '.join(markdown.inline(word, formulas=False) for word in words)}"
