"""The archive as pages of Markdown, where there is no web page: one a month, and an index of them.

GitHub shows the index where somebody opens the folder. A page has one paper a line, in the order in
which the papers came, so that a day's change is a day's lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from daily_papers.memory.archive import NAME, Archive, Archived, Month, current_papers
from daily_papers.memory.snapshot import Snapshot
from daily_papers.views import markdown
from daily_papers.views.fit import MAX_BYTES, MAX_COST
from daily_papers.views.pages import relative_link
from daily_papers.views.signature import signature

__all__ = ["INDEX", "month_of", "recovered", "render"]

INDEX: Final = "README.md"
"""The page that leads to the months."""

FRAME: Final = 1_000
"""Bytes of a page, at most, besides its papers."""

_LISTED: Final = re.compile(
    rf"^- \[({NAME.pattern})\]\(\1\.md\): (\d{{1,6}}) papers?$", re.MULTILINE
)
_PAGE: Final = re.compile(rf"({NAME.pattern})(?:-part-\d+)?\.md")


def render(
    archive: Archive, snapshot: Snapshot, *, folder: str, readme: str, marker: str
) -> dict[str, bytes]:
    """Returns the pages that this run writes, by their paths: the current month's, and the index.

    Args:
        archive: what is remembered of it.
        snapshot: the papers that topics hold.
        folder: where the pages are.
        readme: the README's path, to lead back to.
        marker: the name of the region, with which the pages are signed.
    """
    name = archive.month or f"{snapshot.updated:%Y-%m}"
    papers = current_papers(archive, snapshot)
    parts = list(_parts(papers))
    names = [name, *(f"{name}-part-{number}" for number in range(2, len(parts) + 1))]
    made = {}
    for page, lines, following in zip(names, parts, [*names[1:], ""], strict=True):
        more = f"[More papers of this month]({following}.md)" if following else ""
        blocks = [f"# {page}", f"[All months]({INDEX})", "\n".join(lines), more]
        made[f"{folder}/{page}.md"] = _page(marker, blocks)
    months = {**archive.months, name: Month(papers=len(papers), topics={})}
    index = f"{folder}/{INDEX}"
    gone = [f"[{name}](https://arxiv.org/abs/{name})" for name in archive.withdrawn]
    blocks = [
        "# Archive",
        f"[The newest papers]({relative_link(readme, index)})",
        "Every paper that a topic ever had, by the month in which it was first seen:",
        "\n".join([_listed(name, month.papers) for name, month in reversed(months.items())]),
        f"Withdrawn after their month: {', '.join(gone)}" if gone else "",
    ]
    return {index: _page(marker, blocks), **made}


def month_of(file: str) -> str:
    """Returns the month of a page, by the name of its file; empty for any other file."""
    found = _PAGE.fullmatch(file)
    return found[1] if found else ""


def recovered(index: bytes | None) -> Archive:
    """Returns the archive as far as its index tells, where the data file is lost.

    Args:
        index: the content of the index, which anybody may have changed; `None` without one.
    """
    found = reversed(_LISTED.findall((index or b"").decode(errors="replace")))
    months = {name: Month(papers=int(count), topics={}) for name, count in found}
    return Archive(is_markdown=True, months=months)


def _listed(name: str, papers: int) -> str:
    return f"- [{name}]({name}.md): {papers} {'paper' if papers == 1 else 'papers'}"


def _page(marker: str, blocks: Sequence[str]) -> bytes:
    return ("\n\n".join(filter(None, [signature(marker), *blocks])) + "\n").encode()


def _parts(papers: Sequence[Archived]) -> Iterator[list[str]]:
    """Splits papers into pages that GitHub shows whole, each with formulas up to their budget.

    A month without papers is an empty page: the index leads to it.
    """
    lines: list[str] = []
    size = cost = 0
    for item in papers:
        line = _line(item)
        cost += markdown.formula_cost(line)
        if cost > MAX_COST:
            line = _line(item, formulas=False)
        if lines and size + len(line.encode()) + 1 > MAX_BYTES - FRAME:
            yield lines
            line = _line(item)
            lines, size, cost = [], 0, markdown.formula_cost(line)
        lines.append(line)
        size += len(line.encode()) + 1
    yield lines


def _line(item: Archived, *, formulas: bool = True) -> str:
    paper = item.paper
    parts = [
        "*withdrawn*" if paper.is_withdrawn else "",
        markdown.link(paper.title, paper.abs_url, formulas=formulas),
        paper.published.date().isoformat(),
        ", ".join(markdown.link_text(heading, formulas=formulas) for heading in item.topics),
    ]
    return f"- {' · '.join(filter(None, parts))}"
