"""The addresses of generated files: for people, and for programs such as feed readers."""

from __future__ import annotations

from daily_papers.home import Home
from daily_papers.inputs import Inputs
from daily_papers.paths import main_feed
from daily_papers.views.pages import relative_link

__all__ = ["feed_url", "public_url"]


def feed_url(inputs: Inputs, home: Home | None) -> str:
    """Returns the address of the Atom file: for feed readers, where one is known."""
    if inputs.feed is None:
        return ""
    path = main_feed(inputs.feed)
    if home is None:
        return relative_link(path, inputs.readme)
    return public_url(inputs, path, home)


def public_url(inputs: Inputs, path: str, home: Home) -> str:
    """Returns the address of a file for programs: where it is in the page's folder, the published.

    GitHub serves the other as plain text, which some feed readers refuse.
    """
    published = home.published_url(path, inputs.site) if inputs.site else ""
    return published or home.raw_url(path)
