"""From the text of an input to its value, or a `ValueError` that says what is wrong with it.

A message quotes the one bad item, says what is allowed, and follows the input's name and a colon.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from difflib import get_close_matches
from typing import Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from daily_papers.options import MAX_LABEL, Column, Notify
from daily_papers.paths import repository_path
from daily_papers.topics.lines import Topic, parse_topics

__all__ = [
    "COMMIT_MESSAGE_FIELDS",
    "addresses",
    "boolean",
    "branch",
    "choice",
    "columns",
    "commit_message",
    "did_you_mean",
    "endpoint",
    "folder",
    "key",
    "labels",
    "marker",
    "notify",
    "optional",
    "path",
    "readable",
    "text",
    "timezone",
    "topics",
    "url",
    "weekdays",
    "whole_number",
]

COMMIT_MESSAGE_FIELDS: Final = ("date", "new", "topics")
"""The names that `commit-message` may have in braces."""

_UNREADABLE: Final = re.compile(
    r"(?P<control>[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f])|(?P<byte>[\ud800-\udfff])"
)
"""Control characters that are not white space, and what Python makes of bytes that are not UTF-8
(https://docs.python.org/3/library/codecs.html#error-handlers, `surrogateescape`)."""

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_T = TypeVar("_T")


def did_you_mean(name: str, known: list[str]) -> str:
    """Returns a question that names the nearest of `known`; empty where none is near."""
    near = get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def readable(value: str) -> str:
    """Returns the text of any input, if it can be written into files.

    Raises:
        ValueError: it cannot. The message quotes nothing, because the text may be a secret.
    """
    if flaw := _UNREADABLE.search(value):
        line = value.count("\n", 0, flaw.start()) + 1
        raise ValueError(
            f"line {line} has the control character U+{ord(flaw['control']):04X}; remove it"
            if flaw["control"]
            else f"line {line} has a byte that is not UTF-8; write the line in UTF-8"
        )
    return value


def topics(value: str) -> tuple[Topic, ...]:
    """Returns the topics of the lines."""
    found = parse_topics(value)
    if not found:
        raise ValueError("there is no topic in it; write one topic a line")
    return found


def boolean(value: str) -> bool:
    """Returns a boolean of YAML's core schema, and refuses everything else
    (https://yaml.org/spec/1.2.2/#1032-tag-resolution).
    """  # noqa: D205 - one sentence
    values = {"true": True, "false": False}
    if value.lower() not in values:
        raise ValueError(f"{value!r} is neither true nor false")
    return values[value.lower()]


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Returns a converter to whole numbers within two bounds."""

    def convert(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or not least <= int(value) <= most:
            raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
        return int(value)

    return convert


def choice(choices: type[_T]) -> Callable[[str], _T]:
    """Returns a converter to the members of an enumeration of strings."""

    def convert(value: str) -> _T:
        names = [str(member) for member in choices]  # type: ignore[attr-defined]
        if value not in names:
            raise ValueError(
                f"{value!r} is none of: {', '.join(names)}{did_you_mean(value, names)}"
            )
        return choices(value)  # type: ignore[call-arg]

    return convert


def notify(value: str) -> Notify:
    """Returns how watchers are told; `issue-per-topic`, which version 0.1 had, is one issue now."""
    return Notify.ISSUE if value == "issue-per-topic" else choice(Notify)(value)


def columns(value: str) -> tuple[Column, ...]:
    """Returns the columns in the order given."""
    names = [name.lower() for name in re.findall(r"[^\s,]+", value)]
    known = [str(column) for column in Column]
    if not names:
        raise ValueError(f"there is no column in it; use some of: {', '.join(known)}")
    for name in names:
        if name not in known:
            raise ValueError(
                f"{name!r} is not a column; use some of: {', '.join(known)}"
                f"{did_you_mean(name, known)}"
            )
        if names.count(name) > 1:
            raise ValueError(f"the column {name!r} is named twice")
    return tuple(map(Column, names))


def path(value: str) -> str:
    """Returns a path of a file in the repository."""
    try:
        return repository_path(value)
    except ValueError as error:
        raise ValueError(f"{value!r} cannot be used; {error}") from None


def folder(value: str) -> str:
    """Returns a path of a folder in the repository; a slash at its end is left out."""
    return path(value.rstrip("/") or value)


def path_or_folder(value: str) -> str:
    """Returns a path of the repository; that of a folder ends with a slash, as it was given."""
    return f"{folder(value)}/" if value.endswith("/") else path(value)


def optional(convert: Callable[[str], _T]) -> Callable[[str], _T | None]:
    """Returns a converter that reads `none` as `None`."""
    return lambda value: None if value == "none" else convert(value)


def marker(value: str) -> str:
    """Returns the name of a region."""
    if not re.fullmatch(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*", value, re.ASCII | re.IGNORECASE):
        raise ValueError(
            f"{value!r} cannot be used; use letters and digits, with single - _ . between them"
        )
    return value


def branch(value: str) -> str:
    """Returns the name of a branch.

    The rules are those of https://git-scm.com/docs/git-check-ref-format, as far as a typing error
    could break them.
    """
    if re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/.]|[/.]$|\.lock$", value):
        raise ValueError(f"{value!r} cannot be the name of a branch; use one such as main")
    return value.removeprefix("refs/heads/")


def commit_message(value: str) -> str:
    """Returns a template of a commit's message."""
    names = ", ".join(f"{{{name}}}" for name in COMMIT_MESSAGE_FIELDS)
    try:
        fields = list(string.Formatter().parse(value))
    except ValueError as error:
        raise ValueError(
            f"{value!r} cannot be used: {error}; write {names}, and {{{{ or }}}} for a brace"
        ) from None
    for _, name, spec, conversion in fields:
        if name is not None and (name not in COMMIT_MESSAGE_FIELDS or spec or conversion):
            raise ValueError(f"{{{name}}} is not a field of the message; use {names}")
    return value


def timezone(value: str) -> ZoneInfo:
    """Returns a time zone by its IANA name."""
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        near = did_you_mean(value, sorted(available_timezones()))
        raise ValueError(
            f"{value!r} is not a time zone; use an IANA name such as UTC or Europe/Berlin{near}"
        ) from None


def labels(value: str) -> tuple[str, ...]:
    """Returns the labels, which commas or lines separate."""
    found = tuple(filter(None, (label.strip() for label in re.split(r"[,\n]", value))))
    if not found:
        raise ValueError("there is no label in it")
    for label in found:
        if len(label) > MAX_LABEL:
            raise ValueError(f"{label!r} is longer than a label's {MAX_LABEL} characters")
    return found


def addresses(value: str) -> tuple[str, ...]:
    """Returns the addresses of services, one a line. They hold passwords: none is ever quoted."""
    found = tuple(filter(None, map(str.strip, value.splitlines())))
    for number, line in enumerate(found, 1):
        if not re.match(r"[A-Za-z][A-Za-z0-9+-]*://.", line):
            raise ValueError(
                f"line {number} is not an address such as slack://… (one a line); it is not shown, "
                "because it may hold a password"
            )
    return found


def weekdays(value: str) -> frozenset[int]:
    """Returns days of the week, as `date.weekday` counts them."""
    names = [name.lower() for name in re.findall(r"[^\s,]+", value)]
    for name in names:
        if name not in _WEEKDAYS:
            raise ValueError(
                f"{name!r} is not a day of the week; use some of: {', '.join(_WEEKDAYS)}"
                f"{did_you_mean(name, list(_WEEKDAYS))}"
            )
    if not names:
        raise ValueError(f"there is no day in it; use some of: {', '.join(_WEEKDAYS)}")
    return frozenset(map(_WEEKDAYS.index, names))


def url(value: str) -> str:
    """Returns an address to which a query can be added. Errors quote no part that may be secret."""
    try:
        parts = urlsplit(value)
        is_usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # Of the host, or of the port.
        is_usable = False
    if not is_usable or re.search(r"[?#\s\x00-\x1f\x7f]", value):
        shown = re.sub("//[^/]*@", "//***@", re.split("[?#]", value)[0])
        raise ValueError(f"{shown!r} is not an http or https address without a query")
    return value


def endpoint(value: str) -> str:
    """Returns the base address of an OpenAI-compatible endpoint, without a slash at its end."""
    if re.match("https?://(?:[^/]*@|.*#)", value):
        raise ValueError(
            "the address has a user, a password or a fragment; give a key by summaries-key, and an "
            "address such as https://api.openai.com/v1"
        )
    return url(value).rstrip("/").removesuffix("/chat/completions")


def key(value: str) -> str:
    """Returns a key that can be sent in a header. No message quotes it."""
    if not re.fullmatch(r"[!-~]+", value):
        raise ValueError(
            "it has a space, a line break or a letter that is not ASCII; copy the key again"
        )
    return value


def text(most: int) -> Callable[[str], str]:
    """Returns a converter to one line of at most so many characters."""

    def convert(value: str) -> str:
        if not value.isprintable() or len(value) > most:
            raise ValueError(f"{value[:most]!r} is not one line of at most {most} characters")
        return value

    return convert
