r"""Papers as BibTeX, whatever their titles say.

Programs read BibTeX in different ways: some count a brace after a backslash, some do not. So no
brace of a text is left in a field, and no backslash comes before one. The web page's
`assets/js/cite.js` writes the same bytes; a test holds the two together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from daily_papers.papers import ABS_URL, Paper
from daily_papers.views import card, tex
from daily_papers.views.characters import folded
from daily_papers.views.signature import signature

__all__ = ["bibliography", "entry", "key"]

_ESCAPES: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "@": r"\symbol{64}",
        **{sign: f"\\{sign}" for sign in "$&%#_"},
    }
)
_LONG: Final = 3
"""A word of a key has more letters than this."""

_GROUP: Final = re.compile(
    r",|\b(?:and|collaboration|consortium|group|team)\b", re.IGNORECASE | re.ASCII
)
_SUFFIX: Final = re.compile(r",? ((?:Jr|Sr)\.?|I{2,3}|IV)$")
"""What follows the family name at the end of a name."""

_BRACED: Final = {"\\{": "\\lbrace ", "\\}": "\\rbrace ", "\\\\": "\\\\ "}


def bibliography(papers: Iterable[Paper], *, marker: str) -> bytes:
    """Returns a BibTeX file, in which each paper has a key of its own.

    Args:
        papers: what it holds, in order.
        marker: the name of the region that shows the same papers.
    """
    taken: set[str] = set()
    entries = [f"% {signature(marker)}\n"]
    for paper in papers:
        name = base = key(paper)
        number = 1
        while name in taken:
            name = f"{base}{_extra(number)}"
            number += 1
        taken.add(name)
        entries.append(entry(paper, name))
    return "\n".join(entries).encode(errors="replace")


def entry(paper: Paper, name: str) -> str:
    """Returns a paper's entry under the key `name`."""
    identifier = card.doi(paper) or f"10.48550/arXiv.{paper.arxiv_id}"
    fields = {
        "title": "".join(map(_latex, card.segments(paper.title))),
        "author": " and ".join(map(_author, filter(None, map(card.words, paper.authors)))),
        "year": str(paper.published.year),
        "eprint": paper.arxiv_id,
        "archivePrefix": "arXiv",
        "primaryClass": _escaped(card.words(paper.primary_category)),
        "doi": re.sub(r'[\\{}"@%#$&~^\s]', lambda sign: quote(sign[0], safe="~"), identifier),
        "url": f"{ABS_URL}{paper.arxiv_id}",
    }
    lines = "".join(f"  {field} = {{{value}}},\n" for field, value in fields.items() if value)
    return f"@misc{{{name},\n{lines}}}\n"


def key(paper: Paper) -> str:
    """Returns the first author's last name, the year, and the first long word of the title.

    All but the year are letters of ASCII, which every program takes.
    """
    first = card.words(paper.authors[0]) if paper.authors else ""
    last = _letters(_SUFFIX.sub("", first).split(" ")[-1]) or "arxiv"
    words = map(_letters, re.split(r"[\s-]+", card.words(paper.title)))
    return f"{last}{paper.published.year}{next((w for w in words if len(w) > _LONG), '')}"


def _letters(text: str) -> str:
    return re.sub("[^a-z]", "", folded(text))


def _extra(number: int) -> str:
    """Returns the letters after a key: b, c, and so on, then aa, ab."""
    text = ""
    rest = number + 1
    while rest > 0:
        rest, digit = divmod(rest - 1, 26)
        text = f"{chr(ord('a') + digit)}{text}"
    return text


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _latex(segment: tex.Segment) -> str:
    return _formula(segment.tex) if isinstance(segment, tex.Math) else _protected(segment.text)


def _protected(text: str) -> str:
    """Returns words with braces around those with a capital inside.

    Styles write titles in lower case, except for what is in braces.
    """

    def one(found: re.Match[str]) -> str:
        word = found[0]
        has_capital = any(unicodedata.category(sign) == "Lu" for sign in word[1:])
        return f"{{{_escaped(word)}}}" if has_capital else _escaped(word)

    return re.sub(r"[^\s-]+", one, text)


def _formula(source: str) -> str:
    """Returns a formula as BibTeX can hold it, or as text where it cannot."""
    depth = 0

    def one(found: re.Match[str]) -> str:
        nonlocal depth
        sign = found[0]
        if sign in _BRACED:
            return _BRACED[sign]
        if depth >= 0:
            depth += 1 if sign == "{" else -1
        return sign

    safe = re.sub(r"\\[{}]|\\\\|[{}]", one, source)
    if depth != 0 or re.search(r'["@%$]|\\\Z', safe):
        return _escaped(source)
    return f"{{${re.sub(' {2,}', ' ', safe)}$}}"


def _author(name: str) -> str:
    """Returns a name; one of a group, or with a comma that is not before a suffix, stays whole.

    BibTeX takes the last word for the family name, and the small words before it (van, de la) for
    its particles. With a suffix, the name must come in three parts: family name, suffix, given
    names (https://ctan.org/pkg/tamethebeast).
    """
    suffix = _SUFFIX.search(name)
    words = [word for word in (name[: suffix.start()] if suffix else name).split(" ") if word]
    if _GROUP.search(" ".join(words)) or (suffix and len(words) <= 1):
        return f"{{{_escaped(name)}}}"
    if suffix is None:
        return _escaped(name)
    particles = (i for i, word in enumerate(words) if i and unicodedata.category(word[0]) == "Ll")
    begin = next(particles, len(words) - 1)
    parts = (" ".join(words[begin:]), suffix[1], " ".join(words[:begin]))
    return ", ".join(map(_escaped, parts))
