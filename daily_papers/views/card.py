"""One paper on the web page, as an `article` element.

`assets/js/card.js` makes the same element from a line of the archive; a test holds the two
together. Text from strangers becomes text nodes and values of attributes, never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import quote

from lxml.builder import E
from lxml.etree import _Element

from daily_papers.papers import Paper
from daily_papers.views import tex
from daily_papers.views.remarks import code_link
from daily_papers.views.saying import Saying

__all__ = ["Extras", "anchor", "article", "code", "content", "day", "doi", "segments", "words"]

LEAVING: Final = {"rel": "noopener noreferrer"}
"""Attributes of every link that leads off the page."""

# Neither XML nor HTML may hold these, and `tex.clean` leaves them alone.
_UNWRITABLE: Final = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What the page tells of a paper besides what arXiv says."""

    new: date | None = None
    """The day on which it was told as new, by the one rule of `memory.news`; `None` if never."""
    revised: bool = False
    """Whether it is here in a later version than that."""
    said: Saying = field(default_factory=lambda: Saying(text=""))
    """The sentence that says most; without a text where there is none."""
    match: float | None = None
    """How well it fits the reader's interests, from 0 to 1."""
    because: tuple[str, ...] = ()
    """The words that decided the match."""


def article(
    paper: Paper, topics: Sequence[int], headings: Sequence[str], extras: Extras
) -> _Element:
    """Returns one paper, on one line of the file: a day's change of the page is a small one.

    Args:
        paper: the paper.
        topics: the numbers of the topics that hold it.
        headings: the headings of these topics.
        extras: what else there is to tell.
    """
    heading = f"t{anchor(paper.arxiv_id)}"
    attributes = {
        "id": anchor(paper.arxiv_id),
        "data-id": paper.arxiv_id,
        "data-topics": " ".join(map(str, topics)),
    }
    if paper.version > 1:
        attributes["data-version"] = str(paper.version)
    if extras.new:
        attributes["data-new"] = extras.new.isoformat()
    if extras.match is not None:
        attributes["data-match"] = f"{extras.match:.2f}"
    made = E.article(
        {**attributes, "aria-labelledby": heading},
        E.h3(
            {"id": heading},
            E.a({"href": paper.abs_url, **LEAVING}, *content(paper.title, links=False)),
        ),
        E.p({"class": "authors"}, *_joined(map(_author, paper.authors), ", ")),
        E.p({"class": "about"}, *_about(paper, headings, extras)),
    )
    notes = [
        E.span({"class": kind}, *content(text))
        for kind, text in (("comment", paper.comment), ("journal", paper.journal_ref))
        if text
    ]
    if notes:
        made.append(E.p({"class": "note"}, *_joined(notes, " · ")))
    if extras.said.text:
        made.append(E.p({"class": "key"}, *_sentence(extras.said)))
    if extras.because:
        because = ", ".join(map(words, extras.because))
        made.append(E.p({"class": "because"}, f"because: {because}"))
    made.append(_details(paper, extras.said.authors_own))
    made.append(E.p({"class": "links"}, *_spaced(_links(paper))))
    return made


def _author(name: str) -> _Element:
    plain = words(name)
    return _search(f'au:"{plain}"', plain)


def _search(query: str, text: str) -> _Element:
    """Returns a link to a search. The Tab key skips it: there would be ten stops a paper."""
    return E.a({"href": f"#q={quote(query)}", "tabindex": "-1"}, text)


def _about(paper: Paper, headings: Sequence[str], extras: Extras) -> Iterator[str | _Element]:
    """Returns what a reader must know at once, the topics, and the primary category first."""
    if paper.is_withdrawn:
        yield E.strong("withdrawn")
        yield " · "
    if extras.revised:
        yield E.span({"class": "revised"}, f"revised · v{paper.version}")
        yield " · "
    yield " · ".join(map(words, headings))
    yield " · "
    others = [name for name in paper.categories if name != paper.primary_category]
    names = map(words, (paper.primary_category, *others))
    yield from _joined((_search(f"cat:{name}", name) for name in names), " ")


def _sentence(said: Saying) -> Iterator[str | _Element]:
    """Returns the sentence; after a model's words, the model's name."""
    if said.title:
        yield E.b(*content(said.title, links=False))
        yield " · "
    yield from content(said.text, links=not said.source)
    if said.source:
        yield f" ({words(said.source)})"


def _details(paper: Paper, authors_own: str) -> _Element:
    """Returns what is folded away: the abstract, and when which version was submitted.

    Args:
        paper: the paper.
        authors_own: the author's key sentence, if it is not shown above; the abstract follows it.
    """
    submitted: list[str | _Element] = ["Submitted ", day(paper.published.date())]
    if paper.version > 1:
        submitted += [", version ", str(paper.version), " on ", day(paper.updated.date())]
    about = E.p({"class": "submitted"}, *submitted)
    if not paper.summary:
        return E.details(E.summary("Details"), about)
    own = [E.p({"class": "own"}, E.b(*content(authors_own)))] if authors_own else []
    abstract = E.p({"class": "abstract"}, *content(paper.summary))
    return E.details(E.summary("Abstract"), *own, abstract, about)


def _links(paper: Paper) -> Iterator[_Element]:
    """Returns the paper's own place on the page, and where to read it, its data and its code."""
    yield E.a({"class": "id", "href": f"#{anchor(paper.arxiv_id)}"}, paper.arxiv_id)
    if paper.has_pdf:
        yield _link("PDF", paper.pdf_url)
    if paper.has_html:
        yield _link("HTML", paper.html_url)
    if name := doi(paper):
        yield E.a({"class": "doi", "href": tex.doi_url(name), **LEAVING}, "DOI")
    if url := code(paper):
        yield E.a({"class": "code", "href": url, **LEAVING}, "Code")
    yield E.button({"type": "button", "class": "save", "aria-pressed": "false"}, "Save")
    yield E.button({"type": "button", "class": "more", "aria-expanded": "false"}, "More")


def anchor(arxiv_id: str) -> str:
    """Returns the name of a paper's place on the page: letters, digits and hyphens."""
    return f"p{re.sub('[./]', '-', arxiv_id)}"


def doi(paper: Paper) -> str:
    """Returns the first digital object identifier of a paper; empty where it has none."""
    return next(iter(_UNWRITABLE.sub("", tex.clean(paper.doi or "")).split()), "")


def code(paper: Paper) -> str:
    """Returns the address of the code that comment or abstract name; empty where they do not."""
    return code_link(paper.comment or "", paper.summary) or ""


def day(when: date, *, weekday: bool = False) -> _Element:
    """Returns a date as people read it."""
    written = f"{when.day} {when:%B} {when.year}"
    return E.time({"datetime": when.isoformat()}, f"{when:%A}, {written}" if weekday else written)


def _joined(elements: Iterable[_Element], separator: str) -> Iterator[str | _Element]:
    for number, element in enumerate(elements):
        if number:
            yield separator
        yield element


def _spaced(elements: Iterable[_Element]) -> Iterator[_Element]:
    """Keeps words apart for readers of the page without its style."""
    for element in elements:
        element.tail = " "
        yield element


def _link(text: str, url: str) -> _Element:
    return E.a({"href": url, **LEAVING}, text)


def segments(text: str) -> Iterator[tex.Segment]:
    """Returns a text from arXiv as words, formulas and links, without what HTML may not hold."""
    return iter(tex.read(_UNWRITABLE.sub("", text)))


def content(text: str, *, links: bool = True) -> Iterator[str | _Element]:
    """Returns a text from arXiv as nodes; formulas keep their source for the script to typeset."""
    for segment in segments(text):
        if isinstance(segment, tex.Math):
            kind = "math display" if segment.display else "math"
            yield E.span({"class": kind}, segment.tex)
        elif isinstance(segment, tex.Link) and links:
            yield _link(segment.text, segment.url)
        else:
            yield segment.text


def words(text: str) -> str:
    """Returns a short text, such as a name, without any markup."""
    return "".join(part.tex if isinstance(part, tex.Math) else part.text for part in segments(text))
