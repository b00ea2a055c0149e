"""The files for the web: the feeds and the page.

What makes them takes longer to load than anything else of ours, so only a run that is to make them
imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping

from daily_papers.home import Home
from daily_papers.inputs import Inputs
from daily_papers.interests.match import Matches
from daily_papers.memory.archive import Archive, current_papers
from daily_papers.memory.datafile import Memory
from daily_papers.memory.summaries import Summary
from daily_papers.padding import lacking, lacking_most, padded
from daily_papers.paths import main_feed
from daily_papers.publish.addresses import feed_url, public_url
from daily_papers.publish.repository import blob_sha
from daily_papers.views import feeds, site
from daily_papers.views.key_sentence import key_sentence
from daily_papers.views.pages import relative_link

__all__ = ["render", "unsigned_assets"]


def render(
    inputs: Inputs,
    known: Memory,
    *,
    summaries: Mapping[str, Summary],
    matches: Matches | None,
    words: Mapping[str, bytes],
    has_digests: bool,
    home: Home | None,
) -> dict[str, dict[str, bytes]]:
    """Returns the files that the inputs ask for, by input and path in the repository.

    Args:
        inputs: what the user wants to see, and where.
        known: what there is to show.
        summaries: what a model has made of papers, by id.
        matches: how well papers match what the reader likes; `None` where nothing is liked.
        words: the files of the archive's word index that change, by name.
        has_digests: whether GitHub has a list of digests.
        home: where the files can be seen on the web, if anywhere.
    """
    files: dict[str, dict[str, bytes]] = {}
    if inputs.feed:
        made = feeds.render(known.snapshot, _outlet(inputs, inputs.feed, home))
        files["feed"] = {path: padded(data, lacking_most(len(data))) for path, data in made.items()}
    if inputs.site is not None:
        made = site.render(
            known.snapshot,
            marker=inputs.marker,
            place=_place(inputs, inputs.site, home, has_digests=has_digests),
            facts=_facts(known, summaries, matches),
        )
        page = made["index.html"]
        made |= {"index.html": padded(page, lacking(len(page))), **words}
        files["site"] = {f"{inputs.site}/{name}": data for name, data in made.items()}
    return files


def unsigned_assets() -> set[str]:
    """Returns git's names of the page's files that have no signature, such as fonts."""
    return {blob_sha(data) for data in site.unsigned_assets()}


def _outlet(inputs: Inputs, path: str, home: Home | None) -> feeds.Outlet:
    """Returns where the feeds go, and where they are read."""
    if home is None:
        return feeds.Outlet(path=path, marker=inputs.marker, title=inputs.title)
    page = home.published_url(f"{inputs.site}/", inputs.site) if inputs.site else ""
    return feeds.Outlet(
        path=path,
        marker=inputs.marker,
        title=inputs.title,
        repository=home.name,
        page=page or home.page_url(inputs.readme),
        icon=home.published_url(f"{inputs.site}/icon.svg", inputs.site) if inputs.site else "",
        address=lambda file: public_url(inputs, file, home),
    )


def _facts(known: Memory, summaries: Mapping[str, Summary], matches: Matches | None) -> site.Facts:
    """Returns what the web page shows of papers besides what arXiv says."""
    archive = known.archive or Archive()
    current = {item.paper.arxiv_id: item.paper for item in current_papers(archive, known.snapshot)}
    return site.Facts(
        archive=archive,
        sentences={
            arxiv_id: key_sentence(paper.title, paper.summary)
            for arxiv_id, paper in (current | known.snapshot.papers).items()
        },
        summaries=summaries,
        matches=matches.by_id if matches else {},
    )


def _place(inputs: Inputs, folder: str, home: Home | None, *, has_digests: bool) -> site.Place:
    """Returns the web page's name and its links."""
    feed = feed_url(inputs, home)
    # A feed in the page's folder is published with the page.
    if inputs.feed and (home is None or inputs.feed.startswith(f"{folder}/")):
        feed = relative_link(main_feed(inputs.feed), f"{folder}/index.html")
    if home is None:
        return site.Place(title=inputs.title, feed=feed)
    return site.Place(
        title=inputs.title or home.name,
        address=home.published_url(f"{folder}/", folder),
        repository=home.repository_url,
        readme=home.page_url(inputs.readme),
        digests=home.label_url(inputs.notify_labels[0]) if has_digests else "",
        has_boxes=has_digests and bool(inputs.interests),
        feed=feed,
    )
