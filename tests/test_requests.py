"""How arXiv is asked from day to day, end to end: seldom, and with the same papers on the page."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from daily_papers.arxiv.client import SPACING
from daily_papers.arxiv.fetch import CLEAN_CHECKS
from daily_papers.arxiv.schedule import CHECK_EVERY
from tests.standins import arxiv_faults as faults
from tests.standins.arxiv import parameters_of
from tests.standins.server import Fault, Request, Response, changed, with_status
from tests.support import NOW, published_files
from tests.workspace import DAY, LIMIT, TOPICS, World, a_world, paper

REFUSED = with_status(503)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = a_world(tmp_path)
    with made.arxiv:
        yield made


ALL = " + ".join(TOPICS)


def test_an_ordinary_day_asks_for_all_topics_at_once_and_for_one_by_itself(world: World) -> None:
    assert world.run().exit_code == 0
    assert world.asked == list(TOPICS)
    for number in range(2 * CHECK_EVERY):
        world.a_day_later()
        result = world.run()
        assert result.exit_code == 0
        assert world.asked == [ALL, TOPICS[number % 4]]
        assert "Asking arXiv 2 times for 4 topics\n" in result.log
        assert "4 topics together: " in result.log
        assert "miss" not in result.log
        assert sum(world.clock.sleeps) <= SPACING * (len(world.asked) - 1)
        world.check_page()
        assert result.outputs["new-papers"] == "4"


def test_many_topics_take_few_requests(tmp_path: Path) -> None:
    count, most = 50, 9
    world = a_world(tmp_path, tuple(f"Subject Matter{number:02}" for number in range(count)))
    world.inputs["pages"] = "never"
    with world.arxiv:
        assert world.run().exit_code == 0
        assert len(world.asked) == count
        world.a_day_later()
        result = world.run()
        assert result.exit_code == 0
        assert len(world.asked) <= most
        assert sum(world.clock.sleeps) <= SPACING * (len(world.asked) - 1)
        assert result.outputs["new-papers"] == str(count)
        newest = {topic: shown.papers[:1] for topic, shown in world.page.items() if shown.papers}
        assert newest == {topic: world.truth(topic)[:1] for topic in newest}


def test_per_topic_asks_for_each_by_itself(world: World) -> None:
    world.inputs["requests"] = "per-topic"
    world.run()
    world.a_day_later()
    world.run()
    assert world.asked == list(TOPICS)
    world.check_page()


def test_a_new_topic_and_a_changed_one_are_asked_for_by_themselves(world: World) -> None:
    world.run()
    world.a_day_later()
    new, changed_topic = "Bird Song", 'Sea Ice: "Sea Ice" NOT ti:"no such thing"'
    world.arxiv.add([paper(new, NOW)])
    world.topics = (*TOPICS[:3], "Sea Ice", new)
    world.inputs["keywords"] = "\n".join((*TOPICS[:3], changed_topic, new))
    world.run()
    assert world.asked == [" + ".join(TOPICS[:3]), "Sea Ice", "Bird Song", TOPICS[0]]
    world.check_page()


def test_another_order_asks_for_everything_anew(world: World) -> None:
    world.run()
    world.a_day_later()
    world.inputs["sort-by"] = "published"
    world.run()
    assert world.asked == list(TOPICS)


def test_a_quiet_day_changes_no_byte(world: World) -> None:
    world.run()
    world.a_day_later()
    world.run()
    before = published_files(world.folder / "workspace")
    for _ in range(3):
        world.clock.moment += DAY
        assert world.run().outputs["changed"] == "false"
        assert len(world.asked) == 2
    assert published_files(world.folder / "workspace") == before


def test_after_a_quiet_week_every_topic_is_asked_for_by_itself(world: World) -> None:
    """A day without news is not recorded; what nobody recorded has to be asked again."""
    world.run()
    world.clock.moment += CHECK_EVERY * DAY
    world.run()
    assert world.asked == list(TOPICS)


def test_a_paper_that_was_announced_late_is_found(world: World) -> None:
    world.run()
    world.a_day_later()
    world.arxiv.add([paper("Sea Ice", world.clock.moment - 3 * DAY)])
    world.run()
    assert world.asked == [ALL, TOPICS[0]]
    world.check_page()


def test_a_paper_that_leaves_has_its_topic_asked_for_by_itself(world: World) -> None:
    world.run()
    world.a_day_later()
    left = world.truth("Sea Ice")[1].partition("v")[0]
    world.arxiv.revise(left, updated=world.clock.moment, title="Something Else")
    world.run()
    assert world.asked == [ALL, "Sea Ice", TOPICS[0]]
    world.check_page()


# --- Misses


def without_newest(request: Request, response: Response) -> Response:
    """arXiv's own search overlooks the newest paper of a topic that it is asked for by itself."""
    if request.query.get("search_query", "").count(" OR ") > 1:
        return response
    body = re.sub(rb"<entry>.*?</entry>", b"", response.body, count=1, flags=re.DOTALL)
    total = re.search(rb"totalResults[^>]*>(\d+)<", body)
    assert total
    start, end = total.span(1)
    return replace(response, body=body[:start] + b"%d" % (int(total[1]) - 1) + body[end:])


def test_a_topic_with_a_miss_is_asked_for_by_itself_until_it_is_clean(world: World) -> None:
    world.run()
    world.a_day_later()
    world.arxiv.faults.extend([without_newest] * 2)
    result = world.run()
    newest = world.truth(TOPICS[0])[0]
    assert f"{TOPICS[0]}: a miss: our own search judged otherwise on {newest}\n" in result.log
    assert world.asked == [ALL, TOPICS[0], TOPICS[0]]  # a short page is followed by another
    assert newest not in world.page[TOPICS[0]].papers  # arXiv's own word goes before ours
    for number in range(CLEAN_CHECKS):
        assert world.data[TOPICS[0]]["doubts"] == CLEAN_CHECKS - number
        world.a_day_later()
        world.run()
        assert world.asked == [ALL, TOPICS[0], TOPICS[1 + number]]
        world.check_page()
    assert world.data[TOPICS[0]]["doubts"] == 0
    world.a_day_later()
    world.run()
    assert world.asked == [ALL, TOPICS[1]]


def test_an_answer_that_is_older_than_the_common_one_is_no_miss(world: World) -> None:
    world.run()
    for _ in range(3):
        world.a_day_later()
        world.inputs["keywords"] = "\n".join(TOPICS)
        world.run()
    world.a_day_later()
    stale = faults.stale_feed(world.arxiv, 4)
    world.arxiv.faults.extend([None, *[stale] * 9])
    result = world.run()
    assert result.exit_code == 0
    assert f"{TOPICS[3]}: not checked: " in result.log
    assert "miss" not in result.log
    world.check_page()


# --- Bad days


def together(fault: Fault) -> Fault:
    """A fault of the question for several topics alone."""

    def faulty(request: Request, response: Response) -> Response:
        is_common = parameters_of(request).get("search_query", "").count('ti:"') > 1
        return fault(request, response) if is_common else response

    return faulty


@pytest.mark.parametrize(
    "fault",
    [
        REFUSED,
        with_status(400),
        with_status(405),
        faults.empty_page(),
        faults.html_page(),
        faults.truncated(),
        faults.partial_page(2),
    ],
    ids=["503", "400", "405", "empty", "HTML", "cut", "partial"],
)
def test_where_the_question_for_all_fails_each_is_asked_for_by_itself(
    world: World, fault: Fault
) -> None:
    world.run()
    world.a_day_later()
    world.arxiv.faults.extend([together(fault)] * 99)
    result = world.run()
    assert result.exit_code == 0, result.log
    assert "::warning::" not in result.log
    world.check_page()


@pytest.mark.parametrize("days", [1, 2, 4])
def test_an_old_answer_is_not_believed(world: World, days: int) -> None:
    world.run()
    for _ in range(5):
        world.a_day_later()
        world.run()
    world.arxiv.faults.extend([together(faults.stale_feed(world.arxiv, days))] * 99)
    world.clock.moment += DAY
    world.run()
    world.check_page()


def test_a_check_that_fails_costs_nothing(world: World) -> None:
    world.run()
    world.a_day_later()
    world.arxiv.faults.extend([None, *[REFUSED] * 9])
    result = world.run()
    assert result.exit_code == 0
    assert "::warning::" not in result.log
    assert result.outputs["failed-topics"] == "[]"
    assert f"{TOPICS[0]}: not checked: arXiv answered with status 503" in result.log
    world.check_page()


def test_a_failed_topic_is_asked_for_by_itself_the_next_day(world: World) -> None:
    world.run()
    world.a_day_later()
    new = "Bird Song"
    world.topics = (*TOPICS, new)
    world.arxiv.add([paper(new, NOW)])
    world.arxiv.faults.extend([None, with_status(404)])
    assert json.loads(world.run().outputs["failed-topics"]) == [new]
    world.a_day_later()
    world.run()
    assert world.asked == [ALL, new, TOPICS[1]]
    world.check_page()


def test_a_long_question_is_posted(world: World) -> None:
    world.topics = tuple(f"Subject Matter{number:02}" for number in range(80))
    for topic in world.topics:
        world.arxiv.add(paper(topic, NOW - age * DAY) for age in range(1, LIMIT + 2))
    world.run()
    assert {request.method for request in world.arxiv.requests} == {"GET"}
    world.a_day_later()
    world.run()
    assert [request.method for request in world.arxiv.requests] == ["POST", *["GET"] * 12]
    assert all(len(request.target) < 5_000 for request in world.arxiv.requests)
    world.check_page()


@pytest.mark.filterwarnings("error")
def test_a_refused_answer_leaves_no_open_socket_behind(world: World) -> None:
    """An error that is kept as a value must not keep what it was raised among."""
    world.arxiv.faults.extend([changed(headers={"Content-Length": "7, 8"})] * 99)
    gc.collect()
    gc.disable()
    try:
        assert world.run().exit_code == 1
        assert gc.collect() >= 0  # An open socket in a cycle would be told of here.
    finally:
        gc.enable()
