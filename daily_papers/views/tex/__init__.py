r"""Reads titles, abstracts and comments of papers as people read them.

arXiv's metadata is prose with pieces of TeX in it. `read` splits it into `Text`, `Math` and `Link`.
TeX outside mathematics becomes what it means (``Fr\'echet`` is *Fréchet*). A formula keeps its
author's source; the view that needs it replaces what a renderer cannot typeset.

- `segments`: what a text consists of.
- `prose`: white space, invisible characters, quotes and dashes; the quick test for prose.
- `addresses`: links that are written without markup.
- `formulas`: which dollars, brackets and environments delimit mathematics.
- `macros`: what each macro means in prose.
- `plain`: formulas, accents and symbols as Unicode.
- `reader`: the single pass that puts these together.
"""

from __future__ import annotations

from daily_papers.views.tex.addresses import doi_url
from daily_papers.views.tex.prose import LIMIT, clean, is_prose
from daily_papers.views.tex.reader import read
from daily_papers.views.tex.segments import Link, Math, Segment, Text

__all__ = ["LIMIT", "Link", "Math", "Segment", "Text", "clean", "doi_url", "is_prose", "read"]
