"""A digest as the body of an issue, which GitHub mails to whoever watches the repository.

The plain part of GitHub's mail is the issue's Markdown as it is written. So this is a list with one
fact on each line, and formulas are words: a mail would show their source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from daily_papers.memory.notices import Notice
from daily_papers.options import MAX_LABEL
from daily_papers.papers import Paper
from daily_papers.views import markdown
from daily_papers.views.columns import first_authors
from daily_papers.views.digest import BEST_MATCHES, COMMENT_WIDTH, Digest, Entry, Places, fitted
from daily_papers.views.key_sentence import key_sentence
from daily_papers.views.picks import because
from daily_papers.views.saying import attributed, saying

__all__ = ["MAX_LENGTH", "labels", "render"]

MAX_LENGTH: Final = 65_536
"""GitHub refuses a longer body; counted here in UTF-16 units, which are never fewer than its."""

MAX_LABELS: Final = 100
"""The most labels that GitHub accepts for an issue."""

SENTENCE_WIDTH: Final = 400
"""Characters of a key sentence that are shown; one in a hundred is longer."""

_FOOTER: Final = (
    "You get this mail because you watch this repository. To stop such mails, or to get fewer: "
    "**Watch** → **Custom** at the top of its page."
)


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
    lines = {
        entry.rank: _entry(entry, has_boxes=has_boxes)
        for group in digest.groups
        for entry in group.entries
    }

    def body(part: Digest) -> str:
        return _body(part, places, lines, hidden)

    return body(fitted(digest, lambda part: _length(body(part)), MAX_LENGTH))


def labels(notice: Notice, always: Sequence[str]) -> tuple[str, ...]:
    """Returns the labels of a notice's issue: `always`, and its topics, to filter by.

    A search cannot find a label that has a comma, and GitHub refuses one of more than `MAX_LABEL`
    characters.
    """
    topics = (heading.replace(",", " ")[:MAX_LABEL].strip() for heading in notice.new)
    return tuple(dict.fromkeys((*always, *filter(None, topics))))[:MAX_LABELS]


def _body(digest: Digest, places: Places, lines: dict[int, str], hidden: str) -> str:
    """Returns the whole body; `lines` are the entries by their rank."""
    blocks = [digest.intro, _where(places)]
    for group in digest.groups:
        blocks.append(markdown.heading(2, group.heading or BEST_MATCHES))
        blocks.append("\n".join(lines[entry.rank] for entry in group.entries))
        if group.more:
            blocks.append(_more(group.more, places))
        if group.revised:
            blocks.append(_revised(group.revised))
    if digest.more:
        blocks.append(_more(digest.more, places))
    if any(line.startswith("- [ ]") for line in lines.values()):
        blocks.append("Tick what you like: tomorrow's order knows it.")
    return "\n\n".join(filter(None, [*blocks, "---", _FOOTER, hidden]))


def _where(places: Places) -> str:
    return " · ".join(f"[{name}]({url})" for name, url in places.named.items())


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
    said = saying(paper, entry.summary, key_sentence(paper.title, paper.summary))
    notes = []
    if entry.because:
        notes.append(because(entry.because))
    if entry.topics:
        also = ", ".join(markdown.inline(heading, formulas=False) for heading in entry.topics)
        notes.append(f"in: {also}")
    lines = [
        markdown.link(paper.title, paper.abs_url, bold=True, formulas=False),
        " · ".join(filter(None, facts)),
        attributed(said, formulas=False, width=SENTENCE_WIDTH),
        f"*{' · '.join(notes)}*" if notes else "",
    ]
    first, *others = filter(None, lines)
    return "\n".join([f"- {'[ ] ' if has_boxes else ''}{first}", *(f"  {line}" for line in others)])


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
