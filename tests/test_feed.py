from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from daily_papers.arxiv import feed, listing
from daily_papers.arxiv.feed import Feed
from daily_papers.arxiv.listing import Listing
from daily_papers.errors import ArxivError, FeedError
from daily_papers.papers import Paper
from tests.standins import arxiv_listing
from tests.support import NOW
from tests.support import entry as entry_of

RECORDINGS = os.environ.get("DAILY_PAPERS_ARXIV_RECORDINGS")

ENTRY = """
  <entry>
    <id>http://arxiv.org/abs/math/0309136v2</id>
    <updated>2003-09-10T08:00:00Z</updated>
    <published>2003-09-08T14:00:00-04:00</published>
    <title>On $a &lt; b$ &amp;
  other relations</title>
    <summary>  We &quot;compare&quot;
      a   and b. </summary>
    <author><name>José  Example</name>
      <arxiv:affiliation>A</arxiv:affiliation><arxiv:affiliation>B</arxiv:affiliation></author>
    <author><name>Zoë Example</name></author>
    <category term="math.NT" scheme="http://arxiv.org/schemas/atom"/>
    <category term="11A05"/>
    <arxiv:primary_category term="math.NT"/>
    <link href="http://arxiv.org/abs/math/0309136v2" rel="alternate" type="text/html"/>
    <unknown xmlns="urn:x">ignored</unknown>
    %s
  </entry>"""

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"
      xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
  <!-- a comment -->
  <updated>2025-10-03T01:02:03Z</updated>
  <opensearch:itemsPerPage>10</opensearch:itemsPerPage>
  <opensearch:totalResults>42</opensearch:totalResults>
  <opensearch:startIndex>7</opensearch:startIndex>%s
</feed>"""


def document(more: str = "", entry: str = ENTRY) -> bytes:
    return (FEED % (entry % more)).encode()


def test_every_field_is_read() -> None:
    read = feed.parse(
        document(
            "<arxiv:comment>3\npages</arxiv:comment><arxiv:journal_ref>J. X 1</arxiv:journal_ref>"
            "<arxiv:doi>10.1/a 10.1/b</arxiv:doi>"
        )
    )
    assert (read.total_results, read.size) == (42, 1)
    assert read.updated == datetime(2025, 10, 3, 1, 2, 3, tzinfo=UTC)
    assert read.papers == (
        Paper(
            arxiv_id="math/0309136",
            version=2,
            title="On $a < b$ & other relations",
            authors=("José Example", "Zoë Example"),
            summary='We "compare" a and b.',
            comment="3 pages",
            journal_ref="J. X 1",
            doi="10.1/a 10.1/b",
            primary_category="math.NT",
            categories=("math.NT",),
            published=datetime(2003, 9, 8, 18, tzinfo=UTC),
            updated=datetime(2003, 9, 10, 8, tzinfo=UTC),
        ),
    )
    assert read.papers[0].abs_url == "https://arxiv.org/abs/math/0309136v2"
    assert read.papers[0].pdf_url == "https://arxiv.org/pdf/math/0309136v2"


def test_optional_elements_may_be_missing_or_empty() -> None:
    (paper,) = feed.parse(document("<arxiv:comment> </arxiv:comment>")).papers
    assert (paper.comment, paper.journal_ref, paper.doi) == (None, None, None)


@pytest.mark.parametrize(
    "body,words",
    [
        (b"", "not well-formed"),
        (b"Rate exceeded.", "not well-formed"),
        (document()[:-9], "not well-formed"),
        (document()[: len(document()) // 2], "not well-formed"),
        (document() + document(), "not well-formed"),
        (document().replace(b"We ", b"We \x00"), "not well-formed"),
        (document().replace("José".encode(), "José".encode("latin-1")), "not well-formed"),
        (document().decode().encode("utf-16"), "not well-formed"),
        (b"<html><body>Robot?</body></html>", "not an Atom feed but <html>"),
        (b"<!DOCTYPE feed [<!ENTITY a 'b'>]>" + document()[38:], "document type"),
        (document().replace(b"42<", b"many<"), "field of a feed"),
        (document().replace(b"opensearch:totalResults", b"opensearch:total"), "totalResults"),
        (b" " * (feed.MAX_BYTES + 1), "larger than"),
    ],
)
def test_what_is_not_a_whole_feed_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(FeedError, match=words):
        feed.parse(body)


def test_an_undeclared_entity_is_refused() -> None:
    with pytest.raises(FeedError, match="not well-formed"):
        feed.parse(document().replace(b"&amp;", b"&x;"))


def test_a_lying_encoding_declaration_changes_nothing() -> None:
    lying = document().replace(b"'UTF-8'", b"'ISO-8859-1'")
    assert feed.parse(lying) == feed.parse(document())


def test_an_error_entry_becomes_an_error_in_arxivs_own_words() -> None:
    entry = """<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id>
      <title>Error</title><summary>incorrect id
      format for abc</summary></entry>%s"""
    with pytest.raises(ArxivError, match=r"arXiv says: incorrect id format for abc\Z"):
        feed.parse(document(entry=entry))


# --- Entries that are no papers


def entries(*parts: str) -> bytes:
    return (FEED % "".join(part % "" for part in parts)).encode()


FLAWS = {
    "no title": (r"<title>[^<]*</title>", "", "it has no title"),
    "an empty title": (r"<title>[^<]*</title>", "<title>\n</title>", "it has no title"),
    "no summary": (r"<summary>[^<]*</summary>", "", "it has no summary"),
    "no published": (r"<published>[^<]*</published>", "", "it has no published"),
    "no updated": (r"<updated>[^<]*</updated>", "", "it has no updated"),
    "no category": (r"<(arxiv:primary_)?category[^>]*>", "", "it has no category"),
    "another's category": (r'term="math.NT"', 'term="11A05"', "it has no category"),
    "no time zone": (r"08:00:00Z</upd", "08:00:00</upd", "has no time zone"),
    "no date": (r"2003-09-10T08", "yesterday", "'yesterday:00:00Z' is not a date"),
    "year 1": (r"2003-09-10T08:00:00Z", "0001-01-01T00:00:00+14:00", "is out of range"),
    "year 999": (r"2003-09-10", "0999-09-10", "is not between 1986 and 9000"),
    "year 9999": (r"2003-09-10T08:00:00Z", "9999-12-31T23:00:00-10:00", "is out of range"),
    "the next year but one": (r"2003-09-10", "2027-09-10", "is in the future"),
    "no version": (
        r"0309136v2",
        "0309136",
        "has the unknown id 'http://arxiv.org/abs/math/0309136'",
    ),
    "version 0": (r"0309136v2", "0309136v0", "has the unknown id"),
    "a version of a thousand": (r"0309136v2", "0309136v1000", "has the unknown id"),
    "another place": (r"abs/math/0309136v2", "x/javascript:v2", "has the unknown id"),
    "a long id": (r"0309136v2", "0" * 9_999, "has the unknown id 'http"),
}


@pytest.mark.parametrize("pattern,replacement,words", FLAWS.values(), ids=FLAWS)
def test_an_entry_that_is_no_paper_spoils_no_other(
    pattern: str, replacement: str, words: str
) -> None:
    good = ENTRY.replace("0309136v2", "0309137v1")
    bad = re.sub(pattern, replacement, ENTRY)
    read = feed.parse(entries(good, bad, good))
    assert [paper.arxiv_id for paper in read.papers] == ["math/0309137"] * 2
    (flaw,) = read.flaws
    assert words in flaw.reason
    assert len(flaw.reason) < 300
    assert (flaw.arxiv_id, flaw.version) in {("math/0309136", 2), ("", 0)}
    assert read.size == 3


@pytest.mark.parametrize("good,bad", [(0, 4), (30, 4), (0, 500), (500, 60)])
def test_an_answer_with_many_such_entries_is_refused(good: int, bad: int) -> None:
    with pytest.raises(FeedError, match=r"unusable entries; the first: .* it has no title"):
        feed.parse(
            entries(
                *[re.sub("<title>.*</title>", "", ENTRY, flags=re.DOTALL)] * bad, *[ENTRY] * good
            )
        )


def test_what_is_no_category_or_name_is_dropped() -> None:
    changed = ENTRY.replace("Zoë Example", " : ").replace("José  Example", "ATLAS, 2")
    changed = changed.replace('term="11A05"', 'term="cond-mat.mes-hall"')
    changed = changed.replace(
        '<arxiv:primary_category term="math.NT"/>', '<category term="I.2.6"/>'
    )
    (paper,) = feed.parse(document(entry=changed)).papers
    assert paper.authors == ("ATLAS, 2",)
    assert (paper.primary_category, paper.categories) == (
        "math.NT",
        ("math.NT", "cond-mat.mes-hall"),
    )


# --- Strangers' bytes

LISTING = arxiv_listing.listing(
    [
        entry_of(number, published=NOW - timedelta(days=1), updated=NOW - timedelta(days=1))
        for number in (1, 2)
    ],
    "cs.LG",
    NOW,
)
TAGS = re.findall(r"<[^>]+>", document().decode())
SPLICES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from([tag.encode() for tag in TAGS]),
    st.sampled_from(
        [b"", b"9" * 5_000, b"&#0;", b"\xff", b"\xe2\x80\xa8", b"0001-01-01T00:00:00+14:00"]
    ),
)


@given(
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 200), SPLICES), max_size=4),
    st.sampled_from([feed.parse, listing.parse]),
)
def test_any_bytes_are_a_feed_or_an_error(
    splices: list[tuple[int, int, bytes]], parse: Callable[[bytes], Feed | Listing]
) -> None:
    body = document() if parse is feed.parse else LISTING
    for place, length, inserted in splices:
        body = body[:place] + inserted + body[place + length :]
    message = ""
    papers: tuple[Paper, ...] = ()
    try:
        papers = parse(body).papers
    except ArxivError as error:
        message = error.message
    assert len(message) < 600
    assert message.isprintable()
    for paper in papers:
        assert paper.title
        assert paper.categories
        assert 1986 <= paper.published.year <= 2027
        for text in (paper.title, *paper.authors, paper.summary):
            assert text == " ".join(text.split())


@given(
    st.dictionaries(st.sampled_from(TAGS), st.sampled_from([*TAGS, "", "<x>", "&lt;"]), max_size=3)
)
def test_any_exchange_of_elements_is_a_feed_or_an_error(changes: dict[str, str]) -> None:
    text = document().decode()
    for old, new in changes.items():
        text = text.replace(old, new)
    try:
        feed.parse(text.encode())
    except ArxivError:
        return


LONG = {
    "commas": "," * 100_000,
    "commas in an open parenthesis": "(" + "," * 100_000,
    "parentheses": "(" * 100_000,
    "closing parentheses": ",)" * 50_000,
    "names": "A (B, C), " * 10_000,
    "preambles": "arXiv:" * 15_000,
    "spaces": "a" + " " * 100_000,
    "digits": "9" * 100_000,
    "hyphens": "a-" * 50_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_text_takes_no_long_time(text: str) -> None:
    """A quadratic reader would take minutes."""
    begun = time.process_time()
    for name in (
        "title",
        "name",
        "id",
        "summary",
        "published",
        "updated",
        "opensearch:totalResults",
    ):
        body = re.sub(f"(<{name}>)[^<]*(?=</{name}>)", rf"\g<1>{text}", document().decode())
        with suppress(FeedError):
            feed.parse(body.encode())
    for name in ("dc:creator", "summary", "id", "title", "published", "arxiv:announce_type"):
        body = re.sub(f"(<{name}>)[^<]*(?=</{name}>)", rf"\g<1>{text}", LISTING.decode())
        with suppress(FeedError):
            listing.parse(body.encode())
    with suppress(FeedError):
        feed.parse(document().replace(b'term="math.NT"', f'term="{text}"'.encode()))
    assert time.process_time() - begun < 5


# --- Real answers, recorded: read a second time by plain XPath, which must say the same.

NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "x": "http://arxiv.org/schemas/atom",
    "o": "http://a9.com/-/spec/opensearch/1.1/",
}


def texts(node: Any, path: str) -> list[str]:
    found: Any = node.xpath(path, namespaces=NAMES)
    return [" ".join(str(getattr(item, "text", item) or "").split()) for item in found]


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)


@pytest.mark.skipif(not RECORDINGS, reason="DAILY_PAPERS_ARXIV_RECORDINGS names no folder")
def test_recorded_answers_are_read_as_xpath_reads_them() -> None:
    folder = Path(str(RECORDINGS))
    entries = 0
    for recorded in json.loads((folder / "index.json").read_text()):
        body = (folder / recorded["file"]).read_bytes()
        if recorded["status"] != 200 or "broken" in recorded.get("note", ""):
            with pytest.raises((ArxivError, FeedError)):
                feed.parse(body)
            continue
        read = feed.parse(body)
        root = etree.fromstring(body)
        assert [str(read.total_results)] == texts(root, "o:totalResults")
        assert [read.updated] == [moment(text) for text in texts(root, "a:updated")]
        nodes: Any = root.findall("a:entry", NAMES)
        assert len(read.papers) == len(nodes)
        for paper, node in zip(read.papers, nodes, strict=True):
            entries += 1
            entry_id = f"http://arxiv.org/abs/{paper.arxiv_id}v{paper.version}"
            assert [entry_id] == [text.replace("https:", "http:") for text in texts(node, "a:id")]
            assert [paper.title] == texts(node, "a:title")
            assert [paper.summary] == texts(node, "a:summary")
            assert list(paper.authors) == texts(node, "a:author/a:name")
            terms = texts(node, "a:category/@term")
            assert list(paper.categories) == [term for term in terms if term[0].islower()]
            assert [paper.primary_category] == texts(node, "x:primary_category/@term")
            assert [paper.comment or ""] == (texts(node, "x:comment") or [""])
            assert [paper.journal_ref or ""] == (texts(node, "x:journal_ref") or [""])
            assert [paper.doi or ""] == (texts(node, "x:doi") or [""])
            assert [paper.published] == [moment(text) for text in texts(node, "a:published")]
            assert [paper.updated] == [moment(text) for text in texts(node, "a:updated")]
            for url, path in (
                (paper.abs_url, "a:link[@rel='alternate']/@href"),
                (paper.pdf_url, "a:link[@title='pdf']/@href"),
            ):
                links = [text.replace("http:", "https:") for text in texts(node, path)]
                assert links in ([url], [])
    assert entries > 200
