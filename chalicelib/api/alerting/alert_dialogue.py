"""What a brand asks about an alert: the partner, the factory, and for more time; and what both
sides said."""

from chalicelib import errors
from chalicelib.api.alerting.dialogue_views import (
    ExtensionView,
    QuestionView,
    extension_view,
    question_view,
)
from chalicelib.api.audiences import DESK
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.cases.extension import NewExtension
from chalicelib.domain.cases.question import NewQuestion
from chalicelib.domain.cases.statement import Statement
from chalicelib.usecases.cases.ask_partner import ask_partner as use_ask_partner
from chalicelib.usecases.cases.extend_clock import (
    list_alert_extensions as use_list_alert_extensions,
)
from chalicelib.usecases.cases.extend_clock import request_extension as use_request_extension
from chalicelib.usecases.cases.read_statements import (
    list_alert_questions as use_list_alert_questions,
)
from chalicelib.usecases.cases.read_statements import (
    list_alert_statements as use_list_alert_statements,
)

audience = Audience(__name__, "Brands")
blueprint = audience.blueprint

_SHARED = (
    errors.EngagementNotActive,
    errors.ConsentWithdrawn,
    errors.NotFound,
    errors.StateConflict,
)


@audience.route(
    "POST",
    "/v1/alerts/{alert_id}/questions",
    roles=DESK,
    body=NewQuestion,
    replies={201: QuestionView},
    raises=[*_SHARED, errors.VersionConflict],
    example={"text": "Which months of overtime are meant, and does it concern the night shift?"},
)
def ask_partner(call: Call) -> Reply:
    """Ask the partner about the case of an alert, or the factory.

    It stops no clock: answer the alert as well. With `"to": "factory"` its management reads your
    text, the category and who asks, as long as the worker agrees that the factory is named; the
    partner reads it, too. The alert must name the factory. Within which time it is to answer is
    `factory` in GET /v1/rules-of-procedure; you, not it, owe the answer to the alert. **Name
    nobody, and nothing that points to a person.**
    """
    question = use_ask_partner(call.path["alert_id"], call.body, by=call.by, deps=call.deps)
    return Reply(question_view(question), 201)


@audience.route(
    "GET",
    "/v1/alerts/{alert_id}/questions",
    roles=DESK,
    query=Paging,
    replies={200: Listing[QuestionView]},
    raises=[*_SHARED, errors.InvalidCursor],
)
def list_alert_questions(call: Call) -> Reply:
    """List your questions about the case of an alert, newest first, with the answers."""
    alert_id = call.path["alert_id"]
    return list_reply(
        call,
        Listing[QuestionView],
        lambda limit, start: use_list_alert_questions(
            alert_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        question_view,
        f"/v1/alerts/{alert_id}/questions",
    )


@audience.route(
    "GET",
    "/v1/alerts/{alert_id}/statements",
    roles=DESK,
    query=Paging,
    replies={200: Listing[Statement]},
    raises=[*_SHARED, errors.InvalidCursor],
)
def list_alert_statements(call: Call) -> Reply:
    """List what both sides have said about the case of an alert, oldest first.

    Yours and the factory's that you passed on, and what the partner has marked for you, as far as
    consent allows now. A page may be shorter than `limit` and still have a next one.
    """
    alert_id = call.path["alert_id"]
    return list_reply(
        call,
        Listing[Statement],
        lambda limit, start: use_list_alert_statements(
            alert_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda statement: statement,
        f"/v1/alerts/{alert_id}/statements",
    )


@audience.route(
    "POST",
    "/v1/alerts/{alert_id}/extensions",
    roles=DESK,
    body=NewExtension,
    replies={201: ExtensionView},
    raises=[*_SHARED, errors.VersionConflict],
    example={
        "clock": "remediation_plan",
        "days": 14,
        "reason": "The payroll of the subcontractor is audited until 12 January.",
    },
)
def request_extension(call: Call) -> Reply:
    """Ask in writing for more time on a clock of the case; the partner's supervisor decides.

    Which clocks, for how long and how often is in GET /v1/rules-of-procedure. Ask in good time:
    until it is granted the clock runs on.
    """
    extension = use_request_extension(call.path["alert_id"], call.body, by=call.by, deps=call.deps)
    return Reply(extension_view(extension), 201)


@audience.route(
    "GET",
    "/v1/alerts/{alert_id}/extensions",
    roles=DESK,
    query=Paging,
    replies={200: Listing[ExtensionView]},
    raises=[*_SHARED, errors.InvalidCursor],
)
def list_alert_extensions(call: Call) -> Reply:
    """List your requests for more time about the case of an alert, newest first."""
    alert_id = call.path["alert_id"]
    return list_reply(
        call,
        Listing[ExtensionView],
        lambda limit, start: use_list_alert_extensions(
            alert_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        extension_view,
        f"/v1/alerts/{alert_id}/extensions",
    )
