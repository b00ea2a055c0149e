"""Topics: a heading and the query behind it, from the lines that the user writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["And", "Or", "Query", "Term", "Topic", "parse_topics"]


class Query(Protocol):
    """What is asked of arXiv: a small tree of terms."""

    def to_arxiv(self) -> str:
        """Gives the query in arXiv's search syntax, not yet encoded for a URL."""
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase that one field must hold."""

    field: Literal["ti", "abs"]
    phrase: str

    def to_arxiv(self) -> str:
        """Gives the phrase in quotes behind its field, as in `ti:"graph neural networks"`.

        Inside quotes every character is plain to arXiv but the quote itself, which has no
        escape; arXiv's tokeniser ignores punctuation, so that a space may stand for it.
        """
        phrase = " ".join(self.phrase.replace('"', " ").replace("\\", " ").split())
        return f'{self.field}:"{phrase}"'


@dataclass(frozen=True, slots=True)
class And:
    """Both sides must match."""

    left: Query
    right: Query

    def to_arxiv(self) -> str:
        """Gives the two sides in parentheses: arXiv knows no precedence of operators."""
        return f"({self.left.to_arxiv()} AND {self.right.to_arxiv()})"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one side must match."""

    left: Query
    right: Query

    def to_arxiv(self) -> str:
        """Gives the two sides in parentheses: arXiv knows no precedence of operators."""
        return f"({self.left.to_arxiv()} OR {self.right.to_arxiv()})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A heading of the page, and the query whose newest papers stand below it."""

    heading: str
    query: Query


def parse_topics(text: str) -> tuple[Topic, ...]:
    """Reads topics, one a line.

    Blank lines and lines starting with `#` are skipped, white space is folded.

    Args:
        text: the lines, as in the input `keywords`.

    Returns:
        The topics in the order of their lines.

    Raises:
        ValueError: a line has nothing to search for, or a topic stands twice; the message tells
            of every such line with its number, from 1.
    """
    topics: list[Topic] = []
    problems: list[str] = []
    first_lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        heading = " ".join(line.split())
        if not heading or heading.startswith("#"):
            continue
        first = first_lines.setdefault(heading.casefold(), number)
        if first != number:
            problems.append(f"line {number}: {heading!r} stands in line {first} already")
        elif not any(map(str.isalnum, heading)):
            problems.append(f"line {number}: {heading!r} has no letter or digit to search for")
        else:
            topics.append(Topic(heading=heading, query=bare_phrase(heading)))
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(topics)


def bare_phrase(phrase: str) -> Query:
    """Gives what a phrase without operators means.

    Several words are looked for in title or abstract. A single word must stand in both: in an
    abstract alone it is mostly noise.
    """
    title, abstract = Term("ti", phrase), Term("abs", phrase)
    return Or(title, abstract) if " " in phrase else And(title, abstract)
