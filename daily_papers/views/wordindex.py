"""The word index of the archive: in which places of which months a word is.

The web page looks a word up here and then reads only the places that have it, so that a search
finds a paper within a second, however old it is. Both are read in pages: `PAGE` bytes of a file,
of which a browser asks for as many as it wants (RFC 9110, section 14). A line belongs to the page
in which it begins.

A volume is a text file of the index. It has one word a line, in order, with the pages of some
months whose lines have the word:

    graphon A3b2aB1c

That is: a letter for each month of the volume in which the word is, then the pages as gaps, each of
them digits (how often 26) and a small letter (what remains). A capital without gaps is a word of
more than an eighth of the month's pages: to read the whole month takes less time than so many parts
of it, and lines stay short.

Words are as they are written, in lower case and without accents: the page knows which of them have
the same stem, and what a word that is still being typed may become. Only words of ASCII letters and
digits are in the index. About them all versions of Unicode agree.

Everything here follows from the files of the months. A volume that is lost or damaged is left out,
and made again when the next month closes.
"""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import ascii_uppercase
from typing import Any, Final

from daily_papers.memory.archive import Archive, Volume
from daily_papers.views.characters import folded
from daily_papers.views.signature import signature

__all__ = [
    "CURRENT",
    "LONGEST",
    "MOST",
    "PAGE",
    "ROOM",
    "extended",
    "has_room",
    "missing",
    "volume",
]

CURRENT: Final = "words.txt"
"""The volume of the month that is being written."""

PAGE: Final = 4096
"""Bytes of a page: some two papers, or 200 words."""

LONGEST: Final = 32
"""Characters of a word; of a longer one, only so many are in the index."""

ROOM: Final = 4_000_000
"""Bytes of a volume to which a month is added: some 15 months of 1,700 papers."""

MOST: Final = 12
"""How many months are added to the index at once. Usually it is one."""

# The fields that the page searches, as js/record.js has them.
_TEXTS: Final = ("title", "abstract", "comment", "journal", "id")
_LISTS: Final = ("authors", "categories", "topics")

_WORD: Final = re.compile(r"[a-z0-9]+")


def missing(archive: Archive) -> list[str]:
    """Returns the names of months that the index should have and has not, at most `MOST`.

    Args:
        archive: what is remembered; its current month is about to close.
    """
    known = {name for volume in archive.volumes for name in volume.months}
    return [name for name in (*archive.months, archive.month) if name not in known][-MOST:]


def has_room(last: Volume) -> bool:
    """Whether a month may be added to a volume."""
    return last.size < ROOM and len(last.months) < len(ascii_uppercase)


def extended(
    volumes: Sequence[Volume],
    content: bytes | None,
    months: Mapping[str, bytes | None],
    *,
    marker: str,
) -> tuple[tuple[Volume, ...], dict[str, bytes]]:
    """Adds months to the index.

    Args:
        volumes: the volumes that there are, oldest first.
        content: the last of them, where it has room. `None` if it is damaged: it is left out.
        months: the files of the months, by name; `None` for one that is lost, which is not looked
            for again.
        marker: the name of the region that shows the same papers.

    Returns:
        All volumes, and the content of those that are new or have changed, by name.
    """
    number = max((int(one.name[len("words-") : -len(".txt")]) for one in volumes), default=0)
    kept = list(volumes)
    if not kept or not has_room(kept[-1]):
        content = None
    elif content is None:
        kept.pop()
    files: dict[str, bytes] = {}
    for name, data in months.items():
        sizes: Mapping[str, int] = {}
        lines: dict[str, str] = {}
        if content is not None and has_room(kept[-1]):
            last = kept.pop()
            file, sizes, lines = last.name, last.months, _lines(content)
        else:
            number += 1
            file = f"words-{number}.txt"
        letter = ascii_uppercase[len(sizes)]
        for word, pages in _pages(data or b"").items():
            lines[word] = f"{lines.get(word, '')}{letter}{pages}"
        made, content = _written(file, {**sizes, name: len(data or b"")}, lines, marker)
        kept.append(made)
        files[file] = content
    return tuple(kept), files


def volume(name: str, data: bytes, *, marker: str) -> tuple[Volume, bytes]:
    """Returns the index of the month that is being written.

    Args:
        name: the month's name.
        data: its file.
        marker: the name of the region that shows the same papers.
    """
    lines = {word: f"A{pages}" for word, pages in _pages(data).items()}
    return _written(CURRENT, {name: len(data)}, lines, marker)


def _lines(content: bytes) -> dict[str, str]:
    """Returns the words of a volume, with all that is said of their pages."""
    _, *lines = content.decode().splitlines()
    return {word: pages for word, _, pages in (line.partition(" ") for line in lines)}


def _written(
    name: str, months: Mapping[str, int], lines: Mapping[str, str], marker: str
) -> tuple[Volume, bytes]:
    """Returns a volume, and its file."""
    head = f"{signature(marker)}\n"
    content = [head, *(f"{word} {lines[word]}\n" for word in sorted(lines))]
    data = "".join(content).encode()
    firsts = [""]
    place, before = len(head), ""
    for word, line in zip(sorted(lines), content[1:], strict=True):
        pages = place // PAGE + 1
        if pages > len(firsts):
            firsts += [_shortest(before, word)] * (pages - len(firsts))
        place, before = place + len(line), word  # There is only ASCII in it.
    return Volume(name=name, size=len(data), months=months, pages=tuple(firsts)), data


def _shortest(before: str, word: str) -> str:
    """Returns the shortest beginning of a word that sorts after the word before it."""
    return next(
        word[:length] for length in range(1, len(word) + 1) if not before.startswith(word[:length])
    )


# --- The words of a month -------------------------------------------------------------------------


def _pages(data: bytes) -> dict[str, str]:
    """Returns the pages of a month's file that have each word, as a volume has them."""
    found: dict[str, list[int]] = defaultdict(list)
    place = 0
    for line in io.BytesIO(data):
        page = place // PAGE
        place += len(line)
        for word in words(line):
            pages = found[word]
            if not pages or pages[-1] != page:
                pages.append(page)
    most = max(1, place // PAGE / 8)
    return {word: _gaps(pages) if len(pages) <= most else "" for word, pages in found.items()}


def _gaps(pages: Iterable[int]) -> str:
    parts = []
    next_page = 0
    for page in pages:
        times, rest = divmod(page - next_page, 26)
        parts.append(f"{times or ''}{chr(ord('a') + rest)}")
        next_page = page + 1
    return "".join(parts)


def words(line: bytes) -> set[str]:
    """Returns the words of a paper that a search may find; of a line that is no paper, nothing."""
    try:
        record = json.loads(line.rstrip(b",\n"))
    except (ValueError, RecursionError):
        return set()
    if not isinstance(record, dict):
        return set()
    return {word[:LONGEST] for text in _texts(record) for word in _WORD.findall(folded(text))}


def _texts(record: Mapping[str, Any]) -> Iterator[str]:
    for name in _TEXTS:
        value = record.get(name)
        # Formulas and links are part of their sentence: a word may cross their border.
        yield "".join(map(_plain, value)) if isinstance(value, list) else _plain(value)
    for name in _LISTS:
        value = record.get(name)
        yield from map(_plain, value if isinstance(value, list) else ())


def _plain(part: object) -> str:
    if isinstance(part, dict):
        part = part.get("tex", part.get("text"))
    return part if isinstance(part, str) else ""
