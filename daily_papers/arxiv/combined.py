"""One answer for many topics, and how it is shared out among them.

Whether a paper belongs to a topic is then decided here, by `Query.matches`, which follows arXiv's
own search but is not it. So arXiv's word goes before ours: a paper that arXiv gave for a topic
stays in it at this version, what only our search decided is marked as unconfirmed, and a topic that
would lose a paper is asked about separately.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from daily_papers.answers import Answer
from daily_papers.arxiv.checks import UNSORTED_SHARE
from daily_papers.memory.snapshot import Section
from daily_papers.papers import Paper, SortBy, newest_first
from daily_papers.topics.lines import Topic
from daily_papers.topics.search import Indexed

__all__ = ["CombinedAnswer", "Share", "differences"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A topic's share of a combined answer."""

    answer: Answer
    is_enough: bool
    """Whether the topic need not be asked about separately."""
    reach: datetime
    """The combined answer has everything that is newer."""


class CombinedAnswer:
    """An answer for many topics.

    Args:
        answer: the newest papers that match at least one of the topics.
        sort_by: the date by which they are the newest.
    """

    def __init__(self, answer: Answer, sort_by: SortBy) -> None:
        self._papers = {paper.arxiv_id: Indexed(paper) for paper in answer.papers}
        self._sort_by = sort_by
        self._is_complete = answer.is_complete
        self._unclaimed = set(self._papers)
        self.reach = _reach(answer, sort_by)
        """The answer has everything that is newer."""

    def __len__(self) -> int:
        """The number of papers."""
        return len(self._papers)

    def share_of(self, topic: Topic, section: Section | None, limit: int) -> Share:
        """Returns the papers that a topic has after this answer.

        Args:
            topic: what is looked for.
            section: the papers that it had, as far as they are a beginning to go on from: all that
                there were, or the newest `limit`. `None` if there are none such.
            limit: how many papers it is to have at most.
        """
        known = section.papers if section else ()
        unconfirmed = section.unconfirmed if section else ()
        versions = {paper.arxiv_id: paper.version for paper in known}
        found = [
            indexed.paper
            for arxiv_id, indexed in self._papers.items()
            if versions.get(arxiv_id) == indexed.paper.version or topic.query.matches(indexed)
        ]
        self._unclaimed.difference_update(paper.arxiv_id for paper in found)
        others = [paper for paper in known if paper.arxiv_id not in self._papers]
        kept = [paper for paper in others if paper.date(self._sort_by) <= self.reach]
        papers = newest_first([*found, *kept], self._sort_by)
        is_complete = self._is_complete or (section is not None and section.is_complete)
        # Of a topic without a beginning, the share is whole no further down than the answer.
        whole = papers if section else self._within_reach(papers)
        return Share(
            answer=Answer(
                papers=papers[:limit],
                total=len(papers) if is_complete else None,
                is_own=False,
                unconfirmed=tuple(
                    sorted(
                        paper.arxiv_id
                        for paper in papers[:limit]
                        if paper.arxiv_id in unconfirmed
                        or versions.get(paper.arxiv_id) != paper.version
                    )
                ),
                doubts=section.doubts if section else 0,
            ),
            is_enough=(is_complete or len(whole) >= limit)
            and not any(self._is_doubtful(topic, paper) for paper in _lost(known, papers)),
            reach=self.reach,
        )

    def unclaimed(self) -> tuple[Paper, ...]:
        """Returns the papers that belong to no topic whose share was taken, newest first.

        arXiv gave each of them for one of the topics, so that our search overlooked it.
        """
        papers = (self._papers[arxiv_id].paper for arxiv_id in self._unclaimed)
        return newest_first(papers, self._sort_by)

    def _is_doubtful(self, topic: Topic, lost: Paper) -> bool:
        """Whether it is not certain that a paper left a topic.

        It is where arXiv has it for no topic any more, and it never matched by our search: from
        November to December 2025, arXiv took quoted phrases for words in any order.
        """
        return lost.arxiv_id in self._papers or topic.query.matches(lost)

    def _within_reach(self, papers: tuple[Paper, ...]) -> tuple[Paper, ...]:
        return tuple(paper for paper in papers if paper.date(self._sort_by) > self.reach)


def _lost(known: tuple[Paper, ...], papers: tuple[Paper, ...]) -> list[Paper]:
    """Returns the known papers that are not among `papers`, or only at an earlier version."""
    versions = {paper.arxiv_id: paper.version for paper in papers}
    return [paper for paper in known if versions.get(paper.arxiv_id, 0) < paper.version]


def differences(topic: Topic, own: Answer, share: Share, sort_by: SortBy) -> tuple[Paper, ...]:
    """Returns the papers on which arXiv's search and ours differ, as far as both are whole.

    A paper that only the share has, and that does not match by our search either, was arXiv's
    earlier mistake: there is no difference any more.

    Args:
        topic: what is looked for.
        own: arXiv's answer about this topic alone.
        share: the topic's share of a combined answer.
        sort_by: the date by which both are the newest papers.
    """
    whole = max(share.reach, _reach(own, sort_by), _reach(share.answer, sort_by))
    theirs, ours = ({p.versioned_id: p for p in answer.papers} for answer in (own, share.answer))
    odd = [
        *(paper for name, paper in theirs.items() if name not in ours),
        *(p for name, p in ours.items() if name not in theirs and topic.query.matches(p)),
    ]
    recent = (paper for paper in odd if paper.date(sort_by) > whole)
    return tuple(sorted(recent, key=lambda paper: paper.versioned_id))


def _reach(answer: Answer, sort_by: SortBy) -> datetime:
    """Returns the date down to which an answer is whole.

    A few entries of a good answer are out of order, so that its last ones do not count.
    """
    if answer.is_complete or not answer.papers:
        return _LONG_AGO
    count = len(answer.papers)
    return answer.papers[count - count // UNSORTED_SHARE - 1].date(sort_by)
