"""Where files are read and plans are applied: the protocol and its values.

A directory and GitHub both implement it, and neither knows what the files are for.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from daily_papers.errors import PathError

__all__ = [
    "Change",
    "Commit",
    "Plan",
    "Repository",
    "State",
    "as_text",
    "blob_sha",
    "refuse_lfs_pointer",
]

_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Some files of a repository at one moment."""

    head: str
    """The SHA of the commit; empty for a directory, which has no history."""
    files: Mapping[str, bytes | None]
    """The bytes of each file that was read, by path; `None` where there is none."""
    shas: Mapping[str, str | None] = field(default_factory=dict)
    """git's name of each file that was looked for by `read_changed`; `None` where there is none."""
    proposed: Mapping[str, bytes | None] = field(default_factory=dict)
    """The data file of an earlier proposal, whether it still waits or not."""


def blob_sha(data: bytes) -> str:
    """Returns git's name of a file with this content."""
    name = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    name.update(data)
    return name.hexdigest()


def as_text(data: bytes) -> str | None:
    """Returns a file's text; `None` for one that is binary, as a font is."""
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None


def refuse_lfs_pointer(path: str, data: bytes) -> bytes:
    """Returns `data`, the content of the file at `path`.

    Raises:
        PathError: it is only a pointer to the content, which Git LFS keeps elsewhere.
            https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    """
    if data.startswith(_LFS_POINTER):
        raise PathError(
            f"{path} is kept in Git LFS: the repository has only a pointer to it",
            f"Take it out of Git LFS: git lfs untrack {path}; git add --renormalize {path}",
        )
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The change of one file."""

    path: str
    before: bytes | None
    """`None` where there is no file, or where it was not read."""
    before_sha: str | None
    """git's name of the file that is there now; `None` where there is none."""
    after: bytes | None
    """`None` removes the file."""

    @property
    def is_new(self) -> bool:
        """Whether there is no such file yet."""
        return self.before_sha is None

    def diff(self) -> str:
        """Returns the change as a unified diff.

        A binary file, or one that was not read, gets a single line instead.
        """
        before, after = as_text(self.before or b""), as_text(self.after or b"")
        is_unread = self.before is None and not self.is_new
        if is_unread or before is None or after is None:
            return self._in_short()
        lines = difflib.unified_diff(
            _lines(before),
            _lines(after),
            "/dev/null" if self.is_new else f"a/{self.path}",
            "/dev/null" if self.after is None else f"b/{self.path}",
        )
        return "".join(lines)

    def _in_short(self) -> str:
        if self.after is None:
            return f"Removes {self.path}.\n"
        verb = "Adds" if self.is_new else "Replaces"
        return f"{verb} {self.path} ({len(self.after):,} bytes).\n"


def _lines(text: str) -> list[str]:
    """Returns the lines of a text for a diff, each ending with a line feed."""
    *lines, rest = text.split("\n")
    unended = [f"{rest}\n\\ No newline at end of file\n"] if rest else []
    return [f"{line}\n" for line in lines] + unended


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes that would update the repository; a value, without effects."""

    head: str
    """The head that it was made from, and the only one that it may be applied to."""
    changes: tuple[Change, ...]
    """The files whose bytes change, and no others, in the order in which a directory is written."""
    message: str
    """The commit's message."""
    description: str = ""
    """What a pull request says of the changes, where there is one."""

    def diff(self) -> str:
        """Returns all changes as one unified diff."""
        return "".join(change.diff() for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The commit that has the changes of a plan."""

    sha: str
    url: str
    is_new: bool = True
    """Whether this run made it; an earlier proposal may have the same changes."""
    pull_request_url: str = ""
    """The pull request that proposes it; empty if it is in the branch."""


class Repository(Protocol):
    """A place for files, to which a plan is applied completely or not at all."""

    def read(self, paths: Iterable[str]) -> State:
        """Reads the files at `paths`, all at the same moment.

        Raises:
            DailyPapersError: there is something that is not a file, or nobody answers.
        """
        ...

    def read_changed(self, state: State, shas: Mapping[str, str | None]) -> State:
        """Finds files at the moment of `state`, and reads those that are not as expected.

        Args:
            state: what `read` returned.
            shas: the paths, with git's name of the file that is expected at each; `None` where
                none is.

        Returns:
            `state` with git's names of the files that are there, and with the bytes of those whose
            name is another than the expected one.

        Raises:
            PathError: one of the paths is not a regular file, or leads through a link.
            LostRaceError: a file that `state` has read is no longer the same.
        """
        ...

    def names(self, state: State, folders: Iterable[str]) -> dict[str, list[str]]:
        """Returns the names of the files in each of some folders; the empty one is the top."""
        ...

    def check_access(self) -> None:
        """Makes sure that changes may be made, as far as this can be known before there are any.

        It costs a request, so only runs that have much to lose make it.

        Raises:
            DailyPapersError: no change can be made.
        """
        ...

    def apply(self, plan: Plan) -> Commit | None:
        """Makes the changes of `plan`, if it has any.

        Returns:
            The commit with the changes; `None` in a directory.

        Raises:
            LostRaceError: the repository has moved on since it was read; nothing was changed.
            DailyPapersError: the changes were refused; nothing was changed.
        """
        ...
