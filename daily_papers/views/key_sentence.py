"""The sentence of an abstract that says best what its paper does.

A digest has room for one sentence a paper, and it has to be the author's own. Each sentence is seen
as a set of features (its place, its length, its words, what it shares with the title and with the
other sentences); a feature has a weight, and the sentence with the largest sum is chosen.
`scripts/train_key_sentence.py` computes the weights, and `docs/decisions/0009-the-key-sentence.md`
says why there is a model, and why this one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain, filterfalse
from typing import Final

from daily_papers.views.sentences import sentences

__all__ = ["features", "key_sentence", "read_weights"]


def key_sentence(paper_title: str, abstract: str) -> str:
    """Returns the sentence of `abstract` that says best what the paper does.

    It is a piece of `abstract`, unchanged, however long it is. An empty abstract has an empty one.
    """
    candidates = sentences(abstract)
    if len(candidates) < 2:  # noqa: PLR2004 - there is no choice
        return candidates[0] if candidates else ""
    weights = _weights()
    scores = [
        sum([weights[name] for name in found if name in weights])
        - (_LOSS if _NEEDS_ANOTHER.match(candidate) else 0)
        for candidate, found in zip(candidates, features(paper_title, candidates), strict=True)
    ]
    best_first = [
        candidates[index] for index in sorted(range(len(scores)), key=lambda i: -scores[i])
    ]
    return next(filterfalse(_says_nothing, best_first), best_first[0])


# --- What no sentence should be -------------------------------------------------------------------
#
# The abstracts that the model has learned from are of machine learning, and few end with a link.

_LOSS: Final = 40  # thousandths, as the weights; the development set bears no more
_SHORT: Final = 3  # spaces: a heading such as "Aims." or "Context and aims." has fewer
_LINK: Final = r"""
    https?:// | www\. | \b (?: github | gitlab | huggingface | zenodo ) \b
    | \b (?: publicly | freely | openly ) \s (?: available | released | accessible )
      (?: [.,;] | \s (?: at | on | from | here | under | upon | in | via | as | to ) \b )
    | \b (?: available | accessible | released ) \s (?: at | on | from | here | under | upon ) \b
    | \b found \s (?: here \b | \\ )
    | \b (?: code s? | implementation s? | checkpoints ) \s .{0,60}
      \b (?: available | released? | open-sourced? | public | soon ) \b
    | \b (?: releas | open-sourc | publish ) (?: e s? | ing ) \s .{0,40}
      \b (?: code s? | implementation s? | checkpoints ) \b
    """
# Each alternative above holds one of these; looking for them is much faster.
_LINK_HINTS: Final = (
    *("http", "www.", "github", "gitlab", "huggingface", "zenodo", "available", "accessible"),
    *("released", "found", "code", "implementation", "checkpoints"),
)
_CLAIM: Final = r"""
    \b (?: we | i | paper | work | article | study ) \b .{0,30} \b
    (?: analy[sz]e | demonstrate | describe | develop | explore | introduce | investigate | present
      | propose | prove | show | stud (?: y | ies ) ) s? \b
    """
_NEEDS_ANOTHER: Final = re.compile(
    r"""
    (?: however | but | yet | nevertheless | unfortunately | moreover | furthermore | additionally
      | also | besides | likewise | similarly | conversely | then | finally | hence | thus
      | specifically | secondly | thirdly | in\ (?: addition | contrast | particular )
      | on\ the\ other\ hand | for\ (?: example | instance )
      | as\ an?\ (?: application | consequence | corollary | result )
      | we\ (?: also | further | then | next | finally | additionally | conclude )
      | our\ (?: results? | findings? ) ) \b
    | (?: they | he | she | its | their | such | the\ latter | the\ former ) \b
    | it \b (?! \ is\ (?: shown | proved | proven ) \b )
    | (?: this | these | those | that ) \b (?! \ (?: [\w-]+ \  )?
        (?: paper | work | article | study | note | thesis | letter | manuscript | survey | review
          | report | contribution | chapter | research | investigation | tutorial | preprint | essay
          | document ) s? \b )
    | (?: let | suppose | assume | denote | fix ) \b (?! .* \b (?: we | then ) \b )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def _says_nothing(sentence: str) -> bool:
    """Whether a sentence is a heading, or only says where the code is."""
    if sentence.count(" ") < _SHORT:
        return True
    lowered = sentence.lower()
    return (
        any(hint in lowered for hint in _LINK_HINTS)
        and re.search(_LINK, sentence, re.VERBOSE | re.IGNORECASE) is not None
        and re.search(_CLAIM, sentence, re.VERBOSE | re.IGNORECASE) is None
    )


# --- Features -------------------------------------------------------------------------------------

# A formula is one word.
_TOKEN: Final = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+(?:\.[0-9]+)*|\$[^$]+\$|[^\sa-z0-9]")
_CUES: Final = frozenset({"we", "our", "paper", "work"})
# fmt: off
_STOP_WORDS: Final = frozenset({
    "a", "an", "and", "are", "as", "at", "based", "be", "been", "but", "by", "can", "for", "from",
    "has", "have", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or", "our", "such",
    "that", "the", "their", "then", "there", "these", "they", "this", "to", "using", "via", "was",
    "we", "which", "will", "with",
})
# fmt: on
_STEM: Final = 6  # letters: a fast stemmer that is as good here as Porter's


def features(title: str, candidates: Sequence[str]) -> Iterator[set[str]]:
    """Yields the names of the features of each sentence.

    A word is its own name; other names consist of a kind, a space and a value, as `place 2`.

    Args:
        title: the title of the paper.
        candidates: all sentences of its abstract.
    """
    tokens = [_TOKEN.findall(candidate.lower()) for candidate in candidates]
    words = [set(found) for found in tokens]
    stems = [_stems(found) for found in words]
    title_stems = _stems(set(_TOKEN.findall(title.lower())))
    holders = Counter(chain.from_iterable(stems))
    everything = holders.total() or 1
    last = len(candidates) - 1
    cued = [not _CUES.isdisjoint(found) for found in words]
    first_cued = cued.index(True) if True in cued else 0
    likeness = [
        2 * len(found & title_stems) / (len(found) + len(title_stems) or 1) for found in stems
    ]
    ranks = _ranks(likeness)
    beginnings = [(found[0] if found else "") for found in tokens]
    for place, found in enumerate(tokens):
        # How often the words of this sentence are in other ones.
        echo = sum(map(holders.__getitem__, stems[place])) - len(stems[place])
        length = sum(map(str.isalnum, found))
        we = "with we" if cued[place] else "without we"
        yield words[place] | {
            f"place {min(place, 9)}",
            f"place-after-we {max(-3, min(place - first_cued, 4))}",
            f"length {min(length // 3, 20)}",
            f"length {we} {min(length // 8, 5)}",
            f"title {min(int(20 * likeness[place]), 9)}",
            f"title-rank {min(ranks[place], 4)}",
            f"title-rank {we} {min(ranks[place], 3)}",
            f"echo {min(int(16 * echo / (len(stems[place]) or 1) / (last or 1)), 9)}",
            f"share-of-echo {min(int(10 * echo / everything), 9)}",
            f"begins {beginnings[place]}",
            f"begins {' '.join(found[:2])}",
            f"next-begins {beginnings[place + 1] if place < last else ''}",
        }


def _stems(tokens: set[str]) -> set[str]:
    return {token[:_STEM] for token in tokens - _STOP_WORDS if token.isalnum()}


def _ranks(values: Sequence[float]) -> list[int]:
    """Returns the rank of each value: 0 is the largest, and the first of equal ones."""
    ranks = [0] * len(values)
    for rank, index in enumerate(sorted(range(len(values)), key=lambda index: -values[index])):
        ranks[index] = rank
    return ranks


# --- Weights --------------------------------------------------------------------------------------


def read_weights(text: str) -> dict[str, int]:
    """Returns the weights of the features, in thousandths of what a sentence is worth.

    Args:
        text: the file of weights: a feature a line, its name and its weight with a space between;
            lines that begin with two hash signs are comments.
    """
    lines = (line for line in text.splitlines() if not line.startswith("##"))
    pairs = (line.rpartition(" ") for line in lines)
    return {name: int(weight) for name, _, weight in pairs}


@cache
def _weights() -> Mapping[str, int]:
    return read_weights(files("daily_papers.views").joinpath("key_sentence.txt").read_text("utf-8"))
