"""The README's region: a date, an index, then a heading and a table for each topic."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from daily_papers.memory.snapshot import Section
from daily_papers.views import markdown, mermaid
from daily_papers.views.remarks import state
from daily_papers.views.table import Table

__all__ = ["Part", "last_update", "new_document", "render"]

INDEX_FROM: Final = 4
"""So many topics get an index above them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A topic as the region shows it."""

    section: Section
    table: Table
    shown: int
    """How many rows of the table are in the README."""
    page: str = ""
    """The address of the page with all of them, relative to the README; empty without one."""


def render(
    updated: date,
    topics: Sequence[Part],
    *,
    level: int,
    above: Iterable[str] = (),
    feed_url: str = "",
    has_trends: bool = False,
) -> str:
    """Returns the region's content, in Markdown with line feeds, without the markers.

    Args:
        updated: when the content last changed.
        topics: what to show, in order.
        level: of the topics' headings, from 2 to 6.
        above: the headings above the region, which the anchors of ours must not repeat.
        feed_url: where the Atom file is; empty without one.
        has_trends: whether each topic has a chart of its papers by the week.
    """
    feed = f" · {markdown.link('Atom feed', feed_url)}" if feed_url else ""
    parts = [f"Last update: {updated.isoformat()}{feed}\n\n"]
    if len(topics) >= INDEX_FROM:
        parts.append(f"{_index(topics, above)}\n\n")
    for topic in topics:
        chart = mermaid.render(topic.section.weeks(updated)) if has_trends else ""
        parts.append(_topic(topic, level, chart))
    return "".join(parts)


def _index(topics: Sequence[Part], above: Iterable[str]) -> str:
    """Returns links to the topics, with their counts."""
    anchors = Counter(map(_anchor, above))
    entries = []
    for topic in topics:
        anchor = _anchor(topic.section.heading)
        repeated = anchors[anchor]
        anchors[anchor] += 1
        target = f"#{anchor}-{repeated}" if repeated else f"#{anchor}"
        new = f", {len(topic.section.new)} new" if topic.section.new else ""
        count = f"({len(topic.section.papers)}{new})"
        entries.append(f"{markdown.link(topic.section.heading, target)} {count}")
    return " · ".join(entries)


def _anchor(heading: str) -> str:
    """Returns the name that GitHub makes of a heading: letters, digits, hyphens and underscores."""
    kept = [
        character
        for character in heading.lower()
        if character in "-_ " or unicodedata.category(character)[0] in "LNM"
    ]
    return "".join(kept).replace(" ", "-")


def _topic(topic: Part, level: int, chart: str) -> str:
    """Returns one topic: its heading, what there is to say of it, its chart, its table."""
    notes = [f"*{note}*" for note in (state(topic.section), _extent(topic)) if note]
    lines = [markdown.heading(level, topic.section.heading)]
    if notes:
        lines += ["<br>".join(notes), ""]
    if chart:
        lines += ["<details><summary>Papers a week</summary>", ""]
        lines += ["```mermaid", chart, "```", "", "</details>", ""]
    if table := topic.table.first(topic.shown):
        lines.append(table)
    return "\n".join(lines).rstrip("\n") + "\n\n"


def _extent(topic: Part) -> str:
    """Returns how much of the table is here, where that is not simply all."""
    count = len(topic.table.rows)
    page = markdown.link("page", topic.page) if topic.page else ""
    if topic.shown == count:
        return f"also on a {page} of its own" if page else ""
    shown = f"the newest {topic.shown} of {count}"
    return f"{shown}; all of them: {page}" if page else f"{shown}; more would pass GitHub's limit"


def last_update(content: str) -> date | None:
    """Returns the date that a region's content tells, if it tells one."""
    match = re.match(r"\s*Last update: (\d{4}-\d\d-\d\d)\s", content)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def new_document(start: str, end: str, *, watch: str) -> str:
    """Returns a README for a repository that has none: title, introduction, the two markers.

    Args:
        start: the line of the start marker.
        end: the line of the end marker.
        watch: what people have to watch in order to be told of new papers, as GitHub's button
            names it; empty where nobody is told.
    """
    hint = (
        f"To get a mail about new papers, click **Watch** above, then **Custom**, and choose "
        f"**{watch}**.\n\n"
    )
    return f"""\
# Daily Papers

The most recent papers on arXiv, found by keyword: each heading below is a keyword.

{hint if watch else ""}{start}
{end}
"""
