"""A directory as a repository, and a repository that is only read.

Nothing is read or written through a symbolic link, and nothing but regular files is opened: a path
may come from a stranger's data file, and a checkout may contain anything. Each file is replaced as
a whole, so that a run that dies leaves it either as it was or complete.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from daily_papers.errors import LostRaceError, PathError
from daily_papers.publish.repository import Plan, Repository, State, blob_sha, refuse_lfs_pointer

__all__ = ["DryRun", "LocalRepository", "write_inside"]

LONGEST_TOLD: Final = 120
"""The longest path, in characters, that a message quotes whole."""

_TEMPORARY: Final = ".daily-papers-{}.tmp"
"""The name of a file that is not complete yet. It is short, because the name of the file that
it replaces may be as long as the system allows."""

_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)  # Opening a FIFO would wait for its other end.

_KINDS: Final = (
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISSOCK, "socket"),
)


class LocalRepository:
    """A directory: changes are written to its files, and there is no history.

    Args:
        root: the directory that all paths are relative to.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def read(self, paths: Iterable[str]) -> State:
        """Reads the files at `paths`."""
        return State(head="", files={path: _read(self._root, path) for path in paths})

    def read_changed(self, state: State, shas: Mapping[str, str | None]) -> State:
        """Reads the files at the paths of `shas`, and returns `state` with those that differ."""
        found = self.read(shas).files
        for path, data in found.items():
            if path in state.files and state.files[path] != data:
                raise _changed(path)
        names = {path: _sha(data) for path, data in found.items()}
        changed = {path: found[path] for path, sha in names.items() if sha != shas[path]}
        return replace(state, shas={**state.shas, **names}, files={**state.files, **changed})

    def names(self, _state: State, folders: Iterable[str]) -> dict[str, list[str]]:
        """Returns the names of the files in each of `folders`."""
        found = {}
        for folder in folders:
            place = self._root / folder
            with _told(folder or str(self._root), "read"):
                entries = place.iterdir() if place.is_dir() else ()
                found[folder] = sorted(entry.name for entry in entries if entry.is_file())
        return found

    def check_access(self) -> None:
        """Makes sure that the directory can be written to."""
        if self._root.exists() and not os.access(self._root, os.W_OK | os.X_OK):
            raise PathError(
                f"{self._root} cannot be written to", "Change its permissions, or its owner."
            )

    def apply(self, plan: Plan) -> None:
        """Writes each changed file beside its place, then moves them there in the plan's order."""
        if not plan.changes:
            return
        with self._locked(), ExitStack() as leftovers:
            for change in plan.changes:
                if _sha(_read(self._root, change.path)) != change.before_sha:
                    raise _changed(change.path)
            written: dict[str, Path] = {}
            for change in plan.changes:
                if change.after is not None:
                    written[change.path] = _write_beside(self._root, change.path, change.after)
                    leftovers.callback(written[change.path].unlink, missing_ok=True)
            for change in plan.changes:
                place = _inside(self._root, change.path)
                with _told(change.path, "written"):
                    if change.path in written:
                        written[change.path].replace(place)
                    else:
                        place.unlink(missing_ok=True)
            self._sweep(plan)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keeps other runs from writing to the directory. The lock ends with the process.

        Raises:
            LostRaceError: another run is writing now.
        """
        with _told(str(self._root), "opened"):
            self._root.mkdir(parents=True, exist_ok=True)
            directory = os.open(self._root, os.O_RDONLY)
        try:
            _lock(directory, self._root)
            yield
        finally:
            os.close(directory)

    def _sweep(self, plan: Plan) -> None:
        """Removes the files that killed runs left beside those of `plan`."""
        for folder in {_inside(self._root, change.path).parent for change in plan.changes}:
            for left in folder.glob(_TEMPORARY.format("*")):
                with contextlib.suppress(OSError):
                    left.unlink()


class DryRun:
    """A repository that is read as it is, and never changed.

    Args:
        repository: the one to read.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def read(self, paths: Iterable[str]) -> State:
        """Reads the files at `paths`."""
        return self._repository.read(paths)

    def read_changed(self, state: State, shas: Mapping[str, str | None]) -> State:
        """Returns `state` with what is at the paths of `shas`."""
        return self._repository.read_changed(state, shas)

    def names(self, state: State, folders: Iterable[str]) -> dict[str, list[str]]:
        """Returns the names of the files in each of `folders`."""
        return self._repository.names(state, folders)

    def check_access(self) -> None:
        """Does nothing: there is nothing that a dry run may not do."""

    def apply(self, plan: Plan) -> None:
        """Does nothing with `plan`."""


def write_inside(root: Path, path: str, data: bytes) -> None:
    """Writes a file below a directory, whole or not at all.

    Args:
        root: the directory.
        path: the file's path relative to it; folders are made where they are missing.
        data: what the file is to hold.

    Raises:
        PathError: there is a link or something else that is not a regular file, or the system
            refuses.
    """
    root = root.resolve()
    _read(root, path)  # It raises an error for anything but a regular file.
    temporary = _write_beside(root, path, data)
    try:
        with _told(path, "written"):
            temporary.replace(_inside(root, path))
    finally:
        temporary.unlink(missing_ok=True)


def _inside(root: Path, path: str) -> Path:
    """Returns the place of `path` below `root`.

    Raises:
        PathError: a part of the path is a symbolic link, or the path leads out of `root`.
    """
    place = root
    for part in PurePosixPath(path).parts:
        if part in {"/", ".."}:
            raise PathError(f"{_short(path)} leads out of the repository")
        place /= part
        with _told(path, "read"):
            is_link = place.is_symlink()
        if is_link:
            raise PathError(
                f"{_short(path)}: {_short(str(place.relative_to(root)))} is a symbolic link",
                "Name the file that it leads to, inside the repository.",
            )
    return place


def _read(root: Path, path: str) -> bytes | None:
    """Returns the content of a regular file, or `None` where there is nothing."""
    place = _inside(root, path)
    with _told(path, "read"):
        try:
            descriptor = os.open(place, os.O_RDONLY | _NO_LINK | _NO_WAIT)
        except FileNotFoundError:
            return None
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            os.close(descriptor)
            raise _not_a_file(path, mode)
        with os.fdopen(descriptor, "rb") as file:
            return refuse_lfs_pointer(path, file.read())


def _write_beside(root: Path, path: str, data: bytes) -> Path:
    """Writes `data` to a new file in the folder of `path`, and to the disk; returns its place.

    It gets the permissions of the file that it will replace.
    """
    place = _inside(root, path)
    with _told(path, "written"):
        _make_folder(root, path)
        temporary = place.with_name(_TEMPORARY.format(secrets.token_hex(8)))
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o644
            temporary.chmod(mode)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return temporary


def _make_folder(root: Path, path: str) -> None:
    """Makes the folder of `path`; one by one, because `Path.mkdir` recurses for each parent."""
    folder = root
    for part in PurePosixPath(path).parts[:-1]:
        folder /= part
        folder.mkdir(exist_ok=True)


def _lock(directory: int, root: Path) -> None:
    """Locks an open directory, where the system can lock one."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            raise LostRaceError(f"another run of Daily Papers is writing to {root} now") from error
        # Some network file systems lock no directories; the files are compared all the same.


@contextmanager
def _told(path: str, done: str) -> Iterator[None]:
    """Turns an error of the system into a `PathError` that names the path."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a null byte, for example.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise PathError(f"{_short(path)} cannot be {done}: {reason}") from error


def _not_a_file(path: str, mode: int) -> PathError:
    kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "device")
    return PathError(
        f"{_short(path)} is a {kind}",
        "Name a regular file; nothing else is read or written.",
    )


def _changed(path: str) -> LostRaceError:
    return LostRaceError(f"{_short(path)} was changed by somebody else meanwhile")


def _sha(data: bytes | None) -> str | None:
    return None if data is None else blob_sha(data)


def _short(path: str) -> str:
    """Returns a path, shortened in the middle if it is too long for a message."""
    if len(path) <= LONGEST_TOLD:
        return path
    half = LONGEST_TOLD // 2
    return f"{path[:half]}…{path[-half:]}"
