"""Describes what a topic asks arXiv for, in words and as a link, and remarks on likely mistakes.

A line that arXiv can answer may still ask for something other than its author thinks. So the log
and the summary describe each topic, and a person can see the difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from daily_papers.topics import search, taxonomy
from daily_papers.topics.analyzer import STOP_WORDS, words
from daily_papers.topics.lines import Topic
from daily_papers.topics.query import And, AndNot, Or, Query, Term, all_of

__all__ = ["described", "remarks", "search_link"]

# --- In words -----------------------------------------------------------------------------------

_WHERE: Final = {
    "ti": "in the title",
    "abs": "in the abstract",
    "co": "in the comment",
    "jr": "in the journal reference",
    "all": "anywhere",
}


def described(query: Query) -> str:
    """Returns what `query` asks for, in plain words.

    Phrases are in quotes, as in `“graph neural networks” in the title or abstract`. The result is
    plain text that contains the user's words: escape it for Markdown or HTML.
    """
    if isinstance(query, Term):
        return _term(query)
    if isinstance(query, AndNot):
        return f"{_part(query.wanted)}, but not {_part(query.unwanted)}"
    if isinstance(query, And | Or):
        if pair := _in_text(query):
            return pair
        word = " and " if isinstance(query, And) else " or "
        return word.join(map(_part, query.parts))
    raise TypeError(query)


def _term(term: Term) -> str:
    if term.field == "cat":
        kind = "archive" if term.phrase in taxonomy.ARCHIVES else "category"
        return f"in the {kind} {term.phrase} ({taxonomy.name_of(term.phrase)})"
    if term.field == "au":
        return f"by an author called “{term.phrase}”"
    return f"“{term.phrase}” {_WHERE[term.field]}"


def _in_text(query: And | Or) -> str | None:
    """Returns the words for a phrase in title and (or) abstract; `None` for any other query."""
    first, second, *others = query.parts
    if others or not (isinstance(first, Term) and isinstance(second, Term)):
        return None
    if (first.field, second.field) != ("ti", "abs") or first.phrase != second.phrase:
        return None
    if isinstance(query, And):
        return f"“{first.phrase}” in both the title and the abstract"
    return f"“{first.phrase}” in the title or abstract"


def _part(query: Query) -> str:
    text = described(query)
    is_whole = isinstance(query, Term) or (isinstance(query, And | Or) and _in_text(query))
    return text if is_whole else f"({text})"


# --- As a link ----------------------------------------------------------------------------------

_PAGE: Final = "https://arxiv.org/search/advanced"
_API: Final = "https://export.arxiv.org/api/query"
_FORM_FIELDS: Final = {
    "ti": "title",
    "abs": "abstract",
    "au": "author",
    "co": "comments",
    "jr": "journal_ref",
    "all": "all",
}
_FORM_ARCHIVES: Final = {
    "cs": "computer_science",
    "econ": "economics",
    "eess": "eess",
    "math": "mathematics",
    "q-bio": "q_biology",
    "q-fin": "q_finance",
    "stat": "statistics",
}
_MOST_ROWS: Final = 20
"""The most rows of the form to fill in: a longer address would not be useful."""

_Row = tuple[str, Term]
"""An operator of the form, and the term that follows it."""


def search_link(query: Query) -> str:
    """Returns the address of arXiv's own search page for the papers that `query` asks for.

    The page is the advanced search. Its rows have no parentheses: NOT binds more tightly than AND,
    and AND more tightly than OR. It has archives, but no categories. For a query that does not
    fit, the address is that of the API, which shows a feed.
    https://github.com/arXiv/arxiv-search/blob/develop/search/services/index/advanced.py
    """
    rest, archives = _without_archives(query)
    rows = _rows(rest)
    if rows is None or len(rows) > _MOST_ROWS:
        asked = {"search_query": query.to_arxiv(), "sortBy": "submittedDate"}
        return f"{_API}?{urlencode(asked | {'sortOrder': 'descending', 'max_results': '50'})}"
    form = {"advanced": ""}
    for number, (operator, term) in enumerate(rows):
        form[f"terms-{number}-operator"] = operator
        form[f"terms-{number}-term"] = f'"{term.phrase}"'
        form[f"terms-{number}-field"] = _FORM_FIELDS[term.field]
    form |= {f"classification-{_FORM_ARCHIVES[name]}": "y" for name in archives}
    form |= {
        "classification-physics_archives": "all",
        "classification-include_cross_list": "include",
        "date-filter_by": "all_dates",
        "date-date_type": "submitted_date",
        "abstracts": "show",
        "size": "50",
        "order": "-submitted_date",
    }
    return f"{_PAGE}?{urlencode(form)}"


def _without_archives(query: Query) -> tuple[Query, list[str]]:
    """Returns a query without its condition on archives that the form has boxes for, and those."""
    if isinstance(query, AndNot):
        wanted, archives = _without_archives(query.wanted)
        return AndNot(wanted, query.unwanted), archives
    if isinstance(query, And):
        *others, last = query.parts
        places = last.parts if isinstance(last, Or) else (last,)
        names = [
            place.phrase for place in places if isinstance(place, Term) and place.field == "cat"
        ]
        if len(names) == len(places) and all(name in _FORM_ARCHIVES for name in names):
            return all_of(others), names
    return query, []


def _rows(query: Query) -> list[_Row] | None:
    """Returns the rows of the form for a query, or `None` if it does not fit."""
    alternatives = _alternatives(query)
    if alternatives is None:
        return None
    rows: list[_Row] = []
    for conjunction in alternatives:
        for number, (is_wanted, term) in enumerate(conjunction):
            following = "AND" if is_wanted else "NOT"
            rows.append((following if number else "OR", term))
    return [("AND", rows[0][1]), *rows[1:]]


_Literal = tuple[bool, Term]
"""Whether a term is wanted, and the term."""


def _alternatives(query: Query) -> list[list[_Literal]] | None:
    """Returns a query as alternatives, each a list of terms that must all hold, wanted ones first.

    Returns `None` if the form cannot express it.
    """
    if isinstance(query, Term):
        return None if query.field == "cat" else [[(True, query)]]
    if isinstance(query, AndNot):
        wanted, unwanted = _alternatives(query.wanted), _alternatives(query.unwanted)
        if wanted is None or unwanted is None or any(len(one) > 1 for one in unwanted):
            return None
        return _crossed(wanted, [[(False, term) for [(_, term)] in unwanted]])
    parts = query.parts if isinstance(query, And | Or) else ()
    known = [found for part in parts if (found := _alternatives(part)) is not None]
    if len(known) < len(parts):
        return None
    if isinstance(query, Or):
        return [one for part in known for one in part]
    return _all(known)


def _all(parts: list[list[list[_Literal]]]) -> list[list[_Literal]] | None:
    """Returns the alternatives of a conjunction; `None` if there are too many."""
    found: list[list[_Literal]] = [[]]
    for part in parts:
        if len(found) * len(part) > _MOST_ROWS:
            return None
        found = _crossed(found, part)
    return found


def _crossed(ones: list[list[_Literal]], others: list[list[_Literal]]) -> list[list[_Literal]]:
    return [_sorted(one + other) for one in ones for other in others]


def _sorted(literals: list[_Literal]) -> list[_Literal]:
    return sorted(literals, key=lambda literal: not literal[0])


# --- Remarks ------------------------------------------------------------------------------------

_LONG_PHRASE: Final = 6
"""The number of words from which a phrase is probably several topics, or a title."""
_TRUNCATED: Final = re.compile(r"\w{3,}[*?](?=\s|$)")
_CONNECTED: Final = re.compile(r"\s(?:[/&]|and|or|not)\s", re.IGNORECASE)
_MARKS: Final = re.compile(r"^[`*_'‘]|[`*_'’,;]$")
# fmt: off
_FOREIGN: Final = frozenset({
    "für", "und", "oder", "nicht", "durch", "über", "mit", "zur", "zum", "einer", "eines", "ist",
    "auf", "bei", "pour", "dans", "avec", "sur", "les", "une", "aux", "est", "et", "ou", "par",
    "para", "con", "por", "los", "las", "del", "una", "sobre", "della", "delle", "degli", "nel",
    "nella", "tra", "uno", "uma", "dos", "das", "não", "com", "het", "een", "voor", "door",
    "niet", "naar",
})
"""Function words of German, French, Spanish, Italian, Portuguese and Dutch."""
_COMMON: Final = frozenset({
    "algorithm", "analysis", "approach", "data", "dataset", "deep", "design", "framework",
    "learning", "method", "methods", "model", "models", "network", "networks", "neural",
    "performance", "problem", "research", "results", "review", "science", "study", "survey",
    "system", "systems", "task", "theory",
})
"""Words that occur in thousands of titles each year."""
# fmt: on
_ENGLISH_TOO: Final = frozenset({"est", "et", "par", "con", "del", "los", "las", "door", "das"})
"""Those of `_FOREIGN` that also occur in English titles, as in *et al.* and *del Maestro*."""


def remarks(topic: Topic) -> list[str]:
    """Returns remarks on a topic's line, each of them one or two sentences.

    They are about what may be a mistake, but need not be one. Like the result of `described`, they
    are plain text.
    """
    return [*_on_heading(topic), *_on_phrases(topic), *_on_categories(topic.query)]


def _terms(query: Query, *, wanted: bool = True) -> Iterator[tuple[Term, bool]]:
    """Yields each term of a query, and whether it is wanted."""
    if isinstance(query, Term):
        yield query, wanted
    elif isinstance(query, And | Or):
        for part in query.parts:
            yield from _terms(part, wanted=wanted)
    elif isinstance(query, AndNot):
        yield from _terms(query.wanted, wanted=wanted)
        yield from _terms(query.unwanted, wanted=not wanted)


def _phrases(query: Query) -> list[str]:
    """Returns the phrases that a query wants in texts, each once."""
    found = (term.phrase for term, wanted in _terms(query) if wanted and term.field in _TEXTS)
    return list(dict.fromkeys(found))


_TEXTS: Final = frozenset({"ti", "abs", "co", "all"})


def _kernel(query: Query) -> Query:
    """Returns a query without its exclusions and categories."""
    query = query.wanted if isinstance(query, AndNot) else query
    if isinstance(query, And):
        first, *others = query.parts
        if all(term.field == "cat" for part in others for term, _ in _terms(part)):
            return first
    return query


def _on_heading(topic: Topic) -> Iterator[str]:
    kernel = _kernel(topic.query)
    phrases = _phrases(kernel)
    is_plain = isinstance(kernel, And | Or) and _in_text(kernel) is not None
    headline = search.phrase(topic.heading, stemmed=True).words
    if is_plain and headline and not set(headline) & set(_searched(phrases[0])):
        yield (
            f"The heading “{topic.heading}” is not searched: only “{phrases[0]}” is. "
            f"To ask for both, write AND or OR between them after the colon."
        )
    if is_plain and words(topic.heading) == words(phrases[0]) and _MARKS.search(topic.heading):
        yield (
            f"arXiv does not see the marks around “{topic.heading}”, but the page shows them: "
            f"leave them out."
        )


def _searched(phrase: str) -> list[str]:
    return [word for word in search.phrase(phrase, stemmed=True).words if word]


def _on_phrases(topic: Topic) -> Iterator[str]:
    for phrase in _phrases(topic.query):
        found = words(phrase)
        if len(_searched(phrase)) == 1:
            yield from _on_word(phrase, found, topic)
        if len(found) >= _LONG_PHRASE:
            yield (
                f"“{phrase}” is one phrase: arXiv finds it only where all its {len(found)} words "
                f"are side by side. If it was meant as several topics, write one on each line, "
                f"below `keywords: |`."
            )
        if _CONNECTED.search(phrase):
            yield (
                f"“{phrase}” is one phrase. If its parts may be anywhere in a text, write "
                f"a heading, a colon, and AND, OR or NOT in capitals between them."
            )
        elif ignored := [word for word in dict.fromkeys(found[1:-1]) if word in STOP_WORDS]:
            named = " and ".join(f"“{word}”" for word in ignored)
            yield f"In “{phrase}”, any word may take the place of {named}."
        if _TRUNCATED.search(phrase):
            yield f"In “{phrase}”, arXiv ignores the `*`: it finds all forms of a word without it."
        if reason := _not_english(phrase):
            yield f"“{phrase}” {reason}, but arXiv's titles and abstracts are in English."


def _on_word(phrase: str, found: list[str], topic: Topic) -> Iterator[str]:
    kernel = _kernel(topic.query)
    if isinstance(kernel, And) and _in_text(kernel):
        either = f'ti:"{phrase}" OR abs:"{phrase}"'
        yield (
            f"“{phrase}” counts as a single word, so it must be in the title and in the abstract. "
            f"To find it in either, write `{topic.heading}: {either}`."
        )
    if len(found) == 1 and (found[0] in _COMMON or len(found[0]) == 1):
        yield f"“{phrase}” is in very many papers, and the page holds only the newest of them."


def _not_english(phrase: str) -> str | None:
    letters = [char for char in phrase if char.isalpha()]
    scripts = {_script(char) for char in letters} - {"LATIN", "GREEK", "MATHEMATICAL"}
    if scripts and sum(_script(char) != "LATIN" for char in letters) * 2 > len(letters):
        return "is not in Latin letters"
    folded = [word.lower() for word in re.findall(r"[^\W\d_]+", phrase)]
    foreign = [word for word in folded if word in _FOREIGN]
    if any(word not in _ENGLISH_TOO for word in foreign) or len(foreign) > 1:
        return f"looks like another language (“{foreign[0]}”)"
    return None


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ")[0]


def _on_categories(query: Query) -> Iterator[str]:
    for term, wanted in _terms(query):
        if wanted and term.field == "cat" and term.phrase in taxonomy.SUBSUMED:
            yield (
                f"The archive {term.phrase} was closed in the 1990s; its subject is now "
                f"{taxonomy.SUBSUMED[term.phrase]}."
            )
