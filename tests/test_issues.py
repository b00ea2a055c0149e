"""The issues as a second witness of what was told, whatever people do to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.github.client import connect
from daily_papers.github.issues import GitHubTracker
from daily_papers.memory.keys import hidden, key_in, make_key
from daily_papers.publish.tracker import Issue
from tests.hub import README, TOKEN, World, world_with
from tests.standins.github_faults import Trouble
from tests.standins.github_issues import BOT, add_issue
from tests.standins.server import Response
from tests.support import FakeClock

OWNER = "octo/papers:daily-papers"
LABEL = "daily-papers"
KEYS = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path, {"README.md": README}) as made:
        made.github.must_be_calm = False
        yield made


def tracker_of(world: World) -> GitHubTracker:
    connection = connect(
        "octo/papers", token=TOKEN, api_url=world.github.address, clock=FakeClock()
    )
    return GitHubTracker(connection, "daily-papers")


def add_ours(world: World, key: str, *labels: str, title: str = "Daily Papers") -> int:
    body = f"News.\n\n{hidden(key)}"
    issue = add_issue(world.github.hub, title, body, labels=labels, user=BOT)
    return int(issue["number"])


# --- The key in a body


@given(KEYS, st.text(), st.text())
def test_a_hidden_key_is_found_again(what: str, before: str, after: str) -> None:
    key = make_key(OWNER, what)
    assert key_in(f"{before}\n{hidden(key)}\n{after}", OWNER) == key


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!-- octo/papers:daily-papers -->",
        "<!-- octo/papers:daily-papers-2:welcome -->",
        "<!-- octo/other:daily-papers:welcome -->",
        "> <!-- octo/papers:daily-papers:welcome -->",
        "Text <!-- octo/papers:daily-papers:welcome -->",
        "<!-- octo/papers:daily-papers:wel come -->",
    ],
)
def test_what_is_no_key_of_ours(body: str) -> None:
    assert key_in(body, OWNER) == ""


# --- What people do to issues


def take_the_label_off(world: World) -> None:
    world.github.hub.issues[1]["labels"] = []


def rename_the_label(world: World) -> None:
    label = world.github.hub.labels.pop(LABEL)
    world.github.hub.labels["papers"] = {**label, "name": "papers"}
    world.github.hub.issues[1]["labels"] = ["papers"]


def write_below(world: World) -> None:
    world.github.hub.issues[1]["body"] += "\n\nThanks! I like the second one.\n"


def write_anew(world: World) -> None:
    world.github.hub.issues[1]["body"] = "I have read them all."


def rename_it(world: World) -> None:
    world.github.hub.issues[1]["title"] = "Papers to read"


def open_many(world: World) -> None:
    for number in range(250):
        world.github.open_issue(f"Issue {number}", labels=[LABEL])


def answer_nothing_once(world: World) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    empty = Response(body=b"[]", headers=headers)
    world.github.troubles.append(
        Trouble(fault=lambda *_: empty, method="GET", path="/issues$", instead=True)
    )


@pytest.mark.parametrize(
    "act",
    [
        take_the_label_off,
        rename_the_label,
        write_below,
        write_anew,
        rename_it,
        open_many,
        answer_nothing_once,
    ],
)
@pytest.mark.parametrize("is_lost", [False, True])
def test_nothing_is_told_twice(
    world: World, act: Callable[[World], None], *, is_lost: bool
) -> None:
    world.run()
    act(world)
    if is_lost:
        world.github.repository.push({".github/daily-papers.json": None})
    world.a_day_later(6)
    result = world.run()
    assert result.exit_code == 0, result.log
    bodies = [issue["body"] for issue in world.github.hub.issues.values() if issue["user"] == BOT]
    assert len(bodies) == (1 if is_lost else 2)
    assert sum("Welcome!" in body for body in bodies) == (act is not write_anew)
    assert len(world.asked) <= 14


def test_ordinary_days_look_once(world: World) -> None:
    world.run()
    for number in range(6, 9):
        world.a_day_later(number)
        world.run()
        assert world.asked.count("GET /issues") == 1
    world.a_day_later()
    world.run()
    assert world.asked.count("GET /issues") == 1


def test_a_key_that_somebody_else_has_copied_keeps_nobody_from_being_told(world: World) -> None:
    key = make_key(OWNER, "welcome")
    world.github.open_issue("Hello", f"Hello!\n\n{hidden(key)}")
    assert world.run().outputs["issue-numbers"] == "[2]"


def test_a_pull_request_is_no_issue_of_ours(world: World) -> None:
    world.github.repository.push({"x.md": "x"}, branch="other")
    number = add_ours(world, make_key(OWNER, "welcome"), LABEL)
    world.github.hub.pulls[number] = {
        "head": "other",
        "head_sha": world.github.repository.resolve("refs/heads/other"),
        "base": "main",
        "base_sha": world.github.repository.resolve("refs/heads/main"),
        "draft": False,
        "merged_at": None,
        "merge_commit_sha": None,
    }
    assert tracker_of(world).posted(LABEL) == []


# --- What is looked at


def test_older_pages_are_looked_at_for_what_is_expected(world: World) -> None:
    keys = [make_key(OWNER, str(number)) for number in range(250)]
    numbers = [add_ours(world, key, LABEL) for key in keys]
    tracker = tracker_of(world)
    assert len(tracker.posted(LABEL)) == 100
    assert len(tracker.posted(LABEL, [keys[200]])) == 100
    assert len(world.github.requests) == 2
    posted = tracker.posted(LABEL, [keys[0], keys[120]])
    assert [one.number for one in posted] == numbers[::-1]
    assert posted[-1].key == keys[0]
    assert posted[-1].body == f"News.\n\n{hidden(keys[0])}"
    assert posted[-1].title == "Daily Papers"
    assert posted[-1].is_open
    assert len(world.github.requests) == 5


def test_what_is_not_there_takes_two_looks(world: World) -> None:
    add_ours(world, make_key(OWNER, "a"), LABEL)
    posted = tracker_of(world).posted(LABEL, [make_key(OWNER, "b")])
    assert [one.key for one in posted] == [make_key(OWNER, "a")]
    assert len(world.github.requests) == 2


def test_an_issue_that_was_edited_is_not_opened_again(world: World) -> None:
    number = add_ours(world, make_key(OWNER, "a"), LABEL, title="Daily Papers: 3 new")
    add_ours(world, make_key("octo/papers:others", "a"), LABEL, title="Daily Papers: 4 new")
    world.github.hub.issues[number]["body"] = None
    tracker = tracker_of(world)
    assert tracker.posted(LABEL) == []
    again = Issue(key=make_key(OWNER, "a"), title="Daily Papers: 3 new", body="x", labels=(LABEL,))
    assert tracker.open(again) == number
    other = Issue(key=make_key(OWNER, "b"), title="Daily Papers: 4 new", body="x", labels=(LABEL,))
    assert tracker.open(other) == 3
