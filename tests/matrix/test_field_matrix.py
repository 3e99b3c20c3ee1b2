"""S2: which role sees which field, against tables by hand; and what nobody may send.

The first table lists every field that an answer can have, and the roles whose routes answer with
it: a field that is new has to be put there by somebody who has thought about it. The second one
puts a mark into every fact of a case and looks for it in all that each role can read.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.api.endpoint import OPERATIONS, Operation
from chalicelib.domain.alerting.alert import AlertPayload
from chalicelib.domain.identities.retention import Outlook, Plan, Scheduled, plan_id_for
from chalicelib.domain.record.export_row import COLUMNS
from chalicelib.domain.rules import NOTICE
from chalicelib.domain.vocabulary import ErasureScope, Role
from tests.api.told import caller_for, example_body, example_path, tell
from tests.matrix.fields import nested_in, paths_of, replied
from tests.matrix.test_access_matrix import LETTERS
from tests.service import Caller, Service, filing
from tests.usecases.stories import submitted

# A view, the roles that get it (letters as in the access matrix), and every field at every depth.
VIEWS = """
AccessKey so
    created_at ends_with expires_at issued_by key_id name organisation replaces revoked_at role
    user_id
AccessLogEntry o
    at by_key by_organisation by_user engagement_id entry_id event organisation purpose reason
    second_user subject
AlertRow b
    acknowledged_at alert_id alerted_at category country first_reply_at kind public_ref
    recalled_at respond_by sequence severity
AlertTestView b
    alert_id created_at error finished_at status
AlertView b
    acknowledged_at alert alert.acknowledge_by alert.actions_required alert.alert_id
    alert.brand_id alert.categories alert.category alert.code_clause alert.code_version
    alert.consent_level alert.content_hash alert.country alert.deadline alert.deadline.alert_id
    alert.deadline.clock alert.deadline.due_at alert.deadline.level alert.factory
    alert.factory.address
    alert.factory.city alert.factory.factory_id alert.factory.identifiers alert.factory.name
    alert.ilo_indicators alert.kind alert.link alert.link_dates_known alert.public_ref
    alert.identity_was_handed_over alert.recalls alert.received_month alert.respond_by
    alert.schema_version alert.sequence
    alert.severity alert.summary alert.withdrawn alert.workers_band alert_id alerted_at
    first_reply_at recalled_at replies replies.at replies.by replies.text
AnswerDraft s
    answer_id category citations citations.article citations.law content_hash draft_id drafted_at
    drafted_by effective_from expires_on jurisdiction language question supersedes text title topic
AttachmentAwaited is
    attachment_id bytes clean clean.bytes clean.sha256 content_type created_at grievance_id kind
    refused_because settled_at status upload upload.expires_at upload.fields upload.url
AttachmentRow is
    attachment_id bytes clean clean.bytes clean.sha256 content_type created_at grievance_id kind
    refused_because settled_at status
AttachmentView is
    attachment_id bytes clean clean.bytes clean.sha256 content_type created_at download_url
    grievance_id kind refused_because settled_at status
BorderCrossings d
    items items.cases items.jurisdiction items.people items.year
BrandView iso
    aws_account_id brand_id code_of_conduct code_of_conduct.clauses code_of_conduct.clauses.category
    code_of_conduct.clauses.clause code_of_conduct.version language lei name topic_arn updated_at
    version
CallStatistics is
    calls consistency enquiries given mean_seconds month top_topics top_topics.calls
    top_topics.deviated top_topics.enquiries top_topics.given top_topics.jurisdiction
    top_topics.no_answer_known top_topics.seconds top_topics.topic unanswered unanswered.calls
    unanswered.deviated unanswered.enquiries unanswered.given unanswered.jurisdiction
    unanswered.no_answer_known unanswered.seconds unanswered.topic
CallView is
    call_id channel deviation duration_seconds given given.answer_id given.content_hash
    given.version grievance_id intake_type jurisdiction language logged_at logged_by outcome topic
CaseAlertView is
    acknowledge_by acknowledged_at alert_id alerted_at attempts brand_id consent_level
    first_reply_at kind outcome recalled_at replies replies.at replies.by replies.text respond_by
    sent_at status
DeliveryView o
    alert_id attempts brand_id last_error next_attempt_at outcome sent_at status
DeliveriesView b
    days days.day days.delivered days.failed days.filtered_out days.kept days.not_kept
DryRun b
    digests explanation in_digests items items.acknowledged_at items.alert_id items.alerted_at
    items.category items.country items.first_reply_at items.kind items.public_ref
    items.recalled_at items.respond_by items.sequence items.severity looked_at next_cursor
    recalled since would_receive
Engagement bao
    brands countries ended_at engagement_id made_at made_by organisation purpose purpose_text
    received_from received_to valid_from valid_until
ErasureRequest sd
    grievance_id partner_id public_ref reason requested_at requested_by scope
ErasureState d
    grievance_id identity ledger_hash public_ref retention_hold retention_hold.reason
    retention_hold.since texts_erased_at version
EntryView is
    action actor at data hash organisation prev_hash private seq
ExportView a
    created_at download_url engagement_id error export_id finished_at format manifest
    manifest.bytes manifest.columns manifest.engagement manifest.engagement.brands
    manifest.engagement.countries manifest.engagement.engagement_id manifest.engagement.purpose
    manifest.engagement.received_from manifest.engagement.received_to manifest.export_id
    manifest.file manifest.generated_at manifest.key_id manifest.proofs manifest.proofs.bytes
    manifest.proofs.file manifest.proofs.sealed manifest.proofs.sha256 manifest.signature
    manifest.tree_head manifest.tree_head.consistency manifest.tree_head.key_id
    manifest.tree_head.previous manifest.tree_head.root manifest.tree_head.sealed_at
    manifest.tree_head.signature manifest.tree_head.tree_size proofs_url
    manifest.request manifest.request.categories
    manifest.request.countries manifest.request.engagement_id manifest.request.format
    manifest.request.intake_types manifest.request.received_from manifest.request.received_to
    manifest.request.severities manifest.request.states manifest.row_count manifest.sha256
    manifest.withheld manifest_url progress progress.done progress.total status
ExtensionView isb
    alert_id asked_at brand_id clock days decided_at decision_reason due_at due_before extension_id
    reason state
FactoryQuestion f
    answer_by answers answers.at answers.text asked_at brand_id category question_id text
Factory iso
    address admin_area aliases city country current_os_id factory_id gln latitude lei longitude
    merged_from merged_into name os_id parent processing_types updated_at uscc version workers
GivenCallView is
    call_id channel contact_back deviation duration_seconds given given.answer_id
    given.content_hash given.version grievance_id intake_type jurisdiction language logged_at
    logged_by newest_version outcome topic
GrievanceImportView is
    counts counts.filed counts.refused counts.repeated created_at error error_detail filed_url
    finished_at import_id progress progress.done progress.total refused_url request
    request.channel request.intake_type request.jurisdiction request.language status
GrievanceRow is
    categories closed_at factory_id factory_name grievance_id intake_type jurisdiction partner_ref
    public_ref received_at routing severity state version
GrievanceView is
    acknowledged_at brand_acknowledged_at brand_first_reply_at brand_notified_at categories
    channel clocks clocks.breached_at clocks.due_at clocks.level clocks.met_at closed_at consent
    consent.contact_back consent.cross_border consent.level consent.publish_summary
    consent.recipients consent.script_version consent.share_with_union factory_id factory_reported
    factory_reported.address factory_reported.city factory_reported.country
    factory_reported.identifiers factory_reported.latitude factory_reported.longitude
    factory_reported.name filed_by finding grievance_id hold hold.held_from hold.reason hold.until
    identity ilo_indicators inadmissible_reason incident_from incident_from_precision incident_to
    incident_to_precision intake_type jurisdiction language ledger_hash links links.direction
    links.grievance_id links.type match match.evidence
    match.features match.matched_name match.method match.score match.version narrative outcome
    partner_ref plan_at proposal proposal.expires_at proposal.from_severity proposal.from_state
    proposal.kind proposal.proposal_id proposal.proposed_at proposal.proposed_by proposal.reason
    proposal.severity proposal.transition proposal.transition.contact_attempts
    proposal.transition.finding proposal.transition.inadmissible_reason
    proposal.transition.outcome proposal.transition.reason proposal.transition.remedy
    proposal.transition.remedy.amount_band proposal.transition.remedy.types
    proposal.transition.root_cause
    proposal.transition.settlement_requires_waiver proposal.transition.to
    proposal.transition.until proposal.transition.verification_evidence
    proposal.transition.worker_verdict public_ref received_at remedy remedy.amount_band
    remedy.types reopened_count requested_remedy
    retention_hold retention_hold.reason retention_hold.since root_cause routing
    routing_reason escrow_released_at severity severity_raised_to standard_answer
    standard_answer.answer_id standard_answer.content_hash standard_answer.version state
    sub_codes summary taxonomy_version texts_erased_at version worker_verdict workers_affected
HandOver is
    by entry grievance_id handed_over_at reason recipient
Health public
    stage status
IdentityHeld is
    grievance_id holds
IdentityOpened isd
    entry grievance_id opened_at worker worker.address worker.email worker.name worker.phone
    worker.qq worker.wechat worker.whatsapp
LeavesView a
    first_leaf leaves_url tree_size
ScorecardView b
    brand_id computed_at figures figures.acknowledged_in_time figures.acknowledged_in_time.of
    figures.acknowledged_in_time.percent figures.cases figures.median_days_to_acknowledge
    figures.median_days_to_reply figures.plans_kept figures.plans_kept.of figures.plans_kept.percent
    figures.reopened figures.reopened.of figures.reopened.percent figures.replied_in_time
    figures.replied_in_time.of figures.replied_in_time.percent figures.resolved figures.resolved.of
    figures.resolved.percent figures.workers_remedied public_from quarter stated_at statements
SignalView is
    at category clock due_at factory_id grievance_id kind level public_ref signal_id
SignedHead public
    consistency key_id previous root sealed_at signature tree_size
ImportView o
    counts counts.facilities counts.factories_created counts.factories_updated counts.links_closed
    counts.links_created counts.links_updated created_at error error_detail finished_at import_id
    problems progress progress.done progress.total report_url request request.brand_id
    request.complete request.default_country request.disclosed_at request.source request.tier
    status
IssuedKey so
    created_at ends_with expires_at issued_by key key_id name organisation replaces revoked_at
    role user_id
FlowTaken public
    code grievance_id public_ref receipt_code reply unread
Judgement o
    factory_id judged_at judged_by judgement_id reported reported.address reported.city
    reported.country reported.identifiers reported.latitude reported.longitude reported.name
    spelling_key verdict
KeyProposal o
    confirmed decided_at decided_by expires_at key_expires_at key_sha256 name organisation
    proposal_id proposed_at proposed_by user_id
LineView so
    account address created_at ended_at fields jurisdiction language line_id name partner_id
    provider ready secret_names secrets_set_at secrets_wanted setup version webhook_url
MessageView is
    at brand_id by delivery delivery.at delivery.because delivery.carrier_code delivery.channel
    delivery.status grievance_id message_id question_id readable_from speaks_for text visibility
OsIdMergeView iso
    current_os_id into merged_on os_id source updated_at version way
Operations o
    at due_work due_work.jobs due_work.oldest_due_at due_work.shards queues queues.dead_letters
    queues.in_flight queues.queue queues.waiting schedules schedules.every_seconds
    schedules.last_run_at schedules.late schedules.schedule quarantined
    quarantined_counted_to_the_end
Organisation o
    created_at factory_id filings_per_day kind name organisation_id suspended_at version
Plan do
    announced_at carry_out_at dropped erased erases held plan_id planned rule_id
PlanLine isd
    at grievance_id outcome plan_id
PlanView isb
    accepted_at actions actions.completions actions.completions.at actions.completions.done_on
    actions.completions.evidence actions.completions.verification
    actions.completions.verification.at actions.completions.verification.how
    actions.completions.verification.verified actions.due_on actions.evidence actions.owner
    actions.what alert_id brand_id last_due_on number plan_id return_reason returned_at state
    statement submitted_at
PosterCode so
    code created_at created_by ended_at factory_id partner_id
PreviewRow isd
    due_at erases grievance_id plan_id rule_id would
PreparedMessage is
    language state text
ProposalView is
    expires_at from_severity from_state kind proposal_id proposed_at proposed_by reason severity
    transition transition.contact_attempts transition.finding transition.inadmissible_reason
    transition.outcome transition.reason transition.remedy transition.remedy.amount_band
    transition.remedy.types transition.root_cause
    transition.settlement_requires_waiver transition.to transition.until
    transition.verification_evidence transition.worker_verdict
Quarantined o
    attempts id kind last_error since
QuestionView isb
    alert_id answer_by answers answers.at answers.readable_from answers.text asked_at brand_id
    question_id text to
Receipt is
    grievance_id public_ref receipt_code received_at respond_by severity state
ReceiptProgress public
    answer_by language next_step progress public_ref received_at state
ReviewView is
    candidates candidates.address candidates.city candidates.country candidates.evidence
    candidates.factory_id candidates.matched_name candidates.method candidates.name
    candidates.score factory_reported factory_reported.address factory_reported.city
    factory_reported.country factory_reported.identifiers factory_reported.latitude
    factory_reported.longitude factory_reported.name grievance_id public_ref reason received_at
    refused_factories severity version
ReconciliationReport o
    counts counts.found counts.kind counts.left counts.repaired created_at error findings
    findings.entry findings.id findings.kind findings.repaired finished_at looked_at next_day
    reconciliation_id request request.received_from request.received_to request.repair status
ReconciliationView o
    counts counts.found counts.kind counts.left counts.repaired created_at error finished_at
    looked_at next_day reconciliation_id request request.received_from request.received_to
    request.repair status
RedeliveryView o
    created_at error finished_at left_alone redelivered redelivery_id request request.brand_id
    request.since request.until status
RetriedView o
    more retried
SamePersonRow is
    grievance_id public_ref received_at state
StandardAnswer iso
    answer_id approved_at approved_by category citations citations.article citations.law
    content_hash drafted_at drafted_by effective_from expires_on jurisdiction language question
    text title topic version
SubscriptionView b
    digest endpoint explanation filter filter.categories filter.countries filter.kinds
    filter.severities keeps_undelivered protocol status subscription_id
Statement isb
    at brand_id question_id side statement_id text
Suggestions is
    items items.answer items.answer.answer_id items.answer.approved_at items.answer.approved_by
    items.answer.category items.answer.citations items.answer.citations.article
    items.answer.citations.law items.answer.content_hash items.answer.drafted_at
    items.answer.drafted_by items.answer.effective_from items.answer.expires_on
    items.answer.jurisdiction items.answer.language items.answer.question items.answer.text
    items.answer.title items.answer.topic items.answer.version items.score
SourcingLink iso
    brand_id confidence disclosed_at factory_id source tier updated_at valid_from valid_to version
Rules public
    calendars calendars.business_days calendars.jurisdiction calendars.zone coalition
    coalition.partners coalition.within_days coalition.workers coalition.workers_each
    clocks clocks.clock clocks.high clocks.high.amount clocks.high.unit clocks.jurisdiction
    clocks.normal clocks.normal.amount clocks.normal.unit clocks.source clocks.urgent
    clocks.urgent.amount clocks.urgent.unit extensions extensions.clock extensions.longest_days
    extensions.most extensions.source factory factory.answers factory.answers.amount
    factory.answers.unit levels levels.clock levels.level levels.percent
    reopen_days retention retention.after_days retention.after_withdrawal_days retention.erases
    retention.jurisdiction retention.rule_id silence silence.chance silence.months_before
    silence.usual_at_least steps steps.by steps.state steps.to version
SubmissionTaken public
    code grievance_id public_ref unread
Taxonomy public
    categories categories.amfori_bsci categories.category categories.fair_wear
    categories.sub_codes version
User so
    created_at created_by ended_at name organisation role user_id
"""

ALERT = """
    acknowledge_by actions_required alert_id brand_id categories category code_clause code_version
    consent_level content_hash country deadline deadline.alert_id deadline.clock deadline.due_at
    deadline.level factory factory.address factory.city factory.factory_id
    factory.identifiers factory.name identity_was_handed_over ilo_indicators kind link
    link_dates_known public_ref recalls received_month respond_by schema_version sequence severity
    summary withdrawn workers_band
"""

EXPORT = """
    public_ref received_at acknowledged_at brand_notified_at brand_acknowledged_at
    brand_first_reply_at plan_at closed_at state outcome reopened_count intake_type channel
    filed_by partner_pseudonym factory_id os_id country category severity ilo_indicators
    consent_level workers_band remedy_type remedy_amount_band days_open clock_breaches
    worker_verdict retaliation_linked taxonomy_version entry_hash
"""


def views() -> dict[str, tuple[str, set[str]]]:
    """View → roles, fields."""
    found: dict[str, tuple[str, set[str]]] = {}
    for line in VIEWS.strip().splitlines():
        if not line.startswith(" "):
            name, letters = line.split()
            found[name] = (letters, set())
        else:
            found[name][1].update(line.split())
    return found


def test_every_answer_has_the_fields_of_the_table_for_the_roles_of_the_table(
    cells: dict[str, int],
) -> None:
    letter_of = {role: letter for letter, role in LETTERS.items()}
    real = {}
    for model, roles in replied().items():
        letters = "".join(sorted((letter_of[role] for role in roles), key="isbfado".index))
        real[model.__name__] = (letters or "public", paths_of(model))

    assert real == views()
    cells["role × field of a view"] = 8 * sum(len(fields) for _, fields in real.values())


def test_an_alert_carries_the_fields_of_the_table(cells: dict[str, int]) -> None:
    assert paths_of(AlertPayload) == set(ALERT.split())
    cells["field of an alert"] = len(ALERT.split())


def test_an_export_has_the_columns_of_the_table(cells: dict[str, int]) -> None:
    assert list(COLUMNS) == EXPORT.split()
    cells["column of an export"] = len(COLUMNS)


# What each role can really read of a case: marks in every fact, looked for in every answer.
# Columns: intake, supervisor, another partner's supervisor (n), brand, factory, auditor, dpo,
# operator, the worker with her receipt code (w), the brand's topic (t), the export's file (x).
# The number of workers is in the yearly sum of people whose data crossed a border, and here it is
# that of a single case.
# Who the worker is nobody reads with GET: it is opened, with a reason that is recorded. The officer
# sees which cases ask to be erased and which ones retention has announced.
FACTS = """
                     i s n b f a d o w t x
narrative            y y - - - - - - - - -
summary              y y - y - - - - - y -
requested_remedy     y y - - - - - - - - -
reported_name        y y - - - - - - - - -
reported_address     y y - - - - - - - - -
partner_ref          y y - - - - - - - - -
workers_affected     y y - - - - y - - - -
partner_note         y y - - - - - - - - -
brand_reply          y y - y - - - - - - -
proposal_reason      y y - - - - - - - - -
plan_statement       y y - y - - - - - - -
plan_return_reason   y y - y - - - - - - -
brand_question       y y - y - - - - - - -
partner_answer       y y - y - - - - - - -
question_to_factory  y y - y y - - - - - -
factory_answer       y y - y y - - - - - -
message_to_brands    y y - y - - - - - - -
remedy_type          y y - - - - - - - - y
remedy_amount_band   y y - - - - - - - - y
extension_reason     y y - y - - - - - - -
decision_reason      y y - y - - - - - - -
worker_name          - - - - - - - - - - -
worker_phone         - - - - - - - - - - -
partner              y y - - - - y y - - -
grievance_id         y y - - - - y - - - -
public_ref           y y - y - - y - y y y
registry_name        y y y y - - - y - y -
registry_address     y y y y - - - y - y -
os_id                y y y y - - - y - y y
factory_id           y y y y - - - y - y y
brand_name           y y y - - - - y - - -
engagement_text      - - - y - y - y - - -
user_label           - y - - - - - y - - -
aws_account          - - - - - - - y - - -
endpoint             - - - y - - - - - - -
line_name            - y - - - - - y - - -
poster_code          - y - - - - - y - - -
"""
OS_ID = "CN2019303BQ3FZP"
PROMISE = {"what": "Pay.", "owner": "Finance", "due_on": "2026-12-31", "evidence": "Payslips."}
AGREED = {
    "level": "C3",
    "cross_border": True,
    "publish_summary": True,
    "script_version": "helpline-zh-3",
}
MARKS: dict[str, str] = {
    "narrative": "mark-narrative-7f3a",
    "summary": "mark-summary-7f3a",
    "requested_remedy": "mark-remedy-7f3a",
    "reported_name": "mark-reported-name-7f3a",
    "reported_address": "mark-reported-address-7f3a",
    "partner_ref": "mark-partner-ref-7f3a",
    "workers_affected": "834721",
    "partner_note": "mark-note-7f3a",
    "brand_reply": "mark-reply-7f3a",
    "proposal_reason": "mark-reason-7f3a",
    "plan_statement": "mark-statement-7f3a",
    "plan_return_reason": "mark-sent-back-7f3a",
    "brand_question": "mark-question-7f3a",
    "partner_answer": "mark-answer-7f3a",
    "question_to_factory": "mark-to-factory-7f3a",
    "factory_answer": "mark-from-factory-7f3a",
    "message_to_brands": "mark-message-7f3a",
    "remedy_type": "rehabilitation",
    "remedy_amount_band": "3-to-12",
    "extension_reason": "mark-more-time-7f3a",
    "decision_reason": "mark-decision-7f3a",
    "worker_name": "mark-worker-7f3a",
    "worker_phone": "834 7217 3520",
    "partner": "handshake-gz",
    "registry_name": "mark-registry-name-7f3a",
    "registry_address": "mark-registry-address-7f3a",
    "os_id": OS_ID,
    "brand_name": "mark-brand-name-7f3a",
    "engagement_text": "mark-engagement-7f3a",
    "user_label": "mark-user-7f3a",
    "aws_account": "583310274916",
    "endpoint": "mark-endpoint-7f3a@brand.example",
    "line_name": "mark-line-7f3a",
}


@pytest.fixture
def marked(service: Service) -> dict[str, str]:
    """A case with a mark in every fact; the marks by fact."""
    service.engage("acme", purpose_text=MARKS["engagement_text"])
    service.engage("audit-house", purpose_text=MARKS["engagement_text"])
    service.brand(name=MARKS["brand_name"], aws_account_id=MARKS["aws_account"])
    factory_id = service.factory(
        MARKS["registry_name"], address=MARKS["registry_address"], os_id=OS_ID
    )
    service.link(factory_id)
    partner = service.partner()
    grievance_id = submitted(
        partner,
        narrative=MARKS["narrative"],
        summary=MARKS["summary"],
        requested_remedy=MARKS["requested_remedy"],
        partner_ref=MARKS["partner_ref"],
        workers_affected=int(MARKS["workers_affected"]),
        ilo_indicators=["debt_bondage"],
        factory_reported={
            "name": MARKS["reported_name"],
            "address": MARKS["reported_address"],
            "country": "CN",
            "identifiers": [OS_ID],
        },
        consent=AGREED,
        worker=_worker(MARKS),
    )
    service.tick()
    path = f"/v1/grievances/{grievance_id}"
    partner.post(f"{path}/messages", {"text": MARKS["partner_note"]})
    case = partner.get(path).json()
    lowered = {"severity": "S2", "severity_reason": MARKS["proposal_reason"]}
    assert partner.patch(path, lowered, If_Match=f'"{case["version"]}"').status == 202
    desk = service.brand_desk()
    (row,) = desk.get("/v1/alerts").json()["items"]
    desk.post(f"/v1/alerts/{row['alert_id']}/replies", {"text": MARKS["brand_reply"]})
    extension_id = _talked(partner, desk, path, f"/v1/alerts/{row['alert_id']}")
    factory = service.management(factory_id, HOUSES[Role.FACTORY])
    question_id = _asked_the_factory(desk, factory, f"/v1/alerts/{row['alert_id']}")
    promised = {"statement": MARKS["plan_statement"], "actions": [PROMISE]}
    plan_id = desk.post(f"/v1/alerts/{row['alert_id']}/plans", promised).json()["plan_id"]
    back = {"reason": MARKS["plan_return_reason"]}
    assert partner.post(f"{path}/plans/{plan_id}/return", back).status == 200
    types = ["restitution", MARKS["remedy_type"]]
    got = {"remedy": {"types": types, "amount_band": MARKS["remedy_amount_band"]}}
    assert partner.put(f"{path}/remedy", got).status == 200
    mail = {"protocol": "email", "endpoint": MARKS["endpoint"]}
    subscription = desk.post("/v1/subscriptions", mail).json()
    home = "/v1/organisations/handshake-gz"
    user = {"role": "partner_intake", "name": MARKS["user_label"]}
    assert partner.post(f"{home}/users", user).status == 201
    period = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
    assert service.auditor().post("/v1/exports", period).status == 202
    service.drain()
    assert partner.post(f"{path}/erasure-requests", {"reason": "worker_request"}).status == 201
    known = {"grievance_id": grievance_id, "public_ref": case["public_ref"]}
    known["subscription_id"] = subscription["subscription_id"]
    known |= {"question_id": question_id, "extension_id": extension_id}
    known["plan_id"] = announced_plan(service, grievance_id)
    line = {"provider": "kobo", "name": MARKS["line_name"], "fields": {"text": "q1"}}
    known["line_id"] = partner.post("/v1/lines", line).json()["line_id"]
    codes = f"/v1/factories/{factory_id}/poster-codes"
    known["poster_code"] = partner.post(codes, {}).json()["code"]
    return {**MARKS, **known, "factory_id": factory_id, "alert_id": row["alert_id"]}


def _asked_the_factory(desk: Caller, factory: Caller, alert: str) -> str:
    """The brand asks the factory, which answers; the id of the question."""
    wish = {"text": MARKS["question_to_factory"], "to": "factory"}
    question_id = str(desk.post(f"{alert}/questions", wish).json()["question_id"])
    answer = {"text": MARKS["factory_answer"]}
    assert factory.post(f"/v1/questions/{question_id}/answers", answer).status == 201
    return question_id


def _talked(partner: Caller, desk: Caller, case: str, alert: str) -> str:
    """Brand and partner ask, answer, write and decide; the id of the request for more time."""
    question = desk.post(f"{alert}/questions", {"text": MARKS["brand_question"]}).json()
    answers = f"{case}/questions/{question['question_id']}/answers"
    wanted = {"clock": "hard_stop", "days": 9, "reason": MARKS["extension_reason"]}
    extension = desk.post(f"{alert}/extensions", wanted).json()
    decision = f"{case}/extensions/{extension['extension_id']}/decision"
    for path, body in (
        (answers, {"text": MARKS["partner_answer"]}),
        (f"{case}/messages", {"text": MARKS["message_to_brands"], "visibility": "brand"}),
    ):
        assert partner.post(path, body).status == 201
    decided = {"granted": True, "reason": MARKS["decision_reason"]}
    assert partner.post(decision, decided).status == 200
    return str(extension["extension_id"])


def announced_plan(service: Service, grievance_id: str) -> str:
    """A plan of retention that this case is in, as if it had ended long ago."""
    retention, now = service.deps.retention, service.deps.now()
    rule_id, erases = "cn.identity", ErasureScope.IDENTITY
    scheduled = Scheduled(
        grievance_id=grievance_id, ended_at=now, rule_id=rule_id, erases=erases, due_at=now
    )
    retention.settle(scheduled, scheduled, Outlook.DROPPED, now)  # writes what comes next
    plan = Plan(
        plan_id=plan_id_for(rule_id, now),
        rule_id=rule_id,
        erases=erases,
        announced_at=now,
        carry_out_at=now + NOTICE,
    )
    assert retention.announce(scheduled, plan)
    return plan.plan_id


def _worker(marks: dict[str, str]) -> dict[str, str]:
    return {"name": marks["worker_name"], "phone": marks["worker_phone"]}


def facts() -> Iterator[tuple[str, dict[str, bool]]]:
    """Fact → audience → may see it."""
    audiences, *lines = FACTS.strip().splitlines()
    for line in lines:
        fact, *marks = line.split()
        assert set(marks) <= {"y", "-"}, line
        yield fact, dict(zip(audiences.split(), (m == "y" for m in marks), strict=True))


def test_a_fact_is_read_by_whom_the_table_names_and_by_nobody_else(
    service: Service, marked: dict[str, str], cells: dict[str, int]
) -> None:
    read = {letter: _all_answers(service, role, marked) for letter, role in LETTERS.items()}
    read["n"] = _answers(service, service.partner("other-ngo"), Role.PARTNER_SUPERVISOR, marked)
    read["w"] = _to_the_worker(service, marked)
    read["t"] = json.dumps(service.received_alerts(), ensure_ascii=False)
    read["x"] = _exported(service)
    for fact, seen_by in facts():
        for audience, may in seen_by.items():
            assert (marked[fact] in read[audience]) is may, (fact, audience)
            cells["fact × who reads it"] = cells.get("fact × who reads it", 0) + 1


HOUSES = {
    Role.BRAND: "acme",
    Role.FACTORY: "mill-one",
    Role.AUDITOR: "audit-house",
    Role.OPERATOR: "operations",
    Role.PARTNER_INTAKE: "handshake-gz",
    Role.PARTNER_SUPERVISOR: "handshake-gz",
}


def _all_answers(service: Service, role: Role, marked: dict[str, str]) -> str:
    caller = service.caller(role, HOUSES.get(role, "some-house"))
    return _answers(service, caller, role, marked)


def _answers(service: Service, caller: Caller, role: Role, marked: dict[str, str]) -> str:
    """All that a role can read with GET, with the ids of what there is: bodies and headers."""
    house = HOUSES.get(role, "some-house")
    found: list[str] = []
    for operation in (o for o in OPERATIONS if o.method == "GET" and o.roles):
        for ids in _ids(service, operation, marked, house):
            path = operation.path.format(**ids) + _query(operation)
            answer = caller.send("GET", path, None, {})
            assert answer.status in (200, 403, 404), (path, answer.body)
            found.append(answer.body.decode() + str(answer.headers))
    return "\n".join(found)


def _query(operation: Operation) -> str:
    wanted = {"list_brand_links": "?brand_id=acme", "list_access_log": "?month=2026-11"}
    wanted["list_calls"] = "?month=2026-11"
    wanted["count_calls"] = "?month=2026-11"
    wanted["count_border_crossings"] = "?year=2026"
    return wanted.get(operation.name, "")


def _ids(
    service: Service, operation: Operation, marked: dict[str, str], house: str
) -> Iterator[dict[str, str]]:
    """Ids for a route: an operator looks at every house, all others at their own."""
    exports = service.auditor().get("/v1/exports").json()["items"]
    houses = (house, "handshake-gz", "acme", "audit-house")
    for name in houses if "organisation_id" in operation.path_parameters else houses[:1]:
        engagements = service.deps.access.all_engagements(name)
        yield {
            **marked,
            "brand_id": "acme",
            "attachment_id": "at_" + "0" * 26,
            "export_id": exports[0]["export_id"],
            "import_id": "i_" + "0" * 26,
            "grievance_import_id": "gi_" + "0" * 26,
            "answer_id": "sa_" + "0" * 26,
            "draft_id": "ad_" + "0" * 26,
            "answer_version": "1",
            "quarter": "2026-Q2",
            "redelivery_id": "r_" + "0" * 26,
            "reconciliation_id": "rc_" + "0" * 26,
            "organisation_id": name,
            "tree_size": "1",
            "engagement_id": engagements[0].engagement_id if engagements else "e_" + "0" * 26,
        }


def _to_the_worker(service: Service, marked: dict[str, str]) -> str:
    again = service.partner().post(
        "/v1/grievances",
        filing(
            narrative=marked["narrative"],
            summary=marked["summary"],
            requested_remedy=marked["requested_remedy"],
            partner_ref=marked["partner_ref"],
            workers_affected=int(marked["workers_affected"]),
            ilo_indicators=["debt_bondage"],
            factory_reported={
                "name": marked["reported_name"],
                "address": marked["reported_address"],
                "country": "CN",
                "identifiers": [OS_ID],
            },
            consent=AGREED,
            worker=_worker(marked),
        ),
        Idempotency_Key="k-1",
    )
    code = again.json()["receipt_code"]
    answer = service.public().get("/v1/receipts", Receipt_Code=code)
    assert answer.status == 200
    return answer.body.decode() + str(answer.headers)


def _exported(service: Service) -> str:
    (export,) = service.auditor().get("/v1/exports").json()["items"]
    content = service.deps.files.get(f"exports/{export['export_id']}/cases.csv")
    assert content is not None
    return content.decode()


# What nobody may send: fields that are not there, and fields that the service itself sets

SERVER_OWNED = (
    *("grievance_id", "public_ref", "partner_id", "receipt_hash", "ledger_hash", "version"),
    *("state", "routing", "factory_id", "match", "clocks", "proposal", "alerted_brands"),
    *("organisation", "organisation_id", "user_id", "key_id", "role", "issued_by", "made_by"),
    *("created_at", "created_by", "updated_at", "ended_at", "revoked_at", "suspended_at"),
    *("by", "at", "owner", "status", "job_id", "case_id", "pk", "sk", "expires", "__class__"),
)


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.body], ids=lambda o: o.name)
def test_a_field_that_is_unknown_or_not_ones_own_to_set_is_refused_at_every_depth(
    service: Service, operation: Operation, cells: dict[str, int]
) -> None:
    assert operation.body is not None
    tell(service, until="known")
    caller = caller_for(service, operation)
    before = service.all_items()
    for path, model in nested_in(operation.body):
        names = {"unknown_field", *SERVER_OWNED} - set(model.model_fields)
        for name in sorted(names):
            body = _with(example_body(operation), path, {name: "x"})
            headers = {"Idempotency-Key": "k-extra", "If-Match": '"1"'}
            answer = caller.send(operation.method, example_path(operation), body, headers)
            where = ".".join((*path, name))
            assert answer.status == 422, (where, answer.body)
            codes = [error["code"] for error in answer.json()["errors"]]
            assert "extra_forbidden" in codes, (where, answer.body)
            cells["body × depth × field that is refused"] = (
                cells.get("body × depth × field that is refused", 0) + 1
            )
    assert service.all_items() == before


def _with(body: Any, path: tuple[str, ...], more: dict[str, Any]) -> dict[str, Any]:
    """The body with something more in the object at a path, which is made where it is missing."""
    whole: dict[str, Any] = json.loads(json.dumps(body))
    place: Any = whole
    for number, step in enumerate(path):
        if step == "0":
            place = place[0]
            continue
        in_list = path[number + 1 : number + 2] == ("0",)
        if not place.get(step):
            place[step] = [{}] if in_list else {}
        place = place[step]
    place.update(more)
    return whole
