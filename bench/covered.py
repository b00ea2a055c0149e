"""How much of the program the tests run: the totals of what `make coverage` has counted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import report

GOALS: Final = {"lines": 0.98, "branches": 0.95}


def measure() -> str:
    """Returns the part of the report."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "coverage.json")
        command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", str(path)]
        subprocess.run(command, check=True)
        totals = json.loads(path.read_bytes())["totals"]
    counts = {
        "lines": (totals["covered_lines"], totals["num_statements"]),
        "branches": (totals["covered_branches"], totals["num_branches"]),
    }
    rows = [
        (
            name,
            f"{covered:,} of {count:,}",
            f"{covered / count:.1%}",
            f"{GOALS[name]:.0%}: {report.verdict(met=covered / count >= GOALS[name])}",
        )
        for name, (covered, count) in counts.items()
    ]
    return (
        f"## Coverage of `daily_papers/`\n\n{report.table(('', 'run', 'share', 'goal'), rows)}\n"
        "[tests/README.md](../tests/README.md#what-no-test-runs) says why the others are not run.\n"
    )


if __name__ == "__main__":
    found = measure()
    sys.stdout.write(f"{found}\n")
    report.write(found, marker="coverage")
