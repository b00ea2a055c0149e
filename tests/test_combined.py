from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.answers import Answer
from daily_papers.arxiv.combined import CombinedAnswer, Share, differences
from daily_papers.memory.snapshot import Section
from daily_papers.papers import Paper, SortBy, newest_first
from daily_papers.topics.lines import parse_topics
from tests.support import NOW, paper

(TOPIC,) = parse_topics("Sea Ice")
BY = SortBy.UPDATED
LIMIT = 4


def ours(age: int, version: int = 1, title: str = "On Sea Ice") -> Paper:
    """A paper that is so many days old; by its age it has an id."""
    moment = NOW - timedelta(days=age)
    return paper(
        f"2509.{100 - age:05}", version, title=title, summary="", published=moment, updated=moment
    )


def other(age: int) -> Paper:
    return ours(age, title="On Road Maps")


def section(*papers: Paper, **changes: object) -> Section:
    made = Section(
        heading=TOPIC.heading, query=TOPIC.query.to_arxiv(), papers=papers, is_complete=False
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def combined(*papers: Paper, total: int = 1000) -> CombinedAnswer:
    return CombinedAnswer(Answer(papers=newest_first(papers, BY), total=total), BY)


def share(known: Section | None, *papers: Paper, total: int = 1000) -> Share:
    return combined(*papers, total=total).share_of(TOPIC, known, LIMIT)


KNOWN = tuple(ours(age) for age in (5, 6, 20, 30))


def test_new_papers_are_above_the_known_ones() -> None:
    found = share(section(*KNOWN), ours(1), other(2), ours(3), *KNOWN[:2], other(9))
    assert found.is_enough
    assert found.answer.papers == (ours(1), ours(3), ours(5), ours(6))
    assert found.answer.unconfirmed == ("2509.00097", "2509.00099")
    assert not found.answer.is_own
    assert not found.answer.is_complete


def test_what_our_own_search_added_earlier_stays_unconfirmed() -> None:
    known = section(*KNOWN, unconfirmed=("2509.00095",))
    assert share(known, *KNOWN[:2], other(9)).answer.unconfirmed == ("2509.00095",)


def test_doubts_stay_until_the_topic_is_asked_about_separately() -> None:
    assert share(section(*KNOWN, doubts=2), *KNOWN[:2], other(9)).answer.doubts == 2
    assert share(None, *KNOWN[:2], other(9)).answer.doubts == 0


def test_a_revised_paper_moves_up_at_its_new_version() -> None:
    revised = replace(ours(20), version=2, updated=NOW)
    found = share(section(*KNOWN), revised, *KNOWN[:2], other(9))
    assert found.is_enough
    assert found.answer.papers == (revised, ours(5), ours(6), ours(30))
    assert found.answer.unconfirmed == (revised.arxiv_id,)


def test_arxivs_own_word_takes_precedence_over_ours() -> None:
    """A paper that arXiv gave for this topic stays in it, whatever it looks like."""
    odd = other(5)
    found = share(section(odd, *KNOWN[1:]), odd, KNOWN[1], other(9))
    assert found.is_enough
    assert odd in found.answer.papers
    assert found.answer.unconfirmed == ()


def test_what_arxiv_says_of_a_known_paper_is_taken_over() -> None:
    commented = replace(KNOWN[0], journal_ref="J. Ice 1")
    assert commented in share(section(*KNOWN), commented, KNOWN[1], other(9)).answer.papers


@pytest.mark.parametrize(
    "papers",
    [
        (KNOWN[1], other(9)),
        (replace(other(5), version=2, updated=NOW), KNOWN[1], other(9)),
    ],
    ids=["left", "revised into another topic"],
)
def test_a_topic_that_would_lose_a_paper_is_asked_about_separately(
    papers: tuple[Paper, ...],
) -> None:
    assert not share(section(*KNOWN), ours(1), *papers).is_enough


def test_a_topic_that_would_lose_a_version_is_asked_about_separately() -> None:
    revised = replace(KNOWN[0], version=2)
    assert not share(section(revised, *KNOWN[1:]), ours(1), *KNOWN[:2], other(9)).is_enough


def test_a_paper_that_never_belonged_leaves_without_a_question() -> None:
    """arXiv had it by mistake, and has it for no topic any more."""
    found = share(section(other(5), *KNOWN[1:]), ours(1), ours(4), KNOWN[1], other(9))
    assert found.is_enough
    assert found.answer.papers == (ours(1), ours(4), *KNOWN[1:3])


def test_a_paper_that_only_arxiv_had_is_asked_about_when_it_is_revised() -> None:
    revised = replace(other(5), version=2, updated=NOW)
    assert not share(section(other(5), *KNOWN[1:]), ours(1), ours(4), revised, KNOWN[1]).is_enough


def test_a_topic_with_too_few_papers_is_asked_about_separately() -> None:
    assert not share(section(*KNOWN[:3]), *KNOWN[:2], other(9)).is_enough


def test_a_complete_topic_stays_complete_until_it_is_cut() -> None:
    known = section(*KNOWN[:2], is_complete=True)
    few = share(known, ours(1), *KNOWN[:2], other(9))
    assert few.is_enough
    assert few.answer.is_complete
    many = share(known, ours(1), ours(2), ours(3), *KNOWN[:2], other(9))
    assert len(many.answer.papers) == LIMIT
    assert not many.answer.is_complete


def test_without_a_beginning_a_share_is_whole_as_far_as_the_answer_reaches() -> None:
    papers = [ours(1), ours(2), ours(3), ours(5), other(9)]
    whole = share(None, *papers)
    assert whole.is_enough
    assert whole.answer.papers == tuple(papers[:LIMIT])
    assert whole.answer.total is None
    assert whole.answer.unconfirmed == tuple(sorted(p.arxiv_id for p in papers[:LIMIT]))
    assert not share(None, *papers[:3], ours(5)).is_enough  # whether it is the next one is not sure
    assert not share(None, *papers[:3], other(9)).is_enough


def test_a_complete_answer_is_enough_without_a_beginning() -> None:
    found = share(None, ours(1), other(9), total=2)
    assert found.is_enough
    assert found.answer.is_complete


def test_a_paper_that_belongs_to_no_topic_is_unclaimed() -> None:
    answer = combined(ours(1), other(2), other(5), other(9))
    known = section(other(5), *KNOWN[1:])
    answer.share_of(TOPIC, known, LIMIT)
    assert answer.unclaimed() == (other(2), other(9))


def test_the_last_entries_of_an_answer_do_not_tell_how_far_it_reaches() -> None:
    """One in twenty may be out of order: an old paper among the new ones promises nothing."""
    papers = [other(age) for age in range(39)]
    assert combined(*papers, ours(99)).reach == papers[37].updated


def test_of_its_last_moment_an_answer_may_lack_a_paper() -> None:
    last = other(9)
    same, later = (
        replace(ours(50 - n), updated=last.updated + n * timedelta(seconds=1)) for n in range(2)
    )
    found = share(section(*KNOWN[:2], later, same), *KNOWN[:2], last)
    assert found.reach == last.updated
    assert found.answer.papers == (*KNOWN[:2], same)
    # Nor is it whole there for a topic without a beginning.
    assert share(None, *(ours(n) for n in range(1, 5)), last).is_enough
    assert not share(None, *(ours(n) for n in range(1, 4)), same, last).is_enough


def test_a_complete_answer_reaches_back_for_ever() -> None:
    found = share(section(*KNOWN), *KNOWN[:2], total=2)
    assert not found.is_enough


def test_differences_are_papers_that_only_one_has() -> None:
    everything = combined(*(ours(age) for age in range(1, 8)))
    known = section(*(ours(age) for age in (1, 2, 3, 4)))
    mine = everything.share_of(TOPIC, known, LIMIT)
    assert mine.answer.papers == known.papers
    theirs = Answer(papers=(ours(1), ours(3), ours(4), ours(30)), total=100)
    assert differences(TOPIC, theirs, mine, BY) == (ours(2),)
    another = replace(other(2), arxiv_id="2509.00001")
    more = Answer(papers=(ours(1), another, *known.papers[1:]), total=100)
    assert differences(TOPIC, more, mine, BY) == (another,)
    assert differences(TOPIC, Answer(papers=known.papers, total=100), mine, BY) == ()
    few = Answer(papers=known.papers[:2], total=100)
    assert differences(TOPIC, few, mine, BY) == ()  # older than where one of them ends


def test_differences_come_in_the_order_of_their_ids() -> None:
    known = section(*(ours(age) for age in (1, 2, 3, 4)))
    everything = combined(*(ours(age) for age in range(1, 8)), other(9))
    mine = everything.share_of(TOPIC, known, LIMIT)
    theirs = Answer(papers=(ours(2), ours(4), ours(5), ours(30)), total=100)
    assert differences(TOPIC, theirs, mine, BY) == (ours(3), ours(1))


def test_what_a_combined_answer_does_not_reach_is_no_difference() -> None:
    """A share goes on with papers that were known, but nobody has compared those."""
    known = section(ours(5), ours(20), ours(30))
    mine = combined(ours(1), other(3)).share_of(TOPIC, known, LIMIT)
    assert mine.answer.papers == (ours(1), *known.papers)
    theirs = Answer(papers=(ours(1), ours(2), ours(5), ours(10), ours(20), ours(30)), total=100)
    assert differences(TOPIC, theirs, mine, BY) == (ours(2),)


@pytest.mark.parametrize("sort_by", SortBy)
def test_a_combined_answer_goes_by_the_date_that_was_asked_for(sort_by: SortBy) -> None:
    """By the other date, papers would be in another order, and below what it reaches."""

    def crossed(one: Paper) -> Paper:
        away = NOW - timedelta(days=400) + (NOW - one.updated)
        if sort_by is SortBy.UPDATED:
            return replace(one, published=away)
        return replace(one, updated=away)

    mine = [crossed(ours(age)) for age in (1, 2, 3, 4)]
    theirs = [crossed(other(age)) for age in (6, 5)]
    answer = Answer(papers=newest_first([*mine, *theirs], sort_by), total=1000)
    whole = CombinedAnswer(answer, sort_by)
    found = whole.share_of(TOPIC, section(*mine), LIMIT)
    assert whole.unclaimed() == (theirs[1], theirs[0])
    assert whole.share_of(TOPIC, None, LIMIT).is_enough
    own = Answer(papers=(mine[0], mine[2], mine[3], crossed(ours(30))), total=100)
    assert differences(TOPIC, own, found, sort_by) == (mine[1],)
    few = replace(found, answer=replace(found.answer, papers=tuple(mine[:2])))
    assert differences(TOPIC, own, few, sort_by) == ()  # The share ends before the others.


def test_what_neither_search_finds_any_more_is_no_difference() -> None:
    known = section(ours(1), other(2), ours(3), ours(4))
    mine = combined(ours(1), other(2), *(ours(age) for age in range(3, 8))).share_of(
        TOPIC, known, LIMIT
    )
    theirs = Answer(papers=(ours(1), ours(3), ours(4), ours(5)), total=100)
    assert differences(TOPIC, theirs, mine, BY) == ()


@given(
    ages=st.sets(st.integers(0, 60), min_size=1),
    mine=st.sets(st.integers(0, 60)),
    came=st.integers(0, 30),
    page=st.integers(1, 60),
)
def test_sharing_out_gives_what_asking_would_have(
    ages: set[int], mine: set[int], came: int, page: int
) -> None:
    """For all papers, all pages, and whatever came since the last day."""
    everything = newest_first((ours(age) if age in mine else other(age) for age in ages), BY)
    truth = [one for one in everything if TOPIC.query.matches(one)]
    before = [one for one in truth if one.updated <= NOW - timedelta(days=came)]
    known = section(*before[:LIMIT], is_complete=len(before) <= LIMIT)
    found = share(known, *everything[:page], total=len(everything))
    reach = NOW - timedelta(days=came)
    if found.is_enough and (len(everything) <= page or everything[:page][-1].updated <= reach):
        assert list(found.answer.papers) == truth[:LIMIT]
        assert found.answer.is_complete == (len(truth) <= LIMIT)
