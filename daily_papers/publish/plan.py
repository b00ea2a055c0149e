"""From a snapshot and the repository's files to the changes that bring them up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Final

from daily_papers.errors import PathError
from daily_papers.home import Home
from daily_papers.inputs import Inputs
from daily_papers.memory import datafile
from daily_papers.memory.news import Digest
from daily_papers.memory.snapshot import Snapshot
from daily_papers.options import Pages
from daily_papers.publish import splice
from daily_papers.publish.repository import Change, Plan, State, blob_sha
from daily_papers.publish.splice import Document
from daily_papers.views import atom, pages, readme, site
from daily_papers.views.fit import share
from daily_papers.views.signature import is_signed
from daily_papers.views.table import make_table

__all__ = ["Draft", "document", "make_draft", "make_plan", "paths"]

ROOM: Final = 500_000
"""Bytes of a README or a page. GitHub shows 500 KiB (512,000) and cuts the rest without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All files as they should be, before it is known what stands in their place."""

    snapshot: Snapshot
    """What they show, with those recorded that are generated."""
    files: Mapping[str, bytes]
    asked_by: Mapping[str, str]
    """The input that asks for each file, by path."""
    vouched: Mapping[str, str]
    """The generated files that the branch has, with git's names of their content, as its data file
    tells. Those that are still wanted need not be read."""

    @property
    def gone(self) -> tuple[str, ...]:
        """The files of earlier runs that are no longer wanted."""
        return tuple(path for path in self.vouched if path not in self.files)

    def expected(self, state: State) -> dict[str, str]:
        """Returns the files that are not known to be ours, and those that are to go.

        Each comes with git's name of the content that needs no signature to be ours.
        """
        wanted = [path for path in self.files if path not in self.vouched]
        return {
            path: self.snapshot.files.get(path) or self.vouched[path]
            for path in (*wanted, *self.gone)
            if path not in state.files
        }


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Readme:
    """The README as it is, and what its region has besides the topics."""

    document: Document
    feed_url: str
    has_trends: bool

    def render(self, updated: date, topics: Sequence[readme.Topic]) -> bytes:
        """Gives the whole README with `topics` in its region."""
        level = min(max(self.document.level + 1, 2), 6)
        content = readme.render(
            updated, topics, level=level, feed_url=self.feed_url, has_trends=self.has_trends
        )
        return self.document.with_content(content).encode()


def make_draft(
    inputs: Inputs,
    document: Document,
    snapshot: Snapshot,
    *,
    vouched: Mapping[str, str],
    home: Home | None,
) -> Draft:
    """Makes all files that show `snapshot`.

    Args:
        inputs: what the user wants to see, and where.
        document: the README as it is.
        snapshot: what there is to show.
        vouched: the generated files that the branch's data file tells of.
        home: where the files can be seen on the web, if anywhere.

    Raises:
        PathError: two inputs lead to the same file.
    """
    page = _Readme(document=document, feed_url=_feed_url(inputs, home), has_trends=inputs.trends)
    snapshot, readme_bytes, topic_pages = _tabled(inputs, page, snapshot)
    views = {"pages-dir": topic_pages}
    if inputs.feed:
        views["feed"] = {inputs.feed: atom.render(snapshot, inputs, home)}
    if inputs.site is not None:
        views["site"] = _site(inputs, inputs.site, snapshot, home)
    generated, asked_by = _together(inputs, views)
    snapshot = replace(snapshot, files={path: blob_sha(data) for path, data in generated.items()})
    files = {inputs.readme: readme_bytes}
    if inputs.data_file is not None:
        files[inputs.data_file] = datafile.encode(snapshot, inputs.marker, inputs.sort_by)
    return Draft(
        snapshot=snapshot, files={**files, **generated}, asked_by=asked_by, vouched=vouched
    )


def _tabled(
    inputs: Inputs, page: _Readme, snapshot: Snapshot
) -> tuple[Snapshot, bytes, dict[str, bytes]]:
    """Makes what consists of tables, which are large and needed nowhere else.

    Returns:
        The snapshot with the date that the README shows, the README, and the topics' pages by path.
    """
    tables = [make_table(part, inputs.columns, inputs.sort_by) for part in snapshot.sections]
    whole = [
        readme.Topic(section=section, table=table, shown=len(table.rows))
        for section, table in zip(snapshot.sections, tables, strict=True)
    ]
    # What is far too long is not put together only to learn so.
    rows = sum(len(row) for table in tables for row in table.rows)
    fits = rows <= ROOM and len(page.render(snapshot.updated, whole)) <= ROOM
    has_pages = inputs.pages is Pages.ALWAYS or (inputs.pages is Pages.AUTO and not fits)
    topic_pages: dict[str, bytes] = {}
    links = [""] * len(whole)
    if has_pages:
        names = _page_names(inputs, snapshot)
        links = [pages.relative_link(name, inputs.readme) for name in names]
        for section, table, name in zip(snapshot.sections, tables, names, strict=True):
            topic_pages |= pages.render(section, table, name, inputs, ROOM)
    topics = [replace(topic, page=link) for topic, link in zip(whole, links, strict=True)]
    # The notes that lead to the pages need some room as well.
    if not fits or (has_pages and len(page.render(snapshot.updated, topics)) > ROOM):
        topics = _cut(page, snapshot, topics)
    snapshot = _with_date_of_page(page, snapshot, topics)
    return snapshot, page.render(snapshot.updated, topics), topic_pages


def _site(inputs: Inputs, folder: str, snapshot: Snapshot, home: Home | None) -> dict[str, bytes]:
    """Gives the web page's files, by their paths in the repository."""
    feed_url = _feed_url(inputs, home)
    # What stands in the page's folder is published with it.
    if inputs.feed and (home is None or inputs.feed.startswith(f"{folder}/")):
        feed_url = pages.relative_link(inputs.feed, f"{folder}/index.html")
    files = site.render(snapshot, marker=inputs.marker, sort_by=inputs.sort_by, feed=feed_url)
    return {f"{folder}/{name}": data for name, data in files.items()}


def _together(
    inputs: Inputs, views: Mapping[str, Mapping[str, bytes]]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Puts the files of all views together, each at a place of its own.

    Args:
        inputs: where README and data file are.
        views: for each input that leads to generated files, their content by path.

    Returns:
        Their content, and the input that asks for each, the README and the data file included.

    Raises:
        PathError: two inputs lead to the same place.
    """
    files: dict[str, bytes] = {}
    asked_by = {inputs.readme: "readme"}
    if inputs.data_file is not None:
        asked_by[inputs.data_file] = "data-file"
    for name, view in views.items():
        for path, data in view.items():
            if path in asked_by:
                raise _clash(path, asked_by[path], name)
            files[path] = data
            asked_by[path] = name
    for path, name in asked_by.items():
        for folder in map(str, PurePosixPath(path).parents):
            if folder in asked_by:
                raise _clash(folder, asked_by[folder], name)
    return files, asked_by


def _clash(path: str, *names: str) -> PathError:
    first, second = names
    return PathError(
        f"{path} is wanted by two inputs at once, {first} and {second}",
        "Name another place by one of them.",
    )


def _feed_url(inputs: Inputs, home: Home | None) -> str:
    """Gives the address of the Atom file: for feed readers, where one is known."""
    if inputs.feed is None:
        return ""
    if home is None:
        return pages.relative_link(inputs.feed, inputs.readme)
    return home.raw_url(inputs.feed)


def _cut(page: _Readme, snapshot: Snapshot, topics: Sequence[readme.Topic]) -> list[readme.Topic]:
    """Shows as many of each topic's newest rows as the README has room for."""
    longest = len(str(max(len(topic.table.rows) for topic in topics)))
    empty = [replace(topic, shown=0) for topic in topics]
    frame = len(page.render(snapshot.updated, empty))
    newline = len(page.document.newline)
    frame += sum(longest + len(topic.table.header.encode()) + 3 * newline for topic in topics)
    sizes = [[len(row.encode()) + newline for row in topic.table.rows] for topic in topics]
    counts = share(sizes, ROOM - frame)
    return [replace(topic, shown=count) for topic, count in zip(topics, counts, strict=True)]


def _page_names(inputs: Inputs, snapshot: Snapshot) -> list[str]:
    headings = [section.heading for section in snapshot.sections]
    return pages.file_names(headings, inputs.pages_dir, paths(inputs))


def _with_date_of_page(
    page: _Readme, snapshot: Snapshot, topics: Sequence[readme.Topic]
) -> Snapshot:
    """Keeps the date that stands on the page, if it is all that would change.

    Without a data file, or with a lost one, nothing else tells when the content last changed.
    """
    shown = readme.last_update(page.document.content)
    if shown is None or page.render(shown, topics) != page.document.text.encode():
        return snapshot
    return replace(snapshot, updated=shown)


def make_plan(inputs: Inputs, state: State, draft: Draft, digest: Digest) -> Plan:
    """Plans how the repository becomes what `draft` says.

    Args:
        inputs: the commit's message, and the name of the region.
        state: the repository, with the files of `paths`, and with what `draft.expected` is about.
        draft: the files as they should be.
        digest: what is new, for the commit's message.

    Returns:
        The plan; it has no changes where every file is as it should be.

    Raises:
        PathError: a file that is not ours stands where one of ours is to be.
    """
    return Plan(
        head=state.head,
        changes=(*_written(inputs, state, draft), *_removed(inputs, state, draft)),
        message=inputs.commit_message.format(
            date=draft.snapshot.updated.isoformat(),
            new=len(digest.new_ids),
            topics=", ".join(topic.heading for topic in inputs.keywords),
        ),
    )


def _written(inputs: Inputs, state: State, draft: Draft) -> Iterator[Change]:
    """Gives a change for each file that is not as it should be."""
    for path, data in draft.files.items():
        if path in state.files:
            before = state.files[path]
            if before == data:
                continue
            is_ours = path in paths(inputs) or before is None or is_signed(before, inputs.marker)
            if not is_ours:
                raise PathError(
                    f"{path} is in the way: Daily Papers did not write it",
                    f"Move it, or change the input {draft.asked_by[path]}, which leads there.",
                )
            sha = None if before is None else blob_sha(before)
            yield Change(path=path, before=before, before_sha=sha, after=data)
        elif path in state.shas:
            if state.shas[path] is None:
                yield Change(path=path, before=None, before_sha=None, after=data)
        elif draft.vouched[path] != draft.snapshot.files[path]:
            yield Change(path=path, before=None, before_sha=draft.vouched[path], after=data)


def _removed(inputs: Inputs, state: State, draft: Draft) -> Iterator[Change]:
    """Gives a change for each file that is no longer wanted, if it is there and ours."""
    for path in draft.gone:
        before, sha = state.files.get(path), state.shas.get(path)
        if sha is not None and (before is None or is_signed(before, inputs.marker)):
            yield Change(path=path, before=before, before_sha=sha, after=None)
