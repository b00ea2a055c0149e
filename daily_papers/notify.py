"""Tells watchers what is new, exactly once, by issues that GitHub mails to them.

Nothing here can make a run fail: the page is committed already, and what could not be told stays
in the queue.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from daily_papers.digest import Digest, announce
from daily_papers.errors import GitHubError, NotAllowedError
from daily_papers.inputs import Inputs, Notify
from daily_papers.papers import Paper
from daily_papers.snapshot import Announcement, Snapshot
from daily_papers.views import issue as view

__all__ = ["Issue", "Notifier", "Posted", "Tracker"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue that is to be opened."""

    key: str
    """Names it among all issues; it stands hidden in the body."""
    title: str
    body: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An issue of ours that is there already."""

    number: int
    key: str
    is_open: bool


class Tracker(Protocol):
    """A repository's issues. Every method may raise `GitHubError`."""

    owner: str
    """The repository and the marker: what the keys of our issues begin with."""

    def posted(self, label: str) -> Sequence[Posted]:
        """Lists our own issues among the latest with `label`, newest first."""
        ...

    def open(self, issue: Issue) -> int:
        """Opens an issue, and gives its number."""
        ...

    def close(self, number: int) -> None:
        """Closes an issue as completed."""
        ...

    def page_url(self, path: str, revision: str) -> str:
        """Gives the address of a file as it is at a revision."""
        ...

    def hidden(self, key: str) -> str:
        """Gives the comment by which `posted` knows an issue again."""
        ...


class Notifier:
    """What one run tells the watchers.

    Args:
        inputs: what the user wants to be told, and how.
        tracker: where it is told.
    """

    def __init__(self, inputs: Inputs, tracker: Tracker) -> None:
        self._inputs = inputs
        self._tracker = tracker
        self._posted: Sequence[Posted] = ()
        self._is_known = False
        self._is_allowed = True  # Until GitHub says that issues are off, or may not be written.

    def announce(
        self, snapshot: Snapshot, digest: Digest, *, now: datetime, is_first: bool
    ) -> Snapshot:
        """Gives `snapshot` with what `digest` has to tell at the end of its queue.

        It is read afresh what has been told already: since the last attempt to publish, another
        run may have done so.
        """
        self._look()
        if not self._is_allowed:
            return snapshot
        return announce(
            snapshot,
            digest,
            self._delivered(snapshot.queue),
            owner=self._tracker.owner,
            now=now,
            is_first=is_first,
        )

    def _look(self) -> None:
        """Reads which announcements have been made."""
        self._is_known = False
        try:
            self._posted = self._tracker.posted(self._inputs.notify_labels[0])
            self._is_known = True
        except GitHubError as error:
            self._warn(error)

    def _delivered(self, queue: Sequence[Announcement]) -> frozenset[str]:
        """Gives the keys of all announcements that have been made, as far as is known."""
        keys = {posted.key for posted in self._posted}
        whole = {item.key for item in queue if all(key in keys for key, _, _ in self._parts(item))}
        return frozenset(keys | whole)

    def deliver(self, snapshot: Snapshot, revision: str) -> tuple[int, ...]:
        """Opens an issue for whatever waits in the queue, and closes old ones.

        Args:
            snapshot: holds the queue and its papers.
            revision: the commit at which the page shows them.

        Returns:
            The numbers of the issues that were opened.
        """
        numbers: list[int] = []
        if not (self._is_known and self._is_allowed):
            return ()
        page_url = self._tracker.page_url(self._inputs.readme, revision)
        try:
            for issue in self._waiting(snapshot, page_url):
                numbers.append(self._open(issue))
                _log.info("Opened issue #%d: %s", numbers[-1], issue.title)
            if numbers:
                self._close_old(len(numbers))
        except GitHubError as error:
            self._warn(error)
        return tuple(numbers)

    def _open(self, issue: Issue) -> int:
        """Opens an issue once: what looks like a failure may have been none."""
        try:
            return self._tracker.open(issue)
        except NotAllowedError:
            raise
        except GitHubError:
            for posted in self._tracker.posted(self._inputs.notify_labels[0]):
                if posted.key == issue.key:
                    return posted.number
            raise

    def _waiting(self, snapshot: Snapshot, page_url: str) -> Iterator[Issue]:
        """Gives the issues that are not there yet."""
        papers = {
            paper.arxiv_id: paper for section in snapshot.sections for paper in section.papers
        }
        posted = {item.key for item in self._posted}
        for item in snapshot.queue:
            # A fork inherits the queue of the repository that it was made from.
            if not item.key.startswith(f"{self._tracker.owner}:") or item.key in posted:
                continue
            for key, subject, part in self._parts(item):
                if key not in posted:
                    yield self._issue(key, subject, part, papers, page_url)

    def _issue(
        self,
        key: str,
        subject: str,
        part: Announcement,
        papers: dict[str, Paper],
        page_url: str,
    ) -> Issue:
        body = view.render(
            part,
            papers,
            limit=self._inputs.notify_papers,
            sort_by=self._inputs.sort_by,
            page_url=page_url,
            hidden=self._tracker.hidden(key),
        )
        labels = self._inputs.notify_labels
        if self._inputs.notify is Notify.ISSUE_PER_TOPIC:
            labels = (*labels, _as_label(subject))
        return Issue(key=key, title=view.title(part, subject), body=body, labels=labels)

    def _parts(self, item: Announcement) -> Iterator[tuple[str, str, Announcement]]:
        """Splits an announcement into what becomes one issue: its key, its subject, its content."""
        if self._inputs.notify is not Notify.ISSUE_PER_TOPIC:
            yield item.key, "Daily Papers", item
            return
        for heading, ids in item.new.items():
            digest = hashlib.sha256(heading.encode()).hexdigest()[:12]
            revised = {heading: item.revised[heading]} if heading in item.revised else {}
            yield (
                f"{item.key}:{digest}",
                heading,
                replace(item, new={heading: ids}, revised=revised),
            )

    def _close_old(self, opened: int) -> None:
        """Closes the digests that are older than the ones to keep."""
        still_open = [posted.number for posted in self._posted if posted.is_open]
        for number in still_open[max(0, self._inputs.notify_keep - opened) :]:
            self._tracker.close(number)

    def _warn(self, error: GitHubError) -> None:
        if isinstance(error, NotAllowedError):
            self._is_allowed = False
            _log.warning("No issue tells of the new papers: %s", error)
        else:
            _log.warning("What is new could not be told now; the next run tries again: %s", error)


def _as_label(heading: str) -> str:
    """Gives a heading as a label: GitHub allows 50 characters, and no commas in a search."""
    return heading.replace(",", " ")[:50].strip()
