r"""The sentences of an abstract, each exactly as its author wrote it.

A full stop ends a sentence unless it belongs to an abbreviation, an initial, a number or a formula.
The rules are for scientific English: ``et al.``, ``Fig. 1``, ``w.r.t.``, ``$f(x) = 0.5$.``, and
sentences that begin with ``$p$`` or ``k-means``. In doubt a text is not split: two sentences in one
piece can be read, half a sentence cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["sentences"]


def sentences(text: str) -> list[str]:
    """Returns the sentences of `text`, in order, without the white space between them.

    Each is a piece of `text`, unchanged. A text without a full stop is one sentence; a text of
    white space has none.
    """
    pieces = []
    begin = 0
    for end in (*_ends(text), len(text)):
        if piece := text[begin:end].strip():
            pieces.append(piece)
            begin = end
    return pieces


def _ends(text: str) -> Iterator[int]:
    """Yields where the sentences of `text` end, in order."""
    formulas = _formulas(text)
    _, formula_end = formula = next(formulas, _NO_FORMULA)
    for stop in _STOP.finditer(text):
        begin, end = stop.span()
        while formula_end <= begin:
            _, formula_end = formula = next(formulas, _NO_FORMULA)
        in_formula = formula[0] < begin and end < formula_end
        if not in_formula and _is_last(text, stop) and not _is_in_brackets(text, begin, end):
            yield end


# --- Full stops -----------------------------------------------------------------------------------

# Quotes, brackets, the end of a formula or a reference such as [12] may follow the full stop of a
# sentence, and belong to it. Possessive quantifiers keep long runs linear. The set of marks is
# first, and the condition that looks back second, because `re` searches for a set very fast.
_STOP: Final = re.compile(
    r"""
    (?P<mark> [.!?…。！？] (?<! [.!?…。！？] [.!?…。！？] ) [.!?…。！？]*+ )
    (?P<closing> ["'”’»)\]}$*」』）]*+ (?: \\[)\]] )? (?: \[ \d [\d,\s–-]{0,20} \] )? )
    (?:
        (?= \s )
        # Chinese and Japanese have no spaces between sentences.
        | (?<= [。！？] ) | (?<= [。！？] [”’」』）] )
        # Some authors forget the space. Names such as Node.js have other words after the dot.
        | (?<= [a-z]{3} \. )
          (?= (?: We | This | The (?: se )? | In | Our | It | However | To ) \s )
    )
    """,
    re.VERBOSE,
)
_OPENING: Final = " \t\r\n\"'“‘«`([{*-–—•"


# fmt: off
# Abbreviations that something always follows.
_NEVER_LAST: Final = frozenset({
    "a.k.a", "abbr", "aka", "approx", "ca", "cf", "chap", "corresp", "dr", "drs", "e.g", "eg",
    "eq", "eqn", "eqns", "eqs", "esp", "et", "excl", "fig", "figs", "i.e", "ie", "incl", "mr",
    "mrs", "mt", "n.b", "nr", "prof", "profs", "ref", "refs", "resp", "s.t", "sect", "sects",
    "st", "thm", "thms", "transl", "ver", "viz", "vs", "w.r.t", "wrt",
})
# Abbreviations that usually something follows.
_SELDOM_LAST: Final = frozenset({
    "al", "bros", "co", "coll", "corp", "dept", "ibid", "inc", "jr", "ltd", "ph.d", "sr",
    "univ", "ya", "yu",
})
# Words that are abbreviations before a number.
_BEFORE_NUMBER: Final = frozenset({
    "alg", "algs", "app", "art", "ch", "col", "cor", "def", "defs", "ex", "exp", "lem", "mag",
    "max", "min", "no", "nos", "num", "p", "par", "pp", "prop", "props", "pt", "sec", "secs",
    "ser", "tab", "tabs", "vol", "vols",
})
# Pieces of the names of journals and institutes.
_OF_NAMES: Final = frozenset({
    "Acad", "Acta", "Adv", "Algebr", "Am", "Amer", "Anal", "Ann", "Appl", "Assoc", "Astron",
    "Astrophys", "Bull", "Chem", "Comm", "Commun", "Comp", "Comput", "Conf", "Diff", "Differ",
    "Dyn", "Electron", "Eng", "Equ", "Eur", "Funct", "Geom", "Inst", "Int", "Intern",
    "Internat", "Inv", "Invent", "Lect", "Lett", "Mat", "Mater", "Math", "Mech", "Mem", "Mod",
    "Mon", "Nat", "Natl", "Nucl", "Num", "Numer", "Opt", "Philos", "Phys", "Pop", "Probab",
    "Proc", "Publ", "Pure", "Quant", "Rep", "Res", "Rev", "Roy", "Sci", "Ser", "Soc", "Stat",
    "Symp", "Tech", "Technol", "Theor", "Topol", "Trans",
})
# Words that begin a sentence and hardly ever continue a name.
_STARTERS: Final = frozenset({
    "A", "According", "Additionally", "After", "All", "Also", "Although", "An", "And",
    "Another", "Applying", "As", "Assume", "At", "Based", "Because", "Besides", "Both", "But",
    "By", "Compared", "Consequently", "Consider", "Denote", "Despite", "Due", "During", "Each",
    "Experiments", "Extensive", "Finally", "First", "Firstly", "Following", "For", "From",
    "Furthermore", "Given", "Hence", "Here", "How", "However", "If", "In", "Inspired",
    "Instead", "It", "Its", "Let", "Many", "More", "Moreover", "Most", "Motivated", "Next",
    "Note", "Of", "On", "One", "Our", "Recent", "Recently", "Results", "Second", "Secondly",
    "Several", "Similarly", "Since", "So", "Some", "Specifically", "Starting", "Such",
    "Suppose", "Surprisingly", "That", "The", "Their", "Then", "There", "Therefore", "These",
    "They", "This", "Those", "Thus", "To", "Two", "Under", "Unlike", "Using", "We", "What",
    "When", "Where", "Whether", "Which", "While", "With", "Without", "Yet",
})
# Lower-case words that go on with a sentence after a formula, a bracket or an abbreviation.
_CONTINUATIONS: Final = frozenset({
    "and", "are", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or", "such", "that",
    "to", "where", "which", "with",
})
# fmt: on
_INITIALS: Final = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")
_ACRONYM: Final = re.compile(r"[A-Z]{2,}")  # CF is not the abbreviation cf.
_BREAK: Final = re.compile(r"[\s~([{-]")
_FIRST_WORD: Final = re.compile(r"[A-Za-z]+(?![\w.])")
_QUANTITY: Final = re.compile(r"(?<!\d\d\d)\d[\s~][A-Z]\Z")  # such as 1.2 T
_NUMBER: Final = re.compile(r"[\d$\\#]|[IVX]+\b")
_SYMBOL: Final = re.compile(r"[a-z]{1,2}[^a-z\s.,)]|[b-z]\s|[a-z]\)\s|[a-z]+[A-Z0-9]")
_LETTER: Final = re.compile(r"(?<![^\s(])[a-z]\Z")
_SPACED_BEFORE: Final = re.compile(r"(?<![^\s(])[a-z]\.\s[a-z]\Z")
_SPACED_AFTER: Final = re.compile(r"[a-z]\.")
_LONGEST_NUMBER: Final = 2  # of an item of a list
_LONGEST_UNKNOWN: Final = 3  # letters of an abbreviation that is not listed above
_BRACKETS: Final = 250  # characters on each side that are searched for a bracket
_WINDOW: Final = 40  # characters on each side of a full stop that are looked at


def _is_last(text: str, stop: re.Match[str]) -> bool:
    """Whether a full stop, or another mark, is the last one of its sentence."""
    begin, end = stop.span()
    mark = stop["mark"]
    after = text[end : end + _WINDOW].lstrip(_OPENING)
    if not after or mark[-1] in "。！？":
        return True
    if after[0] in ".,;:!?)]}":
        return False
    if mark[0] in "!?":
        return not after[0].islower()
    before = text[max(0, begin - _WINDOW) : begin]
    if mark != "." or not before.strip() or before[-1].isspace():
        # An ellipsis, or a full stop after a space.
        return after[0].isupper() and not before.rstrip().endswith(".")
    return _is_full_stop(before, stop["closing"], after)


def _is_full_stop(before: str, closing: str, after: str) -> bool:
    """Whether a dot after a word ends a sentence.

    Args:
        before: what precedes the dot, and is not empty.
        closing: the quotes and brackets that follow the dot.
        after: the beginning of what comes next.
    """
    word = _BREAK.split(before)[-1].lstrip("\"'“‘«`")
    first = _FIRST_WORD.match(after)
    following = first[0] if first else ""
    small = word if _ACRONYM.fullmatch(word) else word.lower()
    if small in _NEVER_LAST:
        return False
    if _is_abbreviation(word, small, after) and not _QUANTITY.search(before):
        return following in _STARTERS
    lower = after[0].islower()
    if (
        word.endswith(("\\left", "\\right"))
        or _is_number_of_item(word, before, lower=lower)
        or _is_spaced_abbreviation(before, after)
    ):
        return False
    if not lower or _SYMBOL.match(after):
        return True
    # A lower-case word follows an abbreviation that is not listed, or its author is careless.
    whole = not word.isalpha() or (word.islower() and len(word) > _LONGEST_UNKNOWN)
    return whole and "$" not in closing and following not in _CONTINUATIONS


def _is_abbreviation(word: str, small: str, after: str) -> bool:
    """Whether the dot after `word` belongs to it, and says nothing about the sentence."""
    return (
        small in _SELDOM_LAST
        or word in _OF_NAMES
        or (small in _BEFORE_NUMBER and _NUMBER.match(after) is not None)
        or ((word.isupper() or "." in word) and _INITIALS.fullmatch(word) is not None)
    )


def _is_number_of_item(word: str, before: str, *, lower: bool) -> bool:
    """Whether `word` numbers what follows, as in "… is easy. 2. The proof …"."""
    if not word.isdigit() or len(word) > _LONGEST_NUMBER:
        return False
    before = before[: -len(word)].rstrip("( \t\r\n")
    ends = (".", ":", ";", "!", "?", *((",", " and", " or") if lower else ()))
    return not before or before.endswith(ends)


def _is_spaced_abbreviation(before: str, after: str) -> bool:
    """Whether a full stop is one of "e. g." or "w. r. t."."""
    if _SPACED_BEFORE.search(before):
        return True
    return _LETTER.search(before) is not None and _SPACED_AFTER.match(after) is not None


def _is_in_brackets(text: str, begin: int, end: int) -> bool:
    """Whether a full stop is within brackets, as in "[J. Funct. Anal. 70 (1987), Theorem 2]"."""
    before, after = text[max(0, begin - _BRACKETS) : begin], text[end : end + _BRACKETS]
    for opening, closing in ("()", "[]"):
        at = before.rfind(opening)
        # An interval such as [0, 1) is no pair of brackets.
        if at > before.rfind(closing) and before[at + 1 : at + 2].isalpha():
            inside, found, _ = after.partition(closing)
            if found and opening not in inside:
                return True
    return False


# --- Formulas -------------------------------------------------------------------------------------

_Span = tuple[float, float]
_NO_FORMULA: Final[_Span] = (float("inf"), float("inf"))
_ENVIRONMENTS: Final = ("equation", "eqnarray", "align", "aligned", "gather", "multline", "cases")
_CLOSERS: Final = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$"} | {
    f"\\begin{{{name}{star}}}": f"\\end{{{name}{star}}}"
    for name in _ENVIRONMENTS
    for star in ("", "*")
}
_OPENER: Final = re.compile(r"\$\$?|\\(?:begin\{\w{1,9}\*?\}|.)", re.DOTALL)
_PROSE: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}\s[A-Za-z]{2,}\s[A-Za-z]{2,}")


def _formulas(text: str) -> Iterator[_Span]:
    """Yields where the formulas of `text` begin and end, in order.

    A delimiter without its partner is text, and so are the dollars of "$5 or even $10".
    """
    if "$" not in text and "\\" not in text:
        return
    missing = set()  # delimiters that are looked for once, so that the time is linear
    here = 0
    while opener := _OPENER.search(text, here):
        begin, here = opener.span()
        closer = _CLOSERS.get(opener[0])
        if closer is None or closer in missing:
            continue
        close = text.find(closer, here)
        while closer == "$" and text[close - 1 : close] == "\\":
            close = text.find(closer, close + 1)
        if close < 0:
            missing.add(closer)
        elif closer != "$" or _is_formula(text[here:close]):
            here = close + len(closer)
            yield begin, here


def _is_formula(tex: str) -> bool:
    """Whether what is between two dollars is a formula, and not prose between two amounts."""
    if tex[:1].isdigit() and tex[-1:].isspace():
        return False
    return "\\" in tex or _PROSE.search(tex) is None
