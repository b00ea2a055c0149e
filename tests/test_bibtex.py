"""BibTeX of whatever strangers write: two other programs read the fields that we wrote.

pybtex and bibtexparser count braces in different ways, and so does every BibTeX.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pybtex.database
import pytest
from bibtexparser.entrypoint import parse_string
from hypothesis import example, given
from hypothesis import strategies as st

from daily_papers.papers import Paper
from daily_papers.views import bibtex
from tests.support import paper

HOSTILE = [
    "$a\\\\{\\\\{}}, author={Evil}",
    "$a\\\\{\\\\{}}, author={Evil}$",
    "} , author = {Evil}",
    "{{{ $\\{$ \\} \\textbf{x",
    "@misc{evil, title = {x}}",
    "\n@misc{evil,\n title = {x}}\n",
    '"quoted" % comment # & _ ^ ~ \\',
    "$\\$ and $x\\\\$ and $\\{x\\}$",
    "a and b, and The X Collaboration",
    "$$x^{2}$$ of $\\left\\{ y \\right.$",
    "\\",
    "",
]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet='{}\\$@%#,="& \nab', max_size=40),
    st.sampled_from(HOSTILE),
)


def fields_of(entry: str) -> dict[str, str]:
    """Returns the fields as they were written."""
    return dict(re.findall(r"(?m)^  (\w+) = \{(.*)\},$", entry))


@given(TEXTS, TEXTS, TEXTS)
@example(HOSTILE[0], "Ada Example", "cs.LG")
@example("x", HOSTILE[0], HOSTILE[2])
def test_two_programs_read_the_same_fields(title: str, author: str, category: str) -> None:
    one = paper(title=title, authors=(author, "B"), primary_category=category, doi=title)
    papers = [one, paper("2509.00002", title="Another")]
    text = bibtex.bibliography(papers, marker="daily-papers").decode()
    written = [fields_of(entry) for entry in text.split("@misc")[1:]]
    assert len(written) == 2
    first = pybtex.database.parse_string(text, "bibtex")
    assert len(first.entries) == 2
    for entry, fields in zip(first.entries.values(), written, strict=True):
        assert entry.fields.get("title", "") == fields.get("title", "").strip()
        assert entry.fields["eprint"] == fields["eprint"]
        assert entry.fields["url"] == fields["url"]
        assert set(entry.fields) | {"author"} == fields.keys() | {"author"}
    second = parse_string(text)
    assert not second.failed_blocks
    assert len(second.entries) == 2
    for entry, fields in zip(second.entries, written, strict=True):
        assert {field.key: field.value for field in entry.fields} == {
            name: value.strip() for name, value in fields.items()
        }


def test_an_entry_has_what_arxiv_asks_for() -> None:
    one = paper(
        "2509.00007",
        title="GraphBERT at 5% & the $\\{L_1\\}$ Norm: A_B {C",
        authors=("Zoë Ångström", "The LHCb Collaboration", "Ada Example, Jr."),
    )
    assert bibtex.entry(one, bibtex.key(one)) == (
        "@misc{angstrom2025graphbert,\n"
        "  title = {{GraphBERT} at 5\\% \\& the {$\\lbrace L_1\\rbrace $} Norm: "
        "{A\\_B} {\\textbraceleft{}C}},\n"
        "  author = {Zoë Ångström and {The LHCb Collaboration} and Example, Jr., Ada},\n"
        "  year = {2025},\n"
        "  eprint = {2509.00007},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.LG},\n"
        "  doi = {10.48550/arXiv.2509.00007},\n"
        "  url = {https://arxiv.org/abs/2509.00007},\n"
        "}\n"
    )


@pytest.mark.parametrize(
    "name,given,particles,family,suffix",
    [
        ("Ludwig van der Example", "Ludwig", "van der", "Example", ""),
        ("Ludwig M. van der Example Jr", "Ludwig M.", "van der", "Example", "Jr"),
        ("John S. Example III", "John S.", "", "Example", "III"),
        ("Ada Example, Jr.", "Ada", "", "Example", "Jr."),
        ("Plato", "", "", "Plato", ""),
        ("Jr.", "", "", "Jr.", ""),
        ("Plato Jr.", "", "", "{Plato Jr.}", ""),
        (", Jr.", "", "", "{, Jr.}", ""),
        ("The X and Y Team, II", "", "", "{The X and Y Team, II}", ""),
    ],
)
def test_a_name_is_taken_apart_where_it_has_a_joint(
    name: str, given: str, particles: str, family: str, suffix: str
) -> None:
    text = bibtex.bibliography([paper(authors=(name, "B"))], marker="daily-papers").decode()
    (entry,) = pybtex.database.parse_string(text, "bibtex").entries.values()
    person, _ = entry.persons["author"]
    names = (
        [*person.first_names, *person.middle_names],
        person.prelast_names,
        person.last_names,
        person.lineage_names,
    )
    assert list(map(" ".join, names)) == [given, particles, family, suffix]


@pytest.mark.parametrize(
    "changes,key",
    [
        ({"authors": ("Ada Example, Jr.",)}, "example2025study"),
        ({"authors": ()}, "arxiv2025study"),
        ({"authors": ("李 明",)}, "arxiv2025study"),
        ({"authors": ("Łukasz Øster-Straße",), "title": "Of $x$"}, "osterstrasse2025"),
        ({"title": "3D-GS 4you: GNNs!"}, "example2025gnns"),
        ({"published": datetime(1994, 1, 1, tzinfo=UTC)}, "example1994study"),
    ],
)
def test_keys_are_letters_and_the_year(changes: dict[str, Any], key: str) -> None:
    assert bibtex.key(paper(**changes)) == key


def test_each_paper_has_a_key_of_its_own() -> None:
    papers: list[Paper] = [paper(f"2509.{number:05}") for number in range(60)]
    text = bibtex.bibliography(papers, marker="daily-papers").decode()
    keys = re.findall(r"@misc\{(.*),", text)
    assert len(set(keys)) == 60
    assert keys[:3] == ["example2025study", "example2025studyb", "example2025studyc"]
    assert keys[26:28] == ["example2025studyaa", "example2025studyab"]
