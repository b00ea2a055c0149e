"""The cells of a paper's row, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, assert_never

from daily_papers.options import Column
from daily_papers.papers import Paper, SortBy
from daily_papers.views import markdown, tex
from daily_papers.views.remarks import code_link

__all__ = [
    "abstract",
    "authors",
    "categories",
    "cell",
    "comment",
    "links",
    "title",
]

AUTHORS_SHOWN: Final = 3


def title(text: str, url: str) -> str:
    """Returns the title, bold, as a link to the paper."""
    return markdown.link(text, url, bold=True)


def abstract(text: str) -> str:
    """Returns the abstract, folded."""
    return markdown.details("Show", markdown.inline(text)) if text else ""


def comment(text: str) -> str:
    """Returns the authors' comment, folded when it is long."""
    return markdown.fold_comment(text)


def authors(names: Sequence[str]) -> str:
    """Returns the first authors, with all of them folded away when there are more."""
    shown = [markdown.link_text(name) for name in names]
    if len(shown) <= AUTHORS_SHOWN:
        return ", ".join(shown)
    return markdown.details(", ".join(shown[:AUTHORS_SHOWN]) + ", *et al.*", ", ".join(shown))


def categories(primary: str, others: Iterable[str]) -> str:
    """Returns the categories, the primary one first and bold."""
    secondary = [markdown.link_text(name) for name in others if name != primary]
    return ", ".join([f"**{markdown.link_text(primary)}**", *secondary])


def links(paper: Paper) -> str:
    """Returns where to read the paper, where it appeared, and where its code is."""
    targets = {
        "abs": paper.abs_url,
        "pdf": paper.pdf_url,
        "html": paper.html_url,
        "doi": tex.doi_url(paper.doi.split()[0]) if paper.doi else "",
        "code": code_link(paper.comment or "", paper.summary) or "",
    }
    cell = " · ".join(markdown.link(name, url) for name, url in targets.items() if url)
    return f"{cell} · {markdown.inline(paper.journal_ref)}" if paper.journal_ref else cell


def cell(column: Column, paper: Paper, sort_by: SortBy) -> str:  # noqa: PLR0911 - one a column
    """Returns what a column shows of a paper; the date is the one that orders the page."""
    match column:
        case Column.TITLE:
            return title(paper.title, paper.abs_url)
        case Column.DATE:
            return paper.date(sort_by).date().isoformat()
        case Column.AUTHORS:
            return authors(paper.authors)
        case Column.ABSTRACT:
            return abstract(paper.summary)
        case Column.COMMENT:
            return comment(paper.comment or "")
        case Column.CATEGORIES:
            return categories(paper.primary_category, paper.categories)
        case Column.LINKS:
            return links(paper)
        case _:
            assert_never(column)
