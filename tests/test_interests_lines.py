"""How the lines of the input `interests` are read."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.interests.liked import Liked, arxiv_id, merged
from daily_papers.interests.lines import Interests, Library, parse_interests

# arXiv ids


@pytest.mark.parametrize(
    "text",
    [
        "2401.01234",
        "2401.01234v3",
        "arXiv:2401.01234v1",
        "arXiv: 2401.01234",
        "https://arxiv.org/abs/2401.01234",
        "http://www.arxiv.org/abs/2401.01234v2?context=cs#references",
        "https://arxiv.org/pdf/2401.01234v2.pdf",
        "https://arxiv.org/pdf/2401.01234",
        "https://arxiv.org/html/2401.01234v1/",
        "https://arxiv.org/html/2401.01234v1#S1.p2",
        "https://export.arxiv.org/e-print/2401.01234",
        "de.arxiv.org/abs/2401.01234",
        "https://doi.org/10.48550/arXiv.2401.01234",
        "10.48550/ARXIV.2401.01234",
        "https://ar5iv.labs.arxiv.org/html/2401.01234",
        "https://alphaxiv.org/abs/2401.01234",
        "https://huggingface.co/papers/2401.01234",
    ],
)
def test_every_public_form_of_an_id_is_understood(text: str) -> None:
    assert arxiv_id(text) == "2401.01234"


@pytest.mark.parametrize(
    "text, found",
    [
        ("math/0309136", "math/0309136"),
        ("math.AG/0309136v2", "math/0309136"),
        ("https://arxiv.org/abs/hep-th/9901001", "hep-th/9901001"),
        ("https://arxiv.org/pdf/math/0309136v1.pdf", "math/0309136"),
        ("https://arxiv.org/abs/hep-th%2F9901001", "hep-th/9901001"),
        ("0704.0001", "0704.0001"),
    ],
)
def test_old_ids_are_understood(text: str, found: str) -> None:
    assert arxiv_id(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "2413.01234", "2401.123", "2401.0123456", "2401.01234v0", "2401.01234 x", "10.1000/182",
     "https://example.org/abs/2401.01234", "https://arxiv.org.example.org/abs/2401.01234",
     "https://arxiv.org/list/cs.LG/recent", "٢٤٠١.٠١٢٣٤"],
)  # fmt: skip
def test_nothing_else_is_an_id(text: str) -> None:
    assert arxiv_id(text) is None


# Lines


def test_each_line_is_a_place_where_liked_papers_are() -> None:
    text = """
    # What I work on
    2401.01234            # my favourite
    https://arxiv.org/abs/math/0309136v1

    papers/library.bib
    zotero:users/12345
    zotero:groups/678/collections/ABCD2345
    2401.01234v2
    ticks
    """
    assert parse_interests(text) == Interests(
        papers={"2401.01234": 3, "math/0309136": 4},
        files={"papers/library.bib": 6},
        libraries={
            Library(kind="users", number=12345): 7,
            Library(kind="groups", number=678, collection="ABCD2345"): 8,
        },
        ticks=True,
    )


def test_without_lines_there_are_no_interests() -> None:
    assert not parse_interests("\n  \n# only a comment\n")
    assert parse_interests("Ticks")
    assert parse_interests("2401.01234").ticks


def test_a_library_is_shown_as_it_is_written() -> None:
    for text in ("zotero:users/1", "zotero:groups/22/collections/ABCD2345"):
        (library,) = parse_interests(text).libraries
        assert str(library) == text


@pytest.mark.parametrize("line", ["2413.00001", "2401.123", "arXiv:24010.1234", "math/123456",
                                  "https://arxiv.org/abs/", "doi:10.1000/182"])  # fmt: skip
def test_a_mistyped_id_is_a_warning(line: str) -> None:
    interests = parse_interests(f"2401.01234\n{line}")
    assert list(interests.papers) == ["2401.01234"]
    (warning,) = interests.warnings
    assert "line 2" in warning
    assert line in warning


@pytest.mark.parametrize("number", ["12", "0", "012", "9" * 16, "9" * 17])
@pytest.mark.parametrize(
    "line", ["zotero:users/{}", "zotero:group/{}", "https://www.zotero.org/groups/{}/name"]
)
def test_what_is_suggested_is_understood(line: str, number: str) -> None:
    try:
        parse_interests(line.format(number))
    except ValueError as error:
        for suggested in re.findall("did you mean '(.+)'", str(error)):
            assert list(map(str, parse_interests(suggested).libraries)) == [suggested]


@pytest.mark.parametrize(
    "line, part",
    [
        ("graph neural networks", "expected an arXiv id or address"),
        ("- 2401.01234", "did you mean '2401.01234'?"),
        ('["2401.01234"]', "did you mean '2401.01234'?"),
        ("2401.01234, 2402.00001", "write each on a line of its own"),
        ("tick", "did you mean 'ticks'?"),
        ("zotero:user/12", "did you mean 'zotero:users/12'?"),
        ("zotero:Groups/12", "did you mean 'zotero:groups/12'?"),
        ("zotero:12", "your user ID"),
        ("zotero:users/12/collections/short", "a KEY has 8 capitals and digits"),
        ("https://www.zotero.org/groups/12/name/collections/ABCD2345",
         "did you mean 'zotero:groups/12/collections/ABCD2345'?"),
        ("https://www.zotero.org/somebody/library", "your user ID"),
        ("../library.bib", "inside the repository"),
        ("/library.bib", "inside the repository"),
        (".git/library.bib", "inside the repository"),
        ("https://example.org/library.bib", "the path of one .bib file of the repository"),
        ("*.bib", "the path of one .bib file of the repository"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_understood_is_an_error_that_helps(line: str, part: str) -> None:
    with pytest.raises(ValueError, match="line 2: expected") as caught:
        parse_interests(f"# mine\n{line}")
    assert part in str(caught.value)
    assert line in str(caught.value)


def test_all_wrong_lines_are_reported_at_once() -> None:
    with pytest.raises(ValueError, match=r"line 1: (.|\n)*line 3: ") as caught:
        parse_interests("foo\n2401.01234\nbar")
    assert len(str(caught.value).splitlines()) == 2


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        interests = parse_interests(text)
        lines = [*interests.papers.values(), *interests.files.values()]
        assert all(1 <= line <= text.count("\n") + 1 for line in lines)


# Liked papers


def test_the_same_paper_from_two_sources_counts_once() -> None:
    papers = [
        Liked(title="A", arxiv_id="2401.01234"),
        Liked(title="B", doi="10.1000/182"),
        Liked(title="A, Revised", summary="We …", arxiv_id="2401.01234"),
        Liked(title="Untold  Things"),
        Liked(title="untold things"),
    ]
    assert [(paper.title, paper.summary) for paper in merged(papers)] == [
        ("A", "We …"),
        ("B", ""),
        ("Untold  Things", ""),
    ]


@given(st.text(), st.text(), st.text())
def test_long_text_is_cut(title: str, summary: str, doi: str) -> None:
    paper = Liked.of(title * 1000, summary * 1000, arxiv_id=None, doi=doi)
    assert len(paper.title) <= 1_000
    assert len(paper.summary) <= 10_000
    assert paper.title == " ".join(paper.title.split())
