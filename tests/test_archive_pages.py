"""The archive as pages of Markdown: nothing is lost, and what is over stays as it is."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from daily_papers.errors import InputError, PathError
from daily_papers.memory.archive import Archive, Month, remember
from daily_papers.memory.datafile import Memory
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.publish.draft import document, make_draft
from daily_papers.publish.repository import State
from daily_papers.views import archive_pages, markdown
from daily_papers.views.fit import MAX_BYTES, MAX_COST
from daily_papers.views.signature import is_signed
from tests.hub import DATA_FILE, README, World, world_with
from tests.support import paper
from tests.test_archive import FIRST, snapshot
from tests.test_pages import inputs_for, plan_for
from tests.workspace import a_world

UPGRADE = Path(__file__).parent / "upgrade" / "v1"
ON = {"archive": "archive", "notify": "none", "max_papers": "2"}


def pages_of(archive: Archive, known: Snapshot) -> dict[str, str]:
    files = archive_pages.render(
        archive, known, folder="archive", readme="docs/README.md", marker="daily-papers"
    )
    assert all(is_signed(data, "daily-papers") for data in files.values())
    return {path.removeprefix("archive/"): data.decode() for path, data in files.items()}


def ids_in(page: str) -> list[str]:
    return re.findall(r"(?m)^- \[.*?\]\(https://arxiv.org/abs/(\S+?)v\d+\)", page)


def test_a_month_is_a_line_for_each_paper() -> None:
    known = snapshot(FIRST, **{"A|B": [paper(title="On $x$ [y]")], "C": [paper()]})
    url = "https://arxiv.org/abs/2509.00001v1"
    assert pages_of(Archive(), known)["2025-10.md"].splitlines()[2:] == [
        "# 2025-10",
        "",
        "[All months](README.md)",
        "",
        f"- [On]({url}) $`x`$ [\\[y\\]]({url}) · 2025-09-01 · A\\|B, C",
    ]


def test_a_withdrawn_paper_says_so() -> None:
    gone = paper(version=2, comment="This paper has been withdrawn by the authors.")
    assert "\n- *withdrawn* · [" in pages_of(Archive(), snapshot(FIRST, A=[gone]))["2025-10.md"]


def test_the_index_leads_to_the_months_newest_first_and_back_to_the_newest_papers() -> None:
    months = {"2025-08": Month(papers=1, topics={}), "2025-09": Month(papers=20, topics={})}
    index = pages_of(Archive(months=months), snapshot(FIRST, A=[paper()]))["README.md"]
    assert "[The newest papers](../docs/README.md)" in index
    assert index.splitlines()[-3:] == [
        "- [2025-10](2025-10.md): 1 paper",
        "- [2025-09](2025-09.md): 20 papers",
        "- [2025-08](2025-08.md): 1 paper",
    ]


def test_the_index_names_papers_that_were_withdrawn_after_their_month() -> None:
    archive = Archive(withdrawn=("2508.00007", "cs/0101001"))
    index = pages_of(archive, snapshot(FIRST, A=[paper()]))["README.md"]
    assert index.endswith(
        "\nWithdrawn after their month: [2508.00007](https://arxiv.org/abs/2508.00007), "
        "[cs/0101001](https://arxiv.org/abs/cs/0101001)\n"
    )


def test_a_long_month_has_several_pages_that_lead_to_each_other() -> None:
    papers = [paper(f"2509.{n:05}", title="word " * 100) for n in range(2000)]
    pages = pages_of(Archive(), snapshot(FIRST, A=papers))
    names = ["2025-10", "2025-10-part-2", "2025-10-part-3"]
    assert [*pages] == ["README.md", *(f"{name}.md" for name in names)]
    assert all(len(page.encode()) <= MAX_BYTES for page in pages.values())
    for name, following in pairwise(names):
        assert pages[f"{name}.md"].endswith(f"\n[More papers of this month]({following}.md)\n")
    found = [arxiv_id for name in names for arxiv_id in ids_in(pages[f"{name}.md"])]
    assert found == [one.arxiv_id for one in papers]
    assert "- [2025-10](2025-10.md): 2000 papers" in pages["README.md"]


def test_a_page_has_no_more_formulas_than_github_typesets() -> None:
    papers = [paper(f"2509.{n:05}", title=f"On $x_{{{n}}} + y^2$ graphs") for n in range(1500)]
    page = pages_of(Archive(), snapshot(FIRST, A=papers))["2025-10.md"]
    assert 0.9 * MAX_COST < markdown.formula_cost(page) <= MAX_COST
    assert len(ids_in(page)) == 1500


def test_papers_are_added_at_the_end() -> None:
    first = snapshot(FIRST, A=[paper("2509.00005")])
    archive = remember(Archive(), None, first)
    before = pages_of(archive, first)["2025-10.md"]
    second = snapshot(date(2025, 10, 2), A=[paper("2509.00001")])
    after = pages_of(remember(archive, first, second), second)["2025-10.md"]
    assert after.startswith(before)
    assert ids_in(after) == ["2509.00005", "2509.00001"]


def test_the_index_tells_which_months_there_are() -> None:
    months = {
        "2025-08": Month(papers=1, topics={}),
        "2025-08.2": Month(papers=20, topics={}),
    }
    known = snapshot(FIRST, A=[paper()])
    index = pages_of(Archive(months=months), known)["README.md"].encode()
    found = archive_pages.recovered(index)
    assert [*found.months.items()] == [*months.items(), ("2025-10", Month(papers=1, topics={}))]
    assert found.is_markdown
    for damaged in (None, b"", b"\xff", b"- [2025-10](2025-11.md): 1 paper\n- [x](x.md): 1 paper"):
        assert archive_pages.recovered(damaged) == Archive(is_markdown=True)


@pytest.mark.parametrize(
    "name,month",
    [
        ("2025-10.md", "2025-10"),
        ("2025-10-part-2.md", "2025-10"),
        ("2025-10.2-part-31.md", "2025-10.2"),
        ("README.md", ""),
        ("2025-10.json", ""),
        ("2025-10-part-2.md.md", ""),
    ],
)
def test_a_page_is_of_a_month_by_its_name(name: str, month: str) -> None:
    assert archive_pages.month_of(name) == month


# --- Places


def test_a_web_page_has_an_archive_of_its_own() -> None:
    with pytest.raises(InputError, match="archive is for repositories without a web page"):
        inputs_for(archive="archive", site="docs")


@pytest.mark.parametrize(
    "inputs,words",
    [
        ({"readme": "archive/README.md"}, "readme and archive both lead to archive/README.md"),
        ({"feed": "archive/README.md"}, "feed and archive both lead to archive/README.md"),
        ({"feed": "archive"}, "feed and archive both lead to archive"),
        (
            {"pages": "always", "pages-dir": "archive"},
            "pages-dir and archive both lead to archive/2025-10.md",
        ),
    ],
)
def test_no_other_input_may_lead_to_its_pages(inputs: dict[str, str], words: str) -> None:
    made = inputs_for(archive="archive", **inputs)
    sections = (Section(heading="2025 10", query="q", papers=(), is_complete=True),)
    known = Snapshot(updated=FIRST, sections=sections)
    with pytest.raises(PathError, match=words):
        plan_for(made, known, {made.readme: README.encode()})


def test_no_other_input_may_lead_to_the_page_of_a_month_that_is_over() -> None:
    made = inputs_for(archive="archive", pages="always", pages_dir="archive")
    sections = (Section(heading="2025 09", query="q", papers=(), is_complete=True),)
    known = Snapshot(updated=FIRST, sections=sections)
    over = Archive(
        is_markdown=True, month="2025-10", months={"2025-09": Month(papers=1, topics={})}
    )
    files = {"archive/2025-09.md": "0" * 40}
    with pytest.raises(PathError, match=r"pages-dir and archive both lead to archive/2025-09\.md"):
        make_draft(
            made,
            document(made, State(head="", files={"README.md": README.encode()})),
            Memory(snapshot=known, archive=over),
            merged=Memory(snapshot=known, archive=over, files=files),
            home=None,
        )


def test_a_topic_named_readme_gets_another_page_than_the_index() -> None:
    made = inputs_for(archive="papers", pages="always")
    sections = (Section(heading="README", query="q", papers=(), is_complete=True),)
    _, files = plan_for(
        made, Snapshot(updated=FIRST, sections=sections), {"README.md": README.encode()}
    )
    pages = [path for path in files if path.startswith("papers/")]
    assert len({path.casefold() for path in pages}) == len(pages) == 3


# --- Whole runs


def archived(world: World) -> list[str]:
    return [path for path in world.github.repository.paths("main") if path.startswith("archive/")]


def month_later(world: World) -> None:
    for _ in range(29):
        world.a_day_later()
    world.a_day_later(6)


def test_months_pass_and_a_lost_data_file_destroys_none(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(**ON)
        assert archived(world) == ["archive/2025-10.md", "archive/README.md"]
        assert "· [Archive](archive/README.md)" in world.read("README.md")
        october = world.read("archive/2025-10.md")
        month_later(world)
        world.run(**ON)
        assert world.read("archive/2025-10.md") == october
        assert ids_in(world.read("archive/2025-11.md")) == ["2509.00006"]
        world.a_day_later(7)
        world.a_day_later(8)
        world.run(**ON)
        november = ["2509.00006", "2509.00007", "2509.00008"]
        assert ids_in(world.read("archive/2025-11.md")) == november
        commits = world.commits
        world.run(**ON)
        assert world.commits == commits
        world.github.repository.push({DATA_FILE: "broken"})
        world.a_day_later(9)
        world.run(**ON)
        assert world.read("archive/2025-10.md") == october
        assert ids_in(world.read("archive/2025-11.md")) == november
        assert ids_in(world.read("archive/2025-11.2.md")) == ["2509.00008", "2509.00009"]
        assert re.findall(r"(?m)^- \[(\S+)\]", world.read("archive/README.md")) == [
            "2025-11.2",
            "2025-11",
            "2025-10",
        ]
        world.run(**{**ON, "archive": "none"})
        assert "Archive" not in world.read("README.md")
        # The data file was lost, and with it the proof that November's first page is ours.
        assert archived(world) == ["archive/2025-10.md", "archive/2025-11.md"]


def test_pages_go_when_they_are_switched_off(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(**ON)
        month_later(world)
        world.run(**ON)
        assert len(archived(world)) == 3
        world.run(notify="none", max_papers="2")
        assert archived(world) == []
        assert "archive" not in world.read(DATA_FILE)


def test_without_a_data_file_a_month_has_one_page_and_a_quiet_day_no_commit(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(archive="archive", data_file="none")
        commits = world.commits
        world.a_day_later()
        world.run(archive="archive", data_file="none")
        assert world.commits == commits
        october = world.read("archive/2025-10.md")
        month_later(world)
        world.run(archive="archive", data_file="none")
        assert archived(world) == ["archive/2025-10.md", "archive/2025-11.md", "archive/README.md"]
        assert world.read("archive/2025-10.md") == october
        assert re.findall(r"(?m)^- \[(\S+)\].*", world.read("archive/README.md")) == [
            "2025-11",
            "2025-10",
        ]


def test_a_web_page_begins_an_archive_of_its_own(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README}) as world:
        site = {"site": "docs", "notify": "none", "max_papers": "2"}
        world.run(**site)
        month_later(world)
        world.run(**site)
        assert "docs/2025-10.json" in world.github.repository.paths("main")
        world.run(**ON)
        assert not [path for path in world.github.repository.paths("main") if "docs" in path]
        assert archived(world) == ["archive/2025-11.md", "archive/README.md"]
        assert "2025-10" not in world.read("archive/README.md")
        world.run(**site)
        assert archived(world) == []
        assert "docs/2025-10.json" not in world.github.repository.paths("main")


def test_it_is_switched_on_in_a_repository_that_had_none(tmp_path: Path) -> None:
    """Nothing of it is in the files of those who do not use it."""
    with world_with(tmp_path, {"README.md": README}) as world:
        world.run(notify="none")
        assert '"archive"' not in world.read(DATA_FILE)
        paths = world.github.repository.paths("main")
        month_later(world)
        world.run(notify="none", archive="archive")
        assert {*world.github.repository.paths("main")} - {*paths} == {
            "archive/2025-11.md",
            "archive/README.md",
        }
        assert len(ids_in(world.read("archive/2025-11.md"))) == 6


def test_two_regions_have_an_archive_each(tmp_path: Path) -> None:
    regions = "<!-- one:start -->\n<!-- one:end -->\n\n<!-- two:start -->\n<!-- two:end -->\n"
    with world_with(tmp_path, {"README.md": regions}) as world:
        for name in ("one", "two"):
            world.run(
                marker=name, data_file=f"{name}.json", archive=f"archive/{name}", notify="none"
            )
        assert archived(world) == [
            "archive/one/2025-10.md",
            "archive/one/README.md",
            "archive/two/2025-10.md",
            "archive/two/README.md",
        ]
        refused = world.run(
            marker="two", data_file="two.json", archive="archive/one", notify="none"
        )
        assert refused.exit_code == 1
        assert "archive/one/README.md" in refused.log


def test_a_page_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    with world_with(tmp_path, {"README.md": README, "archive/README.md": "# Mine\n"}) as world:
        refused = world.run(**ON)
        assert refused.exit_code == 1
        assert "archive/README.md" in refused.log
        assert world.read("archive/README.md") == "# Mine\n"


def test_after_an_upgrade_it_has_all_papers_that_topics_hold(tmp_path: Path) -> None:
    """The workspace is one that version 0.1 left, with a web page and no archive."""
    world = a_world(tmp_path, ("Graph Neural Networks", "Time Series"))
    workspace = tmp_path / "workspace"
    shutil.copytree(UPGRADE, workspace, dirs_exist_ok=True)
    (workspace / DATA_FILE).parent.mkdir()
    (workspace / "daily-papers.json").rename(workspace / DATA_FILE)
    known = {paper["id"] for paper in json.loads(world.files[DATA_FILE])["papers"]}
    with world.arxiv:
        for _ in range(5):
            world.a_day_later()
        assert world.run(archive="archive", max_papers="100").exit_code == 0
    assert known <= {*ids_in(world.files["archive/2025-10.md"].decode())}
    assert "docs/index.html" not in world.files


def test_a_directory_has_them_as_well(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    with world.arxiv:
        assert world.run(archive="archive").exit_code == 0
        october = world.files["archive/2025-10.md"]
        assert len(ids_in(october.decode())) == 20
        for _ in range(31):
            world.a_day_later()
        assert world.run(archive="archive").exit_code == 0
        assert world.files["archive/2025-10.md"] == october
        assert len(ids_in(world.files["archive/2025-11.md"].decode())) == 20
        assert world.run().exit_code == 0
    assert not [path for path in world.files if path.startswith("archive/")]
