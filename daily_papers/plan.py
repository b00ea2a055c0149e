"""From a snapshot and the repository's files to the changes that bring them up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from daily_papers import datafile, splice
from daily_papers.budget import share
from daily_papers.digest import Digest
from daily_papers.errors import PathError
from daily_papers.inputs import Inputs, Pages
from daily_papers.repository import Change, Plan, State, blob_sha
from daily_papers.snapshot import Snapshot
from daily_papers.splice import Document
from daily_papers.views import pages, readme
from daily_papers.views.table import make_table

__all__ = ["Draft", "document", "make_draft", "make_plan", "paths"]

ROOM: Final = 500_000
"""Bytes of a README or a page. GitHub shows 500 KiB (512,000) and cuts the rest without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All files as they should be, before it is known what stands in their place."""

    snapshot: Snapshot
    """What they show, with the pages among them recorded."""
    files: Mapping[str, bytes]
    gone: tuple[str, ...]
    """Pages of the run before that are no longer needed."""
    vouched: Mapping[str, str]
    """Pages that the run before wrote, with git's names of their content, as the data file tells;
    they need not be read."""

    def unread(self, state: State) -> tuple[str, ...]:
        """Gives the files that have to be read, too, before they may be changed."""
        wanted = [path for path in self.files if path not in self.vouched]
        return tuple(path for path in (*wanted, *self.gone) if path not in state.files)


def paths(inputs: Inputs) -> tuple[str, ...]:
    """Gives the files that a plan always needs to know."""
    return (inputs.readme,) if inputs.data_file is None else (inputs.readme, inputs.data_file)


def document(inputs: Inputs, state: State) -> Document:
    """Gives the README with its region: the one of `state`, or the one to begin with.

    Raises:
        SpliceError: the region cannot be found without doubt.
    """
    data = state.files[inputs.readme]
    if data is None:
        start, end = splice.marker_lines(inputs.marker)
        data = readme.new_document(start, end, inputs.max_papers).encode()
    return splice.read_document(data, path=inputs.readme, marker=inputs.marker)


def make_draft(inputs: Inputs, page: Document, snapshot: Snapshot) -> Draft:
    """Makes all files that show `snapshot`.

    Args:
        inputs: what the user wants to see, and where.
        page: the README as it is.
        snapshot: what there is to show.
    """
    tables = [make_table(part, inputs.columns, inputs.sort_by) for part in snapshot.sections]
    whole = [
        readme.Topic(section=section, table=table, shown=len(table.rows))
        for section, table in zip(snapshot.sections, tables, strict=True)
    ]
    # What is far too long is not put together only to learn so.
    rows = sum(len(row) for table in tables for row in table.rows)
    fits = rows <= ROOM and len(_readme_bytes(page, snapshot, whole)) <= ROOM
    has_pages = inputs.pages is Pages.ALWAYS or (inputs.pages is Pages.AUTO and not fits)
    files: dict[str, bytes] = {}
    links = [""] * len(whole)
    if has_pages:
        names = _page_names(inputs, snapshot)
        links = [pages.relative_link(name, inputs.readme) for name in names]
        for section, table, name in zip(snapshot.sections, tables, names, strict=True):
            files |= pages.render(section, table, name, inputs, ROOM)
    topics = [replace(topic, page=link) for topic, link in zip(whole, links, strict=True)]
    # The notes that lead to the pages need some room as well.
    if not fits or (has_pages and len(_readme_bytes(page, snapshot, topics)) > ROOM):
        topics = _cut(page, snapshot, topics)
    snapshot = _with_date_of_page(page, snapshot, topics)
    old_pages = snapshot.pages
    snapshot = replace(snapshot, pages={path: blob_sha(data) for path, data in files.items()})
    files[inputs.readme] = _readme_bytes(page, snapshot, topics)
    if inputs.data_file is not None:
        files[inputs.data_file] = datafile.encode(snapshot, inputs.marker, inputs.sort_by)
    return Draft(
        snapshot=snapshot,
        files=files,
        gone=tuple(path for path in old_pages if path not in files),
        vouched={path: sha for path, sha in old_pages.items() if path in files},
    )


def _readme_bytes(page: Document, snapshot: Snapshot, topics: Sequence[readme.Topic]) -> bytes:
    """Gives the whole README with `topics` in its region."""
    level = min(max(page.level + 1, 2), 6)
    return page.with_content(readme.render(snapshot.updated, topics, level=level)).encode()


def _cut(page: Document, snapshot: Snapshot, topics: Sequence[readme.Topic]) -> list[readme.Topic]:
    """Shows as many of each topic's newest rows as the README has room for."""
    longest = len(str(max(len(topic.table.rows) for topic in topics)))
    empty = [replace(topic, shown=0) for topic in topics]
    frame = len(_readme_bytes(page, snapshot, empty))
    newline = len(page.newline)
    frame += sum(longest + len(topic.table.header.encode()) + 3 * newline for topic in topics)
    sizes = [[len(row.encode()) + newline for row in topic.table.rows] for topic in topics]
    counts = share(sizes, ROOM - frame)
    return [replace(topic, shown=count) for topic, count in zip(topics, counts, strict=True)]


def _page_names(inputs: Inputs, snapshot: Snapshot) -> list[str]:
    headings = [section.heading for section in snapshot.sections]
    return pages.file_names(headings, inputs.pages_dir, paths(inputs))


def _with_date_of_page(
    page: Document, snapshot: Snapshot, topics: Sequence[readme.Topic]
) -> Snapshot:
    """Keeps the date that stands on the page, if it is all that would change.

    Without a data file, or with a lost one, nothing else tells when the content last changed.
    """
    shown = readme.last_update(page.content)
    if shown is None or shown == snapshot.updated:
        return snapshot
    dated = replace(snapshot, updated=shown)
    return dated if _readme_bytes(page, dated, topics) == page.text.encode() else snapshot


def make_plan(inputs: Inputs, state: State, draft: Draft, digest: Digest) -> Plan:
    """Plans how the repository becomes what `draft` says.

    Args:
        inputs: the commit's message, and the name of the region.
        state: the repository, with the files of `paths` and `draft.unread`.
        draft: the files as they should be.
        digest: what is new, for the commit's message.

    Returns:
        The plan; it has no changes where every file is as it should be.

    Raises:
        PathError: a file that is not ours stands where a page is to be.
    """
    changes = []
    for path, data in draft.files.items():
        if path in draft.vouched and path not in state.files:
            if draft.vouched[path] != draft.snapshot.pages[path]:
                changes.append(Change(path=path, before=None, after=data, is_vouched=True))
        elif state.files[path] != data:
            _check_ours(inputs, path, state)
            changes.append(Change(path=path, before=state.files[path], after=data))
    changes += [
        Change(path=path, before=state.files[path], after=None)
        for path in draft.gone
        if _is_ours(inputs, state.files[path])
    ]
    return Plan(
        head=state.head,
        changes=tuple(changes),
        message=inputs.commit_message.format(
            date=draft.snapshot.updated.isoformat(),
            new=len(digest.new_ids),
            topics=", ".join(topic.heading for topic in inputs.keywords),
        ),
    )


def _check_ours(inputs: Inputs, path: str, state: State) -> None:
    """Refuses to write over a file that we did not write."""
    before = state.files[path]
    if path in paths(inputs) or before is None or _is_ours(inputs, before):
        return
    raise PathError(
        f"{path} is in the way of a topic's page, and not written by this action",
        "Move it, or name another folder by the input pages-dir.",
    )


def _is_ours(inputs: Inputs, data: bytes | None) -> bool:
    return data is not None and data.startswith(pages.signature(inputs.marker).encode())
