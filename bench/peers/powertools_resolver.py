"""Powertools' resolver with validation, with our models."""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from chalicelib import deps
from chalicelib.api.authorizer import principal_in
from chalicelib.api.views import GrievanceView, grievance_view
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.facts import Filing
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.cases.submit_grievance import Receipt, submit_grievance

JSON = "application/json"

api = APIGatewayRestResolver(enable_validation=True)
handle = api.resolve


@api.get("/health")
def health() -> dict[str, str]:
    """Say that the app answers."""
    return {"status": "ok"}


@api.post("/v1/grievances")
def submit(filing: Filing) -> Response[Receipt]:
    """The same use case."""
    key = api.current_event.headers.get("Idempotency-Key")
    submitted = submit_grievance(filing, idempotency_key=key, by=_caller(), deps=deps.current())
    location = {"Location": f"/v1/grievances/{submitted.receipt.grievance_id}"}
    return Response(201, JSON, submitted.receipt, location)


@api.get("/v1/grievances/<grievance_id>")
def read(grievance_id: str) -> Response[GrievanceView]:
    """The same use case and view."""
    case = own_case(grievance_id, by=_caller(), deps=deps.current())
    return Response(200, JSON, grievance_view(case), {"ETag": f'"{case.version}"'})


def _caller() -> Principal:
    return principal_in(api.current_event["requestContext"])
