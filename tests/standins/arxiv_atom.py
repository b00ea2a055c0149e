"""The two shapes of arXiv's Atom answers, written letter by letter.

On 2025-11-11, arXiv replaced the implementation of its API; that day divides the two generations.
Element order, indentation, quotes of the XML declaration and places of namespace declarations are
those of real answers. Texts of the older generation are wrapped into lines, as they were.
"""

from __future__ import annotations

import base64
import hashlib
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape as escaped
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.standins.entry import Author, Entry

__all__ = ["Answer", "Generation", "feed_of", "feed_of_error"]

Generation = Literal["before 2025", "since 2025"]

_ATOM = "http://www.w3.org/2005/Atom"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_ARXIV = "http://arxiv.org/schemas/atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one answer says about itself, and its entries."""

    search_query: str
    """As it was repaired; the title echoes it."""
    tree: str
    """The query with every group in parentheses; the link of newer answers shows it."""
    id_list: str
    start: int
    max_results: int
    total: int
    moment: datetime
    entries: Sequence[Entry]


def feed_of(answer: Answer, generation: Generation) -> bytes:
    """Writes `answer` as a feed."""
    return (_new_feed if generation == "since 2025" else _old_feed)(answer).encode()


def feed_of_error(message: str, link: str, moment: datetime) -> bytes:
    """Writes the feed that carries an error, in the newer shape."""
    updated = _stamp(moment)
    return (
        _new_head("https://arxiv.org/", "arXiv Search Results", updated)
        + _new_counts(1, 1, 0)
        + "  <entry>\n"
        + f"    <id>{escaped(link)}</id>\n"
        + "    <title>Error</title>\n"
        + f"    <updated>{updated}</updated>\n"
        + f'    <link href={quoteattr(link)} rel="alternate" type="text/html"/>\n'
        + f"    <summary>{escaped(message)}</summary>\n"
        + "    <author>\n      <name>arXiv api core</name>\n    </author>\n"
        + "  </entry>\n"
        + "</feed>\n"
    ).encode()


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _title(answer: Answer) -> str:
    return (
        f"search_query={answer.search_query}&id_list={answer.id_list}"
        f"&start={answer.start}&max_results={answer.max_results}"
    )


def _feed_id(answer: Answer) -> str:
    """arXiv's name for a question: a digest of it, without the padding."""
    digest = hashlib.sha1(_title(answer).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode().rstrip("=")


# --- Since 2025 ---------------------------------------------------------------------------------


def _new_feed(answer: Answer) -> str:
    parameters = {
        "search_query": answer.tree,
        "start": answer.start,
        "max_results": answer.max_results,
        "id_list": answer.id_list,
    }
    link = f"https://arxiv.org/api/query?{urlencode(parameters, safe=':/,*')}"
    return (
        _new_head(
            f"https://arxiv.org/api/{_feed_id(answer)}",
            f"arXiv Query: {_title(answer)}",
            _stamp(answer.moment),
        )
        + f'  <link href={quoteattr(link)} type="application/atom+xml"/>\n'
        + _new_counts(answer.max_results, answer.total, answer.start)
        + "".join(map(_new_entry, answer.entries))
        + "</feed>\n"
    )


def _new_head(feed_id: str, title: str, updated: str) -> str:
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<feed xmlns:opensearch="{_OPENSEARCH}" xmlns:arxiv="{_ARXIV}" xmlns="{_ATOM}">\n'
        f"  <id>{feed_id}</id>\n"
        f"  <title>{escaped(title)}</title>\n"
        f"  <updated>{updated}</updated>\n"
    )


def _new_counts(per_page: int, total: int, start: int) -> str:
    return (
        f"  <opensearch:itemsPerPage>{per_page}</opensearch:itemsPerPage>\n"
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
        f"  <opensearch:startIndex>{start}</opensearch:startIndex>\n"
    )


def _new_entry(entry: Entry) -> str:
    name = entry.versioned_id
    pdf = f"https://arxiv.org/pdf/{name}"
    lines = [
        f"<id>http://arxiv.org/abs/{name}</id>",
        f"<title>{escaped(entry.title)}</title>",
        f"<updated>{_stamp(entry.updated)}</updated>",
        f'<link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>',
        f'<link href="{pdf}" rel="related" type="application/pdf" title="pdf"/>',
        f"<summary>{escaped(entry.summary)}</summary>",
        *(f'<category term="{term}" scheme="{_ARXIV}"/>' for term in entry.categories),
        f"<published>{_stamp(entry.published)}</published>",
        *_optional("arxiv:comment", entry.comment),
        f'<arxiv:primary_category term="{entry.primary_category}"/>',
        *_optional("arxiv:journal_ref", entry.journal_ref),
        *(line for author in entry.authors for line in _author(author)),
        *_optional("arxiv:doi", entry.doi),
    ]
    if entry.doi:
        href = quoteattr(f"https://doi.org/{entry.doi}")
        lines.append(f'<link rel="related" href={href} title="doi"/>')
    return _framed(lines)


# --- Before 2025 --------------------------------------------------------------------------------

_OWN = f' xmlns:arxiv="{_ARXIV}"'


def _old_feed(answer: Answer) -> str:
    link = f"http://arxiv.org/api/query?{quote(_title(answer), safe='')}"
    midnight = answer.moment.astimezone(ZoneInfo("America/New_York")).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="{_ATOM}">\n'
        f'  <link href={quoteattr(link)} rel="self" type="application/atom+xml"/>\n'
        f'  <title type="html">ArXiv Query: {escaped(_title(answer))}</title>\n'
        f"  <id>http://arxiv.org/api/{_feed_id(answer)}</id>\n"
        f"  <updated>{midnight.isoformat()}</updated>\n"
        + _old_count("totalResults", answer.total)
        + _old_count("startIndex", answer.start)
        + _old_count("itemsPerPage", answer.max_results)
        + "".join(map(_old_entry, answer.entries))
        + "</feed>\n"
    )


def _old_count(name: str, count: int) -> str:
    return f'  <opensearch:{name} xmlns:opensearch="{_OPENSEARCH}">{count}</opensearch:{name}>\n'


def _old_entry(entry: Entry) -> str:
    name = entry.versioned_id
    pdf = f"http://arxiv.org/pdf/{name}"
    lines = [
        f"<id>http://arxiv.org/abs/{name}</id>",
        f"<updated>{_stamp(entry.updated)}</updated>",
        f"<published>{_stamp(entry.published)}</published>",
        f"<title>{escaped(_wrapped(entry.title))}</title>",
        f"<summary>  {escaped(_wrapped(entry.summary, indent=''))}\n</summary>",
        *(line for author in entry.authors for line in _author(author, _OWN)),
        *_optional("arxiv:doi", entry.doi, _OWN),
    ]
    if entry.doi:
        href = quoteattr(f"http://dx.doi.org/{entry.doi}")
        lines.append(f'<link title="doi" href={href} rel="related"/>')
    lines += [
        *_optional("arxiv:comment", entry.comment and _wrapped(entry.comment), _OWN),
        *_optional("arxiv:journal_ref", entry.journal_ref and _wrapped(entry.journal_ref), _OWN),
        f'<link href="http://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>',
        f'<link title="pdf" href="{pdf}" rel="related" type="application/pdf"/>',
        f'<arxiv:primary_category{_OWN} term="{entry.primary_category}" scheme="{_ARXIV}"/>',
        *(
            f'<category term="{escaped(term)}" scheme="{_ARXIV}"/>'
            for term in (*entry.categories, *entry.classes)
        ),
    ]
    return _framed(lines)


def _wrapped(text: str, indent: str = "  ") -> str:
    """Breaks `text` as the older answers did; `indent` opens every line but the first."""
    return textwrap.fill(
        text, width=79, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


# --- Both ---------------------------------------------------------------------------------------


def _optional(name: str, text: str | None, attributes: str = "") -> list[str]:
    return [f"<{name}{attributes}>{escaped(text)}</{name}>"] if text else []


def _author(author: Author, attributes: str = "") -> list[str]:
    affiliations = [
        f"  <arxiv:affiliation{attributes}>{escaped(place)}</arxiv:affiliation>"
        for place in author.affiliations
    ]
    return ["<author>", f"  <name>{escaped(author.name)}</name>", *affiliations, "</author>"]


def _framed(lines: list[str]) -> str:
    return "".join(["  <entry>\n", *(f"    {line}\n" for line in lines), "  </entry>\n"])
