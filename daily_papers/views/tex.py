r"""Titles, abstracts and comments of papers, read as people read them.

arXiv's metadata are prose with pieces of TeX in it. `read` takes them apart into `Text`, `Math` and
`Link`. TeX outside mathematics becomes what it stands for (``Fr\'echet`` is *Fréchet*); mathematics
is never changed, but for white space at its ends.

A reader who is not sure leaves things as they stand: an unknown macro, an unbalanced brace or a
lonely dollar is text. An abstract is no TeX document: ``%`` starts no comment in it, ``_``, ``^``,
``&`` and ``#`` are only characters, and braces vanish only where they clearly belong to TeX.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from string import ascii_letters, digits
from typing import Any, Final
from urllib.parse import quote

__all__ = ["Link", "Math", "Segment", "Text", "clean", "doi_url", "is_prose", "read"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words, ready to be read; nothing in them has a meaning for TeX any more."""

    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """A formula as its author wrote it, without its delimiters."""

    tex: str
    display: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    text: str
    url: str


Segment = Text | Math | Link


def read(text: str) -> tuple[Segment, ...]:
    """Reads a text from arXiv as words, formulas and links."""
    text = clean(text)
    return _Reader(text, _links(text)).segments()


def is_prose(text: str) -> bool:
    """Tells quickly that a text is nothing but words, which is so for two texts in three.

    It may err in one direction only: what it does not know is no prose.
    """
    return (
        text != ""
        and not text.encode(errors="surrogatepass").translate(None, _PROSE)
        and text[0] != " " != text[-1]
        and "  " not in text
        and "--" not in text
        and ("'" not in text or "''" not in text)
        and ("/" not in text or not _SLASHED.search(text))
        and not (_DOTTED.search(text) and ("www." in text or ".github.io" in text))
        and "rxiv" not in text
        and not ("X" in text and "rXiv" in text)
    )


def clean(text: str) -> str:
    """Folds white space and drops what nobody sees.

    Control characters and zero-width characters carry nothing for a reader. Bidirectional controls
    are dropped rather than isolated: letters of Hebrew or Arabic bring their direction with them,
    an override only makes text look like what it is not, and GitHub warns above every file that
    holds one. The joiners U+200C and U+200D stay, because Persian, Hindi and emoji are spelled with
    them. A lone surrogate cannot be written to a file and becomes the replacement character.
    """
    if not text.isascii() or not text.isprintable():
        text = _UNSEEN.sub(lambda found: "\ufffd" if "\ud800" <= found[0] <= "\udfff" else "", text)
    elif "  " not in text:
        return text.strip(" ")
    return " ".join(text.split())


def doi_url(doi: str) -> str:
    """Gives the address of a digital object identifier, whatever characters it holds."""
    return "https://doi.org/" + quote(doi, safe="/:;()@!*',=+~")


_PROSE: Final = (ascii_letters + digits + " .,:;?!()/%=+\"'-").encode()
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)

# --- What there is to find ------------------------------------------------------------------------
#
# A page has thousands of texts, so looking must be cheap: `in` is ten times faster than an
# expression, and an expression that begins with a set of characters is ten times faster than one
# that begins with a choice. Hence the conditions that look back.


_TOKEN: Final = re.compile(
    r"""[\\${}~] (?:
      (?P<math> (?<=\$) \$? | (?<=\\) [(\[] )
    | (?P<accent> (?<=\\) (?: ['`^"~=.] (?: \{\\?[A-Za-z]\} | \\[ij](?![A-Za-z]) | [A-Za-z] )
                            | [cvHukrbd] (?: \{\\?[A-Za-z]\} | \ [A-Za-z] ) ) )
    | (?<=\\) (?P<macro> [A-Za-z]+\*? )
    | (?<=\\) (?P<symbol> . )
    | (?P<brace> (?<=[{}]) )
    | (?P<tie> (?<=~) )
    )""",
    re.VERBOSE,
)

_ARXIV_ID: Final = r"(?: \d{4}\.\d{4,5} | [a-z-]+(?:\.[A-Z]{2})?/\d{7} ) (?:v\d+)? (?!\w)"
_ADDRESS: Final = r"(?: [\w.~:/?#\[\]@!&'()*+,;=%|-] | \\[_%#&~] )"


def _host(name: str) -> tuple[str, str]:
    name = re.escape(name)
    return name.replace("\\", ""), rf"{name} (?<! [\w.@/-]{name}) (?P<url> {_ADDRESS}* )"


# What a text must hold to hold a link of this kind, and the link.
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


_SLASHED: Final = re.compile(r"/(?<=[:0-9mog]/)")  # as in ://, 10.1000/, .com/, .co/, .org/
_DOTTED: Final = re.compile(r"\.(?:(?=[^\W\d])|(?<=\D\.)(?=\d))")  # as in www.a, unlike 3.5
_HINTS: Final = ("www.", ".github.io", "rxiv", "rXiv")
_LINKS_WITHOUT_SLASH: Final = [(hint, link) for hint, link in _LINKS if hint in _HINTS]


def _links(text: str) -> list[re.Match[str]]:
    """Finds addresses, identifiers and numbers of papers that stand in a text as they are."""
    kinds = _LINKS if _SLASHED.search(text) else _LINKS_WITHOUT_SLASH
    found = [m for hint, link in kinds if hint in text for m in link.finditer(text)]
    return sorted(found, key=re.Match.start) if len(found) > 1 else found


# --- What TeX stands for --------------------------------------------------------------------------

# Control symbols (a backslash and no letter). Spaces of any width are a space, a hint where a word
# may be broken is nothing.
_SYMBOLS: Final = (
    {c: c for c in "%&#_${}"} | dict.fromkeys(" ,;:\\", " ") | dict.fromkeys("-/!@", "")
)

# Macros whose argument is shown and nothing else, between these two.
_WRAPPERS: Final = {
    **dict.fromkeys(("emph", "textbf", "textit", "texttt", "textsc", "textsf", "textrm"), ("", "")),
    **dict.fromkeys(("textmd", "textup", "textsl", "textnormal", "text", "mbox", "hbox"), ("", "")),
    **dict.fromkeys(("underline", "uline", "textsuperscript", "textsubscript"), ("", "")),
    "enquote": ("“", "”"),
    "footnote": (" (", ")"),
}

# Declarations change how the text after them looks, and are not shown.
_DECLARATIONS: Final = (
    *("em", "it", "bf", "tt", "sc", "sf", "rm", "sl", "itshape", "bfseries", "ttfamily"),
    *("scshape", "sffamily", "rmfamily", "mdseries", "upshape", "slshape", "normalfont"),
    *("tiny", "scriptsize", "footnotesize", "small", "normalsize", "large", "Large"),
    *("noindent", "xspace"),
)

_CITATIONS: Final = (
    "cite",
    "citep",
    "citet",
    "citeA",
    "citealp",
    "citeauthor",
    "citeyear",
    "parencite",
)

# Names that pylatexenc lacks, or reads as mathematics.
_NAMES: Final = {
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "copyright": "©",
    "textregistered": "®",
    "texttrademark": "™",
    "deg": "°",
    "eg": "e.g.",
    "ie": "i.e.",
    "etal": "et al.",
    "textgreater": ">",
    "textless": "<",
    "textbackslash": "\\",
    "textbar": "|",
    "textasciitilde": "~",
    "textunderscore": "_",
    "lq": "‘",
    "rq": "’",
    "newline": " ",
    "quad": " ",
    "qquad": " ",
}

_ARGUMENT: Final = re.compile(r"(?:\[[^\]{}]*\])*\s*\{([^{}]*)\}")
_FORMULA_STEP: Final = re.compile(r"[\\{}$](?:(?<=[{}$])|[\\{}$()\[\]])")
_BRACE_STEP: Final = re.compile(r"[\\{}](?:(?<=[{}])|[\\{}])")
_TEX_SIGN: Final = re.compile(r"\\[A-Za-z]|[_^]")
_WORDS: Final = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
_MARKUP: Final = re.compile(r"\\[A-Za-z]+\*?\s*|(?<!\\)[{}$]")
_WEB: Final = re.compile(r"(?:https?|ftp)://\S", re.IGNORECASE)
_HOST: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/?#:]|$)")


class _Reader:
    """One pass over one text, from left to right.

    Every method that reads takes the token found and returns where to go on.
    """

    def __init__(self, text: str, links: list[re.Match[str]]) -> None:
        self.text = text
        self.links = links
        self.closers: dict[int, str] = {}  # what stands in place of these closing braces
        self.done: list[Segment] = []
        self.words: list[str] = []

    @cached_property
    def groups(self) -> dict[int, int]:
        """Where each brace that opens is closed; a text of formulas and links never asks."""
        return dict(_groups(self.text))

    def segments(self) -> tuple[Segment, ...]:
        """Reads the whole text."""
        here = 0
        for link in self.links:
            if link.start() >= here:
                here = self._read_until(link.start(), here)
            if link.start() == here:
                here = _READERS[link.lastgroup or ""](self, link)
        self._read_until(len(self.text), here)
        self._end_words()
        return _trimmed(self.done)

    def _read_until(self, end: int, here: int) -> int:
        """Reads what is no bare link; a formula or an argument may reach beyond the end."""
        while here < end and (found := _TOKEN.search(self.text, here)) and found.start() < end:
            self.words.append(self.text[here : found.start()])
            here = _READERS[found.lastgroup or ""](self, found)
        if here < end:
            self.words.append(self.text[here:end])
        return max(here, end)

    def say(self, words: str, end: int) -> int:
        """Adds words."""
        self.words.append(words)
        return end

    def add(self, segment: Math | Link, end: int) -> int:
        """Adds a formula or a link."""
        self._end_words()
        self.done.append(segment)
        return end

    def _end_words(self) -> None:
        if words := "".join(self.words):
            self.done.append(Text(_typeset(_fold(words))))
        self.words.clear()

    # Links

    def bare_url(self, found: re.Match[str]) -> int:
        """Reads an address that stands in the text as it is."""
        written = _without_tail(found[0])
        address = _unescaped(written)
        end = found.start() + len(written)
        url = _address(address)
        return self.add(Link(address, url), end) if url else self.say(address, end)

    def doi(self, found: re.Match[str]) -> int:
        """Reads a digital object identifier."""
        written = _without_tail(found[0])
        doi = _unescaped(written)
        return self.add(Link(doi, doi_url(doi)), found.start() + len(written))

    def arxiv_id(self, found: re.Match[str]) -> int:
        """Reads the number of another paper."""
        return self.add(Link(found[0], f"https://arxiv.org/abs/{found['arxiv']}"), found.end())

    def url(self, found: re.Match[str]) -> int:
        r"""Reads ``\url{…}``."""
        close = self.groups.get(found.end())
        if close is None:
            return self.say(found[0], found.end())
        address = _unescaped(self.text[found.end() + 1 : close].strip())
        url = _address(address)
        return self.add(Link(address, url), close + 1) if url else self.say(address, close + 1)

    def href(self, found: re.Match[str]) -> int:
        r"""Reads ``\href{…}{…}``."""
        middle = self.groups.get(found.end())
        close = None if middle is None else self.groups.get(middle + 1)
        if middle is None or close is None:
            return self.url(found)
        url = _address(_unescaped(self.text[found.end() + 1 : middle].strip()))
        label = _fold(_unescaped(_MARKUP.sub("", self.text[middle + 2 : close]))).strip()
        if not label:
            return self.url(found)
        return self.add(Link(label, url), close + 1) if url else self.say(label, close + 1)

    # Mathematics

    def formula(self, found: re.Match[str]) -> int:
        """Reads a formula, or finds that there is none."""
        opener, begin = found[0], found.end()
        end = self._formula_end(opener, begin)
        tex = self.text[begin:end].strip() if end is not None else ""
        # A comment in HTML could be taken for one of our markers; in a formula it has no meaning.
        if end is None or not tex or "<!--" in tex:
            return self.say(opener[0], found.start() + 1)
        return self.add(Math(tex, display=opener in {"$$", "\\["}), end + len(opener))

    def _formula_end(self, opener: str, begin: int) -> int | None:
        r"""Finds the delimiter that closes a formula.

        A dollar within braces, as in ``\text{if $x > 0$}``, belongs to the formula; one outside
        braces either closes it or shows that it was none.
        """
        closer = {"\\(": "\\)", "\\[": "\\]"}.get(opener, opener)
        depth = 0
        for step in _FORMULA_STEP.finditer(self.text, begin):
            depth += {"{": 1, "}": -1}.get(step[0], 0)
            if depth < 0:
                return None
            if depth == 0 and step[0] in {"$", closer}:
                return step.start() if self._closes(closer, begin, step.start()) else None
        return None

    def _closes(self, closer: str, begin: int, at: int) -> bool:
        r"""Tells mathematics from money.

        Pandoc's rule (extension `tex_math_dollars`) is the core of it: no space after the opening
        dollar, none before the closing one, no digit after it. But astronomers write `$\sim$10`,
        and others put spaces inside; they are believed where no amount begins the formula.
        """
        if closer != "$":
            return self.text.startswith(closer, at)
        tex = self.text[begin:at]
        spaced = tex.startswith(" ") or tex.endswith(" ")
        before_digit = self.text[at + 1 : at + 2].isdigit()
        tex = tex.strip()
        if tex[:1].isdigit():
            return not spaced and not before_digit and not _WORDS.search(tex)
        is_formula = len(tex) == 1 or _TEX_SIGN.search(tex) is not None
        return is_formula or not (spaced or before_digit)

    # TeX in prose

    def macro(self, found: re.Match[str]) -> int:
        """Reads a macro with a name."""
        return _MACROS.get(found["macro"].rstrip("*"), _Reader.character)(self, found)

    def wrapper(self, found: re.Match[str]) -> int:
        """Shows what a macro wraps."""
        close = self.groups.get(found.end())
        if close is None:
            return self.unknown(found)
        before, self.closers[close] = _WRAPPERS[found["macro"].rstrip("*")]
        return self.say(before, found.end() + 1)

    def declaration(self, found: re.Match[str]) -> int:
        """Leaves out a change of the font."""
        return self._after_name(found.end(), swallow_space=True)

    def color(self, found: re.Match[str]) -> int:
        """Shows what a colour was meant for."""
        color = _ARGUMENT.match(self.text, found.end())
        if color is None:
            return self.unknown(found)
        if color.end() not in self.groups:
            return color.end()
        self.closers[self.groups[color.end()]] = ""
        return color.end() + 1

    def citation(self, found: re.Match[str]) -> int:
        """Shows the keys of a citation in brackets."""
        keys = _ARGUMENT.match(self.text, found.end())
        if keys is None:
            return self.unknown(found)
        return self.say(f"[{', '.join(key.strip() for key in keys[1].split(','))}]", keys.end())

    def character(self, found: re.Match[str]) -> int:
        """Shows the character that a macro names."""
        name = found["macro"]
        character = _NAMES.get(name) or _character(name)
        if not character:
            return self.unknown(found)
        # TeX drops a space after a name. A reader misses it, but not within a word: `Stra\ss e`.
        is_letter = character.isalpha() and character < "\u0250"
        self.words.append(character)
        return self._after_name(found.end(), swallow_space=is_letter)

    def unknown(self, found: re.Match[str]) -> int:
        """Leaves a macro as it is, together with the brace of its argument."""
        end = found.end() + self.text.startswith("{", found.end())
        return self.say(self.text[found.start() : end], end)

    def _after_name(self, end: int, *, swallow_space: bool) -> int:
        if self.text.startswith("{}", end):
            return end + 2
        return end + 1 if swallow_space and self.text.startswith(" ", end) else end

    def accent(self, found: re.Match[str]) -> int:
        """Shows a letter with its accent."""
        return self.say(_accented(found[0]) or found[0], found.end())

    def symbol(self, found: re.Match[str]) -> int:
        """Reads a backslash before something that is no letter."""
        return self.say(_SYMBOLS.get(found["symbol"], found[0]), found.end())

    def brace(self, found: re.Match[str]) -> int:
        r"""Tells a group of TeX (``{\em so}``, ``{B}ERT``) from braces that are to be seen."""
        at = found.start()
        if found[0] == "}":
            return self.say(self.closers.get(at, "}"), at + 1)
        close = self.groups.get(at)
        if close is None or not self._is_markup(at, close):
            return self.say("{", at + 1)
        self.closers[close] = ""
        return at + 1

    def _is_markup(self, start: int, close: int) -> bool:
        inside = self.text[start + 1 : close]
        if inside.startswith("\\"):
            return not inside.startswith(("\\{", "\\}"))
        around = self.text[max(start - 1, 0) : start] + self.text[close + 1 : close + 2]
        return inside.isalnum() and any(map(str.isalpha, around))

    def tie(self, found: re.Match[str]) -> int:
        """Tells a space that does not break (`Fig.~1`) from *about* (`~5`, `30%~50%`)."""
        before = self.text[: found.start()][-1:]
        after = self.text[found.end() : found.end() + 1]
        is_tie = (
            (before.isalnum() or before in tuple(".,;:)]}'$"))
            and (after.isalnum() or after in tuple("\\($[{"))
            and not (before.isdigit() and after.isdigit())
        )
        return self.say(" " if is_tie else "~", found.end())


_READERS: Final = {
    "url": _Reader.bare_url,
    "doi": _Reader.doi,
    "arxiv": _Reader.arxiv_id,
    "math": _Reader.formula,
    "accent": _Reader.accent,
    "macro": _Reader.macro,
    "symbol": _Reader.symbol,
    "brace": _Reader.brace,
    "tie": _Reader.tie,
}
_MACROS: Final = {
    **dict.fromkeys(_WRAPPERS, _Reader.wrapper),
    **dict.fromkeys(_DECLARATIONS, _Reader.declaration),
    **dict.fromkeys(_CITATIONS, _Reader.citation),
    **dict.fromkeys(("url", "nolinkurl", "path"), _Reader.url),
    **dict.fromkeys(("href", "hyperlink"), _Reader.href),
    **dict.fromkeys(("color", "textcolor"), _Reader.color),
}


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """Pairs the braces of a text; a brace without a partner is left out."""
    opened: list[int] = []
    for step in _BRACE_STEP.finditer(text):
        if step[0] == "{":
            opened.append(step.start())
        elif step[0] == "}" and opened:
            yield opened.pop(), step.start()


def _trimmed(segments: list[Segment]) -> tuple[Segment, ...]:
    """Takes white space from both ends, and what was nothing else."""
    if segments and isinstance(last := segments[-1], Text) and last.text.endswith(" "):
        segments[-1:] = [Text(text)] if (text := last.text.rstrip(" ")) else []
    if segments and isinstance(first := segments[0], Text) and first.text.startswith(" "):
        segments[:1] = [Text(text)] if (text := first.text.lstrip(" ")) else []
    return tuple(segments)


_QUOTES: Final = re.compile(r"(?<!`)``(?!`)|(?<!')''(?!')")
_DASHES: Final = re.compile(r"(?<![-<!])---?(?![->])")


def _typeset(words: str) -> str:
    """Reads quotes and dashes as they were typed for TeX."""
    if "``" in words or "''" in words:
        words = _QUOTES.sub(_quote, words)
    return _DASHES.sub(_dash, words) if "--" in words else words


def _quote(typed: re.Match[str]) -> str:
    """Gives the quote that is meant: authors type either of the two at either end."""
    before, after = typed.string[: typed.start()][-1:], typed.string[typed.end() :][:1]
    opens = before in {"", " ", "(", "["} or (typed[0] == "``" and after not in {"", " "})
    return "“" if opens else "”"


def _dash(typed: re.Match[str]) -> str:
    """Leaves alone what begins an option, as in `ls --all`."""
    if typed[0] == "---":
        return "—"
    before, after = typed.string[: typed.start()][-1:], typed.string[typed.end() :][:1]
    return "--" if before in {"", " "} and after.isalnum() else "–"


def _fold(words: str) -> str:
    return re.sub(" {2,}", " ", words) if "  " in words else words


def _unescaped(address: str) -> str:
    r"""Takes the backslashes away that TeX wants in an address: ``a\_b``."""
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", address) if "\\" in address else address


def _address(address: str) -> str:
    """Gives where an address leads, or nothing if it is none."""
    if " " in address:
        return ""
    if _WEB.match(address):
        return address
    scheme = "http" if address.startswith("www.") else "https"
    return f"{scheme}://{address}" if _HOST.match(address) else ""


_BRACKETS: Final = {")": "(", "]": "["}


def _without_tail(address: str) -> str:
    """Cuts the punctuation of the sentence from the end of an address.

    As GitHub does it for its own links: a closing bracket belongs to the sentence when it was
    opened there. https://github.github.com/gfm/#autolinks-extension-
    """
    while address:
        last = address[-1]
        unopened = last in _BRACKETS and address.count(last) > address.count(_BRACKETS[last])
        if last not in ".,;:!?*'|" and not unopened:
            break
        address = address[:-1]
    return address


@lru_cache(maxsize=1_000)
def _accented(letter: str) -> str:
    r"""Gives the one character that ``\'e`` stands for, or nothing.

    The same few come again and again, and pylatexenc sets out anew for each.
    """
    character = unicodedata.normalize("NFC", _decoder().latex_to_text(letter))
    return character if len(character) == 1 else ""


def _character(name: str) -> str:
    """Gives the one character that a macro without arguments stands for, or nothing."""
    macro = _decoder().latex_context.get_macro_spec(name)
    character = macro.simplify_repl if macro else ""
    is_one = isinstance(character, str) and len(character) == 1 and not character.isascii()
    return str(character) if is_one else ""


@cache
def _decoder() -> Any:
    """Imports pylatexenc when the first macro is met; few texts hold one."""
    from pylatexenc.latex2text import (  # type: ignore[import-untyped]  # noqa: PLC0415
        LatexNodes2Text,
    )

    return LatexNodes2Text()
