"""The protocol of OpenAI's chat completions, as far as one sentence needs it.

https://platform.openai.com/docs/api-reference/chat/create; DeepSeek, Gemini, Mistral, vLLM, Ollama
and llama.cpp speak it, each with some fields that it takes and some that it refuses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from daily_papers.errors import excerpt
from daily_papers.papers import Paper
from daily_papers.summaries import prompt
from daily_papers.summaries.sentence import UnusableError
from daily_papers.transport import Response

__all__ = ["FORMS", "MAX_BYTES", "Completion", "RefusedError", "read_completion", "request_body"]

MAX_BYTES: Final = 256 * 1024
"""The longest answer that is read, in bytes."""

MAX_TOKENS: Final = 2_000
"""The most tokens of an answer: a sentence has about 60, the rest is for models that think."""

MAX_COUNT: Final = 10_000_000
"""The most tokens for one paper that are believed, if an endpoint claims to have counted them."""

FORMS: Final = (
    ("response_format", "max_tokens"),
    ("response_format", "max_completion_tokens"),
    ("max_tokens",),
    (),
)
"""The optional fields of a request. If an endpoint refuses one form, the next is tried.

OpenAI's models that think accept the second, DeepSeek accepts the third."""

_REFUSES_FORM: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_NOT_LET_IN: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class RefusedError(Exception):
    """There is no completion. The message is written to follow the name of the host.

    Args:
        message: what happened.
        is_busy: whether the endpoint asks to try again later.
        is_about_form: whether the endpoint may have refused a field of the request.
    """

    def __init__(self, message: str, *, is_busy: bool = False, is_about_form: bool = False) -> None:
        super().__init__(message)
        self.is_busy = is_busy
        self.is_about_form = is_about_form


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The answer of a model, and its cost."""

    tokens: int
    message: Mapping[str, Any]
    finish_reason: str

    @property
    def content(self) -> str:
        """The text of the answer.

        Raises:
            UnusableError: the text is missing or incomplete.
        """
        if self.message.get("refusal"):
            raise UnusableError("is a refusal")
        if self.finish_reason == "length":
            raise UnusableError(f"was cut after {MAX_TOKENS:,} tokens")
        content = self.message.get("content")
        if not isinstance(content, str) or not content.strip():
            raise UnusableError("has no text")
        return content


def request_body(paper: Paper, *, model: str, language: str, form: tuple[str, ...]) -> bytes:
    """Returns what is sent for a paper, which has nothing about the user or the repository.

    Args:
        paper: the paper to summarize.
        model: the model's name.
        language: the language of the sentence.
        form: one of `FORMS`.
    """
    fields: dict[str, Any] = {
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "summary",
                "strict": True,
                "schema": prompt.schema(language),
            },
        },
        "max_tokens": MAX_TOKENS,
        "max_completion_tokens": MAX_TOKENS,
    }
    body = {
        "model": model,
        "messages": prompt.messages(paper, language),
        "stream": False,
        **{name: fields[name] for name in form},
    }
    return json.dumps(body).encode()


def read_completion(response: Response) -> Completion:
    """Reads an answer, which is not trusted.

    Raises:
        RefusedError: the answer is not a completion.
    """
    status = response.status
    if status == HTTPStatus.OK:
        return _completion(response.body)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        where = excerpt(response.headers.get("Location", "another address"))
        raise RefusedError(f"redirects to {where}, which is not followed: the key is for one host")
    if status in _NOT_LET_IN:  # The body may quote the key, so it is not shown.
        raise RefusedError(f"answered with status {status}; check summaries-key")
    has_time = "Retry-After" in response.headers and status >= HTTPStatus.INTERNAL_SERVER_ERROR
    raise RefusedError(
        f"answered with status {status}{_reason(response.body)}",
        is_busy=status == HTTPStatus.TOO_MANY_REQUESTS or has_time,
        is_about_form=status in _REFUSES_FORM,
    )


def _completion(body: bytes) -> Completion:
    document = _json(body) if len(body) <= MAX_BYTES else None
    choices = document.get("choices") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(choices, list):
        raise RefusedError(f"sent no chat completion{_reason(body)}")
    choice = choices[0] if choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    return Completion(
        tokens=_tokens(document.get("usage")),
        message=message if isinstance(message, dict) else {},
        finish_reason=str(choice.get("finish_reason")),
    )


def _tokens(usage: Any) -> int:
    """Returns the number of tokens that an endpoint reports; 0 if missing or not plausible."""
    if not isinstance(usage, dict):
        return 0
    parts = [usage.get("prompt_tokens"), usage.get("completion_tokens")]
    total = usage.get("total_tokens", sum(part for part in parts if type(part) is int))
    return total if type(total) is int and 0 <= total <= MAX_COUNT else 0


def _reason(body: bytes) -> str:
    """Returns an endpoint's message about an error, after a colon; empty if there is none."""
    document = _json(body)
    said = document.get("error", document) if isinstance(document, dict) else None
    said = said.get("message") if isinstance(said, dict) else said
    text = said if isinstance(said, str) else body[:1_000].decode("utf-8", "replace")
    return f": {excerpt(text)}" if text.strip() else ""


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
