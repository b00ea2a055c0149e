"""`make picture`: the demo's README and web page as people see them, for the documentation.

The README is shown by GitHub's own Markdown engine and a stylesheet after its looks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import cmarkgfm
from cmarkgfm.cmark import Options
from playwright.sync_api import Browser, Page

from tests.browser import chromium

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
  const key = Object.keys(localStorage)[0];
  const known = JSON.parse(localStorage.getItem(key));
  localStorage.setItem(key, JSON.stringify({ ...known, seen: known.seen.slice(7) }));
}
"""
"""Moves the last visit back by seven papers."""


def page(markdown: str) -> str:
    """Returns `markdown` as a web page."""
    body = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}"


def photograph_readme(browser: Browser, source: Path, picture: Path) -> None:
    """Writes what Chromium shows of a README to `picture`, a PNG file."""
    tab = browser.new_page(viewport={"width": 1280, "height": 860})
    tab.set_content(page(source.read_text(encoding="utf-8")))
    tab.screenshot(path=picture)


def photograph_site(browser: Browser, source: Path, picture: Path, scheme: Scheme) -> None:
    """Writes what a reader sees who comes again, searches, and opens an abstract with formulas."""
    context = browser.new_context(viewport={"width": 1120, "height": 940}, color_scheme=scheme)
    tab = context.new_page()
    tab.goto(source.as_uri())
    tab.evaluate(FORGET)
    tab.reload()
    _search_for_formulas(tab)
    tab.mouse.move(0, 0)
    tab.evaluate("document.fonts.ready")
    tab.screenshot(path=picture)
    context.close()


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
    """Photographs the demo's README and its web page, in light and in dark."""
    with chromium() as browser:
        photograph_readme(browser, ROOT / "demo" / "after.md", ROOT / "docs" / "page.png")
        site = ROOT / "demo" / "site" / "index.html"
        photograph_site(browser, site, ROOT / "docs" / "web-page.png", "light")
        photograph_site(browser, site, ROOT / "docs" / "web-page-dark.png", "dark")


if __name__ == "__main__":
    main()
