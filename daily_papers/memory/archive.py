"""What the archive remembers between runs, so that no paper that a topic ever held is lost.

The archive is a file a month. A file is complete once its month is over, and is never read again:
what a run needs for the file of the current month is kept in the data file. Those are the papers
of that month that no topic holds any more, and the day on which each paper came.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import Paper

__all__ = [
    "FIRST_WORDS",
    "INDEX",
    "NAME",
    "VOLUME",
    "Archive",
    "Archived",
    "Month",
    "Volume",
    "current_papers",
    "recovered",
    "remember",
    "reopened",
]

INDEX: Final = "archive.json"
"""The file, in the web page's folder, that names the months."""

NAME: Final = re.compile(r"\d{4}-\d{2}(?:\.\d{1,4})?", re.ASCII)
"""The name of a month."""

VOLUME: Final = re.compile(r"words-\d{1,6}\.txt", re.ASCII)
"""The name of a volume."""

FIRST_WORDS: Final = re.compile(r"(?: [a-z0-9]+)*", re.ASCII)
"""The pages of a volume, as archive.json and the data file have them. The first begins with ""."""


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
class Volume:
    """A file of the word index: in which places of some months which words are."""

    name: str
    size: int
    """Bytes of the file."""
    months: Mapping[str, int]
    """The months that it tells of, in order: how many bytes the file of each had then."""
    pages: tuple[str, ...]
    """Of each page of the file, the beginning of the first word in it. It sorts after all words of
    earlier pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """All that the archive's files are made from, besides the papers that topics hold."""

    is_markdown: bool = False
    """Whether the files are pages of Markdown, and not those of a web page."""
    month: str = ""
    """The month that is being written, as in `2026-11`; empty before the first run.

    A month that comes a second time, as after a run with a clock in the wrong year, has another
    name (`2026-11.2`): a file that is complete is never written again.
    """
    days: Mapping[str, date] = field(default_factory=dict)
    """The day on which each paper of that month was first seen, by id."""
    left: tuple[Archived, ...] = ()
    """Papers of that month that no topic holds any more, in order of their ids."""
    months: Mapping[str, Month] = field(default_factory=dict)
    """The months that are over, by name, in the order in which they were written."""
    withdrawn: tuple[str, ...] = ()
    """Ids of papers of those months that were withdrawn later, in order."""
    volumes: tuple[Volume, ...] = ()
    """The word index of those months, oldest first. It may not have all of them."""
    earlier: tuple[str, ...] = ()
    """Ids of papers that are known from before the archive began, and that no topic has held since,
    in order. One that comes back is in no month yet."""


def current_papers(archive: Archive, snapshot: Snapshot) -> tuple[Archived, ...]:
    """Returns the papers of the month that is being written, in the order in which they came."""
    headings = [section.heading for section in snapshot.sections]
    places = snapshot.places()
    kept = [
        Archived(paper=paper, topics=tuple(headings[number] for number in places[arxiv_id]))
        for arxiv_id, paper in snapshot.papers.items()
        if not archive.month or arxiv_id in archive.days
    ]

    def order(item: Archived) -> tuple[date, str]:
        return archive.days.get(item.paper.arxiv_id, snapshot.updated), item.paper.arxiv_id

    return tuple(sorted([*kept, *archive.left], key=order))


def remember(archive: Archive, old: Snapshot | None, new: Snapshot) -> Archive:
    """Returns the archive after a run.

    Args:
        archive: what was remembered.
        old: the snapshot before the run, if there was one.
        new: the snapshot after it; `old` itself where nothing changed.
    """
    if new is old and archive.month:
        return archive
    today = new.updated
    if old and archive == Archive(is_markdown=archive.is_markdown):
        archive = replace(archive, earlier=tuple(sorted(old.known_ids)))
    earlier = frozenset(archive.earlier)
    known = old.known_ids - earlier if old else frozenset()
    if old and archive.month and not archive.month.startswith(f"{today:%Y-%m}"):
        archive = _closed(archive, old)
    if not archive.month:
        archive = replace(archive, month=_name(archive, today))
    came = sorted(new.kept_ids - known - archive.days.keys())
    days = {**archive.days, **dict.fromkeys(came, today)}
    before = current_papers(archive, old) if old else archive.left
    left = {item.paper.arxiv_id: item for item in before if item.paper.arxiv_id in days}
    withdrawn = {
        arxiv_id
        for arxiv_id, paper in new.papers.items()
        if paper.is_withdrawn and arxiv_id not in days
    }
    return replace(
        archive,
        days=days,
        left=tuple(left[arxiv_id] for arxiv_id in sorted(left.keys() - new.kept_ids)),
        withdrawn=tuple(sorted({*archive.withdrawn, *withdrawn})),
        earlier=tuple(sorted(filter(new.has_seen, earlier))),
    )


def recovered(index: bytes | None) -> Archive:
    """Returns the archive as far as its index tells, where the data file is lost.

    All months in it count as over, so that no file is written again that may hold more than is
    known.

    Args:
        index: the content of `archive.json`, which anybody may have changed; `None` without one.
    """
    try:
        document = json.loads(index or b"{}")
        months = {
            month["name"]: Month(
                papers=int(month["papers"]),
                topics={str(name): int(count) for name, count in month["topics"].items()},
            )
            for month in reversed(document["months"])
            if NAME.fullmatch(month["name"])
        }
        volumes = tuple(
            Volume(
                name=one["name"],
                size=int(one["bytes"]),
                months={str(name): int(size) for name, size in one["months"].items()},
                pages=tuple(one["pages"].split(" ")),
            )
            for one in reversed(document.get("words", ()))
            if VOLUME.fullmatch(one["name"]) and FIRST_WORDS.fullmatch(one["pages"])
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        return Archive()
    return Archive(months=months, volumes=volumes)


def reopened(archive: Archive, today: date) -> Archive:
    """Returns a recovered archive in which the month of `today` goes on."""
    this = f"{today:%Y-%m}"
    over = {name: month for name, month in archive.months.items() if name != this}
    return replace(archive, months=over)


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
    return replace(
        archive, month="", days={}, left=(), months={**archive.months, archive.month: month}
    )
