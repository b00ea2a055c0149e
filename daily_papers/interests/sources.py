"""Reads what the reader likes from its sources: ticks, arXiv ids, `.bib` files and libraries.

Nothing here ends a run. A source that cannot be read is a warning that names its line, and what was
known about it before is used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from daily_papers.errors import ArxivError, DailyPapersError
from daily_papers.interests import bib, ticks
from daily_papers.interests.bib import BibError
from daily_papers.interests.liked import MAX_LIKED, Liked
from daily_papers.interests.likes import (
    Gathered,
    Libraries,
    Likes,
    Shelf,
    bounded,
    room,
    wanted,
)
from daily_papers.interests.lines import Interests, Library
from daily_papers.papers import Paper

__all__ = ["gather"]

_log = logging.getLogger(__name__)


def gather(
    interests: Interests,
    known: Likes,
    *,
    files: Mapping[str, bytes | None],
    digests: Iterable[str] | None,
    kept: Mapping[str, Paper],
    look_up: Callable[[Sequence[str]], Sequence[Paper]],
    libraries: Libraries | None,
) -> Gathered:
    """Returns what the reader likes, and logs what cannot be read.

    Args:
        interests: where to find it.
        known: what was remembered.
        files: the contents of `.bib` files, by path; `None` for one that does not exist. One that
            is left out could not be read, which has been logged already.
        digests: the bodies of our issues, newest first; `None` where no issues are opened.
        kept: papers whose texts are known, by id.
        look_up: asks arXiv for papers by their ids.
        libraries: reads libraries; `None` if there are none.
    """
    for warning in interests.warnings:
        _log.warning("%s", warning)
    ticked = ticks.read(digests or ()).applied_to(known.ticked)[:MAX_LIKED]
    collected = tuple(
        _file(path, files[path], f"interests, line {line}")
        for path, line in interests.files.items()
        if path in files
    )
    ids = wanted(interests, ticked, collected)
    papers = {name: known.papers[name] for name in ids if name in known.papers}
    papers |= _found([name for name in ids if name not in papers], interests, kept, look_up)
    likes = Likes(
        ticked=ticked,
        papers={name: papers[name] for name in ids if name in papers},
        shelves=_shelves(
            interests, known, libraries, limit=room(len(ids), len(interests.libraries))
        ),
    )
    gathered = Gathered(interests=interests, likes=bounded(likes), files=collected)
    _say(gathered, can_tick=digests is not None)
    return gathered


def _say(gathered: Gathered, *, can_tick: bool) -> None:
    count, ticked = len(gathered.liked), len(gathered.likes.ticked)
    if not count:
        how = (
            "tick papers in the issues that tell what is new"
            if can_tick
            else "name papers in interests; without issues there is nothing to tick"
        )
        _log.info("Nothing is liked yet: %s", how)
        return
    papers = "paper is" if count == 1 else "papers are"
    full = ", the most that count: the newest of each place" if count == MAX_LIKED else ""
    _log.info("%s %s liked%s; %s", f"{count:,}", papers, full, f"{ticked:,} by a tick")


def _file(path: str, content: bytes | None, where: str) -> tuple[Liked, ...]:
    """Returns the papers of a `.bib` file.

    Args:
        path: the file's path.
        content: its bytes; `None` if there is no such file.
        where: the line that names it, for messages.
    """
    if content is None:
        _log.warning(
            "%s: there is no file %s in the repository; write its path relative to the "
            "repository's root",
            where,
            path,
        )
        return ()
    try:
        found = bib.read(content, path)
    except BibError as error:
        _log.warning("%s: %s", where, error)
        return ()
    for warning in found.warnings:
        _log.warning("%s: %s", where, warning)
    _warn_of_many(where, path, len(found.papers), MAX_LIKED)
    return found.papers


def _found(
    ids: Sequence[str],
    interests: Interests,
    kept: Mapping[str, Paper],
    look_up: Callable[[Sequence[str]], Sequence[Paper]],
) -> dict[str, Liked]:
    """Returns the papers with some ids: those that are kept, the others by one request to arXiv.

    The next run asks again for an id that arXiv does not have: it may be of today.
    """
    papers = {name: kept[name] for name in ids if name in kept}
    asked = [name for name in ids if name not in kept]
    if asked:
        try:
            papers |= {paper.arxiv_id: paper for paper in look_up(asked)}
        except ArxivError as error:
            _log.warning(
                "The text of %s could not be read now; the next run asks again: %s",
                "a liked paper" if len(asked) == 1 else f"{len(asked)} liked papers",
                error.message,
            )
            asked = []
    for name in asked:
        if name not in papers:
            _log.warning("%s: arXiv has no paper %s; it is skipped", _where(name, interests), name)
    for name, paper in papers.items():
        if paper.is_withdrawn and name in interests.papers:
            where = _where(name, interests)
            _log.warning("%s: %s has been withdrawn; it is skipped", where, paper.versioned_id)
    return {
        name: Liked.of(paper.title, paper.summary, arxiv_id=name, doi=None)
        for name, paper in papers.items()
        if not paper.is_withdrawn
    }


def _where(arxiv_id: str, interests: Interests) -> str:
    line = interests.papers.get(arxiv_id)
    return f"interests, line {line}" if line else "interests"


def _shelves(
    interests: Interests, known: Likes, libraries: Libraries | None, *, limit: int
) -> dict[Library, Shelf]:
    """Returns the content of each library; the last known one if it cannot be read now."""
    shelves: dict[Library, Shelf] = {}
    for library, line in interests.libraries.items():
        where, before = f"interests, line {line}", known.shelves.get(library)
        try:
            shelf = libraries.read(library, before, limit=limit) if libraries else before
        except DailyPapersError as error:
            _log.warning("%s: %s", where, error)
            shelf = before
        else:
            if shelf and not shelf.papers:
                _log.warning("%s: %s has no papers yet", where, library)
        if shelf:
            _warn_of_many(where, str(library), shelf.total, limit)
            shelves[library] = shelf
    return shelves


def _warn_of_many(where: str, what: str, count: int, most: int) -> None:
    if count > most:
        _log.warning(
            "%s: %s has %s papers; the newest %s count", where, what, f"{count:,}", f"{most:,}"
        )
