"""Whether a comment withdraws the paper that it is about, or speaks of something else.

arXiv has no field for it (https://info.arxiv.org/help/withdraw.html): a withdrawn paper is known by
its words alone. Other papers "extend the withdrawn paper X" or were "withdrawn from ICLR".
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["begins", "is_told_by"]

_NOUN: Final = (
    r"(?:paper|article|submission|manuscript|pre-?print|e-?print|work|entry|document|note|letter"
    r"|version|draft|thesis|chapter|study|report|survey)"
)
_ITSELF: Final = (
    r"(?<!\bof )(?<!\bin )(?<!\bto )(?<!\bfrom )(?<!\bwith )"
    rf"\b(?:this|the|our|my|present|current)(?: (?:present|current|arxiv|whole|entire))? {_NOUN}"
)
# "withdraw" for "withdrawn" is a frequent slip of the pen.
_WITHDRAWN: Final = r"withdrawn?\b"
_BEGINNING: Final = r"(?:^[\[(*]?|[.;:!?)\]*] ?)(?:arxiv admin note: )?"
_BY_WHOM: Final = r"by (?:(?:the|all|its|an?|arxiv|first|corresponding) )*(?:author|admin|arxiv)"
_ELSEWHERE: Final = re.compile(
    rf"(?i:(?: {_BY_WHOM}[a-z()]*)?,? from (?!(?:the )?(?:arxiv|public(?:ation)?\b)))"
    r"| (?:to|at|in)(?: the)? (?:[A-Z]\w*[A-Z]|(?i:proceedings|conference|journal|workshop))"
)
"""What follows when a paper was withdrawn from something other than arXiv."""

_PASSIVE: Final = (
    rf"{_ITSELF},? (?:has|have|had|is|was|will|shall|should|must|needs?)(?: to)?(?: now| since)?"
    rf"(?: been| being| be)?(?: (?:\w+ly|now|hereby))? {_WITHDRAWN}"
)
_BARE: Final = (
    rf"{_BEGINNING}(?:(?:\w+ly|now) )?(?:{_NOUN} )?(?:(?:has|is|was) )?(?:been )?{_WITHDRAWN}"
    rf"(?=\W*$|[.:;,!\])]| {_BY_WHOM}| (?:by|due|because|for|as|since|until|in favou?r|on|from"
    r"|at the request|at our|pending|to|owing|after|and|temporarily|-+)\b| [-(–—])"
)
_BY_AUTHOR: Final = rf"(?<!\w )(?<!\w){_WITHDRAWN} {_BY_WHOM}"
_ACTIVE: Final = (
    r"\bwithdr(?:aw|ew|awn|awing|awal)(?: of)? (?:it\b|(?:this|the|our|my)(?: current| arxiv)? "
    rf"{_NOUN}\b)"
)
_REQUESTED: Final = r"\brequest(?:s|ed|ing)?(?: for)?(?: an?| the| its)? withdrawal\b(?! of)"
_AUTHOR: Final = r"\bauthors?(?:\(s\))? (?:have |has )?withdr(?:ew|awn)\b(?=\W*$|[.;:,])"
_PAPER: Final = rf"(?<=\w )(?-i:P)aper (?:has been |is |was )?{_WITHDRAWN}"

_TOLD: Final = (_PASSIVE, _BARE, _BY_AUTHOR, _ACTIVE, _REQUESTED, _AUTHOR, _PAPER)
_BEGINS: Final = re.compile(
    rf"(?:{_ITSELF} (?:has|have|is|was)(?: been)?|{_NOUN}|) ?{_WITHDRAWN}", re.IGNORECASE
)


def is_told_by(comment: str) -> bool:
    """Whether a comment, its white space folded, says that its own paper is withdrawn."""
    if "withdr" not in comment.lower():
        return False
    return any(
        not _ELSEWHERE.match(comment, found.end())
        for pattern in _TOLD
        for found in re.finditer(pattern, comment, re.IGNORECASE)
    )


def begins(summary: str) -> bool:
    """Whether an abstract has given way to the notice that its paper is withdrawn."""
    found = _BEGINS.match(summary)
    return found is not None and not _ELSEWHERE.match(summary, found.end())
