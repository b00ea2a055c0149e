"""Real papers of many fields: what is shown of their formulas and their TeX, in figures.

`pytest -s tests/test_wide.py` prints the figures. They are held to what was promised, so that a
change that makes real texts worse does not pass unnoticed.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from daily_papers.views import columns, markdown, mathjax, tex
from daily_papers.views.columns import Shown
from daily_papers.views.tex import Math, Text
from tests.support import NOW
from tests.support import paper as made
from tests.test_markdown import Element, assert_calm, cmark, visible, visible_title

FILES: Final = [
    name
    for variable in ("DAILY_PAPERS_WIDE_PAPERS", "DAILY_PAPERS_REAL_PAPERS")
    if (name := os.environ.get(variable, ""))
]
KATEX: Final = Path(markdown.__file__).with_name("assets") / "katex" / "katex.min.js"
URL: Final = "https://arxiv.org/abs/2509.25751v1"

pytestmark = pytest.mark.skipif(
    not os.environ.get("DAILY_PAPERS_WIDE_PAPERS"), reason="DAILY_PAPERS_WIDE_PAPERS names no file"
)

# Names that the renderer's filter looks for, and packages that it lacks.
REFUSED: Final = re.compile(
    r"operatorname|phantom|unicode|mathchoice|colorbox|definecolor|DeclareMathOperator"
    r"|DeclarePairedDelimiters|newtagform|Newextarrow|mmlToken"
    r"|\\(?:href|class|cssId|style|newcommand|renewcommand|def|let|require|bbox|mbox|hbox|bm|tag"
    r"|multicolumn|footnotesize|rlap|llap|textbackslash|textgreater|textless)(?![A-Za-z])"
)
CUT: Final = re.compile(r"[<>`]|(?<!\\)%|@\w|#\d")
RAW: Final = re.compile(r"\\(?:begin|end)\b|\{(?:equation|eqnarray|align|displaymath)\*\}")
LEFT_OVER: Final = re.compile(
    r"\\(?:href|color|textcolor|texorpdfstring|SI|qty|num|ce|ch|ion|arcsec|degree|S|pounds|euro"
    r"|textcircled|par|item|ref|eqref|label|tag|nonumber|notag|bf|em|it|rm|tt|sc|tiny|scriptsize"
    r"|footnotesize|small|large|Large|LARGE|huge|emph|text[a-z]+|cite[a-z]*|mbox|hbox|c|b|v|k|t)"
    r"(?![A-Za-z])|\\[\"'`^~]|\{,\}|\{[a-z]{2,} [a-z]{2,}\}|\b[A-Z]{1,2}_\d\b|\b[a-zA-Z]\^\{?-?\d\}"
)
PROSE: Final = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3,}[,.;:)]* \(?[a-z]{3,}(?![A-Za-z(])")
IN_BRACES: Final = re.compile(r"\{[^{}]*\}|\\[A-Za-z]+")


def report(*lines: str) -> None:
    print(*lines, sep="\n")  # noqa: T201


@cache
def papers() -> tuple[dict[str, str], ...]:
    return tuple(
        {part: paper.get(part) or "" for part in ("title", "summary", "comment")}
        for name in FILES
        for line in gzip.open(name, "rt", encoding="utf-8")
        for paper in [json.loads(line)]
    )


@cache
def texts() -> tuple[tuple[tex.Segment, ...], ...]:
    return tuple(tex.read(text) for paper in papers() for text in paper.values() if text)


def formulas() -> Iterator[Math]:
    return (part for text in texts() for part in text if isinstance(part, Math))


def test_every_row_has_its_cells_and_each_shows_its_text() -> None:
    for start in range(0, len(papers()), 1_000):
        some = papers()[start : start + 1_000]
        rows = [
            [
                columns.title(paper["title"], URL),
                columns.abstract(Shown(paper=made(summary=paper["summary"]), date=NOW.date())),
                columns.comment(paper["comment"]),
            ]
            for paper in some
        ]
        page = Element(cmark(markdown.table(["A", "B", "C"], rows)))
        assert page.rows == [3] * (len(some) + 1)
        assert_calm(page)
        cells = iter(page.cells[3:])
        for paper in some:
            assert next(cells) == visible_title(paper["title"])
            assert next(cells).removeprefix("Show") == visible(paper["summary"])
            assert next(cells).endswith(visible(paper["comment"]))


def test_github_refuses_and_cuts_no_formula() -> None:
    count = plain = 0
    for formula in formulas():
        count += 1
        accepted = mathjax.accepted(formula)
        if accepted is None:
            plain += 1
            continue
        assert not REFUSED.search(accepted.tex), formula
        assert not CUT.search(accepted.tex), formula
    report(f"\n{count:,} formulas, {plain} of them as words")
    assert plain / count < 1 / 1_000


def test_no_environment_is_raw_and_few_macros_are_left() -> None:
    words = [part.text for text in texts() for part in text if isinstance(part, Text)]
    raw = [text for text in words if RAW.search(text)]
    left = [text for text in words if LEFT_OVER.search(text)]
    report(f"\n{len(texts()):,} texts, {len(raw)} with a raw environment, {len(left)} with a macro")
    assert raw == []
    assert len(left) < len(texts()) / 500


def test_no_formula_is_prose() -> None:
    prose = [
        formula.tex
        for formula in formulas()
        if not formula.display and PROSE.search(_outside_braces(formula.tex))
    ]
    report(f"\n{len(prose)} formulas that may be prose", *prose)
    assert prose == []


def _outside_braces(source: str) -> str:
    while (shorter := IN_BRACES.sub("#", source)) != source:
        source = shorter
    return source


SCRIPT: Final = r"""
const katex = require(process.argv[1]);
const macros = {
  "\\mbox": "\\text{#1}", "\\hbox": "\\text{#1}", "\\Tilde": "\\tilde{#1}",
  "\\cite": "\\text{[#1]}",
  "\\textgreater": ">", "\\textless": "<", "\\mathds": "\\mathbb{#1}", "\\arcmin": "'",
  "\\arcsec": "''", "\\arcdeg": "^\\circ", "\\hfill": "", "\\slash": "/", "\\sun": "\\odot",
};
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
for (const [tex, displayMode] of lines.map(JSON.parse)) {
  let error = "";
  try {
    katex.renderToString(tex.replace(/(?<!\\)%/g, "\\%"), {
      displayMode, macros: { ...macros }, maxExpand: 500, maxSize: 20, strict: "ignore",
    });
  } catch (refusal) { error = refusal.message; }
  console.log(JSON.stringify(error));
}
"""
OWN_MACRO: Final = re.compile(
    r"Undefined control sequence|Expected group as argument to '\\[A-Za-z]'"
    r"|function '\\[A-Za-z]' with no arguments"
)


@pytest.mark.skipif(not shutil.which("node"), reason="KaTeX needs Node.js")
@pytest.mark.parametrize("target", ["web page", "GitHub"])
def test_katex_refuses_few_formulas_but_for_macros_of_their_authors(target: str) -> None:
    wanted = [(f.tex, f.display) for f in formulas()]
    if target == "GitHub":
        accepted = map(mathjax.accepted, formulas())
        wanted = [(formula.tex, False) for formula in accepted if formula]
    lines = "\n".join(map(json.dumps, wanted))
    run = subprocess.run(
        ["node", "-e", SCRIPT, str(KATEX)], input=lines, capture_output=True, text=True, check=True
    )
    refusals = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(refusals) == len(wanted)
    others = [refusal for refusal in refusals if refusal and not OWN_MACRO.search(refusal)]
    own = sum(map(bool, refusals)) - len(others)
    report(f"\n{target}: {len(wanted):,} formulas, {own} with macros of their authors,")
    report(f"{len(others)} refused for another reason", *others)
    assert len(others) <= len(wanted) / 500
