"""A stand-in for the arXiv API, as `https://export.arxiv.org/api/query` behaves.

Imitated: `search_query` (see `search`), `id_list`, `start`, `max_results`, `sortBy`, `sortOrder`,
GET and POST, both generations of the Atom format (see `arxiv_atom`), the echo of the repaired
query, `itemsPerPage` as requested and not as delivered, versions by id, error entries with
status 400, 406 for a client that sends no `Accept`, 500 beyond ten thousand results, and (when
asked for) papers with equal dates in a different order in every answer. The announcement feed is
served as well (see `arxiv_listing`).

Not imitated: the redirect from http to https, limits on the rate of requests (script them as
faults, see `arxiv_faults`), caching, compression, and the words with which arXiv refuses a
`max_results` of 0 or over 2,000, because no recording of them is known.

`requests` keeps every request with the moment of its start, so spacing can be asserted.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from tests.standins.arxiv_atom import Answer, Generation, feed_of, feed_of_error
from tests.standins.arxiv_listing import listing
from tests.standins.search import Document, InvalidQueryError, Node, adapted, parsed
from tests.standins.server import LoopbackServer, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from tests.standins.entry import Entry

__all__ = ["ArxivStandIn", "RecordedArxiv", "parameters_of"]

_PATH = "/api/query"
_LISTINGS = "/atom"
_ATOM_TYPE = "application/atom+xml; charset=utf-8"
_MAX_RESULTS = 2_000
_LAST_RESULT = 10_000
_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(\d+))?")
_SORT_KEYS = {
    "lastUpdatedDate": attrgetter("entry.updated"),
    "submittedDate": attrgetter("entry.published"),
}


class _RefusalError(Exception):
    """A question that arXiv answers with an error entry."""

    def __init__(self, message: str, link: str | None = None) -> None:
        super().__init__(message)
        anchor = message.replace(" ", "_")
        self.link = link or f"https://arxiv.org/api/errors#{anchor}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """The parameters of one request, checked."""

    search_query: str
    node: Node | None
    id_list: str
    ids: tuple[tuple[str, int | None], ...]
    """Each with the version that was asked for, if one was."""
    start: int
    max_results: int
    sort_by: str
    ascending: bool

    @classmethod
    def read(cls, parameters: dict[str, str]) -> _Question:
        search_query = parameters.get("search_query", "").strip()
        id_list = parameters.get("id_list", "")
        ids = tuple(_identifier(name) for name in id_list.split(",") if name)
        if not search_query and not ids:
            raise _RefusalError(
                "Either a search_query or id_list must be specified for the classic API.",
                "https://arxiv.org/api/errors",
            )
        return cls(
            search_query=search_query,
            node=parsed(search_query) if search_query else None,
            id_list=id_list,
            ids=ids,
            start=_whole_number(parameters, "start", default=0),
            max_results=_page_size(parameters),
            sort_by=_one_of(parameters, "sortBy", ("relevance", *_SORT_KEYS)),
            ascending=_one_of(parameters, "sortOrder", ("descending", "ascending")) == "ascending",
        )


def _identifier(name: str) -> tuple[str, int | None]:
    match = _ID.fullmatch(name)
    if not match:
        raise _RefusalError(f"incorrect id format for {name}")
    return match[1], int(match[2]) if match[2] else None


def _whole_number(parameters: dict[str, str], name: str, *, default: int) -> int:
    try:
        number = int(parameters.get(name, default))
    except ValueError:
        raise _RefusalError(f"{name} must be an integer") from None
    if number < 0:
        raise _RefusalError(f"{name} must be non-negative")
    return number


def _page_size(parameters: dict[str, str]) -> int:
    size = _whole_number(parameters, "max_results", default=10)
    if not 1 <= size <= _MAX_RESULTS:
        raise _RefusalError(f"max_results must be between 1 and {_MAX_RESULTS}")
    return size


def _one_of(parameters: dict[str, str], name: str, allowed: Sequence[str]) -> str:
    value = parameters.get(name) or allowed[0]
    if value not in allowed:
        link = "https://arxiv.org/help/api/user-manual#sort"
        raise _RefusalError(f"{name} must be in: {', '.join(allowed)}", link)
    return value


class _ApiServer(LoopbackServer):
    """What every stand-in for the API has in common."""

    @property
    def url(self) -> str:
        """The address to ask, as in `http://127.0.0.1:40123/api/query`."""
        return self.address + _PATH


class ArxivStandIn(_ApiServer):
    """Answers questions about `entries`, which may change between requests.

    Args:
        entries: The papers at the start. Several versions of one paper may be among them.
        generation: The shape of the answers. Error entries always have the newer one.
        clock: Returns the time for the feed's `updated`; the real time by default.
        unstable_ties: Whether papers with equal dates come in a different order in each answer.
    """

    def __init__(
        self,
        entries: Iterable[Entry] = (),
        *,
        generation: Generation = "since 2025",
        clock: Callable[[], datetime] | None = None,
        unstable_ties: bool = False,
    ) -> None:
        super().__init__()
        self.generation = generation
        self.clock = clock or _now
        self.listing_clock = self.clock
        """Returns the time for the announcement feed; a past time serves an old feed."""
        self.unstable_ties = unstable_ties
        self._ties = random.Random(0)
        self._papers: dict[str, tuple[Document, ...]] = {}
        self.add(entries)

    # --- The corpus ---

    @property
    def entries(self) -> list[Entry]:
        """The latest version of every paper, in the order in which they were added."""
        return [versions[-1].entry for versions in self._papers.values()]

    def add(self, entries: Iterable[Entry]) -> None:
        """Adds papers, or versions of papers; a version that is there already is an error."""
        papers = dict(self._papers)
        for entry in entries:
            known = papers.get(entry.arxiv_id, ())
            if any(entry.version == document.entry.version for document in known):
                raise ValueError(f"{entry.versioned_id} is there already")
            versions = sorted((*known, Document(entry)), key=attrgetter("entry.version"))
            papers[entry.arxiv_id] = tuple(versions)
        self._papers = papers

    def revise(self, arxiv_id: str, *, updated: datetime, **changes: object) -> Entry:
        """Adds the next version of a paper, with fields of `Entry` changed, and returns it."""
        latest = self._papers[arxiv_id][-1].entry
        changes |= {"version": latest.version + 1, "updated": updated}
        revised = replace(latest, **changes)  # type: ignore[arg-type]
        self.add([revised])
        return revised

    def withdraw(self, arxiv_id: str, *, updated: datetime, reason: str = "") -> Entry:
        """Adds a version whose comment says that the paper has been withdrawn, and returns it."""
        comment = f"This paper has been withdrawn by the authors {reason}".strip() + "."
        return self.revise(arxiv_id, updated=updated, comment=comment)

    def remove(self, *arxiv_ids: str) -> None:
        """Removes papers with all their versions, as arXiv almost never does."""
        gone = frozenset(arxiv_ids)
        self._papers = {name: paper for name, paper in self._papers.items() if name not in gone}

    # --- Answers ---

    @property
    def announcements_url(self) -> str:
        """The address of the announcement feeds, without a category."""
        return self.address + _LISTINGS

    def answer(self, request: Request) -> Response:
        """Returns the right response to `request`."""
        if request.path.startswith(f"{_LISTINGS}/"):
            places = unquote(request.path.removeprefix(f"{_LISTINGS}/"))
            versions = (document.entry for paper in self._papers.values() for document in paper)
            return _atom(listing(versions, places, self.listing_clock()))
        return self.answer_as_of(request, None)

    def answer_as_of(self, request: Request, moment: datetime | None) -> Response:
        """Answers `request` with what had been submitted at `moment`; all of it for `None`."""
        refused = _refused_outright(request)
        if refused:
            return refused
        try:
            question = _Question.read(parameters_of(request))
            found = self._found(question, moment)
        except (InvalidQueryError, _RefusalError) as error:
            link = getattr(error, "link", "https://arxiv.org/api/errors")
            return _atom(feed_of_error(str(error), link, self.clock()), status=400)
        if question.start + question.max_results > _LAST_RESULT:
            return _text(500, "Internal Server Error")
        return _atom(feed_of(self._answer_to(question, found), self.generation))

    def _answer_to(self, question: _Question, found: Sequence[Document]) -> Answer:
        page = found[question.start : question.start + question.max_results]
        new = self.generation == "since 2025"
        return Answer(
            search_query=adapted(question.search_query) if new else question.search_query,
            tree=str(question.node or ""),
            id_list=question.id_list,
            start=question.start,
            max_results=question.max_results,
            total=len(found),
            moment=self.clock(),
            entries=[document.entry for document in page],
        )

    def _found(self, question: _Question, moment: datetime | None) -> list[Document]:
        node = question.node
        documents = self._named(question.ids, moment) if question.ids else self._current(moment)
        asked = question.search_query
        found = [d for d in documents if node is None or d.is_found(asked, node)]
        if self.unstable_ties:
            self._ties.shuffle(found)
        if question.sort_by != "relevance":
            found.sort(key=_SORT_KEYS[question.sort_by], reverse=not question.ascending)
        elif node is not None:
            found.sort(key=lambda document: document.score(node), reverse=not question.ascending)
        return found

    def _current(self, moment: datetime | None) -> list[Document]:
        """The latest version of every paper at `moment`."""
        known = (_until(moment, versions) for versions in self._papers.values())
        return [versions[-1] for versions in known if versions]

    def _named(
        self, ids: Iterable[tuple[str, int | None]], moment: datetime | None
    ) -> list[Document]:
        """The papers of an `id_list`, each at the version asked for, else at its latest."""
        named: list[Document] = []
        for arxiv_id, version in ids:
            versions = _until(moment, self._papers.get(arxiv_id, ()))
            if version is None:
                named += versions[-1:]
            else:
                named += [document for document in versions if document.entry.version == version]
        return named


class RecordedArxiv(_ApiServer):
    """Answers with feeds that were recorded in `folder`.

    The folder's `index.json` is a list of objects with `file`, `status` and `query`. The query is
    the question's query string, or the title of the feed, which does not include the order that
    was asked for; then any order is accepted. An unknown question gets 404.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.recordings = [
            (_recorded_parameters(item["query"]), item["status"], folder / item["file"])
            for item in index
            if item["query"] is not None
        ]

    def answer(self, request: Request) -> Response:
        """Returns the recorded response to `request`."""
        refused = _refused_outright(request)
        if refused:
            return refused
        asked = _with_defaults(parameters_of(request))
        for recorded, status, path in self.recordings:
            if all(asked[name] == value for name, value in recorded.items()):
                return _atom(path.read_bytes(), status=status)
        return _text(404, "no such recording")


_TITLE = re.compile(
    r"(?:arXiv Query: )?search_query=(?P<search_query>.*?)&id_list=(?P<id_list>.*?)"
    r"&start=(?P<start>\d+)&max_results=(?P<max_results>\d+)",
    re.IGNORECASE,
)


def _recorded_parameters(query: str) -> dict[str, str]:
    """Reads the query of an index: a query string, or a feed's title, which is not encoded."""
    title = _TITLE.fullmatch(query)
    if title:
        return title.groupdict()
    return _with_defaults(dict(parse_qsl(query, keep_blank_values=True)))


def _with_defaults(parameters: dict[str, str]) -> dict[str, str]:
    return {
        "search_query": "",
        "id_list": "",
        "start": "0",
        "max_results": "10",
        "sortBy": "relevance",
        "sortOrder": "descending",
    } | parameters


def parameters_of(request: Request) -> dict[str, str]:
    """The parameters of a question, whether it came by GET or by POST."""
    if request.method != "POST":
        return request.query
    return request.query | dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def _refused_outright(request: Request) -> Response | None:
    """The refusals that are not feeds."""
    if request.path != _PATH:
        return _text(404, "Not Found")
    if request.method not in ("GET", "HEAD", "POST"):
        return _text(405, "Method Not Allowed")
    if not request.headers.get("accept"):
        return _text(406, "Not Acceptable")
    return None


def _until(moment: datetime | None, versions: tuple[Document, ...]) -> tuple[Document, ...]:
    """The versions that were submitted at `moment`, or all of them."""
    return tuple(d for d in versions if moment is None or d.entry.updated <= moment)


def _atom(body: bytes, status: int = 200) -> Response:
    return Response(status=status, headers={"Content-Type": _ATOM_TYPE}, body=body)


def _text(status: int, body: str) -> Response:
    return Response(status=status, headers={"Content-Type": "text/plain"}, body=body.encode())


def _now() -> datetime:
    return datetime.now(UTC)
