"""Finds what would disturb people if GitHub showed it: mentions, references and closing keywords.

Markdown is processed as on GitHub: cmark-gfm turns it into HTML, elements that are not on GitHub's
list are removed, and each text node outside of code and links is searched separately. So
`*@name*`, `&#64;name` and `\\@name` mention somebody, and `<span>@</span>name` does not.

The rules are from GitHub's documentation
(https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls,
https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue)
and from what GitHub once published of its filters (https://github.com/gjtorikian/html-pipeline).
Doubtful cases count as disturbances: it does not matter whether a name, a team or another
repository exists, `www.github.com` is `github.com`, and a word before `#12` may be the owner of a
fork.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

import cmarkgfm
import lxml.html
from cmarkgfm.cmark import Options
from lxml import etree

__all__ = ["Disturbance", "DisturbanceError", "disturbances", "disturbances_in_words"]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One thing that would reach somebody."""

    kind: Literal["mention", "reference", "closing"]
    text: str
    where: str = ""
    """Where the stand-in found it, as in `POST /repos/octo/papers/issues: body`."""


class DisturbanceError(AssertionError):
    """Something that was written on GitHub disturbs people."""

    def __init__(self, found: list[Disturbance]) -> None:
        super().__init__("\n".join(f"{one.where}: {one.kind} {one.text!r}" for one in found))


IsCommit = Callable[[str], bool]


def _no_commit(_sha: str) -> bool:
    return False


def disturbances(markdown: str, *, is_commit: IsCommit = _no_commit) -> list[Disturbance]:
    """Finds what disturbs in the body of an issue, a pull request or a comment.

    `is_commit` returns whether the repository has a commit of that name: otherwise it is only a
    word.
    """
    return list(_searched(_pieces(markdown), is_commit))


def disturbances_in_words(text: str, *, is_commit: IsCommit = _no_commit) -> list[Disturbance]:
    """Finds what disturbs in a title or a commit's message, where Markdown means nothing."""
    return list(_searched(_pieces_of_words(text), is_commit))


# Pieces


@dataclass(frozen=True, slots=True)
class _Words:
    """A text node."""

    text: str
    silent: bool = False
    """Within code or a link, where GitHub does not look."""


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a link leads."""

    url: str


_Piece = _Words | _Target

_OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_HARDBREAKS | Options.CMARK_OPT_FOOTNOTES

_SILENT = frozenset({"a", "code", "pre"})
_SANITIZED = """
    a abbr b bdo blockquote br caption cite code dd del details dfn div dl dt em figcaption figure
    h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p picture pre q rp rt ruby s samp section
    small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt ul var
    video wbr
"""
_KEPT = frozenset(_SANITIZED.split())
"""Elements that GitHub's sanitizer leaves alone. The text around any other grows together."""


def _pieces(markdown: str) -> Iterator[_Piece]:
    """Returns what GitHub's filters see; text that they may see as one comes as one."""
    sound = markdown.encode(errors="replace").decode()
    html = cmarkgfm.github_flavored_markdown_to_html(sound, _OPTIONS)
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    root = lxml.html.document_fromstring(f"<html><body>{html}</body></html>".encode(), parser)
    silence = 0
    text = ""
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = node.tag if isinstance(node.tag, str) else ""
        if tag in _KEPT:
            yield _Words(text, silent=silence > 0)
            text = ""
        if event == "start":
            silence += tag in _SILENT
            if tag == "a":
                yield _Target(node.get("href", ""))
            text += node.text or ""
        else:
            silence -= tag in _SILENT
            text += node.tail or ""
    yield _Words(text)


_URL = re.compile(r"""((?:https?://|www\.)[^\s<>"]+)""", re.IGNORECASE)


def _pieces_of_words(text: str) -> Iterator[_Piece]:
    """Returns a plain text in the same form; the only links in it are bare addresses."""
    for number, part in enumerate(_URL.split(text)):
        if number % 2:
            yield _Target(part if "://" in part else f"https://{part}")
            yield _Words(part, silent=True)
        else:
            yield _Words(part)


# Rules

# GitHub's filters are written in Ruby, where letters are ASCII: `é@name` is a mention.
_FLAGS = re.ASCII | re.IGNORECASE | re.VERBOSE
_LOGIN = r"[a-z0-9][a-z0-9_-]*+"
_RULES = re.compile(
    rf"""(?<!\w) (?:
      (?P<mention> @{_LOGIN} (?: /[a-z0-9][a-z0-9_-]* | (?! / | \.\w ) ) )
    | (?P<issue>
          (?: {_LOGIN} (?: /[\w.-]+ )? )? \# (?=0*[1-9]) \d{{1,10}} \b
        | gh- (?=0*[1-9]) \d{{1,10}} \b
      )
    | (?P<commit_elsewhere> {_LOGIN} /[\w.-]+ @ [0-9a-f]{{7,40}} \b )
    | (?: {_LOGIN} @ )? (?P<commit> [0-9a-f]{{7,40}} ) \b
    )""",
    _FLAGS,
)
_CLOSING = re.compile(
    r"(?<!\w) (?: close[sd]? | fix(?:es|ed)? | resolve[sd]? ) (?: :\s* | \s+ ) \Z", _FLAGS
)
_LOOK_BACK = 40
_THREAD = re.compile(
    r"/[^/]+/[^/]+/ (?: (?: issues? | pulls? | discussions ) /\d+ | commit/[0-9a-f]{7,40} ) \b",
    _FLAGS,
)


def _searched(pieces: Iterator[_Piece], is_commit: IsCommit) -> Iterator[Disturbance]:
    before = ""
    for piece in pieces:
        if isinstance(piece, _Target):
            if _leads_to_thread(piece.url):
                yield _reference(before, piece.url)
            continue
        if not piece.silent:
            yield from _searched_words(before, piece.text, is_commit)
        before = (before + piece.text)[-_LOOK_BACK:]


def _searched_words(before: str, text: str, is_commit: IsCommit) -> Iterator[Disturbance]:
    for found in _RULES.finditer(text):
        if found["mention"]:
            yield Disturbance("mention", found[0])
        elif not found["commit"] or is_commit(found["commit"].lower()):
            yield _reference(before + text[: found.start()], found[0])


def _reference(before: str, reference: str) -> Disturbance:
    """Names a reference, with the keyword before it if there is one."""
    if keyword := _CLOSING.search(before[-_LOOK_BACK:]):
        return Disturbance("closing", " ".join(f"{keyword[0]} {reference}".split()))
    return Disturbance("reference", reference)


def _leads_to_thread(url: str) -> bool:
    """Whether an address is that of an issue, pull request, discussion or commit on GitHub."""
    try:
        parts = urlsplit(url.strip())
        # What has neither scheme nor host is a path on GitHub.
        host = parts.hostname if parts.scheme or parts.netloc else "github.com"
    except ValueError:
        return False
    on_github = host in {"github.com", "www.github.com"}
    return on_github and _THREAD.match(unquote(parts.path)) is not None
