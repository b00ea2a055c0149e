"""A digest as text and as plain Markdown, for messages to services and for later steps of a job.

Messengers read Markdown each in its own way, so that only what CommonMark has is used, and as
little of that as possible. Their mentions (`@everyone`, `<!channel>`, `<at user_id="all">`) all
begin with an at sign or an angle bracket: after each of them in a stranger's text there is a
zero-width space, which nobody sees and which makes it a mention of nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from daily_papers.views import tex
from daily_papers.views.characters import characters
from daily_papers.views.columns import AUTHORS_SHOWN
from daily_papers.views.digest import (
    BEST_MATCHES,
    COMMENT_WIDTH,
    Digest,
    Entry,
    Group,
    Places,
)
from daily_papers.views.key_sentence import key_sentence
from daily_papers.views.saying import Saying, saying
from daily_papers.views.tex import plain

__all__ = ["Item", "counted", "item", "markdown", "text", "words"]

_MENTION: Final = re.compile("[@<]")
_SPECIAL: Final = re.compile(r"[\\`*_~\[\]<>|]|&(?=#?\w{1,31};)")
_NUMBER: Final = re.compile(r"\d{1,9}(?=[.)])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a digest says of a paper, in words without any markup."""

    title: str
    url: str
    lines: tuple[str, ...]
    """One fact or several a line; none is empty."""
    note: str
    """Why the paper is where it is, and where else; empty for nothing."""


def item(entry: Entry) -> Item:
    """Returns what there is to say of a paper."""
    paper = entry.paper
    names = [*map(words, paper.authors[:AUTHORS_SHOWN])]
    if len(paper.authors) > AUTHORS_SHOWN:
        names.append("et al.")
    facts = (
        ", ".join(names),
        words(paper.primary_category),
        f"arXiv:{paper.arxiv_id}",
        _shortened(words(paper.comment or "")),
    )
    said = saying(paper, entry.summary, key_sentence(paper.title, paper.summary))
    lines = (" · ".join(filter(None, facts)), _sentence(said))
    notes = {"because": entry.because, "in": entry.topics}
    return Item(
        title=words(paper.title) or paper.arxiv_id,
        url=paper.abs_url,
        lines=tuple(filter(None, lines)),
        note=" · ".join(
            f"{name}: {', '.join(map(words, some))}" for name, some in notes.items() if some
        ),
    )


def counted(group: Group) -> Iterable[str]:
    """Yields what a digest says of the papers of a group that it does not list."""
    if group.more:
        yield f"and {group.more} more"
    if count := len(group.revised):
        yield f"{count} revised {'paper' if count == 1 else 'papers'}"


def text(digest: Digest, places: Places) -> str:
    """Returns a digest without any markup, with each address on a line of its own."""
    blocks = [digest.intro]
    for group in digest.groups:
        blocks.append(words(group.heading or BEST_MATCHES).upper())
        for entry in group.entries:
            one = item(entry)
            blocks.append("\n".join(filter(None, (one.title, one.url, *one.lines, one.note))))
        blocks += counted(group)
    if digest.more:
        blocks.append(f"and {digest.more} more")
    blocks += [f"{name}: {url}" for name, url in places.named.items()]
    return "\n\n".join(blocks)


def markdown(digest: Digest, places: Places) -> str:
    """Returns a digest as CommonMark, without HTML."""
    where = " · ".join(f"[{name}]({url})" for name, url in places.named.items())
    blocks = [_escaped(digest.intro), where]
    for group in digest.groups:
        blocks.append(f"## {_escaped(words(group.heading or BEST_MATCHES))}")
        blocks.append("\n".join(map(_list_item, group.entries)))
        blocks += counted(group)
    if digest.more:
        blocks.append(f"and {digest.more} more")
    return "\n\n".join(filter(None, blocks))


def _list_item(entry: Entry) -> str:
    one = item(entry)
    note = f"*{_escaped(one.note)}*" if one.note else ""
    title = f"- **[{_escaped(one.title)}]({one.url})**"
    # Two spaces break a line wherever Markdown is read, and are not seen where it is not.
    return "  \n  ".join(filter(None, (title, *map(_escaped, one.lines), note)))


def words(source: str) -> str:
    """Returns a stranger's text as people read it, on one line, without the power to mention."""
    if not tex.is_prose(source):
        source = "".join(
            plain.formula(segment.tex) if isinstance(segment, tex.Math) else segment.text
            for segment in tex.read(source)
        )
        source = " ".join(source.split())
    return _MENTION.sub("\\g<0>\u200b", source)


def _sentence(said: Saying) -> str:
    """Returns the sentence, with the model's name if it is a model's."""
    parts = [words(said.title or ""), words(said.text)]
    sentence = " · ".join(filter(None, parts))
    return f"{sentence} ({words(said.source)})" if said.source else sentence


def _shortened(words: str) -> str:
    found = characters(words)
    if len(found) <= COMMENT_WIDTH:
        return words
    return "".join(found[: COMMENT_WIDTH - 1]).rstrip() + "…"


def _escaped(words: str) -> str:
    """Returns words as Markdown that shows them, wherever on a line they are."""
    shown = _SPECIAL.sub("\\\\\\g<0>", words)
    if shown[:1] in {"-", "+", "#", "="}:
        return f"\\{shown}"
    number = _NUMBER.match(shown)
    return f"{number[0]}\\{shown[number.end() :]}" if number else shown
