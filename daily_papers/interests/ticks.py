"""What readers ticked in our digests.

A digest is an issue whose list has a box before each paper. Only people with write access can tick
a box in an issue that somebody else opened
(https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/about-tasklists),
so that a tick is the word of somebody who may speak for the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from daily_papers.interests.liked import arxiv_id

__all__ = ["Ticks", "read"]

LONGEST_TITLE: Final = 4_000
"""Characters of a line in which our link is looked for; titles are far shorter."""

_BOX: Final = re.compile(r"- \[(?P<mark>[ xX])\] ")
_STEP: Final = re.compile(
    r"\\.|(?P<fence>`+)|\]\((?P<url>https://arxiv\.org/abs/[a-zA-Z0-9./-]+)\)", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """The papers of some digests, by arXiv id, in the order of the digests."""

    ticked: tuple[str, ...] = ()
    unticked: tuple[str, ...] = ()
    """Papers with a box that is empty wherever it occurs."""

    def applied_to(self, liked: Iterable[str]) -> tuple[str, ...]:
        """Returns what is liked now, newest likes first.

        Args:
            liked: the ids that were known as ticked before; digests too old to be read again have
                some of them.
        """
        gone = frozenset(self.unticked)
        known = [name for name in liked if name not in gone]
        before = frozenset(known)
        return (*(name for name in self.ticked if name not in before), *known)


def read(bodies: Iterable[str]) -> Ticks:
    """Reads which papers are ticked in digests.

    Args:
        bodies: the Markdown of the issues, newest first. Only a box at the beginning of a line
            counts, and on its line only the first link, which is ours: titles and comments are
            escaped, and cannot hold one.
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
    """Yields the papers that have a box, each with whether it is ticked."""
    for line in body.split("\n"):
        box = _BOX.match(line)
        url = _first_link(line[box.end() : box.end() + LONGEST_TITLE]) if box else None
        name = arxiv_id(url) if url else None
        if box and name:
            yield name, box["mark"] != " "


def _first_link(markdown: str) -> str | None:
    """Returns the first link to an abstract that Markdown takes for one.

    A formula is a span of code, whose text is a stranger's and is not escaped.
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
