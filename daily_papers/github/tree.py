"""What is at the paths of one commit: kinds, modes and names, for one request in most cases.

The contents endpoint follows symbolic links and tells of no modes; git's own tree hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from daily_papers.errors import GitHubError, PathError
from daily_papers.github.client import Answer, Connection

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
        self._entries: dict[str, Entry] | None = None  # None: folders are listed one by one.
        self._folders: dict[str, dict[str, Entry]] = {}
        self._is_read = False

    def find(self, path: str) -> Entry | None:
        """Returns the regular file at `path`, or `None` where there is nothing.

        Raises:
            PathError: something else is there, or on the way.
        """
        parent = Entry(mode=_FOLDER, sha=self._sha)
        folder = ""
        for place in _ways(path):
            found = self._entry(folder, parent, place)
            if found is None:
                return None
            if place == path:
                if found.mode in _FILES:
                    return found
            elif found.mode == _FOLDER:
                folder, parent = place, found
                continue
            kind = _KINDS.get(found.mode, "file")
            raise PathError(
                f"{path}: {place} is a {kind} in {self._connection.name}",
                "Name a regular file; nothing else is written, and no link is followed.",
            )
        return None

    def names(self, folder: str) -> list[str]:
        """Returns the names of the regular files in a folder; the empty one is the top."""
        parent = Entry(mode=_FOLDER, sha=self._sha)
        place = self._entry("", parent, folder or ".")  # It reads the tree, too.
        if self._entries is not None:
            found = {
                path.rpartition("/")[2]: entry
                for path, entry in self._entries.items()
                if path.rpartition("/")[0] == folder
            }
        elif not folder:
            found = self._folders[""]
        else:
            is_folder = place is not None and place.mode == _FOLDER
            found = self._list(folder, place) if place and is_folder else {}
        return sorted(name for name, entry in found.items() if entry.mode in _FILES)

    def _entry(self, folder: str, parent: Entry, place: str) -> Entry | None:
        if not self._is_read:
            self._read_all()
        if self._entries is not None:
            return self._entries.get(place)
        if folder not in self._folders:
            self._folders[folder] = self._list(folder, parent)
        return self._folders[folder].get(place.rpartition("/")[2])

    def _read_all(self) -> None:
        answer = self._connection.get(f"/git/trees/{self._sha}", recursive=1)
        self._is_read = True
        if not answer.flag("truncated"):
            self._entries = dict(_entries(answer))

    def _list(self, folder: str, entry: Entry) -> dict[str, Entry]:
        answer = self._connection.get(f"/git/trees/{entry.sha}")
        if answer.flag("truncated"):
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


def _entries(answer: Answer) -> Iterator[tuple[str, Entry]]:
    for item in answer.items("tree"):
        yield item.text("path"), Entry(mode=item.text("mode"), sha=item.sha("sha"))
