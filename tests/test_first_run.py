"""What the summary of a first run says to somebody who has just set it up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cmarkgfm
import pytest

from tests.hub import README, World, world_with

NEXT = "What is left to do"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path, {"README.md": README}) as world:
        yield world


def items(summary: str) -> str:
    """The list of what is left to do, as GitHub's engine renders it."""
    html: str = cmarkgfm.github_flavored_markdown_to_html(summary)
    return html.partition(NEXT)[2].partition("<ol>")[2].partition("</ol>")[0]


def test_the_page_is_there_and_mails_have_to_be_asked_for(world: World) -> None:
    world.environ = {"GITHUB_SERVER_URL": "https://github.example.org"}
    told = items(world.run().summary)
    assert told.count("<li>") == 2
    assert '<a href="https://github.example.org/octo/papers/blob/main/README.md">' in told
    assert "<strong>Issues</strong>" in told


def test_issues_have_to_be_turned_on_first(world: World) -> None:
    world.github.hub.has_issues = False
    told = items(world.run().summary)
    assert told.count("<li>") == 3
    assert told.index("Turn issues on in the repository's settings") < told.index("Watch")


def test_a_missing_permission_is_named(world: World) -> None:
    world.github.hub.permissions["issues"] = "none"
    assert "permissions: issues: " in items(world.run().summary)


@pytest.mark.parametrize(
    "folder,words", [("docs", "Settings → Pages"), ("public", "how to publish it")]
)
def test_a_web_page_has_to_be_published(world: World, folder: str, words: str) -> None:
    told = items(world.run(site=folder).summary)
    assert told.count("<li>") == 3
    assert words in told


def test_a_pull_request_waits_to_be_merged(world: World) -> None:
    told = items(world.run(publish="pull-request").summary)
    assert "/octo/papers/pull/1" in told
    assert "<strong>Pull requests</strong>" in told


def test_without_mails_only_the_page_is_mentioned(world: World) -> None:
    told = items(world.run(notify="none").summary)
    assert told.count("<li>") == 1
    assert "Look at the page" in told


@pytest.mark.parametrize("inputs", [{"publish": "plan"}, {"publish": "local"}])
def test_nothing_is_said_if_nothing_is_left_to_do(world: World, inputs: dict[str, str]) -> None:
    assert NEXT not in world.run(**inputs).summary


def test_a_topic_without_papers_is_not_called_fresh(world: World) -> None:
    result = world.run(keywords="Graph Neural Networks\nNobody writes of this")
    (row,) = re.findall(r"\| Nobody writes of this \| .*", result.summary)
    assert row.endswith(" | 0 | 0 | 0 | no papers match this query |")
    (warning,) = re.findall(r"::warning::.*", result.log)
    assert warning.startswith("::warning::Nobody writes of this: no papers match this topic")
    assert "https://arxiv.org/search/advanced" in warning
    world.a_day_later(9)
    assert (
        "::warning::" not in world.run(keywords="Graph Neural Networks\nNobody writes of this").log
    )


def test_only_the_first_run_says_it(world: World) -> None:
    assert NEXT in world.run().summary
    world.a_day_later(9)
    result = world.run()
    assert result.outputs["changed"] == "true"
    assert NEXT not in result.summary
