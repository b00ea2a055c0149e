"""arXiv's announcement feed: what was announced last in some archives, whatever the search says.

It is served from a cache, not by the search, so it often answers while the API refuses. The format
is that of https://info.arxiv.org/help/atom_specifications.html: at most 2,000 entries, made anew at
midnight US Eastern time, empty on days without an announcement. It may be an old one, which only
its own date tells. It has no comments, and only one date: that of the announcement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree

from daily_papers.arxiv import feed
from daily_papers.arxiv.feed import ARXIV, ATOM, Flaw, fold
from daily_papers.clock import EASTERN, parse_rfc3339
from daily_papers.errors import FeedError, excerpt
from daily_papers.papers import VERSIONED_ID, Paper

__all__ = ["Listing", "parse"]

_CREATOR: Final = "{http://purl.org/dc/elements/1.1/}creator"

_ENTRY_ID: Final = re.compile(rf"oai:arXiv\.org:{VERSIONED_ID.pattern}", re.ASCII)
_PREAMBLE: Final = re.compile(r"arXiv:\S+ Announce Type: \S+ Abstract: ?", re.ASCII)
_AFFILIATION: Final = re.compile(r" ?\([^()]*\)")
_MARK: Final = re.compile(r"[(),]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One parsed feed of announcements."""

    day: date
    """The day for which it was made, in US Eastern time."""
    papers: tuple[Paper, ...]
    """The papers that were new, or new to one of the places asked for; revised ones are left out.
    Their dates are that of the announcement, and they have no comments."""
    flaws: tuple[Flaw, ...] = ()
    """The entries that are no usable papers."""


def parse(body: bytes) -> Listing:
    """Reads a feed of announcements, strictly and to its end.

    Args:
        body: the feed's bytes.

    Returns:
        The listing.

    Raises:
        FeedError: it is not a whole, well-formed feed of announcements.
    """
    papers: list[Paper] = []
    flaws: list[Flaw] = []
    count = 0

    def take(entry: etree._Element) -> None:
        nonlocal count, papers
        count += 1
        try:
            if len(flaws) <= feed.MANY:
                papers += _papers(entry)
        except ValueError as error:
            flaws.append(Flaw(reason=str(error)))

    root = feed.read(body, take)
    try:
        made = parse_rfc3339(root.findtext(f"{ATOM}updated", ""))
    except ValueError as error:
        raise FeedError(f"arXiv's announcements have no usable date: {error}") from error
    papers, late = feed.of_their_time(papers, made)
    flaws += late
    if flaws and len(flaws) > min(count - 1, max(feed.FEW, count // feed.FLAWED_SHARE)):
        raise FeedError(
            f"arXiv's announcements have unusable entries; the first: {flaws[0].reason}"
        )
    return Listing(day=made.astimezone(EASTERN).date(), papers=tuple(papers), flaws=tuple(flaws))


def _papers(entry: etree._Element) -> Iterator[Paper]:
    """Yields the paper of an entry, if it is announced for the first time.

    Raises:
        ValueError: the entry lacks something; the message is a sentence.
    """
    name = fold(entry.findtext(f"{ATOM}id", ""))
    match = _ENTRY_ID.fullmatch(name)
    if match is None:
        raise ValueError(f"an entry has the unknown id {excerpt(name)!r}")
    kind = fold(entry.findtext(f"{ARXIV}announce_type", ""))
    if kind in {"new", "cross"} and match["version"] == "1":
        try:
            yield _paper(entry, match["id"])
        except ValueError as error:
            raise ValueError(f"the entry {match['id']} is unusable: {error}") from None


def _paper(entry: etree._Element, arxiv_id: str) -> Paper:
    def text(tag: str) -> str:
        return fold(entry.findtext(tag, ""))

    moment = parse_rfc3339(feed.filled(entry.findtext(f"{ATOM}published"), "published"))
    categories = feed.usable_categories(
        place.get("term", "") for place in entry.iterfind(f"{ATOM}category")
    )
    return Paper(
        arxiv_id=arxiv_id,
        version=1,
        title=feed.filled(entry.findtext(f"{ATOM}title"), "title"),
        authors=_authors(text(_CREATOR)),
        summary=_without_preamble(text(f"{ATOM}summary")),
        comment=None,
        journal_ref=text(f"{ARXIV}journal_reference") or None,
        doi=text(f"{ARXIV}DOI") or None,
        primary_category=feed.first_of(categories),
        categories=categories,
        published=moment,
        updated=moment,
    )


def _without_preamble(summary: str) -> str:
    """Returns an abstract without the line before it, which says how it is announced."""
    preamble = _PREAMBLE.match(summary)
    return summary[preamble.end() :] if preamble else summary


def _authors(creator: str) -> tuple[str, ...]:
    """Takes a list of names apart, each of which may have affiliations in parentheses.

    A comma is within parentheses if the next one after it closes. So the text is read backwards,
    once: to look ahead from each comma would take quadratic time.
    """
    names: list[str] = []
    end, is_inside = len(creator), False
    for mark in reversed(list(_MARK.finditer(creator))):
        if mark[0] != ",":
            is_inside = mark[0] == ")"
        elif not is_inside:
            names.append(creator[mark.end() : end])
            end = mark.start()
    names.append(creator[:end])
    plain = (_AFFILIATION.sub("", name).strip() for name in reversed(names))
    return feed.usable_names(plain)
