"""Measures how each stage of a run grows with the number of topics, and with the papers of each.

Each size is measured in a separate process: `python -m bench.growth TOPICS PAPERS` makes that many
papers and prints what each of `STAGES` took. Time is processor time, so that other processes do not
count. The memory of a stage is its peak minus what was in use before it (`VmHWM`, which Linux lets
a process reset).
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, median
from time import process_time
from typing import Any

from bench.feeds import papers as make_papers
from bench.report import megabytes, milliseconds, table, verdict
from daily_papers.answers import Answer, Reply
from daily_papers.inputs import Inputs, read_inputs
from daily_papers.memory import datafile
from daily_papers.memory.datafile import Memory
from daily_papers.memory.merge import merge
from daily_papers.memory.snapshot import Snapshot
from daily_papers.options import Layout
from daily_papers.papers import Paper, SortBy
from daily_papers.publish import splice
from daily_papers.publish.draft import Draft, make_draft, paths
from daily_papers.publish.plan import make_plan
from daily_papers.publish.repository import Plan, State
from daily_papers.views import feeds, fit, site
from daily_papers.views.rows import Look, Rows

ALONG_TOPICS = ((10, 100), (100, 100), (1000, 100))
ALONG_PAPERS = ((10, 100), (10, 1000), (10, 10_000))
README_BYTES = (100_000, 1_000_000, 10_000_000)
STEEPEST = 1.05
MOST_MEMORY = 700_000_000

NEW = 1
"""How many papers of each topic are new, compared with the previous snapshot."""

ENOUGH = 20_000
"""Small sizes are repeated until they have processed this many papers."""

CACHES = 100_000_000
"""A number of bytes larger than any cache."""

MARKER = "daily-papers"
TODAY = date(2025, 10, 3)
README = f"# Ours\n\n<!-- {MARKER}:start -->\n<!-- {MARKER}:end -->\n"


@dataclass(slots=True, kw_only=True)
class Scene:
    """What the stages begin with, and what each has made for later ones."""

    inputs: Inputs
    data_file: bytes
    """Of the day before."""
    new: Mapping[str, Sequence[Paper]]
    """What has come since then, by heading, newest first."""
    made: dict[str, Any] = field(default_factory=dict)


# --- The stages -----------------------------------------------------------------------------------


def _decode(scene: Scene) -> Memory:
    return datafile.decode(scene.data_file, MARKER, SortBy.UPDATED, today=TODAY)


def _merge(scene: Scene) -> Snapshot:
    old: Snapshot = scene.made["decode"].snapshot
    replies: dict[str, Reply] = {
        section.heading: Answer(
            papers=(*scene.new[section.heading], *section.papers), total=2 * len(section.papers)
        )
        for section in old.sections
    }
    merged, _ = merge(old, scene.inputs.topics, replies, today=TODAY, sort_by=SortBy.UPDATED)
    return merged


def _tables(scene: Scene) -> list[list[int]]:
    """Makes all tables, and keeps only the sizes of their rows: the draft makes its own tables."""
    look = Look(layout=Layout.TABLE, columns=scene.inputs.columns, sort_by=SortBy.UPDATED)
    return [
        [
            len(row)
            for row in Rows(look=look, papers=section.papers).first(len(section.papers), 10**9)
        ]
        for section in scene.made["merge"].sections
    ]


def _budget(scene: Scene) -> list[int]:
    return fit.share(scene.made["tables"], fit.MAX_BYTES)


def _encode(scene: Scene) -> int:
    """Makes the data file, and keeps only its size: the draft makes its own file."""
    return len(datafile.encode(Memory(snapshot=scene.made["merge"]), MARKER))


def _feed(scene: Scene) -> dict[str, bytes]:
    return feeds.render(scene.made["merge"], feeds.Outlet(path="feed.xml", marker=MARKER))


def _site(scene: Scene) -> dict[str, bytes]:
    return site.render(scene.made["merge"], marker=MARKER)


def _draft(scene: Scene) -> Draft:
    page = splice.read_document(README.encode(), path="README.md", marker=MARKER)
    return make_draft(
        scene.inputs, page, Memory(snapshot=scene.made["merge"]), merged=None, home=None
    )


def _plan(scene: Scene) -> Plan:
    draft: Draft = scene.made["draft"]
    known = dict.fromkeys(paths(scene.inputs))
    state = State(head="", files=known, shas=dict.fromkeys(draft.files))
    return make_plan(draft, state, marker=MARKER, message="")


RUN: Mapping[str, Callable[[Scene], object]] = {
    "decode": _decode,
    "merge": _merge,
    "draft": _draft,
    "plan": _plan,
}
"""The stages of a run, in order. Each can use what earlier ones made, by their names."""

PARTS: Mapping[str, Callable[[Scene], object]] = {
    "tables": _tables,
    "byte budget": _budget,
    "feed": _feed,
    "site": _site,
    "encode": _encode,
}
"""The parts of the draft, which are measured separately."""

STAGES: Mapping[str, Callable[[Scene], object]] = {**RUN, **PARTS}


# --- One size, in a process of its own ------------------------------------------------------------


def main(topics: int, papers: int) -> None:
    """Measures one size, and prints it."""
    # Made elsewhere, so that none of its memory is left here.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        scene = elsewhere.submit(make_scene, topics, papers).result()
    rounds = max(1, ENOUGH // (topics * papers))
    stages: dict[str, tuple[float, int]] = {}
    highest = 0
    for name, stage in STAGES.items():
        _empty_caches()
        before = _status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        seconds, scene.made[name] = _timed(stage, scene)
        peak = _status("VmHWM")
        if name in RUN:
            highest = max(highest, peak)
        times = [seconds]
        for _ in range(rounds - 1):
            _empty_caches()
            times.append(_timed(stage, scene)[0])
        stages[name] = (median(times), max(0, peak - before))
    sys.stdout.write(json.dumps({"stages": stages, "peak": highest}))


def _timed(stage: Callable[[Scene], object], scene: Scene) -> tuple[float, object]:
    begun = process_time()
    made = stage(scene)
    return process_time() - begun, made


def _empty_caches() -> None:
    """Fills the processor's caches with other data, as the stages of a run do to each other.

    Otherwise a small size would stay in the caches from round to round, and a large one would not.
    """
    bytearray(b"x" * CACHES).count(b"y")


def _status(name: str) -> int:
    """Returns a quantity of memory of this process, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(rf"{name}:\s*(\d+) kB", status)[0]) * 1024


def make_scene(topics: int, papers: int) -> Scene:
    """Makes `topics` topics with `papers` papers each, the newest of which are not known yet."""
    headings = [f"Graphs of Kind {number}" for number in range(topics)]
    inputs = read_inputs(
        [],
        {
            "INPUT_KEYWORDS": "\n".join(headings),
            "INPUT_PUBLISH": "local",
            "INPUT_FEED": "papers.xml",
            "INPUT_SITE": "docs",
            "INPUT_TRENDS": "true",
        },
    )
    made = make_papers(topics * (papers + NEW))
    new = {heading: made[number::topics][:NEW] for number, heading in enumerate(headings)}
    before: dict[str, Reply] = {
        heading: Answer(papers=tuple(made[number::topics][NEW:]), total=2 * papers)
        for number, heading in enumerate(headings)
    }
    yesterday, _ = merge(
        None, inputs.topics, before, today=TODAY - timedelta(days=1), sort_by=SortBy.UPDATED
    )
    data_file = datafile.encode(Memory(snapshot=yesterday), MARKER)
    return Scene(inputs=inputs, data_file=data_file, new=new)


# --- The report -----------------------------------------------------------------------------------


def measure() -> str:
    """Returns the part of the report."""
    sizes = dict.fromkeys((*ALONG_TOPICS, *ALONG_PAPERS))
    taken = {size: _measured(*size) for size in sizes}
    peak = max(one["peak"] for one in taken.values())
    splices = {size: _splice(size) for size in README_BYTES}
    steepest = exponent(splices.items())
    parts = ["## Growth\n\n"]
    for title, along in (
        ("More topics, of 100 papers each", ALONG_TOPICS),
        ("More papers, in 10 topics", ALONG_PAPERS),
    ):
        rows = []
        for stage in STAGES:
            seconds = [taken[size]["stages"][stage][0] for size in along]
            memory = taken[along[-1]]["stages"][stage][1]
            power = exponent(
                (topics * papers, one) for (topics, papers), one in zip(along, seconds, strict=True)
            )
            steepest = max(steepest, power)
            label = f"in it: {stage}" if stage in PARTS else stage
            rows.append((label, *map(milliseconds, seconds), f"{power:.2f}", megabytes(memory)))
        names = [f"{topics:,} × {papers:,}" for topics, papers in along]
        parts.append(f"{title}:\n\n{table(('', *names, 'exponent', 'memory'), rows)}\n")
    rows = [("", *map(milliseconds, splices.values()), f"{exponent(splices.items()):.2f}")]
    parts.append(
        "Finding the region in a README of so many bytes:\n\n"
        f"{table(('', *(f'{size:,}' for size in splices), 'exponent'), rows)}\n"
        f"Goals: an exponent of at most {STEEPEST}: the steepest is {steepest:.2f}, "
        f"{verdict(met=steepest <= STEEPEST)}. 100,000 papers in at most "
        f"{megabytes(MOST_MEMORY)}: {megabytes(peak)}, for a run with README, pages, data file, "
        f"feed and site, {verdict(met=peak <= MOST_MEMORY)}.\n"
    )
    return "".join(parts)


def _measured(topics: int, papers: int) -> Any:
    command = [sys.executable, "-m", "bench.growth", str(topics), str(papers)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def _splice(size: int) -> float:
    """Returns the seconds that the region takes to find in the text of our README, repeated."""
    text = Path(__file__).parent.with_name("README.md").read_text(encoding="utf-8")
    data = (text.replace("<!--", "<!-- no") * (size // len(text) + 1) + README).encode()
    times = []
    for _ in range(max(1, README_BYTES[-1] // size // 10)):
        begun = process_time()
        splice.read_document(data, path="README.md", marker=MARKER)
        times.append(process_time() - begun)
    return median(times)


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """Returns the power of the size with which the seconds grow, by least squares."""
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points]
    x_mean, y_mean = (fmean(values) for values in zip(*logs, strict=True))
    covariance = sum((x - x_mean) * (y - y_mean) for x, y in logs)
    return covariance / sum((x - x_mean) ** 2 for x, _ in logs)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
