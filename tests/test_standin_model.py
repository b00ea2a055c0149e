"""The stand-in of a model is as strict as what it stands in for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.standins.model import ANSWERS, FAULTS, ModelStandIn

PAPER = {"title": "On Graphs", "categories": ["cs.LG"], "abstract": "We study graphs at length."}
BODY: dict[str, Any] = {
    "model": "stand-in-1",
    "messages": [
        {"role": "system", "content": "Summarise."},
        {"role": "user", "content": json.dumps(PAPER)},
    ],
    "stream": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"sentence": {"type": "string"}},
    "required": ["sentence"],
    "additionalProperties": False,
}


@pytest.fixture
def model() -> Iterator[ModelStandIn]:
    with ModelStandIn(key="sesame", refused=["max_tokens"]) as model:
        yield model


def ask(standin: ModelStandIn, /, key: str = "sesame", **changes: Any) -> requests.Response:
    return requests.post(
        f"{standin.url}/chat/completions",
        json=BODY | changes,
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
        allow_redirects=False,
    )


def strict(**changes: Any) -> dict[str, Any]:
    schema = {"name": "x", "strict": True, "schema": SCHEMA | changes}
    return {"type": "json_schema", "json_schema": schema}


def test_it_answers_in_the_form_of_a_chat_completion(model: ModelStandIn) -> None:
    document = ask(model, response_format=strict()).json()
    (choice,) = document["choices"]
    assert json.loads(choice["message"]["content"]) == {"sentence": PAPER["abstract"]}
    usage = document["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    assert model.asked == ["On Graphs"]


@pytest.mark.parametrize(
    "status,words,changes",
    [
        (401, "Incorrect API key", {"key": "guess"}),
        (404, "does not exist", {"model": "gpt-9"}),
        (400, "Unrecognized request argument", {"temprature": 0}),
        (400, "'max_tokens' is not supported", {"max_tokens": 5}),
        (400, "does not stream", {"stream": True}),
        (400, "one of the user", {"messages": []}),
        (400, "only strict", {"response_format": {"type": "json_object"}}),
        (400, "Invalid schema", {"response_format": strict(additionalProperties=True)}),
        (400, "Invalid schema", {"response_format": strict(required=[])}),
    ],
)
def test_it_refuses_what_the_real_one_refuses(
    model: ModelStandIn, status: int, words: str, changes: dict[str, Any]
) -> None:
    response = ask(model, **changes)
    assert response.status_code == status
    assert words in response.json()["error"]["message"]


@pytest.mark.parametrize("name", [*FAULTS, *ANSWERS])
def test_each_fault_is_played_once_and_differs_from_the_right_answer(
    model: ModelStandIn, name: str
) -> None:
    model.faults.append({**FAULTS, **ANSWERS}[name])

    def content() -> object:
        try:
            response = ask(model)
            return response.status_code, response.json()["choices"][0]["message"]["content"]
        except (requests.RequestException, ValueError, LookupError, TypeError, RecursionError):
            return None

    assert content() != content() == (200, json.dumps({"sentence": PAPER["abstract"]}))
