"""Porter's stemmer, in the form that Lucene (and so arXiv's search) uses.

The algorithm is that of M. F. Porter, "An algorithm for suffix stripping" (1980), with the two
later changes of its author: `bli` becomes `ble` (not only `abli`), and `logi` becomes `log`.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["stem"]

_SECOND = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "bli": "ble",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
    "logi": "log",
}
_THIRD = {
    "icate": "ic",
    "ative": "",
    "alize": "al",
    "iciti": "ic",
    "ical": "ic",
    "ful": "",
    "ness": "",
}
# fmt: off
_FOURTH = dict.fromkeys((
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment",
    "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize",
), "")
# fmt: on


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Returns the stem of a lower-case `word`."""
    if len(word) <= 2:
        return word
    word = _without_plural(word)
    word = _without_ed_or_ing(word)
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    word = _replaced(word, _SECOND, more_than=0)
    word = _replaced(word, _THIRD, more_than=0)
    word = _replaced(word, _FOURTH, more_than=1)
    return _without_final_e_or_l(word)


def _shape(word: str) -> str:
    """Writes `c` for each consonant and `v` for each vowel; a `y` after a consonant is a vowel."""
    shape = ""
    for letter in word:
        vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if vowel else "c"
    return shape


def _measure(word: str) -> int:
    """How many times a run of vowels is followed by a run of consonants."""
    return _shape(word).count("vc")


def _has_vowel(word: str) -> bool:
    return "v" in _shape(word)


def _ends_short(word: str) -> bool:
    """Whether it ends consonant, vowel, consonant, as in `hop`, the last one not w, x or y."""
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


def _without_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _without_ed_or_ing(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        rest = word.removesuffix(suffix)
        if rest != word and _has_vowel(rest):
            return _repaired(rest)
    return word


def _repaired(word: str) -> str:
    """Repairs what the removal of `ed` or `ing` left: `hopp` to `hop`, `fil` to `file`."""
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if word[-1:] == word[-2:-1] and _shape(word).endswith("cc") and word[-1] not in "lsz":
        return word[:-1]
    if _measure(word) == 1 and _ends_short(word):
        return word + "e"
    return word


def _replaced(word: str, endings: dict[str, str], *, more_than: int) -> str:
    """Replaces the longest of `endings`, if enough of the word is before it."""
    for suffix in sorted(endings, key=len, reverse=True):
        if word.endswith(suffix):
            rest = word.removesuffix(suffix)
            fits = suffix != "ion" or rest.endswith(("s", "t"))
            return rest + endings[suffix] if fits and _measure(rest) > more_than else word
    return word


def _without_final_e_or_l(word: str) -> str:
    if word.endswith("e"):
        rest = word[:-1]
        if _measure(rest) > 1 or (_measure(rest) == 1 and not _ends_short(rest)):
            word = rest
    if word.endswith("ll") and _measure(word) > 1:
        word = word[:-1]
    return word
