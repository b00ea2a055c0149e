"""All files for feed readers: one Atom file, or a folder with one for each topic.

Beside each Atom file is the same as JSON Feed; a folder also has an OPML file, which names all of
its feeds, and a BibTeX file for each topic.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Final

from lxml import etree
from lxml.builder import E

from daily_papers.clock import rfc3339
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper, newest_first
from daily_papers.paths import MAIN_FEED, main_feed
from daily_papers.views import atom, bibtex, pages
from daily_papers.views.atom import Channel, Item
from daily_papers.views.signature import signature

__all__ = ["Outlet", "render"]

PICKS: Final = "picks"
"""The name of the feed of picks."""

_JSON_FEED: Final = "https://jsonfeed.org/version/1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Where the feeds are, and whose they are."""

    path: str
    """The Atom file, or the folder of many, which ends with a slash."""
    marker: str
    """The name of the region that shows the same papers."""
    title: str = ""
    """What the user calls the papers; empty where they have no name."""
    repository: str = ""
    """The full name of the repository, where it has one."""
    page: str = ""
    """Where people read the same: the address of the web page or of the README."""
    icon: str = ""
    """The address of a picture for the feeds."""
    address: Callable[[str], str] = lambda _: ""
    """The address of a file for feed readers, by its path; empty where it has none."""


def render(snapshot: Snapshot, outlet: Outlet, *, picks: Collection[str] = ()) -> dict[str, bytes]:
    """Returns the files, by their paths in the repository.

    Args:
        snapshot: the papers.
        outlet: where they go.
        picks: the ids of the papers that match the reader's interests best; none without interests.
    """
    every = newest_first(snapshot.papers.values(), snapshot.sort_by)
    write = partial(_files, snapshot, outlet)
    headings = ", ".join(section.heading for section in snapshot.sections)
    files = write(main_feed(outlet.path), "", f"The newest papers on arXiv: {headings}", every)
    if not outlet.path.endswith("/"):
        return files
    folder = outlet.path.rstrip("/")
    named = [(main_feed(outlet.path), "")]
    if picks:
        path = f"{folder}/{PICKS}.xml"
        chosen = [paper for paper in every if paper.arxiv_id in picks]
        files |= write(path, "Picks", "The papers that match best", chosen)
        named.append((path, "Picks"))
    for section, path in _paths(snapshot.sections, folder):
        files |= write(f"{path}.xml", section.heading, "The newest papers on arXiv", section.papers)
        files[f"{path}.bib"] = bibtex.bibliography(section.papers, marker=outlet.marker)
        named.append((f"{path}.xml", section.heading))
    return files | {f"{folder}/feeds.opml": _opml(outlet, named)}


def _paths(sections: Iterable[Section], folder: str) -> Iterator[tuple[Section, str]]:
    """Returns the path of each topic's files without its ending."""
    sections = tuple(sections)
    taken = [f"{folder}/{name}.md" for name in (MAIN_FEED, PICKS, "feeds")]
    paths = pages.file_names([section.heading for section in sections], folder, taken)
    for section, path in zip(sections, paths, strict=True):
        yield section, path.removesuffix(".md")


def _files(
    snapshot: Snapshot,
    outlet: Outlet,
    path: str,
    name: str,
    subtitle: str,
    papers: Iterable[Paper],
) -> dict[str, bytes]:
    """Returns one feed, as Atom and as JSON."""
    whose = f"{outlet.repository}:" if outlet.repository else ""
    channel = Channel(
        name=f"{whose}{outlet.marker}{f':{name}' if name else ''}",
        title=_title(outlet, name),
        subtitle=subtitle,
        address=outlet.address(path),
        page=outlet.page,
        icon=outlet.icon,
    )
    items = atom.newest(snapshot, papers)
    json_path = str(PurePosixPath(path).with_suffix(".json"))
    return {
        path: atom.render(channel, items, marker=outlet.marker, empty=snapshot.updated),
        json_path: _json_feed(channel, items, outlet.marker, outlet.address(json_path)),
    }


def _title(outlet: Outlet, name: str) -> str:
    if outlet.title and not name:
        return outlet.title
    whose = outlet.title or outlet.repository
    return f"{name or 'Daily Papers'} ({whose})" if whose else name or "Daily Papers"


def _json_feed(channel: Channel, items: Iterable[Item], marker: str, address: str) -> bytes:
    """Returns a feed as JSON (https://www.jsonfeed.org/version/1.1/)."""
    feed = {
        "version": _JSON_FEED,
        "user_comment": signature(marker),
        "title": channel.title,
        "description": channel.subtitle,
        "home_page_url": channel.page,
        "feed_url": address,
        "icon": channel.icon,
        "language": "en",
        "items": list(map(_json_item, items)),
    }
    text = json.dumps(
        {name: value for name, value in feed.items() if value or name == "items"},
        ensure_ascii=False,
        indent=0,
    )
    return f"{text}\n".encode(errors="replace")


def _json_item(item: Item) -> dict[str, Any]:
    paper = item.paper
    return {
        "id": atom.identifier(paper),
        "url": paper.abs_url,
        "title": item.title,
        "content_html": item.content,
        "date_published": rfc3339(paper.published),
        "date_modified": rfc3339(paper.updated),
        "authors": [{"name": name} for name in item.authors],
        "tags": list(dict.fromkeys((*item.headings, paper.primary_category))),
    }


def _opml(outlet: Outlet, named: Iterable[tuple[str, str]]) -> bytes:
    """Returns the list of all feeds (http://opml.org/spec2.opml)."""
    outlines = [
        E.outline(
            type="rss",
            text=atom.allowed(_title(outlet, name)),
            xmlUrl=outlet.address(path) or PurePosixPath(path).name,
            htmlUrl=outlet.page,
        )
        for path, name in named
    ]
    root = E.opml(
        E.head(E.title(atom.allowed(_title(outlet, "")))), E.body(*outlines), version="2.0"
    )
    root.addprevious(etree.Comment(signature(outlet.marker)[len("<!--") : -len("-->")]))
    return etree.tostring(
        root.getroottree(), encoding="UTF-8", xml_declaration=True, pretty_print=True
    )
