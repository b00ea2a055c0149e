"""Topics: a heading and the query behind it, from the lines that the user writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from daily_papers.topics.parser import QuerySyntaxError, parse
from daily_papers.topics.query import Query, Term, bare_phrase
from daily_papers.topics.search import Field

__all__ = ["Topic", "parse_categories", "parse_exclude", "parse_topics"]

# A colon ends the heading where white space follows it; so `Ratio 3:1` is a heading, and the
# colon of `ti:graphs` belongs to its field. A full-width one needs no space: it brings its own.
_COLON = re.compile(r'"[^"]*"|(?P<colon>:(?=\s|$)|：)')
_SIGN_OF_A_QUERY = re.compile(
    r'"[^"]*"|(?P<sign>(?<!\d):|:(?!\d)|\b(?:AND|ANDNOT|NOT|OR)\b)', re.ASCII
)
_FIELD_FIRST = re.compile(rf"\(*(?:{'|'.join(get_args(Field))})(?::|$)")
_EXAMPLE = 'as in `Tools: ti:"tool use"`'


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A heading of the page, and the query whose newest papers stand below it."""

    heading: str
    query: Query


def parse_topics(text: str) -> tuple[Topic, ...]:
    """Reads topics, one a line: `Heading`, or `Heading: query`.

    Blank lines and lines starting with `#` are skipped, white space is folded.

    Args:
        text: the lines, as in the input `keywords`.

    Returns:
        The topics in the order of their lines.

    Raises:
        ValueError: lines that cannot be understood, or topics that stand twice; the message tells
            of every such line with its number, from 1, and its place.
    """
    topics: list[Topic] = []
    problems: list[str] = []
    first_lines: dict[str, int] = {}
    for number, line in _lines(text):
        try:
            topic = _topic(line, number)
            first = first_lines.setdefault(topic.heading.casefold(), number)
            if first != number:
                expected = f"another heading: {topic.heading!r} stands in line {first} already"
                raise _error(expected, line, number)
        except QuerySyntaxError as error:
            problems.append(str(error))
        else:
            topics.append(topic)
    if problems:
        raise ValueError("\n".join(problems))
    return tuple(topics)


def parse_exclude(text: str) -> tuple[str, ...]:
    """Reads phrases, one a line; blank lines and lines starting with `#` are skipped.

    Raises:
        ValueError: lines with nothing to search for, or with a query; the message tells of all.
    """
    phrases: list[str] = []
    problems: list[str] = []
    for number, line in _lines(text):
        try:
            _check_bare(line, number, "a phrase, without operators, fields and colons")
            _bare_phrase(line, number)
            phrases.append(_folded(line))
        except QuerySyntaxError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("\n".join(problems))
    return tuple(phrases)


def parse_categories(text: str) -> tuple[str, ...]:
    """Reads archives and categories, separated by commas, spaces or lines.

    Raises:
        ValueError: one of them is none by its shape.
    """
    names: list[str] = []
    for name in re.findall(r"[^\s,]+", text):
        try:
            names.append(Term("cat", name).phrase)
        except ValueError as error:
            raise ValueError(f"expected {error}, not {name!r}") from None
    return tuple(dict.fromkeys(names))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Gives the lines that say something, with their numbers."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _topic(line: str, number: int) -> Topic:
    colon = next((match for match in _COLON.finditer(line) if match["colon"]), None)
    if colon is None:
        _check_bare(line, number, f"a heading and a colon before a query, {_EXAMPLE}")
        return Topic(heading=_folded(line), query=_bare_phrase(line, number))
    heading = _folded(line[: colon.start()])
    if not heading:
        raise _error("a heading before the colon", line, number, colon.start())
    if _FIELD_FIRST.match(heading):
        raise _error(f"a heading before the field, {_EXAMPLE}", line, number)
    return Topic(heading=heading, query=parse(line, start=colon.end(), line=number))


def _check_bare(line: str, number: int, expected: str) -> None:
    """Refuses a line that is meant to be a phrase, but looks like a query."""
    for match in _SIGN_OF_A_QUERY.finditer(line):
        if match["sign"]:
            raise _error(
                f"{expected}; a phrase with {match['sign']!r} in it stands in quotes",
                line,
                number,
                match.start(),
            )


def _bare_phrase(line: str, number: int) -> Query:
    try:
        return bare_phrase(_folded(line))
    except ValueError as error:
        raise _error(str(error), line, number) from None


def _folded(text: str) -> str:
    return " ".join(text.split())


def _error(expected: str, line: str, number: int, place: int | None = None) -> QuerySyntaxError:
    first = len(line) - len(line.lstrip())
    return QuerySyntaxError(
        expected, text=line, place=first if place is None else place, line=number
    )
