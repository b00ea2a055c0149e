"""What a pull request says of the changes that it proposes."""

from __future__ import annotations

from datetime import date

from daily_papers.memory.news import compare
from daily_papers.memory.snapshot import News, Notice, Snapshot
from daily_papers.papers import SortBy
from daily_papers.views import digest

__all__ = ["render"]


def render(
    base: Snapshot | None,
    proposed: Snapshot,
    *,
    day: date,
    limit: int,
    sort_by: SortBy,
    page_url: str,
) -> str:
    """Gives the body of a pull request: the papers that merging it brings.

    Args:
        base: what there is; `None` where there is nothing yet, so that all is new.
        proposed: what there will be.
        day: the day of the run.
        limit: rows for each topic at most.
        sort_by: the date to show.
        page_url: where the whole page is, as it is proposed.
    """
    news = compare(base, proposed, sort_by).topics
    if base is None:
        news = tuple(
            News(heading=section.heading, new=section.papers, revised=())
            for section in proposed.sections
        )
    announcement = Notice(
        key="",
        day=day,
        is_welcome=False,
        new={item.heading: tuple(paper.arxiv_id for paper in item.new) for item in news},
        revised={item.heading: tuple(paper.arxiv_id for paper in item.revised) for item in news},
    )
    return digest.render(
        announcement,
        {paper.arxiv_id: paper for section in proposed.sections for paper in section.papers},
        limit=limit,
        sort_by=sort_by,
        page_url=page_url,
        hidden="<!-- daily-papers -->",
    )
