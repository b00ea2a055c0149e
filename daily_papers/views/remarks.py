"""What several views say of a paper or a topic, so that all say the same."""

from __future__ import annotations

import re
from typing import Final

from daily_papers.memory.snapshot import Section
from daily_papers.views import tex

__all__ = ["code_link", "state"]

_CODE: Final = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.com|huggingface\.co)/[\w.-]+/[\w.-]", re.IGNORECASE
)
_CODE_HOSTS: Final = ("github.com", "gitlab.com", "huggingface.co")


def code_link(*texts: str) -> str | None:
    """Returns the first address of a repository or model in the texts."""
    for text in texts:
        if any(host in text for host in _CODE_HOSTS):
            for segment in tex.read(text):
                if isinstance(segment, tex.Link) and _CODE.match(segment.url):
                    return segment.url
    return None


def state(section: Section) -> str:
    """Returns one line on the state of a topic's papers; usually nothing."""
    if section.failure:
        since = section.failure.since.isoformat()
        if section.failure.checked is None:
            return f"arXiv has given no usable answer yet, since {since}."
        line = f"arXiv has given no usable answer since {since}; as of {section.failure.checked}"
        if section.failure.listed:
            line += f", and with what arXiv announced on {section.failure.listed}"
        return f"{line}."
    return "" if section.papers else "No papers match this query."
