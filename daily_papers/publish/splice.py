"""Finds the marked region of a Markdown document, and replaces its content.

Everything outside the region is the user's, and must stay as it is, byte for byte.

The region is between two HTML comments, each on a line of its own. Where Markdown sees no HTML
block (in a code fence, in indented code, inside a line of text) there is no marker.
Lines are counted as CommonMark counts them, from 1: LF, CR LF and CR end a line, nothing else.
"""

from __future__ import annotations

import gc
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from daily_papers.errors import SpliceError

__all__ = ["Document", "marker_lines", "read_document"]

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BOM: Final = "\ufeff"

_SAMPLE: Final = b"Last update: 2000-01-01\n\n## A\n| A |\n| --- |\n| a |\n\n"
"""A sample of what fills a region: our content begins and ends like this."""

_MOST_ADVICE: Final = 6
"""How many lines of a file a message is about."""

_OPAQUE: Final = re.compile(r"\s{0,3}<(?:pre|script|style|textarea|!|\?)", re.IGNORECASE)
"""HTML blocks (CommonMark 0.31, section 4.6, kinds 1 to 5) with text instead of parts of a page."""


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
    """The level of the heading above the region; 0 where there is none."""
    headings: tuple[str, ...]
    """The text of the headings above the region."""
    inside_html: bool
    """Whether the start marker is inside an HTML block, as it is below `<details>`."""

    @property
    def text(self) -> str:
        """The document as it is."""
        return self.before + self.content + self.after

    def with_content(self, content: bytes) -> bytes:
        """Returns the document in UTF-8, `content` in the region and everything else as it was.

        Args:
            content: Markdown with line feeds, which ends with one, in UTF-8.
        """
        if self.inside_html:
            content = b"\n" + content  # An HTML block lasts until the next blank line.
        content = content.replace(b"\n", self.newline.encode())
        return b"".join([self.before.encode(), content, self.after.encode()])


def marker_lines(marker: str) -> tuple[str, str]:
    """Returns the two lines around the region named `marker`."""
    return f"<!-- {marker}:start -->", f"<!-- {marker}:end -->"


def read_document(data: bytes, *, path: str, marker: str) -> Document:
    """Finds the region named `marker` in a file.

    Args:
        data: the file's bytes, in UTF-8.
        path: the file's name, for messages.
        marker: the name of the region.

    Raises:
        SpliceError: the file is not UTF-8, or the region cannot be found without doubt, either now
            or after it is filled; the message names the line.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SpliceError(
            f"{path}({line}): the file is not UTF-8", "Save it as UTF-8, then run again."
        ) from None
    tokens = _block_tokens(text)
    start, end = _region(tokens, text, path, marker)
    document = _document(text, tokens, start, end)
    _check_found_again(document, path, marker, start, end)
    return document


def _document(text: str, tokens: list[Token], start: _Marker, end: _Marker) -> Document:
    lines = _LINE.findall(text)
    return Document(
        before="".join(lines[: start.line + 1]),
        content="".join(lines[start.line + 1 : end.line]),
        after="".join(lines[end.line :]),
        newline=lines[start.line][len(lines[start.line].rstrip("\r\n")) :],
        level=_level_above(tokens, start.line),
        headings=_headings_above(tokens, start.line),
        inside_html=start.line > start.block,
    )


def _check_found_again(
    document: Document, path: str, marker: str, start: _Marker, end: _Marker
) -> None:
    """Refuses a document whose markers would not be found after the region is filled.

    Raises:
        SpliceError: they would not.
    """
    text = document.with_content(_SAMPLE).decode()
    tokens = _block_tokens(text)
    try:
        found = _document(text, tokens, *_region(tokens, text, path, marker))
    except SpliceError:
        found = None
    if found is None or (found.before, found.after) != (document.before, document.after):
        raise SpliceError(
            f"{path}({start.line + 1} and {end.line + 1}): with papers between these two markers, "
            "they would not be found again",
            "Put each at the margin of a line of its own, with an empty line above and below it.",
        )


def _block_tokens(text: str) -> list[Token]:
    """Returns the document's blocks. Inline text is left unparsed: no marker can be in it."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    with _without_collector():
        # CommonMark engines skip a byte order mark; without it the first line has its true start.
        return parser.parse(text.removeprefix(_BOM))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keeps the garbage collector from looking for cycles among the blocks, which have none.

    With many blocks the search takes longer than parsing, and grows faster than their number.
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
    """The first line of the HTML block that it is in."""
    nested: bool
    """Whether that block is part of a list or a quote."""


def _region(tokens: list[Token], text: str, path: str, marker: str) -> tuple[_Marker, _Marker]:
    """Returns the one start marker and the one end marker below it."""
    start, end = marker_lines(marker)
    starts, ends = _find(tokens, marker, "start"), _find(tokens, marker, "end")
    if not starts and not ends:
        raise SpliceError(
            f"{path}: the markers of the region are missing",
            _nearly(tokens, text, path, marker)
            or "Paste these two lines where the papers are to be, each on a line of its own:\n"
            f"{start}\n{end}",
        )
    for written, found, other in ((start, starts, ends), (end, ends, starts)):
        if not found:
            raise SpliceError(
                f"{path}({other[0].line + 1}): this marker is alone; {written} is missing",
                _nearly(tokens, text, path, marker)
                or "Add the missing line on the other side of the region.",
            )
        if len(found) > 1:
            numbers = ", ".join(str(place.line + 1) for place in found)
            raise SpliceError(
                f"{path}({found[1].line + 1}): the marker {written} is in lines {numbers}",
                "Keep one of them. A second region needs a marker name of its own.",
            )
        if found[0].nested:
            raise SpliceError(
                f"{path}({found[0].line + 1}): the marker {written} is in a list or a quote",
                "Move it to a line of its own that starts at the margin.",
            )
    if ends[0].line < starts[0].line:
        raise SpliceError(
            f"{path}({ends[0].line + 1}): the marker {end} is above {start}, "
            f"which is in line {starts[0].line + 1}",
            "Exchange the two lines.",
        )
    return starts[0], ends[0]


def _find(tokens: list[Token], marker: str, kind: Literal["start", "end"]) -> list[_Marker]:
    """Finds the lines that are a marker, among the HTML blocks of the document.

    Case and spaces make no difference, unless a line is exactly as in `marker_lines`: so two
    regions may have names that differ only in case.
    """
    wanted = re.compile(
        rf"[ \t]*<!--[ \t]*(?P<name>{re.escape(marker)})[ \t]*:[ \t]*{kind}[ \t]*-->[ \t]*",
        re.IGNORECASE,
    )
    found = [
        (_Marker(line=token.map[0] + offset, block=token.map[0], nested=token.level > 0), match)
        for token in tokens
        if token.type == "html_block" and token.map
        for offset, line in enumerate(token.content.split("\n"))
        if (match := wanted.fullmatch(line)) and not (offset and _OPAQUE.match(token.content))
    ]
    exact = [place for place, match in found if match["name"] == marker]
    return exact or [place for place, _ in found]


def _nearly(tokens: list[Token], text: str, path: str, marker: str) -> str:
    """Returns what is wrong with lines that look like markers but are not; usually nothing."""
    loose = re.compile(
        rf"{re.escape(marker)}(?P<between>[\W_]{{0,3}})(?P<kind>start|begin|end|stop)\b",
        re.IGNORECASE,
    )
    code = {
        number
        for token in tokens
        if token.type in {"fence", "code_block"} and token.map
        for number in range(*token.map)
    }
    opaque = {
        number: token.map[0] + 1
        for token in tokens
        if token.type == "html_block" and token.map and _OPAQUE.match(token.content)
        for number in range(token.map[0] + 1, token.map[1])
    }
    markers = {place.line for kind in ("start", "end") for place in _find(tokens, marker, kind)}
    advice: list[str] = []
    for number, line in enumerate(_LINE.findall(text)):
        match = loose.search(line)
        if match is None or number in markers or len(advice) == _MOST_ADVICE:
            continue
        start, end = marker_lines(marker)
        right = start if match["kind"].lower() in {"start", "begin"} else end
        flaw = _flaw(line, right, is_code=number in code, html=opaque.get(number))
        advice.append(f"{path}({number + 1}): {flaw}")
    return "\n".join(advice)


def _flaw(line: str, right: str, *, is_code: bool, html: int | None) -> str:
    """Returns why a line that looks like a marker is not one.

    Args:
        line: the line.
        right: the marker that it looks like.
        is_code: whether the line is in a code block.
        html: the number of the line in which the comment, script or the like around it begins;
            `None` if there is none.
    """
    if is_code:
        return f"{right} is in a code block, where it is text; put it outside, at the margin."
    if html:
        return f"{right} is inside the HTML that begins in line {html}; put it above or below that."
    odd = next((c for c in line.strip(" \t\r\n") if c.isspace() and c not in " \t"), "")
    if odd or any(c in line for c in "\u200b\u2060\ufeff"):
        name = f" (U+{ord(odd):04X})" if odd else ""
        return f"there is an odd space{name} in this line; write {right} and nothing else."
    if right.lower() == line.strip().lower():
        return f"{right} continues the text above it; put it at the margin, below an empty line."
    if right.lower() in line.lower():
        return f"there is other text beside {right}; put the marker on a line of its own."
    return f"this line is not quite a marker; write it as {right}"


def _level_above(tokens: list[Token], line: int) -> int:
    """Returns the level of the last heading of the document's outline above `line`."""
    level = 0
    for token in tokens:
        if token.map and token.map[0] >= line:
            break
        if token.type == "heading_open" and token.level == 0:
            level = int(token.tag[1])
    return level


def _headings_above(tokens: list[Token], line: int) -> tuple[str, ...]:
    """Returns the text of each heading above `line`, without its markup."""
    parser = MarkdownIt("commonmark")
    contents = (
        token.content
        for opening, token in itertools.pairwise(tokens)
        if opening.type == "heading_open" and token.map and token.map[0] < line
    )
    return tuple(
        "".join(child.content for child in inline.children or ())
        for content in contents
        for inline in parser.parseInline(content)
    )
