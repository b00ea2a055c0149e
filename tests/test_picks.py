"""What is liked at most, which papers are picks, and how much of a page they take."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.interests import picks
from daily_papers.interests.liked import MAX_LIKED, Liked
from daily_papers.interests.likes import Gathered, Likes, Shelf, bounded
from daily_papers.interests.lines import Interests, Library, parse_interests
from daily_papers.interests.match import Match, Matches
from daily_papers.interests.picks import rank
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.options import Column, Layout
from daily_papers.papers import Paper, SortBy
from daily_papers.views.fit import MAX_BYTES, MAX_COST
from daily_papers.views.picks import SHARE, make_picks
from daily_papers.views.rows import Look
from tests.support import paper

TODAY = date(2025, 10, 3)
PROTEINS = "We fold proteins from residue contacts, and predict how enzymes bind."
LOOK = Look(layout=Layout.TABLE, columns=tuple(Column), sort_by=SortBy.UPDATED)


def known(*papers: Paper, found: dict[str, date] | None = None) -> Snapshot:
    section = Section(heading="All", query="q", papers=papers, is_complete=True)
    return Snapshot(updated=TODAY, sections=(section,), found=found or {})


def on_proteins(number: int, **changes: Any) -> Paper:
    fields: dict[str, Any] = {
        "title": f"Folding Proteins, Part {number}",
        "summary": PROTEINS,
        **changes,
    }
    return paper(f"2509.{number:05}", **fields)


LIKED = [Liked(title="Residue Contacts", summary=PROTEINS, arxiv_id="2401.01234")]


# --- What is liked


def test_of_several_sources_none_shuts_out_another() -> None:
    long = tuple(Liked(title=f"Long {number}") for number in range(3_000))
    short = tuple(Liked(title=f"Short {number}") for number in range(5))
    named = Liked(title="Named", arxiv_id="2401.01234")
    gathered = Gathered(
        interests=parse_interests("2401.01234"),
        likes=Likes(papers={"2401.01234": named}),
        files=(long, short),
    )
    assert len(gathered.liked) == MAX_LIKED
    assert gathered.liked[0] is named
    assert set(short) < set(gathered.liked)
    assert gathered.liked[1:3] == (long[0], short[0])


def test_an_entry_without_a_title_has_that_of_its_id() -> None:
    named = Liked(title="Named", summary="Text.", arxiv_id="2401.01234")
    gathered = Gathered(
        interests=Interests(ticks=True),
        likes=Likes(papers={"2401.01234": named}),
        files=((Liked(title="", arxiv_id="2401.01234"), Liked(title="", arxiv_id="2401.99999")),),
    )
    assert gathered.liked == (named,)


@given(st.integers(0, 1_000), st.lists(st.integers(0, 1_000), max_size=4))
def test_no_more_is_remembered_than_a_data_file_may_have(ids: int, sizes: list[int]) -> None:
    one = Liked(title="One")
    likes = Likes(
        papers={f"2401.{number:05}": one for number in range(ids)},
        shelves={
            Library(kind="users", number=number + 1): Shelf(
                items={f"{item:08}": one for item in range(size)}
            )
            for number, size in enumerate(sizes)
        },
    )
    kept = bounded(likes)
    assert len(kept.papers) + sum(len(s.items) for s in kept.shelves.values()) <= MAX_LIKED
    assert bounded(kept) == kept
    assert all(s.items.items() <= likes.shelves[k].items.items() for k, s in kept.shelves.items())


# --- Which are picks


def test_a_pick_was_first_seen_in_the_last_seven_days() -> None:
    papers = [on_proteins(number) for number in range(4)]
    days = (0, 6, 7, 30)
    found = {
        one.arxiv_id: TODAY - timedelta(days=ago) for one, ago in zip(papers, days, strict=True)
    }
    ranked = rank(known(*papers, found=found), LIKED, (), most=10)
    assert set(ranked.picks) == set(ranked.by_id) == {papers[0].arxiv_id, papers[1].arxiv_id}


def test_picks_come_best_first_and_of_equal_ones_the_newest_by_the_date_that_was_asked_for() -> (
    None
):
    hour = timedelta(hours=1)
    moment = datetime.combine(TODAY, time(1), UTC)
    dates = {"published": moment, "updated": moment + 3 * hour}
    later = {"published": moment + hour, "updated": moment + 2 * hour}
    far = on_proteins(1, **dates, title="Halos", summary="Galaxies and proteins. " * 3)
    first, second = on_proteins(2, **dates), on_proteins(3, **later, title="Folding Proteins")
    second = replace(second, title=first.title)
    for sort_by, order in (
        (SortBy.UPDATED, [first, second, far]),
        (SortBy.PUBLISHED, [second, first, far]),
    ):
        snapshot = replace(known(far, second, first), sort_by=sort_by)
        ranked = rank(snapshot, LIKED, (), most=10)
        assert list(ranked.picks) == [one.arxiv_id for one in order]
        assert list(ranked.by_id) == list(ranked.picks)


def test_the_best_matches_and_the_new_ones_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picks, "EXPLAINED", 2)
    papers = [on_proteins(n, summary=f"{PROTEINS} {'And galaxies. ' * n}") for n in range(5)]
    found = dict.fromkeys([one.arxiv_id for one in papers], TODAY)
    ranked = rank(known(*papers, found=found), LIKED, {papers[4].arxiv_id}, most=10)
    assert list(ranked.by_id) == [one.arxiv_id for one in papers]
    explained = [bool(match.because) for match in ranked.by_id.values()]
    assert explained == [True, True, False, False, True]
    alike = rank(known(*papers, found=found), LIKED, {one.arxiv_id for one in papers}, most=10)
    for name, match in ranked.by_id.items():
        assert match.score == alike.by_id[name].score > 0


@pytest.mark.parametrize("recent,older", [(1, 2), (2, 1), (3, 0), (4, 0)])
def test_recent_papers_are_compared_with_older_ones_where_they_are_few(
    recent: int, older: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picks, "BACKGROUND", 3)
    day = datetime.combine(TODAY, time(), UTC)
    new = [on_proteins(n, published=day, updated=day) for n in range(recent)]
    old = [
        on_proteins(90 - n, published=day - timedelta(days=40 + n), title="Halos", summary="Halos.")
        for n in range(4)
    ]
    old = [replace(one, updated=one.published) for one in old]

    def score(papers: list[Paper]) -> float:
        return rank(known(*new, *papers), LIKED, (), most=10).by_id[new[0].arxiv_id].score

    for place in range(4):
        other = [*old[:place], replace(old[place], summary=PROTEINS * 9), *old[place + 1 :]]
        assert (score(other) != score(old)) is (place < older)


def test_what_is_new_has_a_match_whatever_its_age() -> None:
    old = on_proteins(1)
    ranked = rank(known(old), LIKED, {old.arxiv_id}, most=10)
    assert ranked.by_id[old.arxiv_id].because
    assert ranked.picks == ()


def test_a_paper_that_the_reader_has_or_that_is_withdrawn_is_no_pick() -> None:
    recent = datetime(2025, 10, 2, tzinfo=UTC)
    has, same, gone, other = (
        on_proteins(number, published=recent, updated=recent) for number in range(4)
    )
    gone = replace(gone, version=2, comment="This paper has been withdrawn by the authors.")
    liked = [
        *LIKED,
        Liked(title="Else", arxiv_id=has.arxiv_id),
        Liked(title="folding {P}roteins part 1"),
    ]
    ranked = rank(known(has, same, gone, other), liked, (), most=10)
    assert ranked.picks == (other.arxiv_id,)
    assert set(ranked.by_id) == {gone.arxiv_id, other.arxiv_id}


def test_the_same_papers_in_any_order_have_the_same_matches() -> None:
    papers = [on_proteins(number) for number in range(9)]
    new = {one.arxiv_id for one in papers}
    there = rank(known(*papers), LIKED, new, most=5)
    back = rank(known(*reversed(papers)), LIKED, new, most=5)
    assert there == back


# --- How much of a page they take


def matched(papers: list[Paper]) -> Matches:
    return Matches(
        by_id={one.arxiv_id: Match(score=0.5, because=("<b>", "a|b")) for one in papers},
        picks=tuple(one.arxiv_id for one in papers),
    )


def test_picks_leave_most_of_a_page_to_the_topics() -> None:
    papers = [on_proteins(number, summary="long " * 30_000) for number in range(10)]
    picks = make_picks(LOOK, known(*papers), matched(papers))
    assert len(picks.text) <= MAX_BYTES // SHARE + 1_000
    formulas = [on_proteins(n, summary=rf"$\frac{{{n}}}{{x}}$ " * 20) for n in range(30)]
    picks = make_picks(LOOK, known(*formulas), matched(formulas))
    assert len(picks.rows) == 30
    assert 0 < picks.cost <= MAX_COST // SHARE


def test_the_words_of_a_match_are_text() -> None:
    papers = [on_proteins(1)]
    text = make_picks(LOOK, known(*papers), matched(papers)).text.decode()
    page = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    assert "<em>because: &lt;b&gt;, a|b</em>" in page
