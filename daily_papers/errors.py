"""What can go wrong for a user: a message that says what and where, and a hint what to do."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "ArxivError",
    "DailyPapersError",
    "FeedError",
    "GitHubError",
    "InputError",
    "LostRaceError",
    "PathError",
    "SpliceError",
]


class DailyPapersError(Exception):
    """The run cannot go on. Shown to the user as one message, never as a traceback.

    Args:
        message: what is wrong and where.
        hint: what to do about it; may have several lines. Empty where nothing can be done.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class InputError(DailyPapersError):
    """Inputs that cannot be used: all their problems at once, one a line."""

    exit_code = 2

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            super().__init__(self.problems[0])
        else:
            listed = "\n".join(f"- {problem}" for problem in self.problems)
            super().__init__(f"{len(self.problems)} inputs cannot be used:\n{listed}")


class FeedError(DailyPapersError):
    """An answer of arXiv that is not a feed that can be read to its end."""


class ArxivError(DailyPapersError):
    """ArXiv did not give a usable answer, or said that the question is wrong."""


class SpliceError(DailyPapersError):
    """A document in which the marked region cannot be found without doubt."""


class PathError(DailyPapersError):
    """A file that must not be read or written, or that is not a file."""


class GitHubError(DailyPapersError):
    """GitHub refused, or could not be reached."""


class LostRaceError(DailyPapersError):
    """The repository has moved on since it was read; a new plan has to be made."""
