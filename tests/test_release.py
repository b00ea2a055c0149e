"""A release, step by step, in real clones; only `docker` and `gh` are stand-ins."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scripts import release, vendor
from scripts.release import ReleaseError, Version, changes, contents, listed, with_image
from tests.runner import ROOT, command, commit_all, copy_of_ours

IMAGE = f"ghcr.io/daily-papers/daily-papers@sha256:{'0123456789abcdef' * 4}"
CHANGES = "### Added\n\n- Something."


def prepare(clone: Path, version: str) -> None:
    """Commits to main what a maintainer changes before a release."""
    source = clone / "daily_papers/__init__.py"
    text = re.sub(r'__version__ = ".*?"', f'__version__ = "{version}"', source.read_text())
    source.write_text(text)
    log = clone / "CHANGELOG.md"
    entry = f"## {version} - 2026-01-31\n\n{CHANGES}\n"
    log.write_text(log.read_text().replace("## Unreleased\n", f"## Unreleased\n\n{entry}"))
    command("git", "checkout", "--quiet", "main", cwd=clone)
    commit_all(clone, f"Prepare {version}")
    command("git", "push", "--quiet", "origin", "main", cwd=clone)
    command("git", "checkout", "--quiet", "--detach", cwd=clone)


def sbom(*lacking: str) -> str:
    """A document of SPDX that names what the image holds, its base and itself."""
    ours = contents((ROOT / "requirements/runtime.txt").read_text()) - set(lacking)
    parts = [dict(zip(("name", "versionInfo"), one.rsplit("@", 1), strict=True)) for one in ours]
    base = {"name": "base-files", "versionInfo": "13.8"}
    return json.dumps({"spdxVersion": "SPDX-2.3", "packages": [{"name": "sbom"}, base, *parts]})


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with a prepared version 1.2.3, a remote, and commands that log what is asked."""
    clone = copy_of_ours(tmp_path / "clone", "daily-papers/daily-papers")
    command("git", "clone", "--quiet", "--bare", clone, tmp_path / "origin.git")
    command("git", "remote", "set-url", "origin", tmp_path / "origin.git", cwd=clone)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "sbom.json").write_text(sbom())
    answers = {
        "docker": f'test "$1" = buildx && cat {tools}/sbom.json || true',
        "gh": 'test "$2" != view',
    }
    for name, answer in answers.items():
        (tools / name).write_text(f'#!/bin/sh\necho "$0 $*" >>{tools}/log\n{answer}\n')
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tools / "output"))
    prepare(clone, "1.2.3")
    return clone


def asked(clone: Path) -> str:
    """What docker and gh were asked."""
    return (clone.parent / "tools" / "log").read_text()


def rev(folder: Path, name: str) -> str:
    return command("git", "rev-parse", name, cwd=folder).strip()


def test_all_steps_of_a_release(clone: Path) -> None:
    source = rev(clone, "HEAD")
    origin = clone.parent / "origin.git"
    assert release.main(["check", "release/1.2.3"], clone) == 0
    assert (clone.parent / "tools" / "output").read_text() == "version=1.2.3\n"
    assert release.main(["try", "release/1.2.3", IMAGE], clone) == 0
    assert f"docker run --rm --platform=linux/arm64 {IMAGE} --help" in asked(clone)
    assert release.main(["commit", "release/1.2.3", IMAGE], clone) == 0
    assert release.main(["publish", "release/1.2.3"], clone) == 0

    made = rev(origin, "v1.2.3")
    assert rev(origin, "v1") == made
    assert rev(origin, f"{made}^") == rev(origin, "main") == source
    assert command("git", "diff", "--numstat", source, made, cwd=origin) == "1\t1\taction.yml\n"
    action = YAML(typ="safe").load(command("git", "show", "v1:action.yml", cwd=origin))
    assert action["runs"] == {"using": "docker", "image": f"docker://{IMAGE}"}
    assert f"gh release create v1.2.3 --draft --verify-tag --notes={CHANGES}" in asked(clone)
    assert "create v1 " not in asked(clone), "a release would lock the tag that has to move"


def test_the_same_release_again_is_the_same_commit(clone: Path) -> None:
    source = rev(clone, "HEAD")
    release.main(["commit", "release/1.2.3", IMAGE], clone)
    release.main(["publish", "release/1.2.3"], clone)
    made = rev(clone, "v1.2.3")
    command("git", "checkout", "--quiet", "--detach", source, cwd=clone)
    assert release.main(["commit", "release/1.2.3", IMAGE], clone) == 0
    assert release.main(["publish", "release/1.2.3"], clone) == 0
    assert rev(clone, "v1.2.3") == made


def test_a_released_version_is_never_moved(clone: Path) -> None:
    source = rev(clone, "HEAD")
    release.main(["commit", "release/1.2.3", IMAGE], clone)
    release.main(["publish", "release/1.2.3"], clone)
    made = rev(clone, "v1.2.3")
    command("git", "checkout", "--quiet", "--detach", source, cwd=clone)
    release.main(["commit", "release/1.2.3", IMAGE.replace("0", "f")], clone)
    assert release.main(["publish", "release/1.2.3"], clone) == 1
    assert rev(clone.parent / "origin.git", "v1.2.3") == made


def test_the_major_tag_stays_at_the_newest_version(clone: Path) -> None:
    for version in ("1.10.0", "1.9.1", "2.0.0"):
        prepare(clone, version)
        assert release.main(["check", f"release/{version}"], clone) == 0
        assert release.main(["commit", f"release/{version}", IMAGE], clone) == 0
        assert release.main(["publish", f"release/{version}"], clone) == 0
    origin = clone.parent / "origin.git"
    assert rev(origin, "v1") == rev(origin, "v1.10.0")
    assert rev(origin, "v2") == rev(origin, "v2.0.0")


def test_everything_that_prevents_a_release_is_reported(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("git", "tag", "v3.0.0", cwd=clone)
    (clone / "action.yml").write_text("runs:\n  using: docker\n")
    commit_all(clone, "Not on main")
    assert release.main(["check", "release/3.0.0"], clone) == 1
    assert capsys.readouterr().out.splitlines() == [
        "::error::daily_papers/__init__.py: __version__ is not 3.0.0",
        "::error::CHANGELOG.md: there is nothing below a heading ## 3.0.0 - YYYY-MM-DD",
        "::error::action.yml: it does not build the image from the Dockerfile",
        "::error::v3.0.0 was released already; choose the next version",
        "::error::the tagged commit is not on main",
    ]


@pytest.mark.parametrize(
    "reference", ["release/1.2", "v1.2.3", "release/1.2.3-rc1", "release/01.2.3"]
)
def test_what_is_not_a_version(
    reference: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main(["check", reference], tmp_path) == 1
    assert capsys.readouterr().out == (f"::error::{reference} is not a tag such as release/1.2.3\n")


@pytest.mark.parametrize("image", ["", "ghcr.io/octo/papers:1", IMAGE[:-1], f"{IMAGE}\n"])
def test_only_an_image_with_its_digest_is_named(image: str) -> None:
    with pytest.raises(ReleaseError, match="is not an image with its digest"):
        with_image("  image: Dockerfile\n", image)


def test_the_notes_of_a_version_end_where_the_next_begins() -> None:
    versions = ("## 1.2.3 - 2026-01-31\n\n- A.\n", "## 1.2.2 - 2026-01-30\n\n- B.\n")
    log = "\n".join(["# Changelog\n", "## Unreleased\n", *versions])
    assert changes(log, Version(1, 2, 3)) == "- A."
    assert changes(log, Version(1, 2, 2)) == "- B."
    assert changes(log, Version(1, 2, 1)) == ""


# The list of contents


@pytest.mark.parametrize("lacking", ["katex@0.19.1", "lxml@6.1.3"])
def test_an_image_whose_sbom_lacks_something_is_not_released(
    clone: Path, capsys: pytest.CaptureFixture[str], lacking: str
) -> None:
    (clone.parent / "tools/sbom.json").write_text(sbom(lacking))
    assert release.main(["try", "release/1.2.3", IMAGE], clone) == 1
    told = f"::error::the SBOM for linux/amd64 lacks {lacking}\n"
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"packages": [1]}', "no such image"])
def test_what_is_no_sbom(text: str) -> None:
    with pytest.raises(ReleaseError, match="the image has no SBOM, but"):
        listed(text)


def test_a_scanner_may_write_names_as_it_likes() -> None:
    parts = [
        {"name": "Typing_Extensions", "versionInfo": "4.16.0"},
        {"name": "zope.interface", "versionInfo": "7.2"},
    ]
    assert listed(json.dumps({"packages": parts})) == {
        *("typing-extensions@4.16.0", "zope-interface@7.2"),
    }


def test_contents_are_what_is_installed_and_what_the_page_brings() -> None:
    locked = (
        "PyGithub==2.10.0 \\\n    --hash=sha256:ab\n# cffi==1\ncffi==2.1.1 ; os_name != 'nt' \\\n"
    )
    brought = {f"{package.name}@{package.version}" for package in vendor.PACKAGES}
    assert brought
    assert contents(locked) == {"pygithub@2.10.0", "cffi@2.1.1", *brought}


def test_scanners_find_what_the_page_brings() -> None:
    found = {
        path.parent.name: json.loads(path.read_text())
        for path in vendor.VENDORED.rglob("package.json")
    }
    assert {folder: (about["name"], about["version"]) for folder, about in found.items()} == {
        package.folder: (package.name, package.version) for package in vendor.PACKAGES
    }
    assert all(about["license"] for about in found.values())


# The workflows


def jobs(path: str) -> dict[str, Any]:
    workflow: dict[str, Any] = YAML(typ="safe").load(ROOT / ".github/workflows" / path)
    loaded: dict[str, Any] = workflow["jobs"]
    return loaded


def runs(path: str, job: str) -> list[str]:
    return [step["run"] for step in jobs(path)[job]["steps"] if "run" in step]


def test_ci_runs_what_a_developer_runs() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert runs("ci.yml", "run") == re.findall(r"(?m)^make .*$", script)


def test_every_step_of_the_release_is_a_tested_one() -> None:
    steps = [step for job in ("check", "image", "release") for step in runs("release.yml", job)]
    known = [re.findall(r"scripts\.release (\w+)", step) or [step] for step in steps]
    assert known == [["check"], ["make check"], ["make test"], ["try"], ["commit"], ["publish"]]


def test_what_builds_cannot_sign() -> None:
    signing = {
        name for name, job in jobs("release.yml").items() if "id-token" in job["permissions"]
    }
    assert signing == {"sign", "pypi"}
    for name in signing:
        steps = str(jobs("release.yml")[name]["steps"])
        assert not re.search(r"build-push|make |scripts\.|uv build", steps)


def test_every_image_is_named_by_its_digest() -> None:
    steps = jobs("release.yml")["image"]["steps"]
    given = {key: str(value) for step in steps for key, value in step.get("with", {}).items()}
    named = [given["image"], given["driver-opts"], given["sbom"], given["build-args"]]
    for image in named:
        assert re.search(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$", image), image


def test_the_build_and_the_image_have_the_base_that_a_release_names() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^FROM (\S+)", text) == ["${BASE}", "${BASE}"]
    (base,) = re.findall(r"(?m)^ARG BASE=(\S+)$", text)
    (build,) = (
        step["with"]["build-args"]
        for step in jobs("release.yml")["image"]["steps"]
        if "build-args" in step.get("with", {})
    )
    assert build.startswith(f"BASE={base}@sha256:")


def test_whatever_is_installed_to_sign_is_locked() -> None:
    (install,) = (step for step in runs("release.yml", "pypi") if "pip install" in step)
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(install.split())


def test_the_marketplace_accepts_name_and_description() -> None:
    action = YAML(typ="safe").load(ROOT / "action.yml")
    assert action["name"] == "Daily Papers"
    assert len(action["description"]) <= 125
    assert set(action["branding"]) == {"icon", "color"}


def test_the_workflow_builds_for_every_platform_that_is_tried() -> None:
    text = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    assert f"platforms: {','.join(release.PLATFORMS)}\n" in text
