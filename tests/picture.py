"""`make picture`: the demo's README, mail and web page as people see them, for the documentation.

The README and the mail are shown by GitHub's own Markdown engine, with its style sheet.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import cmarkgfm
from cmarkgfm.cmark import Options
from playwright.sync_api import Browser, Page, ViewportSize

from daily_papers.memory import datafile
from daily_papers.options import Layout
from daily_papers.papers import SortBy
from daily_papers.views import readme
from daily_papers.views.rows import Look, Rows
from tests.browser import chromium, served

ROOT = Path(__file__).parent.parent

STYLE: Final = (ROOT / "tests" / "assets" / "github-markdown.css").read_text(encoding="utf-8")
FRAME: Final = (
    "body { margin: 0 } .markdown-body { max-width: 1012px; margin: auto; padding: 16px } "
)
"""As wide as GitHub shows a README at most."""

Scheme = Literal["light", "dark"]

FORGET: Final = """
() => {
  const key = `daily-papers:${location.pathname}`;
  const known = JSON.parse(localStorage.getItem(key));
  localStorage.setItem(key, JSON.stringify({ ...known, seen: known.seen.slice(7) }));
}
"""
"""Moves the last visit back by seven papers."""

WIDE: Final = ViewportSize(width=1120, height=940)
PHONE: Final = ViewportSize(width=390, height=844)


def page(markdown: str) -> str:
    """Returns `markdown` as a web page that looks as on GitHub."""
    body = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    return (
        f"<!doctype html><meta charset=utf-8><style>{STYLE}{FRAME}</style>"
        f"<article class=markdown-body>{body}</article>"
    )


def photograph(browser: Browser, markdown: str, picture: Path, size: ViewportSize) -> None:
    """Writes what Chromium shows of some Markdown to `picture`, a PNG file."""
    tab = browser.new_page(viewport=size, device_scale_factor=2)
    tab.set_content(page(markdown))
    tab.screenshot(path=picture)
    tab.close()


def as_list(data_file: Path) -> str:
    """Returns what the README's region would be with `layout: list`."""
    memory = datafile.decode(
        data_file.read_bytes(),
        "daily-papers",
        SortBy.UPDATED,
        today=datetime.now(UTC).date() + timedelta(days=1),
    )
    look = Look(layout=Layout.LIST, columns=(), sort_by=SortBy.UPDATED)
    parts = []
    for section in memory.snapshot.sections:
        rows = Rows(look=look, papers=section.papers, new=section.new)
        parts.append(readme.Part(section=section, rows=rows, shown=len(rows), typeset=len(rows)))
    return readme.render(memory.snapshot.updated, parts, level=2).decode()


def photograph_site(browser: Browser, address: str, pictures: Path) -> None:
    """Writes pictures of the web page: as it opens, and with what a search finds."""
    for name, viewport, scheme, work in (
        ("web-page", WIDE, "light", _search_for_formulas),
        ("web-page-dark", WIDE, "dark", _search_for_formulas),
        ("web-page-list", WIDE, "light", _leave),
        ("web-page-phone", PHONE, "light", _leave),
        ("web-page-search", PHONE, "dark", _search_and_copy),
    ):
        context = browser.new_context(viewport=viewport, color_scheme=_scheme(scheme))
        tab = context.new_page()
        tab.goto(address)
        tab.locator("html.js").wait_for()
        tab.evaluate(FORGET)
        tab.reload()
        tab.locator("html.js").wait_for()
        work(tab)
        tab.mouse.move(0, 0)
        tab.evaluate("document.fonts.ready")
        tab.wait_for_timeout(300)
        tab.screenshot(path=pictures / f"{name}.png")
        context.close()


def _scheme(name: str) -> Scheme:
    return "dark" if name == "dark" else "light"


def _leave(tab: Page) -> None:
    """Leaves the page as it opens."""


def _search_and_copy(tab: Page) -> None:
    """Looks for two words, and opens what can be copied of the first paper."""
    tab.fill("#query", "time series forecasting")
    tab.locator("article .more").first.click()


def _search_for_formulas(tab: Page) -> None:
    """Looks for a word that brings a paper with several formulas to the top, and opens it."""
    for title in tab.locator("article:has(.math ~ .math) h3").all_text_contents():
        for word in sorted(title.lower().split(), key=len, reverse=True):
            tab.fill("#query", word)
            found = tab.locator("article:visible")
            if found.count() > 3 and found.first.locator(".math ~ .math").count():
                found.first.locator("summary").click()
                found.first.locator(".katex").first.wait_for()
                return


def main() -> None:
    """Photographs the demo's README and its web page."""
    with chromium() as browser:
        demo, docs = ROOT / "demo", ROOT / "docs"
        after = (demo / "after.md").read_text(encoding="utf-8")
        photograph(browser, after, docs / "page.png", ViewportSize(width=1012, height=720))
        phone = ViewportSize(width=390, height=760)
        photograph(browser, as_list(demo / "data.json"), docs / "page-list.png", phone)
        title, _, body = (demo / "issue.md").read_text(encoding="utf-8").partition("\n")
        # GitHub keeps the lines of an issue.
        lines = body.replace("\n  ", "<br>\n  ")
        photograph(browser, f"# {title}\n{lines}", docs / "mail.png", phone)
        folder = ROOT / "demo" / "site"
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        with served(files) as address:
            photograph_site(browser, address, ROOT / "docs")


if __name__ == "__main__":
    main()
