"""The comment by which a generated file is known as ours, whatever its format."""

from __future__ import annotations

from typing import Final

__all__ = ["is_signed", "signature"]

_WITHIN: Final = 256
"""The comment ends within so many of a file's first bytes: what may come before it is an XML
declaration or a document type."""


def signature(marker: str) -> str:
    """Returns the comment, which is one in Markdown, XML and HTML alike.

    Args:
        marker: the name of the region whose papers the file shows.
    """
    return f"<!-- {marker}:generated -->"


def is_signed(data: bytes, marker: str) -> bool:
    """Whether a file has the comment at its beginning."""
    return signature(marker).encode() in data[:_WITHIN]
