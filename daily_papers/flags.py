"""Reads the inputs that flags of the command line set, and shows the help.

A run of the action has no flags and does without this module.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from daily_papers import __version__
from daily_papers.convert import did_you_mean
from daily_papers.declaration import Declaration, Group
from daily_papers.errors import InputError

__all__ = ["from_flags"]

_USAGE: Final = """\
daily-papers --publish local --keywords TOPIC [--keywords TOPIC ...] [--FLAG VALUE ...]
       daily-papers --publish plan --config PATH [--FLAG VALUE ...]"""

_DESCRIPTION: Final = """\
Keep the newest arXiv papers on your topics in a README.

A flag that may be repeated takes one value each time, or all lines of a file
as @FILE. Each flag is also an input of the GitHub Action."""

_EPILOG: Final = """\
examples:
  daily-papers --publish local --keywords "Graph Neural Networks" --keywords "Time Series"
      write README.md in this directory, without GitHub
  daily-papers --publish plan --config daily-papers.toml
      show what a run would change, and change nothing

The log goes to standard error, what --publish plan shows to standard output.

exit codes:
  0    all went well
  1    arXiv or GitHub failed, or a file is in the way; the message says what to do
  2    an input cannot be used
  130  stopped by Ctrl-C
"""

_WIDEST: Final = 100
"""Columns of the help at most, on however wide a terminal."""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Lays the help out with room for our longest flag."""

    def __init__(self, prog: str) -> None:
        width = min(shutil.get_terminal_size().columns - 2, _WIDEST)
        super().__init__(prog, max_help_position=28, width=width)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are ours."""

    def error(self, message: str) -> NoReturn:
        raise InputError([message.removeprefix("argument ")])


def from_flags(
    argv: Sequence[str], declared: Sequence[Declaration], problems: list[str]
) -> dict[str, str]:
    """Returns the inputs that flags set, by name.

    A flag whose input takes several values may be repeated. `--keywords @topics.txt` reads the
    lines of a file, as it does for every such input.

    Args:
        argv: the flags, without the program's name.
        declared: all inputs.
        problems: takes what is wrong with single flags.

    Raises:
        InputError: no flag can be read, because one of them has no value.
    """
    parser = _flag_parser(declared)
    found, unknown = parser.parse_known_args(argv)
    names = [one.name for one in declared]
    for flag in unknown:
        name = flag.split("=")[0]
        near = did_you_mean(name.lstrip("-"), names)
        problems.append(
            f"{name}: there is no such flag{near.replace('mean ', 'mean --')}"
            if name.startswith("-")
            else f"{flag!r}: a value without a flag; does it need quotes?"
        )
    values: dict[str, str] = {}
    for one in declared:
        given: list[str] = getattr(found, one.name.replace("-", "_")) or []
        if len(given) > 1 and not one.separator:
            problems.append(f"{one.name}: the flag is there {len(given)} times; set it once")
        if given:
            texts = [_lines_of(text, one, problems) if one.separator else text for text in given]
            values[one.name] = one.separator.join(texts) if one.separator else texts[-1]
    return values


def _lines_of(text: str, one: Declaration, problems: list[str]) -> str:
    """Returns a value, or the content of the file that it names after an `@`."""
    if not text.startswith("@"):
        return text
    if text == "@":
        problems.append(f"{one.name}: '@' needs the name of a file after it, as in @topics.txt")
        return ""
    try:
        return Path(text[1:]).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        problems.append(f"{one.name}: the file {text[1:]!r} cannot be read: {reason}")
        return ""


def _flag_parser(declared: Sequence[Declaration]) -> argparse.ArgumentParser:
    """Returns the command line's parser, which takes every value as it is."""
    parser = _Parser(
        prog="daily-papers",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=_Formatter,
        allow_abbrev=False,
        add_help=False,
    )
    general = parser.add_argument_group("General")
    general.add_argument("-h", "--help", action="help", help="Show this help, and exit.")
    version = f"daily-papers {__version__}"
    general.add_argument(
        "--version", action="version", version=version, help="Show the version, and exit."
    )
    groups = {group: parser.add_argument_group(str(group)) for group in Group}
    for one in declared:
        default = f" [default: {one.default}]" if one.default else ""
        again = " May be repeated." if one.separator else ""
        groups[one.group].add_argument(
            f"--{one.name}",
            help=(one.help + again + default).replace("%", "%%"),
            metavar=one.metavar,
            action="append",
        )
    return parser
