"""The query language: what a topic looks for, as a small tree that knows three things.

A query prints itself in our language (`str`), compiles itself to arXiv's (`to_arxiv`), and decides
by itself whether a paper matches. Every tree is one that arXiv can answer: what is only negative,
or holds nothing to search for, cannot be built. The language:

    query    = all { OR all }
    all      = operand { ( AND | NOT | ANDNOT ) operand }
    operand  = { NOT } [ field ":" ] ( phrase | "(" query ")" )
    phrase   = word { word } | quote text quote
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from daily_papers.papers import Paper
from daily_papers.topics import analyzer

__all__ = [
    "And",
    "AndNot",
    "Field",
    "Indexed",
    "Or",
    "Query",
    "QuerySyntaxError",
    "Term",
    "all_of",
    "any_of",
    "bare_phrase",
    "in_text",
    "joined",
    "parse",
    "restricted",
]

Field = Literal["ti", "abs", "au", "cat", "co", "jr", "all"]
"""Title, abstract, author, category, comment, journal reference, or any of them."""

# --- The tree -----------------------------------------------------------------------------------


class Query(ABC):
    """What is looked for."""

    __slots__ = ()

    @abstractmethod
    def __str__(self) -> str:
        """Gives the query in our language; parsed again, it is equal to this one."""

    @abstractmethod
    def to_arxiv(self) -> str:
        """Gives the query in arXiv's search syntax, not yet encoded for a URL.

        arXiv knows no precedence, guesses a missing operator, and searches a missing field as
        `all:`. So each term has its field, each operator is written, each operation stands in
        parentheses.
        """

    @property
    @abstractmethod
    def size(self) -> int:
        """How many terms arXiv has to look for."""

    @abstractmethod
    def matches(self, paper: Paper | Indexed) -> bool:
        """Whether arXiv would count `paper` among its answers.

        Who asks many queries about one paper should make it an `Indexed` first.
        """


@dataclass(frozen=True, slots=True)
class Term(Query):
    """A phrase that one field must hold, or a category that the paper must be in.

    Two terms that ask the same in other white space or quotes are equal.

    Args:
        field: where to look.
        phrase: for `cat` an archive (`cs`) or a category (`cs.LG`), for all others any text.

    Raises:
        ValueError: arXiv would find nothing to search for; the message says what is expected.
    """

    field: Field
    phrase: str

    def __post_init__(self) -> None:
        normal = _category if self.field == "cat" else _phrase
        object.__setattr__(self, "phrase", normal(self.phrase, self.field))

    def __str__(self) -> str:
        return f"cat:{self.phrase}" if self.field == "cat" else f'{self.field}:"{self.phrase}"'

    def to_arxiv(self) -> str:
        """Gives the phrase in quotes behind its field; a category stands as it is.

        Inside quotes every character is plain to arXiv but those that `Term` leaves out.
        """
        if self.field != "cat":
            return str(self)
        names = " OR ".join(f"cat:{pattern}" for pattern in _patterns(self.phrase))
        return f"({names})" if " OR " in names else names

    @property
    def size(self) -> int:
        """One, or as many as an archive takes."""
        return len(_patterns(self.phrase)) if self.field == "cat" else 1

    def matches(self, paper: Paper | Indexed) -> bool:
        """Whether the field holds the phrase; endings, accents and stop words do not count."""
        return _indexed(paper).holds(self.field, self.phrase)


@dataclass(frozen=True, slots=True)
class _Operation(Query):
    """Two queries or more with one operator between them, whatever their grouping."""

    parts: tuple[Query, ...]

    def __post_init__(self) -> None:
        if len(self.parts) < 2:  # noqa: PLR2004 - an operator stands between two
            raise ValueError("an operation has two parts at least")

    @property
    @abstractmethod
    def operator(self) -> str:
        """As it is written in both languages."""

    def __str__(self) -> str:
        return f" {self.operator} ".join(map(_grouped, self.parts))

    def to_arxiv(self) -> str:
        """Gives all parts in one pair of parentheses; one operator alone needs no more."""
        return f"({f' {self.operator} '.join(part.to_arxiv() for part in self.parts)})"

    @property
    def size(self) -> int:
        """The terms of all parts."""
        return sum(part.size for part in self.parts)


@dataclass(frozen=True, slots=True)
class And(_Operation):
    """All parts must match."""

    @property
    def operator(self) -> str:  # noqa: D102 - see above
        return "AND"

    def matches(self, paper: Paper | Indexed) -> bool:
        """Whether all parts match."""
        paper = _indexed(paper)
        return all(part.matches(paper) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or(_Operation):
    """At least one part must match."""

    @property
    def operator(self) -> str:  # noqa: D102 - see above
        return "OR"

    def matches(self, paper: Paper | Indexed) -> bool:
        """Whether one part matches."""
        paper = _indexed(paper)
        return any(part.matches(paper) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AndNot(Query):
    """What is wanted must match, and what is unwanted must not.

    arXiv has no other way to say no: it takes away from something.
    """

    wanted: Query
    unwanted: Query

    def __str__(self) -> str:
        return f"{_grouped(self.wanted)} ANDNOT {_grouped(self.unwanted)}"

    def to_arxiv(self) -> str:
        """Gives both in one pair of parentheses."""
        return f"({self.wanted.to_arxiv()} ANDNOT {self.unwanted.to_arxiv()})"

    @property
    def size(self) -> int:
        """The terms of both."""
        return self.wanted.size + self.unwanted.size

    def matches(self, paper: Paper | Indexed) -> bool:
        """Whether the one matches and the other does not."""
        paper = _indexed(paper)
        return self.wanted.matches(paper) and not self.unwanted.matches(paper)


def _grouped(query: Query) -> str:
    return str(query) if isinstance(query, Term) else f"({query})"


def all_of(queries: Iterable[Query]) -> Query:
    """Gives what matches where all of `queries` do; there must be one."""
    parts = tuple(queries)
    return parts[0] if len(parts) == 1 else And(parts)


def any_of(queries: Iterable[Query]) -> Query:
    """Gives what matches where one of `queries` does; there must be one."""
    parts = tuple(queries)
    return parts[0] if len(parts) == 1 else Or(parts)


def joined(queries: Iterable[Query]) -> Query:
    """Gives what matches where one of `queries` does, as `any_of`, but says once what all share.

    Topics that are restricted alike differ in their kernel alone, and arXiv counts each term.
    """
    parts = tuple(dict.fromkeys(queries))
    differences = [part for part in parts if isinstance(part, AndNot)]
    if len(differences) == len(parts) > 1 and len({part.unwanted for part in differences}) == 1:
        return AndNot(joined(part.wanted for part in differences), differences[0].unwanted)
    conjunctions = [part for part in parts if isinstance(part, And)]
    if len(conjunctions) == len(parts) > 1 and len({part.parts[1:] for part in conjunctions}) == 1:
        shared = conjunctions[0].parts[1:]
        return And((joined(part.parts[0] for part in conjunctions), *shared))
    return any_of(parts)


def in_text(phrase: str) -> Query:
    """Gives what looks for `phrase` in title or abstract."""
    return Or((Term("ti", phrase), Term("abs", phrase)))


def bare_phrase(phrase: str) -> Query:
    """Gives what a phrase means that is all a topic says.

    Several words are looked for in title or abstract. A single word must stand in both: in an
    abstract alone it is mostly noise.
    """
    if len(phrase.split()) > 1:
        return in_text(phrase)
    return And((Term("ti", phrase), Term("abs", phrase)))


def restricted(query: Query, categories: Iterable[str], exclude: Iterable[str]) -> Query:
    """Gives `query` for papers of some categories only, and without some phrases.

    Args:
        query: what is looked for.
        categories: archives or categories of which a paper must be in one; empty for any.
        exclude: phrases of which a paper must have none in its title or abstract.

    Raises:
        ValueError: one of `categories` or `exclude` is none.
    """
    places = [Term("cat", name) for name in dict.fromkeys(categories)]
    unwanted = [in_text(phrase) for phrase in dict.fromkeys(exclude)]
    if places:
        query = And((query, any_of(places)))
    return AndNot(query, any_of(unwanted)) if unwanted else query


# --- What a term asks for -----------------------------------------------------------------------

_QUOTES = '"“”„'
# A quote would end the phrase, a backslash would escape the quote that does, and brackets would
# make a range. arXiv's tokeniser ignores them all, so a space may stand for them.
_UNSAFE = re.compile(rf"[\s\\\[\]{_QUOTES}]+")

# fmt: off
_UNDIVIDED = frozenset({
    "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nucl-ex", "nucl-th", "quant-ph",
})
"""The archives that are categories themselves."""
# fmt: on
_DIVIDED_LATE = frozenset({"astro-ph", "cond-mat"})
"""The archives whose oldest papers are in no category within them."""
_ARCHIVE_OR_CATEGORY = re.compile(
    r"(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.(?:\*|(?P<subject>[a-z]+(?:-[a-z]+)?)))?", re.IGNORECASE
)


def _phrase(text: str, field: Field) -> str:
    if field == "au":
        text = text.replace("_", " ")  # as in au:del_maestro, which arXiv repairs only in part
    text = _UNSAFE.sub(" ", text).strip()
    if not analyzer.phrase(text, stemmed=field != "au"):
        raise ValueError("a word to search for: Latin letters or digits, not only words like `the`")
    return text


def _category(text: str, _: Field) -> str:
    match = _ARCHIVE_OR_CATEGORY.fullmatch(text.strip(_QUOTES))
    if not match:
        raise ValueError("an archive or a category of arXiv, as in cs or stat.ML")
    archive, subject = match["archive"].lower(), match["subject"]
    if subject is None:
        return archive
    two_letters = len(subject) == 2  # noqa: PLR2004 - as in cs.LG, unlike physics.optics
    return f"{archive}.{subject.upper() if two_letters else subject.lower()}"


def _patterns(category: str) -> list[str]:
    """Gives what has to be asked for a category, or for all of an archive."""
    if "." in category or category in _UNDIVIDED:
        return [category]
    return [category, f"{category}.*"] if category in _DIVIDED_LATE else [f"{category}.*"]


# --- Papers as they are searched ----------------------------------------------------------------

_ENGLISH: Final[dict[Field, str]] = {
    "ti": "title",
    "abs": "summary",
    "co": "comment",
    "jr": "journal_ref",
}
"""The fields that are stemmed, and the attributes of a paper that they search."""
_AUTHOR: Final[Field] = "au"


class Indexed:
    """A paper in the form in which it is searched: each of its texts is taken apart once."""

    __slots__ = ("_texts", "paper")

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self._texts: dict[Field, analyzer.Text] = {}

    def holds(self, field: Field, phrase: str) -> bool:
        """Whether a field has what a term asks for."""
        if field == "cat":
            return any(map(self._is_in, _patterns(phrase)))
        if field == "all":
            return self._holds_anywhere(phrase)
        return analyzer.phrase(phrase, stemmed=field != "au").stands_in(self._text(field))

    def _holds_anywhere(self, phrase: str) -> bool:
        paper = self.paper
        exact = (paper.arxiv_id, paper.versioned_id, paper.doi, *paper.categories)
        return phrase in exact or any(self.holds(field, phrase) for field in (*_ENGLISH, _AUTHOR))

    def _is_in(self, pattern: str) -> bool:
        if pattern.endswith("*"):
            return any(name.startswith(pattern[:-1]) for name in self.paper.categories)
        return pattern in self.paper.categories

    def _text(self, field: Field) -> analyzer.Text:
        if field not in self._texts:
            self._texts[field] = self._authors() if field == _AUTHOR else self._english(field)
        return self._texts[field]

    def _english(self, field: Field) -> analyzer.Text:
        return analyzer.Text.of(analyzer.stems(getattr(self.paper, _ENGLISH[field]) or ""))

    def _authors(self) -> analyzer.Text:
        """Gives each name as it is written and with the last word first, with gaps between."""
        found: list[str] = []
        for author in self.paper.authors:
            name = analyzer.words(author)
            found += [*name, analyzer.GAP, *name[-1:], *name[:-1], analyzer.GAP]
        return analyzer.Text.of(found)


def _indexed(paper: Paper | Indexed) -> Indexed:
    return paper if isinstance(paper, Indexed) else Indexed(paper)


# --- Errors -------------------------------------------------------------------------------------


class QuerySyntaxError(ValueError):
    """A line that cannot be understood, with the place where that shows.

    Args:
        expected: what should have been there, to be read behind "expected".
        text: the whole line.
        place: where in it, from 0.
        line: the number of the line, from 1.
    """

    def __init__(self, expected: str, *, text: str, place: int, line: int = 1) -> None:
        self.expected = expected
        self.text = text
        self.line = line
        self.column = place + 1
        super().__init__(
            f"line {line}, column {self.column}: expected {expected}\n"
            f"    {text.rstrip()}\n"
            f"    {''.join(map(_space_for, text[:place]))}^"
        )


def _space_for(char: str) -> str:
    """Gives white space that is as wide as `char`, so that a caret stands where it should."""
    if unicodedata.east_asian_width(char) in "WF":
        return "\N{IDEOGRAPHIC SPACE}"
    return "\t" if char == "\t" else " "


# --- Parsing ------------------------------------------------------------------------------------

_OPERATORS: Final = ("AND", "OR", "NOT", "ANDNOT")
_FIELDS: Final[tuple[Field, ...]] = get_args(Field)
_SYMBOLS: Final = {"|": "OR", "||": "OR", "&": "AND", "&&": "AND"}
_LONG_NAMES: Final = {
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
    rf"\s*(?:(?P<open>\()|(?P<close>\))|[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}]"
    rf"|(?P<unclosed>[{_QUOTES}])|(?P<field>[A-Za-z]+):|(?P<word>[^\s(){_QUOTES}]+)|(?P<end>$))"
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
    """A part of a query that is being read, which may only say what is unwanted."""

    query: Query
    no: _Token | None = None
    """The `NOT` that says so."""

    def negated(self, no: _Token) -> _Part:
        return _Part(self.query, None if self.no else no)


def parse(text: str, *, start: int = 0, line: int = 1) -> Query:
    """Reads a query.

    Several words side by side are a phrase. A phrase without a field is looked for in title or
    abstract; only where it is the whole query it is a `bare_phrase`, so that a topic may get
    another heading without meaning something else.

    Args:
        text: the line that holds the query, up to its end.
        start: where in `text` the query starts.
        line: the line's number, for errors.

    Raises:
        QuerySyntaxError: with the place of the mistake and what was expected there.
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
                "something to look for as well, since NOT only takes away from it, "
                "as in `graphs NOT survey`",
                part.no,
            )
        return part.query

    def _only_phrase(self) -> Query | None:
        """Gives the query if it is nothing but one phrase without a field."""
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
                    "no NOT on a side of OR, for nearly every paper matches that; "
                    "NOT takes away from what stands beside it, as in `graphs OR (trees NOT data)`",
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
        if name in _LONG_NAMES:
            raise self._error(f"`{_LONG_NAMES[name]}:` in place of `{token.text}:`", token)
        raise self._error(
            f"one of the fields {' '.join(_FIELDS)} before the colon, "
            f"or quotes around a phrase that has a colon",
            token,
        )

    def _group(self, field: Field | None) -> _Part:
        opening = self._take()
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise self._error(f"at most {_MOST_NESTED} parentheses in one another", opening)
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
        """Takes the next token if it is this operator."""
        return self._take() if self._peek().is_operator(operator) else None

    def _error(self, expected: str, token: _Token) -> QuerySyntaxError:
        return QuerySyntaxError(expected, text=self._text, place=token.place, line=self._line)


def _tokens(text: str, start: int) -> list[_Token]:
    """Takes the text from `start` on apart; the last token is its end."""
    tokens = []
    for match in _TOKEN.finditer(text, start):
        kind = str(match.lastgroup)
        place = match.start() + len(match[0]) - len(match[0].lstrip())
        is_operator = kind == "word" and match[kind] in _OPERATORS
        tokens.append(_Token("operator" if is_operator else kind, match[kind], place))
    return tokens


def _instead_of(word: str, field: Field | None) -> str | None:
    """Tells what is meant by a word that other query languages would take for more."""
    instead = None
    if field == "cat":
        pass  # its shape is checked
    elif word.upper() in _OPERATORS:
        instead = f"{word.upper()} in capitals, or quotes around the phrase that has `{word}`"
    elif word in _SYMBOLS:
        instead = f"{_SYMBOLS[word]} in place of `{word}`, or quotes around the phrase"
    elif word.endswith((",", ";")) and field != "au":
        instead = f"OR in place of `{word[-1]}`, or quotes around the phrase"
    elif word.startswith("-") and word.strip("-"):
        instead = "NOT in place of `-`, or quotes around the phrase"
    elif "*" in word:
        instead = "no `*`, for arXiv finds all forms of a word by itself; or quotes around it"
    return instead
