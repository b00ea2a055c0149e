"""What the papers are called where the user gives them a name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree, html

from daily_papers.errors import InputError
from tests.hub import README, world_with
from tests.test_pages import inputs_for

NAMED = {"title": "Robots & <C*> papers", "site": "docs", "feed": "docs/feeds/", "notify": "none"}


def test_a_title_names_the_page_the_feeds_and_a_new_readme(tmp_path: Path) -> None:
    with world_with(tmp_path, {}) as world:
        world.run(**NAMED)
        page = html.fromstring(world.read("docs/index.html"))
        assert page.xpath("string(//h1)") == NAMED["title"]
        assert page.xpath("string(//title)") == f"{NAMED['title']} · Daily Papers"
        assert page.xpath("string(//meta[@property='og:title']/@content)") == NAMED["title"]
        assert json.loads(world.read("docs/feeds/all.json"))["title"] == NAMED["title"]
        topic = etree.fromstring(world.read("docs/feeds/graph-neural-networks.xml").encode())
        name = f"Graph Neural Networks ({NAMED['title']})"
        assert topic.findtext("{http://www.w3.org/2005/Atom}title") == name
        assert world.read("README.md").startswith("# Robots & &lt;C\\*> papers\n\nThe most")


def test_the_title_of_a_readme_that_exists_is_its_authors(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(**NAMED)
        before, _, _ = README.partition("<!--")
        assert world.read("README.md").startswith(before)
        assert "Robots" not in world.read("README.md")


def test_a_feed_stays_the_same_feed_under_another_name(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        found = []
        for title in ("", "Robots"):
            world.run(**{**NAMED, "title": title})
            feed = etree.fromstring(world.read("docs/feeds/all.xml").encode())
            found.append(feed.findtext("{http://www.w3.org/2005/Atom}id"))
        assert found[0] == found[1]


@pytest.mark.parametrize("title", ["two\nlines", "x" * 101])
def test_a_title_is_one_line(title: str) -> None:
    with pytest.raises(InputError, match=r"title: .* is not one line of at most 100 characters"):
        inputs_for(title=title)
