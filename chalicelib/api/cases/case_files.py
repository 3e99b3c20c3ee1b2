"""What belongs to a grievance: its consent, its messages, its ledger, the alerts about it."""

from chalicelib import errors
from chalicelib.api.audiences import STAFF
from chalicelib.api.cases.partner_bodies import NewMessage
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.preconditions import IF_MATCH, etag, required_version
from chalicelib.api.progress import PreparedMessage, prepared_message
from chalicelib.api.views import (
    CaseAlertView,
    EntryView,
    GrievanceView,
    MessageView,
    case_alert_view,
    entry_view,
    grievance_view,
    message_view,
)
from chalicelib.domain.cases.deadlines import CheckIn
from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.vocabulary import Side
from chalicelib.usecases.cases.add_message import add_message as use_add_message
from chalicelib.usecases.cases.change_consent import change_consent as use_change_consent
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.cases.read_history import list_case_alerts as use_list_case_alerts
from chalicelib.usecases.cases.read_history import list_messages as use_list_messages
from chalicelib.usecases.cases.read_history import read_history as use_read_history
from chalicelib.usecases.cases.record_check_in import record_check_in as use_record_check_in
from chalicelib.usecases.cases.submit_grievance import receipt_of
from chalicelib.usecases.helpline.ask_consent import ask_consent as use_ask_consent
from chalicelib.usecases.record.pseudonyms import pseudonym_of

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint


@audience.route(
    "PUT",
    "/v1/grievances/{grievance_id}/consent",
    roles=STAFF,
    body=Consent,
    headers=[IF_MATCH],
    replies={200: GrievanceView},
    raises=[errors.NotFound, errors.PreconditionRequired, errors.PreconditionFailed],
    example={"level": "C0", "contact_back": True, "script_version": "withdrawal-zh-2"},
    reply_headers=["ETag"],
)
def change_consent(call: Call) -> Reply:
    """Record what the worker agrees to from now on; what is left out is a no.

    Possible in every state of the case. Brands that were told more than she now agrees to get a
    `recall` and no longer see it here; brands that may be told more get an `update`. A case that no
    brand was told about goes back to the check.
    """
    case = use_change_consent(
        call.path["grievance_id"],
        call.body,
        expected_version=required_version(call),
        by=call.by,
        deps=call.deps,
    )
    return Reply(grievance_view(case), headers=etag(case.version))


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/check-ins",
    roles=STAFF,
    body=CheckIn,
    replies={200: GrievanceView},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"outcome": "safe", "feedback_given": True},
    reply_headers=["ETag"],
)
def record_check_in(call: Call) -> Reply:
    """Record that the worker was asked how she is, after a brand was told.

    Check-ins fall due 5, 30 and 90 days after the first alert, also when the case has ended, as
    long as the worker agrees to be contacted. One that is recorded from its reminder on stops its
    clock, and those of check-ins that were missed before it.
    """
    case = use_record_check_in(call.path["grievance_id"], call.body, by=call.by, deps=call.deps)
    return Reply(grievance_view(case), headers=etag(case.version))


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/messages",
    roles=STAFF,
    body=NewMessage,
    replies={201: MessageView},
    raises=[errors.NotFound, errors.VersionConflict],
    example={"text": "Called back, wages for September have been paid.", "visibility": "partner"},
)
def add_message(call: Call) -> Reply:
    """Add a note or a message to a grievance.

    One with `visibility` `worker` goes out on the line that the worker has used (SMS, WhatsApp, QQ,
    WeChat), not at night where she is, and only if she agrees to be contacted: `delivery` says
    what has become of it.
    """
    wish: NewMessage = call.body
    added = use_add_message(
        call.path["grievance_id"],
        wish.text,
        wish.visibility,
        speaks_for=Side.WORKER if wish.speaks_for == "worker" else None,
        by=call.by,
        deps=call.deps,
    )
    return Reply(message_view(added.message, added.outbound), 201)


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/consent-questions",
    roles=STAFF,
    replies={201: MessageView},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
)
def ask_consent(call: Call) -> Reply:
    """Have the worker asked once more what brands may know, in her language.

    The question goes out as a message, on the line that her case began on, if she agrees to be
    contacted (`delivery`). It says that what is told leaves the country where that is so. What she
    answers there is her consent from then on; until it has gone out nothing is taken for an answer.
    """
    added = use_ask_consent(call.path["grievance_id"], by=call.by, deps=call.deps)
    return Reply(message_view(added.message, added.outbound), 201)


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/messages",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[MessageView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_messages(call: Call) -> Reply:
    """List the messages on a grievance, oldest first; those to the worker with their delivery."""
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[MessageView],
        lambda limit, start: use_list_messages(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda sent: message_view(sent.message, sent.outbound),
        f"/v1/grievances/{grievance_id}/messages",
    )


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/prepared-message",
    roles=STAFF,
    replies={200: PreparedMessage},
    raises=[errors.NotFound],
)
def prepare_message(call: Call) -> Reply:
    """Read a message about how the case stands, in the worker's language, ready to be sent.

    It is sent by nobody but you: post it, as it is or changed, as a message with `visibility`
    `worker`.
    """
    case = own_case(call.path["grievance_id"], by=call.by, deps=call.deps)
    return Reply(prepared_message(case, receipt_of(case, call.deps.keyring).receipt_code))


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/history",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[EntryView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def read_history(call: Call) -> Reply:
    """Read the ledger of a grievance, oldest entry first: who changed what, chained by hashes.

    Auditors get these entries: organisations have pseudonyms, and much is a commitment.
    """
    grievance_id = call.path["grievance_id"]
    pseudonym = pseudonym_of(call.by, call.deps.keyring)
    return list_reply(
        call,
        Listing[EntryView],
        lambda limit, start: use_read_history(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda entry: entry_view(entry, call.by, pseudonym),
        f"/v1/grievances/{grievance_id}/history",
    )


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/alerts",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[CaseAlertView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_case_alerts(call: Call) -> Reply:
    """List the brands that were alerted about a grievance, and what they answered."""
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[CaseAlertView],
        lambda limit, start: use_list_case_alerts(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        case_alert_view,
        f"/v1/grievances/{grievance_id}/alerts",
    )
