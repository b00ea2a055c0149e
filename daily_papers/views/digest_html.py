"""A digest as HTML: a whole mail, and the part of it that messengers take.

Mail clients drop style sheets and scripts, and each turns light colours into dark ones by rules of
its own (https://www.caniemail.com/). So all styles are inline, and there are no colours, no images
and nothing to fetch: what is shown is the client's own text on its own background.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from daily_papers.papers import Paper
from daily_papers.views.digest import BEST_MATCHES, Digest, Entry, Group, Places
from daily_papers.views.digest_text import counted, item, words

__all__ = ["document", "fragment"]


def document(digest: Digest, places: Places) -> str:
    """Returns a self-contained mail, which names the revised papers as well."""
    body = "\n".join(_blocks(digest, places, is_mail=True))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(digest.title)}</title>\n</head>\n"
        '<body style="margin:0;padding:12px">\n'
        '<div style="max-width:40em;margin:0 auto;font:16px/1.45 sans-serif;'
        'word-break:break-word">\n'
        f"{body}\n</div>\n</body>\n</html>\n"
    )


def fragment(digest: Digest, places: Places) -> str:
    """Returns a digest in the few elements that messengers take, such as Telegram and Matrix."""
    return "\n".join(_blocks(digest, places, is_mail=False))


def _blocks(digest: Digest, places: Places, *, is_mail: bool) -> Iterator[str]:
    yield f"<p>{escape(digest.intro)}</p>"
    if places.named and not is_mail:
        links = " · ".join(_link(name, url) for name, url in places.named.items())
        yield f"<p>{links}</p>"
    for group in digest.groups:
        yield f"<h2{_styled('font-size:19px;margin:24px 0 8px', is_mail)}>{_heading(group)}</h2>"
        if group.entries:
            entries = "\n".join(_entry(entry, is_mail=is_mail) for entry in group.entries)
            yield f"<ul{_styled('margin:0;padding:0 0 0 18px', is_mail)}>\n{entries}\n</ul>"
        for told in counted(group):
            yield f"<p>{told}</p>"
        if is_mail and group.revised:
            revised = "".join(f"<li>{_revised(paper)}</li>" for paper in group.revised)
            yield f'<ul style="margin:0;padding:0 0 0 18px">{revised}</ul>'
    if digest.more:
        yield f"<p>and {digest.more} more</p>"
    if is_mail:  # In full: the plain part of a mail, which programs make of this, has no links.
        for name, url in places.named.items():
            yield f"<p>{name}: {_link(url, url)}</p>"


def _heading(group: Group) -> str:
    return escape(words(group.heading or BEST_MATCHES))


def _entry(entry: Entry, *, is_mail: bool) -> str:
    one = item(entry)
    lines = [f"<strong>{_link(one.title, one.url)}</strong>", *map(escape, one.lines)]
    if one.note:
        lines.append(f"<em>{escape(one.note)}</em>")
    return f"<li{_styled('margin:0 0 14px', is_mail)}>{'<br>'.join(lines)}</li>"


def _revised(paper: Paper) -> str:
    return f"{_link(words(paper.title) or paper.arxiv_id, paper.abs_url)} v{paper.version}"


def _link(text: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(text)}</a>'


def _styled(style: str, is_mail: bool) -> str:  # noqa: FBT001 - read as a part of a sentence
    return f' style="{style}"' if is_mail else ""
