"""What the reader likes: what is remembered between runs, and what one run has gathered.

This module has only values, so that code that stores or shows them does not import code that reads
or ranks.
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
    """What is known about a library, remembered from one run to the next."""

    version: int = 0
    """The version of the library when it was last read; 0 if it never was."""
    items: Mapping[str, Liked] = field(default_factory=dict)
    """By Zotero's key, newest addition first. An item that is not a paper has no title."""
    total: int = 0
    """How many items the library has, kept or not."""

    @property
    def papers(self) -> tuple[Liked, ...]:
        """The liked papers, newest addition first."""
        return tuple(paper for paper in self.items.values() if paper.title)


class Libraries(Protocol):
    """Reads libraries."""

    def read(
        self, library: Library, known: Shelf | None = None, *, limit: int = MAX_LIKED
    ) -> Shelf:
        """Reads the newest items of a library, or only the changes since it was last read.

        Args:
            library: the library, or a collection.
            known: what the last call returned.
            limit: the most items to keep.

        Raises:
            DailyPapersError: the library cannot be read, perhaps only for the moment.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Likes:
    """What is remembered between runs: at most `MAX_LIKED` papers in all.

    It does not include the papers of `.bib` files: those files are in the repository.
    """

    ticked: tuple[str, ...] = ()
    """The ids of ticked papers, newest ticks first."""
    papers: Mapping[str, Liked] = field(default_factory=dict)
    """The papers that are liked by arXiv id, by that id; without those that arXiv does not have."""
    shelves: Mapping[Library, Shelf] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the reader likes, as gathered by one run."""

    interests: Interests
    likes: Likes
    files: tuple[tuple[Liked, ...], ...] = ()
    """The papers of each `.bib` file, newest first."""

    @property
    def liked(self) -> tuple[Liked, ...]:
        """The liked papers, each once, at most `MAX_LIKED`.

        Papers liked by id come first, beginning with the newest ticks. Then files and libraries
        take turns, each newest first, so that a long one does not crowd out the others.
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
        """Returns a copy with the ticks and the Zotero items as they were when `old` was written.

        A day without new papers must not change any file. New ticks and Zotero items count with
        the next new papers; changes of the inputs and of files in the repository count at once.
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
    """Returns the arXiv ids of the papers whose texts are needed, at most `MAX_LIKED`."""
    untitled = (paper.arxiv_id for paper in chain(*files) if paper.arxiv_id and not paper.title)
    return tuple(dict.fromkeys([*ticked, *interests.papers, *untitled]))[:MAX_LIKED]


def room(ids: int, libraries: int) -> int:
    """Returns how many items of each library are kept, given the number of papers liked by id."""
    return max(0, MAX_LIKED - ids) // max(1, libraries)


def bounded(likes: Likes) -> Likes:
    """Returns `likes` with at most `MAX_LIKED` papers."""
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
