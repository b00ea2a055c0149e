"""Generated files of every kind: whose they are, and what happens to those of others."""

from __future__ import annotations

from datetime import date

import pytest

from daily_papers.errors import PathError
from daily_papers.memory.datafile import Memory
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.publish.draft import Draft
from daily_papers.publish.plan import make_plan
from daily_papers.publish.repository import Change, State, blob_sha
from daily_papers.views import site
from daily_papers.views.signature import is_signed, signature
from tests.test_pages import README, inputs_for, plan_for, seen

FONT = b"wOF2\0\xff"
PAGE = b"<!doctype html>\n<!-- daily-papers:generated -->\n<title>Papers</title>\n"
OLD_PAGE = PAGE.replace(b"Papers", b"Sheets")
MINE = b"<!doctype html>\n<title>Mine</title>\n"
INPUTS = inputs_for()


def draft_of(files: dict[str, bytes], vouched: dict[str, bytes] | None = None) -> Draft:
    """A draft of `files`, which an input of the name `site` leads to."""
    memory = Memory(
        snapshot=Snapshot(updated=date(2025, 10, 3), sections=()),
        files={path: blob_sha(data) for path, data in files.items()},
    )
    return Draft(
        memory=memory,
        summaries={},
        files=files,
        data_file=None,
        asked_by=dict.fromkeys(files, "site"),
        vouched={path: blob_sha(data) for path, data in (vouched or {}).items()},
    )


def changes(draft: Draft, held: dict[str, bytes]) -> tuple[dict[str, bytes | None], list[str]]:
    """Plans `draft` for a repository that holds `held`.

    Returns:
        What becomes of each file that changes, and which files had to be read.
    """
    state = seen(held, State(head="", files={}), draft)
    made = make_plan(draft, state, marker=INPUTS.marker, message="")
    read = [path for path, data in state.files.items() if data is not None]
    return {change.path: change.after for change in made.changes}, read


@pytest.mark.parametrize(
    "start", [b"", b"<?xml version='1.0' encoding='utf-8'?>\n", b"\xef\xbb\xbf<!doctype html>\n"]
)
def test_a_signature_may_come_after_what_a_format_begins_with(start: bytes) -> None:
    mark = signature("papers").encode()
    assert is_signed(start + mark + b"\n", "papers")
    assert not is_signed(start + mark + b"\n", "other")
    assert not is_signed(start + b"x" * 300 + mark, "papers")


def test_files_that_are_missing_are_made() -> None:
    files = {"docs/index.html": PAGE, "docs/a.woff2": FONT}
    assert changes(draft_of(files), {}) == (files, [])


def test_files_that_the_data_file_vouches_for_are_not_read() -> None:
    draft = draft_of(
        {"docs/index.html": PAGE, "docs/a.woff2": FONT},
        {"docs/index.html": OLD_PAGE, "docs/a.woff2": FONT},
    )
    held = {"docs/index.html": OLD_PAGE, "docs/a.woff2": FONT}
    assert changes(draft, held) == ({"docs/index.html": PAGE}, [])


def test_without_a_data_file_a_signature_tells_or_the_content_itself() -> None:
    draft = draft_of({"docs/index.html": PAGE, "docs/a.woff2": FONT})
    held = {"docs/index.html": OLD_PAGE, "docs/a.woff2": FONT}
    assert changes(draft, held) == ({"docs/index.html": PAGE}, ["docs/index.html"])


@pytest.mark.parametrize("path,data", [("docs/index.html", MINE), ("docs/a.woff2", FONT + b"\0")])
def test_a_file_of_somebody_else_is_never_written_over(path: str, data: bytes) -> None:
    draft = draft_of({"docs/index.html": PAGE, "docs/a.woff2": FONT})
    with pytest.raises(
        PathError, match=rf"(?s){path}: there is already a .* the input site, which"
    ):
        changes(draft, {path: data})


ASSET = next(data for data in site.unsigned_assets() if data.startswith(b"wOF2"))


def test_files_that_are_no_longer_wanted_are_removed_if_they_are_ours() -> None:
    draft = draft_of(
        {},
        {
            "a.woff2": ASSET,
            "b.woff2": ASSET,
            "c.html": PAGE,
            "d.html": MINE,
            "src/main.py": MINE,
            "gone": PAGE,
        },
    )
    held = {
        "a.woff2": ASSET,
        "b.woff2": ASSET + b"\0",
        "c.html": OLD_PAGE,
        "d.html": MINE,
        "src/main.py": MINE,
    }
    # A pull request could make the data file name any file: that is not permission to remove it.
    assert changes(draft, held) == (
        {"a.woff2": None, "c.html": None},
        ["b.woff2", "c.html", "d.html", "src/main.py"],
    )


def test_a_removal_is_reported_in_one_line() -> None:
    draft = draft_of({}, {"a.woff2": ASSET})
    sha = blob_sha(ASSET)
    state = State(head="", files={}, shas={"a.woff2": sha})
    made = make_plan(draft, state, marker=INPUTS.marker, message="")
    assert made.changes == (Change(path="a.woff2", before=None, before_sha=sha, after=None),)
    assert made.diff() == "Removes a.woff2.\n"


@pytest.mark.parametrize(
    "readme,words",
    [
        ("papers", "the inputs readme and pages-dir both lead to papers"),
        ("papers/a.md", ""),
        ("x/papers.md", ""),
    ],
)
def test_no_two_inputs_lead_to_one_place(readme: str, words: str) -> None:
    inputs = inputs_for(pages="always", readme=readme)
    sections = (Section(heading="A", query="q", papers=(), is_complete=True),)
    snapshot = Snapshot(updated=date(2025, 10, 3), sections=sections)
    if words:
        with pytest.raises(PathError, match=words):
            plan_for(inputs, snapshot, {readme: README.encode()})
    else:
        _, files = plan_for(inputs, snapshot, {readme: README.encode()})
        assert len(files) == 4
