"""The endpoints of the GitHub stand-in for issues, labels, comments and pull requests.

Not imitated: assignees, milestones, locking, reviews, and whether a pull request can be merged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.standins.github_api import Answer, ApiError, Call, Hub, invalid, page_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BOT", "SOMEBODY", "add_issue", "settle_pulls"]

BOT = {"login": "github-actions[bot]", "number": 41898282, "kind": "Bot"}
"""Whom the workflow's token acts for."""
SOMEBODY = {"login": "somebody", "number": 200, "kind": "User"}
"""Another user."""

_BODY = 65_536
_TITLE = 256
_LABEL = 50
_DESCRIPTION = 100


# Issues


def list_issues(call: Call) -> Answer:
    """Lists issues and pull requests; where issues are off, pull requests alone."""
    settle_pulls(call.hub)
    query = call.request.query
    wanted = {name.strip().lower() for name in query.get("labels", "").split(",") if name.strip()}
    found = [
        issue
        for issue in call.hub.issues.values()
        if query.get("state", "open") in {issue["state"], "all"}
        and wanted <= set(issue["labels"])
        and query.get("creator", issue["user"]["login"]) == issue["user"]["login"]
        and issue["updated_at"] >= query.get("since", "")
        and (call.hub.has_issues or issue["number"] in call.hub.pulls)
    ]
    page, headers = page_of(call, _sorted(call, found))
    return Answer(body=[call.shapes.issue(issue) for issue in page], headers=headers)


def get_issue(call: Call) -> Answer:
    settle_pulls(call.hub)
    return Answer(body=call.shapes.issue(_issue(call)))


def create_issue(call: Call) -> Answer:
    _need_issues(call.hub)
    title = call.sent.get("title")
    _check_text("Issue", title, call.sent.get("body"))
    labels = call.sent.get("labels", []) if call.hub.push_access else []
    issue = add_issue(
        call.hub, str(title), call.sent.get("body"), labels=_label_names(labels), user=BOT
    )
    shape = call.shapes.issue(issue)
    return Answer(status=201, body=shape, headers={"Location": shape["url"]})


def update_issue(call: Call) -> Answer:
    issue = _issue(call)
    sent = call.sent
    _check_text("Issue", sent.get("title") or issue["title"], sent.get("body"))
    for name in ("title", "body"):
        if name in sent:
            issue[name] = sent[name]
    if "labels" in sent and call.hub.push_access:
        issue["labels"] = _make_labels(call.hub, _label_names(sent["labels"]))
    if "state" in sent:
        _set_state(call.hub, issue, sent["state"], sent.get("state_reason"))
    issue["updated_at"] = call.hub.now
    return Answer(body=call.shapes.issue(issue))


def add_issue(
    hub: Hub,
    title: str,
    body: str | None,
    *,
    labels: Iterable[str] = (),
    user: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Opens an issue in the name of `user`; labels that are missing are made, as GitHub does."""
    number = len(hub.issues) + 1
    issue = {
        "id": 1000 + number,
        "number": number,
        "title": title,
        "body": body,
        "state": "open",
        "state_reason": None,
        "created_at": hub.now,
        "updated_at": hub.now,
        "closed_at": None,
        "user": user or SOMEBODY,
        "labels": _make_labels(hub, labels),
    }
    hub.issues[number] = issue
    return issue


def _issue(call: Call) -> dict[str, Any]:
    text = call.variables["issue_number"]
    number = int(text) if text.isdigit() else 0
    if number not in call.hub.pulls:
        _need_issues(call.hub)
    if number not in call.hub.issues:
        raise ApiError(404, "Not Found")
    return call.hub.issues[number]


def _need_issues(hub: Hub) -> None:
    if not hub.has_issues:
        raise ApiError(410, "Issues has been disabled in this repository.")


def _check_text(resource: str, title: Any, body: str | None) -> None:
    if title is None or not str(title).strip():
        raise invalid(resource, "title", "missing_field")
    for name, text, limit in (("title", str(title), _TITLE), ("body", body or "", _BODY)):
        if len(text) > limit:
            words = f"{name} is too long (maximum is {limit} characters)"
            raise invalid(resource, name, "custom", words)


def _set_state(hub: Hub, issue: dict[str, Any], state: str, reason: str | None) -> None:
    if state not in {"open", "closed"}:
        raise invalid("Issue", "state", "invalid")
    if state != issue["state"]:
        issue["state"] = state
        issue["closed_at"] = hub.now if state == "closed" else None
        issue["state_reason"] = "completed" if state == "closed" else "reopened"
    if reason:
        issue["state_reason"] = reason


def _sorted(call: Call, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    field = {"updated": "updated_at"}.get(call.request.query.get("sort", ""), "created_at")
    descending = call.request.query.get("direction", "desc") == "desc"
    return sorted(found, key=lambda one: (one[field], one["number"]), reverse=descending)


# Comments


def list_comments(call: Call) -> Answer:
    number = _issue(call)["number"]
    page, headers = page_of(call, call.hub.comments.get(number, []))
    return Answer(body=[call.shapes.comment(comment, number) for comment in page], headers=headers)


def create_comment(call: Call) -> Answer:
    number = _issue(call)["number"]
    _check_text("IssueComment", "-", call.need("body"))
    comments = call.hub.comments.setdefault(number, [])
    now = call.hub.now
    identity = 5000 + sum(len(found) for found in call.hub.comments.values())
    comments.append(
        {"id": identity, "body": call.sent["body"], "created_at": now, "updated_at": now}
    )
    shape = call.shapes.comment(comments[-1], number)
    return Answer(status=201, body=shape, headers={"Location": shape["url"]})


# Labels


def list_labels(call: Call) -> Answer:
    page, headers = page_of(call, [label for _, label in sorted(call.hub.labels.items())])
    return Answer(body=[call.shapes.label(label) for label in page], headers=headers)


def get_label(call: Call) -> Answer:
    label = call.hub.labels.get(call.variables["name"].lower())
    if label is None:
        raise ApiError(404, "Not Found")
    return Answer(body=call.shapes.label(label))


def create_label(call: Call) -> Answer:
    sent = call.sent
    name = str(sent.get("name") or "").strip()
    if not name:
        raise invalid("Label", "name", "missing_field")
    if name.lower() in call.hub.labels:
        raise invalid("Label", "name", "already_exists")
    limits = (("name", name, _LABEL), ("description", sent.get("description", ""), _DESCRIPTION))
    for field, text, limit in limits:
        if len(text) > limit:
            words = f"{field} is too long (maximum is {limit} characters)"
            raise invalid("Label", field, "custom", words)
    if not re.fullmatch(r"[0-9a-fA-F]{6}", sent.get("color", "ededed")):
        raise invalid("Label", "color", "invalid")
    _make_labels(call.hub, [name])
    label = call.hub.labels[name.lower()]
    label.update(color=sent.get("color", "ededed"), description=sent.get("description"))
    shape = call.shapes.label(label)
    return Answer(status=201, body=shape, headers={"Location": shape["url"]})


def add_labels(call: Call) -> Answer:
    issue = _issue(call)
    if call.hub.push_access:
        given = call.parsed if isinstance(call.parsed, list) else call.need("labels")
        added = _make_labels(call.hub, _label_names(given))
        issue["labels"] += [name for name in added if name not in issue["labels"]]
    return Answer(body=[call.shapes.label(call.hub.labels[name]) for name in issue["labels"]])


def _label_names(given: Iterable[Any]) -> list[str]:
    return [label if isinstance(label, str) else label["name"] for label in given]


def _make_labels(hub: Hub, names: Iterable[str]) -> list[str]:
    """Makes what is missing, and returns the labels' keys."""
    keys = []
    for name in names:
        number = 9000 + len(hub.labels)
        fresh = {"id": number, "node_id": f"LA_{number}", "name": name, "color": "ededed"}
        hub.labels.setdefault(name.lower(), {**fresh, "default": False, "description": None})
        if name.lower() not in keys:
            keys.append(name.lower())
    return keys


# Pull requests


def list_pulls(call: Call) -> Answer:
    hub, query = call.hub, call.request.query
    settle_pulls(hub)
    owner, colon, branch = query.get("head", "").partition(":")
    found = [
        hub.issues[number]
        for number, pull in hub.pulls.items()
        if query.get("state", "open") in {hub.issues[number]["state"], "all"}
        # GitHub ignores a head that does not name the owner.
        and (not colon or (owner, branch) == (hub.full_name.partition("/")[0], pull["head"]))
        and query.get("base", pull["base"]) == pull["base"]
    ]
    page, headers = page_of(call, _sorted(call, found))
    shapes = [call.shapes.pull(issue["number"], whole=False) for issue in page]
    return Answer(body=shapes, headers=headers)


def get_pull(call: Call) -> Answer:
    settle_pulls(call.hub)
    return Answer(body=call.shapes.pull(_pull_number(call)))


def create_pull(call: Call) -> Answer:
    hub, sent = call.hub, call.sent
    if not hub.actions_may_open_pulls:
        words = "GitHub Actions is not permitted to create or approve pull requests."
        raise ApiError(403, words)
    settle_pulls(hub)
    owner = hub.full_name.partition("/")[0]
    head, base = call.need("head").removeprefix(f"{owner}:"), call.need("base")
    head_sha, base_sha = _branch(hub, "head", head), _branch(hub, "base", base)
    _check_text("PullRequest", sent.get("title"), sent.get("body"))
    if hub.repository.is_ancestor(head_sha, base_sha):
        words = f"No commits between {base} and {head}"
        raise invalid("PullRequest", None, "custom", words)
    if any(_is_open(hub, number, head, base) for number in hub.pulls):
        words = f"A pull request already exists for {owner}:{head}."
        raise invalid("PullRequest", None, "custom", words)
    issue = add_issue(hub, sent["title"], sent.get("body"), user=BOT)
    hub.pulls[issue["number"]] = {
        "head": head,
        "head_sha": head_sha,
        "base": base,
        "base_sha": base_sha,
        "draft": bool(sent.get("draft")),
        "merged_at": None,
        "merge_commit_sha": None,
    }
    shape = call.shapes.pull(issue["number"])
    return Answer(status=201, body=shape, headers={"Location": shape["url"]})


def update_pull(call: Call) -> Answer:
    hub, sent = call.hub, call.sent
    settle_pulls(hub)
    number = _pull_number(call)
    issue, pull = hub.issues[number], hub.pulls[number]
    _check_text("PullRequest", sent.get("title", issue["title"]), sent.get("body"))
    if "base" in sent:
        pull["base_sha"] = _branch(hub, "base", sent["base"])
        pull["base"] = sent["base"]
    for name in ("title", "body"):
        if name in sent:
            issue[name] = sent[name]
    if sent.get("state") == "open" and issue["state"] == "closed":
        _check_reopening(hub, number)
    if "state" in sent:
        _set_state(hub, issue, sent["state"], None)
    issue["updated_at"] = hub.now
    return Answer(body=call.shapes.pull(number))


def settle_pulls(hub: Hub) -> None:
    """Lets open pull requests follow their branches.

    One whose commits are all in its base is merged, one whose branch is gone is closed.
    """
    for number, pull in hub.pulls.items():
        issue = hub.issues[number]
        if issue["state"] == "closed":
            continue
        head = hub.repository.resolve(f"refs/heads/{pull['head']}")
        base = hub.repository.resolve(f"refs/heads/{pull['base']}")
        if head is None or base is None:
            _set_state(hub, issue, "closed", None)
        elif hub.repository.is_ancestor(head, base):
            _set_state(hub, issue, "closed", None)
            if head == pull["head_sha"]:
                pull.update(merged_at=hub.now, merge_commit_sha=base)
        elif head != pull["head_sha"]:
            pull.update(head_sha=head, base_sha=base)


def _pull_number(call: Call) -> int:
    text = call.variables["pull_number"]
    if not text.isdigit() or int(text) not in call.hub.pulls:
        raise ApiError(404, "Not Found")
    return int(text)


def _branch(hub: Hub, side: str, name: str) -> str:
    sha = hub.repository.resolve(f"refs/heads/{name}")
    if sha is None:
        raise invalid("PullRequest", side, "invalid")
    return sha


def _is_open(hub: Hub, number: int, head: str, base: str) -> bool:
    pull = hub.pulls[number]
    return hub.issues[number]["state"] == "open" and (pull["head"], pull["base"]) == (head, base)


def _check_reopening(hub: Hub, number: int) -> None:
    pull = hub.pulls[number]
    if pull["merged_at"] or not hub.repository.resolve(f"refs/heads/{pull['head']}"):
        words = f"state cannot be changed. The {pull['head']} branch has been deleted."
        raise invalid("PullRequest", "state", "invalid", words)
