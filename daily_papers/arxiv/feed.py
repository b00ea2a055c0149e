"""Reads the bytes of an arXiv answer into a `Feed`.

The format is Atom (RFC 4287) with the `opensearch` and `arxiv` extensions, as arXiv's API user
manual describes it (https://info.arxiv.org/help/api/user-manual.html). Both of its generations are
read: until November 2025 each element declared its namespaces and text was wrapped over lines;
since then neither.

The bytes are a stranger's: `parse` is held to be a total function, linear in their number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn

from lxml import etree

from daily_papers.clock import parse_rfc3339
from daily_papers.errors import ArxivError, FeedError, excerpt
from daily_papers.papers import CATEGORY, VERSIONED_ID, Paper

__all__ = [
    "ARXIV",
    "ATOM",
    "MAX_BYTES",
    "Feed",
    "Flaw",
    "filled",
    "first_of",
    "fold",
    "of_their_time",
    "parse",
    "read",
    "usable_categories",
    "usable_names",
]

MAX_BYTES: Final = 32 * 1024 * 1024
"""No answer is larger: 2,000 entries, arXiv's most, are about 6 MB."""

PIECE: Final = 64 * 1024
"""Bytes that are parsed at once."""

MAX_TEXT: Final = 4 * 1024 * 1024
"""Bytes of a text or a name, at most. The parser has a limit, too, but holds up to 10 MB thrice."""

FEW: Final = 3
"""So many entries of an answer may be unusable in any case."""

FLAWED_SHARE: Final = 10
"""Of more papers, one entry for each so many; with more of them it is the answer that is bad."""

MANY: Final = 200
"""More unusable entries are not even counted: an answer has 2,000 entries at most."""

ATOM: Final = "{http://www.w3.org/2005/Atom}"
ARXIV: Final = "{http://arxiv.org/schemas/atom}"
_OPENSEARCH: Final = "{http://a9.com/-/spec/opensearch/1.1/}"

# Written out once: an answer has tens of thousands of elements.
_FEED: Final = f"{ATOM}feed"
_ENTRY: Final = f"{ATOM}entry"
_ID: Final = f"{ATOM}id"
_TITLE: Final = f"{ATOM}title"
_SUMMARY: Final = f"{ATOM}summary"
_AUTHOR: Final = f"{ATOM}author"
_NAME: Final = f"{ATOM}name"
_CATEGORY: Final = f"{ATOM}category"
_PUBLISHED: Final = f"{ATOM}published"
_UPDATED: Final = f"{ATOM}updated"
_COMMENT: Final = f"{ARXIV}comment"
_JOURNAL_REF: Final = f"{ARXIV}journal_ref"
_DOI: Final = f"{ARXIV}doi"
_PRIMARY_CATEGORY: Final = f"{ARXIV}primary_category"
_TOTAL_RESULTS: Final = f"{_OPENSEARCH}totalResults"

_ENTRY_ID: Final = re.compile(rf"https?://arxiv\.org/abs/{VERSIONED_ID.pattern}", re.ASCII)
_LETTER_OR_DIGIT: Final = re.compile(r"[^\W_]")
_COUNT: Final = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """An entry that is not a usable paper."""

    arxiv_id: str = ""
    """Its id without the version; empty if that is the flaw."""
    version: int = 0
    reason: str
    """What is wrong, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One parsed answer of the API."""

    total_results: int
    """How many papers match, on this page or not."""
    updated: datetime
    """When arXiv made the answer, in UTC."""
    papers: tuple[Paper, ...]
    """In the order given."""
    flaws: tuple[Flaw, ...] = ()
    """The entries that are not among the papers."""

    @property
    def size(self) -> int:
        """How many entries the answer has, usable or not."""
        return len(self.papers) + len(self.flaws)


def parse(body: bytes) -> Feed:
    """Reads one answer of the API, strictly and to its end.

    Args:
        body: the answer's bytes, in UTF-8 as arXiv sends them whatever they declare.

    Returns:
        The feed. Every entry has been read: it is among the papers or the flaws.

    Raises:
        ArxivError: the answer is arXiv's own error entry; the message is arXiv's.
        FeedError: the answer is not a whole, well-formed feed.
    """
    papers: list[Paper] = []
    flaws: list[Flaw] = []

    def take(entry: etree._Element) -> None:
        if not papers and not flaws and "/api/errors" in entry.findtext(_ID, ""):
            raise ArxivError(f"arXiv says: {excerpt(entry.findtext(_SUMMARY, ''))}")
        if len(flaws) <= MANY:
            found = _paper(entry)
            if isinstance(found, Paper):
                papers.append(found)
            else:
                flaws.append(found)

    root = read(body, take)
    try:
        total = _count(filled(root.findtext(_TOTAL_RESULTS), "totalResults"))
        updated = parse_rfc3339(filled(root.findtext(_UPDATED), "updated"))
    except ValueError as error:
        raise FeedError(f"arXiv's answer lacks a usable field of a feed: {error}") from error
    papers, late = of_their_time(papers, updated)
    flaws += late
    if len(flaws) > max(FEW, (len(papers) + len(flaws)) // FLAWED_SHARE):
        raise FeedError(f"arXiv's answer has unusable entries; the first: {flaws[0].reason}")
    return Feed(total_results=total, updated=updated, papers=tuple(papers), flaws=tuple(flaws))


def read(body: bytes, take: Callable[[etree._Element], object]) -> etree._Element:
    """Reads an Atom feed that a stranger sent, strictly and to its end.

    Args:
        body: the feed's bytes.
        take: gets each entry as soon as it is whole. The entry is emptied afterwards: a tree of
            all would take several times the memory of the papers.

    Returns:
        The feed, its entries empty.

    Raises:
        FeedError: it is not a whole, well-formed feed.
    """
    if len(body) > MAX_BYTES:
        raise FeedError(f"arXiv's answer is larger than {MAX_BYTES:,} bytes")
    if b"<!DOCTYPE" in body:
        # No feed has one, and it is the only door for entities, external or exploding. In text
        # it would be escaped; only here a comment cannot hide it.
        raise FeedError("arXiv's answer holds a document type declaration")
    # A truncated document must fail (recover), and no address in it may be fetched. The encoding
    # is fixed because a declaration can lie.
    parser = etree.XMLPullParser(
        ("end",),
        tag=_ENTRY,
        encoding="utf-8",
        recover=False,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,  # The indentation is half of all nodes.
    )
    try:
        for start in range(0, len(body), PIECE):
            if start > MAX_TEXT and body.rfind(b"<", start - MAX_TEXT, start) < 0:
                problem = f"a text has more than {MAX_TEXT:,} bytes"
                raise FeedError(f"arXiv's answer is not well-formed XML: {problem}")
            parser.feed(body[start : start + PIECE])
            for _, entry in parser.read_events():
                if (parent := entry.getparent()) is not None and parent.getparent() is None:
                    take(entry)
                    entry.clear()
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise FeedError(
            f"arXiv's answer is not well-formed XML: {excerpt(str(error.msg))}"
        ) from error
    if root.tag != _FEED:
        raise FeedError(f"arXiv's answer is not an Atom feed but <{excerpt(str(root.tag))}>")
    return root


def of_their_time(papers: Iterable[Paper], made: datetime) -> tuple[list[Paper], list[Flaw]]:
    """Splits the papers of a feed that was made at `made`: those that it can know, and flaws.

    A paper cannot be from after the next year.
    """
    known: list[Paper] = []
    flaws: list[Flaw] = []
    for paper in papers:
        latest = max(paper.published, paper.updated)
        if latest.year <= made.year + 1:
            known.append(paper)
        else:
            problem = f"the date {latest:%Y-%m-%d} is in the future"
            flaws.append(_unusable(paper.arxiv_id, paper.version, problem))
    return known, flaws


def _unusable(arxiv_id: str, version: int, problem: object) -> Flaw:
    reason = f"the entry {arxiv_id}v{version} is unusable: {problem}"
    return Flaw(arxiv_id=arxiv_id, version=version, reason=reason)


def filled(text: str | None, name: str) -> str:
    """Returns the text of an element of that name, folded.

    Raises:
        ValueError: the element is missing or empty.
    """
    return fold(text or "") or _missing(name)


def _missing(name: str) -> NoReturn:
    raise ValueError(f"it has no {name}")


def usable_categories(terms: Iterable[str]) -> tuple[str, ...]:
    """Returns those of `terms` that have the form of an archive or a category of arXiv."""
    return tuple(filter(CATEGORY.fullmatch, terms))


def first_of(categories: tuple[str, ...]) -> str:
    """Returns the first category, which is the primary one unless a feed says otherwise.

    Raises:
        ValueError: there is none.
    """
    return categories[0] if categories else _missing("category")


def usable_names(authors: Iterable[str]) -> tuple[str, ...]:
    """Returns those of `authors` that have a letter or a digit; some collaborations list a `:`."""
    return tuple(filter(_LETTER_OR_DIGIT.search, authors))


def _paper(entry: etree._Element) -> Paper | Flaw:
    """Reads one entry in one pass over its children, whatever their order."""
    fields: dict[str, str] = {}
    authors: list[str] = []
    categories: list[str] = []
    primary_category = ""
    for child in entry:
        tag = str(child.tag)
        if tag == _AUTHOR:
            authors.append(_name(child))
        elif tag == _CATEGORY:
            categories.append(child.get("term", ""))
        elif tag == _PRIMARY_CATEGORY:
            primary_category = child.get("term", "")
        else:
            fields[tag] = child.text or ""
    name = fields.get(_ID, "").strip()
    match = _ENTRY_ID.fullmatch(name)
    if match is None:
        return Flaw(reason=f"an entry has the unknown id {excerpt(name)!r}")
    arxiv_id, version = match["id"], int(match["version"])
    places = usable_categories(categories)
    try:
        published = parse_rfc3339(fields.get(_PUBLISHED) or _missing("published"))
        updated = parse_rfc3339(fields.get(_UPDATED) or _missing("updated"))
        if not CATEGORY.fullmatch(primary_category):
            primary_category = first_of(places)
        return Paper(
            arxiv_id=arxiv_id,
            version=version,
            title=fold(fields.get(_TITLE, "")) or _missing("title"),
            authors=usable_names(authors),
            summary=fold(fields.get(_SUMMARY, "")) or _missing("summary"),
            comment=fold(fields.get(_COMMENT, "")) or None,
            journal_ref=fold(fields.get(_JOURNAL_REF, "")) or None,
            doi=fold(fields.get(_DOI, "")) or None,
            primary_category=primary_category,
            categories=places or (primary_category,),
            published=published,
            updated=updated,
        )
    except ValueError as error:
        return _unusable(arxiv_id, version, error)


def _count(digits: str) -> int:
    if not _COUNT.fullmatch(digits):
        raise ValueError(f"{excerpt(digits)!r} is not a number of papers")
    return int(digits)


def _name(author: etree._Element) -> str:
    """Returns an author's name; an affiliation may be beside it."""
    for child in author:
        if child.tag == _NAME:
            return fold(child.text or "")
    return ""


def fold(text: str) -> str:
    """Returns `text` with every run of white space as one space, and none at the ends."""
    if text.isascii() and "  " not in text and not ("\n" in text or "\t" in text or "\r" in text):
        return text.strip(" ")  # XML has no other white space in ASCII.
    return " ".join(text.split())
