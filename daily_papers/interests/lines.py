"""The input `interests`: where to find what the reader likes, one entry per line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, Literal

from daily_papers.interests.liked import arxiv_id

__all__ = ["TICKS", "Interests", "Library", "parse_interests", "parse_library"]

TICKS: Final = "ticks"
"""The line of a reader who has nothing to begin with: only papers ticked in digests are liked."""

_EXPECTED: Final = (
    "expected an arXiv id or address, the path of a .bib file, zotero:users/NUMBER, "
    f"zotero:groups/NUMBER, or {TICKS}"
)
_COMMENT: Final = re.compile(r"(?:^|\s)#")
_NUMBER: Final = r"(?P<number>[1-9]\d{0,15})"
_LIBRARY: Final = re.compile(
    rf"zotero:(?P<kind>users|groups)/{_NUMBER}(?:/collections/(?P<collection>[A-Z0-9]{{8}}))?/?",
    re.ASCII,
)
_ALMOST_LIBRARY: Final = re.compile(
    rf"zotero:(?P<kind>user|group)s?[/:]{_NUMBER}", re.ASCII | re.IGNORECASE
)
_LIBRARY_ADDRESS: Final = re.compile(
    rf"(?:https?://)?(?:www\.|api\.)?zotero\.org/(?P<kind>groups|users)/{_NUMBER}(?!\d)", re.ASCII
)
_COLLECTION_KEY: Final = re.compile(r"/collections/([A-Z0-9]{8})(?![A-Z0-9])", re.ASCII)
_LIKE_AN_ID: Final = re.compile(
    r"(?:arxiv|doi)\b|https?://[^/\s]*arxiv\.org\b|\d{3,5}\.\d|[a-z-]+(?:\.[A-Z]{2})?/\d{5}",
    re.ASCII | re.IGNORECASE,
)
_LONGEST_SHOWN: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A Zotero library, or one of its collections."""

    kind: Literal["users", "groups"]
    number: int
    collection: str | None = None

    def __str__(self) -> str:
        collection = f"/collections/{self.collection}" if self.collection else ""
        return f"zotero:{self.kind}/{self.number}{collection}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interests:
    """Where to find what the reader likes. Each source is mapped to its line number, from 1.

    If there are any interests, papers ticked in a digest count as well.
    """

    papers: Mapping[str, int] = field(default_factory=dict)
    """arXiv ids, without versions."""
    files: Mapping[str, int] = field(default_factory=dict)
    """Paths of `.bib` files in the repository."""
    libraries: Mapping[Library, int] = field(default_factory=dict)
    ticks: bool = False
    """Whether ticks count, which they do if there is at least one line."""
    warnings: tuple[str, ...] = ()
    """One message for each line that is skipped."""

    def __bool__(self) -> bool:
        """Whether there are any interests."""
        return self.ticks


def parse_interests(text: str) -> Interests:
    """Reads interests, one per line. Blank lines and comments are skipped.

    A comment begins with `#` at the beginning of a line or after white space.

    Args:
        text: the lines of the input `interests`.

    Returns:
        The interests. A mistyped arXiv id is a warning and not an error, so that it does not stop
        the run.

    Raises:
        ValueError: some lines cannot be understood; the message has one line for each.
    """
    papers: dict[str, int] = {}
    files: dict[str, int] = {}
    libraries: dict[Library, int] = {}
    warnings: list[str] = []
    problems: list[str] = []
    is_any = False
    for number, line in _lines(text):
        is_any = True
        if line.lower() == TICKS:
            continue
        try:
            if found := arxiv_id(line):
                papers.setdefault(found, number)
            elif line.lower().startswith("zotero:"):
                libraries.setdefault(parse_library(line), number)
            elif line.lower().endswith(".bib"):
                files.setdefault(_path(line), number)
            else:
                warnings.append(f"interests, line {number}: {_mistyped(line)}")
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise ValueError("\n".join(problems))
    return Interests(
        papers=papers, files=files, libraries=libraries, ticks=is_any, warnings=tuple(warnings)
    )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yields the number and the text of each line that is not blank, without comments."""
    for number, line in enumerate(text.split("\n"), start=1):
        comment = _COMMENT.search(line)
        line = (line[: comment.start()] if comment else line).strip()  # noqa: PLW2901
        if line:
            yield number, line


def _mistyped(line: str) -> str:
    """Returns the warning for a line that looks like a mistyped arXiv id.

    Raises:
        ValueError: the line does not look like an arXiv id.
    """
    is_list = re.search(r"[,;\s\[\]]", line.removeprefix("arXiv: "))
    if is_list or not _LIKE_AN_ID.match(line):
        raise ValueError(f"{_EXPECTED}, not {_shown(line)}{_suggestion(line)}")
    return (
        f"{_shown(line)} is not an arXiv id, and is skipped; "
        "write it as in 2401.01234, math/0309136 or https://arxiv.org/abs/2401.01234"
    )


def parse_library(line: str) -> Library:
    """Returns the library that a line names, in the form that `str(library)` has.

    Raises:
        ValueError: the line does not name a library; the message has one line.
    """
    found = _LIBRARY.fullmatch(line)
    if not found:
        raise ValueError(
            f"expected zotero:users/NUMBER or zotero:groups/NUMBER, with /collections/KEY after it "
            f"for one collection (a KEY has 8 capitals and digits), not {_shown(line)}"
            f"{_suggestion(line)}"
        )
    kind: Literal["users", "groups"] = "users" if found["kind"] == "users" else "groups"
    return Library(kind=kind, number=int(found["number"]), collection=found["collection"])


def _path(line: str) -> str:
    path = PurePosixPath(line)
    if path.is_absolute() or {"..", ".git"} & {part.lower() for part in path.parts}:
        raise ValueError(
            "expected a path inside the repository, relative to its root, as in papers/library.bib,"
            f" not {_shown(line)}"
        )
    if re.search(r'[\x00-\x1f\x7f\\:*?"<>|]', line):
        raise ValueError(
            f"expected the path of one .bib file of the repository, not {_shown(line)}"
        )
    return path.as_posix()


def _suggestion(line: str) -> str:
    """Returns a suggestion to append to the message, or an empty string."""
    bare = line.strip("-*+[]\"', \t")
    if bare and bare != line and (bare == TICKS or arxiv_id(bare) or bare.endswith(".bib")):
        return f"; did you mean {_shown(bare)}?"
    if re.search(r"[,;\s]", bare) and any(map(arxiv_id, re.split(r"[,;\s\"']+", bare))):
        return "; write each on a line of its own"
    if found := _LIBRARY_ADDRESS.match(line):
        key = _COLLECTION_KEY.search(line)
        collection = f"/collections/{key[1]}" if key else ""
        return f"; did you mean 'zotero:{found['kind']}/{found['number']}{collection}'?"
    if found := _ALMOST_LIBRARY.fullmatch(line):
        return f"; did you mean 'zotero:{found['kind'].lower()}s/{found['number']}'?"
    if "zotero" in line.lower():
        return "; https://www.zotero.org/settings/keys shows the NUMBER that is your user ID"
    is_close = difflib.get_close_matches(line.lower()[:_LONGEST_SHOWN], [TICKS], cutoff=0.7)
    return f"; did you mean '{TICKS}'?" if is_close else ""


def _shown(line: str) -> str:
    return repr(line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…")
