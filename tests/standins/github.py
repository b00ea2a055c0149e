"""A stand-in for GitHub's REST API over a real bare git repository.

It imitates what a commit, an issue and a pull request need: the endpoints of `ROUTES`, with
GitHub's shapes, words, permissions, paging and rate-limit headers. A ref moves only fast-forward,
objects are git's own, and `git fsck --strict` checks them when the stand-in stops. With the
environment variable that `openapi` names, every exchange is checked against GitHub's own
description. What is written must not disturb people: see `calm`.

It does not imitate: more than one repository, users and teams, entity tags, GraphQL, webhooks, and
rules of any kind but the refusal of a direct push.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.standins import github_git as on_git
from tests.standins import github_issues as on_issues
from tests.standins.calm import (
    Disturbance,
    DisturbanceError,
    disturbances,
    disturbances_in_words,
)
from tests.standins.git import GitRepository
from tests.standins.github_api import Answer, ApiError, Call, Hub, Route
from tests.standins.github_shapes import REPOSITORY_ID, Shapes
from tests.standins.openapi import Description, OpenApiViolationError
from tests.standins.server import LoopbackServer, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from tests.standins.git import FileLike
    from tests.standins.github_faults import Trouble

__all__ = ["CLASSIC", "PERMISSIONS", "ROUTES", "RULESET", "GitHubStandIn"]

RULESET = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"
"""How a ruleset refuses a direct push."""
CLASSIC = "At least 1 approving review is required by reviewers with write access."
"""How a classic branch protection refuses one."""

PERMISSIONS = {
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "metadata": "read",
}
"""What the token may do unless a test says otherwise."""


_REPO = "/repos/{owner}/{repo}"
_READ, _WRITE = "contents=read", "contents=write"
_READ_ISSUES, _WRITE_ISSUES = "issues=read", "issues=write"
_READ_PULLS, _WRITE_PULLS = "pull_requests=read", "pull_requests=write"

# One endpoint a line is easier to read than one a paragraph.
# ruff: noqa: E501
# fmt: off
ROUTES = tuple(
    Route(method=method, template=_REPO + template, needs=needs, handler=handler, docs=docs)
    for method, template, needs, handler, docs in (
        ("GET", "", "metadata=read", on_git.get_repository, "repos/repos#get-a-repository"),
        ("GET", "/branches/{branch*}", _READ, on_git.get_branch, "branches/branches#get-a-branch"),
        ("GET", "/commits/{ref*}", _READ, on_git.get_commit, "commits/commits#get-a-commit"),
        ("GET", "/compare/{basehead*}", _READ, on_git.compare, "commits/commits#compare-two-commits"),
        ("GET", "/contents/{path*}", _READ, on_git.get_contents, "repos/contents#get-repository-content"),
        ("PUT", "/contents/{path*}", _WRITE, on_git.put_contents, "repos/contents#create-or-update-file-contents"),
        ("GET", "/git/ref/{ref*}", _READ, on_git.get_ref, "git/refs#get-a-reference"),
        ("GET", "/git/matching-refs/{ref*}", _READ, on_git.list_matching_refs, "git/refs#list-matching-references"),
        ("POST", "/git/refs", _WRITE, on_git.create_ref, "git/refs#create-a-reference"),
        ("PATCH", "/git/refs/{ref*}", _WRITE, on_git.update_ref, "git/refs#update-a-reference"),
        ("DELETE", "/git/refs/{ref*}", _WRITE, on_git.delete_ref, "git/refs#delete-a-reference"),
        ("GET", "/git/commits/{commit_sha}", _READ, on_git.get_git_commit, "git/commits#get-a-commit-object"),
        ("POST", "/git/commits", _WRITE, on_git.create_commit, "git/commits#create-a-commit"),
        ("GET", "/git/trees/{tree_sha}", _READ, on_git.get_tree, "git/trees#get-a-tree"),
        ("POST", "/git/trees", _WRITE, on_git.create_tree, "git/trees#create-a-tree"),
        ("GET", "/git/blobs/{file_sha}", _READ, on_git.get_blob, "git/blobs#get-a-blob"),
        ("POST", "/git/blobs", _WRITE, on_git.create_blob, "git/blobs#create-a-blob"),
        ("GET", "/issues", _READ_ISSUES, on_issues.list_issues, "issues/issues#list-repository-issues"),
        ("POST", "/issues", _WRITE_ISSUES, on_issues.create_issue, "issues/issues#create-an-issue"),
        ("GET", "/issues/{issue_number}", _READ_ISSUES, on_issues.get_issue, "issues/issues#get-an-issue"),
        ("PATCH", "/issues/{issue_number}", _WRITE_ISSUES, on_issues.update_issue, "issues/issues#update-an-issue"),
        ("GET", "/issues/{issue_number}/comments", _READ_ISSUES, on_issues.list_comments, "issues/comments#list-issue-comments"),
        ("POST", "/issues/{issue_number}/comments", _WRITE_ISSUES, on_issues.create_comment, "issues/comments#create-an-issue-comment"),
        ("POST", "/issues/{issue_number}/labels", _WRITE_ISSUES, on_issues.add_labels, "issues/labels#add-labels-to-an-issue"),
        ("GET", "/labels", _READ_ISSUES, on_issues.list_labels, "issues/labels#list-labels-for-a-repository"),
        ("POST", "/labels", _WRITE_ISSUES, on_issues.create_label, "issues/labels#create-a-label"),
        ("GET", "/labels/{name}", _READ_ISSUES, on_issues.get_label, "issues/labels#get-a-label"),
        ("GET", "/pulls", _READ_PULLS, on_issues.list_pulls, "pulls/pulls#list-pull-requests"),
        ("POST", "/pulls", _WRITE_PULLS, on_issues.create_pull, "pulls/pulls#create-a-pull-request"),
        ("GET", "/pulls/{pull_number}", _READ_PULLS, on_issues.get_pull, "pulls/pulls#get-a-pull-request"),
        ("PATCH", "/pulls/{pull_number}", _WRITE_PULLS, on_issues.update_pull, "pulls/pulls#update-a-pull-request"),
    )
)
# fmt: on


class GitHubStandIn(LoopbackServer):
    """Serves one repository; `address` is what goes into `GITHUB_API_URL`."""

    def __init__(  # noqa: PLR0913 - settings, each by its name
        self,
        folder: Path,
        *,
        full_name: str = "octo/papers",
        files: Mapping[str, FileLike] | None = None,
        token: str = "ghs_stand-in",
        permissions: Mapping[str, str] | None = None,
        default_branch: str = "main",
        prefix: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Makes a bare repository with `files` in `folder`, or opens the one that is there.

        Without `files` a new repository is empty. `prefix` is `/api/v3` for GitHub Enterprise
        Server. Everything else is in `hub`, where a test may change it.
        """
        super().__init__()
        if not (folder / "HEAD").exists():
            GitRepository.create(folder, files, branch=default_branch, clock=clock).close()
        self.repository = GitRepository(folder, clock=clock)
        self.token = token
        self.hub = Hub(
            repository=self.repository,
            full_name=full_name,
            default_branch=default_branch,
            permissions=dict(PERMISSIONS if permissions is None else permissions),
            clock=clock,
        )
        self.troubles: list[Trouble] = []
        """What goes wrong with which request; see `github_faults`."""
        self.disturbances: list[Disturbance] = []
        """What was written by way of the API and would mention, reference or close something."""
        self.must_be_calm = True
        """Whether `stop` raises them."""
        self.rate_limit = 1000
        self.rate_used = 0
        self._prefix = prefix
        self._reset = int(clock()) + 3600
        self._description = Description.from_environment()

    @property
    def address(self) -> str:
        """The API's root, as in `http://127.0.0.1:40123/api/v3`."""
        return super().address + self._prefix

    def stop(self) -> None:
        """Stops serving; raises what went wrong, and `CorruptRepositoryError` if `git fsck` does.

        What went wrong includes requests and responses that are not as GitHub describes them, and
        texts that disturb people (`DisturbanceError`).
        """
        try:
            super().stop()
            self.repository.fsck()
            if self.must_be_calm and self.disturbances:
                raise DisturbanceError(self.disturbances)
        finally:
            self.repository.close()

    def open_issue(
        self, title: str, body: str = "", *, labels: Iterable[str] = (), login: str = "somebody"
    ) -> int:
        """Opens an issue as another user would, and returns its number."""
        user = {**on_issues.SOMEBODY, "login": login}
        with self._lock:
            issue = on_issues.add_issue(self.hub, title, body, labels=labels, user=user)
        return int(issue["number"])

    def merge(self, number: int) -> str:
        """Merges a pull request as a maintainer would, fast-forward, and returns the commit."""
        with self._lock:
            on_issues.settle_pulls(self.hub)
            pull = self.hub.pulls[number]
            self.repository.fast_forward(f"refs/heads/{pull['base']}", pull["head_sha"])
            on_issues.settle_pulls(self.hub)
        return str(pull["head_sha"])

    def answer(self, request: Request) -> Response:
        """Returns GitHub's answer, unless a trouble takes the request."""
        trouble = next((one for one in self.troubles if one.takes(request)), None)
        if trouble and trouble.instead:
            return trouble.fault(request, Response())
        response = self._send(self._respond(request))
        if request.method != "GET" and response.status < 300:
            self._listen(request)
        self._hold_to_description(request, response)
        return trouble.fault(request, response) if trouble else response

    def _respond(self, request: Request) -> Answer:
        path = request.path.removeprefix(self._prefix)
        if not request.path.startswith(self._prefix):
            return ApiError(404, "Not Found").answer("")
        try:
            self._authenticate(request)
            if path == "/rate_limit":
                return self._rate_limit_status()
            self._count()
            return self._dispatch(request, path)
        except ApiError as error:
            return error.answer("")

    def _authenticate(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme and (scheme.lower() not in {"bearer", "token"} or token != self.token):
            raise ApiError(401, "Bad credentials")

    def _dispatch(self, request: Request, path: str) -> Answer:
        """Finds the endpoint; one that is missing here is an error of the stand-in."""
        shapes = Shapes(self.hub, host=f"http://{request.headers['host']}", prefix=self._prefix)
        path = path.replace(f"/repositories/{REPOSITORY_ID}", f"/repos/{self.hub.full_name}", 1)
        for route in ROUTES:
            found = route.match(path) if route.method == request.method else None
            if found is None:
                continue
            variables = {name: unquote(text) for name, text in found.items()}
            call = Call(hub=self.hub, request=request, variables=variables, shapes=shapes)
            try:
                return self._serve(call, route, path)
            except ApiError as error:
                return error.answer(route.docs)
        self.errors.append(NotImplementedError(f"{request.method} {path}"))
        return ApiError(404, "Not Found").answer("")

    def _serve(self, call: Call, route: Route, path: str) -> Answer:
        name = f"{call.variables['owner']}/{call.variables['repo']}".lower()
        if name == (self.hub.renamed_from or "").lower():
            raise on_git.moved(call, "/".join(path.split("/")[4:]))
        if name != self.hub.full_name.lower():
            raise ApiError(404, "Not Found")
        self._authorize(call.request, route)
        if self.hub.archived and call.request.method != "GET":
            raise ApiError(403, "Repository was archived so is read-only.")
        return route.handler(call)

    def _authorize(self, request: Request, route: Route) -> None:
        """Checks the permission; what is public may be read with any token, or none."""
        permission, _, level = route.needs.partition("=")
        if not request.headers.get("authorization"):
            if self.hub.private:
                raise ApiError(404, "Not Found")
            if level == "write":
                raise ApiError(401, "Requires authentication")
            return
        is_open = level == "read" and (permission == "metadata" or not self.hub.private)
        if not is_open and not self.hub.may(permission, level):
            headers = {"X-Accepted-GitHub-Permissions": route.needs}
            raise ApiError(403, "Resource not accessible by integration", headers=headers)

    # Rate limits and headers

    def _count(self) -> None:
        if self.rate_used >= self.rate_limit:
            docs = "overview/rate-limits-for-the-rest-api"
            raise ApiError(403, "API rate limit exceeded for installation ID 1.", docs=docs)
        self.rate_used += 1

    def _rate(self) -> dict[str, Any]:
        left = max(0, self.rate_limit - self.rate_used)
        return {
            "limit": self.rate_limit,
            "remaining": left,
            "reset": self._reset,
            "used": self.rate_used,
            "resource": "core",
        }

    def _rate_limit_status(self) -> Answer:
        rate = self._rate()
        search = {**rate, "limit": 30, "remaining": 30, "used": 0, "resource": "search"}
        return Answer(body={"resources": {"core": rate, "search": search}, "rate": rate})

    def _send(self, answer: Answer) -> Response:
        headers = {
            "Server": "github.com",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": f"0000:{len(self.requests):04X}",
            **{f"X-RateLimit-{name.title()}": str(value) for name, value in self._rate().items()},
            **answer.headers,
        }
        if answer.body is None:
            return Response(status=answer.status, headers=headers)
        if isinstance(answer.body, bytes):
            return Response(status=answer.status, headers=headers, body=answer.body)
        headers.setdefault("Content-Type", "application/json; charset=utf-8")
        return Response(
            status=answer.status, headers=headers, body=json.dumps(answer.body).encode()
        )

    def _listen(self, request: Request) -> None:
        """Keeps what disturbs in the texts of a write that was done."""
        sent = json.loads(request.body or b"{}")
        for field in ("title", "message", "body"):
            text = sent.get(field) if isinstance(sent, dict) else None
            if not isinstance(text, str):
                continue
            find = disturbances if field == "body" else disturbances_in_words
            where = f"{request.method} {request.path}: {field}"
            found = find(text, is_commit=self._is_commit)
            self.disturbances += [replace(one, where=where) for one in found]

    def _is_commit(self, sha: str) -> bool:
        return self.repository.resolve(f"{sha}^{{commit}}") is not None

    def _hold_to_description(self, request: Request, response: Response) -> None:
        if self._description is None:
            return
        path = request.path.removeprefix(self._prefix)
        path = path.replace(f"/repositories/{REPOSITORY_ID}", f"/repos/{self.hub.full_name}", 1)
        problems = self._description.problems(path, request, response)
        if problems:
            self.errors.append(OpenApiViolationError("\n".join(problems)))
