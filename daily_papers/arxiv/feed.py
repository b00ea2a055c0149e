"""From the bytes of an arXiv answer to a `Feed`.

The format is Atom (RFC 4287) with the `opensearch` and `arxiv` extensions, as arXiv's API user
manual tells it. Both of its generations are read: until November 2025 namespaces stood on each
element and text was wrapped over lines; since then neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from daily_papers.clock import parse_rfc3339
from daily_papers.errors import ArxivError, FeedError
from daily_papers.papers import ARXIV_ID, Paper

__all__ = ["ARXIV", "ATOM", "MAX_BYTES", "Feed", "fold", "parse", "root_of"]

MAX_BYTES: Final = 32 * 1024 * 1024
"""No answer is larger: 2,000 entries, arXiv's most, are about 6 MB."""

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
_START_INDEX: Final = f"{_OPENSEARCH}startIndex"

_ENTRY_ID: Final = re.compile(
    rf"https?://arxiv\.org/abs/(?P<id>{ARXIV_ID.pattern})v(?P<version>\d+)", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One parsed answer of the API."""

    total_results: int
    """How many papers match in all, on this page or not."""
    start_index: int
    """The place of the first paper among them, from 0."""
    updated: datetime
    """When arXiv made the answer, in UTC."""
    papers: tuple[Paper, ...]
    """In the order given."""


def parse(body: bytes) -> Feed:
    """Reads one answer of the API, strictly and to its end.

    Args:
        body: the answer's bytes, in UTF-8 as arXiv sends them whatever they declare.

    Returns:
        The feed. Every entry has been read; none is left out.

    Raises:
        ArxivError: the answer is arXiv's own error entry; the message is arXiv's.
        FeedError: the answer is not a whole, well-formed feed of papers.
    """
    return _feed(root_of(body))


def root_of(body: bytes) -> etree._Element:
    """Reads an Atom feed that strangers sent, safely.

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
    parser = etree.XMLParser(
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
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise FeedError(f"arXiv's answer is not well-formed XML: {error.msg}") from error
    if root.tag != _FEED:
        raise FeedError(f"arXiv's answer is not an Atom feed but <{root.tag!s}>")
    return root


def _feed(root: etree._Element) -> Feed:
    """Reads the feed's own fields, and each entry."""
    fields: dict[str, str] = {}
    papers: list[Paper] = []
    for child in root:
        if child.tag == _ENTRY:
            papers.append(_paper(child))
        else:
            fields[str(child.tag)] = (child.text or "").strip()
    try:
        return Feed(
            total_results=int(fields[_TOTAL_RESULTS]),
            start_index=int(fields[_START_INDEX]),
            updated=parse_rfc3339(fields[_UPDATED]),
            papers=tuple(papers),
        )
    except (KeyError, ValueError) as error:
        raise FeedError(f"arXiv's answer lacks a usable field of a feed: {error}") from error


def _paper(entry: etree._Element) -> Paper:
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
    entry_id = fields.get(_ID, "").strip()
    if "/api/errors" in entry_id:
        raise ArxivError(f"arXiv says: {fold(fields.get(_SUMMARY, ''))}")
    match = _ENTRY_ID.fullmatch(entry_id)
    if match is None:
        raise FeedError(f"arXiv's answer holds an entry with an unknown id: {entry_id!r}")
    try:
        return Paper(
            arxiv_id=match["id"],
            version=int(match["version"]),
            title=fold(fields[_TITLE]),
            authors=tuple(authors),
            summary=fold(fields[_SUMMARY]),
            comment=fold(fields.get(_COMMENT, "")) or None,
            journal_ref=fold(fields.get(_JOURNAL_REF, "")) or None,
            doi=fold(fields.get(_DOI, "")) or None,
            primary_category=primary_category or categories[0],
            categories=tuple(categories),
            published=parse_rfc3339(fields[_PUBLISHED]),
            updated=parse_rfc3339(fields[_UPDATED]),
        )
    except (KeyError, IndexError, ValueError) as error:
        raise FeedError(f"arXiv's entry {entry_id} lacks a usable field: {error}") from error


def _name(author: etree._Element) -> str:
    """Gives an author's name; an affiliation may stand beside it."""
    for child in author:
        if child.tag == _NAME:
            return fold(child.text or "")
    return ""


def fold(text: str) -> str:
    """Makes every run of white space one space, and none of it at the ends."""
    if text.isascii() and "  " not in text and not ("\n" in text or "\t" in text or "\r" in text):
        return text.strip(" ")  # XML has no other white space in ASCII.
    return " ".join(text.split())
