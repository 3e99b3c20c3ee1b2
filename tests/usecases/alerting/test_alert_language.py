"""A brand reads its alerts in its own language, by mail and on the telephone."""

import pytest

from chalicelib.texts import catalogue, languages
from tests.published import Published
from tests.service import Service
from tests.usecases.stories import submitted

CODE = {"version": "2025-03", "clauses": [{"category": "compensation", "clause": "4.2 Wages"}]}


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_texts_are_in_the_brands_language(
    service: Service, published: Published, language: str
) -> None:
    texts = catalogue(language)
    service.brand(language=language, code_of_conduct=CODE)
    service.link(service.factory())
    submitted(service.partner())

    service.tick()

    (sent,) = published.texts()
    (payload,) = published.payloads()
    headline = texts["alert.headline.new"].format(public_ref=payload["public_ref"])
    assert sent["email"].splitlines()[0] == headline
    assert texts["alert.clause"].format(clause="4.2 Wages", version="2025-03") in sent["email"]
    assert sent["email"].endswith(texts["alert.no_reprisals"])
    assert sent["sms"] == texts["sms.new"].format(
        severity="S3", public_ref=payload["public_ref"], respond_by="2026-12-07 UTC"
    )
    (entry,) = published.entries
    assert entry["Subject"].isascii()


def test_each_brand_is_told_in_its_own_language(service: Service, published: Published) -> None:
    factory_id = service.factory()
    for brand_id, language in (("acme", "vi-VN"), ("bolt", "zh-HK"), ("coda", "fr")):
        service.brand(brand_id, language=language)
        service.link(factory_id, brand_id)
    submitted(service.partner())

    service.tick()

    by_brand = {p["brand_id"]: t["email"] for p, t in zip(
        published.payloads(), published.texts(), strict=True
    )}  # fmt: skip
    for brand_id, language in (("acme", "vi"), ("bolt", "zh-hant"), ("coda", "en")):
        assert catalogue(language)["alert.no_reprisals"] in by_brand[brand_id]


def test_a_recall_is_in_the_language_of_what_it_takes_back(
    service: Service, published: Published
) -> None:
    service.brand(language="hi")
    service.link(service.factory())
    partner = service.partner()
    grievance_id = submitted(partner)
    service.tick()
    published.clear()
    etag = partner.get(f"/v1/grievances/{grievance_id}").headers["ETag"]

    body = {"level": "C0", "script_version": "withdrawal-zh-2"}
    partner.put(f"/v1/grievances/{grievance_id}/consent", body, If_Match=etag)
    service.tick()

    (sent,) = published.texts()
    assert catalogue("hi")["alert.asked_of_recall"].split("{")[0] in sent["email"]
    assert catalogue("hi")["alert.withdrawn_everything"] in sent["email"]
