"""From a draft and the repository's files to the changes that update them.

A plan is a value: it can be shown, tested, and made again when somebody else was faster.
"""

from __future__ import annotations

from collections.abc import Iterator

from daily_papers.errors import NotOursError
from daily_papers.memory.news import News
from daily_papers.publish.draft import Draft
from daily_papers.publish.repository import Change, Plan, State, blob_sha
from daily_papers.views.signature import is_signed

__all__ = ["commit_message", "make_plan"]


def commit_message(template: str, draft: Draft, news: News) -> str:
    """Returns the commit's message: `template` with what it names in braces filled in."""
    snapshot = draft.memory.snapshot
    return template.format(
        date=snapshot.updated.isoformat(),
        new=len(news.new_ids),
        topics=", ".join(section.heading for section in snapshot.sections),
    )


def make_plan(
    draft: Draft, state: State, *, marker: str, message: str, description: str = ""
) -> Plan:
    """Returns the plan by which the repository gets the files of `draft`.

    Args:
        draft: the files as they should be.
        state: the repository. For every path of `draft.expected` it has git's name of the
            content, and the content itself if it is not the expected one.
        marker: the name of the region, with which generated files are signed.
        message: the commit's message.
        description: what a pull request says of the changes.

    Returns:
        The plan; it has no changes if every file is as it should be.

    Raises:
        NotOursError: one of our files would overwrite a file that is not ours.
    """
    written = list(_written(draft, state, marker))
    return Plan(
        head=state.head,
        changes=(
            *(change for change in written if change.path != draft.data_file),
            *_removed(draft, state, marker),
            # It is last because it vouches for the others: if a run dies before, the next one
            # completes what is missing.
            *(change for change in written if change.path == draft.data_file),
        ),
        message=message,
        description=description,
    )


def _written(draft: Draft, state: State, marker: str) -> Iterator[Change]:
    """Yields a change for each file that is not as it should be."""
    for path, data in draft.files.items():
        sha = state.shas[path]
        if sha == blob_sha(data):
            continue
        before = state.files.get(path)
        is_ours = (
            sha is None
            or path not in draft.memory.files
            or sha == draft.vouched.get(path)
            or is_signed(before or b"", marker)
        )
        if not is_ours:
            raise NotOursError(path, draft.asked_by[path])
        yield Change(path=path, before=before, before_sha=sha, after=data)


def _removed(draft: Draft, state: State, marker: str) -> Iterator[Change]:
    """Yields a change for each file that is no longer wanted, if it is there and ours."""
    expected = draft.expected(state)
    for path in draft.gone:
        sha, before = state.shas[path], state.files.get(path)
        if sha is not None and (sha == expected[path] or is_signed(before or b"", marker)):
            yield Change(path=path, before=before, before_sha=sha, after=None)
