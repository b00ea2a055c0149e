from __future__ import annotations

import gzip
import json
import os
import re
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from daily_papers.papers import Paper
from daily_papers.topics import analyzer
from daily_papers.topics.lines import parse_categories, parse_exclude, parse_topics
from daily_papers.topics.parser import QuerySyntaxError, parse
from daily_papers.topics.query import (
    And,
    AndNot,
    Or,
    Query,
    Term,
    in_text,
    joined,
    restricted,
)
from daily_papers.topics.search import Field, Indexed
from tests.runner import ROOT
from tests.standins.entry import Author, Entry
from tests.standins.search import Document, parsed
from tests.support import paper

DOCUMENT = (ROOT / "docs/query-language.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
REAL_PAPERS = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")

# --- Papers and queries made by Hypothesis: few words, so that they often meet. ------------------

# fmt: off
VOCABULARY = [
    "graph", "graphs", "Graph's", "networks", "neural", "theory", "theoretical", "topology",
    "topological", "possibly", "possible", "recommender", "Recommendation", "of", "the", "and",
    "as", "is", "self-supervised", "naïve", "naive", "Müller", "muller", "3.5", "GPT-4", "3", "us",
    "x_y", "Ada", "Bob", "Maestro", "del", "Will", "γ-ray", "Γ", "π0", "don't", "v1.2", "Erdős",
    "图", "сети", "1,000", "ﬁne",
]
# fmt: on
CATEGORIES = (
    "cs.LG",
    "cs.CL",
    "stat.ML",
    "hep-th",
    "astro-ph",
    "astro-ph.CO",
    "math.AG",
    "math-ph",
)
ARCHIVES = ("cs", "stat", "astro-ph", "math", "q-bio")

_phrases = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map(" ".join)
_texts = st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join)


@st.composite
def _documents(draw: st.DrawFn) -> tuple[Paper, Entry]:
    """Draws a paper, as the program and as the stand-in know it."""
    moment = datetime(2025, 9, 1, tzinfo=UTC)
    categories = tuple(draw(st.lists(st.sampled_from(CATEGORIES), min_size=1, unique=True)))
    names = tuple(draw(st.lists(_phrases, min_size=1, max_size=3)))
    shared: dict[str, Any] = {
        "arxiv_id": "2509.00001",
        "version": draw(st.integers(1, 3)),
        "title": draw(_texts),
        "summary": draw(_texts),
        "comment": draw(st.none() | _texts),
        "journal_ref": draw(st.none() | _texts),
        "doi": draw(st.sampled_from([None, "10.1000/Ada"])),
        "primary_category": categories[0],
        "categories": categories,
        "published": moment,
        "updated": moment,
    }
    entry = Entry(**shared, authors=tuple(Author(name=name) for name in names))
    return Paper(**shared, authors=names), entry


def _maybe_term(field: Field, phrase: str) -> Term | None:
    try:
        return Term(field, phrase)
    except ValueError:
        return None


_texts_anywhere = st.sampled_from([field for field in get_args(Field) if field != "cat"])
_exact = st.sampled_from(["cs.LG", "2509.00001", "2509.00001v2", "10.1000/Ada"])
_terms: st.SearchStrategy[Any] = (
    st.builds(_maybe_term, _texts_anywhere, _phrases).filter(bool)
    | st.builds(Term, st.just("cat"), st.sampled_from(CATEGORIES + ARCHIVES))
    | st.builds(Term, st.just("all"), _exact)
)


def _operations(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(AndNot, parts, parts)


queries: st.SearchStrategy[Any] = st.recursive(_terms, _operations, max_leaves=8)


# --- Properties ----------------------------------------------------------------------------------


@given(queries)
def test_a_printed_query_is_parsed_to_the_same_tree(query: Query) -> None:
    assert parse(str(query)) == query


@pytest.mark.parametrize(
    "text", ['ti:"graph"', "cat:cs.LG", '(ti:"a1" OR cat:cs) ANDNOT (au:"b1" AND cat:stat.ML)']
)
def test_a_query_is_printed_as_it_would_be_written(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize("quoted", ['"{}"', "“{}”", "„{}“"])
@pytest.mark.parametrize("field, phrase", [("ti", "graph theory"), ("cat", "cs.LG")])
def test_quotes_around_a_phrase_do_not_count(field: Field, phrase: str, quoted: str) -> None:
    assert Term(field, quoted.format(phrase)) == Term(field, phrase)


@given(queries)
def test_only_an_operation_within_another_is_printed_in_parentheses(query: Query) -> None:
    def inner(one: Query) -> int:
        match one:
            case And() | Or():
                parts = one.parts
            case AndNot():
                parts = (one.wanted, one.unwanted)
            case _:
                return 0
        return sum(1 + inner(part) for part in parts if not isinstance(part, Term))

    assert re.sub(r'"[^"]*"', "", str(query)).count("(") == inner(query)


@given(st.sampled_from(get_args(Field)), st.text())
def test_any_printed_phrase_is_parsed_to_the_same_phrase(field: Field, phrase: str) -> None:
    term = _maybe_term(field, phrase)
    assume(term)
    assert parse(str(term)) == term


@given(queries, st.lists(_documents(), min_size=1, max_size=5))
def test_a_paper_matches_if_the_arxiv_stand_in_finds_it(
    query: Query, documents: list[tuple[Paper, Entry]]
) -> None:
    node = parsed(query.to_arxiv())
    found = [Document(entry).matches(node) for _, entry in documents]
    assert [query.matches(paper) for paper, _ in documents] == found


@given(queries)
def test_arxiv_never_repairs_our_queries(query: Query) -> None:
    asked = query.to_arxiv()
    without_phrases = re.sub(r'"[^"]*"', '""', asked)
    term = r'(?:(?:ti|abs|au|co|jr|all):""|cat:[a-z-]+(?:\.[A-Za-z*-]+)?)'
    group = rf"\({term}(?: AND {term})+\)|\({term}(?: OR {term})+\)|\({term} ANDNOT {term}\)"
    while without_phrases != (smaller := re.sub(group, 'ti:""', without_phrases)):
        without_phrases = smaller
    assert re.fullmatch(term, without_phrases)


@given(
    st.lists(
        st.sampled_from([*VOCABULARY, *'()"“:*-,|', "AND", "OR", "NOT", "ANDNOT", "ti:", "cat:"]),
    ).map(" ".join)
    | st.text()
)
def test_every_text_is_a_query_or_an_error_with_its_place(text: str) -> None:
    query, error = _parsed(text)
    if query:
        assert parse(str(query)) == query
    if error:
        assert error.line == 7
        assert 1 <= error.column <= len(text) + 1


def _parsed(text: str) -> tuple[Query | None, QuerySyntaxError | None]:
    try:
        return parse(text, line=7), None
    except QuerySyntaxError as error:
        return None, error


@given(st.text(alphabet=st.characters(exclude_characters="\r\n"), min_size=1))
def test_no_character_of_a_phrase_escapes_its_quotes(phrase: str) -> None:
    term = _maybe_term("ti", phrase)
    assume(term)
    assert term is not None
    assert re.fullmatch(r'ti:"[^"\\\[\]]+"', term.to_arxiv())


@pytest.mark.parametrize("operation", [And, Or])
def test_an_operator_joins_at_least_two_queries(operation: type[And | Or]) -> None:
    (topic,) = parse_topics("Graphs")
    with pytest.raises(ValueError, match=r"^an operation has at least two parts$"):
        operation((topic.query,))
    assert operation((topic.query, topic.query)).parts == (topic.query, topic.query)


def test_deep_parentheses_are_refused_but_many_words_are_not() -> None:
    with pytest.raises(QuerySyntaxError, match="at most 50 parentheses"):
        parse("(" * 5000 + "graph" + ")" * 5000)
    assert parse("NOT " * 5000 + "graph") == in_text("graph")
    many = parse(" OR ".join(["graph"] * 5000))
    assert parse(str(many)) == many


# --- What is meant -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("ti:a1 OR ti:b1 AND ti:c1", "ti:a1 OR (ti:b1 AND ti:c1)"),
        ("ti:a1 AND ti:b1 OR ti:c1", "(ti:a1 AND ti:b1) OR ti:c1"),
        ("ti:a1 AND NOT ti:b1 OR ti:c1", "(ti:a1 ANDNOT ti:b1) OR ti:c1"),
        ("ti:a1 NOT ti:b1 AND ti:c1", "(ti:a1 AND ti:c1) ANDNOT ti:b1"),
        ("NOT ti:b1 AND ti:a1", "ti:a1 ANDNOT ti:b1"),
        ("ti:a1 ANDNOT ti:b1 ANDNOT ti:c1", "ti:a1 ANDNOT (ti:b1 OR ti:c1)"),
        ("ti:a1 AND (NOT ti:b1)", "ti:a1 ANDNOT ti:b1"),
        ("ti:a1 AND NOT (ti:b1 AND NOT ti:c1)", "ti:a1 ANDNOT (ti:b1 ANDNOT ti:c1)"),
        ("NOT NOT ti:a1", "ti:a1"),
        ("ti:a1 ANDNOT NOT ti:b1", "ti:a1 AND ti:b1"),
        ("ti:(a1 OR abs:b1 OR c1 d1)", 'ti:a1 OR abs:b1 OR ti:"c1 d1"'),
        ("ti: graph networks", 'ti:"graph networks"'),
        ("TI:graph", "ti:graph"),
        ("ti:“graph networks”", 'ti:"graph networks"'),
        ("au:del_maestro", 'au:"del maestro"'),
        (
            "cat:CS.lg AND cat:Physics.OPTICS AND cat:cs.*",
            "cat:cs.LG AND cat:physics.optics AND cat:cs",
        ),
        ("graph AND nets", "(ti:graph OR abs:graph) AND (ti:nets OR abs:nets)"),
        ("large language models", 'ti:"large language models" OR abs:"large language models"'),
    ],
)
def test_texts_that_mean_the_same(text: str, expected: str) -> None:
    assert parse(text) == parse(expected)


@pytest.mark.parametrize("text", ["recommendation", '"recommendation"'])
def test_a_single_word_must_be_in_title_and_abstract(text: str) -> None:
    assert parse(text) == And((Term("ti", "recommendation"), Term("abs", "recommendation")))
    (bare,) = parse_topics("recommendation")
    assert parse(text) == bare.query


@pytest.mark.parametrize(
    "text",
    ["Text-to-Speech", "LLM-as-a-Judge", "Chain-of-Thought", "GPT-4", "state-of-the-art", "π-0"],
)
def test_a_hyphenated_phrase_is_several_words(text: str) -> None:
    assert parse(text) == in_text(text)


@pytest.mark.parametrize("text", ["in-context", "The Transformer", "C++", "π0", "CO_2", "v1.2"])
def test_words_are_counted_as_arxiv_searches_them(text: str) -> None:
    assert parse(text) == And((Term("ti", text), Term("abs", text)))


@pytest.mark.parametrize(
    "text, asked",
    [
        ("cat:cmp-lg", "cat:cmp-lg"),
        ("cat:cs", "cat:cs.*"),
        ("cat:hep-th", "cat:hep-th"),
        ("cat:astro-ph", "(cat:astro-ph OR cat:astro-ph.*)"),
        ("cat:cs.LG", "cat:cs.LG"),
        ("ti:graph", 'ti:"graph"'),
        ("ti:a1 OR ti:b1 NOT ti:c1", '(ti:"a1" OR (ti:"b1" ANDNOT ti:"c1"))'),
        (
            'ti:"lastUpdatedDate:[2020 TO 2021]" OR ti:x',
            '(ti:"lastUpdatedDate: 2020 TO 2021" OR ti:"x")',
        ),
    ],
)
def test_a_query_compiles_to_what_arxiv_reads(text: str, asked: str) -> None:
    assert parse(text).to_arxiv() == asked


@pytest.mark.parametrize(
    "text, place, expected",
    [
        ("", 1, "a word, a phrase in quotes, a field or an opening parenthesis"),
        ("graph AND", 10, "a word, a phrase in quotes, a field or an opening parenthesis"),
        ("graph AND OR trees", 11, "a word, a phrase in quotes, a field or an opening"),
        ("ANDNOT graph", 1, "a word, a phrase in quotes, a field or an opening parenthesis"),
        ("()", 2, "a word, a phrase in quotes, a field or an opening parenthesis"),
        ("(graph", 7, "AND, OR, NOT or a closing parenthesis"),
        ("graph)", 6, "an opening parenthesis before this closing one"),
        ('graph OR "neural', 10, "a second quote that ends the phrase"),
        ('graph "neural net"', 7, "AND, OR, NOT or the end of the line"),
        ('"graph" or "net"', 9, "OR in capitals"),
        ("graph or net", 7, "OR in capitals, or quotes around the phrase that has `or`"),
        ("graph | net", 7, "OR in place of `|`, or quotes around the phrase"),
        ("graph, net", 1, "OR in place of `,`, or quotes around the phrase"),
        ("graph -survey", 7, "NOT in place of `-`, or quotes around the phrase"),
        ("graph*", 1, "no `*`, because arXiv finds all forms of a word without it; or quotes"),
        ("title:graph", 1, "`ti:` in place of `title:`"),
        ("graph AND foo:bar", 11, "one of the fields ti abs au cat co jr all before the colon"),
        ("ti:the", 4, "a word to search for: letters or digits, not only words like"),
        ("ti:→", 4, "a word to search for: letters or digits"),
        ("x1 AND cs.LG", 8, "`cat:cs.LG` for a category, or quotes around a phrase"),
        ("hep-th OR x1", 1, "`cat:hep-th` for a category, or quotes around a phrase"),
        (
            "cat:cs.LGG",
            5,
            "an archive or a category of arXiv, as in cs or stat.ML; did you mean cs.LG?",
        ),
        ("x1 OR a|b", 7, "OR in place of `|`, or quotes around the phrase"),
        ("（x1 OR b1） AND c1", 1, "( in place of `（`, or quotes around the phrase"),
        ("graph,net", 1, "OR in place of `,`, or quotes around the phrase"),
        ("graph~2", 1, "no `~2`: arXiv finds all forms of a word without it"),
        ("x1 # mine", 4, "a comment on a line of its own, or quotes around the phrase"),
        ("cat:machine_learning", 5, "an archive or a category of arXiv, as in cs or stat.ML"),
        ("NOT graph", 1, "something to look for as well, because NOT only takes away from it"),
        ("NOT graph AND NOT net", 1, "something to look for as well, because NOT only takes away"),
        ("graph OR NOT net", 10, "no NOT on a side of OR, because nearly every paper matches that"),
        ("x1 AND (NOT b1 OR c1)", 9, "no NOT on a side of OR"),
    ],
)
def test_a_mistake_is_reported_with_its_place(text: str, place: int, expected: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text, line=3)
    error = caught.value
    assert (error.line, error.column) == (3, place)
    assert error.expected.startswith(expected)
    first, shown, caret = str(error).split("\n")[:3]
    assert first == f"line 3, column {place}: expected {error.expected}"
    assert shown == f"    {text}".rstrip() or not text
    assert caret == " " * (place + 3) + "^"


@pytest.mark.parametrize("name,suggestion", [("cs.LGG", "; did you mean cs.LG?"), ("0815", "")])
def test_a_category_is_suggested_where_one_is_near(name: str, suggestion: str) -> None:
    with pytest.raises(ValueError, match=r"an archive or a category of arXiv") as caught:
        Term("cat", name)
    assert str(caught.value).endswith(f"as in cs or stat.ML{suggestion}")


def test_the_caret_is_below_its_place_after_wide_letters_and_tabs() -> None:
    with pytest.raises(ValueError, match=r"\n    图\t：a b\)\n    \u3000\t\u3000   \^$"):
        parse_topics("图\t：a b)")


# --- Matching ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, found",
    [
        ("ti:graphs", True),
        ("ti:networks", False),
        ("abs:networks", True),
        ("networks", False),
        ("networks OR xyz", True),
        ("co:pages", True),
        ("jr:nature", False),
        ('au:"Del Maestro"', True),
        ('au:"Maestro, Adrian"', True),
        ('au:"Adrian Maestro"', False),
        ('au:"Maestro Ada"', False),
        ("au:stemming", False),
        ("cat:stat", True),
        ("cat:econ", False),
        ("cat:cs.CL", False),
        ("all:noether AND all:cs.LG AND all:2509.00001v2", True),
        ('all:"graphs we"', False),
    ],
)
def test_each_field_is_searched(text: str, *, found: bool) -> None:
    some = paper(
        version=2,
        title="A Study of Graphs",
        summary="We study networks.",
        authors=("Adrian Del Maestro", "Emmy Noether", "A. Stem"),
    )
    assert parse(text).matches(some) is found
    assert parse(text).matches(Indexed(some)) is found


def test_each_text_is_tokenized_once(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    stems = analyzer.stems

    def taken_apart(text: str) -> list[str]:
        taken.append(text)
        return stems(text)

    monkeypatch.setattr(analyzer, "stems", taken_apart)
    some = Indexed(paper(title="Some title", summary="Some abstract"))
    for number in range(50):
        parse(f"word{number} OR number {number}").matches(some)
    assert taken.count("Some title") == taken.count("Some abstract") == 1


# --- Categories and exclusions -------------------------------------------------------------------


def test_restrictions_become_part_of_the_query() -> None:
    asked = restricted(Term("ti", "graph"), ["cs", "stat.ML"], ["survey", "a review"]).to_arxiv()
    assert asked == (
        '((ti:"graph" AND (cat:cs.* OR cat:stat.ML)) ANDNOT '
        '((ti:"survey" OR abs:"survey") OR (ti:"a review" OR abs:"a review")))'
    )


def test_without_restrictions_a_query_stays_as_it_is() -> None:
    query = parse("graph OR trees")
    assert restricted(query, [], []) is query


@given(queries, _documents(), st.lists(st.sampled_from(CATEGORIES + ARCHIVES)), st.lists(_phrases))
def test_a_restricted_query_matches_what_is_left(
    query: Query, document: tuple[Paper, Entry], categories: list[str], exclude: list[str]
) -> None:
    assume(all(_maybe_term("ti", phrase) for phrase in exclude))
    some, _ = document
    expected = (
        query.matches(some)
        and (not categories or any(Term("cat", name).matches(some) for name in categories))
        and not any(in_text(phrase).matches(some) for phrase in exclude)
    )
    assert restricted(query, categories, exclude).matches(some) == expected


@given(
    st.lists(queries, min_size=1, max_size=4),
    _documents(),
    st.lists(st.sampled_from(CATEGORIES), max_size=2),
    st.lists(st.sampled_from(["graph", "Ada"]), max_size=2),
)
def test_joined_queries_match_if_one_of_them_does(
    found: list[Query], document: tuple[Paper, Entry], categories: list[str], exclude: list[str]
) -> None:
    some, entry = document
    alike = [restricted(query, categories, exclude) for query in found]
    one = joined(alike)
    expected = any(query.matches(some) for query in alike)
    assert one.matches(some) == expected
    assert Document(entry).matches(parsed(one.to_arxiv())) == expected
    assert one.size <= sum(query.size for query in alike)


def test_joined_queries_have_shared_restrictions_once() -> None:
    topics = [restricted(parse(text), ["cs"], ["survey"]) for text in ("graphs OR sea", "time")]
    assert joined(topics) == restricted(
        Or((parse("graphs OR sea"), parse("time"))), ["cs"], ["survey"]
    )
    assert joined(topics[:1]) is topics[0]
    assert joined([topics[0], topics[0]]) is topics[0]


def test_categories_are_read_from_commas_spaces_and_lines() -> None:
    assert parse_categories("cs, stat.ml\nhep-th  cs,") == ("cs", "stat.ML", "hep-th")
    with pytest.raises(ValueError, match=r"^'c\+\+' is not an archive or a category "):
        parse_categories("cs c++")


def test_excluded_phrases_are_read_from_commas_and_lines() -> None:
    assert parse_exclude("# not these\nsurvey\n\n  a   review\r\n") == ("survey", "a review")
    assert parse_exclude('survey, review\n"a, b", 1,000 genomes,') == (
        "survey",
        "review",
        '"a, b"',
        "1,000 genomes",
    )
    with pytest.raises(ValueError, match=r"line 1, column 7: .*\n.*\n.*\nline 2, column 1:"):
        parse_exclude("a1, ti:survey\nthe")


# --- Real papers and the documentation -----------------------------------------------------------


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
def test_every_real_paper_matches_its_topic() -> None:
    """All were found by arXiv for one of three topics."""
    topics = parse_topics("Time Series\nTrajectory\nGraph Neural Networks")
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    lost = []
    for entry in entries:
        some = Indexed(
            paper(title=entry["title"], summary=entry["summary"], comment=entry["comment"])
        )
        if not any(topic.query.matches(some) for topic in topics):
            lost.append(entry["id"])
    assert len(entries) > 10_000
    # Its title had lost the word since the day before: the index still held the old one.
    assert lost == ["2403.14589v3"]


EXAMPLES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "Recommendation": (
        [{"title": "A Recommender", "summary": "It recommends."}],
        [{"title": "A Recommender", "summary": "It ranks."}],
    ),
    'RAG: "retrieval-augmented generation" OR ti:RAG': (
        [{"summary": "On Retrieval Augmented Generation."}, {"title": "Better RAG"}],
        [{"summary": "We use RAG."}, {"title": "Retrieval for generation"}],
    ),
    'Agents: "language agent" OR (ti:"tool use" AND NOT survey)': (
        [{"summary": "Language agents plan."}, {"title": "Tool use, a survey of language agents"}],
        [{"title": "Tool Use", "summary": "A survey."}, {"summary": "We study tool use."}],
    ),
    "Weather: cat:(cs OR stat.ML) AND weather forecasting NOT co:workshop": (
        [{"title": "Weather Forecasts", "categories": ("physics.ao-ph", "cs.CV")}],
        [
            {"title": "Weather Forecasting", "categories": ("physics.ao-ph",)},
            {"title": "Weather Forecasting", "comment": "Accepted at a workshop"},
            {"title": "Weather", "summary": "Forecasting."},
        ],
    ),
    'Our group: au:("Ada Lovelace" OR "Emmy Noether") NOT ti:(reply OR erratum)': (
        [{"authors": ("Grace Hopper", "Emmy Noether")}, {"authors": ("Ada Lovelace",)}],
        [{"authors": ("Ada Noether",)}, {"authors": ("Ada Lovelace",), "title": "Erratum"}],
    ),
}


def test_the_readme_shows_these_examples() -> None:
    topics = README.split("\n## Topics\n")[1].split("\n## ")[0]
    shown = re.findall(r"(?m)^\| `([^`]+)` \|", topics)
    assert shown == list(EXAMPLES)


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_of_the_readme_finds_what_it_says(line: str) -> None:
    (topic,) = parse_topics(line)
    found, left_out = EXAMPLES[line]
    for expected, papers in ((True, found), (False, left_out)):
        for changes in papers:
            assert topic.query.matches(paper(**changes)) is expected, changes


@pytest.mark.parametrize(
    "number, lines",
    [
        (0, "# my topics\nAgents: tools or agents"),
        (1, "Graph Neural Networks, Time Series"),
    ],
)
def test_an_error_of_the_document_is_what_a_user_sees(number: int, lines: str) -> None:
    shown = re.findall(r"```text\n(.+?)\n```", DOCUMENT, re.DOTALL)
    with pytest.raises(ValueError, match=f"^{re.escape(shown[number])}$"):
        parse_topics(lines)
