"""What can go wrong with a request to GitHub: whether to try again, and what to tell the user."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Final

from daily_papers.clock import Clock
from daily_papers.errors import GitHubError, NotAllowedError

__all__ = ["LONGEST_MESSAGE", "TROUBLES", "NoAnswerError", "Patience", "RefusalError", "errors"]

TRIES: Final = 3
"""How often one thing is tried at most."""

BACKOFF: Final = 5.0
"""Seconds to wait before the second try, where GitHub does not say how long; they double."""

BACKOFF_WHEN_LIMITED: Final = 60.0
"""The same after a rate limit: GitHub asks for at least a minute.
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"""

LONGEST_WAIT: Final = 600.0
"""Seconds that one run waits for GitHub, all in all."""

LONGEST_MESSAGE: Final = 500
"""Characters of somebody else's words that a message quotes at most."""

_NOT_ALLOWED: Final = frozenset({401, 403, 404})

_log = logging.getLogger(__name__)


class RefusalError(Exception):
    """GitHub answered with an error.

    Args:
        status: the HTTP status.
        headers: the answer's headers, by name in any case.
        words: what GitHub said, all of it on one line; may be empty.
    """

    def __init__(self, status: int, headers: Mapping[str, str], words: str) -> None:
        super().__init__(f"GitHub answered {status}: {words}".rstrip(": "))
        self.status = status
        self.headers = headers
        self.words = words

    @property
    def is_rate_limit(self) -> bool:
        """Whether this is a limit, which ends, and no refusal; GitHub answers 403 to both."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or (
            self.status == HTTPStatus.FORBIDDEN
            and (
                "retry-after" in self.headers
                or self.headers.get("x-ratelimit-remaining") == "0"
                or "rate limit" in self.words.lower()
            )
        )

    @property
    def is_final(self) -> bool:
        """Whether the same request will be refused again, for want of a permission."""
        return self.status in _NOT_ALLOWED and not self.is_rate_limit


class NoAnswerError(Exception):
    """GitHub could not be reached, or what answered cannot be GitHub's API.

    Args:
        message: what happened.
        hint: what to look at.
        is_final: whether trying again is of no use.
    """

    def __init__(self, message: str, hint: str = "", *, is_final: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.is_final = is_final


TROUBLES: Final = (RefusalError, NoAnswerError)
"""What a request can raise."""


class Patience:
    """What one run forgives GitHub, and how long it waits in all.

    Args:
        clock: tells the time, and waits.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = LONGEST_WAIT

    def waits(self, error: Exception, failures: int) -> bool:
        """Waits as long as GitHub asks for, if trying again may help and does not take too long.

        Args:
            error: one of `TROUBLES`.
            failures: how often the same thing has failed, this time included.

        Returns:
            Whether to try again now.
        """
        seconds = _delay(error, failures, self._clock.now())
        if seconds is None or failures >= TRIES or seconds > self._left:
            return False
        _log.info("%s; waiting %.0f s", error, seconds)
        self._left -= seconds
        self._clock.sleep(seconds)
        return True


def _delay(error: Exception, failures: int, now: datetime) -> float | None:
    """Returns the seconds before what failed may be tried again; `None` where that is no use."""
    if isinstance(error, RefusalError):
        if error.is_rate_limit:
            return _limit(error.headers, failures, now)
        if error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return None
    elif isinstance(error, NoAnswerError) and error.is_final:
        return None
    return BACKOFF * 2.0 ** (failures - 1)


def _limit(headers: Mapping[str, str], failures: int, now: datetime) -> float:
    """Returns the seconds for which GitHub wants to be left alone."""
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return float(after[:9])
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        # One second more: GitHub's clock and ours need not agree.
        return max(1.0, int(reset[:12]) - now.timestamp() + 1)
    return BACKOFF_WHEN_LIMITED * 2.0 ** (failures - 1)


@contextmanager
def errors(doing: str) -> Iterator[None]:
    """Turns what a request raises into an error that says what to do.

    Args:
        doing: what the requests are for, as in `list issues`.
    """
    try:
        yield
    except RefusalError as error:
        raise _for_user(f"could not {doing}: {error}", error) from error
    except NoAnswerError as error:
        raise GitHubError(f"could not {doing}: {error}", error.hint) from error


def _for_user(message: str, error: RefusalError) -> GitHubError:
    """Returns the error for the user, with what to do where that is known."""
    if error.status == HTTPStatus.UNAUTHORIZED:
        return GitHubError(message, "The input github-token is not a token that GitHub knows.")
    if error.status == HTTPStatus.GONE:
        return NotAllowedError(
            message, "Turn issues on in the repository's settings, or set notify: none."
        )
    if error.is_rate_limit:
        return GitHubError(message, "The token has made too many requests. Run again in an hour.")
    if error.status == HTTPStatus.FORBIDDEN:
        return _not_allowed(message, error)
    return GitHubError(message)


def _not_allowed(message: str, error: RefusalError) -> GitHubError:
    """Names the permission or the setting that is missing, where GitHub does."""
    if "was archived" in error.words:
        return NotAllowedError(
            message,
            "Nothing can be written to an archived repository: unarchive it in its settings, or "
            "disable the workflow.",
        )
    if "not permitted to create or approve pull requests" in error.words:
        return NotAllowedError(
            message,
            "In the repository's settings, Actions, General, Workflow permissions, tick: Allow "
            "GitHub Actions to create and approve pull requests.",
        )
    accepted = error.headers.get("x-accepted-github-permissions", "")[:LONGEST_MESSAGE]
    if not accepted:
        return GitHubError(message)
    lines = "\n".join(
        f"  {item.strip().replace('=', ': ').replace('_', '-')}"
        for item in accepted.split(";")[0].split(",")
    )
    return NotAllowedError(
        f"{message} (it accepts: {accepted})",
        f"Give the job the permission, in the workflow:\n\npermissions:\n{lines}",
    )
