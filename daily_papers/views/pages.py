"""A page for each topic, with all its papers: those that the README has no room for, too."""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Final
from urllib.parse import quote

from daily_papers.memory.snapshot import Section
from daily_papers.views import markdown
from daily_papers.views.fit import MAX_BYTES, MAX_COST
from daily_papers.views.remarks import state
from daily_papers.views.rows import Rows
from daily_papers.views.signature import signature

__all__ = ["file_names", "relative_link", "render"]

MAX_STEM: Final = 60
"""The longest name of a file, in characters, before its ending."""

MAX_BYTES_OF_STEM: Final = 180
"""Bytes of it: a name may have 255 on most file systems, and some of ours have long endings."""

# Names that Windows reserves for devices: a repository that has one cannot be cloned there. See
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file.
_DEVICE: Final = re.compile(r"con|prn|aux|nul|(?:com|lpt)\d")


def file_names(headings: Sequence[str], folder: str, taken: Collection[str]) -> list[str]:
    """Returns a path for the page of each topic.

    A name is made only from the heading, so that it stays when other topics come and go. If two
    topics would get the same name, the later one gets a suffix.

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
    """Returns the part of a file's name that comes from the heading: its letters and digits."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", heading).casefold())
    kept = [character if character.isalnum() else " " for character in folded]
    stem = "-".join("".join(kept).split())[:MAX_STEM]
    stem = stem.encode()[:MAX_BYTES_OF_STEM].decode(errors="ignore").rstrip("-")
    return f"topic-{stem}".rstrip("-") if not stem or _DEVICE.fullmatch(stem) else stem


def relative_link(path: str, page: str) -> str:
    """Returns the address of a file as a link on another, both as paths in the repository."""
    return quote(posixpath.relpath(path, posixpath.dirname(page) or "."))


def render(
    section: Section, rows: Rows, path: str, *, readme: str, marker: str
) -> dict[str, bytes]:
    """Returns the files of one topic's page; papers that do not fit are on further pages.

    Args:
        section: the topic.
        rows: its papers.
        path: the first page's path.
        readme: the README's path, to lead back to.
        marker: the name of the region, with which the files are signed.

    Returns:
        The content of each file, by path. None is longer than `MAX_BYTES`, unless a single row is.
    """

    def page(lines: Sequence[bytes], name: str, following: str) -> bytes:
        return _page(
            section,
            rows.text(lines),
            signed=signature(marker),
            back=relative_link(readme, name),
            following=relative_link(following, name) if following else "",
        )

    room = MAX_BYTES - len(page((b"",), path, f"{path}.999"))
    parts = list(_parts(rows, room))
    paths = [path, *(f"{path.removesuffix('.md')}.{n}.md" for n in range(2, len(parts) + 1))]
    following = [*paths[1:], ""]
    return {
        name: page(lines, name, after)
        for name, lines, after in zip(paths, parts, following, strict=True)
    }


def _parts(rows: Rows, room: int) -> Iterator[list[bytes]]:
    """Splits rows into pages, each with formulas until their budget is used up."""
    lines: list[bytes] = []
    size = cost = 0
    for number in range(len(rows)):
        cost += rows.cost(number)
        line = rows.row(number, formulas=cost <= MAX_COST)
        if lines and size + len(line) + 1 > room:
            yield lines
            lines, size, cost = [], 0, rows.cost(number)
            line = rows.row(number, formulas=cost <= MAX_COST)
        lines.append(line)
        size += len(line) + 1
    yield lines


def _page(section: Section, papers: bytes, *, signed: str, back: str, following: str) -> bytes:
    """Returns one page.

    Args:
        section: the topic.
        papers: the lines that show them.
        signed: the comment that marks the file as ours.
        back: the address of the README.
        following: the address of the next page; empty on the last.
    """
    note = state(section)
    above = [
        signed,
        markdown.heading(1, section.heading),
        f"[All topics]({back})",
        f"*{note}*" if note else "",
    ]
    below = f"[Older papers]({following})" if following else ""
    blocks = [*(block.encode() for block in above), papers, below.encode()]
    return b"\n\n".join(filter(None, blocks)) + b"\n"
