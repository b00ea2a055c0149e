"""The comment that marks a generated file as ours, whatever its format.

docs/decisions/0006-which-files-are-ours.md says why the data file alone is not enough.
"""

from __future__ import annotations

from typing import Final

__all__ = ["is_signed", "signature"]

_WITHIN: Final = 256
"""The comment ends within so many bytes of the beginning: only an XML declaration or a document
type may come before it."""


def signature(marker: str) -> str:
    """Returns the comment, which is one in Markdown, XML and HTML alike.

    Args:
        marker: the name of the region whose papers the file shows.
    """
    return f"<!-- {marker}:generated -->"


def is_signed(data: bytes, marker: str) -> bool:
    """Whether a file has the comment at its beginning."""
    return signature(marker).encode() in data[:_WITHIN]
