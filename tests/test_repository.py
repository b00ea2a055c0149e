from __future__ import annotations

import fcntl
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daily_papers.errors import LostRaceError, PathError
from daily_papers.publish.local import DryRun, LocalRepository, write_inside
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


def test_files_are_read_and_missing_ones_reported(tmp_path: Path) -> None:
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


def test_a_directory_in_the_place_of_a_file_is_reported(tmp_path: Path) -> None:
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
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(PathError, match=r"^a\.md cannot be written: No space left on device"):
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


def test_binary_files_are_written_and_reported_in_one_line(tmp_path: Path) -> None:
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


def test_a_file_that_changed_since_it_was_read_loses_the_race(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"old")
    repository = LocalRepository(tmp_path)
    state = repository.read(["a.md"])
    (tmp_path / "a.md").write_bytes(b"new")
    with pytest.raises(LostRaceError, match=r"a\.md was changed by somebody else"):
        repository.read_changed(state, {"a.md": blob_sha(b"old")})


def test_files_that_are_not_as_expected_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"old")
    (tmp_path / "b.md").write_bytes(b"edited")
    (tmp_path / "c.md").write_bytes(b"theirs")
    repository = LocalRepository(tmp_path)
    expected = {name: blob_sha(b"old") for name in ("a.md", "b.md", "d.md")}
    state = repository.read_changed(repository.read([]), {**expected, "c.md": None})
    assert state.files == {"b.md": b"edited", "c.md": b"theirs", "d.md": None}
    assert state.shas == {
        "a.md": blob_sha(b"old"),
        "b.md": blob_sha(b"edited"),
        "c.md": blob_sha(b"theirs"),
        "d.md": None,
    }


# --- What else may be in a directory


def obstacle(place: Path, kind: str) -> None:
    outside = place.parent.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "file").write_bytes(b"theirs")
    match kind:
        case "FIFO":
            os.mkfifo(place)
        case "socket":
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(str(place))
        case "directory":
            place.mkdir()
        case "link":
            place.symlink_to(outside / "file")
        case "dangling link":
            place.symlink_to(outside / "nothing")
        case "link to a folder":
            place.symlink_to(outside)


OBSTACLES = ("FIFO", "socket", "directory", "link", "dangling link", "link to a folder")


@pytest.mark.parametrize("kind", OBSTACLES)
@pytest.mark.parametrize("where", ["a", "a/b"])
def test_nothing_but_a_regular_file_is_read_or_written(
    tmp_path: Path, kind: str, where: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    obstacle(root / "a", kind)
    if (kind, where) == ("directory", "a/b"):
        return
    repository = LocalRepository(root)
    with pytest.raises(PathError, match=r"^a(/b)?( is a|: a is a| cannot be read: )"):
        repository.read([where])
    with pytest.raises(PathError):
        repository.apply(plan(change(where, None, b"ours")))
    with pytest.raises(PathError):
        write_inside(root, where, b"ours")
    assert tree(tmp_path / "outside") == {"file": b"theirs"}


def test_a_file_is_written_inside_a_directory(tmp_path: Path) -> None:
    write_inside(tmp_path, "a/b/c.json", b"1")
    write_inside(tmp_path, "a/b/c.json", b"2")
    assert tree(tmp_path) == {"a/b/c.json": b"2"}


@pytest.mark.parametrize("path", ["../a.md", "/etc/a.md", "a/../../b.md"])
def test_no_path_leads_out_of_the_directory(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(PathError, match="leads out of the repository"):
        LocalRepository(root).apply(plan(change(path, None, b"x")))
    with pytest.raises(PathError, match="leads out of the repository"):
        write_inside(root, path, b"x")
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(
    "path", ["x" * 300, "a/" * 2_500 + "b.md", "ä" * 130 + "/a.md", "a\0b.md", "\ud800.md"]
)
def test_paths_that_no_system_accepts_are_reported_shortened(tmp_path: Path, path: str) -> None:
    with pytest.raises(PathError, match=r"cannot be read: [A-Z]") as caught:
        LocalRepository(tmp_path).apply(plan(change(path, None, b"x")))
    assert len(caught.value.message) < 200


def test_names_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    path = "a/" * 100 + "😀" * 63
    LocalRepository(tmp_path).apply(plan(change(path, None, b"x")))
    assert tree(tmp_path) == {path: b"x"}


# --- Runs that meet, and runs that die


def test_only_one_run_writes_at_a_time(tmp_path: Path) -> None:
    made = plan(change("a.md", None, b"new"))
    holder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with pytest.raises(LostRaceError, match="another run of Daily Papers is writing to "):
        LocalRepository(tmp_path).apply(made)
    assert tree(tmp_path) == {}
    os.close(holder)
    LocalRepository(tmp_path).apply(made)
    assert tree(tmp_path) == {"a.md": b"new"}


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for left in (tmp_path / ".daily-papers-0123.tmp", tmp_path / "a/.daily-papers-4567.tmp"):
        left.write_bytes(b"half")
    (tmp_path / ".mine.tmp").write_bytes(b"mine")
    LocalRepository(tmp_path).apply(
        plan(change("a.md", None, b"new"), change("a/b.md", None, b"new"))
    )
    assert tree(tmp_path) == {".mine.tmp": b"mine", "a.md": b"new", "a/b.md": b"new"}


def test_files_are_written_and_removed_in_the_order_of_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b.md").write_bytes(b"old")
    moments: list[dict[str, bytes]] = []

    def noted(move: Callable[..., object]) -> Callable[..., object]:
        def noted_move(place: Path, *arguments: Any, **settings: Any) -> object:
            done = move(place, *arguments, **settings)
            names = ("a.md", "b.md", "c.md")
            moments.append({name: data for name, data in tree(tmp_path).items() if name in names})
            return done

        return noted_move

    monkeypatch.setattr(Path, "replace", noted(Path.replace))
    monkeypatch.setattr(Path, "unlink", noted(Path.unlink))
    LocalRepository(tmp_path).apply(
        plan(change("c.md", None, b"c"), change("b.md", b"old", None), change("a.md", None, b"a"))
    )
    assert moments[:3] == [
        {"b.md": b"old", "c.md": b"c"},
        {"c.md": b"c"},
        {"a.md": b"a", "c.md": b"c"},
    ]


def test_a_file_in_git_lfs_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n")
    with pytest.raises(PathError, match=r"a\.md is kept in Git LFS"):
        LocalRepository(tmp_path).read(["a.md"])
