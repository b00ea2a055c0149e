"""Asks arXiv what the schedule says, as long as that makes sense."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from daily_papers.answers import Answer, Listed, Reply
from daily_papers.arxiv.calendar import latest_listing
from daily_papers.arxiv.checks import older, vanished_from_top
from daily_papers.arxiv.client import Arxiv, Question
from daily_papers.arxiv.combined import CombinedAnswer, Share
from daily_papers.arxiv.schedule import Group, make_schedule, section_of
from daily_papers.clock import Clock
from daily_papers.errors import ArxivError, OutOfTimeError, UnavailableError
from daily_papers.memory.snapshot import Section, Snapshot
from daily_papers.papers import Paper, SortBy, newest_first
from daily_papers.topics.lines import Topic
from daily_papers.topics.search import Indexed

__all__ = ["Wish", "ask"]

REFUSALS: Final = 3
"""After so many questions in a row without an answer, arXiv is down, or does not want us now."""

CLEAN_CHECKS: Final = 3
"""How many checks must find nothing odd before a topic's papers are sorted in again."""

OVERLOOKED: Final = 2
"""A topic's own answer may lack so many of the newest papers that were sorted in; one that lacks
more is older than the common one."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a run wants to know, and the ways in which it may ask."""

    topics: Sequence[Topic]
    today: date
    """The day of the run, where the user is."""
    limit: int
    """How many papers to bring for each topic at most."""
    sort_by: SortBy
    """The date that makes a paper new."""
    is_combined: bool = True
    """Whether one question may stand for several topics."""
    listing_url: str = ""
    """Where the announcement feeds are, for days on which arXiv refuses; empty for nowhere."""
    places: Sequence[str] = ()
    """The archives and categories of the announcements; without any, those of the known papers."""


def ask(wish: Wish, arxiv: Arxiv, old: Snapshot | None, clock: Clock) -> Mapping[str, Reply]:
    """Asks for all topics, and tells of each as soon as it has a reply.

    Args:
        wish: what to ask for.
        arxiv: who is asked.
        old: the last snapshot; an answer must go on from there to be trusted.
        clock: tells the time, and how long each answer took.

    Returns:
        A reply for every topic, by heading, in the order of the topics.
    """
    conversation = _Conversation(wish, arxiv, old, clock)
    schedule = make_schedule(
        wish.topics,
        old if wish.is_combined else None,
        wish.today,
        limit=wish.limit,
        sort_by=wish.sort_by,
    )
    times, topics = _count(schedule.size, "time"), _count(len(wish.topics), "topic")
    _log.info("Asking arXiv %s for %s", times, topics)
    for group in schedule.groups:
        conversation.ask_together(group)
    alone = {topic.heading for topic in schedule.alone}
    # What has no papers yet goes first: the others can do without an answer.
    for topic in sorted(wish.topics, key=conversation.has_enough):
        if topic.heading in alone or not conversation.has_enough(topic):
            conversation.ask_alone(topic)
        else:
            conversation.take_sorted(topic)
    if wish.listing_url:
        conversation.look_at_announcements()
    return {topic.heading: conversation.replies[topic.heading] for topic in wish.topics}


class _Conversation:
    """What was asked so far, and what came of it."""

    def __init__(self, wish: Wish, arxiv: Arxiv, old: Snapshot | None, clock: Clock) -> None:
        self.replies: dict[str, Reply] = {}
        self._wish, self._arxiv, self._clock = wish, arxiv, clock
        found = ((topic.heading, section_of(topic, old)) for topic in wish.topics)
        self._sections = {heading: section for heading, section in found if section}
        """What is known of the topics, by heading."""
        self._sorted: dict[str, Share] = {}
        self._refusals = 0
        self._was_refused = False
        self._end: ArxivError | None = None
        """Why nothing more is asked, once that makes no sense."""

    # --- Together

    def ask_together(self, group: Group) -> None:
        """Asks one question for several topics, and sorts the answer into them."""
        started = self._clock.monotonic()
        try:
            answer = self._answer(group.question)
        except ArxivError as error:
            _log.info("%s together: %s", _count(len(group.topics), "topic"), error.message)
            return
        common = CombinedAnswer(answer, self._wish.sort_by)
        _log.info(
            "%s together: %d papers of %d, %.1f s",
            _count(len(group.topics), "topic"),
            len(answer.papers),
            answer.total,
            self._clock.monotonic() - started,
        )
        for topic in group.topics:
            section = self._sections[topic.heading]
            self._sorted[topic.heading] = common.share_of(topic, section, self._wish.limit)

    def has_enough(self, topic: Topic) -> bool:
        """Tells whether a topic's papers are known without asking for it by itself."""
        found = self._sorted.get(topic.heading)
        return found is not None and found.is_enough

    def take_sorted(self, topic: Topic) -> None:
        """Lets a topic have what was sorted into it."""
        answer = self._sorted[topic.heading].answer
        self.replies[topic.heading] = answer
        _log.info("%s: %d papers", topic.heading, len(answer.papers))

    # --- Alone

    def ask_alone(self, topic: Topic) -> None:
        """Asks for one topic."""
        started = self._clock.monotonic()
        question = Question(
            query=topic.query,
            limit=self._wish.limit,
            sort_by=self._wish.sort_by,
            known=self._confirmed(topic),
        )
        try:
            answer = self._checked(topic, self._answer(question))
        except ArxivError as error:
            if self.has_enough(topic):
                _log.info("%s: not checked: %s", topic.heading, error.message)
                self.take_sorted(topic)
            else:
                self.replies[topic.heading] = _bare(error)
                _log.warning("%s: no papers: %s", topic.heading, error.message)
            return
        self.replies[topic.heading] = answer
        _log.info(
            "%s: %d papers of %d, %.1f s",
            topic.heading,
            len(answer.papers),
            answer.total,
            self._clock.monotonic() - started,
        )

    def _confirmed(self, topic: Topic) -> tuple[Paper, ...]:
        """Gives the papers that a topic has by arXiv's own word: an answer must go on from them."""
        section = self._sections.get(topic.heading)
        if section is None:
            return ()
        ours = frozenset(section.unconfirmed)
        return tuple(paper for paper in section.papers if paper.arxiv_id not in ours)

    def _checked(self, topic: Topic, answer: Answer) -> Answer:
        """Compares a topic's own answer with what was sorted into it.

        Raises:
            FeedError: the answer is older than the common one.
        """
        section = self._sections.get(topic.heading)
        doubts = section.doubts if section else 0
        if not self.has_enough(topic):
            return replace(answer, doubts=doubts)
        found = self._sorted[topic.heading]
        ours = found.answer
        overlooked = vanished_from_top(answer.papers, ours.papers, self._wish.sort_by)
        if len(overlooked) > OVERLOOKED:
            raise older(overlooked[0])
        odd = found.common.differences(answer, ours)
        if odd:
            names = ", ".join(paper.versioned_id for paper in odd)
            _log.info("%s: a miss: our own search judged otherwise on %s", topic.heading, names)
        return replace(answer, doubts=CLEAN_CHECKS if odd else max(0, doubts - 1))

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

    # --- The second door

    def look_at_announcements(self) -> None:
        """Lets topics without an answer have what arXiv announced last, where it refused."""
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
            _log.info("No announcements either: %s", error.message)
            return
        if found.day < latest_listing(self._clock.now()):
            _log.info("No announcements either: the latest are of %s", found.day)
            return
        papers = [Indexed(paper) for paper in found.papers]
        for topic, section, reply in failed:
            came = _announced(topic, section, papers)
            newest = newest_first([*section.papers, *came], self._wish.sort_by)
            self.replies[topic.heading] = Listed(
                papers=newest[: self._wish.limit], day=found.day, error=reply
            )
            _log.info(
                "%s: %d papers from the announcements of %s", topic.heading, len(came), found.day
            )


def _announced(topic: Topic, section: Section, papers: Iterable[Indexed]) -> list[Paper]:
    """Gives the announced papers that match a topic, and that it does not have."""
    known = {paper.arxiv_id for paper in section.papers}
    return [
        indexed.paper
        for indexed in papers
        if indexed.paper.arxiv_id not in known and topic.query.matches(indexed)
    ]


def _bare(error: ArxivError) -> ArxivError:
    """Gives an error as a value: without the frames, and so the sockets, of where it was raised."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
