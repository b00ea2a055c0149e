"""The image: what it adds to its base, by layer and by package."""

from __future__ import annotations

import json
import shutil
import subprocess

from bench.report import megabytes, table, verdict
from bench.startup import IMAGE
from tests.runner import BASE_IMAGE

MOST_BYTES = 36_000_000
SHOWN = 12

_BY_PACKAGE = """
import collections, importlib.metadata, json, pathlib
root = pathlib.Path("/daily-papers")
owners = {}
for package in importlib.metadata.distributions(path=[str(root)]):
    for file in package.files:
        owners[file.parts[0]] = package.name
sizes = collections.Counter()
for path in root.rglob("*"):
    if path.is_file():
        first = path.relative_to(root).parts[0]
        sizes[owners.get(first, "daily_papers")] += path.stat().st_size
print(json.dumps(sizes))
"""


def measure() -> str:
    """Returns the part of the report."""
    if shutil.which("docker") is None:
        return "## Image\n\nNot measured: there is no Docker engine.\n"
    layers = [
        (command, int(size))
        for command, size in (line.split("\t") for line in _history(IMAGE, "{{.CreatedBy}}\t"))
        if int(size)
    ]
    added = sum(size for _, size in layers) - sum(int(size) for size in _history(BASE_IMAGE))
    rows = [(f"`{_short(command)}`", megabytes(size)) for command, size in layers]
    packages: dict[str, int] = json.loads(
        _docker("run", "--rm", "--entrypoint=python", IMAGE, "-c", _BY_PACKAGE)
    )
    largest = sorted(packages.items(), key=lambda item: -item[1])
    others = sum(size for _, size in largest[SHOWN:])
    by_package = [
        *((name, megabytes(size)) for name, size in largest[:SHOWN]),
        (f"{len(largest) - SHOWN} others", megabytes(others)),
    ]
    return (
        f"## Image\n\n{table(('layer', 'uncompressed'), rows)}\n"
        f"{table(('package, with its bytecode', 'uncompressed'), by_package)}\n"
        f"Goal: at most {megabytes(MOST_BYTES)} over the base: {megabytes(added)}, "
        f"{verdict(met=added <= MOST_BYTES)}.\n"
    )


def _history(image: str, fields: str = "") -> list[str]:
    """Returns the layers, the newest first, each with its size at the end."""
    form = f"--format={fields}{{{{.Size}}}}"
    return _docker("history", "--human=false", form, image).splitlines()


def _short(command: str) -> str:
    return " ".join(command.split())[:60].replace("|", " ") or "the base"


def _docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout
