"""`make demo`: days of the action, offline, in the folder `demo`.

The program is the container's entry point, in a separate process and with the environment that
the runner sets; arXiv and GitHub are the stand-ins, over real HTTP, and the repository is a real
one. On the first day the README gets its region, on the second a few papers are new. A reader with
interests follows.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.demo_interests import play_interests
from tests.standins.arxiv import ArxivStandIn
from tests.standins.corpus import HEADINGS, corpus, fresh_papers
from tests.standins.git import GitRepository
from tests.standins.github import GitHubStandIn

ROOT = Path(__file__).parent.parent

README = """\
# Our group

We read these papers on Fridays at three.

<!-- daily-papers:start -->
<!-- daily-papers:end -->

## Contact

Room 4.12.
"""


def main() -> None:
    """Plays the days, and says where to look."""
    folder = ROOT / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    today = datetime.now(UTC)
    github = GitHubStandIn(folder / "papers.git", files={"README.md": README})
    with ArxivStandIn(corpus(until=today - timedelta(days=1))) as arxiv, github:
        _say("Day 1: a README with two markers.")
        (folder / "before.md").write_text(README, encoding="utf-8")
        _run(folder, arxiv, github)
        _say("Day 2: arXiv has seven more papers.")
        arxiv.add(fresh_papers(7, seed=2, since=today - timedelta(hours=20), until=today))
        _run(folder, arxiv, github)
        (folder / "after.md").write_bytes(github.repository.read("main", "README.md") or b"")
        (folder / "data.json").write_bytes(
            github.repository.read("main", ".github/daily-papers.json") or b""
        )
        *_, issue = github.hub.issues.values()
        (folder / "issue.md").write_text(f"{issue['title']}\n\n{issue['body']}", encoding="utf-8")
        _export(github.repository, "papers", folder / "papers")
        _export(github.repository, "docs", folder / "site")
        commits = github.repository.git("log", "--oneline", "--shortstat", "main").decode()
    *_, picks, _ = play_interests(folder / "interests")
    _say("The repository's commits:")
    sys.stdout.write(commits)
    _say("Where to look:")
    where = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    sys.stdout.write(f"""\
  {where}/before.md     the README before the first run
  {where}/after.md      the README now; any Markdown viewer shows it as GitHub does
  {where}/issue.md      the issue that watchers get by mail on day 2
  {where}/summary.md    what the workflow runs' own pages say
  {where}/{picks.relative_to(folder)}   the README of the reader with interests
  git --git-dir {where}/papers.git show main    the last commit

The web page, to open in a browser as http://localhost:8000:
  python3 -m http.server --directory {where}/site
""")


def _export(repository: GitRepository, source: str, target: Path) -> None:
    """Writes the files of one folder of the branch `main` to `target`."""
    listed = repository.git("ls-tree", "-r", "-z", "--name-only", "main", f"{source}/")
    for path in listed.decode().split("\0")[:-1]:
        file = target / path.removeprefix(f"{source}/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(repository.read("main", path) or b"")


def _run(folder: Path, arxiv: ArxivStandIn, github: GitHubStandIn) -> None:
    """Runs the container's entry point once, as the runner would."""
    subprocess.run(
        [sys.executable, ROOT / "entrypoint.py"],
        check=True,
        env={
            "PATH": os.environ["PATH"],
            "GITHUB_API_URL": github.address,
            "GITHUB_REPOSITORY": github.hub.full_name,
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "INPUT_KEYWORDS": "\n".join(HEADINGS),
            "INPUT_SITE": "docs",
            "INPUT_FEED": "docs/feed.xml",
            "INPUT_ARXIV-URL": arxiv.url,
            "INPUT_ANNOUNCEMENTS-URL": arxiv.announcements_url,
            "INPUT_GITHUB-TOKEN": github.token,
        },
    )


def _say(text: str) -> None:
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
