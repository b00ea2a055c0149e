"""What many tests need: papers made to order, a clock that never waits, one run of the program."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from daily_papers import cli
from daily_papers.arxiv.client import Timeouts
from daily_papers.memory.archive import Archive
from daily_papers.papers import Paper
from daily_papers.views import wordindex
from tests.standins.entry import Author, Entry

NOW = datetime(2025, 10, 3, 6, 0, tzinfo=UTC)


@dataclass
class FakeClock:
    """Time that passes only where somebody sleeps."""

    moment: datetime = NOW
    seconds: float = 1000.0
    sleeps: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.seconds += seconds
        self.moment += timedelta(seconds=seconds)


@dataclass
class StopwatchClock(FakeClock):
    """Time that also passes while the other side is silent; sleeping costs none."""

    started: float = field(default_factory=time.monotonic)

    def monotonic(self) -> float:
        return self.seconds + time.monotonic() - self.started


def paper(arxiv_id: str = "2509.00001", version: int = 1, **changes: Any) -> Paper:
    """Makes a paper; what a test does not name is unremarkable."""
    fields: dict[str, Any] = {
        "arxiv_id": arxiv_id,
        "version": version,
        "title": "A Study of Graphs",
        "authors": ("Ada Example", "Bob Example"),
        "summary": "We study graphs.",
        "comment": "12 pages",
        "journal_ref": None,
        "doi": None,
        "primary_category": "cs.LG",
        "categories": ("cs.LG", "stat.ML"),
        "published": datetime(2025, 9, 1, 12, 0, tzinfo=UTC),
        "updated": datetime(2025, 9, 1, 12, 0, tzinfo=UTC) + timedelta(days=version - 1),
    }
    return Paper(**{**fields, **changes})


@dataclass(frozen=True)
class Result:
    """What one run of the program left."""

    exit_code: int
    log: str
    outputs: dict[str, str]
    summary: str


def run_main(
    folder: Path,
    flags: dict[str, str] | None = None,
    environ: dict[str, str] | None = None,
    clock: FakeClock | None = None,
    timeouts: Timeouts | None = None,
) -> Result:
    """Runs the program as the runner would, with its files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"GITHUB_OUTPUT": folder / "output", "GITHUB_STEP_SUMMARY": folder / "summary"}
    for file in files.values():
        file.write_text("")
    log = io.StringIO()
    exit_code = cli.main(
        [part for name, value in (flags or {}).items() for part in (f"--{name}", value)],
        {
            "PATH": os.environ["PATH"],
            "GITHUB_ACTIONS": "true",
            **{name: str(file) for name, file in files.items()},
            **(environ or {}),
        },
        out=log,
        log=log,
        clock=clock or FakeClock(),
        timeouts=timeouts,
    )
    return Result(
        exit_code=exit_code,
        log=log.getvalue(),
        outputs=_outputs(files["GITHUB_OUTPUT"].read_text()),
        summary=files["GITHUB_STEP_SUMMARY"].read_text(),
    )


def _outputs(text: str) -> dict[str, str]:
    """Reads the runner's file of outputs as the runner does."""
    outputs: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, _, delimiter = line.partition("<<")
        value = []
        while (part := next(lines)) != delimiter:
            value.append(part)
        outputs[name] = "\n".join(value)
    return outputs


def entry(number: int, **changes: Any) -> Entry:
    """Makes a paper for the arXiv stand-in; the higher its number, the newer it is."""
    moment = datetime(2025, 9, 1, 12, 0, tzinfo=UTC) + timedelta(minutes=number)
    fields: dict[str, Any] = {
        "arxiv_id": f"2509.{number:05}",
        "title": f"Graph Neural Networks, Part {number}",
        "summary": f"We go on with part {number}.",
        "authors": (Author(name="Ada Example"),),
        "comment": f"{number} pages",
        "primary_category": "cs.LG",
        "categories": ("cs.LG",),
        "published": moment,
        "updated": moment,
    }
    return Entry(**{**fields, **changes})


@dataclass(frozen=True)
class Shown:
    """What a page shows of one topic."""

    state: str
    """The line that says what state the papers are in; usually none."""
    papers: tuple[str, ...]
    """Ids with their versions, from the newest row to the oldest."""


def shown(page: str) -> dict[str, Shown]:
    """Reads a page as its readers see it: by heading, each topic's state and papers."""
    topics = {}
    for section in re.split(r"(?m)^##+ ", page)[1:]:
        heading, *lines = section.splitlines()
        states = [line for line in lines if re.fullmatch(r"\*[^*].*\*", line)]
        rows = (re.search(r"https://arxiv\.org/abs/([^)>\s]+)", line) for line in lines)
        topics[heading] = Shown(
            state="".join(states).strip("*"),
            papers=tuple(
                row[1] for row, line in zip(rows, lines, strict=True) if row and line[0] == "|"
            ),
        )
    return topics


@dataclass(frozen=True)
class Told:
    """What the body of a digest issue tells."""

    key: str
    """The hidden one."""
    new: dict[str, tuple[str, ...]]
    """Ids without versions, by heading, in the order of the rows."""
    revised: dict[str, tuple[str, ...]]
    more: int
    """How many new papers it counts and does not list."""

    @property
    def ids(self) -> set[str]:
        """The new papers, whatever the topics."""
        return {arxiv_id for ids in self.new.values() for arxiv_id in ids}


@cache
def told(body: str) -> Told:
    """Reads a digest issue as its readers see it."""
    rest, _, last_line = body.rpartition("\n")
    new: dict[str, tuple[str, ...]] = {}
    revised: dict[str, tuple[str, ...]] = {}
    for section in re.split(r"(?m)^## ", rest)[1:]:
        heading, _, text = section.partition("\n")
        before, fold, after = text.partition("<details>")
        folded, _, more = after.partition("</details>") if fold else ("", "", "")
        for found, part in ((new, before + more), (revised, folded)):
            ids = re.findall(r"(?m)^- .*?https://arxiv\.org/abs/(.+?)v\d+\)", part)
            found.update({heading: tuple(ids)} if ids else {})
    return Told(
        key=last_line.removeprefix("<!-- ").removesuffix(" -->"),
        new=new,
        revised=revised,
        more=sum(map(int, re.findall(r"(?m)^\*and (\d+) more\*", rest))),
    )


def published_files(workspace: Path) -> dict[str, bytes]:
    """Returns all files of a workspace except those for later steps of the job."""
    return {
        path.relative_to(workspace).as_posix(): path.read_bytes()
        for path in workspace.rglob("*")
        if path.is_file() and cli.OUTPUT_FOLDER not in path.parts
    }


def with_words(
    before: Archive, after: Archive, files: Mapping[str, bytes]
) -> tuple[Archive, dict[str, bytes]]:
    """Returns an archive with its word index, and the files of it that change, as a run makes them.

    Args:
        before: the archive before the run.
        after: the archive after it.
        files: the page's folder before it.
    """
    if before.month in {"", after.month}:
        return after, {}
    volumes, words = wordindex.extended(
        after.volumes,
        files[after.volumes[-1].name] if after.volumes else None,
        {name: files[f"{name}.json"] for name in wordindex.missing(before)},
        marker="daily-papers",
    )
    return replace(after, volumes=volumes), words
