"""The README and the topics' pages: which rows are where, within what GitHub shows.

GitHub cuts a long page without a word, and typesets only so many formulas on one page. What these
limits allow is shared fairly among the topics, newest rows first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.memory.summaries import Summary
from daily_papers.options import Pages
from daily_papers.padding import lacking, padded
from daily_papers.publish.splice import Document
from daily_papers.views import markdown, pages, readme
from daily_papers.views.fit import MAX_BYTES, MAX_COST, share
from daily_papers.views.picks import Picks
from daily_papers.views.readme import Links, Part
from daily_papers.views.rows import Look, Rows

__all__ = ["Frame", "LaidOut", "Wish", "lay_out"]

ROOMY: Final = MAX_BYTES * 4 // 5
"""Bytes up to which a README has room to spare."""

KEPT: Final = timedelta(days=7)
"""For how long the topics' pages stay after the README has room to spare: a page that came and went
with each busy week would break the links to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The README as it is, and what else is in its region."""

    document: Document
    links: Links
    picks: Picks | None
    """`None` where nothing is liked."""
    chart: Callable[[Section, date], str]
    """Returns Markdown that shows a topic's papers by the week, up to a day; empty for none."""

    def render(self, updated: date, parts: Sequence[Part]) -> bytes:
        """Returns the whole README with `parts` in its region."""
        content = readme.render(
            updated,
            parts,
            level=min(max(self.document.level + 1, 2), 6),
            above=self.document.headings,
            links=self.links,
            picks=self.picks,
            chart=lambda section: self.chart(section, updated),
        )
        return self.document.with_content(content)

    def render_padded(self, updated: date, parts: Sequence[Part]) -> bytes:
        """Returns the README with blanks at the end of its region, as `padding` says."""
        data = self.render(updated, parts)
        count = lacking(len(data)) - len(self.document.newline.encode())
        # One that is too long already must not lose more of what is below the region.
        if count < 0 or len(data) > MAX_BYTES:
            return data
        end = len(data) - len(self.document.after.encode())
        blanks = b" " * count + self.document.newline.encode()
        return data[:end] + blanks + data[end:]

    @property
    def cost(self) -> int:
        """What the formulas outside the topics cost GitHub."""
        outside = markdown.formula_cost(self.document.before + self.document.after)
        return outside + (self.picks.cost if self.picks else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the user wants the README and the pages."""

    look: Look
    pages: Pages
    folder: str
    """Of the pages."""
    readme: str
    marker: str
    taken: Collection[str]
    """Paths that no page may have."""
    summaries: Mapping[str, Summary] = field(default_factory=dict)
    """What a model has made of papers, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """The files that consist of rows."""

    updated: date
    """The date that the README shows."""
    readme: bytes
    pages: dict[str, bytes]
    """By path."""
    roomy_since: date | None
    """The day since which the README has had room to spare, while there are pages."""


def lay_out(
    wish: Wish,
    frame: Frame,
    snapshot: Snapshot,
    *,
    existing: Collection[str],
    roomy_since: date | None,
) -> LaidOut:
    """Returns the README, and the topics' pages if they are wanted or needed.

    Args:
        wish: how the user wants them.
        frame: the README as it is.
        snapshot: the papers.
        existing: the generated files that there are.
        roomy_since: the day since which the README has had room to spare, if one is remembered.
    """
    sections = snapshot.sections
    rows = [
        Rows(look=wish.look, papers=part.papers, new=part.new, summaries=wish.summaries)
        for part in sections
    ]
    names = pages.file_names([part.heading for part in sections], wish.folder, wish.taken)
    parts = _typeset(
        frame,
        [
            Part(section=section, rows=some, shown=len(some), typeset=len(some))
            for section, some in zip(sections, rows, strict=True)
        ],
    )
    size = _size(frame, snapshot, parts)
    is_there = wish.pages is Pages.AUTO and not set(names).isdisjoint(existing)
    since = (roomy_since or snapshot.updated) if is_there and size <= ROOMY else None
    is_needed = size > MAX_BYTES or (is_there and not (since and snapshot.updated - since >= KEPT))
    has_pages = wish.pages is Pages.ALWAYS or (wish.pages is Pages.AUTO and is_needed)
    made: dict[str, bytes] = {}
    if has_pages:
        links = [pages.relative_link(name, wish.readme) for name in names]
        parts = [replace(part, page=link) for part, link in zip(parts, links, strict=True)]
        made = _pages(wish, sections, rows, names)
    # The notes that lead to the pages need some room as well.
    if size > MAX_BYTES or (has_pages and _size(frame, snapshot, parts) > MAX_BYTES):
        parts = _typeset(frame, _cut(frame, snapshot, parts))
        parts = _cut(frame, snapshot, parts)
    updated = _date(frame, snapshot, parts)
    return LaidOut(
        updated=updated,
        readme=frame.render_padded(updated, parts),
        pages=made,
        roomy_since=since if has_pages else None,
    )


def _pages(
    wish: Wish, sections: Sequence[Section], rows: Sequence[Rows], names: Sequence[str]
) -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    for section, some, name in zip(sections, rows, names, strict=True):
        files = pages.render(section, some, name, readme=wish.readme, marker=wish.marker)
        made |= {path: padded(data, lacking(len(data))) for path, data in files.items()}
    return made


def _size(frame: Frame, snapshot: Snapshot, parts: Sequence[Part]) -> int:
    """Returns the bytes of the README, or for one that is far too long, those of its rows."""
    rows = sum(len(row) for part in parts for row in part.rows.first(part.shown, part.typeset))
    return rows if rows > MAX_BYTES else len(frame.render(snapshot.updated, parts))


def _typeset(frame: Frame, parts: Sequence[Part]) -> list[Part]:
    """Gives formulas to as many of each topic's newest rows as GitHub typesets on one page."""
    costs = [[part.rows.cost(number) for number in range(part.shown)] for part in parts]
    counts = share(costs, max(0, MAX_COST - frame.cost))
    return [replace(part, typeset=count) for part, count in zip(parts, counts, strict=True)]


def _cut(frame: Frame, snapshot: Snapshot, parts: Sequence[Part]) -> list[Part]:
    """Shows as many of each topic's newest rows as the README has room for."""
    longest = len(str(max(len(part.rows) for part in parts)))
    empty = frame.render(snapshot.updated, [replace(part, shown=0) for part in parts])
    newline = len(frame.document.newline)
    room = MAX_BYTES - len(empty)
    room -= sum(longest + len(part.rows.look.header.encode()) + 5 * newline for part in parts)
    sizes = [
        [len(row) + newline for row in part.rows.first(len(part.rows), part.typeset)]
        for part in parts
    ]
    counts = share(sizes, room)
    return [replace(part, shown=count) for part, count in zip(parts, counts, strict=True)]


def _date(frame: Frame, snapshot: Snapshot, parts: Sequence[Part]) -> date:
    """Returns the date to show: that of the page, if nothing but the date would change.

    Without a data file, or after it was lost, only the page says when its content last changed.
    """
    shown = readme.last_update(frame.document.content)
    if shown and frame.render_padded(shown, parts) == frame.document.text.encode():
        return shown
    return snapshot.updated
