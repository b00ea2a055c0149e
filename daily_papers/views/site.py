"""The web page: all papers of a snapshot as static files, for GitHub Pages or any other folder.

`index.html` holds the whole list and is read as it is; `page.js` adds search, topics as tabs, what
is new since the last visit, and typeset mathematics. Each paper stands once, under its day, and
names its topics: a search counts it once, and a day shows all that is new on it.

Text from strangers becomes text nodes and values of attributes, never markup. A strict
Content-Security-Policy stands behind that: nothing runs, styles or is loaded but files of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby
from typing import Final

from lxml import etree
from lxml.builder import E

from daily_papers import REPOSITORY_URL
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper, SortBy, latest_versions, newest_first
from daily_papers.views import plot, tex
from daily_papers.views.fit import share
from daily_papers.views.remarks import code_link, state
from daily_papers.views.signature import signature

__all__ = ["ROOM", "render", "unsigned_assets"]

ROOM: Final = 25_000_000
"""Bytes of `index.html`, enough for 10,000 papers. GitHub refuses files of 100 MB, and no reader
waits for one."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_DAY: Final = 120
"""Bytes that the heading of a day takes, at most."""

_ARTICLE: Final = 700
"""Bytes that a paper takes beside its abstract, at least."""

_LEAVING: Final = {"rel": "noopener noreferrer"}

# What no document may hold, and `tex.clean` leaves alone.
_UNWRITABLE: Final = re.compile("[\ufffe\uffff]")


def render(
    snapshot: Snapshot, *, marker: str, sort_by: SortBy, feed: str = "", room: int = ROOM
) -> dict[str, bytes]:
    """Gives the files of the web page, by their paths in its folder.

    Args:
        snapshot: what to show.
        marker: the name of the region that shows the same.
        sort_by: the date under which the papers stand.
        feed: the address of the Atom file, as a link on the page; empty without one.
        room: bytes for `index.html`. Where there are too many papers, each topic shows its newest:
            small topics whole, large ones equally cut.
    """
    sections = snapshot.sections
    papers = latest_versions(paper for section in sections for paper in section.papers)
    topics = snapshot.places()
    room -= len(_html(_frame(snapshot, [0] * len(sections), feed)))
    # What has no room even as its shortest form would have is not put into HTML.
    least = [[_ARTICLE + len(paper.summary) for paper in section.papers] for section in sections]
    most = share(least, room)
    possible = _shown(sections, most)
    # As bytes: a tree of all articles would take ten times as much.
    articles = {
        paper.arxiv_id: _html(_article(paper, topics[paper.arxiv_id], sections))
        for paper in papers
        if paper.arxiv_id in possible
    }
    counts = share(
        [
            [len(articles[paper.arxiv_id]) + _DAY for paper in section.papers[:count]]
            for section, count in zip(sections, most, strict=True)
        ],
        room,
    )
    shown = _shown(sections, counts)
    kept = newest_first((paper for paper in papers if paper.arxiv_id in shown), sort_by)
    # No text can look like the place for the days: a quotation mark in it would be an entity.
    before, place, after = _html(_frame(snapshot, counts, feed)).partition(b'<div id="list">')
    head = f"<!doctype html>\n{signature(marker)}\n".encode()
    page = b"".join([head, before, place, *_days(kept, sort_by, articles), after])
    return {"index.html": page, **_signed_assets(marker)}


def _signed_assets(marker: str) -> dict[str, bytes]:
    """Gives the files that are the same on every page; those of a new version may replace them."""
    comment = f"/* {signature(marker)} */\n".encode()
    return {
        path: comment + data if path.endswith((".css", ".js")) else data
        for path, data in _assets().items()
    }


def unsigned_assets() -> list[bytes]:
    """Returns the content of the assets that cannot hold a signature, such as fonts."""
    return [data for path, data in _assets().items() if not path.endswith((".css", ".js"))]


@cache
def _assets() -> Mapping[str, bytes]:
    """Reads style, script, fonts and KaTeX, which come with this package."""
    return dict(_files_of(files("daily_papers.views") / "assets", ""))


def _files_of(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            yield from _files_of(item, f"{prefix}{item.name}/")
        else:
            yield f"{prefix}{item.name}", item.read_bytes()


def _shown(sections: Sequence[Section], counts: Sequence[int]) -> set[str]:
    """Gives the ids of the papers that stand among the first of a topic."""
    return {
        paper.arxiv_id
        for section, count in zip(sections, counts, strict=True)
        for paper in section.papers[:count]
    }


def _html(element: etree._Element) -> bytes:
    """Gives an element as HTML. Text cannot become markup here, whatever it is."""
    return etree.tostring(element, method="html", encoding="utf-8", with_tail=False)


# --- The page -------------------------------------------------------------------------------------


def _frame(snapshot: Snapshot, counts: Sequence[int], feed: str) -> etree._Element:
    """Gives the page with a place for the days, which show so many papers of each topic."""
    count = len(_shown(snapshot.sections, counts))
    head = E.head(
        E.meta(charset="utf-8"),
        E.meta({"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        E.meta(name="viewport", content="width=device-width, initial-scale=1"),
        E.meta(name="color-scheme", content="light dark"),
        E.meta(name="referrer", content="no-referrer"),
        E.title("Daily Papers"),
        E.link(rel="icon", href="icon.svg"),
        E.link(rel="stylesheet", href="page.css"),
        E.script({"src": "page.js", "defer": ""}),
        E.script({"src": "katex/katex.min.js", "async": ""}),
    )
    if feed:
        atom = {"rel": "alternate", "type": "application/atom+xml", "title": "Daily Papers"}
        head.append(E.link(atom, href=feed))
    main = E.main(
        {"id": "papers", "tabindex": "-1"},
        E.div(
            {"id": "status"},
            E.p({"id": "count", "role": "status"}, _counted(count) if count else "No papers yet"),
        ),
        *_states(snapshot.sections, counts),
        *_trends(snapshot),
        E.div({"id": "list"}),
    )
    skip = E.a({"class": "skip", "href": "#papers"}, "Skip to the papers")
    # What only formulas need must not keep the list waiting.
    katex = E.link(rel="stylesheet", href="katex/katex.min.css")
    body = E.body(skip, _header(snapshot), main, _footer(feed), katex)
    for element in (head, *head, *body):
        element.tail = "\n"
    return E.html({"lang": "en"}, head, body)


def _header(snapshot: Snapshot) -> etree._Element:
    """Gives the page's name, the field for searching, which waits for the script, and the topics.

    The script makes tabs of the topics.
    """
    search = E.div(
        {"role": "search", "hidden": ""},
        E.label({"for": "query"}, "Search titles, authors and abstracts"),
        E.input(
            {"id": "query", "type": "search", "placeholder": "Search", "autocomplete": "off"},
            {"spellcheck": "false", "aria-keyshortcuts": "/"},
        ),
        E.kbd({"aria-hidden": "true"}, "/"),
    )
    topics = [
        E.li(_words(section.heading), " ", E.span({"class": "number"}, str(len(section.papers))))
        for section in snapshot.sections
    ]
    return E.header(
        E.h1("Daily Papers"),
        E.p({"class": "updated"}, "Updated ", _time(snapshot.updated)),
        search,
        E.nav({"aria-label": "Topics"}, E.ul({"id": "topics"}, *topics)),
    )


def _states(sections: Sequence[Section], counts: Sequence[int]) -> Iterator[etree._Element]:
    """Gives what a reader must know of the topics' papers, where there is anything."""
    states = [
        E.li({"data-topics": str(number)}, E.b(_words(section.heading)), f": {line}")
        for number, (section, count) in enumerate(zip(sections, counts, strict=True))
        for line in (state(section), _extent(section, count))
        if line
    ]
    if states:
        yield E.ul({"class": "states"}, *states)


def _extent(section: Section, count: int) -> str:
    """Says how many of the topic's papers stand here, where it is not all."""
    if count == len(section.papers):
        return ""
    return f"the newest {count} of {len(section.papers)}; more would make the page too long"


def _trends(snapshot: Snapshot) -> Iterator[etree._Element]:
    """Gives the topics' papers by the week, folded away, where anything is known of them."""
    figures = []
    unknown = False
    for number, section in enumerate(snapshot.sections):
        weeks = section.weeks(snapshot.updated)
        plotted = plot.render(weeks, f"plot-{number}")
        if plotted is not None:
            caption = E.figcaption(_words(section.heading))
            figures.append(E.figure({"data-topics": str(number)}, caption, plotted))
            unknown = unknown or None in weeks.values()
    if figures:
        note = [E.p("The number of papers in a shaded week is not known.")] if unknown else []
        plots = E.div({"class": "plots"}, *figures)
        yield E.details({"class": "trends"}, E.summary("Papers a week"), plots, *note)


def _footer(feed: str) -> etree._Element:
    thanks = "Thank you to arXiv for use of its open access interoperability."
    made = E.p("Made by ", _link("Daily Papers", REPOSITORY_URL))
    if feed:
        made[-1].tail = " · "
        made.append(E.a({"href": feed}, "Atom feed"))
    return E.footer(E.p(thanks), made)


def _counted(count: int) -> str:
    return "1 paper" if count == 1 else f"{count:,} papers"


def _days(
    papers: Iterable[Paper], sort_by: SortBy, articles: Mapping[str, bytes]
) -> Iterator[bytes]:
    """Gives the days with the articles of their papers, in the order of `papers`."""
    for day, group in groupby(papers, key=lambda paper: paper.date(sort_by).date()):
        lines = [_html(E.h2(_time(day, weekday=True)))]
        lines += [articles[paper.arxiv_id] for paper in group]
        yield b"<section>" + b"\n".join(lines) + b"\n</section>\n"


def _time(day: date, *, weekday: bool = False) -> etree._Element:
    written = f"{day.day} {day:%B} {day.year}"
    shown = f"{day:%A}, {written}" if weekday else written
    return E.time({"datetime": day.isoformat()}, shown)


# --- A paper --------------------------------------------------------------------------------------


def _article(paper: Paper, topics: Sequence[int], sections: Sequence[Section]) -> etree._Element:
    """Gives one paper, on one line of the file: a day's change of the page is a small one."""
    title = E.a({"href": paper.abs_url, **_LEAVING}, *_content(paper.title, links=False))
    authors = E.p({"class": "authors"})
    for name in paper.authors:
        if len(authors):
            authors[-1].tail = ", "
        authors.append(E.span(_words(name)))
    return E.article(
        {"id": paper.arxiv_id, "data-topics": " ".join(map(str, topics))},
        E.h3(title),
        authors,
        E.p({"class": "about"}, *_about(paper, [sections[topic].heading for topic in topics])),
        _details(paper),
        E.p({"class": "links"}, *_spaced(_links(paper))),
    )


def _about(paper: Paper, headings: Sequence[str]) -> Iterator[str | etree._Element]:
    """Gives the topics and the categories of a paper, the primary category first."""
    others = [name for name in paper.categories if name != paper.primary_category]
    if paper.is_withdrawn:
        yield E.strong("withdrawn")
        yield " · "
    yield " · ".join(map(_words, headings))
    yield " · "
    yield E.span({"class": "primary"}, _words(paper.primary_category))
    yield "".join(f" {_words(name)}" for name in others)


def _details(paper: Paper) -> etree._Element:
    """Gives what is folded away: the abstract, and what else arXiv tells of the paper."""
    about = E.dl()
    for term, text in (("Comment", paper.comment), ("Journal", paper.journal_ref)):
        if text:
            about.extend([E.dt(term), E.dd(*_content(text))])
    submitted = E.dd({"class": "submitted"}, _time(paper.published.date()))
    if paper.version > 1:
        revised = (", version ", str(paper.version), " on ", _time(paper.updated.date()))
        submitted = E.dd({"class": "submitted"}, _time(paper.published.date()), *revised)
    about.extend([E.dt("Submitted"), submitted])
    if not paper.summary:
        return E.details(E.summary("Details"), about)
    return E.details(E.summary("Abstract"), E.p(*_content(paper.summary)), about)


def _links(paper: Paper) -> Iterator[etree._Element]:
    """Gives where to read the paper, where it appeared, where its code is, and how to cite it."""
    yield _link(f"arXiv:{paper.versioned_id}", paper.abs_url)
    yield _link("PDF", paper.pdf_url)
    yield _link("HTML", paper.html_url)
    if dois := (paper.doi or "").split():
        yield E.a({"class": "doi", "href": tex.doi_url(dois[0]), **_LEAVING}, "DOI")
    if code := code_link(paper.comment or "", paper.summary):
        yield _link("Code", code)
    yield E.button({"type": "button", "class": "bibtex"}, "BibTeX")


def _spaced(elements: Iterable[etree._Element]) -> Iterator[etree._Element]:
    """Keeps words apart for who reads the page without its style."""
    for element in elements:
        element.tail = " "
        yield element


def _link(text: str, url: str) -> etree._Element:
    return E.a({"href": url, **_LEAVING}, text)


def _content(text: str, *, links: bool = True) -> Iterator[str | etree._Element]:
    """Gives a text from arXiv as nodes; formulas keep their source for whoever typesets them."""
    for segment in tex.read(_UNWRITABLE.sub("", text)):
        if isinstance(segment, tex.Math):
            kind = "math display" if segment.display else "math"
            yield E.span({"class": kind}, segment.tex)
        elif isinstance(segment, tex.Link) and links:
            yield _link(segment.text, segment.url)
        else:
            yield segment.text


def _words(text: str) -> str:
    """Gives a short text, such as a name, without any markup."""
    segments = tex.read(_UNWRITABLE.sub("", text))
    return "".join(part.tex if isinstance(part, tex.Math) else part.text for part in segments)
