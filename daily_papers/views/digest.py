"""The digest as an issue: what watchers of the repository get by mail.

GitHub sends an issue's Markdown as it is for the plain part of the mail, so that its tables hold
no folds, its cells are short, and the page's long address stands in it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from daily_papers.memory.notices import Notice
from daily_papers.memory.snapshot import Snapshot
from daily_papers.options import MAX_LABEL
from daily_papers.papers import Paper, SortBy
from daily_papers.views import markdown

__all__ = ["MAX_LENGTH", "labels", "render", "title"]

MAX_LENGTH: Final = 65_536
"""GitHub refuses a longer body; counted here in UTF-16 units, which are never fewer than its."""

MAX_LABELS: Final = 100
"""Labels of an issue; GitHub takes no more."""

AUTHORS: Final = 2
COMMENT_WIDTH: Final = 100

_HEADER: Final = ("Title", "Date", "Authors", "Comment")
_PAGE: Final = "[the page]"
_FOOTER: Final = (
    "You get this mail because you watch this repository. To stop such mails, or to get fewer: "
    "**Watch** → **Custom** at the top of its page."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Topic:
    """What an issue says of one topic."""

    heading: str
    rows: tuple[str, ...]
    more: int
    revised: tuple[str, ...]


def render(
    notice: Notice, snapshot: Snapshot, *, limit: int, page_url: str, hidden: str = ""
) -> str:
    """Returns the body of a notice's issue.

    Args:
        notice: what to tell.
        snapshot: the papers. One that it no longer has is counted, and not shown.
        limit: rows for each topic at most; the welcome shows the newest so many, too.
        page_url: where the whole page is.
        hidden: a comment that ends the body.

    Returns:
        A body of at most `MAX_LENGTH`: rows are left out last to first, and counted, until it
        fits; none is ever cut.
    """
    papers, sort_by = snapshot.papers, snapshot.sort_by
    headings = list(dict.fromkeys([*notice.new, *notice.revised]))
    topics = [_topic(heading, notice, papers, limit, sort_by) for heading in headings]
    intro = f"{_intro(notice)}\n\n{_PAGE}: {page_url}"
    footer = f"---\n\n{_FOOTER}\n\n{hidden}"
    # The number of rows shown is what can be chosen; the body's length grows with it.
    low, high = 0, sum(len(topic.rows) + len(topic.revised) for topic in topics)
    body = _body(topics, high, intro, footer)
    if _length(body) > MAX_LENGTH:
        while low < high:
            middle = (low + high + 1) // 2
            if _length(_body(topics, middle, intro, footer)) <= MAX_LENGTH:
                low = middle
            else:
                high = middle - 1
        body = _body(topics, low, intro, footer)
    return body


def title(notice: Notice) -> str:
    """Returns the title of a notice's issue."""
    if notice.is_welcome:
        return "Daily Papers: welcome"
    return f"Daily Papers: {len(notice.new_ids)} new on {notice.day.isoformat()}"


def labels(notice: Notice, always: Sequence[str]) -> tuple[str, ...]:
    """Returns the labels of a notice's issue: `always`, and its topics, to filter by.

    A label cannot have a comma in a search, nor more than `MAX_LABEL` characters.
    """
    topics = (heading.replace(",", " ")[:MAX_LABEL].strip() for heading in notice.new)
    return tuple(dict.fromkeys((*always, *filter(None, topics))))[:MAX_LABELS]


def _intro(notice: Notice) -> str:
    if notice.is_welcome:
        return (
            "Welcome! From now on an issue like this one tells of new papers. All papers stand on "
            f"{_PAGE}; these are the newest."
        )
    count = len(notice.new_ids)
    return f"{count} new {'paper' if count == 1 else 'papers'}; all papers stand on {_PAGE}."


def _topic(
    heading: str,
    notice: Notice,
    papers: Mapping[str, Paper],
    limit: int,
    sort_by: SortBy,
) -> _Topic:
    ids = notice.new.get(heading, ())
    shown = [papers[arxiv_id] for arxiv_id in ids if arxiv_id in papers][:limit]
    return _Topic(
        heading=heading,
        rows=tuple(_row(paper, sort_by) for paper in shown),
        more=len(ids) - len(shown),
        revised=tuple(
            f"- {markdown.link(papers[i].title, papers[i].abs_url)}"
            for i in notice.revised.get(heading, ())[:limit]
            if i in papers
        ),
    )


def _row(paper: Paper, sort_by: SortBy) -> str:
    names = [markdown.link_text(name) for name in paper.authors[:AUTHORS]]
    others = ["*et al.*"] if len(paper.authors) > AUTHORS else []
    return markdown.row(
        (
            markdown.link(paper.title, paper.abs_url),
            paper.date(sort_by).date().isoformat(),
            ", ".join(names + others),
            markdown.shortened(paper.comment or "", COMMENT_WIDTH),
        )
    )


def _body(topics: Sequence[_Topic], rows: int, intro: str, footer: str) -> str:
    """Gives the body with the first `rows` rows of all topics together."""
    parts = [intro]
    left_out = 0
    for topic in topics:
        shown, rows = topic.rows[:rows], max(0, rows - len(topic.rows))
        revised, rows = topic.revised[:rows], max(0, rows - len(topic.revised))
        more = topic.more + len(topic.rows) - len(shown)
        if not shown and not revised:
            left_out += more
            continue
        parts.append(markdown.heading(2, topic.heading))
        if shown:
            header = markdown.table(_HEADER, ())
            parts.append("\n".join([header, *shown]))
        if more:
            parts.append(_more(more))
        if revised:
            parts.append("\n".join(["Revised:", *revised]))
    if left_out:
        parts.append(_more(left_out))
    return "\n\n".join([*parts, footer])


def _more(count: int) -> str:
    return f"*and {count} more* on {_PAGE}"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
