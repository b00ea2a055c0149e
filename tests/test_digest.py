"""The body of a digest issue: what it shows, what it leaves out, and that it disturbs nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from daily_papers.interests.match import Match
from daily_papers.memory.notices import Notice
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.memory.summaries import Summary
from daily_papers.papers import Paper, SortBy
from daily_papers.views import digest_issue
from daily_papers.views.digest import BEST, Digest, Places, compose, fitted
from tests.standins.calm import disturbances
from tests.support import paper, told

GOLDEN = Path(__file__).parent / "golden" / "issue.md"
KEY = "octo/papers:daily-papers:2025-10-03T06:00:00+00:00"
PAGE_URL = "https://github.com/octo/papers/blob/main/README.md"

Ids = Mapping[str, tuple[str, ...]]


def announcement(new: Ids, revised: Ids | None = None, *, is_welcome: bool = False) -> Notice:
    return Notice(
        key=KEY, day=date(2025, 10, 3), is_welcome=is_welcome, new=new, revised=revised or {}
    )


def rendered(what: Notice, papers: list[Paper], limit: int = 100) -> str:
    told_of = compose(what, snapshot_of(papers), limit=limit)
    return digest_issue.render(told_of, Places(page=PAGE_URL), hidden=f"<!-- {KEY} -->")


def title(what: Notice) -> str:
    return compose(what, snapshot_of([]), limit=1).title


def snapshot_of(papers: list[Paper], sort_by: SortBy = SortBy.UPDATED) -> Snapshot:
    section = Section(heading="All", query="q", papers=tuple(papers), is_complete=True)
    return Snapshot(updated=date(2025, 10, 3), sections=(section,), sort_by=sort_by)


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(f"2509.{number:05}" for number in numbers)


PAPERS = [
    paper(ids(1)[0], title="Graphs | $x_1$ of @octocat", authors=("A. One", "B. Two", "C. Three")),
    paper(ids(2)[0], title="Fixes #12", comment=None, authors=("Ada *Star* Example",)),
    paper(ids(3)[0], comment=f"Accepted. Code: https://github.com/o/r/issues/7 {'and more ' * 12}"),
    paper(ids(4)[0], version=3, title="[the page]: here"),
    paper(ids(5)[0], version=2),
]
DIGEST = announcement({"Graphs": ids(1, 2, 3, 5), "C# & Co": ids(2)}, {"C# & Co": ids(4)})


def test_a_digest_is_like_the_golden_one() -> None:
    assert f"{rendered(DIGEST, PAPERS, limit=3)}\n" == GOLDEN.read_text(encoding="utf-8")


def test_a_digest_shows_at_most_so_many_papers_of_each_topic_and_counts_the_others() -> None:
    body = rendered(announcement({"Graphs": ids(*range(20)), "Time": ids(1)}), many(20), limit=8)
    # Of papers with the same date those with the higher ids are the newer ones.
    assert told(body).new == {"Graphs": ids(*range(19, 11, -1)), "Time": ids(1)}
    assert f"*and 11 more* on [the page]({PAGE_URL})\n\n## Time" in body
    assert "20 new papers." in body


def many(count: int, **changes: Any) -> list[Paper]:
    return [paper(ids(number)[0], **changes) for number in range(count)]


def test_a_paper_that_is_no_longer_kept_is_counted() -> None:
    found = told(rendered(announcement({"Graphs": ids(1, 2)}, {"Graphs": ids(7)}), many(2)))
    assert (found.new, found.revised, found.more) == ({"Graphs": ids(1)}, {}, 1)


def test_revised_papers_are_folded_below_the_new_ones() -> None:
    what = announcement({"Graphs": ids(1)}, {"Graphs": ids(2, 3), "Time": ids(4)})
    body = rendered(what, many(5))
    found = told(body)
    assert found.new == {"Graphs": ids(1)}
    assert found.revised == {"Graphs": ids(2, 3), "Time": ids(4)}
    assert "<summary>2 revised papers</summary>" in body
    assert "1 new paper." in body


def test_a_welcome_says_what_will_come() -> None:
    what = announcement({"Graphs": ids(1)}, is_welcome=True)
    assert "Welcome!" in rendered(what, many(2))
    assert title(what) == "Daily Papers: welcome"


def test_a_paper_in_two_topics_counts_once_in_the_title() -> None:
    assert title(DIGEST) == "Daily Papers: 4 new on 2025-10-03"


def test_the_labels_are_the_topics_with_news_as_far_as_github_takes_them() -> None:
    what = announcement({"Graphs": ids(1), "A, B": ids(2), "Long " * 20: ids(3)}, {"Old": ids(4)})
    assert digest_issue.labels(what, ("daily-papers",)) == (
        "daily-papers",
        "Graphs",
        "A  B",
        ("Long " * 10).strip(),
    )
    many = announcement({f"Topic {number}": ids(number) for number in range(200)})
    assert len(digest_issue.labels(many, ("daily-papers",))) == 100


def test_a_body_of_github_s_own_limit_is_full_and_not_too_long() -> None:
    papers = many(300, title="On Graphs 😀 " * 40)
    new = {f"Topic {n}": ids(*range(100 * n, 100 * n + 100)) for n in range(3)}
    body = rendered(announcement(new), papers)
    assert 64_000 < length(body) <= 65_536
    assert sum(map(len, told(body).new.values())) + told(body).more == 300


def length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# --- Any text, any size

HOSTILE = st.lists(
    st.sampled_from(
        [
            "@octocat",
            "@octo/team",
            "fixes #1",
            "closes octo/papers#1",
            "GH-12",
            "octo/papers@0123456789abcdef0123456789abcdef01234567",
            "0123456789abcdef0123456789abcdef01234567",
            "https://github.com/o/r/issues/3",
            "<https://github.com/o/r/pull/3>",
            "[x](https://github.com/o/r/issues/3)",
            "[the page]",
            "[the page]: https://example.org",
            "&#64;octocat",
            "\\@octocat",
            "*@octocat*",
            "<!-- octo/papers:daily-papers:welcome -->",
            "<details>",
            "<a href='https://github.com/o/r/issues/3'>",
            "| --- |",
            "$x_1$",
            "`",
            "\\",
            "---",
            "- ",
            "## ",
            "😀",
            "words",
        ]
    )
    | st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8),
    max_size=8,
).map(" ".join)


@st.composite
def digests(draw: st.DrawFn) -> tuple[Notice, list[Paper]]:
    numbers = st.lists(st.integers(0, 9), max_size=9, unique=True).map(lambda found: ids(*found))
    headings = st.sampled_from(["Graphs", "Time", "C# @home fixes #3"])
    papers = [
        paper(arxiv_id, title=draw(HOSTILE), comment=draw(HOSTILE), authors=(draw(HOSTILE),))
        for arxiv_id in draw(numbers)
    ]
    by_heading = st.dictionaries(headings, numbers, max_size=3)
    what = announcement(draw(by_heading), draw(by_heading), is_welcome=draw(st.booleans()))
    return what, papers


@given(digests())
def test_nothing_that_strangers_write_disturbs_anybody(
    given_digest: tuple[Notice, list[Paper]],
) -> None:
    body = rendered(*given_digest)
    assert disturbances(body) == []
    *others, last_line = body.splitlines()
    assert last_line == f"<!-- {KEY} -->"
    assert not any(line.startswith("<!--") for line in others)
    page = html.fromstring(f"<div>{shown(body)}</div>")
    assert "T06:00" not in page.text_content()
    # Every item of the list is one that we made, and so is every box.
    papers = [paper for paper in page.iter("li") if paper.find(".//li") is None]
    found = told(body)
    count = sum(map(len, [*found.new.values(), *found.revised.values()]))
    assert len(papers) == count
    assert not list(page.iter("table", "input", "h1", "blockquote"))


def shown(body: str) -> str:
    page: str = cmarkgfm.github_flavored_markdown_to_html(body, Options.CMARK_OPT_UNSAFE)
    return page


@given(digests(), st.integers(1, 9), st.integers(700, 4_000))
def test_entries_are_left_out_from_the_last_one_on_and_never_cut(
    given_digest: tuple[Notice, list[Paper]], limit: int, most: int
) -> None:
    what, papers = given_digest
    with patch.object(digest_issue, "MAX_LENGTH", 10**9):
        whole = rows(rendered(what, papers, limit))
    with patch.object(digest_issue, "MAX_LENGTH", most):
        body = rendered(what, papers, limit)
    assert length(body) <= most
    left = rows(body)
    assert set(left) <= set(whole)
    assert [row for row in whole if row in left] == left
    found = told(body)
    assert sum(map(len, found.new.values())) + found.more == len(
        {i for ids in what.new.values() for i in ids}
    )


@given(st.integers(0, 12), st.integers(0, 14))
def test_as_many_entries_are_shown_as_there_is_room_for(count: int, most: int) -> None:
    whole = compose(announcement({"Graphs": ids(*range(count))}), snapshot_of(many(count)), limit=9)

    def entries(digest: Digest) -> list[str]:
        return [entry.paper.arxiv_id for group in digest.groups for entry in group.entries]

    found = entries(fitted(whole, lambda digest: len(entries(digest)), most))
    assert found == entries(whole)[:most]
    assert len(found) == min(count, most, 9)


@pytest.mark.parametrize("sort_by", SortBy)
def test_without_matches_the_newest_come_first_by_the_date_that_was_asked_for(
    sort_by: SortBy,
) -> None:
    first, later = (datetime(2025, 9, day, tzinfo=UTC) for day in (1, 2))
    papers = [
        paper(ids(1)[0], published=first, updated=later),
        paper(ids(2)[0], published=later, updated=first),
    ]
    (group,) = compose(
        announcement({"Graphs": ids(1, 2)}), snapshot_of(papers, sort_by), limit=9
    ).groups
    newest = ids(1, 2) if sort_by is SortBy.UPDATED else ids(2, 1)
    assert tuple(entry.paper.arxiv_id for entry in group.entries) == newest


def test_a_digest_knows_what_a_model_says_of_its_papers_and_whether_they_are_ranked() -> None:
    summary = Summary(version=1, model="m", text="They study graphs.")
    what = announcement({"Graphs": ids(1, 2)})
    plain = compose(what, snapshot_of(many(3)), limit=9, summaries={ids(1)[0]: summary})
    (group,) = plain.groups
    assert [entry.summary for entry in group.entries] == [None, summary]
    assert not plain.has_matches
    assert compose(what, snapshot_of(many(3)), limit=9, matches={}).has_matches


def rows(body: str) -> list[str]:
    return [line for line in body.splitlines() if line.startswith("- ")]


def test_each_paper_is_there_once_and_names_its_other_topics() -> None:
    body = rendered(announcement({"Graphs": ids(1, 2), "Time": ids(2, 3)}), many(4))
    assert told(body).new == {"Graphs": ids(2, 1), "Time": ids(3)}
    assert body.count("*in: Time*") == 1


MATCHES = {
    ids(1)[0]: Match(score=0.5, because=("graphs", "a *study*")),
    ids(3)[0]: Match(score=0.9, because=("time series",)),
    ids(4)[0]: Match(score=0.05, because=()),
}


def test_the_best_matches_come_first_with_the_words_that_decided() -> None:
    what = announcement({"Graphs": ids(1, 2, 4), "Time": ids(3, 5)})
    told_of = compose(what, snapshot_of(many(6)), limit=9, matches=MATCHES)
    body = digest_issue.render(told_of, Places(page=PAGE_URL), has_boxes=True)
    assert told(body).new == {"Best matches": ids(3, 1), "Graphs": ids(4, 2), "Time": ids(5)}
    assert "*because: time series · in: Time*" in body
    assert r"*because: graphs, a \*study\* · in: Graphs*" in body
    assert body.count("- [ ] **[") == 5
    assert "Tick what you like" in body


@given(
    st.lists(st.lists(st.integers(0, 30), unique=True, max_size=20), min_size=1, max_size=3),
    st.lists(st.integers(0, 30), unique=True, max_size=12),
    st.integers(0, 6),
)
def test_every_new_paper_has_one_place_or_is_counted(
    topics: list[list[int]], liked: list[int], limit: int
) -> None:
    what = announcement({f"T{n}": ids(*numbers) for n, numbers in enumerate(topics)})
    matches = {
        ids(number)[0]: Match(score=(place + 1) / 20, because=("graphs",) if place % 4 else ())
        for place, number in enumerate(liked)
    }
    found = compose(what, snapshot_of(many(25)), limit=limit, matches=matches)
    best, others = found.groups[:1], found.groups[1:]
    if not best or best[0].heading:
        best, others = (), found.groups
    shown = [entry for group in found.groups for entry in group.entries]
    places = [entry.paper.arxiv_id for entry in shown]
    assert len(set(places)) == len(places)
    assert len(places) + sum(group.more for group in found.groups) == found.count
    assert found.count == len(what.new_ids)
    assert all(len(group.entries) <= limit for group in others)
    kept = {*ids(*range(25))}.intersection(what.new_ids)
    explained = [i for i in kept if i in matches and matches[i].because]
    assert sum(len(group.entries) for group in best) == min(BEST, len(explained))
    for group in found.groups:
        assert [entry.rank for entry in group.entries] == sorted(e.rank for e in group.entries)
        for entry in group.entries:
            one = entry.paper.arxiv_id
            assert entry.because == (matches[one].because if one in matches else ())
            assert {*entry.topics, group.heading} - {""} == {
                heading for heading, those in what.new.items() if one in those
            }
    by_rank = sorted(shown, key=lambda entry: entry.rank)
    scores = [
        matches[e.paper.arxiv_id].score if e.paper.arxiv_id in matches else 0 for e in by_rank
    ]
    assert scores == sorted(scores, reverse=True)
