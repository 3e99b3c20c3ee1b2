"""What anybody reaches: health, taxonomy, rules, a receipt by its code, the API's description."""

from importlib import resources
from typing import Annotated, Literal

from pydantic import Field

from chalicelib import errors
from chalicelib.api.description import alert_schema, digest_schema
from chalicelib.api.description.rules_view import Rules, rules_view
from chalicelib.api.endpoint import Audience, Call, Header, Reply
from chalicelib.api.progress import ReceiptProgress, progress_of
from chalicelib.domain import taxonomy
from chalicelib.domain.taxonomy import CategoryEntry
from chalicelib.domain.values import Value
from chalicelib.usecases.helpline.read_receipt import read_receipt as use_read_receipt

audience = Audience(__name__, "Public")
blueprint = audience.blueprint

RECEIPT_CODE = Header(
    "Receipt-Code",
    "The worker's code: 16 digits, blanks and hyphens as you like.",
    required=True,
)
ACCEPT_LANGUAGE = Header("Accept-Language", "Overrides the language of the case.")


class Health(Value):
    """That the service answers."""

    status: Literal["ok"] = "ok"
    stage: str


class Taxonomy(Value):
    """What a grievance can be about, with the crosswalk to other standards."""

    version: str
    categories: Annotated[tuple[CategoryEntry, ...], Field(description="With their sub-codes.")]


@audience.route("GET", "/health", replies={200: Health})
def health(call: Call) -> Reply:
    """Say that the service answers. Touches no store."""
    return Reply(Health(stage=call.deps.settings.stage))


@audience.route("GET", "/v1/taxonomy", replies={200: Taxonomy})
def read_taxonomy(call: Call) -> Reply:
    """Read the categories, their sub-codes, and what Fair Wear and amfori BSCI call them."""
    body = Taxonomy(version=taxonomy.VERSION, categories=taxonomy.ENTRIES)
    return Reply(body, headers={"Cache-Control": "public, max-age=3600"})


@audience.route("GET", "/v1/rules-of-procedure", replies={200: Rules})
def read_rules(call: Call) -> Reply:
    """Read the rules of procedure: steps of a case, their times, who is told of silence."""
    return Reply(rules_view(), headers={"Cache-Control": "public, max-age=3600"})


@audience.route("GET", "/v1/schemas/alert", replies={200: alert_schema.MEDIA_TYPE})
def read_alert_schema(_: Call) -> Reply:
    """Read the JSON Schema (2020-12) of an alert as queues and endpoints get it.

    An alert's `schema_version` is the last part of the schema's `$id`. New fields may come within a
    version; what could break a reader gets a new one.
    """
    return Reply(alert_schema.published_text(), headers=_SCHEMA_HEADERS)


@audience.route("GET", "/v1/schemas/digest", replies={200: alert_schema.MEDIA_TYPE})
def read_digest_schema(_: Call) -> Reply:
    """Read the JSON Schema (2020-12) of a digest as queues and endpoints get it.

    It is versioned like that of an alert. A message's `kind` says which of the two it is.
    """
    return Reply(digest_schema.published_text(), headers=_SCHEMA_HEADERS)


_SCHEMA_HEADERS = {
    "Content-Type": alert_schema.MEDIA_TYPE,
    "Cache-Control": "public, max-age=3600",
}


@audience.route(
    "GET",
    "/v1/receipts",
    headers=[RECEIPT_CODE, ACCEPT_LANGUAGE],
    replies={200: ReceiptProgress},
    raises=[errors.NotFound, errors.TooManyRequests],
)
def read_receipt(call: Call) -> Reply:
    """Ask for progress with a receipt code, in the worker's own language.

    The code goes into a header, never into a URL. A mistyped and an unknown code answer alike. Who
    tries many is told to wait.
    """
    code = call.headers.get("receipt-code", "")
    case = use_read_receipt(code, address=call.address, deps=call.deps)
    return Reply(progress_of(case, call.headers.get("accept-language")))


@audience.route("GET", "/openapi.json", replies={200: "application/json"})
def read_openapi(call: Call) -> Reply:
    """Read this API's description (OpenAPI 3.1)."""
    text = resources.files("chalicelib.api.description").joinpath("openapi.json").read_text("utf-8")
    return Reply(text, headers={"Content-Type": "application/json", "Cache-Control": "max-age=300"})
