"""A paper that the reader likes, whatever its source, and the arXiv id that identifies it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

__all__ = ["MAX_LIKED", "Liked", "arxiv_id", "merged"]

MAX_LIKED: Final = 1_000
"""The most liked papers that a profile is made of; the newest count."""

MAX_TITLE: Final = 1_000
MAX_SUMMARY: Final = 10_000
"""How many characters are kept; arXiv accepts abstracts of at most 1,920 characters
(https://info.arxiv.org/help/prep#abstracts)."""

MAX_DOI: Final = 300

# The two styles of https://info.arxiv.org/help/arxiv_identifier.html. The subject class of an old
# id (math.AG/0309136) is not part of the id: arXiv answers with math/0309136.
_ID: Final = (
    r"(?P<new>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})|(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[A-Z]{2})?/"
    r"(?P<old>\d{2}(?:0[1-9]|1[0-2])\d{3})"
)
_VERSION: Final = re.compile(r"v[1-9]\d{0,3}", re.ASCII)
_ADDRESS: Final = (
    r"(?:https?://)?(?:[a-z0-9-]+\.)*(?:arxiv\.org|xxx\.lanl\.gov|ar5iv\.org)/"
    r"(?:abs|pdf|html|format|ps|src|e-print|tb|list|show-email)/"
    r"|(?:https?://)?(?:ar5iv\.labs\.arxiv\.org|alphaxiv\.org|www\.alphaxiv\.org)/"
    r"(?:abs|pdf|html|overview)/"
    r"|(?:https?://)?(?:huggingface\.co|hf\.co)/papers/"
    r"|(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s?)?10\.48550/arxiv\."
    r"|arxiv:\s?"
)
# Control characters, and lone surrogates, which JSON can contain and UTF-8 cannot.
_UNSAFE: Final = r"[\x00-\x1f\x7f\ud800-\udfff]"
_DOI_PREFIX: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Liked:
    """A paper that the reader likes. Its text is not trusted and may be anything."""

    title: str
    summary: str = ""
    """The abstract; empty if the source has none."""
    arxiv_id: str | None = None
    """The id without a version, if the paper is known to be on arXiv."""
    doi: str | None = None
    """In lower case, because DOIs are compared without regard to case."""

    @property
    def identity(self) -> str:
        """What identifies this paper: its id, else its DOI, else its title."""
        return self.arxiv_id or self.doi or " ".join(self.title.casefold().split())

    @classmethod
    def of(cls, title: str, summary: str, *, arxiv_id: str | None, doi: str | None) -> Liked:
        """Returns the paper with white space folded and texts cut to a reasonable length."""
        return cls(
            title=_folded(title, MAX_TITLE),
            summary=_folded(summary, MAX_SUMMARY),
            arxiv_id=arxiv_id,
            doi=_DOI_PREFIX.sub("", _folded(doi, MAX_DOI).lower()) or None if doi else None,
        )


def _folded(text: str, most: int) -> str:
    """Returns the first `most` characters on one line, without control characters."""
    return " ".join(re.sub(_UNSAFE, " ", text[:most]).split())


def arxiv_id(text: str) -> str | None:
    """Returns the arXiv id in `text`, or `None` if `text` is not one.

    All public forms are accepted, with or without a version: a bare id, one after `arXiv:`, the
    address of its page, PDF, HTML or source, and its DOI.

    Returns:
        The id without its version, in the form that arXiv's API uses.
    """
    text = text.strip()
    if begin := re.match(_ADDRESS, text, re.ASCII | re.IGNORECASE):
        # A query or a fragment is not part of the id: `?context=cs`, `#S1`.
        text = unquote(re.split(r"[?#\s]", text[begin.end() :], maxsplit=1)[0])
    text = text.rstrip("/").removesuffix(".pdf")
    found = re.match(_ID, text, re.ASCII)
    if not found:
        return None
    rest = text[found.end() :]
    if rest and not _VERSION.fullmatch(rest):
        return None
    return found["new"] or f"{found['archive']}/{found['old']}"


def merged(papers: Iterable[Liked]) -> tuple[Liked, ...]:
    """Returns each paper once, in order of first occurrence, with the abstract of any copy."""
    by_identity: dict[str, Liked] = {}
    for paper in papers:
        known = by_identity.setdefault(paper.identity, paper)
        if paper.summary and not known.summary:
            by_identity[paper.identity] = replace(known, summary=paper.summary)
    return tuple(by_identity.values())
