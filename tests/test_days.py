"""Random days against an oracle that knows the truth.

Papers come, are revised, withdrawn, renamed, and move from topic to topic; arXiv answers each topic
well, not at all, or wrongly. After every day the page must show the truth for each topic that was
answered, and what it showed before, with an honest line, for each other.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import event, example, given
from hypothesis import strategies as st

from tests.standins import arxiv_faults as faults
from tests.standins.arxiv import ArxivStandIn
from tests.standins.entry import Entry
from tests.standins.server import Fault, Request, Response, with_status
from tests.support import NOW, FakeClock, Result, Shown, entry, published_files, run_main, shown

TOPICS = ("Road Maps", "Sea Ice", "Bird Song")
LIMIT = 8
TOLERATED = 2
"""So many papers may leave a topic of this size before an answer is thought to be partial."""
DAY = timedelta(days=1)


# --- What may happen ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """Something that happens to a paper; which one is told by a number."""

    kind: str
    topic: str
    paper: int


@dataclass(frozen=True)
class Day:
    """What happens before a run, and how arXiv treats each topic in it."""

    events: tuple[Event, ...]
    faults: tuple[str, ...]


RIGHT = ("", "", "", "flaky", "partial", "duplicate", "HTML once")
"""The topic is answered, sooner or later, and rightly."""
REFUSED = ("503", "404", "empty", "HTML", "cut")
"""The topic has no answer that can be used."""
WRONG = ("unsorted", "half", "stale 1", "stale 2", "stale 4", "stale search 1", "stale search 3")
"""The topic may have an answer, as long as nothing that is known is lost through it."""

EVENTS = st.builds(
    Event,
    st.sampled_from(["new", "new", "new", "revise", "withdraw", "rename", "move"]),
    st.sampled_from(TOPICS),
    st.integers(0, 20),
)
DAYS = st.builds(
    Day,
    st.lists(EVENTS, max_size=8).map(tuple),
    st.tuples(*[st.sampled_from((*RIGHT, *REFUSED, *WRONG)) for _ in TOPICS]),
)


# --- The world and its oracle ---------------------------------------------------------------------


@dataclass
class World:
    """arXiv, a workspace, and all the truth about both."""

    arxiv: ArxivStandIn
    folder: Path
    clock: FakeClock
    sort_by: str
    page: dict[str, Shown] | None = None
    updated: date = date.min
    since: dict[str, date] = field(default_factory=dict)
    """By heading, the first day of each failure that goes on."""
    checked: dict[str, date | None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """The ids of all papers that were ever shown."""
    answered: dict[str, datetime] = field(default_factory=dict)
    """By heading, when each topic was answered last."""
    left: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOPICS, 0))
    """How many papers have left each topic since it was last answered."""
    versions: list[Entry] = field(default_factory=list)
    """Every version of every paper, in the order of their submission."""
    count: int = 0

    # --- The truth ---

    def papers(self, heading: str, moment: datetime | None = None) -> list[Entry]:
        """What arXiv has on a topic now, or had at a moment; newest first."""
        latest: dict[str, Entry] = {}
        for paper in self.versions:
            if moment is None or paper.updated <= moment:
                latest[paper.arxiv_id] = paper
        found = [paper for paper in latest.values() if paper.title.startswith(heading)]
        return sorted(found, key=lambda p: (getattr(p, self.sort_by), p.arxiv_id), reverse=True)

    def truth(self, heading: str, moment: datetime | None = None) -> tuple[str, ...]:
        return tuple(paper.versioned_id for paper in self.papers(heading, moment))[:LIMIT]

    # --- What happens ---

    def happen(self, what: Event) -> None:
        self.count += 1
        moment = self.clock.moment - DAY / 2 + timedelta(minutes=self.count)
        candidates = self.papers(what.topic)
        if what.kind == "new" or not candidates:
            title = f"{what.topic}, Part {self.count}"
            self.add(entry(self.count, title=title, published=moment, updated=moment))
            return
        chosen = candidates[what.paper % len(candidates)]
        revised = replace(chosen, version=chosen.version + 1, updated=moment)
        if what.kind == "withdraw":
            revised = replace(revised, comment="This paper has been withdrawn by its authors.")
        elif what.kind == "rename":
            revised = replace(revised, title=f"{what.topic}, renamed {self.count}")
        elif what.kind == "move":
            if self.left[what.topic] == TOLERATED:
                return
            self.left[what.topic] += 1
            other = TOPICS[(TOPICS.index(what.topic) + 1) % len(TOPICS)]
            revised = replace(revised, title=f"{other}, moved {self.count}")
        self.add(revised)

    def add(self, paper: Entry) -> None:
        self.arxiv.add([paper])
        self.versions.append(paper)

    # --- A run ---

    def run(self, kinds: dict[str, str]) -> Result:
        self.arxiv.requests.clear()
        self.arxiv.faults.clear()
        self.arxiv.faults.extend([self.router(kinds)] * 500)
        flags = {
            "keywords": "\n".join(TOPICS),
            "publish": "local",
            "arxiv-url": self.arxiv.url,
            "max-papers": str(LIMIT),
            "sort-by": self.sort_by,
            "stale-after": "365",
            "requests": "per-topic",
            "announcements": "never",
        }
        environ = {"GITHUB_WORKSPACE": str(self.folder / "workspace")}
        return run_main(self.folder / "runner", flags, environ, self.clock)

    def router(self, kinds: dict[str, str]) -> Fault:
        """Returns the fault of each topic; a question about ids belongs to the topic before it."""
        made = {heading: self.fault(kind) for heading, kind in kinds.items()}
        current = TOPICS[0]

        def fault(request: Request, response: Response) -> Response:
            nonlocal current
            for heading in TOPICS:
                if heading in request.query.get("search_query", ""):
                    current = heading
            if "id_list" in request.query and kinds[current].startswith("stale search"):
                return response
            return made[current](request, response)

        return fault

    def fault(self, kind: str) -> Fault:
        if kind.startswith("stale"):
            return faults.stale_feed(self.arxiv, days_of(kind))
        simple: dict[str, Callable[[], Fault]] = {
            "": lambda: lambda _request, response: response,
            "flaky": lambda: at_first(with_status(503), 2),
            "HTML once": lambda: at_first(faults.html_page(), 1),
            "partial": lambda: faults.partial_page(3),
            "duplicate": lambda: faults.duplicate_page(self.arxiv),
            "unsorted": lambda: faults.unsorted_page(self.arxiv),
            "half": lambda: half,
            "503": lambda: with_status(503),
            "404": lambda: with_status(404),
            "empty": faults.empty_page,
            "HTML": faults.html_page,
            "cut": faults.truncated,
        }
        return simple[kind]()


def days_of(kind: str) -> int:
    return int(kind[-1])


def at_first(fault: Fault, times: int) -> Fault:
    """A fault that goes away."""
    left = times

    def fading(request: Request, response: Response) -> Response:
        nonlocal left
        left -= 1
        return fault(request, response) if left >= 0 else response

    return fading


def half(request: Request, response: Response) -> Response:
    """The newer half of a page, and a total that fits to it."""
    kept = response.body.count(b"<entry>") // 2
    body = faults.partial_page(kept)(request, response).body
    before, tag, after = body.partition(b"<opensearch:totalResults>")
    after = b"%d%b" % (kept, after[after.index(b"<") :])
    return replace(response, body=before + tag + after)


# --- A day and its verdict ------------------------------------------------------------------------


def ids(papers: Iterable[str]) -> set[str]:
    """The ids of papers whose versions are named."""
    return {name.partition("v")[0] for name in papers}


def live(world: World, day: Day) -> None:
    """Lets a day happen, and holds the page to the oracle."""
    world.clock.moment = NOW + ((world.clock.moment - NOW) // DAY + 1) * DAY
    today = world.clock.moment.date()
    for what in day.events:
        world.happen(what)
    kinds = dict(zip(TOPICS, day.faults, strict=True))
    before = read(world)

    result = world.run(kinds)

    after = read(world)
    if "failed-topics" not in result.outputs:
        assert world.page is None
        assert result.exit_code == 1
        assert after == before == {}
        assert not set(kinds.values()) & set(RIGHT)
        return
    failed = json.loads(result.outputs["failed-topics"])
    assert result.exit_code == (len(failed) == len(TOPICS))
    assert result.outputs["changed"] == str(before != after).lower()
    assert after.keys() == {"README.md", ".github/daily-papers.json"}
    page = shown(after["README.md"].decode())
    assert list(page) == list(TOPICS)
    for heading, kind in kinds.items():
        event(f"{kind}: {'failed' if heading in failed else 'answered'}")
        # A stale answer may bring papers back, whose leaving is doubted once more.
        gone = ids(world.page[heading].papers if world.page else ()) - ids(world.truth(heading))
        assert heading not in failed or kind not in RIGHT or len(gone) > TOLERATED
        assert heading in failed or kind not in REFUSED
        if heading in failed:
            check_failed(world, heading, page[heading], today)
        else:
            check_answered(world, heading, page[heading], kind)
    check_news(world, page, failed, int(result.outputs["new-papers"]))
    for heading in TOPICS:
        if heading not in failed:
            world.since.pop(heading, None)
            world.checked.pop(heading, None)
            if not kinds[heading].startswith("stale"):
                world.left[heading] = 0
    world.page = page
    world.updated = date.fromisoformat(after["README.md"].decode().split("Last update: ")[1][:10])
    assert world.updated == today or before == after


def read(world: World) -> dict[str, bytes]:
    return published_files(world.folder / "workspace")


def check_failed(world: World, heading: str, now: Shown, today: date) -> None:
    """The topic is as it was, and says so."""
    since = world.since.setdefault(heading, today)
    checked = world.checked.setdefault(heading, world.updated if world.page else None)
    if checked is None:
        line = f"arXiv has given no usable answer yet, since {since}."
    else:
        line = f"arXiv has given no usable answer since {since}; as of {checked}."
    assert now == Shown(line, world.page[heading].papers if world.page else ())


def check_answered(world: World, heading: str, now: Shown, kind: str) -> None:
    """The topic shows the truth, or one that is older than today but not older than the page."""
    truth = world.truth(heading)
    if kind == "half":
        assert now.papers == truth[: len(now.papers)]
    elif kind.startswith("stale"):
        moment = world.clock.moment - days_of(kind) * DAY
        assert now.papers == world.truth(heading, moment)
    else:
        assert now.papers == truth
    assert now.state == ("" if now.papers else "No papers match this query.")
    known = world.page[heading].papers if world.page else ()
    lost = set(known) & set(truth) - set(now.papers)
    if kind == "half" or world.sort_by == "published":
        assert len(lost) <= TOLERATED
    else:
        assert lost == set()
    for name in known:
        arxiv_id, _, version = name.partition("v")
        for shown_now in now.papers:
            if shown_now.startswith(f"{arxiv_id}v"):
                assert int(shown_now.partition("v")[2]) >= int(version)


def check_news(world: World, page: dict[str, Shown], failed: list[str], news: int) -> None:
    """What counts as new was never seen, and whatever was submitted since the last answer does.

    Between the two are papers that are old and were never seen, for instance because they come
    back from below the limit.
    """
    submitted = {paper.versioned_id: paper.published for paper in world.versions}
    withdrawn = {p.versioned_id for p in world.versions if "withdrawn" in (p.comment or "")}
    unseen: set[str] = set()
    fresh: set[str] = set()
    for heading, last in world.answered.items():
        if heading not in failed:
            shown_now = set(page[heading].papers) - withdrawn
            names = {name for name in shown_now if name.partition("v")[0] not in world.seen}
            unseen |= names
            fresh |= {name for name in names if name.endswith("v1") and submitted[name] > last}
    assert len(fresh) <= news <= len(ids(unseen))
    for heading in TOPICS:
        if heading not in failed:
            world.answered[heading] = world.clock.moment
        world.seen |= ids(page[heading].papers)


@example(
    [
        Day((Event("new", "Sea Ice", 0),), ("", "", "")),
        Day((Event("move", "Sea Ice", 0),), ("", "", "")),
        Day((), ("", "", "stale 2")),
    ],
    "updated",
)
@given(st.lists(DAYS, min_size=1, max_size=7), st.sampled_from(["updated", "published"]))
def test_after_every_day_the_page_is_right_or_says_that_it_is_not(
    days: list[Day], sort_by: str
) -> None:
    clock = FakeClock()
    with tempfile.TemporaryDirectory() as folder, ArxivStandIn(clock=clock.now) as arxiv:
        (Path(folder) / "workspace").mkdir()
        world = World(arxiv, Path(folder), clock, sort_by)
        for day in days:
            live(world, day)
