"""The declaration of an input: what reads, documents and lists inputs is made from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Declaration", "Group", "declare"]


class Group(StrEnum):
    """What an input is about, as `--help` and the documentation group them."""

    TOPICS = "What to look for"
    INTERESTS = "What you like"
    PAGE = "The page"
    FILES = "Other files"
    NOTICES = "Notices"
    SUMMARIES = "Summaries by a model"
    PUBLISHING = "Publishing"
    ARXIV = "Asking arXiv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The declaration of one input."""

    name: str
    """Its name in `action.yml`, and as a flag after `--`."""
    help: str
    group: Group
    metavar: str
    """The placeholder for its value in the help."""
    default: str
    """The text that an unset input has; empty if there is none."""
    required: bool
    secret: bool
    separator: str
    """What joins several values, if the input takes several; otherwise empty."""
    convert: Callable[[str], Any]
    unset: Any
    """The value of an unset input without a default."""


def declare(  # noqa: PLR0913 - by keyword alone
    *,
    help: str,  # noqa: A002 - the word that argparse uses, too
    group: Group,
    convert: Callable[[str], Any] = str,
    metavar: str = "TEXT",
    default: str = "",
    required: bool = False,
    secret: bool = False,
    separator: str = "",
    unset: Any = "",
) -> Any:
    """Declares an input, as the value of its field in a dataclass."""
    declared = {
        "help": help,
        "group": group,
        "convert": convert,
        "metavar": metavar,
        "default": default,
        "required": required,
        "secret": secret,
        "separator": separator,
        "unset": unset,
    }
    return dataclasses.field(metadata=declared, repr=not secret)
