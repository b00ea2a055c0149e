"""Tells watchers of the repository what is new, once, by an issue that GitHub mails to them.

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
    """What became of what was to be told."""

    issues: tuple[int, ...] = ()
    """The numbers of the issues that were opened."""
    keys: tuple[str, ...] = ()
    """The keys of the notices that our issues tell."""
    refusal: NotAllowedError | None = None
    """Why GitHub lets nobody be told, where the repository's owner has to change something."""


def look(tracker: Tracker, label: str, expected: Collection[str] = ()) -> Sequence[Posted] | None:
    """Returns the issues of ours that are there, or `None` where GitHub does not say.

    `tell` looks again in that case, and says what is wrong.

    Args:
        tracker: the repository's issues.
        label: the label of ours.
        expected: keys of issues that may be there; one that is missing is looked for further.
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
        posted: those of ours that are there, as far as is known.
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
        _log.warning("No issue tells of the new papers: %s", error)
    except GitHubError as error:
        _log.warning("What is new could not be told now; the next run tries again: %s", error)
    if numbers:
        close_old(tracker, posted or (), keep - len(numbers))
    return Delivery(issues=tuple(numbers), keys=tuple(told), refusal=refusal)


def _open(tracker: Tracker, issue: Issue, label: str) -> int:
    """Opens an issue once: what looks like a failure may have been none."""
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
    """Closes the digests that are older than the ones to keep."""
    # Newest first: whoever quotes one of ours, key and all, gives way to it.
    originals = {issue.key: issue for issue in posted}.values()
    numbers = sorted((issue.number for issue in originals if issue.is_open), reverse=True)
    try:
        for number in numbers[max(0, keep) :]:
            tracker.close(number)
    except GitHubError as error:
        _log.warning("Old issues stay open until there are new ones again: %s", error)
