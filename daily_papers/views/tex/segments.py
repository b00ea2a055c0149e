"""What a text from arXiv consists of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Link", "Math", "Segment", "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words to be shown as they are: nothing in them is TeX."""

    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """A formula as its author wrote it, without its delimiters.

    An environment that numbers its equations is replaced by the one for use within a formula:
    ``align`` by ``aligned``.
    """

    tex: str
    display: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Words with the address to which they link."""

    text: str
    url: str


Segment = Text | Math | Link
