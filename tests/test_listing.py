"""The second door: what arXiv announced last, on days on which its search refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.arxiv import listing as announcements
from daily_papers.arxiv.calendar import latest_listing
from daily_papers.arxiv.client import SPACING
from daily_papers.errors import FeedError
from tests.standins.arxiv_listing import listing
from tests.standins.entry import Author, Entry
from tests.standins.server import Fault, with_status
from tests.support import NOW, entry
from tests.workspace import DAY, TOPICS, World, a_world, paper

FRIDAY = date(2025, 10, 3)
SUBMITTED = datetime(2025, 10, 2, 12, tzinfo=UTC)
"""Before the deadline for the listing of that Friday."""
REFUSED = with_status(503)


def a_paper(number: int = 1, **changes: object) -> Entry:
    made = entry(number, arxiv_id=f"2510.{number:05}", published=SUBMITTED, updated=SUBMITTED)
    return replace(made, **changes)  # type: ignore[arg-type]


def parse(*entries: Entry, places: str = "cs.LG") -> announcements.Listing:
    return announcements.parse(listing(entries, places, NOW))


# --- The feed


def test_an_entry_is_read_whole() -> None:
    shown = a_paper(
        title="Graphs & <Trees>",
        summary="We study $a<b$.\nAbstract: twice.",
        authors=(
            Author(name="Ada Example", affiliations=("MIT, CSAIL", "ETH")),
            Author(name="Bob O. Example"),
        ),
        categories=("cs.LG", "stat.ML"),
        doi="10.5555/1",
        journal_ref="J. Graphs 1",
        comment="12 pages",
    )
    found = parse(shown)
    assert found.day == FRIDAY
    (read,) = found.papers
    midnight = datetime(2025, 10, 3, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    assert (read.versioned_id, read.title) == ("2510.00001v1", "Graphs & <Trees>")
    assert read.summary == "We study $a<b$. Abstract: twice."
    assert read.authors == ("Ada Example", "Bob O. Example")
    assert (read.primary_category, read.categories) == ("cs.LG", ("cs.LG", "stat.ML"))
    assert (read.doi, read.journal_ref, read.comment) == ("10.5555/1", "J. Graphs 1", None)
    assert read.published == read.updated == midnight


def test_only_what_is_new_is_taken() -> None:
    new = a_paper(1)
    revised = a_paper(2, version=2)
    crossed = a_paper(3, primary_category="math.CO", categories=("math.CO", "cs.LG"))
    elsewhere = a_paper(4, primary_category="hep-th", categories=("hep-th",))
    found = parse(new, revised, crossed, elsewhere)
    assert [one.arxiv_id for one in found.papers] == [new.arxiv_id, crossed.arxiv_id]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Rate exceeded.",
        b"<html></html>",
        listing([a_paper()], "cs", NOW)[:-20],
        listing([], "cs", NOW).replace(b"updated>", b"made>"),
        listing([a_paper()], "cs", NOW).replace(b"oai:", b"http:"),
        listing([a_paper()], "cs", NOW).replace(b"category term", b"category name"),
        listing([a_paper()], "cs", NOW).replace(b"<published>", b"<published>no "),
        b"<!DOCTYPE feed>" + listing([], "cs", NOW),
    ],
)
def test_what_is_no_such_feed_is_refused(body: bytes) -> None:
    with pytest.raises(FeedError):
        announcements.parse(body)


@given(st.binary(max_size=60), st.integers(0, 2000))
def test_damage_is_an_error_or_harmless(damage: bytes, place: int) -> None:
    body = listing([a_paper()], "cs", NOW)
    damaged = body[:place] + damage + body[place + len(damage) :]
    try:
        found = announcements.parse(damaged)
    except FeedError:
        return
    assert len(found.papers) <= 1


@pytest.mark.parametrize(
    "old,new",
    [
        (b"<title>Graph Neural Networks, Part 1</title>", b""),
        (b"oai:arXiv.org:2510.00001v1", b"oai:arXiv.org:2510.00001"),
        (b"oai:arXiv.org:2510.00001v1", b"oai:arXiv.org:2510.00001v1000"),
        (b'<category term="cs.LG"/>', b'<category term="68T07"/>'),
        (b"<published>2025", b"<published>0001"),
        (b"<published>2025", b"<published>2027"),
    ],
)
def test_an_entry_that_is_no_paper_spoils_no_other(old: bytes, new: bytes) -> None:
    body = listing([a_paper(1), a_paper(2)], "cs", NOW)
    assert old in body
    found = announcements.parse(body.replace(old, new, 1))
    assert [one.arxiv_id for one in found.papers] == ["2510.00002"]
    assert len(found.flaws) == 1


def by_lookahead(creator: str) -> list[str]:
    """Names as a regular expression divides them, in quadratic time."""
    names = re.split(r", ?(?![^()]*\))", creator)
    plain = (re.sub(r" ?\([^()]*\)", "", name).strip() for name in names)
    return [name for name in plain if any(map(str.isalnum, name))]


@given(st.lists(st.sampled_from(["Ada B.", ",", ", ", "(", ")", " (", ":", "1", " "]), max_size=14))
def test_authors_are_divided_where_a_comma_is_outside_parentheses(parts: list[str]) -> None:
    creator = " ".join("".join(parts).split())
    body = listing([a_paper()], "cs", NOW)
    body = body.replace(b"Ada Example", creator.encode())
    (read,) = announcements.parse(body).papers
    assert list(read.authors) == by_lookahead(creator)


@pytest.mark.parametrize(
    "now,day",
    [
        ("2025-10-03T06:00", "2025-10-03"),  # Friday morning: announced on Thursday evening
        ("2025-10-04T06:00", "2025-10-03"),  # nothing on Friday evening
        ("2025-10-05T06:00", "2025-10-03"),
        ("2025-10-05T23:00", "2025-10-03"),  # Sunday, 19:00 Eastern
        ("2025-10-06T00:30", "2025-10-06"),  # Sunday, 20:30 Eastern
        ("2026-11-27T06:00", "2026-11-26"),  # Thanksgiving has no evening
    ],
)
def test_the_latest_listing_is_of_the_day_behind_the_latest_announcement(
    now: str, day: str
) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert latest_listing(moment) == date.fromisoformat(day)


# --- Whole runs


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Friday: arXiv has been asked on Thursday, and has one more paper on each topic."""
    made = a_world(tmp_path)
    made.clock.moment = NOW - DAY
    with made.arxiv:
        assert made.run().exit_code == 0
        made.clock.moment = NOW
        made.arxiv.add(paper(topic, SUBMITTED) for topic in TOPICS)
        yield made


def searches(fault: Fault) -> Fault:
    """A fault of the search alone."""
    return lambda request, response: (
        response if request.path.startswith("/atom") else fault(request, response)
    )


def run(world: World, fault: Fault = REFUSED) -> tuple[int, str, list[str]]:
    """Runs while the search refuses; returns the exit code, the log, and the ids that are new."""
    world.arxiv.faults.extend([searches(fault)] * 99)
    result = world.run()
    file = world.folder / "workspace" / result.outputs["new-papers-file"]
    return result.exit_code, result.log, [one["id"] for one in json.loads(file.read_text())]


LINE = (
    "arXiv has given no usable answer since 2025-10-03; as of 2025-10-02, and with what arXiv "
    "announced on 2025-10-03."
)


def test_announced_papers_join_their_topics_until_the_search_answers_again(world: World) -> None:
    before = world.page
    exit_code, log, new = run(world)
    assert exit_code == 0
    assert log.count("::warning::") == len(TOPICS)
    for topic in TOPICS:
        assert f"{topic}: 1 paper from the listing of 2025-10-03\n" in log
        assert world.page[topic].state == LINE
        came = world.truth(topic)[0]
        assert world.page[topic].papers == (came, *before[topic].papers[:-1])
        assert came.partition("v")[0] in new
    assert "announcements" in world.asked
    page = (world.folder / "workspace" / "README.md").read_text()
    comments = [line.endswith("|  |") for line in page.splitlines() if line.startswith("| **[")]
    assert sum(comments) == len(TOPICS)

    world.clock.moment += 3 * DAY
    world.arxiv.faults.clear()
    result = world.run()
    assert result.exit_code == 0
    assert result.outputs["new-papers"] == "0"
    world.check_page()


def test_the_feed_is_asked_once_and_at_arxivs_pace(world: World) -> None:
    run(world)
    assert world.asked.count("announcements") == 1
    (request,) = (one for one in world.arxiv.requests if one.path.startswith("/atom"))
    assert request.path == "/atom/cs.LG"
    assert world.clock.sleeps[-1] <= SPACING


def test_the_places_are_those_of_the_input(world: World) -> None:
    world.inputs["categories"] = "cs, stat.ML"
    world.clock.moment -= DAY
    world.run()
    world.clock.moment += DAY
    run(world)
    assert world.arxiv.requests[-1].path in {"/atom/cs+stat.ML", "/atom/cs%2Bstat.ML"}


@pytest.mark.parametrize("status", [400, 404])
def test_a_question_that_is_wrong_is_no_reason_to_look_there(world: World, status: int) -> None:
    _, _, new = run(world, with_status(status))
    assert new == []
    assert "announcements" not in world.asked


def test_it_can_be_turned_off(world: World) -> None:
    world.inputs["announcements"] = "never"
    exit_code, _, new = run(world)
    assert exit_code == 1
    assert new == []
    assert "announcements" not in world.asked


def test_an_old_feed_is_known_by_its_date(world: World) -> None:
    world.arxiv.listing_clock = lambda: NOW - DAY
    exit_code, log, new = run(world)
    assert exit_code == 1
    assert "No listing either: the latest is that of 2025-10-02\n" in log
    assert new == []
    assert "announced" not in world.page[TOPICS[0]].state


def test_an_empty_feed_brings_nothing(world: World) -> None:
    world.clock.moment = NOW + DAY  # a Saturday
    exit_code, log, new = run(world)
    assert exit_code == 0
    assert f"{TOPICS[0]}: 0 papers from the listing of 2025-10-04\n" in log
    assert new == []
    assert "announced" not in world.page[TOPICS[0]].state


@pytest.mark.parametrize("fault", [REFUSED, with_status(200, "Rate exceeded.")])
def test_where_the_second_door_is_shut_too_the_papers_are_kept(world: World, fault: Fault) -> None:
    before = world.page
    world.arxiv.faults.extend([fault] * 99)
    result = world.run()
    assert result.exit_code == 1
    assert "No listing either: arXiv" in result.log
    assert world.asked.count("announcements") == 1
    assert {topic: shown.papers for topic, shown in world.page.items()} == {
        topic: shown.papers for topic, shown in before.items()
    }


def test_without_anything_known_there_is_nothing_to_add_to(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    world.arxiv.faults.extend([REFUSED] * 99)
    with world.arxiv:
        assert world.run().exit_code == 1
    assert "announcements" not in world.asked


def test_hostile_announcements_stay_text(world: World) -> None:
    hostile = paper("Sea Ice", SUBMITTED)
    title = "Sea Ice <!-- daily-papers:end --> | **[x](javascript:y)** `a"
    world.arxiv.remove(hostile.arxiv_id)
    world.arxiv.add([replace(hostile, title=title, summary="|\n| a | b |\n::error::x")])
    _, log, new = run(world)
    assert hostile.arxiv_id in new
    assert "::error::x" not in log
    assert list(world.page) == list(TOPICS)
    page = (world.folder / "workspace" / "README.md").read_text()
    assert page.count("<!-- daily-papers:end -->") == 1
