"""The web page as a file: what is in it, whatever strangers write. The browser has the rest."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daily_papers.arxiv import feed
from daily_papers.interests.match import Match
from daily_papers.memory.snapshot import Failure, Section, Snapshot
from daily_papers.memory.trends import Trend
from daily_papers.papers import Paper, SortBy, newest_first
from daily_papers.views import site, tex
from daily_papers.views.signature import is_signed
from tests.hub import DATA_FILE, README, world_with
from tests.standins.arxiv_atom import Answer, feed_of
from tests.standins.corpus import HEADINGS, UNTIL, corpus
from tests.support import paper

VOID: Final = {"br", "hr", "img", "input", "link", "meta"}
HOSTILE: Final = [
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<!-- --> <style>*{display:none}</style> <![CDATA[ ]]> <?php ?>",
    "$\\href{javascript:alert(1)}{x}$ \\url{javascript:alert(1)} \\href{data:text/html,x}{y}",
    "$</span><script>alert(1)</script>$ &lt;b&gt; &amp; &#60;script&#62; &{x};",
    "} { {} {{ $\\{$ \\} \\textbf{ @misc{x, title = {y}}",
    "\0\x0c\x1b\ufffe\uffff\ud800\u202e <plaintext> <textarea> <noscript> <template>",
]


class Reader(HTMLParser):
    """A page's elements in order, each with its attributes and the text of it and all in it."""

    def __init__(self, html: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[int] = []
        self.feed(html.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for number in self._open:
            self.elements[number][2].append(data)

    def find(self, tag: str, **attributes: str) -> list[tuple[dict[str, str], str]]:
        """Returns attributes and text of the elements that have these; `class_` means class."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            (attrs, "".join(texts))
            for name, attrs, texts in self.elements
            if name == tag and wanted.items() <= attrs.items()
        ]

    def texts(self, tag: str, **attributes: str) -> list[str]:
        return [text for _, text in self.find(tag, **attributes)]


def snapshot_of(topics: dict[str, list[Paper]], **changes: Any) -> Snapshot:
    sections = tuple(
        Section(heading=heading, query="q", papers=tuple(papers), is_complete=False, **changes)
        for heading, papers in topics.items()
    )
    return Snapshot(updated=date(2025, 10, 3), sections=sections)


def files_of(snapshot: Snapshot, **changes: Any) -> dict[str, bytes]:
    return site.render(snapshot, **{"marker": "daily-papers", **changes})


def read(snapshot: Snapshot, **changes: Any) -> Reader:
    return Reader(files_of(snapshot, **changes)["index.html"])


def corpus_snapshot(each: int = 100) -> Snapshot:
    """Returns a snapshot of the test corpus with so many papers a topic; some stand in two."""
    entries = corpus(6 * each)
    answer = Answer(
        search_query="all:graph",
        tree="all:graph",
        id_list="",
        start=0,
        max_results=len(entries),
        total=len(entries),
        moment=UNTIL,
        entries=list(entries),
    )
    papers = newest_first(feed.parse(feed_of(answer, "since 2025")).papers, SortBy.UPDATED)
    topics = {
        heading: [p for p in papers if heading.lower() in f"{p.title} {p.summary}".lower()][:each]
        for heading in HEADINGS
    }
    return snapshot_of(topics)


# --- What is in it --------------------------------------------------------------------------------


def test_a_paper_is_there_once_with_all_its_topics() -> None:
    both, old = paper("2509.00002"), paper("2509.00003", version=1)
    page = read(snapshot_of({"A": [both, old], "B": [replace(old, version=2), both]}))
    articles = {attrs["data-id"]: attrs["data-topics"] for attrs, _ in page.find("article")}
    assert articles == {"2509.00002": "0 1", "2509.00003": "0 1"}
    assert page.texts("p", id="count") == ["2 papers"]
    assert "https://arxiv.org/abs/2509.00003v2" in {a["href"] for a, _ in page.find("a")}
    assert [text.split() for text in page.texts("li")] == [
        ["All", "topics"],
        ["A", "2"],
        ["B", "2"],
    ]


def test_a_paper_tells_all_that_arxiv_tells() -> None:
    one = paper(
        version=2,
        title="On $L_1$ and Fr\\'echet",
        summary="It is 5\\% better, see https://github.com/o/r.",
        comment="12 pages",
        journal_ref="Nature 1",
        doi="10.1000/a_b 10.1000/c",
    )
    page = read(snapshot_of({"A": [one]}))
    assert page.texts("h3") == ["On L_1 and Fréchet"]
    assert page.texts("span", class_="math") == ["L_1"]
    assert page.texts("p", class_="authors") == ["Ada Example, Bob Example"]
    assert page.texts("p", class_="about") == ["revised · v2 · A · cs.LG stat.ML"]
    assert page.texts("p", class_="note") == ["12 pages · Nature 1"]
    (details,) = page.texts("details")
    assert details == (
        "AbstractIt is 5% better, see https://github.com/o/r."
        "Submitted 1 September 2025, version 2 on 2 September 2025"
    )
    links = {text: attrs["href"] for attrs, text in page.find("a", rel="noopener noreferrer")}
    assert links == {
        "On L_1 and Fréchet": "https://arxiv.org/abs/2509.00001v2",
        "https://github.com/o/r": "https://github.com/o/r",
        "PDF": "https://arxiv.org/pdf/2509.00001v2",
        "HTML": "https://arxiv.org/html/2509.00001v2",
        "DOI": "https://doi.org/10.1000/a_b",
        "Code": "https://github.com/o/r",
        "Daily Papers": "https://github.com/daily-papers/daily-papers",
    }
    assert page.find("a", class_="id") == [
        ({"class": "id", "href": "#p2509-00001"}, "2509.00001"),
    ]


def test_names_and_categories_lead_to_a_search() -> None:
    page = read(snapshot_of({"A": [paper(authors=("Zoë O'Neil",))]}))
    links = {text: attrs["href"] for attrs, text in page.find("a", tabindex="-1")}
    assert links == {
        "Zoë O'Neil": "#q=au%3A%22Zo%C3%AB%20O%27Neil%22",
        "cs.LG": "#q=cat%3Acs.LG",
        "stat.ML": "#q=cat%3Astat.ML",
    }


def test_arxiv_has_html_only_of_recent_versions() -> None:
    old = paper(updated=datetime(2023, 11, 30, tzinfo=UTC))
    assert "HTML" not in read(snapshot_of({"A": [old]})).texts("a")


def test_a_paper_tells_its_key_sentence_and_why_it_matches() -> None:
    one = paper(summary="First. We prove $x$.")
    facts = site.Facts(
        sentences={one.arxiv_id: "We prove $x$."},
        matches={one.arxiv_id: Match(score=0.7512, because=("session graph", "<b>"))},
    )
    page = read(snapshot_of({"A": [one]}), facts=facts)
    assert page.texts("p", class_="key") == ["We prove x."]
    assert page.texts("p", class_="because") == ["because: session graph, <b>"]
    assert [attrs["data-match"] for attrs, _ in page.find("article")] == ["0.75"]


def test_what_was_told_as_new_is_new_and_what_was_revised_is_not() -> None:
    told, revised = paper("2509.00001"), paper("2509.00002", version=2)
    both = paper("2509.00003", version=4)  # told as new on 3 September, revised on the next day
    snapshot = snapshot_of({"A": [told, revised, both]})
    found = dict.fromkeys([told.arxiv_id, both.arxiv_id], date(2025, 9, 3))
    page = read(replace(snapshot, found=found))
    days = [attrs.get("data-new") for attrs, _ in page.find("article")]
    assert days == ["2025-09-03", None, "2025-09-03"]
    assert page.texts("span", class_="revised") == ["revised · v4", "revised · v2"]
    assert page.texts("h2") == [
        "Thursday, 4 September 2025",
        "Tuesday, 2 September 2025",
        "Monday, 1 September 20251 new",
    ]


def test_days_come_newest_first_by_the_date_that_orders_the_page() -> None:
    early = datetime(2025, 9, 1, tzinfo=UTC)
    late = datetime(2025, 9, 20, tzinfo=UTC)
    revised = paper("2509.00001", version=2, published=early, updated=late)
    other = paper("2509.00002", published=datetime(2025, 9, 10, tzinfo=UTC), updated=early)
    snapshot = snapshot_of({"A": [revised, other]})
    assert read(snapshot).texts("h2") == [
        "Saturday, 20 September 2025",
        "Monday, 1 September 2025",
    ]
    assert read(replace(snapshot, sort_by=SortBy.PUBLISHED)).texts("h2") == [
        "Wednesday, 10 September 2025",
        "Monday, 1 September 2025",
    ]


def test_a_topic_says_what_a_reader_must_know() -> None:
    failure = Failure(since=date(2025, 10, 1), checked=date(2025, 9, 30))
    page = read(snapshot_of({"A": [paper()]}, failure=failure))
    assert "A: arXiv has given no usable answer since 2025-10-01; as of 2025-09-30." in (
        page.texts("li", **{"data-topics": "0"})
    )
    empty = read(snapshot_of({"A": []}))
    assert empty.texts("p", id="count") == ["No papers yet"]
    assert empty.texts("li", **{"data-topics": "0"}) == ["A: No papers match this query."]


def test_the_papers_of_each_week_are_plotted_where_they_are_known() -> None:
    assert not read(snapshot_of({"A": [paper()]})).find("figure")
    trend = Trend(first=date(2025, 9, 1), counts=(3, 5))
    page = read(snapshot_of({"A": [paper()], "B": [paper()]}, trend=trend))
    assert page.texts("figcaption") == ["A", "B"]
    assert [attrs["data-topics"] for attrs, _ in page.find("figure")] == ["0", "1"]
    assert len(page.find("svg", class_="plot")) == 2
    assert "The number of papers in a shaded week is not known." in page.texts("p")


def test_a_withdrawn_paper_says_so() -> None:
    page = read(snapshot_of({"A": [paper(version=2, comment="This paper has been withdrawn")]}))
    assert page.texts("strong") == ["withdrawn"]
    assert not {"PDF", "HTML"} & set(page.texts("a"))


def test_the_page_is_named_and_leads_to_where_else_the_papers_are() -> None:
    snapshot = snapshot_of({"Graphs & <Trees>": [paper()]})
    place = site.Place(
        title="octo/papers",
        address="https://octo.github.io/papers/",
        repository="https://github.com/octo/papers",
        readme="https://github.com/octo/papers/blob/HEAD/README.md",
        digests="https://github.com/octo/papers/issues?q=x",
        feed="feed.xml",
    )
    page = read(snapshot, place=place)
    assert page.texts("title") == ["octo/papers · Daily Papers"]
    assert page.texts("h1") == ["octo/papers"]
    links = {text: attrs["href"] for attrs, text in page.find("a")}
    assert links["Repository"] == place.repository
    assert links["README"] == place.readme
    assert links["Feed"] == "feed.xml"
    assert links["Digests"] == place.digests
    meta = {
        a.get("property", a.get("name", "")): a.get("content", "") for a, _ in page.find("meta")
    }
    assert meta["description"].endswith("Graphs & <Trees>")
    assert meta["og:title"] == "octo/papers"
    assert meta["og:url"] == place.address
    assert "feed.xml" in [attrs["href"] for attrs, _ in page.find("link", rel="alternate")]
    plain = files_of(snapshot)["index.html"]
    assert b"application/atom" not in plain
    assert Reader(plain).texts("title") == ["Daily Papers"]


# --- What it is made of ---------------------------------------------------------------------------


def test_nothing_comes_from_elsewhere_and_nothing_is_missing() -> None:
    files = files_of(snapshot_of({"A": [paper()]}))
    page = Reader(files["index.html"])
    used = {attrs["href"] for attrs, _ in page.find("link")}
    used |= {attrs["src"] for attrs, _ in page.find("script")}
    for name in [name for name in files if name.endswith((".css", ".js"))]:
        folder = name.rpartition("/")[0]
        text = files[name].decode()
        if name.endswith(".css"):
            targets = re.findall(r"url\([\"']?([^)\"']+)", text)
        elif "katex" in name:
            targets = []
        else:
            targets = re.findall(r"""(?m)(?:from|import\() ?"(\..+?)\"""", text)
            used.update(re.findall(r'href: "(katex/.+?)"', text))
        used.update(posixpath.normpath(posixpath.join(folder, target)) for target in targets)
    assert used <= files.keys()
    unused = files.keys() - used - {"index.html", "2025-10.json", "archive.json"}
    assert unused == {"katex/LICENSE", "source-serif/LICENSE", "stemmer/LICENSE"}
    assert b"MIT License" in files["katex/LICENSE"]
    assert b"SIL Open Font License" in files["source-serif/LICENSE"]


def test_the_policy_allows_files_of_ours_alone() -> None:
    page = read(snapshot_of({"A": [paper()]}))
    ((policy, _),) = page.find("meta", **{"http-equiv": "Content-Security-Policy"})
    rules = dict(rule.split(maxsplit=1) for rule in policy["content"].split("; "))
    assert rules["default-src"] == "'none'"
    assert {value for name, value in rules.items() if name.endswith("-src")} == {"'none'", "'self'"}
    assert not {"style", "onclick"} & {name for _, attrs, _ in page.elements for name in attrs}


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    snapshot = corpus_snapshot(20)
    assert files_of(snapshot) == files_of(snapshot)


def test_a_visitor_loads_less_than_800_kilobytes() -> None:
    snapshot = corpus_snapshot(100)
    assert [len(section.papers) for section in snapshot.sections] == [100] * 4
    files = files_of(snapshot)
    weight = sum(
        len(data) for path, data in files.items() if not path.startswith(("katex", "2025"))
    )
    assert weight < 800_000


def test_the_page_holds_the_newest_papers_and_the_archive_all() -> None:
    many = [
        paper(f"2509.{number:05}", updated=datetime(2025, 9, number % 28 + 1, tzinfo=UTC))
        for number in range(500)
    ]
    papers = list(newest_first(many, SortBy.UPDATED))
    files = files_of(snapshot_of({"A": papers[:300], "B": papers[200:]}))
    page = Reader(files["index.html"])
    assert [attrs["data-id"] for attrs, _ in page.find("article")] == [
        paper.arxiv_id for paper in papers[: site.PAPERS]
    ]
    assert page.texts("p", id="count") == ["The newest 200 of 500 papers"]
    month = json.loads(files["2025-10.json"])
    assert {record["id"] for record in month["papers"]} == {paper.arxiv_id for paper in papers}


def test_the_page_has_room_for_so_much_of_what_strangers_write() -> None:
    papers = [paper(f"2509.{number:05}", summary="& < word " * 2000) for number in range(220)]
    page = files_of(snapshot_of({"A": papers}))["index.html"]
    assert len(page) < site.ROOM + 20_000
    assert 100 < len(Reader(page).find("article")) < site.PAPERS


# --- A whole run ----------------------------------------------------------------------------------


def test_only_what_changes_is_in_a_commit(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(site="docs/papers/", feed="docs/papers/feed.xml", notify="none")
        assert "Graph Neural Networks, Part 5" in world.read("docs/papers/index.html")
        assert 'href="feed.xml"' in world.read("docs/papers/index.html")
        world.a_day_later()
        world.run(site="docs/papers", feed="docs/papers/feed.xml", notify="none")
        assert len(world.commits) == 2
        world.a_day_later(6)
        world.run(site="docs/papers", feed="docs/papers/feed.xml", notify="none")
        changed = world.github.repository.git("show", "--format=", "--name-only", "main").decode()
        assert set(changed.split()) == {
            DATA_FILE,
            "README.md",
            "docs/papers/2025-10.json",
            "docs/papers/archive.json",
            "docs/papers/feed.json",
            "docs/papers/feed.xml",
            "docs/papers/index.html",
        }


def test_the_page_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    mine = "<!doctype html><title>Mine</title>"
    with world_with(tmp_path, {"README.md": README, "docs/index.html": mine}) as world:
        result = world.run(site="docs", notify="none")
        assert result.exit_code == 1
        assert "docs/index.html: there is already a file" in result.log
        assert "change the input site" in result.log
        assert world.read("docs/index.html") == mine


def test_files_that_are_alike_on_every_page_are_replaced_by_those_of_a_new_version() -> None:
    files = files_of(snapshot_of({"A": [paper()]}))
    texts = [
        data for path, data in files.items() if path.endswith((".html", ".css", ".js", ".json"))
    ]
    assert len(texts) > 15
    assert all(is_signed(data, "daily-papers") for data in texts)


# --- Text from strangers --------------------------------------------------------------------------

TEXTS: Final = st.one_of(
    st.text(),
    st.text(alphabet="<>&\"'/!-$\\{}=# abscript\0\x0c\ufffe"),
    st.sampled_from(HOSTILE),
)


def skeleton(page: Reader) -> list[tuple[str, tuple[str, ...]]]:
    """Returns all elements with their attributes' names, without formulas and links in text."""
    return [
        (tag, tuple(attrs))
        for tag, attrs, _ in page.elements
        if not attrs.get("class", "").startswith("math")
        and not (tag == "a" and attrs.get("href", "").startswith("http") and "class" not in attrs)
    ]


def hostile_paper(text: str) -> Paper:
    return paper(
        title=text,
        summary=f"x{text}",
        comment=f"x{text}",
        journal_ref=f"x{text}",
        doi=f"x{text}",
        authors=(text, text),
        primary_category=text,
        categories=(text, f"x{text}"),
    )


@given(TEXTS)
@example(HOSTILE[0])
@example(HOSTILE[-1])
def test_no_text_changes_the_structure(text: str) -> None:
    made = read(snapshot_of({f"x{text}": [hostile_paper(text)]}))
    plain = read(snapshot_of({"x": [hostile_paper("withdrawn" if "withdrawn" in text else "y")]}))
    assert skeleton(made) == skeleton(plain)
    for attrs, _ in made.find("a"):
        assert re.match(
            r"https?://|ftp://|#list$|#q=[\w.%~/-]*$|#p2509-00001$", attrs["href"], re.IGNORECASE
        )


@given(TEXTS)
def test_text_is_shown_as_people_read_it(text: str) -> None:
    page = read(snapshot_of({"A": [paper(title=text)]}))
    segments = tex.read(text.replace("\ufffe", "").replace("\uffff", ""))
    words = [part.tex if isinstance(part, tex.Math) else part.text for part in segments]
    assert page.texts("h3") == ["".join(words)]


@pytest.mark.parametrize("text", HOSTILE)
def test_only_files_of_ours_are_scripts(text: str) -> None:
    page = read(snapshot_of({text: [hostile_paper(text)]}))
    assert [attrs["src"] for attrs, _ in page.find("script")] == ["js/disk.js", "js/page.js"]
    assert not page.find("img")
    assert not page.find("style")
