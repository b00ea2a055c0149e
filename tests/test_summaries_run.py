"""Summaries in whole runs: published or not, nothing depends on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from ruamel.yaml import YAML

from daily_papers.memory import datafile
from daily_papers.memory.datafile import Memory
from daily_papers.papers import SortBy
from tests import test_startup
from tests.hub import DATA_FILE, World, world_with
from tests.standins.arxiv import ArxivStandIn
from tests.standins.model import ANSWERS, FAULTS, ModelStandIn
from tests.standins.server import changed, with_status
from tests.support import NOW, Result, entry, told
from tests.test_inputs import ROOT, problems

KEY = "sk-sesame-5f7e"
ABSTRACT = (
    "We go on with part {} of a long study of graphs, and show what holds for all of them. "
    "The proofs are short."
)


def lengthen(world: World) -> None:
    """Gives each paper an abstract of which a sentence can be made."""
    entries = world.arxiv.entries
    world.arxiv.remove(*(one.arxiv_id for one in entries))
    world.arxiv.add(replace(e, summary=ABSTRACT.format(n)) for n, e in enumerate(entries, 1))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path) as world:
        lengthen(world)
        yield world


@pytest.fixture
def model() -> Iterator[ModelStandIn]:
    with ModelStandIn(key=KEY) as model:
        yield model


def run(world: World, model: ModelStandIn, **inputs: str) -> Result:
    given = {"summaries": model.url, "summaries_model": model.model, "summaries_key": KEY}
    return world.run(**(given | inputs))


def memory(world: World) -> Memory:
    data = world.read(DATA_FILE).encode()
    return datafile.decode(data, "daily-papers", SortBy.UPDATED, today=NOW.date())


def add(world: World, number: int, **changes: Any) -> None:
    world.clock.moment += timedelta(days=1)
    summary = ABSTRACT.format(number)
    world.arxiv.add([entry(number, summary=summary, **changes)])


# What is kept


def test_summaries_are_committed_with_the_papers(world: World, model: ModelStandIn) -> None:
    result = run(world, model)
    assert result.exit_code == 0, result.log
    known = memory(world).summaries
    assert list(known) == [f"2509.0000{number}" for number in range(1, 6)]
    assert known["2509.00003"].text == " ".join(ABSTRACT.format(3).split()[:20])


def test_the_newest_papers_are_asked_for_first_and_the_others_on_the_next_days(
    world: World, model: ModelStandIn
) -> None:
    run(world, model, summaries_limit="2")
    assert sorted(memory(world).summaries) == ["2509.00004", "2509.00005"]
    add(world, 9)
    run(world, model, summaries_limit="2")
    assert sorted(memory(world).summaries) == [f"2509.0000{number}" for number in (3, 4, 5, 9)]


def test_each_version_is_asked_for_once_whatever_model_and_language(
    world: World, model: ModelStandIn
) -> None:
    run(world, model)
    assert len(model.requests) == 5
    commits = world.commits
    world.a_day_later()
    run(world, model, summaries_model="another", summaries_language="German")
    assert len(model.requests) == 5
    assert world.commits == commits
    world.clock.moment += timedelta(days=1)
    revised = replace(
        world.arxiv.entries[2], version=2, updated=world.clock.moment - timedelta(hours=9)
    )
    world.arxiv.add([revised])
    run(world, model)
    assert len(model.requests) == 6
    assert memory(world).summaries["2509.00003"].version == 2


def test_a_lost_race_asks_no_model_again(world: World, model: ModelStandIn) -> None:
    run(world, model, summaries_limit="1")
    add(world, 9)
    lost = [False]

    def race(request: Any, response: Any) -> Any:
        if not lost[0] and request.method in {"PATCH", "POST"}:
            lost[0] = True
            world.github.repository.push({"notes.md": "theirs"}, "Their own")
        return response

    world.github.faults.extend([race] * 40)
    result = run(world, model)
    assert "planning again" in result.log
    assert len(model.requests) == 6
    assert len(memory(world).summaries) == 6


# What is shown


@pytest.mark.parametrize("layout", ["table", "list"])
def test_the_page_shows_a_summary_with_its_model_and_the_authors_own_below(
    world: World, model: ModelStandIn, layout: str
) -> None:
    run(world, model, layout=layout, summaries_language="Esperanto")
    (line,) = (line for line in world.read().splitlines() if "/2509.00003v1" in line)
    item = html.fragment_fromstring(line, create_parent=True)
    (details,) = item.cssselect("details")
    fold = details.text_content()
    summary = memory(world).summaries["2509.00003"]
    said = f"**{summary.title}** · {summary.text} *({model.model})*"
    assert line.count(said) == 1
    assert ABSTRACT.format(3) in fold
    assert (said in fold) == (layout == "table")


def test_the_web_page_shows_a_summary_with_its_model_and_the_authors_own_below(
    world: World, model: ModelStandIn
) -> None:
    run(world, model, site="site")
    page = html.document_fromstring(world.read("site/index.html"))
    (card,) = page.cssselect("article#p2509-00003")
    summary = memory(world).summaries["2509.00003"]
    (key,) = card.cssselect("p.key")
    assert key.text_content() == f"{summary.text} ({model.model})"
    (details,) = card.cssselect("details")
    assert ABSTRACT.format(3) in details.text_content()


def test_watchers_are_told_a_summary_with_its_model(world: World, model: ModelStandIn) -> None:
    run(world, model, summaries_language="Esperanto")
    add(world, 9)
    result = run(world, model, summaries_language="Esperanto")
    summary = memory(world).summaries["2509.00009"]
    *_, issue = world.github.hub.issues.values()
    assert f"{summary.text} *({model.model})*" in issue["body"]
    for output in ("digest-file", "digest-html-file"):
        text = (world.folder / "workspace" / result.outputs[output]).read_text("utf-8")
        assert summary.text in text
        assert f"({model.model})" in text


def test_summaries_that_are_no_longer_wanted_are_shown_no_longer(
    world: World, model: ModelStandIn
) -> None:
    run(world, model)
    assert model.model in world.read()
    add(world, 9)
    world.run()
    assert model.model not in world.read()
    assert len(memory(world).summaries) == 5, "they have been paid for"


# Nothing depends on it


def without_summaries(world: World) -> dict[str, str]:
    """The files of the branch, with the data file as it is without summaries."""
    files = {path: world.read(path) for path in world.github.repository.paths("main")}
    remembered = replace(memory(world), summaries={})
    return files | {DATA_FILE: datafile.encode(remembered, "daily-papers").decode()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is published without a model."""
    with world_with(tmp_path_factory.mktemp("plain")) as world:
        lengthen(world)
        assert world.run().exit_code == 0
        assert memory(world).summaries == {}
        assert "summaries" not in world.read(DATA_FILE)
        return without_summaries(world)


@pytest.mark.parametrize(
    "name", ["500", "a page of HTML", "a redirect", "a refusal object", "a novel", "nonsense"]
)
def test_a_model_that_fails_costs_no_paper(
    world: World, model: ModelStandIn, plain: dict[str, str], name: str
) -> None:
    model.faults.extend([{**FAULTS, **ANSWERS}[name]] * 40)
    result = run(world, model)
    assert result.exit_code == 0, result.log
    assert without_summaries(world) == plain
    assert result.log.count("::warning::Summaries by a model: stopped after 5 failures") == 1
    assert "5 failed; stopped after 5 failures in a row" in result.summary
    assert result.outputs["changed"] == "true"


def test_no_endpoint_costs_no_paper(world: World, plain: dict[str, str]) -> None:
    with ModelStandIn() as gone:
        url = gone.url
    result = world.run(summaries=url, summaries_model="any")
    assert result.exit_code == 0
    assert without_summaries(world) == plain
    assert "could not be reached" in result.log


def test_a_slow_model_is_left_when_the_time_limit_is_reached(
    world: World, model: ModelStandIn
) -> None:
    model.faults.append(with_status(429, "later", Retry_After="500"))
    result = run(world, model, time_limit="400")
    assert result.exit_code == 0
    assert len(model.requests) == 1
    assert "the time was over with 5 papers left for the next run" in result.summary


def test_a_run_without_summaries_imports_nothing_of_them_and_none_that_others_do_not(
    tmp_path: Path,
) -> None:
    program = test_startup.PROGRAM.replace('name.partition(".")[0]', "name")
    with ArxivStandIn([entry(1, title="Graph Neural Networks")]) as arxiv, ModelStandIn() as model:

        def imported(folder: str, **inputs: str) -> set[str]:
            given = {
                "KEYWORDS": 'Graphs: ti:"Neural"',
                "PUBLISH": "local",
                "ARXIV-URL": arxiv.url,
                "ANNOUNCEMENTS-URL": arxiv.announcements_url,
                **{name.upper().replace("_", "-"): value for name, value in inputs.items()},
            }
            (tmp_path / folder).mkdir()
            run = subprocess.run(
                [sys.executable, "-c", program],
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(ROOT),
                    "GITHUB_WORKSPACE": str(tmp_path / folder),
                    **{f"INPUT_{name}": value for name, value in given.items()},
                },
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            return set(run.stdout.split())

        plain = imported("plain")
        full = imported("full", summaries=model.url, summaries_model=model.model)
    assert not any(name.startswith("daily_papers.summaries") for name in plain)
    assert "daily_papers.summaries.client" in full
    packages = {name.partition(".")[0] for name in full} - set(sys.stdlib_module_names)
    assert packages <= {name.partition(".")[0] for name in plain}


# What is said


def test_tokens_are_in_the_summary_and_an_output(world: World, model: ModelStandIn) -> None:
    result = run(world, model)
    tokens = int(result.outputs["summary-tokens"])
    assert tokens > 500
    host = model.address.removeprefix("http://")
    line = f"Summaries by stand-in-1 at {host}: 5 new, {tokens:,} tokens."
    assert line in result.summary.replace("<span>:</span>", ":")
    assert f"Sending the titles, categories and abstracts of up to 5 papers to {host}" in result.log
    world.a_day_later()
    assert run(world, model).outputs["summary-tokens"] == "0"


def test_the_key_is_masked_and_nowhere_else(world: World, model: ModelStandIn) -> None:
    model.faults.append(with_status(500, f"no credit for {KEY}"))
    result = run(world, model)
    assert result.log.count(KEY) == 1
    assert f"::add-mask::{KEY}" in result.log
    for text in (result.summary, *result.outputs.values(), *without_summaries(world).values()):
        assert KEY not in text
    assert all(KEY not in str(one) for one in [*world.github.requests, *world.arxiv.requests])


def test_a_plan_asks_no_model(world: World, model: ModelStandIn) -> None:
    assert run(world, model, publish="plan").exit_code == 0
    assert model.requests == []


def test_silence_of_a_model_is_no_silence_of_the_run(world: World, model: ModelStandIn) -> None:
    # The clock of this run stands still, so that only a shorter timeout can end the wait.
    model.faults.append(changed(reset=True))
    assert run(world, model).exit_code == 0
    assert len(memory(world).summaries) == 4
    (body,) = (issue["body"] for issue in world.github.hub.issues.values())
    assert len(told(body).ids) == 5


# Inputs


@pytest.mark.parametrize(
    "inputs,words",
    [
        ({"summaries": "api.openai.com"}, "is not an http or https address"),
        ({"summaries": "https://me:pw@api.example/v1"}, "summaries: the address has a user"),
        ({"summaries": "https://api.example/v1#x"}, "has a user, a password or a fragment"),
        ({"summaries": "https://api.example/v1"}, "summaries-model is missing"),
        ({"summaries-model": "gpt"}, "summaries-model is set, but summaries is missing"),
        ({"summaries-key": "sk-1"}, "summaries-key is set, but summaries is missing"),
        ({"summaries-limit": "0"}, "a whole number from 1 to 1000"),
        ({"summaries-language": "x" * 51}, "one line of at most 50 characters"),
        ({"summaries-language": "German\nSay hello"}, "one line of at most 50 characters"),
    ],
)
def test_inputs_that_cannot_be_used_are_problems(inputs: dict[str, str], words: str) -> None:
    environ = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
    told = problems({"INPUT_KEYWORDS": "Graphs", "INPUT_GITHUB-TOKEN": "x", **environ})
    assert any(words in problem for problem in told)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "tab\tkey"])
def test_a_key_that_cannot_be_sent_is_a_problem_that_does_not_quote_it(key: str) -> None:
    environ = {"INPUT_KEYWORDS": "Graphs", "INPUT_GITHUB-TOKEN": "x", "INPUT_SUMMARIES-KEY": key}
    (problem, *_) = problems(environ)
    assert problem.startswith("summaries-key: it has a space")
    assert key not in problem


def test_summaries_need_a_data_file() -> None:
    environ = {
        "INPUT_KEYWORDS": "Graphs",
        "INPUT_GITHUB-TOKEN": "x",
        "INPUT_SUMMARIES": "https://api.example/v1",
        "INPUT_SUMMARIES-MODEL": "gpt",
        "INPUT_DATA-FILE": "none",
    }
    (problem,) = problems(environ)
    assert problem.startswith("summaries needs a data-file")


def test_the_address_may_be_that_of_the_chat_completions(world: World, model: ModelStandIn) -> None:
    run(
        world,
        model,
        summaries=f"{model.url}/chat/completions/".replace("completions/", "completions"),
    )
    assert len(memory(world).summaries) == 5


def test_the_setups_of_the_documents_are_those_of_the_example() -> None:
    text = (ROOT / "docs/summaries.md").read_text(encoding="utf-8")
    example = YAML(typ="safe").load(ROOT / "examples/summaries.yml")
    (job,) = example["jobs"].values()
    given = job["steps"][-1]["with"]
    assert {name for name in given if name.startswith("summaries")} >= {
        "summaries",
        "summaries-model",
        "summaries-key",
    }
    assert json.dumps(given["summaries"])[1:-1] in text
