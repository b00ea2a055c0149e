"""What came of one run, as a value: for the outputs, the summary and the exit code."""

from __future__ import annotations

from dataclasses import dataclass

from daily_papers.repository import Commit, Plan
from daily_papers.snapshot import Digest, Snapshot

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run found, what it planned, and what became of the plan."""

    snapshot: Snapshot
    digest: Digest
    plan: Plan
    applied: bool
    """Whether the plan's changes are in the repository now; false where there were none."""
    commit: Commit | None

    def outputs(self) -> dict[str, str]:
        """Gives the action's outputs by name, as `action.yml` declares them."""
        return {
            "changed": str(self.applied).lower(),
            "commit-sha": self.commit.sha if self.commit else "",
            "commit-url": self.commit.url if self.commit else "",
            "new-papers": str(len(self.digest.new_ids)),
        }

    def deed(self) -> str:
        """Says in a sentence what became of the repository."""
        if not self.plan.changes:
            return "Nothing has changed."
        paths = " and ".join(
            f"{change.path} (new)" if change.before is None else change.path
            for change in self.plan.changes
        )
        if self.commit:
            return f"Committed {paths} as {self.commit.sha[:7]}."
        return f"Wrote {paths}." if self.applied else f"Would change {paths}; nothing was changed."
