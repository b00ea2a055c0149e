"""Chooses the picks: matches the new and recent papers with what the reader likes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from daily_papers.interests.liked import Liked
from daily_papers.interests.match import Match, Matches
from daily_papers.interests.ranking import LOW, Ranking
from daily_papers.interests.words import plain
from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import Paper, newest_first

__all__ = ["rank"]

RECENT: Final = timedelta(days=7)
"""How long a paper may be a pick, from the day on which it was first seen."""

BACKGROUND: Final = 200
"""The fewest papers to compare, if there are as many: what is common to three says little."""

EXPLAINED: Final = 200
"""How many of the best papers are explained, besides the new ones. It takes longer to find the
words that decided than to rank."""


def rank(snapshot: Snapshot, liked: Sequence[Liked], new: Collection[str], *, most: int) -> Matches:
    """Returns the matches of the new and recent papers, and the picks among them.

    The result depends on the arguments alone, not on the clock.

    Args:
        snapshot: the papers.
        liked: what the reader likes. These papers have no match, because the reader knows them.
        new: the ids of the new papers.
        most: the largest number of picks.
    """
    newest = newest_first(snapshot.papers.values(), snapshot.sort_by)
    known = {paper.arxiv_id for paper in liked}
    titles = {_letters(paper.title) for paper in liked}
    chosen = [
        paper
        for paper in newest
        if (paper.arxiv_id in new or _is_recent(paper, snapshot))
        and paper.arxiv_id not in known
        and _letters(paper.title) not in titles
    ]
    ids = {paper.arxiv_id for paper in chosen}
    others = [paper for paper in newest if paper.arxiv_id not in ids]
    ranking = Ranking([*chosen, *others[: max(0, BACKGROUND - len(chosen))]], liked)
    order = sorted(range(len(chosen)), key=lambda index: (-ranking.score(index), index))
    by_id: dict[str, Match] = {}
    for place, index in enumerate(order):
        name = chosen[index].arxiv_id
        by_id[name] = ranking.match(index, is_explained=place < EXPLAINED or name in new)
    picks = [
        paper.arxiv_id
        for paper in map(chosen.__getitem__, order)
        if by_id[paper.arxiv_id].score >= LOW
        and _is_recent(paper, snapshot)
        and not paper.is_withdrawn
    ]
    return Matches(by_id=by_id, picks=tuple(picks[:most]))


def _is_recent(paper: Paper, snapshot: Snapshot) -> bool:
    """Whether a paper was first seen within `RECENT` before the snapshot's last change.

    A paper found by the first run counts from the day on which it was submitted.
    """
    seen = snapshot.found.get(paper.arxiv_id) or paper.published.date()
    return seen > snapshot.updated - RECENT


def _letters(title: str) -> str:
    """Returns the letters and digits of a title in lower case, to compare two spellings of it."""
    return "".join(filter(str.isalnum, plain(title).casefold()))
