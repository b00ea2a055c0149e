from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from daily_papers.errors import InputError
from daily_papers.inputs import declarations, read_inputs
from daily_papers.memory.news import Digest
from daily_papers.memory.snapshot import Snapshot
from daily_papers.options import Column, Publish
from daily_papers.outcome import Outcome
from daily_papers.papers import SortBy
from daily_papers.publish.repository import Plan
from tests.support import NOW

ROOT = Path(__file__).parent.parent
GOOD = {"INPUT_KEYWORDS": "Graph Neural Networks", "INPUT_GITHUB-TOKEN": "secret-token"}


def problems(environ: dict[str, str], *flags: str) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        read_inputs(flags, environ)
    return caught.value.problems


def action() -> Any:
    return YAML(typ="safe").load(ROOT / "action.yml")


def test_defaults_stand_for_what_is_unset() -> None:
    inputs = read_inputs([], GOOD)
    assert inputs.max_papers == 100
    assert inputs.sort_by is SortBy.UPDATED
    assert inputs.columns == (Column.TITLE, Column.DATE, Column.ABSTRACT, Column.COMMENT)
    assert inputs.readme == "README.md"
    assert inputs.data_file == ".github/daily-papers.json"
    assert inputs.publish is Publish.COMMIT
    assert inputs.branch == ""
    assert inputs.timezone.key == "UTC"
    assert inputs.arxiv_url == "https://export.arxiv.org/api/query"


def test_blank_text_means_unset() -> None:
    assert read_inputs([], {**GOOD, "INPUT_MAX-PAPERS": " \n"}).max_papers == 100
    assert problems({**GOOD, "INPUT_KEYWORDS": "\n \n"})[0].startswith("keywords is missing")


def test_a_flag_goes_before_the_environment() -> None:
    inputs = read_inputs(["--max-papers", "7"], {**GOOD, "INPUT_MAX-PAPERS": "9"})
    assert inputs.max_papers == 7


def test_the_token_may_come_from_the_environment_alone() -> None:
    environ = {"INPUT_KEYWORDS": "Graphs", "GITHUB_TOKEN": "abc"}
    assert read_inputs([], environ).github_token == "abc"


def test_the_token_is_not_in_the_representation() -> None:
    assert "secret-token" not in repr(read_inputs([], GOOD))


@pytest.mark.parametrize(
    "name,value,accepted",
    [
        ("keywords", "# only a comment", "write one a line"),
        ("max-papers", "0", "a whole number from 1 to 1000"),
        ("max-papers", "abc", "a whole number from 1 to 1000"),
        ("max-papers", "5000", "a whole number from 1 to 1000"),
        ("max-papers", "1e2", "a whole number from 1 to 1000"),
        ("max-papers", "٣", "a whole number from 1 to 1000"),
        ("categories", "cs, 1x", "expected"),
        ("sort-by", "date", "one of: updated, published"),
        (
            "columns",
            "title, rating",
            "one of: title, date, authors, abstract, comment, categories, links",
        ),
        ("columns", "title, date, title", "twice"),
        ("columns", ",", "one of: title"),
        ("readme", "../README.md", "inside the repository"),
        ("readme", "docs/../../README.md", "inside the repository"),
        ("readme", "/etc/passwd", "inside the repository"),
        ("readme", "docs/", "inside the repository"),
        ("readme", ".git/config", "inside the repository"),
        ("readme", "a\\b.md", "inside the repository"),
        ("data-file", "README.md", "is the readme"),
        ("trends", "yes", "true or false"),
        ("feed", "README.md", "is the readme"),
        ("feed", ".github/daily-papers.json", "is the data-file"),
        ("feed", "/feed.xml", "inside the repository"),
        ("data-file", "../x.json", "inside the repository"),
        ("marker", "x-->", "letters and digits"),
        ("marker", "two words", "letters and digits"),
        ("publish", "yes", "one of: commit, pull-request, local, plan"),
        ("branch", "a b", "the name of a branch"),
        ("branch", "a..b", "the name of a branch"),
        ("commit-message", "papers of {day}", "{day} is unknown; accepted are {date}"),
        ("commit-message", "papers {", "{date}, {new}, {topics}"),
        ("commit-message", "papers {new!r}", "accepted are"),
        ("commit-message", "papers {0}", "accepted are"),
        ("timezone", "Mars/Olympus", "IANA name"),
        ("timezone", "Europe", "IANA name"),
        ("timezone", "../../etc/passwd", "IANA name"),
        ("arxiv-url", "ftp://arxiv.org", "http or https"),
        ("arxiv-url", "export.arxiv.org", "http or https"),
    ],
)
def test_a_problem_names_the_input_the_value_and_what_is_accepted(
    name: str, value: str, accepted: str
) -> None:
    (problem,) = problems({**GOOD, f"INPUT_{name.upper()}": value})
    assert problem.startswith(f"{name}: {value!r}")
    assert accepted in problem


@pytest.mark.parametrize(
    "name,value,told",
    [
        (
            "keywords",
            "Graphs\n\nTime Series\ngraphs",
            """line 4, column 1: expected another heading: 'graphs' is in line 1 already
    graphs
    ^""",
        ),
        (
            "keywords",
            "Graphs\nA: b or c\nD: (e",
            """line 2, column 6: expected OR in capitals, or quotes around the phrase that has `or`
    A: b or c
         ^
line 3, column 6: expected""",
        ),
        ("exclude", "---", "line 1, column 1: expected a word to search for"),
    ],
)
def test_a_problem_in_a_line_is_pointed_at(name: str, value: str, told: str) -> None:
    (problem,) = problems({**GOOD, f"INPUT_{name.upper()}": value})
    assert problem.startswith(f"{name}:\n{told}")


def test_all_topics_are_restricted_at_once() -> None:
    inputs = read_inputs(
        [], {**GOOD, "INPUT_CATEGORIES": "cs, stat.ML", "INPUT_EXCLUDE": "survey\na review"}
    )
    (topic,) = inputs.topics
    assert topic.heading == "Graph Neural Networks"
    asked = topic.query.to_arxiv()
    for part in ("cat:cs.*", "cat:stat.ML", "ANDNOT", 'ti:"survey"', 'abs:"a review"'):
        assert part in asked


def test_all_problems_are_told_at_once() -> None:
    told = problems({"INPUT_MAX-PAPERS": "abc"}, "--timezone", "Nowhere", "--marker=-->")
    assert [problem.split(":")[0].split(" ")[0] for problem in told] == [
        "keywords",
        "max-papers",
        "marker",
        "timezone",
        "github-token",
    ]


def test_only_a_commit_needs_a_token() -> None:
    environ = {"INPUT_KEYWORDS": "Graphs"}
    assert "github-token is missing" in problems(environ)[0]
    assert read_inputs(["--publish", "local"], environ).publish is Publish.LOCAL
    assert read_inputs(["--publish", "plan"], environ).publish is Publish.PLAN


def test_an_unknown_flag_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        read_inputs(["--keyword", "x"], {})
    assert caught.value.code == 2
    assert "--keyword" in capsys.readouterr().err


def test_action_yml_declares_the_same_inputs() -> None:
    declared = action()["inputs"]
    assert list(declared) == [declaration.name for declaration in declarations()]
    for declaration in declarations():
        given = declared[declaration.name]
        assert given["description"] == declaration.help
        assert given.get("required", False) == declaration.required
        if not declaration.secret:
            assert given.get("default", "") == declaration.default


def test_action_yml_declares_the_outputs_that_a_run_sets() -> None:
    outcome = Outcome(
        now=NOW,
        replies={},
        is_first=True,
        snapshot=Snapshot(updated=NOW.date(), sections=()),
        digest=Digest(topics=()),
        plan=Plan(head="", changes=(), message=""),
        applied=False,
        commit=None,
    )
    assert list(action()["outputs"]) == [*outcome.outputs(), "new-papers-file"]


def test_every_input_is_used() -> None:
    code = "".join(path.read_text() for path in (ROOT / "daily_papers").rglob("*.py"))
    names = [declaration.name.replace("-", "_") for declaration in declarations()]
    assert [name for name in names if not re.search(rf"(inputs|self)\.{name}\b", code)] == []
