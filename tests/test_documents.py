"""What the documents say must be true."""

from __future__ import annotations

import ast
import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import cmarkgfm
import pytest
from lxml import html
from ruamel.yaml import YAML

from daily_papers import errors
from daily_papers.github.failures import LONGEST_WAIT
from daily_papers.inputs import declarations
from daily_papers.memory.news import MAX_AGE, News, TopicNews
from daily_papers.memory.snapshot import Snapshot
from daily_papers.outcome import OUTPUTS, Outcome
from daily_papers.publish.repository import Plan
from daily_papers.views.digest_issue import MAX_LENGTH
from daily_papers.views.fit import MAX_BYTES
from daily_papers.views.readme import _anchor
from scripts.reference import (
    COMMON,
    EXAMPLES,
    with_all_inputs,
    with_declarations,
    with_reference,
    with_variables,
)
from tests.hub import README as PAGE
from tests.hub import world_with
from tests.runner import ROOT, tracked_files
from tests.support import NOW, paper

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    name
    for name in tracked_files()
    if name.endswith(".md") and not name.startswith(("tests/golden/", "tests/upgrade/"))
]


def test_the_reference_is_current() -> None:
    # `make docs` writes it.
    assert with_reference(README.encode()) == README.encode()
    inputs = (ROOT / "docs/inputs.md").read_bytes()
    assert with_all_inputs(inputs) == inputs
    action = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert with_declarations(action) == action
    workflow = (ROOT / ".github/workflows/daily-papers.yml").read_text(encoding="utf-8")
    assert with_variables(workflow) == workflow


def test_the_tables_say_what_is_declared() -> None:
    readme, page = (
        [[cell.text_content() for cell in row] for row in rendered(name).iter("tr")]
        for name in ("README.md", "docs/inputs.md")
    )
    for one in declarations():
        shown = [one.name, one.help]
        assert shown in [[row[0], row[2]] for row in page if len(row) > 2]
        assert (shown in [[row[0], row[-1]] for row in readme]) == (one.name in COMMON)
    for name, meaning in OUTPUTS.items():
        assert [name, meaning] in readme


def test_the_example_of_each_input_is_a_value_of_it() -> None:
    for one in declarations():
        example = EXAMPLES[one.name]
        assert example != one.default
        if "${{" not in example:
            one.convert(example)
    assert EXAMPLES.keys() >= {one.name for one in declarations()}


def test_the_quick_start_is_the_first_example_in_short() -> None:
    (text,) = re.findall(r"^   ```yaml\n(.*?)^   ```$", README, re.DOTALL | re.MULTILINE)
    yaml = YAML(typ="safe")
    ((shown,), (example,)) = (
        workflow["jobs"].values()
        for workflow in (yaml.load(text), yaml.load(ROOT / "examples/any-repository.yml"))
    )
    assert shown["steps"] == example["steps"]
    assert yaml.load(text)["permissions"] == example["permissions"]


# Links


def rendered(name: str) -> html.HtmlElement:
    """A document as GitHub's own engine renders it."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return html.document_fromstring(cmarkgfm.github_flavored_markdown_to_html(text))


def anchors(name: str) -> set[str]:
    """The names that GitHub gives to a document's headings."""
    found: set[str] = set()
    for heading in rendered(name).iter("h1", "h2", "h3", "h4", "h5", "h6"):
        anchor = plain = _anchor(str(heading.text_content()))
        count = 0
        while anchor in found:
            count += 1
            anchor = f"{plain}-{count}"
        found.add(anchor)
    return found


def local_links() -> Iterator[tuple[str, str]]:
    """Every link and picture that leads into the repository, and the document that it is in."""
    for name in DOCUMENTS:
        for _, _, target, _ in rendered(name).iterlinks():
            if not re.match(r"[a-z]+:", target):
                yield name, target


@pytest.mark.parametrize("name, target", sorted(set(local_links())))
def test_a_local_link_leads_somewhere(name: str, target: str) -> None:
    path, _, anchor = unquote(target).partition("#")
    place = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
    assert (ROOT / place).exists(), f"{name}: there is no {place}"
    if anchor:
        assert anchor in anchors(place), f"{name}: {place} has no heading #{anchor}"


def test_every_document_can_be_reached_from_the_readme() -> None:
    links: dict[str, set[str]] = {}
    for name, target in local_links():
        path = target.partition("#")[0]
        place = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
        links.setdefault(name, set()).add(place)
    reached, waiting = {"README.md"}, ["README.md"]
    while waiting:
        new = links.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    assert [name for name in DOCUMENTS if name not in reached] == []


def test_every_picture_is_shown() -> None:
    texts = "".join((ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS)
    pictures = sorted(path.name for path in (ROOT / "docs").glob("*.png"))
    assert [name for name in pictures if name not in texts] == []


# Facts


def test_the_record_of_the_notifications_has_the_fields_of_a_real_one() -> None:
    text = (ROOT / "docs/notifications.md").read_text(encoding="utf-8")
    (record,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    news = TopicNews(heading="Graph Neural Networks", new=(paper(),), revised=())
    (real,) = Outcome(
        now=NOW,
        topics=(),
        replies={},
        is_first=False,
        snapshot=Snapshot(updated=NOW.date(), sections=()),
        news=News(topics=(news,)),
        plan=Plan(head="", changes=(), message=""),
        is_plan_only=False,
        commit=None,
    ).new_papers()
    assert list(json.loads(record)) == list(real)


def test_the_limits_are_those_of_the_program() -> None:
    text = (ROOT / "docs/limits.md").read_text(encoding="utf-8")
    for limit in (
        f"{MAX_BYTES:,} bytes",
        f"{MAX_LENGTH:,} characters",
        f"within {MAX_AGE.days} days",
        f"{LONGEST_WAIT / 60:.0f} minutes",
    ):
        assert limit in text


def test_the_requests_to_github_are_those_of_a_run(tmp_path: Path) -> None:
    text = (ROOT / "docs/how-it-works.md").read_text(encoding="utf-8")
    counts = []
    with world_with(tmp_path, {"README.md": PAGE}) as world:
        world.run()
        for number in (0, 7):
            world.a_day_later(number)
            assert world.run().exit_code == 0
            counts.append(len(world.asked))
    quiet, news = counts
    assert f"| to GitHub, when nothing is new | {quiet} |" in text
    assert f"| to GitHub, with a commit and an issue | {news} |" in text


@pytest.mark.parametrize("also", [{"site": "docs"}, {"archive": "archive"}])
def test_what_removes_everything_leaves_nothing_else_to_delete(
    tmp_path: Path, also: dict[str, str]
) -> None:
    text = (ROOT / "docs/day-to-day.md").read_text(encoding="utf-8")
    run_once = re.findall(r"`([a-z-]+): (never|false|none)`", text.split("run once with")[1])
    named = set(re.findall(r"`(\.github/[a-z./-]+)`", text.split("run once with")[1]))
    with world_with(tmp_path, {"README.md": PAGE, "docs/theirs.md": "Theirs.\n"}) as world:
        world.inputs |= {"pages": "always", "trends": "true", "feed": "feeds/", **also}
        world.run()
        world.run(**dict(run_once))
        left = set(world.github.repository.paths("main"))
    assert left - named == {"README.md", "docs/theirs.md"}


def test_the_charts_are_where_the_documents_say(tmp_path: Path) -> None:
    text = (ROOT / "docs/feed-and-trends.md").read_text(encoding="utf-8")
    (folder,) = re.findall(r"The charts are files in `([^`]+)`", text)
    with world_with(tmp_path, {"README.md": PAGE}) as world:
        world.run(trends="true")
        charts = [path for path in world.github.repository.paths("main") if folder in path]
        assert len(charts) == 2, "one for light and one for dark colors"
        assert all(path in world.read() for path in charts)


def test_a_topic_with_another_heading_goes_on_as_the_documents_say(tmp_path: Path) -> None:
    text = (ROOT / "docs/day-to-day.md").read_text(encoding="utf-8")
    (names,) = re.findall(r"`([^`]+)` becomes\s+`([^`]+)`", text)
    before, after = names
    with world_with(tmp_path, {"README.md": PAGE}) as world:
        world.run(keywords=before)
        world.a_day_later(7)
        assert world.run(keywords=after).outputs["new-papers"] == "1"


# Errors

SPOKEN = {
    *("GitHubError", "InputError", "PathError", "SpliceError"),
    *("BibError", "ZoteroError", "_UnavailableError"),
    "_log.warning",
}
"""What ends a run for a reason that the user can do something about, and what only warns."""


def constants(tree: ast.AST) -> list[str]:
    """The texts in a piece of code."""
    parts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [part for part in parts if isinstance(part, str)]


def code(*folders: str) -> Iterator[ast.Module]:
    """The modules of some folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def said() -> list[str]:
    """All that the program says, and its stand-ins."""
    return [text for tree in code("daily_papers", "tests/standins") for text in constants(tree)]


def keys() -> list[str]:
    """The words by which the troubleshooting is looked through."""
    text = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([^`]+)` \| [A-Z]", text, re.MULTILINE)


@pytest.mark.parametrize("key", keys())
def test_every_error_of_the_documents_is_one_of_the_program(key: str, said: list[str]) -> None:
    words = re.sub(r" \d+$", " ", key)  # A status is filled in.
    assert any(words in text for text in said)


def test_every_error_of_the_program_is_in_the_documents() -> None:
    calls = [
        node
        for module in code("daily_papers")
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SPOKEN
    ]
    messages = [constants(call.args[0]) for call in calls]
    # What only passes on somebody else's words has none of its own.
    messages = [parts for parts in messages if any(len(part) > len("could not ") for part in parts)]
    assert len(messages) > 20
    known = keys()
    unknown = [
        "…".join(parts)
        for parts in messages
        if not any(key in part for key in known for part in parts)
    ]
    assert unknown == [], "docs/troubleshooting.md needs a row for each of these"


def sections() -> dict[str, list[str]]:
    """The words that each section of the troubleshooting is about, by its anchor."""
    text = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {
        _anchor(title): re.findall(r"^\| `([^`]+)` \| [A-Z]", part, re.MULTILINE)
        for title, part in zip(parts[::2], parts[1::2], strict=True)
    }


def classes(error: type[errors.DailyPapersError]) -> Iterator[type[errors.DailyPapersError]]:
    """A class of errors, and all below it."""
    yield error
    for below in error.__subclasses__():
        yield from classes(below)


def test_the_summary_of_an_error_leads_to_a_section() -> None:
    named = {error.section for error in classes(errors.DailyPapersError)} - {""}
    assert named <= set(sections())
    assert {"the-readme", "inputs", "arxiv", "files", "github"} <= named


@pytest.mark.parametrize("name", ["SpliceError", "PathError", "LostRaceError"])
def test_the_section_of_an_error_has_its_words(name: str) -> None:
    section = sections()[getattr(errors, name).section]
    told = [
        "…".join(parts)
        for module in code("daily_papers")
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == name
        and (parts := constants(node.args[0]))
        and any(key in part for part in parts for key in keys())
        and not any(key in part for part in parts for key in section)
    ]
    assert told == []


def test_the_figures_of_the_documents_are_those_that_were_measured() -> None:
    results = (ROOT / "bench/RESULTS.md").read_text(encoding="utf-8")
    measured = (ROOT / "docs/measured.md").read_text(encoding="utf-8")
    quoted = re.findall(r"\d+(?:\.\d+)?", measured.split("\n- Reading arXiv's answer")[1])
    (parsing,) = re.findall(r"\| `feedparser` \| [\d,.]+ ms \| (\d+)", results)
    (run,) = re.findall(r"\| wall \|.*\| ([\d.]+) \(", results)
    (requests,) = re.findall(r"(?m)^\| 50 \| \d+ \(\d+: \S+\) \| (\d+) \(", results)
    assert quoted == [parsing, f"{float(run):.1f}", requests, f"{int(requests) / 50:.2f}", "50"]
