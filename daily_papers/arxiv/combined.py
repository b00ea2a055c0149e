"""Sorts one answer for many topics into the topics.

What a topic has is then what it had, changed by what the common answer says of the time that the
answer covers. arXiv's own word goes before ours: what it gave for a topic at this version stays in
it, and a topic that would lose a paper has to be asked for by itself.
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

__all__ = ["CombinedAnswer", "Share"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a common answer says of one topic."""

    common: CombinedAnswer
    answer: Answer
    is_enough: bool
    """Whether the topic need not be asked for by itself."""


class CombinedAnswer:
    """An answer for many topics, ready to be sorted into them.

    Args:
        answer: the newest papers that match one of the topics.
        sort_by: the date by which they are the newest.
    """

    def __init__(self, answer: Answer, sort_by: SortBy) -> None:
        self._papers = {paper.arxiv_id: Indexed(paper) for paper in answer.papers}
        self._sort_by = sort_by
        self.reach = _reach(answer, sort_by)
        """All that is newer is in the answer, if it matches."""

    def share_of(self, topic: Topic, section: Section, limit: int) -> Share:
        """Gives what a topic has now.

        Args:
            topic: what is looked for.
            section: what it had.
            limit: how many papers it is to have at most.
        """
        versions = {paper.arxiv_id: paper.version for paper in section.papers}
        found = [
            indexed.paper
            for arxiv_id, indexed in self._papers.items()
            if versions.get(arxiv_id) == indexed.paper.version or topic.query.matches(indexed)
        ]
        others = [paper for paper in section.papers if paper.arxiv_id not in self._papers]
        kept = [paper for paper in others if paper.date(self._sort_by) <= self.reach]
        papers = newest_first([*found, *kept], self._sort_by)
        ids = {paper.arxiv_id for paper in papers}
        return Share(
            common=self,
            answer=Answer(
                papers=papers[:limit],
                total=len(papers) if section.is_complete else None,
                is_own=False,
                unconfirmed=tuple(
                    sorted(
                        paper.arxiv_id
                        for paper in papers[:limit]
                        if paper.arxiv_id in section.unconfirmed
                        or versions.get(paper.arxiv_id) != paper.version
                    )
                ),
                doubts=section.doubts,
            ),
            is_enough=versions.keys() <= ids and (section.is_complete or len(papers) >= limit),
        )

    def differences(self, theirs: Answer, ours: Answer) -> tuple[Paper, ...]:
        """Gives the papers that only one of two answers for a topic has, where both are whole.

        Args:
            theirs: what arXiv says of the topic.
            ours: what was sorted into it.
        """
        whole = max(self.reach, _reach(theirs, self._sort_by), _reach(ours, self._sort_by))
        left, right = ({p.versioned_id: p for p in answer.papers} for answer in (theirs, ours))
        either = left | right
        odd = (either[name] for name in sorted(left.keys() ^ right.keys()))
        return tuple(paper for paper in odd if paper.date(self._sort_by) > whole)


def _reach(answer: Answer, sort_by: SortBy) -> datetime:
    """Gives the date down to which an answer is whole.

    A few entries of a good answer stand out of order, so that its last ones do not count.
    """
    if answer.is_complete or not answer.papers:
        return _LONG_AGO
    count = len(answer.papers)
    return answer.papers[count - count // UNSORTED_SHARE - 1].date(sort_by)
