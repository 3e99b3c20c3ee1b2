"""The story that the API's description tells, told to a real service with the documented requests.

What the description calls `g_…`, `f_…`, `a_…` then exists under these very ids; an attachment has
another one, derived with a secret key, and a subscription the one that SNS gives it.
"""

import json
from typing import Any
from urllib.parse import urlencode

from chalicelib.api.description import people_examples as people
from chalicelib.api.description import story as tale
from chalicelib.api.description.examples import header_example, path_example, query_examples
from chalicelib.api.description.story import operation_named, request_of
from chalicelib.api.endpoint import FORM, Operation
from chalicelib.domain.helpline.conversation import Conversation, Step
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.vocabulary import Channel, Role
from chalicelib.store.keyring import Keyring, Purpose
from infra.local.gateway import Answer
from tests.channels.signed import PROVIDERS_REQUESTS, request_to
from tests.channels.twilio import opened_line, signature
from tests.service import ROOT_SECRET, Caller, Service, let_in


class ExampleKeyring(Keyring):
    """Derives the ids of cases as the story does."""

    def key(self, purpose: Purpose) -> bytes:
        return tale.SECRET if purpose is Purpose.GRIEVANCE_ID else super().key(purpose)


ORGANISATIONS = {
    Role.PARTNER_INTAKE: tale.PARTNER,
    Role.PARTNER_SUPERVISOR: tale.PARTNER,
    Role.BRAND: tale.BRAND,
    Role.FACTORY: tale.MILL,
    Role.AUDITOR: tale.AUDITOR,
    Role.DPO: tale.OPERATOR,
    Role.OPERATOR: tale.OPERATOR,
}


def caller_for(service: Service, operation: Operation) -> Caller:
    """Somebody of the story who may call the operation: the last of its roles, or anybody."""
    if not operation.roles:
        return service.public()
    role = operation.roles[-1]
    return service.caller(role, ORGANISATIONS[role])


def tell(service: Service, *, until: str = "told") -> str:
    """Tell the story until the registry is `known`, an OS ID of it `merged`, the grievance `filed`
    or `heard` on a line, its severity `disputed` or its factory `judged`, a standard answer
    `drafted` or `answered`, an erasure `planned`, the brand `told`, or `named` as one that may know
    who the worker is, its plan `promised`, `agreed` or `reported` done, a question `asked` (of the
    `factory_asked`), the brand `short_of_time`, the ledger `sealed`, somebody let in (see
    `PEOPLE`), a line or a poster made (see `LINES`), or the jobs `done` (an export of a year asks
    day by day: seconds).

    Returns the worker's receipt code, or an empty text when nothing was filed.
    """
    service.deps.token = tale.token
    service.deps.keyring = ExampleKeyring(lambda: ROOT_SECRET)
    for name in ("put_brand", "create_factory"):
        sent(service, name, If_Match=None)
    if until == "known":
        return ""
    if until == "merged":
        sent(service, "put_os_id_merge")
        return ""
    if not service.deps.access.all_engagements(tale.BRAND):
        service.engage(tale.BRAND)
    if until in ("drafted", "answered"):
        _answer(service, until)
        return ""
    if until in PEOPLE:
        _let_in(service, until)
        return ""
    if until in LINES:
        service.partner(tale.PARTNER)
        sent(service, LINES[until])
        return ""
    sent(service, "put_link")
    receipt = sent(service, "submit_grievance").json()
    if until == "planned":
        closing = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
        path = f"/v1/grievances/{receipt['grievance_id']}/transitions"
        service.partner(tale.PARTNER).post(path, closing)
        service.clock.forward(days=30)
        service.apply_retention()
    if until == "heard":
        _heard_on_a_line(service, receipt["grievance_id"])
    if until == "disputed":
        _propose_to_lower(service, receipt["grievance_id"])
    if until == "judged":
        sent(service, "resolve_factory", If_Match=None)
    if until in ("told", "named", "done", "factory_asked", *REMEDY):
        service.tick()
    if until == "named":
        _name_the_brand(service, receipt["grievance_id"])
    if until == "factory_asked":
        _ask_the_factory(service)
    for name in REMEDY.get(until, ()):
        sent(service, name)
    if until == "sealed":
        service.tick()
        service.seal()
    if until == "done":
        sent(service, "request_export")
        sent(service, "request_import")
        sent(service, "request_grievance_import")
        sent(service, "request_redelivery")
        sent(service, "request_reconciliation")
        service.drain()
    return str(receipt["receipt_code"])


REMEDY = {
    "promised": ("submit_plan",),
    "agreed": ("submit_plan", "accept_plan"),
    "reported": ("submit_plan", "accept_plan", "complete_action"),
    "asked": ("ask_partner",),
    "short_of_time": ("request_extension",),
}
"""How far what brand and partner do together is told, by the operations that lead there."""


LINES = {"lined": "add_line", "postered": "make_poster_code"}
"""How workers reach the partner: the operation that makes it."""


def _answer(service: Service, until: str) -> None:
    """A supervisor of the house drafts a standard answer; another one approves it."""
    author = service.partner(tale.PARTNER, person=2)
    draft = author.post("/v1/answer-drafts", request_of("draft_answer")).json()
    if until == "answered":
        approval = f"/v1/answer-drafts/{draft['draft_id']}/approval"
        assert service.partner(tale.PARTNER).post(approval).status == 201


def _name_the_brand(service: Service, grievance_id: str) -> None:
    """The worker agrees that the brand may know who she is."""
    consent = {
        "level": "C4",
        "recipients": [tale.BRAND],
        "cross_border": True,
        "script_version": "helpline-zh-4",
    }
    path, partner = f"/v1/grievances/{grievance_id}", service.partner(tale.PARTNER)
    version = partner.get(path).json()["version"]
    assert partner.put(f"{path}/consent", consent, If_Match=f'"{version}"').status == 200


def _heard_on_a_line(service: Service, grievance_id: str) -> None:
    """The worker wrote it on a line."""
    conversation = Conversation(
        conversation_id="cv_" + "0" * 26,
        partner_id=tale.PARTNER,
        line_id=opened_line(service, Provider.TWILIO_MESSAGES, partner_id=tale.PARTNER).line_id,
        channel=Channel.SMS,
        language="zh",
        step=Step.OPEN,
        grievance_id=grievance_id,
        version=1,
    )
    kept = service.deps.conversations
    kept.save(kept.opening_rows(grievance_id, conversation))


def _propose_to_lower(service: Service, grievance_id: str) -> None:
    """A supervisor has raised the case to S1 and another one thinks otherwise."""
    other = service.partner(tale.PARTNER, person=2)
    path = f"/v1/grievances/{grievance_id}"
    other.patch(path, {"severity": "S1"}, If_Match='"1"')
    lowered = {"severity": "S2", "severity_reason": "Nobody is held back."}
    assert other.patch(path, lowered, If_Match='"2"').status == 202


def _ask_the_factory(service: Service) -> None:
    service.management(path_example("factory_id"), tale.MILL)
    asking = f"/v1/alerts/{path_example('alert_id')}/questions"
    wish = {**request_of("ask_partner"), "to": "factory"}
    assert service.brand_desk(tale.BRAND).post(asking, wish).status == 201


PEOPLE = ("housed", "engaged", "staffed", "keyed", "proposed")
"""How far access is told: the organisation is there, its user, her key; an operator's key asked."""


def _let_in(service: Service, until: str) -> None:
    sent(service, "put_organisation")
    if until == "housed":
        return
    if until == "engaged":
        sent(service, "make_engagement")
        return
    sent(service, "add_user")
    third = {"role": "operator", "name": people.operator().name}
    service.operator(2).post(f"/v1/organisations/{tale.OPERATOR}/users", third)
    if until == "keyed":
        key = people.key()
        rows = service.deps.access.new_key_rows(key, keyed_hash(tale.SECRET, key.key_id))
        service.deps.access.save(rows, let_in(people.HOUSE, key.key_id))
    if until == "proposed":
        service.operator(2).post("/v1/key-proposals", request_of("propose_operator_key"))


def sent(service: Service, name: str, **headers: str | None) -> Answer:
    """The answer to an operation's documented example, which must be a success."""
    answer = example_answer(service, operation_named(name), **headers)
    assert answer.status < 300, (name, answer.status, answer.body)
    return answer


def example_answer(service: Service, operation: Operation, **headers: str | None) -> Answer:
    """The answer to an operation's documented example; a header given as None is left out."""
    sending: dict[str, str | None] = {
        header.name: header_example(header.name, operation) for header in operation.headers
    }
    sending |= {name.replace("_", "-"): value for name, value in headers.items()}
    present = {name: value for name, value in sending.items() if value is not None}
    body = example_body(operation)
    if isinstance(body, bytes):
        present["Content-Type"] = operation.body_types[0]
    path = example_path(operation)
    if operation.tag == "Channels" and FORM in operation.body_types:
        present |= signed_example(service, operation)
    if operation.name in PROVIDERS_REQUESTS:
        line_id, example = path_example("line_id"), operation.example
        path, body, signed = request_to(service, operation.name, line_id, example)
        present |= signed
    if "attachment_id" in operation.path_parameters:
        attached = sent(service, "add_attachment").json()["attachment_id"]
        path = path.replace(path_example("attachment_id"), attached)
    if "subscription_id" in operation.path_parameters:
        made = sent(service, "subscribe").json()["subscription_id"]
        path = path.replace(path_example("subscription_id"), made)
    return caller_for(service, operation).send(operation.method, path, body, present)


def signed_example(service: Service, operation: Operation) -> dict[str, str]:
    """The line that the documented webhook is for is there, and Twilio signs the example."""
    voice = "/voice/" in operation.path
    provider = Provider.TWILIO_VOICE if voice else Provider.TWILIO_MESSAGES
    said = request_of(operation.name)
    number = said["From"] if operation.name == "note_twilio_delivery" else said["To"]
    address = {"account": said["AccountSid"], "address": number.removeprefix("whatsapp:")}
    opened_line(service, provider, line_id=path_example("line_id"), **address)
    return {"X-Twilio-Signature": signature(example_path(operation), said)}


def example_path(operation: Operation) -> str:
    """The path with the story's ids, and the query where one is needed."""
    path = operation.path.format(**{n: path_example(n) for n in operation.path_parameters})
    query = query_examples(operation.query) if operation.query else {}
    return path + ("?" + "&".join(f"{n}={v}" for n, v in query.items()) if query else "")


def example_body(operation: Operation) -> Any:
    """The documented body: a file as bytes, JSON as it is, None where there is none."""
    if FORM in operation.body_types:
        return urlencode(request_of(operation.name)).encode()
    if operation.body is None and operation.example is not None:
        return json.dumps(request_of(operation.name)).encode()
    if operation.reads_body and operation.body is None:
        return tale.FILES[operation.name].encode()
    return request_of(operation.name) if operation.body else None
