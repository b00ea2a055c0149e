"""What holds for all tests.

- Properties: `--hypothesis-profile=thorough` tries more examples of each. In CI the examples are
  the same in every run, so that it says something about the change alone. There is no deadline:
  machines are noisy.
- No test connects to another machine.
- A test that needs what the machine lacks is skipped; the end of a run lists the reasons.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import pkgutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

import daily_papers
from tests.needs import missing

# Hypothesis also tries constants of the modules that are imported by then. Some are imported late,
# and which tests came before differs from run to run, as pytest-xdist shares them out.
for _module in pkgutil.walk_packages(daily_papers.__path__, "daily_papers."):
    importlib.import_module(_module.name)

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=5000)
# Of a mutant it is enough to know that a property fails, not the simplest example.
settings.register_profile(
    "mutants", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


def _stay_at_home(event: str, arguments: tuple[Any, ...]) -> None:
    """Lets nothing connect to another machine, or look one up."""
    if event == "socket.connect":
        host = arguments[1][0] if isinstance(arguments[1], tuple) else "a local socket"
        assert host in {"127.0.0.1", "::1", "a local socket"}, f"a test connects to {host}"


sys.addaudithook(_stay_at_home)


@pytest.fixture(autouse=True)
def _one_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Lets tests with containers wait for each other: some of the names would clash."""
    if not request.node.get_closest_marker("docker"):
        yield
        return
    # Above its own folder, a process of pytest-xdist shares one with the others.
    with Path(tmp_path_factory.getbasetemp().parent, "docker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test that needs what the machine lacks."""
    for marker in item.iter_markers():
        if reason := missing(marker.name):
            pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many tests were skipped for each reason, and how to have them run."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in reports)
    if not reasons:
        return
    terminalreporter.section("skipped")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count} skipped: {reason}")
    if any("DAILY_PAPERS_" in reason for reason in reasons):
        terminalreporter.line("tests/README.md says what these variables name.")
