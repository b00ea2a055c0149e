"""A topic's table, and the line that says how it stands: what README and topic pages share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daily_papers.memory.snapshot import Section
from daily_papers.options import Column
from daily_papers.papers import SortBy
from daily_papers.views import markdown
from daily_papers.views.columns import CELLS

__all__ = ["Table", "make_table", "state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as lines of Markdown."""

    header: str
    """The header's row and the rule below it."""
    rows: tuple[str, ...]
    """A row for each paper, newest first, each one line."""

    def first(self, count: int) -> str:
        """Gives the table with its first `count` rows; nothing where there is no row to show."""
        return "\n".join([self.header, *self.rows[:count]]) if count and self.rows else ""


def make_table(section: Section, columns: Sequence[Column], sort_by: SortBy) -> Table:
    """Gives the table of a topic with all its papers."""
    cells = [CELLS[column] for column in columns]
    return Table(
        header=markdown.table([f"**{column.title()}**" for column in columns], ()),
        rows=tuple(
            markdown.row([cell(paper, sort_by) for cell in cells]) for paper in section.papers
        ),
    )


def state(section: Section) -> str:
    """Says in one line what a reader must know of a topic's papers; mostly nothing."""
    if section.failure:
        since = section.failure.since.isoformat()
        if section.failure.checked is None:
            return f"arXiv has given no usable answer yet, since {since}."
        line = f"arXiv has given no usable answer since {since}; as of {section.failure.checked}"
        if section.failure.listed:
            line += f", and with what arXiv announced on {section.failure.listed}"
        return f"{line}."
    return "" if section.papers else "arXiv has no papers on this topic yet."
