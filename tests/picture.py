"""`make picture`: the demo's README and web page as people see them, for the documentation.

The README is shown by GitHub's own Markdown engine and a stylesheet after its looks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import cmarkgfm
from cmarkgfm.cmark import Options
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser import chromium, served

ROOT = Path(__file__).parent.parent

STYLE = """
body { font: 16px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif;
       color: #1f2328; max-width: 980px; margin: 24px auto; padding: 0 32px; }
h1, h2 { border-bottom: 1px solid #d1d9e0; padding-bottom: .3em; margin: 24px 0 16px; }
h1 { font-size: 2em; } h2 { font-size: 1.5em; }
a { color: #0969da; text-decoration: none; }
table { border-collapse: collapse; display: block; overflow: auto; margin-bottom: 16px; }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; }
tr:nth-child(2n) { background: #f6f8fa; }
details { display: block; } summary { cursor: pointer; } details p { margin: 4px 0 0; }
code { background: #818b981f; border-radius: 6px; padding: .2em .4em; font-size: 85%; }
"""


Scheme = Literal["light", "dark"]

FORGET: Final = """
() => {
  const key = `daily-papers:${location.pathname}`;
  const known = JSON.parse(localStorage.getItem(key));
  localStorage.setItem(key, JSON.stringify({ ...known, seen: known.seen.slice(7) }));
}
"""
"""Makes the visit before one of seven papers ago."""

WIDE: Final = ViewportSize(width=1120, height=940)
PHONE: Final = ViewportSize(width=390, height=844)


def page(markdown: str) -> str:
    """Returns `markdown` as a web page."""
    body = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}"


def photograph_readme(browser: Browser, source: Path, picture: Path) -> None:
    """Writes what Chromium shows of a README to `picture`, a PNG file."""
    tab = browser.new_page(viewport={"width": 1280, "height": 860})
    tab.set_content(page(source.read_text(encoding="utf-8")))
    tab.screenshot(path=picture)


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
        photograph_readme(browser, ROOT / "demo" / "after.md", ROOT / "docs" / "page.png")
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
