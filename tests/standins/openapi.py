"""Checks a stand-in's requests and responses against GitHub's own OpenAPI description.

The description is not part of this project: the environment variable
`DAILY_PAPERS_GITHUB_OPENAPI` names a copy of it (version 3.0.3, JSON). Without the variable
nothing is checked.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

if TYPE_CHECKING:
    from tests.standins.server import Request, Response

__all__ = ["Description", "OpenApiViolationError"]

_VARIABLE = "DAILY_PAPERS_GITHUB_OPENAPI"
_ROOT = "urn:github"
_UNDOCUMENTED = frozenset({301, 307, 400, 401, 403, 404, 422, 429, 500, 502, 503})
"""Statuses that GitHub gives anywhere, whether or not the operation lists them."""


class OpenApiViolationError(Exception):
    """A request or a response is not as GitHub describes it."""


class Description:
    """One OpenAPI document, with a validator for each of its schemas once it has been used."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes the parsed document."""
        document = _mended(document)
        self._document = document
        self._registry: Registry[Any] = Registry().with_resource(
            _ROOT, DRAFT4.create_resource(document)
        )
        # Fixed words are tried before parameters, long templates before short ones.
        templates = sorted(document["paths"], key=lambda path: (path.count("{"), -len(path)))
        self._paths = [(self._pattern(template), template) for template in templates]
        self._validators: dict[str, OAS30Validator] = {}

    @staticmethod
    def from_environment() -> Description | None:
        """The description that the environment names, if it names one."""
        path = os.environ.get(_VARIABLE)
        return _load(path) if path else None

    def problems(self, path: str, request: Request, response: Response) -> list[str]:
        """What is wrong with an exchange on `path`, which is the request's without any prefix.

        A request that is not as described is fine where the response refuses it.
        """
        template, values = self._find(path)
        pointer = ["paths", template, request.method.lower()]
        operation = self._at(pointer) if template else None
        where = f"{request.method} {path} -> {response.status}"
        if operation is None:
            return [f"{where}: the description has no such operation"]
        problems = self._response_problems(pointer, operation, response)
        if response.status < 300:
            problems += self._parameter_problems(operation, request, values)
            problems += self._body_problems(pointer, operation, request)
        return [f"{where}: {problem}" for problem in problems]

    def _pattern(self, template: str) -> re.Pattern[str]:
        """A path template as a regular expression.

        GitHub marks the parameters that may span several segments with `x-multi-segment`.
        """
        operations = self._document["paths"][template].values()
        parameters = [
            self._resolve(given, [])[0] for one in operations for given in one["parameters"]
        ]
        wide = {parameter["name"] for parameter in parameters if parameter.get("x-multi-segment")}
        pattern = ""
        for number, part in enumerate(re.split(r"\{(\w+)\}", template)):
            is_name = number % 2
            piece = (
                f"(?P<{part}>{'.*' if part in wide else '[^/]+'})" if is_name else re.escape(part)
            )
            pattern += piece
        return re.compile(pattern)

    def _find(self, path: str) -> tuple[str, dict[str, str]]:
        for pattern, template in self._paths:
            match = pattern.fullmatch(path)
            if match:
                return template, {name: unquote(text) for name, text in match.groupdict().items()}
        return "", {}

    def _at(self, pointer: list[str]) -> Any:
        """The value at `pointer`, or `None`."""
        value: Any = self._document
        for name in pointer:
            value = value.get(name)
            if value is None:
                return None
        return value

    def _resolve(self, value: Any, pointer: list[str]) -> tuple[Any, list[str]]:
        """Follows a `$ref`; returns the value and the pointer to it."""
        if "$ref" in value:
            pointer = value["$ref"].removeprefix("#/").split("/")
            value = self._at(pointer)
        return value, pointer

    def _schema_problems(self, pointer: list[str], value: Any, subject: str) -> list[str]:
        reference = (
            _ROOT + "#/" + "/".join(name.replace("~", "~0").replace("/", "~1") for name in pointer)
        )
        if reference not in self._validators:
            self._validators[reference] = OAS30Validator(
                {"$ref": reference}, registry=self._registry, format_checker=oas30_format_checker
            )
        errors = self._validators[reference].iter_errors(value)
        return [_told(error, subject) for error in errors]

    def _parameter_problems(
        self, operation: dict[str, Any], request: Request, path_values: dict[str, str]
    ) -> list[str]:
        problems = []
        known = set()
        for given in operation["parameters"]:
            parameter, _ = self._resolve(given, [])
            name = parameter["name"]
            values = path_values if parameter["in"] == "path" else request.query
            if parameter["in"] == "query":
                known.add(name)
            if name in values:
                validator = OAS30Validator(parameter["schema"])
                value = _typed(values[name], parameter["schema"])
                problems += [f"{name}: {error.message}" for error in validator.iter_errors(value)]
            elif parameter.get("required"):
                problems.append(f"{name}: missing")
        unknown = sorted(set(request.query) - known)
        return problems + [f"{name}: the description has no such parameter" for name in unknown]

    def _body_problems(
        self, pointer: list[str], operation: dict[str, Any], request: Request
    ) -> list[str]:
        described = operation.get("requestBody")
        if described is None:
            return ["a body where none is described"] if request.body.strip() else []
        if not request.body:
            return ["a body is required"] if described.get("required") else []
        schema = [*pointer, "requestBody", "content", "application/json", "schema"]
        return self._schema_problems(schema, json.loads(request.body), "request")

    def _response_problems(
        self, pointer: list[str], operation: dict[str, Any], response: Response
    ) -> list[str]:
        described = operation["responses"].get(str(response.status))
        media_type = response.headers.get("Content-Type", "").partition(";")[0]
        if described is None:
            if response.status not in _UNDOCUMENTED:
                return ["the description has no such status"]
            schema = ["components", "schemas", "basic-error"]
            return self._schema_problems(schema, json.loads(response.body), "response")
        described, at = self._resolve(described, [*pointer, "responses", str(response.status)])
        content = described.get("content")
        if response.status == 204:
            return ["a body where none is described"] if response.body else []
        if content is None or media_type != "application/json":
            return []
        schema = [*at, "content", media_type, "schema"]
        return self._schema_problems(schema, json.loads(response.body), "response")


@cache
def _load(path: str) -> Description:
    return Description(json.loads(Path(path).read_bytes()))


def _mended(value: Any) -> Any:
    """A copy of (a part of) the description that says what GitHub means by it.

    - `nullable` means that null will do; OpenAPI 3.0.3 gives it a meaning only beside `type`, and
      not beside `enum`.
    - `oneOf` means that one will do at least: the alternatives overlap, as errors do with errors.
    - `discriminator` names a property that one of the alternatives, a list, cannot have.
    """
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {name: _mended(item) for name, item in value.items() if name != "discriminator"}
    if isinstance(copy.get("oneOf"), list):
        copy["anyOf"] = copy.pop("oneOf")
    if copy.get("nullable") is True:
        return {"anyOf": [{"enum": [None], "nullable": True}, copy]}
    return copy


def _told(error: Any, subject: str) -> str:
    """What is wrong and where; of several alternatives, the one that comes nearest is told."""
    while error.context:
        error = max(reversed(error.context), key=lambda inner: len(inner.absolute_path))
    return f"{subject}{error.json_path[1:]}: {error.message[:300]}"


def _typed(text: str, schema: dict[str, Any]) -> object:
    """A parameter's text as the schema's type; what does not convert is left to the schema."""
    if schema.get("type") == "integer" and text.lstrip("-").isdigit():
        return int(text)
    return text
