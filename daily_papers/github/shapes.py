"""What is read of each of GitHub's answers, and the form that it must have.

PyGithub takes what comes: an answer of another form shows much later, as an error of any kind. So
PyGithub gets only what is named here, and all of it, in the form that GitHub describes
(https://github.com/github/rest-api-description).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

__all__ = ["ShapeError", "take"]

Shape = Callable[[object], Any]
"""Returns what is read of a part of an answer; raises `ShapeError` where it has another form."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""JSON can hold what UTF-8 cannot."""


class ShapeError(Exception):
    """An answer has another form than GitHub describes. Its text names the field."""


def _text(value: object) -> str:
    if not isinstance(value, str) or (not value.isascii() and _SURROGATE.search(value)):
        raise ShapeError
    return value


def _matching(pattern: str) -> Shape:
    expression = re.compile(pattern)

    def take_it(value: object) -> str:
        found = _text(value)
        if not expression.fullmatch(found):
            raise ShapeError
        return found

    return take_it


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ShapeError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ShapeError
    return value


def _something(value: object) -> dict[str, Any]:
    """What is only looked at for being there, or not at all."""
    del value
    return {}


def _maybe(shape: Shape) -> Shape:
    """Null and a missing field will do."""
    return lambda value: None if value is None else shape(value)


def _items(shape: Shape) -> Shape:
    def take_it(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise ShapeError
        return [shape(item) for item in value]

    return take_it


def _fields(**shapes: Shape) -> Shape:
    def take_it(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ShapeError
        taken = {}
        for name, shape in shapes.items():
            try:
                taken[name] = shape(value.get(name))
            except ShapeError as error:
                raise ShapeError(f"{name}.{error}".rstrip(".")) from None
        return taken

    return take_it


_word = _matching(r"[^\x00-\x20\x7f-\xa0]+")
_sha = _matching(r"[0-9a-f]{40}|[0-9a-f]{64}")
_file = _fields(
    type=_matching("file|symlink|submodule"),
    sha=_sha,
    encoding=_maybe(_word),
    content=_maybe(_text),
)
_folder = _items(_fields(path=_text, type=_word))


def _contents(value: object) -> Any:
    if not isinstance(value, list):
        return _file(value)
    if not value:  # git has no empty folders.
        raise ShapeError
    return _folder(value)


_SHAPES: Final[tuple[tuple[str, str, Shape], ...]] = (
    ("GET", "", _fields(url=_text, full_name=_word, default_branch=_word)),
    (
        "GET",
        "/branches/.+",
        _fields(
            name=_word,
            commit=_fields(
                sha=_sha, url=_text, html_url=_text, commit=_fields(tree=_fields(sha=_sha))
            ),
        ),
    ),
    ("GET", "/git/refs?/.+", _fields(object=_fields(sha=_sha))),
    ("GET", "/contents/.*", _contents),
    (
        "GET",
        "/git/trees/.+",
        _fields(truncated=_flag, tree=_items(_fields(path=_text, mode=_word, sha=_sha))),
    ),
    ("GET", "/git/blobs/.+", _fields(content=_text)),
    (
        "GET",
        "/compare/.+",
        _fields(
            commits=_items(
                _fields(
                    sha=_sha,
                    html_url=_text,
                    commit=_fields(message=_text, tree=_fields(sha=_sha)),
                )
            ),
            files=_items(
                _fields(
                    filename=_text, status=_word, sha=_maybe(_sha), previous_filename=_maybe(_text)
                )
            ),
        ),
    ),
    (
        "GET",
        "/issues",
        _items(
            _fields(
                number=_number,
                title=_text,
                body=_maybe(_text),
                state=_word,
                author_association=_maybe(_word),
                user=_maybe(_fields(type=_maybe(_word))),
                pull_request=_maybe(_something),
            )
        ),
    ),
    (
        "GET",
        "/pulls",
        _items(
            _fields(
                number=_number,
                state=_word,
                title=_text,
                body=_maybe(_text),
                html_url=_text,
                head=_fields(sha=_sha),
            )
        ),
    ),
    ("POST", "/git/trees", _fields(sha=_sha)),
    (
        "POST",
        "/git/commits",
        _fields(
            sha=_sha,
            html_url=_text,
            verification=_maybe(_fields(reason=_maybe(_word))),
        ),
    ),
    ("POST", "/git/(blobs|refs)", _something),
    ("PATCH", "/git/refs/.+", _something),
    ("DELETE", "/git/refs/.+", _something),
    ("PUT", "/contents/.+", lambda _: {"content": {}, "commit": {}}),
    ("POST", "/issues", _fields(number=_number)),
    ("PATCH", "/issues/.+", _something),
    ("POST", "/labels", _something),
    ("POST", "/pulls", _fields(html_url=_text)),
    ("PATCH", "/pulls/.+", _fields(html_url=_text)),
)
"""By method and path below the repository, the shape of the answer."""


def take(method: str, path: str, value: object) -> Any:
    """Returns what is read of the answer to a request.

    Args:
        method: the request's method.
        path: its path below the repository, as in `/branches/main`.
        value: the answer's JSON.

    Raises:
        ShapeError: the answer has another form than GitHub describes.
    """
    for verb, pattern, shape in _SHAPES:
        if verb == method and re.fullmatch(pattern, path):
            return shape(value)
    raise LookupError(f"{method} {path}: no shape says what is read of the answer")
