"""The result of one run, as a value: outputs, summary and exit code are read from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from daily_papers.answers import Answer, Reply
from daily_papers.errors import NotAllowedError
from daily_papers.interests.match import Match
from daily_papers.memory.news import News
from daily_papers.memory.snapshot import Snapshot
from daily_papers.memory.summaries import SummariesResult
from daily_papers.publish.repository import Change, Commit, Plan
from daily_papers.topics.lines import Topic

__all__ = ["OUTPUTS", "Outcome"]

OUTPUTS: Final = {
    "changed": "Whether this run changed the repository: true or false.",
    "commit-sha": "The commit that this run made; empty if it made none.",
    "commit-url": "The address of that commit.",
    "pull-request-url": (
        "The address of the pull request that holds the changes, with publish: pull-request."
    ),
    "new-papers": "How many papers are new since the last run.",
    "issue-numbers": "The issues that this run opened, as a JSON list of numbers.",
    "failed-topics": (
        "The topics for which arXiv gave no usable answer, as a JSON list of headings."
    ),
    "summary-tokens": (
        "The tokens that this run took from the model that writes summaries, as its endpoint "
        "counts them; 0 without one."
    ),
    "new-papers-file": (
        "The path of a file in the workspace with the new papers as a JSON list, for later steps."
    ),
    "digest-file": (
        "The path of a file in the workspace that tells of the new papers in Markdown; empty if "
        "there are none."
    ),
    "digest-html-file": "The same as a mail in HTML.",
}
"""What a run sets for later steps, by name, with its meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run found, what it planned, and what became of the plan."""

    now: datetime
    """The time of the run, in the user's time zone."""
    topics: tuple[Topic, ...]
    """As they were asked for."""
    replies: Mapping[str, Reply]
    """What arXiv answered about each topic, by heading."""
    snapshot: Snapshot
    news: News
    matches: Mapping[str, Match] | None = None
    """How well the new papers match what the reader likes, by id; `None` without interests."""
    is_first: bool
    """Whether no earlier run is known."""
    plan: Plan
    is_plan_only: bool
    """Whether the plan was made only to be shown."""
    commit: Commit | None
    """The commit with the changes; `None` in a local directory."""
    page_url: str = ""
    """Where GitHub shows the page; empty elsewhere."""
    site: str = ""
    """The folder of the web page; empty without one."""
    site_url: str = ""
    """Where GitHub Pages shows the web page, if it is turned on; empty without one."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """What tells of the new papers, by the output that leads to it; empty if there are none."""
    issues_url: str = ""
    """Where the issues are; empty elsewhere than on GitHub."""
    issues: tuple[int, ...] = ()
    """The numbers of the issues that were opened."""
    summaries: SummariesResult = field(default_factory=SummariesResult)
    """What came of asking a model, where one was asked."""
    refusal: NotAllowedError | None = None
    """Why GitHub refused to tell anybody of new papers, if the user has to change something."""

    @property
    def applied(self) -> bool:
        """Whether this run changed the repository."""
        is_new = self.commit is None or self.commit.is_new
        return bool(self.plan.changes) and not self.is_plan_only and is_new

    @property
    def failed(self) -> list[str]:
        """The headings of the topics for which arXiv gave no usable answer."""
        return [head for head, reply in self.replies.items() if not isinstance(reply, Answer)]

    def stale(self, days: int) -> dict[str, date]:
        """Returns the topics without a usable answer for at least `days`, and since when."""
        return {
            section.heading: section.failure.since
            for section in self.snapshot.sections
            if section.failure and (self.now.date() - section.failure.since).days >= days
        }

    def outputs(self) -> dict[str, str]:
        """Returns the action's outputs by name, as `action.yml` declares them."""
        return {
            "changed": str(self.applied).lower(),
            "commit-sha": self.commit.sha if self.commit and self.applied else "",
            "commit-url": self.commit.url if self.commit and self.applied else "",
            "pull-request-url": self.commit.pull_request_url if self.commit else "",
            "new-papers": str(len(self.news.new_ids)),
            "issue-numbers": json.dumps(self.issues),
            "failed-topics": json.dumps(self.failed, ensure_ascii=False),
            "summary-tokens": str(self.summaries.tokens),
        }

    def new_papers(self) -> list[dict[str, Any]]:
        """Returns the new papers, each once with the topics that it is new in, for JSON."""
        papers: dict[str, dict[str, Any]] = {}
        for topic in self.news.topics:
            for paper in topic.new:
                record = papers.setdefault(
                    paper.arxiv_id,
                    {
                        "id": paper.arxiv_id,
                        "url": paper.abs_url,
                        "title": paper.title,
                        "authors": paper.authors,
                        "published": paper.published.date().isoformat(),
                        "summary": paper.summary,
                        "comment": paper.comment,
                        "topics": [],
                        **self._match(paper.arxiv_id),
                    },
                )
                record["topics"].append(topic.heading)
        return list(papers.values())

    def _match(self, arxiv_id: str) -> dict[str, Any]:
        """Returns how well a new paper matches, for JSON; nothing without interests."""
        if self.matches is None:
            return {}
        match = self.matches.get(arxiv_id)
        return {
            "match": match.score if match else 0.0,
            "because": list(match.because) if match else [],
        }

    def deed(self) -> str:
        """Returns a sentence about what happened to the repository."""
        if not self.plan.changes:
            return "Nothing has changed."
        paths = _told(self.plan.changes)
        if self.commit and self.commit.pull_request_url:
            verb = "Proposed" if self.applied else "Already proposed:"
            return f"{verb} {paths} in {self.commit.pull_request_url}."
        if self.commit and not self.applied:
            return f"Proposed {paths} earlier."
        if self.commit:
            return f"Committed {paths} as {self.commit.sha[:7]}."
        return f"Wrote {paths}." if self.applied else f"Would change {paths}; nothing was changed."


def _told(changes: Sequence[Change]) -> str:
    """Returns the changed files as part of a sentence; only the first one is named."""
    first, *others = changes
    path = f"{first.path} (new)" if first.is_new else first.path
    if not others:
        return path
    return f"{path} and {len(others)} other {'file' if len(others) == 1 else 'files'}"
