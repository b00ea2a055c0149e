"""Papers as arXiv describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

__all__ = ["ARXIV_ID", "Paper", "SortBy", "latest_versions", "newest_first"]

ARXIV_ID: Final = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}", re.ASCII)
"""The two styles of https://info.arxiv.org/help/arxiv_identifier.html, without a version."""

ABS_URL: Final = "https://arxiv.org/abs/"
PDF_URL: Final = "https://arxiv.org/pdf/"
HTML_URL: Final = "https://arxiv.org/html/"


class SortBy(StrEnum):
    """Which of a paper's two dates orders, limits and shows."""

    UPDATED = "updated"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One arXiv entry at one version. All text is plain, with its white space folded."""

    arxiv_id: str
    """The id without its version: `2509.25751`, or of the old style `math/0309136`."""
    version: int
    title: str
    authors: tuple[str, ...]
    summary: str
    comment: str | None
    journal_ref: str | None
    doi: str | None
    """As the authors gave it; several, separated by spaces, do occur."""
    primary_category: str
    categories: tuple[str, ...]
    published: datetime
    """When version 1 was submitted, in UTC."""
    updated: datetime
    """When this version was submitted, in UTC."""

    @property
    def versioned_id(self) -> str:
        """The id with its version, as in `2509.25751v1`."""
        return f"{self.arxiv_id}v{self.version}"

    # The links are made from the id, not taken from the answer: text from outside never
    # decides where a link leads.

    @property
    def abs_url(self) -> str:
        """The abstract page of this version."""
        return f"{ABS_URL}{self.versioned_id}"

    @property
    def pdf_url(self) -> str:
        """The PDF of this version."""
        return f"{PDF_URL}{self.versioned_id}"

    @property
    def html_url(self) -> str:
        """The HTML page of this version, which arXiv has for most papers of late."""
        return f"{HTML_URL}{self.versioned_id}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether the comment says so, which is how arXiv tells it."""
        return re.search(r"\bwithdrawn\b", self.comment or "", re.IGNORECASE) is not None

    def date(self, by: SortBy) -> datetime:
        """Gives the date that `by` names."""
        return self.updated if by is SortBy.UPDATED else self.published


def latest_versions(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Gives each paper once, at the latest version among `papers`."""
    latest: dict[str, Paper] = {}
    for paper in papers:
        known = latest.get(paper.arxiv_id)
        if known is None or known.version < paper.version:
            latest[paper.arxiv_id] = paper
    return tuple(latest.values())


def newest_first(papers: Iterable[Paper], by: SortBy) -> tuple[Paper, ...]:
    """Gives `papers` in the one order that every page shows, whatever order they come in.

    Equal dates are ordered by id, so that the same papers always give the same bytes.
    """
    return tuple(sorted(papers, key=lambda paper: (paper.date(by), paper.arxiv_id), reverse=True))
