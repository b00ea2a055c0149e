"""A bare git repository with real objects, driven through the `git` command.

The machine's own git configuration has no influence: neither identity nor settings are read from
it. Reading goes through one long-running `git cat-file`, because a process for each
object would be most of a test's time; everything else is a short-lived command.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "Change",
    "Commit",
    "CorruptRepositoryError",
    "Entry",
    "Executable",
    "FileLike",
    "GitRepository",
    "NotFastForwardError",
    "Person",
    "Submodule",
    "Symlink",
]

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_NOTHING = "0" * 40

_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Another Writer",
    "GIT_AUTHOR_EMAIL": "writer@example.org",
    "GIT_COMMITTER_NAME": "Another Writer",
    "GIT_COMMITTER_EMAIL": "writer@example.org",
}
_SETTINGS = ("-c", "core.fsync=none", "-c", "gc.auto=0", "-c", "core.logAllRefUpdates=false")


class CorruptRepositoryError(Exception):
    """`git fsck --strict` found something wrong."""


class NotFastForwardError(Exception):
    """A ref was to move to a commit that does not descend from the one it is at."""


@dataclass(frozen=True, slots=True)
class Executable:
    """A file with the executable bit."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Symlink:
    """A symbolic link."""

    target: str


@dataclass(frozen=True, slots=True)
class Submodule:
    """A link to a commit of another repository."""

    sha: str


FileLike = bytes | str | Executable | Symlink | Submodule | None
"""What `files` may hold for a path; `None` removes it, `str` is written as UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who wrote or committed, and when."""

    name: str
    email: str
    when: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a tree."""

    mode: str
    """Six digits, as in `100644`."""
    kind: str
    """`blob`, `tree` or `commit`."""
    sha: str
    path: str
    size: int | None = None
    """A blob's, where the listing was asked for sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit, taken apart."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    signature: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to one file between two commits."""

    path: str
    previous_path: str | None
    letter: str
    """As in `git diff --raw`: `A`, `D`, `M`, `R`, `T`."""
    sha: str
    added: int
    deleted: int
    patch: str | None
    """The hunks; `None` for binary files and where nothing but the name changed."""


class GitRepository:
    """A bare repository in `folder`."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Opens what `create` has made."""
        self.folder = folder
        self.clock = clock
        self._reader: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    @classmethod
    def create(
        cls,
        folder: Path,
        files: Mapping[str, FileLike] | None = None,
        *,
        branch: str = "main",
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Makes a repository whose `branch` has one commit with `files`, or none at all."""
        folder.mkdir(parents=True, exist_ok=True)
        repository = cls(folder, clock=clock)
        repository.git("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}")
        if files is not None:
            repository.push(files, "Begin", branch=branch)
        return repository

    # What a test asks

    def read(self, ref: str, path: str) -> bytes | None:
        """The content of a file (of a symbolic link: its target), or `None`."""
        entry = self.entry(ref, path)
        return self.blob(entry.sha) if entry and entry.kind == "blob" else None

    def paths(self, ref: str) -> list[str]:
        """Every file's path, sorted as git sorts."""
        return [entry.path for entry in self.entries(ref, recursive=True)]

    def log(self, ref: str = "HEAD") -> list[Commit]:
        """The commits that `ref` leads to, newest first; none where there is no such ref."""
        if self.resolve(ref) is None:
            return []
        shas = self.git("rev-list", "--topo-order", ref).decode().split()
        return [self.commit(sha) for sha in shas]

    def diff(self, old: str, new: str) -> str:
        """The unified diff between two commits."""
        return self.git("diff-tree", "-r", "-p", "-M", old, new).decode(errors="replace")

    def push(
        self, files: Mapping[str, FileLike], message: str = "Push", *, branch: str = "main"
    ) -> str:
        """Commits `files` on top of `branch` as some other writer would, and returns the commit."""
        ref = f"refs/heads/{branch}"
        while True:
            head = self.resolve(ref)
            stream = self._import_stream(ref, head, files, message)
            result = self._run("fast-import", "--quiet", stdin=stream)
            if result.returncode == 0:
                return result.stdout.decode().strip()
            if self.resolve(ref) == head:  # it was not a lost race
                result.check_returncode()

    def fsck(self) -> None:
        """Raises `CorruptRepositoryError` unless every object is sound and none is missing."""
        try:
            self.git("fsck", "--strict", "--full", "--no-dangling", "--no-progress")
        except subprocess.CalledProcessError as error:
            raise CorruptRepositoryError(error.stderr.decode(errors="replace")) from error

    # Reading

    def resolve(self, name: str) -> str | None:
        """The object that a ref, an abbreviated sha or an expression names, or `None`."""
        found = self._cat(name)
        return found[0] if found else None

    def kind(self, name: str) -> str | None:
        """`blob`, `tree`, `commit`, `tag`, or `None` where there is no such object."""
        found = self._cat(name)
        return found[1] if found else None

    def blob(self, sha: str) -> bytes | None:
        """A blob's content, or `None` where `sha` names no blob."""
        found = self._cat(sha)
        return found[2] if found and found[1] == "blob" else None

    def commit(self, name: str) -> Commit:
        """The commit that `name` leads to."""
        found = self._cat(f"{name}^{{commit}}")
        if found is None:
            raise KeyError(name)
        return _parse_commit(found[0], found[2])

    def entries(self, name: str, *, recursive: bool = False) -> list[Entry]:
        """The tree of a commit or tree; `recursive` lists the files of subfolders instead."""
        found = self._cat(f"{name}^{{tree}}")
        if found is None:
            raise KeyError(name)
        if not recursive:
            return _parse_tree(found[2])
        return _parse_listing(self.git("ls-tree", "-r", "-z", found[0]))

    def listing(self, name: str, *, recursive: bool = False) -> list[Entry]:
        """The tree of a commit or tree with sizes; `recursive` lists what folders hold, too."""
        options = ["-r", "-t"] if recursive else []
        return _parse_listing(self.git("ls-tree", "-z", "-l", *options, f"{name}^{{tree}}"))

    def entry(self, name: str, path: str) -> Entry | None:
        """The entry at `path` below a commit or tree; symbolic links are not followed."""
        tree = name
        found = None
        for part in path.split("/"):
            if self._cat(f"{tree}^{{tree}}") is None:
                return None
            found = next((entry for entry in self.entries(tree) if entry.path == part), None)
            if found is None:
                return None
            tree = found.sha
        return Entry(mode=found.mode, kind=found.kind, sha=found.sha, path=path) if found else None

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Every ref whose name starts with `prefix`, with the object it names, sorted."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").decode().splitlines()
        pairs = (line.split(" ") for line in lines)
        return {name: sha for name, sha in pairs if name.startswith(prefix)}

    def is_ref_name(self, name: str) -> bool:
        """Whether git would take `name` for a ref."""
        return self._run("check-ref-format", name).returncode == 0

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` descends from `old`, or is it."""
        if old == new:
            return True
        return self._run("merge-base", "--is-ancestor", old, new).returncode == 0

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor."""
        return self._run("merge-base", one, other).stdout.decode().strip() or None

    def between(self, old: str, new: str) -> list[str]:
        """The commits of `new` that `old` lacks, oldest first."""
        return self.git("rev-list", "--reverse", "--topo-order", new, f"^{old}").decode().split()

    def changes(self, old: str | None, new: str) -> list[Change]:
        """What changed from `old` (`None`: from nothing) to `new`, file by file."""
        pair = (old or _EMPTY_TREE, new)
        raw = self.git("diff-tree", "-r", "-M", "--raw", "-z", "--no-abbrev", *pair)
        counts = self.git("diff-tree", "-r", "-M", "--numstat", "-z", *pair)
        patches = self.git("diff-tree", "-r", "-M", "-p", *pair).decode(errors="replace")
        return _parse_changes(raw, counts, patches)

    # Writing

    def write_blob(self, content: bytes) -> str:
        """Writes a blob and returns its name."""
        return self.git("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    def write_tree(self, changes: Iterable[Entry], *, base: str | None = None) -> str:
        """Writes the tree `base` with `changes`; an entry whose sha is all zeros removes its path.

        A file may take the place of a folder and the other way round.
        """
        lines = [line for change in changes for line in self._index_lines(change, base)]
        with TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            if base is not None:
                self.git("read-tree", base, env=index)
            listing = "".join(f"{line}\0" for line in lines).encode()
            self.git("update-index", "-z", "--replace", "--index-info", stdin=listing, env=index)
            return self.git("write-tree", env=index).decode().strip()

    def _index_lines(self, change: Entry, base: str | None) -> Iterator[str]:
        """The input of `git update-index`; an index has only files, so folders are expanded."""
        present = self.entry(base, change.path) if base else None
        if present and present.kind == "tree":
            for inner in self.entries(present.sha, recursive=True):
                yield f"0 {_NOTHING}\t{change.path}/{inner.path}"
        if change.sha == _NOTHING:
            yield f"0 {_NOTHING}\t{change.path}"
        elif change.kind == "tree":
            for inner in self.entries(change.sha, recursive=True):
                yield f"{inner.mode} {inner.sha}\t{change.path}/{inner.path}"
        else:
            yield f"{change.mode} {change.sha}\t{change.path}"

    def write_commit(
        self,
        tree: str,
        message: str,
        *,
        parents: Iterable[str] = (),
        author: Person,
        committer: Person,
        signature: str | None = None,
    ) -> str:
        """Writes a commit with exactly this message and returns its name."""
        lines = [f"tree {tree}"]
        lines += [f"parent {parent}" for parent in parents]
        lines += [f"author {_signed_off(author)}", f"committer {_signed_off(committer)}"]
        if signature:
            lines.append("gpgsig " + signature.strip().replace("\n", "\n "))
        content = "\n".join([*lines, "", message]).encode()
        return self.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=content).decode()[:40]

    def update_ref(self, name: str, sha: str, *, old: str | None = None) -> None:
        """Points the ref `name` at `sha`, if `old` (all zeros: nothing) is its target now."""
        expected = [old] if old else []
        self.git("update-ref", name, sha, *expected)

    def fast_forward(self, name: str, sha: str) -> None:
        """Moves the ref `name` on to `sha`; `NotFastForwardError` where that would lose commits."""
        old = self.resolve(name)
        if old is None or not self.is_ancestor(old, sha):
            raise NotFastForwardError(name)
        try:
            self.update_ref(name, sha, old=old)
        except subprocess.CalledProcessError:
            raise NotFastForwardError(name) from None

    def delete_ref(self, name: str) -> None:
        """Removes the ref `name`."""
        self.git("update-ref", "-d", name)

    def _import_stream(
        self, ref: str, head: str | None, files: Mapping[str, FileLike], message: str
    ) -> bytes:
        """What `git fast-import` must be told; it writes any number of files in one go."""
        when = f"{int(self.clock())} +0000"
        writer = f"{_ENVIRONMENT['GIT_COMMITTER_NAME']} <{_ENVIRONMENT['GIT_COMMITTER_EMAIL']}>"
        pieces = [f"commit {ref}\nmark :1\ncommitter {writer} {when}\n".encode()]
        pieces.append(_data(message.encode()))
        if head:
            pieces.append(f"from {head}\n".encode())
        pieces += [_import_line(path, content) for path, content in files.items()]
        pieces.append(b"\nget-mark :1\n")
        return b"".join(pieces)

    # The command

    def git(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> bytes:
        """Runs one git command on this repository and returns what it prints."""
        result = self._run(*arguments, stdin=stdin, env=env)
        result.check_returncode()
        return result.stdout

    def _run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["git", *_SETTINGS, "--git-dir", str(self.folder), *arguments],
            input=stdin,
            env={**_ENVIRONMENT, **(env or {})},
            capture_output=True,
            check=False,
        )

    def _cat(self, name: str) -> tuple[str, str, bytes] | None:
        """Name, kind and content of the object that `name` leads to."""
        if not name or "\n" in name:
            return None
        with self._lock:
            pipe = self._open_reader()
            assert pipe.stdin is not None
            assert pipe.stdout is not None
            pipe.stdin.write(name.encode() + b"\n")
            pipe.stdin.flush()
            answer = pipe.stdout.readline()
            if not answer:  # a broken object ends the process
                self._end_reader()
                self._reader = None
                return None
            head = answer.decode(errors="replace").strip().rsplit(" ", 2)
            # Anything but "<sha> <kind> <size>" is "<name> missing" or "<name> ambiguous".
            if len(head) != 3 or not head[2].isdigit():
                return None
            content = pipe.stdout.read(int(head[2]) + 1)[:-1]
        return head[0], head[1], content

    def _open_reader(self) -> subprocess.Popen[bytes]:
        if self._reader is None:
            self._reader = subprocess.Popen(
                ["git", *_SETTINGS, "--git-dir", str(self.folder), "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
            )
            self._end_reader = weakref.finalize(self, _end, self._reader)
        return self._reader

    def close(self) -> None:
        """Ends the process that reads; the next reading starts it again."""
        with self._lock:
            if self._reader is not None:
                self._end_reader()
                self._reader = None


def _import_line(path: str, content: FileLike) -> bytes:
    match content:
        case None:
            return f"D {path}\n".encode()
        case Submodule(sha):
            return f"M 160000 {sha} {path}\n".encode()
        case Symlink(target):
            mode, raw = "120000", target.encode()
        case Executable(raw):
            mode = "100755"
        case str():
            mode, raw = "100644", content.encode()
        case bytes():
            mode, raw = "100644", content
    return f"M {mode} inline {path}\n".encode() + _data(raw)


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()


def _signed_off(person: Person) -> str:
    return f"{person.name} <{person.email}> {person.when} +0000"


def _parse_person(text: str) -> Person:
    name, _, rest = text.partition(" <")
    email, _, when = rest.partition("> ")
    return Person(name=name, email=email, when=int(when.split(" ")[0]))


def _parse_commit(sha: str, content: bytes) -> Commit:
    head, _, message = content.decode(errors="replace").partition("\n\n")
    fields: dict[str, list[str]] = {}
    name = ""
    for line in head.split("\n"):
        if line.startswith(" "):
            fields[name][-1] += "\n" + line[1:]
        else:
            name, _, value = line.partition(" ")
            fields.setdefault(name, []).append(value)
    return Commit(
        sha=sha,
        tree=fields["tree"][0],
        parents=tuple(fields.get("parent", ())),
        author=_parse_person(fields["author"][0]),
        committer=_parse_person(fields["committer"][0]),
        signature=fields.get("gpgsig", [None])[0],
        message=message,
    )


def _kind_of(mode: str) -> str:
    return {"040000": "tree", "160000": "commit"}.get(mode, "blob")


def _parse_tree(content: bytes) -> list[Entry]:
    entries = []
    at = 0
    while at < len(content):
        end = content.index(b"\0", at)
        mode, _, path = content[at:end].decode(errors="replace").partition(" ")
        mode = mode.zfill(6)
        sha = content[end + 1 : end + 21].hex()
        entries.append(Entry(mode=mode, kind=_kind_of(mode), sha=sha, path=path))
        at = end + 21
    return entries


def _parse_listing(listing: bytes) -> list[Entry]:
    entries = []
    for line in listing.decode(errors="replace").split("\0")[:-1]:
        head, _, path = line.partition("\t")
        mode, kind, sha, *rest = head.split()
        size = int(rest[0]) if rest and rest[0].isdigit() else None
        entries.append(Entry(mode=mode, kind=kind, sha=sha, path=path, size=size))
    return entries


def _parse_changes(raw: bytes, counts: bytes, patches: str) -> list[Change]:
    """Puts the three forms of one diff together; they list the files in the same order."""
    fields = iter(raw.decode(errors="replace").split("\0")[:-1])
    numbers = iter(counts.decode(errors="replace").split("\0")[:-1])
    texts = iter(("\n" + patches).split("\ndiff --git ")[1:])
    changes = []
    for head in fields:
        _, _, old_sha, new_sha, letter = head.split(" ")
        text = next(texts)
        if letter == "T":  # a changed kind of entry is told as a removal and an addition
            text = next(texts)
        path = next(fields)
        added, deleted, name = next(numbers).split("\t")
        previous = None
        if not name:  # a renamed file: its two names follow on their own
            previous, path = path, next(fields)
            next(numbers), next(numbers)
        _, found, hunks = text.partition("\n@@ ")
        changes.append(
            Change(
                path=path,
                previous_path=previous,
                letter=letter[0],
                sha=old_sha if new_sha == _NOTHING else new_sha,
                added=int(added) if added.isdigit() else 0,
                deleted=int(deleted) if deleted.isdigit() else 0,
                patch="@@ " + hunks.rstrip("\n") if found else None,
            )
        )
    return changes
