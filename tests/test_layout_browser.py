"""The README in a real browser with GitHub's style sheet: what a reader sees at each width."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from playwright.sync_api import Browser, Page

from daily_papers.memory.snapshot import Section
from daily_papers.options import Column, Layout
from daily_papers.papers import SortBy
from daily_papers.views import readme
from daily_papers.views.rows import Look, Rows
from tests.browser import chromium
from tests.support import paper

STYLE = (Path(__file__).parent / "assets" / "github-markdown.css").read_text(encoding="utf-8")
WIDTHS = (390, 768, 1012)
"""A phone, a tablet, and a README on a desktop."""
TITLE = "Graph Neural Networks for Long-Range Forecasting of Traffic in Cities"
ABSTRACT = "We study graphs that change over time, and propose a method for them. " * 20
TABLE = (Column.TITLE, Column.DATE, Column.ABSTRACT, Column.COMMENT)
LOOKS = {
    "table": (Layout.TABLE, TABLE),
    "title+abstract": (Layout.TABLE, (Column.TITLE_ABSTRACT, Column.DATE, Column.COMMENT)),
    "list": (Layout.LIST, TABLE),
}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


def markdown(name: str) -> str:
    layout, columns = LOOKS[name]
    papers = [
        paper(
            f"2509.{number:05}",
            version=1 + number % 2,
            title=f"{TITLE}, Part {number}",
            summary=ABSTRACT.strip(),
            comment="12 pages, 5 figures. Accepted at the Conference on Graphs; code is online",
            updated=datetime(2025, 9, 28, tzinfo=UTC),
        )
        for number in range(8)
    ]
    look = Look(layout=layout, columns=columns, sort_by=SortBy.UPDATED)
    section = Section(
        heading="Graphs",
        query="q",
        papers=tuple(papers),
        is_complete=True,
        new=(papers[0].arxiv_id,),
    )
    rows = Rows(look=look, papers=section.papers, new=section.new)
    part = readme.Part(section=section, rows=rows, shown=8, typeset=8)
    return readme.render(date(2025, 10, 3), [part], level=2).decode()


def shown(browser: Browser, name: str, width: int) -> Page:
    body = cmarkgfm.github_flavored_markdown_to_html(markdown(name), Options.CMARK_OPT_UNSAFE)
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_content(
        f"<!doctype html><style>{STYLE} body {{ margin: 0 }} "
        ".markdown-body { padding: 16px; max-width: 1012px; margin: auto }</style>"
        f"<article class=markdown-body>{body}</article>"
    )
    return page


LINES_OF_DATES = """() => {
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const found = /2025-09-28/.exec(node.data);
    if (found && !node.parentElement.closest("details")) {
      const range = document.createRange();
      range.setStart(node, found.index);
      range.setEnd(node, found.index + 10);
      lines.push(range.getClientRects().length);
    }
  }
  return lines;
}"""
OPEN_THIRD = """() => {
  const row = document.querySelectorAll("tbody tr, li")[2];
  const title = row.querySelector("a");
  const fold = [...row.querySelectorAll("details")].find((one) =>
    /Show|Abstract/.test(one.querySelector("summary").textContent));
  const before = title.getBoundingClientRect();
  fold.open = true;
  const after = title.getBoundingClientRect();
  const text = fold.querySelector("p").getBoundingClientRect();
  return {moved: after.y - before.y, narrower: before.right - after.right,
          width: text.width, height: text.height, page: document.documentElement.scrollWidth};
}"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", LOOKS)
def test_no_date_is_ever_broken(browser: Browser, name: str, width: int) -> None:
    assert shown(browser, name, width).evaluate(LINES_OF_DATES) == [1] * 8


@pytest.mark.parametrize("width", WIDTHS)
def test_an_opened_abstract_of_a_list_has_the_width_and_moves_nothing(
    browser: Browser, width: int
) -> None:
    found: dict[str, Any] = shown(browser, "list", width).evaluate(OPEN_THIRD)
    assert abs(found["moved"]) < 1
    assert found["page"] == width
    assert found["width"] > width - 100


@pytest.mark.parametrize("width", WIDTHS)
def test_an_abstract_below_its_title_is_wider_than_in_a_column_of_its_own(
    browser: Browser, width: int
) -> None:
    below: dict[str, Any] = shown(browser, "title+abstract", width).evaluate(OPEN_THIRD)
    beside: dict[str, Any] = shown(browser, "table", width).evaluate(OPEN_THIRD)
    assert below["width"] > beside["width"]
    assert below["height"] < beside["height"]
    assert abs(below["moved"]) <= abs(beside["moved"])
