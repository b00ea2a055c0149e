"""A day without news says why, where the reader looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daily_papers.home import Home
from tests.hub import World, world_with
from tests.standins.server import with_status


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path) as world:
        yield world


def test_the_first_run_is_not_quiet(world: World) -> None:
    assert "No new papers" not in world.run().summary


@pytest.mark.parametrize(
    "day,why",
    [
        (datetime(2026, 11, 22, 6, tzinfo=UTC), "nothing announced at the weekend"),
        (datetime(2026, 11, 27, 6, tzinfo=UTC), "nothing announced on a holiday of arXiv"),
        (datetime(2026, 11, 25, 6, tzinfo=UTC), "arXiv has no new papers on these topics"),
    ],
)
def test_the_summary_says_why_nothing_is_new_and_when_something_was(
    world: World, day: datetime, why: str
) -> None:
    world.run()
    world.a_day_later(9)
    assert "No new papers" not in world.run().summary
    world.clock.moment = day
    quiet = f"No new papers: {why}. The last new one came on Saturday, 2025-10-04."
    assert quiet in world.run().summary.splitlines()


def test_a_refusal_is_a_reason_as_well(world: World) -> None:
    world.run()
    world.a_day_later()
    world.arxiv.faults.extend([with_status(500)] * 40)
    result = world.run()
    assert result.exit_code == 1
    assert "No new papers: arXiv gave no usable answer for any topic." in result.summary


@pytest.mark.parametrize("year,is_known", [(2026, True), (2029, False)])
def test_the_summary_says_when_the_list_of_holidays_has_ended(
    world: World, year: int, *, is_known: bool
) -> None:
    world.clock.moment = datetime(year, 3, 4, 6, tzinfo=UTC)
    world.run()
    world.a_day_later()
    assert (f"holidays for {year} is not known" in world.run().summary) is not is_known


@pytest.mark.parametrize(
    "name,folder,url",
    [
        ("Octo/papers", "docs", "https://octo.github.io/papers/"),
        ("Octo/papers", "docs/a b", "https://octo.github.io/papers/a%20b/"),
        ("Octo/octo.github.io", "docs", "https://octo.github.io/"),
        ("Octo/papers", "site", ""),
        ("Octo/papers", "documents", ""),
    ],
)
def test_where_the_web_page_is_published(name: str, folder: str, url: str) -> None:
    home = Home(site="https://github.com", name=name, branch="main")
    assert home.site_url(folder) == url
    elsewhere = Home(site="https://github.example.org", name=name, branch="main")
    assert elsewhere.site_url(folder) == ""


def test_the_readme_and_the_digest_lead_to_the_web_page_and_the_feed(world: World) -> None:
    world.run(site="docs", feed="feed.xml")
    site, feed = "https://octo.github.io/papers/", "/octo/papers/raw/main/feed.xml"
    for text in (world.read(), world.github.hub.issues[1]["body"]):
        assert site in text
        assert feed in text
