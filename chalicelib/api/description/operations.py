"""One route as an OpenAPI operation: what it takes, and every answer it can give."""

import inspect
from typing import Any

from pydantic import BaseModel

from chalicelib.api.description import story as tale
from chalicelib.api.description.examples import (
    header_example,
    path_example,
    query_examples,
    reply_example,
)
from chalicelib.api.description.limit_headers import LIMIT_HEADERS
from chalicelib.api.description.problems import responses_of
from chalicelib.api.description.schemas import Schemas
from chalicelib.api.endpoint import FORM, JSON, PATH_PATTERNS, Header, Operation
from chalicelib.api.listing import Listing

_PATH_TEXTS = {
    "grievance_id": "From the receipt.",
    "attachment_id": "From the answer to the request for it.",
    "alert_id": "From the alert.",
    "factory_id": "From the registry.",
    "brand_id": "The slug chosen when the brand was created.",
    "quarter": "A calendar quarter in UTC, such as `2026-Q2`.",
    "os_id": "Of Open Supply Hub, in capitals without blanks and dashes.",
    "export_id": "From the `Location` of the request for it.",
    "redelivery_id": "From the `Location` of the request for it.",
    "reconciliation_id": "From the `Location` of the request for it.",
    "import_id": "From the `Location` of the upload.",
    "grievance_import_id": "From the `Location` of the upload.",
    "asset": "A file of the page.",
    "subscription_id": "From the answer to its post, or from the list.",
    "remediation_plan_id": "From the answer to its submission, or the list.",
    "question_id": "Of a question, as the list names it.",
    "extension_id": "Of a request for more time, as the list names it.",
    "action_number": "Of an action in the plan, counted from 1.",
    "plan_id": "Day and rule, as the list names it.",
    "tree_size": "From the list of heads.",
    "judgement_id": "Of a judgement, as the list names it.",
    "organisation_id": "The slug chosen when the organisation was added.",
    "user_id": "Of a user, as the list names it.",
    "key_id": "Of a key, as the list names it.",
    "engagement_id": "Of an engagement, as the list names it.",
    "key_proposal_id": "Of a proposed key, as the list names it.",
    "answer_id": "Of a standard answer, as the list names it.",
    "draft_id": "From the answer to its post, or from the list.",
    "answer_version": "As the list of versions numbers it.",
    "proposal_id": "From the grievance's `proposal`.",
    "line_id": "Of a line, as the list names it.",
    "poster_code": "As the list has it, without a hyphen.",
}

_REPLY_HEADERS = {
    "ETag": {"description": "The version, for `If-Match`.", "example": '"1"'},
    "Location": {"description": "Where to read it."},
    "Idempotent-Replayed": {"description": "It was answered before.", "example": "true"},
}
_ONLY_WITH_200 = frozenset({"Idempotent-Replayed"})
_LINK = {
    "description": 'The next page, `<…>; rel="next"` (RFC 8288); missing on the last one.',
    "schema": {"type": "string"},
}
_REASONS = {200: "Done", 201: "Created", 202: "Accepted, and done in the background", 204: "Done"}
_FORM_BODY = {"type": "object", "additionalProperties": {"type": "string"}}
_FILE_BODY = {"type": "string", "format": "binary", "description": "The file itself."}


def described(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    """The route as an OpenAPI operation object."""
    parameters = _parameters(operation, schemas)
    return {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary_of(operation),
        "description": _description_of(operation),
        "x-roles": [role.value for role in operation.roles],
        "security": [{"key": []}] if operation.roles else [],
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _request_body(operation, schemas)} if operation.reads_body else {}),
        "responses": {**_successes(operation, schemas), **responses_of(operation)},
    }


def summary_of(operation: Operation) -> str:
    """The first sentence of the route's docstring, without its point."""
    return _paragraphs(operation)[0].partition(". ")[0].rstrip(".")


def _description_of(operation: Operation) -> str:
    """All else there is to say, and who may call it."""
    first, *others = _paragraphs(operation)
    roles = ", ".join(f"`{role}`" for role in operation.roles)
    who = f"Roles: {roles}." if roles else "Needs no key."
    return "\n\n".join(part for part in (first.partition(". ")[2], *others, who) if part)


def _paragraphs(operation: Operation) -> list[str]:
    return [" ".join(part.split()) for part in inspect.cleandoc(operation.doc).split("\n\n")]


def _parameters(operation: Operation, schemas: Schemas) -> list[dict[str, Any]]:
    in_path = [_path_parameter(name) for name in operation.path_parameters]
    in_query: list[dict[str, Any]] = []
    if operation.query is not None:
        examples = query_examples(operation.query)
        in_query = [
            _query_parameter(name, required, schema, examples.get(name))
            for name, required, schema in schemas.query(operation.query)
        ]
    return [
        *in_path,
        *in_query,
        *(_header_parameter(header, operation) for header in operation.headers),
    ]


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


def _header_parameter(header: Header, operation: Operation) -> dict[str, Any]:
    pattern = {"pattern": header.pattern} if header.pattern else {}
    example = header_example(header.name, operation)
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
    elif FORM in operation.body_types:
        content = {FORM: {"schema": _FORM_BODY, "example": dict(operation.example or {})}}
    elif operation.example is not None:
        kind = operation.body_types[0]
        content = {kind: {"schema": {"type": "object"}, "example": dict(operation.example)}}
    else:
        content = {kind: {"schema": _FILE_BODY} for kind in operation.body_types}
        shown = "text/csv" if "text/csv" in content else operation.body_types[0]
        content[shown] = {"schema": _FILE_BODY, "example": tale.FILES[operation.name]}
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
    doc = Listing.__doc__ if issubclass(model, Listing) else model.__doc__
    what = inspect.cleandoc(doc or "").split("\n\n")[0]
    return f"{_REASONS[status]}. {' '.join(what.split())}"


def _success_headers(
    operation: Operation, status: int, model: type[BaseModel] | str
) -> dict[str, Any]:
    headers: dict[str, Any] = {
        name: {**_REPLY_HEADERS[name], "required": True, "schema": {"type": "string"}}
        for name in operation.reply_headers
        if status == 200 or name not in _ONLY_WITH_200
    }
    if not isinstance(model, str) and issubclass(model, Listing):
        headers["Link"] = _LINK
    if operation.roles:
        headers |= LIMIT_HEADERS
    return {"headers": headers} if headers else {}


def _success_content(model: type[BaseModel] | str, schemas: Schemas) -> dict[str, Any]:
    if not model:
        return {}
    if isinstance(model, str):
        return {"content": {name: {"schema": _form_of(name)} for name in model.split(", ")}}
    return {"content": {JSON: {"schema": schemas.reply(model), "example": reply_example(model)}}}


def _form_of(media_type: str) -> dict[str, str]:
    """JSON by any of its names (RFC 6839 §3.1) is read as an object, all else as text."""
    named_json = media_type == JSON or media_type.endswith("+json")
    return {"type": "object" if named_json else "string"}
