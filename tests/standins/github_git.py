"""The endpoints of the GitHub stand-in that read and write the git repository.

Not imitated: annotated tags are read but cannot be made, diffs come whole whatever their size, and
a symbolic link is followed only if it names a file beside it or below a folder.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
import subprocess
from calendar import timegm
from datetime import datetime
from typing import Any

from tests.standins.git import Commit, Entry, NotFastForwardError, Person
from tests.standins.github_api import Answer, ApiError, Call
from tests.standins.github_shapes import REPOSITORY_ID, SIGNATURE, WEB_FLOW

_NOTHING = "0" * 40
_INLINE_CONTENT = 1024 * 1024
"""Up to so many bytes, the contents endpoint gives a file's content within its JSON."""
_LISTING = 1_000
"""It lists so many entries of a folder."""
_RAW_CONTENT = 100 * 1024 * 1024
"""Up to so many bytes, it gives it at all."""
_INLINE_TREE = 2_500_000
"""A tree with more inline content than this takes longer than GitHub waits for it."""
_FILE_MODES = frozenset({"100644", "100755", "120000"})
_MODES = _FILE_MODES | {"040000", "160000"}
_BOT = ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")


# Names


def _whole(call: Call) -> None:
    """Refuses what needs at least one commit."""
    if call.hub.is_empty:
        raise ApiError(409, "Git Repository is empty.")


def _find_commit(call: Call, name: str) -> str | None:
    """The commit that a branch, a tag, a ref or a sha names."""
    candidates = [f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name}"]
    if name == "HEAD" or name.startswith("refs/") or re.fullmatch(r"[0-9a-f]{4,40}", name):
        candidates.append(name)
    for candidate in candidates:
        found = call.hub.repository.resolve(f"{candidate}^{{commit}}")
        if found:
            return found
    return None


def _object(call: Call, sha: Any, kind: str) -> bool:
    """Whether `sha` is the full name of an object of this kind."""
    return (
        isinstance(sha, str)
        and re.fullmatch(r"[0-9a-f]{40}", sha) is not None
        and call.hub.repository.kind(sha) == kind
    )


def moved(call: Call, rest: str) -> ApiError:
    """Where something is now, relative to the repository: GitHub redirects to its number."""
    _, mark, query = call.request.target.partition("?")
    url = f"{call.shapes.root}/repositories/{REPOSITORY_ID}" + (f"/{rest}" if rest else "")
    url += mark + query
    safe = call.request.method in {"GET", "HEAD"}
    status, words = (301, "Moved Permanently") if safe else (307, "Temporary Redirect")
    docs = "guides/best-practices-for-using-the-rest-api#follow-redirects"
    return ApiError(status, words, headers={"Location": url}, docs=docs, url=url)


# The repository, its branches and commits


def get_repository(call: Call) -> Answer:
    return Answer(body=call.shapes.full_repository())


def get_branch(call: Call) -> Answer:
    name = call.variables["branch"]
    sha = call.hub.repository.resolve(f"refs/heads/{name}")
    if sha is None and name in call.hub.renamed_branches:
        raise moved(call, f"branches/{call.hub.renamed_branches[name]}")
    if sha is None:
        raise ApiError(404, "Branch not found")
    return Answer(body=call.shapes.branch(name, call.hub.repository.commit(sha)))


def get_commit(call: Call) -> Answer:
    _whole(call)
    repository = call.hub.repository
    name = call.variables["ref"]
    sha = _find_commit(call, name)
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {name}")
    if call.accepts("sha"):
        headers = {"Content-Type": "application/vnd.github.sha; charset=utf-8"}
        return Answer(body=sha.encode(), headers=headers)
    commit = repository.commit(sha)
    changes = repository.changes(commit.parents[0] if commit.parents else None, sha)
    return Answer(body=call.shapes.commit(commit, changes))


def compare(call: Call) -> Answer:
    repository, shapes = call.hub.repository, call.shapes
    old_name, dots, new_name = call.variables["basehead"].partition("...")
    old, new = _find_commit(call, old_name), _find_commit(call, new_name)
    if not dots or old is None or new is None:
        raise ApiError(404, "Not Found")
    base = repository.merge_base(old, new)
    if base is None:
        raise ApiError(404, f"No common ancestor between {old_name} and {new_name}.")
    ahead, behind = repository.between(old, new), repository.between(new, old)
    words = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    page = f"{shapes.html}/compare/{old_name}...{new_name}"
    return Answer(
        body={
            "url": f"{shapes.api}/compare/{old_name}...{new_name}",
            "html_url": page,
            "permalink_url": f"{shapes.html}/compare/{old[:7]}...{new[:7]}",
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "base_commit": shapes.commit(repository.commit(old)),
            "merge_base_commit": shapes.commit(repository.commit(base)),
            "status": words.get((bool(ahead), bool(behind)), "diverged"),
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": [shapes.commit(repository.commit(sha)) for sha in ahead[:250]],
            "files": [shapes.change(change, new) for change in repository.changes(base, new)],
        }
    )


# Refs


def get_ref(call: Call) -> Answer:
    _whole(call)
    name = f"refs/{call.variables['ref']}"
    sha = call.hub.repository.resolve(name)
    if sha is None:
        raise ApiError(404, "Not Found")
    return Answer(body=call.shapes.ref(name, sha))


def list_matching_refs(call: Call) -> Answer:
    _whole(call)
    refs = call.hub.repository.refs(f"refs/{call.variables['ref']}")
    return Answer(body=[call.shapes.ref(name, sha) for name, sha in refs.items()])


def create_ref(call: Call) -> Answer:
    _whole(call)
    repository = call.hub.repository
    name, sha = call.need("ref"), call.need("sha")
    if not name.startswith("refs/") or name.count("/") < 2:
        raise ApiError(422, "Reference name must start with 'refs/' and have at least two slashes")
    if not repository.is_ref_name(name):
        raise ApiError(422, f"{name} is not a valid ref name.")
    if not _object(call, sha, "commit"):
        raise ApiError(422, "Object does not exist")
    if repository.resolve(name):
        raise ApiError(422, "Reference already exists")
    _set_ref(call, name, sha, old=_NOTHING)
    location = f"{call.shapes.api}/git/{name}"
    return Answer(status=201, body=call.shapes.ref(name, sha), headers={"Location": location})


def update_ref(call: Call) -> Answer:
    _whole(call)
    repository = call.hub.repository
    name, sha = f"refs/{call.variables['ref']}", call.need("sha")
    old = repository.resolve(name)
    if old is None:
        raise ApiError(422, "Reference does not exist")
    if not _object(call, sha, "commit"):
        raise ApiError(422, "Object does not exist")
    _heed_rules(call, name, 422)
    if call.sent.get("force"):
        _set_ref(call, name, sha, old=old)
    else:
        try:
            repository.fast_forward(name, sha)
        except NotFastForwardError:
            raise ApiError(422, "Update is not a fast forward") from None
    return Answer(body=call.shapes.ref(name, sha))


def delete_ref(call: Call) -> Answer:
    _whole(call)
    name = f"refs/{call.variables['ref']}"
    if call.hub.repository.resolve(name) is None:
        raise ApiError(422, "Reference does not exist")
    _heed_rules(call, name, 422)
    call.hub.repository.delete_ref(name)
    return Answer(status=204)


def _heed_rules(call: Call, name: str, status: int) -> None:
    words = call.hub.rules.get(name.removeprefix("refs/heads/"))
    if words:
        raise ApiError(status, words)


def _set_ref(call: Call, name: str, sha: str, *, old: str) -> None:
    try:
        call.hub.repository.update_ref(name, sha, old=old)
    except subprocess.CalledProcessError:
        # Chiefly `a/b` where there is a branch `a`.
        raise ApiError(422, "Reference update failed") from None


# Objects


def get_git_commit(call: Call) -> Answer:
    _whole(call)
    sha = call.variables["commit_sha"]
    if not _object(call, sha, "commit"):
        raise ApiError(404, "Not Found")
    return Answer(body=call.shapes.git_commit(call.hub.repository.commit(sha)))


def create_commit(call: Call) -> Answer:
    _whole(call)
    message, tree = call.need("message"), call.need("tree")
    parents = call.sent.get("parents") or []
    if not _object(call, tree, "tree"):
        raise ApiError(422, "Tree SHA does not exist")
    if not all(_object(call, parent, "commit") for parent in parents):
        raise ApiError(422, "Parent SHA does not exist or is not a commit object")
    commit = _commit(call, tree, message, parents)
    return Answer(
        status=201,
        body=call.shapes.git_commit(commit),
        headers={"Location": f"{call.shapes.api}/git/commits/{commit.sha}"},
    )


def _commit(call: Call, tree: str, message: str, parents: list[str]) -> Commit:
    """Writes a commit: GitHub's own, signed, unless the request names who made it."""
    bot = {"name": _BOT[0], "email": _BOT[1]}
    author = call.sent.get("author") or call.sent.get("committer")
    committer = call.sent.get("committer") or call.sent.get("author")
    web_flow = {"name": WEB_FLOW[0], "email": WEB_FLOW[1]}
    sha = call.hub.repository.write_commit(
        tree,
        message,
        parents=parents,
        author=_person(call, author or bot),
        committer=_person(call, committer or web_flow),
        signature=None if author else SIGNATURE,
    )
    return call.hub.repository.commit(sha)


def _person(call: Call, given: dict[str, Any]) -> Person:
    when = int(call.hub.clock())
    if given.get("date"):
        when = timegm(datetime.fromisoformat(given["date"]).utctimetuple())
    return Person(name=given.get("name", ""), email=given.get("email", ""), when=when)


def get_blob(call: Call) -> Answer:
    _whole(call)
    sha = call.variables["file_sha"]
    content = call.hub.repository.blob(sha) if _object(call, sha, "blob") else None
    if content is None:
        raise ApiError(404, "Not Found")
    if call.accepts("raw"):
        return _raw(content)
    return Answer(
        body={
            "sha": sha,
            "node_id": f"B_{sha}",
            "size": len(content),
            "url": f"{call.shapes.api}/git/blobs/{sha}",
            "content": _lines(content),
            "encoding": "base64",
        }
    )


def create_blob(call: Call) -> Answer:
    _whole(call)
    content = call.need("content")
    encoding = call.sent.get("encoding", "utf-8")
    if encoding not in {"utf-8", "base64"}:
        raise ApiError(422, f"Invalid encoding: {encoding}")
    raw = _decoded(content) if encoding == "base64" else content.encode()
    sha = call.hub.repository.write_blob(raw)
    url = f"{call.shapes.api}/git/blobs/{sha}"
    return Answer(status=201, body={"sha": sha, "url": url}, headers={"Location": url})


def get_tree(call: Call) -> Answer:
    _whole(call)
    repository = call.hub.repository
    name = call.variables["tree_sha"]
    sha = name if _object(call, name, "tree") else _find_commit(call, name)
    if sha is None:
        raise ApiError(404, "Not Found")
    entries = repository.listing(sha, recursive="recursive" in call.request.query)
    most = call.hub.tree_entries
    tree = repository.resolve(f"{sha}^{{tree}}") or sha
    return Answer(body=call.shapes.tree(tree, entries[:most], truncated=len(entries) > most))


def create_tree(call: Call) -> Answer:
    _whole(call)
    repository = call.hub.repository
    given, base = call.need("tree"), call.sent.get("base_tree")
    if base is not None and not (_object(call, base, "tree") or _object(call, base, "commit")):
        raise ApiError(422, "base_tree is not a valid tree oid")
    if not isinstance(given, list) or not given:
        raise ApiError(422, "Invalid tree info")
    if sum(len((line.get("content") or "").encode()) for line in given) > _INLINE_TREE:
        raise ApiError(502, "We couldn't respond to your request in time. Sorry about that.")
    changes = [_tree_change(call, line, base) for line in given]
    sha = repository.write_tree(changes, base=base)
    return Answer(
        status=201,
        body=call.shapes.tree(sha, repository.listing(sha)),
        headers={"Location": f"{call.shapes.api}/git/trees/{sha}"},
    )


def _tree_change(call: Call, line: dict[str, Any], base: str | None) -> Entry:
    path, mode = line.get("path"), line.get("mode")
    parts = path.split("/") if isinstance(path, str) else [""]
    if any(part.lower() in {"", ".", "..", ".git"} for part in parts) or not path:
        raise ApiError(422, "tree.path contains a malformed path component")
    if mode not in _MODES:
        raise ApiError(422, "Must supply a valid tree.mode")
    kind = {"040000": "tree", "160000": "commit"}.get(mode, "blob")
    if "content" in line:
        if line.get("sha") is not None or mode not in _FILE_MODES:
            raise ApiError(422, "Must supply either tree.sha or tree.content, not both.")
        sha = call.hub.repository.write_blob(line["content"].encode())
    elif line.get("sha") is not None:
        sha = line["sha"]
        if kind != "commit" and not _object(call, sha, kind):
            raise ApiError(422, f"tree.sha is not a valid {kind}")
    elif "sha" in line:
        if base is None or call.hub.repository.entry(base, path) is None:
            raise ApiError(422, "GitRPC::BadObjectState")
        sha = _NOTHING
    else:
        raise ApiError(422, "Must supply either tree.sha or tree.content.")
    return Entry(mode=mode, kind=kind, sha=sha, path=path)


# Contents


def get_contents(call: Call) -> Answer:
    repository = call.hub.repository
    if call.hub.is_empty:
        raise ApiError(
            404, "This repository is empty.", docs="repos/contents#get-repository-content"
        )
    path = call.variables["path"].strip("/")
    ref = call.request.query.get("ref") or call.hub.default_branch
    commit = _find_commit(call, ref)
    if commit is None:
        raise ApiError(404, f"No commit found for the ref {ref}")
    if not path:
        return _folder(call, commit, "", ref)
    entry = repository.entry(commit, path)
    if entry is None:
        raise ApiError(404, "Not Found")
    if entry.kind == "tree":
        return _folder(call, entry.sha, f"{path}/", ref)
    if entry.kind == "commit":
        return Answer(body=_submodule(call, entry, ref))
    return _file(call, commit, entry, ref)


def _folder(call: Call, tree: str, prefix: str, ref: str) -> Answer:
    shapes = []
    for entry in call.hub.repository.listing(tree)[:_LISTING]:
        whole = Entry(mode=entry.mode, kind=entry.kind, sha=entry.sha, path=prefix + entry.path)
        shape = call.shapes.content(whole, ref, entry.size or 0)
        if entry.kind == "commit":
            shape["type"] = "file"  # GitHub lists submodules so, for old clients
        shapes.append(shape)
    return Answer(body=shapes)


def _submodule(call: Call, entry: Entry, ref: str) -> dict[str, Any]:
    address = f"{call.shapes.host}/octo/{entry.path.rpartition('/')[2]}.git"
    return {**call.shapes.content(entry, ref, 0), "submodule_git_url": address}


def _file(call: Call, commit: str, entry: Entry, ref: str) -> Answer:
    """A file, or a symbolic link: one that leads to a file of the repository is followed."""
    repository = call.hub.repository
    content = repository.blob(entry.sha) or b""
    if entry.mode == "120000":
        target = posixpath.normpath(
            posixpath.join(posixpath.dirname(entry.path), content.decode(errors="replace"))
        )
        found = repository.entry(commit, target)
        if found is None or found.mode not in {"100644", "100755"}:
            shape = call.shapes.content(entry, ref, len(content))
            return Answer(body={**shape, "target": content.decode(errors="replace")})
        entry = Entry(mode=found.mode, kind="blob", sha=found.sha, path=entry.path)
        content = repository.blob(found.sha) or b""
    if len(content) > _RAW_CONTENT:
        raise _too_large()
    if call.accepts("raw"):
        return _raw(content)
    shape = call.shapes.content(entry, ref, len(content))
    if len(content) > _INLINE_CONTENT:
        return Answer(body={**shape, "content": "", "encoding": "none"})
    return Answer(body={**shape, "content": _lines(content), "encoding": "base64"})


def _too_large() -> ApiError:
    error = {"resource": "Blob", "field": "data", "code": "too_large"}
    words = "The requested blob is too large to fetch via the API."
    return ApiError(403, words, errors=[error])


def put_contents(call: Call) -> Answer:
    """Commits one file; the only way to put something into an empty repository."""
    repository = call.hub.repository
    message, content = call.need("message"), call.need("content")
    path = call.variables["path"].strip("/")
    branch = call.sent.get("branch") or call.hub.default_branch
    head = repository.resolve(f"refs/heads/{branch}")
    if head is None and not call.hub.is_empty:
        raise ApiError(404, f"Branch {branch} not found")
    _heed_rules(call, branch, 409)
    present = repository.entry(head, path) if head else None
    _expect(path, present, call.sent.get("sha"))
    blob = repository.write_blob(_decoded(content))
    entry = Entry(mode=present.mode if present else "100644", kind="blob", sha=blob, path=path)
    tree = repository.write_tree([entry], base=head)
    commit = _commit(call, tree, message, [head] if head else [])
    _set_ref(call, f"refs/heads/{branch}", commit.sha, old=head or _NOTHING)
    size = len(repository.blob(blob) or b"")
    return Answer(
        status=200 if present else 201,
        body={
            "content": call.shapes.content(entry, branch, size),
            "commit": call.shapes.git_commit(commit),
        },
    )


def _expect(path: str, present: Entry | None, sha: str | None) -> None:
    """Refuses to replace another version of a file than the one that the writer has seen."""
    if present and sha is None:
        raise ApiError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if sha is not None and (present is None or present.sha != sha):
        raise ApiError(409, f"{path} does not match {sha}")


# Encodings


def _raw(content: bytes) -> Answer:
    return Answer(
        body=content, headers={"Content-Type": "application/vnd.github.raw; charset=utf-8"}
    )


def _lines(content: bytes) -> str:
    """Base64 in GitHub's lines of sixty characters."""
    return "".join(
        base64.b64encode(content[at : at + 45]).decode() + "\n" for at in range(0, len(content), 45)
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(re.sub(r"\s", "", text), validate=True)
    except binascii.Error:
        raise ApiError(422, "content is not valid Base64") from None
