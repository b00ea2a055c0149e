"""A paper as an item of a list, which a phone shows without scrolling sideways.

All of it is one line of Markdown. The abstract is folded at its end, so that opening it moves
nothing above it.
"""

from __future__ import annotations

from typing import Final

from daily_papers.views import markdown
from daily_papers.views.columns import Shown, dated, first_authors, title
from daily_papers.views.key_sentence import key_sentence
from daily_papers.views.remarks import code_link
from daily_papers.views.saying import attributed, saying

__all__ = ["facts", "item"]

COMMENT_WIDTH: Final = 100
"""The longest comment, in characters, since it shares its line with other facts."""


def item(shown: Shown) -> str:
    """Returns the item: title, facts, note, a sentence and, folded, the abstract.

    Where the sentence is a model's, the abstract begins with the author's own key sentence.
    """
    paper, formulas = shown.paper, shown.formulas
    said = saying(paper, shown.summary, key_sentence(paper.title, paper.summary))
    lines = [
        title(paper.title, paper.abs_url, formulas=formulas),
        f"{dated(shown, ' · ')} · {facts(shown)}",
        shown.note,
        attributed(said, formulas=formulas),
    ]
    text = f"- {'<br>'.join(filter(None, lines))}"
    if said.text == paper.summary:
        return text
    body = markdown.inline(paper.summary, formulas=formulas)
    if said.authors_own not in {"", paper.summary}:
        body = f"**{markdown.inline(said.authors_own, formulas=formulas)}**<br><br>{body}"
    return text + markdown.details("Abstract", body)


def facts(shown: Shown) -> str:
    """Returns the authors, the primary category, the comment and the code, in one line."""
    paper = shown.paper
    code = code_link(paper.comment or "", paper.summary)
    parts = [
        first_authors(paper.authors),
        markdown.link_text(paper.primary_category),
        markdown.shortened(paper.comment or "", COMMENT_WIDTH, formulas=shown.formulas),
        markdown.link("code", code) if code else "",
    ]
    return " · ".join(filter(None, parts))
