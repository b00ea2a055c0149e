"""Notices: what readers are told of a run, kept until they have been told.

A notice is committed together with the papers that it tells of, and only then sent. A run that
dies in between leaves it for the next one; docs/decisions/0001-commit-before-issue.md says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from daily_papers.memory.keys import is_of, make_key
from daily_papers.memory.news import News
from daily_papers.papers import Paper

__all__ = ["WELCOME", "Notice", "gathered", "make_notice", "unsent"]

WELCOME: Final = "welcome"
"""The end of the first notice's key, in place of a moment, so that nobody is welcomed twice."""

MAX_WAITING: Final = 7
"""How many notices may wait. Older ones that could not be sent are given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What readers are to be told of one run, or of several."""

    key: str
    """Names it among all notices, of whatever repository and marker."""
    day: date
    """The day of the last run of which it tells."""
    is_welcome: bool = False
    """Whether it is the first, which shows all that there is."""
    new: Mapping[str, tuple[str, ...]]
    """The new papers' ids, by heading. Topics without any are left out."""
    revised: Mapping[str, tuple[str, ...]]
    """The revised papers' ids, likewise."""
    told: tuple[str, ...] = ()
    """The channels that have sent it, as far as is recorded."""

    @property
    def new_ids(self) -> tuple[str, ...]:
        """The new papers' ids, each once, in the order of the topics."""
        return tuple(dict.fromkeys(i for ids in self.new.values() for i in ids))


def make_notice(
    news: News, *, owner: str, now: datetime, is_welcome: bool = False
) -> Notice | None:
    """Returns the notice of what a run found, or `None` where there is nothing to tell.

    Args:
        news: what the run found.
        owner: the repository and the marker, which begin the key.
        now: the time of the run, in the user's time zone.
        is_welcome: whether nothing was ever told before.
    """
    new = {topic.heading: _ids(topic.new) for topic in news.topics if topic.new}
    if not new:
        return None
    return Notice(
        key=make_key(owner, WELCOME if is_welcome else now.isoformat(timespec="seconds")),
        day=now.date(),
        is_welcome=is_welcome,
        new=new,
        revised={topic.heading: _ids(topic.revised) for topic in news.topics if topic.revised},
    )


def unsent(notices: Iterable[Notice], told: Collection[str], *, owner: str) -> tuple[Notice, ...]:
    """Returns the notices of which nothing is known to have been told.

    Args:
        notices: what the data file remembers.
        told: the keys of what was told, as our issues show.
        owner: the repository and the marker. A fork inherits the notices of the repository that
            it was made from, and must not tell them.
    """
    return tuple(
        notice
        for notice in notices
        if is_of(owner, notice.key)
        # Version 0.1 could open an issue for each topic, whose key went on with more.
        and not any(key == notice.key or is_of(notice.key, key) for key in told)
    )


def gathered(waiting: Iterable[Notice], notice: Notice) -> tuple[Notice, ...]:
    """Returns the notices that wait, one more included.

    What nobody has been told yet becomes one notice: each paper once, the newest run first.
    """
    waiting = tuple(waiting)
    apart = [other for other in waiting if other.told or other.is_welcome]
    for other in reversed([other for other in waiting if other not in apart]):
        new = {*notice.new_ids, *other.new_ids}
        notice = replace(
            notice,
            new=_joined(notice.new, other.new, without=()),
            revised=_joined(notice.revised, other.revised, without=new),
        )
    return (*apart, notice)[-MAX_WAITING:]


def _joined(
    later: Mapping[str, tuple[str, ...]],
    earlier: Mapping[str, tuple[str, ...]],
    *,
    without: Collection[str],
) -> dict[str, tuple[str, ...]]:
    """Returns the ids of both by heading, each once under a heading."""
    joined = {
        heading: tuple(
            arxiv_id
            for arxiv_id in dict.fromkeys((*later.get(heading, ()), *earlier.get(heading, ())))
            if arxiv_id not in without
        )
        for heading in dict.fromkeys((*later, *earlier))
    }
    return {heading: ids for heading, ids in joined.items() if ids}


def _ids(papers: Iterable[Paper]) -> tuple[str, ...]:
    return tuple(paper.arxiv_id for paper in papers)
