"""Tells watchers what is new, exactly once, by issues that GitHub mails to them.

Nothing here can make a run fail: the page is committed already, and what could not be told stays
in the queue.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from daily_papers.errors import GitHubError, NotAllowedError
from daily_papers.inputs import Inputs
from daily_papers.memory.news import Digest, announce
from daily_papers.memory.snapshot import Notice, Snapshot
from daily_papers.options import Notify
from daily_papers.papers import Paper
from daily_papers.publish.tracker import Issue, Posted, Tracker, hidden, make_key
from daily_papers.views import digest as view

__all__ = ["Delivery", "Notifier"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of what was to be told."""

    issues: tuple[int, ...]
    """The numbers of the issues that were opened."""
    refusal: NotAllowedError | None = None
    """Why GitHub lets nobody be told, where the repository's owner has to change something."""


class Notifier:
    """What one run tells the watchers.

    Args:
        inputs: what the user wants to be told, and how.
        tracker: where it is told.
    """

    def __init__(self, inputs: Inputs, tracker: Tracker) -> None:
        self._inputs = inputs
        self._tracker = tracker
        self._posted: Sequence[Posted] | None = None  # Nothing is known before the first look.

    def announce(
        self, snapshot: Snapshot, digest: Digest, *, now: datetime, is_first: bool
    ) -> Snapshot:
        """Gives `snapshot` with what `digest` has to tell at the end of its queue.

        It is read afresh what has been told already: since the last attempt to publish, another
        run may have done so. A repository is welcomed once, even if its data file is lost.
        """
        self._posted = None
        with contextlib.suppress(GitHubError):  # `deliver` looks again, and says what is wrong.
            waiting = [item.key for item in snapshot.queue]
            welcome = [make_key(self._tracker.owner, "welcome")] if is_first else []
            self._posted = self._look(*waiting, *welcome)
        return announce(
            snapshot,
            digest,
            filter(self._waits, snapshot.queue),
            owner=self._tracker.owner,
            now=now,
            is_first=is_first and not self._posted,
        )

    def deliver(self, snapshot: Snapshot, revision: str) -> Delivery:
        """Opens an issue for whatever waits in the queue, and closes old ones.

        Args:
            snapshot: holds the queue and its papers.
            revision: the commit at which the page shows them.
        """
        numbers: list[int] = []
        refusal = None
        page_url = self._tracker.page_url(self._inputs.readme, revision)
        try:
            if self._posted is None and snapshot.queue:
                self._posted = self._look(*(item.key for item in snapshot.queue))
            for issue in self._waiting(snapshot, page_url):
                numbers.append(self._open(issue))
                _log.info("Opened issue #%d: %s", numbers[-1], issue.title)
        except NotAllowedError as error:
            refusal = error
            _log.warning("No issue tells of the new papers: %s", error)
        except GitHubError as error:
            _log.warning("What is new could not be told now; the next run tries again: %s", error)
        if numbers:
            self._close_old(len(numbers))
        return Delivery(issues=tuple(numbers), refusal=refusal)

    def _look(self, *expected: str) -> Sequence[Posted]:
        """Reads which issues of ours there are; some may have been opened with these keys."""
        return self._tracker.posted(self._inputs.notify_labels[0], expected)

    def _open(self, issue: Issue) -> int:
        """Opens an issue once: what looks like a failure may have been none."""
        try:
            return self._tracker.open(issue)
        except NotAllowedError:
            raise
        except GitHubError:
            for posted in self._look(issue.key):
                if posted.key == issue.key:
                    return posted.number
            raise

    def _waits(self, item: Notice) -> bool:
        """Tells whether there is anything in `item` that nobody was told, as far as is known."""
        return any(self._parts(item))

    def _waiting(self, snapshot: Snapshot, page_url: str) -> Iterator[Issue]:
        """Gives the issues that are not there yet."""
        papers = {
            paper.arxiv_id: paper for section in snapshot.sections for paper in section.papers
        }
        for item in snapshot.queue:
            for key, subject, part in self._parts(item):
                yield self._issue(key, subject, part, papers, page_url)

    def _issue(
        self,
        key: str,
        subject: str,
        part: Notice,
        papers: dict[str, Paper],
        page_url: str,
    ) -> Issue:
        body = view.render(
            part,
            papers,
            limit=self._inputs.notify_papers,
            sort_by=self._inputs.sort_by,
            page_url=page_url,
            hidden=hidden(key),
        )
        labels = self._inputs.notify_labels
        if self._inputs.notify is Notify.ISSUE_PER_TOPIC:
            labels = (*labels, _as_label(subject))
        return Issue(key=key, title=view.title(part, subject), body=body, labels=labels)

    def _parts(self, item: Notice) -> Iterator[tuple[str, str, Notice]]:
        """Splits what nobody was told of `item` into what becomes one issue each.

        Every part has its key and its subject. What was told holds in both ways to notify: the
        user may have changed it meanwhile.
        """
        posted = {posted.key for posted in self._posted or ()}
        # A fork inherits the queue of the repository that it was made from.
        if item.key in posted or not item.key.startswith(make_key(self._tracker.owner, "")):
            return
        keys = {heading: make_key(item.key, _fingerprint(heading)) for heading in item.new}
        told = {heading for heading, key in keys.items() if key in posted}
        if self._inputs.notify is Notify.ISSUE_PER_TOPIC:
            for heading in item.new:
                if heading not in told:
                    yield keys[heading], heading, _part(item, {heading})
        elif len(told) < len(keys):
            rest = (item.new.keys() | item.revised.keys()) - told
            yield item.key, "Daily Papers", _part(item, rest)

    def _close_old(self, opened: int) -> None:
        """Closes the digests that are older than the ones to keep."""
        # Newest first: whoever quotes one of ours, key and all, gives way to it.
        originals = {posted.key: posted for posted in self._posted or ()}.values()
        numbers = sorted((posted.number for posted in originals if posted.is_open), reverse=True)
        try:
            for number in numbers[max(0, self._inputs.notify_keep - opened) :]:
                self._tracker.close(number)
        except GitHubError as error:
            _log.warning("Old issues stay open until there are new ones again: %s", error)


def _part(item: Notice, headings: Collection[str]) -> Notice:
    """Gives what an announcement tells of some topics."""
    return replace(
        item,
        new={heading: ids for heading, ids in item.new.items() if heading in headings},
        revised={heading: ids for heading, ids in item.revised.items() if heading in headings},
    )


def _fingerprint(heading: str) -> str:
    """Names a topic in a key, which holds no spaces."""
    return hashlib.sha256(heading.encode()).hexdigest()[:12]


def _as_label(heading: str) -> str:
    """Gives a heading as a label: GitHub allows 50 characters, and no commas in a search."""
    return heading.replace(",", " ")[:50].strip()
