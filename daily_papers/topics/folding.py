"""Folds letters to ASCII, as Lucene's `ASCIIFoldingFilter` does.

Most foldings follow from Unicode's decompositions: a letter without its accents. The rest is a
table of Lucene's choices, such as ø to o, ß to ss and ə to a. Letters that are not forms of ASCII
letters stay as they are, such as Greek and Cyrillic; so do mathematical letters such as `𝐱` and
`ℝ`.
https://lucene.apache.org/core/9_0_0/analysis/common/org/apache/lucene/analysis/miscellaneous/ASCIIFoldingFilter.html
"""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["folded"]

# fmt: off
_CHOICES: Final = {
    "'": "‘’", "a": "ɐəɚᴀᶏᶕẚₐₔⱥ", "b": "ƀƃɓʙᴃᵬᶀ", "c": "ƈȼɕʗᴄↄꜿ", "d": "ðđƌȡɖɗᴅᴆᵭᶁᶑꝺ",
    "e": "ǝɇɘɛɜɝɞʚᴇᴈᶒᶓᶔₑⱸⱻ", "f": "ƒᵮᶂẛꜰꝼꟻ", "g": "ǥɠɡɢʛᵷᵹᶃꝿ", "h": "ħɥɦʜʮʯⱨⱶ",
    "i": "ıɨɪᴉᵢᵻᵼᶖⁱꟾ", "j": "ȷɉɟʄʝᴊⱼ", "k": "ƙʞᴋᶄⱪꝁꝃꝅ", "l": "ŀłƚȴɫɬɭʟᴌᶅⱡꝇꝉꞁ", "m": "ɯɰɱᴍᵯᶆꟽꟿ",
    "n": "ŉŋƞȵɲɳɴᴎᵰᶇⁿ", "o": "øǿɔɵᴏᴐᴖᴗᶗₒⱺꝋꝍ", "p": "ƥᴘᵱᵽᶈꝑꝓꝕꟼ", "q": "ĸɋʠꝗꝙ",
    "r": "ɍɼɽɾɿʀʁᴙᴚᵣᵲᵳᶉꝛꞃ", "s": "ſȿʂᵴᶊẜẝꜱꞅ", "t": "ŧƫƭȶʇʈᴛᵵⱦ", "u": "ʉᴜᵤᵾᶙ", "v": "ʋʌᴠᵥᶌⱱⱴꝟ",
    "w": "ƿʍᴡⱳ", "x": "ᶍₓ", "y": "ƴɏʎʏỿ", "z": "ƶȝȥɀʐʑᴢᵶᶎⱬꝣ", "aa": "ꜳ", "ae": "æǣǽᴁᴂ",
    "ao": "ꜵ", "au": "ꜷ", "av": "ꜹꜻ", "ay": "ꜽ", "db": "ȸ", "dz": "ǆǳʣʥ", "ff": "ﬀ", "ffi": "ﬃ",
    "ffl": "ﬄ", "fi": "ﬁ", "fl": "ﬂ", "hv": "ƕ", "ij": "ĳ", "lj": "ǉ", "ll": "ỻ", "ls": "ʪ",
    "lz": "ʫ", "nj": "ǌ", "oe": "œɶᴔ", "oo": "ꝏ", "ou": "ȣᴕ", "qp": "ȹ", "ss": "ß", "st": "ﬆ",
    "tc": "ʨ", "th": "þᵺꝧ", "ts": "ʦ", "tz": "ꜩ", "ue": "ᵫ", "vy": "ꝡ",
}
# fmt: on


class _Folds(dict[int, str]):
    """What each lower-case character becomes; computed when a character is first seen."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        decomposed = unicodedata.normalize("NFD", char)
        base = "".join(part for part in decomposed if not unicodedata.combining(part))
        self[code] = found = base if base and base.isascii() else char
        return found


_folds: Final = _Folds(
    {ord(char): char for char in map(chr, range(128))}
    | {ord(char): plain for plain, chars in _CHOICES.items() for char in chars}
    | {ord("ⓐ") + place: char for place, char in enumerate("abcdefghijklmnopqrstuvwxyz")}
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full-width forms
)


def folded(text: str) -> str:
    """Returns lower-case `text` without accents and with ASCII forms of letters and digits."""
    return text if text.isascii() else text.translate(_folds)
