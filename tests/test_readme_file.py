"""A repository whose README has another name does not get a second one."""

from __future__ import annotations

from pathlib import Path

import pytest

from daily_papers.errors import PathError
from daily_papers.publish.readme import find_readme
from tests.standins.arxiv import ArxivStandIn
from tests.standins.github import GitHubStandIn
from tests.support import NOW, Result, entry, run_main

REGION = b"# Ours\n\n<!-- daily-papers:start -->\n<!-- daily-papers:end -->\n"


@pytest.mark.parametrize("name", ["readme.md", "Readme.md", "README.MD"])
def test_a_readme_that_differs_in_case_alone_is_the_readme(name: str) -> None:
    assert find_readme("README.md", {"": ["a.md", name]}) == name


def test_without_any_readme_one_is_made() -> None:
    assert find_readme("README.md", {"": ["README-old.md", "main.py"], "docs": ["a.md"]}) == (
        "README.md"
    )


@pytest.mark.parametrize(
    "folder,name,way_out",
    [
        ("", "README.markdown", "Set readme: README.markdown"),
        ("", "README.rst", "Set readme: papers.md"),
        ("", "readme.txt", "Set readme: papers.md"),
        ("", "README", "Set readme: papers.md"),
        (".github", "README.md", "Set readme: .github/README.md"),
        ("docs", "readme.md", "Set readme: docs/readme.md"),
    ],
)
def test_a_readme_elsewhere_is_named_with_the_input_to_set(
    folder: str, name: str, way_out: str
) -> None:
    with pytest.raises(PathError) as caught:
        find_readme("README.md", {folder: [name]})
    assert f"{folder}/{name}".lstrip("/") in caught.value.message
    assert way_out in caught.value.hint


def test_two_that_differ_in_case_are_no_clear_readme() -> None:
    with pytest.raises(PathError):
        find_readme("README.md", {"": ["Readme.md", "readme.md"]})


def run(folder: Path, arxiv: ArxivStandIn, **inputs: str) -> Result:
    given = {"keywords": "Graph Neural Networks", "arxiv-url": arxiv.url, **inputs}
    environ = {f"INPUT_{name.upper()}": value for name, value in given.items()}
    return run_main(folder / "runner", environ={**environ, "GITHUB_WORKSPACE": str(folder)})


def test_a_directory_keeps_its_spelling(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_bytes(REGION)
    with ArxivStandIn([entry(1)]) as arxiv:
        result = run(tmp_path, arxiv, publish="local")
    assert result.exit_code == 0, result.log
    assert b"Part 1" in (tmp_path / "readme.md").read_bytes()
    assert not (tmp_path / "README.md").exists()


@pytest.mark.parametrize(
    "files,path,words",
    [
        ({"Readme.md": REGION}, "Readme.md", ""),
        ({"docs/README.md": REGION}, "docs/README.md", "docs/README.md is the README"),
        ({"README.rst": b"Ours\n====\n"}, "README.rst", "README.rst is the README"),
    ],
)
def test_a_repository_keeps_its_spelling(
    tmp_path: Path, files: dict[str, bytes], path: str, words: str
) -> None:
    with (
        ArxivStandIn([entry(1)], clock=lambda: NOW) as arxiv,
        GitHubStandIn(tmp_path / "git", files=files, token="ghs_token") as github,
    ):
        given = {
            "keywords": "Graph Neural Networks",
            "arxiv-url": arxiv.url,
            "github-token": "ghs_token",
        }
        environ = {
            "GITHUB_REPOSITORY": github.hub.full_name,
            "GITHUB_API_URL": github.address,
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_WORKSPACE": str(tmp_path),
            **{f"INPUT_{name.upper()}": value for name, value in given.items()},
        }
        result = run_main(tmp_path / "runner", environ=environ)
        assert result.exit_code == (1 if words else 0), result.log
        assert words in result.log
        assert (b"Part 1" in (github.repository.read("main", path) or b"")) is not bool(words)
        assert github.repository.read("main", "README.md") is None
        assert bool(arxiv.requests) is not bool(words)
