"""The web page as people use it, in Chromium.

After each test the page must have asked for nothing but its own files, and have nothing to complain
about.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import os
import re
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, Request, Route, ViewportSize, expect

from daily_papers.interests.match import Match
from daily_papers.memory.archive import Archive, remember
from daily_papers.memory.snapshot import Failure
from daily_papers.memory.trends import Trend
from daily_papers.papers import Paper, SortBy, newest_first
from daily_papers.views import bibtex, card, wordindex
from daily_papers.views.site import Facts, Place
from tests.browser import chromium, served
from tests.support import paper, with_words
from tests.test_site import HOSTILE, corpus_snapshot, files_of, hostile_paper, snapshot_of

pytestmark = pytest.mark.browser

REAL_PAPERS: Final = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
WIDE: Final = ViewportSize(width=1440, height=900)
NARROW: Final = ViewportSize(width=360, height=740)
FONT_IS_LOADED: Final = "document.fonts.ready.then((fonts) => fonts.check('16px KaTeX_Math'))"
PAPERS: Final = {
    "Graphs": [
        paper(
            "2509.00004",
            title="Graphs of Łódź",
            authors=("Zoë Ångström",),
            comment="Accepted at ICML, 基于GNN图神经网络",
        ),
        paper("2509.00003", title="On $O(n^2)$ Trees", summary="With $\\alpha_1 < 2$ and $$x$$"),
        paper("2509.00002", title="Both at Once", categories=("cs.LG", "math.CO")),
    ],
    "Time Series": [
        paper("2509.00002", title="Both at Once", categories=("cs.LG", "math.CO")),
        paper("2509.00001", title="Waves", journal_ref="Nature 1"),
    ],
}


@dataclass
class Site:
    """A page in a browser, with the files behind it."""

    browser: Browser
    files: dict[str, bytes]
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str = "", /, **options: Any) -> Page:
        """Opens the page in a profile of its own, as a new visitor."""
        context = self.browser.new_context(**{"viewport": WIDE, **options})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        return self.visit(context.new_page(), address)

    def visit(self, page: Page, address: str = "") -> Page:
        """Goes to the page, and notes all that it does and should not do."""
        page.on("console", lambda message: self.complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self._check(request.url))
        page.on("requestfailed", self._note_failure)
        page.goto(f"{self.address}{address}")
        return page

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # So it is called when the page was left.
            self.complaints.append(f"failed: {request.url}: {request.failure}")

    def _check(self, url: str) -> None:
        path = url.removeprefix(self.address).partition("#")[0] or "index.html"
        if path not in self.files:
            self.complaints.append(f"request: {url}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def site_of(browser: Browser, files: dict[str, bytes]) -> Iterator[Site]:
    with served(files) as address:
        site = Site(browser, files, address)
        yield site
        for context in browser.contexts:
            context.close()
        assert site.complaints == []


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    yield from site_of(browser, files_of(snapshot_of(PAPERS)))


@pytest.fixture
def large_site(browser: Browser) -> Iterator[Site]:
    yield from site_of(browser, files_of(corpus_snapshot(100)))


@pytest.fixture
def hostile_site(browser: Browser) -> Iterator[Site]:
    papers = [
        replace(hostile_paper(text), arxiv_id=f"2509.{number:05}")
        for number, text in enumerate(HOSTILE)
    ]
    yield from site_of(browser, files_of(snapshot_of({HOSTILE[0]: papers, HOSTILE[1]: papers})))


def titles(page: Page) -> list[str]:
    """Returns the titles that are shown, with a dollar for a formula, typeset or not."""
    read = (
        "[...document.querySelectorAll('h3')].filter((node) => node.checkVisibility()).map("
        "(node) => { const copy = node.cloneNode(true);"
        " copy.querySelectorAll('.math').forEach((formula) => formula.replaceWith('$'));"
        " return copy.textContent; })"
    )
    found: list[str] = page.evaluate(read)
    return found


# --- Search ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked,found",
    [
        ("both", ["Both at Once"]),
        ("angstrom", ["Graphs of Łódź"]),
        ("ANGSTRÖM zoe lodz", ["Graphs of Łódź"]),
        ("study wav", ["Waves"]),
        ("waves both", []),
        ("alpha_1 o(n^2)", ["On $ Trees"]),
        ("studies ICML", ["Graphs of Łódź"]),
        ('"accepted at icml"', ["Graphs of Łódź"]),
        ('"icml accepted"', []),
        ("“accepted at icml”", ["Graphs of Łódź"]),
        ("神经网络 gnn", ["Graphs of Łódź"]),
        ("gnn图", ["Graphs of Łódź"]),
        ("co:经神", []),
        ("“icml accepted”", []),
        ("2509.00004v3", ["Graphs of Łódź"]),
        ("id:2509.00004v1", ["Graphs of Łódź"]),
        ("arXiv:2509.00004", ["Graphs of Łódź"]),
        ("https://arxiv.org/abs/2509.00004v2", ["Graphs of Łódź"]),
        ("arxiv.org/pdf/2509.00004v2.pdf", ["Graphs of Łódź"]),
        ("https://doi.org/10.48550/arXiv.2509.00004", ["Graphs of Łódź"]),
        ("-arxiv:2509.00004v1 studies -waves -both", []),
        ("2509.00004", ["Graphs of Łódź"]),
        ("cat:math.CO", ["Both at Once"]),
        ("math.CO", ["Both at Once"]),
        ("au:angstrom", ["Graphs of Łódź"]),
        ("ti:angstrom", []),
        ('au:"zoe angstrom"', ["Graphs of Łódź"]),
        ("nature", ["Waves"]),
        ("studying -waves -both -łódź", []),
        ("-waves -both -trees", ["Graphs of Łódź"]),
        ('-"at once" -waves trees', ["On $ Trees"]),
        ("wave", ["Waves"]),
        ("once us", []),
        ("unknown:waves", []),
    ],
)
def test_search_finds_all_that_is_shown(site: Site, asked: str, found: list[str]) -> None:
    page = site.open()
    page.fill("#query", asked)
    assert titles(page) == found
    expect(page.locator("#count")).to_have_text(f"{len(found)} of 4 papers")


def test_the_sentence_that_was_found_is_shown_and_marked(browser: Browser) -> None:
    summary = "We begin. The needle is in $x_1$ hay. We end."
    papers = [paper(summary=summary), paper("2509.00002", title="A Needle")]
    for site in site_of(browser, files_of(snapshot_of({"A": papers}))):
        page = site.open()
        page.fill("#query", "needles")
        expect(page.locator(".snippet")).to_have_text("… The needle is in x_1 hay. …")
        marked = "[...CSS.highlights.get('found')].map((range) => range.startContainer.data.slice("
        marked += "range.startOffset, range.endOffset))"
        assert page.evaluate(marked) == ["Needle", "needle", "needle"]
        page.fill("#query", "")
        expect(page.locator(".snippet")).to_have_count(0)
        assert page.evaluate("CSS.highlights.size") == 0


@pytest.mark.parametrize("asked", ["the " * 2500, "graph neural " * 769])
def test_a_word_that_is_repeated_is_looked_for_once(large_site: Site, asked: str) -> None:
    page = large_site.open()
    page.fill("#query", asked[:15])
    expect(page.locator("#end")).to_contain_text("Searched")
    expected = page.locator("#count").text_content()
    assert expected
    page.fill("#query", asked)
    expect(page.locator("#end")).to_contain_text("Searched")
    expect(page.locator("#count")).to_have_text(expected)
    page.wait_for_function("() => CSS.highlights.get('found')?.size > 0")


def test_where_nothing_matches_one_click_shows_all(site: Site) -> None:
    page = site.open()
    page.fill("#query", "no such paper")
    expect(page.get_by_text("No paper matches.")).to_be_visible()
    assert page.locator("section:visible").count() == 0
    page.get_by_role("button", name="Show all").click()
    assert len(titles(page)) == 4
    expect(page.get_by_text("No paper matches.")).to_be_hidden()


def test_the_address_remembers_what_is_looked_for(site: Site) -> None:
    page = site.open()
    page.get_by_role("tab", name="Time Series").click()
    page.fill("#query", "waves & more")
    page.fill("#query", "waves")
    expect(page).to_have_url(re.compile(r"#topic=Time\+Series&q=waves$"))
    again = site.open(page.evaluate("location.href").removeprefix(site.address))
    assert titles(again) == ["Waves"]
    expect(again.get_by_role("tab", name="Time Series")).to_have_attribute("aria-selected", "true")


def test_the_address_of_a_paper_stays_when_the_list_is_shown_anew(site: Site) -> None:
    page = site.open()
    page.fill("#query", "waves")
    expect(page).to_have_url(f"{site.address}#q=waves")
    page.locator("article .id").click()
    page.locator("article .save").click()
    page.wait_for_timeout(400)
    assert page.url.endswith("#p2509-00001")
    page.go_back()
    expect(page).to_have_url(f"{site.address}#q=waves")
    page.fill("#query", "")
    expect(page).to_have_url(site.address)


def test_to_skip_to_the_papers_leaves_the_search_alone(site: Site) -> None:
    page = site.open()
    page.fill("#query", "waves")
    page.wait_for_url("**#q=waves")
    page.get_by_text("Skip to the papers").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#list"
    assert titles(page) == ["Waves"]


def test_an_address_may_name_a_paper(large_site: Site) -> None:
    month = json.loads(large_site.files["2025-10.json"])["papers"]
    here = re.findall(rb'data-id="([\d.]+)"', large_site.files["index.html"])
    older = next(one["id"] for one in month if one["id"].encode() not in here)
    for arxiv_id in (here[100].decode(), older):
        for name in (arxiv_id, f"{arxiv_id}v3", card.anchor(arxiv_id)):
            page = large_site.open(f"#{name}")
            expect(page.locator(f"[data-id='{arxiv_id}']")).to_be_in_viewport()
            assert page.url.endswith(name)
        page.fill("#query", "no such paper")
        page.evaluate(f"location.hash = '#{here[50].decode()}'")
        expect(page.locator(f"[data-id='{here[50].decode()}']")).to_be_in_viewport()


# --- Topics ---------------------------------------------------------------------------------------


def test_a_tab_shows_the_papers_of_its_topic(site: Site) -> None:
    page = site.open()
    page.get_by_role("tab", name="Time Series").click()
    assert titles(page) == ["Both at Once", "Waves"]
    expect(page.locator("#count")).to_have_text("2 papers on Time Series")
    page.get_by_role("tab", name="All topics").click()
    assert len(titles(page)) == 4


def test_a_tab_shows_the_weeks_of_its_topic(browser: Browser) -> None:
    trend = Trend(first=date(2025, 3, 3), counts=(3, 5))
    for site in site_of(browser, files_of(snapshot_of(PAPERS, trend=trend))):
        page = site.open()
        page.get_by_text("Papers a week").first.click()
        expect(page.locator("figure svg:visible")).to_have_count(2)
        page.get_by_role("tab", name="Time Series").click()
        expect(page.locator("figcaption:visible")).to_have_text("Time Series")


def test_tabs_count_what_matches(site: Site) -> None:
    page = site.open()
    page.fill("#query", "both")
    assert page.locator("[role=tab] .number").all_inner_texts() == ["1", "1", "1"]
    page.fill("#query", "waves")
    assert page.locator("[role=tab] .number").all_inner_texts() == ["1", "0", "1"]


@pytest.mark.parametrize(
    "viewport,back,forth", [(WIDE, "ArrowUp", "ArrowDown"), (NARROW, "ArrowLeft", "ArrowRight")]
)
def test_tabs_are_reached_by_arrow_keys(
    site: Site, viewport: ViewportSize, back: str, forth: str
) -> None:
    page = site.open(viewport=viewport)
    tab = page.locator("[role=tab][aria-selected=true]")
    tab.focus()
    for key, name in (
        (forth, "Graphs"),
        (forth, "Time Series"),
        (forth, "All topics"),
        (back, "Time Series"),
        ("Home", "All topics"),
        ("End", "Time Series"),
    ):
        page.keyboard.press(key)
        expect(tab).to_be_focused()
        expect(tab).to_contain_text(name)
    assert titles(page) == ["Both at Once", "Waves"]
    assert page.locator("[role=tab][tabindex='0']").count() == 1


# --- Keyboard -------------------------------------------------------------------------------------


def test_a_slash_leads_to_the_search_and_escape_out_of_it(site: Site) -> None:
    page = site.open()
    page.keyboard.press("/")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("1/2")
    expect(page.locator("#query")).to_have_value("1/2")
    page.keyboard.press("Escape")
    expect(page.locator("#query")).to_have_value("")
    assert len(titles(page)) == 4


def test_all_is_done_without_a_mouse(site: Site) -> None:
    page = site.open()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the papers")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Graphs of Łódź")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_text("We study graphs.").first).to_be_visible()


# --- Abstracts and mathematics --------------------------------------------------------------------


def test_an_abstract_opens_in_place_with_mathematics(site: Site) -> None:
    page = site.open()
    article = page.locator("[data-id='2509.00003']")
    abstract = article.locator(".abstract")
    expect(abstract).to_be_hidden()
    article.locator("summary").click()
    expect(abstract).to_be_visible()
    expect(abstract.locator(".katex")).to_have_count(2)
    expect(abstract.locator("math mi").first).to_have_text("α")
    expect(abstract.locator(".katex-display")).to_have_count(1)
    expect(article.locator("h3 .katex")).to_have_count(1)
    assert page.evaluate(FONT_IS_LOADED)


def formulas_on_a_page(browser: Browser, *formulas: str) -> list[tuple[str, bool]]:
    """Returns what each formula shows, and whether it is typeset."""
    summary = " and ".join(f"\\({formula}\\)" for formula in formulas)
    shown = []
    for site in site_of(browser, files_of(snapshot_of({"A": [paper(summary=summary)]}))):
        page = site.open()
        page.locator("summary").click()
        expect(page.locator("details .math:not([data-tex])")).to_have_count(0)
        assert page.locator("details a").count() == 0
        for formula in page.locator("details .math").all():
            is_typeset = formula.locator(".katex-html").count() == 1
            part = formula.locator("semantics > :first-child") if is_typeset else formula
            shown.append((part.text_content() or "", is_typeset))
    return shown


def test_what_cannot_be_typeset_stays_as_it_was_written(browser: Browser) -> None:
    formulas = ("\\nosuchmacro{x}", "x_", "\\def\\a{\\a\\a}\\a", "#", "<b>&amp;")
    shown = formulas_on_a_page(browser, *formulas)
    assert shown == [(formula, False) for formula in formulas]


def test_formulas_are_read_as_arxiv_shows_them(browser: Browser) -> None:
    shown = formulas_on_a_page(browser, "50%", "50\\%", "a\\unicode{x2013}b")
    assert shown == [("50%", True), ("50%", True), ("a–b", True)]


def test_no_formula_needs_a_style_that_the_policy_forbids(browser: Browser) -> None:
    formulas = (
        "\\vec{x}",
        "\\pmb{x}",
        "\\fcolorbox{red}{blue}{x}",
        "\\oiint",
        "\\sqrt{x}",
        "\\color{red}x",
        "\\cancel{x}",
    )
    assert all(is_typeset for _, is_typeset in formulas_on_a_page(browser, *formulas))


@pytest.mark.skipif(not REAL_PAPERS, reason="DAILY_PAPERS_REAL_PAPERS names no file")
def test_formulas_of_real_papers_are_typeset(browser: Browser) -> None:
    with gzip.open(REAL_PAPERS, "rt", encoding="utf-8") as lines:
        records = [record for record in map(json.loads, lines) if "$" in record["summary"]]
    papers = [
        paper(f"2510.{number:05}", title=record["title"], summary=record["summary"])
        for number, record in enumerate(records[:400])
    ]
    for site in site_of(browser, files_of(snapshot_of({"A": papers}))):
        page = site.open()
        page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = true)")
        expect(page.locator("details .math:not([data-tex])")).to_have_count(0, timeout=60_000)
        formulas = page.locator("details .math").count()
        assert page.locator("details .math .katex-html").count() > 0.98 * formulas > 400


# --- BibTeX ---------------------------------------------------------------------------------------


def copied(page: Page, arxiv_id: str) -> str:
    article = page.locator(f"[data-id='{arxiv_id}']")
    if not article.locator(".menu").count():
        article.locator(".more").click()
    button = article.locator(".bibtex")
    button.click()
    expect(button).to_have_text("Copied")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_bibtex_is_copied(browser: Browser) -> None:
    one = paper(
        "2509.00007",
        version=3,
        title="GraphBERT at 5% & the $\\{L_1\\}$ Norm: A_B {C",
        authors=("Zoë Ångström", "The LHCb Collaboration", "Ada Example, Jr."),
        doi="10.1000/a_b<1>",
    )
    for site in site_of(browser, files_of(snapshot_of({"A": [one]}))):
        page = site.open()
        page.locator("summary").click()
        expect(page.locator("h3 .katex")).to_have_count(1)
        assert copied(page, "2509.00007") == (
            "@misc{angstrom2025graphbert,\n"
            "  title = {{GraphBERT} at 5\\% \\& the {$\\lbrace L_1\\rbrace $} Norm: "
            "{A\\_B} {\\textbraceleft{}C}},\n"
            "  author = {Zoë Ångström and {The LHCb Collaboration} and Example, Jr., Ada},\n"
            "  year = {2025},\n"
            "  eprint = {2509.00007},\n"
            "  archivePrefix = {arXiv},\n"
            "  primaryClass = {cs.LG},\n"
            "  doi = {10.1000/a_b<1>},\n"
            "  url = {https://arxiv.org/abs/2509.00007},\n"
            "}\n"
        )
        expect(page.locator(".said")).to_contain_text("Copied BibTeX of GraphBERT")


def test_a_button_that_copied_twice_has_its_label_again(site: Site) -> None:
    page = site.open()
    page.locator("article .more").first.click()
    button = page.locator("article .markdown")
    button.click()
    expect(button).to_have_text("Copied")
    button.click()
    page.wait_for_timeout(2500)
    expect(button).to_have_text("Markdown")


def test_bibtex_is_copied_where_the_clipboard_is_forbidden(site: Site) -> None:
    page = site.browser.new_context(viewport=WIDE).new_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    site.visit(page)
    page.locator("[data-id='2509.00001'] .more").click()
    page.locator("[data-id='2509.00001'] .bibtex").click()
    expect(page.locator("[data-id='2509.00001'] .bibtex")).to_have_text("Copied")
    page.locator("#query").focus()
    page.keyboard.press("Control+V")
    assert "eprint = {2509.00001}" in page.locator("#query").input_value()


def test_braces_of_bibtex_are_balanced_whatever_a_paper_says(hostile_site: Site) -> None:
    page = hostile_site.open()
    for number in range(len(HOSTILE)):
        entry = copied(page, f"2509.{number:05}")
        depth = 0
        for sign in re.findall(r"[{}]", entry.rstrip("\n")[:-1]):
            depth += 1 if sign == "{" else -1
            assert depth > 0
        assert depth == 1


# --- New since the last visit ---------------------------------------------------------------------


def test_what_is_new_since_the_last_visit_is_marked(browser: Browser) -> None:
    """Of all that came, only what mail and feed told as new."""
    first = [paper("2509.00001", title="Old")]
    revised = paper("2509.00009", version=4, title="Revised")
    second = [paper("2509.00003", title="Newer"), paper("2509.00002", title="New"), *first, revised]
    third = [paper("2509.00004", title="Newest"), *second]

    def files(papers: list[Paper], day: int) -> dict[str, bytes]:
        found = {
            item.arxiv_id: date(2025, 10, 3 + (item.title == "Newest") * day)
            for item in papers
            if item.version == 1
        }
        return files_of(replace(snapshot_of({"A": papers}), found=found))

    for site in site_of(browser, files(first, 0)):
        page = site.open()
        expect(page.locator("#fresh")).to_have_text("1 new")
        site.files.update(files(second, 0))
        for _ in range(2):  # To load the page again takes no mark away.
            page.reload()
            expect(page.locator("#fresh")).to_have_text("2 new since your last visit")
            assert page.locator("article:has(.new) h3").all_text_contents() == ["Newer", "New"]
        page.get_by_role("button", name="2 new since your last visit").click()
        assert titles(page) == ["Newer", "New"]
        page.get_by_role("button", name="2 new since your last visit").click()
        assert len(titles(page)) == 4
        page.get_by_role("button", name="Hide revised").click()
        assert "Revised" not in titles(page)
        site.files.update(files(third, 1))
        page.reload()
        expect(page.locator("#fresh")).to_have_text("1 new since your last visit")
        assert page.locator("article:has(.new) h3").all_text_contents() == ["Newest"]


@pytest.mark.parametrize(
    "script",
    [
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })",
        "Storage.prototype.getItem = () => { throw new Error('no') }",
        "Storage.prototype.setItem = () => { throw new Error('no') }",
        "Storage.prototype.getItem = () => '{not json'",
        'Storage.prototype.getItem = () => \'{"seen": 5, "fresh": 7}\'',
    ],
)
def test_where_nothing_may_be_kept_the_page_works(site: Site, script: str) -> None:
    page = site.browser.new_context(viewport=WIDE).new_page()
    page.add_init_script(script)
    site.visit(page)
    expect(page.locator("#filters button").first).to_be_attached()
    page.fill("#query", "waves")
    assert titles(page) == ["Waves"]
    page.locator(".save").click()
    expect(page.locator(".save")).to_have_text("Saved")
    if "setItem" in script or "localStorage" in script:
        expect(page.locator(".said")).to_have_text(
            "Saved. The browser keeps no marks: they last until the page is closed."
        )


# --- The archive ----------------------------------------------------------------------------------

OLD: Final = [
    paper(
        f"25{month:02}.{number:05}",
        title=f"Paper {number} of {month}" + (" on Needles" if (month, number) == (3, 7) else ""),
        published=datetime(2025, month, 5, tzinfo=UTC),
        updated=datetime(2025, month, 5, tzinfo=UTC),
        comment={9: "Łódź", 20: "Hay", 21: "Hay"}.get(number),
        summary="We study what there is. " * 40,
    )
    for month in range(1, 10)
    for number in range(60)
]


def archive_files(**changes: bytes | None) -> dict[str, bytes]:
    """Returns a page after nine months of 60 papers, of which its topic still holds 60.

    Args:
        changes: files that were changed by somebody, with `_` for `-`; `None` for one that is gone.
    """
    months = [[p for p in OLD if p.published.month == month] for month in range(1, 10)]
    archive = Archive()
    snapshot = None
    files: dict[str, bytes] = {}
    for number, papers in enumerate(months, start=1):
        day = date(2025, number, 6)
        now = replace(snapshot_of({"Graphs": papers}), updated=day)
        now = replace(now, found=dict.fromkeys(now.kept_ids, day))
        before, archive = archive, remember(archive, snapshot, now)
        archive, words = with_words(before, archive, files)
        snapshot = now
        files |= words | files_of(now, facts=Facts(archive=archive))
    for name, data in changes.items():
        path = name.replace("_", "-").removeprefix("m").replace("-json", ".json")
        if data is None:
            del files[path]
        else:
            files[path] = data
    return files


def scroll(page: Page, selector: str, count: int = 1) -> None:
    """Turns the wheel until there are `count` of what is looked for."""
    end = time.monotonic() + 60
    while page.locator(selector).count() != count:
        assert time.monotonic() < end
        page.mouse.wheel(0, 30_000)
        page.wait_for_timeout(50)


def test_older_papers_come_as_the_reader_scrolls(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        expect(page.locator("#topics")).to_contain_text("540")
        scroll(page, "article", len(OLD))
        expect(page.locator("#end")).to_have_text("These are all papers since the first run.")
        ids = page.evaluate(
            "[...document.querySelectorAll('article')].map((node) => node.dataset.id)"
        )
        assert ids == [p.arxiv_id for p in newest_first(OLD, SortBy.UPDATED)]


def test_a_search_goes_through_all_months(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        page.fill("#query", "needle")
        expect(page.locator("article")).to_have_count(1)
        expect(page.locator("#end")).to_have_text("Searched 540 papers, back to January 2025.")
        assert titles(page) == ["Paper 7 of 3 on Needles"]
        expect(page.locator("#count")).to_have_text("1 of 540 papers")
        page.fill("#query", "lodz")
        expect(page.locator("article")).to_have_count(9)
        page.fill("#query", '"paper 7" of 3')
        expect(page.locator("article")).to_have_count(1)
        page.fill("#query", "")
        expect(page.locator("article").first).to_have_attribute("data-id", "2509.00059")
        expect(page.locator("#count")).to_have_text("The newest 60 of 540 papers")


@pytest.mark.parametrize("kept", [0, 20_000])
def test_the_list_goes_on_after_a_month_that_cannot_be_loaded(browser: Browser, kept: int) -> None:
    part = archive_files()["2025-05.json"][:kept]
    for site in site_of(browser, archive_files(m2025_05_json=part or None)):
        page = site.open()
        scroll(page, "[data-id='2501.00000']")
        assert page.locator("article").count() >= len(OLD) - 60
        page.mouse.wheel(0, 30_000)
        expect(page.locator("#end")).to_contain_text("2025-05.json")
        site.complaints[:] = [
            line for line in site.complaints if not re.search("2025-05|404", line)
        ]


def test_what_only_leaves_papers_out_leads_to_the_older_ones(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        page.fill("#query", "paper")
        expect(page.locator("#end")).to_contain_text("Searched")
        page.fill("#query", "-lodz")  # The list, not what the search before it has found.
        expect(page.locator("#count")).to_have_text("59 of 540 papers")
        scroll(page, "article", len(OLD) - 9)
        expect(page.locator("#count")).to_have_text("531 of 540 papers")


def held(page: Page, name: str, times: int = 1) -> list[Route]:
    """Keeps the answers to the next requests for a file, and returns the list of those requests."""
    waiting: list[Route] = []
    page.route(f"**/{name}", partial(list.append, waiting), times=times)
    return waiting


def wait_for(page: Page, waiting: list[Route]) -> None:
    while not waiting:
        page.wait_for_timeout(20)


def loading_september(page: Page) -> Route:
    """Goes to the end of the list, and keeps the answer with the next month's papers."""
    waiting = held(page, "2025-09.json")
    page.keyboard.press("End")
    expect(page.locator("#end")).to_have_text("Loading September 2025 …")
    wait_for(page, waiting)
    return waiting[0]


def test_a_month_that_comes_late_leaves_the_search_its_line(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        september = loading_september(page)
        page.fill("#query", "needle")
        expect(page.locator("#end")).to_contain_text("Searched")
        with page.expect_response(re.compile(r"2025-09\.json$")):
            september.continue_()
        page.wait_for_timeout(300)
        expect(page.locator("#end")).to_contain_text("Searched")


def test_a_month_that_still_loads_is_told_again_after_a_search(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        september = loading_september(page)
        page.fill("#query", "needle")
        expect(page.locator("article")).to_have_count(1)
        page.fill("#query", "")
        scroll(page, "article", 60)
        expect(page.locator("#end")).to_have_text("Loading September 2025 …")
        september.continue_()


def test_a_month_that_comes_late_leaves_what_was_found_open(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        scroll(page, "article", 120)
        waiting = held(page, "2025-07.json")
        page.mouse.wheel(0, 30_000)
        expect(page.locator("#end")).to_have_text("Loading July 2025 …")
        wait_for(page, waiting)
        page.fill("#query", "lodz")
        expect(page.locator("#end")).to_contain_text("Searched")
        found = page.locator("[data-id='2507.00009'] summary")
        found.focus()
        page.keyboard.press("Enter")
        with page.expect_event("requestfinished", lambda request: "2025-07" in request.url):
            waiting[0].continue_()
        page.wait_for_timeout(500)  # What a search found is kept no longer than the search.
        page.fill("#query", "")
        scroll(page, "[data-id='2507.00000']")
        expect(page.locator("[data-id='2507.00009'] details")).to_have_attribute("open", "")


def test_what_is_found_later_does_not_take_the_focus(browser: Browser) -> None:
    index = json.loads(archive_files()["archive.json"])
    [volume] = index["words"]
    # The index knows nothing of August, which is then searched after the other months.
    volume["months"] = {
        "2020-01" if name == "2025-08" else name: size for name, size in volume["months"].items()
    }
    for site in site_of(browser, archive_files(archive_json=json.dumps(index).encode())):
        page = site.open()
        waiting = held(page, "2025-08.json")
        page.fill("#query", "hay")
        wait_for(page, waiting)
        scroll(page, "article", 14)
        last = page.locator("article").last
        arxiv_id = last.get_attribute("data-id")
        last.locator("summary").focus()
        waiting[0].continue_()
        expect(page.locator("article")).to_have_count(18)
        focused = "document.activeElement.closest('article')?.dataset.id"
        assert page.evaluate(focused) == arxiv_id


def test_nothing_is_said_to_match_only_after_all_is_searched(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        waiting = held(page, "archive.json")
        page.fill("#query", "zzz")
        expect(page.get_by_text("No paper matches.")).to_be_hidden()
        expect(page.locator("#end")).to_have_text("Searching … Stop")
        waiting[0].continue_()
        expect(page.get_by_text("No paper matches.")).to_be_visible()


def test_what_was_found_and_still_fits_stays(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        page.fill("#query", "lod")
        expect(page.locator("article")).to_have_count(9)
        expect(page.locator("#end")).to_contain_text("Searched")
        waiting = held(page, "2025-0*.json", times=99)
        page.fill("#query", "lodz")
        wait_for(page, waiting)
        page.evaluate("dispatchEvent(new StorageEvent('storage', { key: ':marks' }))")
        expect(page.locator("article")).to_have_count(9)
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("button", name="Hide revised").click()
        expect(page.locator("article")).to_have_count(9)


def test_a_word_is_whole_after_a_space_until_all_is_searched(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        page.fill("#query", "pap ")
        expect(page.locator("#end")).to_contain_text("Searched")
        expect(page.locator("#count")).to_have_text("0 of 540 papers")


def test_a_search_of_all_topics_has_the_months_of_one(browser: Browser) -> None:
    files = archive_files()
    index = json.loads(files["archive.json"])
    for month in index["months"][:4]:
        month["topics"] = {"Graphs": 60}
    for month in index["months"][4:]:
        month["topics"] = {"Graphs": 60, "Waves": 60}
    newest = {"Graphs": OLD[-60:], "Waves": OLD[-1:]}
    html = files_of(snapshot_of(newest))["index.html"]
    html = re.sub(rb'data-total="\d+"', b'data-total="540"', html)
    files |= {"index.html": html, "archive.json": json.dumps(index).encode()}
    for site in site_of(browser, files):
        page = site.open()
        with page.expect_response("**/2025-05.json"):
            page.get_by_role("tab", name="Waves").click()
        page.get_by_role("tab", name="All topics").click()
        page.fill("#query", "lodz")
        expect(page.locator("#end")).to_contain_text("Searched")
        expect(page.locator("article")).to_have_count(9)
        page.fill("#query", "")
        expect(page.locator("#count")).to_contain_text("The newest")
        page.evaluate("location.hash = '#2505.00030'")
        expect(page.locator("[data-id='2505.00030']")).to_be_in_viewport()


def test_a_connection_that_is_cut_is_told(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        page = site.open()
        page.evaluate(
            "() => { const fetched = window.fetch; window.fetch = (name, ...rest) => {"
            " if (name !== '2025-09.json') return fetched(name, ...rest);"
            " const cut = (body) => body.error(new TypeError('network error'));"
            " return Promise.resolve(new Response(new ReadableStream({ start: cut }))); }; }"
        )
        page.fill("#query", "needle")
        expect(page.locator("#end")).to_have_text(
            "Searched 540 papers, back to January 2025. 2025-09.json is incomplete."
        )


@pytest.mark.parametrize(
    "address,chosen",
    [("", "All topics"), ("#topic=Graphs", "Graphs"), ("#2509.00002", "All topics")],
)
def test_what_is_typed_before_the_script_runs_is_looked_for(
    browser: Browser, address: str, chosen: str
) -> None:
    for site in site_of(browser, files_of(snapshot_of(PAPERS))):
        page = browser.new_context(viewport=WIDE).new_page()
        waiting = held(page, "js/page.js")
        page.goto(f"{site.address}{address}", wait_until="commit")
        wait_for(page, waiting)
        page.locator("#query").press_sequentially("tree")
        waiting[0].continue_()
        expect(page.locator("#count")).to_have_text(re.compile("^1 of 4 papers"))
        expect(page.locator("#query")).to_have_value("tree")
        expect(page.locator("#query")).to_be_focused()
        expect(page.get_by_role("tab", selected=True)).to_contain_text(chosen)
        assert titles(page) == ["On $ Trees"]


def test_another_topic_is_searched_where_it_was_not(browser: Browser) -> None:
    index = json.loads(archive_files()["archive.json"])
    for month in index["months"][3:]:
        month["topics"] = {"Waves": 1}
    index["months"][0]["topics"]["Waves"] = 1
    newest = {"Graphs": OLD[-60:], "Waves": OLD[-1:]}
    files = archive_files() | {"index.html": files_of(snapshot_of(newest))["index.html"]}
    page_of_all = re.sub(rb'data-total="\d+"', b'data-total="540"', files["index.html"])
    files |= {"index.html": page_of_all, "archive.json": json.dumps(index).encode()}
    for site in site_of(browser, files):
        page = site.open()
        page.get_by_role("tab", name="Graphs").click()
        page.fill("#query", "lodz")
        expect(page.locator("#end")).to_have_text("Searched 180 papers, back to July 2025.")
        expect(page.locator("article")).to_have_count(3)
        page.get_by_role("tab", name="All topics").click()
        expect(page.locator("#end")).to_have_text("Searched 540 papers, back to January 2025.")
        expect(page.locator("article")).to_have_count(9)
        # What was found for all topics is all that there is for one.
        page.get_by_role("tab", name="Graphs").click()
        expect(page.locator("#end")).to_have_text("Searched 540 papers, back to January 2025.")


# What a search finds by the index is what it finds in the months themselves.
BY_INDEX: Final = """
async (queries) => {
  const { Archive } = await import("./js/archive.js");
  const { matches, parse } = await import("./js/query.js");
  const archive = new Archive();
  await archive.open();
  const all = [];
  for (const { name } of archive.months) {
    for await (const papers of archive.read(name)) all.push(...papers);
  }
  const ids = (papers, terms) =>
    papers.filter((paper) => matches(paper, terms)).map((paper) => paper.id).sort().join();
  const { signal } = new AbortController();
  const differing = [];
  for (const query of queries) {
    const terms = parse(query);
    const found = [];
    for await (const { papers, error } of archive.search(archive.months, terms, signal)) {
      if (error) throw error;
      found.push(...papers);
    }
    const [one, other] = [ids(found, terms), ids(all, terms)];
    if (one !== other) differing.push([query, one, other]);
  }
  return [all.length, differing];
}
"""


def queries_for(papers: Sequence[Paper]) -> list[str]:
    """Returns searches for words of papers: whole ones, other endings, beginnings, phrases."""
    asked = ['"paper 7" -of', "au:ada", "id:2503", "graphs", "zzz", "x0", "-paper", "a", "1"]
    for item in papers:
        words = " ".join((item.title, item.summary, *item.authors, item.comment or "")).split()
        for place, word in enumerate(words[:: max(1, len(words) // 12)]):
            plain = word.replace('"', "").strip("-:")
            ends = [plain, f"{plain} ", f"{plain}s ", plain[:-1], plain[:-2], f"{plain.upper()} "]
            asked.append(ends[place % len(ends)])
        asked.append(f'"{" ".join(words[3:5])}" {words[0]}')
    return asked


@pytest.mark.parametrize("has_parts", [True, False])
def test_no_search_finds_less_by_the_index(browser: Browser, has_parts: bool) -> None:  # noqa: FBT001
    corpus = list(corpus_snapshot(60).papers.values())
    hostile = [
        replace(hostile_paper(text), arxiv_id=f"2509.{number:05}")
        for number, text in enumerate(HOSTILE, start=1)
    ]
    odd = [
        paper("2509.01001", title="Filing capabilities of studies, hopping; the ability"),
        paper("2509.01002", title="H$_2$O and $L$s of \\url{https://example.org/x}s"),
        paper("2509.01003", title="αβγ 数据 𝐋𝐨𝐫𝐚 ﬁne İstanbul Straße naïve", summary="y" * 20_000),
        paper("2509.01004", title="yy" * 30, summary=f"{'z' * 39} {'z' * 41} {'z' * 32}"),
    ]
    papers = [*corpus, *hostile, *odd]
    archive, snapshot = Archive(), None
    files: dict[str, bytes] = {}
    for number in range(5):
        day = date(2025, number + 1, 6)
        now = replace(snapshot_of({"Graphs": papers[number::5]}), updated=day)
        before, archive = archive, remember(archive, snapshot, now)
        archive, words = with_words(before, archive, files)
        snapshot = now
        files |= words | files_of(now, facts=Facts(archive=archive))
    asked = queries_for([*corpus[::4], *hostile, *odd])
    asked += ["file", "capable", "capability", "study", "able", "h2o", "2o", "ls", "xs", "lora"]
    asked += [
        "y" * 12,
        "y" * 40,
        f"{'z' * 39} ",
        f"{'z' * 41} ",
        "z" * 33,
        "数据",
        "αβ",
        "fine naive",
    ]
    with served(files, has_parts=has_parts) as address:
        page = browser.new_page()
        page.goto(address)
        total, differing = page.evaluate(BY_INDEX, asked)
        page.context.close()
    assert total == len(papers)
    assert differing == []


def test_words_are_folded_in_python_as_in_the_browser(browser: Browser) -> None:
    known = (chr(code) for code in range(sys.maxunicode + 1))
    letters = [char for char in known if unicodedata.category(char) not in {"Cn", "Co", "Cs"}]
    texts = [f"a{char}b {char}" for char in letters]
    texts += [*HOSTILE, "A\u0301e\u0301", "ΑΣ σς", "İSTANBUL ıi", "Ǆ ǅ ǆ", "x\u200by", "㎏ ½ ②"]
    folded = "async (texts) => { const { fold } = await import('./js/words.js');"
    folded += " return texts.map((text) => fold(text).match(/[a-z0-9]+/g) ?? []); }"
    for site in site_of(browser, files_of(snapshot_of(PAPERS))):
        found = site.open().evaluate(folded, texts)
        made = [wordindex.words(json.dumps({"title": text}).encode()) for text in texts]
        pairs = zip(texts, found, made, strict=True)
        assert [text for text, one, other in pairs if set(one) != other] == []


def read_of(page: Page, query: str) -> list[str]:
    """Searches, and returns the files that were asked for, with `*` where only a part was."""
    asked: list[str] = []
    page.on(
        "request",
        lambda request: asked.append(
            request.url.rpartition("/")[2] + ("*" if "range" in request.headers else "")
        ),
    )
    page.fill("#query", query)
    expect(page.locator("#end")).to_contain_text("Searched")
    return asked


def test_a_search_reads_only_what_the_index_names(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        asked = read_of(site.open(), "needle")
        # The month that is not over is not in the index.
        read = {name for name in asked if re.search("json|txt", name)}
        assert read == {"archive.json", "words-1.txt*", "2025-03.json*", "2025-09.json"}


@pytest.mark.parametrize(
    "words",
    [
        None,
        b"",
        b"<!-- daily-papers:generated -->\n",
        b"half",
        "damaged",
    ],
)
def test_without_the_index_all_months_are_read(browser: Browser, words: bytes | str | None) -> None:
    files = archive_files()
    whole = files["words-1.txt"]
    if isinstance(words, str):  # As long as it was.
        words = whole.replace(b"needles ", b"needles-")
        assert words != whole
    for site in site_of(browser, archive_files(**{"words-1.txt": words})):
        page = site.open()
        asked = read_of(page, "needle")
        assert titles(page) == ["Paper 7 of 3 on Needles"]
        assert sum(name.startswith("2025-") for name in asked) == 9
        site.complaints[:] = [
            line for line in site.complaints if not re.search("words-1|40[46]|416", line)
        ]


def test_a_month_that_has_changed_is_read_whole(browser: Browser) -> None:
    changed = archive_files()["2025-03.json"] + b"\n"
    for site in site_of(browser, archive_files(m2025_03_json=changed)):
        page = site.open()
        asked = read_of(page, "needle")
        assert titles(page) == ["Paper 7 of 3 on Needles"]
        assert {"2025-03.json*", "2025-03.json"} < set(asked)


@pytest.mark.parametrize(
    "change,said",
    [
        ({"m2505_json": None}, "2025-05.json could not be loaded (404)."),
        ({"m2505_json": b'{"format":1,"papers":[\n{"id":"25'}, "2025-05.json is incomplete."),
        (
            {"m2505_json": b'{"format":2,"papers":[\n{}\n]}\n'},
            "2025-05.json was written by a newer version; load this page again.",
        ),
    ],
)
def test_a_month_that_cannot_be_read_is_told_and_passed_over(
    browser: Browser, change: dict[str, bytes | None], said: str
) -> None:
    changed = {name.replace("m25", "m2025_"): data for name, data in change.items()}
    for site in site_of(browser, archive_files(**changed)):
        page = site.open()
        page.fill("#query", "lodz")
        expect(page.locator("#end")).to_contain_text(said)
        assert titles(page) == [f"Paper 9 of {month}" for month in (9, 8, 7, 6, 4, 3, 2, 1)]
        site.complaints[:] = [
            line for line in site.complaints if not re.search("2025-05|404|416", line)
        ]


@pytest.mark.parametrize(
    "index",
    [
        b"null",
        b"[]",
        b'{"months":',
        b'{"months":[null]}',
        b'{"months":[{"name":["2025-01"],"papers":1}]}',
        b'{"months":[{"name":"2025-99","papers":1}]}',
        b'{"months":[{"name":"2025-01"}]}',
        b'{"months":[{"name":"2025-01","papers":"<b>"}]}',
    ],
)
def test_a_damaged_list_of_months_is_told(browser: Browser, index: bytes) -> None:
    for site in site_of(browser, archive_files(**{"archive.json": index})):
        page = site.open()
        page.fill("#query", "lodz")
        expect(page.locator("#end")).to_have_text("archive.json is damaged.")
        assert titles(page) == ["Paper 9 of 9"]


def test_a_list_of_months_that_could_not_be_had_is_asked_for_again(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        index = site.files.pop("archive.json")
        page = site.open()
        page.fill("#query", "lodz")
        expect(page.locator("#end")).to_have_text("archive.json could not be loaded (404).")
        site.files["archive.json"] = index
        page.fill("#query", "lodz needle")
        page.fill("#query", "lodz")
        expect(page.locator("article")).to_have_count(9)
        site.complaints.clear()


HOSTILE_RECORDS: Final[list[Any]] = [
    None,
    5,
    [],
    {},
    {"id": "2501.00001"},
    {"id": "2501.00001", "version": 1, "title": {"tex": 5}, "published": "x", "updated": "y"},
    {
        "id": "2501.00002",
        "version": 1,
        "title": [{"text": "needle", "url": "javascript:alert(1)"}],
        "published": "2025-01-01",
        "updated": "2025-01-01",
    },
    {
        "id": ["2501.00002"],
        "version": 1,
        "title": "needle",
        "published": "2025-01-01",
        "updated": "2025-01-01",
    },
    {
        "id": "2501.00002",
        "version": -1,
        "title": "needle",
        "published": "2025-01-01",
        "updated": "2025-01-01",
    },
    {
        "id": "javascript:alert(1)",
        "version": 1,
        "title": "needle",
        "published": "2025-01-01",
        "updated": "2025-01-01",
    },
    {
        "id": "2501.00003",
        "version": 1,
        "title": "<img src=x onerror=alert(1)> needle",
        "authors": ["<script>alert(1)</script>"],
        "published": "2025-01-01",
        "updated": "2025-01-01",
        "code": 'https://x/"><script>alert(1)</script>',
        "doi": '"><script>',
    },
    {
        "id": "2501.00004",
        "version": 1,
        "title": "needle \ud800",
        "authors": ["\udfff"],
        "categories": ["\ud800"],
        "doi": "10.1/\ud800",
        "published": "2025-01-01",
        "updated": "2025-01-01",
    },
    *(
        {
            "id": "2501.00005",
            "version": 1,
            "title": "needle",
            "published": "2025-01-01",
            "updated": "2025-01-01",
            name: "2025-99-99",
        }
        for name in ("published", "updated", "seen")
    ),
]


def test_hostile_records_of_the_archive_do_nothing(browser: Browser) -> None:
    lines = ",\n".join(map(json.dumps, HOSTILE_RECORDS))
    data = f'{{"format":1,"papers":[\n{lines}\n]}}\n'.encode()
    index = json.loads(archive_files()["archive.json"]) | {"words": []}
    files = archive_files(m2025_01_json=data, **{"archive.json": json.dumps(index).encode()})
    for site in site_of(browser, files):
        page = site.open()
        page.fill("#query", "needle")
        expect(page.locator("#end")).to_contain_text("Searched 540 papers")
        assert titles(page) == [
            "Paper 7 of 3 on Needles",
            "needle \ud800",
            "<img src=x onerror=alert(1)> needle",
        ]
        assert page.locator("img, article script, a[href^='javascript' i]").count() == 0


def test_a_record_of_the_archive_makes_the_same_card(browser: Browser) -> None:
    papers = [
        paper(
            "2509.00001",
            version=2,
            title="On $L_1$ of Fr\\'echet & <b>",
            authors=("Zoë O'Neil (A*)", "Ada / Example!"),
            summary="See https://github.com/o/r?a=b&c. It is $$x<y$$.",
            comment="Accepted, \\url{https://example.org/x}",
            journal_ref="Nature 1",
            doi="10.1000/a_b<1>;(x)+~",
        ),
        paper("2509.00002", comment=None, updated=datetime(2023, 1, 1, tzinfo=UTC)),
        paper("math/0309136", version=2, comment="withdrawn"),
        paper("2509.00003", summary="", authors=()),
        paper("2509.00004", version=40),  # revised after it was told as new
        *(
            replace(hostile_paper(text), arxiv_id=f"2509.{number:05}")
            for number, text in enumerate(HOSTILE, start=10)
        ),
    ]
    snapshot = replace(
        snapshot_of({"A": papers, "B": papers[:1]}),
        found={item.arxiv_id: date(2025, 10, 3) for item in papers[::2]},
    )
    facts = Facts(
        sentences={"2509.00001": "It is $$x<y$$."},
    )
    files = files_of(snapshot, facts=facts)
    for site in site_of(browser, files):
        page = site.open(java_script_enabled=False)
        made = page.evaluate("[...document.querySelectorAll('article')].map((n) => n.outerHTML)")
        page = site.open()
        again = page.evaluate(
            "async () => { const { article } = await import('./js/card.js');"
            " const month = await (await fetch('2025-10.json')).json();"
            " const numbers = new Map([['A', 0], ['B', 1]]);"
            " return month.papers.map((data) => article(data, numbers).outerHTML); }"
        )
        assert len(again) == len(papers)
        assert sorted(again) == sorted(made)
        entries = page.evaluate(
            "async () => { const { bibtex } = await import('./js/cite.js');"
            " const { fromArticle } = await import('./js/record.js');"
            " const month = await (await fetch('2025-10.json')).json();"
            " const nodes = [...document.querySelectorAll('article')];"
            " return [month.papers, nodes.map((node) => fromArticle(node, ['A', 'B']).data)]"
            "   .map((list) => Object.fromEntries(list.map((data) => [data.id, bibtex(data)]))); }"
        )
        written = {item.arxiv_id: bibtex.entry(item, bibtex.key(item)) for item in papers}
        assert entries == [written, written]


def test_ris_has_the_family_name_first(site: Site) -> None:
    names = {
        "Ada Example": "Example, Ada",
        "Ludwig M. van der Example Jr": "van der Example, Ludwig M., Jr",
        "Plato": "Plato",
        "The A, B and C Collaboration": "The A B and C Collaboration",
        "X\r\nER  - \r\nTY  - JOUR": "JOUR, X ER - TY -",
    }
    text = site.open().evaluate(
        "async (authors) => { const { ris } = await import('./js/cite.js');"
        " return ris([{ id: '2509.00001', title: 'T', published: '2025-09-01', authors }]); }",
        list(names),
    )
    assert re.findall("^AU  - (.*)\r\n", text, re.MULTILINE) == list(names.values())
    assert text.count("\nER  - ") == 1


# --- What a reader keeps --------------------------------------------------------------------------


def test_what_is_saved_stays_and_can_be_taken_to_another_browser(site: Site) -> None:
    page = site.open()
    page.locator("[data-id='2509.00001'] .save").click()
    page.keyboard.press("Escape")
    page.reload()
    page.get_by_role("button", name="Saved 1").click()
    assert titles(page) == ["Waves"]
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    text = download.value.path().read_text(encoding="utf-8")
    other = site.open()
    other.get_by_role("button", name="Export").click()
    for content, said in ((text, "Loaded 1 saved paper."), ("{", "This is no file of marks.")):
        file = FilePayload(name="marks.json", mimeType="application/json", buffer=content.encode())
        other.locator("input[type=file]").set_input_files(file)
        expect(other.get_by_text(said)).to_be_visible()
    other.get_by_role("button", name="Saved 1").click()
    assert titles(other) == ["Waves"]


def test_marks_of_two_tabs_are_kept_together(site: Site) -> None:
    page = site.open()
    other = site.visit(page.context.new_page(), "index.html")
    page.locator("[data-id='2509.00001'] .save").click()
    expect(other.get_by_role("button", name="Saved 1")).to_be_visible()
    # A page that comes back from the browser's history was told of nothing.
    other.evaluate("addEventListener('storage', (event) => event.stopImmediatePropagation(), true)")
    key = page.evaluate("Object.keys(localStorage).find((name) => name.endsWith(':marks'))")
    page.evaluate(
        "(key) => { const marks = JSON.parse(localStorage.getItem(key));"
        " localStorage.setItem(key, JSON.stringify({ ...marks, hidden: ['2509.00002'] })); }",
        key,
    )
    page.locator("[data-id='2509.00003'] .save").click()
    other.locator("[data-id='2509.00004'] .save").click()
    other.reload()
    expect(other.get_by_role("button", name="Saved 3")).to_be_visible()
    assert "Both at Once" not in titles(other)


def test_a_paper_that_was_not_in_the_list_shows_its_marks(site: Site) -> None:
    page = site.open()
    other = site.visit(page.context.new_page(), "index.html")
    page.fill("#query", "both")
    other.locator("[data-id='2509.00001'] .save").click()
    expect(page.get_by_role("button", name="Saved 1")).to_be_visible()
    page.fill("#query", "")
    expect(page.locator("[data-id='2509.00001'] .save")).to_have_text("Saved")


def test_the_heading_of_a_day_counts_what_is_new_in_it(browser: Browser) -> None:
    now = snapshot_of({"Graphs": PAPERS["Graphs"]})
    now = replace(now, found=dict.fromkeys(now.kept_ids, now.updated))
    for site in site_of(browser, files_of(now)):
        page = site.open()
        expect(page.locator("h2 .number")).to_have_text("3 new")
        page.locator("article").last.locator(".more").click()
        page.get_by_role("button", name="Hide", exact=True).click()
        expect(page.locator("h2 .number")).to_have_text("2 new")


def test_what_is_hidden_comes_back_when_asked_for(site: Site) -> None:
    page = site.open()
    page.locator("[data-id='2509.00001'] .more").click()
    page.get_by_role("button", name="Hide", exact=True).click()
    assert "Waves" not in titles(page)
    page.reload()
    expect(page.locator("article h3", has_text="Waves")).to_have_count(0)
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Show hidden").click()
    assert "Waves" in titles(page)
    page.reload()
    assert "Waves" in titles(page)


def test_a_link_to_a_paper_works_whatever_is_shown(browser: Browser) -> None:
    for site in site_of(browser, archive_files()):
        for arxiv_id in ("2509.00007", "2502.00007"):  # One that is loaded, and one of a month.
            page = site.open()
            page.keyboard.press("x")
            page.locator(".save").first.click()
            page.get_by_role("button", name="Saved 1").click()
            page.evaluate(f"location.hash = '{arxiv_id}'")
            expect(page.locator(f"[data-id='{arxiv_id}']")).to_be_in_viewport()
        page = site.open()
        first = page.locator("article").first.get_attribute("data-id")
        page.keyboard.press("x")
        expect(page.locator(f"[data-id='{first}']")).to_have_count(0)
        page.evaluate(f"location.hash = '{first}'")
        expect(page.locator(f"[data-id='{first}']")).to_be_in_viewport()


DIGESTS: Final = "https://github.com/octo/papers/issues?q=is%3Aissue+label%3A%22daily-papers%22"


def test_a_saved_paper_can_be_liked_where_a_digest_has_a_box_for_it(browser: Browser) -> None:
    day = date(2025, 10, 1)
    snapshot = replace(snapshot_of(PAPERS), found={"2509.00001": day, "2509.00002": day})
    for has_boxes in (True, False):
        place = Place(digests=DIGESTS, has_boxes=has_boxes)
        for site in site_of(browser, files_of(snapshot, place=place)):
            page = site.open()
            for arxiv_id in ("2509.00001", "2509.00003"):  # The second was never told.
                page.locator(f"[data-id='{arxiv_id}'] .save").click()
            links = page.locator(".like")
            expect(links).to_have_count(1 if has_boxes else 0)
            if not has_boxes:
                continue
            expect(page.locator("[data-id='2509.00001'] .like")).to_be_visible()
            asked = parse_qs((links.get_attribute("href") or "").partition("?")[2])
            order = "created:>=2025-09-30 sort:created-asc"
            assert asked == {"q": [f'is:issue label:"daily-papers" {order}']}
            page.locator("[data-id='2509.00001'] .save").click()
            expect(links).to_have_count(0)


def test_what_is_found_is_exported(site: Site) -> None:
    page = site.open()
    page.fill("#query", "waves")
    page.get_by_role("button", name="Export").click()
    texts = {}
    for name in ("BibTeX", "RIS", "CSV"):
        with page.expect_download() as download:
            page.locator(".exports").get_by_role("button", name=name, exact=True).click()
        texts[name] = download.value.path().read_bytes().decode()
    assert texts["BibTeX"].startswith("@misc{example2025waves,\n  title = {Waves},\n")
    assert texts["RIS"].splitlines()[:4] == [
        "TY  - PREPRINT",
        "TI  - Waves",
        "AU  - Example, Ada",
        "AU  - Example, Bob",
    ]
    assert texts["RIS"].endswith("ER  - \r\n")
    (row,) = csv.DictReader(io.StringIO(texts["CSV"]))
    assert row["title"] == "Waves"
    assert row["authors"] == "Ada Example; Bob Example"


def test_zotero_finds_the_papers(site: Site) -> None:
    page = site.open()
    expect(page.locator("span.Z3988")).to_have_count(4)
    text = page.locator("[data-id='2509.00003'] .Z3988").get_attribute("title") or ""
    found = parse_qs(text)
    assert found["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:dc"]
    assert found["rft.type"] == ["preprint"]
    assert found["rft.title"] == ["On O(n^2) Trees"]
    assert found["rft.au"] == ["Ada Example", "Bob Example"]
    assert found["rft_id"] == [
        "info:doi/10.48550/arXiv.2509.00003",
        "https://arxiv.org/abs/2509.00003",
    ]


def test_keys_move_open_save_and_hide_and_can_be_switched_off(site: Site) -> None:
    page = site.open()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-id='2509.00003']")).to_be_focused()
    page.keyboard.press("o")
    expect(page.locator("[data-id='2509.00003'] details[open]")).to_have_count(1)
    page.keyboard.press("s")
    expect(page.locator("[data-id='2509.00003'] .save")).to_have_text("Saved")
    page.keyboard.press("k")
    page.keyboard.press("x")
    assert "Graphs of Łódź" not in titles(page)
    expect(page.locator("[data-id='2509.00003']")).to_be_focused()
    page.keyboard.press("?")
    page.get_by_label("Use single keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.keyboard.press("?")
    assert len(titles(page)) == 3
    expect(page.locator("dialog")).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(page.locator("dialog")).to_be_visible()


def test_a_paper_takes_four_stops_of_the_tab_key(site: Site) -> None:
    page = site.open()
    page.locator("#list").focus()
    stops = []
    for _ in range(4):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.closest('article').dataset.id"))
    assert stops == ["2509.00004", "2509.00004", "2509.00004", "2509.00003"]
    page.locator("[data-id='2509.00004'] .id").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-id='2509.00004'] .links a", has_text="PDF")).to_be_focused()


@pytest.mark.parametrize("viewport", [NARROW, WIDE])
def test_what_has_the_focus_is_not_covered(large_site: Site, viewport: ViewportSize) -> None:
    page = large_site.open(viewport=viewport)
    page.locator("article h3 a").nth(12).focus()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(
            "() => { const node = document.activeElement;"
            " const { left, top, bottom } = node.getClientRects()[0];"
            " return node.contains(document.elementFromPoint(left + 5, (top + bottom) / 2)); }"
        ), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_the_best_match_comes_first_where_that_is_asked_for(browser: Browser) -> None:
    matches = {
        "2509.00001": Match(score=0.9, because=("waves",)),
        "2509.00003": Match(score=0.5, because=()),
    }
    for site in site_of(browser, files_of(snapshot_of(PAPERS), facts=Facts(matches=matches))):
        page = site.open()
        page.get_by_role("button", name="Best match").click()
        assert titles(page) == ["Waves", "On $ Trees", "Graphs of Łódź", "Both at Once"]
        page.get_by_role("button", name="Best match").click()
        assert titles(page)[0] == "Graphs of Łódź"


def test_the_compact_list_shows_as_many_papers_as_arxivs(large_site: Site) -> None:
    page = large_site.open(viewport={"width": 1280, "height": 900})
    shown = (
        "[...document.querySelectorAll('article')]"
        ".filter((node) => node.getBoundingClientRect().bottom <= innerHeight).length"
    )
    assert page.evaluate(shown) < 6
    page.get_by_role("button", name="Compact").click()
    assert page.evaluate(shown) >= 9
    page.locator("summary").first.click()
    expect(page.locator("article .authors").first).to_be_visible()
    expect(page.locator("article .authors").nth(1)).to_be_hidden()
    page.reload()
    expect(page.locator("article .authors").first).to_be_hidden()


def test_a_button_leads_back_to_the_top(large_site: Site) -> None:
    page = large_site.open()
    button = page.get_by_role("button", name="Back to top")
    expect(button).to_be_hidden()
    page.mouse.wheel(0, 900)
    expect(button).to_be_hidden()
    page.mouse.wheel(0, 4000)
    expect(button).to_be_visible()
    size = button.bounding_box()
    assert size
    assert min(size["width"], size["height"]) >= 24
    page.emulate_media(media="print")
    expect(button).to_be_hidden()
    page.emulate_media(media="screen")
    button.press("Enter")
    assert page.evaluate("scrollY") == 0
    expect(page.locator("h1")).to_be_focused()
    expect(button).to_be_hidden()


@pytest.mark.parametrize("viewport", [NARROW, {"width": 820, "height": 1180}])
def test_nothing_shows_between_what_stays_in_view(large_site: Site, viewport: ViewportSize) -> None:
    page = large_site.open(viewport=viewport)
    page.mouse.wheel(0, 3000)
    page.wait_for_timeout(300)
    tools, heading = page.evaluate(
        "[document.querySelector('.tools').getBoundingClientRect().bottom, Math.max("
        "...[...document.querySelectorAll('h2')].map((node) => node.getBoundingClientRect().top)"
        ".filter((top) => top < 130))]"
    )
    assert 60 < heading <= tools


# --- How it loads ---------------------------------------------------------------------------------

SHIFTS: Final = (
    "window.shifts = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())"
    " window.shifts += entry.value; }).observe({ type: 'layout-shift', buffered: true });"
)


@pytest.mark.parametrize("late", ["nothing", "woff2", "js", "css"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_nothing_moves_while_the_page_loads(
    large_site: Site, viewport: ViewportSize, late: str
) -> None:
    page = large_site.browser.new_context(viewport=viewport).new_page()
    page.add_init_script(SHIFTS)

    def delay(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    page.route(re.compile(rf"\.{late}$"), delay)
    large_site.visit(page)
    for _ in range(2):
        expect(page.locator("#filters button:visible").first).to_be_visible()
        page.wait_for_timeout(300)
        assert page.evaluate("window.shifts") < 0.02
        page.reload()


def test_one_formula_does_not_destroy_the_page(browser: Browser) -> None:
    """Neither by its size, nor by the time that it takes."""
    twice = "".join(f"\\def\\{b}{{\\{a}\\{a}\\{a}}}" for a, b in itertools.pairwise("abcdefghijk"))
    formulas = [
        "\\raisebox{-99999em}{Z}",
        "\\raisebox{99999em}{Z}",
        "\\rule{99999em}{99999em}",
        "\\\\[-9999em]x",
        "x\\\\[9999em]y",
        "\\kern-99999em x",
        "\\hspace{99999em}x",
        f"\\def\\a{{xxxxxxxx}}{twice}\\k",
        "\\newcommand{\\a}{\\a\\a}\\a",
        "\\sqrt{" * 2000 + "x" + "}" * 2000,
        "\\frac{1}{" * 300 + "x" + "}" * 300,
        "{" * 900 + "x" + "}" * 900,
        "\\begin{array}{c}" + "x\\\\" * 700 + "\\end{array}",
        "\\Huge\\Huge X",
    ]
    papers = [
        paper(f"2509.{number:05}", title=f"The ${formula}$", summary=f"A ${formula}$")
        for number, formula in enumerate(formulas)
    ]
    for site in site_of(browser, files_of(snapshot_of({"A": papers}))):
        page = site.open()
        page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = true)")
        expect(page.locator(".abstract .math:not([data-tex])")).to_have_count(0, timeout=60_000)
        page.evaluate(
            "document.querySelectorAll('article').forEach("
            "(node) => { node.style.contentVisibility = 'visible'; })"
        )
        heights = page.evaluate(
            "[...document.querySelectorAll('article')].map((n) => n.getBoundingClientRect().height)"
        )
        assert max(heights) < 1500, heights
        assert page.evaluate("document.documentElement.scrollWidth") == 1440
        page.fill("#query", "the")


def test_formulas_have_the_macros_that_authors_use(browser: Browser) -> None:
    formulas = (
        "\\mbox{x-y}",
        "\\Tilde{x}",
        "a \\textgreater b",
        "E_\\rm eff",
        "E_\\rm{eff}",
        "x\\label{eq:1}",
        "\\mathbbm{1}",
        "x\\textsuperscript{a}",
    )
    shown = formulas_on_a_page(browser, *formulas)
    assert [is_typeset for _, is_typeset in shown] == [True] * len(formulas)


# --- For everybody --------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_the_rules_of_axe_core_pass(browser: Browser, viewport: ViewportSize, scheme: str) -> None:
    snapshot = corpus_snapshot(6)
    failure = Failure(since=date(2025, 10, 1), checked=date(2025, 9, 30))
    trend = Trend(first=date(2025, 8, 4), counts=(3, 5))
    sections = [replace(part, failure=failure, trend=trend) for part in snapshot.sections]
    found = dict.fromkeys(snapshot.kept_ids, date(2025, 10, 1))
    snapshot = replace(snapshot, sections=tuple(sections), found=found)
    place = Place(
        feed="feed.xml",
        repository="https://github.com/octo/papers",
        readme="https://github.com/octo/papers",
        digests=DIGESTS,
        has_boxes=True,
    )
    for site in site_of(browser, files_of(snapshot, place=place)):
        # axe-core compiles code from text, which the page's own policy forbids.
        page = site.open(viewport=viewport, color_scheme=scheme, bypass_csp=True)
        page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = true)")
        expect(page.locator("details .math:not([data-tex])")).to_have_count(0)
        # As the page is laid out once a reader has come by, and with the strictest contrast.
        page.add_style_tag(content="article { content-visibility: visible }")
        rules = {key: {"enabled": True} for key in ("target-size", "color-contrast-enhanced")}
        page.locator(".more").first.click()
        page.locator("#export").click()
        results = Axe().run(page, options={"rules": rules})
        assert results.violations_count == 0, results.generate_report()
        page.fill("#query", "no such paper")
        results = Axe().run(page, options={"rules": rules})
        assert results.violations_count == 0, results.generate_report()
        page.keyboard.press("Escape")
        page.locator("#compact").click()
        page.locator(".save").nth(1).click()
        page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = false)")
        page.evaluate("document.querySelector('#top').hidden = false")
        results = Axe().run(page, options={"rules": rules})
        assert results.violations_count == 0, results.generate_report()
        page.locator("#keys").click()
        results = Axe().run(page, options={"rules": rules})
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1440])
def test_nothing_sticks_out_at_any_width(large_site: Site, width: int) -> None:
    page = large_site.open(viewport={"width": width, "height": 740})
    page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = true)")
    expect(page.locator("details .math:not([data-tex])")).to_have_count(0)
    sizes = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert sizes == [width, width]


def test_dark_is_dark_and_light_is_light(site: Site) -> None:
    def is_light(scheme: str, part: str) -> bool:
        page = site.open(color_scheme=scheme)
        color = page.evaluate(f"getComputedStyle(document.documentElement).{part}")
        return sum(int(value) for value in re.findall(r"\d+", color)[:3]) > 3 * 128

    assert is_light("light", "backgroundColor")
    assert not is_light("light", "color")
    assert not is_light("dark", "backgroundColor")
    assert is_light("dark", "color")


def test_the_list_is_read_without_scripts(large_site: Site) -> None:
    page = large_site.open(java_script_enabled=False)
    assert page.locator("article h3:visible").count() == 200
    expect(page.locator("#count")).to_have_text(re.compile(r"The newest 200 of \d+ papers"))
    expect(page.locator("#query")).to_be_hidden()
    assert page.locator("button:visible").count() == 0
    expect(page.locator("#topics")).to_contain_text("Time Series 100")
    page.locator("summary").first.click()
    expect(page.locator("details p").first).to_be_visible()


def test_the_page_is_printed_without_what_one_clicks(site: Site) -> None:
    page = site.open()
    page.get_by_role("button", name="Compact").click()
    page.emulate_media(media="print")
    assert len(titles(page)) == 4
    assert page.locator(".authors:visible").count() == 4
    for hidden in ("#query", "[role=tablist]", "button", "footer"):
        assert page.locator(f"{hidden}:visible").count() == 0


def test_hostile_papers_do_nothing(hostile_site: Site) -> None:
    page = hostile_site.open()
    page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = true)")
    expect(page.locator(".math:not([data-tex])")).to_have_count(0)
    page.fill("#query", "script")
    assert page.locator("article").count() == len(HOSTILE)
    assert page.locator("script").count() == 2
    assert page.evaluate(
        "[...document.querySelectorAll('article')].every("
        "(node) => node.getBoundingClientRect().height < 3000)"
    )
    assert page.locator("img, style, article [style*=url], a[href^='javascript:' i]").count() == 0
    page.get_by_role("tab").nth(1).click()


def test_the_page_works_from_a_file(site: Site, tmp_path: Path) -> None:
    for name, data in site.files.items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    context = site.browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    expect(page.get_by_text("This page was opened from a disk.")).to_be_visible()
    assert len(titles(page)) == 4
    expect(page.locator("#query")).to_be_hidden()
    page.locator("summary").first.click()
    expect(page.locator("details[open] p").first).to_be_visible()
