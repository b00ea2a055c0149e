"""Notices: what readers are told of a run, kept until they have been told.

A notice is committed together with the papers that it tells of, and only then sent. A run that
dies in between leaves it for the next one; docs/decisions/0001-commit-before-issue.md says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from daily_papers.memory.keys import is_of, make_key
from daily_papers.memory.news import News
from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import Paper

__all__ = [
    "EVERY_DAY",
    "ISSUE",
    "WELCOME",
    "Notice",
    "gathered",
    "is_due",
    "joined",
    "make_notice",
    "make_silence",
    "marked",
    "unsent",
    "witnessed",
]

WELCOME: Final = "welcome"
"""The end of the first notice's key, in place of a moment, so that nobody is welcomed twice."""

SILENCE: Final = "silence"
"""What the key of a notice has, before a day, that tells of no papers: arXiv has been silent since
that day."""

ISSUE: Final = "issue"
"""The channel of the repository's issues. The other channels are services, by their marks."""

EVERY_DAY: Final = frozenset(range(7))
"""The days of a week, as `date.weekday` counts them."""

MAX_WAITING: Final = 7
"""How many notices may wait. Older ones that could not be sent are given up."""

SILENT_FOR: Final = 3
"""Weekdays without an answer from arXiv after which readers are told why nothing comes."""

_WEEKEND: Final = (5, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What readers are to be told of one run, or of several."""

    key: str
    """Names it among all notices, of whatever repository and marker."""
    day: date
    """The day of the last run of which it tells."""
    since: date | None = None
    """The day of the first one, if that is another."""
    is_welcome: bool = False
    """Whether it is the first, which shows all that there is."""
    silent_since: date | None = None
    """The day since which arXiv has given no answer, if that is what it tells."""
    new: Mapping[str, tuple[str, ...]]
    """The new papers' ids, by heading. Topics without any are left out."""
    revised: Mapping[str, tuple[str, ...]]
    """The revised papers' ids, likewise."""
    told: tuple[str, ...] = ()
    """The channels that have sent it, as far as is recorded; sorted."""

    @property
    def new_ids(self) -> tuple[str, ...]:
        """The new papers' ids, each once, in the order of the topics."""
        return tuple(dict.fromkeys(i for ids in self.new.values() for i in ids))

    @property
    def first_day(self) -> date:
        """The day of the first run of which it tells."""
        return self.since or self.day

    @property
    def is_apart(self) -> bool:
        """Whether it is told at once, and never together with others."""
        return self.is_welcome or self.silent_since is not None


# --- Making them


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


def make_silence(snapshot: Snapshot, *, owner: str, today: date) -> Notice | None:
    """Returns the notice that arXiv has been silent, or `None` where it has not been for long.

    Args:
        snapshot: what is known after a run in which no topic had an answer.
        owner: the repository and the marker.
        today: the day of the run.
    """
    failures = [section.failure for section in snapshot.sections]
    # A topic that never had an answer may be new, and says nothing of how long arXiv is silent.
    days = [failure.since for failure in failures if failure and failure.checked]
    if not days or None in failures or _weekdays(max(days), today) < SILENT_FOR:
        return None
    since = max(days)
    return Notice(
        key=make_key(owner, SILENCE, since.isoformat()),
        day=today,
        silent_since=since,
        new={},
        revised={},
    )


def _weekdays(first: date, last: date) -> int:
    """Returns how many days from `first` to `last`, both included, are weekdays."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sum(day.weekday() not in _WEEKEND for day in days)


# --- Telling them


def unsent(notices: Iterable[Notice], *channels: str, owner: str) -> tuple[Notice, ...]:
    """Returns the notices that not all of some channels have told, as far as is recorded.

    Args:
        notices: what the data file remembers.
        channels: `ISSUE`, and the marks of services.
        owner: the repository and the marker. A fork inherits the notices of the repository that
            it was made from, and must not tell them.
    """
    return tuple(
        notice
        for notice in notices
        if is_of(owner, notice.key) and not set(channels) <= set(notice.told)
    )


def is_due(notice: Notice, today: date, days: frozenset[int]) -> bool:
    """Whether a notice need not wait any longer.

    Args:
        notice: what is to be told.
        today: the day of the run.
        days: the weekdays on which readers are told. A notice waits for the first of them that is
            not before the day of its first run; one that is late goes out on the next day.
    """
    passed = min((today - notice.first_day).days, 6)
    weekdays = ((notice.first_day.weekday() + number) % 7 for number in range(passed + 1))
    return notice.is_apart or not days.isdisjoint(weekdays)


def marked(notices: Iterable[Notice], told: Mapping[str, Collection[str]]) -> tuple[Notice, ...]:
    """Returns the notices with the channels that have told them.

    Args:
        notices: what the data file remembers.
        told: the channels that have told a notice, by its key.
    """
    return tuple(
        replace(notice, told=tuple(sorted({*notice.told, *told.get(notice.key, ())})))
        for notice in notices
    )


def witnessed(notices: Iterable[Notice], keys: Collection[str]) -> tuple[Notice, ...]:
    """Returns the notices, with what our issues show to have been told marked as told.

    Args:
        notices: what the data file remembers.
        keys: the keys in our issues.
    """
    notices = tuple(notices)
    # Version 0.1 could open an issue for each topic, whose key went on with more.
    shown = (
        notice.key
        for notice in notices
        if any(key == notice.key or is_of(notice.key, key) for key in keys)
    )
    return marked(notices, dict.fromkeys(shown, (ISSUE,)))


def gathered(waiting: Iterable[Notice], notice: Notice) -> tuple[Notice, ...]:
    """Returns the notices that wait, one more included.

    What the same channels have told, or none, becomes one notice.
    """
    groups: dict[object, list[Notice]] = {}
    for one in (*waiting, notice):
        group = one.key if one.is_apart else one.told
        groups[group] = [*groups.pop(group, ()), one]  # The group of the newest comes last.
    return tuple(map(joined, groups.values()))[-MAX_WAITING:]


def joined(notices: Iterable[Notice]) -> Notice:
    """Returns one notice of several, oldest first: each paper once, the newest run first."""
    *earlier, notice = notices
    for other in reversed(earlier):
        new = {*notice.new_ids, *other.new_ids}
        first = min(notice.first_day, other.first_day)
        notice = replace(
            notice,
            since=first if first < notice.day else None,
            new=_joined(notice.new, other.new, without=()),
            revised=_joined(notice.revised, other.revised, without=new),
        )
    return notice


def _joined(
    later: Mapping[str, tuple[str, ...]],
    earlier: Mapping[str, tuple[str, ...]],
    *,
    without: Collection[str],
) -> dict[str, tuple[str, ...]]:
    """Returns the ids of both by heading, each once under a heading."""
    both = {
        heading: tuple(
            arxiv_id
            for arxiv_id in dict.fromkeys((*later.get(heading, ()), *earlier.get(heading, ())))
            if arxiv_id not in without
        )
        for heading in dict.fromkeys((*later, *earlier))
    }
    return {heading: ids for heading, ids in both.items() if ids}


def _ids(papers: Iterable[Paper]) -> tuple[str, ...]:
    return tuple(paper.arxiv_id for paper in papers)
