"""The data file: what goes in comes out, in a stable order, and nothing else is believed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daily_papers.errors import InputError
from daily_papers.interests.liked import MAX_LIKED, Liked
from daily_papers.interests.likes import Likes, Shelf
from daily_papers.interests.lines import Library
from daily_papers.memory import datafile
from daily_papers.memory.archive import Archive, Archived, Month
from daily_papers.memory.datafile import Memory
from daily_papers.memory.notices import Notice
from daily_papers.memory.snapshot import Failure, Section, Snapshot
from daily_papers.memory.summaries import MAX_MODEL, MAX_TEXT, MAX_TITLE, Summary
from daily_papers.memory.trends import SPAN, Trend
from daily_papers.papers import Paper, SortBy, newest_first
from daily_papers.topics.lines import MAX_HEADING
from tests.test_snapshot import DAY, NEXT_DAY, A, B, C, section, snapshot

TODAY = date(2099, 6, 1)
FIRST_VERSION = Path(__file__).parent / "upgrade" / "v1" / "daily-papers.json"
"""A data file that version 0.1.0 wrote on its third day."""


def encode(known: Snapshot, **rest: Any) -> bytes:
    return datafile.encode(Memory(snapshot=known, **rest), "daily-papers")


def decode(data: bytes) -> Memory:
    return datafile.decode(data, "daily-papers", SortBy.UPDATED, today=TODAY)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(
    lambda text: " ".join(text.split())
)
LINES = TEXT.filter(bool)
DAYS = st.dates(date(1991, 8, 14), TODAY)
MOMENTS = st.datetimes(
    min_value=datetime(1991, 8, 14),  # noqa: DTZ001 - the zone comes from `timezones`
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
IDS = st.from_regex(r"[0-9]{4}\.[0-9]{5}|[a-z]{2,5}/[0-9]{7}", fullmatch=True)
CATEGORIES = st.sampled_from(["cs.LG", "math-ph", "68T07", "I.2.6; I.2.7", "astro-ph.CO"])
PAPERS = st.builds(
    Paper,
    arxiv_id=IDS,
    version=st.integers(1, 30),
    title=TEXT,
    authors=st.lists(TEXT, max_size=3).map(tuple),
    summary=TEXT,
    comment=st.none() | LINES,
    journal_ref=st.none() | LINES,
    doi=st.none() | LINES,
    primary_category=CATEGORIES,
    categories=st.lists(CATEGORIES, max_size=3).map(tuple),
    published=MOMENTS,
    updated=MOMENTS,
)


FAILURES = st.builds(Failure, since=DAYS, checked=st.none() | DAYS, listed=st.none() | DAYS)


IDS_BY_HEADING = st.dictionaries(LINES, st.lists(IDS, max_size=2).map(tuple), max_size=2)
NOTICES = st.builds(
    Notice,
    key=st.from_regex(r"octo/papers:[a-z]{1,9}:[0-9:+-]{1,25}", fullmatch=True),
    day=DAYS,
    is_welcome=st.booleans(),
    new=IDS_BY_HEADING,
    revised=IDS_BY_HEADING,
    told=st.lists(LINES, max_size=2).map(tuple),
    since=st.none() | DAYS,
    silent_since=st.none() | DAYS,
)
TRENDS = st.builds(
    Trend,
    first=DAYS.map(lambda day: day - timedelta(days=day.weekday())),
    counts=st.lists(st.none() | st.integers(0, 999), max_size=27).map(tuple),
)
TEXTS = st.fixed_dictionaries({"title": TEXT, "summary": TEXT, "doi": st.none() | LINES})
LIBRARIES = st.builds(
    Library,
    kind=st.sampled_from(["users", "groups"]),
    number=st.integers(1, 10**15),
    collection=st.none() | st.from_regex("[A-Z0-9]{8}", fullmatch=True),
)
SHELVES = st.builds(
    Shelf,
    version=st.integers(0, 10**17),
    items=st.dictionaries(
        st.from_regex("[A-Z0-9]{8}", fullmatch=True),
        st.builds(lambda text, name: Liked(**text, arxiv_id=name), TEXTS, st.none() | IDS),
        max_size=3,
    ),
    total=st.integers(0, 10**6),
)
LIKES = st.builds(
    Likes,
    ticked=st.lists(IDS, max_size=3).map(tuple),
    papers=st.lists(st.tuples(IDS, TEXT, TEXT), max_size=3).map(
        lambda found: {
            name: Liked(title=title, summary=summary, arxiv_id=name)
            for name, title, summary in found
        }
    ),
    shelves=st.dictionaries(LIBRARIES, SHELVES, max_size=3),
)
SUMMARIES = st.builds(
    Summary, text=TEXT, title=st.none() | LINES, model=LINES, version=st.integers(1, 30)
)
MONTHS = st.from_regex(r"[0-9]{4}-[0-9]{2}(\.[0-9]{1,4})?", fullmatch=True)


@st.composite
def archives(draw: st.DrawFn) -> Archive:
    left = draw(st.lists(PAPERS, max_size=2, unique_by=lambda paper: paper.arxiv_id))
    days = {paper.arxiv_id: draw(DAYS) for paper in left}
    topics = st.lists(LINES, max_size=2).map(tuple)
    months = st.builds(
        Month,
        papers=st.integers(0, 10**6),
        topics=st.dictionaries(LINES, st.integers(0, 10**6), max_size=2),
    )
    return Archive(
        is_markdown=draw(st.booleans()),
        month=draw(MONTHS),
        days=draw(st.dictionaries(IDS, DAYS, max_size=2)) | days,
        left=tuple(Archived(paper=paper, topics=draw(topics)) for paper in left),
        months=draw(st.dictionaries(MONTHS, months, max_size=2)),
        withdrawn=draw(st.lists(IDS, max_size=2).map(tuple)),
        earlier=draw(st.lists(IDS, max_size=2).map(tuple)),
    )


PATHS = st.from_regex(r"docs/[a-zé図]{1,20}\.md", fullmatch=True)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    papers = draw(st.lists(PAPERS, max_size=6, unique_by=lambda paper: paper.arxiv_id))
    headings = draw(st.lists(LINES, max_size=4, unique=True))
    chosen = st.lists(st.sampled_from(papers), unique=True) if papers else st.just([])
    return Snapshot(
        updated=draw(DAYS),
        sections=tuple(
            Section(
                heading=heading,
                query=draw(TEXT),
                papers=newest_first(draw(chosen), SortBy.UPDATED),
                is_complete=draw(st.booleans()),
                new=tuple(draw(st.lists(IDS, max_size=2))),
                failure=draw(st.none() | FAILURES),
                checked=draw(st.none() | DAYS),
                unconfirmed=tuple(draw(st.lists(IDS, max_size=2))),
                doubts=draw(st.integers(0, 9)),
                trend=draw(st.none() | TRENDS),
            )
            for heading in headings
        ),
        seen=tuple(draw(st.lists(IDS, max_size=3))),
        found=draw(st.dictionaries(IDS, DAYS, max_size=3)),
    )


MEMORIES = st.builds(
    Memory,
    snapshot=snapshots(),
    notices=st.lists(NOTICES, max_size=2).map(tuple),
    files=st.dictionaries(PATHS, st.from_regex("[0-9a-f]{40}", fullmatch=True), max_size=2),
    likes=st.none() | LIKES,
    archive=st.none() | archives(),
    roomy_since=st.none() | DAYS,
    summaries=st.dictionaries(IDS, SUMMARIES, max_size=3),
)


@given(MEMORIES)
def test_a_data_file_returns_what_was_written(memory: Memory) -> None:
    data = datafile.encode(memory, "daily-papers")
    assert decode(data) == memory
    assert datafile.encode(decode(data), "daily-papers") == data


@given(snapshots())
def test_a_data_file_has_one_paper_on_each_line(known: Snapshot) -> None:
    lines = encode(known).decode().split("\n")
    papers = {paper.arxiv_id for section in known.sections for paper in section.papers}
    for arxiv_id in papers:
        assert sum(line.startswith(f'{{"id": "{arxiv_id}"') for line in lines) == 1


@pytest.mark.parametrize(
    "data,is_ours",
    [
        (b"", True),
        (b" \n", True),
        (b'{"schema": 2, "marker": "papers", "pap', True),
        (b'<<<<<<< HEAD\n{\n"schema": 9,\n"marker": "papers",', True),
        (b'{"schema": 2}', False),
        (b'{"marker": "papers"}', False),
        (b"theirs", False),
    ],
)
def test_a_damaged_data_file_is_known_by_its_beginning(data: bytes, *, is_ours: bool) -> None:
    assert datafile.may_be_ours(data) is is_ours


@given(MEMORIES, st.integers(0, 4))
def test_a_data_file_that_somebody_has_laid_out_anew_is_the_same(
    memory: Memory, indent: int
) -> None:
    data = datafile.encode(memory, "daily-papers")
    assert decode(json.dumps(json.loads(data), indent=indent).encode()) == memory


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


def test_without_interests_a_file_has_nothing_of_them() -> None:
    assert set(json.loads(encode(snapshot(section(A))))) == {
        *("schema", "marker", "sorted_by", "updated", "topics", "papers"),
        *("files", "seen", "found", "notices"),
    }


@given(LIKES)
def test_a_liked_paper_is_a_line(likes: Likes) -> None:
    data = encode(snapshot(section(A)), likes=likes)
    lines = data.split(b'"liked": [\n')[1].split(b"],\n")[0].split(b"\n")[:-1]
    count = len(likes.papers) + sum(len(shelf.items) for shelf in likes.shelves.values())
    assert len([json.loads(line.rstrip(b",")) for line in lines]) == count


def test_without_summaries_nothing_is_written_of_them() -> None:
    known = snapshot(section(A))
    assert b"summaries" not in encode(known)
    with_one = encode(known, summaries={"2509.00001": SUMMARY})
    gone = [line for line in encode(known).splitlines() if line not in with_one.splitlines()]
    assert gone == []
    assert decode(with_one).summaries == {"2509.00001": SUMMARY}


COUNTED = replace(section(A, B), trend=Trend(first=date(2025, 9, 1), counts=(2, None, 1)))
SUMMARY = Summary(text="In short.", title="Kurz", model="gpt", version=4)
GOOD = encode(
    snapshot(COUNTED), files={"docs/index.html": "0" * 40}, summaries={"2509.00001": SUMMARY}
)


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
        (GOOD.replace(b'"schema": 2', b'"schema": 3'), "schema 3; this version reads 1 and 2"),
        (GOOD.replace(b'"title": "A', b'"headline": "A', 1), "damaged"),
        (GOOD.replace(b'"version": 1', b'"version": null', 1), "damaged"),
        (GOOD.replace(b"2509.00001", b"../../evil", 1), "damaged"),
        (GOOD.replace(b'"topics": ["Graphs"]', b'"topics": ["Else"]', 1), "damaged"),
        (GOOD.replace(b'"12 pages"', b"12", 1), "damaged"),
        (GOOD.replace(b"12:00:00Z", b"12:00:00", 1), "damaged"),
        (GOOD.replace(b"2025-10-03", b"yesterday", 1), "damaged"),
        (GOOD.replace(b"2025-09-01", b"2025-09-02", 1), "2025-09-02 does not begin"),
        (GOOD.replace(b"[2, null", b'["two", null', 1), "damaged"),
        (GOOD.replace(b"docs/index", b"docs/../../index", 1), "inside the repository"),
        (GOOD.replace(b"docs/index", b"/index", 1), "inside the repository"),
        (GOOD.replace(b"docs/index", b".Git/index", 1), "inside the repository"),
        (GOOD.replace(b"In short.", b"x" * (MAX_TEXT + 1)), "at most 400 characters has 401"),
        (GOOD.replace(b'"Kurz"', b'["Kurz"]'), "damaged"),
        (GOOD.replace(b'"version": 4', b'"version": 0'), "version 0"),
        (GOOD.replace(b'"model": "gpt"', b'"model": null'), "damaged"),
    ],
)
def test_a_data_file_is_read_whole_or_not_at_all(data: bytes, words: str) -> None:
    with pytest.raises(datafile.DataFileError, match=words):
        decode(data)


# --- Strangers


def parts(value: object, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Returns the place of each value in a document."""
    found = [place]
    if isinstance(value, dict):
        found += [p for key, item in value.items() for p in parts(item, (*place, key))]
    elif isinstance(value, list):
        found += [p for number, item in enumerate(value) for p in parts(item, (*place, number))]
    return found


WHOLE = datafile.encode(
    Memory(
        snapshot=Snapshot(
            updated=DAY,
            sections=(
                replace(
                    COUNTED,
                    new=(A.arxiv_id,),
                    failure=Failure(since=DAY, checked=DAY, listed=DAY),
                    checked=DAY,
                    unconfirmed=(B.arxiv_id,),
                ),
            ),
            seen=(C.arxiv_id,),
            found={A.arxiv_id: DAY},
        ),
        notices=(
            Notice(
                key="octo/papers:daily-papers:welcome",
                day=DAY,
                new={"Graphs": (A.arxiv_id,)},
                revised={"Graphs": (B.arxiv_id,)},
                told=("3b5d5f57", "issue"),
            ),
            Notice(
                key="local:daily-papers:silence:2025-09-30",
                day=DAY,
                since=DAY - timedelta(days=2),
                silent_since=DAY - timedelta(days=3),
                new={},
                revised={},
            ),
        ),
        files={"docs/index.html": "0" * 40},
        likes=Likes(
            ticked=(A.arxiv_id,),
            papers={A.arxiv_id: Liked(title="A", summary="B", arxiv_id=A.arxiv_id)},
            shelves={
                Library(kind="users", number=1): Shelf(
                    version=3,
                    total=1,
                    items={"ABCD2345": Liked(title="C", arxiv_id=B.arxiv_id, doi="10.1/x")},
                )
            },
        ),
        archive=Archive(
            month="2025-10",
            days={C.arxiv_id: DAY},
            left=(Archived(paper=C, topics=("Graphs",)),),
            months={"2025-09": Month(papers=2, topics={"Graphs": 2})},
            withdrawn=(B.arxiv_id,),
        ),
        roomy_since=DAY,
        summaries={A.arxiv_id: SUMMARY},
    ),
    "daily-papers",
)
PLACES = parts(json.loads(WHOLE))
ODD: list[Any] = [
    None, True, 0, -1, 10**400, 1e999, float("nan"), 1.5, "", " ", ".", "..", "/", "\0", "\ud800",
    "x" * 300, "x" * 100_000, "2025-13-01", "0001-01-01", "9999-12-31",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2509.00001", "../../etc/passwd",
    ".git/config", [], {}, [[]], {"": ""}, ["x"] * 1000, [0] * 1_000_000,
]  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(ODD))
def test_an_odd_value_anywhere_is_refused_or_does_no_harm(
    place: tuple[str | int, ...], odd: Any
) -> None:
    document: Any = json.loads(WHOLE)
    if not place:
        document = odd
    else:
        holder = document
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = odd
    try:
        memory = decode(json.dumps(document).encode("utf-8", "surrogatepass"))
    except (datafile.DataFileError, InputError):
        return
    # What is believed can be written again, and read again.
    assert decode(datafile.encode(memory, "daily-papers")) == memory
    for known in memory.snapshot.sections:
        known.weeks(memory.snapshot.updated)
        assert all(one.versioned_id and one.abs_url for one in known.papers)


def changed(place: str, value: Any) -> bytes:
    """Returns a whole data file with another value at a place, as in `topics.0.heading`."""
    document: Any = json.loads(WHOLE)
    *way, last = (int(key) if key.isdecimal() else key for key in place.split("."))
    holder = document
    for key in way:
        holder = holder[key]
    holder[last] = value
    return json.dumps(document).encode()


YEARS = ["updated", "roomy_since", "found.0.day", "notices.0.day", "archive.days.0.day"]
YEARS += [f"topics.0.{name}" for name in ("checked", "failure.since", "failure.listed")]


@pytest.mark.parametrize("place", YEARS)
def test_no_day_is_before_the_first_paper_or_after_next_year(place: str) -> None:
    for good in ("1986-01-01", "2100-12-31"):
        decode(changed(place, good))
    for odd, year in (("1985-12-31", "1985"), ("2101-01-01", "2101")):
        with pytest.raises(datafile.DataFileError, match=f"there is a date of the year {year}$"):
            decode(changed(place, odd))


COUNTS = ["topics.0.doubts", "topics.0.trend.counts.0", "archive.months.0.papers"]
COUNTS += ["archive.months.0.topics.Graphs"]


@pytest.mark.parametrize(
    "place,most",
    [
        *((place, datafile.MAX_NUMBER) for place in COUNTS),
        ("libraries.0.version", datafile.MAX_VERSION),
        ("libraries.0.total", datafile.MAX_VERSION),
    ],
)
def test_a_count_is_a_whole_number_within_bounds(place: str, most: int) -> None:
    for good in (0, most):
        decode(changed(place, good))
    for odd in (-1, most + 1, True, 1.0, "1"):
        with pytest.raises(datafile.DataFileError, match=f"not a count: {odd}$"):
            decode(changed(place, odd))


@pytest.mark.parametrize(
    "place,most", [("summaries.0.text", MAX_TEXT), ("summaries.0.title", MAX_TITLE),
                   ("summaries.0.model", MAX_MODEL)],
)  # fmt: skip
def test_a_text_of_a_model_is_bounded(place: str, most: int) -> None:
    decode(changed(place, "x" * most))
    with pytest.raises(datafile.DataFileError, match=f"at most {most} characters has {most + 1}$"):
        decode(changed(place, "x" * (most + 1)))


def test_no_more_papers_are_liked_than_count() -> None:
    liked = json.loads(WHOLE)["liked"][0]
    decode(changed("liked", [liked] * MAX_LIKED))
    decode(changed("ticked", [A.arxiv_id] * MAX_LIKED))
    for odd in (
        changed("liked", [liked] * (MAX_LIKED + 1)),
        changed("ticked", [A.arxiv_id] * (MAX_LIKED + 1)),
    ):
        with pytest.raises(datafile.DataFileError, match=f"more than {MAX_LIKED:,} papers are"):
            decode(odd)


def test_a_heading_has_a_length() -> None:
    heading = "x" * MAX_HEADING
    decode(changed("archive.left.0.topics", [heading]))
    for odd in ("", " ", f"{heading}x"):
        with pytest.raises(datafile.DataFileError, match=r"a heading is empty or too long$"):
            decode(changed("archive.left.0.topics", [odd]))


def test_a_message_quotes_the_beginning_of_what_is_wrong() -> None:
    for place, kind, quoted in (
        ("topics.0.doubts", "not a count: ", 40),
        ("topics.0.query", "not a string: ", 40),
        ("files.0.sha", "not what belongs there: '", 100),
    ):
        odd: Any = ["x" * 300] if quoted == 40 else "x" * 300
        text = str(odd)[:quoted]
        with pytest.raises(datafile.DataFileError) as caught:
            decode(changed(place, odd))
        assert str(caught.value).startswith(f"it is damaged: {kind}{text}")
        assert len(str(caught.value)) <= len(f"it is damaged: {kind}{text}'")


@pytest.mark.parametrize(
    "place,value,words",
    [
        ("topics", json.loads(WHOLE)["topics"] * 2, "two topics have the same heading"),
        ("papers.0.topics", ["Graphs"] * 2, "a topic has a paper twice: 'Graphs'"),
        ("archive.days", [], "a paper of the archive has no day"),
        ("topics.0.query", "\x1f", "a string holds a control character"),
        ("topics.0.query", "\ud800", "or half of a surrogate pair"),
        ("topics.0.trend.counts", [0] * (SPAN + 2), f"begin {SPAN + 2} weeks of a trend"),
    ],
)
def test_what_could_not_have_been_written_is_named(place: str, value: Any, words: str) -> None:
    with pytest.raises(datafile.DataFileError, match=words):
        decode(changed(place, value))


def test_a_file_of_another_region_is_not_overwritten() -> None:
    with pytest.raises(InputError, match="belongs to the marker 'other'; use another for 'daily-p"):
        decode(changed("marker", "other"))


def test_what_is_ordered_by_the_other_date_has_to_be_asked_for_again() -> None:
    (same,) = decode(WHOLE).snapshot.sections
    (other,) = decode(changed("sorted_by", str(SortBy.PUBLISHED))).snapshot.sections
    assert same.checked == DAY
    assert other == replace(same, checked=None)


def test_a_trend_is_as_long_as_its_span() -> None:
    (known,) = decode(changed("topics.0.trend.counts", [0] * (SPAN + 1))).snapshot.sections
    assert known.trend == Trend(first=date(2025, 9, 1), counts=(0,) * (SPAN + 1))


# --- The version before


def test_a_file_of_version_1_is_read_with_all_that_it_knows() -> None:
    memory = decode(FIRST_VERSION.read_bytes())
    graphs, time = memory.snapshot.sections
    assert (len(graphs.papers), len(time.papers)) == (7, 4)
    assert (graphs.new, time.new) == (("2509.09010",), ())
    assert graphs.trend is not None
    assert [notice.key.rpartition("papers:")[2] for notice in memory.notices] == [
        "2025-10-05T06:00:03+00:00"
    ]
    assert len(memory.files) > 30
    assert decode(datafile.encode(memory, "daily-papers")) == memory


@pytest.mark.parametrize("change", [{}, {"welcome": True}, {"day": "2025-10-04"}, None])
def test_version_1_tells_by_its_last_notice_which_papers_are_new(
    change: dict[str, Any] | None,
) -> None:
    """Without one of that day, they are the newest; a welcome is about all papers, old and new."""
    document = json.loads(FIRST_VERSION.read_bytes())
    (notice,) = document["queue"]
    heading = document["topics"][0]["heading"]
    newest = decode(FIRST_VERSION.read_bytes()).snapshot.sections[0].papers
    told = newest[2].arxiv_id
    notice["new"] = {heading: [told]}
    document["queue"] = [] if change is None else [notice | change]
    (graphs, _) = decode(json.dumps(document).encode()).snapshot.sections
    assert graphs.new == ((told,) if change == {} else (newest[0].arxiv_id,))
