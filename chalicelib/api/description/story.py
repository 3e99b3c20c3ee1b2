"""One story, told by the domain itself, so that the description's examples cannot drift from it.

Partner `handshake-gz` files the grievance that the route gives as its example; brand `acme` sources
from the factory, is told and answers. All ids are those the service derives from this very input.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from chalicelib.api.cases.partner_bodies import NewGrievance
from chalicelib.api.endpoint import OPERATIONS, Operation
from chalicelib.domain.admission.key_text import RANDOM_BYTES
from chalicelib.domain.alerting.alert import Alert, Reply
from chalicelib.domain.cases.case import Case, open_case
from chalicelib.domain.cases.extension import Extension, NewExtension, asked_for
from chalicelib.domain.cases.question import NewQuestion, Question, asked, asked_factory
from chalicelib.domain.cases.routing import Told, for_review, route
from chalicelib.domain.factories.registry import Brand, Factory, FactoryFields, SourcingLink
from chalicelib.domain.factories.resolution import Candidate, Decision, Match
from chalicelib.domain.record.ledger import canonical
from chalicelib.domain.references import keyed_hash, secret_id
from chalicelib.domain.remedies.remediation import NewPlan, RemediationPlan, submitted
from chalicelib.domain.vocabulary import AlertStatus, MatchMethod, Role, Verdict
from chalicelib.store.revised_rows import QuestionOfCase
from chalicelib.usecases.factories.keep_factories import factory_id_for

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PARTNER = "handshake-gz"
BRAND = "acme"
AUDITOR = "audit-house"
MILL = "yi-chang-tai"
OPERATOR = "operations"
IDEMPOTENCY_KEY = "7b1f0c1e-5a0e-4f7c-9d55-2f6c1c2f8a11"
DESK_URL = "https://api.handshake.example"
SECRET = b"the secret of an example"
LIST_SOURCE = "acme-factory-list"
LIST_FILE = (
    "Factory Name,Address,City,Country\n"
    'Yi Chang Tai Garment Factory,"48 Kangzheng Road, Nanwan",Shenzhen,China\n'
)

GRIEVANCE_FILE = (
    "partner_ref,text,factory_name,factory_country,categories,language\n"
    "GZ-2026-0418,Overtime of October was not paid.,Yi Chang Tai,CN,working_time,zh-CN\n"
)
WECHAT_MESSAGE = (
    "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>"
    "<FromUserName><![CDATA[oExample_openid-of-nobody-00]]></FromUserName>"
    "<CreateTime>1795420800</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[两个月没有发工资。]]></Content><MsgId>1234567890123456</MsgId></xml>"
)
FILES = {
    "request_import": LIST_FILE,
    "request_grievance_import": GRIEVANCE_FILE,
    "hear_wechat_message": WECHAT_MESSAGE,
}
"""What is uploaded, or sent in no JSON, by operation."""

_ALERTED_AT = AT + timedelta(minutes=1)
_ANSWERED_AT = _ALERTED_AT + timedelta(hours=2)


class Story(NamedTuple):
    """What there is once the story is told."""

    filed: Case
    unsure: Case
    told: Case
    alert: Alert
    brand: Brand
    factory: Factory
    link: SourcingLink


@cache
def story() -> Story:
    """The story of the routes' own example requests."""
    filed, factory = _filed(), _factory()
    brand = Brand(brand_id=BRAND, updated_at=AT, **request_of("put_brand"))
    link = SourcingLink(
        brand_id=BRAND, factory_id=factory.factory_id, updated_at=AT, **request_of("put_link")
    )
    match = Match(
        method=MatchMethod.SIMILARITY,
        score=0.994,
        evidence=("same name", "same country: CN", "same district or city: shenzhen"),
        version="2026-11-22T080000Z-4f2a9c01/98cd1ce8",
        matched_name=factory.name,
        features={"exact": 1.0, "country_equal": 1.0, "place_set": 0.93},
    )
    told = route(
        filed,
        factory,
        match,
        [Told(brand, link)],
        desk_url=DESK_URL,
        at=_ALERTED_AT,
        commit=_commit,
    )
    return Story(
        filed=filed,
        unsure=_unsure(filed, factory),
        told=told.case,
        alert=_answered(told.alerts[0]),
        brand=brand,
        factory=factory,
        link=link,
    )


def plan() -> RemediationPlan:
    """What the brand of the story promises at once, before anything else is done about the case."""
    told = story().told
    promised, _ = submitted(
        NewPlan.model_validate_json(canonical(request_of("submit_plan"))),
        (),
        grievance_id=told.grievance_id,
        brand_id=BRAND,
        alert_id=story().alert.alert_id,
        seed=str(told.version + 1),
        at=AT,
    )
    return promised


def question() -> Question:
    """What the brand of the story asks at once."""
    told = story().told
    return asked(
        told,
        NewQuestion.model_validate(request_of("ask_partner")),
        (),
        alert_id=story().alert.alert_id,
        brand_id=BRAND,
        at=AT,
    )


def question_to_factory() -> QuestionOfCase:
    """What it asks the factory instead."""
    told, alert = story().told, story().alert
    factory = asked_factory(told, alert, AT)
    return QuestionOfCase(question().model_copy(update={"factory": factory}), told)


def extension() -> Extension:
    """The time that the brand of the story asks for at once."""
    told = story().told
    return asked_for(
        told,
        NewExtension.model_validate(request_of("request_extension")),
        (),
        alert_id=story().alert.alert_id,
        brand_id=BRAND,
        at=AT,
    )


def token(size: int) -> str:
    """The randomness of the story: what a key is made of, and all else."""
    return "5a" * size if size == RANDOM_BYTES else "example"


def request_of(operation: str) -> dict[str, Any]:
    """The request body that a route gives as its example. KeyError without one."""
    example = operation_named(operation).example
    if example is None:
        raise KeyError(operation)
    return dict(example)


def operation_named(name: str) -> Operation:
    """A declared route. StopIteration when there is none."""
    return next(operation for operation in OPERATIONS if operation.name == name)


def actor(role: Role, organisation: str) -> str:
    """How a message names somebody of this story."""
    return f"{role}:{organisation}:k_4f2a9c"


def ledger_actor(role: Role, organisation: str) -> str:
    """How the ledger names somebody of this story."""
    return actor(role, f"p_{keyed_hash(SECRET, organisation)[:16]}")


def _filed() -> Case:
    grievance_id = secret_id("g", SECRET, PARTNER, "key", IDEMPOTENCY_KEY)
    return open_case(
        NewGrievance.model_validate(request_of("submit_grievance")).filing(),
        grievance_id=grievance_id,
        partner_id=PARTNER,
        receipt_hash=keyed_hash(SECRET, "receipt"),
        fingerprint=keyed_hash(SECRET, "filing"),
        by=ledger_actor(Role.PARTNER_INTAKE, PARTNER),
        at=AT,
    )


def _factory() -> Factory:
    fields = FactoryFields.model_validate(request_of("create_factory"))
    return Factory(factory_id=factory_id_for(fields), updated_at=AT, **dict(fields))


def _unsure(filed: Case, factory: Factory) -> Case:
    candidate = Candidate(
        factory_id=factory.factory_id,
        score=0.91,
        method=MatchMethod.SIMILARITY,
        evidence=("similar name: 87%", "same country: CN", "same district or city: shenzhen"),
        matched_name=factory.name,
    )
    decision = Decision(
        verdict=Verdict.REVIEW,
        candidates=(candidate,),
        reason="not_certain",
        version="2026-11-22T080000Z-4f2a9c01/98cd1ce8",
    )
    return for_review(filed, decision, at=_ALERTED_AT, commit=_commit).case


def _commit(text: str) -> str:
    return keyed_hash(SECRET, text)


def _answered(alert: Alert) -> Alert:
    text = request_of("reply_to_alert")["text"]
    reply = Reply(at=_ANSWERED_AT, by=actor(Role.BRAND, BRAND), text=text)
    seen = _ANSWERED_AT - timedelta(hours=1)
    answers = {"acknowledged_at": seen, "first_reply_at": reply.at, "replies": (reply,)}
    sent = {"status": AlertStatus.SENT, "sent_at": _ALERTED_AT, "due_at": None}
    return alert.model_copy(update={**answers, **sent})
