"""The runner's protocol: log lines and annotations, groups, masks, outputs, the job summary.

The runner scans every line that a step prints, and reads `::name::` at its start and `##[name]`
anywhere in it as commands
(https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands). Such commands
are written only here; text from anywhere else cannot become one.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

__all__ = ["append_summary", "group", "log_to", "mask", "neutral", "show", "write_outputs"]

MAX_SUMMARY_BYTES: Final = 1024 * 1024
"""GitHub drops a step's summary that is larger
(https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands)."""

MIN_SECRET: Final = 4
"""Fewest characters of a secret. Masking a shorter one would hide half of the log."""

MAX_MESSAGE: Final = 20_000
"""Characters of one message in the log. GitHub cuts an annotation at 4,096."""

_log = logging.getLogger("daily_papers")

_COMMANDS: Final = {
    logging.WARNING: "warning",
    logging.ERROR: "error",
    logging.CRITICAL: "error",
}
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def neutral(text: str, *, most: int = MAX_MESSAGE) -> str:
    """Returns `text` without the power to command the runner or the terminal.

    Control characters other than the line feed become spaces, and a zero-width space breaks up
    `::` at the start of a line, and `##[`. Of more than `most` characters the rest is only counted.
    """
    if len(text) > most:
        text = f"{text[:most]} … ({len(text) - most:,} more characters)"
    text = _CONTROL.sub(" ", text)
    text = re.sub(r"(?m)^(\s*):(?=:)", "\\1:\u200b", text)
    return text.replace("##[", "##\u200b[")


class _Formatter(logging.Formatter):
    """Turns a record into lines for the runner's log, or for a person's terminal."""

    def __init__(self, *, commands: bool) -> None:
        super().__init__()
        self.commands = commands
        self.secrets: list[str] = []

    def format(self, record: logging.LogRecord) -> str:
        text = self.masked(super().format(record))
        if not self.commands:
            prefix = f"{record.levelname.lower()}: " if record.levelno > logging.INFO else ""
            return prefix + neutral(text)
        command = getattr(record, "command", None) or _COMMANDS.get(record.levelno)
        if command is None:
            return neutral(text)
        return f"::{command}::{_escaped(text)}"

    def masked(self, text: str) -> str:
        """Returns `text` without the secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def _escaped(text: str) -> str:
    """Escapes the message of a workflow command, as the runner's own toolkit does.

    See https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts.
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def log_to(stream: TextIO, *, commands: bool) -> None:
    """Sends this package's log to `stream`.

    With `commands`, warnings and errors become annotations of the workflow run and groups are
    folded; without, all are plain lines for a terminal.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter(commands=commands))
    handler.addFilter(lambda record: commands or getattr(record, "command", "") != "endgroup")
    _log.handlers[:] = [handler]
    _log.propagate = False
    _log.setLevel(logging.INFO)


def mask(secret: str) -> None:
    """Keeps `secret` out of everything that is logged from now on, here and by the runner.

    The runner masks line by line, so each line of the secret is masked separately.
    """
    for handler in _log.handlers:
        formatter = handler.formatter
        if not isinstance(formatter, _Formatter):
            continue
        for line in map(str.strip, secret.splitlines()):
            if len(line) < MIN_SECRET:
                continue
            if formatter.commands:
                _log.info("%s", line, extra={"command": "add-mask"})
            formatter.secrets.append(line)


def show(text: str, stream: TextIO) -> None:
    """Prints a text that may be long, such as a diff, without secrets and commands."""
    for handler in _log.handlers:
        if isinstance(handler.formatter, _Formatter):
            text = handler.formatter.masked(text)
    stream.write(neutral(text, most=len(text)))
    stream.flush()


@contextmanager
def group(title: str) -> Iterator[None]:
    """Folds what is logged in the block under `title`, if the log can be folded."""
    _log.info("%s", title, extra={"command": "group"})
    try:
        yield
    finally:
        _log.info("", extra={"command": "endgroup"})


def write_outputs(path: Path, outputs: Mapping[str, str]) -> None:
    """Appends `outputs` to the runner's file for them.

    Each is between lines with a delimiter that cannot be guessed, so that no value can end its
    own block and set another output.
    """
    text = ""
    for name, value in outputs.items():
        delimiter = f"end-{secrets.token_hex(16)}"
        text += f"{name}<<{delimiter}\n{value}\n{delimiter}\n"
    _append(path, text.encode("utf-8", "replace"), "the outputs")


def append_summary(path: Path, markdown: str) -> None:
    """Appends `markdown` to the job summary, unless GitHub would drop it for its size."""
    data = markdown.encode("utf-8", "replace")
    if len(data) <= MAX_SUMMARY_BYTES:
        _append(path, data, "the summary")


def _append(path: Path, data: bytes, what: str) -> None:
    """Appends to a file of the runner; a run does not fail because it cannot be reported."""
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        _log.warning("%s of this run could not be written: %s", what, error.strerror)
