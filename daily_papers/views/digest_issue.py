"""A digest as the body of an issue, which GitHub mails to whoever watches the repository.

The plain part of GitHub's mail is the issue's Markdown as it is written. So this is a list with one
fact on each line, and formulas are words: a mail would show their source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from daily_papers.memory.notices import Notice
from daily_papers.options import MAX_LABEL
from daily_papers.papers import Paper
from daily_papers.views import markdown
from daily_papers.views.columns import first_authors
from daily_papers.views.digest import Digest, Entry
from daily_papers.views.key_sentence import key_sentence
from daily_papers.views.picks import because

__all__ = ["MAX_LENGTH", "Places", "labels", "render"]

MAX_LENGTH: Final = 65_536
"""GitHub refuses a longer body; counted here in UTF-16 units, which are never fewer than its."""

MAX_LABELS: Final = 100
"""The most labels that GitHub accepts for an issue."""

COMMENT_WIDTH: Final = 100
"""Characters of a comment that are shown."""

SENTENCE_WIDTH: Final = 400
"""Characters of a key sentence that are shown; one in a hundred is longer."""

_FOOTER: Final = (
    "You get this mail because you watch this repository. To stop such mails, or to get fewer: "
    "**Watch** → **Custom** at the top of its page."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where all papers can be read."""

    page: str
    """The address of the page on the branch; empty where there is none."""
    site: str = ""
    """The address of the web page."""
    feed: str = ""
    """The address of the feed."""


def render(digest: Digest, places: Places, *, hidden: str = "", has_boxes: bool = False) -> str:
    """Returns the body of an issue.

    Args:
        digest: what to tell.
        places: where all papers can be read.
        hidden: a comment that ends the body.
        has_boxes: whether each entry has a box that a reader can tick to like it.

    Returns:
        A body of at most `MAX_LENGTH`: entries are left out and counted, from the last
        one on, until it fits; none is ever cut.
    """
    lines = {entry.rank: _entry(entry, has_boxes=has_boxes) for entry in _entries(digest)}
    low, high = 0, max(lines, default=-1) + 1
    body = _body(digest, places, lines, high, hidden)
    if _length(body) > MAX_LENGTH:
        while low < high:
            middle = (low + high + 1) // 2
            if _length(_body(digest, places, lines, middle, hidden)) <= MAX_LENGTH:
                low = middle
            else:
                high = middle - 1
        body = _body(digest, places, lines, low, hidden)
    return body


def labels(notice: Notice, always: Sequence[str]) -> tuple[str, ...]:
    """Returns the labels of a notice's issue: `always`, and its topics, to filter by.

    A search cannot find a label that has a comma, and GitHub refuses one of more than `MAX_LABEL`
    characters.
    """
    topics = (heading.replace(",", " ")[:MAX_LABEL].strip() for heading in notice.new)
    return tuple(dict.fromkeys((*always, *filter(None, topics))))[:MAX_LABELS]


def _entries(digest: Digest) -> Iterator[Entry]:
    for group in digest.groups:
        yield from group.entries


def _body(digest: Digest, places: Places, lines: dict[int, str], most: int, hidden: str) -> str:
    """Returns the body with the entries whose rank is below `most`."""
    blocks = [_intro(digest), _where(places)]
    left_out = 0
    for group in digest.groups:
        shown = [lines[entry.rank] for entry in group.entries if entry.rank < most]
        more = group.more + len(group.entries) - len(shown)
        revised = group.revised if most else ()
        if not shown and not revised:
            left_out += more
            continue
        heading = group.heading or "Best matches"
        blocks.append(markdown.heading(2, heading))
        if shown:
            blocks.append("\n".join(shown))
        if more:
            blocks.append(_more(more, places))
        if revised:
            blocks.append(_revised(revised))
    if left_out:
        blocks.append(_more(left_out, places))
    if any(line.startswith("- [ ]") for line in lines.values()):
        blocks.append("Tick what you like: tomorrow's order knows it.")
    return "\n\n".join(filter(None, [*blocks, "---", _FOOTER, hidden]))


def _intro(digest: Digest) -> str:
    if digest.is_welcome:
        return (
            "Welcome! From now on an issue like this one tells of new papers. These are the newest."
        )
    return f"{digest.count} new {'paper' if digest.count == 1 else 'papers'}."


def _where(places: Places) -> str:
    named = {"All papers": places.page, "Web page": places.site, "Feed": places.feed}
    return " · ".join(f"{name}: {url}" for name, url in named.items() if url)


def _more(count: int, places: Places) -> str:
    told = f"and {count} more"
    return f"*{told}* on [the page]({places.page})" if places.page else f"*{told}*"


def _revised(papers: Sequence[Paper]) -> str:
    """Returns the revised papers' titles, folded."""
    count = f"{len(papers)} revised {'paper' if len(papers) == 1 else 'papers'}"
    titles = [f"- {markdown.link(p.title, p.abs_url, formulas=False)} v{p.version}" for p in papers]
    return "\n".join([f"<details><summary>{count}</summary>", "", *titles, "", "</details>"])


def _entry(entry: Entry, *, has_boxes: bool) -> str:
    """Returns an item of the list, with one fact on each line: an issue keeps line breaks."""
    paper = entry.paper
    facts = [
        first_authors(paper.authors),
        markdown.link_text(paper.primary_category),
        markdown.shortened(paper.comment or "", COMMENT_WIDTH, formulas=False),
    ]
    sentence = key_sentence(paper.title, paper.summary)
    notes = []
    if entry.because:
        notes.append(because(entry.because))
    if entry.topics:
        also = ", ".join(markdown.inline(heading, formulas=False) for heading in entry.topics)
        notes.append(f"in: {also}")
    lines = [
        markdown.link(paper.title, paper.abs_url, bold=True, formulas=False),
        " · ".join(filter(None, facts)),
        markdown.shortened(sentence, SENTENCE_WIDTH, formulas=False),
        f"*{' · '.join(notes)}*" if notes else "",
    ]
    first, *others = filter(None, lines)
    return "\n".join([f"- {'[ ] ' if has_boxes else ''}{first}", *(f"  {line}" for line in others)])


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
