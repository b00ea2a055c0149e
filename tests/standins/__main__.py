"""`python -m tests.standins`: both stand-ins to try the action against, until Ctrl-C.

Prints their addresses and the environment with which one run of the action uses them.
"""

from __future__ import annotations

import argparse
import contextlib
import shlex
import signal
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.standins.arxiv import ArxivStandIn
from tests.standins.corpus import HEADINGS, corpus
from tests.standins.github import GitHubStandIn

if TYPE_CHECKING:
    from collections.abc import Sequence

_README = """\
# My papers

Text above the region is yours.

<!-- daily-papers:start -->
<!-- daily-papers:end -->

Text below it, too.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.standins", description=__doc__)
    parser.add_argument(
        "--folder",
        type=Path,
        help="where the bare repository is, or goes (default: a temporary folder)",
    )
    folder = parser.parse_args(arguments).folder
    # Even if they were ignored, as in a background job, or would end the process silently.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as temporary:
        _serve(folder or Path(temporary, "papers.git"))


def _serve(folder: Path) -> None:
    github = GitHubStandIn(folder, files={"README.md": _README})
    with ArxivStandIn(corpus(until=datetime.now(UTC))) as arxiv, github:
        sys.stdout.write(_guide(arxiv, github, folder))
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def _guide(arxiv: ArxivStandIn, github: GitHubStandIn, folder: Path) -> str:
    """The addresses, and how to use them."""
    environment = {
        "GITHUB_API_URL": github.address,
        "GITHUB_REPOSITORY": github.hub.full_name,
        "GITHUB_TOKEN": github.token,
        "GITHUB_REF": f"refs/heads/{github.hub.default_branch}",
    }
    exports = "\n".join(
        f"  export {name}={shlex.quote(value)}" for name, value in environment.items()
    )
    return f"""\
arXiv:      {arxiv.url}
GitHub:     {github.address}
Repository: {folder}

To run the action against them, in another terminal:

{exports}
  python -m daily_papers --keywords {shlex.quote(HEADINGS[0])} \\
    --arxiv-url {arxiv.url} --announcements-url {arxiv.announcements_url}

To see what came of it:

  git --git-dir {shlex.quote(str(folder))} log --patch

Ctrl-C ends both.
"""


if __name__ == "__main__":
    main()
