"""What is known after a run, and what a run found that was not known before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from daily_papers.errors import ArxivError
from daily_papers.papers import Answer, Paper
from daily_papers.topics import Topic

__all__ = ["Digest", "Failure", "News", "Section", "Snapshot", "compare", "merge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Since when a topic has had no answer that can be trusted."""

    since: date
    """The first day without one."""
    checked: date | None
    """A day on which the papers were known to be right; `None` where there never was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A topic and the papers kept for it."""

    heading: str
    query: str
    """The topic's query in arXiv's syntax: another query makes it another topic."""
    papers: tuple[Paper, ...]
    """Newest first, each once."""
    failure: Failure | None = None
    """Set while arXiv gives no usable answer. A day with a good answer and nothing new is not
    recorded, because it changes nothing: `checked` is then the day of the last change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that is known after a run; every page is a view of it."""

    updated: date
    """The day on which its content last changed, in the user's time zone."""
    sections: tuple[Section, ...]

    def section(self, heading: str) -> Section | None:
        """Gives the section under `heading`, if there is one."""
        return next((section for section in self.sections if section.heading == heading), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one topic has that it did not have."""

    heading: str
    new: tuple[Paper, ...]
    revised: tuple[Paper, ...]
    """Papers that were known at an earlier version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a run found that the snapshot before it did not have, topic by topic."""

    topics: tuple[News, ...]

    @property
    def new_ids(self) -> frozenset[str]:
        """The new papers' ids; a paper that is new in two topics counts once."""
        return frozenset(paper.arxiv_id for news in self.topics for paper in news.new)


def merge(
    old: Snapshot | None,
    topics: Iterable[Topic],
    replies: Mapping[str, Answer | ArxivError],
    today: date,
) -> Snapshot:
    """Gives the snapshot after a run.

    A topic without an answer keeps the papers that it had. The snapshot is dated `today` only
    where its content differs from that of `old`: a run that finds nothing new must not change a
    byte.

    Args:
        old: the snapshot before the run, if there was one.
        topics: the topics that the page is to have, in order.
        replies: what came of asking for each, by heading.
        today: the day of the run.
    """
    sections = tuple(_section(old, topic, replies[topic.heading], today) for topic in topics)
    unchanged = old is not None and old.sections == sections
    return Snapshot(updated=old.updated if old and unchanged else today, sections=sections)


def _section(
    old: Snapshot | None, topic: Topic, reply: Answer | ArxivError, today: date
) -> Section:
    """Gives one topic's section after a run."""
    query = topic.query.to_arxiv()
    if isinstance(reply, Answer):
        return Section(heading=topic.heading, query=query, papers=reply.papers)
    kept = old.section(topic.heading) if old else None
    if kept is None or old is None:
        failure = Failure(since=today, checked=None)
        return Section(heading=topic.heading, query=query, papers=(), failure=failure)
    return replace(kept, failure=kept.failure or Failure(since=today, checked=old.updated))


def compare(old: Snapshot | None, new: Snapshot) -> Digest:
    """Tells what `new` has that `old` has not.

    A topic that `old` does not know, or knows with another query, has no news: all that it holds
    is a first sight of it. So a first run has none at all.
    """
    return Digest(
        topics=tuple(
            _news(old.section(section.heading) if old else None, section)
            for section in new.sections
        )
    )


def _news(old: Section | None, new: Section) -> News:
    """Tells what one topic has that it did not have."""
    never_seen = old is None or (old.failure is not None and old.failure.checked is None)
    if old is None or never_seen or old.query != new.query:
        return News(heading=new.heading, new=(), revised=())
    known = {paper.arxiv_id: paper.version for paper in old.papers}
    return News(
        heading=new.heading,
        new=tuple(
            paper for paper in new.papers if paper.arxiv_id not in known and not paper.is_withdrawn
        ),
        revised=tuple(
            paper
            for paper in new.papers
            if known.get(paper.arxiv_id, paper.version) < paper.version
        ),
    )
