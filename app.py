"""Table of contents: the blueprints of the API, and what runs on a schedule or on a queue.

The two functions that match factories import the matcher themselves: its tables and its model cost
a cold start that nobody else should wait for.
"""

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

import chalicelib.loading
from chalicelib import deps
from chalicelib.api import authorizer, ledger_heads, public
from chalicelib.api.admission import access_keys, engagements, organisations
from chalicelib.api.alerting import (
    alert_dialogue,
    alert_plans,
    alerts,
    factory_questions,
    scorecards,
    subscriptions,
)
from chalicelib.api.cases import (
    attachments,
    case_dialogue,
    case_files,
    case_plans,
    exports,
    grievance_imports,
    grievances,
    reviews,
    signals,
)
from chalicelib.api.description import viewer
from chalicelib.api.factories import (
    brand_registry,
    factory_registry,
    imports,
    judgements,
    link_registry,
    os_id_merges,
)
from chalicelib.api.framework_errors import problem_instead
from chalicelib.api.helpline import (
    calls,
    form_webhooks,
    helpline_lines,
    poster_codes,
    qq_webhooks,
    standard_answers,
    twilio_webhooks,
    voice_webhooks,
    wechat_webhooks,
)
from chalicelib.api.identities import border_crossings, erasures, hand_overs, identities, retention
from chalicelib.api.messages import each_message, seconds_left
from chalicelib.api.work import operations, reconciliations
from chalicelib.channels.run_jobs import run_job as run_queued_job
from chalicelib.domain.work.operations import Schedule
from chalicelib.usecases.work.check_grievances import check_grievances as look_for_due_work
from chalicelib.usecases.work.run_schedule import run_of

app = Chalice(app_name="handshake")
app.api.binary_types = [*grievance_imports.FILE_TYPES]
app.register_middleware(problem_instead, "http")

app.register_blueprint(authorizer.blueprint)  # bearer key → principal
app.register_blueprint(public.blueprint)  # /health, /openapi.json, /v1/receipts, …
app.register_blueprint(viewer.blueprint)  # /docs
app.register_blueprint(grievances.blueprint)  # /v1/grievances
app.register_blueprint(grievance_imports.blueprint)  # /v1/grievance-imports, …-template
app.register_blueprint(
    case_files.blueprint
)  # /v1/grievances/{id}/consent, /messages, /history, /alerts
app.register_blueprint(case_plans.blueprint)  # /v1/grievances/{id}/plans
app.register_blueprint(
    case_dialogue.blueprint
)  # /v1/grievances/{id}/statements, /questions, /extensions
app.register_blueprint(attachments.blueprint)  # /v1/grievances/{id}/attachments
app.register_blueprint(
    reviews.blueprint
)  # /v1/review-queue, /v1/grievances/{id}/factory, …/refused-factories
app.register_blueprint(signals.blueprint)  # /v1/signals
app.register_blueprint(hand_overs.blueprint)  # /v1/grievances/{id}/identity/hand-overs
app.register_blueprint(identities.blueprint)  # /v1/grievances/{id}/identity, …/identity/openings
app.register_blueprint(
    erasures.blueprint
)  # /v1/erasure-requests, /v1/grievances/{id}/erasure, …/retention-hold
app.register_blueprint(retention.blueprint)  # /v1/retention
app.register_blueprint(alerts.blueprint)  # /v1/alerts
app.register_blueprint(alert_plans.blueprint)  # /v1/alerts/{id}/plans
app.register_blueprint(scorecards.blueprint)  # /v1/scorecards, /v1/brands/{id}/scorecards
app.register_blueprint(subscriptions.blueprint)  # /v1/subscriptions, /v1/test-alerts
app.register_blueprint(
    alert_dialogue.blueprint
)  # /v1/alerts/{id}/statements, /questions, /extensions
app.register_blueprint(factory_questions.blueprint)  # /v1/questions
app.register_blueprint(exports.blueprint)  # /v1/exports
app.register_blueprint(brand_registry.blueprint)  # /v1/brands
app.register_blueprint(factory_registry.blueprint)  # /v1/factories
app.register_blueprint(link_registry.blueprint)  # /v1/links, /v1/factories/{id}/links
app.register_blueprint(os_id_merges.blueprint)  # /v1/os-id-merges
app.register_blueprint(judgements.blueprint)  # /v1/judgements
app.register_blueprint(imports.blueprint)  # /v1/imports
app.register_blueprint(organisations.blueprint)  # /v1/organisations, …/users
app.register_blueprint(engagements.blueprint)  # /v1/organisations/{id}/engagements, /v1/access-log
app.register_blueprint(access_keys.blueprint)  # /v1/organisations/{id}/keys, /v1/key-proposals
app.register_blueprint(ledger_heads.blueprint)  # /v1/ledger
app.register_blueprint(
    operations.blueprint
)  # /v1/operations, /v1/quarantine, /v1/redeliveries, /v1/alerts/{id}/redeliver
app.register_blueprint(reconciliations.blueprint)  # /v1/reconciliations
app.register_blueprint(standard_answers.blueprint)  # /v1/answers, /v1/answer-drafts
app.register_blueprint(calls.blueprint)  # /v1/calls, /v1/answers/{id}/versions/{n}/given
app.register_blueprint(border_crossings.blueprint)  # /v1/border-crossings
app.register_blueprint(qq_webhooks.blueprint)  # /v1/channels/qq
app.register_blueprint(wechat_webhooks.blueprint)  # /v1/channels/wechat
app.register_blueprint(form_webhooks.blueprint)  # /v1/channels/rapidpro, /v1/channels/kobo
app.register_blueprint(helpline_lines.blueprint)  # /v1/lines
app.register_blueprint(poster_codes.blueprint)  # /v1/factories/{id}/poster-codes, /v1/poster-codes
app.register_blueprint(twilio_webhooks.blueprint)  # /v1/channels/twilio: SMS and WhatsApp
app.register_blueprint(voice_webhooks.blueprint)  # /v1/channels/voice: the telephone

chalicelib.loading.ended()


# Not retried: what it could not send stays due, and the next minute's tick finds it.
@app.schedule(Rate(1, unit=Rate.MINUTES))
def check_grievances(event: CloudWatchEvent) -> None:
    """Every minute: ask for whatever is due to be worked."""
    with run_of(Schedule.CHECK_GRIEVANCES, deps=deps.current()):
        look_for_due_work(deps=deps.current())


# Not retried either: the index that is there stays in use until the next run has built a newer one.
@app.schedule(Rate(5, unit=Rate.MINUTES))
def build_match_index(event: CloudWatchEvent) -> None:
    """Every five minutes: build the matching index anew if the registry has changed."""
    from chalicelib.usecases.factories.build_match_index import (
        build_match_index as build_if_changed,
    )

    with run_of(Schedule.BUILD_MATCH_INDEX, deps=deps.current()):
        build_if_changed(deps=deps.current())


# Not retried: what it did not come to stays due for tomorrow's run.
@app.schedule(Rate(1, unit=Rate.DAYS))
def apply_retention(event: CloudWatchEvent) -> None:
    """Every day: carry out the erasures that were announced, announce those that fall due.

    Invoked by hand with `{"erase_again": true}` as `detail`, after a restore (docs/vault.md), it
    goes through the register of erasures instead.
    """
    from chalicelib.usecases.identities.apply_retention import apply_retention as apply_rules
    from chalicelib.usecases.identities.erase import erase_again

    left = seconds_left(event)
    if event.detail.get("erase_again"):
        erase_again(after=event.detail.get("after"), seconds_left=left, deps=deps.current())
        return
    with run_of(Schedule.APPLY_RETENTION, deps=deps.current()):
        apply_rules(seconds_left=left, deps=deps.current())


# Not retried: what it did not come to stays due for the next run.
@app.schedule(Rate(10, unit=Rate.MINUTES))
def enforce_deadlines(event: CloudWatchEvent) -> None:
    """Every ten minutes: what nobody has done in time escalates, holds that are over end."""
    from chalicelib.usecases.work.enforce_deadlines import enforce_deadlines as enforce

    with run_of(Schedule.ENFORCE_DEADLINES, deps=deps.current()):
        enforce(seconds_left=seconds_left(event), deps=deps.current())


# Not retried: what it could not seal, or left half sealed, the next run goes on with.
@app.schedule(Rate(1, unit=Rate.HOURS))
def seal_ledger(event: CloudWatchEvent) -> None:
    """Every hour: seal what has changed, and sign and anchor the new head."""
    from chalicelib.usecases.record.seal_ledger import seal_ledger as seal_what_changed

    with run_of(Schedule.SEAL_LEDGER, deps=deps.current()):
        seal_what_changed(seconds_left=seconds_left(event), deps=deps.current())


# A message that fails is taken up again by the queue, five times, then by the next tick.
@app.on_sqs_message(queue="handshake-work", batch_size=10)
def work_due(event: SQSEvent) -> dict[str, Any]:
    """Work shards of due work, or one urgent case."""
    from chalicelib.usecases.work.work_due import work_message

    left = seconds_left(event)
    return each_message(
        event, lambda body: work_message(body, seconds_left=left, deps=deps.current())
    )


@app.on_sqs_message(queue="handshake-jobs", batch_size=1)
def run_job(event: SQSEvent) -> dict[str, Any]:
    """Run one import or one export."""
    return each_message(event, lambda body: run_queued_job(body["job_id"], deps=deps.current()))


# One file a message: one that is too much for its run is nobody else's trouble.
@app.on_sqs_message(queue="handshake-attachments", batch_size=1)
def clean_attachment(event: SQSEvent) -> dict[str, Any]:
    """Look after one attachment: make it anew, or delete what must not stay."""
    from chalicelib.channels.clean_attachment import clean_attachment as look_after

    return each_message(event, lambda body: look_after(**body, deps=deps.current()))


# One message to a worker at a time: a carrier that is slow with one keeps no other waiting.
@app.on_sqs_message(queue="handshake-outbound", batch_size=1)
def send_outbound(event: SQSEvent) -> dict[str, Any]:
    """Send one message to a worker, or fetch one picture that came with hers."""
    from chalicelib.usecases.helpline.work_outbound import work_outbound

    return each_message(event, lambda body: work_outbound(body, deps=deps.current()))


# API Gateway sends the routes of api/identities/identities.py here: the same app, under a role that
# may open the vault (infra/packaged.py).
@app.lambda_function()
def vault_handler(event: dict[str, Any], context: Any) -> Any:
    """Answer the routes that reach into the vault."""
    return app(event, context)
