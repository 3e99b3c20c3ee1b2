"""Chalice, a DynamoDB client and the model of a filing: what validating alone adds to the floor."""

from typing import Any

import boto3
from chalice.app import Chalice, Response

from chalicelib.domain.cases.facts import Filing

dynamodb = boto3.client("dynamodb")
handle = Chalice(app_name="models")


@handle.route("/health")
def health() -> dict[str, str]:
    """Say that the app answers."""
    return {"status": "ok"}


@handle.route("/v1/grievances", methods=["POST"])
def submit() -> Response:
    """Validate the body, keep it and hand it back."""
    request: Any = handle.current_request
    body = Filing.model_validate_json(request.raw_body).model_dump_json()
    dynamodb.put_item(TableName="cases", Item={"case_id": {"S": "g"}, "body": {"S": body}})
    return Response(body, {"Content-Type": "application/json"}, 201)
