"""FastAPI behind Mangum, with our models.

The routes are `async def` so that none is sent to a thread: Lambda has one request at a time.
"""

from typing import Annotated

from fastapi import FastAPI, Header, Request, Response  # type: ignore[import-not-found]
from mangum import Mangum  # type: ignore[import-not-found]

from chalicelib import deps
from chalicelib.api.authorizer import principal_in
from chalicelib.api.views import GrievanceView, grievance_view
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.facts import Filing
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.cases.submit_grievance import Receipt, submit_grievance


async def health() -> dict[str, str]:
    """Say that the app answers."""
    return {"status": "ok"}


async def submit(
    request: Request,
    response: Response,
    filing: Filing,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Receipt:
    """The same use case."""
    submitted = submit_grievance(
        filing, idempotency_key=idempotency_key, by=_caller(request), deps=deps.current()
    )
    response.headers["Location"] = f"/v1/grievances/{submitted.receipt.grievance_id}"
    return submitted.receipt


async def read(request: Request, response: Response, grievance_id: str) -> GrievanceView:
    """The same use case and view."""
    case = own_case(grievance_id, by=_caller(request), deps=deps.current())
    response.headers["ETag"] = f'"{case.version}"'
    return grievance_view(case)


def _caller(request: Request) -> Principal:
    return principal_in(request.scope["aws.event"]["requestContext"])


api = FastAPI()
api.add_api_route("/health", health)
api.add_api_route("/v1/grievances", submit, methods=["POST"], status_code=201)
api.add_api_route("/v1/grievances/{grievance_id}", read)
handle = Mangum(api, lifespan="off")
