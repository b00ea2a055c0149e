"""What the user says, declared once: from a workflow's `INPUT_*` variables or from flags.

Each field of `Inputs` declares one input. Its name in `action.yml` and on the command line is the
field's, with hyphens; `action.yml` and the README's table are held to these declarations by tests.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from daily_papers.errors import InputError
from daily_papers.options import Announcements, Column, Notify, Pages, Publish, Requests
from daily_papers.papers import SortBy
from daily_papers.topics.lines import Topic, parse_categories, parse_exclude, parse_topics
from daily_papers.topics.query import restricted

__all__ = ["Declaration", "Inputs", "declarations", "read_inputs"]


COMMIT_MESSAGE_FIELDS: Final = ("date", "new", "topics")
"""The names that may stand in braces in `commit-message`."""

MAX_LABEL: Final = 50
"""GitHub refuses a longer label."""

_Choice = TypeVar("_Choice", bound=StrEnum)


# --- Converters: from the user's text to a value, or a ValueError that says what is accepted.


def _text(text: str) -> str:
    return text


def _topics(text: str) -> tuple[Topic, ...]:
    topics = parse_topics(text)
    if not topics:
        raise ValueError("it names no topic; write one a line")
    return topics


def _boolean(text: str) -> bool:
    # What YAML's core schema takes for a boolean, and nothing else.
    values = {"true": True, "false": False}
    if text.lower() not in values:
        raise ValueError("accepted is true or false")
    return values[text.lower()]


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not least <= int(text) <= most:
            raise ValueError(f"accepted is a whole number from {least} to {most}")
        return int(text)

    return convert


def _choice(choices: type[_Choice]) -> Callable[[str], _Choice]:
    def convert(text: str) -> _Choice:
        try:
            return choices(text)
        except ValueError:
            raise ValueError(f"accepted is one of: {', '.join(choices)}") from None

    return convert


def _columns(text: str) -> tuple[Column, ...]:
    convert = _choice(Column)
    columns = tuple(convert(name) for name in re.split(r"[\s,]+", text.strip(", \n\t")))
    if len(set(columns)) < len(columns):
        raise ValueError("a column stands in it twice")
    return columns


def _path(text: str) -> str:
    path = PurePosixPath(text)
    if (
        path.is_absolute()
        or not path.parts
        or {"..", ".git"} & {part.lower() for part in path.parts}
        or text.endswith("/")
        or re.search(r'[\x00-\x1f\x7f\\:*?"<>|]', text)
    ):
        raise ValueError(
            "accepted is a path inside the repository, relative to its root, as in docs/papers.md"
        )
    return path.as_posix()


def _path_or_none(text: str) -> str | None:
    return None if text == "none" else _path(text)


def _folder(text: str) -> str:
    return _path(text.rstrip("/") or text)


def _folder_or_none(text: str) -> str | None:
    return None if text == "none" else _folder(text)


def _marker(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*", text, re.ASCII | re.IGNORECASE):
        raise ValueError("accepted are letters and digits, with single - _ . between them")
    return text


def _branch(text: str) -> str:
    # The rules of git-check-ref-format, as far as a typing error would break them.
    if re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/.]|[/.]$|\.lock$", text):
        raise ValueError("accepted is the name of a branch, as in main")
    return text.removeprefix("refs/heads/")


def _commit_message(text: str) -> str:
    names = ", ".join(f"{{{name}}}" for name in COMMIT_MESSAGE_FIELDS)
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"{error}; accepted are {names}, and {{{{ or }}}} for a brace") from None
    for _, name, spec, conversion in fields:
        if name is not None and (name not in COMMIT_MESSAGE_FIELDS or spec or conversion):
            raise ValueError(f"{{{name}}} is unknown; accepted are {names}")
    return text


def _timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("accepted is an IANA name, as in UTC or Europe/Berlin") from None


def _labels(text: str) -> tuple[str, ...]:
    labels = tuple(filter(None, (label.strip() for label in re.split(r"[,\n]", text))))
    if not labels or any(len(label) > MAX_LABEL for label in labels):
        raise ValueError(f"accepted are labels of at most {MAX_LABEL} characters")
    return labels


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise ValueError("accepted is an http or https address without a query")
    return text


# --- Declarations


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What is declared of one input."""

    name: str
    """Its name in `action.yml`, and behind `--` as a flag."""
    help: str
    default: str
    """The text that stands for an unset input; empty where there is none."""
    required: bool
    secret: bool
    convert: Callable[[str], Any]
    unset: Any
    """The value of an unset input without a default."""


def _input(
    *,
    help: str,  # noqa: A002 - the word that argparse uses as well
    convert: Callable[[str], Any] = _text,
    default: str = "",
    required: bool = False,
    secret: bool = False,
    unset: Any = "",
) -> Any:
    """Declares the input whose field this is the value of."""
    declared = {
        "help": help,
        "convert": convert,
        "default": default,
        "required": required,
        "secret": secret,
        "unset": unset,
    }
    return dataclasses.field(metadata=declared, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All inputs of one run, converted."""

    keywords: tuple[Topic, ...] = _input(
        help="Topics, one a line: a phrase, or a heading, a colon and a query.",
        convert=_topics,
        required=True,
    )
    exclude: tuple[str, ...] = _input(
        help="Phrases, one a line; papers with one of them in title or abstract are left out.",
        convert=parse_exclude,
        unset=(),
    )
    categories: tuple[str, ...] = _input(
        help="Archives or categories, as in cs or stat.ML, to which all topics are restricted.",
        convert=parse_categories,
        unset=(),
    )
    max_papers: int = _input(
        help="Papers kept for each topic, from 1 to 1000.",
        convert=_whole_number(1, 1000),
        default="100",
    )
    sort_by: SortBy = _input(
        help="Which date orders, limits and shows the papers: updated or published.",
        convert=_choice(SortBy),
        default="updated",
    )
    columns: tuple[Column, ...] = _input(
        help=(
            "Columns of the tables, in the order shown: of title, date, authors, abstract, "
            "comment, categories, links."
        ),
        convert=_columns,
        default="title, date, abstract, comment",
    )
    readme: str = _input(
        help="The file that holds the markers. It is made where it is missing.",
        convert=_path,
        default="README.md",
    )
    marker: str = _input(
        help="Names the region: <!-- daily-papers:start --> to <!-- daily-papers:end -->.",
        convert=_marker,
        default="daily-papers",
    )
    data_file: str | None = _input(
        help=(
            "The file that remembers the papers between runs; with none, nothing ever counts as "
            "new."
        ),
        convert=_path_or_none,
        default=".github/daily-papers.json",
    )
    pages: Pages = _input(
        help=(
            "A page for each topic: auto (when the README would be longer than GitHub shows), "
            "always, never."
        ),
        convert=_choice(Pages),
        default="auto",
    )
    pages_dir: str = _input(
        help="The folder for those pages.",
        convert=_folder,
        default="papers",
    )
    feed: str | None = _input(
        help="An Atom file of the newest 100 papers, for feed readers, as in feed.xml; or none.",
        convert=_path_or_none,
        default="none",
    )
    site: str | None = _input(
        help="The folder of a web page for GitHub Pages, as in docs; or none.",
        convert=_folder_or_none,
        default="none",
    )
    trends: bool = _input(
        help="A chart of each topic's papers by the week in the README: true or false.",
        convert=_boolean,
        default="false",
    )
    notify: Notify = _input(
        help=(
            "How watchers are told of new papers: issue (one for a run that found some), "
            "issue-per-topic, none."
        ),
        convert=_choice(Notify),
        default="issue",
    )
    notify_papers: int = _input(
        help="Papers listed for each topic in such an issue, from 1 to 100.",
        convert=_whole_number(1, 100),
        default="15",
    )
    notify_labels: tuple[str, ...] = _input(
        help="Labels of these issues, separated by commas; they are made where missing.",
        convert=_labels,
        default="daily-papers",
    )
    notify_keep: int = _input(
        help="How many of these issues stay open; older ones are closed.",
        convert=_whole_number(1, 100),
        default="7",
    )
    publish: Publish = _input(
        help=(
            "What becomes of the result: commit (a commit on GitHub), pull-request (one that is "
            "kept up to date), local (write the workspace's files), plan (change nothing, show "
            "the diff)."
        ),
        convert=_choice(Publish),
        default="commit",
    )
    branch: str = _input(
        help="The branch that is read and committed to. Default: the branch of the run.",
        convert=_branch,
    )
    commit_message: str = _input(
        help="The commit's message. {date}, {new} (a count) and {topics} may stand in it.",
        convert=_commit_message,
        default="docs: update daily papers ({date})",
    )
    timezone: ZoneInfo = _input(
        help="IANA name of the time zone in which the page tells its date.",
        convert=_timezone,
        default="UTC",
    )
    github_token: str = _input(
        help=(
            "The token that reads, commits and opens issues. It needs the permissions "
            "contents: write and issues: write."
        ),
        secret=True,
    )
    arxiv_url: str = _input(
        help="The address of arXiv's API, of a mirror of it, or of a stand-in.",
        convert=_url,
        default="https://export.arxiv.org/api/query",
    )
    requests: Requests = _input(
        help=(
            "How arXiv is asked on an ordinary day: combined (one question for all topics, and "
            "each by itself once a week), per-topic (each by itself)."
        ),
        convert=_choice(Requests),
        default="combined",
    )
    announcements: Announcements = _input(
        help=(
            "Whether arXiv's announcement feed is asked when the API refuses: auto (where topics "
            "have no answer), never."
        ),
        convert=_choice(Announcements),
        default="auto",
    )
    announcements_url: str = _input(
        help="The address of arXiv's announcement feeds, of a mirror, or of a stand-in.",
        convert=_url,
        default="https://rss.arxiv.org/atom",
    )
    time_limit: int = _input(
        help="Seconds after which arXiv is asked no more, and what there is gets published.",
        convert=_whole_number(1, 21_600),
        default="600",
    )
    stale_after: int = _input(
        help="Days without a usable answer of arXiv after which a topic makes the run fail.",
        convert=_whole_number(1, 365),
        default="7",
    )

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics as they are asked for: restricted by `categories` and `exclude`."""
        return tuple(
            dataclasses.replace(topic, query=restricted(topic.query, self.categories, self.exclude))
            for topic in self.keywords
        )


def declarations() -> tuple[Declaration, ...]:
    """Gives what is declared of every input, in the order of the documentation."""
    return tuple(
        Declaration(name=field.name.replace("_", "-"), **field.metadata)
        for field in dataclasses.fields(Inputs)
    )


# --- Reading


def read_inputs(argv: Sequence[str], environ: Mapping[str, str]) -> Inputs:
    """Reads the inputs of one run; a flag goes before a variable of the environment.

    The runner gives an input as `INPUT_` and its name in upper case, hyphens kept. Text that is
    empty or blank means that the input is unset.

    Args:
        argv: the command line's flags, without the program's name.
        environ: the environment. `GITHUB_TOKEN` stands in for an unset `github-token`, so that
            a token never has to be on a command line.

    Raises:
        InputError: with every problem, each naming the input, the bad value and what is accepted.
        SystemExit: the command line asks for help, or has a flag that is unknown.
    """
    flags = vars(_flag_parser().parse_args(argv))
    values: dict[str, Any] = {}
    problems: list[str] = []
    for declared in declarations():
        field = declared.name.replace("-", "_")
        given = flags[field] or environ.get(f"INPUT_{declared.name.upper()}", "")
        text = given.strip() or declared.default
        if declared.secret:
            text = text or environ.get("GITHUB_TOKEN", "").strip()
        if not text:
            values[field] = declared.unset
            if declared.required:
                problems.append(f"{declared.name} is missing: {declared.help}")
            continue
        try:
            values[field] = declared.convert(text)
        except ValueError as error:
            # Lines with a caret below them show the value themselves.
            shown = f":\n{error}" if "\n" in str(error) else f": {text!r} cannot be used: {error}"
            problems.append(f"{declared.name}{shown}")
    problems += _contradictions(values)
    if problems:
        raise InputError(problems)
    return Inputs(**values)


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    """Tells which inputs, each fine by itself, do not go together."""
    problems = []
    publish = values.get("publish")
    if publish in {Publish.COMMIT, Publish.PULL_REQUEST} and not values.get("github_token"):
        problems.append(
            f"github-token is missing: publish: {publish} needs it; "
            "accepted is a token with the permission contents: write; without GitHub use "
            "publish: local"
        )
    places: dict[str, str] = {}
    for name in ("readme", "data-file", "feed"):
        path = values.get(name.replace("-", "_"))
        if path in places:
            problems.append(f"{name}: {path!r} is the {places[path]}; name another file")
        elif path is not None:
            places[path] = name
    return problems


def _flag_parser() -> argparse.ArgumentParser:
    """Makes the command line's parser; it takes every value as it is."""
    parser = argparse.ArgumentParser(
        prog="daily-papers",
        description="Keep the newest arXiv papers on your topics in a README.",
        allow_abbrev=False,
    )
    for declared in declarations():
        default = f" Default: {declared.default}" if declared.default else ""
        parser.add_argument(
            f"--{declared.name}",
            help=(declared.help + default).replace("%", "%%"),
            metavar="TEXT",
            default="",
        )
    return parser
