"""The data file: a snapshot as JSON, one paper a line in a stable order.

A day's diff is then the papers that came and went, and the date. A paper that several topics
hold stands once and names their headings; the order within a topic is made from the papers'
dates, so that it need not be kept.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Final

from daily_papers.clock import parse_rfc3339, rfc3339
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.memory.snapshot import Failure, Notice, Section, Snapshot
from daily_papers.memory.trends import Trend
from daily_papers.papers import ARXIV_ID, Paper, SortBy, newest_first

__all__ = ["SCHEMA", "DataFileError", "decode", "encode"]

SCHEMA: Final = 1
"""The version of the format that this code writes, and the only one that it reads."""

_PAPERS: Final = '"papers": ['
_END: Final = "],"
"""The lines between which each paper has one."""


class DataFileError(DailyPapersError):
    """A data file that cannot be used; it is rebuilt."""


def encode(snapshot: Snapshot, marker: str, sort_by: SortBy) -> bytes:
    """Gives the bytes of a data file: UTF-8, the same for the same snapshot.

    Args:
        snapshot: what to keep.
        marker: the name of the region that shows it.
        sort_by: the date by which the papers were asked for.
    """
    file = io.BytesIO()
    # Line by line: one string of all would take up to four bytes for each character.
    file.writelines(f"{line}\n".encode() for line in _lines(snapshot, marker, sort_by))
    return file.getvalue()


def _lines(snapshot: Snapshot, marker: str, sort_by: SortBy) -> Iterator[str]:
    yield "{"
    yield f'"schema": {SCHEMA},'
    yield f'"marker": "{marker}",'
    yield f'"sorted_by": "{sort_by}",'
    yield f'"updated": "{snapshot.updated.isoformat()}",'
    yield '"topics": ['
    yield from _separated(_topic_record(section) for section in snapshot.sections)
    yield "],"
    yield _PAPERS
    yield from _separated(_paper_records(snapshot))
    yield _END
    yield '"files": ['
    yield from _separated({"path": path, "sha": sha} for path, sha in snapshot.files.items())
    yield "],"
    yield '"seen": ['
    yield from _separated(snapshot.seen)
    yield "],"
    yield '"queue": ['
    yield from _separated(_announcement_record(item) for item in snapshot.queue)
    yield "]"
    yield "}"


def _separated(values: Iterable[object]) -> Iterator[str]:
    """Gives a line of JSON for each value, with a comma behind each but the last."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    last = None
    for value in values:
        if last is not None:
            yield f"{last},"
        last = encode(value)
    if last is not None:
        yield last


def _topic_record(section: Section) -> dict[str, Any]:
    record: dict[str, Any] = {
        "heading": section.heading,
        "query": section.query,
        "complete": section.is_complete,
        "new": section.news,
        "checked": _iso(section.checked),
        "unconfirmed": section.unconfirmed,
        "doubts": section.doubts,
    }
    if section.failure:
        record["failure"] = {
            "since": _iso(section.failure.since),
            "checked": _iso(section.failure.checked),
            "announced": _iso(section.failure.listed),
        }
    if section.trend:
        record["trend"] = {
            "first": _iso(section.trend.first),
            "counts": section.trend.counts,
        }
    return record


def _announcement_record(item: Notice) -> dict[str, Any]:
    return {
        "key": item.key,
        "day": item.day.isoformat(),
        "welcome": item.is_welcome,
        "new": dict(item.new),
        "revised": dict(item.revised),
    }


def _paper_records(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """Gives a record for each paper, ordered by id: new ones come last, as in arXiv."""
    headings: dict[Paper, list[str]] = {}
    for section in snapshot.sections:
        for paper in section.papers:
            headings.setdefault(paper, []).append(section.heading)
    for paper in sorted(headings, key=lambda paper: (paper.arxiv_id, paper.version)):
        yield {
            "id": paper.arxiv_id,
            "version": paper.version,
            "topics": headings[paper],
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


def decode(data: bytes, marker: str, sort_by: SortBy) -> Snapshot:
    """Reads a data file, all of it or nothing.

    Args:
        data: the file's bytes.
        marker: the name of the region that it must belong to.
        sort_by: the date by which each topic's papers are ordered. Where they were asked for by the
            other date, all topics have to be asked for anew.

    Raises:
        DataFileError: the file is damaged, or of another version of the format.
        InputError: it belongs to another region, which would lose all that it remembers.
    """
    try:
        document = _read(data)
        schema = document["schema"]
        if schema != SCHEMA:
            raise DataFileError(f"it has schema {schema!r}; this version reads schema {SCHEMA}")
        owner = document["marker"]
        snapshot = _snapshot(document, sort_by)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataFileError(f"it is damaged: {error!r}") from error
    if owner != marker:
        raise InputError(
            [f"data-file: it belongs to the marker {owner!r}; name another file for {marker!r}"]
        )
    return snapshot


def _read(data: bytes) -> dict[str, Any]:
    """Gives the file's document; its papers may be an iterator, which can be used once.

    Read as one, a string of the file would take up to four bytes for each character, and all
    records would be there at the same time. So the lines of the papers are left out at first.
    A file that somebody has laid out in another way has no such lines, and is read as one.
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
    document: dict[str, Any] = json.loads(b"".join(outer))
    if begin:
        file.seek(begin)
        lines = iter(file.readline, end)
        document["papers"] = (json.loads(line.rstrip(b",\n")) for line in lines)
    return document


def _snapshot(document: dict[str, Any], sort_by: SortBy) -> Snapshot:
    papers: dict[str, list[Paper]] = {topic["heading"]: [] for topic in document["topics"]}
    order = document["sorted_by"]
    for record in document["papers"]:
        paper = _paper(record)
        for heading in record["topics"]:
            papers[heading].append(paper)
    return Snapshot(
        updated=date.fromisoformat(document["updated"]),
        sections=tuple(
            Section(
                heading=_string(topic["heading"]),
                query=_string(topic["query"]),
                papers=newest_first(papers[topic["heading"]], sort_by),
                is_complete=bool(topic["complete"]),
                news=int(topic["new"]),
                failure=_failure(topic.get("failure")),
                checked=_date(topic["checked"]) if order == sort_by else None,
                unconfirmed=tuple(map(_arxiv_id, topic["unconfirmed"])),
                doubts=int(topic["doubts"]),
                trend=_trend(topic.get("trend")),
            )
            for topic in document["topics"]
        ),
        files={_path(file["path"]): _string(file["sha"]) for file in document["files"]},
        seen=tuple(_arxiv_id(value) for value in document["seen"]),
        queue=tuple(_announcement(record) for record in document["queue"]),
    )


def _failure(record: dict[str, Any] | None) -> Failure | None:
    if record is None:
        return None
    return Failure(
        since=date.fromisoformat(record["since"]),
        checked=_date(record["checked"]),
        listed=_date(record["announced"]),
    )


def _trend(record: dict[str, Any] | None) -> Trend | None:
    if record is None:
        return None
    first = date.fromisoformat(record["first"])
    if first.weekday():
        raise ValueError(f"{first} is not a Monday")
    return Trend(
        first=first,
        counts=tuple(None if number is None else int(number) for number in record["counts"]),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _announcement(record: dict[str, Any]) -> Notice:
    return Notice(
        key=_string(record["key"]),
        day=date.fromisoformat(record["day"]),
        is_welcome=bool(record["welcome"]),
        new={_string(head): tuple(map(_arxiv_id, ids)) for head, ids in record["new"].items()},
        revised={
            _string(head): tuple(map(_arxiv_id, ids)) for head, ids in record["revised"].items()
        },
    )


def _paper(record: dict[str, Any]) -> Paper:
    return Paper(
        arxiv_id=_arxiv_id(record["id"]),
        version=int(record["version"]),
        title=_string(record["title"]),
        authors=tuple(_string(name) for name in record["authors"]),
        summary=_string(record["summary"]),
        comment=_string_or_none(record["comment"]),
        journal_ref=_string_or_none(record["journal_ref"]),
        doi=_string_or_none(record["doi"]),
        primary_category=_string(record["primary_category"]),
        categories=tuple(_string(name) for name in record["categories"]),
        published=parse_rfc3339(record["published"]),
        updated=parse_rfc3339(record["updated"]),
    )


def _arxiv_id(value: Any) -> str:
    if not ARXIV_ID.fullmatch(_string(value)):
        raise ValueError(f"{value!r} is not an arXiv id")
    return str(value)


def _path(value: Any) -> str:
    """Gives a path if it stays inside the repository: what it names may be removed."""
    path = PurePosixPath(_string(value))
    if path.is_absolute() or {"..", ".git"} & set(path.parts):
        raise ValueError(f"{value!r} leads out of the repository")
    return str(value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a string")
    return value


def _string_or_none(value: Any) -> str | None:
    return None if value is None else _string(value)
