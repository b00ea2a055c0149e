"""Measures with `cProfile` where the time of a whole run goes."""

from __future__ import annotations

import os
import pstats
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.canned import canned_arxiv
from bench.report import table
from bench.run import OURS, environ

SHOWN = 12


def measure() -> str:
    """Returns the part of the report."""
    with TemporaryDirectory() as name, canned_arxiv() as url:
        workspace, profile = Path(name, "workspace"), Path(name, "profile")
        workspace.mkdir()
        for _ in range(2):  # The first time, arXiv has to find its answers.
            command = [*OURS[:-1], "-m", "cProfile", "-o", str(profile), OURS[-1]]
            subprocess.run(
                command, env=environ(url, workspace), stdout=subprocess.DEVNULL, check=True
            )
            for file in (workspace / "README.md", workspace / ".github" / "daily-papers.json"):
                file.unlink()
        stats = pstats.Stats(str(profile)).stats  # type: ignore[attr-defined]
    seconds = Counter[str]()
    for (file, _, function), (_, _, own, _, _) in stats.items():
        seconds[_place(file, function)] += own
    total = seconds.total()
    rows = [(place, f"{100 * own / total:.0f} %") for place, own in seconds.most_common(SHOWN)]
    return f"## Profile of a whole run\n\n{table(('place', 'share of its own time'), rows)}"


def _place(file: str, function: str) -> str:
    """Returns the package of a function, or the module if it is ours; built-in ones by name."""
    if file.startswith("<frozen importlib") or "marshal" in function or "nt.stat" in function:
        return "importing"
    if file.startswith(("~", "<")):
        return f"`{function.strip('<>')}`"
    parts = Path(file).with_suffix("").parts
    if "daily_papers" in parts:
        return "`" + ".".join(parts[len(parts) - parts[::-1].index("daily_papers") - 1 :]) + "`"
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return "the standard library"


if __name__ == "__main__":
    sys.stdout.write(measure() + os.linesep)
