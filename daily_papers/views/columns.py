"""The cells of a paper's row in a table, as Markdown.

A new column gets its cell here; the type checker finds one that has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, assert_never

from daily_papers.memory.summaries import Summary
from daily_papers.options import Column
from daily_papers.papers import Paper
from daily_papers.views import markdown, tex
from daily_papers.views.remarks import code_link
from daily_papers.views.saying import attributed, saying

__all__ = [
    "Shown",
    "cell",
    "dated",
    "first_authors",
    "header",
    "title",
]

AUTHORS_SHOWN: Final = 3

_NO_BREAK: Final = "&nbsp;" * 11
"""Makes a column as wide as a date, which a browser would break at its hyphens. Non-breaking
hyphens would work, too, but then a search for a date would not find it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A paper, and how it is shown."""

    paper: Paper
    date: date
    """The date that orders the page."""
    is_new: bool = False
    """Whether it came with the last change."""
    formulas: bool = True
    """Whether GitHub is to typeset its formulas; otherwise they are words."""
    note: str = ""
    """A line of Markdown below the title; empty for none."""
    summary: Summary | None = None
    """What a model has made of the paper, if one was asked."""


def header(columns: Sequence[Column]) -> str:
    """Returns the row of the columns' names and the rule below it."""
    names = [f"**{column.value.partition('+')[0].title()}**" for column in columns]
    wide = [
        f"{name}{_NO_BREAK}" if column is Column.DATE else name
        for name, column in zip(names, columns, strict=True)
    ]
    return f"{markdown.row(wide)}\n|{' :--- |' * len(columns)}"


def cell(column: Column, shown: Shown) -> str:  # noqa: PLR0911 - one a column
    """Returns what a column shows of a paper."""
    paper, formulas = shown.paper, shown.formulas
    match column:
        case Column.TITLE:
            return _heading(shown)
        case Column.TITLE_ABSTRACT:
            return _heading(shown) + abstract(shown, "Abstract")
        case Column.DATE:
            return dated(shown, "<br>")
        case Column.AUTHORS:
            return authors(paper.authors)
        case Column.ABSTRACT:
            return abstract(shown)
        case Column.COMMENT:
            return comment(paper.comment or "", formulas=formulas)
        case Column.CATEGORIES:
            return categories(paper.primary_category, paper.categories)
        case Column.LINKS:
            return links(paper, formulas=formulas)
        case _:
            assert_never(column)


def _heading(shown: Shown) -> str:
    """Returns the title and, below it, the note."""
    paper = shown.paper
    lines = [title(paper.title, paper.abs_url, formulas=shown.formulas), shown.note]
    return "<br>".join(filter(None, lines))


def title(text: str, url: str, *, formulas: bool = True) -> str:
    """Returns the title, bold, as a link to the paper."""
    return markdown.link(text, url, bold=True, formulas=formulas)


def dated(shown: Shown, between: str) -> str:
    """Returns the date and, after it, whether the paper is new, revised or withdrawn."""
    paper = shown.paper
    marks = [shown.date.isoformat()]
    if shown.is_new:
        marks.append("**new**")
    if paper.is_withdrawn:
        marks.append("*withdrawn*")
    elif paper.version > 1:
        marks.append(f"*v{paper.version}*")
    return between.join(marks)


def abstract(shown: Shown, label: str = "Show") -> str:
    """Returns the abstract, folded, after what a model says of the paper."""
    said = saying(shown.paper, shown.summary, "")
    texts = [
        attributed(said, formulas=shown.formulas),
        markdown.inline(shown.paper.summary, formulas=shown.formulas),
    ]
    body = "<br><br>".join(filter(None, texts))
    return markdown.details(label, body) if body else ""


def comment(text: str, *, formulas: bool = True) -> str:
    """Returns the authors' comment, folded when it is long."""
    return markdown.fold_comment(text, formulas=formulas)


def first_authors(names: Sequence[str]) -> str:
    """Returns the first authors; *et al.* stands for the others."""
    shown = [markdown.link_text(name) for name in names[:AUTHORS_SHOWN]]
    return ", ".join([*shown, "*et al.*"] if len(names) > AUTHORS_SHOWN else shown)


def authors(names: Sequence[str]) -> str:
    """Returns the first authors, with all of them folded away when there are more."""
    if len(names) <= AUTHORS_SHOWN:
        return first_authors(names)
    return markdown.details(first_authors(names), ", ".join(map(markdown.link_text, names)))


def categories(primary: str, others: Iterable[str]) -> str:
    """Returns the categories, the primary one first and bold."""
    secondary = [markdown.link_text(name) for name in others if name != primary]
    return ", ".join([f"**{markdown.link_text(primary)}**", *secondary])


def links(paper: Paper, *, formulas: bool = True) -> str:
    """Returns where to read the paper, where it appeared, and where its code is."""
    targets = {
        "abs": paper.abs_url,
        "pdf": paper.pdf_url if paper.has_pdf else "",
        "html": paper.html_url if paper.has_html else "",
        "doi": tex.doi_url(paper.doi.split()[0]) if paper.doi else "",
        "code": code_link(paper.comment or "", paper.summary) or "",
    }
    text = " · ".join(markdown.link(name, url) for name, url in targets.items() if url)
    if paper.journal_ref:
        text += f" · {markdown.inline(paper.journal_ref, formulas=formulas)}"
    return text
