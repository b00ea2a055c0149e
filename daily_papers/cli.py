"""The command `daily-papers`: arguments, wiring, exit codes.

Only here do real effects (GitHub, arXiv, the workspace, the clock) meet the program, so that every
other module can be tested without them. Only the entry points import this module.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, TextIO

from daily_papers import REPOSITORY_URL, app, runner
from daily_papers.app import World
from daily_papers.arxiv.client import Arxiv, Timeouts
from daily_papers.clock import Clock, SystemClock, TerminalClock
from daily_papers.errors import ArxivError, DailyPapersError, InputError, PathError
from daily_papers.home import Home
from daily_papers.inputs import Inputs, read_inputs
from daily_papers.interests.likes import Libraries
from daily_papers.memory.keys import make_key
from daily_papers.memory.summaries import Summarise
from daily_papers.notify.services import open_services, secrets_of
from daily_papers.options import Notify, Publish
from daily_papers.outcome import Outcome
from daily_papers.publish.local import DryRun, LocalRepository, write_inside
from daily_papers.views import summary
from daily_papers.waiting import Counter

__all__ = ["OUTPUT_FOLDER", "main"]

OUTPUT_FOLDER: Final = ".daily-papers"
"""The folder in the workspace for files that later steps of a job read, and git ignores."""

OUTPUT_FILES: Final = {
    "new-papers-file": "new-papers.json",
    "digest-file": "digest.md",
    "digest-html-file": "digest.html",
}
"""The files' names, by the output that leads to each."""

LOCAL: Final = "local"
"""Stands for the repository's name where none is known."""

LIBRARY_SECONDS: Final = 120.0
"""Seconds that reading one library may take: a thousand items are eleven requests."""

_log = logging.getLogger(__name__)


def main(
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    out: TextIO,
    log: TextIO,
    clock: Clock | None = None,
    timeouts: Timeouts | None = None,
) -> int:
    """Runs once, in the world that the arguments describe.

    Args:
        argv: flags, without the program's name.
        environ: inputs as `INPUT_*`, and what the runner sets as `GITHUB_*`.
        out: takes the diff of a plan.
        log: takes the log, except on a runner, where everything goes to `out` to keep its order.
        clock: the system's clock by default.
        timeouts: for requests to arXiv.

    Returns:
        The exit code: 0 if all went well, 2 for inputs that cannot be used, 130 if the user stopped
        the run, 1 otherwise.
    """
    is_workflow = environ.get("GITHUB_ACTIONS") == "true"
    log = out if is_workflow else log
    is_terminal = not is_workflow and log.isatty()
    clock = clock or (TerminalClock(log) if is_terminal else SystemClock())
    runner.log_to(log, commands=is_workflow)
    try:
        inputs = read_inputs(argv, environ)
        runner.mask(inputs.github_token)
        for address in inputs.notify_services:
            runner.mask("\n".join(secrets_of(address)))
        runner.mask(inputs.zotero_key)
        runner.mask(inputs.summaries_key)
        arxiv = Arxiv(
            inputs.arxiv_url,
            clock,
            time_limit=inputs.time_limit,
            timeouts=timeouts,
            is_attended=not is_workflow,
            waiting=Counter(log) if is_terminal else nullcontext,
        )
        outcome = app.run(inputs, open_world(inputs, environ, arxiv, clock))
        with app.stoppable("Stopped after the work was done. Only the report is missing"):
            _report(outcome, environ, out)
        _check_answers(outcome, inputs.stale_after)
    except DailyPapersError as error:
        _log.error("%s", error)
        _append_summary(environ, summary.render_error(error))
        return error.exit_code
    except Exception:  # noqa: BLE001 - the last line of defense says what to do
        _log.exception("This is a bug of Daily Papers; please report it at %s", REPOSITORY_URL)
        return 1
    return 0


# --- Wiring


def open_world(inputs: Inputs, environ: Mapping[str, str], arxiv: Arxiv, clock: Clock) -> World:
    """Returns the world that the inputs and the runner name.

    A plan is made for GitHub if a token and a repository are known, otherwise for the workspace.

    Raises:
        InputError: a commit is asked for, but no repository is known.
    """
    home = _home(inputs, environ)
    if inputs.publish in {Publish.COMMIT, Publish.PULL_REQUEST} and home is None:
        problem = (
            f"publish: {inputs.publish} needs the variable GITHUB_REPOSITORY, which GitHub "
            "Actions sets; elsewhere use publish: local"
        )
        raise InputError([problem])
    owner = make_key(home.name if home else LOCAL, inputs.marker)
    is_plan = inputs.publish is Publish.PLAN
    here = World(
        arxiv=arxiv,
        repository=LocalRepository(_workspace(environ)),
        tracker=None,
        services=() if is_plan else open_services(inputs.notify_services, owner=owner),
        owner=owner,
        clock=clock,
        home=home,
        libraries=_libraries(inputs, clock),
        summarise=_model(inputs, clock),
    )
    if inputs.publish is Publish.LOCAL:
        return here
    world = _on_github(inputs, environ, here, home) if home and inputs.github_token else here
    if is_plan:
        return replace(world, repository=DryRun(world.repository), tracker=None)
    return world


def _on_github(inputs: Inputs, environ: Mapping[str, str], world: World, home: Home) -> World:
    """Returns `world` with its repository on GitHub."""
    # PyGithub takes a tenth of a second to import; a local run does without.
    from daily_papers.github.client import connect  # noqa: PLC0415
    from daily_papers.github.issues import GitHubTracker  # noqa: PLC0415
    from daily_papers.github.pull_request import PullRequestRepository, branch_of  # noqa: PLC0415
    from daily_papers.github.repository import GitHubRepository  # noqa: PLC0415

    connection = connect(
        home.name,
        token=inputs.github_token,
        api_url=environ.get("GITHUB_API_URL") or "https://api.github.com",
        clock=world.clock,
    )
    repository = GitHubRepository(connection, home.branch)
    if inputs.publish is Publish.PULL_REQUEST:  # GitHub mails it to everyone who watches those.
        return replace(
            world,
            repository=PullRequestRepository(repository, inputs.marker, inputs.data_file),
            is_hosted=True,
            proposal=replace(home, branch=branch_of(inputs.marker)),
        )
    # Without a data file nothing is known to be new, and nobody can be told.
    tells = inputs.notify is not Notify.NONE and inputs.data_file is not None
    return replace(
        world,
        repository=repository,
        tracker=GitHubTracker(connection, inputs.marker) if tells else None,
        is_hosted=True,
    )


def _libraries(inputs: Inputs, clock: Clock) -> Libraries | None:
    """Returns where the reader's libraries are read, if there are some."""
    if not inputs.interests.libraries:
        return None
    from daily_papers.interests import zotero  # noqa: PLC0415 - other runs do not pay for it

    return zotero.Zotero(clock, time_limit=LIBRARY_SECONDS, key=inputs.zotero_key, url=zotero.URL)


def _model(inputs: Inputs, clock: Clock) -> Summarise | None:
    """Returns how a model is asked for summaries, if one is named.

    A plan asks nobody for money: what is answered would be forgotten, and paid for again.
    """
    if not inputs.summaries or inputs.publish is Publish.PLAN:
        return None
    from daily_papers.summaries.client import Settings, summarise  # noqa: PLC0415 - only for some

    settings = Settings(
        url=inputs.summaries,
        model=inputs.summaries_model,
        key=inputs.summaries_key,
        language=inputs.summaries_language,
        limit=inputs.summaries_limit,
    )
    return lambda papers, deadline: summarise(papers, settings, clock, deadline)


def _home(inputs: Inputs, environ: Mapping[str, str]) -> Home | None:
    """Returns where the repository can be seen, if the runner says."""
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
    """Returns the branch that the workflow runs on; empty for a tag or a pull request."""
    reference = environ.get("GITHUB_REF", "")
    return reference.removeprefix("refs/heads/") if reference.startswith("refs/heads/") else ""


# --- Report


def _report(outcome: Outcome, environ: Mapping[str, str], out: TextIO) -> None:
    """Reports the result of the run: in the log, the outputs and the summary."""
    if outcome.is_plan_only and outcome.plan.changes:
        # The reader may have seen enough, as `head` has.
        with runner.group("The plan"), suppress(BrokenPipeError):
            runner.show(outcome.plan.diff(), out)
    _log.info("%s", outcome.deed())
    if path := environ.get("GITHUB_OUTPUT"):
        files = _write_files(outcome, _workspace(environ))
        runner.write_outputs(Path(path), {**outcome.outputs(), **files})
    _append_summary(environ, summary.render(outcome))


def _write_files(outcome: Outcome, workspace: Path) -> dict[str, str]:
    """Writes the files for later steps, which git ignores.

    Returns:
        The path of each file, by the output that leads to it, relative to the workspace, which
        later steps see at another path. Empty if there is no file.
    """
    papers = json.dumps(outcome.new_papers(), ensure_ascii=False, indent=1)
    texts = {"new-papers-file": papers, **outcome.digests}
    paths = dict.fromkeys(OUTPUT_FILES, "")
    for output, text in texts.items():
        path = f"{OUTPUT_FOLDER}/{OUTPUT_FILES[output]}"
        try:
            write_inside(workspace, f"{OUTPUT_FOLDER}/.gitignore", b"*\n")
            write_inside(workspace, path, text.encode("utf-8", "replace"))
        except PathError as error:
            _log.warning("There is no file for the output %s: %s", output, error)
        else:
            paths[output] = path
    return paths


def _check_answers(outcome: Outcome, stale_after: int) -> None:
    """Makes the run fail if arXiv has failed for all topics, or for too long.

    Raises:
        ArxivError: everything is published and reported; the run fails so that somebody looks.
    """
    if all(isinstance(reply, ArxivError) for reply in outcome.replies.values()):
        raise ArxivError("arXiv gave no usable answer for any topic; the page keeps its papers")
    if stale := outcome.stale(stale_after):
        told = "; ".join(f"{heading} since {day}" for heading, day in stale.items())
        raise ArxivError(
            f"no usable answer of arXiv for {stale_after} days or longer: {told}",
            "If arXiv is well, look at the warnings of this run and at how the topic is written. "
            "To start over with a topic, run once without its line.",
        )


def _append_summary(environ: Mapping[str, str], markdown: str) -> None:
    if path := environ.get("GITHUB_STEP_SUMMARY"):
        runner.append_summary(Path(path), markdown)
