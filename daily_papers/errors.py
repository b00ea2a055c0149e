"""What can go wrong for a user: a message that says what and where, and a hint what to do.

Every error has a section of docs/troubleshooting.md, to which the summary of a failed run links.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = [
    "ArxivError",
    "DailyPapersError",
    "FeedError",
    "GitHubError",
    "InputError",
    "LostRaceError",
    "NotAllowedError",
    "OutOfTimeError",
    "PathError",
    "SpliceError",
    "StoppedError",
    "UnavailableError",
    "UnreachableError",
    "excerpt",
]

EXCERPT: Final = 200
"""Characters of somebody else's text that a message quotes at most."""


class DailyPapersError(Exception):
    """The run cannot go on. Shown to the user as one message, never as a traceback.

    Args:
        message: what is wrong and where.
        hint: what to do about it; may have several lines. Empty where nothing can be done.
    """

    exit_code = 1
    section = ""
    """The part of docs/troubleshooting.md that is about such errors."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class InputError(DailyPapersError):
    """Inputs that cannot be used: all their problems at once, each on a line of its own."""

    exit_code = 2
    section = "inputs"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            super().__init__(self.problems[0])
        else:
            listed = "\n".join(f"- {problem}" for problem in self.problems)
            super().__init__(f"{len(self.problems)} inputs cannot be used:\n{listed}")


class ArxivError(DailyPapersError):
    """ArXiv gave no usable answer, and asking again would not help."""

    section = "arxiv"


class UnreachableError(ArxivError):
    """This machine cannot reach arXiv at all: no other question would fare better."""


class UnavailableError(ArxivError):
    """ArXiv did not answer, or refused for now; asking later may help.

    Args:
        message: what happened.
        is_throttled: whether arXiv asks for fewer requests, so that only a long wait helps.
        retry_after: seconds that arXiv itself asked to wait at least.
    """

    def __init__(
        self, message: str, *, is_throttled: bool = False, retry_after: float = 0.0
    ) -> None:
        super().__init__(message)
        self.is_throttled = is_throttled
        self.retry_after = retry_after


class FeedError(UnavailableError):
    """An answer that is not a whole feed, or not to be trusted; the next may be."""


class OutOfTimeError(ArxivError):
    """The time that the run may spend on arXiv is over."""


class SpliceError(DailyPapersError):
    """A document in which the marked region cannot be found without doubt."""

    section = "the-readme"


class PathError(DailyPapersError):
    """A file that must not be read or written, or that is not a file."""

    section = "files"


class NotOursError(PathError):
    """A file that an input leads to, and that this action has not written.

    Args:
        path: the file.
        name: the input.
    """

    def __init__(self, path: str, name: str) -> None:
        super().__init__(
            f"{path}: there is already a file, and this action did not write it",
            f"Move it, or change the input {name}, which leads there.",
        )


class GitHubError(DailyPapersError):
    """GitHub refused, or could not be reached."""

    section = "github"


class NotAllowedError(GitHubError):
    """GitHub refused for good: a permission or a feature is missing."""


class LostRaceError(DailyPapersError):
    """The repository has moved on since it was read; a new plan has to be made."""

    section = "files"


class StoppedError(DailyPapersError):
    """The user has stopped the run, by Ctrl-C."""

    exit_code = 130  # What a shell says of a command that SIGINT has ended.


def excerpt(text: str) -> str:
    """Returns the beginning of somebody else's text, on one line, to be quoted in a message."""
    beginning = " ".join(text[: 2 * EXCERPT].split())
    printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in beginning)
    is_cut = len(printable) > EXCERPT or len(text) > 2 * EXCERPT
    return f"{printable[: EXCERPT - 1]}…" if is_cut else printable
