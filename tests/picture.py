"""`make picture`: the demo's README as GitHub shows it, as `docs/page.png`.

GitHub's own Markdown engine and a stylesheet after its looks, in headless Chromium.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

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


def page(markdown: str) -> str:
    """Gives `markdown` as a web page."""
    body = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}"


def photograph(html: str, picture: Path, *, width: int, height: int) -> None:
    """Writes what Chromium shows of `html` to `picture`, a PNG file."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(html, encoding="utf-8")
        subprocess.run(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                f"--window-size={width},{height}",
                f"--screenshot={picture}",
                source.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


def main() -> None:
    """Photographs the file named on the command line, or the demo's README."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo" / "after.md"
    picture = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs" / "page.png"
    photograph(page(source.read_text(encoding="utf-8")), picture, width=1280, height=860)


if __name__ == "__main__":
    main()
