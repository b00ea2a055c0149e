"""Finds addresses, identifiers and numbers of papers that are in a text without any markup.

A page has thousands of texts, so the search must be cheap: `in` is ten times faster than a regular
expression, and one that begins with a set of characters is ten times faster than one that begins
with alternatives. This is why the expressions look back.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit

__all__ = [
    "DOTTED",
    "SLASHED",
    "address",
    "doi_url",
    "honest_label",
    "links",
    "unescaped",
    "without_tail",
]

_INVALID: Final = re.compile(r'["<>\\^`{|}\[\]]|%(?![0-9A-Fa-f]{2})')
"""What no path, query or fragment of a valid URL has."""


def doi_url(doi: str) -> str:
    """Returns the address of a digital object identifier, whatever characters it contains."""
    return "https://doi.org/" + quote(doi, safe="/:;()@!*',=+~")


# --- Finding --------------------------------------------------------------------------------------

_ARXIV_ID: Final = r"(?: \d{4}\.\d{4,5} | [a-z-]+(?:\.[A-Z]{2})?/\d{7} ) (?:v\d+)? (?!\w)"
_ADDRESS: Final = r"(?: [\w.~:/?#\[\]@!&'()*+,;=%|-] | \\[_%#&~] )"


def _host(name: str) -> tuple[str, str]:
    name = re.escape(name)
    return name.replace("\\", ""), rf"{name} (?<! [\w.@/-]{name}) (?P<url> {_ADDRESS}* )"


# What a text must contain to have a link of this kind, and the expression for the link.
_LINKS: Final = [
    (hint, re.compile(pattern, re.VERBOSE))
    for hint, pattern in (
        ("http", rf"http (?<! [A-Za-z0-9]http) (?P<url> s? :// {_ADDRESS}+ )"),
        ("ftp://", rf"ftp:// (?<! [A-Za-z0-9]ftp://) (?P<url> {_ADDRESS}+ )"),
        *map(_host, ("www.", "github.com/", "gitlab.com/", "huggingface.co/", "doi.org/")),
        (".github.io", rf"(?<! [\w.@/-] ) [\w-]+\.github\.io\b (?P<url> {_ADDRESS}* )"),
        ("10.", rf"10\. (?<! [\w./]10\.) (?P<doi> \d{{4,9}} / {_ADDRESS}+ )"),
        *(
            (name[1:], rf"[aA] (?<! \w[aA]) {name[1:]} (?: :[ ]? | [ ] ) (?P<arxiv> {_ARXIV_ID} )")
            for name in ("arxiv", "arXiv")
        ),
    )
]

SLASHED: Final = re.compile(r"/(?<=[:0-9mog]/)")
"""A slash as in ://, 10.1000/, .com/, .co/, .org/."""

DOTTED: Final = re.compile(r"\.(?:(?=[^\W\d])|(?<=\D\.)(?=\d))")
"""A dot as in www.a, unlike 3.5."""

_HINTS: Final = ("www.", ".github.io", "rxiv", "rXiv")
_LINKS_WITHOUT_SLASH: Final = [(hint, link) for hint, link in _LINKS if hint in _HINTS]


def links(text: str) -> list[re.Match[str]]:
    """Returns the links of a text in order; `lastgroup` of each match is its kind."""
    kinds = _LINKS if SLASHED.search(text) else _LINKS_WITHOUT_SLASH
    found = [m for hint, link in kinds if hint in text for m in link.finditer(text)]
    return sorted(found, key=re.Match.start) if len(found) > 1 else found


_BRACKETS: Final = {")": "(", "]": "["}


def without_tail(written: str) -> str:
    """Returns an address without the punctuation of the sentence around it.

    As in GitHub's own links, a closing bracket belongs to the sentence if it was opened there.
    https://github.github.com/gfm/#autolinks-extension-

    An address written as a link in Markdown, ``[https://a](https://a)``, ends before its label's
    bracket.
    """
    label, bracket, _ = written.partition("](")
    if bracket and "[" not in label:
        written = label
    end = len(written)
    unopened = {close: written.count(close) - written.count(_BRACKETS[close]) for close in ")]"}
    while end:
        last = written[end - 1]
        if last in _BRACKETS:
            if unopened[last] <= 0:
                break
            unopened[last] -= 1
        elif last not in ".,;:!?*'|":
            break
        end -= 1
    return written[:end]


def unescaped(written: str) -> str:
    r"""Returns an address without the backslashes that TeX needs in it: ``a\_b``."""
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", written) if "\\" in written else written


# --- Where a link goes ----------------------------------------------------------------------------

_WEB: Final = re.compile(r"(?:https?|ftp)://\S", re.IGNORECASE)
_HOST: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/?#:]|$)")
_NAMED_HOST: Final = re.compile(r"(?<![\w.-])(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w-])")
_NAMED_PAPER: Final = re.compile(r"(?<!\w)arxiv ?: ?\d|(?<![\w.])10\.\d{4,9}/", re.IGNORECASE)


def address(written: str) -> str:
    r"""Returns the URL of an address as written, or an empty string if it is not a web address.

    Browsers read a backslash as a slash (https://url.spec.whatwg.org/#authority-state), but most
    other programs do not. Written as ``%5C``, it means the same to all of them. So it is with the
    other characters that are not in a valid URL (https://url.spec.whatwg.org/#url-code-points).
    """
    if " " in written:
        return ""
    if _WEB.match(written):
        url = written
    elif _HOST.match(written):
        url = f"{'http' if written.startswith('www.') else 'https'}://{written}"
    else:
        return ""
    before, sign, fragment = url.partition("#")
    scheme, slashes, rest = before.partition("//")
    host, *place = re.split(r"(?=[/?])", rest, maxsplit=1)
    url = scheme + slashes + host.replace("\\", "%5C") + _quoted("".join(place))
    url += sign + _quoted(fragment.replace("#", "%23"))
    is_plain = url.isascii() and "[" not in url and "]" not in url
    return url if is_plain or _hostname(url) is not None else ""


def _quoted(text: str) -> str:
    return _INVALID.sub(lambda found: quote(found[0]), text)


def honest_label(label: str, url: str) -> str:
    """Returns a link's label, or its address if the label names a different host.

    A label may be any text, but if it looks like an address, readers take it for the target.
    """
    shown = unicodedata.normalize("NFKC", label).casefold()
    host = _bare(_hostname(url) or "")
    named = {_bare(name) for name in _NAMED_HOST.findall(shown)}
    is_paper = _NAMED_PAPER.search(shown) is not None
    if named - {host} or (is_paper and host not in {"arxiv.org", "doi.org", "dx.doi.org"}):
        return url
    return label


def _bare(host: str) -> str:
    return host.casefold().rstrip(".").removeprefix("www.")


def _hostname(url: str) -> str | None:
    """Returns the host of an address, or `None` if programs may disagree about it."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return None
