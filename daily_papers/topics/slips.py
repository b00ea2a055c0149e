r"""What newcomers write for something else than it is: lists, bullets, categories, other syntaxes.

arXiv ignores punctuation, so most such lines would be asked for as one long phrase that no paper
has, day after day. A line that is certainly a slip is refused here, with the line to write instead;
a line that may be meant is accepted, and `daily_papers.topics.describe` says what it asks for.
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
    """A mistake that can be named."""

    place: int
    """Where in the line, from 0."""
    expected: str
    """What should have been there, to be read after "expected"."""
    instead: tuple[str, ...] = ()
    """Lines to write; several where any one, or some, of them may have been meant."""


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
    rf"{_QUOTED}"
    rf"|(?P<pair>(?<=[{QUOTES}])\s+(?=[{QUOTES}]))"
    rf"|(?P<unclosed>[{QUOTES}])"
    # A comma between digits is part of a number, the last one of a line is dropped by arXiv.
    r"|(?P<comma>(?:(?<!\d)[,;]|[,;](?!\d)|[，；、])(?=\s*[^\s,;，；、]))"
    r"|(?P<bar>[|｜]+)"
    r"|(?P<ampersands>&&)"
    r"|(?P<minus>(?<!\S)[-－](?=[^\W\d]))"
    r"|(?P<plus>(?<!\S)[+＋](?=[^\W\d]))"
    r"|(?P<comment>(?<=\s)#(?!\d))"
    r"|(?P<word>(?<=\s)(?i:or|andnot)(?=\s))"
    r"|(?P<range>\[[^\[\]]{1,40} TO [^\[\]]{1,40}\])"
    rf"|(?P<fuzzy>(?<=[\w{QUOTES}])~\d*(?=\s|$)|(?<=[{QUOTES}])\^\d+)"
)
_ENDING: Final = re.compile(r"(?<=\w)~\d*$")


def line_slip(line: str) -> Slip | None:
    """Returns what is wrong with a line whatever it is meant to be, or `None`."""
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
    """Returns what is wrong with a line that is meant to be one phrase, or `None`."""
    if slip := _categories(line):
        return slip
    for match in _BARE.finditer(line):
        if kind := match.lastgroup:
            return _bare_slip(kind, line, match)
    return None


def _bare_slip(kind: str, line: str, match: re.Match[str]) -> Slip:  # noqa: PLR0911 - a table
    place = match.start(kind)
    phrase = " ".join(line.split())
    before, after = line[: match.start()].strip(), line[match.end() :].strip()
    quoted = f'"{_unquoted(phrase)}"'
    if kind == "comma":
        expected = "one topic on each line, or quotes around a phrase that has a comma"
        return Slip(place, expected, (*_items(line), quoted))
    if kind == "bar":
        return Slip(place, *_operator("OR", match[kind], line))
    if kind == "ampersands":
        return Slip(place, *_operator("AND", match[kind], line))
    if kind == "word":
        operator = match[kind].upper()
        expected = f"a heading, a colon and {operator} in capitals, or quotes around the phrase"
        return Slip(place, expected, (_joined(operator, _WORDS.split(line)), quoted))
    if kind == "pair":
        expected = "AND or OR between two phrases, in a query after a heading and a colon"
        return Slip(place, expected, tuple(f"{_MY}: {before} {name} {after}" for name in _BOTH))
    if kind == "unclosed":
        return Slip(place, "a second quote that ends the phrase", (_unquoted(phrase),))
    if kind == "minus":
        wanted = _joined("NOT", _MINUS.split(line)) if before else line[match.end() :].strip()
        return Slip(place, "NOT in place of `-`, in a query after a heading and a colon", (wanted,))
    if kind == "plus":
        wanted = _joined("AND", _PLUS.split(line))
        return Slip(place, "AND in place of `+`, in a query after a heading and a colon", (wanted,))
    if kind == "comment":
        return Slip(place, "a comment on a line of its own", (before,))
    if kind == "range":
        return Slip(place, "no range: a topic is not limited to dates", _some(before, after))
    expected = f"no `{match[kind]}`: arXiv finds all forms of a word without it"
    return Slip(place, expected, _some(before, after))


_BOTH: Final = ("AND", "OR")
_WORDS: Final = re.compile(r"\s(?:or|andnot)\s", re.IGNORECASE)
_MINUS: Final = re.compile(r"\s[-－](?=[^\W\d])")
_PLUS: Final = re.compile(r"(?<!\S)[+＋](?=[^\W\d])")


def _operator(name: str, symbol: str, line: str) -> tuple[str, tuple[str, ...]]:
    parts = [" ".join(part.split()) for part in re.split(r"[|｜]+|&&", line)]
    expected = f"{name} in place of `{symbol}`, in a query after a heading and a colon"
    return expected, (_joined(name, parts),)


def _joined(operator: str, parts: list[str]) -> str:
    """Returns a line that asks for `parts` with an operator between them."""
    texts = [text for part in parts if (text := _unquoted(part))]
    quoted = [f'"{text}"' if " " in text else text for text in texts]
    return f"{_MY}: {f' {operator} '.join(quoted)}"


def _some(*parts: str) -> tuple[str, ...]:
    text = " ".join(part for part in parts if part)
    return (_unquoted(text),) if text else ()


def _unquoted(text: str) -> str:
    return " ".join(text.translate(_NO_QUOTES).split())


_NO_QUOTES: Final = dict.fromkeys(map(ord, QUOTES))


def _items(text: str) -> list[str]:
    """Returns the items of a list that is separated by commas, without their quotes."""
    places = [match.start() for match in _SEPARATOR.finditer(text) if match["separator"]]
    bounds = zip([-1, *places], [*places, len(text)], strict=True)
    items = [text[start + 1 : end].strip() for start, end in bounds]
    return [_unquoted(item.strip("'")) for item in items if item.strip("'")]


def _categories(line: str) -> Slip | None:
    """Returns the slip of a line that has nothing but categories: `cs.CV, cs.CL`."""
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
    r"(?P<archive>[a-z]+(?:-[a-z]+)?)\.(?:\*|[a-z]{2,}(?:-[a-z]+)?)", re.I
)


def category_slip(word: str) -> Slip | None:
    """Returns the slip of a word that is a category where a phrase is looked for, or `None`.

    `physics` and other names without a dot or a hyphen are words, too.
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
    """Returns the slip of a line that goes on with another topic, as a folded `>` block does."""
    for match in _NEXT_TOPIC.finditer(line, start):
        if match["heading"]:
            place = match.start("heading")
            return Slip(
                place,
                "one topic on each line (in a workflow, `keywords: |` keeps the lines)",
                (line[:place].strip(), line[place:].strip()),
            )
    return None


def word_slip(word: str) -> str | None:
    """Returns what is expected in place of a word of a query that has a meaning elsewhere."""
    for sign, operator in (("|", "OR"), ("｜", "OR"), ("&&", "AND")):
        if sign in word:
            return f"{operator} in place of `{sign}`, or quotes around the phrase"
    for wide, plain in (("（", "("), ("）", ")"), ("，", "OR"), ("；", "OR"), ("、", "OR")):
        if wide in word:
            return f"`{plain}` in place of `{wide}`, or quotes around the phrase"
    if word[:1] in ("+", "＋") and word.strip("+＋"):
        return f"AND in place of `{word[0]}`, or quotes around the phrase"
    if word.startswith("#") and not word[1:2].isdigit():
        return "a comment on a line of its own, or quotes around the phrase"
    if re.search(r"[^\W\d][,;][^\W\d]", word):
        return "OR in place of `,`, or quotes around the phrase"
    if fuzzy := _ENDING.search(word):
        return f"no `{fuzzy[0]}`: arXiv finds all forms of a word without it"
    return None
