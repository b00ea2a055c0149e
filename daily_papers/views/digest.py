"""A digest: a notice as people read it, whatever the channel.

Each paper is in it once, under the first of its topics, with the others named. With interests, the
best matches come first in the digest and in each topic; without, the newest papers do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from daily_papers.interests.match import Match
from daily_papers.memory.notices import Notice
from daily_papers.memory.snapshot import Snapshot
from daily_papers.memory.summaries import Summary
from daily_papers.papers import Paper

__all__ = [
    "BEST",
    "BEST_MATCHES",
    "COMMENT_WIDTH",
    "Digest",
    "Entry",
    "Group",
    "Places",
    "compose",
    "fitted",
]

BEST: Final = 5
"""How many of the best matches are shown above the topics."""

BEST_MATCHES: Final = "Best matches"
"""The heading of the group that has none of its own."""

COMMENT_WIDTH: Final = 100
"""Characters of a comment that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A paper in a digest."""

    paper: Paper
    rank: int
    """Its place among all entries, from 0 for the best or newest."""
    topics: tuple[str, ...]
    """The topics in which it is new, except the one that it is under."""
    because: tuple[str, ...]
    """The words that decided that it matches."""
    summary: Summary | None
    """What a model has made of it, if one was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The part of a digest under one heading."""

    heading: str
    entries: tuple[Entry, ...]
    more: int
    """How many more new papers the topic has, without those that are above it."""
    revised: tuple[Paper, ...]


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
    silent_since: date | None
    """The day since which arXiv has given no answer, if that is all there is to tell."""
    more: int = 0
    """How many new papers are in none of the groups."""

    @property
    def intro(self) -> str:
        """The sentences with which it begins."""
        if self.silent_since:
            return (
                f"arXiv has given no usable answer since {self.silent_since.isoformat()}, so "
                "nothing new can come. The page keeps its papers, and every run tries again."
            )
        if self.is_welcome:
            return "Welcome! From now on a digest like this one tells of new papers."
        return f"{self.count} new {'paper' if self.count == 1 else 'papers'}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where all papers can be read."""

    page: str = ""
    """The address of the page on the branch; empty where there is none, as below."""
    site: str = ""
    """The address of the web page."""
    feed: str = ""
    """The address of the feed."""

    @property
    def named(self) -> dict[str, str]:
        """The addresses that there are, by what readers call the places."""
        places = {"All papers": self.page, "Web page": self.site, "Feed": self.feed}
        return {name: url for name, url in places.items() if url}


@dataclass(slots=True)
class _Taken:
    """Which papers have a place already."""

    ids: set[str] = field(default_factory=set)

    def take(self, ids: Sequence[str], most: int) -> list[str]:
        """Returns the first of `ids` that have no place yet, at most so many, and takes them."""
        chosen = [arxiv_id for arxiv_id in ids if arxiv_id not in self.ids][:most]
        self.ids.update(chosen)
        return chosen


def compose(
    notice: Notice,
    snapshot: Snapshot,
    *,
    limit: int,
    matches: Mapping[str, Match] | None = None,
    summaries: Mapping[str, Summary] = MappingProxyType({}),
) -> Digest:
    """Returns the digest of a notice.

    Args:
        notice: the notice.
        snapshot: the papers. A paper that it no longer has is counted, but not shown.
        limit: the largest number of entries for each topic.
        matches: how well papers fit what the reader likes, by id; `None` without interests.
        summaries: what a model has made of papers, by id.
    """
    papers, found = snapshot.papers, matches or {}
    order = sorted(
        (arxiv_id for arxiv_id in notice.new_ids if arxiv_id in papers),
        key=lambda i: (_score(found, i), papers[i].date(snapshot.sort_by), i),
        reverse=True,
    )
    ranks = {arxiv_id: rank for rank, arxiv_id in enumerate(order)}
    headings = list(dict.fromkeys([*notice.new, *notice.revised]))
    taken = _Taken()

    def entries(ids: Sequence[str], heading: str) -> tuple[Entry, ...]:
        return tuple(
            Entry(
                paper=papers[i],
                rank=ranks[i],
                topics=tuple(h for h in notice.new if i in notice.new[h] and h != heading),
                because=found[i].because if i in found else (),
                summary=summaries.get(i),
            )
            for i in ids
        )

    shown: list[tuple[str, tuple[Entry, ...]]] = []
    if matches is not None:
        best = [i for i in order if i in found and found[i].because]
        shown.append(("", entries(taken.take(best, BEST), "")))
    for heading in headings:
        new = notice.new.get(heading, ())
        chosen = taken.take(sorted((i for i in new if i in ranks), key=ranks.__getitem__), limit)
        shown.append((heading, entries(chosen, heading)))
    count = len(notice.new_ids)
    left = [i for i in notice.new_ids if i not in taken.ids]
    groups = [
        Group(
            heading=heading,
            entries=under,
            more=len(taken.take(_among(left, notice.new.get(heading, ())), count)),
            revised=tuple(papers[i] for i in notice.revised.get(heading, ()) if i in papers)[
                :limit
            ],
        )
        for heading, under in shown
    ]
    return Digest(
        title=f"Daily Papers: {_title(notice)}",
        count=count,
        is_welcome=notice.is_welcome,
        groups=tuple(group for group in groups if group.entries or group.more or group.revised),
        has_matches=matches is not None,
        silent_since=notice.silent_since,
    )


def fitted(digest: Digest, size: Callable[[Digest], int], most: int) -> Digest:
    """Returns a digest with as many entries as there is room for, the best or newest ones.

    Args:
        digest: the whole.
        size: how long a digest is in some form; the more entries, the longer.
        most: how long it may be.
    """
    ranks = sorted(entry.rank for group in digest.groups for entry in group.entries)
    cuts = [0, *(rank + 1 for rank in ranks)]
    fitting = bisect_right(cuts, most, key=lambda cut: size(_cut(digest, cut)))
    return _cut(digest, cuts[max(fitting - 1, 0)])


def _cut(digest: Digest, most: int) -> Digest:
    """Returns a digest with the entries whose rank is below `most`, and the others counted.

    A group of which nothing is left is left out; without any entry, only the count is left.
    """
    groups = []
    more = digest.more
    for group in digest.groups:
        kept = tuple(entry for entry in group.entries if entry.rank < most)
        left_out = group.more + len(group.entries) - len(kept)
        if kept or (group.revised and most):
            groups.append(replace(group, entries=kept, more=left_out))
        else:
            more += left_out
    return replace(digest, groups=tuple(groups), more=more)


def _title(notice: Notice) -> str:
    if notice.silent_since:
        return f"no answer from arXiv since {notice.silent_since.isoformat()}"
    if notice.is_welcome:
        return "welcome"
    day, count = notice.day.isoformat(), len(notice.new_ids)
    if notice.first_day == notice.day:
        return f"{count} new on {day}"
    return f"{count} new from {notice.first_day.isoformat()} to {day}"


def _among(ids: Sequence[str], others: Sequence[str]) -> list[str]:
    return [arxiv_id for arxiv_id in ids if arxiv_id in set(others)]


def _score(matches: Mapping[str, Match], arxiv_id: str) -> float:
    return matches[arxiv_id].score if arxiv_id in matches else 0.0
