"""What a pull request says of the changes that it proposes."""

from __future__ import annotations

from collections.abc import Mapping

from daily_papers.memory.news import find_news, first_sight
from daily_papers.memory.notices import Notice
from daily_papers.memory.snapshot import Snapshot
from daily_papers.memory.summaries import Summary
from daily_papers.views import digest_issue
from daily_papers.views.digest import Places, compose

__all__ = ["render"]


def render(
    base: Snapshot | None,
    proposed: Snapshot,
    *,
    limit: int,
    page_url: str,
    summaries: Mapping[str, Summary],
) -> str:
    """Returns the body of a pull request: the papers that merging it brings.

    Args:
        base: the snapshot of the branch; `None` if it has none, so that everything is new.
        proposed: the snapshot after the merge.
        limit: the largest number of entries for each topic.
        page_url: the address of the proposed page.
        summaries: what a model has made of papers, by id.
    """
    news = first_sight(proposed)
    if base is not None:
        news = find_news(base, proposed.sections, proposed.sort_by)
    notice = Notice(
        key="",
        day=proposed.updated,
        new={topic.heading: tuple(paper.arxiv_id for paper in topic.new) for topic in news.topics},
        revised={
            topic.heading: tuple(paper.arxiv_id for paper in topic.revised) for topic in news.topics
        },
    )
    digest = compose(notice, proposed, limit=limit, summaries=summaries)
    return digest_issue.render(digest, Places(page=page_url))
