"""How many papers of a topic were submitted in each week, as far as that is known.

A week begins on Monday, in UTC, and a paper belongs to the week in which it was first submitted.
arXiv is asked only for the newest papers. So a week is known at once if all of it is later than the
oldest paper of an answer. A busier topic is counted from answer to answer, as long as each reaches
back to the one before. A week that neither shows is unknown, and never assumed to be zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from daily_papers.arxiv.checks import UNSORTED_SHARE
from daily_papers.papers import Paper

__all__ = ["SPAN", "Trend", "Window", "begin", "count", "half_year"]

WEEK: Final = timedelta(weeks=1)

SPAN: Final = 26
"""How many whole weeks are shown; half a year."""

ANNOUNCED: Final = timedelta(days=1)
"""A week's last papers are announced in the night after the following Monday."""

_ARXIV_BEGAN: Final = date(1991, 8, 12)
_EVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The papers of a topic by the week."""

    first: date
    """The Monday of the first week that is known."""
    counts: tuple[int | None, ...]
    """The papers of that week and of those after it, `None` where they are not known. The weeks
    beyond have had none so far."""

    @property
    def last(self) -> date:
        """The Monday of the last week in `counts`; the one before `first` where there is none."""
        return self.first + (len(self.counts) - 1) * WEEK

    def of(self, monday: date) -> int | None:
        """Returns the papers of one week."""
        index = (monday - self.first) // WEEK
        if index < 0:
            return None
        return self.counts[index] if index < len(self.counts) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is known of a topic's newest papers, by either date."""

    papers: Sequence[Paper]
    is_complete: bool
    """Whether they are all that there are."""
    checked: date | None = None
    """The last day on which they were arXiv's own answer; `None` if they still are."""

    @property
    def begin(self) -> datetime:
        """Whatever was submitted after this moment is in it."""
        if self.is_complete or not self.papers:
            return _EVER
        # No paper is updated before it is submitted, so that this holds for both dates. A few
        # entries of a good answer are out of order, so that its last ones do not count.
        moments = sorted(paper.updated for paper in self.papers)
        return moments[len(moments) // UNSORTED_SHARE]

    @property
    def end(self) -> datetime:
        """A moment that was past when arXiv answered."""
        newest = max((paper.updated for paper in self.papers), default=_EVER)
        return min(newest, _start(self.checked)) if self.checked else newest

    @property
    def first(self) -> date:
        """The Monday of the first week that lies wholly in it."""
        return _ARXIV_BEGAN if self.is_complete else _monday(self.begin.date()) + WEEK


def begin(now: Window) -> Trend | None:
    """Returns the counts that a first answer shows; `None` if it shows nothing."""
    if not now.papers and not now.is_complete:
        return None
    return count(Trend(first=now.first, counts=()), now, now, ())


def count(trend: Trend, before: Window, now: Window, known: Collection[str]) -> Trend:
    """Returns the counts after one more answer; the same answer again changes nothing.

    Args:
        trend: what was known before.
        before: what `trend` was counted from.
        now: the new answer.
        known: the ids of papers that were counted before.
    """
    if not now.papers and not now.is_complete:
        return trend
    seen = _by_week(now.papers)
    begin, end, whole_from = before.begin, before.end, now.first
    # What was submitted before `before` begins was counted in its time, if it could be: a revision
    # brought it back.
    added = _by_week(
        paper for paper in now.papers if paper.arxiv_id not in known and paper.published > begin
    )
    has_gap = now.begin > end

    def papers_of(monday: date) -> int | None:
        old = trend.of(monday)
        if monday >= whole_from:
            return max(old or 0, seen[monday])
        if old is None or (has_gap and _start(monday + WEEK) > end):
            return None
        return old + added[monday]

    first = min(whole_from, trend.first)
    last = max(*seen, whole_from - WEEK, trend.last)
    if seen:  # What is older is not shown; for a complete answer it would be all of arXiv's time.
        first = max(first, max(seen) - SPAN * WEEK)
    return _trimmed(last, [papers_of(monday) for monday in _mondays(first, last)])


def half_year(
    trend: Trend | None, *, updated: date, checked: date | None
) -> dict[date, int | None]:
    """Returns the papers of the last whole weeks by their Mondays, oldest first.

    Args:
        trend: what is known.
        updated: the day for which it is asked.
        checked: the last day on which arXiv gave a usable answer, if there was one.

    Returns:
        `SPAN` weeks, with `None` where a week's papers are not known.
    """
    last = _last_whole(updated)
    weeks = _mondays(last - (SPAN - 1) * WEEK, last)
    if trend is None or checked is None:
        return dict.fromkeys(weeks)
    known = _last_whole(checked)
    return {monday: trend.of(monday) if monday <= known else None for monday in weeks}


def _trimmed(last: date, counts: list[int | None]) -> Trend:
    """Returns a trend that ends with a week that is not zero, and begins with one that is known.

    Args:
        last: the Monday of the last week in `counts`.
        counts: by week; what is older than can be shown is left out.
    """
    while counts and counts[-1] == 0:
        del counts[-1]
        last -= WEEK
    counts = counts[-SPAN - 1 :]
    while counts and counts[0] is None:
        del counts[0]
    return Trend(first=last - (len(counts) - 1) * WEEK, counts=tuple(counts))


def _by_week(papers: Iterable[Paper]) -> Counter[date]:
    return Counter(_monday(paper.published.date()) for paper in papers)


def _last_whole(day: date) -> date:
    """Returns the Monday of the last week whose papers are all announced on a day."""
    return _monday(day - ANNOUNCED) - WEEK


def _mondays(first: date, last: date) -> list[date]:
    """Returns the Mondays from `first` to `last`, both included."""
    return [first + age * WEEK for age in range((last - first) // WEEK + 1)]


def _monday(day: date) -> date:
    """Returns the Monday of the week that a day, in UTC, belongs to."""
    return day - timedelta(days=day.weekday())


def _start(monday: date) -> datetime:
    return datetime.combine(monday, time(tzinfo=UTC))
