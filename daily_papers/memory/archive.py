"""What the archive remembers between runs, so that no paper that a topic ever held is lost.

The archive is a file a month. A file is complete once its month is over, and is never read again:
what a run needs for the file of the current month is kept in the data file. Those are the papers
of that month that no topic holds any more, and a line for each id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import Paper, latest_versions

__all__ = ["Archive", "Archived", "Month", "Sighting", "current_papers", "remember"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """When a paper was first seen by us."""

    month: str
    """The month whose file holds it, as in `2026-11`."""
    day: date
    is_new: bool
    """Whether it was told as new, by the one rule of `memory.news`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A paper of the current month, with the headings of the topics that held it last."""

    paper: Paper
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What is known of a month that is over."""

    papers: int
    topics: Mapping[str, int]
    """How many papers each topic held, by heading. Readers skip the months without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """All that the archive's files are made from, besides the papers that topics hold."""

    month: str = ""
    """The month that is being written, as in `2026-11`; empty before the first run.

    A month that comes a second time, as after a run with a clock in the wrong year, has another
    name (`2026-11.2`): a file that is complete is never written again.
    """
    left: tuple[Archived, ...] = ()
    """Papers of that month that no topic holds any more, in order of their ids."""
    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    """For each paper that a topic holds, held recently, or that is in `left`, by id."""
    months: Mapping[str, Month] = field(default_factory=dict)
    """The months that are over, by name, oldest first."""
    withdrawn: tuple[str, ...] = ()
    """Ids of papers of those months that were withdrawn later, in order."""


def current_papers(archive: Archive, snapshot: Snapshot) -> tuple[Archived, ...]:
    """Returns the papers of the month that is being written, in the order in which they came."""
    headings = [section.heading for section in snapshot.sections]
    places = snapshot.places()
    kept = [
        Archived(
            paper=paper, topics=tuple(headings[number] for number in places[paper.arxiv_id])
        )
        for paper in latest_versions(
            paper for section in snapshot.sections for paper in section.papers
        )
        if paper.arxiv_id not in archive.sightings
        or archive.sightings[paper.arxiv_id].month == archive.month
    ]

    def order(item: Archived) -> tuple[date, str]:
        sighting = archive.sightings.get(item.paper.arxiv_id)
        return sighting.day if sighting else snapshot.updated, item.paper.arxiv_id

    return tuple(sorted([*kept, *archive.left], key=order))


def remember(
    archive: Archive, old: Snapshot | None, new: Snapshot, new_ids: Collection[str], today: date
) -> Archive:
    """Returns the archive after a run that changed something.

    Args:
        archive: what was remembered.
        old: the snapshot before the run, if there was one.
        new: the snapshot after it.
        new_ids: the papers that are told as new.
        today: the day of the run, in the user's time zone.
    """
    if old is not None and archive.month and not _is_of(archive.month, today):
        archive = _closed(archive, old)
    if not archive.month or archive.month in archive.months:
        archive = replace(archive, month=_name(archive, today))
    known = new.known_ids
    sightings = {
        arxiv_id: sighting
        for arxiv_id, sighting in archive.sightings.items()
        if arxiv_id in known or sighting.month == archive.month
    }
    for arxiv_id in sorted(new.kept_ids - sightings.keys()):
        sightings[arxiv_id] = Sighting(
            month=archive.month, day=today, is_new=arxiv_id in new_ids
        )
    left = {item.paper.arxiv_id: item for item in archive.left}
    if old is not None:
        left |= {item.paper.arxiv_id: item for item in current_papers(archive, old)}
    return replace(
        archive,
        sightings=sightings,
        left=tuple(
            left[arxiv_id]
            for arxiv_id in sorted(left.keys() - new.kept_ids)
            if arxiv_id in sightings and sightings[arxiv_id].month == archive.month
        ),
        withdrawn=_withdrawn(archive, new, sightings),
    )


def _is_of(month: str, day: date) -> bool:
    return month.partition(".")[0] == f"{day:%Y-%m}"


def _name(archive: Archive, today: date) -> str:
    """Returns a name for the month of `today` that no month has that is over."""
    month = f"{today:%Y-%m}"
    names = [month, *(f"{month}.{number}" for number in range(2, len(archive.months) + 3))]
    return next(name for name in names if name not in archive.months)


def _closed(archive: Archive, old: Snapshot) -> Archive:
    """Returns the archive with its month over: the branch has the file as `old` made it."""
    papers = current_papers(archive, old)
    topics = Counter(heading for item in papers for heading in item.topics)
    month = Month(papers=len(papers), topics=dict(sorted(topics.items())))
    return replace(archive, left=(), months={**archive.months, archive.month: month})


def _withdrawn(
    archive: Archive, new: Snapshot, sightings: Mapping[str, Sighting]
) -> tuple[str, ...]:
    """Returns the papers of months that are over and that were withdrawn, old ones included."""
    found = {
        paper.arxiv_id
        for section in new.sections
        for paper in section.papers
        if paper.is_withdrawn and sightings[paper.arxiv_id].month in archive.months
    }
    return tuple(sorted({*archive.withdrawn, *found}))
