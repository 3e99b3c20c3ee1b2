"""A brand answers an alert."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import Reply
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.message import Message
from chalicelib.domain.record.ledger import Action, commitment
from chalicelib.domain.references import derive_id
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.vocabulary import Side, Visibility
from chalicelib.errors import StateConflict
from chalicelib.usecases.alerting.own_alert import AlertOfCase, own_alert_with_case
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor

MOST_REPLIES = 20
"""With `LONGEST_REPLY` they fit the alert's item (400 KB), whatever the script."""

LONGEST_REPLY = 4_000


def reply_to_alert(
    alert_id: str, text: str, *, speaks_for: Side | None = None, by: Principal, deps: Deps
) -> AlertOfCase:
    """Keep the brand's answer with the alert and with the case; the first one stops its clocks.

    A reply acknowledges, too, and what a reminder asks about with it. An answer to a recall stops
    no clock. Raises NotFound, StateConflict (too many replies), VersionConflict.
    """
    alert, case = own_alert_with_case(alert_id, by=by, deps=deps)
    if len(alert.replies) >= MOST_REPLIES:
        raise StateConflict(f"An alert takes {MOST_REPLIES} replies. Talk to the partner directly.")
    reply = Reply(at=deps.now(), by=by.actor, text=text)
    message, commit = _message(case, reply, speaks_for), committer(case, deps.keyring)
    changed = case.recorded(
        Action.ALERT_REPLIED,
        by=ledger_actor(by, deps.keyring),
        at=reply.at,
        data={
            "alert_id": commitment("alert_id", alert_id, commit),
            "message_id": message.message_id,
            "text": commitment("text", text, commit),
        },
        private={"alert_id": alert_id},
        **case.words_added,
        **({} if alert.is_recall else _first_answers(case, reply)),
    )
    rows = [deps.alerts.reply_row(alert_id, reply), deps.cases.message_row(message)]
    if alert.asks_for is not None:
        rows.append(deps.alerts.acknowledged_row(alert.asks_for, reply.at))
    deps.cases.save(changed.case, changed.entry, rows)
    return AlertOfCase(alert.answered(reply), changed.case)


def _first_answers(case: Case, reply: Reply) -> dict[str, object]:
    acknowledged = case.model_copy(
        update={"clocks": case.with_clock_met(ClockKind.BRAND_ACKNOWLEDGES, reply.at)}
    )
    return {
        "brand_acknowledged_at": case.brand_acknowledged_at or reply.at,
        "brand_first_reply_at": case.brand_first_reply_at or reply.at,
        "clocks": acknowledged.with_clock_met(ClockKind.BRAND_FIRST_REPLY, reply.at),
    }


def _message(case: Case, reply: Reply, speaks_for: Side | None) -> Message:
    return Message(
        message_id=derive_id("m", case.grievance_id, str(case.version + 1)),
        grievance_id=case.grievance_id,
        at=reply.at,
        by=reply.by,
        visibility=Visibility.BRAND,
        text=reply.text,
        speaks_for=speaks_for,
    )
