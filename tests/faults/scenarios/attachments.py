"""Attachments: asked for, cleaned or refused, removed."""

from chalicelib.domain.record.ledger import Action
from chalicelib.domain.vocabulary import Role
from chalicelib.store.clients import client
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import case_id_of, chain_verifies, post, tick
from tests.service import Caller, Service
from tests.usecases import pictures


def _submitted(service: Service) -> Caller:
    partner = service.partner()
    post(key="k-1", intake_type="enquiry")(service, partner)
    return partner


def _path(partner: Caller) -> str:
    return f"/v1/grievances/{case_id_of(partner)}/attachments"


def _uploaded(service: Service, content: bytes) -> Caller:
    partner = _submitted(service)
    pictures.uploaded(partner, case_id_of(partner), content)
    service.clock.forward(minutes=1)
    return partner


def _with_an_upload(service: Service) -> Caller:
    return _uploaded(service, pictures.photo())


def _with_a_bad_upload(service: Service) -> Caller:
    return _uploaded(service, b"no picture")


def _with_a_clean_attachment(service: Service) -> Caller:
    partner = _with_an_upload(service)
    service.tick()
    return partner


def _ask(service: Service, partner: Caller) -> None:
    partner.post(_path(partner), pictures.wish(pictures.photo()))


def _ask_and_upload(service: Service, partner: Caller) -> None:
    pictures.uploaded(partner, case_id_of(partner), pictures.photo())
    _ticks_until_nothing_is_late(service, partner)


def _remove(service: Service, partner: Caller) -> None:
    (row,) = partner.get(_path(partner)).json()["items"]
    partner.delete(f"{_path(partner)}/{row['attachment_id']}")
    service.tick()


def _remove_again(service: Service, partner: Caller) -> None:
    _remove(service, partner)
    _ticks_until_nothing_is_late(service, partner)


def _ticks_until_nothing_is_late(service: Service, _: object) -> None:
    """Later than any lease, any queue's patience and the last deletion."""
    for _number in range(3):
        service.clock.forward(minutes=15)
        service.tick()


def _kept_of_one(service: Service, partner: Caller, status: str, action: Action) -> list[str]:
    """The keys that the bucket holds, of a case whose only attachment is so and on record so."""
    case_id = case_id_of(partner)
    (row,) = partner.get(_path(partner)).json()["items"]
    assert row["status"] == status
    chain_verifies(service, partner, case_id, routed=0)
    case = service.deps.cases.head(case_id)
    assert case is not None
    entries = service.deps.cases.entries(case, 100, None).items
    assert [entry.action for entry in entries].count(action) == 1
    assert service.deps.attachments.due(service.clock.forward(days=9), 10) == []
    bucket = service.deps.settings.attachments_bucket
    return [o["Key"] for o in client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def _cleaned_once(service: Service, partner: Caller) -> None:
    (key,) = _kept_of_one(service, partner, "clean", Action.ATTACHMENT_ADDED)
    assert key.startswith("clean/")


def _refused_once(service: Service, partner: Caller) -> None:
    assert _kept_of_one(service, partner, "refused", Action.ATTACHMENT_REFUSED) == []


def _removed_once(service: Service, partner: Caller) -> None:
    assert _kept_of_one(service, partner, "removed", Action.ATTACHMENT_REMOVED) == []


def _erase(service: Service, partner: Caller) -> None:
    case = service.deps.cases.head(case_id_of(partner))
    assert case is not None
    body = {"scope": "identity", "reason": "worker_request", "confirm": case.public_ref}
    officer = service.caller(Role.DPO, "privacy-office")
    officer.post(f"/v1/grievances/{case.grievance_id}/erasure", body)
    service.tick()


def _erase_again(service: Service, partner: Caller) -> None:
    _erase(service, partner)
    _ticks_until_nothing_is_late(service, partner)


def _erased_once(service: Service, partner: Caller) -> None:
    assert _kept_of_one(service, partner, "erased", Action.IDENTITY_ERASED) == []


SCENARIOS = [
    Scenario(
        "cleaning of an attachment",
        _with_an_upload,
        tick,
        _ticks_until_nothing_is_late,
        _cleaned_once,
        at_least_calls=15,
    ),
    Scenario(
        "refusal of an attachment",
        _with_a_bad_upload,
        tick,
        _ticks_until_nothing_is_late,
        _refused_once,
        at_least_calls=15,
    ),
    Scenario(
        "request for an attachment",
        _submitted,
        _ask,
        _ask_and_upload,
        _cleaned_once,
        at_least_calls=4,
    ),
    Scenario(
        "removal of an attachment",
        _with_a_clean_attachment,
        _remove,
        _remove_again,
        _removed_once,
        at_least_calls=10,
    ),
    Scenario(
        "erasure of a case with an attachment",
        _with_a_clean_attachment,
        _erase,
        _erase_again,
        _erased_once,
        at_least_calls=12,
    ),
]
