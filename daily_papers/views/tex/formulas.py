r"""Finds the mathematics in a text: ``$x$``, ``$$x$$``, ``\(x\)``, ``\[x\]`` and environments.

All delimiters are found in one pass with one stack, so that the time is linear in the length of the
text, however braces and delimiters are nested.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from daily_papers.views.tex.dollars import pairs

__all__ = ["ENVIRONMENTS", "Formula", "braces", "find_formulas"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """The place of a formula in its text."""

    begin: int
    """The index at which its source begins, after the delimiter."""
    end: int
    """The index at which its source ends."""
    after: int
    """The index at which the text continues, after the closing delimiter."""
    display: bool
    environment: str = ""
    """The environment to write it in; most formulas need none."""


ENVIRONMENTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("equation", "displaymath", "math", "dmath"), ""),
    **dict.fromkeys(("align", "eqnarray", "flalign", "IEEEeqnarray", "split"), "aligned"),
    **dict.fromkeys(("gather", "multline"), "gathered"),
    "alignat": "alignedat",
    **{
        name: name
        for name in (
            *("aligned", "alignedat", "gathered", "array", "cases", "dcases", "rcases"),
            *("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix"),
            *("subarray", "CD"),
        )
    },
}
"""Environments of mathematics, and the equivalent ones for use within a formula.

https://docs.mathjax.org/en/v3.2/input/tex/macros/index.html
"""

_BRACE: Final = re.compile(r"[\\{}](?:(?<=[{}])|[\\{}])")
_DELIMITER: Final = re.compile(
    r"""[\\{}$] (?:
      (?<=[{}$])
    | begin[ ]?\{ (?P<begin> [A-Za-z]+ ) \*?\}
    | end[ ]?\{ (?P<end> [A-Za-z]+ ) \*?\}
    | [\\{}$()\[\]]
    )""",
    re.VERBOSE,
)
_STRIPPED: Final = re.compile(r"\{(equation|eqnarray|align|gather|multline|displaymath)\*?\}")
_OPENERS: Final = {"\\)": "\\(", "\\]": "\\["}


def braces(text: str) -> dict[int, int]:
    """Returns the index of the closing brace for each opening one, without unmatched braces."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif brace[0] == "}" and opened:
            closed[opened.pop()] = brace.start()
    return closed


def find_formulas(text: str) -> dict[int, Formula]:
    r"""Returns the formulas of a text by the index of their opening delimiters.

    They include formulas within others, as in ``\text{if $x > 0$}``, which a reader that goes from
    left to right never reaches.
    """
    return _Finder(text).find()


@dataclass(slots=True)
class _Group:
    """The delimiters seen so far within one pair of braces, or outside all of them."""

    dollars: list[int] = field(default_factory=list)
    opened: dict[str, int] = field(default_factory=dict)


class _Finder:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[int, Formula] = {}
        self.groups = [_Group()]
        self.begun: defaultdict[str, list[re.Match[str]]] = defaultdict(list)

    def find(self) -> dict[int, Formula]:
        """Returns the formulas of the whole text."""
        for delimiter in _DELIMITER.finditer(self.text):
            match delimiter[0]:
                case "$":
                    self.groups[-1].dollars.append(delimiter.start())
                    self.groups[-1].opened.clear()
                case "{":
                    self.groups.append(_Group())
                case "}":
                    self._end_group()
                case "\\(" | "\\[" | "\\)" | "\\]" as bracket:
                    self._bracket(bracket, delimiter.start())
                case _:
                    self._environment(delimiter)
        while self.groups:
            self._end_group(is_last=True)
        for begin, end in _stripped(self.text):
            self._end_environment(begin[1], begin, end)
        return self.found

    def _end_group(self, *, is_last: bool = False) -> None:
        """Pairs the dollars of a group; no formula extends beyond it or past a lone brace."""
        group = self.groups.pop()
        if not self.groups and not is_last:
            self.groups.append(_Group())
        for begin, end, width in pairs(self.text, group.dollars):
            self.found[begin] = Formula(
                begin=begin + width, end=end, after=end + width, display=width > 1
            )

    def _bracket(self, bracket: str, at: int) -> None:
        opened = self.groups[-1].opened
        opener = _OPENERS.get(bracket)
        if opener is None:
            opened.setdefault(bracket, at)
            return
        begin = opened.pop(opener, None)
        if begin is not None and self.text[begin + 2 : min(at, begin + 4)] not in {"", " "}:
            self.found[begin] = Formula(
                begin=begin + 2, end=at, after=at + 2, display=opener == "\\["
            )

    def _environment(self, found: re.Match[str]) -> None:
        if name := found["begin"]:
            self.begun[name].append(found)
        elif (name := found["end"]) and self.begun[name]:
            self._end_environment(name, self.begun[name].pop(), found)

    def _end_environment(self, name: str, begin: re.Match[str], end: re.Match[str]) -> None:
        if name in ENVIRONMENTS:
            self.found[begin.start()] = Formula(
                begin=begin.end(),
                end=end.start(),
                after=end.end(),
                display=True,
                environment=ENVIRONMENTS[name],
            )


def _stripped(text: str) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    r"""Yields environments whose ``\begin`` and ``\end`` arXiv has lost.

    Some old abstracts have ``{equation*} x = y {equation*}``.
    """
    begin: re.Match[str] | None = None
    for found in _STRIPPED.finditer(text):
        if begin is None or begin[0] != found[0]:
            begin = found
        else:
            yield begin, found
            begin = None
