"""A topic's papers by the week as a chart in Mermaid, which GitHub draws in a README.

Nothing in it comes from a stranger, or from the user: only dates and counts. Mermaid knows no gaps
(https://mermaid.js.org/syntax/xyChart.html), so that the chart begins after the last week that is
not known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Final

__all__ = ["LEAST", "render"]

LEAST: Final = 2
"""Fewer weeks make no chart."""

_SCALE: Final = 10
"""The scale ends at a multiple of this: a shorter one would tell of halves of papers."""

# Wide enough for 26 dates side by side; a red that can be seen on white and on black.
_CONFIG: Final = """\
---
config:
  themeVariables:
    xyChart:
      backgroundColor: transparent
      plotColorPalette: "#d04a45"
  xyChart:
    width: 900
    height: 260
    xAxis:
      labelFontSize: 10
---"""


def render(weeks: Mapping[date, int | None]) -> str:
    """Gives the chart as Mermaid's text.

    Args:
        weeks: papers by the Monday of the week, oldest first; `None` where they are not known.

    Returns:
        Lines without an end of line; nothing where too few weeks are known.
    """
    counts = _last_known(weeks)
    if len(counts) < LEAST:
        return ""
    top = _SCALE * max(1, math.ceil(max(counts.values()) / _SCALE))
    labels = ", ".join(f'"{monday:%m-%d}"' for monday in counts)
    return f"""\
{_CONFIG}
xychart-beta
  accTitle: Papers a week
  x-axis "Week, by its Monday, from {min(counts)} to {max(counts)}" [{labels}]
  y-axis "Papers" 0 --> {top}
  bar [{", ".join(map(str, counts.values()))}]"""


def _last_known(weeks: Mapping[date, int | None]) -> dict[date, int]:
    """Gives the last weeks in a row that are known."""
    known: dict[date, int] = {}
    for monday, count in reversed(list(weeks.items())):
        if count is not None:
            known[monday] = count
        elif known:
            break
    return dict(reversed(known.items()))
