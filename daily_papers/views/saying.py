"""The sentence that is shown of a paper, and whose words it is.

A model's words are never shown without its name, and the author's own stay at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def saying(paper: Paper, summaries: Mapping[str, Summary], key_sentence: str) -> Saying:
    """Returns what is shown of a paper: a model's summary of this version, or the key sentence.

    Args:
        paper: the paper.
        summaries: what models have made of papers, by arXiv id.
        key_sentence: the sentence of its abstract that says most.
    """
    summary = summaries.get(paper.arxiv_id)
    if summary is None or not summary.text or summary.version != paper.version:
        return Saying(text=key_sentence)
    return Saying(
        text=summary.text, source=summary.model, title=summary.title, authors_own=key_sentence
    )


def attributed(said: Saying, *, formulas: bool = True) -> str:
    """Returns the sentence as one line of Markdown, with the model's name if it is a model's."""
    text = markdown.inline(said.text, formulas=formulas)
    return f"{text} *({markdown.link_text(said.source)})*" if said.source else text
