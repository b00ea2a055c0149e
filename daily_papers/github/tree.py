"""What is at the paths of one commit: kinds, modes and names, for one request in most cases.

The contents endpoint follows symbolic links and tells of no modes; git's own tree hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from github.GitTree import GitTree

from daily_papers.errors import GitHubError, PathError
from daily_papers.github.client import Connection

__all__ = ["REGULAR", "Entry", "Tree"]

REGULAR: Final = "100644"
"""git's mode of a regular file that is not executable."""

_FOLDER: Final = "040000"
_FILES: Final = frozenset({REGULAR, "100755", "100664"})
_KINDS: Final = {_FOLDER: "directory", "120000": "symbolic link", "160000": "submodule"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file or a folder of a commit."""

    mode: str
    """git's own, six digits, as in `100755` for an executable file."""
    sha: str
    """git's name of its content."""


class Tree:
    """The files of one commit.

    Everything is listed at once. Of a repository with more than 100,000 entries GitHub lists only
    some (https://docs.github.com/rest/git/trees#get-a-tree): there, folder after folder is listed
    on the way to each file.

    Args:
        connection: the way to the repository.
        sha: git's name of the tree.
    """

    def __init__(self, connection: Connection, sha: str) -> None:
        self._connection = connection
        self._sha = sha
        self._is_whole: bool | None = None  # Nothing is known before the first look.
        self._entries: dict[str, Entry] = {}
        self._folders: dict[str, dict[str, Entry]] = {}

    def find(self, path: str) -> Entry | None:
        """Returns the regular file at `path`, or `None` where there is nothing.

        Raises:
            PathError: something else is there, or on the way.
        """
        for place in _ways(path):
            found = self._entry(place)
            if found is None:
                return None
            if place == path and found.mode in _FILES:
                return found
            if place == path or found.mode != _FOLDER:
                kind = _KINDS.get(found.mode, "file")
                raise PathError(
                    f"{path}: {place} is a {kind} in {self._connection.name}",
                    "Name a regular file; nothing else is written, and no link is followed.",
                )
        return None

    def names(self, folder: str) -> list[str]:
        """Returns the names of the regular files in a folder; the empty one is the top."""
        if self._has_all():
            found = {
                path.rpartition("/")[2]: entry
                for path, entry in self._entries.items()
                if path.rpartition("/")[0] == folder
            }
        else:
            found = self._listing(folder)
        return sorted(name for name, entry in found.items() if entry.mode in _FILES)

    def _entry(self, place: str) -> Entry | None:
        """Returns what is at a place whose folder is known to be one."""
        if self._has_all():
            return self._entries.get(place)
        folder, _, name = place.rpartition("/")
        return self._listing(folder).get(name)

    def _has_all(self) -> bool:
        """Whether everything could be listed at once."""
        if self._is_whole is None:
            answer = self._connection.repository.get_git_tree(self._sha, recursive=True)
            self._is_whole = not answer.truncated
            self._entries = dict(_entries(answer)) if self._is_whole else {}
        return self._is_whole

    def _listing(self, folder: str) -> dict[str, Entry]:
        """Returns the entries of a folder by name; a missing one has none."""
        if folder not in self._folders:
            entry = self._entry(folder) if folder else Entry(mode=_FOLDER, sha=self._sha)
            is_folder = entry is not None and entry.mode == _FOLDER
            self._folders[folder] = self._list(folder, entry.sha) if entry and is_folder else {}
        return self._folders[folder]

    def _list(self, folder: str, sha: str) -> dict[str, Entry]:
        answer = self._connection.repository.get_git_tree(sha)
        if answer.truncated:
            raise GitHubError(
                f"{folder or 'the top folder'} of {self._connection.name} has more files than "
                "GitHub lists",
                "Name files in another folder.",
            )
        return dict(_entries(answer))


def _ways(path: str) -> Iterator[str]:
    """Yields the folders on the way to a path, from the top, and then the path."""
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
    yield path


def _entries(answer: GitTree) -> Iterator[tuple[str, Entry]]:
    for item in answer.tree:
        yield item.path, Entry(mode=item.mode, sha=item.sha)
