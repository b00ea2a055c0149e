"""The README's region: a date, then a heading and a table for each topic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from daily_papers import markdown
from daily_papers.inputs import Column
from daily_papers.papers import SortBy
from daily_papers.snapshot import Section, Snapshot
from daily_papers.views.columns import CELLS

__all__ = ["last_update", "new_document", "render"]


def render(snapshot: Snapshot, *, columns: Sequence[Column], sort_by: SortBy, level: int) -> str:
    """Gives the region's content, in Markdown with line feeds, without the markers.

    Args:
        snapshot: what to show.
        columns: the tables' columns, in order.
        sort_by: the date that the column `date` shows.
        level: of the topics' headings, from 2 to 6.
    """
    parts = [f"Last update: {snapshot.updated.isoformat()}\n\n"]
    parts += [_topic(section, columns, sort_by, level) for section in snapshot.sections]
    return "".join(parts)


def _topic(section: Section, columns: Sequence[Column], sort_by: SortBy, level: int) -> str:
    """Gives one topic's heading and table."""
    parts = [markdown.heading(level, section.heading)]
    if state := _state(section):
        parts += [f"*{state}*", ""]
    if section.papers:
        header = [f"**{column.title()}**" for column in columns]
        rows = ([CELLS[column](paper, sort_by) for column in columns] for paper in section.papers)
        parts.append(markdown.table(header, rows))
    return "\n".join(parts).rstrip("\n") + "\n\n"


def _state(section: Section) -> str:
    """Says in one line what a reader must know of the topic's papers; mostly nothing."""
    if section.failure:
        since = section.failure.since.isoformat()
        if section.failure.checked is None:
            return f"arXiv has given no usable answer yet, since {since}."
        checked = section.failure.checked.isoformat()
        return f"arXiv has given no usable answer since {since}; as of {checked}."
    return "" if section.papers else "arXiv has no papers on this topic yet."


def last_update(content: str) -> date | None:
    """Gives the date that a region's content tells, if it tells one."""
    match = re.match(r"\s*Last update: (\d{4}-\d\d-\d\d)\s", content)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def new_document(start: str, end: str, max_papers: int) -> str:
    """Gives a README for a repository that has none: title, introduction, the two markers."""
    return f"""\
# Daily Papers

The newest papers on arXiv, fetched by keyword: the headings below are the keywords, and under
each stand its most recent papers, at most {max_papers}.

To get a mail about new ones, click **Watch** above.

{start}
{end}
"""
