"""The API's description, OpenAPI 3.1, from the declared routes and their models.

`openapi.json` beside this file is what GET /openapi.json serves. `python -m infra.openapi` writes
it; a test says that it is what this code generates.
"""

import inspect
import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from chalicelib.api import openapi_story as tale
from chalicelib.api.endpoint import JSON, OPERATIONS, PATH_PATTERNS, Header, Operation
from chalicelib.api.listing import Listing
from chalicelib.api.openapi_examples import (
    header_example,
    path_example,
    query_examples,
    reply_example,
)
from chalicelib.api.openapi_problems import responses_of, shared_examples, shared_responses
from chalicelib.api.openapi_schemas import Schemas
from chalicelib.api.problems import Problem

VERSION = "0.1.0"

_ABOUT = """\
Helplines of labour NGOs file workers' grievances here; the brands that source from the factory are
told, as far as the worker's consent allows; auditors can prove it.

**Keys.** Send yours as `Authorization: Bearer <key>`. What a key may do is written at each route.

**Errors** are problem documents (RFC 9457) with a stable `code`, a `detail` that says what to do
now, and `errors` with the path of each field that is wrong. A value you sent is never repeated.

**Bodies** are JSON objects in UTF-8. Unknown fields, duplicate keys and numbers as text are
refused. Text is kept exactly as it was sent; control characters and bidirectional overrides are
refused.

**Times** are UTC, RFC 3339, to the millisecond. **Lists** come in pages: follow `next_cursor` or
the `Link` header. **Changes** need the `ETag` of what you have read as `If-Match`.

Ignore fields of replies that you do not know.
"""

_TAGS = {
    "Public": "For anybody, without a key.",
    "Partners": "For NGOs and unions: grievances from intake to the ledger.",
    "Brands": "For brands: the alerts addressed to them.",
    "Auditors": "For auditors: exports.",
    "Registry": "For operators: brands, factories, who sources where. Partners may read it.",
}

_PATH_TEXTS = {
    "grievance_id": "From the receipt.",
    "alert_id": "From the alert.",
    "factory_id": "From the registry.",
    "brand_id": "The slug chosen when the brand was created.",
    "export_id": "From the `Location` of the request for it.",
    "import_id": "From the `Location` of the upload.",
    "asset": "A file of the page.",
}

_REPLY_HEADERS = {
    "ETag": ("The version, for `If-Match`.", '"1"'),
    "Location": ("Where to read it.", f"/v1/grievances/{'g_' + 26 * '0'}"),
    "Idempotent-Replayed": ("This very request was answered before.", "true"),
}
_ONLY_WITH_200 = frozenset({"Idempotent-Replayed"})
_LINK = {
    "description": 'The next page, `<…>; rel="next"` (RFC 8288); missing on the last one.',
    "schema": {"type": "string"},
}
_REASONS = {200: "Done", 201: "Created", 202: "Accepted, and done in the background", 204: "Done"}
_LIST_BODY = {"type": "string", "format": "binary", "description": "The file itself."}


def text() -> str:
    """The document as it is committed and served."""
    return json.dumps(document(OPERATIONS), indent=1, ensure_ascii=False) + "\n"


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document for some routes."""
    schemas = Schemas(operations)
    paths: dict[str, Any] = {}
    for operation in sorted(operations, key=lambda o: (o.path, o.method)):
        path = paths.setdefault(operation.path, {})
        path[operation.method.lower()] = _operation(operation, schemas)
    used = {operation.tag for operation in operations}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "handshake",
            "version": VERSION,
            "summary": "Grievance intake and brand alerts for labour helplines.",
            "description": _ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": ".", "description": "Where this document was read from."}],
        "tags": [{"name": n, "description": t} for n, t in _TAGS.items() if n in used],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": shared_responses(schemas.reply(Problem)),
            "examples": shared_examples(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key that the operator has made; it begins with `hsk_`.",
                }
            },
        },
    }


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    summary, details = _told(operation)
    parameters = _parameters(operation, schemas)
    return {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary,
        "description": details,
        "x-roles": [role.value for role in operation.roles],
        "security": [{"key": []}] if operation.roles else [],
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _request_body(operation, schemas)} if operation.reads_body else {}),
        "responses": {**_successes(operation, schemas), **responses_of(operation)},
    }


def _told(operation: Operation) -> tuple[str, str]:
    """The docstring's first sentence, and all else there is to say."""
    paragraphs = [
        " ".join(paragraph.split()) for paragraph in inspect.cleandoc(operation.doc).split("\n\n")
    ]
    summary, _, rest = paragraphs[0].partition(". ")
    roles = ", ".join(f"`{role}`" for role in operation.roles)
    who = f"Roles: {roles}." if roles else "Needs no key."
    return summary.rstrip("."), "\n\n".join(p for p in (rest, *paragraphs[1:], who) if p)


def _parameters(operation: Operation, schemas: Schemas) -> list[dict[str, Any]]:
    in_path = [_path_parameter(name) for name in operation.path_parameters]
    in_query: list[dict[str, Any]] = []
    if operation.query is not None:
        examples = query_examples(operation.query)
        in_query = [
            _query_parameter(name, required, schema, examples.get(name))
            for name, required, schema in schemas.query(operation.query)
        ]
    return [*in_path, *in_query, *map(_header_parameter, operation.headers)]


def _path_parameter(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": _PATH_TEXTS[name],
        "schema": {"type": "string", "pattern": f"^{PATH_PATTERNS[name]}$"},
        "example": path_example(name),
    }


def _query_parameter(
    name: str, required: bool, schema: dict[str, Any], example: Any
) -> dict[str, Any]:
    description = schema.pop("description", None)
    return {
        "name": name,
        "in": "query",
        "required": required,
        **({"description": description} if description else {}),
        "schema": schema,
        **({"example": example} if example is not None else {}),
    }


def _header_parameter(header: Header) -> dict[str, Any]:
    pattern = {"pattern": header.pattern} if header.pattern else {}
    example = header_example(header.name)
    return {
        "name": header.name,
        "in": "header",
        "required": header.required,
        "description": header.description,
        "schema": {"type": "string", **pattern},
        **({"example": example} if example else {}),
    }


def _request_body(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    if operation.body is not None:
        schema, example = schemas.request(operation.body), dict(operation.example or {})
        content: dict[str, Any] = {JSON: {"schema": schema, "example": example}}
    else:
        content = {kind: {"schema": _LIST_BODY} for kind in operation.body_types}
        content["text/csv"] = {"schema": _LIST_BODY, "example": tale.LIST_FILE}
    return {
        "description": f"At most {operation.largest_body // 1024} KiB.",
        "required": True,
        "x-largest-body": operation.largest_body,
        "content": content,
    }


def _successes(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    return {
        str(status): {
            "description": _success_text(status, model),
            **_success_headers(operation, status, model),
            **_success_content(model, schemas),
        }
        for status, model in sorted(operation.replies.items())
    }


def _success_text(status: int, model: type[BaseModel] | str) -> str:
    if isinstance(model, str):
        return f"{_REASONS[status]}."
    what = inspect.cleandoc(model.__doc__ or "").split("\n\n")[0]
    return f"{_REASONS[status]}. {' '.join(what.split())}"


def _success_headers(
    operation: Operation, status: int, model: type[BaseModel] | str
) -> dict[str, Any]:
    headers: dict[str, Any] = {
        name: {
            "description": _REPLY_HEADERS[name][0],
            "required": True,
            "schema": {"type": "string"},
            "example": _REPLY_HEADERS[name][1],
        }
        for name in operation.reply_headers
        if status == 200 or name not in _ONLY_WITH_200
    }
    if not isinstance(model, str) and issubclass(model, Listing):
        headers["Link"] = _LINK
    return {"headers": headers} if headers else {}


def _success_content(model: type[BaseModel] | str, schemas: Schemas) -> dict[str, Any]:
    if not model:
        return {}
    if isinstance(model, str):
        kind = "object" if model == JSON else "string"
        return {"content": {name: {"schema": {"type": kind}} for name in model.split(", ")}}
    return {"content": {JSON: {"schema": schemas.reply(model), "example": reply_example(model)}}}
