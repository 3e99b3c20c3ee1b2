"""What brands reach: the alerts addressed to them."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import DESK
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.views import AlertRow, AlertView, alert_row, alert_view
from chalicelib.domain.text import Prose
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Side
from chalicelib.usecases.alerting.acknowledge_alert import (
    acknowledge_alert as use_acknowledge_alert,
)
from chalicelib.usecases.alerting.own_alert import AlertOfCase, AlertRead
from chalicelib.usecases.alerting.own_alert import list_alerts as use_list_alerts
from chalicelib.usecases.alerting.own_alert import read_alert as use_read_alert
from chalicelib.usecases.alerting.reply_to_alert import LONGEST_REPLY
from chalicelib.usecases.alerting.reply_to_alert import reply_to_alert as use_reply_to_alert

audience = Audience(__name__, "Brands")
blueprint = audience.blueprint


class AlertQuery(Paging):
    """Narrows a list of alerts."""

    open_only: Annotated[
        bool,
        Field(description="Only alerts without a reply; of coalitions those not acknowledged."),
    ] = False


class NewReply(Value):
    """The brand's answer."""

    text: Annotated[
        Prose,
        Field(max_length=LONGEST_REPLY, description="The partner reads it."),
    ]
    speaks_for: Annotated[
        Literal["brand", "factory"],
        Field(description="Whose statement it is: yours, or the factory's that you pass on."),
    ] = "brand"


@audience.route(
    "GET",
    "/v1/alerts",
    roles=DESK,
    query=AlertQuery,
    replies={200: Listing[AlertRow]},
    raises=[errors.EngagementNotActive, errors.InvalidCursor],
)
def list_alerts(call: Call) -> Reply:
    """List your alerts, newest first: those that an engagement of yours covers now."""
    query: AlertQuery = call.query
    return list_reply(
        call,
        Listing[AlertRow],
        lambda limit, start: use_list_alerts(
            open_only=query.open_only, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        alert_row,
        "/v1/alerts",
    )


@audience.route(
    "GET",
    "/v1/alerts/{alert_id}",
    roles=DESK,
    replies={200: AlertView},
    raises=[errors.EngagementNotActive, errors.NotFound],
)
def read_alert(call: Call) -> Reply:
    """Read an alert with the answers given so far."""
    return _alert_reply(use_read_alert(call.path["alert_id"], by=call.by, deps=call.deps))


@audience.route(
    "POST",
    "/v1/alerts/{alert_id}/acknowledgement",
    roles=DESK,
    replies={200: AlertView},
    raises=[errors.EngagementNotActive, errors.NotFound, errors.VersionConflict],
)
def acknowledge_alert(call: Call) -> Reply:
    """Say that you have seen an alert. Needs no body; a second time changes nothing."""
    return _alert_reply(use_acknowledge_alert(call.path["alert_id"], by=call.by, deps=call.deps))


@audience.route(
    "POST",
    "/v1/alerts/{alert_id}/replies",
    roles=DESK,
    body=NewReply,
    replies={201: AlertView},
    raises=[
        errors.EngagementNotActive,
        errors.NotFound,
        errors.StateConflict,
        errors.VersionConflict,
    ],
    example={"text": "We have asked the factory for its payroll and will answer by Friday."},
)
def reply_to_alert(call: Call) -> Reply:
    """Answer an alert. The first answer stops the reply clock and acknowledges, too."""
    reply: NewReply = call.body
    answered = use_reply_to_alert(
        call.path["alert_id"],
        reply.text,
        speaks_for=Side.FACTORY if reply.speaks_for == "factory" else None,
        by=call.by,
        deps=call.deps,
    )
    return _alert_reply(answered, 201)


def _alert_reply(read: AlertOfCase | AlertRead, status: int = 200) -> Reply:
    alert, record = read
    return Reply(alert_view(alert, record), status)
