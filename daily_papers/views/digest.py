"""A digest: a notice as people read it, whatever the channel.

Each paper is in it once, under the first of its topics, with the others named. With interests, the
best matches come first in the digest and in each topic; without, the newest papers do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from daily_papers.interests.match import Match
from daily_papers.memory.notices import Notice
from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import Paper

__all__ = ["BEST", "Digest", "Entry", "Group", "compose"]

BEST: Final = 5
"""How many of the best matches are shown above the topics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A paper in a digest."""

    paper: Paper
    rank: int
    """Its place among all entries, from 0 for the best or newest."""
    topics: tuple[str, ...]
    """The topics in which it is new, except the one that it is under."""
    because: tuple[str, ...] = ()
    """The words that decided that it matches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The part of a digest under one heading."""

    heading: str
    entries: tuple[Entry, ...]
    more: int = 0
    """How many more new papers the topic has, without those that are above it."""
    revised: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A notice as people read it."""

    title: str
    count: int
    """How many papers are new; each counts once."""
    is_welcome: bool
    groups: tuple[Group, ...]
    has_matches: bool
    """Whether the first group has the best matches, and readers can tick what they like."""


@dataclass(slots=True)
class _Places:
    """Which papers have a place already."""

    taken: set[str] = field(default_factory=set)

    def take(self, ids: Sequence[str], most: int) -> list[str]:
        """Returns the first of `ids` that have no place yet, at most so many, and takes them."""
        chosen = [arxiv_id for arxiv_id in ids if arxiv_id not in self.taken][:most]
        self.taken.update(chosen)
        return chosen


def compose(
    notice: Notice,
    snapshot: Snapshot,
    *,
    limit: int,
    matches: Mapping[str, Match] | None = None,
) -> Digest:
    """Returns the digest of a notice.

    Args:
        notice: the notice.
        snapshot: the papers. A paper that it no longer has is counted, but not shown.
        limit: the largest number of entries for each topic.
        matches: how well papers fit what the reader likes, by id; `None` without interests.
    """
    papers, found = snapshot.papers, matches or {}
    order = sorted(
        (arxiv_id for arxiv_id in notice.new_ids if arxiv_id in papers),
        key=lambda i: (_score(found, i), papers[i].date(snapshot.sort_by), i),
        reverse=True,
    )
    ranks = {arxiv_id: rank for rank, arxiv_id in enumerate(order)}
    headings = list(dict.fromkeys([*notice.new, *notice.revised]))
    places = _Places()

    def entries(ids: Sequence[str], heading: str) -> tuple[Entry, ...]:
        return tuple(
            Entry(
                paper=papers[i],
                rank=ranks[i],
                topics=tuple(h for h in notice.new if i in notice.new[h] and h != heading),
                because=found[i].because if i in found else (),
            )
            for i in ids
        )

    groups = []
    if matches is not None:
        best = [i for i in order if i in found and found[i].because]
        groups.append(Group(heading="", entries=entries(places.take(best, BEST), "")))
    for heading in headings:
        new = notice.new.get(heading, ())
        chosen = places.take(sorted((i for i in new if i in ranks), key=ranks.__getitem__), limit)
        revised = (papers[i] for i in notice.revised.get(heading, ()) if i in papers)
        groups.append(
            Group(
                heading=heading,
                entries=entries(chosen, heading),
                revised=tuple(revised)[:limit],
            )
        )
    count = len(notice.new_ids)
    left = [i for i in notice.new_ids if i not in places.taken]
    groups = [
        replace(
            group, more=len(places.take(_among(left, notice.new.get(group.heading, ())), count))
        )
        for group in groups
    ]
    told = "welcome" if notice.is_welcome else f"{count} new on {notice.day.isoformat()}"
    return Digest(
        title=f"Daily Papers: {told}",
        count=count,
        is_welcome=notice.is_welcome,
        groups=tuple(group for group in groups if group.entries or group.more or group.revised),
        has_matches=matches is not None,
    )


def _among(ids: Sequence[str], others: Sequence[str]) -> list[str]:
    return [arxiv_id for arxiv_id in ids if arxiv_id in set(others)]


def _score(matches: Mapping[str, Match], arxiv_id: str) -> float:
    return matches[arxiv_id].score if arxiv_id in matches else 0.0
