"""The one pass over a text, from left to right.

A reader who is not sure leaves things as they are: an unknown macro, an unbalanced brace or a
lonely dollar is text. An abstract is not a TeX document: ``%`` starts no comment in it, ``&`` and
``#`` are only characters, and braces vanish only where they clearly belong to TeX.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Final

from daily_papers.views.tex import macros, plain
from daily_papers.views.tex.addresses import (
    address,
    doi_url,
    honest_label,
    links,
    unescaped,
    without_tail,
)
from daily_papers.views.tex.formulas import Formula, braces, find_formulas
from daily_papers.views.tex.prose import clean, fold, typeset
from daily_papers.views.tex.segments import Link, Math, Segment, Text

__all__ = ["read"]


def read(text: str) -> tuple[Segment, ...]:
    """Returns a text from arXiv as words, formulas and links, in order.

    A text longer than `LIMIT` is cut and ends with `…`. The time is linear in its length.
    """
    text = clean(text)
    return _Reader(text, links(text)).segments()


# Authors write accents in many ways: `\'e`, `\'{e}`, `{\'e}`, `\' e`, `{\'}e`, and even `\''o`.
_TOKEN: Final = re.compile(
    r"""[\\${}~^_] (?:
      (?P<math> (?<=\$) | (?<=\\) [(\[] )
    | (?P<accent> (?<=\\) (?:
          ['`^"~=.] (?: \{[ ]?\\?[A-Za-zıȷ]\} | \\[ij](?![A-Za-z]) | [A-Za-zıȷ] )
        | ['`^"~] [ ] (?: \\[ij](?![A-Za-z]) | [A-Za-zı](?=[a-z\\ }]) )
        | '' [A-Za-z]
        | [cvHukrbdt] (?: \{[ ]?\\?[A-Za-zı]\} | [ ] [A-Za-zı] | (?=\{)\{[a-z]{2,8}\} | [ıȷ] ) ) )
    | (?<=\\) (?P<macro> [A-Za-z]+\*? )
    | (?<=\\) (?P<symbol> . )
    | (?P<brace> (?<=[{}]) )
    | (?P<tie> (?<=~) )
    | (?P<index> (?<=[\^_]) )
    )""",
    re.VERBOSE,
)
_ARGUMENT: Final = re.compile(r"(?:\[[^\]{}]{0,300}\]){0,2} ?\{([^{}]*)\}")
_SINGLE: Final = re.compile(r" ?(?:\\[A-Za-z]+|[^\s\\{}$])")
_WORD_BEFORE: Final = re.compile(r"\w*$")
_OPTION: Final = re.compile(r" ?\[([^\]{}]{0,100})\]")
_WIDTH: Final = re.compile(r"\[-?[\d.]+ ?[a-z]{2}\]")
_UNIT: Final = re.compile(r"\\([A-Za-z]+) ?|([^\\{}]+)|.", re.DOTALL)
_SPLIT_ACCENT: Final = re.compile(r"""\{\\(['`^"~]) ?\} ?([A-Za-z])""")
_WORDS: Final = re.compile(r"[^\W\d_]{2,}(?:[ -][^\W\d_]+)*(?=\})")
_LETTERS: Final = re.compile(r"\w+(?=\})")
_STRIPPED: Final = re.compile(r"\{(?:equation|eqnarray|align|gather|multline|displaymath)\*\}")
_INDEX: Final = re.compile(
    r"\^(?:\{(?P<raised>[^{}\\$]{1,12})\}|(?P<power>-?\d{1,3}(?!\d)|[A-Za-z](?![A-Za-z])|\+(?!\w)))"
    r"|_(?:\{(?P<lowered>[^{}\\$]{1,12})\}|(?P<digit>\d(?!\d))|(?P<letter>[a-z](?![\w])))"
)
_ONE_MACRO: Final = re.compile(r"\\[A-Za-z]+\}|\\(?:rm|text|mathrm|it|bf)\b ?\{?\w+\}?\}")
_VERBATIM: Final = re.compile(r"([^\w\s*])([^\n]{0,200}?)\1")
_ROMAN_NUMBER: Final = re.compile(r" ?\{\\romannumeral ?(\d{1,4})\}")
_NUMBER: Final = re.compile(r" ?(\d{1,4})")
_HIDDEN: Final = re.compile(
    r"\\(?:label|tag\*?|vspace\*?)(?: ?\{[^{}]*\})|\\(?:nonumber|notag)(?![A-Za-z])"
)
_TO_ROMAN: Final = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L")),
    *((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
_SHORT: Final = 300
"""The most characters of a formula in prose."""


class _Reader:
    """One pass over one text.

    Every method that reads takes the token found and returns the index at which to continue.
    """

    def __init__(self, text: str, found_links: list[re.Match[str]]) -> None:
        self.text = text
        self.links = found_links
        self.closers: dict[int, tuple[str, int]] = {}
        """What is shown instead of a closing brace, and the index at which to continue."""
        self.label: tuple[int, int, str] | None = None
        """The link that is open: how much was done before it, where it ends, its address."""
        self.done: list[Segment] = []
        self.words: list[str] = []

    @cached_property
    def groups(self) -> dict[int, int]:
        """The closing brace of each opening one; a text of formulas and links never needs it."""
        return braces(self.text)

    @cached_property
    def formulas(self) -> dict[int, Formula]:
        """The formulas of the text, by the index at which they begin."""
        return find_formulas(self.text)

    def segments(self) -> tuple[Segment, ...]:
        """Returns the whole text in segments."""
        here = 0
        token = _TOKEN.search(self.text)
        for link in self.links:
            if link.start() >= here:
                here, token = self._read_until(link.start(), here, token)
            if link.start() == here:
                here = _READERS[link.lastgroup or ""](self, link)
        self._read_until(len(self.text), here, token)
        self._end_words()
        return _trimmed(self.done)

    def _read_until(
        self, end: int, here: int, token: re.Match[str] | None
    ) -> tuple[int, re.Match[str] | None]:
        """Reads what is not a bare link. A formula or an argument may extend beyond the end.

        A token that was found and not reached is kept: to look for it again before every link would
        take a time that is quadratic in the number of links.
        """
        while token is not None:
            if token.start() < here:
                token = _TOKEN.search(self.text, here)
                continue
            if token.start() >= end:
                break
            self.words.append(self.text[here : token.start()])
            here = _READERS[token.lastgroup or ""](self, token)
        if here < end:
            self.words.append(self.text[here:end])
        return max(here, end), token

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
            words = typeset(fold(words), begins=not self.done)
            begun = self.label[0] if self.label else 0
            if len(self.done) > begun and isinstance(before := self.done[-1], Text):
                words = fold(before.text + words)
                self.done.pop()
            self.done.append(Text(words))
        self.words.clear()

    def _argument(self, at: int) -> tuple[int, int] | None:
        """Returns where the braces of an argument are; a space before them is allowed."""
        at += self.text.startswith(" {", at)
        close = self.groups.get(at)
        return None if close is None else (at, close)

    # Links

    def bare_url(self, found: re.Match[str]) -> int:
        """Reads an address that is in the text as it is."""
        written = without_tail(found[0])
        shown = unescaped(written)
        end = found.start() + len(written)
        if self._labels_the_same(found.start(), end, written):
            # A Markdown link whose label is its address: `[https://a](https://a)`.
            self.words[-1] = self.words[-1][:-1]
            end += len(f"]({written})")
        url = address(shown)
        return self.add(Link(shown, url), end) if url else self.say(shown, end)

    def _labels_the_same(self, start: int, end: int, written: str) -> bool:
        is_label = bool(self.words) and self.words[-1].endswith("[") and start > 0
        return is_label and self.text.startswith(f"]({written})", end)

    def doi(self, found: re.Match[str]) -> int:
        """Reads a digital object identifier."""
        written = without_tail(found[0])
        doi = unescaped(written)
        return self.add(Link(doi, doi_url(doi)), found.start() + len(written))

    def arxiv_id(self, found: re.Match[str]) -> int:
        """Reads the number of another paper."""
        return self.add(Link(found[0], f"https://arxiv.org/abs/{found['arxiv']}"), found.end())

    def url(self, found: re.Match[str]) -> int:
        r"""Reads ``\url{…}``."""
        argument = self._argument(found.end())
        if argument is None:
            return self.say(found[0], found.end())
        start, close = argument
        shown = unescaped(self.text[start + 1 : close].strip())
        url = address(shown)
        return self.add(Link(shown, url), close + 1) if url else self.say(shown, close + 1)

    def href(self, found: re.Match[str]) -> int:
        r"""Reads ``\href{…}{…}``: its label is read like any other text."""
        target = self._argument(found.end())
        label = None if target is None else self._argument(target[1] + 1)
        if target is None or label is None:
            return self.url(found)
        start, close = label
        if self.label is None:
            self._end_words()
            url = address(unescaped(self.text[target[0] + 1 : target[1]].strip()))
            self.label = len(self.done), close, url
        else:
            self.closers[close] = "", close + 1  # if links are nested, the outer one counts
        return start + 1

    def _end_label(self, count: int, url: str) -> None:
        self._end_words()
        label = "".join(
            plain.formula(part.tex) if isinstance(part, Math) else part.text
            for part in self.done[count:]
        )
        del self.done[count:]
        self.label = None
        bare = label.strip()
        if not bare and not url:
            return
        if not url:
            self.words.append(label)
            return
        if label.startswith(" ") and bare:
            self.words.append(" ")
            self._end_words()
        self.done.append(Link(honest_label(bare, url) if bare else url, url))
        if label.endswith(" ") and bare:
            self.words.append(" ")

    # Mathematics

    def formula(self, found: re.Match[str]) -> int:
        """Reads a formula, if there is one."""
        formula = self.formulas.get(found.start())
        if formula is None:
            return self.say(found[0][0], found.start() + 1)
        return self._add_formula(formula)

    def _add_formula(self, formula: Formula) -> int:
        source = self.text[formula.begin : formula.end]
        tex = source.strip()
        if (len(tex) - len(tex.rstrip("\\"))) % 2:
            tex += " "  # `\ ` is a space, but a backslash alone is an error
        if formula.display and "\\" in tex:
            tex = _HIDDEN.sub("", tex).strip() if formula.environment is not None else tex
        if formula.environment:
            name = formula.environment
            tex = f"\\begin{{{name}}}{tex}\\end{{{name}}}"
        return self.add(Math(tex, display=formula.display), formula.after) if tex else formula.after

    def environment(self, found: re.Match[str]) -> int:
        """Reads an environment of mathematics. Of others, only the content is shown."""
        formula = self.formulas.get(found.start())
        if formula is not None:
            return self._add_formula(formula)
        name = _ARGUMENT.match(self.text, found.end())
        if name is None:
            return self.unknown(found)
        option = _OPTION.match(self.text, name.end())
        return self._gap(option.end() if option and found["macro"] == "begin" else name.end())

    def formula_in_prose(self, found: re.Match[str]) -> int:
        r"""Reads a macro that belongs in a formula but is not in one: ``\frac{1}{2}``."""
        end = found.end()
        for _ in range(macros.FORMULAS[found["macro"]]):
            argument = self._argument(end)
            if argument is not None:
                end = argument[1] + 1
                continue
            single = _SINGLE.match(self.text, end)
            if single is None:
                return self.unknown(found)
            end = single.end()
        if end - found.start() > _SHORT:
            return self.unknown(found)
        return self.say(plain.formula(self.text[found.start() : end]), end)

    def index(self, found: re.Match[str]) -> int:
        """Reads a superscript or a subscript in prose: `z^{2}`, `CO_2`."""
        at = found.start()
        index = _INDEX.match(self.text, at)
        before = self.text[at - 1] if at else ""
        if index is None or not (before.isalnum() or before in tuple(")]}|'’∂∇")):
            return self.say(found[0], found.end())
        kind = index.lastgroup or ""
        inside = index[kind].strip()
        word = _WORD_BEFORE.search(self.text[max(0, at - 4) : at])
        longest = {"digit": 3, "letter": 1}.get(kind, 4)
        if word is None or len(word[0]) > longest or "_" in word[0]:
            return self.say(found[0], found.end())
        is_raised = kind in {"raised", "power"}
        moved = plain.superscript(inside) if is_raised else plain.subscript(inside)
        if moved:
            return self.say(moved, index.end())
        follows_word = self.text[index.end() : index.end() + 1].isalnum()
        if kind in {"raised", "lowered"} and inside.isalnum() and not follows_word:
            return self.say(found[0] + inside, index.end())
        return self.say(found[0], found.end())

    # TeX in prose

    def macro(self, found: re.Match[str]) -> int:
        """Reads a macro with a name."""
        return _MACROS.get(found["macro"].rstrip("*"), _Reader.named)(self, found)

    def wrapper(self, found: re.Match[str]) -> int:
        """Shows the argument of a macro."""
        argument = self._argument(found.end())
        name = found["macro"].rstrip("*")
        if argument is None:
            is_alphabet = name.startswith("math") and self.text.startswith(" ", found.end())
            return found.end() + 1 if is_alphabet else self.unknown(found)
        before, after = macros.WRAPPERS[name]
        self.closers[argument[1]] = after, argument[1] + 1
        return self.say(before, argument[0] + 1)

    def raised(self, found: re.Match[str]) -> int:
        """Shows an argument in superscript or subscript if Unicode can."""
        argument = self._argument(found.end())
        if argument is None:
            return self.unknown(found)
        start, close = argument
        move = plain.superscript if found["macro"] == "textsuperscript" else plain.subscript
        inside = self.text[start + 1 : min(close, start + 20)]
        if close - start <= len(inside) + 1 and (moved := move(inside)):
            return self.say(moved, close + 1)
        self.closers[close] = "", close + 1
        return start + 1

    def first_of_two(self, found: re.Match[str]) -> int:
        r"""Shows the first argument of ``\texorpdfstring``, which is what TeX typesets."""
        first = self._argument(found.end())
        second = None if first is None else self._argument(first[1] + 1)
        if first is None or second is None:
            return self.unknown(found)
        self.closers[first[1]] = "", second[1] + 1
        return first[0] + 1

    def declaration(self, found: re.Match[str]) -> int:
        """Leaves out a change of the font or of a bracket's size."""
        end = self._after_name(found.end(), swallow_space=True)
        is_delimiter = found["macro"] in {"left", "right", "middle"}
        return end + (is_delimiter and self.text.startswith(".", end))

    def dropped(self, found: re.Match[str]) -> int:
        """Leaves out a macro and its argument."""
        argument = self._argument(found.end())
        return self.unknown(found) if argument is None else self._gap(argument[1] + 1)

    def _gap(self, end: int) -> int:
        """Leaves a space where something was left out, but none before punctuation."""
        if self.text.startswith((",", ".", ";", ":", ")", "!", "?"), end):
            if self.words:
                self.words[-1] = self.words[-1].rstrip(" ")
            return end
        return self.say(" ", end)

    def color(self, found: re.Match[str]) -> int:
        """Shows the text to which a color applies."""
        color = _ARGUMENT.match(self.text, found.end())
        if color is None:
            return self.unknown(found)
        close = self.groups.get(color.end())
        if close is None or found["macro"] == "color":
            return color.end()
        self.closers[close] = "", close + 1
        return color.end() + 1

    def citation(self, found: re.Match[str]) -> int:
        """Shows the keys of a citation, or of a reference, in brackets."""
        keys = _ARGUMENT.match(self.text, found.end())
        if keys is None:
            return self.unknown(found)
        shown = ", ".join(key.strip() for key in keys[1].split(","))
        shown = f"({shown})" if found["macro"] == "eqref" else f"[{shown}]"
        return self.say(shown, keys.end())

    def quantity(self, found: re.Match[str]) -> int:
        r"""Reads a number with its unit: ``\SI{3}{\micro\meter}``."""
        name = found["macro"]
        end = found.end()
        if option := _OPTION.match(self.text, end):
            end = option.end()
        parts = []
        for _ in range(macros.QUANTITIES[name]):
            argument = self._argument(end)
            if argument is None or argument[1] - argument[0] > _SHORT:
                break
            parts.append(_quantity(self.text[argument[0] + 1 : argument[1]]))
            end = argument[1] + 1
        if not parts:
            return self.unknown(found)
        if len(parts) < macros.QUANTITIES[name] and (units := _UNITS.match(self.text, end)):
            parts.append(_quantity(units[0]))  # arXiv drops the second pair of braces
            end = units.end()
        if name == "ang":
            return self.say(f"{parts[0]}°", end)
        tight = len(parts) > 1 and parts[1].startswith(("°", "%", "′", "″"))
        return self.say(("" if tight and parts[1] != "°C" else " ").join(parts), end)

    def chemistry(self, found: re.Match[str]) -> int:
        r"""Reads a formula of chemistry: ``\ce{CH3+}``."""
        argument = self._argument(found.end())
        if argument is None or argument[1] - argument[0] > _SHORT:
            return self.unknown(found)
        source = self.text[argument[0] + 1 : argument[1]]
        shown = re.sub(r"(?<=[A-Za-z)\]])\d+", lambda digits: plain.subscript(digits[0]), source)
        shown = re.sub(r"\^?\{?(\d*[+-])\}?(?=$|\s)", _charge, shown)
        shown = re.sub(r"\^\{?(\d+)\}?", lambda mass: plain.superscript(mass[1]), shown)
        return self.say(shown.replace("->", "→"), argument[1] + 1)

    def ion(self, found: re.Match[str]) -> int:
        r"""Reads an ion as astronomers write it: ``\ion{H}{2}`` is H II."""
        element = _ARGUMENT.match(self.text, found.end())
        stage = None if element is None else _ARGUMENT.match(self.text, element.end())
        if element is None or stage is None:
            return self.unknown(found)
        number = re.sub(r"\\[A-Za-z]+ ?", "", stage[1]).strip()
        roman = _roman(int(number)) if re.fullmatch("[0-9]{1,2}", number) else number.upper()
        return self.say(f"{element[1].strip()} {roman}", stage.end())

    def roman(self, found: re.Match[str]) -> int:
        r"""Reads ``\romannumeral 3``."""
        number = _NUMBER.match(self.text, found.end())
        if number is None:
            return self.unknown(found)
        return self.say(_roman(int(number[1])).lower(), number.end())

    def uppercase(self, found: re.Match[str]) -> int:
        r"""Reads ``\MakeUppercase{…}``, which authors use for Roman numerals."""
        if number := _ROMAN_NUMBER.match(self.text, found.end()):
            return self.say(_roman(int(number[1])), number.end())
        inside = _ARGUMENT.match(self.text, found.end())
        if inside is None or "\\" in inside[1] or "$" in inside[1]:
            return self.wrapper(found)
        return self.say(inside[1].upper(), inside.end())

    def circled(self, found: re.Match[str]) -> int:
        r"""Reads ``\textcircled{1}``."""
        inside = _ARGUMENT.match(self.text, found.end())
        if inside is None:
            return self.unknown(found)
        number = inside[1].strip()
        is_digit = len(number) == 1 and number in "123456789"
        shown = chr(0x2460 + int(number) - 1) if is_digit else f"({number})"
        return self.say(shown, inside.end())

    def verbatim(self, found: re.Match[str]) -> int:
        r"""Reads ``\verb|…|``."""
        shown = _VERBATIM.match(self.text, found.end())
        return self.say(shown[2], shown.end()) if shown else self.unknown(found)

    def item(self, found: re.Match[str]) -> int:
        """Reads the beginning of a list's item."""
        option = _OPTION.match(self.text, found.end())
        label = option[1].strip() if option else "•"
        end = option.end() if option else self._after_name(found.end(), swallow_space=True)
        return self.say(f" {label} ", end)

    def named(self, found: re.Match[str]) -> int:
        """Shows the character that a macro names."""
        name = found["macro"]
        character = macros.NAMES.get(name) or plain.character(name)
        if not character and name.startswith("text"):
            character = plain.greek(name.removeprefix("text"))
        if not character:
            return self.unknown(found)
        # TeX drops a space after a name. Readers need it, except within a word: `Stra\ss e`.
        is_letter = len(character) == 1 and character.isalpha() and character < "\u0250"
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
        """Shows a letter with its accent, or the symbol whose name arXiv mistook for an accent."""
        written = found[0]
        if written.startswith("\\''"):
            return self.say(plain.accented(f'\\"{written[-1]}') or written, found.end())
        if damaged := re.fullmatch(r"\\(\w)\{([a-z]{2,})\}", written):
            name = damaged[1] + damaged[2]
            symbol = macros.NAMES.get(name) or plain.character(name)
            if not symbol:
                return self.unknown_accent(found)
            return self.say(symbol, found.end())
        letter = written.replace(" ", "", 1) if written[1] in "'`^\"~=." else written
        letter = letter.replace("{ ", "{").replace("ı", "\\i").replace("ȷ", "\\j")
        return self.say(plain.accented(letter) or written, found.end())

    def unknown_accent(self, found: re.Match[str]) -> int:
        r"""Leaves an accent above several letters, as in ``\b{abc}``, as it is."""
        return self.say(found[0], found.end())

    def symbol(self, found: re.Match[str]) -> int:
        """Reads a backslash before a character that is not a letter."""
        end = found.end()
        if found["symbol"] == "\\" and (width := _WIDTH.match(self.text, end)):
            end = width.end()
        return self.say(macros.SYMBOLS.get(found["symbol"], found[0]), end)

    def brace(self, found: re.Match[str]) -> int:
        r"""Reads a group of TeX (``{\em so}``, ``{B}ERT``), or a brace that is shown."""
        at = found.start()
        if found[0] == "}":
            return self._close(at)
        if (end := self._damaged_group(at)) is not None:
            return end
        close = self.groups.get(at)
        if close is None or not self._is_markup(at, close):
            return self.say("{", at + 1)
        # The content of an index stays together: `x^{\alpha+1}`.
        is_index = at > 0 and self.text[at - 1] in "^_" and self.text[at + 1] == "\\"
        is_long = is_index and not _ONE_MACRO.match(self.text, at + 1)
        self.closers[close] = ")" if is_long else "", close + 1
        return self.say("(", at + 1) if is_long else at + 1

    def _close(self, at: int) -> int:
        if self.label is not None and self.label[1] == at:
            self._end_label(self.label[0], self.label[2])
            return at + 1
        shown, end = self.closers.get(at, ("}", at + 1))
        return self.say(shown, end)

    def _damaged_group(self, at: int) -> int | None:
        r"""Reads what is left of ``\begin{equation*}`` and of ``\'{e}`` in some texts."""
        if (formula := self._stripped_environment(at)) is not None:
            return self._add_formula(formula)
        if lonely := _STRIPPED.match(self.text, at):
            return self.say(" ", lonely.end())
        if accent := _SPLIT_ACCENT.match(self.text, at):
            letter = plain.accented(f"\\{accent[1]}{accent[2]}")
            return self.say(letter or accent[0], accent.end())
        return None

    def _stripped_environment(self, at: int) -> Formula | None:
        is_name = self.text.startswith(("{eq", "{al", "{ga", "{mu", "{di"), at)
        return self.formulas.get(at) if is_name else None

    def _is_markup(self, start: int, close: int) -> bool:
        inside = self.text[start + 1]
        if inside == "\\":
            return not self.text.startswith(("\\{", "\\}"), start + 1)
        before, after = self.text[max(start - 1, 0) : start], self.text[close + 1 : close + 2]
        if close == start + 2 and inside in ",.":
            return before.isdigit() and after.isdigit()
        for pattern, is_enough in (
            (_LETTERS, before.isalpha() or after.isalpha()),
            (_WORDS, before not in {"{", "$", "%"} and after != "}"),
        ):
            if is_enough and (found := pattern.match(self.text, start + 1)):
                return found.end() == close
        return False

    def tie(self, found: re.Match[str]) -> int:
        """Reads a tilde: a non-breaking space (`Fig.~1`), *about* (`~5`) or a range (`30%~50%`)."""
        at = found.start()
        before = self.text[at - 1] if at else ""
        after = self.text[at + 1 : at + 2]
        is_tie = (
            (before.isalnum() or before in tuple(".,;:)]}'$"))
            and (after.isalnum() or after in tuple("\\($[{"))
            and not (before.isdigit() and after.isdigit())
        )
        return self.say(" " if is_tie else "~", found.end())


_UNITS: Final = re.compile(r" ?(?:\\(?:" + "|".join(macros.UNITS) + r")(?![A-Za-z]) ?)+(?<! )")

_READERS: Final[dict[str, Callable[[_Reader, re.Match[str]], int]]] = {
    "url": _Reader.bare_url,
    "doi": _Reader.doi,
    "arxiv": _Reader.arxiv_id,
    "math": _Reader.formula,
    "accent": _Reader.accent,
    "macro": _Reader.macro,
    "symbol": _Reader.symbol,
    "brace": _Reader.brace,
    "tie": _Reader.tie,
    "index": _Reader.index,
}
_MACROS: Final[dict[str, Callable[[_Reader, re.Match[str]], int]]] = {
    **dict.fromkeys(macros.WRAPPERS, _Reader.wrapper),
    **dict.fromkeys(("textsuperscript", "textsubscript"), _Reader.raised),
    **dict.fromkeys(macros.DECLARATIONS, _Reader.declaration),
    **dict.fromkeys(macros.DROPPED, _Reader.dropped),
    **dict.fromkeys((*macros.CITATIONS, *macros.REFERENCES), _Reader.citation),
    **dict.fromkeys(macros.FORMULAS, _Reader.formula_in_prose),
    **dict.fromkeys(macros.QUANTITIES, _Reader.quantity),
    **dict.fromkeys(macros.CHEMISTRY, _Reader.chemistry),
    **dict.fromkeys(("begin", "end"), _Reader.environment),
    **dict.fromkeys(("url", "nolinkurl", "path"), _Reader.url),
    **dict.fromkeys(("href", "hyperlink"), _Reader.href),
    **dict.fromkeys(("color", "textcolor"), _Reader.color),
    "texorpdfstring": _Reader.first_of_two,
    "ion": _Reader.ion,
    "romannumeral": _Reader.roman,
    **dict.fromkeys(("MakeUppercase", "uppercase"), _Reader.uppercase),
    "textcircled": _Reader.circled,
    "verb": _Reader.verbatim,
    "item": _Reader.item,
}


def _quantity(source: str) -> str:
    """Returns a number or a unit of siunitx as people write it."""
    shown = "".join(
        macros.UNITS.get(part[1], part[0]) if part[1] else (part[2] or "")
        for part in _UNIT.finditer(source)
    )
    shown = re.sub(r"(?<=\d)e([+-]?\d+)$", lambda e: f" × 10{plain.superscript(e[1])}", shown)
    shown = re.sub(r"\^(-?\d+)", lambda power: plain.superscript(power[1]), shown)
    return shown.strip().replace("+-", " ± ").replace("~", " ")


def _charge(charge: re.Match[str]) -> str:
    return plain.superscript(charge[1])


def _roman(number: int) -> str:
    written = ""
    for value, letters in _TO_ROMAN:
        count, number = divmod(number, value)
        written += letters * count
    return written


def _trimmed(segments: list[Segment]) -> tuple[Segment, ...]:
    """Returns the segments without white space at both ends, and without empty ones."""
    if segments and isinstance(last := segments[-1], Text) and last.text.endswith(" "):
        segments[-1:] = [Text(text)] if (text := last.text.rstrip(" ")) else []
    if segments and isinstance(first := segments[0], Text) and first.text.startswith(" "):
        segments[:1] = [Text(text)] if (text := first.text.lstrip(" ")) else []
    return tuple(segments)
