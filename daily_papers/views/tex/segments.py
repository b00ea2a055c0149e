"""What a text from arXiv is made of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Link", "Math", "Segment", "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words, ready to be read; nothing in them has a meaning for TeX any more."""

    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """A formula as its author wrote it, without its delimiters.

    An environment that numbers its equations is written as the one that TeX has for use within a
    formula: ``align`` as ``aligned``.
    """

    tex: str
    display: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    text: str
    url: str


Segment = Text | Math | Link
