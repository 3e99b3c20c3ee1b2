"""Erasure: what is destroyed stays so, also in a restored backup; the record still verifies."""

from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chalicelib.domain.vocabulary import Role
from chalicelib.store.clients import client
from chalicelib.usecases.identities.erase import erase_again
from infra.local.gateway import Answer
from tests.service import Caller, Service, filing
from tests.usecases.identities.test_identity import WORKER, chain_verifies, history, opened
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted, walked

CANARIES = ("Canary", "13800138000", "138 0013 8000")
Dump = dict[str, list[dict[str, Any]]]


def dpo(service: Service) -> Caller:
    return service.caller(Role.DPO, "privacy-office")


def erased(service: Service, grievance_id: str, scope: str = "identity") -> Answer:
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    body = {"scope": scope, "reason": "worker_request", "confirm": case.public_ref}
    return dpo(service).post(f"/v1/grievances/{grievance_id}/erasure", body)


def with_words(service: Service) -> tuple[Caller, str]:
    """A case with an identity, and with words of people in every place that takes some."""
    partner = service.partner()
    words = {
        "narrative": "Canary-Narrative",
        "summary": "Canary-Summary",
        "requested_remedy": "Canary-Remedy",
    }
    grievance_id = submitted(partner, worker=WORKER, **words)
    for number in range(3):
        partner.post(
            f"/v1/grievances/{grievance_id}/messages", {"text": f"Canary-Message {number}"}
        )
    return partner, grievance_id


# Asked for


def test_a_supervisor_asks_and_the_officer_sees_it_until_it_is_done(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    path = f"/v1/grievances/{grievance_id}/erasure-requests"
    wish = {"reason": "worker_request"}

    first, again = partner.post(path, wish), partner.post(path, wish)

    assert (first.status, again.status, again.body) == (201, 200, first.body)
    request = first.json()
    assert request == {
        "grievance_id": grievance_id,
        "public_ref": case_of(partner, grievance_id)["public_ref"],
        "partner_id": "handshake-gz",
        "scope": "identity",
        "reason": "worker_request",
        "requested_at": "2026-11-22T08:00:00.000Z",
        "requested_by": history(partner, grievance_id)[1]["actor"],
    }
    listed = dpo(service).get("/v1/erasure-requests")
    assert listed.json() == {"items": [request], "next_cursor": None}
    erased(service, grievance_id)
    assert dpo(service).get("/v1/erasure-requests").json()["items"] == []
    assert refusal(partner.post(path, wish)) == (409, "state_conflict")


def test_the_open_requests_come_in_pages_oldest_first(service: Service) -> None:
    partner, asked = service.partner(), []
    for number in range(5):
        asked.append(submitted(partner, f"k-{number}"))
        path = f"/v1/grievances/{asked[-1]}/erasure-requests"
        partner.post(path, {"reason": "no_longer_needed"})
        service.clock.forward(seconds=1)
    first = dpo(service).get("/v1/erasure-requests?limit=3").json()
    rest = dpo(service).get(f"/v1/erasure-requests?limit=3&cursor={first['next_cursor']}").json()
    found = [row["grievance_id"] for row in (*first["items"], *rest["items"])]
    assert found == asked


# Done


def test_an_erased_identity_is_gone_and_the_case_and_its_chain_stay(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    before = case_of(partner, grievance_id)

    answer = erased(service, grievance_id)

    after = case_of(partner, grievance_id)
    assert answer.status == 200
    assert answer.json() == {
        "grievance_id": grievance_id,
        "public_ref": before["public_ref"],
        "identity": "erased",
        "texts_erased_at": None,
        "retention_hold": None,
        "version": 2,
        "ledger_hash": after["ledger_hash"],
    }
    changed = {"identity": "erased", "version": 2, "ledger_hash": after["ledger_hash"]}
    assert after == {**before, **changed}
    entry = history(partner, grievance_id)[1]
    assert (entry["action"], entry["actor"].split(":")[0]) == ("identity_erased", "dpo")
    assert entry["data"] == {"scope": "identity", "reason": "worker_request"}
    assert refusal(opened(partner, grievance_id)) == (410, "identity_erased")
    assert chain_verifies(service, grievance_id)
    assert service.items_of(service.deps.settings.vault_table) == []
    (mark,) = service.items_of(service.deps.settings.vault_keys_table)
    assert set(mark) == {"pk", "sk", "partner_id", "erased_at"}


def test_what_people_wrote_is_erased_where_that_is_asked_for(service: Service) -> None:
    partner, grievance_id = with_words(service)
    assert "Canary" in repr(service.everything())

    erased(service, grievance_id, "texts")

    assert "Canary" not in repr(service.everything())
    case = case_of(partner, grievance_id)
    assert [case[n] for n in ("narrative", "summary", "requested_remedy")] == [None] * 3
    assert case["texts_erased_at"] == "2026-11-22T08:00:00.000Z"
    messages = partner.get(f"/v1/grievances/{grievance_id}/messages").json()["items"]
    assert [message["text"] for message in messages] == [None] * 3
    assert chain_verifies(service, grievance_id)


def test_a_conversation_of_megabytes_is_erased_whole_while_others_write_on(
    service: Service,
) -> None:
    partner, grievance_id = with_words(service)
    path = f"/v1/grievances/{grievance_id}/messages"
    for number in range(120):
        service.clock.forward(milliseconds=1)
        assert partner.post(path, {"text": f"Canary {number:03} " * 800}).status == 201
    said = len(walked(partner, f"{path}?limit=200"))

    def say_more() -> None:
        service.clock.forward(milliseconds=1)
        assert partner.post(path, {"text": "Said meanwhile"}).status == 201

    with (
        service.before_call("TransactWriteItems", say_more),
        service.before_call("Query", say_more),
    ):
        assert erased(service, grievance_id, "texts").status == 200

    messages = walked(partner, f"{path}?limit=200")
    assert said == 123
    assert [m["text"] for m in messages[:said]] == [None] * said
    assert len({m["message_id"] for m in messages}) == len(messages) == said + 2
    assert "Canary" not in repr(service.everything())

    erased(service, grievance_id, "texts")

    assert {m["text"] for m in walked(partner, f"{path}?limit=200")} == {None}


PROPOSALS: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("PATCH", "", {"severity": "S2", "severity_reason": "Canary-Reason"}),
    (
        "POST",
        "/transitions",
        {
            "to": "closed",
            "outcome": "resolved",
            "root_cause": "unknown",
            "verification_evidence": "Canary-Evidence",
            "worker_verdict": "satisfied",
        },
    ),
)


@pytest.mark.parametrize(("method", "under", "wish"), PROPOSALS, ids=["lower", "close"])
def test_an_open_proposal_ends_with_its_words(
    service: Service, method: str, under: str, wish: dict[str, Any]
) -> None:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner, ilo_indicators=['debt_bondage'])}"
    for state in ("acknowledged", "screening", "referred")[: 3 * bool(under)]:
        assert partner.post(f"{path}/transitions", {"to": state}).status == 200
    version = partner.get(path).json()["version"]
    proposed = partner.send(method, path + under, wish, {"If-Match": f'"{version}"'})
    assert proposed.status == 202, proposed.body
    assert "Canary" in repr(service.everything())

    assert erased(service, path.rsplit("/", 1)[1], "texts").status == 200

    assert "Canary" not in repr(service.everything())
    assert partner.get(path).json()["proposal"] is None
    confirmation = f"{path}/proposals/{proposed.json()['proposal_id']}/confirmation"
    assert refusal(service.partner(person=2).post(confirmation)) == (404, "not_found")
    assert chain_verifies(service, path.rsplit("/", 1)[1])


def test_an_erasure_again_changes_nothing(service: Service) -> None:
    _, grievance_id = with_words(service)
    first = erased(service, grievance_id, "texts")
    before = service.everything()

    again = erased(service, grievance_id, "texts")

    assert (again.status, again.body) == (200, first.body)
    assert service.everything() == before


WRITTEN_LATER: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("PATCH", "", {"narrative": "Canary-Later"}),
    ("PATCH", "", {"summary": "Canary-Later"}),
    ("PATCH", "", {"requested_remedy": "Canary-Later"}),
    ("POST", "/messages", {"text": "Canary-Later"}),
    ("POST", "/messages", {"text": "Canary-Later", "visibility": "worker"}),
    (
        "POST",
        "/transitions",
        {"to": "on_hold", "reason": "Canary-Later", "until": "2026-12-22T08:00:00Z"},
    ),
    *PROPOSALS,
)


def written_later(service: Service, method: str, under: str, wish: dict[str, Any]) -> str:
    """A case whose texts were erased and that somebody wrote on again; its id."""
    partner = service.partner()
    grievance_id = submitted(partner, ilo_indicators=["debt_bondage"], narrative="Canary")
    path = f"/v1/grievances/{grievance_id}"
    for state in ("acknowledged", "screening", "referred")[: 3 * (wish.get("to") == "closed")]:
        assert partner.post(f"{path}/transitions", {"to": state}).status == 200
    assert erased(service, grievance_id, "texts").status == 200
    version = partner.get(path).json()["version"]
    answer = partner.send(method, path + under, wish, {"If-Match": f'"{version}"'})
    assert answer.status in (200, 201, 202), answer.body
    assert "Canary" in repr(service.everything())
    return grievance_id


@pytest.mark.parametrize(
    ("method", "under", "wish"),
    WRITTEN_LATER,
    ids=["narrative", "summary", "remedy", "note", "message", "hold", "lower", "close"],
)
def test_whatever_is_written_after_an_erasure_goes_with_the_next(
    service: Service, method: str, under: str, wish: dict[str, Any]
) -> None:
    grievance_id = written_later(service, method, under, wish)
    path = f"/v1/grievances/{grievance_id}/erasure-requests"
    asked = service.partner().post(path, {"scope": "texts", "reason": "worker_request"})
    assert asked.status == 201, asked.body
    service.clock.forward(days=1)

    answer = erased(service, grievance_id, "texts")

    assert answer.json()["texts_erased_at"] == "2026-11-23T08:00:00.000Z"
    assert "Canary" not in repr(service.everything())
    actions = [entry["action"] for entry in history(service.partner(), grievance_id)]
    assert actions.count("texts_erased") == 2
    assert chain_verifies(service, grievance_id)
    before = service.everything()
    assert erased(service, grievance_id, "texts").status == 200
    assert service.everything() == before


def test_what_a_brand_answers_after_an_erasure_goes_from_the_messages_with_the_next(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    erased(service, grievance_id, "texts")
    (alert,) = service.alert_rows(grievance_id)
    desk = service.brand_desk()
    assert desk.post(f"/v1/alerts/{alert.alert_id}/replies", {"text": "We ask."}).status == 201

    erased(service, grievance_id, "texts")

    messages = partner.get(f"/v1/grievances/{grievance_id}/messages").json()["items"]
    assert [message["text"] for message in messages] == [None]


def test_a_restored_table_costs_nothing_that_was_written_since(service: Service) -> None:
    """What the register says was erased is not back: nobody has decided about newer texts."""
    grievance_id = written_later(service, "POST", "/messages", {"text": "Canary-Later"})

    service.apply_retention(erase_again=True)

    messages = service.partner().get(f"/v1/grievances/{grievance_id}/messages").json()["items"]
    assert [message["text"] for message in messages] == ["Canary-Later"]


def test_an_erasure_asks_for_the_cases_reference(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    body = {"reason": "worker_request", "confirm": "2026-0000-0000-0000"}

    answer = dpo(service).post(f"/v1/grievances/{grievance_id}/erasure", body)

    assert fields(answer) == {"confirm": "does_not_match"}
    assert opened(partner, grievance_id).status == 201


def test_a_hold_stops_an_erasure_until_it_is_lifted(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    path = f"/v1/grievances/{grievance_id}/retention-hold"
    held = dpo(service).put(path, {"reason": "court_proceedings"})

    assert held.json()["retention_hold"] == {
        "reason": "court_proceedings",
        "since": "2026-11-22T08:00:00.000Z",
    }
    assert refusal(erased(service, grievance_id)) == (409, "state_conflict")
    assert opened(partner, grievance_id).status == 201
    assert dpo(service).delete(path).json()["retention_hold"] is None
    assert erased(service, grievance_id).status == 200


def test_a_hold_that_comes_in_the_middle_of_an_erasure_still_stops_it(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    path, officer = f"/v1/grievances/{grievance_id}/retention-hold", dpo(service)

    def hold() -> None:
        officer.put(path, {"reason": "investigation"})

    with service.before_call("TransactWriteItems", hold):
        answer = erased(service, grievance_id)

    assert refusal(answer) == (409, "state_conflict")
    assert opened(partner, grievance_id).status == 201


def test_after_an_erasure_no_identity_is_kept_again(service: Service) -> None:
    partner = service.partner()
    body = filing(worker=WORKER)
    first = partner.post("/v1/grievances", body, Idempotency_Key="k-1")
    grievance_id = first.json()["grievance_id"]
    erased(service, grievance_id)

    kept = partner.put(f"/v1/grievances/{grievance_id}/identity", WORKER)
    repeat = partner.post("/v1/grievances", body, Idempotency_Key="k-1")

    assert refusal(kept) == (410, "identity_erased")
    assert (repeat.status, repeat.body) == (200, first.body)
    assert service.items_of(service.deps.settings.vault_table) == []


# S5: a backup from before


def vault_tables(service: Service) -> Sequence[str]:
    settings = service.deps.settings
    return (settings.cases_table, settings.vault_table, settings.vault_keys_table)


def dumped(service: Service) -> Dump:
    """A raw copy of every item, as a backup would have it."""
    dynamodb = client("dynamodb")
    return {table: dynamodb.scan(TableName=table)["Items"] for table in vault_tables(service)}


def restored(backup: Dump) -> None:
    """The tables as they were: what has come since is not in a restored one."""
    dynamodb = client("dynamodb")
    for table, items in backup.items():
        schema = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
        names = [part["AttributeName"] for part in schema]
        for item in dynamodb.scan(TableName=table)["Items"]:
            dynamodb.delete_item(TableName=table, Key={name: item[name] for name in names})
        for item in items:
            dynamodb.put_item(TableName=table, Item=item)


def opened_by_hand(service: Service, grievance_id: str) -> bytes:
    """What somebody with every right to the tables and to KMS can read. LookupError: nothing."""
    dump = dumped(service)
    settings = service.deps.settings
    ciphertexts = [i for i in dump[settings.vault_table] if i["case_id"]["S"] == grievance_id]
    rows = [i for i in dump[settings.vault_keys_table] if i["pk"]["S"] == grievance_id]
    wrapped = [value["B"] for row in rows for value in row.values() if "B" in value]
    context = {"tenant": "handshake-gz", "case": grievance_id}
    for blob in [*wrapped, *(i["ciphertext"]["B"] for i in ciphertexts)]:
        try:
            key = client("kms").decrypt(CiphertextBlob=blob, EncryptionContext=context)
        except (ClientError, UnicodeDecodeError):
            continue
        bound = b'{"case":"%b","tenant":"handshake-gz"}' % grievance_id.encode()
        sealed = ciphertexts[0]["ciphertext"]["B"]
        return AESGCM(key["Plaintext"]).decrypt(sealed[:12], sealed[12:], bound)
    raise LookupError("no data key")


def test_a_restored_backup_from_before_cannot_be_read_by_the_service_nor_by_hand(
    service: Service,
) -> None:
    """The table of keys is never backed up; all else is restored as it was before the erasure."""
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    backup = dumped(service)
    assert b"Canary" in opened_by_hand(service, grievance_id)  # the control
    erased(service, grievance_id)

    restored({t: i for t, i in backup.items() if t != service.deps.settings.vault_keys_table})

    assert case_of(partner, grievance_id)["identity"] == "held"  # the case is as it was
    assert refusal(opened(partner, grievance_id)) == (410, "identity_erased")
    with pytest.raises(LookupError):
        opened_by_hand(service, grievance_id)
    assert all(canary not in repr(dumped(service)) for canary in CANARIES)


def test_even_with_the_keys_restored_the_service_refuses_and_erases_again(
    service: Service,
) -> None:
    """Somebody has copied the table of keys after all: the register outside the tables knows."""
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    kept = submitted(partner, "k-2", worker=WORKER)
    backup = dumped(service)
    erased(service, grievance_id)
    restored(backup)

    assert refusal(opened(partner, grievance_id)) == (410, "identity_erased")
    assert erase_again(after=None, seconds_left=lambda: 300, deps=service.deps) is None

    with pytest.raises(LookupError):
        opened_by_hand(service, grievance_id)
    case = case_of(partner, grievance_id)
    assert case["identity"] == "erased"
    assert history(partner, grievance_id)[-1]["data"] == {"scope": "identity", "again": True}
    assert chain_verifies(service, grievance_id)
    assert opened(partner, kept).status == 201


def test_a_key_that_came_back_is_destroyed_also_where_the_case_is_only_half_restored(
    service: Service,
) -> None:
    grievance_id = submitted(service.partner(), worker=WORKER)
    backup = dumped(service)
    erased(service, grievance_id)
    for table, items in backup.items():  # laid over what is there: the second entry stays
        for item in items:
            client("dynamodb").put_item(TableName=table, Item=item)

    erase_again(after=None, seconds_left=lambda: 300, deps=service.deps)

    assert service.items_of(service.deps.settings.vault_table) == []
    with pytest.raises(LookupError):
        opened_by_hand(service, grievance_id)


def test_texts_that_a_restore_brings_back_are_erased_again_whatever_is_on_hold(
    service: Service,
) -> None:
    _, grievance_id = with_words(service)
    path = f"/v1/grievances/{grievance_id}/retention-hold"
    dpo(service).put(path, {"reason": "investigation"})
    backup = dumped(service)
    dpo(service).delete(path)
    erased(service, grievance_id, "texts")
    restored(backup)

    erase_again(after=None, seconds_left=lambda: 300, deps=service.deps)

    assert "Canary" not in repr(service.everything())
    assert chain_verifies(service, grievance_id)


def test_erasing_again_goes_on_where_it_stopped(service: Service) -> None:
    partner = service.partner()
    cases = sorted(submitted(partner, f"k-{n}", worker=WORKER) for n in range(3))
    backup = dumped(service)
    for grievance_id in cases:
        erased(service, grievance_id)
    restored(backup)
    left = iter([300.0, 300.0, 1.0])

    stopped = erase_again(after=None, seconds_left=lambda: next(left), deps=service.deps)
    assert stopped == cases[1]
    assert erase_again(after=stopped, seconds_left=lambda: 300, deps=service.deps) is None

    assert service.items_of(service.deps.settings.vault_table) == []


# The officer's routes, where there is nothing to do


ABSENT = "g_" + "0" * 26


def test_what_is_not_there_is_neither_opened_held_nor_erased(service: Service) -> None:
    officer, path = dpo(service), f"/v1/grievances/{ABSENT}"
    erasure = {"reason": "worker_request", "confirm": "2026-0000-0000-0000"}
    answers = [
        officer.post(f"{path}/identity/openings", {"reason": "legal_obligation"}),
        officer.post(f"{path}/erasure", erasure),
        officer.put(f"{path}/retention-hold", {"reason": "investigation"}),
        officer.delete(f"{path}/retention-hold"),
    ]
    assert [refusal(answer) for answer in answers] == [(404, "not_found")] * 4


def test_a_hold_again_and_a_lift_again_write_nothing(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    path = f"/v1/grievances/{grievance_id}/retention-hold"
    for _ in range(2):
        dpo(service).put(path, {"reason": "investigation"})
    for _ in range(2):
        dpo(service).delete(path)

    actions = [entry["action"] for entry in history(partner, grievance_id)]
    assert actions == ["received", "retention_held", "retention_hold_lifted"]


def test_an_opening_that_meets_a_change_is_recorded_after_it(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)

    def overtake() -> None:
        partner.post(f"/v1/grievances/{grievance_id}/messages", {"text": "first"})

    with service.before_call("TransactWriteItems", overtake):
        answer = opened(partner, grievance_id)

    assert (answer.status, answer.json()["entry"]) == (201, 3)
    assert chain_verifies(service, grievance_id)


def test_an_erasure_that_was_begun_is_finished_by_the_next_run(service: Service) -> None:
    _, grievance_id = with_words(service)
    with service.refusing("PutObject"):
        assert refusal(erased(service, grievance_id, "texts")) == (503, "unavailable")
    assert not service.deps.erasures.is_registered(grievance_id)

    service.apply_retention()

    assert service.deps.erasures.is_registered(grievance_id)
    assert "Canary" not in repr(service.everything())
