"""What all endpoints of the GitHub stand-in use: the state, a call, an answer, an error."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.standins.git import GitRepository
    from tests.standins.github_shapes import Shapes
    from tests.standins.server import Request

__all__ = ["Answer", "ApiError", "Call", "Hub", "Route", "invalid", "page_of", "stamp"]

_DOCS = "https://docs.github.com/rest"


@dataclass(slots=True, kw_only=True)
class Hub:
    """The state of the stand-in. A test may change any of it while the stand-in runs."""

    repository: GitRepository
    full_name: str
    default_branch: str
    permissions: dict[str, str]
    """What the token may do, as in `{"contents": "write"}`; what is missing is not permitted."""
    clock: Callable[[], float] = time.time
    private: bool = False
    renamed_from: str | None = None
    """A former full name; what still asks for it is redirected."""
    rules: dict[str, str] = field(default_factory=dict)
    """By branch: the words with which GitHub refuses a direct push (see `RULESET` in `github`)."""
    archived: bool = False
    """Nothing can be written to an archived repository."""
    renamed_branches: dict[str, str] = field(default_factory=dict)
    """By former name: the branch that is redirected to."""
    tree_entries: int = 100_000
    """A listing of a tree is cut after so many entries."""
    push_access: bool = True
    """Without it, labels given to an issue are silently ignored."""
    has_issues: bool = True
    actions_may_open_pulls: bool = True
    """The setting *Allow GitHub Actions to create and approve pull requests*."""
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By lower-case name."""
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By number; pull requests are issues, too."""
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """By the issue's number."""

    @property
    def now(self) -> str:
        """The time as GitHub writes it."""
        return stamp(self.clock())

    @property
    def is_empty(self) -> bool:
        """Whether the repository has no ref at all."""
        return self.repository.resolve("HEAD") is None and not self.repository.refs()

    def may(self, permission: str, level: str) -> bool:
        """Whether the token has at least this level (`read` or `write`) of a permission."""
        granted = self.permissions.get(permission, "none")
        return granted in {level, "write", "admin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an endpoint returns; `body` becomes JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """A refusal, in GitHub's words."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
        docs: str | None = None,
        url: str | None = None,
    ) -> None:
        """`docs` is the page that is named; without it, that of the endpoint.

        `url` is where a redirect leads.
        """
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}
        self.docs = docs
        self.url = url

    def answer(self, docs: str) -> Answer:
        """The error as GitHub sends it."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        page = docs if self.docs is None else self.docs
        body["documentation_url"] = f"{_DOCS}/{page}" if page else _DOCS
        body["status"] = str(self.status)
        if self.url is not None:
            body["url"] = self.url
        return Answer(status=self.status, body=body, headers=self.headers)


@dataclass(kw_only=True)
class Call:
    """One request to one endpoint."""

    hub: Hub
    request: Request
    variables: dict[str, str]
    """What the path has in place of the braces, decoded."""
    shapes: Shapes

    @cached_property
    def parsed(self) -> Any:
        """The request's JSON; an empty object where there is none."""
        if not self.request.body:
            return {}
        try:
            return json.loads(self.request.body)
        except ValueError:
            raise ApiError(400, "Problems parsing JSON") from None

    @property
    def sent(self) -> dict[str, Any]:
        """The request's JSON object."""
        if not isinstance(self.parsed, dict):
            raise ApiError(400, "Body should be a JSON object")
        return self.parsed

    def need(self, name: str) -> Any:
        """A field of the request's JSON that must be there."""
        if name not in self.sent:
            raise ApiError(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        return self.sent[name]

    def accepts(self, kind: str) -> bool:
        """Whether GitHub's media type `kind` (as in `raw`) is asked for."""
        accepted = self.request.headers.get("accept", "")
        return (
            re.search(rf"application/vnd\.github\.(v3\.)?{kind}(\+json)?\b", accepted) is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One endpoint: where it is, what it needs, who answers."""

    method: str
    template: str
    """As in `/repos/{owner}/{repo}/branches/{branch*}`; a star spans several segments."""
    needs: str
    """As in `contents=write`; empty where any token will do."""
    handler: Callable[[Call], Answer]
    docs: str

    def match(self, path: str) -> dict[str, str] | None:
        """What the braces hold in `path`, still encoded, or `None` where it is another's."""
        match = _pattern(self.template).fullmatch(path)
        return match.groupdict() if match else None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+\*?)\}", template)
    pieces = []
    for number, part in enumerate(parts):
        if number % 2 == 0:
            pieces.append(re.escape(part))
        else:
            pieces.append(f"(?P<{part.rstrip('*')}>{'.*' if part.endswith('*') else '[^/]+'})")
    return re.compile("".join(pieces))


def stamp(seconds: float) -> str:
    """A moment as GitHub writes it: `2025-10-03T06:00:00Z`."""
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def invalid(resource: str, field_name: str | None, code: str, message: str = "") -> ApiError:
    """The refusal of one field, as GitHub words it."""
    error: dict[str, Any] = {"resource": resource, "code": code}
    if field_name:
        error["field"] = field_name
    if message:
        error["message"] = message
    return ApiError(422, "Validation Failed", errors=[error])


def page_of(call: Call, everything: list[Any]) -> tuple[list[Any], dict[str, str]]:
    """The page of a list that `per_page` and `page` name, and the `Link` header it comes with."""
    query = call.request.query
    size = min(100, max(1, _number(query.get("per_page"), 30)))
    page = max(1, _number(query.get("page"), 1))
    last = max(1, -(-len(everything) // size))
    links: dict[str, int] = {}
    if page > 1:
        links.update(prev=min(page - 1, last), first=1)
    if page < last:
        links.update(next=page + 1, last=last)
    found = everything[(page - 1) * size : page * size]
    if not links:
        return found, {}
    address = call.shapes.host + call.request.path
    written = ", ".join(
        f'<{address}?{urlencode({**query, "page": number})}>; rel="{name}"'
        for name, number in links.items()
    )
    return found, {"Link": written}


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdigit() else otherwise
