"""A topic's papers by the week as pictures in the README, one for each color scheme.

The drawing is that of the web page (`plot`). A picture in a README cannot know the colors around
it, so there are two files, and `<picture>` chooses
(https://docs.github.com/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#images).
"""

from __future__ import annotations

import html
import posixpath
from collections.abc import Mapping
from datetime import date
from typing import Final

from lxml import etree

from daily_papers.views import plot
from daily_papers.views.pages import relative_link
from daily_papers.views.signature import signature

__all__ = ["LEAST", "files", "markdown", "path_of"]

LEAST: Final = 4
"""The fewest whole weeks that make a chart."""

# GitHub's own colors for muted text and for red (https://primer.style/product/primitives/color/).
_COLORS: Final = {"": ("#59636e", "#cf222e"), "-dark": ("#9198a1", "#f85149")}


def path_of(page: str) -> str:
    """Returns the path of a topic's chart, in light colors, beside the topic's page."""
    folder, name = posixpath.split(page)
    return posixpath.join(folder, "charts", f"{name.removesuffix('.md')}.svg")


def markdown(weeks: Mapping[date, int | None], path: str, readme: str) -> str:
    """Returns what the README shows: the folded chart, or the day since which papers are counted.

    Args:
        weeks: papers by the Monday of the week, oldest first; `None` where they are not known.
        path: the path of the chart in light colors.
        readme: the path of the README.
    """
    known = [monday for monday, count in weeks.items() if count is not None]
    if not known or not any(weeks.values()):
        return ""
    if len(known) < LEAST:
        return f"*Counting papers a week since {min(known)}.*"
    light, dark = relative_link(path, readme), relative_link(_dark(path), readme)
    text = html.escape(plot.description(weeks))
    return (
        "<details><summary>Papers a week</summary>\n\n"
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img src="{light}" alt="{text}"></picture>\n\n'
        "</details>"
    )


def files(weeks: Mapping[date, int | None], path: str, marker: str) -> dict[str, bytes]:
    """Returns the pictures by their paths; none where `markdown` shows none.

    Args:
        weeks: as for `markdown`.
        path: the path of the chart in light colors.
        marker: the name of the region, with which the files are signed.
    """
    known = [count for count in weeks.values() if count is not None]
    if len(known) < LEAST or not any(known):
        return {}
    return {
        path if not suffix else _dark(path): _picture(weeks, text, bar, marker)
        for suffix, (text, bar) in _COLORS.items()
    }


def _dark(path: str) -> str:
    return f"{path.removesuffix('.svg')}-dark.svg"


def _picture(weeks: Mapping[date, int | None], text: str, bar: str, marker: str) -> bytes:
    """Returns the drawing as a complete SVG file, with its colors."""
    drawing = plot.render(weeks, "plot")
    if drawing is None:
        raise ValueError("no week is known")
    drawing.set("xmlns", "http://www.w3.org/2000/svg")
    drawing.set("color", text)
    drawing.set("width", str(2 * plot.WIDTH))
    drawing.set("font-family", "-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif")
    style = etree.SubElement(drawing, "style")
    style.text = f".plot-bar {{ fill: {bar} }}"
    return f"{signature(marker)}\n".encode() + etree.tostring(drawing) + b"\n"
