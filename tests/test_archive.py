"""The archive: no paper that a topic ever held is lost, and a month that is over stays as it is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daily_papers.memory import datafile
from daily_papers.memory.archive import (
    INDEX,
    Archive,
    Archived,
    Month,
    current_papers,
    recovered,
    remember,
)
from daily_papers.memory.datafile import Memory
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper, SortBy
from daily_papers.views import archive as view
from daily_papers.views.signature import is_signed
from tests.hub import DATA_FILE, README, World, world_with
from tests.support import paper

FIRST = date(2025, 10, 1)


def snapshot(day: date, **topics: list[Paper]) -> Snapshot:
    sections = tuple(
        Section(heading=heading, query="q", papers=tuple(papers), is_complete=False)
        for heading, papers in topics.items()
    )
    return Snapshot(updated=day, sections=sections)


def files_of(archive: Archive, known: Snapshot) -> dict[str, bytes]:
    return view.render(archive, known, marker="daily-papers", sentences={})


def ids_in(data: bytes) -> list[str]:
    return [record["id"] for record in json.loads(data)["papers"]]


# A day: how many days after the last one, and which of a few papers each of two topics holds then.
DAYS = st.lists(
    st.tuples(
        st.integers(1, 25),
        st.sets(st.integers(1, 12), max_size=5),
        st.sets(st.integers(1, 12), max_size=5),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(DAYS)
def test_nothing_is_lost_and_a_month_that_is_over_stays(
    days: list[tuple[int, set[int], set[int]]],
) -> None:
    archive, old = Archive(), None
    disk: dict[str, bytes] = {}
    held: set[str] = set()
    day = FIRST
    for step, graphs, trees in days:
        day += timedelta(days=step)
        papers = [
            [paper(f"2509.{number:05}", title=f"Paper {number}") for number in sorted(numbers)]
            for numbers in (graphs, trees)
        ]
        new = snapshot(day, Graphs=papers[0], Trees=papers[1])
        seen = (old.known_ids - new.kept_ids) if old else frozenset[str]()
        new = replace(new, seen=tuple(sorted(seen)))
        archive = remember(archive, old, new)
        files = files_of(archive, new)
        for name in archive.months:
            assert f"{name}.json" not in files
        disk |= files
        held |= new.kept_ids
        found = [i for name, data in disk.items() if name != INDEX for i in ids_in(data)]
        assert sorted(found) == sorted(held)
        index = json.loads(disk[INDEX])
        assert {f"{month['name']}.json" for month in index["months"]} | {INDEX} == disk.keys()
        for month in index["months"]:
            records = json.loads(disk[f"{month['name']}.json"])["papers"]
            assert month["papers"] == len(records)
            for heading, count in month["topics"].items():
                assert sum(heading in record["topics"] for record in records) == count
        memory = Memory(snapshot=new, archive=archive)
        data = datafile.encode(memory, "daily-papers")
        again = datafile.decode(data, "daily-papers", SortBy.UPDATED, today=day)
        assert again.archive == archive
        assert remember(archive, new, new) is archive
        old = new


@pytest.mark.parametrize("is_markdown", [False, True])
def test_an_archive_that_begins_later_has_what_comes_back(is_markdown: bool) -> None:  # noqa: FBT001
    """As where somebody wants a web page after a while, or upgrades from a version without one."""
    one, other = paper("2509.00001"), paper("2509.00002")
    old = replace(snapshot(FIRST, Graphs=[other]), seen=("2509.00001",))
    archive = remember(Archive(is_markdown=is_markdown), old, old)
    assert [item.paper.arxiv_id for item in current_papers(archive, old)] == ["2509.00002"]
    for day, papers in ((40, [one, other]), (80, [other])):
        seen = () if one in papers else ("2509.00001",)
        new = replace(snapshot(FIRST + timedelta(days=day), Graphs=papers), seen=seen)
        data = datafile.encode(Memory(snapshot=old, archive=archive), "daily-papers")
        again = datafile.decode(data, "daily-papers", SortBy.UPDATED, today=new.updated)
        assert again.archive == archive
        archive, old = remember(archive, old, new), new
    assert list(archive.months) == ["2025-10", "2025-11"]
    assert [month.papers for month in archive.months.values()] == [1, 1]
    assert archive.earlier == ()


def test_a_days_change_of_a_month_is_a_days_lines() -> None:
    first = snapshot(FIRST, Graphs=[paper("2509.00009"), paper("2509.00002")])
    archive = remember(Archive(), None, first)
    before = files_of(archive, first)["2025-10.json"].splitlines()
    second = snapshot(FIRST + timedelta(days=1), Graphs=[paper("2509.00001"), paper("2509.00009")])
    archive = remember(archive, first, second)
    after = files_of(archive, second)["2025-10.json"].splitlines()
    assert ids_in(b"\n".join(after)) == ["2509.00002", "2509.00009", "2509.00001"]
    assert [line.rstrip(b",") for line in after[:3]] == [line.rstrip(b",") for line in before[:3]]
    assert len(after) == len(before) + 1
    assert archive.left == (Archived(paper=paper("2509.00002"), topics=("Graphs",)),)


def test_a_month_that_comes_again_has_another_name() -> None:
    """As after a run with a clock in the wrong year."""
    archive, old = Archive(), None
    names = []
    for number, day in enumerate((date(2025, 10, 1), date(2062, 3, 1), date(2025, 10, 2))):
        new = snapshot(day, Graphs=[paper(f"2509.{number:05}")])
        archive = remember(archive, old, new)
        names.append(archive.month)
        old = new
    assert names == ["2025-10", "2062-03", "2025-10.2"]
    assert [*archive.months] == ["2025-10", "2062-03"]


def test_a_paper_that_is_withdrawn_after_its_month_is_named_in_the_index() -> None:
    one = paper()
    first = snapshot(FIRST, Graphs=[one])
    archive = remember(Archive(), None, first)
    gone = replace(one, version=2, comment="This paper has been withdrawn by the authors.")
    second = snapshot(date(2025, 11, 3), Graphs=[gone])
    archive = remember(archive, first, second)
    files = files_of(archive, second)
    assert json.loads(files["archive.json"])["withdrawn"] == [one.arxiv_id]
    assert ids_in(files["2025-11.json"]) == []


def test_where_the_data_file_is_lost_the_index_tells_which_months_there_are() -> None:
    known = snapshot(FIRST, Graphs=[paper()])
    archive = replace(
        remember(Archive(), None, known), months={"2025-09": Month(papers=7, topics={"Graphs": 7})}
    )
    found = recovered(files_of(archive, known)["archive.json"])
    assert found.months == {**archive.months, "2025-10": Month(papers=1, topics={"Graphs": 1})}
    assert remember(found, None, known).month == "2025-10.2"


@pytest.mark.parametrize(
    "index",
    [
        None,
        b"",
        b"[]",
        b'{"months": [], "words": 5}',
        b'{"months": [], "words": [{"name": "words-1.txt", "pages": 5}]}',
        b'{"months": 5}',
        b'{"months": [5]}',
        b'{"months": [{"name": "2025-10", "papers": "x", "topics": {}}]}',
        b'{"months": [{"name": "2025-10", "papers": 1e999, "topics": {}}]}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_an_index_that_is_damaged_tells_nothing(index: bytes | None) -> None:
    assert recovered(index) == Archive()


def test_files_are_signed_and_say_what_they_are() -> None:
    known = snapshot(FIRST, Graphs=[paper()])
    for data in files_of(remember(Archive(), None, known), known).values():
        assert is_signed(data, "daily-papers")
        assert json.loads(data)["format"] == 1


def test_a_record_is_as_the_documentation_says() -> None:
    one = paper(
        version=2,
        title="On $L_1$ and Fr\\'echet",
        summary="See \\url{https://example.org/x}. $$x$$",
        doi="10.1/x",
    )
    known = snapshot(FIRST, Graphs=[one])
    (record,) = json.loads(files_of(Archive(), known)["2025-10.json"])["papers"]
    assert record == {
        "id": "2509.00001",
        "version": 2,
        "seen": "2025-10-01",
        "topics": ["Graphs"],
        "title": ["On ", {"tex": "L_1"}, " and Fréchet"],
        "authors": ["Ada Example", "Bob Example"],
        "abstract": [
            "See ",
            {"text": "https://example.org/x", "url": "https://example.org/x"},
            ". ",
            {"tex": "x", "display": True},
        ],
        "comment": "12 pages",
        "doi": "10.1/x",
        "categories": ["cs.LG", "stat.ML"],
        "published": "2025-09-01",
        "updated": "2025-09-02",
    }
    described = Path("docs/archive.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", described)) >= record.keys()


# --- Whole runs


def test_months_pass_and_a_lost_data_file_destroys_none(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        run = {"site": "docs", "notify": "none", "max_papers": "2"}
        world.run(**run)
        october = world.read("docs/2025-10.json")
        for _ in range(29):
            world.a_day_later()
        world.a_day_later(6)
        world.run(**run)
        assert world.read("docs/2025-10.json") == october
        assert ids_in(world.read("docs/2025-11.json").encode()) == ["2509.00006"]
        world.a_day_later(7)
        world.run(**run)
        assert ids_in(world.read("docs/2025-11.json").encode()) == ["2509.00006", "2509.00007"]
        paths = world.github.repository.paths("main")
        world.github.repository.push({DATA_FILE: "broken"})
        world.a_day_later(8)
        world.run(**run)
        assert world.read("docs/2025-10.json") == october
        assert ids_in(world.read("docs/2025-11.json").encode()) == ["2509.00006", "2509.00007"]
        assert ids_in(world.read("docs/2025-11.2.json").encode()) == ["2509.00007", "2509.00008"]
        assert {*world.github.repository.paths("main")} == {*paths, "docs/2025-11.2.json"}


def test_without_a_data_file_a_month_has_one_file_and_a_quiet_day_no_commit(
    tmp_path: Path,
) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:

        def run() -> list[str]:
            world.run(site="docs", data_file="none")
            paths = world.github.repository.paths("main")
            return [path for path in paths if re.search(r"/\d{4}-", path)]

        assert run() == ["docs/2025-10.json"]
        commits = world.commits
        for _ in range(3):
            world.a_day_later()
            run()
        assert world.commits == commits
        world.a_day_later(6)
        assert run() == ["docs/2025-10.json"]
        october = world.read("docs/2025-10.json")
        assert len(ids_in(october.encode())) == 6
        for _ in range(31):
            world.a_day_later()
        commits = world.commits
        assert run() == ["docs/2025-10.json"]
        assert world.commits == commits
        world.a_day_later(7)
        assert run() == ["docs/2025-10.json", "docs/2025-11.json"]
        assert world.read("docs/2025-10.json") == october
        listed = json.loads(world.read("docs/archive.json"))["months"]
        assert [(month["name"], month["papers"]) for month in listed] == [
            ("2025-11", 7),
            ("2025-10", 6),
        ]


def test_the_archive_goes_with_the_page(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(site="docs", notify="none")
        for _ in range(29):
            world.a_day_later()
        world.a_day_later(6)
        world.run(site="docs", notify="none")
        world.run(site="none", notify="none")
        assert not [path for path in world.github.repository.paths("main") if "docs" in path]
        assert "archive" not in world.read(DATA_FILE)


RUN = {"site": "docs", "notify": "none"}


def months_later(world: World, *numbers: int) -> None:
    """Lets a month pass for each paper, and runs when it has come."""
    for number in numbers:
        for _ in range(30):
            world.a_day_later()
        world.a_day_later(number)
        world.run(**RUN)


def words_of(world: World) -> list[str]:
    """Returns the months that the word index has, as archive.json names them."""
    index = json.loads(world.read("docs/archive.json"))
    for volume in index["words"]:
        assert len(world.read(f"docs/{volume['name']}").encode()) == volume["bytes"]
        for name, size in volume["months"].items():
            assert len(world.read(f"docs/{name}.json").encode()) == size
    return [name for volume in index["words"] for name in volume["months"]]


def test_a_month_that_is_over_is_in_the_word_index(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(**RUN)
        months_later(world, 6, 7, 8)
        assert words_of(world) == ["2025-10", "2025-11", "2025-12"]
        read = [path for path in world.asked if "docs" in path]
        # At the end of a month, the month and the volume are read.
        assert read == [
            "GET /contents/docs/2025-12.json",
            "GET /contents/docs/words-1.txt",
        ]
        words = world.read("docs/words-1.txt")
        assert is_signed(words.encode(), "daily-papers")
        assert "\ngraph AaBaCa\n" in words
        world.a_day_later(9)
        world.run(**RUN)
        assert not [path for path in world.asked if "docs/words" in path]
        assert world.read("docs/words-1.txt") == words
        world.run(site="none", notify="none")
        assert not [path for path in world.github.repository.paths("main") if "docs" in path]


@pytest.mark.parametrize("damage", ["broken", "<!-- daily-papers:generated -->\nx\n", None])
def test_a_damaged_word_index_is_made_again(tmp_path: Path, damage: str | None) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(**RUN)
        months_later(world, 6, 7)
        world.github.repository.push({"docs/words-1.txt": damage})
        months_later(world, 8)
        assert "2025-12" in words_of(world)
        months_later(world, 9)
        assert sorted(words_of(world)) == ["2025-10", "2025-11", "2025-12", "2026-01"]


def test_an_archive_from_before_the_word_index_gets_one(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(**RUN)
        months_later(world, 6, 7)
        memory = json.loads(world.read(DATA_FILE))
        del memory["archive"]["words"]
        memory["files"] = [one for one in memory["files"] if "words" not in one["path"]]
        index = json.loads(world.read("docs/archive.json"))
        del index["words"]
        world.github.repository.push(
            {
                DATA_FILE: json.dumps(memory),
                "docs/archive.json": json.dumps(index),
                "docs/words-1.txt": None,
            }
        )
        months_later(world, 8)
        assert words_of(world) == ["2025-10", "2025-11", "2025-12"]


def test_a_long_month_is_in_the_word_index_before_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(view, "SOON_READ", 1000)
    known = snapshot(FIRST, Graphs=[paper(f"2509.{number:05}") for number in range(9)])
    files = files_of(remember(Archive(), None, known), known)
    (volume,) = json.loads(files["archive.json"])["words"]
    assert volume["name"] == "words.txt"
    assert volume["bytes"] == len(files["words.txt"])
    assert volume["months"] == {"2025-10": len(files["2025-10.json"])}
    assert recovered(files["archive.json"]).volumes == ()
