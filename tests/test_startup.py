"""What a run imports: a container starts every day, and each import delays it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.standins.arxiv import ArxivStandIn
from tests.support import entry

PROGRAM = """
import os, sys
before = set(sys.modules)
from daily_papers.cli import main
code = main([], os.environ, out=sys.stderr, log=sys.stderr)
print(*(set(sys.modules) - before))
sys.exit(code)
"""


def imported(folder: Path, **inputs: str) -> set[str]:
    """Returns the modules that a local run imports, with some more inputs."""
    with ArxivStandIn([entry(1, title="Graph Neural Networks")]) as arxiv:
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={
                "PATH": os.environ["PATH"],
                "GITHUB_WORKSPACE": str(folder),
                "INPUT_KEYWORDS": 'Graphs: ti:"Neural"',
                "INPUT_PUBLISH": "local",
                "INPUT_ARXIV-URL": arxiv.url,
                "INPUT_ANNOUNCEMENTS-URL": arxiv.announcements_url,
                **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
            },
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return set(run.stdout.split())


def test_a_local_run_imports_no_package_that_it_does_not_use(tmp_path: Path) -> None:
    modules = imported(tmp_path)
    owners = packages_distributions()
    names = {name.partition(".")[0] for name in modules}
    found = {owner for name in names for owner in owners.get(name, ())}
    # markdown-it-py imports it where it is; only mutmut brings it.
    assert found - {"linkify-it-py", "uc-micro-py"} == {
        "PyStemmer",  # to find in a common answer what belongs to a topic
        "certifi",  # by requests, as the next ones
        "charset-normalizer",
        "daily-papers",
        "lxml",
        "markdown-it-py",
        "idna",
        "mdurl",
        "requests",
        "urllib3",
    }


def test_without_interests_only_their_values_are_imported(tmp_path: Path) -> None:
    room = "daily_papers.interests."
    names = {name for name in imported(tmp_path) if name.startswith(room)}
    assert names == {room + name for name in ("liked", "likes", "lines", "match")}
    assert f"{room}ranking" not in imported(tmp_path / "ticks", interests="ticks")


def test_without_feed_and_web_page_nothing_that_makes_them_is_imported(tmp_path: Path) -> None:
    makers = {f"daily_papers.views.{name}" for name in ("atom", "bibtex", "card", "feeds", "site")}
    assert not imported(tmp_path) & makers
    assert imported(tmp_path / "web", feed="feeds/", site="docs") >= makers
