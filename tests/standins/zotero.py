"""A stand-in for Zotero's web API, version 3, as far as reading a library goes.

Imitated: `items/top` of a user's or a group's library and of a collection, newest addition first;
`format=json` in pages of at most 100 and `format=keys` as a whole; `since`, `start`, `limit`;
`Total-Results`, `Link` and `Last-Modified-Version`; 304 for `If-Modified-Since-Version`; 403 for a
private library without a key that may read it and for a key that does not exist, 404 for what does
not exist.

Not imitated: other formats, sorting by anything but `dateAdded`, searching, writing, child items,
and limits on the rate of requests (script `Backoff` and `Retry-After` as faults).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.standins.server import LoopbackServer, Request, Response

__all__ = ["StandInLibrary", "ZoteroStandIn", "item_key"]

_PATH = re.compile(r"/(users|groups)/(\d+)(?:/collections/([A-Z0-9]{8}))?/items/top")
_DIGITS = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"


def item_key(number: int) -> str:
    """Returns a key as Zotero makes them."""
    letters = []
    for _ in range(8):
        number, digit = divmod(number, len(_DIGITS))
        letters.append(_DIGITS[digit])
    return "".join(reversed(letters))


@dataclass
class StandInLibrary:
    """A library, whose version grows with each change."""

    keys: set[str] = field(default_factory=set)
    """The API keys that may read it."""
    is_public: bool = True
    version: int = 0
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By key, in the order in which they were added."""
    collections: set[str] = field(default_factory=set)

    def add(self, title: str, **data: Any) -> str:
        """Adds an item, or changes the one whose key is given, and returns its key."""
        self.version += 1
        key = data.pop("key", None) or item_key(self.version)
        collections = data.get("collections", [])
        self.collections.update(collections)
        self.items[key] = {
            "key": key,
            "version": self.version,
            "data": {
                "key": key,
                "version": self.version,
                "itemType": "journalArticle",
                "title": title,
                "abstractNote": "",
                **data,
            },
        }
        return key

    def remove(self, key: str) -> None:
        """Deletes an item."""
        self.version += 1
        del self.items[key]


class ZoteroStandIn(LoopbackServer):
    """Serves libraries, by kind and number: `("users", 12345)`."""

    def __init__(self, libraries: dict[tuple[str, int], StandInLibrary]) -> None:
        super().__init__()
        self.libraries = libraries

    def answer(self, request: Request) -> Response:
        """Returns the right response to `request`."""
        found = _PATH.fullmatch(request.path)
        library = self.libraries.get((found[1], int(found[2]))) if found else None
        key = request.headers.get("zotero-api-key", "")
        if key and not any(key in one.keys for one in self.libraries.values()):
            return _refusal(403, "Invalid key")
        if found is None or library is None:
            return _refusal(404, "Not found")
        if not library.is_public and key not in library.keys:
            return _refusal(403, "Forbidden")
        if found[3] and found[3] not in library.collections:
            return _refusal(404, "Collection not found")
        return self._list(request, library, found[3])

    def _list(self, request: Request, library: StandInLibrary, collection: str | None) -> Response:
        headers = {
            "Last-Modified-Version": str(library.version),
            "Zotero-API-Version": "3",
            "Zotero-Schema-Version": "35",
        }
        known = request.headers.get("if-modified-since-version")
        if known is not None and int(known) >= library.version:
            return Response(status=304, headers=headers)
        query = request.query
        since = int(query.get("since", 0))
        items = [
            item
            for item in reversed(library.items.values())
            if item["version"] > since
            and (collection is None or collection in item["data"].get("collections", []))
        ]
        headers["Total-Results"] = str(len(items))
        if query.get("format") == "keys":
            body = "".join(f"{item['key']}\n" for item in items)
            return Response(headers={**headers, "Content-Type": "text/plain"}, body=body.encode())
        start, limit = int(query.get("start", 0)), min(100, int(query.get("limit", 25)))
        if start + limit < len(items):
            after = f"{self.address}{request.path}?start={start + limit}&limit={limit}"
            headers["Link"] = f'<{after}>; rel="next"'
        return Response(
            headers={**headers, "Content-Type": "application/json"},
            body=json.dumps(items[start : start + limit]).encode(),
        )


def _refusal(status: int, message: str) -> Response:
    return Response(status=status, headers={"Content-Type": "text/plain"}, body=message.encode())
