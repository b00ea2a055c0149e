"""A part of `make demo`: three days of a reader with interests, offline.

The reader names a paper, a `.bib` file of the repository and a Zotero library on the first day. On
the second, new papers come best first; the reader ticks another one, and on the third day the order
knows it. The clock is ours, so that three days take some seconds.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from daily_papers.interests import zotero
from tests.standins.arxiv import ArxivStandIn
from tests.standins.corpus import HEADINGS, corpus, fresh_papers
from tests.standins.entry import Entry
from tests.standins.github import GitHubStandIn
from tests.standins.zotero import StandInLibrary, ZoteroStandIn
from tests.support import FakeClock, run_main

__all__ = ["play_interests"]

README = """\
# My reading

<!-- daily-papers:start -->
<!-- daily-papers:end -->
"""


def play_interests(folder: Path) -> list[Path]:
    """Plays three days, and tells what came first on each.

    Args:
        folder: takes the pages and the digests.

    Returns:
        The files to look at: the README and the digest of the second and the third day.
    """
    clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
    papers = corpus(until=clock.moment - timedelta(days=1))
    named, filed, shelved, ticked = (_on(papers, heading) for heading in HEADINGS)
    library = StandInLibrary()
    for paper in shelved[:3]:
        library.add(paper.title, abstractNote=paper.summary)
    files = {"README.md": README, "references.bib": "".join(map(_bib_entry, filed[:3]))}
    made: list[Path] = []
    folder.mkdir(parents=True, exist_ok=True)
    with (
        ArxivStandIn(papers, clock=clock.now) as arxiv,
        GitHubStandIn(folder / "papers.git", files=files) as github,
        ZoteroStandIn({("users", 12345): library}) as standin,
        patch.object(zotero, "URL", standin.address),
    ):
        for day in range(1, 4):
            if day > 1:
                yesterday, clock.moment = clock.moment, clock.moment + timedelta(days=1)
                news = fresh_papers(12, seed=day, since=yesterday, until=clock.moment)
                arxiv.add(paper for paper in news if paper not in arxiv.entries)
            result = run_main(
                folder / "runner",
                environ={
                    "GITHUB_API_URL": github.address,
                    "GITHUB_REPOSITORY": github.hub.full_name,
                    "GITHUB_REF": "refs/heads/main",
                    "GITHUB_WORKSPACE": str(folder / "runner"),
                    "INPUT_KEYWORDS": "\n".join(HEADINGS),
                    "INPUT_INTERESTS": f"{named[0].arxiv_id}\nreferences.bib\nzotero:users/12345",
                    "INPUT_PICKS": "5",
                    "INPUT_SITE": "docs",
                    "INPUT_ARXIV-URL": arxiv.url,
                    "INPUT_ANNOUNCEMENTS-URL": arxiv.announcements_url,
                    "INPUT_GITHUB-TOKEN": github.token,
                },
                clock=clock,
            )
            if result.exit_code:
                raise SystemExit(result.log)
            *_, issue = github.hub.issues.values()
            if day > 1:
                made += _shown(folder, day, github, issue["body"])
                _say(folder, day)
            # What the reader has no other like of.
            issue["body"] = _with_tick(issue["body"], ticked)
    return made


def _on(papers: tuple[Entry, ...], heading: str) -> list[Entry]:
    """Returns the papers on a topic, newest first."""
    return [paper for paper in reversed(papers) if heading.lower() in paper.title.lower()]


def _bib_entry(paper: Entry) -> str:
    return f"@misc{{arxiv{paper.arxiv_id}, title = {{{paper.title}}}, year = {paper.updated:%Y}}}\n"


def _with_tick(body: str, papers: list[Entry]) -> str:
    """Returns the body of a digest with the first box ticked that is before one of the papers."""
    for line in body.split("\n"):
        if line.startswith("- [ ] ") and any(paper.arxiv_id in line for paper in papers):
            return body.replace(line, line.replace("[ ]", "[x]", 1), 1)
    return body


def _shown(folder: Path, day: int, github: GitHubStandIn, body: str) -> list[Path]:
    page, digest = folder / f"day-{day}.md", folder / f"issue-{day}.md"
    page.write_bytes(github.repository.read("main", "README.md") or b"")
    digest.write_text(body, encoding="utf-8")
    return [page, digest]


def _say(folder: Path, day: int) -> None:
    """Tells which new papers match best."""
    file = folder / "runner" / ".daily-papers" / "new-papers.json"
    papers = json.loads(file.read_text(encoding="utf-8"))
    sys.stdout.write(f"\nInterests, day {day}: of {len(papers)} new papers these match best.\n")
    for paper in sorted(papers, key=lambda paper: -paper["match"])[:3]:
        words = ", ".join(paper["because"]) or "no word in particular"
        title = re.sub(r"\s+", " ", paper["title"])[:70]
        sys.stdout.write(f"  {paper['match']:.2f}  {title}  (because: {words})\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for path in play_interests(Path("demo/interests")):
        sys.stdout.write(f"  {path}\n")
