"""DynamoDB's answers taken from moto at once, not by way of HTTP: a third of the time of a call.

What botocore has serialized is handed to moto as it is, and moto's result is what its answer would
be parsed to. Nothing is signed, routed, written as JSON or read again. A call goes the whole way
whenever that shows: somebody looks at what is sent, or moto refuses (which changes nothing, so it
may be asked twice). `tests/test_direct_dynamodb.py` holds both ways against each other.
"""

import base64
import json
from functools import cache
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint
from moto.core.models import DEFAULT_ACCOUNT_ID, botocore_stubber
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.responses import DynamoHandler

from chalicelib.store import clients

OPERATIONS = frozenset(
    {
        *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
        *("BatchGetItem", "BatchWriteItem", "TransactWriteItems"),
    }
)

Answered = tuple[AWSResponse, dict[str, Any]]


def be_direct() -> None:
    """For the whole process."""
    Endpoint.make_request = _make_request  # type: ignore[method-assign,assignment]


_by_http = Endpoint.make_request


def _make_request(endpoint: Endpoint, operation: Any, request: dict[str, Any]) -> Answered:
    answered = _at_once(endpoint, operation, request)
    return answered or _by_http(endpoint, operation, request)


def _at_once(endpoint: Any, operation: Any, request: dict[str, Any]) -> Answered | None:
    if operation.service_model.service_name != "dynamodb" or operation.name not in OPERATIONS:
        return None
    if not botocore_stubber.enabled or not _only_moto_listens(endpoint, operation.name):
        return None
    handler = DynamoHandler()
    handler.current_account = DEFAULT_ACCOUNT_ID
    handler.region = request["context"]["client_region"]
    handler.body = handler.params = _body(request["body"])
    try:
        result = getattr(handler, camelcase_to_underscores(operation.name))().result
    except Exception:  # noqa: BLE001 - whatever it is, it comes again by HTTP
        return None
    members = operation.output_shape.members
    parsed = {name: result[name] for name in members if result.get(name) is not None}
    parsed["ResponseMetadata"] = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    return _ok(), parsed


def _only_moto_listens(endpoint: Any, operation: str) -> bool:
    """Whether nobody else looks at what is sent to DynamoDB, or takes moto's place."""
    events = endpoint._event_emitter._emitter
    event = f"before-send.dynamodb.{operation}"
    listeners = events._lookup_cache.get(event)
    if listeners is None:
        listeners = events._lookup_cache[event] = events._handlers.prefix_search(event)
    return all(map(_is_of_the_house, listeners))


def _is_of_the_house(listener: Any) -> bool:
    """moto, or the clients' own look at the time: here nothing takes any."""
    return listener is botocore_stubber or getattr(listener, "__module__", "") == clients.__name__


def _body(text: bytes) -> dict[str, Any]:
    binary = b'"B"' in text or b'"BS"' in text
    body: dict[str, Any] = json.loads(text, object_hook=_bytes_again if binary else None)
    return body


def _bytes_again(value: dict[str, Any]) -> dict[str, Any]:
    match value:
        case {"B": str(text), **rest} if not rest:
            return {"B": base64.b64decode(text)}
        case {"BS": [*texts], **rest} if not rest:
            return {"BS": [base64.b64decode(text) for text in texts]}
    return value


@cache
def _ok() -> AWSResponse:
    return AWSResponse("https://dynamodb.test", 200, HTTPHeaders(), None)
