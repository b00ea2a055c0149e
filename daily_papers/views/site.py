"""The web page: the newest papers as static files, for GitHub Pages or any other folder.

`index.html` holds the newest papers and is complete without JavaScript. The script adds search,
topics as tabs, marks, citations and typeset mathematics; older papers come from the archive's
files, a month at a time. Each paper is on the page once, under its day, and names its topics: a
search counts it once, and a day shows all that is new on it.

Text from strangers becomes text nodes and values of attributes, never markup. A strict
Content-Security-Policy backs that up: nothing runs, styles or is loaded but files of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby
from typing import Final

from lxml import etree
from lxml.builder import E

from daily_papers import REPOSITORY_URL
from daily_papers.interests.match import Match
from daily_papers.memory.archive import Archive, current_papers
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.memory.summaries import Summary
from daily_papers.papers import Paper, newest_first
from daily_papers.views import archive as months
from daily_papers.views import card, plot
from daily_papers.views.card import LEAVING, Extras
from daily_papers.views.remarks import state
from daily_papers.views.saying import saying
from daily_papers.views.signature import signature

__all__ = ["PAPERS", "ROOM", "Facts", "Place", "render", "unsigned_assets"]

PAPERS: Final = 200
"""How many papers `index.html` holds at most."""

ROOM: Final = 4_000_000
"""Bytes of the papers in `index.html`, at most: abstracts of strangers may be of any length."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

_FONT: Final = "source-serif/source-serif-4-latin-wght-normal.woff2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the papers besides what arXiv says, each by arXiv id."""

    archive: Archive = field(default_factory=Archive)
    sentences: Mapping[str, str] = field(default_factory=dict)
    """The key sentence of an abstract."""
    summaries: Mapping[str, Summary] = field(default_factory=dict)
    """What a model has made of a paper."""
    matches: Mapping[str, Match] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the page is called, where it is, and where else the papers are. All may be empty."""

    title: str = ""
    address: str = ""
    """Where the page is published, as in `https://octo.github.io/papers/`."""
    repository: str = ""
    readme: str = ""
    digests: str = ""
    """The list of the digests on GitHub, which also come by mail."""
    has_boxes: bool = False
    """Whether a reader can like a paper by a tick in a digest."""
    feed: str = ""
    """The address of the Atom file, as a link on the page."""


def render(
    snapshot: Snapshot,
    *,
    marker: str,
    place: Place | None = None,
    facts: Facts | None = None,
) -> dict[str, bytes]:
    """Returns the files of the web page, by their paths in its folder.

    Args:
        snapshot: what to show.
        marker: the name of the region that shows the same.
        place: the page's name and its links.
        facts: what else is known of the papers.
    """
    place, facts = place or Place(), facts or Facts()
    current = current_papers(facts.archive, snapshot)
    topics = {
        **{item.paper.arxiv_id: _numbers(item.topics, snapshot.sections) for item in current},
        **snapshot.places(),
    }
    known = {item.paper.arxiv_id: item.paper for item in current} | snapshot.papers
    articles: dict[str, bytes] = {}
    shown: list[Paper] = []
    room = ROOM
    for paper in newest_first(known.values(), snapshot.sort_by)[:PAPERS]:
        numbers = topics[paper.arxiv_id]
        headings = [snapshot.sections[number].heading for number in numbers]
        article = _html(card.article(paper, numbers, headings, _extras(paper, snapshot, facts)))
        room -= len(article)
        if room < 0:
            break
        articles[paper.arxiv_id] = article
        shown.append(paper)
    total = len(current) + sum(month.papers for month in facts.archive.months.values())
    # No text can look like the place for the days: a quotation mark in it would be an entity.
    frame = _html(_frame(snapshot, place, facts, (len(shown), total)))
    before, here, after = frame.partition(b'<div id="list" tabindex="-1">')
    head = f"<!DOCTYPE html>\n{signature(marker)}\n".encode()
    page = b"".join([head, before, here, *_days(shown, snapshot, articles), after])
    files = months.render(facts.archive, snapshot, marker=marker, sentences=facts.sentences)
    return {"index.html": page, **files, **_signed_assets(marker)}


def _numbers(headings: Iterable[str], sections: Sequence[Section]) -> list[int]:
    """Returns the numbers of the topics under these headings, as far as they still exist."""
    numbers = {section.heading: number for number, section in enumerate(sections)}
    return [numbers[heading] for heading in headings if heading in numbers]


def _extras(paper: Paper, snapshot: Snapshot, facts: Facts) -> Extras:
    match = facts.matches.get(paper.arxiv_id)
    return Extras(
        new=snapshot.found.get(paper.arxiv_id),
        revised=snapshot.is_revised(paper),
        said=saying(
            paper,
            facts.summaries.get(paper.arxiv_id),
            facts.sentences.get(paper.arxiv_id, ""),
        ),
        match=match.score if match else None,
        because=match.because if match else (),
    )


def _signed_assets(marker: str) -> dict[str, bytes]:
    """Returns the files that are the same on every page; a new version may replace them."""
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
    """Returns style, scripts, fonts and KaTeX, which come with this package."""
    return dict(_files_of(files("daily_papers.views") / "assets", ""))


def _files_of(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            yield from _files_of(item, f"{prefix}{item.name}/")
        else:
            yield f"{prefix}{item.name}", item.read_bytes()


def _html(element: etree._Element) -> bytes:
    """Returns an element as HTML. Text cannot become markup here, whatever it is."""
    return etree.tostring(element, method="html", encoding="utf-8", with_tail=False)


# --- The page -------------------------------------------------------------------------------------


def _frame(
    snapshot: Snapshot, place: Place, facts: Facts, counts: tuple[int, int]
) -> etree._Element:
    """Returns the page with an empty list, which is to hold the first of `counts` papers of all."""
    shown, total = counts
    attributes = {"id": "papers", "data-sort": snapshot.sort_by, "data-total": str(total)}
    if place.has_boxes:
        attributes["data-digests"] = place.digests
    main = E.main(
        attributes,
        E.div(
            {"id": "status"},
            E.p({"id": "count", "role": "status"}, _counted(shown, total)),
            E.div({"id": "filters", "role": "group", "aria-label": "Show"}),
        ),
        *_states(snapshot.sections),
        *_trends(snapshot),
        E.div({"id": "list", "tabindex": "-1"}),
        E.p({"id": "end"}),
    )
    skip = E.a({"class": "skip", "href": "#list"}, "Skip to the papers")
    # `tail` keeps lines short, so that a day's change of the file is small.
    head = _head(snapshot, place)
    body = E.body(skip, _header(snapshot, place), _tools(snapshot, facts), main, _footer())
    for element in (head, *head, *body):
        element.tail = "\n"
    return E.html({"lang": "en"}, head, body)


def _head(snapshot: Snapshot, place: Place) -> etree._Element:
    headings = ", ".join(card.words(section.heading) for section in snapshot.sections)
    description = f"The newest papers on arXiv, every day: {headings}"[:300]
    title = _title(place)
    head = E.head(
        E.meta(charset="utf-8"),
        E.meta({"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        E.meta(name="viewport", content="width=device-width, initial-scale=1"),
        E.meta(name="color-scheme", content="light dark"),
        E.meta(name="referrer", content="no-referrer"),
        E.title(title if title == "Daily Papers" else f"{title} · Daily Papers"),
        E.meta(name="description", content=description),
        E.meta(property="og:title", content=title),
        E.meta(property="og:description", content=description),
        E.meta(property="og:type", content="website"),
        E.link(rel="icon", href="icon.svg"),
        E.link(
            {"as": "font", "type": "font/woff2", "crossorigin": "anonymous"},
            rel="preload",
            href=_FONT,
        ),
        E.link(rel="stylesheet", href="page.css"),
        E.script({"src": "js/disk.js", "defer": ""}),
        E.script({"src": "js/page.js", "type": "module"}),
    )
    if place.address:
        head.append(E.meta(property="og:url", content=place.address))
        head.append(E.link(rel="canonical", href=place.address))
    if place.feed:
        atom = {"rel": "alternate", "type": "application/atom+xml", "title": title}
        head.append(E.link(atom, href=place.feed))
    return head


def _title(place: Place) -> str:
    return card.words(place.title) or "Daily Papers"


def _header(snapshot: Snapshot, place: Place) -> etree._Element:
    """Returns the page's name, its date, and where else the papers are."""
    header = E.header(
        E.h1(_title(place)), E.p({"class": "updated"}, "Updated ", card.day(snapshot.updated))
    )
    places = {
        "Repository": place.repository,
        "README": place.readme,
        "Feed": place.feed,
        "Digests": place.digests,
    }
    links = [_outside(text, url) for text, url in places.items() if url]
    if links:
        for link in links:
            link.tail = " "
        header.append(E.p({"class": "places"}, *links))
    return header


def _outside(text: str, url: str) -> etree._Element:
    """Returns a link that leads off the page."""
    return E.a({"href": url, **LEAVING}, text)


def _tools(snapshot: Snapshot, facts: Facts) -> etree._Element:
    """Returns what one searches and chooses with: it is in its place before the script runs."""
    search = E.div(
        {"role": "search"},
        E.label({"for": "query"}, "Search all that is shown"),
        E.input(
            {"id": "query", "type": "search", "placeholder": "Search", "autocomplete": "off"},
            {"spellcheck": "false", "enterkeyhint": "search", "aria-keyshortcuts": "/"},
        ),
        E.kbd({"aria-hidden": "true"}, "/"),
    )
    counts = [_count_of(section, facts.archive) for section in snapshot.sections]
    everything = "" if len(snapshot.sections) == 1 else "All topics"
    names = [card.words(section.heading) for section in snapshot.sections]
    topics = [
        E.li(E.span({"class": "name"}, name), " ", E.span({"class": "number"}, number))
        for name, number in (
            *([(everything, "")] if everything else []),
            *zip(names, map(str, counts), strict=True),
        )
    ]
    return E.div(
        {"class": "tools"},
        search,
        E.nav({"aria-label": "Topics"}, E.ul({"id": "topics"}, *topics)),
    )


def _count_of(section: Section, archive: Archive) -> int:
    """Returns how many papers of a topic the page can show, the archive's included.

    A paper that a topic still holds and that came in a month that is over is in that month's count.
    """
    older = sum(month.topics.get(section.heading, 0) for month in archive.months.values())
    left = sum(section.heading in item.topics for item in archive.left)
    here = sum(not archive.month or paper.arxiv_id in archive.days for paper in section.papers)
    return older + left + here


def _states(sections: Sequence[Section]) -> Iterator[etree._Element]:
    """Returns what a reader must know of the topics' papers, where there is anything."""
    states = [
        E.li({"data-topics": str(number)}, E.b(card.words(section.heading)), f": {line}")
        for number, section in enumerate(sections)
        for line in [state(section)]
        if line
    ]
    if states:
        yield E.ul({"class": "states"}, *states)


def _trends(snapshot: Snapshot) -> Iterator[etree._Element]:
    """Returns the topics' papers by the week, folded away, where anything is known of them."""
    figures = []
    unknown = False
    for number, section in enumerate(snapshot.sections):
        weeks = section.weeks(snapshot.updated)
        plotted = plot.render(weeks, f"plot-{number}")
        if plotted is not None:
            caption = E.figcaption(card.words(section.heading))
            figures.append(E.figure({"data-topics": str(number)}, caption, plotted))
            unknown = unknown or None in weeks.values()
    if figures:
        note = [E.p("The number of papers in a shaded week is not known.")] if unknown else []
        plots = E.div({"class": "plots"}, *figures)
        yield E.details({"class": "trends"}, E.summary("Papers a week"), plots, *note)


def _footer() -> etree._Element:
    return E.footer(
        E.p("Thank you to arXiv for use of its open access interoperability."),
        E.p("Made by ", _outside("Daily Papers", REPOSITORY_URL)),
    )


def _counted(shown: int, total: int) -> str:
    if not total:
        return "No papers yet"
    if shown < total:
        return f"The newest {shown:,} of {total:,} papers"
    return "1 paper" if shown == 1 else f"{shown:,} papers"


def _days(
    papers: Iterable[Paper], snapshot: Snapshot, articles: Mapping[str, bytes]
) -> Iterator[bytes]:
    """Returns the days with the articles of their papers, in the order of `papers`."""
    for day, group in groupby(papers, key=lambda paper: paper.date(snapshot.sort_by).date()):
        of_day = list(group)
        heading = E.h2(card.day(day, weekday=True))
        told = (paper for paper in of_day if paper.arxiv_id in snapshot.found)
        if new := sum(not snapshot.is_revised(paper) for paper in told):
            heading.append(E.span({"class": "number"}, f"{new:,} new"))
        lines = [_html(heading), *(articles[paper.arxiv_id] for paper in of_day)]
        yield b"<section>" + b"\n".join(lines) + b"\n</section>\n"
