"""The newest papers as an Atom file (RFC 4287), for feed readers.

A reader knows an entry by its id and sees by its date that it has changed. So a paper's id tells
nothing but the paper, whatever its version and whatever repository the file is in, and every date
is one of the papers': the same papers always give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import quote

from lxml import etree
from lxml.builder import E, ElementMaker

from daily_papers import REPOSITORY_URL
from daily_papers.clock import rfc3339
from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import Paper
from daily_papers.views import tex
from daily_papers.views.signature import signature

__all__ = [
    "Channel",
    "Item",
    "allowed",
    "identifier",
    "newest",
    "render",
]

AT_LEAST: Final = 100
AT_MOST: Final = 1000
"""How many papers a file holds; between these, as many as a fortnight brings, so that a week away
loses nothing."""

FORTNIGHT: Final = timedelta(days=14)

ROOM: Final = 1_000_000
"""Bytes of the entries, at most. Readers load the whole file every hour or so."""

_ESCAPES: Final = {"&": 4, "<": 3, ">": 3, "\r": 4, '"': 1, "\\": 1, "\n": 1}
"""How many more bytes a character takes when it is escaped, in XML or in JSON."""

_ATOM: Final = "http://www.w3.org/2005/Atom"
_ARXIV_CATEGORIES: Final = "http://arxiv.org/schemas/atom"
"""The scheme of arXiv's categories, as arXiv's own feeds name it."""

_TAG: Final = "tag:daily-papers.github.io,2026:"
"""Begins every id (RFC 4151): whoever makes this program had that name in that year."""

_RIGHTS: Final = (
    "Metadata of arXiv, CC0 1.0 (https://info.arxiv.org/help/license/index.html). "
    "The papers belong to their authors."
)

_E: Final = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})

# What XML 1.0 has no place for (its section 2.2), even escaped.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a feed is called, and where it is. Addresses may be empty where they are not known."""

    name: str
    """Names the feed among all, for its id."""
    title: str
    subtitle: str
    address: str = ""
    """Where the file is for feed readers."""
    page: str = ""
    """Where people read the same."""
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A paper as every feed that has it tells of it."""

    paper: Paper
    headings: tuple[str, ...]
    """Those of the topics that hold it."""
    title: str
    """Plain, with what a reader must know of the paper before it."""
    authors: tuple[str, ...]
    content: str
    """Abstract and comment as HTML."""


def newest(snapshot: Snapshot, papers: Iterable[Paper]) -> tuple[Item, ...]:
    """Returns what a feed of `papers`, which are ordered newest first, holds.

    Args:
        snapshot: the topics, and what was told as new.
        papers: what there is, newest first.
    """
    places = snapshot.places()
    items: list[Item] = []
    oldest: datetime | None = None
    room = ROOM
    for paper in papers:
        when = paper.date(snapshot.sort_by)
        oldest = oldest or when - FORTNIGHT
        if len(items) == AT_MOST or (len(items) >= AT_LEAST and when < oldest):
            break
        item = Item(
            paper=paper,
            headings=tuple(snapshot.sections[number].heading for number in places[paper.arxiv_id]),
            title=f"{_label(paper, snapshot)}{_plain(paper.title)}",
            authors=tuple(filter(None, map(_plain, paper.authors))),
            content=_content(paper),
        )
        room -= _size(item)
        if room < 0:
            break
        items.append(item)
    return tuple(items)


def _size(item: Item) -> int:
    """Returns about how many bytes an entry takes, in Atom or in JSON, whichever takes more."""
    texts = (item.title, item.content, *item.authors, *item.headings, *item.paper.categories)
    text = "".join(texts)
    escapes = sum(more * text.count(sign) for sign, more in _ESCAPES.items())
    # Besides the texts: the elements that every entry has, and the element around each text.
    return 350 + 60 * len(texts) + len(text.encode(errors="replace")) + escapes


def render(channel: Channel, items: Sequence[Item], *, marker: str, empty: date) -> bytes:
    """Returns the Atom file.

    Args:
        channel: what it is called, and where it is.
        items: the papers, newest first.
        marker: the name of the region that shows the same papers.
        empty: the date of a feed without papers.
    """
    feed = _E.feed(
        {"{http://www.w3.org/XML/1998/namespace}lang": "en"},
        _text("id", f"{_TAG}feed:{quote(channel.name, safe='/:')}"),
        _text("title", channel.title),
        _text("subtitle", channel.subtitle),
        _text("updated", rfc3339(_updated(items, empty))),
        # RFC 4287 wants an author of every entry; a paper without one has that of the feed.
        _E.author(_text("name", "arXiv")),
        _E.generator("Daily Papers", uri=REPOSITORY_URL),
        _text("rights", _RIGHTS),
    )
    if channel.icon:
        feed.append(_text("icon", channel.icon))
    if channel.address:
        feed.append(_link("self", channel.address, "application/atom+xml"))
    if channel.page:
        feed.append(_link("alternate", channel.page, "text/html"))
    feed.extend(map(_entry, items))
    feed.addprevious(etree.Comment(signature(marker)[len("<!--") : -len("-->")]))
    return etree.tostring(
        feed.getroottree(), encoding="UTF-8", xml_declaration=True, pretty_print=True
    )


def _updated(items: Iterable[Item], empty: date) -> datetime:
    """Returns when the last version among `items` was submitted; without any, `empty`."""
    nothing = datetime.combine(empty, time(tzinfo=UTC))
    return max((item.paper.updated for item in items), default=nothing)


def identifier(paper: Paper) -> str:
    """Returns the id of a paper's entry, in every feed that has it."""
    return f"{_TAG}paper:{paper.arxiv_id}"


def _label(paper: Paper, snapshot: Snapshot) -> str:
    """Returns what a reader must know of a paper before its title; usually nothing."""
    if paper.is_withdrawn:
        return "[withdrawn] "
    return f"[revised, v{paper.version}] " if snapshot.is_revised(paper) else ""


def _entry(item: Item) -> etree._Element:
    paper = item.paper
    categories = dict.fromkeys((paper.primary_category, *paper.categories))
    entry = _E.entry(
        _text("id", identifier(paper)),
        _text("title", item.title),
        _text("published", rfc3339(paper.published)),
        _text("updated", rfc3339(paper.updated)),
        *(_E.author(_text("name", name)) for name in item.authors),
        _link("alternate", paper.abs_url, "text/html"),
    )
    if paper.has_pdf:
        entry.append(_link("related", paper.pdf_url, "application/pdf"))
    entry.extend(_E.category(term=allowed(heading)) for heading in item.headings)
    entry.extend(_E.category(term=allowed(x), scheme=_ARXIV_CATEGORIES) for x in categories)
    entry.append(_E.summary(item.content, type="html"))
    return entry


def _content(paper: Paper) -> str:
    """Returns abstract and comment as XHTML, to be escaped."""
    paragraphs = [("", paper.summary), ("Comment: ", paper.comment)]
    return "".join(_paragraph(name, text) for name, text in paragraphs if text)


def _paragraph(name: str, text: str) -> str:
    pieces = [
        E.a(_words(segment), href=allowed(segment.url))
        if isinstance(segment, tex.Link)
        else _words(segment)
        for segment in tex.read(text)
    ]
    return etree.tostring(E.p(name, *pieces), encoding="unicode")


def _plain(text: str) -> str:
    """Returns a text from arXiv as people read it, without any markup."""
    return "".join(map(_words, tex.read(text)))


def _words(segment: tex.Segment) -> str:
    """Returns what is read of a segment; a formula is between dollars, as on arXiv's pages."""
    if isinstance(segment, tex.Math):
        dollars = "$$" if segment.display else "$"
        return allowed(f"{dollars}{segment.tex}{dollars}")
    return allowed(segment.text)


def _text(tag: str, text: str) -> etree._Element:
    """Returns an element that holds nothing but text."""
    return _E(tag, allowed(text))


def _link(rel: str, url: str, kind: str) -> etree._Element:
    return _E.link(rel=rel, href=url, type=kind)


def allowed(text: str) -> str:
    """Returns a text that XML may hold."""
    return _FORBIDDEN.sub("\ufffd", text)
