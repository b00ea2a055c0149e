"""A page for each topic, with all its papers."""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from daily_papers.inputs import Inputs
from daily_papers.memory.snapshot import Section
from daily_papers.options import Column
from daily_papers.views import markdown
from daily_papers.views.signature import signature
from daily_papers.views.table import Table, make_table, state

__all__ = ["file_names", "relative_link", "render"]

MAX_STEM: Final = 60
"""Characters of a file's name before its ending."""

# Names that Windows keeps for devices: a repository that holds one cannot be cloned there.
_DEVICE: Final = re.compile(r"con|prn|aux|nul|(?:com|lpt)\d")


def file_names(headings: Sequence[str], folder: str, taken: Collection[str]) -> list[str]:
    """Gives a path for the page of each topic.

    A name is made from its heading alone, so that it stays when other topics come and go. Only
    where two topics would get the same name, the later one gets a mark of its own.

    Args:
        headings: the topics' headings, all different.
        folder: the folder for the pages.
        taken: paths that no page may have.
    """
    paths: list[str] = []
    folded = {path.casefold() for path in taken}
    for heading in headings:
        path = f"{folder}/{_stem(heading)}.md"
        if path.casefold() in folded:
            mark = hashlib.sha256(heading.encode()).hexdigest()[:8]
            path = f"{folder}/{_stem(heading)}-{mark}.md"
        folded.add(path.casefold())
        paths.append(path)
    return paths


def _stem(heading: str) -> str:
    """Gives the part of a file's name that comes from the heading: letters and digits of it."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", heading).casefold())
    kept = [character if character.isalnum() else " " for character in folded]
    stem = "-".join("".join(kept).split())[:MAX_STEM].rstrip("-")
    return f"topic-{stem}".rstrip("-") if not stem or _DEVICE.fullmatch(stem) else stem


def relative_link(path: str, page: str) -> str:
    """Gives the address of a file as a link on another, both as paths in the repository."""
    return quote(posixpath.relpath(path, posixpath.dirname(page) or "."))


def render(
    section: Section, table: Table, path: str, inputs: Inputs, room: int
) -> dict[str, bytes]:
    """Gives the files of one topic's page.

    The page stays within `room`: the oldest papers lose their abstracts first; what still does
    not fit stands on further pages.

    Args:
        section: the topic.
        table: its table, with all rows and columns.
        path: the first page's path.
        inputs: the columns, and where the README is.
        room: bytes for one page.

    Returns:
        The content of each file, by path.
    """
    empty = _page(section, table.header, ("",), path, inputs, following=f"{path}.999")
    frame = len(empty.encode())
    rows = _with_fewer_abstracts(section, table.rows, inputs, room - frame)
    parts = list(_parts(rows, room - frame))
    paths = [path, *(f"{path.removesuffix('.md')}.{n}.md" for n in range(2, len(parts) + 1))]
    following = [*paths[1:], ""]
    return {
        name: _page(section, table.header, part, name, inputs, following=after).encode()
        for name, part, after in zip(paths, parts, following, strict=True)
    }


def _with_fewer_abstracts(
    section: Section, rows: Sequence[str], inputs: Inputs, room: int
) -> list[str]:
    """Gives the rows, without abstracts from the row on at which they would not fit."""
    sizes = [len(row.encode()) + 1 for row in rows]
    if sum(sizes) <= room or Column.ABSTRACT not in inputs.columns:
        return list(rows)
    bare_papers = tuple(replace(paper, summary="") for paper in section.papers)
    bare = make_table(replace(section, papers=bare_papers), inputs.columns, inputs.sort_by).rows
    bare_sizes = [len(row.encode()) + 1 for row in bare]
    used = sum(bare_sizes)
    kept = 0
    while kept < len(rows) and used + sizes[kept] - bare_sizes[kept] <= room:
        used += sizes[kept] - bare_sizes[kept]
        kept += 1
    return [*rows[:kept], *bare[kept:]]


def _parts(rows: Sequence[str], room: int) -> Iterator[Sequence[str]]:
    """Splits rows into pages; a row alone that is larger than `room` gets one all the same."""
    begin = used = 0
    for number, row in enumerate(rows):
        size = len(row.encode()) + 1
        if used + size > room and number > begin:
            yield rows[begin:number]
            begin, used = number, 0
        used += size
    yield rows[begin:]


def _page(
    section: Section,
    header: str,
    rows: Sequence[str],
    path: str,
    inputs: Inputs,
    *,
    following: str,
) -> str:
    """Gives one page; `following` is the path of the next, or empty."""
    lines = [
        signature(inputs.marker),
        "",
        markdown.heading(1, section.heading),
        "",
        f"[All topics]({relative_link(inputs.readme, path)})",
        "",
    ]
    if note := state(section):
        lines += [f"*{note}*", ""]
    if rows:
        lines += [header, *rows, ""]
    if following:
        lines += [f"[Older papers]({relative_link(following, path)})", ""]
    return "\n".join(lines)
