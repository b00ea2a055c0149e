from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.topics import taxonomy
from daily_papers.topics.lines import parse_categories
from daily_papers.topics.query import Term

EVERYTHING = [*taxonomy.CATEGORIES, *taxonomy.ARCHIVES, *taxonomy.SUBSUMED]


def test_the_table_is_whole() -> None:
    assert len(taxonomy.CATEGORIES) == 155
    assert {name.partition(".")[0] for name in taxonomy.CATEGORIES if "." in name} == {
        *taxonomy.ARCHIVES
    }
    assert {*taxonomy.SUBSUMED.values(), *taxonomy.ALIASES.values()} <= {*taxonomy.CATEGORIES}
    assert {*taxonomy.ALIASES} <= {*taxonomy.CATEGORIES}
    assert len(EVERYTHING) == len({name.lower() for name in EVERYTHING})


@given(st.sampled_from(EVERYTHING), st.sampled_from([str.lower, str.upper, str.title, str]))
def test_capitals_do_not_count(name: str, change: type[str]) -> None:
    assert Term("cat", change(name)).phrase == name
    assert taxonomy.name_of(name)


@pytest.mark.parametrize(
    "name, asked",
    [
        ("cs", ["cs.*"]),
        ("cs.LG", ["cs.LG"]),
        ("hep-th", ["hep-th"]),
        ("astro-ph", ["astro-ph", "astro-ph.*"]),
        ("alg-geom", ["alg-geom"]),
    ],
)
def test_an_archive_is_asked_for_as_its_papers_have_it(name: str, asked: list[str]) -> None:
    assert taxonomy.patterns(name) == asked


@pytest.mark.parametrize(
    "mistyped, meant",
    [
        ("cs.LGG", "cs.LG"),
        ("cs.ML", "stat.ML"),
        ("stats.ML", "stat.ML"),
        ("csAI", "cs.AI"),
        ("cs/LG", "cs.LG"),
        ("LG", "cs.LG"),
        ("[cs.LG", "cs.LG"),
        ("cs.LG;", "cs.LG"),
        ("astroph", "astro-ph"),
        ("hep.th", "hep-th"),
        ("physics.optic", "physics.optics"),
        ("cond-mat.supercon", "cond-mat.supr-con"),
    ],
)
def test_a_mistyped_category_suggests_what_is_meant(mistyped: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"is not an archive .*; did you mean {meant}\\?$"):
        parse_categories(f"cs, {mistyped}")


@pytest.mark.parametrize("text", ["machine_learning", "xyz", "x" * 100_000, "." * 100_000])
def test_what_resembles_no_category_suggests_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"as in cs or stat\.ML$"):
        parse_categories(text)
