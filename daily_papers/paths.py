"""Paths inside a repository: the only ones that may be read, written and removed.

Inputs and the data file name paths, and both may come from a stranger's pull request.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

__all__ = ["MAIN_FEED", "main_feed", "repository_path"]

MAIN_FEED: Final = "all"
"""The name of the feed of all papers, where there are several."""

MAX_PART: Final = 255
"""Bytes of a file's name; file systems accept no more (`NAME_MAX` in Linux's limits.h)."""

MAX_PATH: Final = 1_000
"""Bytes of a whole path. Linux takes 4,096 (`PATH_MAX`), of which the workspace needs some."""

# Windows refuses these characters in names (https://learn.microsoft.com/windows/win32/fileio/
# naming-a-file), so that a repository with one of them cannot be cloned there.
_REFUSED: Final = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|\ud800-\udfff]')


def repository_path(text: str) -> str:
    """Returns a path of a file in the repository in its normal form.

    Args:
        text: relative to the repository's root, with slashes.

    Raises:
        ValueError: the path leads out of the repository or into `.git`, or names no file.
    """
    path = PurePosixPath(text)
    # git itself protects `.git` in any case, with dots and spaces after it:
    # https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreprotectNTFS
    parts = {part.lower().rstrip(". ") for part in path.parts}
    if (
        path.is_absolute()
        or not path.parts
        or {"", ".git", "git~1"} & parts
        or text.endswith("/")
        or _REFUSED.search(text)
        or len(text.encode()) > MAX_PATH
        or any(len(part.encode()) > MAX_PART for part in path.parts)
    ):
        raise ValueError(
            "use a path inside the repository, relative to its root, such as docs/papers.md"
        )
    return path.as_posix()


def main_feed(path: str) -> str:
    """Returns the path of the feed of all papers, for what the input `feed` names."""
    return f"{path}{MAIN_FEED}.xml" if path.endswith("/") else path
