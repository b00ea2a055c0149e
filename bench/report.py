"""Writes the results of benchmarks: tables, and the file that contains them."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from daily_papers.publish.splice import read_document

RESULTS = Path(__file__).with_name("RESULTS.md")
PACKAGES = ("lxml", "markdown-it-py", "requests", "PyGithub", "feedparser", "arxiv")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Returns a Markdown table; all columns except the first are aligned right."""
    rules = ["---", *("---:" for _ in header[1:])]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in (header, rules, *rows))


def milliseconds(seconds: float) -> str:
    """Returns a time as people read it."""
    return f"{seconds * 1000:,.1f} ms" if seconds < 0.1 else f"{seconds * 1000:,.0f} ms"


def kilobytes(count: float) -> str:
    """Returns a number of bytes as people read it."""
    return f"{count / 1e3:,.0f} kB"


def megabytes(count: float) -> str:
    """Returns a number of bytes as people read it."""
    return f"{count / 1e6:,.1f} MB"


def verdict(*, met: bool) -> str:
    """Returns whether a goal is met."""
    return "met" if met else "**missed**"


def machine() -> str:
    """Returns where and when something was measured."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} processors ({cpu}), "
        f"{platform.system()} {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}, {versions}.\n"
    )


def write(content: str, *, marker: str = "bench") -> None:
    """Puts `content` between two markers of the results file, by our own splice."""
    page = read_document(RESULTS.read_bytes(), path=RESULTS.name, marker=marker)
    RESULTS.write_bytes(page.with_content(f"\n{content}\n".encode()))
