"""All files as they should be, before anybody has looked at what is in their place.

Here all views meet: a new kind of file is made by a view, and gets its path here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from daily_papers.errors import PathError
from daily_papers.home import Home
from daily_papers.inputs import Inputs
from daily_papers.interests.match import Matches
from daily_papers.memory import datafile
from daily_papers.memory.archive import Archive
from daily_papers.memory.datafile import Memory
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.memory.summaries import Summary
from daily_papers.options import Notify, Publish
from daily_papers.publish import splice
from daily_papers.publish.addresses import feed_url
from daily_papers.publish.layout import Frame, Wish, lay_out
from daily_papers.publish.repository import State, blob_sha
from daily_papers.publish.splice import Document
from daily_papers.views import archive_pages, charts, pages, readme
from daily_papers.views.picks import make_picks
from daily_papers.views.readme import Links
from daily_papers.views.rows import Look

__all__ = ["Draft", "document", "make_draft", "paths"]

ISSUES: Final = "Issues"
"""What GitHub calls them in its menu *Watch*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All files as they should be."""

    memory: Memory
    """What they show, and what is remembered of them."""
    summaries: Mapping[str, Summary]
    """What they show of a model's words, by id; nothing where none are wanted any more."""
    files: Mapping[str, bytes]
    """By path, the README first."""
    data_file: str | None
    """The path of the data file; `None` where none is kept."""
    asked_by: Mapping[str, str]
    """The input that asks for each file, by path."""
    vouched: Mapping[str, str]
    """The generated files of the branch with git's names of their content, as its data file has
    them."""

    @property
    def gone(self) -> tuple[str, ...]:
        """The files of earlier runs that are no longer wanted."""
        kept = self.files.keys() | self.memory.files.keys()
        return tuple(path for path in self.vouched if path not in kept)

    def differs_from(self, state: State) -> bool:
        """Whether there is anything to do, judged by the files that were read or vouched for."""
        generated = self.memory.files
        return self.vouched != generated or any(
            state.files[path] != data for path, data in self.files.items() if path not in generated
        )

    def expected(self, state: State) -> dict[str, str | None]:
        """Returns git's name of the content that is expected at each path, before the change.

        If the repository has other content, only a signature makes the file ours. The content of a
        file that is to be removed is always checked, unless it is one of our own assets: a pull
        request could make the data file name any file.
        """
        shas: dict[str, str | None] = {
            path: None if (data := state.files.get(path)) is None else blob_sha(data)
            for path in self.files
            if path not in self.memory.files
        }
        shas |= {
            path: self.vouched.get(path, sha)
            for path, sha in self.memory.files.items()
            if path in self.files
        }
        if not self.gone:
            return shas
        from daily_papers.publish.web import unsigned_assets  # noqa: PLC0415 - for few runs

        assets = unsigned_assets()
        gone = {path: self.vouched[path] for path in self.gone}
        return shas | {path: sha if sha in assets else "" for path, sha in gone.items()}


def paths(inputs: Inputs) -> tuple[str, ...]:
    """Returns the paths of the files that a plan always reads."""
    return (inputs.readme,) if inputs.data_file is None else (inputs.readme, inputs.data_file)


def document(inputs: Inputs, state: State) -> Document:
    """Returns the README with its region: that of `state`, or a new one.

    Raises:
        SpliceError: the region cannot be found without doubt.
    """
    data = state.files[inputs.readme]
    if data is None:
        start, end = splice.marker_lines(inputs.marker)
        data = readme.new_document(start, end, watch=_watch(inputs), title=inputs.title).encode()
    return splice.read_document(data, path=inputs.readme, marker=inputs.marker)


def _watch(inputs: Inputs) -> str:
    """Returns what to watch on GitHub to be told of new papers; empty if nobody is told."""
    if inputs.publish is Publish.PULL_REQUEST:
        return "Pull requests"
    is_told = inputs.publish is not Publish.LOCAL and inputs.data_file is not None
    return ISSUES if is_told and inputs.notify is Notify.ISSUE else ""


def make_draft(
    inputs: Inputs,
    document: Document,
    known: Memory,
    *,
    merged: Memory | None,
    home: Home | None,
    matches: Matches | None = None,
    words: Mapping[str, bytes] = MappingProxyType({}),
) -> Draft:
    """Makes all files that show what is known.

    Args:
        inputs: what the user wants to see, and where.
        document: the README as it is.
        known: what there is to show and to remember; nothing of the files yet.
        merged: what the branch's data file remembers, if there is one.
        home: where the files can be seen on the web, if anywhere.
        matches: how well papers match what the reader likes; `None` where nothing is liked.
        words: the files of the archive's word index that change, by name.

    Raises:
        PathError: two inputs lead to the same file.
    """
    vouched = merged.files if merged else {}
    snapshot, archive = known.snapshot, known.archive
    drawn = _charts(inputs, snapshot)

    def chart(section: Section, updated: date) -> str:
        path = drawn.get(section.heading)
        return charts.markdown(section.weeks(updated), path, inputs.readme) if path else ""

    summaries = known.summaries if inputs.summaries else {}
    wish = _wish(inputs, summaries)
    picks = make_picks(wish.look, snapshot, matches, summaries) if matches else None
    laid_out = lay_out(
        wish,
        Frame(document=document, links=_links(inputs, home), picks=picks, chart=chart),
        snapshot,
        existing=vouched,
        roomy_since=merged.roomy_since if merged else None,
    )
    snapshot = replace(snapshot, updated=laid_out.updated)
    views = {"pages-dir": laid_out.pages}
    for section in snapshot.sections:
        if path := drawn.get(section.heading):
            weeks = section.weeks(snapshot.updated)
            views["pages-dir"] |= charts.files(weeks, path, inputs.marker)
    if inputs.feed or inputs.site is not None:
        from daily_papers.publish import web  # noqa: PLC0415 - other runs do not pay for it

        views |= web.render(
            inputs,
            replace(known, snapshot=snapshot, archive=_continued(inputs, known.archive, snapshot)),
            summaries=summaries,
            matches=matches,
            words=words,
            has_digests=_watch(inputs) == ISSUES,
            home=home,
        )
    if inputs.archive is not None:
        views["archive"] = archive_pages.render(
            _continued(inputs, known.archive, snapshot),
            snapshot,
            folder=inputs.archive,
            readme=inputs.readme,
            marker=inputs.marker,
        )
    generated, asked_by = _together(inputs, views)
    memory = replace(
        known,
        snapshot=snapshot,
        files={path: blob_sha(data) for path, data in generated.items()}
        | _months(archive, vouched, asked_by),
        roomy_since=laid_out.roomy_since,
    )
    files = {inputs.readme: laid_out.readme, **generated}
    if inputs.data_file is not None:
        files[inputs.data_file] = datafile.encode(memory, inputs.marker)
    return Draft(
        memory=memory,
        summaries=summaries,
        files=files,
        data_file=inputs.data_file,
        asked_by=asked_by,
        vouched=vouched,
    )


def _charts(inputs: Inputs, snapshot: Snapshot) -> dict[str, str]:
    """Returns the path of each topic's chart, by heading; nothing where charts are not wanted."""
    if not inputs.trends:
        return {}
    headings = [section.heading for section in snapshot.sections]
    names = pages.file_names(headings, inputs.pages_dir, _taken(inputs))
    return dict(zip(headings, map(charts.path_of, names), strict=True))


def _wish(inputs: Inputs, summaries: Mapping[str, Summary]) -> Wish:
    """Returns how the user wants the pages of Markdown."""
    return Wish(
        look=Look(layout=inputs.layout, columns=inputs.columns, sort_by=inputs.sort_by),
        pages=inputs.pages,
        folder=inputs.pages_dir,
        readme=inputs.readme,
        marker=inputs.marker,
        taken=_taken(inputs),
        summaries=summaries,
    )


def _links(inputs: Inputs, home: Home | None) -> Links:
    """Returns where else the papers can be read, as links in the README."""
    site = home.site_url(inputs.site) if home and inputs.site else ""
    index = _archive_index(inputs)
    archive = pages.relative_link(index, inputs.readme) if index else ""
    return Links(site=site, feed=feed_url(inputs, home), archive=archive)


def _archive_index(inputs: Inputs) -> str:
    """Returns the path of the page that leads to the archive's pages; empty without them."""
    return f"{inputs.archive}/{archive_pages.INDEX}" if inputs.archive else ""


def _taken(inputs: Inputs) -> tuple[str, ...]:
    """Returns the paths that no topic's page may have, in any case."""
    return (*paths(inputs), *filter(None, [_archive_index(inputs)]))


def _months(
    archive: Archive | None, vouched: Mapping[str, str], asked_by: Mapping[str, str]
) -> dict[str, str]:
    """Returns the files of months that are over: they stay as they are, wherever they are.

    Raises:
        PathError: another input leads to one of them.
    """
    if archive is None:
        return {}
    names = {*archive.months, *(volume.name for volume in archive.volumes)}
    kept = {path: sha for path, sha in vouched.items() if _month_of(path, archive) in names}
    ours = "archive" if archive.is_markdown else "site"
    for path in kept:
        if asked_by.get(path, ours) != ours:
            raise _clash(path, asked_by[path], ours)
    return {path: sha for path, sha in kept.items() if path not in asked_by}


def _month_of(path: str, archive: Archive) -> str:
    """Returns the month of a file of the archive; a name that no month has for any other file."""
    name = PurePosixPath(path).name
    return archive_pages.month_of(name) if archive.is_markdown else name.removesuffix(".json")


def _continued(inputs: Inputs, archive: Archive | None, snapshot: Snapshot) -> Archive:
    """Returns the archive without the month that goes on among those that are over.

    Without a data file only the index tells of the months, and it has this one as well.
    """
    archive = archive or Archive()
    if inputs.data_file is not None:
        return archive
    this = f"{snapshot.updated:%Y-%m}"
    over = {name: month for name, month in archive.months.items() if name != this}
    return replace(archive, months=over)


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
        f"the inputs {first} and {second} both lead to {path}",
        "Use another path for one of them.",
    )
