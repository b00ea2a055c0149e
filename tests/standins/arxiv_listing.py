"""The announcement feed of the arXiv stand-in, as `https://rss.arxiv.org/atom/cs.LG+stat.ML` is.

Imitated: the listing of a day, made at midnight US Eastern time of the papers announced on the
evening before; nothing on Saturday and Sunday; archives and categories joined by `+`, in upper or
lower case; `new`, `cross`, `replace` and `replace-cross`; the abstract after a line with the kind;
names in one element, affiliations in parentheses; one date for all; at most 2,000 entries; no
comments.

Not imitated: arXiv's holidays, papers that moderation holds back, the order of the listing, errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from tests.standins.entry import Entry

__all__ = ["listing", "submitted"]

_EASTERN = ZoneInfo("America/New_York")
_DEADLINE = time(14)
_SATURDAY = 5
_MOST = 2_000


def listing(entries: Iterable[Entry], places: str, moment: datetime) -> bytes:
    """Returns the feed of some places as it is at a moment.

    Args:
        entries: All versions of all papers.
        places: Archives and categories, joined by `+`.
        moment: The time of the request; the feed was made at the previous midnight.
    """
    day = moment.astimezone(_EASTERN).date()
    made = datetime.combine(day, time(0, 0, 5), _EASTERN)
    wanted = places.lower().split("+")
    start, end = submitted(day)
    is_made = day.weekday() < _SATURDAY
    found = [e for e in entries if is_made and start < e.updated <= end and _kind(e, wanted)]
    parts = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        (
            '<feed xmlns:arxiv="http://arxiv.org/schemas/atom" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">'
        ),
        f"  <id>http://rss.arxiv.org/atom/{escape(places)}</id>",
        f"  <title>{escape(places.replace('+', ', '))} updates on arXiv.org</title>",
        f"  <updated>{made.isoformat()}</updated>",
        *(line for entry in found[:_MOST] for line in _entry(entry, _kind(entry, wanted), made)),
        "</feed>",
    ]
    return "\n".join(parts).encode()


def _entry(entry: Entry, kind: str, made: datetime) -> Iterator[str]:
    names = (
        f"{author.name} ({', '.join(author.affiliations)})" if author.affiliations else author.name
        for author in entry.authors
    )
    yield "  <entry>"
    yield f"    <id>oai:arXiv.org:{entry.versioned_id}</id>"
    yield f"    <title>{escape(entry.title)}</title>"
    yield f"    <updated>{made.isoformat()}</updated>"
    yield f'    <link href="https://arxiv.org/abs/{entry.arxiv_id}" rel="alternate"/>'
    yield f"    <summary>arXiv:{entry.versioned_id} Announce Type: {kind} "
    yield f"Abstract: {escape(entry.summary)}</summary>"
    for category in entry.categories:
        yield f'    <category term="{category}"/>'
    yield f"    <published>{made.replace(second=0).isoformat()}</published>"
    yield f"    <arxiv:announce_type>{kind}</arxiv:announce_type>"
    if entry.journal_ref:
        yield f"    <arxiv:journal_reference>{escape(entry.journal_ref)}</arxiv:journal_reference>"
    if entry.doi:
        yield f"    <arxiv:DOI>{escape(entry.doi)}</arxiv:DOI>"
    yield f"    <dc:creator>{escape(', '.join(names))}</dc:creator>"
    yield "  </entry>"


def _kind(entry: Entry, wanted: list[str]) -> str:
    """How a version is announced in the places wanted; empty if it is not."""
    is_first = entry.version == 1
    if any(map(entry.primary_category.lower().startswith, wanted)):
        return "new" if is_first else "replace"
    others = (name.lower() for name in entry.categories)
    if any(name.startswith(place) for name in others for place in wanted):
        return "cross" if is_first else "replace-cross"
    return ""


def submitted(day: date) -> tuple[datetime, datetime]:
    """When the versions were submitted that the listing of a working day is for."""
    return _end(_working_day_before(day)), _end(day)


def _end(day: date) -> datetime:
    """The deadline for the listing of a working day, two evenings before a Monday's included."""
    return datetime.combine(_working_day_before(day), _DEADLINE, _EASTERN)


def _working_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return day
