"""Watchers are told once, and a run ends well whether that works or not: whole runs over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from daily_papers.transport import Timeouts
from tests.hub import DATA_FILE, GRAPHS, TIME, KilledError, World, mortal, world_with
from tests.standins import github_faults as faults
from tests.standins.entry import Entry
from tests.standins.server import Request, Response
from tests.support import NOW, Result, entry, told

ROOT: Final = Path(__file__).parent.parent
REFUSED: Final = "Resource not accessible by integration"
CREATE: Final[faults.Aim] = {"method": "POST", "path": "/issues$"}
LIST: Final[faults.Aim] = {"method": "GET", "path": "/issues$"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    entries = [entry(number) for number in range(5)]
    entries += [entry(number, title=f"Time Series, Part {number}") for number in range(10, 13)]
    with world_with(tmp_path, {}, entries=entries) as world:
        world.inputs["keywords"] = f"{GRAPHS}\n{TIME}"
        yield world


@pytest.fixture
def watched(world: World) -> World:
    """A world in which the welcome was yesterday."""
    assert world.run().exit_code == 0
    assert len(world.issues) == 1
    world.github.requests.clear()
    return world


def ids(*entries: Entry) -> set[str]:
    return {paper.arxiv_id for paper in entries}


def creates(world: World) -> int:
    """How often the last run has tried to open an issue."""
    return world.asked.count("POST /issues")


def warnings(result: Result) -> list[str]:
    return [line for line in result.log.splitlines() if line.startswith("::warning::")]


# --- What is told


def test_the_first_run_welcomes_with_the_newest_and_only_the_first(world: World) -> None:
    result = world.run(notify_papers="2")
    assert result.outputs["issue-numbers"] == "[1]"
    assert world.issues[1]["title"] == "Daily Papers: welcome"
    found = told(world.issues[1]["body"])
    assert found.new == {
        GRAPHS: ("2509.00004", "2509.00003"),
        TIME: ("2509.00012", "2509.00011"),
    }
    assert found.more == 4
    assert world.tomorrow().outputs["issue-numbers"] == "[]"
    for _ in range(2):
        world.github.repository.push({DATA_FILE: b"damaged"})
        assert world.tomorrow("Time Series").exit_code == 0
    assert len(world.issues) == 1


def test_one_issue_tells_of_all_topics(watched: World) -> None:
    result = watched.tomorrow(GRAPHS, TIME, TIME)
    graphs, *time = watched.arxiv.entries[-3:]
    assert result.outputs["new-papers"] == "3"
    assert result.outputs["issue-numbers"] == "[2]"
    assert watched.issues[2]["title"] == "Daily Papers: 3 new on 2025-10-04"
    assert watched.issues[2]["labels"] == [
        "daily-papers",
        "graph neural networks",
        "time series",
    ]
    (found,) = watched.told
    assert found.new == {
        GRAPHS: (graphs.arxiv_id,),
        TIME: (time[1].arxiv_id, time[0].arxiv_id),
    }
    body = watched.issues[2]["body"]
    assert "https://github.com/octo/papers/blob/main/README.md" in body
    assert "**Watch** → **Custom**" in body


def test_a_paper_in_two_topics_is_listed_once_and_names_both(watched: World) -> None:
    result = watched.tomorrow("Graph Neural Networks for Time Series")
    assert result.outputs["new-papers"] == "1"
    assert watched.issues[2]["title"] == "Daily Papers: 1 new on 2025-10-04"
    (found,) = watched.told
    assert found.new.keys() == {GRAPHS}
    assert f"*in: {TIME}*" in watched.issues[2]["body"]


def test_notify_none_asks_github_nothing(world: World) -> None:
    for titles in ([], [TIME]):
        result = world.tomorrow(*titles, notify="none")
        assert result.outputs["new-papers"] == str(len(titles))
        assert result.outputs["issue-numbers"] == "[]"
        assert not re.search("issues|labels", "".join(world.asked))


def test_without_new_papers_there_is_no_issue(watched: World) -> None:
    watched.arxiv.revise("2509.00001", updated=NOW)
    assert watched.tomorrow().outputs["changed"] == "true"
    assert watched.tomorrow().outputs["changed"] == "false"
    assert watched.told == []


def test_revised_papers_are_listed_below_and_not_counted(watched: World) -> None:
    watched.arxiv.revise("2509.00001", updated=NOW)
    watched.tomorrow(GRAPHS)
    (found,) = watched.told
    assert found.revised == {GRAPHS: ("2509.00001",)}
    assert watched.issues[2]["title"] == "Daily Papers: 1 new on 2025-10-04"


def test_the_date_is_that_of_the_user(watched: World) -> None:
    watched.tomorrow(TIME, timezone="America/Los_Angeles")
    assert watched.issues[2]["title"] == "Daily Papers: 1 new on 2025-10-03"


def test_later_steps_get_the_new_papers(watched: World) -> None:
    result = watched.tomorrow("Graph Neural Networks for Time Series", TIME)
    file = watched.folder / "workspace" / result.outputs["new-papers-file"]
    papers = json.loads(file.read_text(encoding="utf-8"))
    assert len(papers) == int(result.outputs["new-papers"]) == 2
    assert sorted(papers[0]["topics"]) == [GRAPHS, TIME]
    assert papers[1]["title"] == watched.arxiv.entries[-1].title
    assert papers[1]["url"] == f"https://arxiv.org/abs/{papers[1]['id']}v1"


def test_text_from_outside_leaves_people_in_peace(watched: World) -> None:
    """The stand-in raises what would disturb anybody."""
    hostile = "@octocat fixes #1, see https://github.com/o/r/issues/3 <!-- --> | GH-12"
    watched.arxiv.add([watched.fresh(f"Time Series {hostile}", comment=hostile)])
    watched.tomorrow(f"Graph Neural Networks {hostile}")
    assert len(watched.told) == 1


def test_the_longest_digest_is_accepted(watched: World) -> None:
    title = f"Time Series {'and 100% of all the others ' * 30}"
    result = watched.tomorrow(*[title] * 100, notify_papers="100")
    assert result.outputs["issue-numbers"] == "[2]"
    (found,) = watched.told
    assert 60_000 < len(watched.issues[2]["body"]) <= 65_536
    assert 0 < found.more == 100 - len(found.ids)


# --- Labels, and old issues


def test_labels_are_made_where_missing(world: World) -> None:
    world.run(notify_labels="New papers, arXiv")
    assert world.issues[1]["labels"][:2] == ["new papers", "arxiv"]
    assert world.github.hub.labels["new papers"]["color"] == "b31b1b"


def test_a_label_that_is_there_stays_as_it_is(world: World) -> None:
    world.github.open_issue("Theirs", labels=["daily-papers"])
    world.github.hub.labels["daily-papers"]["color"] = "00ff00"
    world.run()
    assert world.issues[2]["labels"][0] == "daily-papers"
    assert world.github.hub.labels["daily-papers"]["color"] == "00ff00"


def test_a_topic_s_label_has_a_form_that_github_takes(world: World) -> None:
    long = "Recommendation, Retrieval, and whatever else one may call it"
    world.arxiv.add([entry(20, title=long)])
    result = world.run(keywords=f'{long}: "Recommendation, Retrieval"')
    assert world.issues[1]["labels"][1] == "recommendation  retrieval  and whatever else one m"
    assert warnings(result) == []


def test_older_digests_are_closed_as_completed_and_nobody_else_s_issues(watched: World) -> None:
    watched.github.open_issue("Theirs", labels=["daily-papers"])
    watched.github.open_issue("A quotation", watched.issues[1]["body"], labels=["daily-papers"])
    watched.inputs["notify_keep"] = "2"
    for _ in range(3):
        watched.tomorrow(TIME)
    closed = {number: issue["state_reason"] for number, issue in watched.issues.items()}
    assert closed == {1: "completed", 2: None, 3: None, 4: "completed", 5: None, 6: None}


def test_an_old_issue_that_cannot_be_closed_is_closed_another_day(watched: World) -> None:
    watched.inputs["notify_keep"] = "1"
    watched.github.troubles.append(faults.refusal(500, "oh no", method="PATCH", path="/issues/"))
    result = watched.tomorrow(TIME)
    assert result.exit_code == 0
    assert result.outputs["issue-numbers"] == "[2]"
    assert "Old issues stay open" in "".join(warnings(result))
    watched.tomorrow(TIME)
    assert [issue["state"] for issue in watched.issues.values()] == ["closed", "closed", "open"]


# --- GitHub will not


TROUBLES: Final[dict[str, Callable[..., faults.Trouble]]] = {
    "a primary limit": faults.primary_limit,
    "a primary limit, 429": lambda **aim: faults.primary_limit(429, **aim),
    "a secondary limit": faults.secondary_limit,
    "a secondary limit, Retry-After": lambda **aim: faults.secondary_limit(retry_after=60, **aim),
    "a secondary limit, 429": lambda **aim: faults.secondary_limit(429, **aim),
    "a secondary limit, 429, Retry-After": lambda **aim: faults.secondary_limit(
        429, retry_after=3600, **aim
    ),
    "502": lambda **aim: faults.before(faults.server_error(**aim)),
    "a reset": lambda **aim: faults.before(faults.reset(**aim)),
    "no permission": lambda **aim: faults.refusal(403, REFUSED, **aim),
    "an error": lambda **aim: faults.refusal(422, "Validation Failed", **aim),
}


@pytest.mark.parametrize("name", TROUBLES)
@pytest.mark.parametrize("aim", [CREATE, LIST], ids=["create", "list"])
def test_what_cannot_be_told_today_is_told_tomorrow(
    watched: World, name: str, aim: faults.Aim
) -> None:
    watched.github.troubles.append(TROUBLES[name](**aim, times=9))
    result = watched.tomorrow(TIME)
    assert result.exit_code == 0
    assert result.outputs["changed"] == "true"
    assert result.outputs["new-papers"] == "1"
    assert result.outputs["issue-numbers"] == "[]"
    (warning,) = warnings(result)
    assert "the next run tries again" in warning
    assert creates(watched) == (1 if aim is CREATE else 0)
    assert watched.told == []

    watched.github.troubles.clear()
    assert watched.tomorrow().outputs["issue-numbers"] == "[2]"
    assert watched.issues[2]["title"] == "Daily Papers: 1 new on 2025-10-04"
    assert watched.run().outputs["issue-numbers"] == "[]"


DONE: Final = {
    "502": lambda: faults.server_error(**CREATE),
    "a reset": lambda: faults.reset(**CREATE),
    "silence": lambda: faults.silence(9, **CREATE),
    "half an answer": lambda: faults.truncated(**CREATE),
}


@pytest.mark.parametrize("name", DONE)
def test_an_issue_that_was_opened_after_all_is_not_opened_again(
    watched: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts = Timeouts(read=2, whole=30)
    monkeypatch.setattr("daily_papers.github.requester.TIMEOUTS", timeouts)
    watched.github.troubles.append(DONE[name]())
    result = watched.tomorrow(TIME)
    assert result.outputs["issue-numbers"] == "[2]"
    assert warnings(result) == []
    assert creates(watched) == 1
    watched.run()
    assert creates(watched) == 0
    watched.tomorrow(GRAPHS)
    assert creates(watched) == 1
    assert len(watched.told) == 2


def test_issues_that_are_off(watched: World) -> None:
    watched.github.hub.has_issues = False
    result = watched.tomorrow(TIME)
    assert result.exit_code == 0
    assert result.outputs["changed"] == "true"
    (warning,) = warnings(result)
    assert "Turn issues on in the repository's settings, or set notify: none" in warning
    watched.github.hub.has_issues = True
    assert watched.tomorrow().outputs["issue-numbers"] == "[2]"
    assert watched.tomorrow().outputs["issue-numbers"] == "[]"


@pytest.mark.parametrize("private", [False, True])
def test_a_permission_that_is_granted_later(world: World, *, private: bool) -> None:
    world.github.hub.private = private
    world.github.hub.permissions["issues"] = "none"
    for result in (world.run(), world.tomorrow(TIME), world.tomorrow(GRAPHS)):
        assert result.exit_code == 0
        assert result.outputs["changed"] == "true"
        (warning,) = warnings(result)
        assert REFUSED in warning
        assert re.search(r"permissions:%0A  issues: (read|write)", warning)
    world.github.hub.permissions["issues"] = "write"
    world.tomorrow()
    told = [issue["title"] for issue in world.issues.values()]
    if private:  # Nobody could see what had been told, so that nothing was put together.
        assert told == [
            "Daily Papers: welcome",
            "Daily Papers: 1 new on 2025-10-04",
            "Daily Papers: 1 new on 2025-10-05",
        ]
    else:
        assert told == [
            "Daily Papers: welcome",
            "Daily Papers: 2 new from 2025-10-04 to 2025-10-05",
        ]
    assert world.tomorrow().outputs["issue-numbers"] == "[]"


# --- Exactly once


@pytest.mark.parametrize("before", [True, False])
def test_killed_at_any_request_the_next_run_tells_once(watched: World, *, before: bool) -> None:
    watched.inputs["notify_keep"] = "2"
    expected: list[set[str]] = []
    for moment in range(99):
        expected.append(ids(watched.fresh(TIME)))
        try:
            with mortal(moment, before=before):
                watched.tomorrow(TIME)
            break
        except KilledError:
            watched.run()
            watched.run()
    assert [one.ids for one in watched.told] == expected
    assert 10 < len(expected) < 30


def test_really_killed_between_commit_and_issue(watched: World) -> None:
    watched.clock.moment = datetime.now(UTC)
    watched.arxiv.add([watched.fresh(TIME)])

    def kill(_request: Request, response: Response) -> Response:
        os.kill(process.pid, signal.SIGKILL)
        return response

    watched.github.troubles.append(faults.Trouble(fault=kill, instead=True, **CREATE))
    command = [sys.executable, str(ROOT / "entrypoint.py")]
    environ = {"PATH": os.environ["PATH"], **watched.environment(keywords=TIME)}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    assert process.wait(60) == -signal.SIGKILL
    assert len(watched.github.repository.log("main")) == 3
    assert watched.told == []
    assert watched.run(keywords=TIME).outputs["issue-numbers"] == "[2]"
    assert watched.run(keywords=TIME).outputs["issue-numbers"] == "[]"


def test_a_fork_tells_nothing_of_the_repository_that_it_was_made_from(watched: World) -> None:
    watched.github.hub.has_issues = False
    watched.tomorrow(TIME)
    hub = watched.github.hub
    hub.full_name, hub.has_issues, hub.issues = "fork/papers", True, {}
    watched.environ["GITHUB_REPOSITORY"] = "fork/papers"
    assert watched.tomorrow().outputs["issue-numbers"] == "[]"
    watched.tomorrow(GRAPHS)
    (found,) = watched.told
    assert found.new.keys() == {GRAPHS}


def test_two_markers_have_each_their_own_issues(watched: World) -> None:
    other = {"marker": "other", "readme": "other.md", "data_file": "other.json"}
    assert watched.run(**other).outputs["issue-numbers"] == "[2]"
    watched.tomorrow(TIME)
    watched.run(**other)
    assert [told(issue["body"]).key.split(":")[1] for issue in watched.issues.values()] == [
        "daily-papers",
        "other",
        "daily-papers",
        "other",
    ]


def test_a_late_paper_and_one_that_was_withdrawn(watched: World) -> None:
    long_ago = NOW - timedelta(days=20)
    late = replace(watched.fresh(TIME), published=long_ago, updated=long_ago)
    watched.arxiv.add([late])
    gone = watched.fresh(TIME)
    watched.arxiv.add([gone])
    watched.arxiv.withdraw(gone.arxiv_id, updated=NOW)
    watched.tomorrow()
    assert [one.ids for one in watched.told] == [ids(late)]
