"""What some tests need of the machine, and what to say where it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from typing import Final

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")

FIREFOX: Final = shutil.which("firefox-esr") or shutil.which("firefox")


@cache
def has_docker() -> bool:
    """Whether a Docker engine answers."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def missing(need: str) -> str:
    """Returns what to install for tests with the marker `need`; nothing where it is there.

    In CI nothing may be skipped: there such a test runs, and fails.
    """
    if os.environ.get("CI") == "true":
        return ""
    if need == "browser" and CHROMIUM is None:
        return "there is no Chromium: install it, as by `apt install chromium`"
    if need == "firefox" and FIREFOX is None:
        return "there is no Firefox: install it, as by `apt install firefox-esr`"
    if need == "docker" and not has_docker():
        return "no Docker engine answers: install or start one (https://docs.docker.com/engine/)"
    return ""
