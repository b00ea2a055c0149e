"""A liked paper, wherever the reader keeps it, and the one form of an arXiv id in all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

__all__ = ["MAX_LIKED", "Liked", "arxiv_id", "merged"]

MAX_LIKED: Final = 1_000
"""Liked papers that a profile is made of at most, newest first."""

MAX_TITLE: Final = 1_000
MAX_SUMMARY: Final = 10_000
"""Characters that are kept; arXiv takes abstracts of 1,920 characters at most
(https://info.arxiv.org/help/prep#abstracts)."""

MAX_DOI: Final = 300

# The two styles of https://info.arxiv.org/help/arxiv_identifier.html. The subject class of an old
# id (math.AG/0309136) is no part of it: arXiv answers with math/0309136.
_ID: Final = re.compile(
    r"(?P<new>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})|(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[A-Z]{2})?/"
    r"(?P<old>\d{2}(?:0[1-9]|1[0-2])\d{3})",
    re.ASCII,
)
_VERSION: Final = re.compile(r"v[1-9]\d{0,3}", re.ASCII)
_ADDRESS: Final = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)*(?:arxiv\.org|xxx\.lanl\.gov|ar5iv\.org)/"
    r"(?:abs|pdf|html|format|ps|src|e-print|tb|list|show-email)/"
    r"|(?:https?://)?(?:ar5iv\.labs\.arxiv\.org|alphaxiv\.org|www\.alphaxiv\.org)/"
    r"(?:abs|pdf|html|overview)/"
    r"|(?:https?://)?(?:huggingface\.co|hf\.co)/papers/"
    r"|(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s?)?10\.48550/arxiv\."
    r"|arxiv:\s?",
    re.ASCII | re.IGNORECASE,
)
# What no text has, and no file of ours: control characters, and halves of surrogate pairs, which
# JSON can spell.
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DOI_PREFIX: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Liked:
    """A paper that the reader likes. Its text is a stranger's, and may be anything."""

    title: str
    summary: str = ""
    """The abstract; empty where the reader's library has none."""
    arxiv_id: str | None = None
    """The id without a version, where the paper is known to be on arXiv."""
    doi: str | None = None
    """In lower case, as DOIs are compared."""

    @property
    def identity(self) -> str:
        """What tells this paper from others: its id, else its DOI, else its title."""
        return self.arxiv_id or self.doi or " ".join(self.title.casefold().split())

    @classmethod
    def of(cls, title: str, summary: str, *, arxiv_id: str | None, doi: str | None) -> Liked:
        """Returns the paper with its white space folded and its text cut to what can be meant."""
        return cls(
            title=_folded(title, MAX_TITLE),
            summary=_folded(summary, MAX_SUMMARY),
            arxiv_id=arxiv_id,
            doi=_DOI_PREFIX.sub("", _folded(doi, MAX_DOI).lower()) or None if doi else None,
        )


def _folded(text: str, most: int) -> str:
    """Returns the beginning of a stranger's text on one line, without what no text has."""
    return " ".join(_UNSAFE.sub(" ", text[:most]).split())


def arxiv_id(text: str) -> str | None:
    """Returns the arXiv id that `text` is, or `None` if it is none.

    All public forms count: a bare id, `arXiv:` before it, an address of its page, PDF, HTML or
    source, its DOI; each with or without a version.

    Returns:
        The id without its version, as arXiv's answers have it.
    """
    text = text.strip()
    if begin := _ADDRESS.match(text):
        # What follows an address's path is no part of the id: `?context=cs`, `#S1`.
        text = unquote(re.split(r"[?#\s]", text[begin.end() :], maxsplit=1)[0])
    text = text.rstrip("/").removesuffix(".pdf")
    found = _ID.match(text)
    if not found:
        return None
    rest = text[found.end() :]
    if rest and not _VERSION.fullmatch(rest):
        return None
    return found["new"] or f"{found['archive']}/{found['old']}"


def merged(papers: Iterable[Liked]) -> tuple[Liked, ...]:
    """Returns each paper once, at its first place, with an abstract if any copy has one."""
    by_identity: dict[str, Liked] = {}
    for paper in papers:
        known = by_identity.setdefault(paper.identity, paper)
        if paper.summary and not known.summary:
            by_identity[paper.identity] = replace(known, summary=paper.summary)
    return tuple(by_identity.values())
