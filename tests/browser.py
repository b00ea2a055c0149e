"""Headless Chromium, Debian's own, and pages for it, served over loopback."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from playwright.sync_api import Browser, expect, sync_playwright

from tests.needs import CHROMIUM

_TYPES: Final = {
    "html": "text/html",  # without a charset: the page itself must say it
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
_RANGE: Final = re.compile(r"bytes=(\d+)-(\d+)")


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # With 5, a busy machine drops connections, and they take seconds.


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yields a browser that asks nobody for anything but its pages."""
    arguments = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        expect.set_options(timeout=30_000)  # A machine that tests may be busy with other things.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(files: Mapping[str, bytes], *, has_parts: bool = True) -> Iterator[str]:
    """Serves files as GitHub Pages does, and yields the address of their folder.

    Args:
        files: the files, by path.
        has_parts: whether a part of a file may be asked for.
    """
    packed = lru_cache(maxsize=None)(partial(gzip.compress, compresslevel=6))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].removeprefix("/papers/") or "index.html"
            data = files.get(path)
            kind = _TYPES.get(path.rpartition(".")[2], "text/plain")
            part = _RANGE.fullmatch(self.headers["Range"] or "") if has_parts else None
            if data is not None and part:
                begin, end = int(part[1]), int(part[2]) + 1
                self.send_response(206 if begin < len(data) else 416)
                end = min(end, len(data))
                self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(data)}")
                data = data[begin:end]
            else:
                self.send_response(404 if data is None else 200)
            self.send_header("Content-Type", kind)
            if (
                data
                and not part
                and not kind.startswith("font")
                and "gzip" in self.headers["Accept-Encoding"]
            ):
                data = packed(data)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            with suppress(ConnectionError):  # The browser may have seen enough.
                self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/papers/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
