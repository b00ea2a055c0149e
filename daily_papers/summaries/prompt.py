"""What is sent to the model: the prompt, which is in the file `prompt.txt`, and one paper."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from daily_papers.papers import Paper
from daily_papers.summaries.language import is_english

__all__ = ["messages", "schema"]


def messages(paper: Paper, language: str) -> list[dict[str, str]]:
    """Returns the messages that ask for a sentence about a paper."""
    told = {
        "title": paper.title,
        "categories": paper.categories,
        "abstract": paper.summary,
    }
    return [
        {"role": "system", "content": _prompt(language)},
        {"role": "user", "content": json.dumps(told, ensure_ascii=False)},
    ]


@cache
def _prompt(language: str) -> str:
    """Returns the prompt without the comments of its file."""
    text = files(__package__).joinpath("prompt.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    if is_english(language):
        lines = [line for line in lines if not line.startswith("+")]
    # Not `str.format`, because the prompt has braces of JSON.
    return "\n".join(line.removeprefix("+ ") for line in lines).replace("{language}", language)


def schema(language: str) -> dict[str, Any]:
    """Returns the JSON schema of an answer."""
    names = ["sentence"] if is_english(language) else ["sentence", "title"]
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": names,
        "additionalProperties": False,
    }
