"""The key of a notice, which names it in the data file and, hidden, in what tells of it.

People may change titles, labels and most of a body. What identifies an issue for good is its key,
in a hidden comment on a line of its own.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["hidden", "is_of", "key_in", "make_key"]

_HIDDEN: Final = re.compile(r"<!-- (\S+) -->")


def make_key(owner: str, *what: str) -> str:
    """Returns the key of a notice.

    Args:
        owner: the repository and the marker, or the key of which this one is a part.
        what: distinguishes the notice from the owner's others; no part has a space.
    """
    return ":".join((owner, *what))


def is_of(owner: str, key: str) -> bool:
    """Whether `owner` begins `key`."""
    return key.startswith(make_key(owner, ""))


def hidden(key: str) -> str:
    """Returns the line that holds `key` in an issue's body, where nobody sees it."""
    return f"<!-- {key} -->"


def key_in(body: str, owner: str) -> str:
    """Returns the key that is hidden in `body`; empty where there is none of `owner`.

    A quoted key does not count. Of several keys the last one counts: a body that we write ends with
    its key, and people may write more after it.
    """
    for line in reversed(body.splitlines()):
        found = _HIDDEN.fullmatch(line.rstrip())
        if found and is_of(owner, found[1]):
            return found[1]
    return ""
