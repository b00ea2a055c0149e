"""The work of the hot functions, counted in instructions: it must not grow unnoticed.

Counts are the same in every run, so that these tests cannot fail by chance, and differ a little
between versions of Python. If a bound fails for a good reason, it is raised in the same commit.
"""

from __future__ import annotations

from functools import cache, partial

import pytest

from bench import feeds
from bench.growth import STAGES, make_scene
from bench.operations import operations
from daily_papers.arxiv import feed
from daily_papers.publish import splice

TOPICS, PAPERS = 4, 25

# Instructions for each paper: what Python 3.11 takes, and a tenth for changes that do no harm.
BOUNDS = {
    "decode": 1075,
    "merge": 270,
    "draft": 42600,
    "plan": 116,
    "tables": 2200,
    "byte budget": 26,
    "feed": 7100,
    "site": 13800,
    "encode": 300,
}
PARSING = 1120
SPLICING = 4440

PARTS = (
    "# Title\n\nSome *words*\nof text.\n\n- one\n- two\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n"
)


@cache
def counts(topics: int, papers: int) -> dict[str, int]:
    """Counts the instructions of every stage, with all caches filled."""
    scene = make_scene(topics, papers)
    counted = {}
    for name, stage in STAGES.items():
        scene.made[name] = stage(scene)
        counted[name] = operations(partial(stage, scene))
    return counted


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_takes_no_more_for_a_paper_than_it_did(stage: str) -> None:
    assert counts(TOPICS, PAPERS)[stage] / (TOPICS * PAPERS) < BOUNDS[stage]


@pytest.mark.parametrize("stage", STAGES)
def test_twice_the_topics_take_twice_as_much(stage: str) -> None:
    assert counts(200, 5)[stage] < 2.2 * counts(100, 5)[stage]


@pytest.mark.parametrize("stage", STAGES)
def test_twice_the_papers_take_twice_as_much(stage: str) -> None:
    assert counts(TOPICS, 2 * PAPERS)[stage] < 2.2 * counts(TOPICS, PAPERS)[stage]


def test_parsing_takes_no_more_for_an_entry_than_it_did() -> None:
    body = feeds.feed(100)
    assert operations(partial(feed.parse, body)) / 100 < PARSING


def test_finding_the_region_takes_no_more_for_a_line_than_it_did() -> None:
    text = PARTS * 20 + "<!-- ours:start -->\n<!-- ours:end -->\n"
    work = partial(splice.read_document, text.encode(), path="README.md", marker="ours")
    assert operations(work) / text.count("\n") < SPLICING
