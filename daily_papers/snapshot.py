"""What is known after a run, and what a run found that was not known before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from daily_papers.papers import Paper

__all__ = ["Digest", "News", "Section", "Snapshot", "compare", "merge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A topic and the papers kept for it."""

    heading: str
    query: str
    """The topic's query in arXiv's syntax: another query makes it another topic."""
    papers: tuple[Paper, ...]
    """Newest first, each once."""


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


def merge(old: Snapshot | None, sections: Sequence[Section], today: date) -> Snapshot:
    """Gives the snapshot after a run that found `sections`.

    It is dated `today` only where its content differs from that of `old`: a run that finds
    nothing new must not change a byte.
    """
    content = tuple(sections)
    unchanged = old is not None and old.sections == content
    return Snapshot(updated=old.updated if old and unchanged else today, sections=content)


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
    if old is None or old.query != new.query:
        return News(heading=new.heading, new=(), revised=())
    known = {paper.arxiv_id: paper.version for paper in old.papers}
    return News(
        heading=new.heading,
        new=tuple(paper for paper in new.papers if paper.arxiv_id not in known),
        revised=tuple(
            paper
            for paper in new.papers
            if known.get(paper.arxiv_id, paper.version) < paper.version
        ),
    )
