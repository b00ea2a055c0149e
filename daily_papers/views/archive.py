"""The archive of the web page: every paper that a topic ever held, as a JSON file a month.

A file is a JSON document with one paper a line, in the order in which the papers came, so that a
day's change is a day's lines and a program may read it line by line. docs/archive.md describes the
format for others.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from daily_papers.memory.archive import INDEX, Archive, Archived, Month, Volume, current_papers
from daily_papers.memory.snapshot import Snapshot
from daily_papers.views import card, tex, wordindex
from daily_papers.views.signature import signature

__all__ = ["record", "render"]

FORMAT: Final = 1
"""The version of the format; a page that reads another says so."""

SOON_READ: Final = 750_000
"""Bytes of a month that a slow phone reads in a second: some 400 papers, of which the page itself
has the newest 200. The index of a month of more papers changes with it, every day."""

_Json = dict[str, Any]


def render(
    archive: Archive, snapshot: Snapshot, *, marker: str, sentences: Mapping[str, str]
) -> dict[str, bytes]:
    """Returns the files of the archive that this run writes, by their paths in the page's folder.

    The files of the months that are over are not among them: they are on the branch already.

    Args:
        archive: what is remembered of it.
        snapshot: the papers that topics hold.
        marker: the name of the region that shows the same.
        sentences: the key sentence of each paper, by id, where there is one.
    """
    papers = current_papers(archive, snapshot)
    name = archive.month or f"{snapshot.updated:%Y-%m}"
    topics = Counter(heading for item in papers for heading in item.topics)
    months = {**archive.months, name: Month(papers=len(papers), topics=topics)}
    listed = [
        {"name": name, "papers": month.papers, "topics": _plain_counts(month.topics)}
        for name, month in reversed(months.items())
    ]
    records = (
        record(
            item,
            archive.days.get(item.paper.arxiv_id, snapshot.updated),
            is_new=item.paper.arxiv_id in snapshot.found,
            sentence=sentences.get(item.paper.arxiv_id, ""),
        )
        for item in papers
    )
    month = _document(marker, {"month": name}, "papers", records)
    files = {f"{name}.json": month}
    volumes = archive.volumes
    if len(month) > SOON_READ:
        volume, files[wordindex.CURRENT] = wordindex.volume(name, month, marker=marker)
        volumes += (volume,)
    fields = {"withdrawn": archive.withdrawn, "words": list(map(_volume, reversed(volumes)))}
    return {**files, INDEX: _document(marker, fields, "months", listed)}


def _volume(volume: Volume) -> _Json:
    """Returns what a reader has to know of a file of the word index."""
    return {
        "name": volume.name,
        "bytes": volume.size,
        "months": dict(volume.months),
        "pages": " ".join(volume.pages),
    }


def _plain_counts(topics: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted((card.words(heading), count) for heading, count in topics.items()))


def _document(marker: str, fields: _Json, name: str, items: Iterable[object]) -> bytes:
    """Returns a JSON object with one of its lists written an item a line."""
    head = _dumps({"generated": signature(marker), "format": FORMAT, **fields})
    file = io.BytesIO()
    # Line by line: one string of all would take up to four bytes for each character.
    file.write(b'%b,"%b":[\n' % (head[:-1], name.encode()))
    comma = b""
    for item in items:
        file.write(comma + _dumps(item))
        comma = b",\n"
    file.write(b"\n]}\n")
    return file.getvalue()


def _dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def record(item: Archived, seen: date, *, is_new: bool, sentence: str) -> _Json:
    """Returns a paper as its line of the month's file has it. What is empty is left out.

    Args:
        item: the paper and its topics.
        seen: the day on which it was first seen.
        is_new: whether it was told as new then.
        sentence: the key sentence of its abstract; empty where there is none.
    """
    paper = item.paper
    others = [name for name in paper.categories if name != paper.primary_category]
    fields: _Json = {
        "id": paper.arxiv_id,
        "version": paper.version,
        "seen": seen.isoformat(),
        "new": is_new,
        "topics": [card.words(heading) for heading in item.topics],
        "title": _text(paper.title),
        "authors": list(map(card.words, paper.authors)),
        "abstract": _text(paper.summary),
        "key": _text(sentence),
        "comment": _text(paper.comment or ""),
        "journal": _text(paper.journal_ref or ""),
        "doi": card.doi(paper),
        "code": card.code(paper),
        "categories": list(map(card.words, (paper.primary_category, *others))),
        "published": paper.published.date().isoformat(),
        "updated": paper.updated.date().isoformat(),
        "withdrawn": paper.is_withdrawn,
    }
    return {name: value for name, value in fields.items() if value}


def _text(text: str) -> str | list[str | _Json]:
    """Returns a text as a string or, where it has formulas or links, as a list of segments."""
    segments = list(card.segments(text))
    if all(isinstance(segment, tex.Text) for segment in segments):
        return "".join(segment.text for segment in segments if isinstance(segment, tex.Text))
    return list(map(_segment, segments))


def _segment(segment: tex.Segment) -> str | _Json:
    if isinstance(segment, tex.Math):
        return {"tex": segment.tex, **({"display": True} if segment.display else {})}
    if isinstance(segment, tex.Link):
        return {"text": segment.text, "url": segment.url}
    return segment.text
