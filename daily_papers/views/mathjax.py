r"""Formulas as GitHub's renderer of mathematics accepts them.

GitHub typesets with MathJax behind a filter of its own: it refuses a formula that holds one of some
names, takes ``<`` before a letter for a tag, and stops after a budget for each page. What authors
write is therefore replaced by what says the same and is accepted. Only Markdown needs that: all
other views show the author's source.

What is known of the filter, by public reports:
https://github.com/github/markup/issues/1688, https://github.com/github/markup/issues/1551
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from daily_papers.views.tex.addresses import address, unescaped
from daily_papers.views.tex.formulas import ENVIRONMENTS, braces
from daily_papers.views.tex.plain import character
from daily_papers.views.tex.segments import Math

__all__ = ["FORMULA_BUDGET", "PAGE_BUDGET", "Accepted", "accepted", "cost"]

FORMULA_BUDGET: Final = 1_000
"""What one formula may cost."""

PAGE_BUDGET: Final = 2_000
"""What all formulas of a page may cost together; later ones show an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A formula for GitHub."""

    tex: str
    links: tuple[str, ...] = ()
    """Where the formula's author linked to; a formula itself can hold no link."""


def cost(tex: str) -> int:
    """Returns what a formula takes of the budgets, as GitHub counts: one, and one for each `{`."""
    return 1 + tex.count("{")


def accepted(math: Math) -> Accepted | None:
    """Returns the formula in a form that GitHub typesets, or nothing if there is none.

    The form holds no backtick, no `{{` and no `{%` (which end a build with Jekyll), and no line
    break. A displayed formula is in display style, as a table's cell holds no block.
    """
    return _accepted(math.tex, math.display)


@lru_cache(maxsize=4_000)
def _accepted(source: str, display: bool) -> Accepted | None:  # noqa: FBT001
    if not _TOKEN.search(source):
        return Accepted(tex=f"\\displaystyle {source}" if display else source)
    writer = _Writer(source, braces(source))
    try:
        tex = writer.written()
    except _RefusedError:
        return None
    if display and not tex.startswith("\\begin{"):  # an environment has its own style
        tex = f"\\displaystyle {tex}"
    if cost(tex) > FORMULA_BUDGET or not tex.strip():
        return None
    return Accepted(tex=tex, links=tuple(writer.links))


class _RefusedError(Exception):
    """There is nothing that says the same."""


# Names for which the filter searches, wherever they are in a formula.
_FORBIDDEN: Final = (
    "operatorname|hphantom|vphantom|phantom|unicode|mathchoice|fcolorbox|colorbox|definecolor"
    "|DeclareMathOperator|DeclarePairedDelimiters|newtagform|renewtagform|Newextarrow|mmlToken"
)
_TOKEN: Final = re.compile(
    rf"""\\ (?:
        (?P<sized> (?: left | right | middle | [bB]igg?[lrm]? ) [ ]? [<>] )
      | (?P<macro> [A-Za-z]+ \*? )
      | (?P<symbol> . )
      )
    | (?P<brace> [{{}}] )
    | (?P<sign> [<>`%#@&$~] )
    | (?P<forbidden> {_FORBIDDEN} )
    | (?<![A-Za-z0-9]) (?P<hash> (?=[a-f]*[0-9]) [0-9a-f]{{7,40}} ) (?![A-Za-z0-9])""",
    re.VERBOSE | re.DOTALL,
)
_ENVIRONMENT: Final = re.compile(r" ?\{([A-Za-z]+)\*?\}")
_PLAIN_TABLE: Final = re.compile(r"\\(?:cases|matrix|pmatrix|aligned|eqalign) ?\{")
_SWITCHES: Final = {"rm": "\\mathrm", "bf": "\\mathbf", "it": "\\mathit", "sf": "\\mathsf"}
_LOST_BOX: Final = re.compile(r"\{[A-Za-z][A-Za-z ]{0,40}\$[^{}]{0,80}\$[^{}]{0,40}\}")
_OPTION: Final = re.compile(r" ?\[[^\]{}]{0,100}\]")
_CODE_POINT: Final = re.compile(r"\s*(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))\s*")

# Macros with another name for the same.
_RENAMED: Final = {
    **dict.fromkeys(("mbox", "hbox", "textnormal", "textup", "textsc", "textmd"), "\\text"),
    **dict.fromkeys(("textsl", "emph"), "\\textit"),
    **dict.fromkeys(("bm", "bold", "pmb"), "\\boldsymbol"),
    **dict.fromkeys(("Bbb", "mathds", "mathbbm"), "\\mathbb"),
    "mathsc": "\\mathrm",
    "Cal": "\\mathcal",
    "goth": "\\mathfrak",
    "Tilde": "\\tilde",
    "Hat": "\\hat",
    "Bar": "\\bar",
    "Vec": "\\vec",
    "Dot": "\\dot",
    "textsuperscript": "^",
    "textsubscript": "_",
}
_SYMBOLS: Final = {"\\<": "\\langle ", "\\/": "", "\\-": "-", '\\"': ""}
# Text macros for one sign; others are looked up.
_SIGNS: Final = {
    "textgreater": "\\gt ",
    "textless": "\\lt ",
    "textbackslash": "\\backslash ",
    "textasciitilde": "\\sim ",
    "textbar": "|",
    "textasteriskcentered": "*",
    "textunderscore": "\\_",
    "textdegree": "°",
    "degree": "^\\circ ",
    "textquotesingle": "'",
    "slash": "/",
    "arcmin": "'",
    "arcsec": "''",
    "farcs": ".\\!\\!''",
    "farcm": ".\\!\\!'",
    "arcdeg": "^\\circ ",
    "degr": "^\\circ ",
    "celsius": "°\\mathrm C",
    "upmu": "μ",
    "micron": "μm",
    "sun": "\\odot ",
    "hdots": "\\dots ",
    "fint": "⨍",
    "pounds": "£",
    "euro": "€",
}
# How many arguments of a macro are left out, and how many after these are shown.
_PARTS: Final = {
    **dict.fromkeys(("phantom", "hphantom", "vphantom", "tag", "label", "cssId"), (1, 0)),
    **dict.fromkeys(("vspace", "rowcolor", "columncolor", "cellcolor", "require"), (1, 0)),
    "definecolor": (3, 0),
    **dict.fromkeys(("class", "style", "href", "texttip", "mathtip"), (1, 1)),
    **dict.fromkeys(("ensuremath", "cite", "citep", "citet", "ref", "eqref"), (0, 1)),
    **dict.fromkeys(("bbox", "rlap", "llap", "clap", "smash", "raisebox", "cancelto"), (0, 1)),
    "multicolumn": (2, 1),
}
_TEXT_BOXES: Final = {"colorbox": 1, "fcolorbox": 2}  # what is in them is text
_LEFT_OUT: Final = frozenset(
    "nonumber notag footnotesize scriptsize tiny small normalsize large Large LARGE huge Huge"
    " hfill hfil medskip smallskip bigskip eqno leqno noindent xspace protect allowbreak nobreak centering newline".split()
)
_DEFINITIONS: Final = frozenset(
    "newcommand renewcommand providecommand def edef gdef xdef let futurelet newenvironment"
    " renewenvironment DeclareMathOperator DeclarePairedDelimiter DeclarePairedDelimiters"
    " newtagform renewtagform usetagform Newextarrow mmlToken toggle endtoggle action".split()
)
_TEXT: Final = frozenset(("text", "textrm", "textbf", "textit", "textsf", "texttt"))


@dataclass(slots=True)
class _Group:
    """A pair of braces while what is in it is written."""

    text: str = ""
    """The macro of text that it belongs to; empty in mathematics."""
    in_dollars: bool = False
    """Whether mathematics has begun within text."""


@dataclass(slots=True)
class _Writer:
    """One pass over one formula, from left to right."""

    tex: str
    pairs: dict[int, int]
    links: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    closers: dict[int, tuple[str, int]] = field(default_factory=dict)
    """What is written instead of a closing brace, and where to go on after it."""
    balance: dict[str, int] = field(default_factory=lambda: {"left": 0, "begin": 0})

    def written(self) -> str:
        """Returns the formula rewritten.

        Raises:
            _RefusedError: if nothing that is accepted says the same.
        """
        here = 0
        while token := _TOKEN.search(self.tex, here):
            self.done.append(self.tex[here : token.start()])
            here = _WRITERS[token.lastgroup or ""](self, token)
        self.done.append(self.tex[here:])
        if len(self.groups) != 1 or any(self.balance.values()):
            raise _RefusedError
        return _stripped(_JEKYLL.sub("{ ", "".join(self.done)))

    def write(self, tex: str, end: int) -> int:
        """Adds to the formula."""
        self.done.append(tex)
        return end

    @property
    def text(self) -> str:
        """The macro of text that is open; empty in mathematics."""
        group = self.groups[-1]
        return "" if group.in_dollars else group.text

    def apart(self, text: str) -> str:
        """Returns what keeps two characters apart and is not seen."""
        return f"}}{self.text}{{" if self.text else "{}"

    def _open(self, at: int, opener: str, closer: str, *, text: str = "", resume: int = 0) -> int:
        """Opens the argument at a brace, written with other braces."""
        close = self.pairs.get(at)
        if close is None:
            raise _RefusedError
        self.groups.append(_Group(text))
        self.closers[close] = closer, resume or close + 1
        return self.write(opener, at + 1)

    def _skip(self, at: int, count: int) -> int:
        """Returns where some arguments end, and an option before them."""
        if option := _OPTION.match(self.tex, at):
            at = option.end()
        for _ in range(count):
            at += self.tex.startswith(" ", at)
            close = self.pairs.get(at)
            if close is None:
                raise _RefusedError
            at = close + 1
        return at

    def _brace_at(self, at: int) -> int:
        at += self.tex.startswith(" ", at)
        if not self.tex.startswith("{", at):
            raise _RefusedError
        return at

    def brace(self, token: re.Match[str]) -> int:
        """Opens or closes a group."""
        at = token.start()
        if token[0] == "{":
            # arXiv has lost some authors' `\hbox`: `{in $\Omega$}`.
            if not self.text and _LOST_BOX.match(self.tex, at):
                return self._open(at, "\\text{", "}", text="\\text")
            return self._open(at, "{", "}", text=self.text)
        if len(self.groups) == 1 or at not in self.closers:
            raise _RefusedError
        self.groups.pop()
        closer, resume = self.closers[at]
        return self.write(closer, resume)

    def sign(self, token: re.Match[str]) -> int:
        """Writes a character that means something to the filter, to HTML or to MathJax."""
        sign, end = token[0], token.end()
        text = self.text
        if sign in "<>":
            name = "\\lt" if sign == "<" else "\\gt"
            name += "" if self.tex.startswith(" ", end) and not text else " "
            return self.write(f"}}{name}{text}{{" if text else name, end)
        if sign == "$":
            group = self.groups[-1]
            if not group.text:
                raise _RefusedError
            group.in_dollars = not group.in_dollars
            return self.write("$", end)
        if sign == "`":
            return self.write("‘", end)
        if sign == "%":
            return self.write("\\%", end)
        follower = self.tex[end : end + 1]
        if sign == "#":
            return self.write("\\#" + (self.apart(text) if follower.isdigit() else ""), end)
        if sign == "@":
            return self.write("@" + (self.apart(text) if follower.isalnum() else ""), end)
        if sign == "&" and not self.balance["begin"] and not _PLAIN_TABLE.search(self.tex):
            raise _RefusedError
        if sign == "&":  # not an entity
            return self.write("& " if follower.isalpha() or follower == "#" else "&", end)
        return self.write(" " if text else "~", end)

    def sized(self, token: re.Match[str]) -> int:
        """Writes an angle bracket with its size."""
        name = token[0].rstrip("<> ")
        self._count(name[1:])
        return self.write(
            f"{name}\\langle " if token[0][-1] == "<" else f"{name}\\rangle ", token.end()
        )

    def forbidden(self, token: re.Match[str]) -> int:
        """Writes a forbidden name that is no macro, but a word."""
        name = token[0]
        return self.write(f"{name[:3]}{self.apart(self.text)}{name[3:]}", token.end())

    def hash(self, token: re.Match[str]) -> int:
        """Writes what could be the name of a commit, to which GitHub would link."""
        digits = token[0]
        return self.write(f"{digits[:6]}{self.apart(self.text)}{digits[6:]}", token.end())

    def symbol(self, token: re.Match[str]) -> int:
        """Writes a control symbol."""
        symbol, end = token[0], token.end()
        if symbol == "\\#" and self.tex[end : end + 1].isdigit():
            symbol += self.apart(self.text)
        if symbol == "\\`":
            symbol = ""
        if symbol in {"\\(", "\\)", "\\[", "\\]"}:
            raise _RefusedError
        return self.write(_SYMBOLS.get(symbol, symbol), end)

    def macro(self, token: re.Match[str]) -> int:
        """Writes a macro, or what says the same."""
        name, end = token["macro"].rstrip("*"), token.end()
        self._count(name)
        if name in _DEFINITIONS:
            raise _RefusedError
        if name in {"begin", "end"}:
            return self.environment(name, end)
        if name in _SWITCHES and self.done and self.done[-1].endswith(("_", "^")):
            return self.write(_SWITCHES[name], end)  # `_\rm{eff}` for `_{\rm eff}`
        if name == "operatorname":
            return self.operator(end)
        if name == "unicode":
            return self.code_point(end)
        if name == "mathchoice":
            second = self._skip(end, 1)
            at = self._brace_at(second)
            return self._open(at, "{", "}", resume=self._skip(at, 3))
        if name in _TEXT_BOXES:
            at = self._brace_at(self._skip(end, _TEXT_BOXES[name]))
            return self._open(at, "\\text{", "}", text="\\text")
        if name in _LEFT_OUT:
            return self.write(" " if end < len(self.tex) else "", end)
        if name in _PARTS:
            return self.parts(name, end)
        if re.search(_FORBIDDEN, name):
            raise _RefusedError
        written = _RENAMED.get(name)
        if name in _SIGNS or (written is None and name.startswith("text") and name not in _TEXT):
            return self.text_symbol(token)
        written = written or token[0]
        if written[1:] in _TEXT:
            return self.box(written, end)
        needs_space = self.tex[end : end + 1].isalpha() and written != token[0]
        return self.write(written + " " * needs_space, end)

    def environment(self, kind: str, end: int) -> int:
        """Writes the begin or the end of an environment as one within a formula."""
        name = _ENVIRONMENT.match(self.tex, end)
        if name is None:
            raise _RefusedError
        inner = ENVIRONMENTS.get(name[1])
        if inner is None:
            raise _RefusedError
        written = f"\\{kind}{{{inner}}}" if inner else ""
        end = name.end()
        if kind == "begin":
            end += self.tex.startswith(" [", end)
        return self.write(written, end)

    def _count(self, name: str) -> None:
        for opener, closer in (("left", "right"), ("begin", "end")):
            self.balance[opener] += (name == opener) - (name == closer)
            if self.balance[opener] < 0:
                raise _RefusedError

    def box(self, written: str, end: int) -> int:
        """Writes a box of text."""
        at = end + self.tex.startswith(" ", end)
        if self.tex.startswith("{", at):
            return self._open(at, f"{written}{{", "}", text=written)
        follower = self.tex[at : at + 1]
        if not follower.isalnum():
            raise _RefusedError
        return self.write(f"{written}{{{follower}}}", at + 1)

    def operator(self, end: int) -> int:
        r"""Writes ``\operatorname{x}``."""
        at = end + self.tex.startswith(" ", end)
        if self.tex.startswith("{", at):
            return self._open(at, "\\mathop{\\mathrm{", "}}")
        one = re.compile(r"\\[A-Za-z]+|[A-Za-z0-9]").match(self.tex, at)
        if one is None:
            raise _RefusedError
        return self.write(f"\\mathop{{\\mathrm{{{one[0]}}}}}", one.end())

    def code_point(self, end: int) -> int:
        r"""Writes ``\unicode{x2013}``."""
        if option := _OPTION.match(self.tex, end):
            end = option.end()
        at = self._brace_at(end)
        close = self.pairs.get(at)
        number = None if close is None else _CODE_POINT.fullmatch(self.tex, at + 1, close)
        if close is None or number is None:
            raise _RefusedError
        value = int(number[1], 16) if number[1] else int(number[2])
        sign = chr(value) if value <= 0x10FFFF else ""
        if not sign.isprintable() or sign in "\\{}<>`%#@&$~^_|" or not sign:
            raise _RefusedError
        return self.write(sign, close + 1)

    def parts(self, name: str, end: int) -> int:
        """Writes the part of a macro's arguments that is seen."""
        left_out, shown = _PARTS[name]
        after = self._skip(end, left_out)
        if name == "href":
            start = self._brace_at(end)
            if url := address(unescaped(self.tex[start + 1 : after - 1].strip())):
                self.links.append(url)
        if not shown:
            return after
        at = after + self.tex.startswith(" ", after)
        return at if not self.tex.startswith("{", at) else self._open(at, "{", "}", text=self.text)

    def text_symbol(self, token: re.Match[str]) -> int:
        """Writes a macro that names a character in text."""
        name = token["macro"]
        sign = _SIGNS.get(name) or character(name) or character(name.removeprefix("text"))
        if not sign:
            if name in {"textcolor", "textstyle"}:
                return self.write(token[0], token.end())
            raise _RefusedError
        end = token.end() + 2 * self.tex.startswith("{}", token.end())
        if self.text and sign.startswith("\\"):
            return self.write(f"}}{sign}{self.text}{{", end)
        return self.write(sign, end)


def _stripped(tex: str) -> str:
    r"""Returns a formula without white space at its ends; ``\ `` at its end is a space."""
    bare = tex.strip()
    return f"{bare} " if bare.endswith("\\") and tex.endswith(" ") else bare


_JEKYLL: Final = re.compile(r"\{(?=[{%])")
_WRITERS: Final[dict[str, Callable[[_Writer, re.Match[str]], int]]] = {
    "sized": _Writer.sized,
    "macro": _Writer.macro,
    "symbol": _Writer.symbol,
    "brace": _Writer.brace,
    "sign": _Writer.sign,
    "forbidden": _Writer.forbidden,
    "hash": _Writer.hash,
}
