"""From strangers' text to Markdown that says just that text, and nothing else.

GitHub's engine is cmark-gfm. An entity is decoded after all structure has been found, so that a
character written as one can neither end a table cell nor begin a link, an emphasis or a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["details", "fold_comment", "heading", "inline", "link", "row", "table"]

_ACTIVE: Final = re.compile(r"[&<>|\\`*_\[\]{}()~$#!:@]")
"""Everything that cmark-gfm, its extensions or GitHub's filters give a meaning to in a line."""

COMMENT_WIDTH: Final = 20
FOLDED_WIDTH: Final = 5


def inline(text: str) -> str:
    """Gives `text` as one line of Markdown whose visible text is `text`, white space folded."""
    return _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", " ".join(text.split()))


def link(text: str, url: str) -> str:
    """Gives a link; `url` must be one that we made."""
    return f"[{inline(text)}]({url})"


def details(summary: str, body: str) -> str:
    """Gives `body` folded behind `summary`, on one line; both are Markdown already."""
    return f"<details><summary>{summary}</summary><p>{body}</p></details>"


def fold_comment(text: str) -> str:
    """Gives a comment as it is where it is short, else folded behind its first characters."""
    if len(text) <= COMMENT_WIDTH:
        return inline(text)
    return details(f"{inline(text[:FOLDED_WIDTH])}...", inline(text))


def heading(level: int, text: str) -> str:
    """Gives a heading of `level`, from 1 to 6."""
    return f"{'#' * level} {inline(text)}"


def row(cells: Iterable[str]) -> str:
    """Gives one row of a table from cells that are Markdown already."""
    return f"| {' | '.join(cells)} |"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Gives a table, one line a row; header and cells are Markdown already."""
    rule = ["---"] * len(header)
    return "\n".join(row(cells) for cells in [header, rule, *rows])
