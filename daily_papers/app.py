"""One run of Daily Papers, from what the user says to a page that is up to date."""

from __future__ import annotations

import itertools
import json
import logging
import os
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TextIO

from daily_papers import REPOSITORY_URL, runner
from daily_papers.answers import Reply
from daily_papers.arxiv.client import Arxiv, Timeouts
from daily_papers.arxiv.fetch import Wish, ask
from daily_papers.clock import Clock, SystemClock
from daily_papers.errors import ArxivError, DailyPapersError, InputError, LostRaceError
from daily_papers.github.client import connect
from daily_papers.github.issues import GitHubTracker
from daily_papers.github.pull_request import PullRequestRepository, branch_of
from daily_papers.github.repository import GitHubRepository
from daily_papers.home import Home
from daily_papers.inputs import Inputs, read_inputs
from daily_papers.memory import datafile
from daily_papers.memory.news import compare
from daily_papers.memory.snapshot import Snapshot, merge, with_counts
from daily_papers.notify.notices import Notifier
from daily_papers.options import Announcements, Notify, Publish, Requests
from daily_papers.outcome import Outcome
from daily_papers.publish.local import DryRun, LocalRepository
from daily_papers.publish.plan import ROOM, document, make_draft, make_plan, paths
from daily_papers.publish.repository import Repository, State
from daily_papers.publish.splice import Document
from daily_papers.views import pull_request as proposal
from daily_papers.views import summary

__all__ = ["World", "console", "main", "run"]

RIVALRY: Final = 300.0
"""Seconds after which a race counts as lost for good. Their number says nothing: whoever loses one
loses it to a commit that landed, so that of many rivals each has its turn."""

LONGEST_PAUSE: Final = 5.0
"""Seconds to pause at most before a new plan is made after a lost race."""

OUTPUT_FOLDER: Final = ".daily-papers"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that a run touches outside itself."""

    arxiv: Arxiv
    repository: Repository
    notifier: Notifier | None
    """Tells watchers what is new, where they are to be told."""
    clock: Clock
    home: Home | None = None
    """Where the repository can be seen on the web, if anywhere."""
    page_url: str = ""
    """Where GitHub shows the page; empty for a directory."""
    proposal_url: str = ""
    """Where the page is as a pull request proposes it; empty where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How the repository stands before it is changed."""

    state: State
    page: Document
    """The README, with its region."""
    snapshot: Snapshot | None
    """What the last run knew, whether its changes were proposed or made."""
    merged: Snapshot | None
    """What the branch itself has of it."""


def run(inputs: Inputs, world: World) -> Outcome:
    """Brings the repository up to date.

    Args:
        inputs: what the user wants.
        world: who is asked, and where the answers go.

    Raises:
        DailyPapersError: the run cannot go on; the repository is as it was.
    """
    before = look(inputs, world)  # A page that cannot be written must not cost arXiv a request.
    if before.snapshot is None:
        world.repository.check_access()
    with runner.group("Asking arXiv"):
        replies = ask(_wish(inputs, world.clock), world.arxiv, before.snapshot, world.clock)
    _check_nothing_is_lost(replies, before)
    deadline = world.clock.monotonic() + RIVALRY
    for attempt in itertools.count():
        try:
            outcome = publish(inputs, world, replies, before)
            break
        except LostRaceError as race:
            if world.clock.monotonic() > deadline:
                raise
            _log.info("%s; planning again", race.message)
            # The whole pause is left to chance, so that rivals come back apart from each other.
            pause = random.uniform(0, min(LONGEST_PAUSE, 2.0**attempt))  # noqa: S311 - no secret
            world.clock.sleep(pause)
            before = look(inputs, world)
    if world.notifier is None:
        return outcome
    revision = outcome.commit.sha if outcome.commit else before.state.head
    delivery = world.notifier.deliver(outcome.snapshot, revision)
    return replace(outcome, issues=delivery.issues, refusal=delivery.refusal)


def _wish(inputs: Inputs, clock: Clock) -> Wish:
    """Gives what the run wants to know of arXiv."""
    uses_announcements = inputs.announcements is Announcements.AUTO
    return Wish(
        topics=inputs.topics,
        today=clock.now().astimezone(inputs.timezone).date(),
        limit=inputs.max_papers,
        sort_by=inputs.sort_by,
        is_combined=inputs.requests is Requests.COMBINED,
        announcements_url=inputs.announcements_url if uses_announcements else "",
        places=inputs.categories,
    )


def look(inputs: Inputs, world: World) -> Before:
    """Reads how the repository stands.

    Raises:
        DailyPapersError: it cannot be read, or the page cannot be written.
    """
    state = world.repository.read(paths(inputs))
    page = document(inputs, state)
    merged = _read_snapshot(inputs, state.files)
    found = filter(None, (_read_snapshot(inputs, state.proposed), merged))
    newest = max(found, key=lambda snapshot: snapshot.updated, default=None)
    return Before(state=state, page=page, snapshot=newest, merged=merged)


def _check_nothing_is_lost(replies: Mapping[str, Reply], before: Before) -> None:
    """Refuses to go on where a topic has no papers and those that it had are not known.

    Raises:
        ArxivError: the run must leave everything as it is.
    """
    failed = [reply for reply in replies.values() if isinstance(reply, ArxivError)]
    unknown = before.snapshot is None
    if failed and unknown and (len(failed) == len(replies) or before.page.content.strip()):
        raise ArxivError(
            f"no papers for {len(failed)} of {len(replies)} topics; nothing was changed, because "
            f"no data file tells what they had. The first reason: {failed[0].message}"
        )


def publish(
    inputs: Inputs,
    world: World,
    replies: Mapping[str, Reply],
    before: Before,
) -> Outcome:
    """Merges what arXiv answered into what was known before, and publishes the result.

    Raises:
        LostRaceError: the repository is no longer as it was before.
        DailyPapersError: the repository cannot take the changes, and is as it was.
    """
    state, old = before.state, before.snapshot
    now = world.clock.now().astimezone(inputs.timezone)
    snapshot = merge(old, inputs.topics, replies, now.date())
    digest = compare(old, snapshot, inputs.sort_by)
    if snapshot is not old:
        snapshot = with_counts(snapshot, digest.topics)
    if world.notifier:
        snapshot = world.notifier.announce(snapshot, digest, now=now, is_first=old is None)
    draft = make_draft(
        inputs,
        before.page,
        snapshot,
        vouched=before.merged.files if before.merged else {},
        home=world.home,
    )
    if len(draft.files[inputs.readme]) > ROOM:
        _log.warning("%s is longer than GitHub shows, even without papers", inputs.readme)
    if expected := draft.expected(state):
        state = world.repository.read_changed(state, expected)
    plan = make_plan(inputs, state, draft, digest)
    if world.proposal_url:
        plan = replace(plan, description=_description(inputs, world, before.merged, snapshot))
    commit = world.repository.apply(plan)
    applied = bool(plan.changes) and inputs.publish is not Publish.PLAN
    return Outcome(
        now=now,
        replies=replies,
        snapshot=snapshot,
        digest=digest,
        is_first=old is None,
        plan=plan,
        applied=applied and (commit is None or commit.is_new),
        commit=commit,
        page_url=world.page_url,
        site=inputs.site or "",
    )


def _description(inputs: Inputs, world: World, merged: Snapshot | None, snapshot: Snapshot) -> str:
    """Gives what a pull request says of `snapshot`, compared with what its base has."""
    return proposal.render(
        merged,
        snapshot,
        day=snapshot.updated,
        limit=inputs.notify_papers,
        sort_by=inputs.sort_by,
        page_url=world.proposal_url,
    )


def _read_snapshot(inputs: Inputs, files: Mapping[str, bytes | None]) -> Snapshot | None:
    """Gives the snapshot in a data file, if there is one that can be read."""
    data = files.get(inputs.data_file) if inputs.data_file else None
    if data is None:
        return None
    try:
        return datafile.decode(data, inputs.marker, inputs.sort_by)
    except datafile.DataFileError as error:
        _log.warning("%s cannot be used and is rebuilt: %s", inputs.data_file, error.message)
        return None


def open_world(inputs: Inputs, environ: Mapping[str, str], arxiv: Arxiv, clock: Clock) -> World:
    """Gives the world that the inputs and the runner name.

    A plan is made for GitHub where a token and a repository are known, else for the workspace.

    Raises:
        InputError: a commit is asked for where no repository is known.
    """
    home = _home(inputs, environ)
    if inputs.publish in {Publish.COMMIT, Publish.PULL_REQUEST} and home is None:
        problem = (
            f"publish: {inputs.publish} needs the variable GITHUB_REPOSITORY, which GitHub "
            "Actions sets; elsewhere use publish: local"
        )
        raise InputError([problem])
    here = World(
        arxiv=arxiv,
        repository=LocalRepository(_workspace(environ)),
        notifier=None,
        clock=clock,
        home=home,
    )
    if inputs.publish is Publish.LOCAL:
        return here
    world = _on_github(inputs, environ, here, home) if home and inputs.github_token else here
    if inputs.publish is Publish.PLAN:
        return replace(world, repository=DryRun(world.repository), notifier=None)
    return world


def _on_github(inputs: Inputs, environ: Mapping[str, str], world: World, home: Home) -> World:
    """Gives `world` with its repository on GitHub."""
    connection = connect(
        home.name,
        token=inputs.github_token,
        api_url=environ.get("GITHUB_API_URL") or "https://api.github.com",
        clock=world.clock,
    )
    repository = GitHubRepository(connection, home.branch)
    tracker = GitHubTracker(connection, inputs.marker, site=home.site)
    if inputs.publish is Publish.PULL_REQUEST:  # GitHub mails it to whoever watches those.
        return replace(
            world,
            repository=PullRequestRepository(repository, inputs.marker, inputs.data_file),
            proposal_url=tracker.page_url(inputs.readme, branch_of(inputs.marker)),
        )
    # Without a data file nothing is known to be new, and nobody can be told.
    tells = inputs.notify is not Notify.NONE and inputs.data_file is not None
    notifier = Notifier(inputs, tracker) if tells else None
    return replace(
        world,
        repository=repository,
        notifier=notifier,
        page_url=home.page_url(inputs.readme),
    )


def _home(inputs: Inputs, environ: Mapping[str, str]) -> Home | None:
    """Gives where the repository can be seen, if the runner tells."""
    name = environ.get("GITHUB_REPOSITORY")
    if not name:
        return None
    return Home(
        site=environ.get("GITHUB_SERVER_URL") or "https://github.com",
        name=name,
        branch=inputs.branch or _branch_of_run(environ),
    )


def _workspace(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("GITHUB_WORKSPACE") or ".")


def _branch_of_run(environ: Mapping[str, str]) -> str:
    """Gives the branch that the workflow runs on; empty for a tag or a pull request."""
    reference = environ.get("GITHUB_REF", "")
    return reference.removeprefix("refs/heads/") if reference.startswith("refs/heads/") else ""


def main(
    argv: Sequence[str],
    environ: Mapping[str, str],
    stdout: TextIO,
    clock: Clock | None = None,
    timeouts: Timeouts | None = None,
) -> int:
    """Runs once, in the world that the arguments describe.

    Args:
        argv: flags, without the program's name.
        environ: inputs as `INPUT_*`, and what the runner tells as `GITHUB_*`.
        stdout: takes the log.
        clock: the machine's own where none is given.
        timeouts: for requests to arXiv.

    Returns:
        The exit code: 0 where all went well, 2 for inputs that cannot be used, 1 otherwise.
    """
    clock = clock or SystemClock()
    runner.log_to(stdout, commands=environ.get("GITHUB_ACTIONS") == "true")
    try:
        inputs = read_inputs(argv, environ)
        runner.mask(inputs.github_token)
        arxiv = Arxiv(inputs.arxiv_url, clock, time_limit=inputs.time_limit, timeouts=timeouts)
        outcome = run(inputs, open_world(inputs, environ, arxiv, clock))
        _report(inputs, outcome, environ)
        _check_answers(outcome, inputs.stale_after)
    except DailyPapersError as error:
        _log.error("%s", error)
        _append_summary(environ, summary.render_error(error))
        return error.exit_code
    except Exception:  # noqa: BLE001 - the last line of defence says what to do
        _log.exception("This is a bug of Daily Papers; please report it at %s", REPOSITORY_URL)
        return 1
    return 0


def _report(inputs: Inputs, outcome: Outcome, environ: Mapping[str, str]) -> None:
    """Tells what came of the run: in the log, the outputs and the summary."""
    if inputs.publish is Publish.PLAN and outcome.plan.changes:
        with runner.group("The plan"):
            _log.info("%s", outcome.plan.diff())
    _log.info("%s", outcome.deed())
    if path := environ.get("GITHUB_OUTPUT"):
        file = _write_new_papers(outcome, _workspace(environ))
        runner.write_outputs(Path(path), {**outcome.outputs(), "new-papers-file": file})
    _append_summary(environ, summary.render(outcome))


def _write_new_papers(outcome: Outcome, workspace: Path) -> str:
    """Writes the new papers where later steps find them and git does not.

    Returns:
        The file's path, relative to the workspace: later steps see it under another name.
    """
    folder = workspace / OUTPUT_FOLDER
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    file = folder / "new-papers.json"
    text = json.dumps(outcome.new_papers(), ensure_ascii=False, indent=1)
    file.write_text(text, encoding="utf-8")
    return file.relative_to(workspace).as_posix()


def _check_answers(outcome: Outcome, stale_after: int) -> None:
    """Makes the run fail where arXiv has failed for too many topics, or for too long.

    Raises:
        ArxivError: all is published and reported; the run is red so that somebody looks.
    """
    if all(isinstance(reply, ArxivError) for reply in outcome.replies.values()):
        raise ArxivError("arXiv gave no usable answer for any topic; the page keeps its papers")
    if stale := outcome.stale(stale_after):
        told = "; ".join(f"{heading} since {day}" for heading, day in stale.items())
        raise ArxivError(
            f"no usable answer of arXiv for {stale_after} days or longer: {told}",
            "If arXiv is well, look at the warnings of this run and at how the topic is written; "
            "to begin anew with a topic, run once without its line.",
        )


def _append_summary(environ: Mapping[str, str], markdown: str) -> None:
    if path := environ.get("GITHUB_STEP_SUMMARY"):
        runner.append_summary(Path(path), markdown)


def console() -> None:
    """The `daily-papers` command, and the container's entry point."""
    sys.exit(main(sys.argv[1:], os.environ, sys.stdout))
