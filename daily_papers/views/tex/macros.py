"""What TeX macros mean in prose.

Unknown macros stay as they are: many are defined by the author, and a guess would hide that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "BOXES",
    "CHEMISTRY",
    "CITATIONS",
    "DECLARATIONS",
    "DROPPED",
    "FORMULAS",
    "NAMES",
    "QUANTITIES",
    "REFERENCES",
    "SYMBOLS",
    "UNITS",
    "WRAPPERS",
]

SYMBOLS: Final[Mapping[str, str]] = {
    **{c: c for c in "%&#_${}"},
    **dict.fromkeys(" ,;:\\", " "),
    **dict.fromkeys("-/!@", ""),
    "|": "‖",
}
"""Control symbols: a backslash and a character that is not a letter. Spaces of any width become a
space, hyphenation hints are removed."""

BOXES: Final = ("text", "mbox", "hbox", "textrm", "textbf", "textit", "textsf", "texttt")

WRAPPERS: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys((*BOXES, "emph", "textsc", "textmd", "textup", "textsl"), ("", "")),
    **dict.fromkeys(("textnormal", "underline", "uline", "uppercase", "MakeUppercase"), ("", "")),
    **dict.fromkeys(("mathrm", "mathbf", "mathit", "mathsf", "mathtt", "boldsymbol"), ("", "")),
    **dict.fromkeys(("bm", "operatorname", "ensuremath", "textbar", "hl", "sout"), ("", "")),
    **dict.fromkeys(("ac", "acp", "acs", "acl", "acf", "gls", "glspl", "Gls"), ("", "")),
    "enquote": ("“", "”"),
    "footnote": (" (", ")"),
}
"""Macros of which only the argument is shown, between these two strings."""

DECLARATIONS: Final = (
    *("em", "it", "bf", "tt", "sc", "sf", "rm", "sl", "itshape", "bfseries", "ttfamily"),
    *("scshape", "sffamily", "rmfamily", "mdseries", "upshape", "slshape", "normalfont"),
    *("tiny", "scriptsize", "footnotesize", "small", "normalsize", "large", "Large", "LARGE"),
    *("huge", "Huge", "boldmath", "unboldmath", "selectfont", "centering", "raggedright", "cal"),
    *("noindent", "xspace", "protect", "relax", "leavevmode", "ignorespaces", "allowbreak"),
    *("displaystyle", "textstyle", "limits", "nolimits", "nobreak", "unskip"),
    *("nonumber", "notag", "maketitle"),
    *("left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr"),
)
"""Macros that change how the text after them looks. They are not shown."""

DROPPED: Final = ("label", "tag", "hspace", "vspace", "vskip", "thanks", "vphantom", "phantom")
"""Macros that are not shown, nor are their arguments."""

CITATIONS: Final = (
    *("cite", "citep", "citet", "citeA", "citealp", "citealt", "citeauthor", "citeyear"),
    *("citeyearpar", "citetalias", "citepalias", "parencite", "textcite", "autocite", "nocite"),
    *("Citet", "Citep", "onlinecite"),
)

REFERENCES: Final = ("ref", "eqref", "cref", "Cref", "autoref", "pageref", "nameref", "Sref")

NAMES: Final[Mapping[str, str]] = {
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "copyright": "©",
    "textregistered": "®",
    "texttrademark": "™",
    "textcopyright": "©",
    "S": "§",
    "P": "¶",
    "pounds": "£",
    "textsterling": "£",
    "euro": "€",
    "EUR": "€",
    "texteuro": "€",
    **dict.fromkeys(("deg", "degree", "degr", "textdegree", "celsius"), "°"),
    "celsius": "°C",
    "arcsec": "″",
    "farcs": "″.",  # 0\\farcs5: the sign is above the decimal point
    "arcmin": "′",
    "farcm": "′.",
    "fdg": "°.",
    "micron": "μm",
    "eg": "e.g.",
    "ie": "i.e.",
    "etal": "et al.",
    "textgreater": ">",
    "textless": "<",
    "textbackslash": "\\",
    "textbar": "|",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textunderscore": "_",
    "textperiodcentered": "·",
    "slash": "/",
    "lq": "‘",
    "rq": "’",
    "dots": "…",
    "colon": ":",
    **dict.fromkeys(("vert", "lvert", "rvert", "mid"), "|"),
    **dict.fromkeys(("Vert", "lVert", "rVert"), "‖"),
    **dict.fromkeys(("lbrace",), "{"),
    **dict.fromkeys(("rbrace",), "}"),
    **dict.fromkeys(("newline", "linebreak", "quad", "qquad", "par", "hfill", "hfil"), " "),
    **dict.fromkeys(("medskip", "smallskip", "bigskip", "newpage", "enspace", "thinspace"), " "),
    **{
        name: name
        for name in (
            *("log", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "det", "dim", "ker"),
            *("lim", "sup", "inf", "max", "min", "gcd", "arg", "deg", "limsup", "liminf", "Pr"),
        )
        if name != "deg"
    },
    "item": "•",
}
"""Macros that pylatexenc does not know, or reads as mathematics."""

FORMULAS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "nicefrac", "sfrac", "binom"), 2),
    **dict.fromkeys(("mathbb", "mathcal", "mathfrak", "mathscr", "Bbb", "sqrt"), 1),
    **dict.fromkeys(("bar", "hat", "tilde", "widetilde", "widehat", "overline", "dot", "ddot"), 1),
    "vec": 1,
}
"""Macros of mathematics that authors also write in prose, with the number of their arguments."""

QUANTITIES: Final[Mapping[str, int]] = {"SI": 2, "qty": 2, "num": 1, "si": 1, "unit": 1, "ang": 1}
"""Macros of siunitx, with the number of their arguments. https://ctan.org/pkg/siunitx"""

CHEMISTRY: Final = ("ce", "ch")

UNITS: Final[Mapping[str, str]] = {
    "quecto": "q",
    "femto": "f",
    "pico": "p",
    "nano": "n",
    "micro": "μ",
    "milli": "m",
    "centi": "c",
    "deci": "d",
    "hecto": "h",
    "kilo": "k",
    "mega": "M",
    "giga": "G",
    "tera": "T",
    "peta": "P",
    "exa": "E",
    "atto": "a",
    "zepto": "z",
    "meter": "m",
    "metre": "m",
    "second": "s",
    "gram": "g",
    "kilogram": "kg",
    "kelvin": "K",
    "hertz": "Hz",
    "celsius": "°C",
    "degreeCelsius": "°C",
    "percent": "%",
    "degree": "°",
    "volt": "V",
    "watt": "W",
    "ampere": "A",
    "ohm": "Ω",
    "tesla": "T",
    "pascal": "Pa",
    "joule": "J",
    "newton": "N",
    "mole": "mol",
    "candela": "cd",
    "coulomb": "C",
    "farad": "F",
    "henry": "H",
    "weber": "Wb",
    "siemens": "S",
    "lumen": "lm",
    "lux": "lx",
    "becquerel": "Bq",
    "electronvolt": "eV",
    "eV": "eV",
    "angstrom": "Å",
    "bar": "bar",
    "barn": "b",
    "minute": "min",
    "hour": "h",
    "day": "d",
    "liter": "L",
    "litre": "L",
    "tonne": "t",
    "bit": "bit",
    "byte": "B",
    "decibel": "dB",
    "dB": "dB",
    "arcsecond": "″",
    "arcminute": "′",
    "nm": "nm",
    "um": "μm",
    "mm": "mm",
    "cm": "cm",
    "km": "km",
    "ns": "ns",
    "us": "μs",
    "ms": "ms",
    "GHz": "GHz",
    "MHz": "MHz",
    "kHz": "kHz",
    "Hz": "Hz",
    "keV": "keV",
    "MeV": "MeV",
    "GeV": "GeV",
    "TeV": "TeV",
    "mK": "mK",
    "K": "K",
    "mV": "mV",
    "mW": "mW",
    "parsec": "pc",
    "radian": "rad",
    "steradian": "sr",
    "per": "/",
    "squared": "²",
    "cubed": "³",
    "square": "²",
    "cubic": "³",
    "tothe": "^",
    "of": "",
}
"""Units and prefixes of siunitx."""
