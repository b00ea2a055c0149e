"""The cells of a paper's row, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from daily_papers.inputs import Column
from daily_papers.papers import Paper, SortBy
from daily_papers.views import markdown, tex

__all__ = [
    "CELLS",
    "abstract",
    "authors",
    "categories",
    "code_link",
    "comment",
    "links",
    "title",
]

AUTHORS_SHOWN: Final = 3

_CODE: Final = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.com|huggingface\.co)/[\w.-]+/[\w.-]", re.IGNORECASE
)
_CODE_HOSTS: Final = ("github.com", "gitlab.com", "huggingface.co")


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


def code_link(*texts: str) -> str | None:
    """Returns the first address of a repository or model in the texts."""
    for text in texts:
        if any(host in text for host in _CODE_HOSTS):
            for segment in tex.read(text):
                if isinstance(segment, tex.Link) and _CODE.match(segment.url):
                    return segment.url
    return None


CELLS: Final[Mapping[Column, Callable[[Paper, SortBy], str]]] = {
    Column.TITLE: lambda paper, _: title(paper.title, paper.abs_url),
    Column.DATE: lambda paper, by: paper.date(by).date().isoformat(),
    Column.AUTHORS: lambda paper, _: authors(paper.authors),
    Column.ABSTRACT: lambda paper, _: abstract(paper.summary),
    Column.COMMENT: lambda paper, _: comment(paper.comment or ""),
    Column.CATEGORIES: lambda paper, _: categories(paper.primary_category, paper.categories),
    Column.LINKS: lambda paper, _: links(paper),
}
"""How each column shows a paper; the date is the one that orders the page."""
