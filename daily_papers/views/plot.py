"""A topic's papers by the week, as an SVG that goes into an HTML page.

It has no style of its own but currentColor and class names, and neither scripts nor `style`
attributes, so that a strict Content-Security-Policy lets it pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from lxml import etree
from lxml.builder import E

__all__ = ["WIDTH", "description", "render"]

# In units of the view box: small enough to be read on a phone, where it is not scaled down.
WIDTH: Final = 360
HEIGHT: Final = 150
LEFT: Final = 44
RIGHT: Final = 6
TOP: Final = 10
BOTTOM: Final = 34

_STEPS: Final = 4
"""The most lines above the base."""
_TEXT: Final = {"font-size": "10", "fill": "currentColor"}


def render(weeks: Mapping[date, int | None], name: str) -> etree._Element | None:
    """Returns the plot: a bar for each week, a shade where nothing is known.

    Args:
        weeks: papers by the Monday of the week, oldest first; `None` where they are not known.
        name: what makes ids unique in the page.

    Returns:
        An `svg` element for an HTML tree, without a namespace; `None` where no week is known.
    """
    counts = [count for count in weeks.values() if count is not None]
    if not counts:
        return None
    step = _step(max(counts))
    top = max(step, -(-max(counts) // step) * step)
    return E.svg(
        {
            "class": "plot",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
        },
        E.title("Papers a week", id=f"{name}-title"),
        E.desc(description(weeks), id=f"{name}-desc"),
        *_lines(top, step),
        *_bars(weeks, top),
        *_months(weeks),
        _label("Papers a week", x=-(TOP + HEIGHT - BOTTOM) / 2, y=10, transform="rotate(-90)"),
        _label("Week", x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 4),
    )


def _step(most: int) -> int:
    """Returns the distance of the lines: 1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power * _STEPS >= most:
                return factor * power
        power *= 10


def description(weeks: Mapping[date, int | None]) -> str:
    """Returns in words what the plot shows; there must be a week that is known."""
    known = {monday: count for monday, count in weeks.items() if count is not None}
    first, last = min(known), max(known)
    most = max(known.values())
    words = (
        f"Weeks that began from {first} to {last}: from {min(known.values())} to {most} papers, "
        f"{known[last]} in the last."
    )
    unknown = len(weeks) - len(known)
    return f"{words} Not known: {unknown} of {len(weeks)} weeks." if unknown else words


def _lines(top: int, step: int) -> Iterator[etree._Element]:
    """Returns the lines of the scale with their numbers."""
    for number in range(0, top + 1, step):
        y = _number(_height(number, top))
        kind = "plot-grid" if number else "plot-axis"
        yield E.line(
            {"class": kind, "stroke": "currentColor", "stroke-opacity": "0.2" if number else "1"},
            x1=str(LEFT),
            x2=str(WIDTH - RIGHT),
            y1=y,
            y2=y,
        )
        yield _label(str(number), x=LEFT - 5, y=float(y) + 3.5, anchor="end")


def _bars(weeks: Mapping[date, int | None], top: int) -> Iterator[etree._Element]:
    """Returns a bar for each week, with its count for whoever points at it."""
    width = (WIDTH - LEFT - RIGHT) / len(weeks)
    for place, (monday, count) in enumerate(weeks.items()):
        y = TOP if count is None else _height(count, top)
        kind = {"class": "plot-bar"}
        if count is None:
            kind = {"class": "plot-unknown", "fill-opacity": "0.08"}
        yield E.rect(
            E.title(f"{monday}: {'not known' if count is None else count}"),
            kind,
            x=_number(LEFT + place * width + width * 0.1),
            y=_number(y),
            width=_number(width * 0.8),
            height=_number(HEIGHT - BOTTOM - y),
            fill="currentColor",
        )


def _months(weeks: Mapping[date, int | None]) -> Iterator[etree._Element]:
    """Returns the names of the months, each below its first week."""
    width = (WIDTH - LEFT - RIGHT) / len(weeks)
    for place, monday in enumerate(weeks):
        if monday.month != (monday - timedelta(weeks=1)).month:
            x = LEFT + (place + 0.5) * width
            yield _label(f"{monday:%Y-%m}", x=x, y=HEIGHT - BOTTOM + 13)


def _label(
    text: str, *, x: float, y: float, anchor: str = "middle", transform: str = ""
) -> etree._Element:
    label = E.text(text, {"class": "plot-label", "text-anchor": anchor, **_TEXT})
    label.set("x", _number(x))
    label.set("y", _number(y))
    if transform:
        label.set("transform", transform)
    return label


def _height(count: int, top: int) -> float:
    """Returns the height at which a bar of so many papers ends."""
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * count / top


def _number(value: float) -> str:
    """Returns a coordinate as text: short, and the same for the same plot."""
    return f"{value:.1f}".removesuffix(".0")
