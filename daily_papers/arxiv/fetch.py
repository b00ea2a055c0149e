"""Asks arXiv the questions of the schedule, and decides which answers are used.

This module knows the whole conversation of a run: when to stop because arXiv is down, which of two
answers about a topic is right, and where else to look when there is none.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from daily_papers.answers import Answer, Listed, Reply
from daily_papers.arxiv.calendar import latest_listing
from daily_papers.arxiv.checks import missing, older
from daily_papers.arxiv.client import PAGE_SIZE, Arxiv, Question
from daily_papers.arxiv.combined import CombinedAnswer, Share, differences
from daily_papers.arxiv.schedule import (
    CHECK_EVERY,
    WORTH_COMBINING,
    Group,
    Wish,
    first_groups,
    make_schedule,
    section_of,
)
from daily_papers.clock import Clock
from daily_papers.errors import ArxivError, OutOfTimeError, UnavailableError
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper, newest_first
from daily_papers.topics.lines import Topic
from daily_papers.topics.query import Term, all_of, any_of
from daily_papers.topics.search import Indexed

__all__ = ["Wish", "ask"]

REFUSALS: Final = 3
"""After so many questions in a row without an answer, arXiv is down, or refuses this machine."""

CLEAN_CHECKS: Final = 3
"""How many checks must find no difference before a combined answer is enough for a topic again."""

OVERLOOKED: Final = 2
"""A topic's own answer may lack so many papers that our own search sorted in. If it lacks more, it
may be from before they came, or only a part."""

FAILS_FOR: Final = timedelta(days=2)
"""After so many days without an answer to trust, what is known of a topic may be wrong itself."""

FARTHEST_BEHIND: Final = timedelta(days=6)
"""No answer is from so long ago."""

_LOOKED_UP: Final = 10
"""How many of the missing papers are looked up."""

_log = logging.getLogger(__name__)


def ask(wish: Wish, arxiv: Arxiv, old: Snapshot | None, clock: Clock) -> Mapping[str, Reply]:
    """Asks about all topics, and logs what came of each as soon as that is known.

    Args:
        wish: what to ask for.
        arxiv: the connection to arXiv.
        old: the last snapshot; an answer must not be older than that.
        clock: the time of the run, and how long each answer took.

    Returns:
        A reply for every topic, by heading, in the order of the topics.
    """
    conversation = _Conversation(wish, arxiv, old, clock)
    schedule = make_schedule(wish, old)
    _log.info("Asking arXiv about %s", _count(len(wish.topics), "topic"))
    for group in schedule.groups:
        conversation.ask_together(group)
    conversation.ask_first(schedule.first)
    separate = {topic.heading for topic in (*schedule.separate, *conversation.suspects)}
    lacking = [topic for topic in wish.topics if not conversation.has_enough(topic)]
    filled = [topic for topic in schedule.first if conversation.has_enough(topic)]
    more_checks = schedule.first_checks - (len(schedule.first) - len(filled))
    separate |= {topic.heading for topic in filled[: max(0, more_checks)]}
    # Topics without papers come first, the rarest before all: the others can do without an answer.
    for topic in sorted(lacking, key=conversation.count):
        conversation.ask_separately(topic)
    for topic in wish.topics:
        if topic.heading in conversation.replies:
            continue
        if topic.heading in separate:
            conversation.ask_separately(topic)
        else:
            conversation.take_share(topic)
    if wish.listing_url:
        conversation.look_at_listing()
    return {topic.heading: conversation.replies[topic.heading] for topic in wish.topics}


class _Conversation:
    """What was asked so far, and what came of it."""

    def __init__(self, wish: Wish, arxiv: Arxiv, old: Snapshot | None, clock: Clock) -> None:
        self.replies: dict[str, Reply] = {}
        self.suspects: list[Topic] = []
        """Topics one of which has a paper that our own search overlooked."""
        self._wish, self._arxiv, self._clock = wish, arxiv, clock
        found = ((topic.heading, section_of(topic, old)) for topic in wish.topics)
        self._sections = {heading: section for heading, section in found if section}
        """What is known of the topics, by heading."""
        self._looked_at = old.updated if old else wish.today
        """The day of the last snapshot: what it knows is not younger."""
        self._shares: dict[str, Share] = {}
        self._refusals = 0
        self._was_refused = False
        self._end: ArxivError | None = None
        """Why nothing more is asked, once that makes no sense."""

    # --- Combined questions

    def ask_together(self, group: Group) -> None:
        """Asks one question about several topics whose papers are known."""
        combined = self._combined(group)
        if combined is None:
            return
        for topic in group.topics:
            section = self._sections[topic.heading]
            self._shares[topic.heading] = combined.share_of(topic, section, self._wish.limit)
        if overlooked := self._overlooked(group, combined):
            names = ", ".join(paper.versioned_id for paper in overlooked)
            _log.info("Our own search finds no topic for %s, as arXiv does", names)
            if len(group.topics) <= CHECK_EVERY:
                self.suspects += group.topics

    def _overlooked(self, group: Group, combined: CombinedAnswer) -> list[Paper]:
        """Returns the papers since the last check that arXiv has for a topic, and we for none."""
        sections = [self._sections[topic.heading] for topic in group.topics]
        checked = min(section.checked or self._looked_at for section in sections)
        bounds = [_end_of(checked - timedelta(days=2))]
        for topic in group.topics:
            answer = self._shares[topic.heading].answer
            if answer.papers and not answer.is_complete:
                # Below a topic's last paper, one of its own may be missing rightly.
                bounds.append(answer.papers[-1].date(self._wish.sort_by))
        unclaimed = combined.unclaimed()
        return [paper for paper in unclaimed if paper.date(self._wish.sort_by) > max(bounds)]

    def ask_first(self, topics: Sequence[Topic]) -> None:
        """Asks combined questions about topics without known papers, as long as that saves some.

        An answer has all papers of the busy topics. Asked again without those, it reaches further
        back, for the less busy ones.
        """
        while len(topics) >= WORTH_COMBINING:
            requests = 0
            for group in first_groups(topics, self._sections, self._wish):
                combined = self._combined(group)
                if combined is None:
                    return
                requests += math.ceil(len(combined) / group.question.page_size)
                for topic in group.topics:
                    share = combined.share_of(topic, None, self._wish.limit)
                    self._shares[topic.heading] = share
            lacking = [topic for topic in topics if not self.has_enough(topic)]
            if len(topics) - len(lacking) <= requests:
                return
            topics = sorted(lacking, key=self.count, reverse=True)

    def _combined(self, group: Group) -> CombinedAnswer | None:
        """Asks one question about several topics; `None` if there is no answer to trust."""
        started = self._clock.monotonic()
        topics = _count(len(group.topics), "topic")
        try:
            answer = self._answer(group.question)
        except ArxivError as error:
            _log.info("%s together: %s", topics, error.message)
            return None
        seconds = self._clock.monotonic() - started
        _log.info("%s together: %s, %.1f s", topics, _of_total(answer), seconds)
        return CombinedAnswer(answer, group.question.sort_by)

    def has_enough(self, topic: Topic) -> bool:
        """Whether a topic's papers are known without a separate question."""
        share = self._shares.get(topic.heading)
        return share is not None and share.is_enough

    def count(self, topic: Topic) -> int:
        """Returns how many papers a combined answer had for a topic."""
        share = self._shares.get(topic.heading)
        return len(share.answer.papers) if share else 0

    def take_share(self, topic: Topic) -> None:
        """Answers a topic with its share of a combined answer."""
        answer = self._shares[topic.heading].answer
        self.replies[topic.heading] = answer
        _log.info("%s: %s", topic.heading, _count(len(answer.papers), "paper"))

    # --- Separate questions

    def ask_separately(self, topic: Topic) -> None:
        """Asks about one topic."""
        started = self._clock.monotonic()
        question = Question(
            name=topic.heading,
            query=topic.query,
            limit=self._wish.limit,
            sort_by=self._wish.sort_by,
            known=self._beyond_doubt(topic),
        )
        try:
            answer = self._checked(topic, self._answer(question))
        except ArxivError as error:
            if self.has_enough(topic):
                _log.info("%s: not checked: %s", topic.heading, error.message)
                self.take_share(topic)
            else:
                self.replies[topic.heading] = _bare(error)
                _log.warning("%s: no papers: %s", topic.heading, error.message)
            return
        self.replies[topic.heading] = answer
        seconds = self._clock.monotonic() - started
        _log.info("%s: %s, %.1f s", topic.heading, _of_total(answer), seconds)

    def _beyond_doubt(self, topic: Topic) -> tuple[Paper, ...]:
        """Returns the known papers that an answer about a topic must not be older than.

        They are those that arXiv and our own search agree on. If one that only arXiv had leaves, it
        never belonged; nor can an answer lack what is dated later than we saw it.
        """
        section = self._sections.get(topic.heading)
        if section is None:
            return ()
        ours = frozenset(section.unconfirmed)
        end = _end_of(self._looked_at)
        papers = [
            paper
            for paper in section.papers
            if paper.arxiv_id not in ours
            and paper.date(self._wish.sort_by) < end
            and topic.query.matches(paper)
        ]
        if section.failure and section.failure.since <= self._wish.today - FAILS_FOR:
            # No index is so far behind: a version that answers still lack was never there.
            day = _end_of(self._wish.today - FARTHEST_BEHIND)
            papers = [replace(p, version=1) if p.updated < day else p for p in papers]
        return tuple(papers)

    def _checked(self, topic: Topic, answer: Answer) -> Answer:
        """Compares a topic's own answer with what our own search sorted into it.

        Where they differ, arXiv is right, and later combined answers are in doubt. If they differ
        much, arXiv is asked whether it means that.

        Raises:
            ArxivError: the answer cannot be trusted.
        """
        section = self._sections.get(topic.heading)
        share = self._shares.get(topic.heading)
        doubts = section.doubts if section else 0
        expected = share.answer.papers if share else section.papers if section else ()
        lacking = [
            paper
            for paper in missing(
                answer.papers, expected, limit=self._wish.limit, sort_by=self._wish.sort_by
            )
            if topic.query.matches(paper)
        ]
        if len(lacking) > OVERLOOKED and not self._is_overdue(section):
            self._check_meant(topic, lacking)
        if share is None or not share.is_enough:
            return replace(answer, doubts=doubts)
        odd = differences(topic, answer, share, self._wish.sort_by)
        if odd:
            names = ", ".join(paper.versioned_id for paper in odd)
            _log.info("%s: arXiv's search and ours differ on %s", topic.heading, names)
        return replace(answer, doubts=CLEAN_CHECKS if odd else max(0, doubts - 1))

    def _check_meant(self, topic: Topic, lacking: Sequence[Paper]) -> None:
        """Refuses an answer unless arXiv knows the papers that it lacks, and not for its topic.

        Both are questions for the search, which may be older than what arXiv says of an id.

        Raises:
            ArxivError: the answer is older than what is known, or only a part of what there is.
        """
        sort_by = self._wish.sort_by
        ids = {paper.arxiv_id for paper in lacking[:_LOOKED_UP]}
        named = any_of(Term("all", arxiv_id) for arxiv_id in sorted(ids))
        known = self._answer(Question(query=named, limit=PAGE_SIZE, sort_by=sort_by))
        if ids <= {paper.arxiv_id for paper in known.papers}:
            query = all_of([topic.query, named])
            theirs = self._answer(Question(query=query, limit=PAGE_SIZE, sort_by=sort_by))
            if ids.isdisjoint(paper.arxiv_id for paper in theirs.papers):
                return
        raise older(lacking[0])

    def _is_overdue(self, section: Section | None) -> bool:
        """Whether the checks of a topic have failed for days, so that arXiv surely means them."""
        if section is None or section.checked is None:
            return False
        return (self._looked_at - section.checked).days >= CHECK_EVERY + FAILS_FOR.days

    def _answer(self, question: Question) -> Answer:
        """Asks arXiv, unless that makes no sense any more.

        Raises:
            ArxivError: there is no answer that can be trusted.
        """
        if self._end:
            raise type(self._end)(self._end.message)
        try:
            answer = self._arxiv.newest(question)
        except ArxivError as error:
            self._refusals = self._refusals + 1 if isinstance(error, UnavailableError) else 0
            self._was_refused |= isinstance(error, (UnavailableError, OutOfTimeError))
            if isinstance(error, OutOfTimeError):
                self._end = OutOfTimeError("not asked: the time limit is reached")
            elif self._refusals == REFUSALS:
                self._end = ArxivError(f"not asked: arXiv refused {REFUSALS} topics in a row")
            raise
        self._refusals = 0
        return answer

    # --- The listing

    def look_at_listing(self) -> None:
        """Gives topics without an answer what arXiv listed last, if arXiv refused to answer."""
        if not self._was_refused:
            return
        failed = [
            (topic, section, reply)
            for topic in self._wish.topics
            if isinstance(reply := self.replies[topic.heading], ArxivError)
            and (section := self._sections.get(topic.heading))
        ]
        known = (paper for _, section, _ in failed for paper in section.papers)
        places = self._wish.places or sorted({paper.primary_category for paper in known})
        if not places:
            return
        try:
            found = self._arxiv.listing(self._wish.listing_url, places)
        except ArxivError as error:
            _log.info("No listing either: %s", error.message)
            return
        if found.day < latest_listing(self._clock.now()):
            _log.info("No listing either: the latest is that of %s", found.day)
            return
        papers = [Indexed(paper) for paper in found.papers]
        for topic, section, reply in failed:
            came = _listed(topic, section, papers)
            newest = newest_first([*section.papers, *came], self._wish.sort_by)
            self.replies[topic.heading] = Listed(
                papers=newest[: self._wish.limit], day=found.day, error=reply
            )
            count = _count(len(came), "paper")
            _log.info("%s: %s from the listing of %s", topic.heading, count, found.day)


def _listed(topic: Topic, section: Section, papers: Iterable[Indexed]) -> list[Paper]:
    """Returns the listed papers that match a topic, and that it does not have."""
    known = {paper.arxiv_id for paper in section.papers}
    return [
        indexed.paper
        for indexed in papers
        if indexed.paper.arxiv_id not in known and topic.query.matches(indexed)
    ]


def _end_of(day: date) -> datetime:
    """Returns the moment at which a day is over in all time zones."""
    return datetime.combine(day + timedelta(days=1), time(12), UTC)


def _bare(error: ArxivError) -> ArxivError:
    """Returns an error as a value: without the frames, and so the sockets, that it came through."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _of_total(answer: Answer) -> str:
    return f"{_count(len(answer.papers), 'paper')} of {answer.total}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
