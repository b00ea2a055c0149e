"""The law of `daily_papers.views.markdown`, tested with two engines: GitHub's and markdown-it."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from daily_papers.views import columns, markdown, mathjax, remarks, tex
from daily_papers.views.columns import Shown
from daily_papers.views.tex import Link, Math, Text, plain, reader
from daily_papers.views.tex.addresses import links as find_links
from tests.support import NOW
from tests.support import paper as made

THREAD: Final = "github.com/o/r/issues/3"
URL: Final = "https://arxiv.org/abs/2509.25751v1"
END_MARKER: Final = "<!-- daily-papers:end -->"
GOLDEN: Final = Path(__file__).parent / "golden"
REAL_PAPERS: Final = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
VOID: Final = {"br", "hr", "img", "input"}


# --- Reading what an engine made ------------------------------------------------------------------


def cmark(source: str) -> str:
    # Raw HTML is let through, as on GitHub, so that a stranger's would be seen here.
    html: str = cmarkgfm.github_flavored_markdown_to_html(source, Options.CMARK_OPT_UNSAFE)
    return html


def markdown_it(source: str) -> str:
    html: str = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(source)
    return html


Engine = Callable[[str], str]
ENGINES: Final = pytest.mark.parametrize("engine", [cmark, markdown_it])


class Element(HTMLParser):
    """All that a reader sees or can click, element by element."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.cells: list[str] = []
        self.rows: list[int] = []
        self.comments: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], f"unclosed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [value or "" for name, value in attrs if name == "href"]
        assert {name for name, _ in attrs} <= {"href"}, attrs
        if tag not in VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append(0)
        if tag in {"td", "th"}:
            self.rows[-1] += 1
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.cells and {"td", "th"} & set(self._open):
            self.cells[-1] += data
        self.texts.append((self._open[-1] if self._open else "", data))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.texts).strip("\n")


def shown(math: Math) -> str:
    formula = mathjax.accepted(math)
    if formula is None:
        return plain.formula(math.tex)
    return f"${formula.tex}$" + "".join(f" ({url})" for url in formula.links)


def visible(text: str) -> str:
    """What a reader must see of a text, with formulas as the source that GitHub gets."""
    return "".join(shown(s) if isinstance(s, Math) else s.text for s in tex.read(text))


def visible_title(text: str) -> str:
    """The same of a link: formulas are words where there are no others."""
    segments = tex.read(text)
    accepted = [isinstance(s, Math) and mathjax.accepted(s) is not None for s in segments]
    words = "".join(
        plain.formula(s.tex) if isinstance(s, Math) else s.text
        for s, is_formula in zip(segments, accepted, strict=True)
        if not is_formula
    )
    if any(map(str.isalnum, words)) or not any(accepted):
        return visible(text)
    return "".join(plain.formula(s.tex) if isinstance(s, Math) else s.text for s in segments)


def assert_calm(page: Element) -> None:
    """GitHub looks for these in every text that is not in a link or in code."""
    for parent, text in page.texts:
        if parent in {"code", "a"}:
            continue
        assert not re.search(r"@\w", text), text
        assert not re.search(r"(?<!\w)(?:#|GH-)\d", text), text
        assert not re.search(r":[\w+-]+:", text), text
        money = text == "$" and parent == "span"
        formula = re.sub(r"^\$|\$$", "", text)
        assert money or "$" not in formula, text


def assert_law(page: Element, text: str, *, links: bool = True) -> None:
    segments = tex.read(text)
    assert page.comments == []
    formulas = [s for s in segments if isinstance(s, Math)]
    assert page.tags.count("code") == sum(mathjax.accepted(s) is not None for s in formulas)
    if links:
        assert page.tags.count("a") == sum(isinstance(s, Link) for s in segments)
    assert_calm(page)


# --- Strangers ------------------------------------------------------------------------------------

NASTY: Final = st.sampled_from(
    [
        *("|", "\\|", "\\\\|", "$", "$$", "\\$", "`", "``", "```", "*", "**", "_", "__", "~", "~~"),
        *("<!--", "-->", END_MARKER, "</details>", "</td>", "<b>", "<script>", "<a href='x'>"),
        *("[x](y)", "![i](u)", "[^1]", "[ ]", "[!NOTE]", "](", "[", "]", "(", ")", "!", "^"),
        *("&amp;", "&lt;", "&#124;", "&nbsp;", "&", "@name", "@org/team", "a@b.example", "pass@1"),
        *("#1", "GH-12", "owner/repo#12", ":smile:", ":a:b:", "C#", "#", "##", ">", "-", "+", "="),
        *("1.", "2)", "---", "===", ":---", "| --- |", "http://", "https://a.example/b_c~d%20(e)"),
        *("www.a.example", "https://github.com/o/r/issues/3", "arXiv:2401.01234", "10.1000/x|y(z)"),
        *("mailto:a@b.example", "xmpp:a@b.example", "ftp://a.example", "javascript:alert(1)"),
        *(
            "{{",
            "{%",
            "\\begin{align}",
            "\\end{align}",
            "\\href{https://a.example}{",
            "$\\mbox{",
            "^{2}",
        ),
        *("\\", "\\\\", "{", "}", "{}", "\\emph{", "\\url{", "\\href{", "\\cite{k}", "\\textbf{"),
        *("\\'e", '{\\"o}', "\\%", "\\_", "\\foo", "\\(", "\\)", "\\[", "\\]", "$x$", "$a|b$"),
        *("$\\text{if $y$}$", "$``a`$", "$\\|x\\|$", "\n", "\t", " ", "  ", "\u2028", "\x85"),
        *("\u202e", "\u200b", "\u200d", "\ufeff", "\x00", "\x1b", "\ud800", "é", "e\u0301", "א"),
        *("👩‍🔬", "word", "Title", "5", "--", "---", "''", "a", ".", ",", ":", ";", "'", '"'),
    ]
)
STRANGERS: Final = st.one_of(
    st.text(),
    st.lists(NASTY, max_size=12).map("".join),
    st.lists(st.one_of(NASTY, st.text(max_size=4)), max_size=12).map(" ".join),
)


@ENGINES
@given(st.lists(STRANGERS, min_size=1, max_size=3))
@example(["a | b", "c \\| d", "e \\\\| f"])
@example(["$a|b$ $c\\|d$ $e\\\\|f$"])
@example([END_MARKER])
def test_a_row_has_its_cells_and_each_shows_its_text(engine: Engine, texts: list[str]) -> None:
    source = markdown.table(["**H**"] * len(texts), [[markdown.inline(t) for t in texts]])
    assert source.count("\n") == 2
    page = Element(engine(source))
    assert page.rows == [len(texts)] * 2
    for text, cell in zip(texts, page.cells[len(texts) :], strict=True):
        assert cell == visible(text)
    table = {"table", "thead", "tbody", "tr", "th", "td", "strong"}
    assert set(page.tags) <= table | {"a", "code", "span"}
    assert_calm(page)
    assert page.comments == []


@ENGINES
@given(STRANGERS)
def test_every_other_place_shows_the_text_too(engine: Engine, text: str) -> None:
    shown = visible(text)
    line = markdown.inline(text)
    if not line:
        return
    paragraph = Element(engine(line))
    assert_law(paragraph, text)
    assert paragraph.text == shown
    assert set(paragraph.tags) <= {"p", "a", "code", "span"}
    heading = Element(engine(markdown.heading(3, text)))
    assert heading.text == shown
    assert set(heading.tags) <= {"h3", "code", "span"}
    item = Element(engine(f"- {line}"))
    assert item.text.strip("\n") == shown
    assert set(item.tags) <= {"ul", "li", "a", "code", "span"}
    cell = Element(engine(markdown.table(["H"], [[markdown.details("S", line)]])))
    assert cell.cells[1] == "S" + shown
    assert cell.tags.count("details") == cell.tags.count("summary") == 1


@ENGINES
@given(STRANGERS)
def test_a_link_shows_the_text_and_leads_where_we_said(engine: Engine, text: str) -> None:
    title = columns.title(text, URL)
    page = Element(engine(markdown.table(["H"], [[title]])))
    assert page.rows == [1, 1]
    if visible(text):
        assert page.cells[1] == visible_title(text)
        assert set(page.targets) == {URL}
        assert "strong" in page.tags
    assert_calm(page)


@ENGINES
@given(STRANGERS)
def test_a_folded_comment_begins_like_the_comment(engine: Engine, text: str) -> None:
    page = Element(engine(markdown.table(["H"], [[markdown.fold_comment(text)]])))
    assert page.rows == [1, 1]
    cell, shown = page.cells[1], visible(text)
    if "details" in page.tags:
        beginning, dots, body = cell.partition("…" + shown)
        assert dots
        assert body == ""
        assert shown.startswith(beginning)
    else:
        assert cell == shown


@given(STRANGERS)
def test_a_text_has_one_line_that_can_be_written_to_a_file(text: str) -> None:
    for line in (markdown.inline(text), markdown.link(text, URL), markdown.fold_comment(text)):
        assert len((line + "x").splitlines()) == 1
        line.encode()


@given(st.text(st.characters(categories=["L", "N", "Zs"], max_codepoint=0x2FF)))
def test_words_alone_are_only_folded(text: str) -> None:
    assert tex.read(text) == ((Text(" ".join(text.split())),) if text.split() else ())


@given(STRANGERS)
def test_the_quick_way_gives_what_the_slow_way_gives(text: str) -> None:
    if tex.is_prose(text):
        assert reader._Reader(text, find_links(text)).segments() == (Text(text),)  # noqa: SLF001
    if markdown._segments(text) is None:  # noqa: SLF001
        assert markdown._line(markdown._escaped(text)) == text  # noqa: SLF001


# --- One by one -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text,expected",
    [
        ("plain words", "plain words"),
        ("a|b", r"a\|b"),
        ("*x* _y_ [z](u)", r"\*x\* \_y\_ \[z\](u)"),
        (END_MARKER, "&lt;!-- daily-papers:end -->"),
        ("&lt; R&D a & b", "&amp;lt; R&amp;D a & b"),
        ("@name pass@1 @ 5", "<span>@</span>name pass<span>@</span>1 @ 5"),
        ("#12 C# GH-3", r"<span>#</span>12 C\# GH<span>-</span>3"),
        (":smile: 1:2 a: b:", "<span>:</span>smile: 1:2 a: b:"),
        ("costs $5", "costs <span>$</span>5"),
        ("$x_1$", "$`x_1`$"),
        (r"\(x\)", "$`x`$"),
        (r"$$\sum_i$$", r"$`\displaystyle \sum_i`$"),
        (r"\[\begin{cases}1\end{cases}\]", r"$`\begin{cases}1\end{cases}`$"),
        (r"2$\times$ faster", r"2<span></span>$`\times`$ faster"),
        ("$a`b$", "$`a‘b`$"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("2.5 times", "2.5 times"),
        ("# no heading", r"\# no heading"),
        ("> no quotation", r"\> no quotation"),
        ("see https://a.example/b_c.", "see <https://a.example/b_c>."),
        ("www.a.example", "[www<span>.</span>a.example](http://www.a.example)"),
        ("arXiv:2401.01234", "[arXiv:2401.01234](https://arxiv.org/abs/2401.01234)"),
        (
            "so!https://a.example/%20",
            r"so\![https<span>:</span>//a.example/%20](https://a.example/%20)",
        ),
        (
            f"https://{THREAD}",
            f"[https<span>:</span>//{THREAD}](https://redirect.{THREAD})",
        ),
        ("x@.y a@-b", "x<span>@</span>.y a<span>@</span>-b"),
        ("{{ x }} {% y %} {{{", r"{\{ x }} {\% y %} {\{\{"),
        ("$x_{{a}}$ ${%}$", r"$`x_{ {a}}`$ $`{\%}`$"),
        (
            "https://a.example/{{x}}",
            r"<https://a.example/>{\{x}}",
        ),
        (r"$\href{https://a.example}{x}$", "$`{x}`$ (<https://a.example>)"),
        (r"$\def\a{x}\a<b$", r"\\def\\a{x}\\a&lt;b"),
    ],
)
def test_inline(text: str, expected: str) -> None:
    assert markdown.inline(text) == expected


@pytest.mark.parametrize(
    "address",
    [
        f"https://{THREAD}",
        "https://github.com./o/r/issues/3",
        "https://www.github.com/o/r/pull/3/files",
        "https://github.com/a/../o/r/issues/3",
        "https://github.com/a/%2e%2e/o/r/issues/3",
        "https://github.com//o/r/discussions/3",
        "https://github.com/o/r/%69ssues/3",
        "https://git.corp.example/o/r/issues/3",
        "https://o.ghe.com/o/r/commit/0123456789abcdef",
    ],
)
def test_no_link_of_a_stranger_leaves_a_note_in_a_thread(address: str) -> None:
    page = Element(cmark(markdown.inline(f"see \\url{{{address}}}")))
    for target in page.targets:
        assert urlsplit(target).hostname == "redirect.github.com"
    assert page.text == f"see {address}"


@pytest.mark.parametrize(
    "address",
    ["https://codeberg.org/o/r/issues/3", "https://github.com/o/r", "https://a.example/o/r/issues"],
)
def test_other_addresses_are_links(address: str) -> None:
    assert Element(cmark(markdown.inline(address))).targets == [address]


@ENGINES
@pytest.mark.parametrize(
    "start",
    [
        "> ",
        ">",
        "# ",
        "#",
        "1. ",
        "1) ",
        "+ ",
        "- ",
        "* ",
        "=",
        "===",
        "---",
        "***",
        "\t-",
        "~~~",
        "```",
        "<div>",
        "<!-- ",
        "<?",
        "    ",
        "| - |",
        ": ",
        "[a]: ",
        "[^1]: ",
        "[ ] ",
        "___",
    ],
)
@pytest.mark.parametrize("rest", ["", "words", "$x$ words", "$x$", "https://a.example"])
def test_nothing_at_the_start_of_a_text_begins_a_block(
    engine: Engine, start: str, rest: str
) -> None:
    for line in (markdown.link(start + rest, URL), markdown.inline(start + rest)):
        for source in (line, f"- {line}"):
            page = Element(engine(source))
            assert set(page.tags) <= {"p", "a", "code", "span", "ul", "li"}
            assert page.tags.count("ul") == source.startswith("- ")


@pytest.mark.parametrize(
    "text,expected",
    [
        ("A title", f"**[A title]({URL})**"),
        ("On $k$-NN", f"**[On]({URL})** $`k`$**[-NN]({URL})**"),
        ("$k$", f"**[k]({URL})**"),
        ("> $k$ words", rf"\> $`k`$ **[words]({URL})**"),
        (r"A $\def\a{x}$b", rf"**[A \\def\\a{{x}}b]({URL})**"),
    ],
)
def test_a_bold_link_closes_around_a_formula(text: str, expected: str) -> None:
    assert markdown.link(text, URL, bold=True) == expected


@given(STRANGERS)
def test_nothing_is_a_tag_for_jekyll(text: str) -> None:
    for line in (markdown.inline(text), columns.title(text, URL), markdown.fold_comment(text)):
        assert "{{" not in line
        assert "{%" not in line


@ENGINES
@given(STRANGERS)
def test_without_formulas_all_is_words(engine: Engine, text: str) -> None:
    page = Element(engine(markdown.table(["H"], [[markdown.inline(text, formulas=False)]])))
    assert page.rows == [1, 1]
    assert "code" not in page.tags
    assert_calm(page)


def test_the_cost_of_formulas() -> None:
    line = markdown.inline(r"costs $5, but $x$ and $\frac{a}{b}$")
    assert markdown.formula_cost(line) == 1 + 3
    assert markdown.formula_cost(markdown.inline(r"$\frac{a}{b}$", formulas=False)) == 0


@pytest.mark.parametrize(
    "text,expected",
    [
        ("A title", f"[A title]({URL})"),
        ("On $k$-NN", f"[On]({URL}) $`k`$[-NN]({URL})"),
        ("$k$", f"[k]({URL})"),  # without words the formulas are the words
        ("$k$, $l$", f"[k, l]({URL})"),
        ("^1", rf"[\^1]({URL})"),
        ("https://a.example", f"[https<span>:</span>//a.example]({URL})"),
    ],
)
def test_link(text: str, expected: str) -> None:
    assert markdown.link(text, URL) == expected


@pytest.mark.parametrize(
    "text,expected",
    [
        ("", ""),
        ("12 pages, 5 figures, accepted at ICML'25", "12 pages, 5 figures, accepted at ICML'25"),
        (
            "7 pages, 5 figures and 4 tables, code online",
            markdown.details(
                "7 pages, 5 figures and 4…", "7 pages, 5 figures and 4 tables, code online"
            ),
        ),
        ("e\u0301" * 40, "e\u0301" * 40),
        ("e\u0301" * 41, markdown.details("e\u0301" * 28 + "…", "e\u0301" * 41)),
        ("👩‍🔬" * 41, markdown.details("👩‍🔬" * 28 + "…", "👩‍🔬" * 41)),
        ("🇫🇷" * 41, markdown.details("🇫🇷" * 28 + "…", "🇫🇷" * 41)),
        ("각각" + "6" * 39, markdown.details("각각" + "6" * 26 + "…", "각각" + "6" * 39)),
        ("&" * 41, markdown.details("&" * 28 + "…", "&" * 41)),
        (
            r"In $\frac{a}{b}$ and many more than thirty or forty letters",
            markdown.details(
                r"In $`\frac{a}{b}`$ and many more than…",
                r"In $`\frac{a}{b}`$ and many more than thirty or forty letters",
            ),
        ),
        (
            "https://a.example/a/rather/long/path/to/code",
            markdown.details(
                "https<span>:</span>//a.example/a/rather/l…",
                "<https://a.example/a/rather/long/path/to/code>",
            ),
        ),
    ],
)
def test_fold_comment(text: str, expected: str) -> None:
    assert markdown.fold_comment(text) == expected


def test_table() -> None:
    assert markdown.table(["**A**", "B"], [["a|b", "c"], ["d", ""]]) == (
        "| **A** | B |\n| --- | --- |\n| a\\|b | c |\n| d |  |"
    )


def test_columns() -> None:
    assert columns.title("A", URL) == f"**[A]({URL})**"
    a, empty = (Shown(paper=made(summary=text), date=NOW.date()) for text in ("a", ""))
    assert columns.abstract(a) == "<details><summary>Show</summary><p>a</p></details>"
    assert columns.abstract(empty) == ""
    assert columns.authors(["A", "B", "C"]) == "A, B, C"
    assert columns.authors(["A", "B", "C", "D"]) == markdown.details(
        "A, B, C, *et al.*", "A, B, C, D"
    )
    assert columns.categories("cs.LG", ["stat.ML", "cs.LG"]) == "**cs.LG**, stat.ML"
    assert columns.links(made("2509.25751")) == (
        "[abs](https://arxiv.org/abs/2509.25751v1) · [pdf](https://arxiv.org/pdf/2509.25751v1)"
        " · [html](https://arxiv.org/html/2509.25751v1)"
    )
    assert columns.links(
        made("2509.25751", version=2, comment="This paper has been withdrawn")
    ) == ("[abs](https://arxiv.org/abs/2509.25751v2)")
    assert columns.links(
        made(doi="10.1/a<b>(c) 10.2/d", journal_ref="J. [A] 1", comment="https://github.com/a/b")
    ).endswith(
        r"[doi](<https://doi.org/10.1/a%3Cb%3E(c)>) · [code](https://github.com/a/b) · J. \[A\] 1"
    )


@pytest.mark.parametrize(
    "texts,expected",
    [
        (["no code"], None),
        (["at https://github.com/a/b."], "https://github.com/a/b"),
        (["at github.com/a/b)"], "https://github.com/a/b"),
        (["a", r"\url{https://huggingface.co/a/b\_c}"], "https://huggingface.co/a/b_c"),
        (["https://gitlab.com/a"], None),
        (["https://github.com.evil.example/a/b"], None),
    ],
)
def test_code_link(texts: list[str], expected: str | None) -> None:
    assert remarks.code_link(*texts) == expected


# --- Pages ----------------------------------------------------------------------------------------


def page_of(papers: list[dict[str, str]]) -> str:
    rows = [
        [
            columns.title(paper["title"], f"https://arxiv.org/abs/{paper['id']}"),
            paper["updated"],
            columns.abstract(Shown(paper=made(summary=paper["summary"]), date=NOW.date())),
            columns.comment(paper["comment"]),
        ]
        for paper in papers
    ]
    return markdown.table(["**Title**", "**Date**", "**Abstract**", "**Comment**"], rows)


def assert_page(papers: list[dict[str, str]]) -> None:
    page = Element(cmark(page_of(papers)))
    assert page.rows == [4] * (len(papers) + 1)
    cells = iter(page.cells[4:])
    for shown in papers:
        assert next(cells) == visible_title(shown["title"])
        assert next(cells) == shown["updated"]
        assert next(cells).removeprefix("Show") == visible(shown["summary"])
        assert next(cells).endswith(visible(shown["comment"]))
    assert_calm(page)


def test_the_golden_page() -> None:
    papers = json.loads((GOLDEN / "papers.json").read_text("utf-8"))
    assert_page(papers)
    assert page_of(papers) + "\n" == (GOLDEN / "papers.md").read_text("utf-8")


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
def test_real_papers() -> None:
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        papers = [{k: v or "" for k, v in json.loads(line).items()} for line in lines]
    assert papers
    for start in range(0, len(papers), 1000):
        assert_page(papers[start : start + 1000])
