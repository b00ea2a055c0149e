"""The environment that `make` sets up: complete, or made anew by the next try.

The Python that it calls is one of ours: it installs nothing, can fail or be interrupted, and writes
down what it was called for.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.runner import ROOT

PYTHON = """\
#!/bin/sh
folder='{folder}'
case "$*" in
  *version_info*) test ! -e "$folder/old" ;;
  --version) echo "Python 3.10.13" ;;
  "-m venv --clear .venv")
    echo venv >> "$folder/calls"
    rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *"install --no-deps --require-hashes"*)
    echo "$*" | sed 's/.*requirements.\\(.*\\).txt/install \\1/' >> "$folder/calls"
    test ! -e "$folder/slow" || sleep 30
    test ! -e "$folder/offline" ;;
  *"--editable ."*) ;;
  "-I -c import daily_papers"*) test ! -e "$folder/moved" ;;
  *) echo "run" "$*" >> "$folder/calls" ;;
esac
"""

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None, reason="there is no make: install it, as by `apt install make`"
)


@dataclass(frozen=True)
class Clone:
    """A clone, as far as the Makefile looks at it, and the Python that it is told to use."""

    folder: Path

    def set(self, trouble: str) -> None:
        (self.folder / trouble).touch()

    def end(self, trouble: str) -> None:
        (self.folder / trouble).unlink()

    def start(self, *targets: str) -> subprocess.Popen[str]:
        (self.folder / "calls").write_text("")
        return subprocess.Popen(
            ["make", f"PYTHON={self.folder / 'python'}", *targets],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def make(self, *targets: str) -> tuple[int, str]:
        """Runs make: its exit code, and what it said."""
        process = self.start(*targets)
        told, _ = process.communicate(timeout=240)
        return process.returncode, told

    @property
    def calls(self) -> list[str]:
        """What the last make called Python for."""
        return (self.folder / "calls").read_text().splitlines()


DEMO = "run -m tests.demo"
NEW_DEMO = ["venv", "install demo", DEMO]
NEW_TEST = ["venv", "install development", "run -m pytest -n auto --dist worksteal"]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / "python"
    python.write_text(PYTHON.format(folder=tmp_path))
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return Clone(tmp_path)


def test_what_is_complete_is_not_made_again(clone: Clone) -> None:
    code, told = clone.make("demo")
    assert (code, clone.calls) == (0, NEW_DEMO), told
    count = len(re.findall(r"(?m)^[a-z]", (ROOT / "requirements/demo.txt").read_text()))
    assert f"Installing {count} packages into .venv (" in told
    code, told = clone.make("demo")
    assert (code, clone.calls) == (0, [DEMO]), told
    assert "Installing" not in told


def test_what_the_tests_need_is_enough_for_the_demo(clone: Clone) -> None:
    assert clone.make("demo")[0] == 0
    assert clone.make("test")[0] == 0
    assert clone.calls == NEW_TEST
    assert clone.make("demo")[0] == 0
    assert clone.calls == [DEMO]


def test_both_at_once_share_one_environment(clone: Clone) -> None:
    assert clone.make("-j2", "demo", "test")[0] == 0
    assert clone.make("demo", "test")[0] == 0
    assert clone.calls == [DEMO, "run -m pytest -n auto --dist worksteal"]


@pytest.mark.parametrize("target,new", [("demo", NEW_DEMO), ("test", NEW_TEST)])
def test_without_a_network_it_says_so_and_the_next_try_works(
    clone: Clone, target: str, new: list[str]
) -> None:
    clone.set("offline")
    code, told = clone.make(target)
    assert code
    assert "The packages could not be installed. Is PyPI within reach?" in told
    assert not (clone.folder / ".venv").exists()
    clone.end("offline")
    assert clone.make(target)[0] == 0
    assert clone.calls == new


@pytest.mark.parametrize("target,new", [("demo", NEW_DEMO), ("test", NEW_TEST)])
def test_after_an_interruption_the_next_try_works(
    clone: Clone, target: str, new: list[str]
) -> None:
    clone.set("slow")
    process = clone.start(target)
    end = time.monotonic() + 240
    while not any(call.startswith("install") for call in clone.calls):
        assert time.monotonic() < end
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=240)
    clone.end("slow")
    assert clone.make(target)[0] == 0
    assert clone.calls == new


def test_what_only_the_benchmark_needs_may_break_as_well(clone: Clone) -> None:
    assert clone.make("test")[0] == 0
    clone.set("offline")
    assert clone.make("bench")[0] != 0
    clone.end("offline")
    assert clone.make("bench")[0] == 0
    assert clone.calls == [*NEW_TEST[:2], "install bench", "run -m bench"]
    assert clone.make("test")[0] == 0
    assert clone.calls == NEW_TEST[2:]


@pytest.mark.parametrize("target", ["demo", "test"])
def test_an_old_python_is_refused_before_anything_is_made(clone: Clone, target: str) -> None:
    clone.set("old")
    code, told = clone.make(target)
    assert code
    assert "Python 3.11 or newer is needed." in told
    assert "is Python 3.10.13." in told
    assert f"make {target} PYTHON=python3.13" in told
    assert clone.calls == []
    clone.end("old")
    assert clone.make(target)[0] == 0


def test_a_missing_python_is_called_missing(clone: Clone) -> None:
    code, told = clone.make("demo", "PYTHON=no-such-python")
    assert code
    assert "Here no-such-python is missing." in told


def test_an_environment_that_works_no_more_is_made_anew(clone: Clone) -> None:
    assert clone.make("demo")[0] == 0
    clone.set("moved")
    assert clone.make("demo")[0] == 0
    assert clone.calls == NEW_DEMO


@pytest.mark.parametrize("changed", ["requirements/demo.txt", "pyproject.toml"])
def test_a_changed_lock_makes_it_anew(clone: Clone, changed: str) -> None:
    assert clone.make("demo")[0] == 0
    later = time.time() + 5
    os.utime(clone.folder / changed, (later, later))
    assert clone.make("demo")[0] == 0
    assert clone.calls == NEW_DEMO


# The locks


@pytest.mark.parametrize("name", ["runtime", "demo", "development", "bench"])
def test_a_lock_has_hashes_and_names_no_index(name: str) -> None:
    text = (ROOT / f"requirements/{name}.txt").read_text()
    packages = re.findall(r"(?m)^[a-z].*\\\n    --hash=sha256:[0-9a-f]{64}", text)
    assert packages
    assert len(packages) == len(re.findall(r"(?m)^[a-z]", text))
    assert not re.search(r"index-url|find-links|://", text)


@pytest.mark.parametrize("smaller,larger", [("runtime", "demo"), ("demo", "development")])
def test_a_lock_has_all_of_the_smaller_one(smaller: str, larger: str) -> None:
    pins = [
        set(
            re.findall(
                r"(?m)^([a-z][\w.-]*==[^ ]+)", (ROOT / f"requirements/{name}.txt").read_text()
            )
        )
        for name in (smaller, larger)
    ]
    assert pins[0] <= pins[1]
