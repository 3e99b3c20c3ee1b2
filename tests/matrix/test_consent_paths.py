"""Every way out, at every consent: nothing shows more of a case than the worker agreed to.

The ways are not listed by hand: whatever a role outside the partner may read over HTTP is asked
(each route in the register that lets it in, each id that exists; what anybody may read is the same
whatever cases there are, but for a receipt, which is the worker's own), and whatever has reached a
topic or the bucket is read. A route that shows a case without asking `domain.cases.consent.release`
is found here; the last test adds such a route, and sees it found.
"""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

import app
from chalicelib.api.endpoint import OPERATIONS, Audience, Call, Operation, Reply
from chalicelib.domain.cases.consent import Detail, Way, release
from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import ConsentLevel, Role
from chalicelib.store.clients import client
from infra.local.gateway import Gateway
from tests.service import Service
from tests.usecases.stories import alerted, consented

FACTORY = "CANARY Shoe Factory"
SUMMARY = "CANARY-SUMMARY two months of wages."
QUESTION = "CANARY-QUESTION which months?"
NEVER = {
    "narrative": "CANARY-NARRATIVE they hold our passports.",
    "requested_remedy": "CANARY-REMEDY payment.",
    "partner_ref": "CANARY-PARTNER-REF",
}
OUTSIDERS = (Role.BRAND, Role.FACTORY, Role.AUDITOR, Role.DPO, Role.OPERATOR)
OF_THE_REGISTRY = ("/v1/factories", "/v1/brands", "/v1/links", "/v1/judgements", "/v1/imports")
"""What these show is the brands' own disclosures, no case."""

KEPT_BY_OPERATORS = "/v1/organisations"
"""Among them the managements of factories, with the factory that the operator gave each."""

RECALL = "recall"
"""A recall repeats the category: brands' subscriptions filter on it, and it was told before."""

CONSENTS = [
    *(
        {"level": level, "cross_border": crosses, "publish_summary": True}
        for level, crosses in product(ConsentLevel, (False, True))
    ),
    {"level": ConsentLevel.C3, "cross_border": True, "publish_summary": False},
]


def agreed(consent: dict[str, Any]) -> dict[str, Any]:
    named = {"recipients": ["acme"]} if consent["level"] == ConsentLevel.C4 else {}
    return {**consent, **named, "script_version": "helpline-zh-3"}


def world(service: Service, consent: dict[str, Any]) -> str:
    """A case of that consent, worked by the check, of which its brand has asked the factory, if it
    may; and an export of the day."""
    service.brand()
    service.link(service.factory(FACTORY, country="CN"))
    reported = {"name": FACTORY, "city": "Shenzhen", "country": "CN"}
    facts: dict[str, Any] = {"factory_reported": reported, "summary": SUMMARY, **NEVER}
    grievance_id = alerted(service, service.partner(), consent=agreed(consent), **facts)
    for alert in service.alert_rows(grievance_id):
        asking = f"/v1/alerts/{alert.alert_id}/questions"
        service.brand_desk().post(asking, {"text": QUESTION, "to": "factory"})
    exported(service)
    return grievance_id


def exported(service: Service) -> None:
    today = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
    for form in ("csv", "jsonl"):
        service.auditor().post("/v1/exports", {**today, "format": form})
    service.drain()


def shown(service: Service) -> dict[str, str]:
    """All that outsiders can see, by where they see it."""
    return {**over_http(service), **published(service), **files(service)}


def over_http(service: Service) -> dict[str, str]:
    holders = {
        Role.BRAND: service.brand_desk(),
        Role.AUDITOR: service.auditor(),
        Role.FACTORY: service.management(service.factory(FACTORY, country="CN")),
        **{r: service.caller(r, "office") for r in (Role.DPO, Role.OPERATOR)},
    }
    seen: dict[str, str] = {}
    for operation in OPERATIONS:
        if operation.method != "GET" or operation.path.startswith(OF_THE_REGISTRY):
            continue
        for role in {*operation.roles} & {*OUTSIDERS}:
            if role is Role.OPERATOR and operation.path.startswith(KEPT_BY_OPERATORS):
                continue
            for path in paths(service, operation):
                seen[f"{role} {path}"] = holders[role].get(path).body.decode()
    return seen


def paths(service: Service, operation: Operation) -> Iterator[str]:
    """The route's path with every id that exists in the store."""
    items = service.all_items()
    ids = {
        "grievance_id": {i["case_id"] for i in items if i["sk"] == "CASE"},
        "alert_id": {i["alert_id"] for i in items if "alert_id" in i},
        "question_id": {i["question_id"] for i in items if "question_id" in i},
        "export_id": {e["export_id"] for e in service.auditor().get("/v1/exports").json()["items"]},
    }
    known = [sorted(ids.get(name, {"acme"})) for name in operation.path_parameters]
    for values in product(*known):
        yield operation.path.format(**dict(zip(operation.path_parameters, values, strict=True)))


def published(service: Service) -> dict[str, str]:
    envelopes = service.received_alerts()
    return {f"topic {n}": json.dumps(e, ensure_ascii=False) for n, e in enumerate(envelopes)}


def files(service: Service) -> dict[str, str]:
    s3, bucket = client("s3"), service.deps.settings.files_bucket
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="exports/").get("Contents", [])
    return {
        row["Key"]: s3.get_object(Bucket=bucket, Key=row["Key"])["Body"].read().decode()
        for row in listed
    }


def leaks(service: Service, consent: dict[str, Any], seen: dict[str, str]) -> list[str]:
    """Where more is shown than this consent lets out on any way."""
    given = Consent.model_validate(agreed(consent))
    brand, auditor, management = (
        release(given, way, "CN") for way in (Way.ALERT, Way.EXPORT, Way.FACTORY_DESK)
    )
    factory_id = service.factory(FACTORY, country="CN")
    found = []
    for where, text in seen.items():
        allowed = auditor if where.startswith(("exports/", "auditor")) else brand
        allowed = management if where.startswith("factory ") else allowed
        forbidden = list(NEVER.values())
        if allowed is management:  # a brand's own words are its own; it knows itself
            forbidden += cases_in(service)
            forbidden += ["handshake-gz", *([] if allowed.names_factory else [QUESTION])]
        if not allowed.names_factory:
            forbidden += [FACTORY, factory_id]
        if not (allowed.summary and allowed is brand):
            forbidden.append(SUMMARY)
        if allowed.detail < Detail.ISSUE and RECALL not in text:
            forbidden.append("compensation")
        found += [where for word in forbidden if word in text]
    return found


def cases_in(service: Service) -> list[str]:
    return [item["case_id"] for item in service.all_items() if item["sk"] == "CASE"]


@pytest.mark.parametrize("consent", CONSENTS, ids=lambda c: "-".join(map(str, c.values())))
def test_no_way_out_shows_more_than_the_worker_agreed_to(
    service: Service, consent: dict[str, Any]
) -> None:
    world(service, consent)

    seen = shown(service)

    assert leaks(service, consent, seen) == []


@pytest.mark.parametrize("level", ["C0", "C1", "C2", "X"])
def test_nor_after_the_worker_has_taken_back_what_she_agreed_to(
    service: Service, level: str
) -> None:
    full = {"level": "C3", "cross_border": True, "publish_summary": True}
    less = {"level": level, "cross_border": True, "publish_summary": False}
    grievance_id = world(service, full)
    told = shown(service)
    assert any(FACTORY in text for where, text in told.items() if where.startswith("topic"))
    delete_files(service)  # what an auditor has fetched before is hers

    answer = consented(service.partner(), grievance_id, 3, **agreed(less))
    service.tick()
    exported(service)

    assert answer.status == 200
    assert leaks(service, less, shown(service)) == []


@pytest.mark.parametrize("consent", CONSENTS, ids=lambda c: "-".join(map(str, c.values())))
def test_nor_in_the_digest_of_the_next_morning(service: Service, consent: dict[str, Any]) -> None:
    world(service, consent)
    published(service)

    told = digest_of_the_morning(service)

    assert leaks(service, consent, told) == []
    assert bool(told) is (
        release(Consent.model_validate(agreed(consent)), Way.ALERT, "CN").level is not None
    )


@pytest.mark.parametrize("level", ["C0", "C1", "C2", "X"])
def test_nor_in_a_digest_once_she_has_taken_it_back(service: Service, level: str) -> None:
    full = {"level": "C3", "cross_border": True, "publish_summary": True}
    less = {"level": level, "cross_border": True, "publish_summary": False}
    grievance_id = world(service, full)
    assert consented(service.partner(), grievance_id, 3, **agreed(less)).status == 200
    service.tick()
    published(service)

    told = digest_of_the_morning(service)

    assert leaks(service, less, told) == []
    detail = release(Consent.model_validate(agreed(less)), Way.BRAND_DESK, "CN").detail
    assert bool(told) is (detail >= Detail.ISSUE)


def digest_of_the_morning(service: Service) -> dict[str, str]:
    """What reaches the brand's queue, which gets everything, once somebody asks for digests."""
    wish = {"protocol": "email", "endpoint": "desk@brand.example", "digest": "daily"}
    assert service.brand_desk().post("/v1/subscriptions", wish).status == 201
    service.clock.forward(hours=23)
    service.tick()
    return published(service)


def delete_files(service: Service) -> None:
    s3, bucket = client("s3"), service.deps.settings.files_bucket
    for key in files(service):
        s3.delete_object(Bucket=bucket, Key=key)


# The finder itself


def test_the_finder_looks_everywhere(service: Service) -> None:
    """With full consent it sees the factory on each way that may name it."""
    full = {"level": "C3", "cross_border": True, "publish_summary": True}
    world(service, full)

    seen = {where for where, text in shown(service).items() if FACTORY in text or "f_" in text}

    ways = {where.split(" ")[0].split("/")[0] for where in seen}
    assert {"topic", "brand", "exports"} <= ways
    asked = [where for where, text in shown(service).items() if QUESTION in text]
    assert {"factory /v1/questions"} < {where for where in asked if where.startswith("factory ")}


class _Leak(Value):
    summary: str | None


@pytest.fixture
def leaky_route() -> Iterator[None]:
    """A route that shows a brand a case's summary without asking for consent."""
    audience = Audience(__name__, "Leaks")

    @audience.route("GET", "/v1/leaks/{grievance_id}", roles=[Role.BRAND], replies={200: _Leak})
    def leak(call: Call) -> Reply:
        """Show what nobody may see."""
        case = call.deps.cases.head(call.path["grievance_id"])
        return Reply(_Leak(summary=case.summary if case else None))

    app.app.register_blueprint(audience.blueprint)
    yield
    OPERATIONS.pop()
    del app.app.routes["/v1/leaks/{grievance_id}"]


def test_a_way_that_does_not_ask_is_found(leaky_route: None, service: Service) -> None:
    service.gateway = Gateway(app.app)  # routes are compiled when it is made
    nothing = {"level": "C0", "cross_border": False, "publish_summary": False}
    grievance_id = world(service, nothing)

    found = leaks(service, nothing, shown(service))

    assert found == [f"brand /v1/leaks/{grievance_id}"]
