"""The stand-in for arXiv is held to what is known of arXiv, by a client that is not the product."""

from __future__ import annotations

import http.client
import json
import os
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from lxml import etree

from tests.standins import arxiv_faults as faults
from tests.standins.arxiv import ArxivStandIn, RecordedArxiv
from tests.standins.arxiv_atom import Answer, Generation, feed_of
from tests.standins.corpus import HEADINGS, UNTIL, corpus, fresh_papers
from tests.standins.entry import Author, Entry
from tests.standins.search import Document, InvalidQueryError, adapted, parsed
from tests.standins.stemmer import stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.standins.server import Fault

ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
ARXIV = "{http://arxiv.org/schemas/atom}"
NOON = datetime(2025, 10, 2, 12, tzinfo=UTC)


def paper(arxiv_id: str = "2510.00001", **fields: Any) -> Entry:
    """A plain paper, with the given fields in place of its own."""
    plain = Entry(
        arxiv_id=arxiv_id,
        title="On Things",
        summary="Nothing in particular.",
        authors=(Author(name="Ada Example"),),
        primary_category="cs.LG",
        categories=("cs.LG", "stat.ML"),
        published=NOON,
        updated=NOON,
    )
    return replace(plain, **fields)


def matches(query: str, arxiv_id: str = "2510.00001", **fields: Any) -> bool:
    return Document(paper(arxiv_id, **fields)).matches(parsed(query))


def ask(arxiv: ArxivStandIn | RecordedArxiv, **parameters: object) -> requests.Response:
    return requests.get(arxiv.url, params={k: str(v) for k, v in parameters.items()}, timeout=60)


def feed(arxiv: ArxivStandIn | RecordedArxiv, **parameters: object) -> etree._Element:
    response = ask(arxiv, **parameters)
    assert response.status_code == 200, response.text
    return etree.fromstring(response.content)


def ids(root: etree._Element) -> list[str]:
    addresses = [node.text or "" for node in root.iterfind(f"{ATOM}entry/{ATOM}id")]
    return [address.partition("/abs/")[2] for address in addresses]


def number(root: etree._Element, name: str) -> int:
    return int(root.findtext(OPENSEARCH + name) or -1)


@pytest.fixture(scope="module")
def papers() -> tuple[Entry, ...]:
    return corpus()


@pytest.fixture
def arxiv(papers: tuple[Entry, ...]) -> Iterator[ArxivStandIn]:
    with ArxivStandIn(papers, clock=lambda: UNTIL) as standin:
        yield standin


# --- The grammar of queries -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "query, tree",
    [
        ("ti:a", "ti:a"),
        ("ti:a OR ti:b AND ti:c", "ti:a OR (ti:b AND ti:c)"),
        ("ti:x AND ti:a OR ti:b", "ti:x AND (ti:a OR ti:b)"),
        ("ti:a ANDNOT ti:b OR ti:c", "ti:a ANDNOT (ti:b OR ti:c)"),
        ("(ti:a OR ti:b) AND ti:c", "(ti:a OR ti:b) AND ti:c"),
        ("a b", "all:a OR all:b"),
        ("ti:a b AND c", "ti:a OR (all:b AND all:c)"),
        ("(ti:a)(ti:b)", "ti:a OR ti:b"),
        ('"A"OR"B"', 'all:"A" OR (all:OR OR all:"B")'),
        ("ti:a AND OR ti:b", "ti:a OR ti:b"),
        ("ti:a NOT ti:b", "ti:a ANDNOT ti:b"),
        ("ti:a AND NOT ti:b", "ti:a ANDNOT ti:b"),
        ('ti:(a AND "b c") AND d', '(ti:a AND ti:"b c") AND all:d'),
        ("title:a", "ti:a"),
        ("a +AND+ b", "all:a OR (all:+AND+ OR all:b)"),
        ("au:del_maestro AND ti:a", 'au:"del maestro" AND ti:a'),
        ("ti:a AND au:del_maestro", "ti:a AND au:del_maestro"),
        ("ti:a\r\nAND ti:b", "ti:a AND ti:b"),
        (
            "lastUpdatedDate:[2024 TO 202402]",
            'submittedDate:"202401010000 TO 202402292359"',
        ),
    ],
)
def test_queries_nest_to_the_right_after_repairs(query: str, tree: str) -> None:
    assert str(parsed(query)) == tree


@pytest.mark.parametrize(
    "query, echo",
    [
        ("( ( )", "( ( )"),
        ("(ti:a", "(ti:a"),
        ("ti:a)", "ti:a)"),
        ("ti:a) OR (ti:b", "ti:a) OR (ti:b"),
        ("AND ti:a", "AND ti:a"),
        ("ti:a OR", "ti:a OR"),
        ("all:AND", "AND"),
        ("()", "( )"),
        ("ti:", ""),
    ],
)
def test_bad_queries_are_refused_in_arxivs_words(query: str, echo: str) -> None:
    with pytest.raises(InvalidQueryError) as caught:
        parsed(query)
    assert str(caught.value) == f"Invalid query string: '{echo}'"


def test_the_echo_of_a_query_is_its_repaired_form() -> None:
    assert adapted("(LLM OR ti:Agent) x") == "(all:LLM OR ti:Agent) OR all:x"


# --- What a term finds ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word, stemmed",
    [
        ("caresses", "caress"),
        ("ponies", "poni"),
        ("agreed", "agre"),
        ("feed", "feed"),
        ("hopping", "hop"),
        ("filing", "file"),
        ("falling", "fall"),
        ("happy", "happi"),
        ("sky", "sky"),
        ("relational", "relat"),
        ("generalizations", "gener"),
        ("electrical", "electr"),
        ("adoption", "adopt"),
        ("opinion", "opinion"),
        ("replacement", "replac"),
        ("controller", "control"),
        ("methodology", "methodolog"),
        ("possibly", "possibl"),
        ("is", "is"),
    ],
)
def test_stems_are_porters(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


def test_words_of_one_stem_find_each_other() -> None:
    assert matches("ti:Recommendation", title="A Recommender for Trains")
    assert matches("ti:transformer", title="Laplace Transformation")
    assert matches("ti:universe", title="The University")
    assert not matches("ti:detection", title="A Detector of Lies")


def test_a_phrase_is_its_words_side_by_side() -> None:
    title = "Scalable Graph-Neural Network's Training"
    assert matches('ti:"graph neural networks"', title=title)
    assert not matches('ti:"graph networks"', title=title)
    assert not matches('ti:"neural graph"', title=title)
    assert matches("ti:neural-graph", title=title)


def test_stop_words_are_dropped_but_keep_their_place() -> None:
    assert matches('ti:"theory of graphs"', title="Theory and Graphs")
    assert not matches('ti:"theory of graphs"', title="Theory Graphs")
    assert matches('ti:"the graphs"', title="Graphs")
    assert not matches('ti:"of the"', title="Of the Graphs")


def test_accents_and_letter_case_do_not_count() -> None:
    assert matches('au:"ibanez"', authors=(Author(name="Sofía Ibáñez"),))
    assert matches('ti:"FRECHET"', title="Fréchet Means")


def test_authors_are_found_by_either_order_of_their_names() -> None:
    authors = (Author(name="Ada del Maestro"), Author(name="Bo Quispe"))
    assert matches('au:"del maestro"', authors=authors)
    assert matches('au:"quispe bo"', authors=authors)
    assert matches("au:del_maestro", authors=authors)
    assert not matches("ti:things AND au:del_maestro", authors=authors)
    assert not matches('au:"maestro bo"', authors=authors)


def test_categories_match_as_they_are_or_by_wildcards() -> None:
    assert matches("cat:stat.ML")
    assert matches("cat:cs.*")
    assert not matches("cat:cs")
    assert not matches("cat:cs.lg")
    assert not matches('cat:"cs.*"')


def test_other_fields_are_found_where_they_are() -> None:
    fields: dict[str, Any] = {
        "comment": "Accepted at KDD",
        "journal_ref": "Annals of Things 3",
        "doi": "10.5555/x.1",
        "report_number": "R-7",
    }
    for query in ("co:kdd", "jr:annals", "doi:10.5555/x.1", "rn:R-7", "id:2510.00001v1"):
        assert matches(query, **fields)
        assert matches("all:" + query.partition(":")[2], **fields)
        assert not matches(query, arxiv_id="2510.00002")


def test_wildcards_stand_within_words() -> None:
    assert matches("ti:th*gs")
    assert not matches("ti:*hings")
    assert not matches('ti:"th*gs"')


@pytest.mark.parametrize(
    "dates, found",
    [
        ("[202510021200 TO 202510021200]", True),
        ("[202510021201 TO 202510030000]", False),
        ("[20251002 TO 20251002]", True),
        ("[2025 TO 2025]", True),
        ("[202509 TO 202509]", False),
    ],
)
def test_dates_of_submission_are_ranges_with_both_ends(dates: str, found: bool) -> None:  # noqa: FBT001
    assert matches(f"submittedDate:{dates}") is found


def test_andnot_takes_away_and_or_adds() -> None:
    assert matches("ti:things ANDNOT abs:graphs")
    assert not matches("ti:things ANDNOT abs:particular")
    assert matches("ti:graphs OR abs:particular")


# --- The corpus -----------------------------------------------------------------------------------


def test_the_corpus_is_always_the_same_and_follows_its_seed(papers: tuple[Entry, ...]) -> None:
    assert papers == corpus()
    assert papers != corpus(seed=1)
    assert len(papers) == len({entry.arxiv_id for entry in papers}) == 560


@pytest.mark.parametrize("heading", HEADINGS)
def test_every_topic_is_large_and_some_papers_name_it_in_the_abstract_only(
    papers: tuple[Entry, ...], heading: str
) -> None:
    def count(query: str) -> int:
        return sum(Document(entry).matches(parsed(query)) for entry in papers)

    both = count(f'ti:"{heading}" AND abs:"{heading}"')
    either = count(f'ti:"{heading}" OR abs:"{heading}"')
    assert both >= 105
    assert either >= both + 10


def test_the_corpus_is_as_varied_as_arxiv(papers: tuple[Entry, ...]) -> None:
    lengths = [len(entry.summary) for entry in papers]
    assert 700 <= min(lengths) < 950
    assert 1_550 < max(lengths) <= 1_900
    with_tex = sum("$" in entry.summary or "\\" in entry.summary for entry in papers)
    assert 40 <= with_tex <= 80
    comments = [entry.comment for entry in papers]
    assert comments.count(None) > 100
    assert sum(c is not None and len(c) <= 20 for c in comments) > 50
    assert any("|" in (c or "") for c in comments)
    assert any("https://" in (c or "") for c in comments)
    titles = " ".join(entry.title for entry in papers)
    assert all(mark in titles for mark in ("|", "<", "&", "[", "*", "`", "$", "\\"))
    assert sum(entry.version > 1 for entry in papers) > 50
    assert sum("/" in entry.arxiv_id for entry in papers) == 8
    assert any(entry.doi for entry in papers)
    assert any(entry.journal_ref for entry in papers)
    assert any(entry.classes for entry in papers)
    assert any(author.affiliations for entry in papers for author in entry.authors)
    assert any(not author.name.isascii() for entry in papers for author in entry.authors)


def test_no_template_shows_in_a_text(papers: tuple[Entry, ...]) -> None:
    for entry in papers:
        text = f"{entry.title} {entry.summary} {entry.comment}"
        assert not re.search(r"\{(name|idea|task|setting|challenge|use|slug|[A-Z]\w+)2?\}", text)


def test_dates_are_weekdays_before_the_moment_of_the_corpus(papers: tuple[Entry, ...]) -> None:
    for entry in papers:
        assert entry.published <= entry.updated < UNTIL
        assert entry.published.weekday() < 5
        assert (entry.published == entry.updated) or entry.version > 1
    recent = [entry for entry in papers if entry.updated > UNTIL - timedelta(days=61)]
    assert len(recent) == 552


def test_fresh_papers_join_the_corpus(papers: tuple[Entry, ...]) -> None:
    fresh = fresh_papers(40, seed=7, since=UNTIL - timedelta(hours=11), until=UNTIL)
    assert not {entry.arxiv_id for entry in fresh} & {entry.arxiv_id for entry in papers}
    assert all(entry.version == 1 for entry in fresh)


# --- Pages, order, ids ----------------------------------------------------------------------------


def test_pages_add_up_to_the_whole(arxiv: ArxivStandIn) -> None:
    query = {"search_query": 'abs:"time series"', "sortBy": "lastUpdatedDate"}
    whole = feed(arxiv, **query, max_results=2_000)
    total = number(whole, "totalResults")
    pages = [feed(arxiv, **query, start=start, max_results=50) for start in range(0, total, 50)]
    assert [name for page in pages for name in ids(page)] == ids(whole)
    assert {number(page, "itemsPerPage") for page in pages} == {50}
    assert [number(page, "startIndex") for page in pages] == list(range(0, total, 50))
    beyond = feed(arxiv, **query, start=total)
    assert (ids(beyond), number(beyond, "totalResults")) == ([], total)


def test_ten_results_come_when_no_number_is_asked_for(arxiv: ArxivStandIn) -> None:
    assert len(ids(feed(arxiv, search_query="all:graph"))) == 10


@pytest.mark.parametrize(
    "sort_by, element", [("lastUpdatedDate", "updated"), ("submittedDate", "published")]
)
@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_answers_are_sorted_as_asked(
    arxiv: ArxivStandIn, sort_by: str, element: str, order: str
) -> None:
    root = feed(
        arxiv, search_query="abs:trajectory", sortBy=sort_by, sortOrder=order, max_results=200
    )
    dates = [str(node.text) for node in root.iterfind(f"{ATOM}entry/{ATOM}{element}")]
    assert len(dates) > 100
    assert dates == sorted(dates, reverse=order == "descending")


def test_relevance_puts_titles_first(arxiv: ArxivStandIn) -> None:
    root = feed(arxiv, search_query='all:"contrastive pre-training"', max_results=3)
    titles = [node.text or "" for node in root.iterfind(f"{ATOM}entry/{ATOM}title")]
    assert "Contrastive Pre-Training" in titles[0]


def test_ties_may_fall_differently_in_each_answer() -> None:
    same = [paper(f"2510.{number:05}") for number in range(1, 60)]
    question = {"search_query": "ti:things", "sortBy": "submittedDate", "max_results": "60"}
    with ArxivStandIn(same) as steady, ArxivStandIn(same, unstable_ties=True) as unsteady:
        assert ids(feed(steady, **question)) == ids(feed(steady, **question))
        assert ids(feed(unsteady, **question)) != ids(feed(unsteady, **question))


def test_papers_are_found_by_id_with_and_without_version() -> None:
    first = paper("math.GT/0309136")
    with ArxivStandIn([first, paper()]) as standin:
        standin.revise("math.GT/0309136", updated=NOON + timedelta(days=1), title="Better Things")
        asked = feed(standin, id_list="2510.00001,math.GT/0309136,math.GT/0309136v1,0000.0000")
        assert ids(asked) == ["2510.00001v1", "math.GT/0309136v2", "math.GT/0309136v1"]
        both = feed(standin, id_list="2510.00001,math.GT/0309136", search_query="ti:better")
        assert ids(both) == ["math.GT/0309136v2"]


def test_the_corpus_can_change_between_requests() -> None:
    later = NOON + timedelta(days=1)
    with ArxivStandIn([paper()], clock=lambda: later) as standin:
        standin.add([paper("2510.00002")])
        standin.revise("2510.00001", updated=later, summary="All of it.")
        standin.withdraw("2510.00002", updated=later, reason="because of an error")
        root = feed(standin, search_query="ti:things")
        assert sorted(ids(root)) == ["2510.00001v2", "2510.00002v2"]
        assert root.findtext(f"{ATOM}entry/{ARXIV}comment") == (
            "This paper has been withdrawn by the authors because of an error."
        )
        assert [entry.version for entry in standin.entries] == [2, 2]
        standin.remove("2510.00002")
        assert ids(feed(standin, search_query="ti:things")) == ["2510.00001v2"]
        with pytest.raises(ValueError, match=r"2510\.00001v1 is there already"):
            standin.add([paper()])


# --- Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"search_query": "(ti:a"}, "Invalid query string: '(ti:a'"),
        ({"search_query": "submittedDate:[x TO y]"}, "Invalid query string"),
        ({"id_list": "abc"}, "incorrect id format for abc"),
        ({"search_query": "a", "start": "x"}, "start must be an integer"),
        ({"search_query": "a", "start": "-1"}, "start must be non-negative"),
        ({"search_query": "a", "max_results": "-1"}, "max_results must be non-negative"),
        ({"search_query": "a", "max_results": "0"}, "max_results must be"),
        ({"search_query": "a", "max_results": "2001"}, "max_results must be"),
        ({"search_query": "a", "sortBy": "date"}, "sortBy must be in: relevance, "),
        ({"search_query": "a", "sortOrder": "up"}, "sortOrder must be in: "),
        ({}, "Either a search_query or id_list must be specified"),
    ],
)
def test_a_bad_question_gets_an_error_entry(
    arxiv: ArxivStandIn, parameters: dict[str, str], message: str
) -> None:
    response = ask(arxiv, **parameters)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = etree.fromstring(response.content)
    assert number(root, "totalResults") == 1
    assert [node.text for node in root.iterfind(f"{ATOM}entry/{ATOM}title")] == ["Error"]
    assert message in (root.findtext(f"{ATOM}entry/{ATOM}summary") or "")


def test_a_client_that_accepts_nothing_gets_406(arxiv: ArxivStandIn) -> None:
    parts = urlsplit(arxiv.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    connection.request("GET", parts.path + "?search_query=a")
    assert connection.getresponse().status == 406
    connection.close()


def test_results_beyond_ten_thousand_are_an_error_of_the_server(arxiv: ArxivStandIn) -> None:
    assert ask(arxiv, search_query="a", start=9_999).status_code == 500


def test_other_addresses_and_methods_are_unknown(arxiv: ArxivStandIn) -> None:
    assert requests.get(arxiv.address + "/", timeout=60).status_code == 404
    assert requests.put(arxiv.url, timeout=60).status_code == 405


def test_a_question_may_come_by_post(arxiv: ArxivStandIn) -> None:
    question = {"search_query": "ti:trajectory", "sortBy": "submittedDate", "max_results": "7"}
    posted = requests.post(arxiv.url, data=question, timeout=60)
    assert posted.content == ask(arxiv, **question).content


# --- The shape of answers -------------------------------------------------------------------------

FULL = paper(
    title="Things & <Others>",
    version=2,
    summary="One line of text that is long enough to be broken. " * 4 + "End.",
    authors=(Author(name="Ada Example", affiliations=("Here", "There")), Author(name="Bo Ñ")),
    comment="7 pages",
    journal_ref="Annals 3",
    doi="10.5555/a<b",
    classes=("68T07",),
    updated=NOON + timedelta(hours=1),
)


def full_feed(generation: Generation) -> bytes:
    answer = Answer(
        search_query='all:"a b"',
        tree='all:"a b"',
        id_list="",
        start=0,
        max_results=5,
        total=1,
        moment=UNTIL,
        entries=[FULL],
    )
    return feed_of(answer, generation)


def test_an_answer_of_today() -> None:
    body = full_feed("since 2025")
    assert body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<feed xmlns:opensearch=")
    root = etree.fromstring(body)
    assert root.findtext(f"{ATOM}title") == (
        'arXiv Query: search_query=all:"a b"&id_list=&start=0&max_results=5'
    )
    assert root.findtext(f"{ATOM}updated") == "2025-10-03T05:37:00Z"
    link = root.find(f"{ATOM}link")
    assert link is not None
    assert link.get("rel") is None
    assert "search_query=all:%22a+b%22&start=0&max_results=5&id_list=" in str(link.get("href"))
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}id") == "http://arxiv.org/abs/2510.00001v2"
    assert entry.findtext(f"{ATOM}title") == "Things & <Others>"
    assert entry.findtext(f"{ATOM}summary") == FULL.summary
    assert [(link.get("title"), link.get("href")) for link in entry.iterfind(f"{ATOM}link")] == [
        (None, "https://arxiv.org/abs/2510.00001v2"),
        ("pdf", "https://arxiv.org/pdf/2510.00001v2"),
        ("doi", "https://doi.org/10.5555/a<b"),
    ]
    assert [c.get("term") for c in entry.iterfind(f"{ATOM}category")] == ["cs.LG", "stat.ML"]
    places = [node.text for node in entry.iterfind(f"{ATOM}author/{ARXIV}affiliation")]
    assert places == ["Here", "There"]


def test_an_answer_of_the_time_before() -> None:
    body = full_feed("before 2025")
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns=')
    root = etree.fromstring(body)
    assert (root.findtext(f"{ATOM}title") or "").startswith("ArXiv Query: search_query=")
    assert root.findtext(f"{ATOM}updated") == "2025-10-03T00:00:00-04:00"
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    summary = entry.findtext(f"{ATOM}summary") or ""
    assert summary.startswith("  One line")
    assert summary.count("\n") > 2
    assert " ".join(summary.split()) == FULL.summary
    terms = [c.get("term") for c in entry.iterfind(f"{ATOM}category")]
    assert terms == ["cs.LG", "stat.ML", "68T07"]
    assert b"https://arxiv.org" not in body


def test_a_feed_is_never_the_same_twice_in_its_own_date() -> None:
    moments = iter([UNTIL, UNTIL + timedelta(seconds=1)])
    with ArxivStandIn([paper()], clock=lambda: next(moments)) as standin:
        assert ask(standin, search_query="a").content != ask(standin, search_query="a").content


# --- Faults ---------------------------------------------------------------------------------------

QUESTION = {
    "search_query": "abs:trajectory",
    "sortBy": "lastUpdatedDate",
    "start": "20",
    "max_results": "20",
}


def faulty(arxiv: ArxivStandIn, fault: Fault) -> requests.Response:
    """The answer to `QUESTION` under a fault, and after it the right answer again."""
    arxiv.faults.append(fault)
    response = requests.get(arxiv.url, params=QUESTION, allow_redirects=False, timeout=60)
    assert ask(arxiv, **QUESTION).ok
    return response


def test_feeds_that_lie(arxiv: ArxivStandIn) -> None:
    right = ids(feed(arxiv, **QUESTION))
    first = ids(feed(arxiv, **QUESTION | {"start": "0"}))

    empty = etree.fromstring(faulty(arxiv, faults.empty_page(4_321)).content)
    assert (ids(empty), number(empty, "totalResults")) == ([], 4_321)
    partial = etree.fromstring(faulty(arxiv, faults.partial_page(4)).content)
    assert ids(partial) == right[:4]
    assert number(partial, "totalResults") > 100
    assert ids(etree.fromstring(faulty(arxiv, faults.duplicate_page(arxiv)).content)) == first

    arxiv.faults.append(faults.unsorted_page(arxiv))
    ancient = feed(arxiv, **QUESTION | {"start": "0"})
    assert str(ancient.findtext(f"{ATOM}entry/{ATOM}updated")) < "2008"

    arxiv.faults.append(faults.stale_feed(arxiv, days=10))
    stale = feed(arxiv, **QUESTION | {"start": "0"})
    assert str(stale.findtext(f"{ATOM}entry/{ATOM}updated")) <= "2025-09-23T05:37:00Z"
    assert stale.findtext(f"{ATOM}updated") == "2025-10-03T05:37:00Z"


@pytest.mark.parametrize(
    "fault, status, content_type, start",
    [
        (faults.rate_exceeded(), 429, "text/plain", b"Rate exceeded."),
        (faults.rate_exceeded(200), 200, "text/plain", b"Rate exceeded."),
        (faults.not_acceptable(), 406, "text/plain", b"Not"),
        (faults.unavailable(Retry_After="0"), 503, "text/plain", b"Service"),
        (faults.html_page(), 200, "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        (faults.redirect("http://127.0.0.1:9/"), 301, "text/plain", b""),
        (faults.wrong_content_type(), 200, "text/html; charset=utf-8", b"<?xml"),
    ],
)
def test_answers_that_are_no_feed(
    arxiv: ArxivStandIn, fault: Fault, status: int, content_type: str, start: bytes
) -> None:
    response = faulty(arxiv, fault)
    assert (response.status_code, response.headers["Content-Type"]) == (status, content_type)
    assert response.content.startswith(start)


@pytest.mark.parametrize(
    "fault",
    [
        faults.two_documents(),
        faults.nul_bytes(),
        faults.declared_encoding("UTF-16"),
        faults.truncated(framing="close"),
    ],
)
def test_bodies_that_no_parser_takes(arxiv: ArxivStandIn, fault: Fault) -> None:
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(faulty(arxiv, fault).content)


@pytest.mark.parametrize(
    "fault, error",
    [
        (faults.truncated(framing="length"), requests.exceptions.ChunkedEncodingError),
        (faults.truncated(framing="chunked"), requests.exceptions.ChunkedEncodingError),
        (faults.broken_gzip("flip"), requests.exceptions.ContentDecodingError),
        (faults.broken_gzip("plain"), requests.exceptions.ContentDecodingError),
        (faults.reset(), requests.exceptions.ConnectionError),
    ],
)
def test_deliveries_that_break(arxiv: ArxivStandIn, fault: Fault, error: type[Exception]) -> None:
    arxiv.faults.append(fault)
    with pytest.raises(error):
        ask(arxiv, **QUESTION)


def test_compressed_content_that_ends_early_is_short(arxiv: ArxivStandIn) -> None:
    whole = ask(arxiv, **QUESTION).content
    short = faulty(arxiv, faults.broken_gzip("cut")).content
    assert short != whole
    assert whole.startswith(short)


def test_slow_deliveries_arrive_whole(arxiv: ArxivStandIn) -> None:
    whole = ask(arxiv, **QUESTION).content
    for fault in (faults.stall(0.05), faults.stall(0.05, inside=True), faults.slow_drip(0.004)):
        response = faulty(arxiv, fault)
        assert response.content == whole
    arxiv.faults.append(faults.stall(5))
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(arxiv.url, params=QUESTION, timeout=(60, 0.05))


def test_spacing_can_be_read_from_the_log(arxiv: ArxivStandIn) -> None:
    ask(arxiv, search_query="a")
    ask(arxiv, search_query="b")
    first, second = arxiv.requests
    assert first.query["search_query"] == "a"
    assert second.started > first.started


# --- Recordings -----------------------------------------------------------------------------------


def test_recorded_feeds_are_served(tmp_path: Path) -> None:
    index = [
        {"file": "a.xml", "status": 200, "query": "search_query=x&id_list=&start=0&max_results=5"},
        {"file": "b.xml", "status": 400, "query": "search_query=&id_list=abc&sortBy=relevance"},
        {
            "file": "c.xml",
            "status": 200,
            "query": 'arXiv Query: search_query=all:"a b" OR all:c&id_list=&start=0&max_results=10',
        },
        {"file": "none", "status": 200, "query": None},
    ]
    (tmp_path / "index.json").write_text(json.dumps(index), encoding="utf-8")
    for name in "abc":
        (tmp_path / f"{name}.xml").write_text(name, encoding="utf-8")
    with RecordedArxiv(tmp_path) as recorded:
        assert ask(recorded, search_query="x", max_results=5).text == "a"
        refused = ask(recorded, id_list="abc")
        assert (refused.status_code, refused.text) == (400, "b")
        quoted = ask(recorded, search_query='all:"a b" OR all:c', sortBy="submittedDate")
        assert quoted.text == "c"
        assert ask(recorded, search_query="y").status_code == 404


def outline(element: etree._Element) -> list[tuple[object, ...]]:
    """Names, attribute names and children of an element, in order, repetitions once."""
    found: list[tuple[object, ...]] = []
    for child in element.iterchildren("*"):
        title = child.get("title") if child.tag == f"{ATOM}link" else None
        attributes = tuple(child.attrib) if child.tag != f"{ATOM}entry" else ()
        inner = outline(child) if child.tag == f"{ATOM}author" else []
        line = (child.tag, title, attributes, *inner)
        if child.tag != f"{ATOM}entry" and line not in found:
            found.append(line)
    return found


def in_order(part: list[tuple[object, ...]], whole: list[tuple[object, ...]]) -> bool:
    """Whether `part` is `whole` with elements left out."""
    rest = iter(whole)
    return all(line in rest for line in part)


@pytest.mark.parametrize("generation", ["since 2025", "before 2025"])
def test_answers_have_the_structure_of_recorded_ones(generation: Generation) -> None:
    folder = os.environ.get("DAILY_PAPERS_ARXIV_RECORDINGS")
    if not folder:
        pytest.skip("DAILY_PAPERS_ARXIV_RECORDINGS names no folder")
    index = json.loads((Path(folder) / "index.json").read_text(encoding="utf-8"))
    ours = etree.fromstring(full_feed(generation))
    our_entry = ours.find(f"{ATOM}entry")
    assert our_entry is not None
    seen: Counter[str] = Counter()
    for item in index:
        if item["generation"] != generation or item["status"] != 200:
            continue
        body = (Path(folder) / item["file"]).read_bytes()
        root = etree.fromstring(body)
        assert outline(root) == outline(ours), item["file"]
        assert root.nsmap == ours.nsmap
        assert body.splitlines()[0] == full_feed(generation).splitlines()[0]
        for entry in root.iterfind(f"{ATOM}entry"):
            assert in_order(single_author(entry), single_author(our_entry)), item["file"]
            seen["entries"] += 1
    assert seen["entries"] > 40


def single_author(entry: etree._Element) -> list[tuple[object, ...]]:
    """The outline of an entry, with authors shown by their names only."""
    lines = [line[:3] for line in outline(entry)]
    return list(dict.fromkeys(lines))


def test_error_entries_have_the_structure_of_recorded_ones(arxiv: ArxivStandIn) -> None:
    folder = os.environ.get("DAILY_PAPERS_ARXIV_RECORDINGS")
    if not folder:
        pytest.skip("DAILY_PAPERS_ARXIV_RECORDINGS names no folder")
    recorded = (Path(folder) / "id_abc_s0_m100.xml").read_bytes()
    ours = ask(arxiv, id_list="abc").content
    assert re.sub(rb"<updated>.*?<", b"<updated><", ours) == re.sub(
        rb"<updated>.*?<", b"<updated><", recorded
    )


def test_a_recorded_question_is_echoed_as_arxiv_echoed_it(arxiv: ArxivStandIn) -> None:
    folder = os.environ.get("DAILY_PAPERS_ARXIV_RECORDINGS")
    if not folder:
        pytest.skip("DAILY_PAPERS_ARXIV_RECORDINGS names no folder")
    index = json.loads((Path(folder) / "index.json").read_text(encoding="utf-8"))
    for item in index:
        if item["generation"] != "since 2025" or item["status"] != 200:
            continue
        recorded = etree.fromstring((Path(folder) / item["file"]).read_bytes())
        question = re.sub("^arXiv Query: ", "", item["query"])
        ours = feed(arxiv, **dict(parse_qsl(question.replace(" ", "+"), keep_blank_values=True)))
        for path in (f"{ATOM}title", f"{ATOM}id"):
            assert ours.findtext(path) == recorded.findtext(path)
        ours_link, link = ours.find(f"{ATOM}link"), recorded.find(f"{ATOM}link")
        assert ours_link is not None
        assert link is not None
        assert dict(ours_link.attrib) == dict(link.attrib)
