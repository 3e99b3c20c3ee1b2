"""JSON Schemas of everything that goes over the wire, from the models themselves.

Requests are described as what is accepted (validation mode), replies as what is sent
(serialization mode).
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from chalicelib.api.cases.partner_bodies import Correction
from chalicelib.api.endpoint import Operation
from chalicelib.api.problems import Problem
from chalicelib.domain.cases.facts import Filing
from chalicelib.domain.dates import timestamp
from chalicelib.domain.taxonomy import SUB_CODES

Schema = dict[str, Any]

_LISTING = re.compile(r"(?:.*\.)?Listing(?::\d+)?\[(.+?)(?::\d+)?\]")
_REF = "#/components/schemas/{model}"
_UNIQUE = {"uniqueItems": True}
_KEPT_BY_VALIDATORS: Mapping[str, Schema] = {
    "categories": _UNIQUE,
    "ilo_indicators": _UNIQUE,
    "sub_codes": {**_UNIQUE, "items": {"type": "string", "enum": sorted(SUB_CODES)}},
}
"""Rules of a filing's fields that its types do not show."""


class Schemas:
    """The schemas of some operations: by model for bodies, as parameters for queries."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        operations = list(operations)
        self._refs, defs = models_json_schema(
            [*_requests(operations), *_replies(operations), (Problem, "validation")],
            ref_template=_REF,
            schema_generator=_Generator,
        )
        components: dict[str, Schema] = defs["$defs"]
        for operation in operations:
            if operation.body is not None and issubclass(operation.body, Filing | Correction):
                _add_rules(components[self._name(operation.body)])
        self._queries = {o.query: components[self._name(o.query)] for o in operations if o.query}
        only_queries = {self._name(query) for query in self._queries} - _referenced(components)
        self.components = {n: components[n] for n in sorted(components) if n not in only_queries}

    def request(self, model: type[BaseModel]) -> Schema:
        """A reference to what is accepted."""
        return self._refs[model, "validation"]

    def reply(self, model: type[BaseModel]) -> Schema:
        """A reference to what is sent. Problem documents leave out what they have not."""
        return self._refs[model, "validation" if model is Problem else "serialization"]

    def query(self, model: type[BaseModel]) -> list[tuple[str, bool, Schema]]:
        """Name, whether it is required, and schema of each parameter of a query string."""
        schema = self._queries[model]
        required = schema.get("required", [])
        return [
            (name, name in required, _as_parameter(of_field))
            for name, of_field in schema["properties"].items()
        ]

    def _name(self, model: type[BaseModel]) -> str:
        return str(self._refs[model, "validation"]["$ref"]).rsplit("/", 1)[1]


class _Generator(GenerateJsonSchema):
    """pydantic's own, without a title for each field, and with a format for points in time."""

    def normalize_name(self, name: str) -> str:
        """`Listing[AlertRow]` is called `AlertRowListing`."""
        listed = _LISTING.fullmatch(name)
        return super().normalize_name(f"{listed[1]}Listing" if listed else name)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def ser_schema(self, schema: Any) -> Schema | None:
        if schema.get("function") is timestamp:
            return {"type": "string", "format": "date-time"}
        return super().ser_schema(schema)


def _requests(
    operations: Iterable[Operation],
) -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    models = {m: None for o in operations for m in (o.body, o.query) if m is not None}
    return [(model, "validation") for model in models]


def _replies(
    operations: Iterable[Operation],
) -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    models = {m: None for o in operations for m in o.replies.values() if not isinstance(m, str)}
    return [(model, "serialization") for model in models]


def _referenced(components: Mapping[str, Schema]) -> set[str]:
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(components)))


def _add_rules(schema: Schema) -> None:
    for name, rules in _KEPT_BY_VALIDATORS.items():
        if name in schema["properties"]:
            _array_in(schema["properties"][name]).update(rules)


def _array_in(schema: Schema) -> Schema:
    """The array itself where the field may also be null."""
    branches: list[Schema] = schema.get("anyOf", [schema])
    return next(branch for branch in branches if branch.get("type") == "array")


def _as_parameter(schema: Schema) -> Schema:
    """A query string has no null: a parameter is there or it is not."""
    branches = [branch for branch in schema.get("anyOf", []) if branch != {"type": "null"}]
    rest = {k: v for k, v in schema.items() if k != "anyOf"}
    if len(branches) == 1:
        rest |= branches[0]
    return {k: v for k, v in rest.items() if not (k == "default" and v is None)}
