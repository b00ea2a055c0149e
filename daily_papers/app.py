"""One run of Daily Papers: read the repository, ask arXiv, think, write, tell.

The whole story is here, in this order, so that a newcomer has one place to begin: all that is read
is read before thinking begins, and between the answers and the plan there is no network and no
clock.
"""

from __future__ import annotations

import itertools
import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from daily_papers import runner
from daily_papers.answers import Answer, Reply
from daily_papers.arxiv.client import Arxiv
from daily_papers.arxiv.fetch import Wish, ask
from daily_papers.clock import Clock
from daily_papers.errors import ArxivError, LostRaceError, NotOursError, PathError, StoppedError
from daily_papers.home import Home
from daily_papers.inputs import Inputs, declarations
from daily_papers.interests.likes import Gathered, Libraries, Likes
from daily_papers.interests.match import Match, Matches
from daily_papers.memory import datafile
from daily_papers.memory.archive import Archive, recovered, remember
from daily_papers.memory.datafile import Memory
from daily_papers.memory.keys import hidden, make_key
from daily_papers.memory.merge import follow, merge
from daily_papers.memory.news import News, first_sight
from daily_papers.memory.notices import WELCOME, Notice, gathered, make_notice, unsent
from daily_papers.memory.snapshot import Snapshot
from daily_papers.memory.summaries import SummariesResult, Summarise, Summary, kept, wanted
from daily_papers.notify import issue
from daily_papers.notify.issue import Delivery
from daily_papers.options import Announcements, Publish, Requests
from daily_papers.outcome import Outcome
from daily_papers.publish.draft import Draft, document, make_draft, paths
from daily_papers.publish.plan import commit_message, make_plan
from daily_papers.publish.readme import FOLDERS, find_readme
from daily_papers.publish.repository import Commit, Plan, Repository, State
from daily_papers.publish.splice import Document
from daily_papers.publish.tracker import Issue, Posted, Tracker
from daily_papers.topics.describe import described, remarks, search_link
from daily_papers.views import digest_issue, pull_request
from daily_papers.views.archive import INDEX
from daily_papers.views.digest import compose
from daily_papers.views.digest_issue import Places
from daily_papers.views.fit import MAX_BYTES

__all__ = ["World", "run", "stoppable"]

_DEFAULTS: Final = {one.name: one.default for one in declarations()}
DEFAULT_README: Final = _DEFAULTS["readme"]
DEFAULT_DATA_FILE: Final = _DEFAULTS["data-file"]

MAX_RIVALRY: Final = 300.0
"""Seconds after which a race counts as lost for good. There is no limit of attempts: each lost race
means that another commit has landed, so that of many runs at once each has its turn."""

MAX_PAUSE: Final = 5.0
"""The longest pause, in seconds, before a new plan is made after a lost race."""

_UNTOUCHED: Final = "Stopped. Nothing was changed"
_HALF_WRITTEN: Final = "Stopped while the result was being written. The next run completes it"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything outside the program that a run reads or changes."""

    arxiv: Arxiv
    repository: Repository
    tracker: Tracker | None
    """The issues that tell watchers what is new; `None` if nobody is to be told."""
    clock: Clock
    libraries: Libraries | None = None
    """Where the reader's libraries are read, if there are some."""
    home: Home | None = None
    """Where the repository can be seen on the web, if anywhere."""
    is_hosted: bool = False
    """Whether `repository` is the one on GitHub, and not a directory."""
    proposal: Home | None = None
    """The branch on which a pull request proposes the page, where one does."""
    summarise: Summarise | None = None
    """A model that writes a sentence on each paper, where one is to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The repository before it is changed: all that is read of it."""

    state: State
    page: Document
    """The README, with its region."""
    memory: Memory | None
    """What the last run knew, whether its changes were proposed or made."""
    merged: Memory | None
    """What the branch itself has of it."""
    posted: Sequence[Posted] | None
    """Our issues; `None` if there is nobody to tell, or GitHub could not list them."""
    archive: Archive | None
    """The branch's archive of the web page; `None` without a web page."""

    @property
    def snapshot(self) -> Snapshot | None:
        """What the last run knew of the papers."""
        return self.memory.snapshot if self.memory else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was answered to all questions of a run."""

    replies: Mapping[str, Reply]
    """Of arXiv, by heading."""
    gathered: Gathered | None
    """What the reader likes; `None` without interests."""
    summaries: Mapping[str, Summary]
    """Of a model, by arXiv id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """What a run makes of all that it has read and was answered."""

    draft: Draft
    news: News
    matches: Mapping[str, Match] | None
    """How well new papers match what the reader likes, by id; `None` without interests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Thought):
    """What a run made of the repository."""

    plan: Plan
    commit: Commit | None


def run(inputs: Inputs, world: World) -> Outcome:
    """Updates the repository, and tells readers what is new.

    Args:
        inputs: what the user wants.
        world: the repository, arXiv and the clock.

    Raises:
        DailyPapersError: the run cannot go on; the repository is as it was.
    """
    start = world.clock.monotonic()
    with stoppable(_UNTOUCHED):
        # A page that cannot be written must not cost arXiv a request.
        inputs, before = read(inputs, world)
        with runner.group("Topics"):
            _say_topics(inputs)
        with runner.group("Asking arXiv"):
            replies = ask(_wish(inputs, world.clock), world.arxiv, before.snapshot, world.clock)
        _check_nothing_is_lost(replies, before)
        _warn_of_no_papers(inputs, replies, before.snapshot)
        gathered = _gather(inputs, world, before)
        summaries = _ask_model(inputs, world, before, replies, start + inputs.time_limit)
    answered = Answered(replies=replies, gathered=gathered, summaries=summaries.summaries)
    with stoppable(_UNTOUCHED if inputs.publish is Publish.PLAN else _HALF_WRITTEN):
        now, before, written = _publish(inputs, world, before, answered)
        delivery = tell(inputs, world, before, written)
    hosted = world.home if world.is_hosted else None
    return Outcome(
        now=now,
        topics=inputs.topics,
        replies=replies,
        snapshot=written.draft.memory.snapshot,
        news=written.news,
        matches=written.matches,
        is_first=before.memory is None,
        plan=written.plan,
        is_plan_only=inputs.publish is Publish.PLAN,
        commit=written.commit,
        page_url=hosted.page_url(inputs.readme) if hosted else "",
        issues_url=hosted.issues_url if hosted else "",
        site=inputs.site or "",
        summaries=summaries,
        issues=delivery.issues,
        refusal=delivery.refusal,
    )


@contextmanager
def stoppable(message: str) -> Iterator[None]:
    """Makes Ctrl-C in the block an error with a message of one line."""
    try:
        yield
    except KeyboardInterrupt:
        raise StoppedError(message) from None


# --- Read


def read(inputs: Inputs, world: World) -> tuple[Inputs, Before]:
    """Reads all that the run has to know of the repository.

    Returns:
        The inputs, with the path of the repository's README if none was named; and what was read.

    Raises:
        DailyPapersError: it cannot be read, or the page cannot be written.
    """
    state = _read_state(inputs, world.repository)
    if inputs.readme == DEFAULT_README and state.files[inputs.readme] is None:
        readme = find_readme(DEFAULT_README, world.repository.names(state, FOLDERS))
        if readme != inputs.readme:
            inputs = replace(inputs, readme=readme)
            state = _read_state(inputs, world.repository)
    page = document(inputs, state)
    today = _today(inputs, world.clock)
    merged = _read_memory(inputs, state.files, today)
    found = filter(None, (_read_memory(inputs, state.proposed, today), merged))
    memory = max(found, key=lambda memory: memory.snapshot.updated, default=None)
    if memory is None:  # A first run has most to lose by a refusal at its end.
        world.repository.check_access()
    before = Before(
        state=state,
        page=page,
        memory=memory,
        merged=merged,
        posted=_look(inputs, world.tracker, memory) if world.tracker else None,
        archive=_read_archive(inputs, world.repository, merged) if inputs.site else None,
    )
    return inputs, before


def _read_state(inputs: Inputs, repository: Repository) -> State:
    """Returns the repository with the files that the run has to know.

    A `.bib` file that is a link, or anything else than a file, is left out: it is no reason to be
    without a page.
    """
    bibs = tuple(inputs.interests.files)
    if not bibs:
        return repository.read(paths(inputs))
    try:
        return repository.read((*paths(inputs), *bibs))
    except PathError:
        pass  # Which of them it is, and whether the page is among them, is found out below.
    found: dict[str, bytes | None] = {}
    for path in bibs:
        try:
            found |= repository.read((path,)).files
        except PathError as error:
            where = f"interests, line {inputs.interests.files[path]}"
            _log.warning("%s: %s", where, error)
    state = repository.read(paths(inputs))
    return replace(state, files={**state.files, **found})


def _read_archive(inputs: Inputs, repository: Repository, merged: Memory | None) -> Archive:
    """Returns what the branch has of the archive; without a data file, as its index tells."""
    if merged:
        return merged.archive or Archive()
    path = f"{inputs.site}/{INDEX}"
    return recovered(repository.read((path,)).files[path])


def _look(inputs: Inputs, tracker: Tracker, memory: Memory | None) -> Sequence[Posted] | None:
    """Returns our issues; GitHub is asked twice if one that may exist is not found."""
    welcome = [make_key(tracker.owner, WELCOME)] if memory is None else []
    waiting = [notice.key for notice in memory.notices] if memory else welcome
    return issue.look(tracker, inputs.notify_labels[0], waiting)


def _read_memory(inputs: Inputs, files: Mapping[str, bytes | None], today: date) -> Memory | None:
    """Returns what a data file remembers, if there is one that can be read.

    Raises:
        NotOursError: the file is somebody else's, and would be overwritten.
    """
    data = files.get(inputs.data_file) if inputs.data_file else None
    if inputs.data_file is None or data is None:
        return None
    try:
        memory = datafile.decode(data, inputs.marker, inputs.sort_by, today=today)
    except datafile.DataFileError as error:
        # The default path has no other owner, however damaged the file is.
        if inputs.data_file != DEFAULT_DATA_FILE and not datafile.may_be_ours(data):
            raise NotOursError(inputs.data_file, "data-file") from error
        _log.warning("%s cannot be used and is rebuilt: %s", inputs.data_file, error.message)
        return None
    return replace(memory, snapshot=follow(memory.snapshot, inputs.topics))


def _today(inputs: Inputs, clock: Clock) -> date:
    return clock.now().astimezone(inputs.timezone).date()


# --- Ask


def _say_topics(inputs: Inputs) -> None:
    """Logs what each topic asks for, and what its author may not have meant."""
    for topic, asked in zip(inputs.keywords, inputs.topics, strict=True):
        _log.info("%s: %s", topic.heading, described(asked.query))
        for remark in remarks(topic):
            _log.info("  %s", remark)


def _wish(inputs: Inputs, clock: Clock) -> Wish:
    """Returns what the run wants to know of arXiv."""
    return Wish(
        topics=inputs.topics,
        today=_today(inputs, clock),
        limit=inputs.max_papers,
        sort_by=inputs.sort_by,
        is_combined=inputs.requests is Requests.COMBINED,
        listing_url=inputs.announcements_url if inputs.announcements is Announcements.AUTO else "",
        places=inputs.categories,
    )


def _check_nothing_is_lost(replies: Mapping[str, Reply], before: Before) -> None:
    """Ends the run if a topic has no answer and nobody knows which papers it had.

    Raises:
        ArxivError: without the papers that the topic had, the page would lose them.
    """
    failed = [reply for reply in replies.values() if isinstance(reply, ArxivError)]
    if (
        failed
        and not before.memory
        and (len(failed) == len(replies) or before.page.content.strip())
    ):
        raise ArxivError(
            f"no papers for {len(failed)} of {len(replies)} topics. Nothing was changed, because "
            f"no data file says what they had. The first reason: {failed[0].message}"
        )


def _warn_of_no_papers(
    inputs: Inputs, replies: Mapping[str, Reply], known: Snapshot | None
) -> None:
    """Warns of new topics that match nothing: their lines may not say what is meant."""
    for topic in inputs.topics:
        reply = replies[topic.heading]
        is_known = known is not None and known.section(topic.heading) is not None
        if isinstance(reply, Answer) and not reply.papers and not is_known:
            _log.warning(
                "%s: no papers match this topic, which asks for %s. Is a word misspelt, or not one "
                "that titles and abstracts have? See %s",
                topic.heading,
                described(topic.query),
                search_link(topic.query),
            )


def _gather(inputs: Inputs, world: World, before: Before) -> Gathered | None:
    """Returns what the reader likes; `None` without interests."""
    if not inputs.interests:
        return None
    from daily_papers.interests.sources import gather  # noqa: PLC0415 - other runs do not pay for it

    with runner.group("Interests"):
        return gather(
            inputs.interests,
            (before.memory and before.memory.likes) or Likes(),
            files=before.state.files,
            digests=[posted.body for posted in before.posted or () if posted.is_ours],
            kept=before.snapshot.papers if before.snapshot else {},
            look_up=world.arxiv.papers,
            libraries=world.libraries,
        )


def _ask_model(
    inputs: Inputs,
    world: World,
    before: Before,
    replies: Mapping[str, Reply],
    deadline: float,
) -> SummariesResult:
    """Returns what a model says of the papers that have no summary yet; nothing without a model.

    Which papers there will be is known only from the replies. Thinking finds it out once more, as
    often as a race is lost; the model is asked once.
    """
    if world.summarise is None:
        return SummariesResult()
    today = _today(inputs, world.clock)
    snapshot, _ = merge(
        before.snapshot, inputs.topics, replies, today=today, sort_by=inputs.sort_by
    )
    known = before.memory.summaries if before.memory else {}
    with runner.group("Asking for summaries"):
        result = world.summarise(wanted(snapshot, known), deadline)
    if result.note:
        _log.warning("Summaries by a model: %s", result.note)
    return result


# --- Think


def think(
    inputs: Inputs,
    before: Before,
    answered: Answered,
    *,
    now: datetime,
    owner: str,
    home: Home | None,
) -> Thought:
    """Returns all files as they should be, and what is new in them. It has no effects.

    Args:
        inputs: what the user wants.
        before: the repository as it is.
        answered: what was answered to all questions.
        now: the time of the run, in the user's time zone.
        owner: the repository and the marker, which begin a notice's key; empty if nobody is told.
        home: where the repository can be seen on the web, if anywhere.

    Raises:
        PathError: two inputs lead to the same file.
    """
    snapshot, news = merge(
        before.snapshot, inputs.topics, answered.replies, today=now.date(), sort_by=inputs.sort_by
    )
    notices = before.memory.notices if before.memory else ()
    if owner:
        notices = _with_news(notices, snapshot, news, before=before, now=now, owner=owner)
    gathered = answered.gathered
    if gathered and snapshot is before.snapshot and before.memory and before.memory.likes:
        gathered = gathered.unchanged_since(before.memory.likes)
    matches = _rank(gathered, snapshot, news, inputs.picks) if gathered else None
    known = Memory(
        snapshot=snapshot,
        notices=notices,
        archive=_archive(inputs, before, snapshot),
        likes=gathered.likes if gathered else None,
        summaries=kept(
            before.memory.summaries if before.memory else {}, answered.summaries, snapshot
        ),
    )
    draft = make_draft(inputs, before.page, known, merged=before.merged, home=home, matches=matches)
    by_id = matches.by_id if matches else {}
    return Thought(draft=draft, news=news, matches=by_id if gathered else None)


def _rank(gathered: Gathered, snapshot: Snapshot, news: News, most: int) -> Matches | None:
    """Returns how well new and recent papers match what is liked; `None` where nothing is."""
    liked = gathered.liked
    if not liked:
        return None
    from daily_papers.interests.picks import rank  # noqa: PLC0415 - other runs do not pay for it

    return rank(snapshot, liked, news.new_ids, most=most)


def _archive(inputs: Inputs, before: Before, snapshot: Snapshot) -> Archive | None:
    """Returns the archive after the run.

    It goes on from what the branch has: a pull request may wait over the end of a month. Where no
    data file is kept, nobody knows which papers came this month: its file has those that are shown.
    """
    if before.archive is None or inputs.data_file is None:
        return before.archive
    return remember(before.archive, before.merged.snapshot if before.merged else None, snapshot)


def _with_news(
    notices: tuple[Notice, ...],
    snapshot: Snapshot,
    news: News,
    *,
    before: Before,
    now: datetime,
    owner: str,
) -> tuple[Notice, ...]:
    """Returns the notices that wait after the run has found `news`.

    A repository is welcomed once, even if its data file is lost.
    """
    is_first = before.memory is None and not before.posted
    found = first_sight(snapshot) if is_first else news
    notice = make_notice(found, owner=owner, now=now, is_welcome=is_first)
    if notice is None:
        return notices
    told = {posted.key for posted in before.posted or ()}
    waiting = unsent(notices, told, owner=owner)
    # If GitHub could not say what was told, gathering could tell it again under another key.
    return gathered(waiting, notice) if before.posted is not None else (*waiting, notice)


# --- Write


def _publish(
    inputs: Inputs, world: World, before: Before, answered: Answered
) -> tuple[datetime, Before, Written]:
    """Writes what arXiv and a model answered, reading the repository again if it has changed.

    Raises:
        DailyPapersError: the repository cannot take the changes, and is as it was.
    """
    deadline = world.clock.monotonic() + MAX_RIVALRY
    for attempt in itertools.count():
        now = world.clock.now().astimezone(inputs.timezone)
        owner = world.tracker.owner if world.tracker else ""
        thought = think(inputs, before, answered, now=now, owner=owner, home=world.home)
        try:
            return now, before, write(inputs, world, before, thought)
        except LostRaceError as race:
            if world.clock.monotonic() > deadline:
                raise
            _log.info("%s; planning again", race.message)
            # Full jitter keeps runs that collide from colliding again; see
            # https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
            pause = random.uniform(0, min(MAX_PAUSE, 2.0**attempt))  # noqa: S311 - no secret
            world.clock.sleep(pause)
            _, before = read(inputs, world)
    raise AssertionError


def write(inputs: Inputs, world: World, before: Before, thought: Thought) -> Written:
    """Makes the changes that turn the repository into the draft of `thought`.

    Raises:
        LostRaceError: the repository is no longer as it was before.
        DailyPapersError: the repository cannot take the changes, and is as it was.
    """
    draft, news = thought.draft, thought.news
    if len(draft.files[inputs.readme]) > MAX_BYTES:
        _log.warning("%s is longer than GitHub shows, even without papers", inputs.readme)
    state = before.state
    message = commit_message(inputs.commit_message, draft, news)
    plan = Plan(head=state.head, changes=(), message=message)
    # In a directory, looking at every file costs nothing. On GitHub it costs a request, which is
    # made only if there is something to commit anyway.
    if not state.head or draft.differs_from(state):
        state = world.repository.read_changed(state, draft.expected(state))
        plan = make_plan(
            draft,
            state,
            marker=inputs.marker,
            message=message,
            description=_description(inputs, world.proposal, before, draft),
        )
    return Written(
        draft=draft,
        news=news,
        matches=thought.matches,
        plan=plan,
        commit=world.repository.apply(plan),
    )


def _description(inputs: Inputs, proposal: Home | None, before: Before, draft: Draft) -> str:
    """Returns the body of the pull request: the papers that its base does not have yet."""
    if proposal is None:
        return ""
    snapshot = draft.memory.snapshot
    return pull_request.render(
        before.merged.snapshot if before.merged else None,
        snapshot,
        limit=inputs.notify_papers,
        page_url=proposal.page_url(inputs.readme),
    )


# --- Tell


def tell(inputs: Inputs, world: World, before: Before, written: Written) -> Delivery:
    """Tells readers what they have not been told yet. It never makes a run fail."""
    if world.tracker is None or world.home is None:
        return Delivery()
    tracker, memory = world.tracker, written.draft.memory

    places = Places(page=world.home.page_url(inputs.readme))

    matches = written.matches

    def make_issue(notice: Notice) -> Issue:
        told = compose(notice, memory.snapshot, limit=inputs.notify_papers, matches=matches)
        body = digest_issue.render(
            told, places, hidden=hidden(notice.key), has_boxes=matches is not None
        )
        return Issue(
            key=notice.key,
            title=told.title,
            body=body,
            labels=digest_issue.labels(notice, inputs.notify_labels),
        )

    return issue.tell(
        memory.notices,
        tracker,
        before.posted,
        label=inputs.notify_labels[0],
        keep=inputs.notify_keep,
        make_issue=make_issue,
    )
