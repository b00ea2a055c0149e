"""The byte budget: no page longer than GitHub shows, and no paper lost."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daily_papers.errors import PathError
from daily_papers.inputs import Inputs, read_inputs
from daily_papers.memory import datafile
from daily_papers.memory.datafile import Memory
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper
from daily_papers.publish.draft import Draft, document, make_draft, paths
from daily_papers.publish.plan import make_plan
from daily_papers.publish.repository import Plan, State, blob_sha
from daily_papers.views import markdown, pages, readme
from daily_papers.views.fit import MAX_BYTES, MAX_COST, share
from tests.standins.arxiv import ArxivStandIn
from tests.support import entry, paper, run_main

REAL_PAPERS = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
START, END = "<!-- daily-papers:start -->", "<!-- daily-papers:end -->"
README = f"# Ours\n\n{START}\n{END}\n\nThe end.\n"


def inputs_for(**flags: str) -> Inputs:
    given_flags = {"keywords": "Graphs", "publish": "local", **flags}
    return read_inputs(
        [f"--{name.replace('_', '-')}={value}" for name, value in given_flags.items()], {}
    )


def snapshot_of(topics: dict[str, list[Paper]]) -> Snapshot:
    return Snapshot(
        updated=date(2025, 10, 3),
        sections=tuple(
            Section(heading=heading, query="q", papers=tuple(papers), is_complete=False)
            for heading, papers in topics.items()
        ),
    )


def plan_for(
    inputs: Inputs,
    snapshot: Snapshot,
    files: dict[str, bytes | None] | None = None,
    merged: Memory | None = None,
) -> tuple[Plan, dict[str, bytes]]:
    """Plans, with `files` as all that the repository has, and returns what it has afterward."""
    held: dict[str, bytes | None] = {"README.md": README.encode(), **(files or {})}
    known = {path: held.get(path) for path in paths(inputs)}
    state = State(head="", files=known)
    draft = make_draft(
        inputs, document(inputs, state), Memory(snapshot=snapshot), merged=merged, home=None
    )
    made = make_plan(draft, seen(held, state, draft), marker=inputs.marker, message="")
    after = {**held, **{change.path: change.after for change in made.changes}}
    return made, {path: data for path, data in after.items() if data is not None}


def seen(held: Mapping[str, bytes | None], state: State, draft: Draft) -> State:
    """Returns `state` with what a plan needs to know of the files that are `held`."""
    expected = draft.expected(state)
    shas = {path: sha_of(held.get(path)) for path in expected}
    more = {path: held.get(path) for path, sha in shas.items() if sha != expected[path]}
    return replace(state, shas=shas, files={**state.files, **more})


def sha_of(data: bytes | None) -> str | None:
    return None if data is None else blob_sha(data)


def ids_in(*texts: bytes) -> set[str]:
    return {found for text in texts for found in re.findall(r"/abs/([\d.]+)v1\)", text.decode())}


def papers_of(count: int, first: int = 0, size: int = 1500) -> list[Paper]:
    return [
        paper(f"25{n // 99999:02}.{n % 99999:05}", summary=("word " * (size // 5)).strip())
        for n in reversed(range(first, first + count))
    ]


# --- Sharing


@given(st.lists(st.lists(st.integers(1, 9), max_size=5), max_size=5), st.integers(-5, 120))
def test_room_is_shared_fairly_and_never_passed(sizes: list[list[int]], room: int) -> None:
    counts = share(sizes, room)
    used = [sum(topic[:count]) for topic, count in zip(sizes, counts, strict=True)]
    assert sum(used) <= max(room, 0)
    for topic, count in zip(sizes, counts, strict=True):
        if count < len(topic):
            # One more row would pass the room, or take more than the largest share there is.
            grown = sum(topic[: count + 1])
            level = grown
            total = sum(
                max((sum(t[:c]) for c in range(len(t) + 1) if sum(t[:c]) <= level), default=0)
                for t in sizes
            )
            assert total > room


def test_small_topics_are_whole_and_large_ones_equally_cut() -> None:
    assert share([[1] * 3, [1] * 100, [1] * 100], 43) == [3, 20, 20]


# --- The README and its pages


@pytest.mark.parametrize("mode", ["auto", "always", "never"])
@pytest.mark.parametrize("topics,each", [(1, 3), (4, 100), (20, 100), (3, 1000)])
def test_no_file_is_longer_than_github_shows(mode: str, topics: int, each: int) -> None:
    inputs = inputs_for(pages=mode)
    known = snapshot_of({f"Topic {n}": papers_of(each, n * each) for n in range(topics)})
    _, files = plan_for(inputs, known)
    texts = {path: data for path, data in files.items() if path.endswith(".md")}
    assert all(len(data) <= MAX_BYTES for data in texts.values())
    everything = {paper.arxiv_id for section in known.sections for paper in section.papers}
    fits = topics * each < 10
    if mode != "never" or fits:
        assert ids_in(*texts.values()) == everything
    assert (len(texts) > 1) == (mode == "always" or (mode == "auto" and not fits))
    if mode == "never" and not fits:
        assert b"more would pass GitHub's limit" in texts["README.md"]
    if not fits:
        assert len(texts["README.md"]) > MAX_BYTES - topics * 2000


def test_the_users_own_text_counts() -> None:
    own = f"{'x' * 400_000}\n\n{START}\r\n{END}\r\n"
    inputs = inputs_for()
    known = snapshot_of({"A": papers_of(100), "B": papers_of(100, 100)})
    _, files = plan_for(inputs, known, {"README.md": own.encode()})
    assert MAX_BYTES - 5000 < len(files["README.md"]) <= MAX_BYTES


def test_a_readme_that_is_too_long_already_gets_no_rows() -> None:
    own = f"{'x' * 600_000}\n\n{START}\n{END}\n"
    _, files = plan_for(inputs_for(), snapshot_of({"A": papers_of(3)}), {"README.md": own.encode()})
    assert ids_in(files["README.md"]) == set()
    assert ids_in(files["papers/a.md"]) == {p.arxiv_id for p in papers_of(3)}


def test_the_readme_says_what_it_shows_and_links_the_rest() -> None:
    known = snapshot_of({"A b": papers_of(1000), "C": papers_of(2, 1000)})
    _, files = plan_for(
        inputs_for(readme="docs/README.md"), known, {"docs/README.md": README.encode()}
    )
    text = files["docs/README.md"].decode()
    shown = re.search(
        r"## A b\n\*Showing the newest (\d+) of 1000 papers; "
        r"\[see all 1000\]\(\.\./papers/a-b\.md\)\.\*\n\n\|",
        text,
    )
    assert shown is not None
    assert text.count("\n| **[") == int(shown[1]) + 2
    assert "## C\n*[All of them on a page of their own](../papers/c.md)*\n\n|" in text
    page = files["papers/a-b.md"].decode()
    assert page.startswith(
        "<!-- daily-papers:generated -->\n\n# A b\n\n[All topics](../docs/README.md)\n\n| **Title**"
    )


def test_what_does_not_fit_goes_on_further_pages() -> None:
    long = [replace(item, title="T" * 3000) for item in papers_of(400)]
    _, files = plan_for(inputs_for(), snapshot_of({"A": long, "A 2": papers_of(1, 900)}))
    made = sorted(path for path in files if path.startswith("papers/"))
    assert made == [
        "papers/a-2.md",
        "papers/a.2.md",
        "papers/a.3.md",
        "papers/a.4.md",
        "papers/a.md",
    ]
    assert b"[Older papers](a.2.md)" in files["papers/a.md"]
    assert b"Older papers" not in files["papers/a.4.md"]
    assert ids_in(*(files[path] for path in made)) >= {paper.arxiv_id for paper in long}


def test_pages_stay_until_the_readme_has_had_room_for_a_week() -> None:
    inputs = inputs_for()
    full = snapshot_of({"A": papers_of(400), "B": papers_of(3, 500)})
    _, files = plan_for(inputs, full)
    assert "papers/b.md" in files
    seen_there = []
    for day in (1, 5, 7, 8):
        merged = remembered(inputs, files)
        small = replace(
            snapshot_of({"A": papers_of(day), "B": papers_of(3, 500)}),
            updated=date(2025, 10, 3) + timedelta(days=day),
        )
        _, files = plan_for(inputs, small, dict(files), merged)
        seen_there.append("papers/b.md" in files)
    assert seen_there == [True, True, True, False]


def test_a_readme_that_fills_up_again_keeps_its_pages() -> None:
    inputs = inputs_for()
    _, files = plan_for(inputs, snapshot_of({"A": papers_of(400)}))
    for day, count in enumerate((3, 400, 4, 4), start=1):
        merged = remembered(inputs, files)
        known = snapshot_of({"A": papers_of(count + day)})
        known = replace(known, updated=date(2025, 10, 3) + timedelta(days=3 * day))
        _, files = plan_for(inputs, known, dict(files), merged)
        assert "papers/a.md" in files


def test_formulas_beyond_github_s_budget_are_words() -> None:
    formula = "$" + "x_{1}+" * 60 + "1$"
    known = snapshot_of(
        {
            heading: [replace(one, summary=f"We study {formula}.") for one in papers_of(30, first)]
            for heading, first in (("A", 0), ("B", 100), ("C", 200))
        }
    )
    _, files = plan_for(inputs_for(pages="always"), known)
    for path in ("README.md", "papers/a.md"):
        text = files[path].decode()
        cost = markdown.formula_cost(text)
        assert 1_500 < cost <= MAX_COST
    # Each topic has its share, and its newest rows come first.
    for section in files["README.md"].decode().split("\n## ")[1:]:
        rows = [line for line in section.split("\n") if line.startswith("| **[")]
        typeset = ["$`" in row for row in rows]
        assert len(rows) == 30
        assert typeset == sorted(typeset, reverse=True)
        assert 5 < sum(typeset) < 15


# --- Whose files they are


def test_a_second_plan_changes_nothing_and_reads_no_page() -> None:
    inputs = inputs_for(pages="always")
    made, files = plan_for(inputs, snapshot_of({"A": papers_of(3), "B": papers_of(3, 3)}))
    assert len(made.changes) == 4
    known = remembered(inputs, files)
    state = State(head="", files={path: files[path] for path in paths(inputs)})
    draft = make_draft(
        inputs, document(inputs, state), Memory(snapshot=known.snapshot), merged=known, home=None
    )
    assert not draft.differs_from(state)
    looked = seen(files, state, draft)
    assert list(looked.files) == list(state.files)
    assert make_plan(draft, looked, marker=inputs.marker, message="").changes == ()


def remembered(inputs: Inputs, files: Mapping[str, bytes]) -> Memory:
    data = files[str(inputs.data_file)]
    return datafile.decode(data, inputs.marker, inputs.sort_by, today=date(2025, 10, 3))


def test_a_page_whose_topic_is_gone_is_removed_if_it_is_ours() -> None:
    inputs = inputs_for(pages="always")
    _, files = plan_for(inputs, snapshot_of({"A": papers_of(1), "B": papers_of(1, 1), "C": []}))
    known = remembered(inputs, files)
    files["papers/c.md"] = b"somebody's own words"
    fewer = replace(known.snapshot, sections=known.snapshot.sections[:1])
    made, after = plan_for(inputs, fewer, dict(files), known)
    assert {change.path: change.after for change in made.changes if change.after is None} == {
        "papers/b.md": None
    }
    assert after["papers/c.md"] == b"somebody's own words"


def test_a_file_that_is_not_ours_is_never_written_over() -> None:
    with pytest.raises(PathError, match=r"(?s)papers/a\.md: there is already a file, .* pages-dir"):
        plan_for(inputs_for(pages="always"), snapshot_of({"A": []}), {"papers/a.md": b"mine"})


# --- Names


HEADINGS = [
    "C++",
    "C#",
    "c",
    "图 神经",
    "..",
    "con",
    "CON!",
    "é",
    "e\u0301",
    "a/b",
    "a b",
    "x" * 300,
]


def test_names_are_readable_stable_and_different() -> None:
    names = pages.file_names(HEADINGS, "papers", ("README.md",))
    assert len({name.casefold() for name in names}) == len(HEADINGS)
    assert names[0] == "papers/c.md"
    assert names[3] == "papers/图-神经.md"
    assert names[4] == "papers/topic.md"
    assert names[5] == "papers/topic-con.md"
    assert all(re.fullmatch(r"papers/[\w-]+\.md", name) and len(name) < 90 for name in names)
    assert pages.file_names(HEADINGS[3:4], "papers", ()) == names[3:4]


def test_a_name_has_room_for_its_endings_whatever_letters_it_has() -> None:
    (name,) = pages.file_names(["𠜎" * 300], "papers", ("papers/x.md",))
    assert len(name.removeprefix("papers/").encode()) < 200


@given(st.lists(st.text(min_size=1), max_size=8, unique=True))
def test_any_headings_have_different_safe_names(headings: list[str]) -> None:
    names = pages.file_names(headings, "papers", ("papers/taken.md",))
    assert len({name.casefold() for name in (*names, "papers/taken.md")}) == len(headings) + 1
    assert all(re.fullmatch(r"papers/[\w-]+\.md", name) for name in names)


# --- The index


def test_more_than_three_topics_get_an_index() -> None:
    known = snapshot_of({"Graph Nets": papers_of(2), "C++ & Co.": [], "Time": [], "time!": []})
    sections = (replace(known.sections[0], new=("1",)), *known.sections[1:])
    _, files = plan_for(inputs_for(), replace(known, sections=sections))
    assert (
        "\n\n[Graph Nets](#graph-nets) (2, 1 new) · [C++ & Co.](#c--co) (0) · [Time](#time) (0) · "
        "[time!](#time-1) (0)\n\n## Graph Nets\n"
    ) in files["README.md"].decode()
    _, files = plan_for(inputs_for(), replace(known, sections=sections[:3]))
    assert b"](#" not in files["README.md"]


def test_the_date_that_a_page_tells_is_read() -> None:
    assert readme.last_update("\nLast update: 2025-10-03\n") == date(2025, 10, 3)
    assert readme.last_update("Last update: 2025-13-03\n") is None
    assert readme.last_update("words\n") is None


# --- Any snapshot

SIZES = st.lists(st.integers(0, 400), min_size=1, max_size=6)


@settings(max_examples=25)
@example([356], 0, 1500)
@given(SIZES, st.integers(0, 450_000), st.sampled_from([200, 1500, 6000]))
def test_nothing_is_lost_and_nothing_is_too_long(counts: list[int], own: int, size: int) -> None:
    first = [sum(counts[:n]) for n in range(len(counts))]
    known = snapshot_of(
        {f"T {n}": papers_of(count, first[n], size) for n, count in enumerate(counts)}
    )
    text = f"{'x' * own}\n\n{START}\n{END}\n"
    _, files = plan_for(inputs_for(), known, {"README.md": text.encode()})
    texts = [data for path, data in files.items() if path.endswith(".md")]
    assert all(len(data) <= MAX_BYTES for data in texts)
    assert len(ids_in(*texts)) == sum(counts)


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
@pytest.mark.parametrize("topics", [4, 20, 100])
def test_real_papers(topics: int, record_property: Any) -> None:
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines][: topics * 100]
    now = datetime(2025, 10, 3, tzinfo=UTC)
    found = [
        paper(
            f"{2500 + number // 50000}.{number % 50000:05}",
            title=record["title"],
            summary=record["summary"],
            comment=record["comment"],
            updated=now,
        )
        for number, record in enumerate(records)
    ]
    known = snapshot_of({f"T {n}": found[n * 100 : n * 100 + 100] for n in range(topics)})
    _, files = plan_for(inputs_for(), known)
    sizes = {path: len(data) for path, data in files.items() if path.endswith(".md")}
    record_property("sizes", sizes)
    assert max(sizes.values()) <= MAX_BYTES
    assert ids_in(*(files[path] for path in sizes)) >= {item.arxiv_id for item in found}
    assert Path("README.md").name in sizes


def test_a_page_that_was_not_read_is_not_called_new(tmp_path: Path) -> None:
    flags = {"keywords": "Graph Neural Networks", "publish": "local", "pages": "always"}
    environ = {"GITHUB_WORKSPACE": str(tmp_path)}
    with ArxivStandIn([entry(1)]) as arxiv:
        flags["arxiv-url"] = arxiv.url
        first = run_main(tmp_path / "runner", flags, environ)
        arxiv.add([entry(2)])
        second = run_main(tmp_path / "runner", flags, environ)
    assert "Wrote README.md (new) and 2 other files." in first.log
    assert "Wrote README.md and 2 other files." in second.log
