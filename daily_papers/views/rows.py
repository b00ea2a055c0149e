"""A topic's papers as lines of Markdown, in a table or a list: the part that all pages share.

A row is always one line, so that a page can be filled row by row until it is full. It is bytes, as
a page's limit counts them: as a string, one character beyond the Latin ones makes it twice as long.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from daily_papers.memory.summaries import Summary
from daily_papers.options import Column, Layout
from daily_papers.papers import Paper, SortBy
from daily_papers.views import columns, items, markdown
from daily_papers.views.columns import Shown

__all__ = ["Look", "Rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How pages show papers."""

    layout: Layout
    columns: Sequence[Column]
    """The columns of a table."""
    sort_by: SortBy
    """The date to show."""

    @property
    def header(self) -> str:
        """The lines above the rows; empty for a list."""
        return columns.header(self.columns) if self.layout is Layout.TABLE else ""

    def row(self, shown: Shown) -> str:
        """Returns the line of a paper."""
        if self.layout is Layout.LIST:
            return items.item(shown)
        return markdown.row([columns.cell(column, shown) for column in self.columns])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of some papers. Each is made when it is first needed, and kept."""

    look: Look
    papers: Sequence[Paper]
    """Newest first, or best first."""
    new: Collection[str] = ()
    """The ids of the new ones."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """A line of Markdown below a paper's title, by id."""
    summaries: Mapping[str, Summary] = field(default_factory=dict)
    """What a model has made of papers, by id."""
    _made: dict[tuple[int, bool], bytes] = field(default_factory=dict, repr=False)
    _costs: dict[int, int] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """How many papers there are."""
        return len(self.papers)

    def row(self, number: int, *, formulas: bool = True) -> bytes:
        """Returns one row, in UTF-8.

        Args:
            number: of the paper, from 0.
            formulas: whether GitHub is to typeset the formulas; otherwise they are words.
        """
        key = (number, formulas)
        if key not in self._made:
            paper = self.papers[number]
            row = self.look.row(
                Shown(
                    paper=paper,
                    date=paper.date(self.look.sort_by).date(),
                    is_new=paper.arxiv_id in self.new,
                    formulas=formulas,
                    note=self.notes.get(paper.arxiv_id, ""),
                    summary=self.summaries.get(paper.arxiv_id),
                )
            )
            self._made[key] = row.encode()
            if formulas:
                self._costs[number] = markdown.formula_cost(row)
        return self._made[key]

    def cost(self, number: int) -> int:
        """Returns what the formulas of a row cost GitHub."""
        if number not in self._costs:
            self.row(number)
        return self._costs[number]

    def first(self, count: int, typeset: int) -> list[bytes]:
        """Returns the first rows, the first `typeset` of them with formulas for GitHub."""
        return [
            self.row(number, formulas=number < typeset or not self.cost(number))
            for number in range(count)
        ]

    def text(self, rows: Sequence[bytes]) -> bytes:
        """Returns some of the rows below the table's header; empty if there are none."""
        return b"\n".join([*filter(None, [self.look.header.encode()]), *rows]) if rows else b""
