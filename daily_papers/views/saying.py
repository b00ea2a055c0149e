"""The sentence that is shown of a paper, and whose words it is.

A model's words are never shown without its name, and the author's own stay at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from daily_papers.memory.summaries import Summary
from daily_papers.papers import Paper
from daily_papers.views import markdown

__all__ = ["Saying", "attributed", "saying"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One sentence on a paper. All its texts are strangers' texts, as a paper's are."""

    text: str
    source: str = ""
    """The model whose words they are; empty if they are the author's."""
    title: str | None = None
    """The title in the reader's language, by the same model."""
    authors_own: str = ""
    """The author's key sentence, where `text` is a model's: it must be one click away at most."""


def saying(paper: Paper, summary: Summary | None, key_sentence: str) -> Saying:
    """Returns what is shown of a paper: a model's summary of this version, or the key sentence.

    Args:
        paper: the paper.
        summary: what a model has made of some version of it, if any has.
        key_sentence: the sentence of its abstract that says most.
    """
    if summary is None or not summary.text or summary.version != paper.version:
        return Saying(text=key_sentence)
    return Saying(
        text=summary.text, source=summary.model, title=summary.title, authors_own=key_sentence
    )


def attributed(said: Saying, *, formulas: bool = True, width: int | None = None) -> str:
    """Returns the sentence as one line of Markdown.

    What is a model's, the title in the reader's language included, has the model's name at its end.

    Args:
        said: the sentence.
        formulas: whether GitHub is to typeset its formulas; otherwise they are words.
        width: the largest number of its characters to show; all of them by default.
    """
    if width is None:
        text = markdown.inline(said.text, formulas=formulas)
    else:
        text = markdown.shortened(said.text, width, formulas=formulas)
    if not said.source:
        return text
    title = f"**{markdown.inline(said.title, formulas=formulas)}** · " if said.title else ""
    return f"{title}{text} *({markdown.link_text(said.source)})*"
