"""The Atom file: valid, read back by another parser as what went in, and as calm as the papers."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from daily_papers.home import Home
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper
from daily_papers.views import atom
from tests.hub import README, World, world_with
from tests.support import entry, paper, run_main
from tests.test_pages import inputs_for

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "atom.rng"))
REAL_PAPERS = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
HOME = Home(site="https://github.com", name="octo/papers", branch="main")
INPUTS = inputs_for(feed="docs/feed.xml")
TAG = "tag:daily-papers.github.io,2026:"

A, B, C = paper("2509.00001"), paper("2509.00002"), paper("math/0309136")
A2 = replace(A, version=2, updated=datetime(2025, 10, 2, 1, 2, 3, tzinfo=UTC))


def snapshot(**topics: Sequence[Paper]) -> Snapshot:
    return Snapshot(
        updated=date(2025, 10, 3),
        sections=tuple(
            Section(heading=heading, query="q", papers=tuple(papers), is_complete=True)
            for heading, papers in topics.items()
        ),
    )


def valid(data: bytes) -> etree._Element:
    """Returns the file's root, if it is what RFC 4287 demands."""
    root = etree.fromstring(data)
    SCHEMA.assertValid(root.getroottree())
    ids = [element.text for element in root.iter("{*}id")]
    assert len(set(ids)) == len(ids)
    return root


def feed_of(known: Snapshot, home: Home | None = HOME) -> Any:
    """Returns the file as feedparser reads it."""
    data = atom.render(known, INPUTS, home)
    valid(data)
    parsed = feedparser.parse(data)
    assert not parsed.bozo
    return parsed


def ids_in(feed: Any) -> list[str]:
    return [item.id.removeprefix(f"{TAG}paper:") for item in feed.entries]


# --- What stands in it


def test_a_second_parser_reads_the_same_papers() -> None:
    known = snapshot(Graphs=[A2, B], Time=[C, A2])
    found = feed_of(known)
    assert found.version == "atom10"
    assert found.feed.title == "Daily Papers (octo/papers)"
    assert found.feed.subtitle == "The newest papers on arXiv: Graphs, Time"
    assert found.feed.updated == "2025-10-02T01:02:03Z"
    assert found.feed.id == f"{TAG}feed:octo/papers:daily-papers"
    assert {link.rel: link.href for link in found.feed.links} == {
        "self": "https://github.com/octo/papers/raw/main/docs/feed.xml",
        "alternate": "https://github.com/octo/papers/blob/main/README.md",
    }
    assert ids_in(found) == ["2509.00001", "math/0309136", "2509.00002"]
    first = found.entries[0]
    assert first.title == A.title
    assert (first.published, first.updated) == ("2025-09-01T12:00:00Z", "2025-10-02T01:02:03Z")
    assert [author.name for author in first.authors] == ["Ada Example", "Bob Example"]
    assert {link.rel: link.href for link in first.links} == {
        "alternate": "https://arxiv.org/abs/2509.00001v2",
        "related": "https://arxiv.org/pdf/2509.00001v2",
    }
    arxiv = "http://arxiv.org/schemas/atom"
    assert [(tag.term, tag.scheme) for tag in first.tags] == [
        ("Graphs", None),
        ("Time", None),
        ("cs.LG", arxiv),
        ("stat.ML", arxiv),
    ]
    assert first.summary_detail.type == "text/html"
    assert first.summary == "<p>We study graphs.</p><p>Comment: 12 pages</p>"


def test_mathematics_tex_and_links_are_read_as_on_the_page() -> None:
    odd = replace(
        A,
        title=r"Fr\'echet means of $x_i < y$",
        authors=(r"Erd\H{o}s", "", "B"),
        summary=r"It is \emph{fast}: $$O(n)$$ at https://example.org/a_b?c&d.",
        comment=None,
    )
    (item,) = feed_of(snapshot(Graphs=[odd])).entries
    assert item.title == "Fréchet means of $x_i < y$"
    assert [author.name for author in item.authors] == ["Erdős", "B"]
    assert item.summary == (
        "<p>It is fast: $$O(n)$$ at "
        '<a href="https://example.org/a_b?c&amp;d">https://example.org/a_b?c&amp;d</a>.</p>'
    )


def test_the_newest_hundred_are_kept_in_the_order_of_the_page() -> None:
    many = [paper(f"2509.{n:05}", published=A.published.replace(minute=n % 60)) for n in range(150)]
    known = snapshot(Graphs=many[:120], Time=many[60:])
    assert ids_in(feed_of(known)) == [f"2509.{n:05}" for n in range(149, 49, -1)]
    by_published = inputs_for(feed="feed.xml", sort_by="published")
    found = feedparser.parse(atom.render(known, by_published, HOME))
    dates = [item.published for item in found.entries]
    assert dates == sorted(dates, reverse=True)
    assert len(dates) == atom.ENTRIES


def test_a_paper_that_one_topic_knows_at_an_older_version_stands_once() -> None:
    (item,) = feed_of(snapshot(Graphs=[A], Time=[A2])).entries
    assert item.link == "https://arxiv.org/abs/2509.00001v2"
    assert [tag.term for tag in item.tags][:2] == ["Graphs", "Time"]


def test_a_feed_without_papers_is_a_feed() -> None:
    found = feed_of(snapshot(Graphs=[]))
    assert found.entries == []
    assert found.feed.updated == "2025-10-03T00:00:00Z"


def test_a_paper_without_authors_has_the_feeds() -> None:
    (item,) = feed_of(snapshot(Graphs=[replace(A, authors=())])).entries
    assert "author" not in item
    assert feed_of(snapshot(Graphs=[])).feed.author == "arXiv"


# --- Ids and dates


def test_a_revision_updates_its_entry_and_a_new_paper_makes_one() -> None:
    before = feed_of(snapshot(Graphs=[A]))
    after = feed_of(snapshot(Graphs=[A2, B]))
    assert after.entries[0].id == before.entries[0].id
    assert after.entries[0].updated > before.entries[0].updated
    assert after.feed.updated > before.feed.updated
    assert ids_in(after) == ["2509.00001", "2509.00002"]


def test_the_same_papers_give_the_same_bytes_on_any_day() -> None:
    known = snapshot(Graphs=[A2, B])
    later = replace(known, updated=date(2025, 12, 1))
    assert atom.render(known, INPUTS, HOME) == atom.render(later, INPUTS, HOME)


def test_an_entry_is_the_same_in_every_repository() -> None:
    known = snapshot(Graphs=[A])
    other = feed_of(known, Home(site="https://ghe.example.org/", name="lab/list", branch=""))
    assert ids_in(other) == ids_in(feed_of(known)) == ids_in(feed_of(known, None))
    assert other.feed.id != feed_of(known).feed.id
    assert other.feed.links[0].href == "https://ghe.example.org/lab/list/raw/HEAD/docs/feed.xml"
    assert "links" not in feed_of(known, None).feed


# --- Text from strangers

HOSTILE = [
    "</summary></entry></feed>",
    "]]><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp;amp; &#0; <!-- --> <?xml?>",
    "\x00\x0b\x1b\ufffe\uffff\ud800 \u202e",
    "$</p><b>$ \\href{javascript:alert(1)}{x} javascript:alert(1)",
    "https://evil.example/\"onmouseover='x'>y",
]
TEXT = st.text(max_size=30) | st.sampled_from(HOSTILE)


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    return paper(
        f"2509.{draw(st.integers(0, 99999)):05}",
        title=draw(TEXT),
        authors=tuple(draw(st.lists(TEXT, max_size=3))),
        summary=draw(TEXT),
        comment=draw(st.none() | TEXT),
        primary_category=draw(TEXT),
        categories=tuple(draw(st.lists(TEXT, max_size=2))),
    )


@given(st.lists(papers(), max_size=4, unique_by=lambda item: item.arxiv_id), TEXT)
def test_no_text_breaks_the_file(found: list[Paper], heading: str) -> None:
    known = snapshot(**{heading: found})
    root = valid(atom.render(known, INPUTS, HOME))
    assert len(root.findall("{*}entry")) == len(found)
    for element in root.iter("{*}entry"):
        for piece in browsed(element.findtext("{*}summary") or "").iterdescendants():
            assert piece.tag in {"p", "a"}
            assert set(piece.attrib) <= {"href"}
            assert re.match(r"(https?|ftp)://", piece.get("href", "http://"))


def browsed(text: str) -> html.HtmlElement:
    """Returns what a browser makes of a piece of HTML, in a frame."""
    return html.fragment_fromstring(text, create_parent="div")


@pytest.mark.parametrize("text", HOSTILE[:4])
def test_hostile_text_is_read_as_it_is(text: str) -> None:
    root = valid(atom.render(snapshot(Graphs=[replace(A, title=text, summary=text)]), INPUTS, HOME))
    assert root.findtext("{*}entry/{*}title") == text
    summary = browsed(root.findtext("{*}entry/{*}summary") or "")
    assert summary.text_content() == f"{text}Comment: 12 pages"


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
def test_real_papers() -> None:
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines][:5000]
    found = [
        paper(
            f"2509.{number:05}",
            title=record["title"],
            summary=record["summary"],
            comment=record["comment"],
        )
        for number, record in enumerate(records)
    ]
    for first in range(0, len(found), atom.ENTRIES):
        some = found[first : first + atom.ENTRIES]
        assert len(feed_of(snapshot(Graphs=some)).entries) == len(some)


# --- In a repository


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path, {"README.md": README}) as made:
        made.inputs["feed"] = "docs/feed.xml"
        yield made


def test_the_file_is_committed_with_the_page_and_linked_from_it(world: World) -> None:
    world.run()
    assert len(world.commits) == 2
    assert (
        "\nLast update: 2025-10-03 · "
        "[Atom feed](https://github.com/octo/papers/raw/main/docs/feed.xml)\n\n"
    ) in world.read()
    first = feedparser.parse(world.read("docs/feed.xml"))
    assert ids_in(first) == [f"2509.{n:05}" for n in range(5, 0, -1)]
    world.a_day_later(6)
    world.run()
    assert len(world.asked) <= 9, world.asked
    assert ids_in(feedparser.parse(world.read("docs/feed.xml")))[:2] == ["2509.00006", "2509.00005"]
    world.a_day_later()
    assert world.run().outputs["changed"] == "false"


def test_the_file_goes_when_nobody_wants_it_any_more(world: World) -> None:
    world.run()
    world.run(feed="list.atom")
    assert world.github.repository.paths("main") == [
        ".github/daily-papers.json",
        "README.md",
        "list.atom",
    ]
    world.run(feed="none")
    assert "list.atom" not in world.github.repository.paths("main")
    assert "Atom feed" not in world.read()


def test_another_file_at_its_place_is_left_alone(world: World) -> None:
    world.github.repository.push({"docs/feed.xml": "<feed/>"})
    result = world.run()
    assert result.exit_code == 1
    assert "docs/feed.xml: there is already a file" in result.log
    assert "change the input feed" in result.log
    assert len(world.commits) == 2


def test_a_local_run_links_to_the_file_beside_the_page(tmp_path: Path) -> None:
    with world_with(tmp_path) as world:
        world.arxiv.add([entry(7)])
        flags = {
            "keywords": "Graph Neural Networks",
            "publish": "local",
            "arxiv-url": world.arxiv.url,
            "feed": "docs/feed.xml",
        }
        result = run_main(tmp_path / "runner", flags, {"GITHUB_WORKSPACE": str(tmp_path / "here")})
    assert result.exit_code == 0, result.log
    assert "[Atom feed](docs/feed.xml)" in (tmp_path / "here" / "README.md").read_text()
    valid((tmp_path / "here" / "docs" / "feed.xml").read_bytes())
