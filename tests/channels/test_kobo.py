"""A form of KoboToolbox: a submission becomes a case, an edit of it a revision of the case."""

import base64
from typing import Any

import pytest

from chalicelib.channels import kobo
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import Role
from chalicelib.errors import ValidationFailed
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
UUID = "00000000-0000-4000-8000-000000000004"
EDITED = "00000000-0000-4000-8000-000000000005"
FIELDS = {
    "text": "what/happened",
    "factory_name": "factory/name",
    "factory_city": "factory/city",
    "factory_country": "factory/country",
    "categories": "what/kinds",
    "incident_from": "what/since",
    "workers_affected": "what/how_many",
    "worker_name": "who/name",
    "worker_phone": "who/phone",
    "consent_level": "consent/level",
    "consent_script_version": "consent/script",
    "cross_border": "consent/abroad",
    "contact_back": "consent/call",
}


def submission(**changes: Any) -> dict[str, Any]:
    """A submission as Kobo posts it, with what every form has."""
    body = {
        "_id": 1001,
        "_uuid": UUID,
        "formhub/uuid": "0123456789abcdef",
        "meta/instanceID": f"uuid:{UUID}",
        "meta/rootUuid": UUID,
        "_xform_id_string": "aGrievance",
        "__version__": "v1",
        "start": "2026-11-22T09:00:00.000+06:00",
        "end": "2026-11-22T09:10:00.000+06:00",
        "deviceid": "collect:example",
        "what/happened": "Wages were not paid.",
        "what/kinds": "compensation working_time",
        "what/since": "2026-09-01",
        "what/how_many": "34",
        "factory/name": "Example Knitwear",
        "factory/city": "Dhaka",
        "factory/country": "BD",
        "who/name": "Example Worker",
        "who/phone": "+1 555 0100",
        "consent/level": "C3",
        "consent/script": "outreach-bn-1",
        "consent/call": "yes",
        "_attachments": [],
        "_status": "submitted_via_web",
        "_geolocation": [23.7, 90.4],
        "_submission_time": "2026-11-22T07:59:00",
        "_tags": [],
        "_submitted_by": None,
        **changes,
    }
    return {name: value for name, value in body.items() if value != "left out"}


def edited(**changes: Any) -> dict[str, Any]:
    """The same submission, after somebody has changed something in it."""
    return submission(_uuid=EDITED, **{"meta/instanceID": f"uuid:{EDITED}"}, **changes)


LINE = HelplineLine(
    line_id="ln_" + "1" * 26,
    partner_id="handshake-gz",
    provider=Provider.KOBO,
    name="test",
    fields=FIELDS,
    created_at=START,
)


def line_of(service: Service, **fields: Any) -> HelplineLine:
    given = {"fields": FIELDS, "language": "bn", **fields}
    return open_line(service, Provider.KOBO, {"header_secret": SECRET}, **given)


def posted(service: Service, line: HelplineLine, body: Any, **headers: str) -> Answer:
    sent = headers or {"X_Handshake_Secret": SECRET}
    return service.public().post(f"/v1/channels/kobo/{line.line_id}", body, **sent)


def came_to(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    return str(answer.json()["code"])


def messages_of(service: Service, grievance_id: str) -> list[dict[str, Any]]:
    answer = service.partner().get(f"/v1/grievances/{grievance_id}/messages")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


# The first time


def test_a_submission_becomes_a_case(service: Service) -> None:
    answer = posted(service, line_of(service), submission())

    (case,) = cases_of(service)
    assert (answer.status, answer.json()) == (
        200,
        {
            "code": "received",
            "grievance_id": case["grievance_id"],
            "public_ref": case["public_ref"],
            "unread": [],
        },
    )
    assert case["channel"] == "outreach"
    assert case["narrative"] == "Wages were not paid."
    assert case["categories"] == ["compensation", "working_time"]
    assert (case["incident_from"], case["workers_affected"]) == ("2026-09-01", 34)
    assert case["factory_reported"] == {
        "name": "Example Knitwear",
        "address": None,
        "city": "Dhaka",
        "country": "BD",
        "identifiers": [],
        "latitude": None,
        "longitude": None,
    }
    assert case["consent"] == {
        "level": "C3",
        "publish_summary": False,
        "cross_border": False,
        "contact_back": True,
        "share_with_union": False,
        "script_version": "outreach-bn-1",
        "recipients": [],
    }
    assert (case["language"], case["state"]) == ("bn", "received")
    assert identity_of(service, case["grievance_id"]) == {
        "name": "Example Worker",
        "phone": "+1 555 0100",
    }


def test_where_the_interviewer_was_is_nowhere(service: Service) -> None:
    posted(service, line_of(service), submission())
    stored = repr(service.everything())
    assert not [each for each in ("23.7", "90.4", "collect:example") if each in stored]


def test_questions_with_our_own_names_need_no_map(service: Service) -> None:
    body = {"_uuid": UUID, "text": "No breaks.", "categories": "working_time"}
    posted(service, line_of(service, fields={}), body)
    (case,) = cases_of(service)
    assert (case["narrative"], case["categories"]) == ("No breaks.", ["working_time"])


def test_the_same_submission_again_changes_nothing(service: Service) -> None:
    line = line_of(service)
    posted(service, line, submission())
    before = service.everything()

    for again in (submission(), submission(_id=1002, _status="x"), edited()):
        service.clock.forward(hours=1)
        assert came_to(posted(service, line, again)) == "repeated"

    assert service.everything() == before


@pytest.mark.parametrize("root", ["left out", None, "", 5])
def test_without_a_root_the_submissions_own_uuid_tells(service: Service, root: Any) -> None:
    line = line_of(service)
    codes = [
        came_to(posted(service, line, submission(**{"meta/rootUuid": root}))),
        came_to(posted(service, line, submission(**{"meta/rootUuid": f"uuid:{UUID}"}))),
        came_to(posted(service, line, edited(**{"meta/rootUuid": root}))),
    ]
    assert codes == ["received", "repeated", "received"]


@pytest.mark.parametrize("uuid", ["left out", None, "", 5, "short", "\u0661" * 10, ["x"]])
def test_a_submission_without_its_uuid_says_how_to_set_the_form_up(
    service: Service, uuid: Any
) -> None:
    answer = posted(service, line_of(service), submission(_uuid=uuid))

    assert refused(answer) == (422, "validation_failed", {"_uuid"})
    assert "Select fields subset" in answer.json()["errors"][0]["detail"]
    assert service.everything() == []


def test_a_submission_that_says_nothing_names_what_is_missing(service: Service) -> None:
    answer = posted(service, line_of(service), {"_uuid": UUID})
    assert refused(answer) == (422, "validation_failed", {"text"})


def test_what_cannot_be_read_is_kept_as_words(service: Service) -> None:
    body = submission(**{"what/how_many": "many", "what/since": "in spring"})
    told = posted(service, line_of(service), body).json()
    (case,) = cases_of(service)
    assert told["unread"] == ["incident_from", "workers_affected"]
    assert case["narrative"] == (
        "Wages were not paid.\nincident_from: in spring\nworkers_affected: many"
    )


# Revisions


def test_an_edit_corrects_the_facts_and_is_told_to_the_staff(service: Service) -> None:
    line = line_of(service)
    posted(service, line, submission())
    (before,) = cases_of(service)
    revised = edited(
        **{"what/happened": "Wages of two months.", "what/how_many": "41", "factory/city": "Savar"}
    )

    answer = posted(service, line, revised)

    (case,) = cases_of(service)
    assert (came_to(answer), answer.json()["grievance_id"]) == ("revised", case["grievance_id"])
    changed = {name for name in case if case[name] != before[name]}
    assert changed == {"workers_affected", "factory_reported", "version", "ledger_hash"}
    assert (case["workers_affected"], case["factory_reported"]["city"]) == (41, "Savar")
    assert case["narrative"] == "Wages were not paid."
    (message,) = messages_of(service, case["grievance_id"])
    assert message["visibility"] == "partner"
    assert message["text"] == (
        "Wages of two months.\nfactory_name: Example Knitwear\nfactory_city: Savar\n"
        "factory_country: BD\ncategories: compensation, working_time\n"
        "incident_from: 2026-09-01\nworkers_affected: 41\nlanguage: bn\nconsent_level: C3\n"
        "consent_script_version: outreach-bn-1\ncross_border: false\ncontact_back: true"
    )
    chain_is_whole(service, case["grievance_id"])


def chain_is_whole(service: Service, grievance_id: str) -> None:
    head = service.deps.cases.head(grievance_id)
    assert head is not None
    assert first_bad_entry(service.deps.cases.entries(head, 100, None).items) is None


def test_an_edit_that_comes_again_changes_nothing(service: Service) -> None:
    line = line_of(service)
    posted(service, line, submission())
    revised = edited(**{"what/how_many": "41"})
    posted(service, line, revised)
    before = service.everything()

    codes = [came_to(posted(service, line, body)) for body in (revised, submission(), revised)]

    assert codes == ["repeated"] * 3
    assert service.everything() == before


def test_every_edit_is_taken_in(service: Service) -> None:
    line = line_of(service)
    posted(service, line, submission())
    for number in ("41", "42", "43"):
        body = edited(**{"what/how_many": number})
        assert came_to(posted(service, line, body)) == "revised"

    (case,) = cases_of(service)
    assert case["workers_affected"] == 43
    assert len(messages_of(service, case["grievance_id"])) == 3


def test_what_the_staff_have_corrected_stays_and_they_read_what_the_form_says(
    service: Service,
) -> None:
    line = line_of(service)
    posted(service, line, submission())
    (case,) = cases_of(service)
    path = f"/v1/grievances/{case['grievance_id']}"
    corrected = service.partner().patch(path, {"workers_affected": 50}, If_Match='"1"')
    assert corrected.status == 200

    assert came_to(posted(service, line, edited(**{"what/how_many": "41"}))) == "revised"

    (case,) = cases_of(service)
    assert case["workers_affected"] == 50
    (message,) = messages_of(service, case["grievance_id"])
    assert "workers_affected: 41" in message["text"]


def test_an_edit_of_a_case_that_has_ended_is_told_to_the_staff_alone(service: Service) -> None:
    line = line_of(service)
    posted(service, line, submission())
    (case,) = cases_of(service)
    closing = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
    path = f"/v1/grievances/{case['grievance_id']}/transitions"
    assert service.partner().post(path, closing).status == 200

    assert came_to(posted(service, line, edited(**{"what/how_many": "41"}))) == "revised"

    (case,) = cases_of(service)
    assert (case["state"], case["workers_affected"]) == ("closed", 34)
    assert len(messages_of(service, case["grievance_id"])) == 1


def test_an_edit_withdraws_consent_and_never_widens_it(service: Service) -> None:
    line = line_of(service)
    posted(service, line, submission())
    nothing = dict.fromkeys(("consent/level", "consent/script", "consent/call"), "")

    posted(service, line, edited(**nothing))
    (case,) = cases_of(service)
    assert (case["consent"]["level"], case["consent"]["contact_back"]) == ("C0", False)

    more = {"consent/level": "C4", "consent/abroad": "yes"}
    assert came_to(posted(service, line, edited(**more))) == "revised"
    (case,) = cases_of(service)
    assert case["consent"]["level"] == "C0"
    assert "consent_level: C4" in messages_of(service, case["grievance_id"])[-1]["text"]


def test_an_edit_that_names_somebody_else_says_that_and_not_whom(service: Service) -> None:
    line = line_of(service)
    posted(service, line, submission())
    somebody = edited(**{"who/name": "Another Worker", "who/phone": "+1 555 0199"})

    codes = [came_to(posted(service, line, somebody)) for _ in range(2)]
    nobody = edited(**{"who/name": "", "who/phone": ""})
    codes.append(came_to(posted(service, line, nobody)))

    (case,) = cases_of(service)
    texts = [message["text"] for message in messages_of(service, case["grievance_id"])]
    assert codes == ["revised", "repeated", "repeated"]
    assert [text.endswith("\nworker: changed") for text in texts] == [True]
    assert "Another" not in repr(service.everything())
    assert identity_of(service, case["grievance_id"])["name"] == "Example Worker"


def test_a_case_whose_texts_were_erased_takes_nothing_in(service: Service) -> None:
    line = line_of(service)
    posted(service, line, submission())
    (case,) = cases_of(service)
    path = f"/v1/grievances/{case['grievance_id']}"
    closing = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
    service.partner().post(f"{path}/transitions", closing)
    wish = {"reason": "worker_request", "scope": "texts", "confirm": case["public_ref"]}
    erased = service.caller(Role.DPO, "dpo-office").post(f"{path}/erasure", wish)
    assert erased.status < 300, erased.body

    before = service.everything()
    for body in (submission(), edited(**{"what/happened": "Something new."})):
        assert came_to(posted(service, line, body)) == "repeated"

    assert service.everything() == before


# The door


def basic(user: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def test_a_user_and_a_password_will_do(service: Service) -> None:
    secrets = {"basic_user": "kobo", "basic_password": "a-password"}
    line = open_line(service, Provider.KOBO, secrets, fields=FIELDS)

    assert refused(posted(service, line, submission(), **basic("kobo", "wrong"))) == NOT_SIGNED
    assert refused(posted(service, line, submission(), X_Handshake_Secret="")) == NOT_SIGNED
    assert came_to(posted(service, line, submission(), **basic("kobo", "a-password"))) == (
        "received"
    )


def test_who_does_not_know_the_secret_is_refused(service: Service) -> None:
    line = line_of(service)
    for headers in ({"X_Handshake_Secret": "wrong"}, basic("kobo", SECRET), {"X_Other": "x"}):
        assert refused(posted(service, line, submission(), **headers)) == NOT_SIGNED
    assert service.everything() == []


def test_a_line_that_is_unknown_or_ended_or_anothers_is_not_there(service: Service) -> None:
    ended = line_of(service, name="ended", ended_at=START)
    others = open_line(service, Provider.RAPIDPRO, {"header_secret": SECRET})
    unknown = ended.model_copy(update={"line_id": "ln_" + "0" * 26})
    answers = [posted(service, line, submission()) for line in (ended, others, unknown)]

    assert [refused(answer) for answer in answers] == [NOT_THERE] * 3
    assert len({answer.body for answer in answers}) == 1


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValidationFailed) as error:
        kobo.parse(body, LINE)
    assert error.value.errors[0].field == "body"


@pytest.mark.parametrize("operation", ["GetItem", "GetSecretValue", "TransactWriteItems"])
def test_in_an_outage_it_is_asked_to_come_again_and_then_taken(
    service: Service, operation: str
) -> None:
    line = line_of(service)
    with service.refusing(operation):
        assert refused(posted(service, line, submission())) == LATER

    assert came_to(posted(service, line, submission())) == "received"
    assert len(cases_of(service)) == 1


def test_a_revision_that_others_are_in_the_way_of_comes_again(service: Service) -> None:
    """Kobo sends again what is answered with 503, and nothing else."""
    line = line_of(service)
    posted(service, line, submission())
    (case,) = cases_of(service)
    path = f"/v1/grievances/{case['grievance_id']}/messages"

    def note() -> None:
        service.partner().post(path, {"text": "A note."})

    body = edited(**{"what/how_many": "41"})
    with service.before_call("TransactWriteItems", note):
        assert came_to(posted(service, line, body)) == "revised"

    (case,) = cases_of(service)
    assert case["workers_affected"] == 41
    assert len(messages_of(service, case["grievance_id"])) == 2
