"""Checks that an answer of arXiv passes before a paper of it is used.

arXiv has answered wrongly with status 200 in each of the ways that are refused here: empty, short,
unsorted, and from an index that was days behind.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from daily_papers.arxiv.feed import Feed
from daily_papers.errors import FeedError
from daily_papers.papers import Paper, SortBy

__all__ = [
    "check_complete",
    "check_not_fewer",
    "check_order",
    "check_page",
    "check_versions",
    "missing",
    "older",
    "vanished_from_top",
]

UNSORTED_SHARE: Final = 20
"""One entry in so many may be out of order: good answers had two of 98."""

LOST_SHARE: Final = 10
"""One known paper in so many may leave the result from one day to the next."""

ANNOUNCED_WITHIN: Final = timedelta(days=1)
"""What was submitted so long after a version is announced after it. Moderation delays new papers
for longer, but hardly ever a version of one that is announced."""


def check_page(page: Feed, start: int) -> None:
    """Refuses a page without entries while the total says that there are some.

    Raises:
        FeedError: the page is empty before the end.
    """
    if not page.papers and start < page.total_results:
        raise FeedError(f"arXiv counts {page.total_results} papers but sent none from {start} on")


def check_complete(papers: Collection[Paper], *, totals: Sequence[int], limit: int) -> None:
    """Refuses an answer whose pages do not add up to what arXiv counts.

    A paper that comes in while pages are asked for moves another to the next page, so that each
    further page may cost one.

    Args:
        papers: of all pages together.
        totals: what arXiv counted on each page.
        limit: how many papers were asked for.

    Raises:
        FeedError: papers are missing in the middle.
    """
    total = max(totals)
    if len(papers) < min(total, limit) - (len(totals) - 1):
        raise FeedError(f"arXiv counts {total} papers but sent only {len(papers)} different ones")


def check_order(papers: Sequence[Paper], sort_by: SortBy) -> None:
    """Refuses an answer that is not sorted: its beginning would not be the newest papers.

    Args:
        papers: the answer, in arXiv's order.
        sort_by: the date that was asked for.

    Raises:
        FeedError: too many papers are out of order.
    """
    dates = [paper.date(sort_by) for paper in papers]
    unsorted = len(dates) - _longest_falling_run(dates)
    if unsorted > max(1, len(dates) // UNSORTED_SHARE):
        raise FeedError(f"arXiv's answer is not sorted: {unsorted} of {len(dates)} out of order")


def _longest_falling_run(dates: Sequence[datetime]) -> int:
    """Returns the length of the longest subsequence that never rises (patience sorting)."""
    tails: list[float] = []
    for date in dates:
        value = -date.timestamp()
        place = bisect_right(tails, value)
        tails[place : place + 1] = [value]
    return len(tails)


def check_versions(papers: Sequence[Paper], known: Iterable[Paper]) -> None:
    """Refuses an answer from before a known paper was revised.

    A lower version than the known one is a sign of such an answer, unless the answer itself proves
    that the known version is no longer there, or never was: a version is younger than those before
    it, and an index that has papers of a later day has it too. So one wrong number in one answer
    does not make all right ones look old.

    Args:
        papers: the answer.
        known: the papers of the last good answer.

    Raises:
        FeedError: the answer is older than the last one.
    """
    given = {paper.arxiv_id: paper for paper in papers}
    newest = max((paper.updated for paper in papers), default=None)
    for paper in known:
        found = given.get(paper.arxiv_id, paper)
        if (
            found.version < paper.version
            and found.updated < paper.updated
            and newest is not None
            and newest <= paper.updated + ANNOUNCED_WITHIN
        ):
            raise older(paper)


def older(paper: Paper) -> FeedError:
    """Returns the error of an answer from before the last one, which had `paper`."""
    return FeedError(f"arXiv's answer is older than the last one: it lacks {paper.versioned_id}")


def check_not_fewer(
    papers: Sequence[Paper], known: Sequence[Paper], *, limit: int, sort_by: SortBy
) -> None:
    """Refuses an answer that lacks many of the known papers that it should have.

    A full answer lacks the papers that newer ones have pushed out. Any other missing paper has left
    the result, which is rare, or the answer is partial or stale.

    Args:
        papers: the answer, newest first.
        known: the papers of the last good answer.
        limit: how many papers were asked for.
        sort_by: the date that was asked for.

    Raises:
        FeedError: too many known papers are missing.
    """
    lost = len(missing(papers, known, limit=limit, sort_by=sort_by))
    if lost > max(2, len(known) // LOST_SHARE):
        raise FeedError(f"arXiv's answer lacks {lost} of {len(known)} papers that it had")


def vanished_from_top(
    papers: Sequence[Paper], known: Sequence[Paper], sort_by: SortBy
) -> tuple[Paper, ...]:
    """Returns the known papers that are newer than the whole answer, and not in it.

    Either they left the result, or the answer is from before they came.
    """
    ids = {paper.arxiv_id for paper in papers}
    newest = max((paper.date(sort_by) for paper in papers), default=None)
    return tuple(
        paper
        for paper in known
        if paper.arxiv_id not in ids and (newest is None or paper.date(sort_by) > newest)
    )


def missing(
    papers: Sequence[Paper], known: Sequence[Paper], *, limit: int, sort_by: SortBy
) -> list[Paper]:
    """Returns the known papers that should be in an answer, and are not.

    Args:
        papers: the answer, newest first.
        known: the papers that may be expected of it.
        limit: how many papers were asked for.
        sort_by: the date that was asked for.
    """
    ids = {paper.arxiv_id for paper in papers}
    full = len(papers) >= limit
    oldest = min((paper.date(sort_by) for paper in papers), default=None)
    return [
        paper
        for paper in known
        if paper.arxiv_id not in ids
        and not (full and oldest is not None and paper.date(sort_by) <= oldest)
    ]
