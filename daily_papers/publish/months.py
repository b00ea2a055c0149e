"""The archive in a run: what is read of it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from daily_papers.errors import PathError
from daily_papers.inputs import Inputs
from daily_papers.memory.archive import INDEX, Archive, recovered, remember
from daily_papers.memory.datafile import Memory
from daily_papers.memory.snapshot import Snapshot
from daily_papers.publish.repository import Repository, blob_sha
from daily_papers.views import archive_pages, wordindex

__all__ = ["Months", "extended", "read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """What the branch has of the archive."""

    archive: Archive
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    """By name, what the word index is made from when a month closes; otherwise nothing."""


def read(
    inputs: Inputs, repository: Repository, merged: Memory | None, today: date
) -> Months | None:
    """Returns what the branch has of the archive; `None` where none is wanted.

    Args:
        inputs: what the user wants.
        repository: where the archive is.
        merged: what the branch's data file remembers. Without one, the archive's index tells of
            the months.
        today: the day of the run.

    Raises:
        DailyPapersError: the repository cannot be read.
    """
    if not (inputs.site or inputs.archive):
        return None
    archive = _archive(inputs, repository, merged)
    is_over = archive.month and archive.month[:7] != f"{today:%Y-%m}"
    if not inputs.site or not merged or not is_over:
        return Months(archive=archive)
    return Months(archive=archive, files=_files(inputs.site, repository, archive, merged))


def _archive(inputs: Inputs, repository: Repository, merged: Memory | None) -> Archive:
    """Returns what is remembered of the archive, or what its index tells.

    That of a web page and that of Markdown pages have different files: neither continues the other.
    """
    is_markdown = inputs.archive is not None
    if merged:
        is_same = merged.archive is not None and merged.archive.is_markdown == is_markdown
        known = merged.archive if is_same else None
        return known or Archive(is_markdown=is_markdown)
    if inputs.archive:
        path = f"{inputs.archive}/{archive_pages.INDEX}"
        return archive_pages.recovered(repository.read((path,)).files[path])
    path = f"{inputs.site}/{INDEX}"
    return recovered(repository.read((path,)).files[path])


def _files(
    folder: str, repository: Repository, archive: Archive, merged: Memory
) -> dict[str, bytes | None]:
    """Returns the months that are not in the index, and its last volume if it has room.

    A file is `None` if it is lost; a volume, too, if it is not as we wrote it.
    """
    last = [one.name for one in archive.volumes[-1:] if wordindex.has_room(one)]
    names = [*(f"{name}.json" for name in wordindex.missing(archive)), *last]
    files = {f"{folder}/{name}": name for name in names}
    try:
        contents = dict(repository.read(files).files)
    except PathError:  # One of them is a link, or a pointer of Git LFS.
        contents = {}
        for path in files:
            with suppress(PathError):
                contents |= repository.read((path,)).files
    found = {name: contents.get(path) for path, name in files.items()}
    for name in last:
        data = found[name]
        if data is not None and blob_sha(data) not in merged.files.values():
            found[name] = None
    return found


def extended(
    inputs: Inputs, months: Months | None, merged: Memory | None, snapshot: Snapshot
) -> tuple[Archive | None, Mapping[str, bytes]]:
    """Returns the archive after the run, and the files of its word index that change.

    It goes on from what the branch has: a pull request may wait over the end of a month. Where no
    data file is kept, nobody knows which papers came this month: its file has those that are shown.

    Args:
        inputs: what the user wants.
        months: what the branch has of it; `None` where none is wanted.
        merged: what the branch's data file remembers, if there is one.
        snapshot: the papers after the run.
    """
    if months is None:
        return None, {}
    before = months.archive
    if inputs.data_file is None:
        return before, {}
    archive = remember(before, merged.snapshot if merged else None, snapshot)
    if not months.files or archive.month == before.month:
        return archive, {}
    volumes, words = wordindex.extended(
        archive.volumes,
        months.files.get(archive.volumes[-1].name) if archive.volumes else None,
        {name: months.files[f"{name}.json"] for name in wordindex.missing(before)},
        marker=inputs.marker,
    )
    return replace(archive, volumes=volumes), words
