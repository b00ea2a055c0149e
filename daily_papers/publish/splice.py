"""Finds the marked region of a Markdown document, and replaces what stands in it.

The region is what stands between two HTML comments, each on a line of its own. Where Markdown
sees no HTML block (in a code fence, in indented code, inside a line of text) there is no marker.
Lines are counted as CommonMark counts them, from 1: LF, CR LF and CR end a line, nothing else.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from daily_papers.errors import SpliceError

__all__ = ["Document", "marker_lines", "read_document"]

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BOM: Final = "\ufeff"

_OPAQUE: Final = re.compile(r"\s{0,3}<(?:pre|script|style|textarea|!|\?)", re.IGNORECASE)
"""HTML blocks (CommonMark 0.31, section 4.6, kinds 1 to 5) that hold text, not a page's parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A Markdown document with a region: `before + content + after` is all of its text."""

    before: str
    """Up to the end of the start marker's line."""
    content: str
    after: str
    """From the beginning of the end marker's line on."""
    newline: str
    """What ends the start marker's line: LF, CR LF or CR."""
    level: int
    """The level of the heading that the region stands under; 0 where there is none."""
    inside_html: bool
    """Whether the start marker continues an HTML block, as below `<details>`."""

    @property
    def text(self) -> str:
        """The document as it is."""
        return self.before + self.content + self.after

    def with_content(self, content: str) -> str:
        """Gives the document's text with `content` in the region, and all else as it was.

        Args:
            content: Markdown with line feeds, which ends with one.
        """
        if self.inside_html:
            content = f"\n{content}"  # An HTML block lasts until the next blank line.
        return self.before + content.replace("\n", self.newline) + self.after


def marker_lines(marker: str) -> tuple[str, str]:
    """Gives the two lines between which the region named `marker` stands."""
    return f"<!-- {marker}:start -->", f"<!-- {marker}:end -->"


def read_document(data: bytes, *, path: str, marker: str) -> Document:
    """Finds the region named `marker` in a file.

    Args:
        data: the file's bytes, in UTF-8.
        path: the file's name, for messages.
        marker: the name of the region.

    Raises:
        SpliceError: the file is not UTF-8, or the region cannot be found without doubt; the
            message names the line.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SpliceError(
            f"{path}({line}): the file is not UTF-8", "Save it as UTF-8, then run again."
        ) from None
    lines = _LINE.findall(text)
    tokens = _block_tokens(text)
    start, end = _region(tokens, path, *marker_lines(marker))
    return Document(
        before="".join(lines[: start.line + 1]),
        content="".join(lines[start.line + 1 : end.line]),
        after="".join(lines[end.line :]),
        newline=lines[start.line][len(lines[start.line].rstrip("\r\n")) :],
        level=_level_above(tokens, start.line),
        inside_html=start.line > start.block,
    )


def _block_tokens(text: str) -> list[Token]:
    """Gives the document's blocks. Inline text is left unparsed: no marker can be in it."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    with _without_collector():
        # CommonMark engines skip a byte order mark; without it the first line has its true start.
        return parser.parse(text.removeprefix(_BOM))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Lets nobody look for cycles among the blocks, which have none.

    With many of them that takes longer than parsing, and more than in proportion.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marker:
    """A line that is a marker. Lines count from 0."""

    line: int
    block: int
    """The first line of the HTML block that it stands in."""
    nested: bool
    """Whether that block is part of a list or a quote."""


def _region(tokens: list[Token], path: str, start: str, end: str) -> tuple[_Marker, _Marker]:
    """Gives the one start marker and the one end marker below it, or says what is wrong."""
    starts, ends = _find(tokens, start), _find(tokens, end)
    if not starts and not ends:
        raise SpliceError(
            f"{path}: the markers of the region are missing",
            "Paste these two lines where the papers are to stand, each on a line of its own:\n"
            f"{start}\n{end}",
        )
    for text, found, other in ((start, starts, ends), (end, ends, starts)):
        if not found:
            raise SpliceError(
                f"{path}({other[0].line + 1}): this marker stands alone; {text} is missing",
                "Add the missing line on the other side of the region.",
            )
        if len(found) > 1:
            numbers = ", ".join(str(marker.line + 1) for marker in found)
            raise SpliceError(
                f"{path}({found[1].line + 1}): the marker {text} stands in lines {numbers}",
                "Keep one of them. A second region needs a marker name of its own.",
            )
        if found[0].nested:
            raise SpliceError(
                f"{path}({found[0].line + 1}): the marker {text} stands in a list or a quote",
                "Move it to a line of its own that starts at the margin.",
            )
    if ends[0].line < starts[0].line:
        raise SpliceError(
            f"{path}({ends[0].line + 1}): the marker {end} stands above {start}, "
            f"which is in line {starts[0].line + 1}",
            "Exchange the two lines.",
        )
    return starts[0], ends[0]


def _find(tokens: list[Token], text: str) -> list[_Marker]:
    """Finds the lines that are `text`, among the HTML blocks of the document."""
    return [
        _Marker(line=token.map[0] + offset, block=token.map[0], nested=token.level > 0)
        for token in tokens
        if token.type == "html_block" and token.map
        for offset, line in enumerate(token.content.split("\n"))
        if line.strip() == text and not (offset and _OPAQUE.match(token.content))
    ]


def _level_above(tokens: list[Token], line: int) -> int:
    """Gives the level of the last heading of the document's outline above `line`."""
    level = 0
    for token in tokens:
        if token.map and token.map[0] >= line:
            break
        if token.type == "heading_open" and token.level == 0:
            level = int(token.tag[1])
    return level
