"""The web page in Firefox: that every module of its script does its work there, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.browser import served
from tests.firefox import Firefox, firefox
from tests.test_site import corpus_snapshot, files_of, snapshot_of
from tests.test_site_browser import PAPERS, archive_files

pytestmark = pytest.mark.firefox

TITLES = "[...document.querySelectorAll('h3 a')].map((node) => node.textContent)"
IS_READY = "document.documentElement.classList.contains('js')"


@pytest.fixture(scope="module")
def browser() -> Iterator[Firefox]:
    with firefox() as browser:
        yield browser
        assert browser.complaints == []


@contextmanager
def visited(browser: Firefox, files: Mapping[str, bytes]) -> Iterator[str]:
    """Serves a page and visits it; yields its address."""
    with served(files) as address:
        browser.open(address)
        browser.wait_for(IS_READY)
        yield address
        # What is still loading would fail as soon as the page is left.
        browser.wait_for("!document.querySelector('link[href^=katex]') || Boolean(window.katex)")
        count = len(browser.complaints)
        browser.open("about:blank")
        browser.run("0")
        del browser.complaints[count:]


def search(browser: Firefox, text: str) -> list[str]:
    browser.run(
        "(() => { const field = document.querySelector('#query');"
        f" field.value = {text!r}; field.dispatchEvent(new Event('input')); return true; }})()"
    )
    titles: list[str] = browser.run(TITLES)
    return titles


def test_the_page_works(browser: Firefox) -> None:
    with visited(browser, files_of(snapshot_of(PAPERS))) as address:
        assert search(browser, "studies icml -waves") == ["Graphs of Łódź"]
        browser.wait_for("CSS.highlights.size === 1")
        assert search(browser, 'au:"zoe angstrom"') == ["Graphs of Łódź"]
        assert len(search(browser, "")) == 4
        browser.run("document.querySelectorAll('[role=tab]')[2].click()")
        assert browser.run(TITLES) == ["Both at Once", "Waves"]
        browser.run("document.querySelectorAll('[role=tab]')[0].click()")
        browser.wait_for("document.querySelectorAll('h3 .katex').length === 1")
        browser.run("document.querySelector('#list').focus()")
        browser.press("j", "j", "o")
        browser.wait_for("document.querySelectorAll('details[open] .katex').length === 2")
        browser.press("s")
        assert browser.run("document.querySelector('#saved').textContent") == "Saved 1"
        browser.open(f"{address}?again")
        browser.wait_for(IS_READY)
        browser.run("document.querySelector('#saved').click()")
        assert browser.run("document.querySelectorAll('article').length") == 1


def test_the_list_is_compact_and_long(browser: Firefox) -> None:
    height = "document.querySelector('article').getBoundingClientRect().height"
    with visited(browser, files_of(corpus_snapshot(30))):
        before = browser.run(height)
        browser.run("document.querySelector('#compact').click()")
        assert browser.run(height) < 0.6 * before
        assert browser.run("document.querySelector('#top').hidden")
        browser.run("(() => { scrollTo(0, 4000); return true; })()")
        browser.wait_for("!document.querySelector('#top').hidden")
        browser.run("document.querySelector('#top').click()")
        browser.wait_for("scrollY === 0 && document.querySelector('#top').hidden")


def test_the_archive_is_searched(browser: Firefox) -> None:
    with visited(browser, archive_files()):
        search(browser, "needle")
        browser.wait_for("document.querySelector('#end').textContent.startsWith('Searched 540')")
        assert browser.run(TITLES) == ["Paper 7 of 3 on Needles"]
