from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from daily_papers.errors import LostRaceError, PathError
from daily_papers.publish.local import DryRun, LocalRepository
from daily_papers.publish.repository import Change, Plan, blob_sha


def change(path: str, before: bytes | None, after: bytes | None) -> Change:
    sha = None if before is None else blob_sha(before)
    return Change(path=path, before=before, before_sha=sha, after=after)


def unread(path: str, before: bytes, after: bytes | None) -> Change:
    return Change(path=path, before=None, before_sha=blob_sha(before), after=after)


def plan(*changes: Change) -> Plan:
    return Plan(head="", changes=changes, message="")


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_files_are_read_and_missing_ones_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbfa\r\n")
    state = LocalRepository(tmp_path).read(["a.md", "b/c.json"])
    assert state.files == {"a.md": b"\xef\xbb\xbfa\r\n", "b/c.json": None}


def test_changes_are_written_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"old")
    (tmp_path / "a.md").chmod(0o640)
    LocalRepository(tmp_path).apply(
        plan(
            change("a.md", b"old", b"new"),
            change("b/c/d.json", None, b"{}"),
        )
    )
    assert tree(tmp_path) == {"a.md": b"new", "b/c/d.json": b"{}"}
    assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o640


def test_a_file_that_changed_meanwhile_loses_the_race(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"somebody else's")
    with pytest.raises(LostRaceError, match=r"a\.md"):
        LocalRepository(tmp_path).apply(
            plan(
                change("b.md", None, b"new"),
                change("a.md", b"old", b"new"),
            )
        )
    assert tree(tmp_path) == {"a.md": b"somebody else's"}


def test_no_symbolic_link_is_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "repo", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.md").write_text("secret")
    (inside / "docs").symlink_to(outside)
    (inside / "b.md").symlink_to(outside / "a.md")
    (inside / "dangling.md").symlink_to(outside / "new.md")
    repository = LocalRepository(inside)
    for path in ("docs/a.md", "b.md", "dangling.md"):
        with pytest.raises(PathError, match="is a symbolic link"):
            repository.read([path])
        with pytest.raises(PathError, match="is a symbolic link"):
            repository.apply(plan(change(path, None, b"x")))
    assert tree(outside) == {"a.md": b"secret"}


def test_a_directory_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    with pytest.raises(PathError, match=r"a\.md is a directory"):
        LocalRepository(tmp_path).read(["a.md"])
    (tmp_path / "b").write_text("")
    with pytest.raises(PathError, match=r"b/c\.md cannot be read: Not a directory"):
        LocalRepository(tmp_path).read(["b/c.md"])


def test_a_failure_half_way_leaves_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device", "disk")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(PathError, match="No space left"):
        LocalRepository(tmp_path).apply(plan(change("a.md", None, b"new")))
    assert tree(tmp_path) == {}


def test_a_dry_run_reads_and_never_writes(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"old")
    dry = DryRun(LocalRepository(tmp_path))
    assert dry.read(["a.md"]).files == {"a.md": b"old"}
    dry.apply(plan(change("a.md", b"old", b"new")))
    assert tree(tmp_path) == {"a.md": b"old"}


def test_files_that_are_as_expected_are_not_kept(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"x")
    repository = LocalRepository(tmp_path)
    expected = {"a.md": blob_sha(b"x"), "b.md": None, "c/d.md": None}
    state = DryRun(repository).read_changed(repository.read(["b.md"]), expected)
    assert state.files == {"b.md": None}
    assert state.shas == expected


def test_binary_files_are_written_and_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "b.woff2").write_bytes(b"\0old")
    (tmp_path / "c.html").write_bytes(b"old")
    (tmp_path / "d.html").write_bytes(b"old")
    made = plan(
        change("fonts/a.woff2", None, b"wOF2" * 300 + b"\xff"),
        change("b.woff2", b"\0old", b"\0new"),
        unread("c.html", b"old", b"<p>"),
        unread("d.html", b"old", None),
    )
    LocalRepository(tmp_path).apply(made)
    assert tree(tmp_path) == {
        "b.woff2": b"\0new",
        "c.html": b"<p>",
        "fonts/a.woff2": b"wOF2" * 300 + b"\xff",
    }
    assert made.diff() == (
        "Adds fonts/a.woff2 (1,201 bytes).\n"
        "Replaces b.woff2 (4 bytes).\n"
        "Replaces c.html (3 bytes).\n"
        "Removes d.html.\n"
    )


def test_a_plan_shows_its_changes_as_a_diff() -> None:
    made = plan(
        change("a.md", b"one\ntwo\n", b"one\nthree\x0c"),
        change("b.md", None, b"new\n"),
    )
    assert made.diff() == (
        "--- a/a.md\n+++ b/a.md\n@@ -1,2 +1,2 @@\n one\n-two\n+three\x0c\n"
        "\\ No newline at end of file\n"
        "--- /dev/null\n+++ b/b.md\n@@ -0,0 +1 @@\n+new\n"
    )
