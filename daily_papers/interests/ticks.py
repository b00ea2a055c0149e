"""The papers that readers have ticked in our digests.

A digest is an issue with a list of papers, each with a box. Only people with write access can tick
a box in an issue that somebody else opened
(https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/about-tasklists),
so a tick comes from somebody who may speak for the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from daily_papers.interests.liked import arxiv_id

__all__ = ["Ticks", "read"]

LONGEST_TITLE: Final = 4_000
"""How many characters of a line are searched for our link; titles are far shorter."""

_BOX: Final = re.compile(r"- \[(?P<mark>[ xX])\] ")
_STEP: Final = re.compile(
    r"\\.|(?P<fence>`+)|\]\((?P<url>https://arxiv\.org/abs/[a-zA-Z0-9./-]+)\)", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """The papers of some digests, by arXiv id, in the order of the digests."""

    ticked: tuple[str, ...] = ()
    unticked: tuple[str, ...] = ()
    """The papers with a box that is empty in every digest."""

    def applied_to(self, liked: Iterable[str]) -> tuple[str, ...]:
        """Returns what is liked now, newest likes first.

        Args:
            liked: the ids that are known to have been ticked before, some of them in digests that
                are too old to be read again.
        """
        gone = frozenset(self.unticked)
        known = [name for name in liked if name not in gone]
        before = frozenset(known)
        return (*(name for name in self.ticked if name not in before), *known)


def read(bodies: Iterable[str]) -> Ticks:
    """Reads which papers are ticked in digests.

    Args:
        bodies: the Markdown of the issues, newest first. Only a box at the beginning of a line
            counts, and only the first link on that line, which is ours: titles and comments are
            escaped and cannot contain one.
    """
    boxes: dict[str, bool] = {}
    for body in bodies:
        for name, is_ticked in _boxes(body):
            boxes[name] = boxes.get(name, False) or is_ticked
    return Ticks(
        ticked=tuple(name for name, is_ticked in boxes.items() if is_ticked),
        unticked=tuple(name for name, is_ticked in boxes.items() if not is_ticked),
    )


def _boxes(body: str) -> Iterator[tuple[str, bool]]:
    """Yields the id of each paper that has a box, and whether the box is ticked."""
    for line in body.split("\n"):
        box = _BOX.match(line)
        url = _first_link(line[box.end() : box.end() + LONGEST_TITLE]) if box else None
        name = arxiv_id(url) if url else None
        if box and name:
            yield name, box["mark"] != " "


def _first_link(markdown: str) -> str | None:
    """Returns the first link to an abstract in Markdown.

    Code spans are skipped: formulas are written as code, whose text is not trusted or escaped.
    """
    place = 0
    while step := _STEP.search(markdown, place):
        place = step.end()
        if step["url"]:
            return step["url"]
        if fence := step["fence"]:
            closing = re.compile(rf"(?<!`){fence}(?!`)").search(markdown, place)
            place = closing.end() if closing else place
    return None
