"""Events as Lambda gets them from API Gateway. Only the standard library: cold starts use it."""

import json
from collections.abc import Mapping
from typing import Any

Event = dict[str, Any]

PARTNER = {"key_id": "k1", "role": "partner_supervisor", "organisation": "handshake-gz"}
OPERATOR = {"key_id": "k2", "role": "operator", "organisation": "operations"}
AUDITOR = {"key_id": "k3", "role": "auditor", "organisation": "audit-house"}


def brand_desk(brand_id: str) -> dict[str, str]:
    """The principal of a brand's desk."""
    return {"key_id": "k4", "role": "brand", "organisation": brand_id}


def filing(**changes: Any) -> dict[str, Any]:
    """A grievance of ordinary size: the fields a partner fills in, a page of narrative."""
    return {
        "channel": "phone",
        "filed_by": "group",
        "workers_affected": 34,
        "factory_reported": {
            "name": "Yi Chang Tai (Shenzhen) Garment Factory",
            "address": "48 Kangzheng Road, Danzhutou, Nanwan, Longgang",
            "city": "Shenzhen",
            "country": "CN",
        },
        "incident_from": "2026-09",
        "incident_to": "ongoing",
        "categories": ["compensation"],
        "sub_codes": ["compensation.unpaid_wages"],
        "ilo_indicators": ["withholding_of_wages"],
        "narrative": NARRATIVE,
        "summary": "Two months of wages outstanding for a group of workers.",
        "requested_remedy": "Payment of the outstanding wages.",
        "language": "zh-CN",
        "consent": {
            "level": "C3",
            "cross_border": True,
            "contact_back": True,
            "script_version": "helpline-zh-3",
        },
        **changes,
    }


NARRATIVE = (
    "Wages for September and October were not paid. The line leader said that the customer had "
    "paid late and that everybody would get the money with the next wages, but those did not come "
    "either. Thirty-four workers of the sewing floor asked for a meeting with the manager; it was "
    "put off twice. Two workers who asked again were moved to the night shift. "
) * 2
"""About 750 bytes: what an officer writes down of a call."""


def http_event(
    method: str,
    path: str,
    *,
    by: Mapping[str, str] | None = None,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    resource: str | None = None,
    parameters: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> Event:
    """A REST API proxy event (payload 1.0). `by` is what the authorizer answered.

    `resource` is the route with its braces (by default the path), `parameters` what stands for
    them. A str or None body goes as it is, all else as JSON.
    """
    sent = body if isinstance(body, str | None) else json.dumps(body, ensure_ascii=False)
    all_headers = {"Content-Type": "application/json", "Host": "api", **(headers or {})}
    return {
        "resource": resource or path,
        "path": path,
        "httpMethod": method,
        "headers": all_headers,
        "multiValueHeaders": {name: [value] for name, value in all_headers.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {k: [v] for k, v in query.items()} if query else None,
        "pathParameters": dict(parameters) if parameters else None,
        "stageVariables": None,
        "requestContext": _context(method, resource or path, by),
        "body": sent,
        "isBase64Encoded": False,
    }


def _context(method: str, resource: str, by: Mapping[str, str] | None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "bench",
        "stage": "api",
        "path": f"/api{resource}",
        "httpMethod": method,
        "resourcePath": resource,
        "requestId": "bench",
        "identity": {"sourceIp": "127.0.0.1", "userAgent": "bench"},
        "requestTimeEpoch": 1_795_334_400_000,
    }
    return {**context, "authorizer": dict(by)} if by else context


def token_event(token: str) -> Event:
    """What a token authorizer gets."""
    return {
        "type": "TOKEN",
        "authorizationToken": token,
        "methodArn": "arn:aws:execute-api:us-east-1:123456789012:bench/api/GET/v1/grievances",
    }


def tick_event() -> Event:
    """What the schedule sends."""
    return {
        "version": "0",
        "id": "bench",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-22T08:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {},
    }


class Context:
    """As much of Lambda's context as the contenders read."""

    function_name = "bench"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"
    memory_limit_in_mb = 1024
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Always a minute."""
        return 60_000
