"""Lines of a helpline: set up by a supervisor, known by their secrets, which nobody reads."""

from typing import Any

import pytest

from chalicelib.channels.twilio_voice import VOICES
from chalicelib.domain.helpline.helpline_line import UNSPOKEN
from chalicelib.domain.vocabulary import Role
from chalicelib.texts import for_workers
from tests.service import Caller, Service, but_for_the_count
from tests.usecases.stories import refusal

SID = f"AC{'0123456789abcdef' * 2}"
TWILIO = {
    "provider": "twilio_messages",
    "name": "Night line",
    "account": SID,
    "address": "+15550100",
    "language": "zh",
    "jurisdiction": "CN",
}
KOBO = {
    "provider": "kobo",
    "name": "Interviews",
    "fields": {"text": "complaint/what", "factory_name": "complaint/factory"},
}
OF_EACH: dict[str, dict[str, Any]] = {
    "twilio": TWILIO,
    "voice": {**TWILIO, "provider": "twilio_voice"},
    "qq": {"provider": "qq", "name": "QQ", "account": "102000001"},
    "wechat": {"provider": "wechat", "name": "WeChat", "account": "gh_0123456789ab"},
    "rapidpro": {**KOBO, "provider": "rapidpro"},
    "kobo": KOBO,
}
SECRET = "a-header-secret-that-is-long-enough"
ANOTHER = "another-header-secret-that-is-long"


def added(partner: Caller, body: dict[str, Any] = KOBO) -> dict[str, Any]:
    answer = partner.post("/v1/lines", body)
    assert answer.status == 201, answer.body
    line: dict[str, Any] = answer.json()
    return line


def logged(service: Service) -> list[tuple[str, str, str]]:
    entries = reversed(service.deps.access.log("2026-11", 100, None).items)
    return [
        (entry.event.value, entry.subject, entry.by_organisation)
        for entry in entries
        if entry.event.value.startswith("line_")
    ]


def test_a_new_line_is_told_as_it_is_and_that_it_hears_nothing_yet(service: Service) -> None:
    partner = service.partner()

    answer = partner.post("/v1/lines", TWILIO)

    assert answer.status == 201
    line = answer.json()
    line_id = line["line_id"]
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/v1/lines/{line_id}"
    assert line.pop("setup").startswith("Twilio Console")
    assert line == {
        "line_id": line_id,
        "partner_id": "handshake-gz",
        **TWILIO,
        "fields": {},
        "created_at": "2026-11-22T08:00:00.000Z",
        "secret_names": [],
        "secrets_set_at": None,
        "secrets_wanted": [["auth_token"]],
        "ready": False,
        "webhook_url": f"https://handshake.test/v1/channels/twilio/{line_id}",
        "ended_at": None,
        "version": 1,
    }
    assert partner.get(f"/v1/lines/{line_id}").json() == answer.json()
    assert logged(service) == [("line_added", line_id, "handshake-gz")]


@pytest.mark.parametrize("kind", OF_EACH)
def test_every_provider_is_told_its_own_address(service: Service, kind: str) -> None:
    line = added(service.partner(), OF_EACH[kind])

    assert line["webhook_url"] == f"https://handshake.test/v1/channels/{kind}/{line['line_id']}"
    assert len(line["setup"]) > 50


def test_every_post_adds_a_line(service: Service) -> None:
    partner = service.partner()
    ids = [added(partner)["line_id"] for _ in range(3)]

    first = partner.get("/v1/lines?limit=2")
    second = partner.get(f"/v1/lines?limit=2&cursor={first.json()['next_cursor']}")

    rows = first.json()["items"] + second.json()["items"]
    assert sorted(row["line_id"] for row in rows) == sorted(ids)
    assert len(set(ids)) == 3
    assert second.json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({**TWILIO, "account": None}, "account", "missing"),
        ({**TWILIO, "account": "AC12"}, "account", "does_not_fit_provider"),
        ({**TWILIO, "address": "0755 5550100"}, "address", "does_not_fit_provider"),
        ({**TWILIO, "fields": {"text": "x"}}, "fields", "not_of_provider"),
        ({**OF_EACH["qq"], "account": "x"}, "account", "does_not_fit_provider"),
        ({**OF_EACH["wechat"], "account": "wx12"}, "account", "does_not_fit_provider"),
        ({**KOBO, "fields": {"text": "a b"}}, "fields.text", "string_pattern_mismatch"),
        ({**KOBO, "provider": "telegram"}, "provider", "enum"),
        ({**KOBO, "name": " "}, "name", "value_error"),
    ],
)
def test_what_does_not_fit_the_provider_is_refused_and_nothing_kept(
    service: Service, wrong: dict[str, Any], field: str, code: str
) -> None:
    partner = service.partner()

    answer = partner.post("/v1/lines", wrong)

    assert refusal(answer) == (422, "validation_failed")
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert partner.get("/v1/lines").json()["items"] == []


SPOKEN = "`bn`, `en`, `hi`, `id`, {my}`th`, `vi`, `zh`, `zh-hant`"


@pytest.mark.parametrize(
    ("kind", "language", "my"),
    [("twilio", "km", "`my`, "), ("rapidpro", "de", "`my`, "), ("voice", "my", "")],
)
def test_a_language_that_a_line_cannot_speak_is_refused_with_those_it_can(
    service: Service, kind: str, language: str, my: str
) -> None:
    partner = service.partner()

    answer = partner.post("/v1/lines", {**OF_EACH[kind], "language": language})

    assert answer.status == 422
    assert answer.json()["errors"] == [
        {
            "field": "language",
            "code": "not_spoken",
            "detail": f"This line can speak {SPOKEN.format(my=my)}: choose one.",
        }
    ]
    assert partner.get("/v1/lines").json()["items"] == []
    line = added(partner, OF_EACH[kind])
    path = f"/v1/lines/{line['line_id']}"
    changed = partner.patch(path, {"language": language}, If_Match='"1"')
    assert changed.json()["errors"] == answer.json()["errors"]
    assert partner.get(path).json() == line


@pytest.mark.parametrize(
    ("kind", "language"),
    [("qq", "my"), ("twilio", "zh-TW"), ("voice", "bn-BD"), ("kobo", "km")],
)
def test_a_language_that_it_can_speak_is_taken_by_any_of_its_tags(
    service: Service, kind: str, language: str
) -> None:
    line = added(service.partner(), {**OF_EACH[kind], "language": language})

    assert line["language"].lower() == language.lower()


def test_what_no_call_can_be_held_in_is_what_nobody_has_a_voice_for() -> None:
    assert for_workers.languages() - VOICES.keys() == UNSPOKEN


def test_a_field_of_no_name_of_ours_is_refused_without_an_echo(service: Service) -> None:
    answer = service.partner().post("/v1/lines", {**KOBO, "fields": {"wage-of-li": "x"}})

    assert refusal(answer) == (422, "validation_failed")
    assert b"wage-of-li" not in answer.body


def test_a_line_with_its_secrets_is_ready_and_tells_only_their_names(service: Service) -> None:
    partner = service.partner()
    line_id = added(partner)["line_id"]
    service.clock.forward(minutes=1)

    answer = partner.put(f"/v1/lines/{line_id}/secrets", {"header_secret": SECRET})

    assert answer.status == 200, answer.body
    line = answer.json()
    assert answer.headers["ETag"] == '"2"'
    assert (line["ready"], line["version"]) == (True, 2)
    assert line["secret_names"] == ["header_secret"]
    assert line["secrets_set_at"] == "2026-11-22T08:01:00.000Z"
    assert partner.get("/v1/lines").json()["items"] == [line]
    assert service.kept_secrets(line_id) == {"header_secret": SECRET}
    assert service.deps.line_secrets.get(line_id) == {"header_secret": SECRET}
    assert logged(service)[1:] == [("line_secrets_set", line_id, "handshake-gz")]


def test_other_secrets_take_the_place_of_all_before(service: Service) -> None:
    partner = service.partner()
    line_id = added(partner)["line_id"]
    partner.put(f"/v1/lines/{line_id}/secrets", {"header_secret": SECRET})
    assert service.deps.line_secrets.get(line_id) == {"header_secret": SECRET}

    basic = {"basic_user": "kobo", "basic_password": ANOTHER}
    line = partner.put(f"/v1/lines/{line_id}/secrets", basic).json()

    assert line["secret_names"] == ["basic_password", "basic_user"]
    assert service.kept_secrets(line_id) == basic
    assert service.deps.line_secrets.get(line_id) == basic


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"auth_token": SECRET},
        {"header_secret": SECRET, "basic_user": "kobo"},
        {"header_secret": SECRET[:19]},
        {"header_secret": f"{SECRET}\n"},
        {"header_secret": "密" * 20},
        {"header_secret": None},
        {"header_secret": [SECRET]},
        {"password": SECRET},
    ],
)
def test_secrets_of_other_names_or_too_short_ones_are_refused_without_an_echo(
    service: Service, wrong: dict[str, Any]
) -> None:
    partner = service.partner()
    line_id = added(partner)["line_id"]

    answer = partner.put(f"/v1/lines/{line_id}/secrets", wrong)

    assert refusal(answer) == (422, "validation_failed")
    assert SECRET[:19].encode() not in answer.body
    assert service.kept_secrets(line_id) is None
    assert not partner.get(f"/v1/lines/{line_id}").json()["ready"]
    assert [event for event, *_ in logged(service)] == ["line_added"]


def test_where_secrets_cannot_be_kept_the_line_does_not_say_that_they_are(
    service: Service,
) -> None:
    partner = service.partner()
    line_id = added(partner)["line_id"]
    path = f"/v1/lines/{line_id}/secrets"

    with service.refusing("CreateSecret"):
        refused = partner.put(path, {"header_secret": SECRET})

    assert refusal(refused) == (503, "unavailable")
    assert not partner.get(f"/v1/lines/{line_id}").json()["ready"]
    assert partner.put(path, {"header_secret": SECRET}).json()["ready"]
    assert service.kept_secrets(line_id) == {"header_secret": SECRET}


def test_a_change_replaces_what_it_names_and_keeps_the_rest(service: Service) -> None:
    partner = service.partner()
    line = added(partner, TWILIO)
    path = f"/v1/lines/{line['line_id']}"
    changes = {"name": "Day line", "address": "+15550101", "language": None, "jurisdiction": None}

    answer = partner.patch(path, changes, If_Match='"1"')

    assert answer.status == 200, answer.body
    assert answer.headers["ETag"] == '"2"'
    assert answer.json() == {**line, **changes, "language": "en", "version": 2}
    assert partner.get(path).json() == answer.json()
    assert partner.get("/v1/lines").json()["items"] == [answer.json()]
    assert logged(service)[1:] == [("line_changed", line["line_id"], "handshake-gz")]


def test_the_fields_of_a_form_are_replaced_as_a_whole(service: Service) -> None:
    partner = service.partner()
    path = f"/v1/lines/{added(partner)['line_id']}"

    answer = partner.patch(path, {"fields": {"summary": "q7"}}, If_Match='"1"')
    cleared = partner.patch(path, {"fields": None}, If_Match='"2"')

    assert answer.json()["fields"] == {"summary": "q7"}
    assert cleared.json()["fields"] == {}


def test_a_change_that_changes_nothing_leaves_the_version(service: Service) -> None:
    partner = service.partner()
    line = added(partner)
    path = f"/v1/lines/{line['line_id']}"

    for nothing in ({}, {"name": line["name"]}, {"fields": line["fields"]}):
        assert partner.patch(path, nothing, If_Match='"1"').json() == line
    assert [event for event, *_ in logged(service)] == ["line_added"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": None}, "name", "missing"),
        ({"language": "x"}, "language", "string_pattern_mismatch"),
        ({"address": "+15550100"}, "address", "not_of_provider"),
        ({"account": SID}, "body", "extra_forbidden"),
        ({"provider": "qq"}, "body", "extra_forbidden"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(
    service: Service, changes: dict[str, Any], field: str, code: str
) -> None:
    partner = service.partner()
    line = added(partner)
    path = f"/v1/lines/{line['line_id']}"

    answer = partner.patch(path, changes, If_Match='"1"')

    assert refusal(answer) == (422, "validation_failed")
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert partner.get(path).json() == line


def test_a_change_names_the_version_it_is_based_on(service: Service) -> None:
    partner = service.partner()
    path = f"/v1/lines/{added(partner)['line_id']}"
    partner.patch(path, {"name": "Second"}, If_Match='"1"')

    assert refusal(partner.patch(path, {"name": "x"})) == (428, "precondition_required")
    stale = partner.patch(path, {"name": "x"}, If_Match='"1"')
    assert refusal(stale) == (412, "precondition_failed")
    assert partner.get(path).json()["name"] == "Second"


def test_what_has_ended_takes_nothing_more_and_its_secrets_are_gone(service: Service) -> None:
    partner = service.partner()
    line_id = added(partner)["line_id"]
    path = f"/v1/lines/{line_id}"
    partner.put(f"{path}/secrets", {"header_secret": SECRET})
    service.clock.forward(minutes=1)

    assert but_for_the_count(partner.delete(path)).status == 204
    assert partner.delete(path).status == 204

    line = partner.get(path).json()
    assert (line["ended_at"], line["ready"]) == ("2026-11-22T08:01:00.000Z", False)
    assert service.kept_secrets(line_id) is None
    assert dict(service.deps.line_secrets.get(line_id)) == {}
    again = partner.put(f"{path}/secrets", {"header_secret": SECRET})
    assert refusal(again) == (409, "state_conflict")
    late = partner.patch(path, {"name": "x"}, If_Match='"3"')
    assert refusal(late) == (409, "state_conflict")
    assert service.kept_secrets(line_id) is None
    assert partner.get("/v1/lines").json()["items"] == [line]
    assert [event for event, *_ in logged(service)] == [
        "line_added",
        "line_secrets_set",
        "line_ended",
    ]


def test_where_its_secrets_cannot_be_deleted_a_line_has_ended_all_the_same(
    service: Service,
) -> None:
    partner = service.partner()
    line_id = added(partner)["line_id"]
    path = f"/v1/lines/{line_id}"
    partner.put(f"{path}/secrets", {"header_secret": SECRET})

    with service.refusing("DeleteSecret"):
        assert refusal(partner.delete(path)) == (503, "unavailable")

    assert partner.get(path).json()["ended_at"]
    assert service.kept_secrets(line_id) == {"header_secret": SECRET}
    assert partner.delete(path).status == 204
    assert service.kept_secrets(line_id) is None


def test_the_operator_reads_and_ends_a_partners_lines_but_sets_nothing(service: Service) -> None:
    line = added(service.partner())
    path, operator = f"/v1/lines/{line['line_id']}", service.operator()

    assert operator.get("/v1/lines?organisation_id=handshake-gz").json()["items"] == [line]
    assert operator.get(path).json() == line
    assert operator.get("/v1/lines").json()["items"] == []
    unknown = operator.get("/v1/lines?organisation_id=nowhere")
    assert refusal(unknown) == (404, "not_found")
    secrets = operator.put(f"{path}/secrets", {"header_secret": SECRET})
    assert refusal(secrets) == (403, "forbidden")
    assert operator.delete(path).status == 204
    assert logged(service)[-1] == ("line_ended", line["line_id"], "operations")


def test_another_partners_line_is_not_there(service: Service) -> None:
    line = added(service.partner())
    other, path = service.partner("other-ngo"), f"/v1/lines/{line['line_id']}"

    refused = [
        other.get(path),
        other.patch(path, {"name": "x"}, If_Match='"1"'),
        other.delete(path),
        other.put(f"{path}/secrets", {"header_secret": SECRET}),
        other.get("/v1/lines?organisation_id=handshake-gz"),
    ]

    assert [refusal(answer) for answer in refused] == [(404, "not_found")] * 5
    assert other.get("/v1/lines").json()["items"] == []
    assert service.partner().get(path).json() == line
    assert service.kept_secrets(line["line_id"]) is None


def test_intake_staff_look_after_no_lines(service: Service) -> None:
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")

    assert refusal(intake.get("/v1/lines")) == (403, "forbidden")
    assert refusal(intake.post("/v1/lines", KOBO)) == (403, "forbidden")
