"""What each success looks like, for a reader of the description: views of one story."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel

from chalicelib.api.admission.access_keys import IssuedKey
from chalicelib.api.alerting.dialogue_views import (
    FactoryQuestion,
    QuestionView,
    extension_view,
    factory_question,
    question_view,
)
from chalicelib.api.alerting.plan_views import plan_view
from chalicelib.api.alerting.scorecards import ScorecardView
from chalicelib.api.cases.attachments import (
    AttachmentAwaited,
    AttachmentRow,
    AttachmentView,
    Upload,
)
from chalicelib.api.cases.grievance_imports import GrievanceImportView
from chalicelib.api.cases.signals import SignalView
from chalicelib.api.description import answer_examples as answers
from chalicelib.api.description import line_examples as lines
from chalicelib.api.description import operating_examples as operating
from chalicelib.api.description import people_examples as people
from chalicelib.api.description import story as tale
from chalicelib.api.description import subscription_examples as subscriptions
from chalicelib.api.description.rules_view import Rules, rules_view
from chalicelib.api.description.story import AT, Story, actor, request_of, story
from chalicelib.api.endpoint import Operation
from chalicelib.api.factories.brand_registry import BrandView
from chalicelib.api.factories.os_id_merges import OsIdMergeView
from chalicelib.api.helpline.form_webhooks import FlowTaken, SubmissionTaken
from chalicelib.api.identities.border_crossings import BorderCrossings
from chalicelib.api.identities.erasures import erasure_state
from chalicelib.api.identities.identities import IdentityHeld, IdentityOpened, SamePersonRow
from chalicelib.api.identities.retention import PreviewRow
from chalicelib.api.jobs import ExportView, ImportView, Manifest, ProofsFile, StatedEngagement
from chalicelib.api.ledger_heads import LeavesView
from chalicelib.api.listing import Listing
from chalicelib.api.progress import prepared_message, progress_of
from chalicelib.api.public import Health, Taxonomy
from chalicelib.api.views import (
    AlertRow,
    EntryView,
    GrievanceRow,
    MessageView,
    ProposalView,
    alert_view,
    case_alert_view,
    grievance_view,
    proposal_view,
    review_view,
    shown,
)
from chalicelib.domain import rules, taxonomy
from chalicelib.domain.alerting.scorecard import BrandStatement, Figures, Quarter, Share
from chalicelib.domain.cases.agreement import propose_closing
from chalicelib.domain.cases.attachment import Attachment, AttachmentWish, CleanFile, asked_for
from chalicelib.domain.cases.deadlines import Step, signal_of
from chalicelib.domain.cases.statement import Statement
from chalicelib.domain.cases.transitions import Transition
from chalicelib.domain.factories.judgement import Judgement, judgement_id_for
from chalicelib.domain.factories.os_id_merge import OsIdMergeFields
from chalicelib.domain.helpline.grievance_import import (
    GrievanceImportCounts,
    GrievanceImportRequest,
)
from chalicelib.domain.identities.erasure import ErasureRequest
from chalicelib.domain.identities.hand_over import HandOver
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.identities.retention import Outlook, Plan, PlanLine, plan_id_for
from chalicelib.domain.record.export_row import COLUMNS
from chalicelib.domain.record.ledger import GENESIS
from chalicelib.domain.record.merkle import complete_root, leaf_hash
from chalicelib.domain.record.seal import SignedHead
from chalicelib.domain.references import derive_id, receipt_code
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.vocabulary import (
    AttachmentStatus,
    ConsentLevel,
    EscalationLevel,
    JudgementVerdict,
    Outcome,
    RemedyAmountBand,
    RemedyType,
    Role,
    RootCause,
    Side,
    SignalKind,
    State,
    WorkersBand,
    WorkerVerdict,
)
from chalicelib.domain.work.job import JobStatus, Progress
from chalicelib.matching.judged import confirmed_key
from chalicelib.store.revised_rows import QuestionOfCase
from chalicelib.usecases.cases.submit_grievance import Receipt
from chalicelib.usecases.factories.import_disclosure import Imported, ImportRequest
from chalicelib.usecases.identities.count_border_crossings import BorderCrossing
from chalicelib.usecases.record.run_export import ExportRequest

_DONE_AT = AT + timedelta(seconds=20)
_QUARTER = "2026-Q2"
_HEAD_SIZE = 2  # what is sealed when the story is told: the case was received, and routed
_MERGED_OS_ID = "CN2021045M4T9XQ"
_TOPIC = f"arn:aws:sns:eu-central-1:123456789012:handshake-prod-brand-{tale.BRAND}"


def reply_example(model: type[BaseModel]) -> Any:
    """A reply of this model as JSON. KeyError for a model that has no example yet."""
    if issubclass(model, Listing):
        item = model.model_fields["items"].annotation.__args__[0]  # type: ignore[union-attr]
        return {"items": [reply_example(item)], "next_cursor": None}
    return _replies()[model].model_dump(mode="json")


def path_example(name: str) -> str:
    """The value of a path parameter within the story. KeyError for an unknown one."""
    told = story()
    return {
        "grievance_id": told.filed.grievance_id,
        "attachment_id": _attachment(told).attachment_id,
        "alert_id": told.alert.alert_id,
        "factory_id": told.factory.factory_id,
        "brand_id": tale.BRAND,
        "os_id": _MERGED_OS_ID,
        "export_id": _export_id(),
        "import_id": _import_id(),
        "grievance_import_id": _grievance_import_id(),
        "redelivery_id": operating.redelivery_id(),
        "reconciliation_id": operating.reconciliation_id(),
        "judgement_id": _judgement(told).judgement_id,
        "organisation_id": people.HOUSE,
        "user_id": people.user().user_id,
        "key_id": people.key().key_id,
        "engagement_id": people.engagement().engagement_id,
        "key_proposal_id": people.key_proposal().proposal_id,
        "proposal_id": derive_id("p", told.filed.grievance_id, "3"),
        "answer_id": answers.draft().answer_id,
        "draft_id": answers.draft().draft_id,
        "answer_version": "1",
        "subscription_id": subscriptions.subscription_id(),
        "asset": "page.css",
        "remediation_plan_id": tale.plan().plan_id,
        "question_id": tale.question().question_id,
        "extension_id": tale.extension().extension_id,
        "action_number": "1",
        "quarter": _QUARTER,
        "plan_id": plan_id_for("cn.identity", AT + timedelta(days=30)),
        "tree_size": str(_HEAD_SIZE),
        "line_id": lines.line().line_id,
        "poster_code": lines.poster().code,
    }[name]


def query_examples(model: type[BaseModel]) -> Mapping[str, Any]:
    """Values for the required parameters of a query, and none for the others."""
    known = {
        **_list_query(),
        "brand_id": tale.BRAND,
        "month": f"{AT:%Y-%m}",
        "year": AT.year,
    }
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    return {name: known[name] for name in model.model_fields if name in required}


def header_example(name: str, operation: Operation) -> str | None:
    """A value for a request header; None where an example would not help."""
    of_case = "grievance_id" in operation.path_parameters
    return {
        "Idempotency-Key": tale.IDEMPOTENCY_KEY,
        "If-Match": f'"{story().told.version if of_case else 1}"',
        "Receipt-Code": _receipt_code(),
        "Accept-Language": "zh-CN",
    }.get(name)


@cache
def _replies() -> Mapping[type[BaseModel], BaseModel]:
    told = story()
    examples: list[BaseModel] = [
        Health(stage="prod"),
        Taxonomy(version=taxonomy.VERSION, categories=taxonomy.ENTRIES[:1]),
        _rules(),
        _receipt(told),
        *_forms_taken(told),
        progress_of(told.told, None),
        prepared_message(told.told, _receipt_code()),
        grievance_view(told.told),
        _grievance_row(told),
        shown(EntryView, told.filed.first_entry, organisation=tale.PARTNER),
        *_attachments(told),
        *_identity(told),
        *_retention(told),
        *operating.examples(),
        *answers.examples(),
        *lines.examples(),
        _message(told),
        _signal(told),
        review_view(told.unsure, {told.factory.factory_id: told.factory}),
        _alert_row(told),
        *subscriptions.examples(_alert_row(told)),
        alert_view(told.alert, told.told),
        case_alert_view(told.alert),
        plan_view(tale.plan()),
        _scorecard(),
        _answered(),
        _asked_of_factory(),
        extension_view(tale.extension()),
        _statement(told),
        shown(BrandView, told.brand, topic_arn=_TOPIC),
        told.factory,
        told.link,
        _merge(),
        _judgement(told),
        _proposal(told),
        _head(),
        LeavesView(
            tree_size=_HEAD_SIZE,
            first_leaf=0,
            leaves_url="https://files.handshake.example/leaves/000000000000000.jsonl?signed",
        ),
        _export(),
        _import(),
        _grievance_import(),
        people.organisation(),
        people.user(),
        people.key(),
        shown(IssuedKey, people.key(), key=people.KEY),
        people.key_proposal(),
        people.engagement(),
        people.log_entry(),
        BorderCrossings(items=(BorderCrossing(jurisdiction="CN", year=2026, people=34, cases=1),)),
    ]
    return {type(example): example for example in examples}


def _scorecard() -> ScorecardView:
    quarter = Quarter.named(_QUARTER)
    return ScorecardView(
        brand_id=tale.BRAND,
        quarter=_QUARTER,
        computed_at=quarter.computed_from,
        public_from=quarter.public_from,
        figures=Figures(
            cases=45,
            acknowledged_in_time=Share(of=45, percent=87),
            replied_in_time=Share(of=45, percent=71),
            median_days_to_acknowledge=2.4,
            median_days_to_reply=9.8,
            plans_kept=Share(of=20, percent=83),
            resolved=Share(of=30, percent=62),
            reopened=Share(),
            workers_remedied=WorkersBand.UP_TO_1000,
        ),
        statements=(BrandStatement.STILL_AT_WORK,),
        stated_at=quarter.computed_from + timedelta(days=3),
    )


def _answered() -> QuestionView:
    text = request_of("answer_question")["text"]
    answered = tale.question().answered(text, ConsentLevel.C3, _DONE_AT)
    return question_view(answered)


def _asked_of_factory() -> FactoryQuestion:
    text = request_of("answer_brand")["text"]
    asked, case = tale.question_to_factory()
    answered = asked.answered(text, ConsentLevel.C3, _DONE_AT)
    return factory_question(QuestionOfCase(answered, case))


def _statement(told: Story) -> Statement:
    return Statement(
        statement_id=derive_id("m", told.filed.grievance_id, "3"),
        at=_DONE_AT,
        side=Side.FACTORY,
        brand_id=tale.BRAND,
        question_id=None,
        text="The wages were late because a customer paid late. They are paid on 15 December.",
    )


def _merge() -> OsIdMergeView:
    fields = OsIdMergeFields.model_validate(request_of("put_os_id_merge"))
    return OsIdMergeView(
        **dict(fields),
        os_id=_MERGED_OS_ID,
        current_os_id=fields.into,
        way=(_MERGED_OS_ID, fields.into),
        updated_at=AT,
        version=1,
    )


def _judgement(told: Story) -> Judgement:
    verdict, spelling_key = JudgementVerdict.SAME, confirmed_key(told.filed.factory_reported).value
    factory_id = told.factory.factory_id
    return Judgement(
        judgement_id=judgement_id_for(verdict, spelling_key, factory_id),
        verdict=verdict,
        factory_id=factory_id,
        reported=told.filed.factory_reported,
        spelling_key=spelling_key,
        judged_by=tale.PARTNER,
        judged_at=_DONE_AT,
    )


def _rules() -> Rules:
    whole = rules_view()
    return whole.model_copy(
        update={
            "clocks": whole.clocks[:3],
            "extensions": whole.extensions[:1],
            "calendars": whole.calendars[:3],
            "retention": whole.retention[:1],
        }
    )


def _forms_taken(told: Story) -> list[BaseModel]:
    case = {"grievance_id": told.filed.grievance_id, "public_ref": told.filed.public_ref}
    return [
        FlowTaken(code="received", receipt_code=_receipt_code(), **case),
        SubmissionTaken(code="received", **case),
    ]


def _receipt(told: Story) -> Receipt:
    return shown(
        Receipt,
        told.filed,
        receipt_code=_receipt_code(),
        respond_by=told.filed.opening.respond_by,
    )


def _receipt_code() -> str:
    return receipt_code(story().filed.grievance_id, tale.SECRET)


def _grievance_row(told: Story) -> GrievanceRow:
    return shown(GrievanceRow, told.told, factory_name=told.told.factory_reported.name)


def _attachment(told: Story) -> Attachment:
    return asked_for(
        AttachmentWish.model_validate(request_of("add_attachment")),
        grievance_id=told.filed.grievance_id,
        key=tale.SECRET,
        by=actor(Role.PARTNER_INTAKE, tale.PARTNER),
        at=AT,
    )


def _attachments(told: Story) -> list[BaseModel]:
    awaited = _attachment(told)
    path = f"{awaited.grievance_id}/{awaited.attachment_id}"
    fields = {"key": f"incoming/{path}", "Content-Type": awaited.content_type, "policy": "eyJ…"}
    bucket = "https://s3.eu-central-1.amazonaws.com/handshake-attachments"
    upload = Upload(url=bucket, fields=fields, expires_at=awaited.upload_until)
    kept = CleanFile(bytes=171_004, sha256=hashlib.sha256(b"the picture made anew").hexdigest())
    clean = awaited.settled(AttachmentStatus.CLEAN, _DONE_AT, clean=kept)
    return [
        shown(AttachmentAwaited, awaited, upload=upload),
        shown(AttachmentRow, clean),
        shown(AttachmentView, clean, download_url=f"{bucket}/clean/{path}?X-Amz-Signature=…"),
    ]


def _identity(told: Story) -> list[BaseModel]:
    grievance_id = told.filed.grievance_id
    worker = WorkerIdentity.model_validate(request_of("keep_identity"))
    return [
        IdentityHeld(grievance_id=grievance_id, holds=worker.fields_given),
        IdentityOpened(grievance_id=grievance_id, opened_at=_DONE_AT, entry=4, worker=worker),
        HandOver(
            grievance_id=grievance_id,
            **request_of("hand_over_identity"),
            handed_over_at=_DONE_AT,
            by=actor(Role.PARTNER_SUPERVISOR, tale.PARTNER),
            entry=5,
        ),
        shown(SamePersonRow, told.filed),
        ErasureRequest(
            grievance_id=grievance_id,
            public_ref=told.filed.public_ref,
            partner_id=tale.PARTNER,
            **request_of("request_erasure"),
            requested_at=_DONE_AT,
            requested_by=actor(Role.PARTNER_SUPERVISOR, tale.PARTNER),
        ),
        erasure_state(told.told),
    ]


def _retention(told: Story) -> list[BaseModel]:
    grievance_id, rule = told.filed.grievance_id, rules.retention_rules("CN")[0]
    plan = Plan(
        plan_id=plan_id_for(rule.rule_id, AT),
        rule_id=rule.rule_id,
        erases=rule.erases,
        announced_at=AT,
        carry_out_at=AT + rules.NOTICE,
        planned=1,
    )
    return [
        plan,
        PlanLine(grievance_id=grievance_id, plan_id=plan.plan_id, at=AT),
        PreviewRow(
            grievance_id=grievance_id,
            rule_id=rule.rule_id,
            erases=rule.erases,
            due_at=plan.carry_out_at,
            plan_id=plan.plan_id,
            would=Outlook.ERASE,
        ),
    ]


def _message(told: Story) -> MessageView:
    return MessageView(
        message_id=derive_id("m", told.filed.grievance_id, "2"),
        grievance_id=told.filed.grievance_id,
        at=_DONE_AT,
        by=actor(Role.PARTNER_INTAKE, tale.PARTNER),
        **request_of("add_message"),
    )


def _signal(told: Story) -> SignalView:
    """Nobody has acknowledged the alert, nor has the brand's escalation contact."""
    case = told.told
    due_at = case.clocks[ClockKind.BRAND_ACKNOWLEDGES].due_at
    step = Step(due_at, ClockKind.BRAND_ACKNOWLEDGES, EscalationLevel.SUPERVISOR, due_at)
    at = due_at + timedelta(days=1)
    return shown(SignalView, signal_of(case, step, SignalKind.BRAND_OVERDUE, at))


def _alert_row(told: Story) -> AlertRow:
    names = set(AlertRow.model_fields) & set(type(told.alert.payload).model_fields)
    return shown(AlertRow, told.alert, **{n: getattr(told.alert.payload, n) for n in names})


def _proposal(told: Story) -> ProposalView:
    """The brand has paid; one of two supervisors has said that the case is resolved."""
    wish = {
        "to": State.CLOSED,
        "outcome": Outcome.RESOLVED,
        "root_cause": RootCause.FINANCIAL_DISTRESS,
        "verification_evidence": "Payslips of September and October.",
        "worker_verdict": WorkerVerdict.SATISFIED,
        "remedy": {
            "types": [RemedyType.APOLOGY, RemedyType.RESTITUTION],
            "amount_band": RemedyAmountBand.FROM_1,
        },
    }
    proposed = propose_closing(
        told.told.model_copy(update={"state": State.VERIFICATION}),
        Transition.model_validate(wish),
        by=people.supervisor(),
        at=_DONE_AT,
        commit=str,
    )
    return proposal_view(proposed.case.proposal)  # type: ignore[arg-type]  # just proposed


def _head() -> SignedHead:
    leaves = [leaf_hash(name.encode()) for name in ("received", "routed")]
    return SignedHead(
        key_id=hashlib.sha256(b"the key of an example").hexdigest(),
        previous=GENESIS,
        root=complete_root(leaves).hex(),
        sealed_at=AT + timedelta(hours=1),
        tree_size=_HEAD_SIZE,
        signature=base64.b64encode(b"a signature of an example").decode(),
    )


def _export() -> ExportView:
    request = ExportRequest.model_validate(request_of("request_export"))
    manifest = Manifest(
        export_id=_export_id(),
        file="cases.csv",
        request=request,
        engagement=shown(StatedEngagement, people.engagement()),
        columns=list(COLUMNS),
        row_count=1,
        withheld={"cross_border_consent_missing": 2},
        bytes=612,
        sha256=hashlib.sha256(b"the file of an example").hexdigest(),
        generated_at="2026-11-22T08:00:20Z",
        proofs=ProofsFile(
            file="proofs.jsonl",
            bytes=2_210,
            sha256=hashlib.sha256(b"the proofs of an example").hexdigest(),
            sealed=1,
        ),
        tree_head=_head(),
        key_id=_head().key_id,
        signature=_head().signature,
    )
    return ExportView(
        export_id=_export_id(),
        status=JobStatus.DONE,
        format=request.format,
        engagement_id=people.engagement().engagement_id,
        created_at=AT,
        finished_at=_DONE_AT,
        progress=Progress(done=1, total=1),
        error=None,
        manifest=manifest,
        download_url="https://files.handshake.example/exports/cases.csv?signed",
        manifest_url="https://files.handshake.example/exports/manifest.json?signed",
        proofs_url="https://files.handshake.example/exports/proofs.jsonl?signed",
    )


def _import() -> ImportView:
    return ImportView(
        import_id=_import_id(),
        status=JobStatus.DONE,
        request=ImportRequest.model_validate(_list_query()),
        created_at=AT,
        finished_at=_DONE_AT,
        progress=Progress(done=1, total=1),
        error=None,
        error_detail=None,
        counts=Imported(facilities=1, factories_updated=1, links_updated=1),
        problems={},
        report_url="https://files.handshake.example/imports/report.json?signed",
    )


def _grievance_import() -> GrievanceImportView:
    return GrievanceImportView(
        import_id=_grievance_import_id(),
        status=JobStatus.DONE,
        request=GrievanceImportRequest(),
        created_at=AT,
        finished_at=_DONE_AT,
        progress=Progress(done=1, total=1),
        counts=GrievanceImportCounts(filed=1),
        error=None,
        error_detail=None,
        filed_url="https://files.handshake.example/lists/filed.csv?signed",
        refused_url=None,
    )


def _list_query() -> dict[str, str]:
    return {
        "brand_id": tale.BRAND,
        "disclosed_at": "2026-06-30",
        "source": tale.LIST_SOURCE,
    }


def _export_id() -> str:
    return derive_id("x", tale.AUDITOR, "example")


def _grievance_import_id() -> str:
    return derive_id("gi", "example")


def _import_id() -> str:
    return derive_id("i", "example")
