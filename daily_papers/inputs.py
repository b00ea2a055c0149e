"""What the user says, declared once: by a workflow, on the command line, or in a file.

Each field of `Inputs` declares one input. Its name in `action.yml`, in a configuration file and on
the command line is the field's, with hyphens. `make docs` writes `action.yml` and the tables of the
documentation from these declarations.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from daily_papers import convert
from daily_papers.declaration import Declaration, Group, declare
from daily_papers.errors import InputError
from daily_papers.interests.lines import Interests, parse_interests
from daily_papers.memory.notices import EVERY_DAY
from daily_papers.memory.summaries import MAX_MODEL
from daily_papers.options import Announcements, Column, Layout, Notify, Pages, Publish, Requests
from daily_papers.papers import SortBy
from daily_papers.sources import from_environment, from_file
from daily_papers.topics.lines import Topic, parse_categories, parse_exclude
from daily_papers.topics.query import restricted

__all__ = ["Inputs", "declarations", "read_inputs"]

MAX_NAME: Final = 100
"""Characters of the title, which browsers and feed readers show on one line."""

MAX_LANGUAGE: Final = 50
"""Characters of a language's name, which becomes a part of the prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All inputs of one run, converted."""

    keywords: tuple[Topic, ...] = declare(
        group=Group.TOPICS,
        metavar="TOPIC",
        separator="\n",
        help="Topics, one on each line: a phrase, or a heading, a colon and a query.",
        convert=convert.topics,
        required=True,
    )
    exclude: tuple[str, ...] = declare(
        group=Group.TOPICS,
        metavar="PHRASE",
        separator="\n",
        help="Phrases, one on each line. Papers that have one in title or abstract are left out.",
        convert=parse_exclude,
        unset=(),
    )
    categories: tuple[str, ...] = declare(
        group=Group.TOPICS,
        metavar="NAMES",
        separator=", ",
        help="Archives or categories, such as cs or stat.ML, to which all topics are restricted.",
        convert=parse_categories,
        unset=(),
    )
    config: str = declare(
        help=(
            "A TOML file in the workspace that sets inputs by name, such as daily-papers.toml. "
            "An input that is also set elsewhere has that value."
        ),
        group=Group.TOPICS,
        metavar="PATH",
        convert=convert.path,
    )
    max_papers: int = declare(
        group=Group.TOPICS,
        metavar="NUMBER",
        help="Papers kept for each topic, from 1 to 1000.",
        convert=convert.whole_number(1, 1000),
        default="100",
    )
    sort_by: SortBy = declare(
        group=Group.TOPICS,
        metavar="DATE",
        help="The date that orders, limits and shows the papers: updated or published.",
        convert=convert.choice(SortBy),
        default="updated",
    )
    interests: Interests = declare(
        group=Group.INTERESTS,
        metavar="WHAT",
        separator="\n",
        help=(
            "What you like, one a line: an arXiv id or address, a .bib file of the repository, a "
            "Zotero library such as zotero:users/12345, or ticks. The best matches come first."
        ),
        convert=parse_interests,
        unset=Interests(),
    )
    zotero_key: str = declare(
        group=Group.INTERESTS,
        metavar="KEY",
        help="A key that may read your Zotero library, if that is private.",
        secret=True,
    )
    picks: int = declare(
        group=Group.INTERESTS,
        metavar="NUMBER",
        help="With interests: how many papers of the last seven days come first, from 1 to 50.",
        convert=convert.whole_number(1, 50),
        default="10",
    )
    columns: tuple[Column, ...] = declare(
        group=Group.PAGE,
        metavar="NAMES",
        separator=", ",
        help=(f"Columns of the tables, in the order shown, of: {', '.join(Column)}."),
        convert=convert.columns,
        default="title, date, abstract, comment",
    )
    readme: str = declare(
        group=Group.PAGE,
        metavar="PATH",
        help="The file that holds the markers. It is created if it does not exist.",
        convert=convert.path,
        default="README.md",
    )
    marker: str = declare(
        group=Group.PAGE,
        metavar="NAME",
        help="Names the region: <!-- daily-papers:start --> to <!-- daily-papers:end -->.",
        convert=convert.marker,
        default="daily-papers",
    )
    title: str = declare(
        group=Group.PAGE,
        metavar="TEXT",
        help=(
            "The name of the web page and of the feeds, and the title of a README that the action "
            "creates. Without it, the web page has the repository's name."
        ),
        convert=convert.text(MAX_NAME),
    )
    data_file: str | None = declare(
        group=Group.FILES,
        metavar="PATH",
        help=(
            "The file that remembers the papers between runs. With none, no paper ever counts as "
            "new."
        ),
        convert=convert.optional(convert.path),
        default=".github/daily-papers.json",
    )
    layout: Layout = declare(
        group=Group.PAGE,
        metavar="HOW",
        help="How papers are laid out: table, or list (easier to read on a phone).",
        convert=convert.choice(Layout),
        default="table",
    )
    pages: Pages = declare(
        group=Group.PAGE,
        metavar="WHEN",
        help=(
            "A page for each topic: auto (if the README would be longer than GitHub shows), "
            "always, never."
        ),
        convert=convert.choice(Pages),
        default="auto",
    )
    pages_dir: str = declare(
        group=Group.PAGE,
        metavar="FOLDER",
        help="The folder of those pages.",
        convert=convert.folder,
        default="papers",
    )
    feed: str | None = declare(
        group=Group.FILES,
        metavar="PATH",
        help=(
            "An Atom file of the newest papers for feed readers, such as feed.xml; a folder for "
            "one of each topic, such as docs/feeds/; or none."
        ),
        convert=convert.optional(convert.path_or_folder),
        default="none",
    )
    site: str | None = declare(
        group=Group.FILES,
        metavar="FOLDER",
        help="The folder of a web page for GitHub Pages, such as docs; or none.",
        convert=convert.optional(convert.folder),
        default="none",
    )
    archive: str | None = declare(
        group=Group.FILES,
        metavar="FOLDER",
        help=(
            "Without site: the folder of a Markdown page a month with every paper that a topic "
            "ever had, such as archive; or none."
        ),
        convert=convert.optional(convert.folder),
        default="none",
    )
    trends: bool = declare(
        group=Group.PAGE,
        metavar="BOOLEAN",
        help="Whether the README has a chart of each topic's papers by the week: true or false.",
        convert=convert.boolean,
        default="false",
    )
    notify: Notify = declare(
        group=Group.NOTICES,
        metavar="HOW",
        help=(
            "How people who watch the repository are told of new papers: issue (one for each run "
            "that finds some), none."
        ),
        convert=convert.notify,
        default="issue",
    )
    notify_services: tuple[str, ...] = declare(
        group=Group.NOTICES,
        metavar="ADDRESS",
        separator="\n",
        help=(
            "Services that are told of new papers, such as Slack, Telegram or mail: addresses as "
            "Apprise takes them, one a line. They hold passwords, so they belong in a secret."
        ),
        convert=convert.addresses,
        secret=True,
        unset=(),
    )
    notify_days: frozenset[int] = declare(
        group=Group.NOTICES,
        metavar="DAYS",
        separator=", ",
        help=(
            "The days on which issues and services tell of new papers: some of mon, tue, wed, "
            "thu, fri, sat, sun. What is new on other days waits for the next one. By default "
            "each run that found some tells of them."
        ),
        convert=convert.weekdays,
        unset=EVERY_DAY,
    )
    notify_papers: int = declare(
        group=Group.NOTICES,
        metavar="NUMBER",
        help="The most papers of each topic that a digest lists, from 1 to 100.",
        convert=convert.whole_number(1, 100),
        default="15",
    )
    notify_labels: tuple[str, ...] = declare(
        group=Group.NOTICES,
        metavar="NAMES",
        separator=", ",
        help="Labels of the issues, separated by commas. Missing labels are created.",
        convert=convert.labels,
        default="daily-papers",
    )
    notify_keep: int = declare(
        group=Group.NOTICES,
        metavar="NUMBER",
        help="How many of the issues stay open. Older ones are closed.",
        convert=convert.whole_number(1, 100),
        default="7",
    )
    summaries: str = declare(
        group=Group.SUMMARIES,
        metavar="URL",
        help=(
            "The base address of an OpenAI-compatible endpoint that is sent title, categories and "
            "abstract of each paper, and writes a sentence on it, such as https://api.openai.com/v1."
        ),
        convert=convert.endpoint,
    )
    summaries_model: str = declare(
        group=Group.SUMMARIES,
        metavar="NAME",
        help="The model to ask there, by the endpoint's name for it.",
        convert=convert.text(MAX_MODEL),
    )
    summaries_key: str = declare(
        group=Group.SUMMARIES,
        metavar="KEY",
        help="The key for that endpoint, if it needs one.",
        convert=convert.key,
        secret=True,
    )
    summaries_language: str = declare(
        group=Group.SUMMARIES,
        metavar="NAME",
        help="The language of the sentence and, if it is not English, of a title besides.",
        convert=convert.text(MAX_LANGUAGE),
        default="English",
    )
    summaries_limit: int = declare(
        group=Group.SUMMARIES,
        metavar="NUMBER",
        help="Papers that a run asks for, from 1 to 1000. The others are left to the next runs.",
        convert=convert.whole_number(1, 1000),
        default="50",
    )
    publish: Publish = declare(
        group=Group.PUBLISHING,
        metavar="HOW",
        help=(
            "Where the result goes: commit (a commit on GitHub), pull-request (one that later runs "
            "update), local (the files of the workspace), plan (nowhere: the log shows the diff)."
        ),
        convert=convert.choice(Publish),
        default="commit",
    )
    branch: str = declare(
        group=Group.PUBLISHING,
        metavar="NAME",
        help="The branch that is read and committed to. The default is the branch of the run.",
        convert=convert.branch,
    )
    commit_message: str = declare(
        group=Group.PUBLISHING,
        metavar="TEXT",
        help="The commit message. {date}, {new} (a count) and {topics} are filled in.",
        convert=convert.commit_message,
        default="docs: update daily papers ({date})",
    )
    timezone: ZoneInfo = declare(
        group=Group.PAGE,
        metavar="NAME",
        help="The time zone of the dates on the page, by its IANA name, such as Europe/Berlin.",
        convert=convert.timezone,
        default="UTC",
    )
    github_token: str = declare(
        group=Group.PUBLISHING,
        metavar="TOKEN",
        help=(
            "The token that reads, commits and opens issues. It needs the permissions "
            "contents: write and issues: write."
        ),
        secret=True,
    )
    arxiv_url: str = declare(
        group=Group.ARXIV,
        metavar="URL",
        help="The address of arXiv's API, or of a mirror.",
        convert=convert.url,
        default="https://export.arxiv.org/api/query",
    )
    requests: Requests = declare(
        group=Group.ARXIV,
        metavar="HOW",
        help=(
            "How arXiv is asked on an ordinary day: combined (one question about all topics, and "
            "about each separately once a week), per-topic (about each separately)."
        ),
        convert=convert.choice(Requests),
        default="combined",
    )
    announcements: Announcements = declare(
        group=Group.ARXIV,
        metavar="WHEN",
        help=(
            "When arXiv's announcement feed is asked as well: auto (if the API refuses and topics "
            "have no answer), never."
        ),
        convert=convert.choice(Announcements),
        default="auto",
    )
    announcements_url: str = declare(
        group=Group.ARXIV,
        metavar="URL",
        help="The address of arXiv's announcement feeds, or of a mirror.",
        convert=convert.url,
        default="https://rss.arxiv.org/atom",
    )
    time_limit: int = declare(
        group=Group.ARXIV,
        metavar="SECONDS",
        help=(
            "Seconds after which arXiv and a model for summaries are not asked any more. What "
            "there is by then is published."
        ),
        convert=convert.whole_number(1, 21_600),
        default="600",
    )
    stale_after: int = declare(
        group=Group.ARXIV,
        metavar="DAYS",
        help="Days without a usable answer from arXiv after which a topic makes the run fail.",
        convert=convert.whole_number(1, 365),
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
    """Returns what is declared of every input, in the order of the documentation."""
    return tuple(
        Declaration(name=field.name.replace("_", "-"), **field.metadata)
        for field in dataclasses.fields(Inputs)
    )


def read_inputs(argv: Sequence[str], environ: Mapping[str, str]) -> Inputs:
    """Reads the inputs of one run.

    A flag comes before a variable of the environment, and that before the configuration file.
    Text that is empty or blank means that the input is unset.

    Args:
        argv: the command line's flags, without the program's name.
        environ: the environment. `GITHUB_TOKEN` stands in for an unset `github-token`, so that
            a token never has to be on a command line.

    Raises:
        InputError: with every problem, each naming the input, the bad value and what is allowed.
        SystemExit: the command line asks for help or for the version.
    """
    declared = declarations()
    folder = Path(environ.get("GITHUB_WORKSPACE") or ".")
    problems: list[str] = []
    flags: dict[str, str] = {}
    if argv:
        from daily_papers.flags import from_flags  # noqa: PLC0415 - the action has none

        flags = from_flags(argv, declared, problems)
    variables = from_environment(environ, declared)
    config = flags.get("config") or variables.get("config", "")
    given = {
        **(from_file(folder / config, declared, problems) if config else {}),
        **variables,
        **flags,
    }
    is_all_read = not problems
    values: dict[str, Any] = {}
    for one in declared:
        field = one.name.replace("-", "_")
        text = given.get(one.name, "").strip() or one.default
        if not text:
            values[field] = one.unset
            if one.required and is_all_read:  # It may be in what could not be read.
                problems.append(f"{one.name} is missing. {one.help}")
            continue
        try:
            values[field] = one.convert(convert.readable(text))
        except ValueError as error:
            # Lines with a caret below them begin a line of their own.
            shown = f"\n{error}" if "\n" in str(error) else f" {error}"
            problems.append(f"{one.name}:{shown}")
    problems += _contradictions(values)
    if problems:
        raise InputError(problems)
    return Inputs(**values)


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    """Returns which inputs, each fine alone, do not go together."""
    problems = []
    publish = values.get("publish")
    if values.get("notify_services") and values.get("data_file", "") is None:
        problems.append(
            "notify-services needs a data-file: without one nothing is known to be new, and nobody "
            "can be told"
        )
    if publish in {Publish.COMMIT, Publish.PULL_REQUEST} and not values.get("github_token"):
        problems.append(
            f"github-token is missing, which publish: {publish} needs. Give it a token with the "
            "permission contents: write, in a workflow as an input, elsewhere as the variable "
            "GITHUB_TOKEN; or use publish: local (--publish local), which needs no GitHub"
        )
    if values.get("site") and values.get("archive"):
        problems.append(
            "archive is for repositories without a web page: that of site has an archive of its "
            "own. Leave out one of them"
        )
    problems += _summaries_problems(values)
    places: dict[str, str] = {}
    for name in ("readme", "data-file", "feed"):
        path = values.get(name.replace("-", "_"))
        if path in places:
            problems.append(f"{name}: {path!r} is already the {places[path]}; use another file")
        elif path is not None:
            places[path] = name
    return problems


def _summaries_problems(values: Mapping[str, Any]) -> list[str]:
    """Returns what is missing for summaries by a model."""
    if values.get("summaries"):
        missing = {
            "summaries-model is missing, which summaries needs. Name a model of that endpoint": (
                not values.get("summaries_model", True)
            ),
            "summaries needs a data-file, which remembers for which papers a model was asked; "
            "without one, the same would be paid for every day": values.get("data_file", "")
            is None,
        }
        return [problem for problem, is_so in missing.items() if is_so]
    return [
        f"{name.replace('_', '-')} is set, but summaries is missing: the address of the endpoint"
        for name in ("summaries_model", "summaries_key")
        if values.get(name)
    ]
