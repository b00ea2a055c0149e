"""The README's region: a date, an index, picks, then a heading and papers for each topic.

Here is what the region has and in which order; `publish/layout.py` decides how many rows fit.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from daily_papers.memory.snapshot import Section
from daily_papers.views import markdown
from daily_papers.views.picks import Picks
from daily_papers.views.remarks import state
from daily_papers.views.rows import Rows

__all__ = ["Links", "Part", "last_update", "new_document", "render"]

INDEX_FROM: Final = 4
"""The number of topics from which there is an index above them."""

PICKS: Final = "Picks"
"""The heading above the papers that match the reader's interests best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A topic as the region shows it."""

    section: Section
    rows: Rows
    shown: int
    """How many of the rows are in the README."""
    typeset: int
    """How many of them have formulas that GitHub typesets."""
    page: str = ""
    """The address of the page with all of them, relative to the README; empty without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The links to the papers in other forms, for the first line of the region."""

    site: str = ""
    feed: str = ""
    archive: str = ""


def render(
    updated: date,
    parts: Sequence[Part],
    *,
    level: int,
    above: Iterable[str] = (),
    links: Links = Links(),
    picks: Picks | None = None,
    chart: Callable[[Section], str] = lambda _: "",
) -> bytes:
    """Returns the region's content, in Markdown with line feeds, without the markers.

    Args:
        updated: when the content last changed.
        parts: the topics, in order.
        level: of the topics' headings, from 2 to 6.
        above: the headings above the region, whose anchors ours must not repeat.
        links: the links to the papers in other forms.
        picks: the papers that match the reader's interests best, if the reader has named some.
        chart: returns Markdown that shows a topic's papers by the week; empty for none.
    """
    elsewhere = {"Web page": links.site, "Atom feed": links.feed, "Archive": links.archive}
    line = [f"Last update: {updated.isoformat()}"]
    line += [markdown.link(name, url) for name, url in elsewhere.items() if url]
    blocks = [" · ".join(line).encode()]
    above = [*above, PICKS] if picks is not None else above
    if len(parts) >= INDEX_FROM:
        blocks.append(_index(parts, above).encode())
    if picks is not None:
        none = b"*No paper of the last seven days matches the interests.*"
        blocks.append(b"%b\n%b" % (markdown.heading(level, PICKS).encode(), picks.text or none))
    blocks += [_part(part, level, chart(part.section)) for part in parts]
    return b"".join(part for block in blocks for part in (block, b"\n\n"))


def _index(parts: Sequence[Part], above: Iterable[str]) -> str:
    """Returns links to the topics, with their counts."""
    anchors = Counter(map(_anchor, above))
    entries = []
    for part in parts:
        anchor = _anchor(part.section.heading)
        repeated = anchors[anchor]
        anchors[anchor] += 1
        target = f"#{anchor}-{repeated}" if repeated else f"#{anchor}"
        new = f", {len(part.section.new)} new" if part.section.new else ""
        count = f"({len(part.section.papers)}{new})"
        entries.append(f"{markdown.link(part.section.heading, target)} {count}")
    return " · ".join(entries)


def _anchor(heading: str) -> str:
    """Returns the anchor that GitHub makes of a heading: letters, digits, hyphens, underscores."""
    kept = [
        character
        for character in heading.lower()
        if character in "-_ " or unicodedata.category(character)[0] in "LNM"
    ]
    return "".join(kept).replace(" ", "-")


def _part(part: Part, level: int, chart: str) -> bytes:
    """Returns one topic: its heading, notes on its state, its chart, its papers."""
    notes = [note for note in (state(part.section), _extent(part)) if note]
    blocks = ["<br>".join(f"*{note}*" for note in notes).encode(), chart.encode()]
    blocks.append(part.rows.text(part.rows.first(part.shown, part.typeset)))
    heading = markdown.heading(level, part.section.heading).encode()
    return b"\n".join([heading, b"\n\n".join(filter(None, blocks))]).rstrip(b"\n")


def _extent(part: Part) -> str:
    """Returns how many of the papers are shown, unless it is all of them."""
    count = len(part.rows)
    if part.shown == count:
        return markdown.link("All of them on a page of their own", part.page) if part.page else ""
    shown = f"Showing the newest {part.shown} of {count} papers"
    if part.page:
        return f"{shown}; {markdown.link(f'see all {count}', part.page)}."
    return f"{shown}: more would pass GitHub's limit."


def last_update(content: str) -> date | None:
    """Returns the date in a region's content, if there is one."""
    match = re.match(r"\s*Last update: (\d{4}-\d\d-\d\d)\s", content)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def new_document(start: str, end: str, *, watch: str, title: str = "") -> str:
    """Returns a README for a repository that has none: title, introduction, the two markers.

    Args:
        start: the line of the start marker.
        end: the line of the end marker.
        watch: what people have to watch to be told of new papers, as GitHub's menu calls it;
            empty if nobody is told.
        title: what the user calls the papers, if they have a name.
    """
    hint = (
        f"To get a mail about new papers, click **Watch** above, then **Custom**, and choose "
        f"**{watch}**.\n\n"
    )
    return f"""\
{markdown.heading(1, title or "Daily Papers")}

The most recent papers on arXiv, found by keyword: each heading below is a keyword.

{hint if watch else ""}{start}
{end}
"""
