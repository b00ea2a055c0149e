"""How arXiv is asked from day to day, end to end: rarely, and with the same papers on the page."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daily_papers.arxiv.client import SPACING
from daily_papers.arxiv.fetch import CLEAN_CHECKS
from daily_papers.arxiv.schedule import CHECK_EVERY
from daily_papers.topics.search import Field, Indexed
from tests.standins import arxiv_faults as faults
from tests.standins.arxiv import ArxivStandIn, parameters_of
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


def test_an_ordinary_day_takes_one_question_and_a_week_has_one_day_of_checks(world: World) -> None:
    assert world.run().exit_code == 0
    assert world.asked == [ALL, TOPICS[0]]
    world.check_page()
    for day in range(1, 2 * CHECK_EVERY + 1):
        world.a_day_later()
        result = world.run()
        assert result.exit_code == 0
        assert world.asked == ([ALL, *TOPICS] if day % CHECK_EVERY == 0 else [ALL])
        assert "Asking arXiv about 4 topics\n" in result.log
        assert "4 topics together: " in result.log
        assert "differ" not in result.log
        assert sum(world.clock.sleeps) <= SPACING * (len(world.asked) - 1)
        world.check_page()
        assert result.outputs["new-papers"] == "4"


def test_many_topics_take_few_requests(tmp_path: Path) -> None:
    count, first, most = 50, 9, 9
    world = a_world(tmp_path, tuple(f"Subject Matter{number:02}" for number in range(count)))
    world.inputs["pages"] = "never"
    with world.arxiv:
        assert world.run().exit_code == 0
        assert len(world.asked) <= first
        world.check_page()
        checked = {*world.asked}
        for _ in range(CHECK_EVERY):
            world.a_day_later()
            result = world.run()
            assert result.exit_code == 0
            assert len(world.asked) <= most
            assert sum(world.clock.sleeps) <= SPACING * (len(world.asked) - 1)
            assert result.outputs["new-papers"] == str(count)
            checked |= {*world.asked}
        assert checked > {*world.topics}


def test_first_questions_go_further_back_for_topics_that_are_less_busy(tmp_path: Path) -> None:
    """Twelve topics, each half as busy as the one before; with the newest papers of all together
    only the first ones are full.
    """
    topics = tuple(f"Subject Matter{number:02}" for number in range(12))
    world = a_world(tmp_path, topics)
    for number, topic in enumerate(topics):
        world.arxiv.add(
            paper(topic, NOW - 4 * DAY - age * 2**number / 16 * DAY) for age in range(12)
        )
    world.inputs |= {"pages": "never", "max_papers": "15"}
    with world.arxiv:
        assert world.run().exit_code == 0
        assert len(world.asked) < len(topics)
        world.check_page()


def test_where_the_first_question_fails_each_topic_is_asked_about_separately(world: World) -> None:
    world.arxiv.faults.extend([with_status(400)])
    assert world.run().exit_code == 0
    assert world.asked == [ALL, *TOPICS]
    world.check_page()


def test_per_topic_asks_about_each_separately(world: World) -> None:
    world.inputs["requests"] = "per-topic"
    world.run()
    world.a_day_later()
    world.run()
    assert world.asked == list(TOPICS)
    world.check_page()


def test_a_new_topic_and_a_changed_one_are_asked_about_separately(world: World) -> None:
    world.run()
    world.a_day_later()
    new, changed_topic = "Bird Song", 'Sea Ice: "Sea Ice" NOT ti:"no such thing"'
    world.arxiv.add([paper(new, NOW)])
    world.topics = (*TOPICS[:3], "Sea Ice", new)
    world.inputs["keywords"] = "\n".join((*TOPICS[:3], changed_topic, new))
    world.run()
    assert world.asked == [" + ".join(TOPICS[:3]), "Sea Ice", "Bird Song"]
    world.check_page()


def test_another_order_begins_again(world: World) -> None:
    world.run()
    world.a_day_later()
    world.inputs["sort_by"] = "published"
    world.run()
    assert world.asked == [ALL, TOPICS[0]]
    world.check_page()
    world.a_day_later()
    world.run()
    assert world.asked == [ALL]
    world.check_page()


def test_a_quiet_day_changes_no_byte(world: World) -> None:
    world.run()
    world.a_day_later()
    world.run()
    before = published_files(world.folder / "workspace")
    for _ in range(3):
        world.clock.moment += DAY
        assert world.run().outputs["changed"] == "false"
        assert world.asked == [ALL]
    assert published_files(world.folder / "workspace") == before


def test_after_a_quiet_week_every_topic_is_checked(world: World) -> None:
    """A day without news is not recorded; what nobody recorded has to be asked again."""
    world.run()
    world.clock.moment += CHECK_EVERY * DAY
    world.run()
    assert world.asked == [ALL, *TOPICS]


def test_a_paper_that_was_announced_late_is_found(world: World) -> None:
    world.run()
    world.a_day_later()
    world.arxiv.add([paper("Sea Ice", world.clock.moment - 3 * DAY)])
    world.run()
    assert world.asked == [ALL]
    world.check_page()


def test_a_paper_that_leaves_has_its_topic_asked_about_separately(world: World) -> None:
    world.run()
    world.a_day_later()
    left = world.truth("Sea Ice")[1].partition("v")[0]
    world.arxiv.revise(left, updated=world.clock.moment, title="Something Else")
    world.run()
    assert world.asked == [ALL, "Sea Ice"]
    world.check_page()


# --- Where our own search and arXiv's differ


def lives_until_the_checks(world: World) -> None:
    """Lets days pass until tomorrow every topic is checked."""
    world.run()
    for _ in range(CHECK_EVERY - 1):
        world.a_day_later()
        world.run()


def without_newest(topic: str, count: int) -> Fault:
    """arXiv's own search does not have the newest papers of a topic: ours found them by mistake."""

    def fault(request: Request, response: Response) -> Response:
        query = parameters_of(request).get("search_query", "")
        if f'"{topic}"' not in query or query.count('ti:"') > 1:
            return response
        body = re.sub(rb"<entry>.*?</entry>", b"", response.body, count=count, flags=re.DOTALL)
        total = re.search(rb"totalResults[^>]*>(\d+)<", body)
        assert total
        start, end = total.span(1)
        return replace(response, body=body[:start] + b"%d" % (int(total[1]) - count) + body[end:])

    return fault


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_where_they_differ_arxiv_is_right_and_we_are_in_doubt(world: World, count: int) -> None:
    lives_until_the_checks(world)
    world.a_day_later()
    world.arxiv.faults.extend([without_newest(TOPICS[0], count)] * 99)
    wrong = world.truth(TOPICS[0])[:count]
    for number in range(CLEAN_CHECKS + 2):
        result = world.run()
        assert result.exit_code == 0
        assert "not checked" not in result.log
        assert "older" not in result.log
        if number == 0:
            names = ", ".join(sorted(wrong))
            assert f"{TOPICS[0]}: arXiv's search and ours differ on {names}\n" in result.log
        assert not {*wrong} & {*world.page[TOPICS[0]].papers}
        assert world.asked.count(TOPICS[0]) >= 1, "as long as we are in doubt"
        world.clock.moment += DAY
        world.arxiv.add([paper(topic, world.clock.moment - DAY / 2) for topic in TOPICS[1:]])


def test_a_topic_in_doubt_is_asked_about_separately_until_it_is_clean(world: World) -> None:
    lives_until_the_checks(world)
    world.a_day_later()
    world.arxiv.faults.extend([without_newest(TOPICS[0], 1)] * 6)
    world.run()
    world.arxiv.faults.clear()
    for number in range(CLEAN_CHECKS):
        assert world.data[TOPICS[0]]["doubts"] == CLEAN_CHECKS - number
        world.a_day_later()
        world.run()
        assert world.asked == [ALL, TOPICS[0]]
        world.check_page()
    assert world.data[TOPICS[0]]["doubts"] == 0
    world.a_day_later()
    world.run()
    assert world.asked == [ALL]


def test_an_answer_that_is_older_than_the_combined_one_is_no_difference(world: World) -> None:
    lives_until_the_checks(world)
    world.a_day_later()
    stale = faults.stale_feed(world.arxiv, 4)
    world.arxiv.faults.extend([None, *[stale] * 99])
    result = world.run()
    assert result.exit_code == 0
    assert f"{TOPICS[3]}: not checked: " in result.log
    assert "differ" not in result.log
    world.check_page()


def test_a_stale_answer_is_not_believed_without_a_combined_one_either(world: World) -> None:
    lives_until_the_checks(world)
    before = world.page
    world.clock.moment += DAY
    stale = faults.stale_feed(world.arxiv, 4)
    world.arxiv.faults.extend([together(with_status(400)), *[stale] * 99])
    world.run()
    assert {topic: shown.papers for topic, shown in world.page.items()} == {
        topic: shown.papers for topic, shown in before.items()
    }


def test_an_answer_that_arxiv_repeats_for_days_is_believed(world: World) -> None:
    """Even if it does not answer what it means."""
    lives_until_the_checks(world)
    unmeant = faults.empty_page(0)
    wrong = without_newest(TOPICS[0], 3)

    def fault(request: Request, response: Response) -> Response:
        is_about_ids = "all:" in parameters_of(request).get("search_query", "")
        return (unmeant if is_about_ids else wrong)(request, response)

    for _ in range(4):
        world.a_day_later()
        world.arxiv.faults.extend([fault] * 99)
        taken = world.truth(TOPICS[0])[:3]
        assert world.run().exit_code == 0
    assert not {*taken} & {*world.page[TOPICS[0]].papers}


@pytest.mark.parametrize("kept", [0, 2])
def test_a_part_of_an_answer_is_not_believed_though_we_sorted_in_all_papers(
    world: World, kept: int
) -> None:
    """On a first day nothing is confirmed, so that arXiv is asked twice."""

    def part(request: Request, response: Response) -> Response:
        if parameters_of(request).get("search_query", "").count(" OR ") + 1 > len(TOPICS):
            return response
        asked.append(request)
        if len(asked) != 1:
            return response
        body = faults.partial_page(kept)(request, response).body
        body = re.sub(rb"(totalResults[^>]*>)\d+", rb"\g<1>%d" % kept, body)
        return replace(response, body=body)

    asked: list[Request] = []
    world.arxiv.faults.extend([part] * 99)
    result = world.run()
    assert f"{TOPICS[0]}: not checked: " in result.log
    world.check_page()


def test_a_paper_that_our_own_search_finds_no_topic_for_is_a_reason_to_check(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run()
    world.a_day_later()
    overlooked = world.truth(TOPICS[2])[0]

    def blind(self: Indexed, field: Field, phrase: str) -> bool:
        return self.paper.versioned_id != overlooked and holds(self, field, phrase)

    holds = Indexed.holds
    monkeypatch.setattr(Indexed, "holds", blind)
    result = world.run()
    assert f"Our own search finds no topic for {overlooked}, as arXiv does\n" in result.log
    assert world.asked == [ALL, *TOPICS]
    world.check_page()
    world.a_day_later()
    world.run()
    assert world.asked == [ALL, TOPICS[2]], "only that one is in doubt"
    world.check_page()


def test_phrases_taken_for_words_in_any_order_disturb_nothing(world: World) -> None:
    """As from 2025-11-11 to 2025-12-08: papers come with it at once, and leave at once."""
    loose = {}
    for day in range(4 * CHECK_EVERY):
        world.a_day_later()
        if day == CHECK_EVERY // 2:
            for topic in TOPICS:
                words = " and ".join(reversed(topic.split()))
                for age in range(3):
                    made = paper(words, world.clock.moment - (age + 1) * DAY)
                    loose[made.arxiv_id] = topic
                    world.arxiv.add([made])
        is_loose = CHECK_EVERY // 2 <= day < 2 * CHECK_EVERY + 2
        world.arxiv.faults.clear()
        if is_loose:
            world.arxiv.faults.extend([words_in_any_order(world, loose)] * 99)
        result = world.run()
        assert result.exit_code == 0
        assert "::warning::" not in result.log
        assert result.outputs["failed-topics"] == "[]"
        if not is_loose:
            world.check_page()


def words_in_any_order(world: World, loose: dict[str, str]) -> Fault:
    """The answer that arXiv gives if those papers match their topics."""

    def fault(request: Request, _response: Response) -> Response:
        titles = {one.arxiv_id: one.title for one in world.arxiv.entries}
        with ArxivStandIn(clock=world.clock.now) as other:
            other.add(
                replace(one, title=f"{loose[one.arxiv_id]} {one.title}")
                if one.arxiv_id in loose
                else one
                for one in world.arxiv.entries
            )
            response = other.answer(request)
        body = response.body
        for arxiv_id, topic in loose.items():
            wrong, right = f"{topic} {titles[arxiv_id]}", titles[arxiv_id]
            body = body.replace(wrong.encode(), right.encode())
        return replace(response, body=body)

    return fault


# --- A version that there never was


def with_version(name: str, version: int, moment: datetime | None = None) -> Fault:
    """One paper at another version than it is, perhaps with another date."""

    def fault(_request: Request, response: Response) -> Response:
        before, entry, after = response.body.partition(f"/abs/{name}".encode())
        if not entry:
            return response
        other = f"/abs/{name.partition('v')[0]}v{version}".encode()
        if moment:
            start = before.rindex(b"<entry>")
            end = after.index(b"</entry>")
            date = f"<updated>{moment:%Y-%m-%dT%H:%M:%SZ}</updated>".encode()
            dated = [
                re.sub(rb"<updated>.*?</updated>", date, part)
                for part in (before[start:], after[:end])
            ]
            before, after = before[:start] + dated[0], dated[1] + after[end:]
        return replace(response, body=before + other + after)

    return fault


@pytest.mark.parametrize("is_separate", [False, True])
@pytest.mark.parametrize("hours", [None, -1, 2, 24 * 200])
@pytest.mark.parametrize("quiet", [False, True])
def test_a_version_that_there_never_was_is_forgotten_within_three_days(
    world: World, hours: int | None, *, is_separate: bool, quiet: bool
) -> None:
    if is_separate:
        world.inputs["requests"] = "per-topic"
    world.run()
    world.a_day_later()
    name = world.truth("Sea Ice")[2]
    moment = None if hours is None else world.clock.moment + timedelta(hours=hours)
    world.arxiv.faults.extend([with_version(name, 999, moment)] * 20)
    world.run()
    assert f"{name.partition('v')[0]}v999" in world.page["Sea Ice"].papers
    world.arxiv.faults.clear()
    # Without a newer paper, nothing but time can tell a date that is wrong as well.
    for _ in range(6 if quiet and hours in {-1, 2} else 3):
        if quiet:
            world.clock.moment += DAY
        else:
            world.a_day_later()
        assert world.run().exit_code == 0
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
def test_where_the_question_for_all_fails_each_is_asked_about_separately(
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
    lives_until_the_checks(world)
    world.a_day_later()
    world.arxiv.faults.extend([None, *[REFUSED] * 99])
    result = world.run()
    assert result.exit_code == 0
    assert "::warning::" not in result.log
    assert result.outputs["failed-topics"] == "[]"
    assert f"{TOPICS[0]}: not checked: arXiv answered with status 503" in result.log
    world.check_page()


def test_a_failed_topic_is_asked_about_separately_the_next_day(world: World) -> None:
    world.run()
    world.a_day_later()
    new = "Bird Song"
    world.topics = (*TOPICS, new)
    world.arxiv.add([paper(new, NOW)])
    world.arxiv.faults.extend([None, with_status(404)])
    assert json.loads(world.run().outputs["failed-topics"]) == [new]
    world.a_day_later()
    world.run()
    assert world.asked == [ALL, new]
    world.check_page()


def test_a_long_question_is_posted(world: World) -> None:
    world.topics = tuple(f"Subject Matter{number:02}" for number in range(80))
    for topic in world.topics:
        world.arxiv.add(paper(topic, NOW - age * DAY) for age in range(1, LIMIT + 2))
    for _ in range(2):
        world.run()
        assert [request.method for request in world.arxiv.requests] == ["POST", *["GET"] * 12]
        assert all(len(request.target) < 5_000 for request in world.arxiv.requests)
        world.check_page()
        world.a_day_later()


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
