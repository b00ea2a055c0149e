"""A plugin of pytest for the tests of mutants: the quickest test runs first.

Most mutants are killed by many tests, and a run ends at the first that fails.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

TIMES: Final = Path(os.environ["DAILY_PAPERS_TEST_TIMES"])
"""The file with the seconds that each test takes, by its name; the first run writes it."""

_known: Final[dict[str, float]] = json.loads(TIMES.read_text()) if TIMES.exists() else {}
_seconds: Final[defaultdict[str, float]] = defaultdict(float)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts the tests."""
    items.sort(key=lambda item: _known.get(item.nodeid, 0))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Adds up what a test, its setup and its teardown take."""
    _seconds[report.nodeid] += report.duration


def pytest_sessionfinish() -> None:
    """Writes the times of the first run."""
    if not _known:
        TIMES.write_text(json.dumps(_seconds))
