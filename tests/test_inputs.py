from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from daily_papers import cli
from daily_papers.errors import InputError
from daily_papers.inputs import declarations, read_inputs
from daily_papers.memory.news import News
from daily_papers.memory.snapshot import Snapshot
from daily_papers.options import Column, Notify, Publish
from daily_papers.outcome import Outcome
from daily_papers.papers import SortBy
from daily_papers.publish.repository import Plan
from daily_papers.topics.lines import MAX_HEADING
from tests.support import NOW

ROOT = Path(__file__).parent.parent
GOOD = {"INPUT_KEYWORDS": "Graph Neural Networks", "INPUT_GITHUB-TOKEN": "secret-token"}


def problems(environ: dict[str, str], *flags: str) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        read_inputs(flags, environ)
    return caught.value.problems


def action() -> Any:
    return YAML(typ="safe").load(ROOT / "action.yml")


def test_unset_inputs_have_their_defaults() -> None:
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


def test_a_flag_takes_precedence_over_the_environment() -> None:
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
        ("keywords", "# only a comment", "write one topic a line"),
        ("max-papers", "0", "a whole number from 1 to 1000"),
        ("max-papers", "abc", "a whole number from 1 to 1000"),
        ("max-papers", "5000", "a whole number from 1 to 1000"),
        ("max-papers", "1e2", "a whole number from 1 to 1000"),
        ("max-papers", "٣", "a whole number from 1 to 1000"),
        ("categories", "cs, 1x", "'1x' is not an archive or a category of arXiv"),
        ("sort-by", "date", "none of: updated, published"),
        (
            "columns",
            "title, rating",
            "'rating' is not a column; use some of: title, date, authors, abstract, comment",
        ),
        ("columns", "title, date, title", "'title' is named twice"),
        ("columns", ",", "use some of: title"),
        ("notify-labels", ",", "there is no label in it"),
        ("notify-labels", "a" * 51, "is longer than a label's 50 characters"),
        ("notify-days", ",", "there is no day in it; use some of: mon, tue"),
        ("readme", "../README.md", "inside the repository"),
        ("readme", "docs/../../README.md", "inside the repository"),
        ("readme", "/etc/passwd", "inside the repository"),
        ("readme", "docs/", "inside the repository"),
        ("readme", ".git/config", "inside the repository"),
        ("readme", "a\\b.md", "inside the repository"),
        ("data-file", "README.md", "is already the readme"),
        ("trends", "yes", "neither true nor false"),
        ("feed", "README.md", "is already the readme"),
        ("feed", ".github/daily-papers.json", "is already the data-file"),
        ("feed", "/feed.xml", "inside the repository"),
        ("data-file", "../x.json", "inside the repository"),
        ("marker", "x-->", "letters and digits"),
        ("marker", "two words", "letters and digits"),
        ("publish", "yes", "none of: commit, pull-request, local, plan"),
        ("branch", "a b", "the name of a branch"),
        ("branch", "a..b", "the name of a branch"),
        ("commit-message", "papers of {day}", "{day} is not a field of the message; use {date}"),
        ("commit-message", "papers {", "{date}, {new}, {topics}"),
        ("commit-message", "papers {new!r}", "{new} is not a field"),
        ("commit-message", "papers {0}", "{0} is not a field"),
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
    assert problem.startswith(f"{name}: ")
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


@pytest.mark.parametrize("name", [one.name for one in declarations()])
@pytest.mark.parametrize(
    "value, told",
    [
        ("Graphs\nTr\x1bees", "line 2 has the control character U+001B"),
        ("Schr\udcf6dinger", "line 1 has a byte that is not UTF-8"),
    ],
)
def test_no_input_takes_what_could_not_be_written_again(name: str, value: str, told: str) -> None:
    found = problems({**GOOD, f"INPUT_{name.upper()}": value})
    assert f"{name}: {told}" in " ".join(found)
    assert "Tr" not in " ".join(found) or name == "config"  # It may be a secret.


def test_white_space_is_no_control_character_to_be_removed() -> None:
    value = "Graph\tNeural\x0bNetworks\r\nTime\x85Series"
    found = read_inputs([], {**GOOD, "INPUT_KEYWORDS": value}).keywords
    assert [topic.heading for topic in found] == ["Graph Neural Networks", "Time Series"]


def test_a_heading_is_no_longer_than_the_data_file_takes() -> None:
    headings = [letter * MAX_HEADING for letter in "xy"]
    assert read_inputs([], {**GOOD, "INPUT_KEYWORDS": f"{headings[0]}: a1\n{headings[1]}"})
    for line in (f"x{headings[0]}: a1", f"y{headings[1]}"):
        (problem,) = problems({**GOOD, "INPUT_KEYWORDS": line})
        assert "expected a heading of at most 10,000 characters, not 10,001" in problem
        assert len(problem) < 300


def test_all_topics_are_restricted_at_once() -> None:
    inputs = read_inputs(
        [], {**GOOD, "INPUT_CATEGORIES": "cs, stat.ML", "INPUT_EXCLUDE": "survey\na review"}
    )
    (topic,) = inputs.topics
    assert topic.heading == "Graph Neural Networks"
    asked = topic.query.to_arxiv()
    for part in ("cat:cs.*", "cat:stat.ML", "ANDNOT", 'ti:"survey"', 'abs:"a review"'):
        assert part in asked


def test_all_problems_are_reported_at_once() -> None:
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


@pytest.mark.parametrize(
    "flags,words",
    [
        (["--keyword", "x"], "--keyword: there is no such flag; did you mean --keywords?"),
        (["--max-paper=7"], "--max-paper: there is no such flag; did you mean --max-papers?"),
        (["--zzz"], "--zzz: there is no such flag"),
        (["--keywords"], "--keywords: expected one argument"),
        (["--keywords", "Graph", "Networks"], "'Networks': a value without a flag"),
        (["--max-papers", "3", "--max-papers", "4"], "the flag is there 2 times"),
        (["--keywords", "@no/such/file"], "the file 'no/such/file' cannot be read"),
        (["--keywords", "@"], "keywords: '@' needs the name of a file after it"),
    ],
)
def test_a_flag_that_cannot_be_used_is_a_problem_like_others(flags: list[str], words: str) -> None:
    assert any(words in problem for problem in problems(GOOD, *flags))


@pytest.mark.parametrize("flag,output", [("--help", "exit codes:"), ("--version", "daily-papers ")])
def test_help_and_version_need_no_inputs(
    flag: str, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        read_inputs([flag], {})
    assert not caught.value.code
    assert output in capsys.readouterr().out


def test_a_flag_for_several_values_may_be_repeated_or_name_a_file(tmp_path: Path) -> None:
    file = tmp_path / "topics.txt"
    file.write_text("# mine\nTime Series\nSea Ice\n", encoding="utf-8")
    inputs = read_inputs(
        ["--keywords", "Graphs", "--keywords", f"@{file}", "--columns=title", "--columns=date"],
        {"GITHUB_TOKEN": "abc"},
    )
    assert [topic.heading for topic in inputs.keywords] == ["Graphs", "Time Series", "Sea Ice"]
    assert inputs.columns == (Column.TITLE, Column.DATE)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    topics, config = tmp_path / "topics.txt", tmp_path / "papers.toml"
    topics.write_text("Time Series\n", encoding="utf-8-sig")
    config.write_text("max-papers = 7\n", encoding="utf-8-sig")
    environ = {"GITHUB_TOKEN": "abc", "GITHUB_WORKSPACE": str(tmp_path)}
    inputs = read_inputs(["--keywords", f"@{topics}", "--config", config.name], environ)
    assert [topic.heading for topic in inputs.keywords] == ["Time Series"]
    assert inputs.max_papers == 7


CONFIG = """
keywords = ["Graphs", 'RAG: ti:"retrieval"']
columns = ["title", "date"]
max-papers = 7
trends = true
"""


def test_a_file_sets_inputs_that_nothing_else_sets(tmp_path: Path) -> None:
    (tmp_path / "daily-papers.toml").write_text(CONFIG, encoding="utf-8")
    environ = {
        "GITHUB_WORKSPACE": str(tmp_path),
        "INPUT_CONFIG": "daily-papers.toml",
        "INPUT_MAX-PAPERS": "9",
        "GITHUB_TOKEN": "abc",
    }
    inputs = read_inputs([], environ)
    assert [topic.heading for topic in inputs.keywords] == ["Graphs", "RAG"]
    assert (inputs.max_papers, inputs.trends) == (9, True)


def test_what_may_be_in_a_file_that_cannot_be_read_is_not_called_missing(tmp_path: Path) -> None:
    environ = {key: value for key, value in GOOD.items() if key != "INPUT_KEYWORDS"}
    found = problems(
        {**environ, "GITHUB_WORKSPACE": str(tmp_path), "INPUT_CONFIG": "daily-papers.toml"}
    )
    assert [problem.split(":")[0] for problem in found] == ["config"]


@pytest.mark.parametrize(
    "text,words",
    [
        (None, "/daily-papers.toml'; in a workflow, a step with actions/checkout"),
        ("keywords = [", "is not a TOML file"),
        (b"\xff", "is not a TOML file: it is not UTF-8"),
        (f"keywords = {'[' * 20_000}", "inside each other, too many deep"),
        (f"keywords = {'{a=' * 20_000}", "inside each other, too many deep"),
        ("keyword = 'x'", "there is no input 'keyword'; did you mean keywords?"),
        ("github-token = 'x'", "github-token cannot be set in a file"),
        ("max-papers = [1]", "max-papers must be text, a number, true or false"),
        ("keywords = [1]", "keywords must be text, a number, true or false, or a list"),
        ("max-papers = 0", "max-papers: '0' is not a whole number"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem_like_others(
    tmp_path: Path, text: str | bytes | None, words: str
) -> None:
    if text is not None:
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "daily-papers.toml").write_bytes(data)
    environ = {
        **GOOD,
        "GITHUB_WORKSPACE": str(tmp_path),
        "INPUT_CONFIG": "daily-papers.toml",
    }
    assert any(words in problem for problem in problems(environ))


@pytest.mark.parametrize("name", ["arxiv-url", "announcements-url", "summaries"])
@pytest.mark.parametrize(
    "address",
    [
        "https://api.example/v1?key=sesame",
        "https://api.example/v1?",
        "https://api.example:99999/v1?key=sesame",
        "https://api.example:0/v1",
        "https://api.example:port/v1",
        "https://reader:sesame@api.example:99999/v1",
        "https://api.example/v1#sesame",
        "https://api. example/v1",
        "https://api.example/v1\n/more",
        "https://api.example/\0",
        "https://[::1/v1",
        "https:///v1",
        "file:///v1",
    ],
)
def test_an_address_that_cannot_be_asked_is_a_problem_that_quotes_no_secret(
    name: str, address: str
) -> None:
    told = problems({**GOOD, f"INPUT_{name.upper()}": address, "INPUT_SUMMARIES-MODEL": "m"})
    assert any(problem.startswith(f"{name}: ") for problem in told)
    assert not any("sesame" in problem for problem in told)


def test_the_issue_for_each_topic_of_old_workflows_is_one_issue_now() -> None:
    assert read_inputs([], {**GOOD, "INPUT_NOTIFY": "issue-per-topic"}).notify is Notify.ISSUE


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
        topics=(),
        replies={},
        is_first=True,
        snapshot=Snapshot(updated=NOW.date(), sections=()),
        news=News(topics=()),
        plan=Plan(head="", changes=(), message=""),
        is_plan_only=False,
        commit=None,
    )
    assert list(action()["outputs"]) == [*outcome.outputs(), *cli.OUTPUT_FILES]


def test_every_input_is_used() -> None:
    code = "".join(path.read_text() for path in (ROOT / "daily_papers").rglob("*.py"))
    names = [declaration.name.replace("-", "_") for declaration in declarations()]
    names.remove("config")  # It is used up when the inputs are read.
    assert [name for name in names if not re.search(rf"(inputs|self)\.{name}\b", code)] == []
