"""What the reader likes: as it is remembered from one run to the next, and as one run knows it.

Only values are here, so that whoever remembers or shows them imports nothing that reads or ranks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from typing import Protocol

from daily_papers.interests.liked import MAX_LIKED, Liked, merged
from daily_papers.interests.lines import Interests, Library

__all__ = ["Gathered", "Libraries", "Likes", "Shelf", "bounded", "room", "wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What is known of a library, to be remembered from one run to the next."""

    version: int = 0
    """The library's version as of the reading; 0 before the first."""
    items: Mapping[str, Liked] = field(default_factory=dict)
    """By Zotero's key, newest addition first. What is no paper has no title."""
    total: int = 0
    """How many items the library has, kept or not."""

    @property
    def papers(self) -> tuple[Liked, ...]:
        """The liked papers, newest addition first."""
        return tuple(paper for paper in self.items.values() if paper.title)


class Libraries(Protocol):
    """Where libraries are read."""

    def read(
        self, library: Library, known: Shelf | None = None, *, limit: int = MAX_LIKED
    ) -> Shelf:
        """Reads the newest items of a library, or what has changed in it.

        Args:
            library: the library, or a collection.
            known: what the last reading returned.
            limit: how many items to keep at most.

        Raises:
            DailyPapersError: the library cannot be read, or not now.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Likes:
    """What is remembered: at most `MAX_LIKED` papers in all.

    The papers of a `.bib` file are not among them: the repository has the file.
    """

    ticked: tuple[str, ...] = ()
    """The ids of ticked papers, newest likes first."""
    papers: Mapping[str, Liked] = field(default_factory=dict)
    """The papers that are liked by an arXiv id, by that id, as far as arXiv has them."""
    shelves: Mapping[Library, Shelf] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the reader likes, as one run has gathered it."""

    interests: Interests
    likes: Likes
    files: tuple[tuple[Liked, ...], ...] = ()
    """The papers of each `.bib` file, newest first."""

    @property
    def liked(self) -> tuple[Liked, ...]:
        """The liked papers, each once, at most `MAX_LIKED`.

        Those that are liked by their ids come first, newest ticks before all; then come files and
        libraries in turn, each from its newest paper on, so that no long one shuts out another.
        """
        by_id = self.likes.papers
        ids = dict.fromkeys([*self.likes.ticked, *self.interests.papers])
        shelves = [shelf.papers for shelf in self.likes.shelves.values()]
        collected = (
            paper if paper.title else by_id.get(paper.arxiv_id or "", paper)
            for paper in _in_turn([*self.files, *shelves])
        )
        papers = chain((by_id[name] for name in ids if name in by_id), collected)
        return merged(paper for paper in papers if paper.title)[:MAX_LIKED]

    def unchanged_since(self, old: Likes) -> Gathered:
        """Returns the same with what was ticked, and in Zotero, when `old` was written.

        A day without news must not change a byte. What was ticked on it counts with the next news;
        what the inputs and the files of the repository say counts at once.
        """
        papers = {**self.likes.papers, **old.papers}
        likes = Likes(
            ticked=old.ticked,
            papers={
                name: papers[name]
                for name in wanted(self.interests, old.ticked, self.files)
                if name in papers
            },
            shelves={
                library: old.shelves.get(library, shelf)
                for library, shelf in self.likes.shelves.items()
            },
        )
        return replace(self, likes=bounded(likes))


def wanted(
    interests: Interests, ticked: Iterable[str], files: Iterable[Iterable[Liked]]
) -> tuple[str, ...]:
    """Returns the arXiv ids of the papers whose text has to be known, at most `MAX_LIKED`."""
    untitled = (paper.arxiv_id for paper in chain(*files) if paper.arxiv_id and not paper.title)
    return tuple(dict.fromkeys([*ticked, *interests.papers, *untitled]))[:MAX_LIKED]


def room(ids: int, libraries: int) -> int:
    """Returns how many items of each library are kept, beside papers that are liked by id."""
    return max(0, MAX_LIKED - ids) // max(1, libraries)


def bounded(likes: Likes) -> Likes:
    """Returns `likes` with no more papers than are to be remembered."""
    limit = room(len(likes.papers), len(likes.shelves))
    shelves = {
        library: shelf
        if len(shelf.items) <= limit
        else replace(shelf, items=dict(list(shelf.items.items())[:limit]))
        for library, shelf in likes.shelves.items()
    }
    return replace(likes, shelves=shelves)


def _in_turn(collections: Sequence[Sequence[Liked]]) -> Iterator[Liked]:
    """Yields the first of each collection, then the second of each, and so on."""
    return filter(None, chain.from_iterable(zip_longest(*collections)))
