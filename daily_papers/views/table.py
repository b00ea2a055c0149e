"""A topic's table, which README and topic pages share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daily_papers.memory.snapshot import Section
from daily_papers.options import Column
from daily_papers.papers import SortBy
from daily_papers.views import markdown
from daily_papers.views.columns import cell

__all__ = ["Table", "make_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as lines of Markdown."""

    header: str
    """The header's row and the rule below it."""
    rows: tuple[str, ...]
    """A row for each paper, newest first, each one line."""

    def first(self, count: int) -> str:
        """Returns the table with its first `count` rows; nothing where there is no row to show."""
        return "\n".join([self.header, *self.rows[:count]]) if count and self.rows else ""


def make_table(
    section: Section, columns: Sequence[Column], sort_by: SortBy, *, has_abstracts: bool = True
) -> Table:
    """Returns the table of a topic, with all its papers and, unless left out, their abstracts."""
    hidden = () if has_abstracts else (Column.ABSTRACT,)
    return Table(
        header=markdown.table([f"**{column.title()}**" for column in columns], ()),
        rows=tuple(
            markdown.row([cell(c, paper, sort_by) if c not in hidden else "" for c in columns])
            for paper in section.papers
        ),
    )
