"""Cleans words as authors type them: white space, invisible characters, quotes and dashes.

Two texts in three are nothing but words. `is_prose` finds them quickly, so that a page with
thousands of texts is rendered in a moment.
"""

from __future__ import annotations

import re
from string import ascii_letters, digits
from typing import Final

from daily_papers.views.tex.addresses import DOTTED, SLASHED

__all__ = ["LIMIT", "clean", "fold", "is_prose", "typeset"]

LIMIT: Final = 20_000
"""How many characters of a text are read. arXiv accepts abstracts of up to 1,920 characters
(https://info.arxiv.org/help/prep.html#abstracts); a text ten times as long is not an abstract."""


def is_prose(text: str) -> bool:
    """Whether a text has nothing but words, by a quick test.

    The test may return `False` for prose, but never `True` for anything else.
    """
    return (
        text != ""
        and not text.encode(errors="surrogatepass").translate(None, _PROSE)
        and text[0] != " " != text[-1]
        and "  " not in text
        and "--" not in text
        and ("'" not in text or "''" not in text)
        and ("/" not in text or not SLASHED.search(text))
        and not (DOTTED.search(text) and ("www." in text or ".github.io" in text))
        and "rxiv" not in text
        and not ("X" in text and "rXiv" in text)
        and len(text) <= LIMIT
    )


def clean(text: str) -> str:
    """Returns the text without invisible characters, with white space folded, cut at `LIMIT`.

    Control characters and zero-width characters mean nothing to a reader. Bidirectional controls
    are dropped rather than isolated: Hebrew and Arabic letters have a direction of their own, an
    override only makes text look like something else, and GitHub shows a warning above every file
    that contains one. The joiners U+200C and U+200D stay, because Persian, Hindi and emoji need
    them. A lone surrogate cannot be written to a file and becomes the replacement character.
    """
    if not text.isascii() or not text.isprintable():
        text = _UNSEEN.sub(lambda found: "\ufffd" if "\ud800" <= found[0] <= "\udfff" else "", text)
    elif "  " not in text:
        return _cut(text.strip(" "))
    return _cut(" ".join(text.split()))


def _cut(text: str) -> str:
    """Returns the text up to `LIMIT`, cut between words where that is possible."""
    if len(text) <= LIMIT:
        return text
    space = text.rfind(" ", LIMIT - 1_000, LIMIT)
    return f"{text[: space if space > 0 else LIMIT - 1]}…"


_PROSE: Final = (ascii_letters + digits + " .,:;?!()/%=+\"'-").encode()
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)


# --- Quotes and dashes ----------------------------------------------------------------------------

_QUOTES: Final = re.compile(r"(?<!`)``(?!`)|(?<!')''(?!')")
_DASHES: Final = re.compile(r"(?<![-<!])---?(?![->])")


def typeset(words: str, *, begins: bool) -> str:
    """Returns words with the quotes and dashes that their author meant when typing TeX.

    Args:
        words: a piece of a text.
        begins: whether the text begins here, and not after a formula or a link.
    """
    if "``" in words or "''" in words:
        words = _QUOTES.sub(lambda typed: _quote(typed, begins=begins), words)
    if "--" in words:
        words = _DASHES.sub(lambda typed: _dash(typed, begins=begins), words)
    return words


def _before(found: re.Match[str], *, begins: bool) -> str:
    """Returns the character before a match, or a letter if a formula or a link is before it."""
    at = found.start()
    return found.string[at - 1] if at else ("" if begins else "x")


def _after(found: re.Match[str]) -> str:
    return found.string[found.end() : found.end() + 1]


def _quote(typed: re.Match[str], *, begins: bool) -> str:
    """Returns the quote that is meant, because authors type either of the two at either end."""
    before = _before(typed, begins=begins)
    opens = before in {"", " ", "(", "["} or (typed[0] == "``" and _after(typed) not in {"", " "})
    return "“" if opens else "”"


def _dash(typed: re.Match[str], *, begins: bool) -> str:
    """Returns the dash that is meant. The dashes of an option stay, as in `ls --all`."""
    if typed[0] == "---":
        return "—"
    is_option = _before(typed, begins=begins) in {"", " "} and _after(typed).isalnum()
    return "--" if is_option else "–"


def fold(words: str) -> str:
    """Returns the words with single spaces between them."""
    return re.sub(" {2,}", " ", words) if "  " in words else words
