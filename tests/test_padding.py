"""Long files end with blanks, and git stores their versions as short deltas because of them."""

from __future__ import annotations

import json
import random
import subprocess
from collections import deque
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.padding import STEP, lacking, lacking_most, padded
from daily_papers.publish.splice import read_document
from daily_papers.views.fit import MAX_BYTES
from tests.test_pages import inputs_for, papers_of, plan_for, snapshot_of

PAGE = "# Ours\n\n<!-- daily-papers:start -->\n<!-- daily-papers:end -->\n\nBelow.\n"


@given(st.integers(0, 5_000_000))
def test_a_file_grows_a_little_and_never_beyond_what_github_shows(size: int) -> None:
    page, data = size + lacking(size), size + lacking_most(size)
    if size <= STEP:
        assert (page, data) == (size, size)
        return
    assert page % STEP == 0
    assert page - size < STEP
    assert (page <= MAX_BYTES) is (size <= MAX_BYTES)
    assert data.bit_count() == 1 or data % 2**20 == 0
    assert data - size < min(size, 2**20)


@given(st.binary(max_size=50), st.integers(0, 50))
def test_a_padded_text_has_one_line_of_blanks_more(data: bytes, count: int) -> None:
    text = padded(data, count)
    assert len(text) == len(data) + count
    assert text.startswith(data)
    assert not text[len(data) :].strip()
    assert text.endswith(b"\n") or not count


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_blanks_of_a_readme_are_in_its_region_and_show_nothing(newline: str) -> None:
    page = PAGE.replace("\n", newline).encode()
    known = snapshot_of({"A": papers_of(70)})
    _, files = plan_for(inputs_for(), known, {"README.md": page})
    readme = files["README.md"]
    assert len(readme) > 2 * STEP
    assert len(readme) % STEP == 0
    below = f"<!-- daily-papers:end -->{newline}{newline}Below.{newline}".encode()
    assert readme.endswith(b" " * 9 + newline.encode() + below)
    again = read_document(readme, path="README.md", marker="daily-papers")
    assert again.after.encode() == below
    bare = readme.replace(b" " * 9, b"")
    assert rendered(readme) == rendered(bare)


def test_a_readme_whose_own_text_is_too_long_is_not_made_longer() -> None:
    own = "x" * (MAX_BYTES + 1)
    known = snapshot_of({"A": papers_of(3)})
    _, files = plan_for(inputs_for(), known, {"README.md": f"{own}\n\n{PAGE}".encode()})
    assert b"     " not in files["README.md"]


def test_all_long_files_are_padded_and_read_as_before() -> None:
    known = snapshot_of({"A": papers_of(60), "B": papers_of(60, 60)})
    inputs = inputs_for(feed="feed.xml", site="docs", pages="always")
    _, files = plan_for(inputs, known)
    for path in ("README.md", "papers/a.md", "papers/b.md", "docs/index.html"):
        assert len(files[path]) % STEP == 0, path
    for path in (".github/daily-papers.json", "feed.xml", "feed.json"):
        assert len(files[path]).bit_count() == 1, path
        assert len(files[path]) > STEP
    json.loads(files["feed.json"])
    json.loads(files[".github/daily-papers.json"])
    ET.fromstring(files["feed.xml"])


def test_git_stores_the_versions_of_a_padded_file_in_half_the_room(tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = deque((row(rng) for _ in range(150)), maxlen=150)
    versions = []
    for _ in range(60):
        rows.extend(row(rng) for _ in range(rng.randrange(5, 12)))
        versions.append("\n".join(rows).encode())
    sizes = [len(version) for version in versions]
    assert any(before > after for before, after in pairwise(sizes))
    bare = packed(tmp_path / "bare", versions)
    full = packed(tmp_path / "full", [padded(data, lacking(len(data))) for data in versions])
    assert full < bare / 1.5


def row(rng: random.Random) -> str:
    return rng.randbytes(rng.randrange(300, 900)).hex()


def packed(folder: Path, versions: list[bytes]) -> int:
    """Returns the bytes of a pack with a commit of each version."""
    git = ["git", "-C", str(folder)]
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    lines = [
        b"commit refs/heads/main\ncommitter a <a@example.org> %d +0000\ndata 0\n"
        b"M 100644 inline page.md\ndata %d\n%s\n" % (number, len(data), data)
        for number, data in enumerate(versions)
    ]
    loose = ["-c", "fastimport.unpackLimit=1000", "fast-import", "--quiet"]
    subprocess.run([*git, *loose], input=b"".join(lines), check=True)
    subprocess.run([*git, "gc", "-q"], check=True)
    (pack,) = folder.glob("objects/pack/*.pack")
    return pack.stat().st_size


def rendered(page: bytes) -> str:
    options = cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE
    return str(cmarkgfm.github_flavored_markdown_to_html(page.decode(), options))
