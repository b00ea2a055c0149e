"""One run of Daily Papers, from what the user says to a page that is up to date."""

from __future__ import annotations

import logging
import os
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

from daily_papers import REPOSITORY_URL, datafile, workflow
from daily_papers.arxiv import Arxiv
from daily_papers.clock import Clock, SystemClock
from daily_papers.errors import DailyPapersError, InputError, LostRaceError
from daily_papers.inputs import Inputs, Publish, read_inputs
from daily_papers.outcome import Outcome
from daily_papers.plan import document, make_plan, paths
from daily_papers.repository import DryRun, LocalRepository, Repository, State
from daily_papers.snapshot import Section, Snapshot, compare, merge
from daily_papers.views import summary

__all__ = ["console", "main", "run"]

ATTEMPTS: Final = 5
"""How often a plan is made before a race counts as lost for good."""

_log = logging.getLogger(__name__)


def run(inputs: Inputs, arxiv: Arxiv, repository: Repository, clock: Clock) -> Outcome:
    """Brings the repository up to date.

    Args:
        inputs: what the user wants.
        arxiv: answers what is new.
        repository: holds the page and the data file.
        clock: tells the day, and waits between attempts.

    Raises:
        DailyPapersError: the run cannot go on; the repository is as it was.
    """
    state = repository.read(paths(inputs))
    document(inputs, state)  # A page that cannot be written must not cost arXiv a request.
    sections = ask(inputs, arxiv, clock)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return publish(inputs, sections, state, repository, clock)
        except LostRaceError as race:
            if attempt == ATTEMPTS:
                raise
            _log.info("%s; planning again", race.message)
            clock.sleep(random.uniform(0.5, 1.5) * attempt)  # noqa: S311 - jitter, no secret
            state = repository.read(paths(inputs))
    raise AssertionError("unreachable")


def ask(inputs: Inputs, arxiv: Arxiv, clock: Clock) -> list[Section]:
    """Asks arXiv for each topic in turn, and tells of each as soon as it has answered."""
    sections = []
    with workflow.group("Asking arXiv"):
        for topic in inputs.keywords:
            started = clock.monotonic()
            answer = arxiv.newest(topic.query, limit=inputs.max_papers, sort_by=inputs.sort_by)
            _log.info(
                "%s: %d papers of %d, %.1f s",
                topic.heading,
                len(answer.papers),
                answer.total,
                clock.monotonic() - started,
            )
            sections.append(
                Section(heading=topic.heading, query=topic.query.to_arxiv(), papers=answer.papers)
            )
    return sections


def publish(
    inputs: Inputs, sections: Sequence[Section], state: State, repository: Repository, clock: Clock
) -> Outcome:
    """Merges what arXiv answered into what `state` holds, and publishes the result.

    Raises:
        LostRaceError: the repository is no longer as `state` says.
        DailyPapersError: the repository cannot take the changes, and is as it was.
    """
    old = _old_snapshot(inputs, state)
    snapshot = merge(old, sections, clock.now().astimezone(inputs.timezone).date())
    digest = compare(old, snapshot)
    plan = make_plan(inputs, state, snapshot, digest)
    commit = repository.apply(plan) if plan.changes else None
    applied = bool(plan.changes) and inputs.publish is not Publish.PLAN
    return Outcome(snapshot=snapshot, digest=digest, plan=plan, applied=applied, commit=commit)


def _old_snapshot(inputs: Inputs, state: State) -> Snapshot | None:
    """Gives the snapshot of the last run, if there was one whose data file can be read."""
    data = state.files[inputs.data_file] if inputs.data_file else None
    if data is None:
        return None
    try:
        return datafile.decode(data, inputs.sort_by)
    except datafile.DataFileError as error:
        _log.warning("%s cannot be used and is rebuilt: %s", inputs.data_file, error.message)
        return None


def open_repository(inputs: Inputs, environ: Mapping[str, str], clock: Clock) -> Repository:
    """Gives the repository that the inputs and the runner name.

    A plan is made for GitHub where a token and a repository are known, else for the workspace.

    Raises:
        InputError: a commit is asked for where no repository is known.
    """
    name = environ.get("GITHUB_REPOSITORY", "")
    if inputs.publish is Publish.COMMIT and not name:
        problem = (
            "publish: commit needs the variable GITHUB_REPOSITORY, which GitHub Actions sets; "
            "elsewhere use publish: local"
        )
        raise InputError([problem])
    if inputs.publish is Publish.LOCAL or not (name and inputs.github_token):
        repository: Repository = LocalRepository(Path(environ.get("GITHUB_WORKSPACE") or "."))
    else:
        # PyGithub takes a quarter of a second to import; a local run does not pay for it.
        from daily_papers.github import GitHubRepository  # noqa: PLC0415

        repository = GitHubRepository(
            name,
            inputs.branch or _branch_of_run(environ),
            token=inputs.github_token,
            api_url=environ.get("GITHUB_API_URL") or "https://api.github.com",
            clock=clock,
        )
    return DryRun(repository) if inputs.publish is Publish.PLAN else repository


def _branch_of_run(environ: Mapping[str, str]) -> str:
    """Gives the branch that the workflow runs on; empty for a tag or a pull request."""
    reference = environ.get("GITHUB_REF", "")
    return reference.removeprefix("refs/heads/") if reference.startswith("refs/heads/") else ""


def main(
    argv: Sequence[str], environ: Mapping[str, str], stdout: TextIO, clock: Clock | None = None
) -> int:
    """Runs once, in the world that the arguments describe.

    Args:
        argv: flags, without the program's name.
        environ: inputs as `INPUT_*`, and what the runner tells as `GITHUB_*`.
        stdout: takes the log.
        clock: the machine's own where none is given.

    Returns:
        The exit code: 0 where all went well, 2 for inputs that cannot be used, 1 otherwise.
    """
    clock = clock or SystemClock()
    workflow.log_to(stdout, commands=environ.get("GITHUB_ACTIONS") == "true")
    try:
        inputs = read_inputs(argv, environ)
        workflow.mask(inputs.github_token)
        repository = open_repository(inputs, environ, clock)
        outcome = run(inputs, Arxiv(inputs.arxiv_url, clock), repository, clock)
        _report(inputs, outcome, environ)
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
        with workflow.group("The plan"):
            _log.info("%s", outcome.plan.diff())
    _log.info("%s", outcome.deed())
    if path := environ.get("GITHUB_OUTPUT"):
        workflow.write_outputs(Path(path), outcome.outputs())
    _append_summary(environ, summary.render(outcome))


def _append_summary(environ: Mapping[str, str], markdown: str) -> None:
    if path := environ.get("GITHUB_STEP_SUMMARY"):
        workflow.append_summary(Path(path), markdown)


def console() -> None:
    """The `daily-papers` command, and the container's entry point."""
    sys.exit(main(sys.argv[1:], os.environ, sys.stdout))
