from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daily_papers.answers import Answer
from daily_papers.memory.merge import merge
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import SortBy
from daily_papers.topics.lines import Topic, parse_exclude, parse_topics
from daily_papers.topics.parser import parse
from daily_papers.topics.query import And, Term
from tests.support import NOW, paper


def asked(line: str) -> str:
    (topic,) = parse_topics(line)
    return topic.query.to_arxiv()


def test_several_words_are_looked_for_in_title_or_abstract() -> None:
    assert asked("Graph Neural Networks") == (
        '(ti:"Graph Neural Networks" OR abs:"Graph Neural Networks")'
    )


def test_one_word_must_be_in_title_and_abstract() -> None:
    assert asked("Recommendation") == '(ti:"Recommendation" AND abs:"Recommendation")'


def test_lines_are_topics_in_order() -> None:
    topics = parse_topics("\n# mine\n  Time   Series \r\n\nTrajectory\n   # theirs\n")
    assert [topic.heading for topic in topics] == ["Time Series", "Trajectory"]


@pytest.mark.parametrize(
    "line, heading, query",
    [
        ("LLM: reasoning", "LLM", "reasoning"),
        ("  My   LLMs :\tti:reasoning\r", "My LLMs", "ti:reasoning"),
        ("图神经网络：graph nets", "图神经网络", "graph nets"),
        ('Talk: ti:"a: b1"', "Talk", 'ti:"a: b1"'),
        ('"a: b" talk: ti:x', '"a: b" talk', "ti:x"),
        ("A OR B: ti:x", "A OR B", "ti:x"),
        ("Ratio 3:1", "Ratio 3:1", '"Ratio 3:1"'),
        ('"Attention: a survey"', '"Attention: a survey"', '"Attention: a survey"'),
        ("theory and practice", "theory and practice", '"theory and practice"'),
    ],
)
def test_a_colon_with_white_space_after_it_ends_the_heading(
    line: str, heading: str, query: str
) -> None:
    assert parse_topics(line) == (Topic(heading=heading, query=parse(query)),)


@pytest.mark.parametrize(
    "line, column, expected",
    [
        ("LLMs :ti:x", 6, "a heading and a colon before a query"),
        ("ti:graphs", 3, 'a heading and a colon before a query, as in `Tools: ti:"tool use"`'),
        ("NLP:transformers", 4, "a heading and a colon before a query"),
        ("graphs OR trees", 8, "a heading and a colon before a query"),
        ("ti: graphs", 1, "a heading before the field"),
        ("(ti:graphs OR abs: trees)", 1, "a heading before the field"),
        (": graphs", 1, "a heading before the colon"),
        ("Graphs:", 8, "a word, a phrase in quotes, a field or an opening parenthesis"),
        ("Graphs: (ti:x", 14, "AND, OR, NOT or a closing parenthesis"),
        ("  !", 3, "a word to search for"),
        ("→", 1, "a word to search for"),
    ],
)
def test_a_line_that_surprises_is_refused(line: str, column: int, expected: str) -> None:
    with pytest.raises(ValueError, match=f"line 2, column {column}: expected {expected}"):
        parse_topics(f"Graphs of the World\n{line}")


def test_every_mistake_is_reported_with_its_line() -> None:
    with pytest.raises(ValueError, match="'GRAPHS' is in line 1 already") as caught:
        parse_topics("graphs\nGRAPHS\n!\ntrees: (")
    assert [line.split(",")[0] for line in str(caught.value).split("\n")[::3]] == [
        "line 2",
        "line 3",
        "line 4",
    ]


_fragments = st.sampled_from(
    [
        *"ab1:#\"(*\n ,;|&-+~^[]<>'/",
        "ti:",
        " OR ",
        " or ",
        "：",
        "，",
        "“",
        "cs.LG",
        "- ",
        "1. ",
        "RAG: ",
    ]
)

# What newcomers wrote, where the mistake shows, and what they should write.
SLIPS: dict[str, tuple[int, list[str]]] = {
    '["Graph Nets","Time Series"]': (1, ["Graph Nets", "Time Series"]),
    "  ['Graph Nets', 'Time Series'],": (3, ["Graph Nets", "Time Series"]),
    "[Graph Nets, Time Series]": (1, ["Graph Nets", "Time Series"]),
    '["Graph Nets"]': (1, ["Graph Nets"]),
    "Graph Nets, Time Series": (11, ["Graph Nets", "Time Series", '"Graph Nets, Time Series"']),
    "GNN,Time Series": (4, ["GNN", "Time Series", '"GNN,Time Series"']),
    '"Graph Nets", "Time Series"': (13, ["Graph Nets", "Time Series", '"Graph Nets, Time Series"']),
    "Graph Nets; Time": (11, ["Graph Nets", "Time", '"Graph Nets; Time"']),
    "Graph Nets，Time、Sea": (11, ["Graph Nets", "Time", "Sea", '"Graph Nets，Time、Sea"']),
    "- Graph Nets": (1, ["Graph Nets"]),
    "  * Graphs: ti:graph": (3, ["Graphs: ti:graph"]),
    "+ Graph Nets": (1, ["Graph Nets"]),
    "– Graph Nets": (1, ["Graph Nets"]),
    "1. Graph Nets": (1, ["Graph Nets"]),
    "12) Graph Nets": (1, ["Graph Nets"]),
    "(2) Graph Nets": (1, ["Graph Nets"]),
    "• Graph Nets": (1, ["Graph Nets"]),
    "- [ ] Graph Nets": (1, ["Graph Nets"]),
    '- "Graph Nets"': (1, ['"Graph Nets"']),
    '"graph neural networks': (1, ["graph neural networks"]),
    "graph neural networks”": (22, ["graph neural networks"]),
    '"graph" "tree"': (8, ['My topic: "graph" AND "tree"', 'My topic: "graph" OR "tree"']),
    "graph or time series": (7, ['My topic: graph OR "time series"', '"graph or time series"']),
    "graph -survey -long review": (7, ['My topic: graph NOT survey NOT "long review"']),
    "-survey": (1, ["survey"]),
    "+graph +tree": (1, ["My topic: graph AND tree"]),
    "LLM|large language model": (4, ['My topic: LLM OR "large language model"']),
    "LLM || large language model": (5, ['My topic: LLM OR "large language model"']),
    "graph && tree": (7, ["My topic: graph AND tree"]),
    "graph AND tree": (7, ["My topic: graph AND tree"]),
    "AND": (1, []),
    "cs.LG": (1, ["Machine Learning: cat:cs.LG"]),
    "  Cs.lg": (3, ["Machine Learning: cat:cs.LG"]),
    "cs.CV, stat.ML": (
        1,
        ["Computer Vision and Pattern Recognition: cat:cs.CV", "Machine Learning: cat:stat.ML"],
    ),
    "hep-th": (1, ["High Energy Physics - Theory: cat:hep-th"]),
    "cs.*": (1, ["Computer Science: cat:cs"]),
    "cs.LGG": (1, []),
    "title:graph": (6, ["My topic: ti:graph"]),
    "ti: graph": (1, ["My topic: ti:graph"]),
    "[Graphs](https://example.org)": (1, ["Graphs"]),
    "<b>Graphs</b>": (1, ["Graphs"]),
    "Trust &amp; Safety": (7, ["Trust & Safety"]),
    "graph~2": (6, ["graph"]),
    '"graph nets"~5': (13, ["graph nets"]),
    '"graph nets"^2': (13, ["graph nets"]),
    "graph [2020 TO 2021]": (7, ["graph"]),
    "Graphs # mine": (8, ["Graphs"]),
    "LLM: reasoning RAG: retrieval": (16, ["LLM: reasoning", "RAG: retrieval"]),
}


@pytest.mark.parametrize("line", SLIPS)
def test_a_slip_is_refused_with_the_line_to_write(line: str) -> None:
    place, instead = SLIPS[line]
    with pytest.raises(ValueError, match=rf"^line 1, column {place}: expected ") as caught:
        parse_topics(line)
    _, shown, caret, *rest = str(caught.value).split("\n")
    assert shown == f"    {line}"
    assert caret.endswith("^")
    assert [text.strip() for text in rest] == (
        ["Write instead, as it is meant:", *instead] if instead else []
    )
    for text in instead:
        assert parse_topics(text)


def test_a_mistyped_category_suggests_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"not 'cs.LGG'; did you mean `cat:cs.LG`\?"):
        parse_topics("cs.LGG")


@pytest.mark.parametrize(
    "line",
    [
        "theory and practice",
        "search and rescue",
        '"true or false"',
        '"Attention, Please"',
        "Trust & Safety",
        "AT&T",
        "R&D",
        "TCP/IP",
        "1,000 layers",
        "C*-algebras",
        "x^2",
        "p-adic",
        "Bose - Einstein",
        "Issue #1",
        "[MASK] tokens",
        r"$\beta$-VAE",
        "physics",
        "math",
        "3D vision",
        "2.5D",
        "-40 degrees",
        "Graph Neural Networks,",
        "`Graphs`",
        "Graphische Neuronale Netze für Überwachung",
        "图",
        "~100 qubits",
        "redshift z~7",
        r"Schr\"odinger operators",
        r"Schr\"odinger and H\"older",
        "a < b and c > d",
        "BERT: pretraining",
        "title: graph",
        '5" screens: ti:x',
        "Group: au:Maestro, Adrian",
    ],
)
def test_lines_that_may_be_meant_are_accepted(line: str) -> None:
    (topic,) = parse_topics(line)
    assert topic.heading == line.partition(":")[0].strip()


@pytest.mark.parametrize(
    "family",
    [
        "[", "[a](", "<a", "&a", '"', "' ", "- ", "1. ", "a, ", ", ", "|", "a|", "~",
        "a~1", "#", " #", " or", " or ", "cs.LG ", "cs.", "a: ", ": ", "(", "（", "\t",
        "[1 TO 2", "+a ", " -a", "NOT ", "“", "ti:", "https://", "̈", "图", "_",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{}", "X: {}", "{}x", '"{}"'])
def test_time_grows_with_the_length_of_a_line(family: str, form: str) -> None:
    def seconds(length: int) -> float:
        line = form.format(family * (length // len(family)))
        times = []
        for _ in range(2):
            start = time.process_time()
            with contextlib.suppress(ValueError):
                parse_topics(line)
            with contextlib.suppress(ValueError):
                parse_exclude(line)
            times.append(time.process_time() - start)
        return min(times)

    # Linear is four times as long; quadratic would be sixteen times.
    assert seconds(24_000) < 8 * seconds(6_000) + 0.05


@settings(deadline=None)
@given(st.text() | st.lists(_fragments).map("".join))
def test_every_text_is_topics_or_an_error_with_its_line(text: str) -> None:
    said = [line for line in text.split("\n") if line.strip() and not line.strip().startswith("#")]
    problem = ""
    try:
        topics = parse_topics(text)
    except ValueError as error:
        problem = str(error)
    assert problem.startswith("line ") if problem else len(topics) == len(said)


def test_a_topic_whose_query_an_upgrade_changed_brings_no_news() -> None:
    """`Text-to-Speech` was one word once: what it finds now is told to nobody."""
    (topic,) = parse_topics("Text-to-Speech")
    once = And((Term("ti", "Text-to-Speech"), Term("abs", "Text-to-Speech")))
    known, found = paper("2509.00001"), paper("2509.00002")
    section = Section(
        heading=topic.heading, query=once.to_arxiv(), papers=(known,), is_complete=True
    )
    old = Snapshot(updated=NOW.date(), sections=(section,))
    answer = Answer(papers=(found, known), total=2)
    new, news = merge(
        old, [topic], {topic.heading: answer}, today=NOW.date(), sort_by=SortBy.UPDATED
    )
    assert new.sections[0].papers == (found, known)
    assert news.new_ids == frozenset()
    assert not news.topics[0].revised


@pytest.mark.parametrize(
    "odd", "\u00ad\u061c\u180e\u200e\u200f\u202a\u202c\u2060\u2066\u2069\ufeff"
)
def test_what_nobody_sees_is_no_part_of_a_topic(odd: str) -> None:
    plain = "Graph Networks\nRAG: ti:retrieval NOT survey"
    copied = odd.join(["", *plain, ""])
    assert parse_topics(copied) == parse_topics(plain)
    assert parse_exclude(odd.join(["", *"survey, review", ""])) == ("survey", "review")


def test_a_place_where_a_line_may_end_is_between_two_words() -> None:
    assert parse_topics("Graph\u200bNetworks") == parse_topics("Graph Networks")


def test_a_joiner_stays_in_its_word() -> None:
    (topic,) = parse_topics("نیم\u200cرسانا")
    assert topic.heading == "نیم\u200cرسانا"
