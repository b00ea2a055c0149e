"""The JSON that GitHub gives for its things, with the addresses of the host that was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.standins.github_api import stamp

if TYPE_CHECKING:
    from tests.standins.git import Change, Commit, Entry, Person
    from tests.standins.github_api import Hub

__all__ = ["SIGNATURE", "WEB_FLOW", "Shapes"]

WEB_FLOW = ("GitHub", "noreply@github.com")
"""Name and address of the committer of what GitHub itself commits."""

SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\nbm90IGEgc2lnbmF0dXJl\n-----END PGP SIGNATURE-----\n"
"""In place of GitHub's signature; it signs nothing."""

REPOSITORY_ID = 4321
_BOT_ID = 41898282
_OWNER_ID = 100

_REPOSITORY_ADDRESSES = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}
_USER_ADDRESSES = {
    "events": "/events{/privacy}",
    "followers": "/followers",
    "following": "/following{/other_user}",
    "gists": "/gists{/gist_id}",
    "organizations": "/orgs",
    "received_events": "/received_events",
    "repos": "/repos",
    "starred": "/starred{/owner}{/repo}",
    "subscriptions": "/subscriptions",
}
_CHANGES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}
_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


class Shapes:
    """Writes one repository's things for a client that asked `host`."""

    def __init__(self, hub: Hub, *, host: str, prefix: str) -> None:
        """`host` is as in `http://127.0.0.1:40123`; `prefix` is the API's path below it."""
        self.hub = hub
        self.host = host
        self.root = host + prefix
        self.api = f"{self.root}/repos/{hub.full_name}"
        self.html = f"{host}/{hub.full_name}"

    # People and the repository

    def user(self, login: str, number: int, kind: str = "User") -> dict[str, Any]:
        """An account."""
        api = f"{self.root}/users/{quote(login)}"
        page = f"apps/{login.removesuffix('[bot]')}" if kind == "Bot" else login
        return {
            "login": login,
            "id": number,
            "node_id": f"U_{number}",
            "avatar_url": f"{self.host}/avatars/{number}",
            "gravatar_id": "",
            "url": api,
            "html_url": f"{self.host}/{page}",
            **{f"{name}_url": api + path for name, path in _USER_ADDRESSES.items()},
            "type": kind,
            "user_view_type": "public",
            "site_admin": False,
        }

    def actor(self) -> dict[str, Any]:
        """The account that the workflow's token acts for."""
        return self.user("github-actions[bot]", _BOT_ID, "Bot")

    def owner(self) -> dict[str, Any]:
        """The account that the repository belongs to."""
        return self.user(self.hub.full_name.partition("/")[0], _OWNER_ID)

    def repository(self) -> dict[str, Any]:
        """The repository."""
        hub = self.hub
        name = hub.full_name.partition("/")[2]
        open_issues = sum(issue["state"] == "open" for issue in hub.issues.values())
        begin = stamp(0)
        return {
            "id": REPOSITORY_ID,
            "node_id": f"R_{REPOSITORY_ID}",
            "name": name,
            "full_name": hub.full_name,
            "private": hub.private,
            "owner": self.owner(),
            "html_url": self.html,
            "description": None,
            "fork": False,
            "url": self.api,
            **{f"{word}_url": self.api + path for word, path in _REPOSITORY_ADDRESSES.items()},
            "git_url": f"git://{self.html.partition('://')[2]}.git",
            "ssh_url": f"git@{self.host.partition('://')[2]}:{hub.full_name}.git",
            "clone_url": f"{self.html}.git",
            "svn_url": self.html,
            "mirror_url": None,
            "homepage": None,
            "created_at": begin,
            "updated_at": begin,
            "pushed_at": begin,
            "size": 0,
            "stargazers_count": 0,
            "watchers_count": 0,
            "watchers": 0,
            "language": None,
            "has_issues": hub.has_issues,
            "has_projects": True,
            "has_downloads": True,
            "has_wiki": True,
            "has_pages": False,
            "has_discussions": False,
            "forks_count": 0,
            "forks": 0,
            "archived": hub.archived,
            "disabled": False,
            "open_issues_count": open_issues,
            "open_issues": open_issues,
            "license": None,
            "allow_forking": True,
            "is_template": False,
            "web_commit_signoff_required": False,
            "topics": [],
            "visibility": "private" if hub.private else "public",
            "default_branch": hub.default_branch,
            "permissions": {
                "admin": False,
                "maintain": False,
                "push": hub.may("contents", "write"),
                "triage": False,
                "pull": True,
            },
        }

    def full_repository(self) -> dict[str, Any]:
        """The repository, as its own endpoint gives it."""
        return {
            **self.repository(),
            "temp_clone_token": "",
            "network_count": 0,
            "subscribers_count": 0,
        }

    # Git's objects

    def ref(self, name: str, sha: str) -> dict[str, Any]:
        """A ref, with the object that it names."""
        kind = self.hub.repository.kind(sha) or "commit"
        return {
            "ref": name,
            "node_id": f"REF_{name}",
            "url": f"{self.api}/git/{quote(name)}",
            "object": {"sha": sha, "type": kind, "url": f"{self.api}/git/{kind}s/{sha}"},
        }

    def tree(self, sha: str, entries: list[Entry], *, truncated: bool = False) -> dict[str, Any]:
        """A tree's listing."""
        return {
            "sha": sha,
            "url": f"{self.api}/git/trees/{sha}",
            "tree": [self._tree_entry(entry) for entry in entries],
            "truncated": truncated,
        }

    def _tree_entry(self, entry: Entry) -> dict[str, Any]:
        shape: dict[str, Any] = {
            "path": entry.path,
            "mode": entry.mode,
            "type": entry.kind,
            "sha": entry.sha,
        }
        if entry.size is not None:
            shape["size"] = entry.size
        if entry.kind != "commit":
            shape["url"] = f"{self.api}/git/{entry.kind}s/{entry.sha}"
        return shape

    def git_commit(self, commit: Commit) -> dict[str, Any]:
        """A commit as the Git Data API gives it."""
        return {
            "sha": commit.sha,
            "node_id": f"C_{commit.sha}",
            "url": f"{self.api}/git/commits/{commit.sha}",
            "html_url": f"{self.html}/commit/{commit.sha}",
            "author": _person(commit.author),
            "committer": _person(commit.committer),
            "tree": {"sha": commit.tree, "url": f"{self.api}/git/trees/{commit.tree}"},
            "message": commit.message,
            "parents": [
                {
                    "sha": parent,
                    "url": f"{self.api}/git/commits/{parent}",
                    "html_url": f"{self.html}/commit/{parent}",
                }
                for parent in commit.parents
            ],
            "verification": _verification(commit),
        }

    def commit(self, commit: Commit, changes: list[Change] | None = None) -> dict[str, Any]:
        """A commit as the Commits API gives it; with `changes` in the long form."""
        git = self.git_commit(commit)
        url = f"{self.api}/commits/{commit.sha}"
        shape = {
            "sha": commit.sha,
            "node_id": git["node_id"],
            "commit": {
                "author": git["author"],
                "committer": git["committer"],
                "message": commit.message,
                "tree": git["tree"],
                "url": git["url"],
                "comment_count": 0,
                "verification": git["verification"],
            },
            "url": url,
            "html_url": git["html_url"],
            "comments_url": f"{url}/comments",
            "author": self._account(commit.author),
            "committer": self._account(commit.committer),
            "parents": [
                {**parent, "url": f"{self.api}/commits/{parent['sha']}"}
                for parent in git["parents"]
            ],
        }
        if changes is not None:
            added = sum(change.added for change in changes)
            deleted = sum(change.deleted for change in changes)
            shape["stats"] = {"total": added + deleted, "additions": added, "deletions": deleted}
            shape["files"] = [self.change(change, commit.sha) for change in changes]
        return shape

    def _account(self, person: Person) -> dict[str, Any] | None:
        if person.email == WEB_FLOW[1]:
            return self.user("web-flow", 19864447)
        return self.actor() if person.email.startswith(str(_BOT_ID)) else None

    def change(self, change: Change, sha: str) -> dict[str, Any]:
        """One file of a diff."""
        path = quote(change.path)
        shape = {
            "sha": change.sha,
            "filename": change.path,
            "status": _CHANGES[change.letter],
            "additions": change.added,
            "deletions": change.deleted,
            "changes": change.added + change.deleted,
            "blob_url": f"{self.html}/blob/{sha}/{path}",
            "raw_url": f"{self.html}/raw/{sha}/{path}",
            "contents_url": f"{self.api}/contents/{path}?ref={sha}",
        }
        if change.patch is not None:
            shape["patch"] = change.patch
        if change.previous_path is not None:
            shape["previous_filename"] = change.previous_path
        return shape

    def branch(self, name: str, commit: Commit) -> dict[str, Any]:
        """A branch and the commit that it names."""
        url = f"{self.api}/branches/{quote(name)}"
        protected = name in self.hub.rules
        level = "non_admins" if protected else "off"
        return {
            "name": name,
            "commit": self.commit(commit),
            "_links": {"self": url, "html": f"{self.html}/tree/{quote(name)}"},
            "protected": protected,
            "protection": {
                "enabled": protected,
                "required_status_checks": {
                    "enforcement_level": level,
                    "contexts": [],
                    "checks": [],
                },
            },
            "protection_url": f"{url}/protection",
        }

    # Files

    def content(self, entry: Entry, ref: str, size: int) -> dict[str, Any]:
        """What files, folders, symbolic links and submodules have in common."""
        kind = {"tree": "dir", "commit": "submodule"}.get(entry.kind, "file")
        kind = "symlink" if entry.mode == "120000" else kind
        path = quote(entry.path)
        url = f"{self.api}/contents/{path}?ref={quote(ref, safe='')}"
        part = "tree" if kind in {"dir", "submodule"} else "blob"
        git = None if kind == "submodule" else f"{self.api}/git/{part}s/{entry.sha}"
        page = None if kind == "submodule" else f"{self.html}/{part}/{quote(ref)}/{path}"
        raw = f"{self.html}/raw/{quote(ref)}/{path}" if part == "blob" else None
        return {
            "name": entry.path.rpartition("/")[2],
            "path": entry.path,
            "sha": entry.sha,
            "size": size,
            "url": url,
            "html_url": page,
            "git_url": git,
            "download_url": raw,
            "type": kind,
            "_links": {"self": url, "git": git, "html": page},
        }

    # Issues and pull requests

    def label(self, label: dict[str, Any]) -> dict[str, Any]:
        """A label."""
        return {**label, "url": f"{self.api}/labels/{quote(label['name'], safe='')}"}

    def issue(self, issue: dict[str, Any]) -> dict[str, Any]:
        """An issue (or a pull request seen as one)."""
        number = issue["number"]
        pull = self.hub.pulls.get(number)
        url = f"{self.api}/issues/{number}"
        html = f"{self.html}/{'pull' if pull else 'issues'}/{number}"
        shape = {
            **self._discussion(issue),
            "url": url,
            "repository_url": self.api,
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "timeline_url": f"{url}/timeline",
            "html_url": html,
            "comments": len(self.hub.comments.get(number, [])),
            "reactions": self._reactions(url),
            "state_reason": issue["state_reason"],
            "performed_via_github_app": None,
            "closed_by": self.actor() if issue["closed_at"] else None,
        }
        if pull:
            shape["pull_request"] = {
                "url": f"{self.api}/pulls/{number}",
                "html_url": html,
                "diff_url": f"{html}.diff",
                "patch_url": f"{html}.patch",
                "merged_at": pull["merged_at"],
            }
        return shape

    def comment(self, comment: dict[str, Any], number: int) -> dict[str, Any]:
        """A comment of the issue `number`."""
        url = f"{self.api}/issues/comments/{comment['id']}"
        return {
            **comment,
            "node_id": f"IC_{comment['id']}",
            "url": url,
            "html_url": f"{self.html}/issues/{number}#issuecomment-{comment['id']}",
            "issue_url": f"{self.api}/issues/{number}",
            "user": self.actor(),
            "author_association": "NONE",
            "reactions": self._reactions(url),
            "performed_via_github_app": None,
        }

    def pull(self, number: int, *, whole: bool = True) -> dict[str, Any]:
        """A pull request; `whole` is the form that its own endpoint gives."""
        issue, pull = self.hub.issues[number], self.hub.pulls[number]
        url, html = f"{self.api}/pulls/{number}", f"{self.html}/pull/{number}"
        issue_url = f"{self.api}/issues/{number}"
        statuses = f"{self.api}/statuses/{pull['head_sha']}"
        addresses = {
            "html": html,
            "issue": issue_url,
            "comments": f"{issue_url}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{self.api}/pulls/comments{{/number}}",
            "commits": f"{url}/commits",
            "statuses": statuses,
        }
        shape = {
            **self._discussion(issue),
            "url": url,
            "issue_url": issue_url,
            **{f"{name}_url": address for name, address in addresses.items() if name != "issue"},
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "merged_at": pull["merged_at"],
            "merge_commit_sha": pull["merge_commit_sha"],
            "draft": pull["draft"],
            "requested_reviewers": [],
            "requested_teams": [],
            "head": self._side(pull["head"], pull["head_sha"]),
            "base": self._side(pull["base"], pull["base_sha"]),
            "_links": {
                "self": {"href": url},
                **{name: {"href": address} for name, address in addresses.items()},
            },
            "auto_merge": None,
        }
        return {**shape, **self._pull_details(number)} if whole else shape

    def _pull_details(self, number: int) -> dict[str, Any]:
        pull = self.hub.pulls[number]
        repository = self.hub.repository
        base = repository.merge_base(pull["base_sha"], pull["head_sha"])
        changes = repository.changes(base, pull["head_sha"])
        return {
            "merged": pull["merged_at"] is not None,
            "mergeable": None,
            "rebaseable": None,
            "mergeable_state": "unknown",
            "merged_by": self.owner() if pull["merged_at"] else None,
            "comments": len(self.hub.comments.get(number, [])),
            "review_comments": 0,
            "maintainer_can_modify": False,
            "commits": len(repository.between(pull["base_sha"], pull["head_sha"])),
            "additions": sum(change.added for change in changes),
            "deletions": sum(change.deleted for change in changes),
            "changed_files": len(changes),
        }

    def _side(self, branch: str, sha: str) -> dict[str, Any]:
        owner = self.owner()
        return {
            "label": f"{owner['login']}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": owner,
            "repo": self.repository(),
        }

    def _discussion(self, issue: dict[str, Any]) -> dict[str, Any]:
        """What issues and pull requests have in common."""
        names = ("id", "number", "title", "body", "state", "created_at", "updated_at", "closed_at")
        return {
            **{name: issue[name] for name in names},
            "node_id": f"I_{issue['id']}",
            "user": self.user(**issue["user"]),
            "labels": [self.label(self.hub.labels[name]) for name in issue["labels"]],
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "locked": False,
            "active_lock_reason": None,
            "author_association": "NONE",
        }

    def _reactions(self, url: str) -> dict[str, Any]:
        return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(_REACTIONS, 0)}


def _person(person: Person) -> dict[str, Any]:
    return {"name": person.name, "email": person.email, "date": stamp(person.when)}


def _verification(commit: Commit) -> dict[str, Any]:
    signed = commit.signature is not None
    return {
        "verified": signed,
        "reason": "valid" if signed else "unsigned",
        "signature": commit.signature,
        "payload": f"tree {commit.tree}\n" if signed else None,
        "verified_at": stamp(commit.committer.when) if signed else None,
    }
