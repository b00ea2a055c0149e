"""Which of the papers that are kept are recent, how well they match, and which are picks."""

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
"""How long a paper may be a pick, counted from the day on which it was first seen."""

BACKGROUND: Final = 200
"""So many papers are compared at least: what is common to three says little."""

EXPLAINED: Final = 200
"""The words that decided are found for the new papers, and for so many of the best: it takes longer
than to rank them."""


def rank(snapshot: Snapshot, liked: Sequence[Liked], new: Collection[str], *, most: int) -> Matches:
    """Returns the matches of the papers that are new or recent, and the picks among them.

    The same arguments give the same matches: nothing is asked of the clock.

    Args:
        snapshot: the papers.
        liked: what the reader likes. These papers have no match: the reader knows them.
        new: the ids of the new papers.
        most: how many picks there are at most.
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
        paper = chosen[index]
        if place < EXPLAINED or paper.arxiv_id in new:
            by_id[paper.arxiv_id] = ranking.match(index)
        else:
            score = round(ranking.score(index), 2)
            by_id[paper.arxiv_id] = Match(score=score, because=())
    picks = [
        paper.arxiv_id
        for paper in map(chosen.__getitem__, order)
        if by_id[paper.arxiv_id].score >= LOW
        and _is_recent(paper, snapshot)
        and not paper.is_withdrawn
    ]
    return Matches(by_id=by_id, picks=tuple(picks[:most]))


def _is_recent(paper: Paper, snapshot: Snapshot) -> bool:
    """Whether a paper was first seen in the last days before the snapshot's last change.

    What a first run finds is not new; of such a paper the day of its submission counts.
    """
    seen = snapshot.found.get(paper.arxiv_id) or paper.published.date()
    return seen > snapshot.updated - RECENT


def _letters(title: str) -> str:
    """Returns what two ways to write a title have in common."""
    return "".join(filter(str.isalnum, plain(title).casefold()))
