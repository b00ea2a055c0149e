"""Asks arXiv for every topic, as long as that makes sense."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Final

from daily_papers.arxiv import Arxiv
from daily_papers.clock import Clock
from daily_papers.errors import ArxivError, OutOfTimeError, UnavailableError
from daily_papers.papers import Answer, SortBy
from daily_papers.snapshot import Snapshot
from daily_papers.topics import Topic

__all__ = ["Reply", "ask"]

REFUSALS: Final = 3
"""After so many topics in a row without an answer, arXiv is down, or does not want us now."""

Reply = Answer | ArxivError
"""What became of one topic: its papers, or why there are none that can be trusted."""

_log = logging.getLogger(__name__)


def ask(
    topics: Iterable[Topic],
    arxiv: Arxiv,
    old: Snapshot | None,
    *,
    limit: int,
    sort_by: SortBy,
    clock: Clock,
) -> Mapping[str, Reply]:
    """Asks for each topic in turn, and tells of each as soon as it has a reply.

    Args:
        topics: what to ask for.
        arxiv: who is asked.
        old: the last snapshot; an answer must go on from there to be trusted.
        limit: how many papers to bring for each topic at most.
        sort_by: the date that makes a paper new.
        clock: tells how long each topic took.

    Returns:
        A reply for every topic, by heading.
    """
    replies: dict[str, Reply] = {}
    refusals = 0
    end: ArxivError | None = None
    for topic in topics:
        started = clock.monotonic()
        section = old.section(topic.heading) if old else None
        known = section.papers if section and section.query == topic.query.to_arxiv() else ()
        try:
            if end:
                raise end
            answer = arxiv.newest(topic.query, limit=limit, sort_by=sort_by, known=known)
        except ArxivError as error:
            replies[topic.heading] = error
            _log.warning("%s: no papers: %s", topic.heading, error.message)
            refusals = refusals + 1 if isinstance(error, UnavailableError) else 0
            if isinstance(error, OutOfTimeError):
                end = OutOfTimeError("not asked: the time limit is reached")
            elif refusals == REFUSALS:
                end = ArxivError(f"not asked: arXiv refused {REFUSALS} topics in a row")
        else:
            replies[topic.heading] = answer
            refusals = 0
            _log.info(
                "%s: %d papers of %d, %.1f s",
                topic.heading,
                len(answer.papers),
                answer.total,
                clock.monotonic() - started,
            )
    return replies
