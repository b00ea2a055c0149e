"""The files for the web: the feeds and the page.

What makes them takes longer to load than anything else of ours, so only a run that is to make them
imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from daily_papers.home import Home
from daily_papers.inputs import Inputs
from daily_papers.interests.match import Matches
from daily_papers.memory.archive import Archive, current_papers
from daily_papers.memory.datafile import Memory
from daily_papers.memory.snapshot import Snapshot
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
    home: Home | None,
) -> dict[str, dict[str, bytes]]:
    """Returns the files that the inputs ask for, by input and path in the repository.

    Args:
        inputs: what the user wants to see, and where.
        known: what there is to show.
        summaries: what a model has made of papers, by id.
        matches: how well papers match what the reader likes; `None` where nothing is liked.
        home: where the files can be seen on the web, if anywhere.
    """
    files: dict[str, dict[str, bytes]] = {}
    if inputs.feed:
        made = feeds.render(known.snapshot, _outlet(inputs, inputs.feed, home))
        files["feed"] = {path: padded(data, lacking_most(len(data))) for path, data in made.items()}
    if inputs.site is not None:
        facts = _facts(inputs, known, summaries, matches)
        files["site"] = _site(inputs, inputs.site, known.snapshot, facts, home)
    return files


def unsigned_assets() -> set[str]:
    """Returns git's names of the page's files that have no signature, such as fonts."""
    return {blob_sha(data) for data in site.unsigned_assets()}


def _outlet(inputs: Inputs, path: str, home: Home | None) -> feeds.Outlet:
    """Returns where the feeds go, and where they are read."""
    if home is None:
        return feeds.Outlet(path=path, marker=inputs.marker)
    page = home.published_url(f"{inputs.site}/", inputs.site) if inputs.site else ""
    return feeds.Outlet(
        path=path,
        marker=inputs.marker,
        repository=home.name,
        page=page or home.page_url(inputs.readme),
        icon=home.published_url(f"{inputs.site}/icon.svg", inputs.site) if inputs.site else "",
        address=lambda file: public_url(inputs, file, home),
    )


def _facts(
    inputs: Inputs, known: Memory, summaries: Mapping[str, Summary], matches: Matches | None
) -> site.Facts:
    """Returns what the web page shows of papers besides what arXiv says."""
    archive = known.archive or Archive()
    if inputs.data_file is None:  # The index has this month as one that is over.
        this = f"{known.snapshot.updated:%Y-%m}"
        over = {name: month for name, month in archive.months.items() if name != this}
        archive = replace(archive, months=over)
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


def _site(
    inputs: Inputs, folder: str, snapshot: Snapshot, facts: site.Facts, home: Home | None
) -> dict[str, bytes]:
    """Returns the web page's files, by their paths in the repository."""
    feed = feed_url(inputs, home)
    # A feed in the page's folder is published with the page.
    if inputs.feed and (home is None or inputs.feed.startswith(f"{folder}/")):
        feed = relative_link(main_feed(inputs.feed), f"{folder}/index.html")
    place = site.Place(feed=feed)
    if home is not None:
        place = site.Place(
            title=home.name,
            address=home.published_url(f"{folder}/", folder),
            repository=home.repository_url,
            readme=home.page_url(inputs.readme),
            issues=home.issues_url,
            feed=feed,
        )
    files = site.render(snapshot, marker=inputs.marker, place=place, facts=facts)
    page = files["index.html"]
    files["index.html"] = padded(page, lacking(len(page)))
    return {f"{folder}/{name}": data for name, data in files.items()}
