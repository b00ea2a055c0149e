"""Where inputs come from besides the command line: variables of the runner, and a file.

Every value is still text here, so that it is converted and checked in the same way wherever it
comes from.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from daily_papers.convert import did_you_mean
from daily_papers.declaration import Declaration

__all__ = ["from_environment", "from_file"]

_log = logging.getLogger(__name__)


# --- Variables


def from_environment(environ: Mapping[str, str], declared: Sequence[Declaration]) -> dict[str, str]:
    """Returns the inputs that the runner sets: `INPUT_` and the name in upper case, hyphens kept.

    See https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#inputs.
    """
    values = {}
    for one in declared:
        text = environ.get(f"INPUT_{one.name.upper()}", "").strip()
        if one.secret and one.name == "github-token":
            text = text or environ.get("GITHUB_TOKEN", "").strip()
        if text:
            values[one.name] = text
    if environ.get("GITHUB_ACTIONS") == "true":
        names = [one.name for one in declared]
        given = (name.removeprefix("INPUT_").lower() for name in environ if name[:6] == "INPUT_")
        for name in sorted(set(given) - set(names)):
            _log.warning("%s: there is no such input%s", name, did_you_mean(name, names))
    return values


# --- A file


def from_file(path: Path, declared: Sequence[Declaration], problems: list[str]) -> dict[str, str]:
    """Returns the inputs that a TOML file sets, by name.

    Args:
        path: the file.
        declared: all inputs.
        problems: takes what is wrong.
    """
    import tomllib  # noqa: PLC0415 - few runs have a file

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        problems.append(
            f"config: there is no file {str(path)!r}; in a workflow, a step with actions/checkout "
            "before this one brings the repository's files"
        )
        return {}
    except OSError as error:
        problems.append(f"config: {path.name} cannot be read: {error.strerror}")
        return {}
    except ValueError as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
        problems.append(f"config: {path.name} is not a TOML file: {reason}")
        return {}
    except RecursionError:
        problems.append(f"config: {path.name} has lists or tables inside each other, too many deep")
        return {}
    by_name = {one.name: one for one in declared}
    values = {}
    for name, value in document.items():
        one = by_name.get(name)
        if one is None:
            near = did_you_mean(name, list(by_name))
            problems.append(f"config: {path.name}: there is no input {name!r}{near}")
        elif one.secret or name == "config":
            problems.append(f"config: {path.name}: {name} cannot be set in a file")
        elif (text := _text_of(value, one)) is None:
            kind = "text, a number, true or false" + (", or a list" if one.separator else "")
            problems.append(f"config: {path.name}: {name} must be {kind}")
        else:
            values[name] = text
    return values


def _text_of(value: object, one: Declaration) -> str | None:
    """Returns a value of TOML as the text of an input; `None` where it cannot be one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, list) and one.separator and all(isinstance(item, str) for item in value):
        return one.separator.join(value)
    return None
