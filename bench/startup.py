"""Measures how long it takes until a run begins: importing, and the container's first request.

Importing is measured as the image does it: without what guesses encodings (see the Dockerfile).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from functools import partial
from itertools import count
from time import perf_counter

from bench.pairwise import Measured, in_turn
from bench.report import megabytes, milliseconds, table, verdict
from bench.run import PYTHON, child
from tests.runner import BASE_IMAGE

IMAGE = "daily-papers"
ROUNDS = 15
CONTAINER_ROUNDS = 10
MOST_ADDED = 0.35

BARE = "`python -c pass`"
LOCAL = "importing for a local run"
GITHUB = "importing for a run on GitHub"
SCRIPT = "`import requests, feedparser`, as the script"

_LOAD = "import sys; sys.modules['charset_normalizer'] = None; import daily_papers.__main__ as ours"

PROGRAMS = {
    BARE: "pass",
    LOCAL: f"{_LOAD}; ours.load()",
    GITHUB: f"{_LOAD}; ours.load(); import daily_papers.github.pull_request",
    SCRIPT: "import requests, feedparser",
}

MOST_IMPORTING = {LOCAL: 0.15, GITHUB: 0.21}
"""Seconds. The goals were set where a bare interpreter took `BARE_TOOK`, and hold as ratios too."""
BARE_TOOK = 0.0248

_names = (f"daily-papers-bench-{os.getpid()}-{number}" for number in count())


def measure() -> str:
    """Returns the part of the report."""
    return f"## Start-up\n\n{_imports()}\n{_container()}"


def _imports() -> str:
    works: dict[str, Callable[[], Measured]] = {
        name: partial(child, [*PYTHON, "-c", code], {"PATH": os.environ["PATH"]})
        for name, code in PROGRAMS.items()
    }
    rounds = in_turn(works, rounds=ROUNDS)
    rows = [
        (
            name,
            milliseconds(rounds.median(name)),
            rounds.ratio(name, BARE),
            megabytes(rounds.median(name, "bytes")),
        )
        for name in works
    ]
    goals = []
    for name, most in MOST_IMPORTING.items():
        found, times = rounds.median(name), rounds.ratio(name, BARE)
        goals.append(
            f"{name}: at most {milliseconds(most)}: {milliseconds(found)}, "
            f"{verdict(met=found <= most)}; at most {most / BARE_TOOK:.1f} times the bare "
            f"interpreter: {times}, {verdict(met=times.value <= most / BARE_TOOK)}."
        )
    shown = table(("", "wall", "times the bare interpreter", "peak memory"), rows)
    return f"{shown}\nGoals: {' '.join(goals)}\n"


def _container() -> str:
    """Measures from `docker run` to the first request, which is caught here."""
    if shutil.which("docker") is None:
        return "The container was not measured: there is no Docker engine.\n"
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        url = f"http://{host}:{port}/"
        connect = f"import _socket; _socket.socket().connect(('{host}', {port}))"
        common = {"INPUT_KEYWORDS": "Graphs", "INPUT_ARXIV-URL": url, "INPUT_GITHUB-TOKEN": "x"}
        github = {"GITHUB_REPOSITORY": "octo/papers", "GITHUB_API_URL": url.rstrip("/")}
        bare = ["--entrypoint=/usr/local/bin/python", BASE_IMAGE, "-c", connect]
        starts: dict[str, list[str]] = {
            "the base image, a bare interpreter that connects": bare,
            "ours, a local run": [*_flags({**common, "INPUT_PUBLISH": "local"}), IMAGE],
            "ours, a run on GitHub": [*_flags({**common, **github}), IMAGE],
        }
        works = {name: partial(_until_request, server, start) for name, start in starts.items()}
        rounds = in_turn(works, rounds=CONTAINER_ROUNDS)
    bare_name, *ours = works
    added = {name: rounds.median(name) - rounds.median(bare_name) for name in ours}
    rows = [
        (
            name,
            milliseconds(rounds.median(name)),
            rounds.ratio(name, bare_name),
            milliseconds(added[name]) if name in added else "",
        )
        for name in works
    ]
    goals = "; ".join(
        f"{name}: {milliseconds(seconds)}, {verdict(met=seconds <= MOST_ADDED)}"
        for name, seconds in added.items()
    )
    return (
        f"{table(('`docker run` to the first request', 'wall', 'times the base', 'added'), rows)}\n"
        f"Goal: at most {milliseconds(MOST_ADDED)} added. {goals}.\n"
    )


def _flags(environ: dict[str, str]) -> list[str]:
    return [f"--env={name}={value}" for name, value in environ.items()]


def _until_request(server: socket.socket, arguments: list[str]) -> Measured:
    """Starts a container, waits until it connects, and ends it."""
    name = next(_names)
    command = ["docker", "run", "--rm", "--network=host", f"--name={name}", *arguments]
    begun = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        connection, _ = server.accept()
        seconds = perf_counter() - begun
        subprocess.run(["docker", "kill", name], capture_output=True, check=False)
        connection.close()
        run.wait()
    return {"seconds": seconds}
