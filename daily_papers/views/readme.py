"""The README's region: a date, an index, then a heading and a table for each topic."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from daily_papers.memory.snapshot import Section
from daily_papers.views import markdown, mermaid
from daily_papers.views.table import Table, state

__all__ = ["Topic", "last_update", "new_document", "render"]

INDEX_FROM: Final = 4
"""So many topics get an index above them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic as the region shows it."""

    section: Section
    table: Table
    shown: int
    """How many rows of the table stand in the README."""
    page: str = ""
    """The address of the page with all of them, relative to the README; empty without one."""


def render(
    updated: date,
    topics: Sequence[Topic],
    *,
    level: int,
    feed_url: str = "",
    has_trends: bool = False,
) -> str:
    """Gives the region's content, in Markdown with line feeds, without the markers.

    Args:
        updated: when the content last changed.
        topics: what to show, in order.
        level: of the topics' headings, from 2 to 6.
        feed_url: where the Atom file is; empty without one.
        has_trends: whether each topic has a chart of its papers by the week.
    """
    feed = f" · {markdown.link('Atom feed', feed_url)}" if feed_url else ""
    parts = [f"Last update: {updated.isoformat()}{feed}\n\n"]
    if len(topics) >= INDEX_FROM:
        parts.append(f"{_index(topics)}\n\n")
    for topic in topics:
        chart = mermaid.render(topic.section.weeks(updated)) if has_trends else ""
        parts.append(_topic(topic, level, chart))
    return "".join(parts)


def _index(topics: Sequence[Topic]) -> str:
    """Gives links to the topics, with their counts."""
    anchors: dict[str, int] = {}
    entries = []
    for topic in topics:
        anchor = _anchor(topic.section.heading)
        repeated = anchors.get(anchor, 0)
        anchors[anchor] = repeated + 1
        target = f"#{anchor}-{repeated}" if repeated else f"#{anchor}"
        new = f", {topic.section.news} new" if topic.section.news else ""
        count = f"({len(topic.section.papers)}{new})"
        entries.append(f"{markdown.link(topic.section.heading, target)} {count}")
    return " · ".join(entries)


def _anchor(heading: str) -> str:
    """Gives the name that GitHub makes of a heading: letters, digits, hyphens and underscores."""
    kept = [
        character
        for character in heading.lower()
        if character in "-_ " or unicodedata.category(character)[0] in "LNM"
    ]
    return "".join(kept).replace(" ", "-")


def _topic(topic: Topic, level: int, chart: str) -> str:
    """Gives one topic: its heading, what there is to say of it, its chart, its table."""
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


def _extent(topic: Topic) -> str:
    """Says how much of the table stands here, where that is not simply all."""
    count = len(topic.table.rows)
    page = markdown.link("page", topic.page) if topic.page else ""
    if topic.shown == count:
        return f"also on a {page} of its own" if page else ""
    shown = f"the newest {topic.shown} of {count}"
    return f"{shown}; all of them: {page}" if page else f"{shown}; more would pass GitHub's limit"


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

To get a mail about new ones, click **Watch** above, then **Custom**, and choose **Issues**.

{start}
{end}
"""
