"""The digest as an issue: what watchers of the repository get by mail.

GitHub sends an issue's Markdown as it is for the plain part of the mail, so that its tables hold
no folds, its cells are short, and the page's long address stands in it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from daily_papers.memory.snapshot import Notice
from daily_papers.papers import Paper, SortBy
from daily_papers.views import markdown

__all__ = ["MAX_LENGTH", "render", "title"]

MAX_LENGTH: Final = 65_536
"""GitHub refuses a longer body; counted here in UTF-16 units, which are never fewer than its."""

TITLE_LENGTH: Final = 200
"""GitHub refuses a title of more than 256; a topic's name may be longer."""

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
    announcement: Notice,
    papers: Mapping[str, Paper],
    *,
    limit: int,
    sort_by: SortBy,
    page_url: str,
    hidden: str,
) -> str:
    """Gives the body of an announcement's issue.

    Args:
        announcement: what to tell.
        papers: by id; a paper that is no longer among them is counted, and not shown.
        limit: rows for each topic at most; the welcome shows the newest so many, too.
        sort_by: the date to show.
        page_url: where the whole page is.
        hidden: a comment that ends the body.

    Returns:
        A body of at most `MAX_LENGTH`: rows are left out last to first, and counted, until it
        fits; none is ever cut.
    """
    headings = list(dict.fromkeys([*announcement.new, *announcement.revised]))
    topics = [_topic(heading, announcement, papers, limit, sort_by) for heading in headings]
    intro = f"{_intro(announcement)}\n\n{_PAGE}: {page_url}"
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


def title(announcement: Notice, subject: str) -> str:
    """Gives the title of an announcement's issue; `subject` is a topic, or all of them."""
    subject = subject if len(subject) <= TITLE_LENGTH else f"{subject[:TITLE_LENGTH].rstrip()}…"
    if announcement.is_welcome:
        return f"{subject}: welcome"
    return f"{subject}: {_count(announcement)} new on {announcement.day.isoformat()}"


def _count(announcement: Notice) -> int:
    return len({arxiv_id for ids in announcement.new.values() for arxiv_id in ids})


def _intro(announcement: Notice) -> str:
    if announcement.is_welcome:
        return (
            "Welcome! From now on an issue like this one tells of new papers. All papers stand on "
            f"{_PAGE}; these are the newest."
        )
    count = _count(announcement)
    return f"{count} new {'paper' if count == 1 else 'papers'}; all papers stand on {_PAGE}."


def _topic(
    heading: str,
    announcement: Notice,
    papers: Mapping[str, Paper],
    limit: int,
    sort_by: SortBy,
) -> _Topic:
    ids = announcement.new.get(heading, ())
    shown = [papers[arxiv_id] for arxiv_id in ids if arxiv_id in papers][:limit]
    return _Topic(
        heading=heading,
        rows=tuple(_row(paper, sort_by) for paper in shown),
        more=len(ids) - len(shown),
        revised=tuple(
            f"- {markdown.link(papers[i].title, papers[i].abs_url)}"
            for i in announcement.revised.get(heading, ())[:limit]
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
