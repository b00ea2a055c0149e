"""The Atom file: valid, read back by another parser as what went in, and as calm as the papers."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from daily_papers.home import Home
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper, SortBy
from daily_papers.views import atom, feeds
from daily_papers.views.signature import is_signed
from tests.hub import README, World, world_with
from tests.support import entry, paper, run_main

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "atom.rng"))
REAL_PAPERS = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
HOME = Home(site="https://github.com", name="octo/papers", branch="main")
DAY = date(2025, 10, 3)
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


def rendered(known: Snapshot, home: Home | None = HOME) -> bytes:
    outlet = feeds.Outlet(path="docs/feed.xml", marker="daily-papers")
    if home:
        outlet = replace(
            outlet,
            repository=home.name,
            page=home.page_url("README.md"),
            address=home.raw_url,
        )
    return feeds.render(known, outlet)["docs/feed.xml"]


def feed_of(known: Snapshot, home: Home | None = HOME) -> Any:
    """Returns the file as feedparser reads it."""
    data = rendered(known, home)
    valid(data)
    parsed = feedparser.parse(data)
    assert not parsed.bozo
    return parsed


def ids_in(feed: Any) -> list[str]:
    return [item.id.removeprefix(f"{TAG}paper:") for item in feed.entries]


# --- What is in it


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
    assert first.title == f"[revised, v2] {A.title}"
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


def test_a_feed_holds_a_fortnight_and_a_hundred_papers_at_least() -> None:
    def found(count: int, *, a_day: int) -> list[str]:
        days = [
            paper(
                f"2509.{n:05}",
                published=A.published + timedelta(days=n // a_day),
                updated=A.published + timedelta(days=n // a_day),
            )
            for n in range(count)
        ]
        return ids_in(feed_of(snapshot(Graphs=days[:120], Time=days[60:])))

    assert found(150, a_day=1) == [f"2509.{n:05}" for n in range(149, 49, -1)]
    assert len(found(450, a_day=20)) == 15 * 20 - 10
    assert 900 < len(found(1500, a_day=1000)) <= 1000


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": "a & b " * 4000},
        {"summary": '"' * 20_000},
        {"summary": "http://example.org/ " * 1000},
        {"authors": tuple(f"A. Example {n}" for n in range(500))},  # as those of ATLAS
    ],
)
def test_a_feed_is_no_larger_than_a_megabyte(changes: dict[str, Any]) -> None:
    known = snapshot(Graphs=[paper(f"2509.{n:05}", **changes) for n in range(200)])
    outlet = feeds.Outlet(path="feed.xml", marker="daily-papers", address=HOME.raw_url)
    sizes = map(len, feeds.render(known, outlet).values())
    assert 800_000 < max(sizes) < 1_010_000


def test_the_papers_are_ordered_by_the_date_of_the_page() -> None:
    many = [paper(f"2509.{n:05}", published=A.published.replace(minute=n % 60)) for n in range(50)]
    found = feed_of(replace(snapshot(Graphs=many), sort_by=SortBy.PUBLISHED))
    dates = [item.published for item in found.entries]
    assert dates == sorted(dates, reverse=True)


def test_revised_and_withdrawn_papers_say_so() -> None:
    told = B.published + timedelta(days=1)
    again = replace(B, arxiv_id="2509.00003", version=2, updated=told + timedelta(days=1))
    withdrawn = paper("2509.00009", version=2, comment="This paper has been withdrawn.")
    known = replace(
        snapshot(Graphs=[A2, replace(B, version=2), again, withdrawn]),
        found={B.arxiv_id: told.date(), again.arxiv_id: told.date()},
    )
    titles = {item.link.rpartition("/")[2]: item.title for item in feed_of(known).entries}
    assert titles == {
        "2509.00001v2": f"[revised, v2] {A.title}",
        "2509.00002v2": B.title,
        "2509.00003v2": f"[revised, v2] {B.title}",
        "2509.00009v2": f"[withdrawn] {A.title}",
    }
    assert b"pdf/2509.00009" not in rendered(known)


def test_json_feed_holds_the_same() -> None:
    known = snapshot(Graphs=[A2, B], Time=[C, A2])
    outlet = feeds.Outlet(path="feed.xml", marker="daily-papers", address=HOME.raw_url)
    feed = json.loads(feeds.render(known, outlet)["feed.json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"].endswith("/raw/main/feed.json")
    parsed = feed_of(known)
    assert [item["id"] for item in feed["items"]] == [item.id for item in parsed.entries]
    assert [item["title"] for item in feed["items"]] == [item.title for item in parsed.entries]
    assert feed["items"][0]["authors"] == [{"name": "Ada Example"}, {"name": "Bob Example"}]


def test_json_feed_has_no_name_and_no_tag_that_it_must_not_have() -> None:
    outlet = feeds.Outlet(path="feed.xml", marker="daily-papers", page="https://example.org/")
    made = feeds.render(snapshot(**{"cs.LG": [A]}), outlet)["feed.json"]
    assert is_signed(made, "daily-papers")
    feed = json.loads(made)
    # https://www.jsonfeed.org/version/1.1/: a name of one's own begins with `_` and has an object.
    assert feed.keys() == {
        "version",
        "user_comment",
        "title",
        "description",
        "home_page_url",
        "language",
        "items",
    }
    assert feed["items"][0]["tags"] == ["cs.LG"]


# --- A folder of feeds


def test_a_folder_has_a_feed_for_each_topic_and_lists_them() -> None:
    known = snapshot(**{"Graph Theory": [A2, B], "All": [C], "A/B": [A2]})
    outlet = feeds.Outlet(
        path="docs/feeds/", marker="daily-papers", address=HOME.raw_url, page="https://example.org/"
    )
    files = feeds.render(known, outlet, picks=[B.arxiv_id])
    all_mark = next(name for name in files if re.fullmatch(r"docs/feeds/all-\w{8}\.xml", name))
    mark = all_mark.removesuffix(".xml")
    stems = [
        "docs/feeds/all",
        "docs/feeds/picks",
        "docs/feeds/graph-theory",
        mark,
        "docs/feeds/a-b",
    ]
    assert files.keys() == {
        *(f"{stem}.xml" for stem in stems),
        *(f"{stem}.json" for stem in stems),
        *(f"{stem}.bib" for stem in stems[2:]),
        "docs/feeds/feeds.opml",
    }
    held = {
        stem: [
            i.split(":")[-1]
            for i in re.findall("<id>(.*paper:.*)</id>", files[f"{stem}.xml"].decode())
        ]
        for stem in stems
    }
    assert held["docs/feeds/graph-theory"] == ["2509.00001", "2509.00002"]
    assert held["docs/feeds/picks"] == ["2509.00002"]
    assert len(held["docs/feeds/all"]) == 3
    ids = {valid(files[f"{stem}.xml"]).findtext("{*}id") for stem in stems}
    assert len(ids) == len(stems)
    outlines = etree.fromstring(files["docs/feeds/feeds.opml"]).findall("body/outline")
    assert [outline.get("text") for outline in outlines] == [
        "Daily Papers",
        "Picks",
        "Graph Theory",
        "All",
        "A/B",
    ]
    assert [outline.get("xmlUrl") for outline in outlines] == [
        HOME.raw_url(f"{stem}.xml") for stem in stems
    ]
    assert all(is_signed(data, "daily-papers") for data in files.values())


def test_the_address_of_a_feed_in_the_pages_folder_is_the_published_one(world: World) -> None:
    world.run(site="docs", feed="docs/feeds/", notify="none")
    assert "[Atom feed](https://octo.github.io/papers/feeds/all.xml)" in world.read()
    found = feedparser.parse(world.read("docs/feeds/all.xml"))
    links = {link.rel: link.href for link in found.feed.links}
    assert links == {
        "self": "https://octo.github.io/papers/feeds/all.xml",
        "alternate": "https://octo.github.io/papers/",
    }
    assert 'href="feeds/all.xml"' in world.read("docs/index.html")


@pytest.mark.parametrize(
    "name,site,address",
    [
        ("Octo/papers", "docs", "https://octo.github.io/papers/feed.xml"),
        ("octo/papers", "docs/list", "https://octo.github.io/papers/list/feed.xml"),
        ("octo/papers", "public", "https://octo.github.io/papers/feed.xml"),
        ("octo/octo.github.io", "docs", "https://octo.github.io/feed.xml"),
    ],
)
def test_where_github_pages_publishes_a_file(name: str, site: str, address: str) -> None:
    home = Home(site="https://github.com/", name=name, branch="")
    assert home.published_url(f"{site}/feed.xml", site) == address
    assert not home.published_url("other/feed.xml", site)
    assert not replace(home, site="https://ghe.example.org").published_url(f"{site}/a", site)


def test_a_paper_that_one_topic_knows_at_an_older_version_is_there_once() -> None:
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
    assert rendered(known) == rendered(later)


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
    root = valid(rendered(known))
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
    root = valid(rendered(snapshot(Graphs=[replace(A, title=text, summary=text)])))
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
    for first in range(0, len(found), atom.AT_LEAST):
        some = found[first : first + atom.AT_LEAST]
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
        "list.json",
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
