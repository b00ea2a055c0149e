"""Where files are read and plans are applied: the protocol, and a local directory."""

from __future__ import annotations

import difflib
import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from daily_papers.errors import LostRaceError, PathError

__all__ = [
    "Change",
    "Commit",
    "DryRun",
    "LocalRepository",
    "Plan",
    "Repository",
    "State",
    "as_text",
    "blob_sha",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Some files of a repository at one moment."""

    head: str
    """What names the moment: a commit's SHA; empty for a directory, which has no history."""
    files: Mapping[str, bytes | None]
    """The bytes of each file that was asked for, by path; `None` where there is none."""
    shas: Mapping[str, str | None] = field(default_factory=dict)
    """git's names of the content of files that were only identified; `None` where there is none."""
    proposed: Mapping[str, bytes | None] = field(default_factory=dict)
    """The data file of a proposal that was made earlier; it may still wait, or not."""


def blob_sha(data: bytes) -> str:
    """Gives the name that git gives to a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def as_text(data: bytes) -> str | None:
    """Gives a file's text; `None` for one that is binary, as a font is."""
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of one file."""

    path: str
    before: bytes | None
    after: bytes | None
    """`None` removes the file."""
    is_vouched: bool = False
    """Whether the file is known to be ours without having been read: `before` tells nothing."""

    def diff(self) -> str:
        """Gives the change as a unified diff.

        One line tells of a binary file, and of one that was not read.
        """
        before, after = as_text(self.before or b""), as_text(self.after or b"")
        if self.is_vouched or before is None or after is None:
            return self._in_short()
        lines = difflib.unified_diff(
            _lines(before),
            _lines(after),
            f"a/{self.path}" if self.before is not None else "/dev/null",
            f"b/{self.path}" if self.after is not None else "/dev/null",
        )
        return "".join(lines)

    def _in_short(self) -> str:
        if self.after is None:
            return f"Removes {self.path}.\n"
        verb = "Adds" if self.before is None and not self.is_vouched else "Replaces"
        return f"{verb} {self.path} ({len(self.after):,} bytes).\n"


def _lines(text: str) -> list[str]:
    """Gives the lines of a text for a diff, each ending with a line feed."""
    *lines, rest = text.split("\n")
    unended = [f"{rest}\n\\ No newline at end of file\n"] if rest else []
    return [f"{line}\n" for line in lines] + unended


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would bring the repository up to date; a value, without effects."""

    head: str
    """The state that it was made from, and the only one that it may be applied to."""
    changes: tuple[Change, ...]
    """The files whose bytes change, and no others; empty where there is nothing to do."""
    message: str
    """The commit's message."""
    description: str = ""
    """What a pull request says of the changes, where there is one."""

    def diff(self) -> str:
        """Gives all changes as one unified diff."""
        return "".join(change.diff() for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Where the changes of a plan can be seen."""

    sha: str
    url: str
    is_new: bool = True
    """Whether it was made now; a proposal of an earlier run may hold the same changes."""
    pull_request_url: str = ""
    """Where it is proposed, and not yet in the branch."""


class Repository(Protocol):
    """A place with files, to which plans are applied whole or not at all."""

    def read(self, paths: Iterable[str]) -> State:
        """Reads the files at `paths`, all at the same moment.

        Raises:
            DailyPapersError: something that is not a file is in the way, or nobody answers.
        """
        ...

    def read_more(self, state: State, paths: Iterable[str]) -> State:
        """Gives `state` with the files at `paths`, too, as they were at its moment."""
        ...

    def identify(self, state: State, paths: Iterable[str]) -> State:
        """Gives `state` with git's names of the files at `paths`, too.

        Many files are identified at the cost of reading a few.
        """
        ...

    def apply(self, plan: Plan) -> Commit | None:
        """Makes the changes of `plan`; where it has none, there is nothing to be done.

        Returns:
            The commit that holds the changes, where changes are commits.

        Raises:
            LostRaceError: the repository has moved on since it was read; nothing was changed.
            DailyPapersError: the changes were refused; nothing was changed.
        """
        ...


class LocalRepository:
    """A directory: changes are written to its files, and to no history.

    Args:
        root: the directory that all paths are relative to.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def read(self, paths: Iterable[str]) -> State:
        """Reads the files at `paths`."""
        return State(head="", files={path: self._read(self._inside(path)) for path in paths})

    def read_more(self, state: State, paths: Iterable[str]) -> State:
        """Gives `state` with the files at `paths`, too."""
        return replace(state, files={**state.files, **self.read(paths).files})

    def identify(self, state: State, paths: Iterable[str]) -> State:
        """Gives `state` with git's names of the files at `paths`, too."""
        files = self.read(paths).files
        shas = {path: None if data is None else blob_sha(data) for path, data in files.items()}
        return replace(state, shas={**state.shas, **shas})

    def apply(self, plan: Plan) -> None:
        """Writes each changed file beside its place, then moves all of them there.

        A run that dies leaves every file either as it was or complete.
        """
        targets = {change: self._inside(change.path) for change in plan.changes}
        for change, target in targets.items():
            if not change.is_vouched and self._read(target) != change.before:
                raise LostRaceError(f"{change.path} was changed by somebody else meanwhile")
        written: list[tuple[Path, Path]] = []
        try:
            for change, target in targets.items():
                if change.after is not None:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    written.append((_write_beside(target, change.after), target))
            while written:
                temporary, target = written[0]
                temporary.replace(target)
                del written[0]
            for change, target in targets.items():
                if change.after is None:
                    target.unlink(missing_ok=True)
        except OSError as error:
            raise PathError(f"{error.filename} cannot be written: {error.strerror}") from error
        finally:
            for temporary, _ in written:
                temporary.unlink(missing_ok=True)

    def _inside(self, path: str) -> Path:
        """Gives the place of `path`, unless a symbolic link stands on the way to it."""
        place = self._root
        for part in Path(path).parts:
            place /= part
            if place.is_symlink():
                link = place.relative_to(self._root)
                raise PathError(
                    f"{path}: {link} is a symbolic link",
                    "Name the file that it leads to, inside the repository.",
                )
        return place

    def _read(self, place: Path) -> bytes | None:
        try:
            return place.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            path = place.relative_to(self._root)
            raise PathError(f"{path} cannot be read as a file: {error.strerror}") from error


def _write_beside(target: Path, data: bytes) -> Path:
    """Writes `data` to a temporary file in the directory of `target`, and to the disk.

    Its name is always the same, so that the next run takes over what a killed one left behind.
    """
    temporary = target.with_name(f".{target.name}.daily-papers.tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
        temporary.chmod(mode)
    except BaseException:
        temporary.unlink()
        raise
    return temporary


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

    def read_more(self, state: State, paths: Iterable[str]) -> State:
        """Gives `state` with the files at `paths`, too."""
        return self._repository.read_more(state, paths)

    def identify(self, state: State, paths: Iterable[str]) -> State:
        """Gives `state` with git's names of the files at `paths`, too."""
        return self._repository.identify(state, paths)

    def apply(self, plan: Plan) -> None:
        """Does nothing with `plan`."""
