"""One run of Daily Papers: read the repository, ask arXiv, think, write, tell.

The whole story is here, in this order, so that a newcomer has one place to begin: all that is read
is read before thinking begins, and between the answers and the plan there is no network and no
clock.
"""

from __future__ import annotations

import itertools
import logging
import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from daily_papers import runner
from daily_papers.answers import Answer, Reply
from daily_papers.arxiv.client import Arxiv
from daily_papers.arxiv.fetch import Wish, ask
from daily_papers.clock import Clock
from daily_papers.errors import (
    ArxivError,
    DailyPapersError,
    LostRaceError,
    NotOursError,
    PathError,
    StoppedError,
)
from daily_papers.home import Home
from daily_papers.inputs import Inputs, declarations
from daily_papers.interests.likes import Gathered, Libraries, Likes
from daily_papers.interests.match import Match, Matches
from daily_papers.memory import datafile
from daily_papers.memory.datafile import Memory
from daily_papers.memory.keys import hidden, make_key
from daily_papers.memory.merge import follow, merge
from daily_papers.memory.news import News, first_sight
from daily_papers.memory.notices import (
    ISSUE,
    WELCOME,
    Notice,
    gathered,
    is_due,
    make_notice,
    make_silence,
    marked,
    unsent,
    witnessed,
)
from daily_papers.memory.snapshot import Snapshot
from daily_papers.memory.summaries import SummariesResult, Summarise, Summary, kept, wanted
from daily_papers.notify import issue, services
from daily_papers.notify.issue import Delivery
from daily_papers.notify.services import Service
from daily_papers.options import Announcements, Publish, Requests
from daily_papers.outcome import Outcome
from daily_papers.publish import months
from daily_papers.publish.addresses import feed_url
from daily_papers.publish.draft import Draft, document, make_draft, paths
from daily_papers.publish.months import Months
from daily_papers.publish.plan import commit_message, make_plan
from daily_papers.publish.readme import FOLDERS, find_readme
from daily_papers.publish.repository import Change, Commit, Plan, Repository, State, blob_sha
from daily_papers.publish.splice import Document
from daily_papers.publish.tracker import Issue, Posted, Tracker
from daily_papers.topics.describe import described, remarks, search_link
from daily_papers.views import digest_html, digest_issue, digest_text, pull_request
from daily_papers.views.digest import Digest, Places, compose
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

RECORD: Final = "Record what was told"
"""The message of the commit that follows when services have been told."""

_UNRECORDED: Final = (
    "Services were told what is new, but that could not be recorded; the next run tells them again"
)

_UNTOUCHED: Final = "Stopped. Nothing was changed."
_HALF_WRITTEN: Final = "Stopped while the result was being written. The next run completes it."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything outside the program that a run reads or changes."""

    arxiv: Arxiv
    repository: Repository
    tracker: Tracker | None
    """The issues that tell watchers what is new; `None` if nobody is to be told."""
    clock: Clock
    services: tuple[Service, ...] = ()
    """The services that are told as well."""
    owner: str = ""
    """The repository and the marker, which the keys of notices begin with; empty where nobody is
    told of anything."""
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

    @property
    def channels(self) -> tuple[str, ...]:
        """By whom readers are told."""
        marks = (service.mark for service in self.services)
        return (*((ISSUE,) if self.tracker else ()), *marks)


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
    months: Months | None
    """What the branch has of the archive; `None` where none is wanted."""

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
        summaries = _ask_model(inputs, world, before, replies, gathered, start + inputs.time_limit)
    answered = Answered(replies=replies, gathered=gathered, summaries=summaries.summaries)
    with stoppable(_UNTOUCHED if inputs.publish is Publish.PLAN else _HALF_WRITTEN):
        now, before, written = _publish(inputs, world, before, answered)
        delivery = tell(inputs, world, before, written, now)
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
        digests=_digests(inputs, world, written, now),
        site=inputs.site or "",
        site_url=_places(inputs, world.home).site,
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
        months=months.read(inputs, world.repository, merged, today),
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

    digests = [posted.body for posted in before.posted or () if posted.is_ours]
    with runner.group("Interests"):
        return gather(
            inputs.interests,
            (before.memory and before.memory.likes) or Likes(),
            files=before.state.files,
            digests=digests if world.tracker or inputs.publish is Publish.PLAN else None,
            kept=before.snapshot.papers if before.snapshot else {},
            look_up=world.arxiv.papers,
            libraries=world.libraries,
        )


def _ask_model(
    inputs: Inputs,
    world: World,
    before: Before,
    replies: Mapping[str, Reply],
    gathered: Gathered | None,
    deadline: float,
) -> SummariesResult:
    """Returns what a model says of the papers that have no summary yet; nothing without a model.

    Which papers there will be is known only from the replies. Thinking finds it out once more, as
    often as a race is lost; the model is asked once.
    """
    if world.summarise is None:
        return SummariesResult()
    today = _today(inputs, world.clock)
    snapshot, news = merge(
        before.snapshot, inputs.topics, replies, today=today, sort_by=inputs.sort_by
    )
    matches = _rank(gathered, snapshot, news, inputs.picks) if gathered else None
    scores = {name: match.score for name, match in matches.by_id.items()} if matches else {}
    best = sorted(scores, key=scores.__getitem__, reverse=True)
    known = before.memory.summaries if before.memory else {}
    with runner.group("Asking for summaries"):
        result = world.summarise(wanted(snapshot, known, best), deadline)
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
    channels: Collection[str],
    home: Home | None,
) -> Thought:
    """Returns all files as they should be, and what is new in them. It has no effects.

    Args:
        inputs: what the user wants.
        before: the repository as it is.
        answered: what was answered to all questions.
        now: the time of the run, in the user's time zone.
        owner: the repository and the marker, which begin a notice's key; empty if nobody is told.
        channels: by whom readers are told.
        home: where the repository can be seen on the web, if anywhere.

    Raises:
        PathError: two inputs lead to the same file.
    """
    snapshot, news = merge(
        before.snapshot, inputs.topics, answered.replies, today=now.date(), sort_by=inputs.sort_by
    )
    notices = before.memory.notices if before.memory else ()
    if channels:
        # A repository is welcomed once, even if its data file is lost: its issues show that.
        is_first = before.memory is None and not before.posted
        found = first_sight(snapshot) if is_first else news
        notice = make_notice(found, owner=owner, now=now, is_welcome=is_first)
        if notice:
            notices = _waiting(notices, notice, before.posted, owner=owner, channels=channels)
        elif all(isinstance(reply, ArxivError) for reply in answered.replies.values()):
            silence = make_silence(snapshot, owner=owner, today=now.date())
            keys = {notice.key for notice in notices}
            notices += (silence,) if silence and silence.key not in keys else ()
    gathered = answered.gathered
    if gathered and snapshot is before.snapshot and before.memory and before.memory.likes:
        gathered = gathered.unchanged_since(before.memory.likes)
    matches = _rank(gathered, snapshot, news, inputs.picks) if gathered else None
    archive, words = months.extended(inputs, before.months, before.merged, snapshot)
    known = Memory(
        snapshot=snapshot,
        notices=notices,
        archive=archive,
        likes=gathered.likes if gathered else None,
        summaries=kept(
            before.memory.summaries if before.memory else {}, answered.summaries, snapshot
        ),
    )
    draft = make_draft(
        inputs,
        before.page,
        known,
        merged=before.merged,
        home=home,
        matches=matches,
        words=words,
    )
    by_id = matches.by_id if matches else {}
    return Thought(draft=draft, news=news, matches=by_id if gathered else None)


def _rank(gathered: Gathered, snapshot: Snapshot, news: News, most: int) -> Matches | None:
    """Returns how well new and recent papers match what is liked; `None` where nothing is."""
    liked = gathered.liked
    if not liked:
        return None
    from daily_papers.interests.picks import rank  # noqa: PLC0415 - other runs do not pay for it

    return rank(snapshot, liked, news.new_ids, most=most)


def _waiting(
    notices: Iterable[Notice],
    notice: Notice,
    posted: Sequence[Posted] | None,
    *,
    owner: str,
    channels: Collection[str],
) -> tuple[Notice, ...]:
    """Returns the notices that wait, the one of this run included."""
    shown = {issue.key for issue in posted or ()}
    waiting = [
        other
        for other in unsent(witnessed(notices, shown), *channels, owner=owner)
        if other.silent_since is None  # arXiv speaks again.
    ]
    # If GitHub could not say what was told, gathering could tell it again under another key.
    is_known = posted is not None or ISSUE not in channels
    return gathered(waiting, notice) if is_known else (*waiting, notice)


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
        thought = think(
            inputs,
            before,
            answered,
            now=now,
            owner=world.owner,
            channels=world.channels,
            home=world.home,
        )
        try:
            return now, before, write(inputs, world, before, thought)
        except LostRaceError as race:
            if world.clock.monotonic() > deadline:
                raise
            _pause(world.clock, attempt, race)
            _, before = read(inputs, world)
    raise AssertionError


def _pause(clock: Clock, attempt: int, race: LostRaceError) -> None:
    """Waits after a lost race, before a new plan is made."""
    _log.info("%s; planning again", race.message)
    # Full jitter keeps runs that collide from colliding again; see
    # https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    clock.sleep(random.uniform(0, min(MAX_PAUSE, 2.0**attempt)))  # noqa: S311 - no secret


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
        summaries=draft.summaries,
    )


# --- Tell


def tell(inputs: Inputs, world: World, before: Before, written: Written, now: datetime) -> Delivery:
    """Tells readers what they have not been told yet. It never makes a run fail."""
    memory, places = written.draft.memory, _places(inputs, world.home)
    notices = [
        notice for notice in memory.notices if is_due(notice, now.date(), inputs.notify_days)
    ]

    def make_digest(notice: Notice) -> Digest:
        return _digest(inputs, written, notice)

    def make_issue(notice: Notice) -> Issue:
        digest = make_digest(notice)
        return Issue(
            key=notice.key,
            title=digest.title,
            body=digest_issue.render(
                digest,
                places,
                hidden=hidden(notice.key),
                has_boxes=written.matches is not None,
            ),
            labels=digest_issue.labels(notice, inputs.notify_labels),
        )

    delivery = Delivery()
    if world.tracker:
        delivery = issue.tell(
            notices,
            world.tracker,
            before.posted,
            label=inputs.notify_labels[0],
            keep=inputs.notify_keep,
            make_issue=make_issue,
        )
    told: dict[str, set[str]] = {}
    try:
        for key, mark in services.tell(
            notices, world.services, owner=world.owner, make_digest=make_digest, places=places
        ):
            told.setdefault(key, set()).add(mark)
    finally:  # Services show nobody what they have been told, so that this is the only record.
        if told:
            for key in delivery.keys:
                told.setdefault(key, set()).add(ISSUE)
            _record(inputs, world, written.plan, told)
    return delivery


def _record(inputs: Inputs, world: World, plan: Plan, told: Mapping[str, Collection[str]]) -> None:
    """Records in the data file what was told; where that fails, it is told once more.

    Args:
        inputs: what the user wants.
        world: where the data file is.
        plan: what the run has changed.
        told: the channels that have told a notice, by its key.
    """
    deadline = world.clock.monotonic() + MAX_RIVALRY
    for attempt in itertools.count():
        try:
            world.repository.apply(_with_record(inputs, world, plan, told))
        except LostRaceError as race:
            if world.clock.monotonic() < deadline:
                _pause(world.clock, attempt, race)
                continue
            _log.warning("%s: %s", _UNRECORDED, race.message)
        except DailyPapersError as error:
            _log.warning("%s: %s", _UNRECORDED, error)
        return


def _with_record(
    inputs: Inputs, world: World, plan: Plan, told: Mapping[str, Collection[str]]
) -> Plan:
    """Returns a plan that changes nothing but what the data file knows to have been told.

    A proposal is one commit, so that there it is what has been proposed, changed in this.
    """
    path = inputs.data_file or ""
    state = world.repository.read([path])
    before = state.files[path]
    known = state.proposed.get(path) or before
    memory = _read_memory(inputs, {path: known}, _today(inputs, world.clock))
    changes = [change for change in plan.changes if change.path != path and world.proposal]
    if memory:
        notices = marked(memory.notices, told)
        after = datafile.encode(replace(memory, notices=notices), inputs.marker)
        sha = None if before is None else blob_sha(before)
        if after != before:
            changes.append(Change(path=path, before=before, before_sha=sha, after=after))
    message = plan.message if world.proposal else RECORD
    return replace(plan, head=state.head, changes=tuple(changes), message=message)


def _digests(inputs: Inputs, world: World, written: Written, now: datetime) -> dict[str, str]:
    """Returns what tells later steps of the new papers, by the output that leads to it."""
    notice = make_notice(written.news, owner=world.owner, now=now)
    if notice is None:
        return {}
    digest = _digest(inputs, written, notice)
    places = _places(inputs, world.home)
    return {
        "digest-file": digest_text.markdown(digest, places),
        "digest-html-file": digest_html.document(digest, places),
    }


def _digest(inputs: Inputs, written: Written, notice: Notice) -> Digest:
    return compose(
        notice,
        written.draft.memory.snapshot,
        limit=inputs.notify_papers,
        matches=written.matches,
        summaries=written.draft.summaries,
    )


def _places(inputs: Inputs, home: Home | None) -> Places:
    """Returns where all papers can be read, as far as that is known."""
    if home is None:
        return Places()
    return Places(
        page=home.page_url(inputs.readme),
        site=home.site_url(inputs.site) if inputs.site else "",
        feed=feed_url(inputs, home),
    )
