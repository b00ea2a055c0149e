"""Decides whether a sentence is in the language that was asked for.

Small models often answer in English, or in the language that they know best. A library that detects
languages would be larger than this project; a sentence is long enough to be recognized by its
script and by the most common words of its language.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Final

__all__ = ["is_english", "is_in"]

SHARE: Final = 0.2
"""The share of letters that must be in the language's script. It is low because names of methods
are not translated, and because one Chinese character replaces several Latin letters."""

_TOKEN: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]+")
"""A single character in scripts without spaces, otherwise a word."""


@dataclass(frozen=True, slots=True)
class _Language:
    names: frozenset[str]
    scripts: frozenset[str]
    """The first words of the Unicode names of their letters."""
    words: frozenset[str]
    """Its most common words, some of which are in any sentence; empty if its script is its own."""


def _language(line: str) -> _Language:
    names, scripts, words = (frozenset(part.split()) for part in line.split("|"))
    return _Language(names, scripts, words)


_TABLE: Final = """
english en | LATIN | the of and a to in is we that for with by on this are from as it not do can
german deutsch de | LATIN | der die das und ein eine einen von mit für auf ist wir den im zu wird
french français fr | LATIN | le la les des et un une de du en pour par dans est nous qui sur aux
spanish español castellano es | LATIN | el la los las y un una de del en para por con que se
portuguese português pt | LATIN | o os as e um uma de do da em para por com que não dos das uma
italian italiano it | LATIN | il la le gli e un una di del della in per con che dei si sono
dutch nederlands nl | LATIN | de het een en van met voor op is we door dat wordt aan te die
swedish svenska sv | LATIN | och en ett att det som för med av på är vi den till genom
danish dansk da | LATIN | og en et at det som for med af på er vi den til ved der
norwegian norsk no nb | LATIN | og en et å det som for med av på er vi den til ved ikke
finnish suomi fi | LATIN | ja on että joka se tai ovat sekä mutta kun avulla mukaan
polish polski pl | LATIN | i w z na do się że jest dla przez oraz za od które
czech čeština cs | LATIN | a v z na do se že je pro který od které pomocí jako
hungarian magyar hu | LATIN | a az és egy hogy nem is amely van meg azt
romanian română ro | LATIN | și de la în cu un o pe pentru care este din prin
turkish türkçe tr | LATIN | ve bir bu için ile olarak de da olan daha
vietnamese việt vi | LATIN | và của một các cho với được trong là có để
indonesian bahasa id | LATIN | yang dan di untuk dengan dari pada ini dalam adalah
russian русский ru | CYRILLIC | и в на с для по из не что к от мы это как который
ukrainian українська uk | CYRILLIC | і в на з для та що до не від ми це який за
bulgarian български bg | CYRILLIC | и в на с за от да се по не като чрез който е
greek ελληνικά el | GREEK |
arabic العربية ar | ARABIC | في من على إلى عن التي هذا هذه مع أن
persian farsi فارسی fa | ARABIC | و در به از که را با این برای است
hebrew עברית he | HEBREW |
hindi हिन्दी हिंदी hi | DEVANAGARI |
bengali বাংলা bn | BENGALI |
tamil தமிழ் ta | TAMIL |
thai ไทย th | THAI |
korean 한국어 ko | HANGUL |
japanese 日本語 ja | CJK HIRAGANA KATAKANA | の を は に が で と た し
chinese mandarin 中文 简体中文 繁體中文 zh | CJK | 的 了 和 与 與 在 于 於 一 种 種
"""
"""A line for each language: its names, its scripts, its words."""

_LANGUAGES: Final = tuple(map(_language, _TABLE.strip().splitlines()))


def is_english(language: str) -> bool:
    """Whether a user's name for a language means English."""
    known = _known(language)
    return known is not None and "english" in known.names


def is_in(text: str, language: str) -> bool:
    """Whether a text seems to be in a language.

    Args:
        text: a sentence.
        language: the user's name for a language, such as `Brazilian Portuguese` or `中文`. Any text
            is accepted for a language that is not known here.
    """
    known = _known(language)
    if known is None:
        return True
    letters = filter(str.isalpha, text)
    scripts = Counter(unicodedata.name(letter, " ").split(" ")[0] for letter in letters)
    own = sum(scripts[script] for script in known.scripts)
    others = [count for script, count in scripts.items() if script not in {*known.scripts, "LATIN"}]
    if own < max(SHARE * scripts.total(), *others, 1):
        return False
    found = _TOKEN.findall(text.lower())
    hits = sum(token in known.words for token in found)
    rivals = (other for other in _LANGUAGES if other.words and other.scripts & known.scripts)
    return all(sum(token in rival.words for token in found) <= hits for rival in rivals)


def _known(language: str) -> _Language | None:
    """Returns the language with a name, or with one of the words of the name; `None` if unknown."""
    folded = language.casefold().strip()
    names = [folded, folded.partition("-")[0], *re.findall(r"\w+", folded)]
    return next((one for name in names for one in _LANGUAGES if name in one.names), None)
