"""Papers as arXiv describes them: the value that all other modules are about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from daily_papers import withdrawal

__all__ = [
    "ARXIV_ID",
    "CATEGORY",
    "VERSIONED_ID",
    "Paper",
    "SortBy",
    "latest_versions",
    "newest_first",
]

ARXIV_ID: Final = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}", re.ASCII)
"""The two styles of https://info.arxiv.org/help/arxiv_identifier.html, without a version."""

VERSIONED_ID: Final = re.compile(
    rf"(?P<id>{ARXIV_ID.pattern})v(?P<version>[1-9]\d{{0,2}})", re.ASCII
)
"""An id with its version, which counts from 1; no paper has a thousand."""

CATEGORY: Final = re.compile(r"[a-z-]{2,20}(?:\.[A-Za-z-]{2,20})?", re.ASCII)
"""An archive or a category, as in `math` or `cond-mat.mes-hall`
(https://arxiv.org/category_taxonomy). The codes of ACM and MSC, which arXiv's feed had among them
until 2025, look different."""

HTML_SINCE: Final = datetime(2023, 12, 1, tzinfo=UTC)
"""Since when arXiv converts what is submitted as TeX to HTML
(https://blog.arxiv.org/2023/12/21/accessibility-update-arxiv-now-offers-papers-in-html-format/)."""

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
        """The PDF of this version; see `has_pdf`."""
        return f"{PDF_URL}{self.versioned_id}"

    @property
    def html_url(self) -> str:
        """The HTML page of this version; see `has_html`."""
        return f"{HTML_URL}{self.versioned_id}"

    @property
    def has_pdf(self) -> bool:
        """Whether arXiv has a PDF: of every version but one that withdraws the paper.

        See https://info.arxiv.org/help/withdraw.html.
        """
        return not self.is_withdrawn

    @property
    def has_html(self) -> bool:
        """Whether arXiv may have an HTML page: of versions since `HTML_SINCE` that are TeX.

        Whether a version is TeX, and could be converted, is not in arXiv's feed; nine of ten are
        TeX (https://info.arxiv.org/about/accessible_HTML.html).
        """
        return self.updated >= HTML_SINCE and not self.is_withdrawn

    @property
    def is_withdrawn(self) -> bool:
        """Whether this version withdraws the paper.

        To withdraw is to submit another version, with the reason as its comment
        (https://info.arxiv.org/help/withdraw.html); many say so in place of the abstract, too. The
        first version of a paper cannot, and a paper that was withdrawn from a conference is not.
        """
        return self.version > 1 and (
            withdrawal.is_told_by(self.comment or "") or withdrawal.begins(self.summary)
        )

    def date(self, by: SortBy) -> datetime:
        """Returns the date that `by` names."""
        return self.updated if by is SortBy.UPDATED else self.published


def latest_versions(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Returns each paper once, at the latest version among `papers`."""
    latest: dict[str, Paper] = {}
    for paper in papers:
        known = latest.get(paper.arxiv_id)
        if known is None or known.version < paper.version:
            latest[paper.arxiv_id] = paper
    return tuple(latest.values())


def newest_first(papers: Iterable[Paper], by: SortBy) -> tuple[Paper, ...]:
    """Returns `papers` in the one order that every page shows, whatever order they are given in.

    Equal dates are ordered by id, so that the same papers always give the same bytes.
    """
    return tuple(sorted(papers, key=lambda paper: (paper.date(by), paper.arxiv_id), reverse=True))
