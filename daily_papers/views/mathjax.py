r"""Rewrites formulas so that GitHub's renderer of mathematics accepts them.

GitHub typesets with MathJax after a filter of its own, which refuses formulas that contain certain
names, takes ``<`` before a letter for a tag, and has a budget for each page. So what authors write
is replaced by an equivalent that is accepted. Only Markdown needs this: all other views show the
author's source.

What is known about the filter comes from public reports:
https://github.com/github/markup/issues/1688, https://github.com/github/markup/issues/1551
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
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
"""What all formulas of a page may cost together. GitHub shows an error for later ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A formula that GitHub typesets."""

    tex: str
    links: tuple[str, ...] = ()
    """The addresses to which the author linked in the formula, where GitHub allows no links."""


def cost(tex: str) -> int:
    """Returns the cost of a formula as GitHub counts it: one, plus one for each `{`."""
    return 1 + tex.count("{")


def accepted(math: Math) -> Accepted | None:
    """Returns the formula in a form that GitHub typesets, or `None` if there is none.

    The form has no backtick, no `{{` and no `{%` (which make a build with Jekyll fail), and no line
    break. A displayed formula is written in display style, because a table cell cannot contain a
    block.
    """
    return _accepted(math.tex, math.display)


@lru_cache(maxsize=4_000)
def _accepted(source: str, display: bool) -> Accepted | None:  # noqa: FBT001
    if not _TOKEN.search(source):
        return Accepted(tex=f"\\displaystyle {source}" if display else source)
    writer = _Writer(source)
    try:
        tex = writer.written()
    except _RefusedError:
        return None
    if display and not tex.startswith("\\begin{"):  # an environment has its own style
        tex = f"\\displaystyle {tex}"
    if cost(tex) > FORMULA_BUDGET or not tex.strip():
        return None
    return Accepted(tex=tex, links=tuple(writer.links))


# Names that the filter refuses anywhere in a formula.
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
    | (?P<relation> [<>] )
    | (?P<sign> [`%#@&$~] )
    | (?P<forbidden> {_FORBIDDEN} )
    | (?<![A-Za-z0-9]) (?P<hash> (?=[a-f]*[0-9]) [0-9a-f]{{7,40}} ) (?![A-Za-z0-9])""",
    re.VERBOSE | re.DOTALL,
)
_OPTION: Final = re.compile(r" ?\[[^\]{}]{0,100}\]")
_NAME: Final = re.compile(r" ?\{([A-Za-z]+)\*?\}")
_ATOM: Final = re.compile(r" ?(\\[A-Za-z]+|[A-Za-z0-9])")
_CODE_POINT: Final = re.compile(r"\s*(?:x(?P<hexadecimal>[0-9A-Fa-f]{1,6})|([0-9]{1,7}))\s*")
_PLAIN_TABLE: Final = re.compile(r"\\(?:cases|matrix|pmatrix|aligned|eqalign) ?\{")
# arXiv has lost some authors' `\hbox`: `{in $\Omega$}`.
_LOST_BOX: Final = re.compile(r"\{[A-Za-z][A-Za-z ]{0,40}\$[^{}]{0,80}\$[^{}]{0,40}\}")
_LIQUID: Final = re.compile(r"\{(?=[{%])")
_SPECIAL: Final = frozenset("\\{}<>`%#@&$~^_")


class _RefusedError(Exception):
    """There is no equivalent that GitHub accepts."""


class _Writer:
    """One pass over one formula, from left to right.

    Every method that writes takes the token found and returns the index at which to continue.
    """

    def __init__(self, tex: str) -> None:
        self.tex = tex
        self.pairs = braces(tex)
        self.links: list[str] = []
        self.done: list[str] = []
        self.modes = [""]
        """For each open group, the text macro that it belongs to; empty in mathematics."""
        self.boxes = [""]
        """The same, but ignoring mathematics between dollars within text."""
        self.closers: dict[int, tuple[str, int]] = {}
        """What is written instead of a closing brace, and the index at which to continue."""
        self.open = {"\\left": 0, "\\begin": 0}

    def written(self) -> str:
        """Returns the formula rewritten.

        Raises:
            _RefusedError: there is no equivalent that GitHub accepts.
        """
        here = 0
        while token := _TOKEN.search(self.tex, here):
            self.done.append(self.tex[here : token.start()])
            here = _WRITERS[token.lastgroup or ""](self, token)
        self.done.append(self.tex[here:])
        if len(self.modes) > 1 or any(self.open.values()):
            raise _RefusedError
        tex = _LIQUID.sub("{ ", "".join(self.done))
        bare = tex.strip()
        return f"{bare} " if bare.endswith("\\") and tex.endswith(" ") else bare

    def write(self, tex: str, end: int) -> int:
        """Adds to the formula."""
        self.done.append(tex)
        return end

    def apart(self, *, when: bool) -> str:
        """Returns an invisible separator for two characters."""
        if not when:
            return ""
        return f"}}{self.modes[-1]}{{" if self.modes[-1] else "{}"

    def in_mathematics(self, tex: str) -> str:
        """Returns a symbol of mathematics for where the writer is, which may be in text."""
        return f"}}{tex}{self.modes[-1]}{{" if self.modes[-1] else tex

    # Groups and arguments

    def brace(self, token: re.Match[str]) -> int:
        """Opens or closes a group."""
        at = token.start()
        if token[0] == "{":
            if not self.modes[-1] and _LOST_BOX.match(self.tex, at):
                return self.group(at, "\\text{", text="\\text")
            return self.group(at, "{", text=self.modes[-1])
        if at not in self.closers:
            raise _RefusedError
        self.modes.pop()
        self.boxes.pop()
        closer, resume = self.closers[at]
        return self.write(closer, resume)

    def group(
        self, at: int, opener: str, closer: str = "}", *, text: str = "", resume: int = 0
    ) -> int:
        """Opens the group at a brace, written with other braces."""
        at += self.tex.startswith(" ", at)
        close = self.pairs.get(at)
        if close is None:
            raise _RefusedError
        self.modes.append(text)
        self.boxes.append(text)
        self.closers[close] = closer, resume or close + 1
        return self.write(opener, at + 1)

    def after(self, at: int, count: int) -> int:
        """Returns the index at which some arguments, and an option before them, end."""
        if option := _OPTION.match(self.tex, at):
            at = option.end()
        for _ in range(count):
            close = self.pairs.get(at + self.tex.startswith(" ", at))
            if close is None:
                raise _RefusedError
            at = close + 1
        return at

    # Characters

    def relation(self, token: re.Match[str]) -> int:
        """Writes `<` and `>`, which would be read as a tag."""
        macro = "\\lt" if token[0] == "<" else "\\gt"
        is_apart = self.tex.startswith(" ", token.end()) and not self.modes[-1]
        return self.write(self.in_mathematics(macro if is_apart else f"{macro} "), token.end())

    def sized(self, token: re.Match[str]) -> int:
        """Writes an angle bracket with its size."""
        macro = token[0].rstrip("<> ")
        self.count(macro)
        bracket = "\\langle " if token[0].endswith("<") else "\\rangle "
        return self.write(f"{macro}{bracket}", token.end())

    def sign(self, token: re.Match[str]) -> int:
        """Writes a character that is special to the filter, to HTML or to MathJax."""
        end = token.end()
        follower = self.tex[end : end + 1]
        match token[0]:
            case "$":
                return self.dollar(end)
            case "`":
                written = "‘"
            case "%":
                written = "\\%"
            case "#":
                written = "\\#" + self.apart(when=follower.isdigit())
            case "@":
                written = "@" + self.apart(when=follower.isalnum())
            case "&":
                if not self.open["\\begin"] and not _PLAIN_TABLE.search(self.tex):
                    raise _RefusedError
                written = "& " if follower.isalpha() or follower == "#" else "&"  # no entity
            case _:
                written = " " if self.modes[-1] else "~"
        return self.write(written, end)

    def dollar(self, end: int) -> int:
        """Begins or ends mathematics within text."""
        if not self.boxes[-1]:
            raise _RefusedError
        self.modes[-1] = "" if self.modes[-1] else self.boxes[-1]
        return self.write("$", end)

    def forbidden(self, token: re.Match[str]) -> int:
        """Writes a forbidden name that is a word and not a macro."""
        name = token[0]
        return self.write(f"{name[:3]}{self.apart(when=True)}{name[3:]}", token.end())

    def hash(self, token: re.Match[str]) -> int:
        """Writes what could be the hash of a commit, to which GitHub would link."""
        digits = token[0]
        return self.write(f"{digits[:6]}{self.apart(when=True)}{digits[6:]}", token.end())

    def symbol(self, token: re.Match[str]) -> int:
        """Writes a control symbol."""
        end = token.end()
        if token[0] in {"\\(", "\\)", "\\[", "\\]"}:
            raise _RefusedError
        if token[0] == "\\&" and self.tex[end : end + 1].isalpha():
            return self.write("\\& ", end)  # no entity
        is_issue = token[0] == "\\#" and self.tex[end : end + 1].isdigit()
        return self.write(_SYMBOLS.get(token[0], token[0]) + self.apart(when=is_issue), end)

    # Macros

    def macro(self, token: re.Match[str]) -> int:
        """Writes a macro, or its equivalent."""
        name = token["macro"].rstrip("*")
        if write := _MACROS.get(name):
            return write(self, token)
        if name.startswith("text"):
            return self.text_symbol(token)
        if re.search(_FORBIDDEN, name):
            raise _RefusedError
        self.count(f"\\{name}")
        return self.write(token[0], token.end())

    def count(self, macro: str) -> None:
        """Counts the macros that must be closed."""
        for opener, closer in (("\\left", "\\right"), ("\\begin", "\\end")):
            self.open[opener] += (macro == opener) - (macro == closer)
            if self.open[opener] < 0:
                raise _RefusedError

    def refuse(self, token: re.Match[str]) -> int:
        """Refuses a macro that has no equivalent."""
        raise _RefusedError(token[0])

    def renamed(self, token: re.Match[str]) -> int:
        """Writes a macro by another name."""
        written = _RENAMED[token["macro"].rstrip("*")]
        is_joined = written[-1].isalpha() and self.tex[token.end() : token.end() + 1].isalpha()
        return self.write(written + " " * is_joined, token.end())

    def box(self, token: re.Match[str]) -> int:
        """Writes a box of text."""
        written = _BOXES[token["macro"].rstrip("*")]
        end = token.end()
        if self.tex.startswith(("{", " {"), end):
            return self.group(end, f"{written}{{", text=written)
        atom = _ATOM.match(self.tex, end)
        if atom is None or atom[1].startswith("\\"):
            raise _RefusedError
        return self.write(f"{written}{{{atom[1]}}}", atom.end())

    def color_box(self, token: re.Match[str]) -> int:
        """Writes the content of a colored box, which is text."""
        colors = 2 if token["macro"] == "fcolorbox" else 1
        return self.group(self.after(token.end(), colors), "\\text{", text="\\text")

    def operator(self, token: re.Match[str]) -> int:
        r"""Writes ``\operatorname{x}``."""
        end = token.end()
        if self.tex.startswith(("{", " {"), end):
            return self.group(end, "\\mathop{\\mathrm{", "}}")
        atom = _ATOM.match(self.tex, end)
        if atom is None or atom[1][1:] in _MACROS or re.search(_FORBIDDEN, atom[1]):
            raise _RefusedError
        return self.write(f"\\mathop{{\\mathrm{{{atom[1]}}}}}", atom.end())

    def code_point(self, token: re.Match[str]) -> int:
        r"""Writes ``\unicode{x2013}``."""
        after = self.after(token.end(), 1)
        number = _CODE_POINT.fullmatch(self.tex, self.tex.rindex("{", 0, after) + 1, after - 1)
        if number is None:
            raise _RefusedError
        value = int(number["hexadecimal"] or number[2], 16 if number["hexadecimal"] else 10)
        sign = chr(value) if value <= sys.maxunicode else ""
        if not sign.isprintable() or sign in _SPECIAL or not sign:
            raise _RefusedError
        return self.write(sign, after)

    def choice(self, token: re.Match[str]) -> int:
        r"""Writes the second of the four forms in ``\mathchoice``, the one for text."""
        second = self.after(token.end(), 1)
        return self.group(second, "{", resume=self.after(second, 3))

    def environment(self, token: re.Match[str]) -> int:
        """Writes the beginning or the end of an environment as the one for use within a formula."""
        name = _NAME.match(self.tex, token.end())
        inner = ENVIRONMENTS.get(name[1]) if name else None
        if name is None or inner is None:
            raise _RefusedError
        self.count(token[0])
        end = name.end()
        if token[0] == "\\begin":
            end += self.tex.startswith(" [", end)
        return self.write(f"{token[0]}{{{inner}}}" if inner else "", end)

    def switch(self, token: re.Match[str]) -> int:
        r"""Writes ``_\rm{eff}`` as ``_\mathrm{eff}``."""
        is_index = self.done[-1].endswith(("_", "^"))
        written = f"\\math{token['macro']}" if is_index else token[0]
        return self.write(written, token.end())

    def parts(self, token: re.Match[str]) -> int:
        """Writes the argument of a macro that is visible."""
        name, end = token["macro"].rstrip("*"), token.end()
        left_out, is_shown = _PARTS[name]
        after = self.after(end, left_out)
        if name == "href":
            target = self.tex[end:after].strip(" ")[1:-1]
            if url := address(unescaped(target.strip())):
                self.links.append(url)
        if is_shown and self.tex.startswith(("{", " {"), after):
            return self.group(after, "{", text=self.modes[-1])
        return after

    def left_out(self, token: re.Match[str]) -> int:
        """Leaves a macro out."""
        return self.write(" ", token.end())

    def text_symbol(self, token: re.Match[str]) -> int:
        """Writes a macro that names a character in text."""
        name = token["macro"]
        sign = _SIGNS.get(name) or character(name) or character(name.removeprefix("text"))
        if not sign:
            raise _RefusedError
        end = token.end() + 2 * self.tex.startswith("{}", token.end())
        return self.write(self.in_mathematics(sign) if sign.startswith("\\") else sign, end)


# --- Macros ---------------------------------------------------------------------------------------

_SYMBOLS: Final = {"\\<": "\\langle ", "\\>": "\\:", "\\/": "", "\\-": "-", '\\"': "", "\\`": ""}
_BOXES: Final = {
    **{name: f"\\{name}" for name in ("text", "textrm", "textbf", "textit", "textsf", "texttt")},
    **dict.fromkeys(("mbox", "hbox", "textnormal", "textup", "textsc", "textmd"), "\\text"),
    **dict.fromkeys(("textsl", "emph"), "\\textit"),
}
_RENAMED: Final = {
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
_SIGNS: Final = {
    "textgreater": "\\gt ",
    "textless": "\\lt ",
    "textbackslash": "\\backslash ",
    "textasciitilde": "\\sim ",
    "textbar": "|",
    "textasteriskcentered": "*",
    "textunderscore": "\\_",
    "textdegree": "°",
    "textquotesingle": "'",
    "slash": "/",
    **dict.fromkeys(("degree", "degr", "arcdeg"), "^\\circ "),
    "arcmin": "'",
    "arcsec": "''",
    "farcs": ".\\!\\!''",
    "farcm": ".\\!\\!'",
    "celsius": "°\\mathrm C",
    "upmu": "μ",
    "micron": "μm",
    "sun": "\\odot ",
    "hdots": "\\dots ",
    "fint": "⨍",
    "pounds": "£",
    "euro": "€",
}
# How many arguments of a macro are left out, and whether the next one is shown.
_PARTS: Final = {
    **dict.fromkeys(("phantom", "hphantom", "vphantom", "tag", "label", "cssId"), (1, False)),
    **dict.fromkeys(("vspace", "rowcolor", "columncolor", "cellcolor", "require"), (1, False)),
    "definecolor": (3, False),
    **dict.fromkeys(("class", "style", "href", "texttip", "mathtip"), (1, True)),
    **dict.fromkeys(("ensuremath", "cite", "citep", "citet", "ref", "eqref"), (0, True)),
    **dict.fromkeys(("bbox", "rlap", "llap", "clap", "smash"), (0, True)),
    "raisebox": (1, True),
    "multicolumn": (2, True),
}
_LEFT_OUT: Final = (
    *("nonumber", "notag", "tiny", "scriptsize", "footnotesize", "small", "normalsize", "large"),
    *("Large", "LARGE", "huge", "Huge", "hfill", "hfil", "medskip", "smallskip", "bigskip"),
    *("eqno", "leqno", "noindent", "xspace", "protect", "allowbreak", "nobreak", "centering"),
    "newline",
)
_DEFINITIONS: Final = (
    *("newcommand", "renewcommand", "providecommand", "def", "edef", "gdef", "xdef", "let"),
    *("futurelet", "newenvironment", "renewenvironment", "DeclareMathOperator", "mmlToken"),
    *("DeclarePairedDelimiter", "DeclarePairedDelimiters", "newtagform", "renewtagform"),
    *("usetagform", "Newextarrow", "toggle", "endtoggle", "action"),
)
_MACROS: Final[dict[str, Callable[[_Writer, re.Match[str]], int]]] = {
    **dict.fromkeys(_DEFINITIONS, _Writer.refuse),
    **dict.fromkeys(_LEFT_OUT, _Writer.left_out),
    **dict.fromkeys(_PARTS, _Writer.parts),
    **dict.fromkeys(_BOXES, _Writer.box),
    **dict.fromkeys(_RENAMED, _Writer.renamed),
    **dict.fromkeys(_SIGNS, _Writer.text_symbol),
    **dict.fromkeys(("begin", "end"), _Writer.environment),
    **dict.fromkeys(("rm", "bf", "it", "sf", "tt"), _Writer.switch),
    **dict.fromkeys(("colorbox", "fcolorbox"), _Writer.color_box),
    **dict.fromkeys(
        ("textcolor", "textstyle"), lambda self, token: self.write(token[0], token.end())
    ),
    "operatorname": _Writer.operator,
    "unicode": _Writer.code_point,
    "mathchoice": _Writer.choice,
}
_WRITERS: Final[dict[str, Callable[[_Writer, re.Match[str]], int]]] = {
    "sized": _Writer.sized,
    "macro": _Writer.macro,
    "symbol": _Writer.symbol,
    "brace": _Writer.brace,
    "relation": _Writer.relation,
    "sign": _Writer.sign,
    "forbidden": _Writer.forbidden,
    "hash": _Writer.hash,
}
