"""Tells watchers of the repository once what is new, with an issue that GitHub mails to them.

Nothing here can make a run fail: the page is committed already, and what could not be told waits
for the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from daily_papers.errors import GitHubError, NotAllowedError
from daily_papers.memory.notices import ISSUE, Notice, unsent, witnessed
from daily_papers.publish.tracker import Issue, Posted, Tracker

__all__ = ["Delivery", "close_old", "look", "tell"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The result of telling readers."""

    issues: tuple[int, ...] = ()
    """The numbers of the issues that were opened."""
    keys: tuple[str, ...] = ()
    """The keys of the notices that our issues tell."""
    refusal: NotAllowedError | None = None
    """Why GitHub refused, if the repository's owner has to change something."""


def look(tracker: Tracker, label: str, expected: Collection[str] = ()) -> Sequence[Posted] | None:
    """Returns our issues, or `None` if GitHub cannot list them.

    `tell` tries again in that case, and says what is wrong.

    Args:
        tracker: the repository's issues.
        label: the label of ours.
        expected: keys of issues that may exist; one that is not found is looked for again.
    """
    try:
        return tracker.posted(label, expected)
    except GitHubError:
        return None


def tell(
    notices: Sequence[Notice],
    tracker: Tracker,
    posted: Sequence[Posted] | None,
    *,
    label: str,
    keep: int,
    make_issue: Callable[[Notice], Issue],
) -> Delivery:
    """Opens an issue for each notice that waits, and closes old ones.

    Args:
        notices: what may have to be told.
        tracker: the repository's issues.
        posted: our issues, as far as they are known.
        label: the label by which they are found.
        keep: how many of ours stay open.
        make_issue: makes the issue that tells of a notice.
    """
    numbers: list[int] = []
    told: set[str] = set()
    refusal = None
    try:
        if posted is None and notices:
            posted = tracker.posted(label, [notice.key for notice in notices])
        told = {issue.key for issue in posted or ()}
        for notice in unsent(witnessed(notices, told), ISSUE, owner=tracker.owner):
            issue = make_issue(notice)
            numbers.append(_open(tracker, issue, label))
            told.add(notice.key)
            _log.info("Opened issue #%d: %s", numbers[-1], issue.title)
    except NotAllowedError as error:
        refusal = error
        _log.warning("No issue was opened for the new papers: %s", error)
    except GitHubError as error:
        _log.warning(
            "Watchers could not be told of the new papers; the next run tries again: %s", error
        )
    if numbers:
        close_old(tracker, posted or (), keep - len(numbers))
    return Delivery(issues=tuple(numbers), keys=tuple(told), refusal=refusal)


def _open(tracker: Tracker, issue: Issue, label: str) -> int:
    """Opens an issue once: what looks like a failure may have succeeded."""
    try:
        return tracker.open(issue)
    except NotAllowedError:
        raise
    except GitHubError:
        for posted in tracker.posted(label, [issue.key]):
            if posted.key == issue.key:
                return posted.number
        raise


def close_old(tracker: Tracker, posted: Sequence[Posted], keep: int) -> None:
    """Closes the issues that are older than those to keep."""
    # Newest first, so that the oldest wins: an issue that quotes one of ours has its key, too.
    originals = {issue.key: issue for issue in posted}.values()
    numbers = sorted((issue.number for issue in originals if issue.is_open), reverse=True)
    try:
        for number in numbers[max(0, keep) :]:
            tracker.close(number)
    except GitHubError as error:
        _log.warning("Old issues stay open until there are new ones again: %s", error)
