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
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from daily_papers.views import tex
from daily_papers.views.tex import Link, Math, Segment, Text

__all__ = [
    "details",
    "fold_comment",
    "heading",
    "inline",
    "link",
    "link_text",
    "row",
    "shortened",
    "table",
]

COMMENT_WIDTH: Final = 20
FOLDED_WIDTH: Final = 5


def inline(text: str) -> str:
    """Gives one line of Markdown that shows the text, its formulas and its links."""
    segments = _segments(text)
    return text if segments is None else _line(_joined(segments))


def link_text(text: str) -> str:
    """Gives the same without links: a link's text may hold none."""
    segments = _segments(text)
    return text if segments is None else _line(_joined(_unlinked(segments)))


def link(text: str, url: str) -> str:
    """Gives a link; formulas in its text stand beside it.

    GitHub typesets no mathematics inside a link (seen in 2023 and in December 2025:
    https://github.com/go-gitea/gitea/issues/36108), so the words around a formula are the link.
    """
    read = _segments(text)
    if read is None:
        return _anchor(text, url)
    segments = _unlinked(read)
    mixed = any(isinstance(s, Math) for s in segments) and any(map(_has_words, segments))
    return _joined(segments, url) if mixed else _anchor(_joined(segments), url)


def fold_comment(text: str) -> str:
    """Gives a cell's text, folded behind its beginning when it is long.

    Counted is what people see: a letter with its accents or a whole emoji is one character, and so
    is a formula, which is never cut.
    """
    segments = _segments(text)
    if segments is None:
        return text if len(text) <= COMMENT_WIDTH else details(text[:FOLDED_WIDTH] + "...", text)
    body = _line(_joined(segments))
    if _length(segments) <= COMMENT_WIDTH:
        return body
    return details(_line(_joined(_beginning(segments, FOLDED_WIDTH))) + "...", body)


def shortened(text: str, width: int) -> str:
    """Gives the text, cut behind `width` characters as people see them; no link is ever cut."""
    segments = _segments(text)
    if segments is None:
        return text if len(text) <= width else f"{text[:width].rstrip()}…"
    if _length(segments) <= width:
        return _line(_joined(segments))
    whole: list[Segment] = []
    for segment in segments:
        left = width - _length(whole)
        if _length([segment]) > left:
            cut = _beginning([segment], left) if isinstance(segment, Text) else ()
            return f"{_line(_joined([*whole, *cut])).rstrip()}…"
        whole.append(segment)
    return _line(_joined(whole))


def details(summary: str, body: str) -> str:
    """Gives a fold for a table's cell, from Markdown.

    Only there is it inline, so that the Markdown in it is parsed. At the start of a line it would
    begin a block of HTML (https://github.github.com/gfm/#html-blocks).
    """
    return f"<details><summary>{summary}</summary><p>{body}</p></details>"


def row(cells: Iterable[str]) -> str:
    """Gives a table's row of cells, each of them one line of Markdown."""
    return "| " + " | ".join([cell.replace("|", "\\|") for cell in cells]) + " |"


def table(header: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Gives a table, one line a row; header and cells are Markdown already."""
    return "\n".join([row(header), row("---" for _ in header), *map(row, rows)])


def heading(level: int, text: str) -> str:
    """Gives a heading."""
    return f"{'#' * min(level, 6)} {link_text(text)}"


# --- Segments -------------------------------------------------------------------------------------


def _joined(segments: Sequence[Segment], url: str = "") -> str:
    """Gives Markdown of segments; with an address, their words are links to it."""
    parts: list[str] = []
    for segment in segments:
        match segment:
            case Text(words):
                parts.append(
                    _linked(words, url) if url and _has_words(segment) else _escaped(words)
                )
            case Math():
                if parts and parts[-1][-1:].isalnum():
                    # GitHub overlooks a formula right behind a letter, as in 2$\times$; so let an
                    # element stand between them. https://github.com/github/markup/issues/1742
                    parts.append("<span></span>")
                parts.append(_formula(segment))
            case Link(words, target):
                web_link = _web_link(words, target)
                if parts and parts[-1].endswith("!") and web_link.startswith("["):
                    parts[-1] = parts[-1][:-1] + "\\!"  # not an image
                parts.append(web_link)
    return "".join(parts)


def _unlinked(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Turns links into words, joined with the words around them."""
    plain: list[Segment] = []
    for segment in segments:
        if isinstance(segment, Math):
            plain.append(segment)
        elif plain and isinstance(before := plain[-1], Text):
            plain[-1] = Text(before.text + segment.text)
        else:
            plain.append(Text(segment.text))
    return tuple(plain)


def _has_words(segment: Segment) -> bool:
    return isinstance(segment, Text) and any(map(str.isalnum, segment.text))


def _formula(math: Math) -> str:
    r"""Gives a formula in the form that Markdown leaves alone: a span of code between dollars.

    A table's cell holds no block, so a displayed formula is one in the line, in display style. An
    environment brings its own style along.
    """
    source = math.tex
    if math.display and not source.startswith("\\begin{"):
        source = "\\displaystyle " + source
    if "`" not in source:
        return f"$`{source}`$"
    # A span of code ends at as many backticks as it began with, and one space around it is dropped:
    # https://github.github.com/gfm/#code-spans
    runs = {len(run) for run in re.findall("`+", source)}
    fence = "`" * next(n for n in range(1, len(runs) + 2) if n not in runs)
    return f"${fence} {source} {fence}$"


def _segments(text: str) -> Sequence[Segment] | None:
    """Reads a text; gives nothing where it is its own Markdown, which two texts in three are."""
    if not tex.is_prose(text):
        return tex.read(text)
    needs_escapes = _BLOCK_START.match(text) or _COLON.search(text) or _ISSUE.search(text)
    return (Text(text),) if needs_escapes else None


# --- Words ----------------------------------------------------------------------------------------

# It begins with a set of characters, which makes it fast; what some of them need stands behind it.
_SPECIAL: Final = re.compile(
    r"""[\\`*_\[\]|<$~\#&@:] (?:
      (?<=[\\`*_\[\]|<$~\#])
    | (?<=&) (?=[A-Za-z#])                # an entity
    | (?<=@) (?=\w)                       # a person; an address of mail
    | (?<=:) (?=[\w+-]+:|//)              # :emoji:; an address that tex.read did not take for one
    )""",
    re.VERBOSE,
)
_COLON: Final = re.compile(r":(?=[\w+-]+:|//)")  # the only one of them that prose may hold
_SPANNED: Final = frozenset("$@:")
# The hyphen of GH-12. An expression that begins with a character is found much faster.
_ISSUE: Final = re.compile(r"-(?<=[Gg][Hh]-)(?<![A-Za-z0-9_]..-)(?=\d)")


def _escaped(words: str) -> str:
    """Escapes words for a place within a line."""
    escaped = _SPECIAL.sub(_escape, words)
    escaped = _ISSUE.sub("<span>-</span>", escaped)
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

# What every engine shows within <…> as it stands: an entity is decoded, and so is a % by some. An
# emoji's name is looked for even there.
_AUTOLINK: Final = re.compile(
    r"(?! .* (?: :[\w+-]+: | &[\w#]+; | //xn-- ) )"
    r"(?:https?|ftp):// [A-Za-z0-9.-]+ (?: [/?#] (?: (?![%<>\\]) [!-~] )* )?",
    re.VERBOSE | re.ASCII,
)
_PLAIN_TARGET: Final = re.compile(r"[\w.~:/?#@!$*',;=%+-]+", re.ASCII)
_GITHUB_THREAD: Final = re.compile(
    r"/[^/]+/[^/]+/(?:issues?|pulls?|discussions|commit)/", re.IGNORECASE
)
_UNSAFE: Final = {ord(c): quote(c) for c in ' <>\\`"^{|}'} | {ord("&"): "&amp;"}


def _web_link(words: str, url: str) -> str:
    if words == url and _AUTOLINK.fullmatch(url) and not _is_thread(url):
        return f"<{url}>"
    return _anchor(_escaped(words), url)


def _anchor(markdown: str, url: str) -> str:
    """Gives a link of Markdown; a `^` at its start would make it a footnote."""
    footnote = "\\" if markdown.startswith("^") else ""
    return f"[{footnote}{markdown}]({_target(url)})"


def _target(url: str) -> str:
    """Gives an address for a link's brackets.

    Issues and pull requests of others are reached by way of a host that GitHub offers for that: a
    direct link in an issue of ours would leave a note in theirs.
    """
    if _is_thread(url):
        url = urlsplit(url)._replace(netloc="redirect.github.com").geturl()
    return url if _PLAIN_TARGET.fullmatch(url) else f"<{url.translate(_UNSAFE)}>"


def _is_thread(url: str) -> bool:
    """Tells whether an address is one of an issue, a pull request or the like on GitHub."""
    if "github.com" not in url.lower():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_github = (parts.hostname or "").lower() in {"github.com", "www.github.com"}
    path = re.sub("/{2,}", "/", unquote(parts.path))
    return is_github and _GITHUB_THREAD.match(path) is not None


def _linked(words: str, url: str) -> str:
    """Gives a link of words, with the space around them outside."""
    bare = words.strip(" ")
    before, _, after = words.partition(bare)
    return f"{before}{_anchor(_escaped(bare), url)}{after}"


# --- What people see ------------------------------------------------------------------------------


def _length(segments: Iterable[Segment]) -> int:
    return sum(1 if isinstance(s, Math) else len(_characters(s.text)) for s in segments)


def _beginning(segments: Iterable[Segment], count: int) -> tuple[Segment, ...]:
    """Gives the first characters that people see, without links."""
    taken: list[Segment] = []
    for segment in segments:
        if count <= 0:
            break
        if isinstance(segment, Math):
            taken.append(segment)
            count -= 1
        else:
            characters = _characters(segment.text)[:count]
            taken.append(Text("".join(characters)))
            count -= len(characters)
    return _unlinked(taken)


def _characters(words: str) -> Sequence[str]:
    """Takes words apart into what people take for one character."""
    return words if words.isascii() else list(_clusters(words))


def _clusters(words: str) -> Iterator[str]:
    """Takes words apart where a reader would.

    A small part of Unicode's rules (https://unicode.org/reports/tr29/) that covers what stands in
    names and comments: marks, joiners, skin tones, flags, and the letters of Hangul.
    """
    cluster = ""
    for character in words:
        if cluster and not _joins(cluster, character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


_JOINERS: Final = "\u200c\u200d"
_SKIN_TONES: Final = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def _joins(cluster: str, character: str) -> bool:
    if character < "\u0300":
        return False
    if character in _JOINERS or character in _SKIN_TONES or cluster[-1] == "\u200d":
        return True
    if "\U0001f1e6" <= character <= "\U0001f1ff":  # letters of flags come in pairs
        return len(cluster) == 1 and "\U0001f1e6" <= cluster <= "\U0001f1ff"
    if "\u1160" <= character <= "\u11ff":  # vowels and final consonants of a Hangul syllable
        return "\u1100" <= cluster[-1] <= "\u11ff" or "\uac00" <= cluster[-1] <= "\ud7a3"
    return unicodedata.category(character).startswith("M")
