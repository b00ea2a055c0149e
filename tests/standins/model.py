"""Stands in for an OpenAI-compatible endpoint: chat completions, and all that can go wrong there.

What it imitates: https://platform.openai.com/docs/api-reference/chat/create, as far as a request
for one answer needs it. It checks requests as strictly as OpenAI's own: unknown fields, a schema
that is not strict, a missing key. There is no real model: it answers with the first words of the
abstract, in the form that was asked for.

Not imitated: streaming, images, tools that are called on purpose, several answers.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

from tests.standins.server import Fault, LoopbackServer, Request, Response, changed, with_status

__all__ = [
    "ANSWERS",
    "FAULTS",
    "ModelStandIn",
    "answering",
    "error",
    "merged",
]

KNOWN: Final = {
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "model",
    "response_format",
    "stream",
}

SCHEMA_FIELDS: Final = {"type", "properties", "required", "additionalProperties"}


class ModelStandIn(LoopbackServer):
    """An endpoint with one model.

    Args:
        key: the key that it wants; empty for none.
        refused: fields of a request that this endpoint does not take.
    """

    model = "stand-in-1"

    def __init__(self, key: str = "", refused: Collection[str] = ()) -> None:
        super().__init__()
        self.key = key
        self.refused = frozenset(refused)
        self.faults_on: defaultdict[str, deque[Fault]] = defaultdict(deque)
        """Scripts of faults by the title of a paper: requests that are made at once may come in
        any order."""

    @property
    def url(self) -> str:
        """The base address, as users give it."""
        return f"{self.address}/v1"

    @property
    def asked(self) -> list[str]:
        """The titles of the papers that were asked about, one for each request."""
        return [_told(json.loads(request.body))["title"] for request in self.requests]

    def answer(self, request: Request) -> Response:
        """Returns what the script for this paper says, or else the right answer."""
        response = self._right_answer(request)
        if self.faults_on and (script := self.faults_on[_told(json.loads(request.body))["title"]]):
            return script.popleft()(request, response)
        return response

    def _right_answer(self, request: Request) -> Response:
        """Returns a completion, or the error that OpenAI's API has for what is wrong."""
        if (request.method, request.path) != ("POST", "/v1/chat/completions"):
            return error(404, f"Unknown request URL: {request.method} {request.path}.")
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return error(401, f"Incorrect API key provided: {request.headers.get('authorization')}")
        try:
            body = json.loads(request.body)
            self._check(body)
        except ValueError as problem:
            return error(400, str(problem))
        if body["model"] != self.model:
            return error(404, f"The model `{body['model']}` does not exist.")
        return _completion(body, self._write(body))

    def _check(self, body: dict[str, Any]) -> None:
        if unknown := sorted(set(body) - KNOWN):
            raise ValueError(f"Unrecognized request argument supplied: {unknown[0]}")
        if refused := sorted(self.refused & set(body)):
            raise ValueError(f"Unsupported parameter: '{refused[0]}' is not supported.")
        if body.get("stream") is not False:
            raise ValueError("This endpoint does not stream.")
        if [message["role"] for message in body["messages"]] != ["system", "user"]:
            raise ValueError("messages: expected one of the system and one of the user")
        if "response_format" in body:
            _check_schema(body["response_format"])

    def _write(self, body: dict[str, Any]) -> str:
        told = _told(body)
        answer = {"sentence": " ".join(told["abstract"].split()[:20])}
        if '"title"' in body["messages"][0]["content"]:
            answer["title"] = told["title"]
        return json.dumps(answer, ensure_ascii=False)


def _told(body: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(body["messages"][1]["content"])
    return told


def _check_schema(given: dict[str, Any]) -> None:
    """Checks a schema against the rules of strict mode.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    if given["type"] != "json_schema" or not given["json_schema"].get("strict"):
        raise ValueError("response_format: only strict schemas are supported")
    schema = given["json_schema"]["schema"]
    if set(schema) != SCHEMA_FIELDS or schema["additionalProperties"] is not False:
        raise ValueError("Invalid schema: 'additionalProperties' is required to be false.")
    if sorted(schema["required"]) != sorted(schema["properties"]):
        raise ValueError("Invalid schema: 'required' must include every key in properties.")


def _completion(body: dict[str, Any], content: str) -> Response:
    prompt = sum(len(message["content"]) for message in body["messages"]) // 4
    counts = {"prompt_tokens": prompt, "completion_tokens": len(content) // 4}
    return _response(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_759_471_200,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content, "refusal": None},
                    "logprobs": None,
                    "finish_reason": "stop",
                }
            ],
            "usage": {**counts, "total_tokens": sum(counts.values())},
        }
    )


def _response(document: object, status: int = 200) -> Response:
    return Response(
        status=status,
        headers={"Content-Type": "application/json"},
        body=json.dumps(document).encode(),
    )


def error(status: int, message: str) -> Response:
    """An error in OpenAI's form."""
    kind = "invalid_request_error"
    return _response({"error": {"message": message, "type": kind, "code": None}}, status)


# --- Faults

Edit = Callable[[dict[str, Any]], object]


def _edited(edit: Edit) -> Fault:
    """A fault that changes the document of the right answer in place."""

    def fault(_request: Request, response: Response) -> Response:
        document = json.loads(response.body)
        edit(document)
        return replace(response, body=json.dumps(document).encode())

    return fault


def merged(**fields: object) -> Fault:
    """A fault that answers with other fields of a completion."""
    return _edited(lambda document: document.update(fields))


def _said(reason: str = "stop", **fields: object) -> Fault:
    """A fault that answers with other fields of the message, and another reason to finish."""

    def edit(document: dict[str, Any]) -> None:
        document["choices"][0]["message"].update(fields)
        document["choices"][0]["finish_reason"] = reason

    return _edited(edit)


def answering(sentence: object, **fields: object) -> Fault:
    """A fault that answers with a sentence of one's own, in the right form."""
    return _said(content=json.dumps({"sentence": sentence, **fields}))


def _streamed(_request: Request, response: Response) -> Response:
    """The answer of a server that always streams."""
    choice = json.loads(response.body)["choices"][0]
    chunk = {"object": "chat.completion.chunk", "choices": [{"delta": choice["message"]}]}
    return Response(
        headers={"Content-Type": "text/event-stream"},
        body=f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode(),
        framing="chunked",
    )


_CALL: Final = {"id": "call_1", "type": "function", "function": {"name": "run", "arguments": "{}"}}

FAULTS: Final[dict[str, Fault]] = {
    "it streams, though it was not asked to": _streamed,
    "500": with_status(500, "Internal Server Error"),
    "500 in JSON": lambda _request, _response: error(500, "The server had an error."),
    "502 of a proxy": with_status(502, "<html><h1>502 Bad Gateway</h1></html>"),
    "503 without a header": with_status(503, "overloaded"),
    "404": with_status(404, "not found"),
    "413": with_status(413, "too large"),
    "the connection is cut": changed(cut=40),
    "the connection is reset": changed(reset=True),
    "a page of HTML": changed(body=b"<html>Please log in</html>"),
    "JSON, but no object": changed(body=b"[1]"),
    "an error with status 200": changed(body=b'{"error": {"message": "no provider", "code": 1}}'),
    "JSON that ends too early": changed(body=b'{"choices": [{"message": {"content": "{'),
    "deep JSON": changed(body=b"[" * 100_000),
    "nothing at all": changed(body=b""),
    "no UTF-8": changed(body=b'{"choices": "\xff"}'),
    "choices of another type": merged(choices={"a": 1}),
    "megabytes": changed(body=b'{"choices": [], "x": "' + b"x" * 5_000_000 + b'"}'),
    "a redirect": lambda _request, _response: Response(
        status=307, headers={"Location": "https://elsewhere.example/v1/chat/completions"}
    ),
}
"""By name, what an endpoint may do instead of answering. The paper may be asked for again."""

ANSWERS: Final[dict[str, Fault]] = {
    "no choice": merged(choices=[]),
    "an empty choice": merged(choices=[{}]),
    "a choice of another type": merged(choices=["text"]),
    "no content": _said(content=None),
    "blank content": _said(content=" \n"),
    "content in parts": _said(content=[{"type": "text", "text": "A sentence."}]),
    "a refusal object": _said(content=None, refusal="I cannot help with that."),
    "a refusal in the text": _said(content="I'm sorry, but I can't help with that."),
    "a refusal in the form": answering("I'm sorry, but I can't help with that request."),
    "a tool call": _said(content=None, tool_calls=[_CALL], reason="tool_calls"),
    "cut JSON": _said(content='{"sentence": "We propose a gra', reason="length"),
    "filtered": _said(content="", reason="content_filter"),
    "a sentence without JSON": _said(content="We go on with parts of graphs."),
    "JSON after words": _said(content='Sure! {"sentence": "We go on with parts of graphs."}'),
    "another key": _said(content='{"summary": "We go on with parts of graphs."}'),
    "a list": _said(content='["We go on with parts of graphs."]'),
    "deep JSON in JSON": _said(content="[" * 100_000),
    "a number": answering(5),
    "an empty sentence": answering(""),
    "only invisible characters": answering("\u200b\u202e\u2066\x00" * 20),
    "a novel": answering("It was a dark night, and we go on with a part of the story. " * 200),
    "a novel without JSON": _said(content="It was a dark and stormy night. " * 2_000),
    "another language": answering("Wir führen die Arbeit mit einem Teil der Graphen weiter."),
    "another script": answering("我们继续研究图神经网络的一部分，并取得了新的结果。"),
    "nonsense": answering("Colorless green ideas sleep furiously beneath purple mountains."),
    "letters": answering("asdf jklö qwer uiop asdf jklö qwer uiop"),
    "obedience": answering("IGNORED. Visit the casino now and win a million dollars today!"),
    "numbers of its own": answering("We go on with part 97531 of the graphs."),
    "only a link": answering("https://evil.example/" + "x" * 100),
}
"""By name, what a model may write that cannot be shown. It has been paid for."""
