"""A flow of RapidPro or TextIt: what it says becomes a case once, and the flow reads what came."""

import json
from typing import Any

import pytest

from chalicelib.channels import rapidpro
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.helpline.inbound import InboundMedia
from chalicelib.domain.vocabulary import Channel
from chalicelib.errors import ValidationFailed
from chalicelib.texts import for_workers
from infra.local.gateway import Answer
from tests.channels.lines import (
    LATER,
    NOT_SIGNED,
    NOT_THERE,
    cases_of,
    identity_of,
    open_line,
    refused,
)
from tests.service import START, Service

SECRET = "a-secret-of-tests"
CONTACT = "00000000-0000-4000-8000-000000000001"
RUN = "00000000-0000-4000-8000-000000000003"


def result(value: Any, category: str = "All Responses") -> dict[str, Any]:
    return {"value": value, "category": category}


def default_body(**changes: Any) -> dict[str, Any]:
    """What a webhook of a flow sends whose author has not changed it."""
    return {
        "contact": {"uuid": CONTACT, "name": "Example Contact", "urn": "tel:+15550100"},
        "flow": {"uuid": "00000000-0000-4000-8000-000000000002", "name": "Grievance"},
        "results": {
            "text": result("Wages were not paid."),
            "factory_name": result("Example Knitwear"),
            "factory_country": result("Bangladesh"),
            "categories": result("compensation", "Wages"),
            "workers_affected": result("34"),
        },
        **changes,
    }


def resthook_body(**changes: Any) -> dict[str, Any]:
    return {
        **default_body(),
        "run": {"uuid": RUN, "created_on": "2026-11-22T08:00:00Z"},
        "input": {"text": "the last words", "urn": "tel:+15550100", "attachments": []},
        "path": [{"node_uuid": "x", "arrived_on": "2026-11-22T08:00:00Z"}],
        "channel": {"name": "x"},
        **changes,
    }


def words_alone(**changes: Any) -> dict[str, Any]:
    return resthook_body(results={}, **changes)


LINE = HelplineLine(
    line_id="ln_" + "1" * 26,
    partner_id="handshake-gz",
    provider=Provider.RAPIDPRO,
    name="test",
    created_at=START,
)


def line_of(service: Service, **fields: Any) -> HelplineLine:
    return open_line(service, Provider.RAPIDPRO, {"header_secret": SECRET}, **fields)


def posted(service: Service, line: HelplineLine, body: Any, **headers: str) -> Answer:
    sent = headers or {"Authorization": f"Token {SECRET}"}
    return service.public().post(f"/v1/channels/rapidpro/{line.line_id}", body, **sent)


def parsed(body: Any, **fields: str) -> rapidpro.FlowPost:
    return rapidpro.parse(json.dumps(body).encode(), LINE.model_copy(update={"fields": fields}))


# Filing


@pytest.mark.parametrize("body", [default_body(), resthook_body()], ids=["webhook", "resthook"])
def test_what_a_flow_has_asked_becomes_a_case(service: Service, body: Any) -> None:
    answer = posted(service, line_of(service, language="bn"), body)

    (case,) = cases_of(service)
    told = answer.json()
    assert answer.status == 200
    assert told == {
        "code": "received",
        "grievance_id": case["grievance_id"],
        "public_ref": case["public_ref"],
        "receipt_code": told["receipt_code"],
        "reply": None,
        "unread": [],
    }
    assert {
        name: case[name]
        for name in ("channel", "narrative", "categories", "workers_affected", "language", "state")
    } == {
        "channel": "sms",
        "narrative": "Wages were not paid.",
        "categories": ["compensation"],
        "workers_affected": 34,
        "language": "bn",
        "state": "received",
    }
    assert case["factory_reported"]["name"] == "Example Knitwear"
    assert case["factory_reported"]["country"] == "BD"
    assert (case["consent"]["level"], case["intake_type"]) == ("C0", "grievance")
    assert identity_of(service, case["grievance_id"]) == {"phone": "+15550100"}
    assert "15550100" not in repr(service.all_items())


def test_the_receipt_code_opens_the_case_for_the_worker(service: Service) -> None:
    told = posted(service, line_of(service), default_body()).json()
    receipt = service.public().get("/v1/receipts", Receipt_Code=told["receipt_code"])
    assert receipt.json()["public_ref"] == told["public_ref"]


@pytest.mark.parametrize("body", [default_body(), resthook_body()], ids=["webhook", "resthook"])
def test_the_same_again_is_told_so_and_makes_nothing(service: Service, body: Any) -> None:
    line = line_of(service)
    first = posted(service, line, body).json()
    before = service.everything()
    service.clock.forward(days=2)

    again = posted(service, line, body).json()

    assert again == {**first, "code": "repeated"}
    assert service.everything() == before


def test_a_run_that_has_come_further_is_a_revision_of_its_case(service: Service) -> None:
    line = line_of(service)
    posted(service, line, resthook_body())
    results = {**default_body()["results"], "workers_affected": result("41")}

    again = posted(service, line, resthook_body(results=results)).json()

    (case,) = cases_of(service)
    assert (again["code"], again["grievance_id"]) == ("revised", case["grievance_id"])
    assert case["workers_affected"] == 41


def test_without_a_run_other_answers_are_another_case(service: Service) -> None:
    line = line_of(service)
    posted(service, line, default_body())
    posted(service, line, default_body(results={"text": result("Something else.")}))
    assert len(cases_of(service)) == 2


def test_the_authors_own_body_is_read_where_the_line_says(service: Service) -> None:
    fields = {
        "text": "what.happened",
        "factory_name": "results.where.category",
        "worker_name": "contact.name",
        "consent_level": "agreed.level",
        "consent_script_version": "agreed.script",
    }
    body = {
        "contact": {"uuid": CONTACT, "name": "Example Contact", "urn": "whatsapp:15550101"},
        "what": {"happened": "No breaks."},
        "results": {"where": result("1", "Example Knitwear"), "text": result("not this")},
        "agreed": {"level": "C3", "script": "flow-en-1"},
    }

    posted(service, line_of(service, fields=fields), body)

    (case,) = cases_of(service)
    assert (case["channel"], case["narrative"]) == ("whatsapp", "No breaks.")
    assert case["factory_reported"]["name"] == "Example Knitwear"
    assert (case["consent"]["level"], case["consent"]["script_version"]) == ("C3", "flow-en-1")
    assert identity_of(service, case["grievance_id"]) == {
        "name": "Example Contact",
        "whatsapp": "+15550101",
    }


def test_what_nobody_has_mapped_is_nowhere(service: Service) -> None:
    posted(service, line_of(service), default_body())
    assert "Example Contact" not in repr(service.everything())
    (case,) = cases_of(service)
    assert "name" not in identity_of(service, case["grievance_id"])


def test_what_cannot_be_read_is_told_and_kept_as_words(service: Service) -> None:
    results = {**default_body()["results"], "workers_affected": result("about thirty")}
    told = posted(service, line_of(service), default_body(results=results)).json()

    (case,) = cases_of(service)
    assert told["unread"] == ["workers_affected"]
    assert case["workers_affected"] is None
    assert case["narrative"] == "Wages were not paid.\nworkers_affected: about thirty"


def test_consent_without_its_script_is_none(service: Service) -> None:
    results = {**default_body()["results"], "consent_level": result("C3")}
    told = posted(service, line_of(service), default_body(results=results)).json()

    (case,) = cases_of(service)
    assert told["unread"] == ["consent_level", "consent_script_version", "cross_border",
                              "contact_back"]  # fmt: skip
    assert case["consent"]["level"] == "C0"


def test_a_flow_that_says_nothing_is_told_what_is_missing(service: Service) -> None:
    answer = posted(service, line_of(service), default_body(results={}))
    assert refused(answer) == (422, "validation_failed", {"text"})
    assert service.everything() == []


# Conversations


def test_words_alone_from_a_telephone_are_heard(service: Service) -> None:
    line = line_of(service)
    first = posted(service, line, words_alone())
    before = service.everything()
    again = posted(service, line, words_alone())

    (case,) = cases_of(service)
    code = first.json()["receipt_code"]
    assert first.json()["code"] == "heard"
    assert code in first.json()["reply"]
    told = service.public().get("/v1/receipts", Receipt_Code=code).json()
    assert told["public_ref"] == case["public_ref"]
    assert first.json()["grievance_id"] == case["grievance_id"]
    assert first.json()["reply"]
    assert case["narrative"] == "the last words"
    assert again == first
    assert service.everything() == before
    status = posted(service, line, words_alone(input={"text": "status", "urn": "tel:+15550100"}))
    assert (status.json()["code"], status.json()["receipt_code"]) == ("heard", None)


@pytest.mark.parametrize(
    "body", [words_alone, lambda **said: {**said, "contact": default_body()["contact"]}]
)
def test_a_flow_that_goes_on_talking_is_heard_each_time(service: Service, body: Any) -> None:
    """One run that asks, posts, says our reply and asks again; or a body without a run."""
    line = line_of(service)
    told = ("They do not pay us", "1", "4", "stop", "start", "4", "stop")

    replies = [
        posted(service, line, body(input={"text": text, "urn": "tel:+15550100"})).json()["reply"]
        for text in told
    ]

    texts = for_workers.catalogue("en")
    assert replies[1:] == [
        f"{texts['chat.agreed_factory']}\n{texts['chat.ask_contact']}",
        f"{texts['chat.contact_yes']}\n{texts['chat.ask_factory']}",
        texts["chat.stopped"],
        texts["chat.ask_contact"],
        texts["chat.contact_yes"],
        texts["chat.stopped"],
    ]
    (case,) = cases_of(service)
    kept = service.deps.cases.head(case["grievance_id"])
    assert kept is not None
    assert (kept.consent.level, kept.consent.contact_back) == ("C3", False)


def test_words_alone_of_nobody_who_can_be_called_are_a_filing() -> None:
    contact = {"uuid": CONTACT, "urn": "telegram:12345"}
    post = parsed(words_alone(contact=contact, input={"text": "words", "urn": "telegram:1"}))
    assert rapidpro.message_in(post, LINE) is None
    form = rapidpro.filing_in(post, LINE)
    assert (form.filing.channel, form.filing.narrative, form.worker) == (
        Channel.APP,
        "words",
        None,
    )


def test_a_picture_alone_is_heard_with_where_it_lies() -> None:
    sent = {"text": "", "attachments": ["image/jpeg:https://files.example/1.jpg", "geo:1,2", 5]}
    message = rapidpro.message_in(parsed(words_alone(input=sent)), LINE)
    assert message is not None
    assert (message.text, message.media) == (
        "",
        (InboundMedia(reference="https://files.example/1.jpg", content_type="image/jpeg"),),
    )


def test_the_language_of_a_contact_is_that_of_the_message() -> None:
    contact = {"uuid": CONTACT, "urn": "tel:+15550100", "language": "ben"}
    message = rapidpro.message_in(parsed(words_alone(contact=contact)), LINE)
    assert message is not None
    assert message.language == "bn"


@pytest.mark.parametrize("text", ["", "  ", None, {"a": 1}])
def test_blanks_from_a_telephone_are_no_message(text: Any) -> None:
    assert rapidpro.message_in(parsed(words_alone(input={"text": text})), LINE) is None


@pytest.mark.parametrize(
    ("urn", "sender"),
    [
        ("tel:+15550100", rapidpro.Sender(Channel.SMS, "+15550100")),
        ("whatsapp:15550100", rapidpro.Sender(Channel.WHATSAPP, "+15550100")),
        ("whatsapp:+15550100", rapidpro.Sender(Channel.WHATSAPP, "+15550100")),
        ("tel:15550100", None),
        ("tel:+1555010012345678", None),
        ("tel:+", None),
        ("tel:+15550100\n", None),
        ("telegram:15550100", None),
        ("facebook:15550100", None),
        ("", None),
        (None, None),
        (["tel:+15550100"], None),
    ],
)
def test_a_telephone_is_known_by_its_urn(urn: Any, sender: Any) -> None:
    assert parsed(default_body(contact={"urn": urn})).sender == sender


def test_a_run_is_one_thing_and_what_has_none_is_known_by_its_answers() -> None:
    one = parsed(resthook_body()).key
    assert one == parsed(resthook_body(results={})).key == f"run:{RUN}"
    plain = parsed(default_body()).key
    assert plain == parsed(default_body(later="added")).key
    assert plain != parsed(default_body(results={})).key
    assert plain != parsed(default_body(contact={"uuid": "other"})).key
    assert parsed({"a": 1}).key != parsed({"a": 2}).key
    assert parsed({"a": "\ud800"}).key
    assert parsed(default_body(run={"uuid": "\u0661" * 8})).key == plain


# The door


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Token wrong"},
        {"Authorization": f"Bearer {SECRET}"},
        {"X_Handshake_Secret": SECRET[:-1]},
        {"X_Other": SECRET},
    ],
)
def test_who_does_not_know_the_secret_is_refused(service: Service, headers: dict[str, str]) -> None:
    assert refused(posted(service, line_of(service), default_body(), **headers)) == NOT_SIGNED
    assert service.everything() == []


def test_the_secret_may_come_in_a_header_of_its_own(service: Service) -> None:
    answer = posted(service, line_of(service), default_body(), X_Handshake_Secret=SECRET)
    assert answer.status == 200


def test_a_line_that_is_unknown_or_ended_or_anothers_is_not_there(service: Service) -> None:
    ended = line_of(service, name="ended", ended_at=START)
    others = open_line(service, Provider.KOBO, {"header_secret": SECRET})
    unknown = ended.model_copy(update={"line_id": "ln_" + "0" * 26})
    answers = [posted(service, line, default_body()) for line in (ended, others, unknown)]

    assert [refused(answer) for answer in answers] == [NOT_THERE] * 3
    assert len({answer.body for answer in answers}) == 1


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 40_000]
)
def test_a_body_that_is_no_object_is_refused(service: Service, body: bytes) -> None:
    with pytest.raises(ValidationFailed) as error:
        rapidpro.parse(body, LINE)
    assert error.value.errors[0].field == "body"
    answer = posted(service, line_of(service), body)
    assert refused(answer) == (422, "validation_failed", {"body"})


@pytest.mark.parametrize("operation", ["GetItem", "GetSecretValue", "TransactWriteItems"])
def test_in_an_outage_the_flow_is_told_to_try_again(service: Service, operation: str) -> None:
    line = line_of(service)
    with service.refusing(operation):
        assert refused(posted(service, line, default_body())) == LATER

    assert posted(service, line, default_body()).json()["code"] == "received"
    assert len(cases_of(service)) == 1
