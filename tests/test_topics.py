from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.topics import parse_topics


def query(line: str) -> str:
    (topic,) = parse_topics(line)
    return topic.query.to_arxiv()


def test_several_words_are_looked_for_in_title_or_abstract() -> None:
    assert query("Graph Neural Networks") == (
        '(ti:"Graph Neural Networks" OR abs:"Graph Neural Networks")'
    )


def test_one_word_must_stand_in_title_and_abstract() -> None:
    assert query("Recommendation") == '(ti:"Recommendation" AND abs:"Recommendation")'


def test_lines_are_topics_in_their_order() -> None:
    topics = parse_topics("\n# mine\n  Time   Series \r\n\nTrajectory\n   # theirs\n")
    assert [topic.heading for topic in topics] == ["Time Series", "Trajectory"]


def test_every_mistake_is_told_with_its_line() -> None:
    with pytest.raises(ValueError, match=r"line 2: 'GRAPHS' .* line 1 already; line 3: '!'"):
        parse_topics("graphs\nGRAPHS\n!")


@given(st.text(alphabet=st.characters(exclude_characters="\r\n"), min_size=1))
def test_no_character_of_a_phrase_gets_out_of_its_quotes(phrase: str) -> None:
    heading = " ".join(phrase.split())
    if heading.startswith("#") or not any(map(str.isalnum, heading)):
        return
    arxiv_query = query(phrase)
    assert arxiv_query.count('"') == 4
    assert "\\" not in arxiv_query
    inside = arxiv_query.split('"')[1]
    assert inside == " ".join(heading.replace('"', " ").replace("\\", " ").split())
