"""ArXiv's announcement feed: what was announced last in some archives, whatever the search says.

It comes from a cache that no search stands behind, so that it often answers while the API refuses.
The format is that of https://info.arxiv.org/help/atom_specifications.html: at most 2,000 entries,
made anew at midnight US Eastern time, empty on days without an announcement. It may be an old one,
which only its own date tells; it has no comments, and of dates only that of the announcement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree

from daily_papers.arxiv import feed
from daily_papers.arxiv.feed import ARXIV, ATOM, fold
from daily_papers.clock import EASTERN, parse_rfc3339
from daily_papers.errors import FeedError
from daily_papers.papers import ARXIV_ID, Paper

__all__ = ["Listing", "parse"]

_CREATOR: Final = "{http://purl.org/dc/elements/1.1/}creator"

_ENTRY_ID: Final = re.compile(
    rf"oai:arXiv\.org:(?P<id>{ARXIV_ID.pattern})v(?P<version>\d+)", re.ASCII
)
_ABSTRACT: Final = re.compile(r"arXiv:\S+\s+Announce Type:\s+\S+\s+Abstract:", re.ASCII)
_BETWEEN_AUTHORS: Final = re.compile(r",\s*(?![^()]*\))")
_AFFILIATION: Final = re.compile(r"\s*\([^()]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One parsed feed of announcements."""

    day: date
    """The day for which it was made, in US Eastern time."""
    papers: tuple[Paper, ...]
    """The papers that were new, or new to one of the places asked for; revised ones are left out.
    Their dates are that of the announcement, and they have no comments."""


def parse(body: bytes) -> Listing:
    """Reads a feed of announcements, strictly and to its end.

    Raises:
        FeedError: it is not a whole, well-formed feed of announcements.
    """
    root = feed.root_of(body)
    try:
        made = parse_rfc3339(root.findtext(f"{ATOM}updated") or "")
        papers = tuple(_papers(root))
    except (LookupError, ValueError) as error:
        raise FeedError(f"arXiv's announcements lack a usable field: {error}") from error
    return Listing(day=made.astimezone(EASTERN).date(), papers=papers)


def _papers(root: etree._Element) -> Iterator[Paper]:
    """Reads the entries of papers that are announced for the first time."""
    for entry in root.iterfind(f"{ATOM}entry"):
        name = fold(entry.findtext(f"{ATOM}id") or "")
        match = _ENTRY_ID.fullmatch(name)
        if match is None:
            raise FeedError(f"arXiv's announcements hold an entry with an unknown id: {name!r}")
        kind = fold(entry.findtext(f"{ARXIV}announce_type") or "")
        if kind in {"new", "cross"} and match["version"] == "1":
            yield _paper(entry, match["id"])


def _paper(entry: etree._Element, arxiv_id: str) -> Paper:
    def text(tag: str) -> str:
        return fold(entry.findtext(tag) or "")

    moment = parse_rfc3339(text(f"{ATOM}published"))
    categories = tuple(place.attrib["term"] for place in entry.iterfind(f"{ATOM}category"))
    return Paper(
        arxiv_id=arxiv_id,
        version=1,
        title=text(f"{ATOM}title"),
        authors=_authors(text(_CREATOR)),
        summary=_ABSTRACT.sub("", text(f"{ATOM}summary"), count=1).strip(),
        comment=None,
        journal_ref=text(f"{ARXIV}journal_reference") or None,
        doi=text(f"{ARXIV}DOI") or None,
        primary_category=categories[0],
        categories=categories,
        published=moment,
        updated=moment,
    )


def _authors(creator: str) -> tuple[str, ...]:
    """Takes a list of names apart, each of which may have affiliations in parentheses."""
    names = (_AFFILIATION.sub("", name).strip() for name in _BETWEEN_AUTHORS.split(creator))
    return tuple(name for name in names if name)
