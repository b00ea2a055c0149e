"""Papers by the week as people see them: as pictures in the README, as SVG on the web page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.memory.trends import SPAN, Trend
from daily_papers.views import charts, plot
from daily_papers.views.fit import MAX_BYTES
from daily_papers.views.signature import is_signed
from tests.hub import README, World, world_with
from tests.support import entry
from tests.test_pages import ids_in, inputs_for, papers_of, plan_for

MONDAY = date(2025, 4, 7)
WEEK = timedelta(weeks=1)


def weeks_of(*counts: int | None) -> dict[date, int | None]:
    return {MONDAY + place * WEEK: count for place, count in enumerate(counts)}


HALF_YEAR = st.lists(st.none() | st.integers(0, 5000), min_size=SPAN, max_size=SPAN).map(
    lambda counts: weeks_of(*counts)
)

# --- In the README


def test_a_chart_is_a_picture_for_each_color_scheme() -> None:
    weeks = weeks_of(None, 3, 0, 12, 4)
    text = charts.markdown(weeks, "papers/charts/a.svg", "docs/README.md")
    assert 'srcset="../papers/charts/a-dark.svg"' in text
    assert '<img src="../papers/charts/a.svg" alt="Weeks that began from 2025-04-14' in text
    made = charts.files(weeks, "papers/charts/a.svg", "daily-papers")
    assert list(made) == ["papers/charts/a.svg", "papers/charts/a-dark.svg"]
    for data in made.values():
        assert is_signed(data, "daily-papers")
        assert etree.fromstring(data).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(
    "counts,text",
    [
        ((None, 9, 3, 4), "*Counting papers a week since 2025-04-14.*"),
        ((0, 0, 0, 0, 0), ""),
        ((None, None), ""),
    ],
    ids=["three weeks", "zeros", "nothing"],
)
def test_there_is_no_chart_of_little_or_nothing(counts: tuple[int | None, ...], text: str) -> None:
    assert charts.markdown(weeks_of(*counts), "a.svg", "README.md") == text
    assert charts.files(weeks_of(*counts), "a.svg", "daily-papers") == {}


@given(HALF_YEAR)
def test_text_and_files_of_a_chart_go_together(weeks: dict[date, int | None]) -> None:
    shown = charts.markdown(weeks, "a.svg", "README.md")
    assert ("<picture>" in shown) == bool(charts.files(weeks, "a.svg", "daily-papers"))


def snapshot_of(*headings: str, each: int = 3) -> Snapshot:
    trend = Trend(first=date(2025, 3, 31), counts=(7,) * 26)
    return Snapshot(
        updated=date(2025, 10, 3),
        sections=tuple(
            Section(
                heading=heading,
                query="q",
                papers=tuple(papers_of(each, each * number)),
                is_complete=False,
                trend=trend,
            )
            for number, heading in enumerate(headings)
        ),
    )


def test_each_topic_has_its_chart_folded_in_the_readme() -> None:
    known = snapshot_of("A", "B | ```c")
    _, files = plan_for(inputs_for(trends="True"), known)
    page = cmarkgfm.github_flavored_markdown_to_html(
        files["README.md"].decode(), cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE
    )
    found = re.findall(
        r'<details><summary>Papers a week</summary>\n<p><picture>.*?<img src="(.*?)"', page
    )
    assert found == ["papers/charts/a.svg", "papers/charts/b-c.svg"]
    assert set(found) <= set(files)
    _, files = plan_for(inputs_for(), known)
    assert b"<picture>" not in files["README.md"]


def test_charts_count_for_the_length_of_the_readme() -> None:
    known = snapshot_of("A", "B", "C", "D", each=100)
    _, files = plan_for(inputs_for(trends="true"), known)
    assert MAX_BYTES - 8000 < len(files["README.md"]) <= MAX_BYTES
    assert files["README.md"].count(b"<picture>") == 4
    pages = [data for path, data in files.items() if path.endswith(".md")]
    assert len(ids_in(*pages)) == 400


def test_without_a_data_file_a_new_week_alone_changes_nothing() -> None:
    inputs = inputs_for(trends="true", data_file="none")
    _, files = plan_for(inputs, snapshot_of("A"))
    later = replace(snapshot_of("A"), updated=date(2025, 10, 30))
    made, _ = plan_for(inputs, later, dict(files))
    assert made.changes == ()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_with(tmp_path, {"README.md": README}) as made:
        made.inputs["trends"] = "true"
        yield made


def test_a_run_shows_what_arxiv_had(world: World) -> None:
    world.run()
    assert "from 0 to 5 papers, 0 in the last." in world.read()
    world.clock.moment += 3 * WEEK
    assert world.run().outputs["changed"] == "false"
    moment = world.clock.moment - timedelta(days=10)
    world.arxiv.add([entry(6, published=moment, updated=moment)])
    world.run()
    assert "from 0 to 5 papers, 1 in the last." in world.read()


# --- SVG


def drawn(weeks: dict[date, int | None]) -> etree._Element:
    plotted = plot.render(weeks, "graphs")
    assert plotted is not None
    return plotted


def test_a_plot_says_in_words_what_it_shows() -> None:
    svg = drawn(weeks_of(4, None, 0, 12))
    assert svg.findtext("desc") == (
        "Weeks that began from 2025-04-07 to 2025-04-28: from 0 to 12 papers, 12 in the last. "
        "Not known: 1 of 4 weeks."
    )
    names = [element.get("id") for element in svg if element.get("id")]
    assert svg.get("aria-labelledby") == " ".join(map(str, names)) == "graphs-title graphs-desc"
    texts = [element.text for element in svg.iter("text")]
    assert texts == ["0", "5", "10", "15", "2025-04", "Papers a week", "Week"]
    tips = [element.findtext("title") for element in svg.iter("rect")]
    assert tips == ["2025-04-07: 4", "2025-04-14: not known", "2025-04-21: 0", "2025-04-28: 12"]


def test_nothing_known_is_no_plot() -> None:
    assert plot.render(weeks_of(*[None] * SPAN), "graphs") is None
    assert drawn(weeks_of(*[0] * SPAN)) is not None


@given(HALF_YEAR.filter(lambda weeks: any(count is not None for count in weeks.values())))
def test_a_plot_stays_within_its_frame_and_any_policy(weeks: dict[date, int | None]) -> None:
    svg = drawn(weeks)
    bars = list(svg.iter("rect"))
    assert len(bars) == SPAN
    heights = {}
    for bar, (monday, count) in zip(bars, weeks.items(), strict=True):
        x, y, width, height = (float(bar.get(name, "")) for name in ("x", "y", "width", "height"))
        assert plot.LEFT <= x < x + width <= plot.WIDTH - plot.RIGHT
        assert plot.TOP <= y <= y + height <= plot.HEIGHT - plot.BOTTOM + 0.1
        assert bar.get("class") == ("plot-unknown" if count is None else "plot-bar")
        if count is not None:
            heights[monday] = (count, height)
    by_count = sorted(heights.values())
    assert [height for _, height in by_count] == sorted(height for _, height in by_count)
    assert 2 <= len(svg.findall("line")) <= 5
    for element in svg.iter():
        assert element.tag in {"svg", "title", "desc", "line", "rect", "text"}
        assert not {"style", "href"} & set(map(str, element.attrib))
