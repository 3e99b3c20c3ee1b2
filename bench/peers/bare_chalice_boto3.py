"""Chalice and a DynamoDB client: the least that a stored grievance takes."""

from typing import Any

import boto3
from chalice.app import Chalice, Response

dynamodb = boto3.client("dynamodb")
handle = Chalice(app_name="bare")


@handle.route("/health")
def health() -> dict[str, str]:
    """Say that the app answers."""
    return {"status": "ok"}


@handle.route("/v1/grievances", methods=["POST"])
def submit() -> Response:
    """Keep the body as it is and hand it back."""
    request: Any = handle.current_request
    dynamodb.put_item(
        TableName="cases", Item={"case_id": {"S": "g"}, "body": {"S": request.raw_body.decode()}}
    )
    return Response(request.json_body, status_code=201)
