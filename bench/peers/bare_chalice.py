"""Chalice and nothing else: what no app built on it can be quicker than."""

from typing import Any

from chalice.app import Chalice, Response

handle = Chalice(app_name="bare")


@handle.route("/health")
def health() -> dict[str, str]:
    """Say that the app answers."""
    return {"status": "ok"}


@handle.route("/v1/grievances", methods=["POST"])
def submit() -> Response:
    """Hand back the body."""
    request: Any = handle.current_request
    return Response(request.json_body, status_code=201)


@handle.route("/v1/grievances/{grievance_id}")
def read(grievance_id: str) -> dict[str, str]:
    """Hand back the id."""
    return {"grievance_id": grievance_id}
