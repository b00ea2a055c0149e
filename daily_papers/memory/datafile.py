"""The data file: what is remembered between runs, as JSON with one paper a line in a stable order.

A day's diff is then the papers that came and went, and the date. A paper that several topics hold
is in the file once and names their headings. The order within a topic follows from the papers'
dates, so that it need not be kept.

The file lies in a repository where others may change it, so that it is read as a stranger's text:
whatever could not have been written here makes the whole file unusable, and it is rebuilt.
"""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from daily_papers.clock import parse_rfc3339, rfc3339
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.interests.liked import MAX_LIKED, Liked
from daily_papers.interests.likes import Likes, Shelf
from daily_papers.interests.lines import Library, parse_library
from daily_papers.memory.archive import FIRST_WORDS, VOLUME, Archive, Archived, Month, Volume
from daily_papers.memory.archive import NAME as MONTH
from daily_papers.memory.notices import Notice
from daily_papers.memory.snapshot import Failure, Section, Snapshot
from daily_papers.memory.summaries import MAX_MODEL, MAX_TEXT, MAX_TITLE, Summary
from daily_papers.memory.trends import SPAN, Trend
from daily_papers.padding import lacking_most, padded
from daily_papers.papers import ARXIV_ID, Paper, SortBy, newest_first
from daily_papers.paths import repository_path
from daily_papers.topics.lines import MAX_HEADING

__all__ = ["SCHEMA", "DataFileError", "Memory", "decode", "encode", "may_be_ours"]

SCHEMA: Final = 2
"""The version of the format that this code writes. Version 1 is read as well."""

FIRST_YEAR: Final = 1986
"""The year of the oldest paper that arXiv has taken over; arXiv itself began in 1991."""

MAX_NUMBER: Final = 1_000_000
"""No count in the file is larger; arXiv has some three million papers in all."""

MAX_VERSION: Final = 10**18
"""No version of a library is larger, nor its number of items."""

MAX_BYTES: Final = 10**10
"""No file of the archive is longer: git's hosts take 100 MB."""

_PAPERS: Final = '"papers": ['
_END: Final = "],"
"""The lines between which each paper has one."""

_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ITEM_KEY: Final = re.compile(r"[A-Z0-9]{8}")
_KEY: Final = re.compile(r"[\w./-]+:[\w.-]+:[\w:.+-]+", re.ASCII)
_CATEGORY: Final = re.compile(r"[\w.;,() /*-]{1,100}", re.ASCII)
_UNSAFE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_UNFIT: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a document of another shape makes the code below raise."""


class DataFileError(DailyPapersError):
    """A data file that cannot be used. It is rebuilt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that a data file remembers."""

    snapshot: Snapshot
    notices: tuple[Notice, ...] = ()
    """What readers are to be told, oldest first. What was told stays until the next change."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The generated files besides the README, by path: git's name of each one's content."""
    likes: Likes | None = None
    """What the reader likes; `None` without interests."""
    archive: Archive | None = None
    """What the archive remembers; `None` where there is none."""
    roomy_since: date | None = None
    """The day since which the README has had room to spare, while topics have their own pages."""
    summaries: Mapping[str, Summary] = field(default_factory=dict)
    """What a model has made of papers, by arXiv id in its order."""


# --- Writing


def encode(memory: Memory, marker: str) -> bytes:
    """Returns the bytes of a data file: UTF-8, the same for the same memory.

    Args:
        memory: what to keep.
        marker: the name of the region that shows it.
    """
    file = io.BytesIO()
    # Line by line: one string of all would take up to four bytes for each character.
    file.writelines(f"{line}\n".encode() for line in _lines(memory, marker))
    file.write(padded(b"", lacking_most(file.tell())))
    return file.getvalue()


def _lines(memory: Memory, marker: str) -> Iterator[str]:
    snapshot = memory.snapshot
    yield "{"
    yield f'"schema": {SCHEMA},'
    yield f'"marker": "{marker}",'
    yield f'"sorted_by": "{snapshot.sort_by}",'
    yield f'"updated": "{snapshot.updated.isoformat()}",'
    if memory.roomy_since:
        yield f'"roomy_since": "{memory.roomy_since.isoformat()}",'
    yield '"topics": ['
    yield from _separated(_topic_record(section) for section in snapshot.sections)
    yield "],"
    yield _PAPERS
    yield from _separated(_paper_records(snapshot))
    yield _END
    yield '"files": ['
    yield from _separated({"path": path, "sha": sha} for path, sha in memory.files.items())
    yield "],"
    yield '"seen": ['
    yield from _separated(snapshot.seen)
    yield "],"
    yield '"found": ['
    yield from _separated(_day_records(snapshot.found))
    yield "],"
    if memory.likes:
        yield from _likes(memory.likes)
    if memory.archive:
        yield from _archive_lines(memory.archive)
    if memory.summaries:
        yield '"summaries": ['
        yield from _separated(map(_summary_record, memory.summaries.items()))
        yield "],"
    yield '"notices": ['
    yield from _separated(_notice_record(notice) for notice in memory.notices)
    yield "]"
    yield "}"


def _likes(likes: Likes) -> Iterator[str]:
    """Yields the lines of what the reader likes, one liked paper a line."""
    yield '"ticked": ['
    yield from _separated(likes.ticked)
    yield "],"
    yield '"libraries": ['
    yield from _separated(
        {"library": str(library), "version": shelf.version, "total": shelf.total}
        for library, shelf in likes.shelves.items()
    )
    yield "],"
    yield '"liked": ['
    yield from _separated(
        itertools.chain(
            ({"id": name, **_text_record(paper)} for name, paper in likes.papers.items()),
            (
                {
                    "library": number,
                    "key": key,
                    "id": paper.arxiv_id,
                    "doi": paper.doi,
                    **_text_record(paper),
                }
                for number, shelf in enumerate(likes.shelves.values())
                for key, paper in shelf.items.items()
            ),
        )
    )
    yield "],"


def _text_record(paper: Liked) -> dict[str, str]:
    return {"title": paper.title, "summary": paper.summary}


def _separated(values: Iterable[object]) -> Iterator[str]:
    """Returns a line of JSON for each value, with a comma after each but the last."""
    to_json = json.JSONEncoder(ensure_ascii=False).encode
    last = None
    for value in values:
        if last is not None:
            yield f"{last},"
        last = to_json(value)
    if last is not None:
        yield last


def _topic_record(section: Section) -> dict[str, Any]:
    record: dict[str, Any] = {
        "heading": section.heading,
        "query": section.query,
        "complete": section.is_complete,
        "new": section.new,
        "checked": _iso(section.checked),
        "unconfirmed": section.unconfirmed,
        "doubts": section.doubts,
    }
    if section.failure:
        record["failure"] = {
            "since": _iso(section.failure.since),
            "checked": _iso(section.failure.checked),
            "listed": _iso(section.failure.listed),
        }
    if section.trend:
        record["trend"] = {
            "first": _iso(section.trend.first),
            "counts": section.trend.counts,
        }
    return record


def _day_records(days: Mapping[str, date]) -> Iterator[dict[str, Any]]:
    """Yields a record for each day on which papers were first seen, with their ids."""
    by_day: dict[date, list[str]] = {}
    for arxiv_id, day in days.items():
        by_day.setdefault(day, []).append(arxiv_id)
    for day in sorted(by_day):
        yield {"day": _iso(day), "ids": sorted(by_day[day])}


def _archive_lines(archive: Archive) -> Iterator[str]:
    yield '"archive": {'
    if archive.is_markdown:
        yield '"markdown": true,'
    yield f'"month": "{archive.month}",'
    yield '"months": ['
    yield from _separated(
        {"name": name, "papers": month.papers, "topics": dict(month.topics)}
        for name, month in archive.months.items()
    )
    yield "],"
    if archive.volumes:
        yield '"words": ['
        yield from _separated(map(_volume_record, archive.volumes))
        yield "],"
    yield '"withdrawn": ['
    yield from _separated(archive.withdrawn)
    yield "],"
    if archive.earlier:
        yield '"earlier": ['
        yield from _separated(archive.earlier)
        yield "],"
    yield '"days": ['
    yield from _separated(_day_records(archive.days))
    yield "],"
    yield '"left": ['
    yield from _separated(_paper_record(item.paper, item.topics) for item in archive.left)
    yield "]"
    yield "},"


def _volume_record(volume: Volume) -> dict[str, Any]:
    return {
        "name": volume.name,
        "bytes": volume.size,
        "months": dict(volume.months),
        "pages": " ".join(volume.pages),
    }


def _notice_record(notice: Notice) -> dict[str, Any]:
    return {
        "key": notice.key,
        "day": _iso(notice.day),
        "since": _iso(notice.since),
        "welcome": notice.is_welcome,
        "silent_since": _iso(notice.silent_since),
        "new": dict(notice.new),
        "revised": dict(notice.revised),
        "told": notice.told,
    }


def _summary_record(item: tuple[str, Summary]) -> dict[str, Any]:
    arxiv_id, summary = item
    return {
        "id": arxiv_id,
        "version": summary.version,
        "model": summary.model,
        "text": summary.text,
        **({"title": summary.title} if summary.title else {}),
    }


def _paper_records(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """Returns a record for each paper, ordered by id: new ones come last, as in arXiv."""
    headings: dict[Paper, list[str]] = {}
    for section in snapshot.sections:
        for paper in section.papers:
            headings.setdefault(paper, []).append(section.heading)
    for paper in sorted(headings, key=lambda paper: (paper.arxiv_id, paper.version)):
        yield _paper_record(paper, headings[paper])


def _paper_record(paper: Paper, headings: Sequence[str]) -> dict[str, Any]:
    return {
        "id": paper.arxiv_id,
        "version": paper.version,
        "topics": headings,
        "published": rfc3339(paper.published),
        "updated": rfc3339(paper.updated),
        "title": paper.title,
        "authors": paper.authors,
        "summary": paper.summary,
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "doi": paper.doi,
        "primary_category": paper.primary_category,
        "categories": paper.categories,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


# --- Reading


def decode(data: bytes, marker: str, sort_by: SortBy, *, today: date) -> Memory:
    """Reads a data file, all of it or nothing.

    Args:
        data: the file's bytes.
        marker: the name of the region that it must belong to.
        sort_by: the date by which each topic's papers are to be ordered. Where they were asked
            for by the other date, all topics have to be asked for again.
        today: the day of the run. No date in the file is later than the year after it.

    Raises:
        DataFileError: the file is damaged, or of a later version of the format.
        InputError: it belongs to another region, which would lose all that it remembers.
    """
    try:
        document = _read(data)
        schema = document["schema"]
        if schema not in {1, SCHEMA}:
            raise DataFileError(f"it has schema {schema!r}; this version reads 1 and {SCHEMA}")
        owner = _string(document["marker"])
        memory = _Reader(sort_by, today.year + 1).memory(document)
    except _UNFIT as error:
        raise DataFileError(f"it is damaged: {str(error)[:200] or type(error).__name__}") from error
    if owner != marker:
        problem = f"data-file: the file belongs to the marker {owner!r}; use another for {marker!r}"
        raise InputError([problem])
    return memory


def may_be_ours(data: bytes) -> bool:
    """Whether a file that cannot be read may be a data file: one is recognised by its beginning."""
    return not data.strip() or (b'"schema"' in data and b'"marker"' in data)


def _read(data: bytes) -> dict[str, Any]:
    """Returns the file's document; its papers may be an iterator, which can be used once.

    Read as one, a string of the file would take up to four bytes for each character, and all
    records would be there at the same time. So the lines of the papers are left out at first.
    A file that somebody has laid out in another way is read as one.
    """
    papers, end = f"{_PAPERS}\n".encode(), f"{_END}\n".encode()
    file = io.BytesIO(data)
    outer: list[bytes] = []
    begin = 0
    for line in file:
        outer.append(line)
        if line == papers:
            begin = file.tell()
            outer += itertools.islice((skipped for skipped in file if skipped == end), 1)
    try:
        document: dict[str, Any] = json.loads(b"".join(outer))
    except ValueError:  # It may be whole, with the lines of another layout.
        document = json.loads(data)
    else:
        if begin:
            file.seek(begin)
            lines = iter(file.readline, end)
            document["papers"] = (json.loads(line.rstrip(b",\n")) for line in lines)
    return document


class _Reader:
    """Makes values of a document's records, and refuses what could not have been written.

    Args:
        sort_by: the date that orders the papers.
        last_year: no date is later.
    """

    def __init__(self, sort_by: SortBy, last_year: int) -> None:
        self._sort_by = sort_by
        self._last_year = last_year

    def memory(self, document: dict[str, Any]) -> Memory:
        topics = document["topics"]
        papers: dict[str, list[Paper]] = {_heading(topic["heading"]): [] for topic in topics}
        if len(papers) < len(topics):
            raise ValueError("two topics have the same heading")
        for record in document["papers"]:
            paper = self._paper(record)
            for heading in record["topics"]:
                papers[heading].append(paper)
        is_same_order = SortBy(document["sorted_by"]) is self._sort_by
        notices = tuple(map(self._notice, document.get("notices") or document.get("queue") or ()))
        updated = self._day(document["updated"])
        return Memory(
            snapshot=Snapshot(
                updated=updated,
                sort_by=self._sort_by,
                sections=tuple(
                    self._section(
                        topic,
                        newest_first(papers[topic["heading"]], self._sort_by),
                        is_same_order=is_same_order,
                        last=notices[-1] if notices and notices[-1].day == updated else None,
                    )
                    for topic in topics
                ),
                seen=tuple(_arxiv_id(value) for value in document["seen"]),
                found=self._days(document.get("found", ())),
            ),
            notices=notices,
            likes=_likes_of(document),
            roomy_since=self._day_or_none(document.get("roomy_since")),
            files={
                repository_path(_string(file["path"])): _matching(_SHA, file["sha"])
                for file in document["files"]
            },
            archive=self._archive(document.get("archive")),
            summaries={
                _arxiv_id(record["id"]): _summary(record)
                for record in document.get("summaries", ())
            },
        )

    def _archive(self, record: dict[str, Any] | None) -> Archive | None:
        if record is None:
            return None
        days = self._days(record["days"])
        left = tuple(
            Archived(paper=self._paper(item), topics=tuple(map(_heading, item["topics"])))
            for item in record["left"]
        )
        if not {item.paper.arxiv_id for item in left} <= days.keys():
            raise ValueError("a paper of the archive has no day")
        return Archive(
            is_markdown=bool(record.get("markdown")),
            month=_matching(MONTH, record["month"]),
            days=days,
            left=left,
            months={
                _matching(MONTH, month["name"]): Month(
                    papers=_number(month["papers"]),
                    topics={_heading(x): _number(count) for x, count in month["topics"].items()},
                )
                for month in record["months"]
            },
            withdrawn=tuple(map(_arxiv_id, record["withdrawn"])),
            volumes=tuple(map(_volume, record.get("words", ()))),
            earlier=tuple(map(_arxiv_id, record.get("earlier", ()))),
        )

    def _days(self, records: Iterable[dict[str, Any]]) -> dict[str, date]:
        return {
            _arxiv_id(value): self._day(record["day"])
            for record in records
            for value in record["ids"]
        }

    def _section(
        self,
        topic: dict[str, Any],
        papers: tuple[Paper, ...],
        *,
        is_same_order: bool,
        last: Notice | None,
    ) -> Section:
        heading = _heading(topic["heading"])
        new = topic["new"]
        if isinstance(new, int):  # Schema 1 counted them; the last notice may tell which.
            told = last.new.get(heading, ()) if last and not last.is_welcome else ()
            newest = [paper.arxiv_id for paper in papers]
            new = told if len(told) == new else newest[: _number(new)]
        ids = {paper.arxiv_id for paper in papers}
        if len(ids) < len(papers):
            raise ValueError(f"a topic has a paper twice: {heading!r}")
        return Section(
            heading=heading,
            query=_string(topic["query"]),
            papers=papers,
            is_complete=bool(topic["complete"]),
            new=tuple(_arxiv_id(value) for value in new),
            failure=self._failure(topic.get("failure")),
            checked=self._day_or_none(topic["checked"]) if is_same_order else None,
            unconfirmed=tuple(map(_arxiv_id, topic["unconfirmed"])),
            doubts=_number(topic["doubts"]),
            trend=self._trend(topic.get("trend")),
        )

    def _failure(self, record: dict[str, Any] | None) -> Failure | None:
        if record is None:
            return None
        listed = record.get("listed", record.get("announced"))  # The name in schema 1.
        return Failure(
            since=self._day(record["since"]),
            checked=self._day_or_none(record["checked"]),
            listed=self._day_or_none(listed),
        )

    def _trend(self, record: dict[str, Any] | None) -> Trend | None:
        if record is None:
            return None
        first = self._day(record["first"])
        counts = record["counts"]
        if first.weekday() or len(counts) > SPAN + 1:
            raise ValueError(f"{first} does not begin {len(counts)} weeks of a trend")
        return Trend(
            first=first,
            counts=tuple(None if number is None else _number(number) for number in counts),
        )

    def _notice(self, record: dict[str, Any]) -> Notice:
        return Notice(
            key=_matching(_KEY, record["key"]),
            day=self._day(record["day"]),
            since=self._day_or_none(record.get("since")),
            is_welcome=bool(record["welcome"]),
            silent_since=self._day_or_none(record.get("silent_since")),
            new=_by_heading(record["new"]),
            revised=_by_heading(record["revised"]),
            told=tuple(_line(name) for name in record.get("told", ())),
        )

    def _paper(self, record: dict[str, Any]) -> Paper:
        return Paper(
            arxiv_id=_arxiv_id(record["id"]),
            version=_version(record["version"]),
            title=_line(record["title"]),
            authors=tuple(_line(name) for name in record["authors"]),
            summary=_line(record["summary"]),
            comment=_line_or_none(record["comment"]),
            journal_ref=_line_or_none(record["journal_ref"]),
            doi=_line_or_none(record["doi"]),
            primary_category=_matching(_CATEGORY, record["primary_category"]),
            categories=tuple(_matching(_CATEGORY, name) for name in record["categories"]),
            published=self._moment(record["published"]),
            updated=self._moment(record["updated"]),
        )

    def _moment(self, text: Any) -> datetime:
        moment = parse_rfc3339(_string(text)).replace(microsecond=0)
        self._check_year(moment.year)
        return moment

    def _day(self, text: Any) -> date:
        day = date.fromisoformat(_string(text))
        self._check_year(day.year)
        return day

    def _day_or_none(self, text: Any) -> date | None:
        return None if text is None else self._day(text)

    def _check_year(self, year: int) -> None:
        if not FIRST_YEAR <= year <= self._last_year:
            raise ValueError(f"there is a date of the year {year}")


def _likes_of(document: dict[str, Any]) -> Likes | None:
    """Returns what the reader likes, where there were interests."""
    if "liked" not in document:
        return None
    ticked, liked = document["ticked"], document["liked"]
    if len(ticked) > MAX_LIKED or len(liked) > MAX_LIKED:
        raise ValueError(f"more than {MAX_LIKED:,} papers are liked")
    libraries = [_library(record) for record in document["libraries"]]
    papers: dict[str, Liked] = {}
    items: list[dict[str, Liked]] = [{} for _ in libraries]
    for record in liked:
        if "library" in record:
            number = _number(record["library"])
            items[number][_matching(_ITEM_KEY, record["key"])] = _liked(record)
        else:
            papers[_arxiv_id(record["id"])] = _liked(record)
    shelves = {
        library: Shelf(version=version, total=total, items=items[number])
        for number, (library, version, total) in enumerate(libraries)
    }
    return Likes(ticked=tuple(map(_arxiv_id, ticked)), papers=papers, shelves=shelves)


def _library(record: dict[str, Any]) -> tuple[Library, int, int]:
    """Returns a library, its version, and how many items it has."""
    return (
        parse_library(_string(record["library"])),
        _number(record["version"], MAX_VERSION),
        _number(record["total"], MAX_VERSION),
    )


def _liked(record: dict[str, Any]) -> Liked:
    name = record["id"]
    return Liked(
        title=_line(record["title"]),
        summary=_line(record["summary"]),
        arxiv_id=None if name is None else _arxiv_id(name),
        doi=_line_or_none(record.get("doi")),
    )


def _by_heading(record: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {_heading(head): tuple(map(_arxiv_id, ids)) for head, ids in record.items()}


def _arxiv_id(value: Any) -> str:
    return _matching(ARXIV_ID, value)


def _number(value: Any, most: int = MAX_NUMBER) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"not a count: {str(value)[:40]}")
    return value


def _version(value: Any) -> int:
    if not _number(value):
        raise ValueError("a paper has version 0")
    return int(value)


def _summary(record: dict[str, Any]) -> Summary:
    title = record.get("title")
    return Summary(
        text=_bounded(record["text"], MAX_TEXT),
        title=None if title is None else _bounded(title, MAX_TITLE) or None,
        model=_bounded(record["model"], MAX_MODEL),
        version=_version(record["version"]),
    )


def _volume(record: dict[str, Any]) -> Volume:
    return Volume(
        name=_matching(VOLUME, record["name"]),
        size=_number(record["bytes"], MAX_BYTES),
        months={
            _matching(MONTH, name): _number(size, MAX_BYTES)
            for name, size in record["months"].items()
        },
        pages=tuple(_matching(FIRST_WORDS, record["pages"]).split(" ")),
    )


def _bounded(value: Any, most: int) -> str:
    """Returns a text of at most so many characters, with its white space folded."""
    text = _line(value)
    if len(text) > most:
        raise ValueError(f"a text of at most {most} characters has {len(text)}")
    return text


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    if not pattern.fullmatch(_string(value)):
        raise ValueError(f"not what belongs there: {value[:100]!r}")
    return str(value)


def _heading(value: Any) -> str:
    text = _line(value)
    if not 0 < len(text) <= MAX_HEADING:
        raise ValueError("a heading is empty or too long")
    return text


def _line(value: Any) -> str:
    """Returns a text with its white space folded, as that of every paper is."""
    return " ".join(_string(value).split())


def _line_or_none(value: Any) -> str | None:
    return None if value is None else _line(value) or None


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a string: {str(value)[:40]}")
    if _UNSAFE.search(value):
        raise ValueError("a string holds a control character or half of a surrogate pair")
    return value
