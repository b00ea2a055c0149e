"""The papers of a `.bib` file."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.operations import operations
from daily_papers.interests import bib
from daily_papers.interests.bib import BibError, Bibliography
from daily_papers.interests.liked import Liked


def read(text: str) -> Bibliography:
    return bib.read(text.encode(), "library.bib")


def paper(fields: str) -> Liked:
    (found,) = read(f"@article{{key, title = {{A Study}}, {fields}}}").papers
    return found


def test_an_entry_has_a_title_and_an_optional_abstract() -> None:
    assert paper("abstract = {We study\n   it.}") == Liked(title="A Study", summary="We study it.")
    assert paper("year = 2024").summary == ""


def test_values_are_joined_and_names_are_replaced() -> None:
    text = """
    @string{venue = "Conference on "}
    @string(topic = {{Graphs}} # { and Trees})
    @misc{a, TITLE = "On " # topic # {: } # venue # "C# and " # 7}
    """
    assert read(text).papers == (Liked(title="On {Graphs} and Trees: Conference on C# and 7"),)


@pytest.mark.parametrize(
    "fields",
    [
        "eprint = {2401.01234}, archivePrefix = {arXiv}, primaryClass = {cs.LG}",
        "eprint = {2401.01234v2}, eprinttype = {arxiv}",
        "eprint = {arXiv:2401.01234}",
        "journal = {arXiv preprint arXiv:2401.01234}",
        "journal = {CoRR}, volume = {abs/2401.01234}",
        "url = {https://arxiv.org/abs/2401.01234}",
        "doi = {10.48550/arXiv.2401.01234}",
        "arxivId = {2401.01234}",
        "note = {In press. arXiv:2401.01234, 12 pages}",
    ],
)
def test_an_arxiv_id_is_found_wherever_exports_put_it(fields: str) -> None:
    assert paper(fields).arxiv_id == "2401.01234"


def test_an_old_id_without_its_archive_is_completed() -> None:
    found = paper("eprint = {0309136}, archivePrefix = {arXiv}, primaryClass = {math.AG}")
    assert found.arxiv_id == "math/0309136"


def test_the_number_of_another_archive_is_not_an_arxiv_id() -> None:
    assert paper("eprint = {2401.01234}, eprinttype = {jstor}").arxiv_id is None


def test_a_doi_is_kept_in_lower_case() -> None:
    assert paper("doi = {https://doi.org/10.1000/ABC}").doi == "10.1000/abc"


def test_the_newest_come_first() -> None:
    text = "".join(
        f"@misc{{k{number}, title = {{T{number}}}, {date}}}\n"
        for number, date in enumerate(["year = 2020", "date = {2024-05-01}", "", "year = {2020}"])
    )
    assert [one.title for one in read(text).papers] == ["T1", "T3", "T0", "T2"]


def test_a_volume_that_contains_papers_is_not_a_paper() -> None:
    text = """
    @inproceedings{a, title = {A}, crossref = {P}}
    @proceedings{p, title = {Proceedings}}
    @misc{b, crossref = {a}}
    """
    assert sorted(one.title for one in read(text).papers) == ["A", "A"]


def test_a_broken_entry_is_skipped_with_a_warning() -> None:
    text = """\
@article{good, title = {Good}}

@article{broken, title = {No end
@article{untitled, year = 2024}
@article{last, title = {Last}}
"""
    found = read(text)
    assert [one.title for one in found.papers] == ["Last", "Good"]
    assert found.warnings == (
        (
            "library.bib, line 3 (broken): a brace, a quote, an equals sign or a comma is missing; "
            "the entry is skipped"
        ),
        "library.bib, line 4 (untitled): it has no title; the entry is skipped",
    )


def test_duplicate_keys_are_accepted() -> None:
    found = read("@misc{a, title={A}}\n@misc{a, title={B}}\n@misc{b, title={C}, title={D}}")
    assert [one.title for one in found.papers] == ["C", "B", "A"]
    assert found.warnings == ()


def test_many_broken_entries_are_counted() -> None:
    found = read("@misc{a, title={A}}\n" + "@misc{b, title={\n" * 500)
    assert len(found.warnings) == bib.MAX_WARNINGS + 1
    assert found.warnings[-1] == "library.bib: 490 more entries are broken, and are skipped"


@pytest.mark.parametrize(
    "content, part",
    [
        (b"", "has no papers"),
        (b"Dear diary", "has no papers"),
        (b"@misc{a, title={A}}\0", "is not a text file"),
        (b"\x89PNG\r\n\x1a\n\x02\x03", "is not a text file"),
        ("@misc{a, title={A}}".encode("utf-16"), "is not a text file"),
        (b" " * (bib.MAX_BYTES + 1), "is longer than"),
    ],
)
def test_a_file_that_is_not_a_bibliography_is_refused(content: bytes, part: str) -> None:
    with pytest.raises(BibError, match=rf"^library\.bib {part}"):
        bib.read(content, "library.bib")


def test_an_old_file_in_latin_1_is_read() -> None:
    (found,) = bib.read("@misc{a, title={Über}}".encode("latin-1"), "library.bib").papers
    assert found.title == "Über"


def test_nothing_of_a_file_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    read("@misc{a, title={A}}\n@misc{::warning::x, title={\n")
    assert caplog.records == []


def test_names_that_grow_do_not_fill_memory() -> None:
    lines = ["@string{s0 = {word }}"]
    lines += [f"@string{{s{n + 1} = s{n} # s{n} # s{n}}}" for n in range(200)]
    found = read("\n".join([*lines, "@misc{a, title = s200}"])).papers
    assert len(found[0].title) <= 1_000


PIECES = st.sampled_from(
    ["@", "{", "}", '"', "#", "=", ",", "\n", "(", ")", "\\", " ", "@article{", "@string{",
     "@comment", "@preamble{", "key", "title", "crossref", "é", "\0", "\x85", "\u2028"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60))
@example(["@", "(", "{"])
def test_any_text_is_read_or_refused(pieces: list[str]) -> None:
    with contextlib.suppress(BibError):
        assert read("".join(pieces)).papers


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(BibError):
        assert bib.read(b"@misc{a, title={A}}\n" + content, "library.bib").papers


@pytest.mark.parametrize(
    "unit",
    ["@a{", "{", '"', "@a{k,t={x}\n", ",a=b", "#b", "\\", " ", "\n", "=", "@string{a=a # a}\n",
     "@a(k,t={)}\n", "@comment{", "@ "],
)  # fmt: skip
def test_time_grows_with_the_length(unit: str) -> None:
    def work(count: int) -> None:
        text = "@misc{a, title={A}}\n@a{k, title={" + unit * count
        with contextlib.suppress(BibError):
            read(text)

    work(10)
    # Counted in Python's instructions, so that no test can fail by chance.
    assert operations(lambda: work(2_000)) < 2.5 * operations(lambda: work(1_000))
