"""A `.bib` file of the repository: the papers that a reader collects anyway.

`bibtexparser` splits the file into entries; what a field means is read here, because only a few
fields count, and a stranger's file must cost no more time than its length.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ParsingFailedBlock,
    String,
)
from bibtexparser.splitter import Splitter

from daily_papers.errors import DailyPapersError
from daily_papers.interests.liked import Liked, arxiv_id

__all__ = ["MAX_BYTES", "BibError", "Bibliography", "read"]

MAX_BYTES: Final = 16_000_000
"""The longest file that is read, in bytes: 10,000 entries with abstracts are about nine million."""

MAX_VALUE: Final = 20_000
"""How many characters of a field are read."""

MAX_WARNINGS: Final = 10
"""How many broken entries are reported one by one; the rest are counted."""

# The parser logs each broken block with its text; this module writes its own warnings instead.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL + 1)

_CONTROLS: Final = bytes({*range(32), 127} - {*b"\t\n\v\f\r\x1b"})
_PIECE: Final = re.compile(r'[{}"#]|[^{}"#]+')
_NAMED: Final = re.compile(r"arxiv:\s?([^\s,;]+)", re.ASCII | re.IGNORECASE)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
_BEGIN: Final = re.compile(r"@\w*\s*[{(]\s*([^\s,={}()\"]{1,60})\s*,")
_CONTAINERS: Final = frozenset({"collection", "mvcollection", "mvproceedings", "proceedings"})


class BibError(DailyPapersError):
    """A file is not a bibliography. The run continues without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    """The papers of a file, and what was wrong with the rest."""

    papers: tuple[Liked, ...]
    """By year, newest first; within a year, the last in the file first."""
    warnings: tuple[str, ...] = ()


def read(content: bytes, path: str) -> Bibliography:
    """Reads the papers of a `.bib` file.

    Entries need no abstract. A broken one is skipped, and a warning names its line and key.

    Args:
        content: the content of the file, which is not trusted and may be any bytes.
        path: the path of the file, for messages.

    Raises:
        BibError: the file is not text, is too long, or has no papers.
    """
    if len(content) > MAX_BYTES:
        raise BibError(
            f"{path} is longer than {MAX_BYTES:,} bytes",
            "Give a smaller file: no more than 1,000 papers count.",
        )
    blocks = Splitter(_decoded(content, path)).split().blocks
    entries: list[tuple[int, str, Mapping[str, str]]] = []
    strings: dict[str, str] = {}
    warnings: list[str] = []
    for block in map(_whole, blocks):
        line = (block.start_line or 0) + 1
        if isinstance(block, String):
            strings[block.key.strip().lower()] = _value(str(block.value), strings)
        elif isinstance(block, Entry):
            fields = {
                one.key.strip().lower(): _value(str(one.value), strings)
                for one in reversed(block.fields)  # The first of two counts.
            }
            if block.entry_type.lower() not in _CONTAINERS or "crossref" in fields:
                entries.append((line, block.key.strip(), fields))
        elif isinstance(block, ParsingFailedBlock):
            begin = _BEGIN.match(block.raw or "")
            warnings.append(
                f"{path}, line {line}{_named(begin[1] if begin else '')}: "
                "a brace, a quote, an equals sign or a comma is missing; the entry is skipped"
            )
    found, untitled = _papers(entries, path)
    warnings += untitled
    if not found:
        first = f"; {warnings[0]}" if warnings else ""
        raise BibError(
            f"{path} has no papers{first}", "An entry is written as in @article{key, title={…}}."
        )
    more = len(warnings) - MAX_WARNINGS
    if more > 0:
        warnings[MAX_WARNINGS:] = [f"{path}: {more:,} more entries are broken, and are skipped"]
    return Bibliography(papers=found, warnings=tuple(warnings))


def _decoded(content: bytes, path: str) -> str:
    """Returns the text of a file in UTF-8, or else Latin-1: no `.bib` file names its encoding.

    Raises:
        BibError: the file is not text.
    """
    controls = len(content) - len(content.translate(None, _CONTROLS))
    if b"\0" in content or controls * 100 > len(content):
        raise BibError(
            f"{path} is not a text file", "Export the library as BibTeX or BibLaTeX, in UTF-8."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _whole(block: Block) -> Block:
    """Returns the block itself where the parser reports only a duplicate key."""
    while isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
        inner = block.ignore_error_block
        if inner is None:
            break
        block = inner
    return block


def _value(raw: str, strings: Mapping[str, str]) -> str:
    """Returns the text of a field without its delimiters, with the parts around `#` joined.

    Args:
        raw: the field as written.
        strings: the values defined by `@string`, by name in lower case.
    """
    raw = raw[:MAX_VALUE]
    parts: list[str] = []
    depth, is_quoted = 0, False
    for piece in _PIECE.findall(raw):
        if piece == "{":
            depth += 1
            if depth == 1 and not is_quoted:
                continue
        elif piece == "}":
            depth -= 1
            if depth == 0 and not is_quoted:
                continue
        elif piece == '"' and depth == 0:
            is_quoted = not is_quoted
            continue
        if depth > 0 or is_quoted:
            parts.append(piece)
        elif piece != "#" and (name := piece.strip()):
            parts.append(name if name.isdecimal() else strings.get(name.lower(), ""))
    return "".join(parts)[:MAX_VALUE]


def _papers(
    entries: list[tuple[int, str, Mapping[str, str]]], path: str
) -> tuple[tuple[Liked, ...], list[str]]:
    """Returns the papers of entries, newest first, and a warning for each without a title."""
    by_key = {key.lower(): fields for _, key, fields in reversed(entries)}
    years: list[int] = []
    papers: list[Liked] = []
    warnings: list[str] = []
    for line, key, fields in entries:
        parent = by_key.get(fields.get("crossref", "").strip().lower(), {})
        paper = Liked.of(
            fields.get("title") or parent.get("title", ""),
            fields.get("abstract", ""),
            arxiv_id=_arxiv_id(fields),
            doi=fields.get("doi"),
        )
        if not paper.title and not paper.arxiv_id:
            warnings.append(
                f"{path}, line {line}{_named(key)}: it has no title; the entry is skipped"
            )
            continue
        year = _YEAR.search(fields.get("date") or fields.get("year", ""))
        years.append(int(year[0]) if year else 0)
        papers.append(paper)
    order = sorted(range(len(papers)), key=lambda number: (years[number], number), reverse=True)
    return tuple(papers[number] for number in order), warnings


def _arxiv_id(fields: Mapping[str, str]) -> str | None:
    """Returns the arXiv id of an entry, from any of the fields in which programs export it."""
    eprint = fields.get("eprint", "").strip()
    archive = (fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv").strip().lower()
    places = [
        # arXiv's own export, Google Scholar's, DBLP's, Mendeley's, and what people write.
        eprint if archive == "arxiv" else "",
        f"{fields.get('primaryclass', '').partition('.')[0]}/{eprint}",
        fields.get("arxivid", ""),
        fields.get("doi", ""),
        fields.get("url", ""),
        fields.get("volume", "").removeprefix("abs/"),
    ]
    for name in ("journal", "journaltitle", "howpublished", "note", "number"):
        places += [f"arXiv:{found}" for found in _NAMED.findall(fields.get(name, ""))[:3]]
    return next(filter(None, map(arxiv_id, places)), None)


def _named(key: str) -> str:
    """Returns the key of an entry as messages show it."""
    return f" ({key[:60]})" if key.isprintable() and key else ""
