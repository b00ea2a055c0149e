"""Reads topics, each a heading and a query, from the lines that the user writes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

from daily_papers.topics import slips
from daily_papers.topics.parser import LONG_NAMES, QuerySyntaxError, parse
from daily_papers.topics.query import QUOTES, Query, Term, bare_phrase
from daily_papers.topics.search import Field
from daily_papers.topics.slips import Slip

__all__ = ["MAX_HEADING", "Topic", "parse_categories", "parse_exclude", "parse_topics"]

MAX_HEADING: Final = 10_000
"""The most characters of a heading, in an input and in the data file."""

# A colon ends the heading if white space follows it. So `Ratio 3:1` is a heading, and the colon of
# `ti:graphs` belongs to its field. A full-width colon needs no space after it.
_COLON: Final = re.compile(r'"[^"]*"|(?P<colon>:(?=\s|$)|：)')
_QUERY_SIGN: Final = re.compile(
    r'"[^"]*"|(?P<sign>(?<!\d):|:(?!\d)|\b(?:AND|ANDNOT|NOT|OR)\b)', re.ASCII
)
_FIELD_FIRST: Final = re.compile(rf"\(*(?:{'|'.join(get_args(Field))})(?::|$)", re.IGNORECASE)
_FIELD: Final = re.compile(
    rf"(?P<name>{'|'.join([*get_args(Field), *LONG_NAMES])})[:：]\s*", re.IGNORECASE
)
_JOINERS: Final = "\u200c\u200d"
_EXAMPLE: Final = 'as in `Tools: ti:"tool use"`'
# A comma between digits is part of a number.
_EXCLUDED: Final = re.compile(
    rf"[{QUOTES}][^{QUOTES}]*[{QUOTES}]|(?P<comma>(?<!\d)[,;]|[,;](?!\d)|[，；、])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A heading of the page, and the query whose newest papers are shown below it."""

    heading: str
    query: Query


def parse_topics(text: str) -> tuple[Topic, ...]:
    """Returns the topics in `text`, one on each line: `Heading`, or `Heading: query`.

    Blank lines and lines that start with `#` are skipped, and white space is folded.

    Args:
        text: the lines, as in the input `keywords`.

    Returns:
        The topics in the order of their lines.

    Raises:
        ValueError: some lines cannot be understood or repeat a heading; for each of them, the
            message has the line, its number (from 1), and the place of the mistake.
    """
    topics: list[Topic] = []
    problems: list[str] = []
    first_lines: dict[str, int] = {}
    for number, line in _lines(text):
        try:
            topic = _topic(line, number)
            first = first_lines.setdefault(topic.heading.casefold(), number)
            if first != number:
                expected = f"another heading: {topic.heading!r} is in line {first} already"
                raise _error(expected, line, number)
        except QuerySyntaxError as error:
            error.instead = tuple(filter(_is_topic, error.instead))
            problems.append(str(error))
        else:
            topics.append(topic)
    if problems:
        raise ValueError("\n".join(problems))
    return tuple(topics)


def parse_exclude(text: str) -> tuple[str, ...]:
    """Returns the phrases in `text`, which are separated by commas or line breaks.

    Blank lines and lines that start with `#` are skipped. A phrase that has a comma needs quotes.

    Raises:
        ValueError: some phrases have nothing to search for, or are queries; the message names all.
    """
    phrases: list[str] = []
    problems: list[str] = []
    for number, line in _lines(text):
        try:
            phrases += _excluded(line, number)
        except QuerySyntaxError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("\n".join(problems))
    return tuple(phrases)


def _excluded(line: str, number: int) -> Iterator[str]:
    _refuse(slips.line_slip(line), line, number)
    start = 0
    commas = [match.start() for match in _EXCLUDED.finditer(line) if match["comma"]]
    for end in (*commas, len(line)):
        # Spaces replace what comes before, so that an error points at the right place in the line.
        phrase = " " * start + line[start:end]
        if phrase.strip():
            _check_bare(phrase, number, "a phrase, without operators, fields and colons", line)
            _bare_phrase(phrase, number, line)
            yield _folded(phrase)
        start = end + 1


def parse_categories(text: str) -> tuple[str, ...]:
    """Returns the archives and categories in `text`, separated by commas or white space.

    Raises:
        ValueError: arXiv has no such archive or category; the message suggests the nearest.
    """
    names: list[str] = []
    for name in re.findall(r"[^\s,]+", text):
        try:
            names.append(Term("cat", name).phrase)
        except ValueError as error:
            raise ValueError(f"{name!r} is not {error}") from None
    return tuple(dict.fromkeys(names))


def _visible(text: str) -> str:
    """Returns a text without the characters that nobody sees, which arXiv takes for parts of words.

    Directional marks, soft hyphens and the like are copied along with a text. Joiners stay: some
    scripts cannot be written without them.
    """
    if text.isascii():
        return text
    seen = text.replace("\u200b", " ")  # where a line may end, between two words
    return "".join(c for c in seen if c in _JOINERS or unicodedata.category(c) != "Cf")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yields the number and the text of each line that is not blank or a comment."""
    for number, line in enumerate(_visible(text).split("\n"), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _topic(line: str, number: int) -> Topic:
    _refuse(slips.line_slip(line), line, number)
    colon = next((match for match in _COLON.finditer(line) if match["colon"]), None)
    if colon is None:
        _check_bare(line, number, f"a heading and a colon before a query, {_EXAMPLE}", line)
        _refuse(slips.bare_slip(line), line, number)
        heading = _folded(line)
        _check_length(heading, number)
        return Topic(heading=heading, query=_bare_phrase(line, number, line))
    heading = _folded(line[: colon.start()])
    if not heading:
        raise _error("a heading before the colon", line, number, colon.start())
    if _FIELD_FIRST.match(heading):
        expected = f"a heading before the field, {_EXAMPLE}"
        raise _error(expected, line, number, instead=(_with_heading(line),))
    _check_length(heading, number)
    try:
        query = parse(line, start=colon.end(), line=number)
    except QuerySyntaxError:
        _refuse(slips.next_topic(line, colon.end()), line, number)
        raise
    return Topic(heading=heading, query=query)


def _check_length(heading: str, number: int) -> None:
    """Raises a `QuerySyntaxError` if a heading is too long for the data file."""
    if len(heading) > MAX_HEADING:
        expected = f"a heading of at most {MAX_HEADING:,} characters, not {len(heading):,}"
        raise _error(expected, f"{heading[:60]}…", number)


def _is_topic(line: str) -> bool:
    try:
        _topic(line, 1)
    except QuerySyntaxError:
        return False
    return True


def _refuse(slip: Slip | None, line: str, number: int) -> None:
    if slip:
        raise _error(slip.expected, line, number, slip.place, instead=slip.instead)


def _check_bare(text: str, number: int, expected: str, line: str) -> None:
    """Raises an error if `text`, which is all of `line` or its end, looks like a query."""
    for match in _QUERY_SIGN.finditer(text):
        if match["sign"]:
            expected = f"{expected}; a phrase that has {match['sign']!r} needs quotes"
            instead = (_with_heading(text),) if text is line else ()
            raise _error(expected, line, number, match.start(), instead=instead)


def _with_heading(line: str) -> str:
    """Returns the line that turns a query without a heading into a topic."""
    fields = {name: name for name in get_args(Field)} | LONG_NAMES
    query = _FIELD.sub(lambda match: f"{fields[match['name'].lower()]}:", _folded(line))
    return f"My topic: {query}"


def _bare_phrase(text: str, number: int, line: str) -> Query:
    try:
        return bare_phrase(_folded(text))
    except ValueError as error:
        place = len(text) - len(text.lstrip())
        raise _error(str(error), line, number, place) from None


def _folded(text: str) -> str:
    return " ".join(text.split())


def _error(
    expected: str,
    line: str,
    number: int,
    place: int | None = None,
    instead: tuple[str, ...] = (),
) -> QuerySyntaxError:
    first = len(line) - len(line.lstrip())
    place = first if place is None else place
    return QuerySyntaxError(expected, text=line, place=place, line=number, instead=instead)
