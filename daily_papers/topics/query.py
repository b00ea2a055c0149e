"""The query language's tree: what a topic looks for, and what it compiles to.

A query can be printed in our language (`str`), compiled to arXiv's (`to_arxiv`), and matched with a
paper without asking arXiv (`matches`). arXiv can answer every tree: a query that is only negative,
or has nothing to search for, cannot be built.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from daily_papers.papers import Paper
from daily_papers.topics import search, taxonomy
from daily_papers.topics.search import Field, Indexed

__all__ = [
    "QUOTES",
    "And",
    "AndNot",
    "Or",
    "Query",
    "Term",
    "all_of",
    "any_of",
    "bare_phrase",
    "in_text",
    "joined",
    "restricted",
]

# --- The tree -----------------------------------------------------------------------------------


class Query(ABC):
    """What is looked for."""

    __slots__ = ()

    @abstractmethod
    def __str__(self) -> str:
        """Returns the query in our language. Parsing the result gives an equal query."""

    @abstractmethod
    def to_arxiv(self) -> str:
        """Returns the query in arXiv's search syntax, not yet encoded for a URL.

        arXiv has no operator precedence, guesses missing operators, and takes a term without a
        field as `all:`. So each term has its field, no operator is left out, and each operation is
        in parentheses.
        https://info.arxiv.org/help/api/user-manual.html#query_details
        """

    @property
    @abstractmethod
    def size(self) -> int:
        """How many terms arXiv has to look for."""

    @abstractmethod
    def matches(self, paper: Paper | Indexed) -> bool:
        """Whether arXiv would find `paper`.

        To match many queries with one paper, make it an `Indexed` first.
        """


@dataclass(frozen=True, slots=True)
class Term(Query):
    """A phrase that a field must contain, or a category that the paper must be in.

    Two terms that differ only in white space or quotes are equal.

    Args:
        field: where to look.
        phrase: for `cat`, an archive (`cs`) or a category (`cs.LG`); for other fields, any text.

    Raises:
        ValueError: arXiv would have nothing to search for; the message says what is expected.
    """

    field: Field
    phrase: str

    def __post_init__(self) -> None:
        normal = _category if self.field == "cat" else _phrase
        object.__setattr__(self, "phrase", normal(self.phrase, self.field))

    def __str__(self) -> str:
        return f"cat:{self.phrase}" if self.field == "cat" else f'{self.field}:"{self.phrase}"'

    def to_arxiv(self) -> str:
        """Returns the phrase in quotes after its field; a category is not quoted.

        Inside quotes, arXiv takes every character literally, except those that `Term` removes.
        """
        if self.field != "cat":
            return str(self)
        names = " OR ".join(f"cat:{pattern}" for pattern in taxonomy.patterns(self.phrase))
        return f"({names})" if " OR " in names else names

    @property
    def size(self) -> int:
        """One, or the number of patterns for an archive."""
        return len(taxonomy.patterns(self.phrase)) if self.field == "cat" else 1

    def matches(self, paper: Paper | Indexed) -> bool:
        """Whether the field contains the phrase; endings, accents and stop words do not matter."""
        return _indexed(paper).holds(self.field, self.phrase)


@dataclass(frozen=True, slots=True)
class _Operation(Query):
    """Two or more queries with the same operator between them."""

    parts: tuple[Query, ...]

    def __post_init__(self) -> None:
        if len(self.parts) < 2:  # noqa: PLR2004 - an operator joins two
            raise ValueError("an operation has at least two parts")

    @property
    @abstractmethod
    def operator(self) -> str:
        """The operator, which is the same in our language and in arXiv's."""

    def __str__(self) -> str:
        return f" {self.operator} ".join(map(_grouped, self.parts))

    def to_arxiv(self) -> str:
        """Returns all parts in one pair of parentheses, which is enough for a single operator."""
        return f"({f' {self.operator} '.join(part.to_arxiv() for part in self.parts)})"

    @property
    def size(self) -> int:
        """The number of terms in all parts."""
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
        """Whether at least one part matches."""
        paper = _indexed(paper)
        return any(part.matches(paper) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AndNot(Query):
    """What is wanted must match, and what is unwanted must not.

    arXiv has no other way to exclude papers: it can only remove some from the results of a query.
    """

    wanted: Query
    unwanted: Query

    def __str__(self) -> str:
        return f"{_grouped(self.wanted)} ANDNOT {_grouped(self.unwanted)}"

    def to_arxiv(self) -> str:
        """Returns both in one pair of parentheses."""
        return f"({self.wanted.to_arxiv()} ANDNOT {self.unwanted.to_arxiv()})"

    @property
    def size(self) -> int:
        """The number of terms in both."""
        return self.wanted.size + self.unwanted.size

    def matches(self, paper: Paper | Indexed) -> bool:
        """Whether the wanted part matches and the unwanted one does not."""
        paper = _indexed(paper)
        return self.wanted.matches(paper) and not self.unwanted.matches(paper)


def _indexed(paper: Paper | Indexed) -> Indexed:
    return paper if isinstance(paper, Indexed) else Indexed(paper)


def _grouped(query: Query) -> str:
    return str(query) if isinstance(query, Term) else f"({query})"


def all_of(queries: Iterable[Query]) -> Query:
    """Returns the query that matches if all of `queries` do; there must be at least one."""
    parts = tuple(queries)
    return parts[0] if len(parts) == 1 else And(parts)


def any_of(queries: Iterable[Query]) -> Query:
    """Returns the query that matches if one of `queries` does; there must be at least one."""
    parts = tuple(queries)
    return parts[0] if len(parts) == 1 else Or(parts)


def joined(queries: Iterable[Query]) -> Query:
    """Returns a query that matches like `any_of`, but has restrictions that all share only once.

    Topics with the same restrictions would otherwise repeat them, and each term makes the query
    larger.
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
    """Returns the query for `phrase` in the title or the abstract."""
    return Or((Term("ti", phrase), Term("abs", phrase)))


def bare_phrase(phrase: str) -> Query:
    """Returns the query of a topic that is just a phrase.

    Several words are looked for in the title or the abstract. A single word must be in both: in an
    abstract alone it is usually noise. Words are counted as arXiv searches them: `Text-to-Speech`
    is two, because hyphens separate words and *to* is not searched.
    """
    searched = [word for word in search.phrase(phrase, stemmed=True).words if word]
    if len(searched) > 1:
        return in_text(phrase)
    return And((Term("ti", phrase), Term("abs", phrase)))


def restricted(query: Query, categories: Iterable[str], exclude: Iterable[str]) -> Query:
    """Returns `query` restricted to some categories and without some phrases.

    Args:
        query: the query to restrict.
        categories: archives or categories; a paper must be in one of them. Empty for any.
        exclude: phrases that must not occur in the title or the abstract.

    Raises:
        ValueError: an item of `categories` or `exclude` cannot be searched for.
    """
    places = [Term("cat", name) for name in dict.fromkeys(categories)]
    unwanted = [in_text(phrase) for phrase in dict.fromkeys(exclude)]
    if places:
        query = And((query, any_of(places)))
    return AndNot(query, any_of(unwanted)) if unwanted else query


# --- What a term asks for -----------------------------------------------------------------------

QUOTES: Final = '"“”„'
"""Each of these begins and ends a phrase."""
# A quote would end the phrase, a backslash would escape the quote that does, and brackets would
# make a range. arXiv's tokenizer ignores them all, so a space can replace them.
_UNSAFE: Final = re.compile(rf"[\s\\\[\]{QUOTES}]+")


def _phrase(text: str, field: Field) -> str:
    if field == "au":
        text = text.replace("_", " ")  # as in au:del_maestro, which arXiv repairs only in part
    text = _UNSAFE.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if not search.phrase(text, stemmed=field != "au"):
        raise ValueError("a word to search for: letters or digits, not only words like `the`")
    return text


def _category(text: str, _: Field) -> str:
    text = text.strip(QUOTES)
    if category := taxonomy.canonical(text):
        return category
    nearest = taxonomy.nearest(text)
    suggestion = f"; did you mean {nearest}?" if nearest else ""
    raise ValueError(f"an archive or a category of arXiv, as in cs or stat.ML{suggestion}")
