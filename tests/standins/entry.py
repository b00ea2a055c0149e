"""What the arXiv stand-in knows of one version of one paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Author", "Entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """One author, as arXiv lists them."""

    name: str
    affiliations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One version of one paper."""

    arxiv_id: str
    """Without the version: `2509.25751`, `math/0309136`."""
    version: int = 1
    title: str
    summary: str
    authors: tuple[Author, ...]
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    report_number: str | None = None
    """Searched by `rn:`, but never part of an answer."""
    primary_category: str
    categories: tuple[str, ...]
    """arXiv's own categories, the primary one first."""
    classes: tuple[str, ...] = ()
    """ACM and MSC codes; only the older answers show them."""
    published: datetime
    """When version 1 was submitted, in UTC."""
    updated: datetime
    """When this version was submitted, in UTC."""

    @property
    def versioned_id(self) -> str:
        """The id with its version: `2509.25751v2`."""
        return f"{self.arxiv_id}v{self.version}"
