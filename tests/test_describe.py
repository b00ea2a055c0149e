from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.topics.describe import described, remarks, search_link
from daily_papers.topics.lines import Topic, parse_topics
from daily_papers.topics.parser import parse
from daily_papers.topics.query import Query, Term, all_of, any_of, restricted
from tests.standins.entry import Author, Entry
from tests.standins.search import Document, Operation, parsed
from tests.standins.search import Term as Asked
from tests.support import paper
from tests.test_query import queries


@pytest.mark.parametrize(
    "text, expected",
    [
        ("graph nets", "“graph nets” in the title or abstract"),
        ("recommendation", "“recommendation” in both the title and the abstract"),
        ("ti:a1 AND abs:b1", "“a1” in the title and “b1” in the abstract"),
        (
            "x1 OR (ti:y1 AND NOT z1)",
            (
                "“x1” in the title or abstract or (“y1” in the title, but not “z1” in the title or "
                "abstract)"
            ),
        ),
        ("cat:cs.LG", "in the category cs.LG (Machine Learning)"),
        ("cat:cs", "in the archive cs (Computer Science)"),
        ('au:"Ada Lovelace"', "by an author called “Ada Lovelace”"),
        ("co:x1 OR jr:y1", "“x1” in the comment or “y1” in the journal reference"),
        ("all:x1", "“x1” anywhere"),
    ],
)
def test_a_query_is_said_in_words(text: str, expected: str) -> None:
    assert described(parse(text)) == expected


@given(queries)
def test_every_query_is_said_with_all_its_phrases(query: Query) -> None:
    said = described(query)
    assert all(term in said for term in _phrases(query))


def _phrases(query: Query) -> list[str]:
    if isinstance(query, Term):
        return [query.phrase]
    return [found for part in _parts(query) for found in _phrases(part)]


def _parts(query: Query) -> list[Query]:
    return [*getattr(query, "parts", ())] or [query.wanted, query.unwanted]  # type: ignore[attr-defined]


# --- The link, read as arXiv's form is -----------------------------------------------------------

FIELDS = {
    "title": "ti",
    "abstract": "abs",
    "author": "au",
    "comments": "co",
    "journal_ref": "jr",
    "all": "all",
}


def _form(link: str) -> tuple[Asked | Operation, list[str]]:
    """Reads the form's rows: NOT goes before AND, AND before OR, each from left to right."""
    form = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    count = sum(name.endswith("-term") for name in form)
    rows: list[tuple[str, Asked | Operation]] = [
        (
            form[f"terms-{row}-operator"],
            Asked(
                FIELDS[form[f"terms-{row}-field"]],
                form[f"terms-{row}-term"].strip('"'),
                quoted=True,
            ),
        )
        for row in range(count)
    ]
    for operator in ("NOT", "AND", "OR"):
        place = 1
        while place < len(rows):
            if rows[place][0] == operator:
                (before, left), (_, right) = rows[place - 1 : place + 1]
                name = "ANDNOT" if operator == "NOT" else operator
                rows[place - 1 : place + 1] = [(before, Operation(name, left, right))]
            else:
                place += 1
    ((_, tree),) = rows
    boxes = [name for name in form if name.startswith("classification-") and form[name] == "y"]
    return tree, [name.removeprefix("classification-") for name in boxes]


_TERMS = st.builds(
    Term, st.sampled_from(["ti", "abs", "au", "co", "jr"]), st.sampled_from(["a1", "b1", "c1 d1"])
)
_QUERIES = st.recursive(
    _TERMS,
    lambda parts: (
        st.lists(parts, min_size=1, max_size=3).map(all_of)
        | st.lists(parts, min_size=1, max_size=3).map(any_of)
        | st.builds(lambda one, others: parse(f"({one}) ANDNOT ({any_of(others)})"), parts,
                    st.lists(_TERMS, min_size=1, max_size=2))
    ),
    max_leaves=6,
)  # fmt: skip
_WORDS = st.lists(st.sampled_from(["a1", "b1", "c1 d1", "x1"]), max_size=3).map(" ".join)


@given(_QUERIES, st.lists(st.tuples(_WORDS, _WORDS, _WORDS, _WORDS), min_size=1, max_size=4))
def test_the_page_of_the_link_shows_what_the_query_matches(
    query: Query, texts: list[tuple[str, str, str, str]]
) -> None:
    link = search_link(query)
    if not link.startswith("https://arxiv.org/search/advanced?"):
        assert query.size > 4
        return
    tree, boxes = _form(link)
    assert boxes == []
    node = parsed(query.to_arxiv())
    for title, summary, comment, name in texts:
        document = Document(_entry(title, summary, comment, name))
        assert document.matches(tree) == document.matches(node)


def _entry(title: str, summary: str, comment: str, name: str) -> Entry:
    some = paper()
    return Entry(
        arxiv_id=some.arxiv_id,
        version=1,
        title=title,
        summary=summary,
        comment=comment,
        journal_ref=None,
        doi=None,
        primary_category="cs.LG",
        categories=("cs.LG",),
        published=some.published,
        updated=some.updated,
        authors=(Author(name=name),),
    )


def test_archives_are_boxes_of_the_form() -> None:
    _, boxes = _form(search_link(restricted(parse("graph nets"), ["cs", "stat"], ["survey"])))
    assert boxes == ["computer_science", "statistics"]


@pytest.mark.parametrize(
    "text", ["cat:cs.LG", "graph AND cat:cs.LG", " OR ".join(f"ti:x{n}" for n in range(30))]
)
def test_what_the_form_cannot_express_is_a_link_to_the_api(text: str) -> None:
    link = search_link(parse(text))
    assert link.startswith("https://export.arxiv.org/api/query?")
    assert parse_qs(urlsplit(link).query)["search_query"] == [parse(text).to_arxiv()]


# --- Remarks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line, expected",
    [
        ("Graph Neural Networks", []),
        ("Text-to-Speech", ["In “Text-to-Speech”, any word may take the place of “to”."]),
        ("Schrödinger equation", []),
        ("γ-ray burst", []),
        ("X: graph AND tree", []),
        ('RAG: "retrieval-augmented generation" OR ti:RAG', []),
        (
            "BERT: pretraining method",
            [
                (
                    "The heading “BERT” is not searched: only “pretraining method” is. To ask for "
                    "both, write AND or OR between them after the colon."
                )
            ],
        ),
        (
            "Recommendation",
            [
                (
                    "“Recommendation” counts as a single word, so it must be in the title and in "
                    "the abstract. To find it in either, write `Recommendation: "
                    'ti:"Recommendation" OR abs:"Recommendation"`.'
                )
            ],
        ),
        (
            "Old: cat:cmp-lg",
            ["The archive cmp-lg was closed in the 1990s; its subject is now cs.CL."],
        ),
    ],
)
def test_what_a_careful_person_says(line: str, expected: list[str]) -> None:
    (topic,) = parse_topics(line)
    assert remarks(topic) == expected


@pytest.mark.parametrize(
    "line, part",
    [
        ("Graphische Neuronale Netze für Überwachung", "looks like another language (“für”)"),
        ("Réseaux de neurones pour les graphes", "looks like another language"),
        ("图神经网络", "is not in Latin letters"),
        ("Нейронные сети", "is not in Latin letters"),
        ("search and rescue", "is one phrase. If its parts may be anywhere"),
        ("Trust & Safety", "is one phrase. If its parts may be anywhere"),
        ("a1 b1 c1 d1 e1 f1 g1", "its 7 words are side by side"),
        ("graph* network", "arXiv ignores the `*`"),
        ("`Graph Nets`", "arXiv does not see the marks"),
        ("Graph Nets,", "arXiv does not see the marks"),
        ("learning", "is in very many papers"),
    ],
)
def test_what_may_not_be_meant_is_said(line: str, part: str) -> None:
    (topic,) = parse_topics(line)
    assert any(part in remark for remark in remarks(topic))
    assert described(topic.query)


@given(queries, st.text(max_size=20))
def test_every_topic_may_be_remarked_on(query: Query, heading: str) -> None:
    assert all(remark.endswith(".") for remark in remarks(Topic(heading=heading, query=query)))
