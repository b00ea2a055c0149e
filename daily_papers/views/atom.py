"""The newest papers of all topics as an Atom file (RFC 4287), for feed readers.

A reader knows an entry by its id and sees by its date that it has changed. So a paper's id tells
nothing but the paper, whatever its version and whatever repository the file stands in, and every
date is one of the papers': the same papers always give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Final

from lxml import etree
from lxml.builder import E, ElementMaker

from daily_papers import REPOSITORY_URL
from daily_papers.clock import rfc3339
from daily_papers.home import Home
from daily_papers.inputs import Inputs
from daily_papers.memory.snapshot import Snapshot
from daily_papers.papers import Paper, latest_versions, newest_first
from daily_papers.views import tex
from daily_papers.views.signature import signature

__all__ = ["ENTRIES", "render"]

ENTRIES: Final = 100
"""How many papers the file holds at most."""

_ATOM: Final = "http://www.w3.org/2005/Atom"
_ARXIV_CATEGORIES: Final = "http://arxiv.org/schemas/atom"
"""The scheme of arXiv's categories, as arXiv's own feeds name it."""

_TAG: Final = "tag:daily-papers.github.io,2026:"
"""Begins every id (RFC 4151): whoever makes this program had that name in that year."""

_E: Final = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})

# What XML 1.0 has no place for (its section 2.2), even escaped.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(snapshot: Snapshot, inputs: Inputs, home: Home | None) -> bytes:
    """Gives the Atom file.

    Args:
        snapshot: the papers.
        inputs: the date that orders the papers, and where README and file are.
        home: where they can be seen on the web; without it the file does not link to itself.
    """
    every = latest_versions(paper for section in snapshot.sections for paper in section.papers)
    papers = newest_first(every, inputs.sort_by)[:ENTRIES]
    headings = ", ".join(section.heading for section in snapshot.sections)
    feed = _E.feed(
        _text("id", f"{_TAG}feed:{home.name + ':' if home else ''}{inputs.marker}"),
        _text("title", f"Daily Papers ({home.name})" if home else "Daily Papers"),
        _text("subtitle", f"The newest papers on arXiv: {headings}"),
        _text("updated", rfc3339(_updated(snapshot, papers))),
        # RFC 4287 wants an author of every entry; a paper without one has that of the feed.
        _E.author(_text("name", "arXiv")),
        _E.generator("Daily Papers", uri=REPOSITORY_URL),
    )
    if home and inputs.feed:
        feed.append(_link("self", home.raw_url(inputs.feed), "application/atom+xml"))
        feed.append(_link("alternate", home.page_url(inputs.readme), "text/html"))
    places = snapshot.places()
    for paper in papers:
        topics = [snapshot.sections[number].heading for number in places[paper.arxiv_id]]
        feed.append(_entry(paper, topics))
    feed.addprevious(etree.Comment(signature(inputs.marker)[len("<!--") : -len("-->")]))
    return etree.tostring(
        feed.getroottree(), encoding="UTF-8", xml_declaration=True, pretty_print=True
    )


def _updated(snapshot: Snapshot, papers: Iterable[Paper]) -> datetime:
    """Gives when the last version among `papers` was submitted."""
    nothing = datetime.combine(snapshot.updated, time(tzinfo=UTC))
    return max((paper.updated for paper in papers), default=nothing)


def _entry(paper: Paper, headings: Iterable[str]) -> etree._Element:
    names = filter(None, map(_plain, paper.authors))
    categories = dict.fromkeys((paper.primary_category, *paper.categories))
    return _E.entry(
        _text("id", f"{_TAG}paper:{paper.arxiv_id}"),
        _text("title", _plain(paper.title)),
        _text("published", rfc3339(paper.published)),
        _text("updated", rfc3339(paper.updated)),
        *(_E.author(_text("name", name)) for name in names),
        _link("alternate", paper.abs_url, "text/html"),
        _link("related", paper.pdf_url, "application/pdf"),
        *(_E.category(term=_allowed(heading)) for heading in headings),
        *(_E.category(term=_allowed(name), scheme=_ARXIV_CATEGORIES) for name in categories),
        _E.summary(_abstract(paper), type="html"),
    )


def _abstract(paper: Paper) -> str:
    """Gives abstract and comment as XHTML, to be escaped."""
    paragraphs = [("", paper.summary), ("Comment: ", paper.comment)]
    return "".join(_paragraph(label, text) for label, text in paragraphs if text)


def _paragraph(label: str, text: str) -> str:
    pieces = [
        E.a(_words(segment), href=_allowed(segment.url))
        if isinstance(segment, tex.Link)
        else _words(segment)
        for segment in tex.read(text)
    ]
    return etree.tostring(E.p(label, *pieces), encoding="unicode")


def _plain(text: str) -> str:
    """Gives a text from arXiv as people read it, without any markup."""
    return "".join(map(_words, tex.read(text)))


def _words(segment: tex.Segment) -> str:
    """Gives what is read of a segment; a formula stands between dollars, as on arXiv's pages."""
    if isinstance(segment, tex.Math):
        dollars = "$$" if segment.display else "$"
        return _allowed(f"{dollars}{segment.tex}{dollars}")
    return _allowed(segment.text)


def _text(tag: str, text: str) -> etree._Element:
    """Gives an element that holds nothing but text."""
    return _E(tag, _allowed(text))


def _link(rel: str, url: str, kind: str) -> etree._Element:
    return _E.link(rel=rel, href=url, type=kind)


def _allowed(text: str) -> str:
    """Gives a text that may stand in XML."""
    return _FORBIDDEN.sub("\ufffd", text)
