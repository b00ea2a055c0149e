"""From a snapshot and the repository's files to the changes that bring them up to date."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from daily_papers import datafile, splice
from daily_papers.digest import Digest
from daily_papers.inputs import Inputs
from daily_papers.repository import Change, Plan, State
from daily_papers.snapshot import Snapshot
from daily_papers.splice import Document
from daily_papers.views import readme

__all__ = ["document", "make_plan", "paths"]


def paths(inputs: Inputs) -> tuple[str, ...]:
    """Gives the files that a plan needs to know."""
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


def make_plan(inputs: Inputs, state: State, snapshot: Snapshot, digest: Digest) -> Plan:
    """Plans how the repository becomes a view of `snapshot`.

    Args:
        inputs: what the user wants to see, and where.
        state: the repository as it was read, with the files that `Inputs` names.
        snapshot: what there is to show.
        digest: what is new in it, for the commit's message.

    Returns:
        The plan; it has no changes where every file is as it should be.

    Raises:
        SpliceError: the README's region cannot be found without doubt.
    """
    page = document(inputs, state)
    snapshot = _with_date_of_page(inputs, page, snapshot)
    files = {inputs.readme: _page_bytes(inputs, page, snapshot)}
    if inputs.data_file is not None:
        files[inputs.data_file] = datafile.encode(snapshot)
    return Plan(
        head=state.head,
        changes=_changes(state, files),
        message=inputs.commit_message.format(
            date=snapshot.updated.isoformat(),
            new=len(digest.new_ids),
            topics=", ".join(topic.heading for topic in inputs.keywords),
        ),
    )


def _with_date_of_page(inputs: Inputs, page: Document, snapshot: Snapshot) -> Snapshot:
    """Keeps the date that stands on the page, if it is all that would change.

    Without a data file, or with a lost one, nothing else tells when the content last changed.
    """
    shown = readme.last_update(page.content)
    if shown is None:
        return snapshot
    dated = dataclasses.replace(snapshot, updated=shown)
    same = _page_bytes(inputs, page, dated) == page.text.encode()
    return dated if same else snapshot


def _page_bytes(inputs: Inputs, page: Document, snapshot: Snapshot) -> bytes:
    """Gives the whole README, with `snapshot` in its region."""
    content = readme.render(
        snapshot,
        columns=inputs.columns,
        sort_by=inputs.sort_by,
        level=min(max(page.level + 1, 2), 6),
    )
    return page.with_content(content).encode()


def _changes(state: State, files: Mapping[str, bytes]) -> tuple[Change, ...]:
    """Gives the files that differ from the repository's."""
    return tuple(
        Change(path=path, before=state.files[path], after=after)
        for path, after in files.items()
        if state.files[path] != after
    )
