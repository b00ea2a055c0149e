from __future__ import annotations

import re

import cmarkgfm
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from daily_papers.errors import SpliceError
from daily_papers.publish.splice import Document, read_document

START, END = "<!-- daily-papers:start -->", "<!-- daily-papers:end -->"
CONTENT = "Last update: 2025-10-03\n\n## Graphs\n| a |\n| --- |\n| \\l \\1 \\g<0> |\n\n"


def read(text: str | bytes) -> Document:
    data = text if isinstance(text, bytes) else text.encode()
    return read_document(data, path="README.md", marker="daily-papers")


def message(text: str | bytes) -> str:
    with pytest.raises(SpliceError) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "before,after",
    [
        ("", ""),
        ("# Title\n\nText\n", "\nMore\n"),
        ("\ufeff", "\n"),
        ("\ufeff# Title\n", "\nno newline at the end"),
        ("text right above\n", "\ntext right below\n"),
        ("a\u2028b\x0cc\x0bd\x85e\n", "\na\u2028b\x0cc\n"),
        ("   ", "   \n"),
        ("<details>\n<summary>Papers</summary>\n\n", "\n\n</details>\n"),
        ("<details>\n<summary>Papers</summary>\n", "\n</details>\n"),
        (f"```\n{START}\n{END}\n```\n\n", f"\n\n~~~~\n{START}\n~~~~\n"),
        (f"Write `{START}` somewhere, and {END} too.\n\n", f"\n\n    {START}\n"),
        (f"<pre>\n{START}\n</pre>\n\n", "\n"),
        ("| a |\n| - |\n| b |\n", "\n| a |\n| - |\n"),
        ("- a list\n\nText.\n\n", "\n"),
    ],
)
def test_only_the_region_changes(before: str, after: str, newline: str) -> None:
    def text(content: str) -> str:
        return f"{before}{START}\n{content}{END}{after}".replace("\n", newline)

    for old in ("", "old\n", CONTENT):
        found = read(text(old))
        assert found.content.replace(newline, "\n") == old
        assert found.text == text(old)
        once = found.with_content(CONTENT.encode())
        blank = "\n" if found.inside_html else ""
        assert once == text(blank + CONTENT).encode()
        assert read(once).with_content(CONTENT.encode()) == once


@pytest.mark.parametrize(
    "text,line,words",
    [
        ("# Title\n", None, "markers of the region are missing"),
        (f"{START}\n", 1, f"{END} is missing"),
        (f"a\n\n{END}\n", 3, f"{START} is missing"),
        (f"{END}\n{START}\n", 1, "is above"),
        (f"{START}\n{END}\n\n{START}\n", 4, "is in lines 1, 4"),
        (f"{START}\n{END}\n{END}\n", 3, "is in lines 2, 3"),
        (f"- item\n\n  {START}\n  {END}\n", 3, "in a list or a quote"),
        (f"- {START}\n- {END}\n", 1, "in a list or a quote"),
        (f"text\n\n> {START}\n> {END}\n", 3, "in a list or a quote"),
        (f"```\n{START}\n{END}\n```\n", None, "markers of the region are missing"),
        (f"    {START}\n    {END}\n", None, "markers of the region are missing"),
        (f"text {START}\ntext {END}\n", None, "other text beside"),
        (f"<!--\n{START}\n{END}\n-->\n", 3, f"{START} is inside the HTML that begins in line 1"),
        (f"<pre>\n{START}\n{END}\n</pre>\n", None, f"{END} is inside the HTML that begins in"),
        (f"text\n    {START}\n    {END}\n", None, f"{START} continues the text above it"),
        (f"{START} x\n{END} x\n", None, "markers of the region are missing"),
        (b"fine\n\xff\xfe\n", 2, "not UTF-8"),
        ("".encode("utf-16") + b"\xd8", 1, "not UTF-8"),
    ],
)
def test_an_unclear_region_is_an_error_that_names_the_place(
    text: str | bytes, line: int | None, words: str
) -> None:
    said = message(text)
    assert words in said
    assert said.startswith("README.md:" if line is None else f"README.md({line}):")


@pytest.mark.parametrize(
    "text,advice",
    [
        (f"{START}\n", "Add the missing line on the other side of the region."),
        (f"Text.\n\n{END}\n", "Add the missing line on the other side of the region."),
        (f"{END}\n{START}\n", f"above {START}, which is in line 2\nExchange the two lines."),
        (
            f"{START}\n{END}\n{END}\n",
            "Keep one of them. A second region needs a marker name of its own.",
        ),
        (f"> {START}\n> {END}\n", "Move it to a line of its own that starts at the margin."),
        (b"\xff\n", "Save it as UTF-8, then run again."),
        (
            f"<div>\n\t{START}\n\t{END}\n</div>\n",
            "Put each at the margin of a line of its own, with an empty line above and below it.",
        ),
    ],
)
def test_an_error_says_what_to_do(text: str | bytes, advice: str) -> None:
    assert message(text).endswith(advice)


def test_missing_markers_are_shown_to_paste() -> None:
    assert message("# Title\n") == (
        "README.md: the markers of the region are missing\n"
        "Paste these two lines where the papers are to be, each on a line of its own:\n"
        f"{START}\n{END}"
    )


def test_another_marker_is_another_region() -> None:
    text = f"<!-- a:start -->\n<!-- a:end -->\n{START}\n{END}\n"
    found = read_document(text.encode(), path="README.md", marker="a")
    once = found.with_content(b"x\n")
    assert once == f"<!-- a:start -->\nx\n<!-- a:end -->\n{START}\n{END}\n".encode()


@pytest.mark.parametrize(
    "above,level",
    [
        ("", 0),
        ("# A\n", 1),
        ("# A", 1),
        ("A\n===", 1),
        ("# A\n\n## B\n", 2),
        ("## B\n\n# A\n", 1),
        ("A\n===\n\nB\n---\n", 2),
        ("###### F\n", 6),
        ("# A\n\n> ### quoted\n", 1),
        ("# A\n\n```\n### code\n```\n", 1),
    ],
)
def test_the_heading_above_is_known(above: str, level: int) -> None:
    assert read(f"{above}\n{START}\n\n#### inside\n{END}\n##### below\n").level == level


def test_the_headings_above_are_known_by_their_text() -> None:
    above = "# A *b* `c` [d](https://e)\n\ntext\n\nF\n---\n\n> ### quoted\n\n```\n# code\n```\n"
    found = read(f"{above}\n{START}\n\n# inside\n\n{END}\n\n# below\n")
    assert found.headings == ("A b c d", "F", "quoted")


def test_content_below_details_is_markdown_for_github() -> None:
    text = f"<details>\n<summary>Papers</summary>\n{START}\n{END}\n</details>\n"
    page = read(text).with_content(b"Last update: x\n\n## Graphs\n\n")
    html = cmarkgfm.github_flavored_markdown_to_html(page.decode(), options=1 << 17)
    assert "<h2>Graphs</h2>" in html
    assert html.index("<h2>") < html.index("</details>")


@pytest.mark.parametrize(
    "start,end",
    [
        ("<!--daily-papers:start-->", "<!--daily-papers:end-->"),
        ("<!--  DAILY-PAPERS : START  -->", "<!-- Daily-Papers:end -->"),
        (f"  {START}\t", f"   {END}  "),
    ],
)
def test_case_and_spaces_of_a_marker_do_not_count(start: str, end: str) -> None:
    text = f"# A\n\n{start}\n{end}\n\nb\n"
    once = read(text).with_content(CONTENT.encode())
    assert once == f"# A\n\n{start}\n{CONTENT}{end}\n\nb\n".encode()
    assert read(once).with_content(CONTENT.encode()) == once


def test_regions_whose_names_differ_in_case_alone_are_two() -> None:
    text = f"<!-- Daily-Papers:start -->\n<!-- Daily-Papers:end -->\n\n{START}\n{END}\n"
    assert read(text).before.endswith(f"{START}\n")


@pytest.mark.parametrize(
    "start,words",
    [
        (f"\u00a0{START}", "odd space (U+00A0)"),
        (f"{START}\u2028", "odd space (U+2028)"),
        (f"\x0b{START}", "odd space (U+000B)"),
        (f"\u200b{START}", "odd space"),
        (f"{START} Papers", f"other text beside {START}"),
        ("<!-- daily-papers-start X -->", f"write it as {START}"),
        ("<!-- daily-papers-start -->", f"write it as {START}"),
        ("<!-- daily-papers: begin -->", f"write it as {START}"),
        ("[//]: # (daily-papers:start)", f"write it as {START}"),
        (f"```\n{START}\n```", "in a code block"),
        (f"    {START}", "in a code block"),
    ],
)
def test_a_marker_that_does_not_count_is_pointed_at(start: str, words: str) -> None:
    line = 4 if start.startswith("```") else 3
    alone = f"# A\n\n{start}\n\n{END}\n"
    both = f"# A\n\n{start}\n\n{start.replace('start', 'end').replace('begin', 'end')}\n"
    for text in (alone, both):
        said = message(text)
        assert f"README.md({line}): " in said
        assert words in said


@pytest.mark.parametrize("indent", ["    ", "\t", "      ", " \t"])
@pytest.mark.parametrize("opening", ["<details>\n<summary>A</summary>", "<div>", "<table><tr><td>"])
def test_what_would_not_be_found_again_is_refused_at_once(opening: str, indent: str) -> None:
    text = f"{opening}\n{indent}{START}\n{indent}{END}\n</details>\n"
    said = message(text)
    line = opening.count("\n") + 2
    assert f"README.md({line} and {line + 1}): with papers" in said
    assert "would not be found again" in said
    assert "README.md(" in said


PIECES = st.sampled_from(
    [
        "# T",
        "text",
        "",
        "```",
        "~~~",
        "> quote",
        "- item",
        "    code",
        "<details>",
        "</details>",
        "<!--",
        "-->",
        "<pre>",
        "</pre>",
        "| a | b |",
        "| - | - |",
        "<!-- other:start -->",
        f"`{START}`",
        "\u2028",
        "a\x0cb",
        "é\t𝔘",
        "---",
        "1. one",
        "<div>",
    ]
)
INDENTS = st.sampled_from(["", "", " ", "   ", "    ", "\t", "\x0b", "\x0c", "\x85", "\u2028"])
NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def own_text(draw: st.DrawFn) -> str:
    """A user's own lines, each with whatever ends it."""
    pieces = draw(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=8))
    return "".join(piece + draw(NEWLINES) for piece in pieces)


@settings(max_examples=1500)
@given(
    before=own_text(),
    after=own_text(),
    newline=NEWLINES,
    tail=st.text(max_size=10),
    old=own_text(),
    indents=st.tuples(INDENTS, INDENTS),
)
@example(before="\ufeff", after="", newline="\r\n", tail="", old="", indents=("", ""))
def test_every_byte_outside_the_region_stays(
    *, before: str, after: str, newline: str, tail: str, old: str, indents: tuple[str, str]
) -> None:
    start, end = (f"{indent}{line}" for indent, line in zip(indents, (START, END), strict=True))
    text = f"{before}{start}{newline}{old}{end}{newline}{after}{tail}"
    try:
        data = text.encode()
        found = read(data)
    except (SpliceError, UnicodeEncodeError):
        event("refused")
        return  # The user's own text hides a marker, or doubles it.
    once = found.with_content(CONTENT.encode())
    assert once.startswith(found.before.encode())
    assert once.endswith(found.after.encode())
    assert re.split("\r\n|\r|\n", found.before)[-2].strip("\ufeff \t") == START
    assert found.before + found.content + found.after == text
    assert found.after.lstrip(" \t").startswith(END)
    assert read(once).with_content(CONTENT.encode()) == once
