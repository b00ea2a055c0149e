r"""Safe Markdown from text that strangers wrote; the one place that escapes.

The law: what is shown is the text as `tex.read` read it, and nothing in it becomes markup that we
did not put there. One form is safe in every place where text is shown: a table's cell, a
`<details>` in it, a link's text, a heading, a paragraph, a list, an issue.

How GitHub shows a page, and what follows from it:

- cmark-gfm parses the Markdown (https://github.github.com/gfm/). Every character that could start
  an inline is escaped, and whatever could start a block where the text starts. Inside a table's row
  ``\|`` becomes ``|`` before anything else is parsed, in code and in links too, so `row` undoes
  exactly that and nobody else needs to know.
- Then GitHub looks at the words that came out: ``@name``, ``#12``, ``GH-12``, ``:smile:`` and
  ``$…$``. A backslash is gone by then. Its documentation puts a literal dollar into a ``<span>``
  (https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions);
  the same span breaks up the others without changing a visible character, also when copied.
- A commit's hash is left alone: it becomes a link only where that commit exists, and tells nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from posixpath import normpath
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from daily_papers.views import mathjax, tex
from daily_papers.views.characters import characters
from daily_papers.views.tex import Link, Math, Segment, Text, plain

__all__ = [
    "details",
    "fold_comment",
    "formula_cost",
    "heading",
    "inline",
    "link",
    "link_text",
    "row",
    "shortened",
    "table",
]

COMMENT_WIDTH: Final = 40
"""Characters of a comment that is shown whole: `12 pages, 5 figures, accepted at ICML`."""

FOLDED_WIDTH: Final = 28
"""Characters of a longer one that are shown, to the end of a word."""


def inline(text: str, *, formulas: bool = True) -> str:
    """Returns one line of Markdown that shows the text, its formulas and its links.

    Args:
        text: a text from arXiv.
        formulas: whether formulas are typeset. Without that they are readable Unicode, as is
            right for mails, and for pages that have no budget left: see `formula_cost`.
    """
    segments = _segments(text, formulas=formulas)
    return text if segments is None else _line(_joined(segments))


def link_text(text: str, *, formulas: bool = True) -> str:
    """Returns the same without links: a link's text may hold none."""
    segments = _segments(text, formulas=formulas)
    return text if segments is None else _line(_joined(_unlinked(segments)))


def link(text: str, url: str, *, bold: bool = False, formulas: bool = True) -> str:
    """Returns a link; formulas in its text are beside it, and neither linked nor bold.

    GitHub typesets no mathematics inside a link (seen in 2023 and in December 2025:
    https://github.com/go-gitea/gitea/issues/36108), nor inside bold text, so the words around a
    formula are the link. A formula without any words is shown as words.
    """
    read = _segments(text, formulas=formulas)
    strong = "**" if bold else ""
    if read is None:
        return f"{strong}{_anchor(text, url)}{strong}"
    segments = _unlinked(read)
    if any(isinstance(segment, Math) for segment in segments):
        if any(map(_has_words, segments)):
            return _line(_joined(segments, url, strong))
        segments = _without_formulas(segments)
    return f"{strong}{_anchor(_joined(segments), url)}{strong}"


def fold_comment(text: str, *, formulas: bool = True) -> str:
    """Returns a cell's text, folded after its beginning when it is long.

    What counts is what people see: a letter with its accents or a whole emoji is one character, and
    so is a formula, which is never cut.
    """
    segments = _segments(text, formulas=formulas)
    if segments is None:
        return text if len(text) <= COMMENT_WIDTH else details(_words_of(text) + "…", text)
    body = _line(_joined(segments))
    if _length(segments) <= COMMENT_WIDTH:
        return body
    beginning = _to_a_word(_beginning(segments, FOLDED_WIDTH))
    return details(_line(_joined(beginning)) + "…", body)


def _words_of(text: str) -> str:
    """Returns the first whole words of a text that is longer than they are."""
    words = text[: FOLDED_WIDTH + 1].rpartition(" ")[0].rstrip(" ,;:.")
    return words or text[:FOLDED_WIDTH]


def _to_a_word(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Returns the segments without the word at their end, which may be only a part of one."""
    if not segments:
        return ()
    *others, last = segments
    if isinstance(last, Text) and " " in last.text.strip():
        last = Text(last.text.rpartition(" ")[0].rstrip(" ,;:."))
    return (*others, last)


def shortened(text: str, width: int, *, formulas: bool = True) -> str:
    """Returns the text, cut after `width` characters as people see them; no link is ever cut."""
    segments = _segments(text, formulas=formulas)
    if segments is None:
        return text if len(text) <= width else f"{text[:width].rstrip()}…"
    whole: list[Segment] = []
    left = width
    for segment in segments:
        length = _length([segment])
        if length > left:
            cut = _beginning([segment], left) if isinstance(segment, Text) else ()
            return f"{_line(_joined([*whole, *cut])).rstrip()}…"
        whole.append(segment)
        left -= length
    return _line(_joined(whole))


def formula_cost(markdown: str) -> int:
    """Returns what the formulas of some Markdown of ours take of `mathjax.PAGE_BUDGET`."""
    return sum(mathjax.cost(formula[1]) for formula in _FORMULA.finditer(markdown))


def details(summary: str, body: str) -> str:
    """Returns a fold for a table's cell, from Markdown.

    Only there is it inline, so that the Markdown in it is parsed. At the start of a line it would
    begin a block of HTML (https://github.github.com/gfm/#html-blocks).
    """
    return f"<details><summary>{summary}</summary><p>{body}</p></details>"


def row(cells: Iterable[str]) -> str:
    """Returns a table's row of cells, each of them one line of Markdown."""
    return "| " + " | ".join([cell.replace("|", "\\|") for cell in cells]) + " |"


def table(header: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Returns a table, one line a row; header and cells are Markdown already."""
    return "\n".join([row(header), row("---" for _ in header), *map(row, rows)])


def heading(level: int, text: str) -> str:
    """Returns a heading."""
    return f"{'#' * min(level, 6)} {link_text(text)}"


# --- Segments -------------------------------------------------------------------------------------


def _joined(segments: Sequence[Segment], url: str = "", strong: str = "") -> str:
    """Returns Markdown of segments; with an address, their words are links to it."""
    parts: list[str] = []
    for segment in segments:
        match segment:
            case Text(words):
                parts.append(
                    _linked(words, url, strong) if url and _has_words(segment) else _escaped(words)
                )
            case Math():
                if parts and parts[-1][-1:].isalnum():
                    # GitHub overlooks a formula right after a letter, as in 2$\times$; so let an
                    # element be between them. https://github.com/github/markup/issues/1742
                    parts.append("<span></span>")
                parts.append(_formula(segment))
            case Link(words, target):
                web_link = _web_link(words, target)
                if parts and parts[-1].endswith("!") and web_link.startswith("["):
                    parts[-1] = parts[-1][:-1] + "\\!"  # not an image
                parts.append(web_link)
    return "".join(parts)


def _unlinked(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Returns the segments with links as words."""
    return _merged(Text(s.text) if isinstance(s, Link) else s for s in segments)


def _without_formulas(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Returns the segments with formulas as readable words."""
    return _merged(Text(plain.formula(s.tex)) if isinstance(s, Math) else s for s in segments)


def _merged(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Returns the segments with neighbours that are words joined."""
    merged: list[list[Segment]] = []
    for segment in segments:
        if isinstance(segment, Text) and merged and isinstance(merged[-1][0], Text):
            merged[-1].append(segment)
        else:
            merged.append([segment])
    return tuple(
        Text("".join(s.text for s in run if isinstance(s, Text))) if len(run) > 1 else run[0]
        for run in merged
    )


def _has_words(segment: Segment) -> bool:
    return isinstance(segment, Text) and any(map(str.isalnum, segment.text))


_FORMULA: Final = re.compile(r"\$`([^`]*)`\$")


def _formula(math: Math) -> str:
    """Returns a formula in the form that Markdown leaves alone: a span of code between dollars."""
    formula = mathjax.accepted(math)
    return _escaped(plain.formula(math.tex)) if formula is None else f"$`{formula.tex}`$"


def _segments(text: str, *, formulas: bool = True) -> Sequence[Segment] | None:
    """Returns what a text is made of; nothing where it is its own Markdown, as most texts are.

    All formulas in it can be typeset by GitHub; the others are words.
    """
    if not tex.is_prose(text):
        segments = tex.read(text)
        for segment in segments:
            if isinstance(segment, Math):
                break
        else:
            return segments
        return _accepted(segments) if formulas else _without_formulas(segments)
    needs_escapes = _BLOCK_START.match(text) or _COLON.search(text) or _ISSUE.search(text)
    return (Text(text),) if needs_escapes else None


def _accepted(segments: Sequence[Segment]) -> Sequence[Segment]:
    """Returns the segments with formulas that GitHub refuses as words, and links beside theirs."""
    done: list[Segment] = []
    for segment in segments:
        formula = mathjax.accepted(segment) if isinstance(segment, Math) else None
        if isinstance(segment, Math) and formula is None:
            done.append(Text(plain.formula(segment.tex)))
            continue
        done.append(segment)
        for url in formula.links if formula else ():
            done += (Text(" ("), Link(url, url), Text(")"))
    return _merged(done) if len(done) != len(segments) or done != list(segments) else segments


# --- Words ----------------------------------------------------------------------------------------

# It begins with a set of characters, which makes it fast; what some of them need follows.
_SPECIAL: Final = re.compile(
    r"""[\\`*_\[\]|<$~\#&@:] (?:
      (?<=[\\`*_\[\]|<$~\#])
    | (?<=&) (?=[A-Za-z#])                # an entity
    | (?<=@) (?=\S)                       # a person; an address of mail, even `x@.y`
    | (?<=:) (?=[\w+-]+:|//)              # :emoji:; an address that tex.read did not take for one
    )""",
    re.VERBOSE,
)
_COLON: Final = re.compile(r":(?=[\w+-]+:|//)")  # the only one of them that prose may hold
_SPANNED: Final = frozenset("$@:")
# The hyphen of GH-12. An expression that begins with a character is found much faster.
_ISSUE: Final = re.compile(r"-(?<=[Gg][Hh]-)(?<![A-Za-z0-9_]..-)(?=\d)")

# Jekyll, with which GitHub Pages builds sites from Markdown, looks for tags of Liquid everywhere.
_LIQUID: Final = re.compile(r"(?<=\{)[{%]")


def _escaped(words: str) -> str:
    """Escapes words for a place within a line."""
    escaped = _SPECIAL.sub(_escape, words)
    if "-" in escaped:
        escaped = _ISSUE.sub("<span>-</span>", escaped)
    if "{{" in escaped or "{%" in escaped:
        escaped = _LIQUID.sub(r"\\\g<0>", escaped)
    return escaped.replace("www.", "www<span>.</span>")  # a link otherwise


def _escape(special: re.Match[str]) -> str:
    character = special[0]
    if character in _SPANNED:
        return f"<span>{character}</span>"
    if character == "#":
        is_issue = special.string[special.end() : special.end() + 1].isdigit()
        return "<span>#</span>" if is_issue else "\\#"
    # `<` as an entity: nobody who looks for our markers in the file shall find one in a title.
    return {"<": "&lt;", "&": "&amp;"}.get(character) or "\\" + character


_BLOCK_START: Final = re.compile(r"(?=[-+>=:])|[0-9]{1,9}(?=[.)](?: |$))")


def _line(markdown: str) -> str:
    """Escapes what would start a block: a list, a quotation, an underlined heading, a table."""
    if start := _BLOCK_START.match(markdown):
        return f"{start[0]}\\{markdown[start.end() :]}"
    return markdown


# --- Links ----------------------------------------------------------------------------------------

# What every engine shows within <…> as it is: an entity is decoded, and so is a % by some. In it,
# too, an emoji's name is looked for, and a tag of Liquid.
_AUTOLINK: Final = re.compile(
    r"(?! .* (?: :[\w+-]+: | &[\w#]+; | //xn-- | \{[{%] ) )"
    r"(?:https?|ftp):// [A-Za-z0-9.-]+ (?: [/?#] (?: (?![%<>\\]) [!-~] )* )?",
    re.VERBOSE | re.ASCII,
)
_PLAIN_TARGET: Final = re.compile(r"[\w.~:/?#@!$*',;=%+-]+", re.ASCII)
_UNSAFE: Final = {ord(c): quote(c) for c in ' <>\\`"^{|}'} | {ord("&"): "&amp;"}


def _web_link(words: str, url: str) -> str:
    """Returns a link of a stranger's."""
    if _thread_host(url) == _ENTERPRISE:
        return _escaped(words)
    if words == url and _AUTOLINK.fullmatch(url) and not _thread_host(url):
        return f"<{url}>"
    return _anchor(_escaped(words), url)


def _anchor(markdown: str, url: str) -> str:
    """Returns a link of Markdown; a `^` at its start would make it a footnote."""
    footnote = "\\" if markdown.startswith("^") else ""
    return f"[{footnote}{markdown}]({_target(url)})"


def _target(url: str) -> str:
    """Returns an address for a link's brackets."""
    if _thread_host(url) == _GITHUB:
        url = urlsplit(url)._replace(netloc="redirect.github.com").geturl()
    return url if _PLAIN_TARGET.fullmatch(url) else f"<{url.translate(_UNSAFE)}>"


def _linked(words: str, url: str, strong: str) -> str:
    """Returns a link of words, with the space around them outside."""
    bare = words.strip(" ")
    before, _, after = words.partition(bare)
    return f"{before}{strong}{_anchor(_escaped(bare), url)}{strong}{after}"


# --- Threads --------------------------------------------------------------------------------------
#
# A link to an issue, a pull request or the like, in an issue of ours, leaves a note in that thread.
# GitHub has a host for links that leave none, redirect.github.com, which its Dependabot uses.
# An Enterprise server has no such host, and any host may be one: there such a link is only words.

_GITHUB: Final = "github.com"
_ENTERPRISE: Final = "GitHub Enterprise"
_OTHER_FORGES: Final = frozenset(
    ("gitlab.com", "codeberg.org", "bitbucket.org", "gitee.com", "huggingface.co")
)
_THREAD_SLASHES: Final = 6  # https://github.com/owner/name/issues/1
_THREAD: Final = re.compile(
    r"/[^/]+/[^/]+/(?:(?:issues?|pulls?|discussions)/[0-9]|commit/[0-9a-f]{7})", re.IGNORECASE
)


def _thread_host(url: str) -> str:
    """Returns whose thread an address is one of; nothing if it is not a thread."""
    if url.count("/") < _THREAD_SLASHES and "%" not in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = "/" + normpath(unquote(parts.path)).lstrip("/")
    if not _THREAD.match(path):
        return ""
    host = unicodedata.normalize("NFKC", parts.hostname or "").casefold().rstrip(".")
    host = host.removeprefix("www.")
    if host in _OTHER_FORGES:
        return ""
    return _GITHUB if host == "github.com" else _ENTERPRISE


# --- What people see ------------------------------------------------------------------------------


def _length(segments: Iterable[Segment]) -> int:
    return sum(1 if isinstance(s, Math) else len(characters(s.text)) for s in segments)


def _beginning(segments: Iterable[Segment], count: int) -> tuple[Segment, ...]:
    """Returns the first characters that people see, without links."""
    taken: list[Segment] = []
    for segment in segments:
        if count <= 0:
            break
        if isinstance(segment, Math):
            taken.append(segment)
            count -= 1
        else:
            beginning = characters(segment.text)[:count]
            taken.append(Text("".join(beginning)))
            count -= len(beginning)
    return _unlinked(taken)
