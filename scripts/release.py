"""The steps of a release, for the workflow: `python3 -m scripts.release STEP release/1.2.3`.

A maintainer pushes the tag `release/1.2.3` of a commit of `main`. The workflow builds the image of
that commit and makes the release commit, whose `action.yml` names the image by its digest, so that
users pull what was tested, and build nothing. The tag `v1.2.3` points to the release commit and is
never moved, `v1` to the newest of its kind. docs/decisions/0004-what-users-pull.md says why.

Only Python's own library is used: nothing has to be installed before a release can be checked.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from scripts.vendor import PACKAGES

PLATFORMS: Final = ("linux/amd64", "linux/arm64")

_BUILT: Final = "  image: Dockerfile\n"
"""The line of `action.yml` that makes every user build the image."""

_IMAGE: Final = re.compile(r"[a-z0-9.-]+(?:/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}")

_BOT: Final = {
    "NAME": "github-actions[bot]",
    "EMAIL": "41898282+github-actions[bot]@users.noreply.github.com",
}


class ReleaseError(Exception):
    """The release cannot go on; the message says why, one problem a line."""


class Version(NamedTuple):
    """A version of Semantic Versioning, without parts for pre-releases."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, reference: str, prefix: str) -> Version:
        """Returns the version after `prefix`, as in `release/1.2.3`.

        Raises:
            ReleaseError: there is no version.
        """
        number = r"(0|[1-9]\d{0,8})"
        match = re.fullmatch(rf"{prefix}{number}\.{number}\.{number}", reference, re.ASCII)
        if match is None:
            raise ReleaseError(f"{reference} is not a tag such as {prefix}1.2.3")
        return cls(*map(int, match.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def changes(changelog: str, version: Version) -> str:
    """Returns what the changelog says of a version, or nothing.

    Args:
        changelog: Markdown with a heading for each version, as in `## 1.2.3 - 2026-01-31`.
        version: the version.
    """
    heading = rf"## {re.escape(str(version))} - \d{{4}}-\d\d-\d\d\n"
    match = re.search(rf"(?ms)^{heading}(.*?)(?=^## |\Z)", changelog)
    return match[1].strip() if match else ""


def contents(requirements: str) -> set[str]:
    """Returns what the image holds on top of its base, each as in `katex@0.19.1`.

    Args:
        requirements: the locked packages, as in a file of pip.
    """
    locked = re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", requirements)
    vendored = [(package.name, package.version) for package in PACKAGES]
    return {_named(name, version) for name, version in (*locked, *vendored)}


def listed(sbom: str) -> set[str]:
    """Returns what an SBOM names, as `contents` does.

    Args:
        sbom: a document of SPDX, as JSON.

    Raises:
        ReleaseError: it is not that.
    """
    try:
        packages = json.loads(sbom)["packages"]
        return {_named(one["name"], one.get("versionInfo", "")) for one in packages}
    except (KeyError, TypeError, ValueError):
        raise ReleaseError(f"the image has no SBOM, but: {sbom[:100]!r}") from None


def _named(name: str, version: str) -> str:
    """Returns name and version; a name in the one form that Python's packages have of theirs.

    https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return f"{re.sub(r'[-_.]+', '-', name).lower()}@{version}"


def with_image(action: str, image: str) -> str:
    """Returns the text of `action.yml` with an image to pull in place of one to build.

    Args:
        action: the text, which builds the image.
        image: its name and digest, as in `ghcr.io/octo/papers@sha256:…`.

    Raises:
        ReleaseError: the image has no digest, or the text builds none.
    """
    if not _IMAGE.fullmatch(image):
        raise ReleaseError(f"{image} is not an image with its digest")
    if action.count(_BUILT) != 1:
        raise ReleaseError(f"action.yml has no line {_BUILT.strip()!r}, or several")
    return action.replace(_BUILT, f"  image: docker://{image}\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release, made in a clone whose `HEAD` is the tagged commit."""

    root: Path
    """The clone's working tree."""
    version: Version

    @property
    def tag(self) -> str:
        """The tag of this version."""
        return f"v{self.version}"

    @property
    def major_tag(self) -> str:
        """The tag of the newest version with this first number."""
        return f"v{self.version.major}"

    def check(self) -> None:
        """Checks that the tagged commit may be released.

        Raises:
            ReleaseError: it may not; the message has one problem a line.
        """
        source = self._read("daily_papers/__init__.py")
        problems = []
        if f'__version__ = "{self.version}"\n' not in source:
            problems.append(f"daily_papers/__init__.py: __version__ is not {self.version}")
        if not changes(self._read("CHANGELOG.md"), self.version):
            heading = f"## {self.version} - YYYY-MM-DD"
            problems.append(f"CHANGELOG.md: there is nothing below a heading {heading}")
        if self._read("action.yml").count(_BUILT) != 1:
            problems.append("action.yml: it does not build the image from the Dockerfile")
        if self.tag in self._tags():
            problems.append(f"{self.tag} was released already; choose the next version")
        if not self._is_on_main():
            problems.append("the tagged commit is not on main")
        if problems:
            raise ReleaseError("\n".join(problems))

    def commit(self, image: str) -> str:
        """Makes the release commit and its tags, and returns the commit's name.

        It is dated as its parent is, so that a second run makes the same commit.
        """
        path = self.root / "action.yml"
        text = with_image(self._read("action.yml"), image)
        path.write_text(text, encoding="utf-8", newline="\n")
        date = self._git("show", "--no-patch", "--format=%cI").strip()
        who = {f"GIT_{role}_{key}": _BOT[key] for role in ("AUTHOR", "COMMITTER") for key in _BOT}
        when = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        message = f"Release {self.version}\n\nThe image of the commit before, to be pulled."
        self._git("commit", "--quiet", f"--message={message}", "action.yml", **who, **when)
        self._git("tag", "--force", self.tag)
        if self._is_newest():
            self._git("tag", "--force", self.major_tag)
        return self._git("rev-parse", "HEAD").strip()

    def publish(self) -> None:
        """Pushes the tags, all or none of them, and opens a draft of the release on GitHub.

        A person publishes it: the Marketplace takes a version only from a form in the browser, and
        once a release is immutable, only its title and notes can be changed.
        https://docs.github.com/en/code-security/concepts/supply-chain-security/immutable-releases
        """
        refs = [f"refs/tags/{self.tag}"]
        if self._is_newest():
            refs.append(f"+refs/tags/{self.major_tag}")
        self._git("push", "--quiet", "--atomic", "origin", *refs)
        known = _run(self.root, "gh", "release", "view", self.tag)
        if known.returncode != 0:
            notes = changes(self._read("CHANGELOG.md"), self.version)
            draft = ("gh", "release", "create", self.tag, "--draft", "--verify-tag")
            self._do(*draft, f"--notes={notes}")

    def try_image(self, image: str) -> None:
        """Starts the image on each platform, and checks that its SBOM names all it holds.

        Raises:
            ReleaseError: it does not start, or the SBOM lacks something.
        """
        expected = contents(self._read("requirements/runtime.txt"))
        for platform in PLATFORMS:
            self._do("docker", "run", "--rm", f"--platform={platform}", image, "--help")
            form = f'{{{{json (index .SBOM "{platform}").SPDX}}}}'
            inspect = ("docker", "buildx", "imagetools", "inspect", f"--format={form}", image)
            if missing := sorted(expected - listed(self._do(*inspect))):
                raise ReleaseError(f"the SBOM for {platform} lacks {', '.join(missing)}")

    def _is_newest(self) -> bool:
        """Whether no later version with the same first number was released."""
        versions = (other for other in self._released() if other.major == self.version.major)
        return all(other <= self.version for other in versions)

    def _released(self) -> Iterator[Version]:
        for tag in self._tags():
            with contextlib.suppress(ReleaseError):  # `v1` is no version.
                yield Version.parse(tag, "v")

    def _is_on_main(self) -> bool:
        done = _run(self.root, "git", "merge-base", "--is-ancestor", "HEAD", "origin/main")
        return done.returncode == 0

    def _tags(self) -> list[str]:
        return self._git("tag", "--list", "v*").split()

    def _read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def _git(self, *arguments: str, **environ: str) -> str:
        return self._do("git", *arguments, **environ)

    def _do(self, *arguments: str, **environ: str) -> str:
        """Returns what a command printed.

        Raises:
            ReleaseError: it failed; the message is what it said.
        """
        done = _run(self.root, *arguments, **environ)
        if done.returncode != 0:
            raise ReleaseError(f"{' '.join(arguments[:2])} failed: {done.stderr.strip()}")
        return done.stdout


def _run(root: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - commands of our own, without a shell
        arguments,
        cwd=root,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def main(argv: Sequence[str], root: Path) -> int:
    """Does one step of a release.

    Args:
        argv: the step, the pushed tag, and for some steps the image.
        root: the clone's working tree.

    Returns:
        The exit code: 0 if all went well, 1 otherwise.
    """
    parser = argparse.ArgumentParser(prog="scripts.release", description=__doc__)
    parser.add_argument("step", choices=("check", "try", "commit", "publish"))
    parser.add_argument("reference", help="the pushed tag, as in release/1.2.3")
    parser.add_argument("image", nargs="?", default="", help="its name and digest")
    arguments = parser.parse_args(argv)
    try:
        version = Version.parse(arguments.reference, "release/")
        release = Release(root=root, version=version)
        match arguments.step:
            case "check":
                release.check()
                _write_output("version", str(version))
            case "try":
                release.try_image(arguments.image)
            case "commit":
                sys.stdout.write(f"{release.commit(arguments.image)}\n")
            case _:
                release.publish()
    except ReleaseError as error:
        for line in str(error).splitlines():
            sys.stdout.write(f"::error::{line}\n")
        return 1
    return 0


def _write_output(name: str, value: str) -> None:
    """Passes a value to later jobs, if a runner asks for it."""
    if path := os.environ.get("GITHUB_OUTPUT"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{name}={value}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd()))
