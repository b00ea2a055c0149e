"""The web page as people use it, in Chromium.

Without Chromium these tests are skipped, but where `CI` is set they fail. After each of them the
page must have asked for nothing but its own files, and have nothing to complain about.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, ViewportSize, expect

from daily_papers.memory.snapshot import Failure
from daily_papers.memory.trends import Trend
from daily_papers.papers import Paper
from tests.browser import CHROMIUM, chromium, served
from tests.support import paper
from tests.test_site import HOSTILE, corpus_snapshot, files_of, hostile_paper, snapshot_of

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason="Chromium is not installed"
)

REAL_PAPERS: Final = os.environ.get("DAILY_PAPERS_REAL_PAPERS", "")
WIDE: Final = ViewportSize(width=1440, height=900)
NARROW: Final = ViewportSize(width=360, height=740)
FONT_IS_LOADED: Final = "document.fonts.ready.then((fonts) => fonts.check('16px KaTeX_Math'))"
PAPERS: Final = {
    "Graphs": [
        paper("2509.00004", title="Graphs of Łódź", authors=("Zoë Ångström",)),
        paper("2509.00003", title="On $O(n^2)$ Trees", summary="With $\\alpha_1 < 2$ and $$x$$"),
        paper("2509.00002", title="Both at Once"),
    ],
    "Time Series": [paper("2509.00002", title="Both at Once"), paper("2509.00001", title="Waves")],
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
        context.set_default_timeout(10_000)
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
    # Text alone: what is not near the window has not been laid out yet.
    return list(page.locator("h3:visible").all_text_contents())


# --- Search ---------------------------------------------------------------------------------------


def test_search_finds_words_of_title_authors_and_abstract(site: Site) -> None:
    page = site.open()
    assert len(titles(page)) == 4
    for asked, found in {
        "both": ["Both at Once"],
        "angstrom": ["Graphs of Łódź"],
        "ANGSTRÖM zoe lodz": ["Graphs of Łódź"],
        "study wav": ["Waves"],
        "waves both": [],
    }.items():
        page.fill("#query", asked)
        assert titles(page) == found
    page.fill("#query", "alpha_1 o(n^2)")
    expect(page.locator("article:visible")).to_have_id("2509.00003")
    page.fill("#query", "both")
    expect(page.locator("#count")).to_have_text("1 of 4 papers")


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
    again = site.open(page.evaluate("location.href").removeprefix(site.address))
    assert titles(again) == ["Waves"]
    expect(again.get_by_role("tab", name="Time Series")).to_have_attribute("aria-selected", "true")


def test_to_skip_to_the_papers_leaves_the_search_alone(site: Site) -> None:
    page = site.open()
    page.fill("#query", "waves")
    page.get_by_text("Skip to the papers").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#papers"
    assert titles(page) == ["Waves"]


def test_an_address_may_name_a_paper(large_site: Site) -> None:
    ids = re.findall(rb'<article id="([\d.]+)"', large_site.files["index.html"])
    page = large_site.open(f"#{ids[300].decode()}")
    expect(page.locator(f"[id='{ids[300].decode()}']")).to_be_in_viewport()
    assert page.url.endswith(ids[300].decode())


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
    article = page.locator("[id='2509.00003']")
    abstract = article.locator("details p")
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
        "\\left\\lvert\\rule{0em}{9em}\\right\\rvert",
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
    button = page.locator(f"[id='{arxiv_id}'] .bibtex")
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
            "  author = {Zoë Ångström and {The LHCb Collaboration} and {Ada Example, Jr.}},\n"
            "  year = {2025},\n"
            "  eprint = {2509.00007},\n"
            "  archivePrefix = {arXiv},\n"
            "  primaryClass = {cs.LG},\n"
            "  doi = {10.1000/a_b<1>},\n"
            "  url = {https://arxiv.org/abs/2509.00007},\n"
            "}\n"
        )
        expect(page.locator(".unseen[role=status]")).to_contain_text("Copied BibTeX of GraphBERT")


def test_bibtex_is_copied_where_the_clipboard_is_forbidden(site: Site) -> None:
    page = site.browser.new_context(viewport=WIDE).new_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    site.visit(page)
    page.locator("[id='2509.00001'] .bibtex").click()
    expect(page.locator("[id='2509.00001'] .bibtex")).to_have_text("Copied")
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
    first = [paper("2509.00001", title="Old")]
    second = [paper("2509.00003", title="Newer"), paper("2509.00002", title="New"), *first]
    third = [paper("2509.00004", title="Newest"), *second]

    def files(papers: list[Paper]) -> dict[str, bytes]:
        return files_of(snapshot_of({"A": papers}))

    for site in site_of(browser, files(first)):
        page = site.open()
        expect(page.locator("#fresh")).to_be_hidden()
        site.files.update(files(second))
        for _ in range(2):  # To load the page again takes no mark away.
            page.reload()
            assert page.locator("article:has(.new) h3").all_text_contents() == ["Newer", "New"]
        page.get_by_role("button", name="2 new since your last visit").click()
        assert titles(page) == ["Newer", "New"]
        page.get_by_role("button", name="2 new since your last visit").click()
        assert len(titles(page)) == 3
        site.files.update(files(third))
        page.reload()
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
def test_where_nothing_may_be_kept_nothing_is_new(site: Site, script: str) -> None:
    page = site.browser.new_context(viewport=WIDE).new_page()
    page.add_init_script(script)
    site.visit(page)
    expect(page.locator("#fresh")).to_be_hidden()
    page.fill("#query", "waves")
    assert titles(page) == ["Waves"]


# --- For everybody --------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_the_rules_of_axe_core_pass(browser: Browser, viewport: ViewportSize, scheme: str) -> None:
    snapshot = corpus_snapshot(6)
    failure = Failure(since=date(2025, 10, 1), checked=date(2025, 9, 30))
    trend = Trend(first=date(2025, 8, 4), counts=(3, 5))
    sections = [replace(part, failure=failure, trend=trend) for part in snapshot.sections]
    snapshot = replace(snapshot, sections=tuple(sections))
    for site in site_of(browser, files_of(snapshot, feed="feed.xml")):
        # axe-core compiles code from text, which the page's own policy forbids.
        page = site.open(viewport=viewport, color_scheme=scheme, bypass_csp=True)
        page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = true)")
        expect(page.locator("details .math:not([data-tex])")).to_have_count(0)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        page.fill("#query", "no such paper")
        results = Axe().run(page)
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
    total = large_site.files["index.html"].count(b"<article")
    assert page.locator("article h3:visible").count() == total
    expect(page.locator("#count")).to_have_text(f"{total} papers")
    expect(page.locator("#query")).to_be_hidden()
    assert page.locator(".bibtex:visible").count() == 0
    expect(page.locator("#topics")).to_contain_text("Time Series 100")
    page.locator("summary").first.click()
    expect(page.locator("details p").first).to_be_visible()


def test_the_page_is_printed_without_what_one_clicks(site: Site) -> None:
    page = site.open()
    page.emulate_media(media="print")
    assert len(titles(page)) == 4
    for hidden in ("#query", "[role=tablist]", ".bibtex", "footer"):
        assert page.locator(f"{hidden}:visible").count() == 0


def test_hostile_papers_do_nothing(hostile_site: Site) -> None:
    page = hostile_site.open()
    page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = true)")
    expect(page.locator(".math:not([data-tex])")).to_have_count(0)
    page.fill("#query", "script")
    assert page.locator("article").count() == len(HOSTILE)
    assert page.locator("script").count() == 2
    assert page.locator("img, style, article [style*=url], a[href^='javascript:' i]").count() == 0
    page.get_by_role("tab").nth(1).click()


def test_the_page_works_from_a_file(site: Site, tmp_path: Path) -> None:
    for name, data in site.files.items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    context = site.browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.on("console", lambda message: site.complaints.append(message.text))
    page.on("pageerror", lambda error: site.complaints.append(str(error)))
    page.goto((tmp_path / "index.html").as_uri())
    page.fill("#query", "alpha_1")
    page.locator("article:visible summary").click()
    expect(page.locator("details[open] .katex").first).to_be_visible()
    assert page.evaluate(FONT_IS_LOADED)
