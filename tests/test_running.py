"""The command as people run it: in a directory of their own, on a terminal, into pipes, stopped."""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from daily_papers import __version__
from daily_papers.declaration import Group
from tests.runner import ROOT, command, tracked_files
from tests.standins import arxiv_faults as faults
from tests.standins.arxiv import ArxivStandIn
from tests.standins.server import Request, Response
from tests.support import entry, published_files

PATIENCE = 60
"""Seconds after which a run hangs. Most take one."""

PROGRAM = """
import signal

# Whatever started the tests may ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
from daily_papers.__main__ import console
"""

STOPPED_AT = """
import os, sys

sys.dont_write_bytecode = True  # That renames files, too.
event, left = sys.argv.pop(1), int(sys.argv.pop(1))


def hook(name, _):
    global left
    left -= name == event
    if name == event and not left:
        os.kill(os.getpid(), signal.SIGINT)


sys.addaudithook(hook)
"""
"""Presses Ctrl-C at the n-th event of a kind (https://docs.python.org/3/library/audit_events.html)."""

FLAGS = ("--keywords", "Graph Neural Networks")


@pytest.fixture
def arxiv() -> Iterator[ArxivStandIn]:
    with ArxivStandIn(entry(number) for number in range(1, 6)) as arxiv:
        yield arxiv


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """An empty directory."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def environment(arxiv: ArxivStandIn | None = None, home: Path = ROOT) -> dict[str, str]:
    """A shell's environment, in which arXiv is the stand-in."""
    asked = {
        "INPUT_ARXIV-URL": arxiv.url if arxiv else "",
        "INPUT_ANNOUNCEMENTS-URL": arxiv.announcements_url if arxiv else "",
    }
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(home), **asked}


def start(
    folder: Path,
    environ: Mapping[str, str],
    *arguments: str,
    code: str = PROGRAM + "console()",
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """Starts the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environ,
        stdout=stdout,
        stderr=stderr,
        text=True,
    )


def run(folder: Path, environ: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    """Runs the command to its end: its exit code, its output and its log."""
    process = start(folder, environ, *arguments)
    out, log = process.communicate(timeout=PATIENCE)
    return process.returncode, out, log


# A directory


def test_an_empty_directory_gets_a_page_within_seconds(arxiv: ArxivStandIn, here: Path) -> None:
    started = time.monotonic()
    code, out, log = run(here, environment(arxiv), "--publish", "local", *FLAGS)
    assert time.monotonic() - started < PATIENCE, "usually one, on a quiet machine"
    assert (code, out) == (0, ""), log
    assert "## Graph Neural Networks" in (here / "README.md").read_text(encoding="utf-8")
    assert set(published_files(here)) == {"README.md", ".github/daily-papers.json"}
    assert log.splitlines()[-1] == "Wrote README.md (new) and 1 other file."


def test_a_plan_is_shown_apart_from_the_log(arxiv: ArxivStandIn, here: Path) -> None:
    code, out, log = run(here, environment(arxiv), "--publish", "plan", *FLAGS)
    assert code == 0, log
    assert "\n+## Graph Neural Networks\n" in out
    assert "Asking arXiv" in log
    assert "Asking arXiv" not in out
    assert "\n+" not in log
    assert list(here.iterdir()) == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the package is installed from a clone."""
    folder = tmp_path_factory.mktemp("clone")
    for path in tracked_files():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "wheel")
    command(*pip, "--no-deps", "--no-build-isolation", "--wheel-dir=dist", ".", cwd=folder)
    (wheel,) = (folder / "dist").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_an_installed_package_has_all_its_files(installed: Path) -> None:
    ours = {path for path in tracked_files() if path.startswith("daily_papers/")}
    assert ours - {"daily_papers/py.typed"} <= {
        path.relative_to(installed).as_posix() for path in installed.rglob("*")
    }


def test_an_installed_package_runs_anywhere(
    arxiv: ArxivStandIn, here: Path, installed: Path
) -> None:
    options = ("--publish", "local", "--site", "docs", "--feed", "feed.xml", "--trends", "true")
    code, _, log = run(here, environment(arxiv, installed), *options, *FLAGS)
    assert code == 0, log
    assert {"README.md", "feed.xml", "docs/index.html"} <= set(published_files(here))


# The README


def shown_commands() -> list[str]:
    """The runs of the command that the README shows for a shell."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = "\n".join(re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    return re.findall(r"^\$ (.*daily-papers --.*)$", lines.replace("\\\n", ""), re.MULTILINE)


def test_the_readme_shows_runs_in_a_clone_and_without_one() -> None:
    assert [line.split()[0] for line in shown_commands()] == [
        "../daily-papers/.venv/bin/daily-papers",
        "uvx",
    ]


@pytest.mark.parametrize("line", shown_commands())
def test_what_the_readme_shows_works_in_an_empty_directory(
    line: str, arxiv: ArxivStandIn, here: Path
) -> None:
    flags = shlex.split(line.rpartition("daily-papers --publish")[2])
    code, _, log = run(here, environment(arxiv), "--publish", *flags)
    assert code == 0, log
    assert (here / "README.md").exists()


# Pipes


def closed_pipe() -> int:
    """A pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("--publish", "plan", *FLAGS)], ids=" ".join
)
def test_a_reader_may_have_had_enough(
    arxiv: ArxivStandIn, here: Path, arguments: Sequence[str]
) -> None:
    pipe = closed_pipe()
    process = start(here, environment(arxiv), *arguments, stdout=pipe)
    os.close(pipe)
    _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, log
    assert "Error" not in log


def test_work_goes_on_where_nobody_reads_the_log(arxiv: ArxivStandIn, here: Path) -> None:
    pipe = closed_pipe()
    arguments = ("--publish", "local", *FLAGS)
    process = start(here, environment(arxiv), *arguments, stdout=pipe, stderr=pipe)
    os.close(pipe)
    assert process.wait(PATIENCE) == 0
    assert (here / "README.md").exists()


# Ctrl-C


def told_of_stop(log: str) -> str:
    """What a stopped run says: one line, after which there is nothing."""
    assert "Traceback" not in log
    assert "Exception ignored" not in log
    (line,) = (line for line in log.splitlines() if "Stopped" in line)
    assert log.endswith(f"{line}\n")
    return line.removeprefix("error: ")


@pytest.mark.parametrize("count", [1, 10, 60, 120, 180])
def test_ctrl_c_while_the_program_loads(here: Path, count: int) -> None:
    code = f"{PROGRAM}{STOPPED_AT}console()"
    process = start(here, environment(), "import", str(count), "--publish", "local", code=code)
    _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, log
    assert log == "Stopped. Nothing was changed.\n"


@pytest.mark.parametrize("publish", ["local", "plan"])
def test_ctrl_c_while_arxiv_is_silent(arxiv: ArxivStandIn, here: Path, publish: str) -> None:
    asked = threading.Event()

    def stall(request: Request, response: Response) -> Response:
        asked.set()
        return faults.stall(PATIENCE)(request, response)

    arxiv.faults.append(stall)
    process = start(here, environment(arxiv), "--publish", publish, *FLAGS)
    assert asked.wait(PATIENCE)
    time.sleep(0.2)
    process.send_signal(2)
    _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, log
    assert told_of_stop(log) == "Stopped. Nothing was changed."
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("count", [1, 2])
def test_ctrl_c_while_files_are_written(arxiv: ArxivStandIn, here: Path, count: int) -> None:
    code = f"{PROGRAM}{STOPPED_AT}console()"
    arguments = ("os.rename", str(count), "--publish", "local", *FLAGS)
    process = start(here, environment(arxiv), *arguments, code=code)
    _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, log
    told = "Stopped while the result was being written. The next run completes it."
    assert told_of_stop(log) == told
    assert not list(here.rglob("*.tmp"))
    assert run(here, environment(arxiv), "--publish", "local", *FLAGS)[0] == 0
    assert set(published_files(here)) == {"README.md", ".github/daily-papers.json"}


def test_ctrl_c_after_the_work_does_not_deny_it(arxiv: ArxivStandIn, here: Path) -> None:
    stop = "lambda _: os.kill(os.getpid(), signal.SIGINT) or ''"
    change = f"import os; from daily_papers.outcome import Outcome; Outcome.deed = {stop}"
    code = f"{PROGRAM}{change}\nconsole()"
    process = start(here, environment(arxiv), "--publish", "local", *FLAGS, code=code)
    _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, log
    assert told_of_stop(log) == "Stopped after the work was done. Only the report is missing"
    assert (here / "README.md").exists()


# A terminal


def on_terminal(folder: Path, environ: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Runs the command on a terminal: its exit code, and all that it wrote there."""
    ours, its = pty.openpty()
    process = start(folder, environ, *arguments, stdout=its, stderr=its)
    os.close(its)
    written = b""
    with suppress(OSError):  # EIO is how Linux says that the other side has gone.
        while data := os.read(ours, 4096):
            written += data
    os.close(ours)
    return process.wait(PATIENCE), written.decode()


def screen(written: str) -> list[str]:
    """The lines that a terminal shows in the end."""
    lines = []
    for line in written.replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            is_erased = part.startswith("\x1b[K")
            text = part.removeprefix("\x1b[K")
            shown = text if is_erased else text + shown[len(text) :]
        lines.append(shown)
    return lines


def test_a_terminal_counts_what_is_waited_for(arxiv: ArxivStandIn, here: Path) -> None:
    # The third question has to keep its distance from the second, which is answered at once.
    topics = [part for word in ("graph", "neural", "part") for part in ("--keywords", word)]
    arxiv.faults.append(faults.stall(2.5))
    options = ("--publish", "local", "--requests", "per-topic")
    code, written = on_terminal(here, environment(arxiv), *options, *topics)
    assert code == 0, written
    assert "\rWaiting for an answer of 127.0.0.1: 1 s" in written
    assert "\rWaiting for an answer of 127.0.0.1: 2 s" in written
    assert re.search(r"waiting, 3 s left.*waiting, 2 s left.*waiting, 1 s left", written, re.DOTALL)
    left = screen(written)
    assert not [line for line in left if "aiting" in line or "\x1b" in line]
    assert left[-2:] == ["Wrote README.md (new) and 1 other file.", ""]


def test_a_workflows_log_has_no_counter(arxiv: ArxivStandIn, here: Path) -> None:
    arxiv.faults.append(faults.stall(1.5))
    environ = {**environment(arxiv), "GITHUB_ACTIONS": "true"}
    code, written = on_terminal(here, environ, "--publish", "local", *FLAGS)
    assert code == 0, written
    assert "aiting" not in written
    assert not re.search(r"\x1b|\r(?!\n)", written)


# Help


def test_version_is_one_line(here: Path) -> None:
    assert run(here, environment(), "--version") == (0, f"daily-papers {__version__}\n", "")


@pytest.mark.parametrize("columns", ["60", "80", "300"])
def test_help_fits_any_terminal_and_tells_a_newcomer_what_to_type(here: Path, columns: str) -> None:
    code, out, log = run(here, {**environment(), "COLUMNS": columns}, "--help")
    assert (code, log) == (0, "")
    assert max(map(len, out.splitlines())) <= 100
    sections = re.findall(r"^([A-Za-z][A-Za-z ]+):$", out, re.MULTILINE)
    assert sections == [
        "General",
        *Group,
        "examples",
        "exit codes",
    ]
    examples = re.findall(r"^  daily-papers --.*$", out, re.MULTILINE)
    assert len(examples) == 2
    assert re.findall(r"^  (\d+) ", out.partition("exit codes:")[2], re.MULTILINE) == [
        *("0", "1", "2", "130")
    ]
    assert "KEYWORDS" not in out, "an argument has a real name"
