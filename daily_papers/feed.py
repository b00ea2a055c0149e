"""From the bytes of an arXiv answer to a `Feed`.

The format is Atom (RFC 4287) with the `opensearch` and `arxiv` extensions, as arXiv's API user
manual tells it. Both of its generations are read: until November 2025 namespaces stood on each
element and text was wrapped over lines; since then neither.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from daily_papers.errors import ArxivError, FeedError
from daily_papers.papers import ARXIV_ID, Feed, Paper

__all__ = ["ARXIV", "ATOM", "MAX_BYTES", "fold", "parse", "root_of", "utc"]

MAX_BYTES: Final = 32 * 1024 * 1024
"""No answer is larger: 2,000 entries, arXiv's most, are about 6 MB."""

ATOM: Final = "{http://www.w3.org/2005/Atom}"
ARXIV: Final = "{http://arxiv.org/schemas/atom}"
_OPENSEARCH: Final = "{http://a9.com/-/spec/opensearch/1.1/}"

_ENTRY_ID: Final = re.compile(
    rf"https?://arxiv\.org/abs/(?P<id>{ARXIV_ID.pattern})v(?P<version>\d+)", re.ASCII
)


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
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise FeedError(f"arXiv's answer is not well-formed XML: {error.msg}") from error
    if root.tag != f"{ATOM}feed":
        raise FeedError(f"arXiv's answer is not an Atom feed but <{root.tag!s}>")
    return root


def _feed(root: etree._Element) -> Feed:
    """Reads the feed's own fields, and each entry."""
    fields: dict[str, str] = {}
    papers: list[Paper] = []
    for child in root:
        if child.tag == f"{ATOM}entry":
            papers.append(_paper(child))
        else:
            fields[str(child.tag)] = (child.text or "").strip()
    try:
        return Feed(
            total_results=int(fields[f"{_OPENSEARCH}totalResults"]),
            start_index=int(fields[f"{_OPENSEARCH}startIndex"]),
            updated=utc(fields[f"{ATOM}updated"]),
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
        if tag == f"{ATOM}author":
            authors.append(fold(child.findtext(f"{ATOM}name") or ""))
        elif tag == f"{ATOM}category":
            categories.append(child.get("term", ""))
        elif tag == f"{ARXIV}primary_category":
            primary_category = child.get("term", "")
        else:
            fields[tag] = child.text or ""
    entry_id = fields.get(f"{ATOM}id", "").strip()
    if "/api/errors" in entry_id:
        raise ArxivError(f"arXiv says: {fold(fields.get(f'{ATOM}summary', ''))}")
    match = _ENTRY_ID.fullmatch(entry_id)
    if match is None:
        raise FeedError(f"arXiv's answer holds an entry with an unknown id: {entry_id!r}")
    try:
        return Paper(
            arxiv_id=match["id"],
            version=int(match["version"]),
            title=fold(fields[f"{ATOM}title"]),
            authors=tuple(authors),
            summary=fold(fields[f"{ATOM}summary"]),
            comment=fold(fields.get(f"{ARXIV}comment", "")) or None,
            journal_ref=fold(fields.get(f"{ARXIV}journal_ref", "")) or None,
            doi=fold(fields.get(f"{ARXIV}doi", "")) or None,
            primary_category=primary_category or categories[0],
            categories=tuple(categories),
            published=utc(fields[f"{ATOM}published"]),
            updated=utc(fields[f"{ATOM}updated"]),
        )
    except (KeyError, IndexError, ValueError) as error:
        raise FeedError(f"arXiv's entry {entry_id} lacks a usable field: {error}") from error


def fold(text: str) -> str:
    """Makes every run of white space one space, and none of it at the ends."""
    return " ".join(text.split())


def utc(text: str) -> datetime:
    """Reads a date of RFC 3339, which must tell its zone, as UTC."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} tells no time zone")
    return moment.astimezone(UTC)
