"""Which file is the README, if nobody has named one.

A repository that has its README under another name must not get a second one beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from daily_papers.errors import PathError

__all__ = ["FOLDERS", "find_readme"]

FOLDERS: Final = (".github", "", "docs")
"""Where GitHub looks for a README, in this order; the empty one is the top folder. See
https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-readmes."""

_README: Final = re.compile(r"readme(?:\.[a-z]+)?", re.IGNORECASE)
_MARKDOWN: Final = re.compile(r".*\.(?:md|markdown|mdown|mkdn?)", re.IGNORECASE)


def find_readme(default: str, names: Mapping[str, Sequence[str]]) -> str:
    """Returns the path of the README: `default`, or the one file that differs only in case.

    Args:
        default: the path that is used unless the user names another; there is no file at it.
        names: the names of the files in each of `FOLDERS`.

    Raises:
        PathError: the repository has its README elsewhere, or in another format.
    """
    same = [name for name in names.get("", ()) if name.lower() == default.lower()]
    if len(same) == 1:
        return same[0]
    for folder in FOLDERS:
        for name in sorted(names.get(folder, ())):
            if _README.fullmatch(name):
                path = f"{folder}/{name}".lstrip("/")
                raise PathError(f"{path} is the README of this repository already", _way_out(path))
    return default


def _way_out(path: str) -> str:
    if _MARKDOWN.fullmatch(path):
        return (
            f"Set readme: {path} to have the papers there, between the two markers, or readme: "
            "papers.md to have them in a file of their own."
        )
    return (
        f"Papers are Markdown, which {path} is not. Set readme: papers.md to have them in a file "
        "of their own, and link to it."
    )
