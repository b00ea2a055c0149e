r"""Recognizes what newcomers write by mistake: lists, bullets, categories, the syntax of others.

arXiv ignores punctuation, so most such lines would be searched, day after day, as one long phrase
that no paper has. A line that is certainly a mistake is refused here, with the line to write
instead. A line that may be meant is accepted; `daily_papers.topics.describe` says what it asks for.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final

from daily_papers.topics import taxonomy
from daily_papers.topics.query import QUOTES

__all__ = ["Slip", "bare_slip", "category_slip", "line_slip", "next_topic", "word_slip"]


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake that is recognized."""

    place: int
    """The index of the mistake in the line, from 0."""
    expected: str
    """What should have been there, to be read after "expected"."""
    instead: tuple[str, ...] = ()
    """The lines to write; if there are several, some or one of them may be meant."""


_QUOTED: Final = rf"[{QUOTES}][^{QUOTES}]*[{QUOTES}]"
_BULLET: Final = re.compile(
    r"\s*(?P<bullet>[-*+•◦▪‣·–—]\s+|\d{1,3}[.)]\s+|\(\d{1,3}\)\s+)(?:\[[ xX]?\]\s+)?(?=\S)"
)
_LINK: Final = re.compile(r"\[(?P<text>[^\[\]]*)\]\((?:https?:|/|#)")
_MARKUP: Final = re.compile(r"</?[A-Za-z][^<>]*>|&(?:[a-z]{2,6}|#\d{1,6});")
_SEPARATOR: Final = re.compile(rf"{_QUOTED}|'[^']*'|(?P<separator>[,;，；、])")
_NEXT_TOPIC: Final = re.compile(
    rf"{_QUOTED}|(?<=\s)(?P<heading>[^\W\d_][^\s:：{QUOTES}()]*):(?=\s)"
)
_MY: Final = "My topic"

_BARE: Final = re.compile(
    rf"\\.|{_QUOTED}"  # first a TeX accent, as in Schr\"odinger, which is not a quote
    rf"|(?P<pair>(?<=[{QUOTES}])\s+(?=[{QUOTES}]))"
    rf"|(?P<unclosed>[{QUOTES}])"
    # A comma between digits is part of a number. arXiv ignores one at the end of a line.
    r"|(?P<comma>(?:(?<!\d)[,;]|[,;](?!\d)|[，；、])(?=\s*[^\s,;，；、]))"
    r"|(?P<bar>[|｜]+)"
    r"|(?P<ampersands>&&)"
    r"|(?P<minus>(?<!\S)[-－](?=[^\W\d]))"
    r"|(?P<plus>(?<!\S)[+＋](?=[^\W\d]))"
    r"|(?P<comment>(?<=\s)#(?!\d))"
    r"|(?P<word>(?<=\s)(?i:or|andnot)(?=\s))"
    r"|(?P<range>\[[^\[\]]{1,40} TO [^\[\]]{1,40}\])"
    rf"|(?P<fuzzy>(?:(?<=[^\W\d]{{3}})|(?<=[{QUOTES}]))~\d*(?=\s|$)|(?<=[{QUOTES}])\^\d+)"
)
_ENDING: Final = re.compile(r"(?<=[^\W\d]{3})~\d*$")


def line_slip(line: str) -> Slip | None:
    """Returns the mistake in a line, whether it is meant as a phrase or as a query, or `None`."""
    if bullet := _BULLET.match(line):
        rest = line[bullet.end() :].strip()
        return Slip(
            bullet.start("bullet"),
            f"a topic without {bullet['bullet'].strip()!r} before it",
            (rest,),
        )
    start = len(line) - len(line.lstrip())
    stripped = line.strip().rstrip(",")
    inner = stripped[1:-1]
    if stripped[:1] == "[" and stripped[-1:] == "]" and "[" not in inner:
        items = _items(inner)
        if len(items) > 1 or inner.strip()[:1] in ("'", '"'):
            return Slip(start, "each topic on a line of its own, without brackets", tuple(items))
    if link := _LINK.search(line):
        return Slip(link.start(), "a topic in plain text, without links", (link["text"].strip(),))
    if markup := _MARKUP.search(line):
        plain = " ".join(html.unescape(_MARKUP.sub(_without_tag, line)).split())
        return Slip(markup.start(), "a topic in plain text, without HTML", (plain,))
    return None


def _without_tag(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith("&") else ""


def bare_slip(line: str) -> Slip | None:
    """Returns the mistake in a line that is meant to be one phrase, or `None`."""
    if slip := _categories(line):
        return slip
    for match in _BARE.finditer(line):
        if kind := match.lastgroup:
            return _bare_slip(kind, line, match)
    return None


def _bare_slip(kind: str, line: str, match: re.Match[str]) -> Slip:
    place, sign = match.start(kind), match[kind]
    before, after = line[: match.start()].strip(), line[match.end() :].strip()
    if kind in _OPERATORS:
        expected = (
            f"{_OPERATORS[kind]} in place of `{sign}`, in a query after a heading and a colon"
        )
        return Slip(place, expected, (_operation(kind, line),))
    quoted = f'"{_unquoted(line)}"'
    if kind == "comma":
        expected = "one topic on each line, or quotes around a phrase that has a comma"
        return Slip(place, expected, (*_items(line), quoted))
    if kind == "word":
        name = sign.upper()
        expected = f"a heading, a colon and {name} in capitals, or quotes around the phrase"
        return Slip(place, expected, (_joined(name, _WORDS.split(line)), quoted))
    if kind == "pair":
        expected = "AND or OR between two phrases, in a query after a heading and a colon"
        lines = (f"{_MY}: {before} AND {after}", f"{_MY}: {before} OR {after}")
        return Slip(place, expected, lines)
    text = _unquoted(before if kind == "comment" else f"{before} {after}")
    expected = {
        "unclosed": "a second quote that ends the phrase",
        "comment": "a comment on a line of its own",
        "range": "no range: a topic is not limited to dates",
        "fuzzy": f"no `{sign}`: arXiv finds all forms of a word without it",
    }[kind]
    return Slip(place, expected, (text,))


_OPERATORS: Final = {"bar": "OR", "ampersands": "AND", "minus": "NOT", "plus": "AND"}
_SPLIT: Final = {
    "bar": re.compile(r"[|｜]+"),
    "ampersands": re.compile("&&"),
    "minus": re.compile(r"(?<!\S)[-－](?=[^\W\d])"),
    "plus": re.compile(r"(?<!\S)[+＋](?=[^\W\d])"),
}
_WORDS: Final = re.compile(r"\s(?:or|andnot)\s", re.IGNORECASE)


def _operation(kind: str, line: str) -> str:
    parts = _SPLIT[kind].split(line)
    if kind == "minus" and not parts[0].strip():
        return line.strip()[1:]
    return _joined(_OPERATORS[kind], parts)


def _joined(operator: str, parts: list[str]) -> str:
    """Returns a line that asks for `parts` with an operator between them."""
    texts = [text for part in parts if (text := _unquoted(part))]
    quoted = [f'"{text}"' if " " in text else text for text in texts]
    return f"{_MY}: {f' {operator} '.join(quoted)}"


def _unquoted(text: str) -> str:
    return " ".join(text.translate(_NO_QUOTES).split())


_NO_QUOTES: Final = dict.fromkeys(map(ord, QUOTES))


def _items(text: str) -> list[str]:
    """Returns the items of a comma-separated list, without quotes."""
    places = [match.start() for match in _SEPARATOR.finditer(text) if match["separator"]]
    bounds = zip([-1, *places], [*places, len(text)], strict=True)
    items = [text[start + 1 : end].strip() for start, end in bounds]
    return [_unquoted(item.strip("'")) for item in items if item.strip("'")]


def _categories(line: str) -> Slip | None:
    """Returns the mistake in a line that consists only of categories: `cs.CV, cs.CL`."""
    names = line.replace(",", " ").replace(";", " ").split()
    slips = [category_slip(name) for name in names]
    if not names or None in slips:
        return None
    found = [slip for slip in slips if slip]
    wrong = next((slip for slip in found if not slip.instead), None)
    place = len(line) - len(line.lstrip())
    if wrong:
        return Slip(place, wrong.expected)
    lines = [
        f"{taxonomy.name_of(name)}: cat:{name}"
        for name in dict.fromkeys(slip.instead[0].removeprefix("cat:") for slip in found)
    ]
    expected = "a heading and `cat:` before a category, or quotes around a phrase"
    return Slip(place, expected, tuple(lines))


_CATEGORY: Final = re.compile(
    r"(?P<archive>[a-z]+(?:-[a-z]+)?)\.(?:\*|[a-z]{2,}(?:-[a-z]+)?)", re.IGNORECASE
)


def category_slip(word: str) -> Slip | None:
    """Returns the mistake of a category in place of a phrase, or `None`.

    `physics` and other names without a dot or a hyphen are accepted, because they are also words.
    """
    name = taxonomy.canonical(word)
    if name and ("." in word or "-" in word):
        return Slip(0, f"`cat:{name}` for a category, or quotes around a phrase", (f"cat:{name}",))
    shape = _CATEGORY.fullmatch(word)
    if name or not shape or not taxonomy.canonical(shape["archive"]):
        return None
    nearest = taxonomy.nearest(word)
    suggestion = f"; did you mean `cat:{nearest}`?" if nearest else ""
    return Slip(0, f"`cat:` and a category that arXiv has, not {word!r}{suggestion}")


def next_topic(line: str, start: int) -> Slip | None:
    """Returns the mistake of a second topic in a line, as in a folded `>` block, or `None`."""
    for match in _NEXT_TOPIC.finditer(line, start):
        if match["heading"]:
            place = match.start("heading")
            return Slip(
                place,
                "one topic on each line (in a workflow, `keywords: |` keeps the lines)",
                (line[:place].strip(), line[place:].strip()),
            )
    return None


_INSTEAD: Final = {
    "|": "OR", "｜": "OR", "&&": "AND", "（": "(", "）": ")", "，": "OR", "；": "OR", "、": "OR",
}  # fmt: skip
_COMMA: Final = re.compile(r"[^\W\d](?P<comma>[,;])[^\W\d]")


def word_slip(word: str) -> str | None:
    """Returns what is expected in place of a word that is syntax in other query languages."""
    instead = next((sign for sign in _INSTEAD if sign in word), None)
    if instead:
        return f"{_INSTEAD[instead]} in place of `{instead}`, or quotes around the phrase"
    if word[:1] in ("+", "＋") and word.strip("+＋"):
        return f"AND in place of `{word[0]}`, or quotes around the phrase"
    if word.startswith("#") and not word[1:2].isdigit():
        return "a comment on a line of its own, or quotes around the phrase"
    if comma := _COMMA.search(word):
        return f"OR in place of `{comma['comma']}`, or quotes around the phrase"
    fuzzy = _ENDING.search(word)
    return f"no `{fuzzy[0]}`: arXiv finds all forms of a word without it" if fuzzy else None
