"""arXiv's search, as far as its answers to `search_query` show it.

Imitated: the repairs that arXiv makes to a query before it reads it (a missing prefix is `all:`, a
missing operator is `OR`, of two operators in a row the first is dropped, `NOT` is `ANDNOT`, a
prefix before a parenthesis goes to each term inside), nesting to the right without precedence,
English analysis of texts (Unicode's words, accents folded, lower case, `'s` and stop words dropped,
Porter's stems), phrases in quotes, wildcards, and dates of submission.

Not imitated: relevance as Elasticsearch scores it, initials of authors, boosts, highlighting.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from tests.standins.stemmer import stem
from tests.standins.tokens import plain_words

if TYPE_CHECKING:
    from tests.standins.entry import Entry

__all__ = ["Document", "InvalidQueryError", "Node", "Operation", "Term", "adapted", "parsed"]

# --- Queries ------------------------------------------------------------------------------------

Kind = Literal["prefix", "(", ")", "operator", "text"]
Token = tuple[Kind, str]

_OPERATORS = ("AND", "ANDNOT", "NOT", "OR")
_PREFIXES = ("abs", "all", "au", "cat", "co", "doi", "id", "jr", "rn", "submittedDate", "ti")
_DATES = re.compile(r"submittedDate:\[([\d-]{4,14}) TO ([\d-]{4,14})\]")
_TOKEN = re.compile(
    r'(?P<quoted>"[^"]*")'
    r"|(?P<parenthesis>[()])"
    rf"|(?P<operator>\b(?:{'|'.join(_OPERATORS)})\b(?=[()\s]|$))"
    rf"|(?P<prefix>(?:{'|'.join(_PREFIXES)}|title):)"
    r'|(?P<word>[^"()\s]+)'
)


_JOINED = {("(", "prefix"), ("prefix", "text"), ("text", ")")}
"""The neighbors that have no space between them in an echoed query."""


class InvalidQueryError(ValueError):
    """A query that arXiv refuses; the message is arXiv's."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for in one field."""

    field: str
    value: str
    quoted: bool = False

    def __str__(self) -> str:
        return f'{self.field}:"{self.value}"' if self.quoted else f"{self.field}:{self.value}"


@dataclass(frozen=True, slots=True)
class Operation:
    """Two queries and the operator between them."""

    operator: str
    left: Node
    right: Node

    def __str__(self) -> str:
        sides = [f"({s})" if isinstance(s, Operation) else str(s) for s in (self.left, self.right)]
        return f"{sides[0]} {self.operator} {sides[1]}"


Node = Term | Operation


def adapted(query: str) -> str:
    """Repairs `query` as arXiv does before reading it; the feed's title shows this form."""
    text = ""
    before: Kind | None = None
    for kind, word in _repaired(_tokens(query)):
        text += word if (before, kind) in _JOINED else f" {word}"
        before = kind
    return text.strip()


def parsed(query: str) -> Node:
    """Reads `query`, after the repairs; everything nests to the right."""
    try:
        node, rest = _expression(_repaired(_tokens(query)))
    except (InvalidQueryError, IndexError):
        rest = [("text", "")]
    if rest:
        raise InvalidQueryError(f"Invalid query string: '{adapted(query)}'")
    return node


def _expression(tokens: list[Token]) -> tuple[Node, list[Token]]:
    left, rest = _operand(tokens)
    if not rest or rest[0][0] != "operator":
        return left, rest
    right, after = _expression(rest[1:])
    return Operation(rest[0][1], left, right), after


def _operand(tokens: list[Token]) -> tuple[Node, list[Token]]:
    kind, word = tokens[0]
    if kind == "(":
        node, rest = _expression(tokens[1:])
        if rest[0][0] != ")":
            raise InvalidQueryError
        return node, rest[1:]
    if kind != "prefix":
        raise InvalidQueryError
    value = tokens[1][1]
    return Term(word.removesuffix(":"), value.strip('"').strip(), value.startswith('"')), tokens[2:]


# --- The repairs --------------------------------------------------------------------------------


def _tokens(query: str) -> list[Token]:
    query = query.replace("\r", " ").replace("\n", " ")
    query = query.replace("lastUpdatedDate:", "submittedDate:")
    query = _DATES.sub(_quoted_range, query)
    kinds: dict[str, Kind] = {"quoted": "text", "word": "text"}
    tokens: list[Token] = []
    for match in _TOKEN.finditer(query):
        group = str(match.lastgroup)
        word = match[0].replace("title:", "ti:") if group == "prefix" else match[0]
        kind = word if group == "parenthesis" else kinds.get(group, group)
        tokens.append((kind, word))  # type: ignore[arg-type]
    return tokens


def _quoted_range(match: re.Match[str]) -> str:
    begin = _whole_date(match[1], month="01", end=False)
    return f'submittedDate:"{begin} TO {_whole_date(match[2], month="12", end=True)}"'


def _whole_date(digits: str, *, month: str, end: bool) -> str:
    """Fills up a year, a month or a day to `YYYYMMDDHHMM`."""
    if not digits.isdigit():
        return digits
    if len(digits) == 4:
        digits += month
    if len(digits) == 6:
        last = calendar.monthrange(int(digits[:4]), int(digits[4:]))[1]
        digits += f"{last:02}" if end else "01"
    if len(digits) == 8:
        digits += "2359" if end else "0000"
    return digits[:12]


def _repaired(tokens: list[Token]) -> list[Token]:
    for repair in (
        _with_andnot,
        _with_inner_prefixes,
        _with_prefixes,
        _with_single_operators,
        _with_operators,
        _with_first_author,
        _without_empty_prefixes,
    ):
        tokens = repair(tokens)
    return tokens


def _with_andnot(tokens: list[Token]) -> list[Token]:
    done: list[Token] = []
    for token in tokens:
        if token == ("operator", "NOT"):
            if done and done[-1] == ("operator", "AND"):
                done.pop()
            done.append(("operator", "ANDNOT"))
        else:
            done.append(token)
    return done


def _with_inner_prefixes(tokens: list[Token]) -> list[Token]:
    """Moves a prefix before a parenthesis to each bare term inside."""
    done: list[Token] = []
    outer: Token | None = None
    depth = 0
    for token in tokens:
        if token[0] == "(":
            if depth == 0 and done and done[-1][0] == "prefix":
                outer = done.pop()
            depth += outer is not None
        elif token[0] == ")" and outer is not None:
            depth -= 1
            outer = outer if depth else None
        elif token[0] == "text" and outer is not None and done[-1][0] != "prefix":
            done.append(outer)
        done.append(token)
    return done


def _with_prefixes(tokens: list[Token]) -> list[Token]:
    done: list[Token] = []
    for token in tokens:
        if token[0] == "text" and (not done or done[-1][0] != "prefix"):
            done.append(("prefix", "all:"))
        done.append(token)
    return done


def _with_single_operators(tokens: list[Token]) -> list[Token]:
    done: list[Token] = []
    for token in tokens:
        if token[0] == "operator" and done and done[-1][0] == "operator":
            done.pop()
        done.append(token)
    return done


def _with_operators(tokens: list[Token]) -> list[Token]:
    done: list[Token] = []
    for token in tokens:
        before = done[-1][0] if done else None
        two_terms = before in ("text", ")") and token[0] in ("prefix", "(", "text")
        if two_terms or (before == "prefix" and token[0] == "prefix"):
            done.append(("operator", "OR"))
        done.append(token)
    return done


def _with_first_author(tokens: list[Token]) -> list[Token]:
    """Repairs `au:del_maestro`, but (as arXiv does) only where it is the first term."""
    if tokens[:1] == [("prefix", "au:")] and len(tokens) > 1 and "_" in tokens[1][1]:
        name = tokens[1][1].replace("_", " ").strip('"')
        return [tokens[0], ("text", f'"{name}"'), *tokens[2:]]
    return tokens


def _without_empty_prefixes(tokens: list[Token]) -> list[Token]:
    kinds = [kind for kind, _ in tokens]
    return [
        token
        for place, token in enumerate(tokens, start=1)
        if token[0] != "prefix" or kinds[place : place + 1] == ["text"]
    ]


# --- Texts --------------------------------------------------------------------------------------

# fmt: off
_STOP_WORDS = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in",
    "into", "is", "it", "no", "not", "of", "on", "or", "such", "that", "the", "their",
    "then", "there", "these", "they", "this", "to", "was", "will", "with",
))
# fmt: on
_DROPPED = "·"
"""Takes the place of a stop word, which counts in phrases."""
_APART = "|"
"""Separates two fields, so that no phrase extends from one into the next."""


@lru_cache(maxsize=10_000)
def _stems(text: str) -> list[str]:
    return [_DROPPED if word in _STOP_WORDS else stem(word) for word in plain_words(text)]


def _line(words: list[str]) -> str:
    """One string of all words, each between spaces, for fast search."""
    return f" {' '.join(words)} "


def _stemmed_line(text: str) -> str:
    return _line(_stems(text))


def _holds(line: str, words: list[str], *, quoted: bool) -> bool:
    """Whether the words are in `line`: side by side if `quoted`, else in any order."""
    known = [word for word in words if word != _DROPPED]
    if not known:
        return False
    if not quoted:
        return all(f" {word} " in line for word in known)
    if _DROPPED not in words:
        return _line(words) in line
    return _phrase(tuple(words)).search(line) is not None


@lru_cache(maxsize=10_000)
def _phrase(words: tuple[str, ...]) -> re.Pattern[str]:
    """The pattern of a phrase; any single word matches a stop word."""
    text = " ".join(words).strip(f" {_DROPPED}")
    return re.compile(" " + re.escape(text).replace(re.escape(_DROPPED), "[^ ]+") + " ")


# --- Documents ----------------------------------------------------------------------------------

_ENGLISH = ("ti", "abs", "co", "jr")
_EXACT = ("cat", "id", "doi", "rn")


class Document:
    """An entry in the form in which it is searched."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._found: dict[str, bool] = {}

    @cached_property
    def _texts(self) -> dict[str, str]:
        entry = self.entry
        return {
            "ti": entry.title,
            "abs": entry.summary,
            "co": entry.comment or "",
            "jr": entry.journal_ref or "",
        }

    @cached_property
    def _stemmed(self) -> dict[str, str]:
        return {field: _stemmed_line(text) for field, text in self._texts.items()}

    @cached_property
    def _plain(self) -> dict[str, str]:
        return {field: _line(plain_words(text)) for field, text in self._texts.items()}

    @cached_property
    def _authors(self) -> list[str]:
        """Each name twice: as it is written, and with the last word first."""
        names = [plain_words(author.name) for author in self.entry.authors]
        return [_line(form) for name in names for form in (name, name[-1:] + name[:-1])]

    @cached_property
    def _everything(self) -> str:
        return _APART.join((*self._plain.values(), *self._authors))

    def is_found(self, query: str, node: Node) -> bool:
        """Whether the entry is an answer to a query, which `node` is; each is judged once."""
        if query not in self._found:
            self._found[query] = self.matches(node)
        return self._found[query]

    def matches(self, node: Node) -> bool:
        """Whether the entry is an answer to the query."""
        if isinstance(node, Term):
            return self._matches_term(node)
        left = self.matches(node.left)
        if node.operator == "OR":
            return left or self.matches(node.right)
        return left and self.matches(node.right) != (node.operator == "ANDNOT")

    def score(self, node: Node) -> int:
        """A simple relevance: words found, those of the title counting five times."""
        if isinstance(node, Operation):
            return self.score(node.left) + self.score(node.right)
        stems = [word for word in _stems(node.value) if word != _DROPPED]
        title, summary = self._stemmed["ti"], self._stemmed["abs"]
        return sum(5 * title.count(f" {word} ") + summary.count(f" {word} ") for word in stems)

    def _matches_term(self, term: Term) -> bool:
        if term.field == "all":
            return self._matches_any_field(term)
        if term.field == "au":
            return self._matches_author(term)
        if term.field == "submittedDate":
            return self._submitted_within(term)
        if term.field in _EXACT:
            return self._has_exactly(term)
        if not term.quoted and _has_wildcard(term.value):
            return _any_like(term.value, self._plain[term.field])
        return _holds(self._stemmed[term.field], _stems(term.value), quoted=term.quoted)

    def _matches_any_field(self, term: Term) -> bool:
        fields = (*_ENGLISH, *_EXACT, "au")
        if any(self._matches_term(Term(field, term.value, term.quoted)) for field in fields):
            return True
        return _holds(self._everything, plain_words(term.value), quoted=term.quoted)

    def _matches_author(self, term: Term) -> bool:
        if not term.quoted and _has_wildcard(term.value):
            return any(_any_like(term.value, line) for line in self._authors)
        if "_" in term.value:
            return False
        words = plain_words(term.value)
        return any(_holds(line, words, quoted=term.quoted) for line in self._authors)

    def _has_exactly(self, term: Term) -> bool:
        entry = self.entry
        values = {
            "cat": entry.categories,
            "id": (entry.arxiv_id, entry.versioned_id),
            "doi": (entry.doi or "",),
            "rn": (entry.report_number or "",),
        }[term.field]
        if not term.quoted and _has_wildcard(term.value):
            return any(fnmatchcase(value, term.value) for value in values)
        return term.value != "" and term.value in values

    def _submitted_within(self, term: Term) -> bool:
        begin, _, end = term.value.partition(" TO ")
        try:
            first = datetime.strptime(begin, "%Y%m%d%H%M").replace(tzinfo=UTC)
            last = datetime.strptime(end, "%Y%m%d%H%M").replace(tzinfo=UTC)
        except ValueError:
            raise InvalidQueryError(f"Invalid query string: '{term}'") from None
        return first <= self.entry.published < last + timedelta(minutes=1)


def _has_wildcard(value: str) -> bool:
    """Wildcards count anywhere but in front."""
    return re.search(r".[*?]", value) is not None and value[0] not in "*?"


def _any_like(pattern: str, line: str) -> bool:
    return any(fnmatchcase(word, pattern.casefold()) for word in line.split())
