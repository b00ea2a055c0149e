from __future__ import annotations

import contextlib
import io
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers import runner

log = logging.getLogger("daily_papers")
HOSTILE = "line\n::set-output name=x::y\n  ::error::z\n##[command]w ::warning::no \r::error::q"


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    runner.log_to(stream, commands=True)
    return stream


def is_command(line: str) -> bool:
    """The runner's rule: `::` first in the trimmed line, or the old `##[` anywhere in it."""
    return line.strip().startswith("::") or "##[" in line


@given(st.text() | st.text(alphabet=":#[ \n\r\t\x0b\x1b\u2028ab"))
def test_no_text_can_command_the_runner(text: str) -> None:
    lines = runner.neutral(text).splitlines()
    assert not any(is_command(line) for line in lines)
    assert "\x1b" not in runner.neutral(text)


def test_plain_text_stays_as_it_is() -> None:
    text = "Graphs: 7 papers of 12\n  indented :: and #[ too"
    assert runner.neutral(text) == text


def test_each_level_becomes_an_annotation_of_one_line(stream: io.StringIO) -> None:
    log.info(HOSTILE)
    log.warning("50%% of\nit: %s", HOSTILE)
    log.error("bad\r\nthing")
    lines = stream.getvalue().splitlines()
    assert [line for line in lines if is_command(line)] == [lines[-2], lines[-1]]
    assert lines[-2].startswith("::warning::50%25 of%0Ait: line%0A::set-output")
    assert lines[-1] == "::error::bad%0D%0Athing"


def test_a_group_is_opened_and_closed_even_on_errors(stream: io.StringIO) -> None:
    with contextlib.suppress(ZeroDivisionError), runner.group("Asking\narXiv"):
        log.info("inside %d", 1 / 0)
    assert stream.getvalue() == "::group::Asking%0AarXiv\n::endgroup::\n"


def test_a_terminal_gets_plain_lines() -> None:
    stream = io.StringIO()
    runner.log_to(stream, commands=False)
    runner.mask("s3cret")
    with runner.group("Asking arXiv"):
        log.info("inside")
    log.warning("careful with s3cret")
    assert stream.getvalue() == "Asking arXiv\ninside\nwarning: careful with ***\n"


def test_a_secret_is_masked_first_and_never_shown(stream: io.StringIO) -> None:
    runner.mask("s3cret")
    try:
        int("the token s3cret")
    except ValueError:
        log.exception("failed with s3cret")
    first, rest = stream.getvalue().split("\n", 1)
    assert first == "::add-mask::s3cret"
    assert "s3cret" not in rest
    assert rest.startswith("::error::failed with ***%0ATraceback")


def test_an_empty_secret_masks_nothing(stream: io.StringIO) -> None:
    runner.mask("")
    log.info("text")
    assert stream.getvalue() == "text\n"


def test_no_output_can_end_its_own_block(tmp_path: Path) -> None:
    file = tmp_path / "output"
    runner.write_outputs(file, {"a": "1\nb<<end\n2\nend", "c": ""})
    first, *_ = file.read_text().splitlines()
    delimiter = first.removeprefix("a<<")
    assert file.read_text().startswith(f"a<<{delimiter}\n1\nb<<end\n2\nend\n{delimiter}\nc<<")
    assert len(delimiter) > 32


def test_a_summary_that_github_would_drop_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    runner.append_summary(file, "one\n")
    runner.append_summary(file, "two\n")
    runner.append_summary(file, "x" * (runner.MAX_SUMMARY_BYTES + 1))
    assert file.read_text() == "one\ntwo\n"
