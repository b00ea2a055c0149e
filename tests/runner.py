"""Workflows as a hosted runner runs them: `act`, with containers of a real Docker engine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.standins.github import GitHubStandIn

ROOT = Path(__file__).parent.parent
BASE_IMAGE = "python:3.13-slim-trixie"
"""The image's base, by the name that an engine without a registry may know it by."""
TOKEN = "ghs_TOKENtokenTOKEN"


def command(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Runs a command, and returns what it printed."""
    done = subprocess.run(
        arguments, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def tracked_files(root: Path = ROOT) -> list[str]:
    """The files of the working tree that a commit of all of it would hold."""
    listed = command(
        "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=root
    )
    return sorted(name for name in listed.split("\0") if name and (root / name).is_file())


def commit_all(folder: Path, message: str) -> None:
    """Commits everything in `folder`, as somebody."""
    identity = ("-c", "user.name=Octo", "-c", "user.email=octo@example.org")
    command("git", "add", "--all", cwd=folder)
    command("git", *identity, "commit", "--quiet", f"--message={message}", cwd=folder)


def new_repository(folder: Path, name: str) -> None:
    """Makes what is in `folder` a repository, known on GitHub by `name`."""
    command("git", "init", "--quiet", "--initial-branch=main", cwd=folder)
    command("git", "remote", "add", "origin", f"https://github.com/{name}", cwd=folder)
    commit_all(folder, "Begin")


def copy_of_ours(folder: Path, name: str) -> Path:
    """Returns a copy of this repository in `folder`, by `name` on GitHub: a fork, or itself."""
    for path in tracked_files():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    new_repository(folder, name)
    return folder


@dataclass(frozen=True, kw_only=True)
class Runner:
    """A hosted runner for the workflows of the repository in `folder`."""

    folder: Path
    github: GitHubStandIn
    image: str = BASE_IMAGE
    """What `ubuntu-latest` is."""
    options: tuple[str, ...] = ()
    """More flags of act."""

    def run(
        self,
        event: str,
        workflow: str,
        *,
        variables: Mapping[str, str] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> str:
        """Runs one workflow, and returns its log.

        `variables` are those of the repository's settings, `inputs` what the browser's form holds.
        """
        return command(
            Path(sys.executable).with_name("act"),
            event,
            f"--workflows={workflow}",
            f"--platform=ubuntu-latest={self.image}",
            "--pull=false",
            "--bind",
            "--network=host",
            f"--secret=GITHUB_TOKEN={TOKEN}",
            f"--env=GITHUB_API_URL={self.github.address}",
            f"--env=GITHUB_WORKFLOW_REF={self.github.hub.full_name}/{workflow}@refs/heads/main",
            *(f"--var={name}={value}" for name, value in (variables or {}).items()),
            *(f"--input={name}={value}" for name, value in (inputs or {}).items()),
            *self.options,
            cwd=self.folder,
        )
