"""Measures a whole run, from the start of the process to the README: ours, and the script's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.canned import PAPERS_A_DAY, canned_arxiv
from bench.pairwise import Measured, in_turn
from bench.report import megabytes, milliseconds, table, verdict
from tests.standins.corpus import HEADINGS

ROUNDS = 15
PAPERS = 100

_FOLDER = Path(__file__).parent
PYTHON = [sys.executable, "-W", "ignore:Unable to find acceptable character detection dependency"]
"""Runs Python as the image does, which leaves out what guesses encodings."""
OURS = [*PYTHON, str(_FOLDER / "ours.py")]
SCRIPT = [sys.executable, str(_FOLDER / "script.py"), *HEADINGS]


def measure() -> str:
    """Returns the part of the report."""
    with TemporaryDirectory() as name, canned_arxiv() as today, canned_arxiv(1) as tomorrow:
        before = Path(name, "before")
        before.mkdir()
        child(OURS, environ(today, before))
        works: dict[str, Callable[[], Measured]] = {
            "ours": partial(_run, OURS, today, Path(name, "ours")),
            "script": partial(_run, SCRIPT, today, Path(name, "script")),
            "ours, the day after": partial(_run, OURS, tomorrow, Path(name, "after"), before),
        }
        rounds = in_turn(works, rounds=ROUNDS)
        for folder, pages in {"ours": "papers/*.md", "script": "README.md"}.items():
            found = Path(name, folder).glob(pages)
            rows = sum(page.read_text(encoding="utf-8").count("\n| **[") for page in found)
            assert rows == PAPERS * len(HEADINGS), (folder, rows)
    quantities = {"seconds": "wall", "cpu": "CPU", "bytes": "peak memory"}
    ratios = {name: rounds.ratio("ours", "script", name) for name in quantities}
    rows_of_table = [
        (
            label,
            *(_shown(rounds.median(name, quantity), quantity) for name in works),
            ratios[quantity],
        )
        for quantity, label in quantities.items()
    ]
    goals = " ".join(
        f"{label}: {ratios[name]}, {verdict(met=ratios[name].value <= 1)}."
        for name, label in quantities.items()
    )
    return (
        f"## The whole run: {len(HEADINGS)} topics of {PAPERS} papers\n\n"
        f"{table(('', *works, 'ours to script'), rows_of_table)}\n"
        "Both write all papers. The script's README is longer than GitHub shows; ours is not, and "
        "leads to a page for each topic, and a data file keeps what was found. On the day after, "
        f"{PAPERS_A_DAY} papers are new, and all files are there already.\n\n"
        f"Goals: not slower than the script, and less memory. {goals}\n"
    )


def environ(url: str, workspace: Path) -> dict[str, str]:
    """Returns the environment of a local run."""
    return {
        "PATH": os.environ["PATH"],
        "GITHUB_WORKSPACE": str(workspace),
        "INPUT_ARXIV-URL": url,
        "INPUT_KEYWORDS": "\n".join(HEADINGS),
        "INPUT_PUBLISH": "local",
    }


def child(command: list[str], environ: Mapping[str, str]) -> Measured:
    """Runs a command, and returns what it took."""
    launcher = [sys.executable, "-I", "-S", str(_FOLDER / "child.py")]
    done = subprocess.run([*launcher, *command], env=environ, stdout=subprocess.PIPE, check=True)
    measured: Measured = json.loads(done.stdout)
    return measured


def _run(command: list[str], url: str, workspace: Path, before: Path | None = None) -> Measured:
    """Measures one run in a workspace that is new, or as it was left before."""
    shutil.rmtree(workspace, ignore_errors=True)
    if before:
        shutil.copytree(before, workspace)
    else:
        workspace.mkdir()
    return child(command, environ(url, workspace))


def _shown(value: float, quantity: str) -> str:
    return megabytes(value) if quantity == "bytes" else milliseconds(value)
