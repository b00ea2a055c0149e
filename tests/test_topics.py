from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.topics.lines import Topic, parse_topics
from daily_papers.topics.parser import parse


def asked(line: str) -> str:
    (topic,) = parse_topics(line)
    return topic.query.to_arxiv()


def test_several_words_are_looked_for_in_title_or_abstract() -> None:
    assert asked("Graph Neural Networks") == (
        '(ti:"Graph Neural Networks" OR abs:"Graph Neural Networks")'
    )


def test_one_word_must_stand_in_title_and_abstract() -> None:
    assert asked("Recommendation") == '(ti:"Recommendation" AND abs:"Recommendation")'


def test_lines_are_topics_in_their_order() -> None:
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
def test_a_colon_with_white_space_behind_it_ends_the_heading(
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
        ("图", 1, "a word to search for"),
    ],
)
def test_a_line_that_surprises_is_refused(line: str, column: int, expected: str) -> None:
    with pytest.raises(ValueError, match=f"line 2, column {column}: expected {expected}"):
        parse_topics(f"Graphs of the World\n{line}")


def test_every_mistake_is_told_with_its_line() -> None:
    with pytest.raises(ValueError, match="'GRAPHS' stands in line 1 already") as caught:
        parse_topics("graphs\nGRAPHS\n!\ntrees: (")
    assert [line.split(",")[0] for line in str(caught.value).split("\n")[::3]] == [
        "line 2",
        "line 3",
        "line 4",
    ]


@given(st.text() | st.lists(st.sampled_from([*'ab:#"(*\n ', "ti:", " OR ", "："])).map("".join))
def test_every_text_is_topics_or_a_mistake_with_its_line(text: str) -> None:
    said = [line for line in text.split("\n") if line.strip() and not line.strip().startswith("#")]
    problem = ""
    try:
        topics = parse_topics(text)
    except ValueError as error:
        problem = str(error)
    assert problem.startswith("line ") if problem else len(topics) == len(said)
