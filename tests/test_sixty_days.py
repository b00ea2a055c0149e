"""Sixty days of news, and of trouble with them: each new paper is told exactly once.

On the second sixty days there is a digest a week, told by two services as well. A service shows
nobody what it was told: a run that dies right after that, or cannot record it, is the only one
whose papers it may be told once more.

What was told is read from the bodies of the issues, and what should have been from the page:
every paper that came after the first run and was there, unless it came withdrawn.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.hub import GRAPHS, TIME, TOKEN, KilledError, World, mortal
from tests.standins import github_faults as faults
from tests.standins.arxiv import ArxivStandIn
from tests.standins.github import GitHubStandIn
from tests.standins.server import with_status
from tests.standins.services import SLACK, ServicesStandIn, ids_in
from tests.support import FakeClock, entry, shown, told
from tests.test_notify import REFUSED

pytestmark = pytest.mark.slow

DAYS: Final = 60
TITLES: Final = (GRAPHS, TIME, f"{GRAPHS} for {TIME}")
KEPT: Final = "20"
"""Of the 26 papers on each topic at the start; what is below comes up by a revision alone."""
PATIENCE: Final = 3
"""Bad days in a row; with more, notices that cannot be sent are given up."""

TROUBLES: Final[dict[str, Callable[..., faults.Trouble]]] = {
    "502, done": faults.server_error,
    "502": lambda **aim: faults.before(faults.server_error(**aim)),
    "reset, done": faults.reset,
    "reset": lambda **aim: faults.before(faults.reset(**aim)),
    "truncated": faults.truncated,
    "primary limit": faults.primary_limit,
    "secondary limit": faults.secondary_limit,
    "no permission": lambda **aim: faults.refusal(403, REFUSED, **aim),
    "issues off": lambda **aim: faults.refusal(410, "Issues has been disabled", **aim),
}
AIMS: Final[tuple[faults.Aim, ...]] = (
    {"method": "POST", "path": "/issues$"},
    {"method": "GET", "path": "/issues$"},
    {"method": "PATCH", "path": "/issues/"},
    {"method": "PATCH", "path": "/git/refs/"},
    {"method": "POST", "path": "/git/"},
    {"method": "GET", "path": "/contents/"},
)

EVENTS: Final = st.sampled_from(["new", "new", "new", "revised", "late", "withdrawn"])
GITHUB: Final = st.tuples(
    st.sampled_from(sorted(TROUBLES)),
    st.sampled_from(AIMS),
    st.integers(0, 1),
    st.sampled_from([1, 1, 9]),
)


class SixtyDays(RuleBasedStateMachine):
    """Every step is a day."""

    inputs: ClassVar = {"max_papers": KEPT}
    papers = 26
    """On each topic at the start."""
    has_services = False
    good_days = 2
    """After so many of them nothing waits any longer."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "workspace").mkdir()
        clock = FakeClock()
        papers = [
            entry(100 * place + number, title=f"{title}, Part {number}")
            for place, title in enumerate((GRAPHS, TIME))
            for number in range(self.papers)
        ]
        arxiv = self.stack.enter_context(ArxivStandIn(papers, clock=clock.now))
        github = self.stack.enter_context(
            GitHubStandIn(
                folder / "git", files={}, token=TOKEN, clock=lambda: clock.now().timestamp()
            )
        )
        inputs = {"notify_papers": "100", "notify_keep": "3", **self.inputs}
        self.services = self.stack.enter_context(ServicesStandIn())
        if self.has_services:
            inputs["notify_services"] = f"{SLACK}\n{self.services.json}"
        self.world = World(arxiv, github, folder, clock, inputs)
        self.old = {paper.arxiv_id for paper in papers}
        self.sighted = set[str]()
        self.expected = set[str]()
        self.forgiven = Counter[tuple[str, str]]()
        """How often a service may be told of a paper once more, by the names of both."""
        self.bad_days = 0

    @initialize()
    def the_first_day(self) -> None:
        assert self.world.run().exit_code == 0
        assert len(self.world.issues) == 1
        self.look()

    @rule(
        events=st.lists(
            st.tuples(EVENTS, st.sampled_from(TITLES), st.integers(0)), min_size=1, max_size=4
        ),
        down=st.sampled_from([0, 0, 0, 4, 8]),
        trouble=st.none() | GITHUB,
        death=st.none() | st.tuples(st.integers(0, 14), st.booleans()),
        refusing=st.sampled_from(["", "", "slack", "json"]),
        again=st.booleans(),
    )
    def a_day(
        self,
        *,
        events: list[tuple[str, str, int]],
        down: int,
        trouble: tuple[str, faults.Aim, int, int] | None,
        death: tuple[int, bool] | None,
        refusing: str,
        again: bool,
    ) -> None:
        """News come; arXiv fails for some topics, GitHub at some request; the run is killed."""
        self.world.sleep_until_tomorrow()
        for event in events:
            self.happens(*event)
        self.bad_days = self.bad_days + 1 if down or trouble or death else 0
        if self.bad_days > PATIENCE:
            self.bad_days, down, trouble, death = 0, 0, None, None
        self.world.arxiv.faults.extend([with_status(500)] * down)
        if trouble:
            name, aim, skip, times = trouble
            made = TROUBLES[name](**aim)
            self.world.github.troubles.append(replace(made, skip=skip, times=times))
        self.services.down = {refusing}
        left, before = death or (999, True)
        told = {name: len(texts) for name, texts in self.services.told.items()}
        is_recorded = False
        with suppress(KilledError), mortal(left, before=before):
            is_recorded = "could not be recorded" not in self.world.run().log
        if not is_recorded:
            for name, count in told.items():
                again_told = "".join(self.services.told[name][count:])
                self.forgiven.update((name, arxiv_id) for arxiv_id in ids_in(again_told))
        self.services.down.clear()
        self.world.arxiv.faults.clear()
        self.world.github.troubles.clear()
        self.look()
        if again:
            self.world.run()
            self.look()

    def happens(self, event: str, title: str, number: int) -> None:
        world = self.world
        if event in {"new", "late"}:
            fresh = world.fresh(f"{title} <!channel> @everyone")
            if event == "late":
                moment = fresh.published - timedelta(days=1 + number % 20)
                fresh = replace(fresh, published=moment, updated=moment)
            world.arxiv.add([fresh])
            return
        # Whoever is held back by moderation for weeks is not revised meanwhile.
        week = world.clock.moment - timedelta(days=4)
        papers = [
            paper
            for paper in world.arxiv.entries
            if paper.arxiv_id in self.sighted | self.old or paper.published > week
        ]
        chosen = papers[number % len(papers)]
        moment = world.clock.moment - timedelta(hours=5)
        if event == "revised":
            world.arxiv.revise(chosen.arxiv_id, updated=moment)
        else:
            world.arxiv.withdraw(chosen.arxiv_id, updated=moment)

    def look(self) -> None:
        """Looks at the page, as a reader does."""
        page = self.world.github.repository.read("main", "README.md") or b""
        papers = {
            name.partition("v")[0]
            for topic in shown(page.decode()).values()
            for name in topic.papers
        }
        withdrawn = {
            paper.arxiv_id
            for paper in self.world.arxiv.entries
            if "withdrawn" in (paper.comment or "")
        }
        self.expected |= papers - self.sighted - self.old - withdrawn
        self.sighted |= papers

    @invariant()
    def no_paper_is_announced_twice(self) -> None:
        """Not in two notices, nor twice under the same topic."""
        found = [
            (arxiv_id, heading, issue.key)
            for issue in self.world.told
            for heading, ids in issue.new.items()
            for arxiv_id in ids
        ]
        assert len(found) == len(set(found))
        announced = Counter(arxiv_id for arxiv_id, _ in {(name, key) for name, _, key in found})
        assert set(announced.values()) <= {1}
        assert announced.keys() <= self.expected

    @invariant()
    def no_service_is_told_twice_and_nobody_is_pinged(self) -> None:
        for name, texts in self.services.told.items():
            for text in texts:
                assert not re.search("@e|<!c", text)
            welcome, *digests = texts or [""]
            assert not texts or "Welcome!" in welcome
            counts = Counter(ids_in("".join(text for text in digests if "Welcome!" not in text)))
            assert counts.keys() <= self.expected
            assert all(
                count <= 1 + self.forgiven[name, arxiv_id] for arxiv_id, count in counts.items()
            )

    def teardown(self) -> None:
        """Some good days later, no paper is missing, and a handful of issues is open."""
        with self.stack:
            if not self.sighted:
                return
            for _ in range(self.good_days):
                self.world.sleep_until_tomorrow()
                assert self.world.run().exit_code == 0
                self.look()
            self.no_paper_is_announced_twice()
            announced = {arxiv_id for issue in self.world.told for arxiv_id in issue.ids}
            assert announced == self.expected
            keys = [told(issue["body"]).key for issue in self.world.issues.values()]
            assert len(keys) == len(set(keys))
            self.no_service_is_told_twice_and_nobody_is_pinged()
            for name in ("slack", "json") if self.has_services else ():
                assert set(ids_in("".join(self.services.told[name][1:]))) >= self.expected


class SixtyDaysOfWeeks(SixtyDays):
    """A digest on Monday, by an issue and two services."""

    # What waits for Monday must still be kept then.
    inputs: ClassVar = {"max_papers": "60", "notify_days": "mon"}
    papers = 70
    has_services = True
    good_days = 8


TestSixtyDays = SixtyDays.TestCase
TestSixtyDaysOfWeeks = SixtyDaysOfWeeks.TestCase
TestSixtyDays.settings = TestSixtyDaysOfWeeks.settings = settings(
    max_examples=2,
    stateful_step_count=DAYS,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
