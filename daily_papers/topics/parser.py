"""Parses the query language: turns a line into a tree, or an error that points at the mistake.

The language:

    query    = all { OR all }
    all      = operand { ( AND | NOT | ANDNOT ) operand }
    operand  = { NOT } [ field ":" ] ( phrase | "(" query ")" )
    phrase   = word { word } | quote text quote
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

from daily_papers.topics.query import (
    QUOTES,
    AndNot,
    Query,
    Term,
    all_of,
    any_of,
    bare_phrase,
    in_text,
)
from daily_papers.topics.search import Field
from daily_papers.topics.slips import category_slip, word_slip

__all__ = ["LONG_NAMES", "QuerySyntaxError", "parse"]

# --- Errors -------------------------------------------------------------------------------------


class QuerySyntaxError(ValueError):
    """A line cannot be understood.

    Args:
        expected: what should have been there, to be read after "expected".
        text: the whole line.
        place: the index of the mistake in `text`, from 0.
        line: the number of the line, from 1.
        instead: lines to write instead, if they are known.
    """

    def __init__(
        self, expected: str, *, text: str, place: int, line: int = 1, instead: Sequence[str] = ()
    ) -> None:
        self.expected = expected
        self.text = text
        self.line = line
        self.column = place + 1
        self.place = place
        self.instead = tuple(instead)
        super().__init__(expected)

    def __str__(self) -> str:
        """Returns what is expected, the line with a caret below the mistake, and what to write."""
        lines = [
            f"line {self.line}, column {self.column}: expected {self.expected}",
            f"    {self.text.rstrip()}",
            f"    {''.join(map(_space_for, self.text[: self.place]))}^",
        ]
        if self.instead:
            lines += ["  Write instead, as it is meant:", *(f"    {line}" for line in self.instead)]
        return "\n".join(lines)


def _space_for(char: str) -> str:
    """Returns white space that is as wide as `char`, so that the caret is in the right place."""
    if unicodedata.east_asian_width(char) in "WF":
        return "\N{IDEOGRAPHIC SPACE}"
    return "\t" if char == "\t" else " "


# --- Parsing ------------------------------------------------------------------------------------

_OPERATORS: Final = ("AND", "OR", "NOT", "ANDNOT")
_FIELDS: Final[tuple[Field, ...]] = get_args(Field)
_SYMBOLS: Final = {"|": "OR", "||": "OR", "&": "AND", "&&": "AND"}
LONG_NAMES: Final = {
    "title": "ti",
    "abstract": "abs",
    "summary": "abs",
    "author": "au",
    "authors": "au",
    "category": "cat",
    "categories": "cat",
    "comment": "co",
    "comments": "co",
    "journal": "jr",
}
_TOKEN: Final = re.compile(
    rf"\s*(?:(?P<open>\()|(?P<close>\))|[{QUOTES}](?P<quoted>[^{QUOTES}]*)[{QUOTES}]"
    rf"|(?P<unclosed>[{QUOTES}])|(?P<field>[A-Za-z]+):|(?P<word>[^\s(){QUOTES}]+)|(?P<end>$))"
)
_MOST_NESTED: Final = 50
_TERM: Final = "a word, a phrase in quotes, a field or an opening parenthesis"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """The name of the group in `_TOKEN`, or `operator`."""
    text: str
    place: int

    def is_operator(self, name: str) -> bool:
        return self.kind == "operator" and self.text == name


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a query that is being parsed; it may consist only of what is unwanted."""

    query: Query
    no: _Token | None = None
    """The `NOT` before the part, if it is unwanted."""

    def negated(self, no: _Token) -> _Part:
        return _Part(self.query, None if self.no else no)


def parse(text: str, *, start: int = 0, line: int = 1) -> Query:
    """Returns the query in `text`.

    Several words side by side are a phrase. A phrase without a field is looked for in the title or
    the abstract. If it is the whole query, it is a `bare_phrase`, so that a topic keeps its meaning
    when it is given another heading.

    Args:
        text: the line whose end is the query.
        start: the index in `text` at which the query starts.
        line: the number of the line, for errors.

    Raises:
        QuerySyntaxError: the text is not a query.
    """
    return _Parser(text, start, line).query()


class _Parser:
    def __init__(self, text: str, start: int, line: int) -> None:
        self._text, self._line = text, line
        self._tokens = _tokens(text, start)
        self._next = 0
        self._depth = 0

    def query(self) -> Query:
        if phrase := self._only_phrase():
            return phrase
        part = self._alternatives(None)
        if self._peek().kind != "end":
            raise self._error(self._after_term(), self._peek())
        if part.no:
            raise self._error(
                "something to look for as well, because NOT only takes away from it, "
                "as in `graphs NOT survey`",
                part.no,
            )
        return part.query

    def _only_phrase(self) -> Query | None:
        """Returns the query if it is a single phrase without a field."""
        kinds = {token.kind for token in self._tokens[:-1]}
        if kinds != {"word"} and [token.kind for token in self._tokens] != ["quoted", "end"]:
            return None
        token, phrase = self._phrase()
        try:
            return bare_phrase(phrase)
        except ValueError as error:
            raise self._error(str(error), token) from None

    def _alternatives(self, field: Field | None) -> _Part:
        parts = [self._conjunction(field)]
        while self._takes("OR"):
            parts.append(self._conjunction(field))
        if len(parts) == 1:
            return parts[0]
        for part in parts:
            if part.no:
                raise self._error(
                    "no NOT on a side of OR, because nearly every paper matches that; "
                    "NOT takes away from what is beside it, as in `graphs OR (trees NOT data)`",
                    part.no,
                )
        return _Part(any_of(part.query for part in parts))

    def _conjunction(self, field: Field | None) -> _Part:
        wanted: list[Query] = []
        unwanted: list[Query] = []
        first_no: _Token | None = None
        part: _Part | None = self._operand(field)
        while part:
            (unwanted if part.no else wanted).append(part.query)
            first_no = first_no or part.no
            if no := self._takes("ANDNOT"):
                part = self._operand(field).negated(no)
            elif self._takes("AND") or self._peek().is_operator("NOT"):
                part = self._operand(field)
            else:
                part = None
        if not wanted:
            return _Part(any_of(unwanted), first_no)
        query = all_of(wanted)
        return _Part(AndNot(query, any_of(unwanted)) if unwanted else query)

    def _operand(self, field: Field | None) -> _Part:
        nots: list[_Token] = []
        while no := self._takes("NOT"):
            nots.append(no)
        if self._peek().kind == "field":
            field = self._field()
        part = self._group(field) if self._peek().kind == "open" else _Part(self._term(field))
        return part.negated(nots[0]) if len(nots) % 2 else part

    def _field(self) -> Field:
        token = self._take()
        name = token.text.lower()
        for field in _FIELDS:
            if name == field:
                return field
        if name in LONG_NAMES:
            raise self._error(f"`{LONG_NAMES[name]}:` in place of `{token.text}:`", token)
        raise self._error(
            f"one of the fields {' '.join(_FIELDS)} before the colon, "
            f"or quotes around a phrase that has a colon",
            token,
        )

    def _group(self, field: Field | None) -> _Part:
        opening = self._take()
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise self._error(f"at most {_MOST_NESTED} parentheses inside one another", opening)
        part = self._alternatives(field)
        if self._peek().kind != "close":
            raise self._error(self._after_term(), self._peek())
        self._take()
        self._depth -= 1
        return part

    def _term(self, field: Field | None) -> Query:
        token, phrase = self._phrase(field)
        try:
            return Term(field, phrase) if field else in_text(phrase)
        except ValueError as error:
            raise self._error(str(error), token) from None

    def _phrase(self, field: Field | None = None) -> tuple[_Token, str]:
        first = self._peek()
        if first.kind == "quoted":
            return first, self._take().text
        if first.kind == "unclosed":
            raise self._error("a second quote that ends the phrase", first)
        found: list[str] = []
        while self._peek().kind == "word":
            token = self._take()
            if instead := _instead_of(token.text, field):
                raise self._error(instead, token)
            found.append(token.text)
        if not found:
            raise self._error(_TERM, first)
        if not field and len(found) == 1 and (slip := category_slip(first.text)):
            raise self._error(slip.expected, first)
        return first, " ".join(found)

    def _after_term(self) -> str:
        token = self._peek()
        if token.kind == "close":
            return "an opening parenthesis before this closing one"
        if token.kind == "unclosed":
            return "a second quote that ends the phrase"
        if token.text.upper() in _OPERATORS:
            return f"{token.text.upper()} in capitals"
        if self._depth:
            return "AND, OR, NOT or a closing parenthesis"
        return "AND, OR, NOT or the end of the line"

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _takes(self, operator: str) -> _Token | None:
        """Takes and returns the next token if it is this operator."""
        return self._take() if self._peek().is_operator(operator) else None

    def _error(self, expected: str, token: _Token) -> QuerySyntaxError:
        return QuerySyntaxError(expected, text=self._text, place=token.place, line=self._line)


def _tokens(text: str, start: int) -> list[_Token]:
    """Returns the tokens of the text from `start`; the last one marks its end."""
    tokens = []
    for match in _TOKEN.finditer(text, start):
        kind = str(match.lastgroup)
        place = match.start() + len(match[0]) - len(match[0].lstrip())
        is_operator = kind == "word" and match[kind] in _OPERATORS
        tokens.append(_Token("operator" if is_operator else kind, match[kind], place))
    return tokens


def _instead_of(word: str, field: Field | None) -> str | None:  # noqa: PLR0911 - a table
    """Returns what is expected in place of a word that is syntax in other query languages."""
    if field == "cat":
        return None  # its name is checked
    if word.upper() in _OPERATORS:
        return f"{word.upper()} in capitals, or quotes around the phrase that has `{word}`"
    if word in _SYMBOLS:
        return f"{_SYMBOLS[word]} in place of `{word}`, or quotes around the phrase"
    if word.endswith((",", ";")) and field != "au":
        return f"OR in place of `{word[-1]}`, or quotes around the phrase"
    if word.startswith("-") and word.strip("-"):
        return "NOT in place of `-`, or quotes around the phrase"
    if "*" in word:
        return "no `*`, because arXiv finds all forms of a word without it; or quotes around it"
    return word_slip(word) if field != "au" else None
