"""What the template says of API Gateway: answers of its own, limits, logs."""

import json
import re
from typing import Any

import pytest

from chalicelib import errors

Resources = dict[str, dict[str, Any]]

# "Gateway response types for API Gateway", Amazon API Gateway Developer Guide
RESPONSE_TYPES = {
    "ACCESS_DENIED": (401, "unauthenticated"),
    "API_CONFIGURATION_ERROR": (500, "internal_error"),
    "AUTHORIZER_CONFIGURATION_ERROR": (503, "unavailable"),
    "AUTHORIZER_FAILURE": (503, "unavailable"),
    "BAD_REQUEST_BODY": (400, "malformed_request"),
    "BAD_REQUEST_PARAMETERS": (400, "malformed_request"),
    "DEFAULT_4XX": (400, "malformed_request"),
    "DEFAULT_5XX": (500, "internal_error"),
    "EXPIRED_TOKEN": (403, "forbidden"),
    "INTEGRATION_FAILURE": (503, "unavailable"),
    "INTEGRATION_TIMEOUT": (504, "unavailable"),
    "INVALID_API_KEY": (403, "forbidden"),
    "INVALID_SIGNATURE": (403, "forbidden"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found"),
    "QUOTA_EXCEEDED": (429, "too_many_requests"),
    "REQUEST_TOO_LARGE": (413, "body_too_large"),
    "RESOURCE_NOT_FOUND": (404, "not_found"),
    "THROTTLED": (503, "unavailable"),
    "UNAUTHORIZED": (401, "unauthenticated"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "unsupported_media_type"),
    "WAF_FILTERED": (403, "forbidden"),
}


@pytest.fixture
def api(resources: Resources) -> dict[str, Any]:
    properties: dict[str, Any] = resources["RestAPI"]["Properties"]
    return properties


def titles() -> dict[str, str]:
    kinds: list[type[errors.HandshakeError]] = [
        errors.HandshakeError,
        *errors.HandshakeError.__subclasses__(),
    ]
    return {kind.code: kind.title for kind in kinds}


def problem(response: dict[str, Any]) -> dict[str, Any]:
    (body,) = response["ResponseTemplates"].values()
    document: dict[str, Any] = json.loads(body)
    return document


def test_api_gateway_has_an_answer_of_ours_for_everything_it_answers_itself(
    api: dict[str, Any],
) -> None:
    assert {
        name: (int(response["StatusCode"]), problem(response)["code"])
        for name, response in api["GatewayResponses"].items()
    } == RESPONSE_TYPES


def test_every_such_answer_is_a_problem_document_with_a_code_and_title_of_the_service(
    api: dict[str, Any],
) -> None:
    for response in api["GatewayResponses"].values():
        document = problem(response)
        assert list(document) == ["type", "title", "status", "detail", "code"]
        assert document["type"] == f"urn:problem-type:handshake:{document['code']}"
        assert document["title"] == titles()[document["code"]]
        assert document["status"] == int(response["StatusCode"])
        assert list(response["ResponseTemplates"]) == ["application/json"]
        headers = response["ResponseParameters"]["Headers"]
        assert headers["Content-Type"] == "'application/problem+json'"
        assert headers["Cache-Control"] == "'no-store'"


def test_an_answer_repeats_nothing_of_the_request(api: dict[str, Any]) -> None:
    assert "$context" not in json.dumps(api["GatewayResponses"])


def test_who_is_not_authenticated_is_told_how(api: dict[str, Any]) -> None:
    challenging = {
        name
        for name, response in api["GatewayResponses"].items()
        if response["ResponseParameters"]["Headers"].get("WWW-Authenticate") == "'Bearer'"
    }
    assert challenging == {n for n, (status, _) in RESPONSE_TYPES.items() if status == 401}


def test_who_is_too_fast_or_met_an_outage_is_told_how_long_to_wait(api: dict[str, Any]) -> None:
    waiting = {
        name
        for name, response in api["GatewayResponses"].items()
        if "Retry-After" in response["ResponseParameters"]["Headers"]
    }
    assert waiting == {n for n, (status, _) in RESPONSE_TYPES.items() if status in (429, 503)}


def test_the_api_is_regional_modern_tls_only_and_has_one_stage(api: dict[str, Any]) -> None:
    assert api["EndpointConfiguration"] == {"Type": "REGIONAL"}
    assert api["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_2021_06"
    assert api["EndpointAccessMode"] == "STRICT"
    assert api["OpenApiVersion"] == "2.0"  # or SAM adds a second stage


def test_every_method_is_throttled_and_counted_and_none_logged_in_full(
    api: dict[str, Any],
) -> None:
    assert api["MethodSettings"] == [
        {
            "ResourcePath": "/*",
            "HttpMethod": "*",
            "ThrottlingBurstLimit": 100,
            "ThrottlingRateLimit": 50,
            "MetricsEnabled": True,
            "LoggingLevel": "OFF",
            "DataTraceEnabled": False,
        }
    ]


def test_the_access_log_holds_nothing_that_tells_who_asked_for_what(api: dict[str, Any]) -> None:
    line = api["AccessLogSetting"]["Format"]
    assert "\n" not in line
    assert set(re.findall(r"\$context\.[\w.]+", line)) == {
        "$context.requestId",
        "$context.requestTimeEpoch",
        "$context.httpMethod",
        "$context.resourcePath",
        "$context.status",
        "$context.error.responseType",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.responseLength",
    }
    assert set(json.loads(line)) == {
        "request_id",
        "time",
        "method",
        "route",
        "status",
        "error",
        "latency_ms",
        "integration_ms",
        "bytes",
    }


def test_api_gateway_traces_nothing_because_its_traces_keep_addresses(
    api: dict[str, Any],
) -> None:
    assert api["TracingEnabled"] is False
