from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.answers import Answer
from daily_papers.errors import ArxivError
from daily_papers.memory import datafile
from daily_papers.memory.news import Digest
from daily_papers.memory.news import compare as compare_by
from daily_papers.memory.snapshot import Failure, Notice, Section, Snapshot, merge
from daily_papers.memory.trends import Trend
from daily_papers.papers import Paper, SortBy, latest_versions, newest_first
from daily_papers.topics.lines import parse_topics
from tests.support import paper

DAY = date(2025, 10, 3)
NEXT_DAY = date(2025, 10, 4)


def encode(known: Snapshot) -> bytes:
    return datafile.encode(known, "daily-papers", SortBy.UPDATED)


def section(*papers: Paper, heading: str = "Graphs", query: str = "q") -> Section:
    return Section(heading=heading, query=query, papers=papers, is_complete=True)


def compare(old: Snapshot | None, new: Snapshot) -> Digest:
    return compare_by(old, new, SortBy.UPDATED)


def snapshot(*sections: Section) -> Snapshot:
    return Snapshot(updated=DAY, sections=sections)


(GRAPHS,) = parse_topics("Graphs")
FAILED = {"Graphs": ArxivError("arXiv is down")}


def answered(*papers: Paper) -> dict[str, Answer]:
    return {"Graphs": Answer(papers=papers, total=len(papers))}


A, B, C = paper("2509.00001"), paper("2509.00002"), paper("2509.00003")
A2 = replace(A, version=2)


def test_the_date_changes_with_the_content_alone() -> None:
    first = merge(None, [GRAPHS], answered(A), DAY)
    assert first.updated == DAY
    assert merge(first, [GRAPHS], answered(A), NEXT_DAY) == first
    assert merge(first, [GRAPHS], answered(B, A), NEXT_DAY).updated == NEXT_DAY


def test_a_topic_without_an_answer_keeps_its_papers_and_says_since_when() -> None:
    first = merge(None, [GRAPHS], answered(A), DAY)
    failing = merge(first, [GRAPHS], FAILED, NEXT_DAY)
    (kept,) = failing.sections
    assert kept.papers == (A,)
    assert kept.failure == Failure(since=NEXT_DAY, checked=DAY)
    assert failing.updated == NEXT_DAY
    later = NEXT_DAY + timedelta(days=5)
    assert merge(failing, [GRAPHS], FAILED, later) == failing
    (well,) = merge(failing, [GRAPHS], answered(A), later).sections
    assert well == replace(first.sections[0], checked=later)


def test_a_topic_that_never_had_an_answer_has_no_news_with_its_first() -> None:
    never = merge(None, [GRAPHS], FAILED, DAY)
    assert never.sections[0].failure == Failure(since=DAY, checked=None)
    first = merge(never, [GRAPHS], answered(A), NEXT_DAY)
    assert compare(never, first).new_ids == frozenset()


def test_a_paper_that_comes_withdrawn_is_not_news() -> None:
    withdrawn = replace(B, version=2, comment="This paper has been withdrawn by the authors.")
    (news,) = compare(snapshot(section(A)), snapshot(section(withdrawn, A))).topics
    assert news.new == news.revised == ()


def test_new_and_revised_papers_are_told_apart() -> None:
    (news,) = compare(snapshot(section(A, B)), snapshot(section(C, A2, B))).topics
    assert news.new == (C,)
    assert news.revised == (A2,)


@pytest.mark.parametrize(
    "old",
    [None, snapshot(), snapshot(section(heading="Other")), snapshot(section(B, query="other"))],
    ids=["first run", "empty", "new topic", "changed query"],
)
def test_a_first_sight_has_no_news(old: Snapshot | None) -> None:
    digest = compare(old, snapshot(section(A)))
    assert digest.new_ids == frozenset()


def test_a_paper_that_is_new_in_two_topics_counts_once() -> None:
    old = snapshot(section(A), section(A, heading="Time"))
    digest = compare(old, snapshot(section(B, A), section(B, A, heading="Time")))
    assert digest.new_ids == {"2509.00002"}


def test_each_paper_stays_at_its_latest_version() -> None:
    assert latest_versions([A, B, A2, A]) == (A2, B)


def test_equal_dates_are_ordered_by_id() -> None:
    assert newest_first([A, C, B], SortBy.UPDATED) == (C, B, A)
    newer = replace(A, published=A.published + timedelta(1))
    assert newest_first([C, newer], SortBy.PUBLISHED) == (newer, C)
    assert newest_first([C, newer], SortBy.UPDATED) == (C, newer)


# --- The data file

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.datetimes(
    min_value=datetime(1991, 8, 14),  # noqa: DTZ001 - the zone comes from `timezones`
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
IDS = st.from_regex(r"[0-9]{4}\.[0-9]{5}|[a-z]{2,5}/[0-9]{7}", fullmatch=True)
PAPERS = st.builds(
    Paper,
    arxiv_id=IDS,
    version=st.integers(1, 30),
    title=TEXT,
    authors=st.lists(TEXT, max_size=3).map(tuple),
    summary=TEXT,
    comment=st.none() | TEXT,
    journal_ref=st.none() | TEXT,
    doi=st.none() | TEXT,
    primary_category=TEXT,
    categories=st.lists(TEXT, max_size=3).map(tuple),
    published=MOMENTS,
    updated=MOMENTS,
)


FAILURES = st.builds(Failure, since=st.dates(), checked=st.none() | st.dates())


IDS_BY_HEADING = st.dictionaries(TEXT, st.lists(IDS, max_size=2).map(tuple), max_size=2)
ANNOUNCEMENTS = st.builds(
    Notice,
    key=TEXT,
    day=st.dates(),
    is_welcome=st.booleans(),
    new=IDS_BY_HEADING,
    revised=IDS_BY_HEADING,
)
TRENDS = st.builds(
    Trend,
    first=st.dates().map(lambda day: day - timedelta(days=day.weekday())),
    counts=st.lists(st.none() | st.integers(0, 999), max_size=27).map(tuple),
)
PATHS = TEXT.map(lambda text: f"docs/{text.replace('.', '')}")


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    papers = draw(st.lists(PAPERS, max_size=6, unique_by=lambda paper: paper.arxiv_id))
    headings = draw(st.lists(TEXT, max_size=4, unique=True))
    chosen = st.lists(st.sampled_from(papers), unique=True) if papers else st.just([])
    return Snapshot(
        updated=draw(st.dates()),
        sections=tuple(
            Section(
                heading=heading,
                query=draw(TEXT),
                papers=newest_first(draw(chosen), SortBy.UPDATED),
                is_complete=draw(st.booleans()),
                news=draw(st.integers(0, 9)),
                failure=draw(st.none() | FAILURES),
                trend=draw(st.none() | TRENDS),
            )
            for heading in headings
        ),
        files=draw(st.dictionaries(PATHS, TEXT, max_size=2)),
        seen=tuple(draw(st.lists(IDS, max_size=3))),
        queue=tuple(draw(st.lists(ANNOUNCEMENTS, max_size=2))),
    )


@given(snapshots())
def test_a_data_file_gives_back_what_went_in(known: Snapshot) -> None:
    data = encode(known)
    assert datafile.decode(data, "daily-papers", SortBy.UPDATED) == known
    assert encode(datafile.decode(data, "daily-papers", SortBy.UPDATED)) == data


@given(snapshots())
def test_a_data_file_holds_one_paper_a_line(known: Snapshot) -> None:
    lines = encode(known).decode().split("\n")
    papers = {paper.arxiv_id for section in known.sections for paper in section.papers}
    for arxiv_id in papers:
        assert sum(line.startswith(f'{{"id": "{arxiv_id}"') for line in lines) == 1


def test_a_day_with_one_new_paper_changes_its_line_and_the_date() -> None:
    before = encode(snapshot(section(C, A)))
    after = encode(replace(snapshot(section(C, B, A)), updated=NEXT_DAY))
    gone = set(before.splitlines()) - set(after.splitlines())
    come = set(after.splitlines()) - set(before.splitlines())
    assert gone == {b'"updated": "2025-10-03",'}
    assert {line[:30] for line in come} == {
        b'"updated": "2025-10-04",',
        b'{"id": "2509.00002", "version": 1'[:30],
    }


COUNTED = replace(section(A, B), trend=Trend(first=date(2025, 9, 1), counts=(2, None, 1)))
GOOD = encode(replace(snapshot(COUNTED), files={"docs/index.html": "0" * 40}))


@pytest.mark.parametrize(
    "data,words",
    [
        (b"", "damaged"),
        (b"null", "damaged"),
        (b"[]", "damaged"),
        (b"{}", "damaged"),
        (b"\xff\xfe", "damaged"),
        (GOOD[:-20], "damaged"),
        (b"[" * 100_000, "damaged"),
        (GOOD.replace(b'"schema": 1', b'"schema": 2'), "schema 2; this version reads schema 1"),
        (GOOD.replace(b'"title": "A', b'"headline": "A', 1), "damaged"),
        (GOOD.replace(b'"version": 1', b'"version": null', 1), "damaged"),
        (GOOD.replace(b"2509.00001", b"../../evil", 1), "damaged"),
        (GOOD.replace(b'"topics": ["Graphs"]', b'"topics": ["Else"]', 1), "damaged"),
        (GOOD.replace(b'"12 pages"', b"12", 1), "damaged"),
        (GOOD.replace(b"12:00:00Z", b"12:00:00", 1), "damaged"),
        (GOOD.replace(b"2025-10-03", b"yesterday", 1), "damaged"),
        (GOOD.replace(b"2025-09-01", b"2025-09-02", 1), "2025-09-02 is not a Monday"),
        (GOOD.replace(b"[2, null", b'["two", null', 1), "damaged"),
        (GOOD.replace(b"docs/index", b"docs/../../index", 1), "leads out of the repository"),
        (GOOD.replace(b"docs/index", b"/index", 1), "leads out of the repository"),
        (GOOD.replace(b"docs/index", b".git/index", 1), "leads out of the repository"),
    ],
)
def test_a_data_file_is_read_whole_or_not_at_all(data: bytes, words: str) -> None:
    with pytest.raises(datafile.DataFileError, match=words):
        datafile.decode(data, "daily-papers", SortBy.UPDATED)
