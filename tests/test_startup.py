"""What a run imports: a container starts every day, and whoever waits for it waits for that."""

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
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
sys.exit(code)
"""


def test_a_local_run_imports_no_package_that_it_does_not_use(tmp_path: Path) -> None:
    with ArxivStandIn([entry(1, title="Graph Neural Networks")]) as arxiv:
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={
                "PATH": os.environ["PATH"],
                "GITHUB_WORKSPACE": str(tmp_path),
                "INPUT_KEYWORDS": 'Graphs: ti:"Neural"',
                "INPUT_PUBLISH": "local",
                "INPUT_ARXIV-URL": arxiv.url,
                "INPUT_ANNOUNCEMENTS-URL": arxiv.announcements_url,
            },
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    owners = packages_distributions()
    imported = {owner for name in run.stdout.split() for owner in owners.get(name, ())}
    assert imported == {
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
