"""Values under our names become a filing; what cannot be read is told, or kept as words."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.channels.form_fields import (
    FormDefaults,
    FormFiling,
    filing_as_told,
    filing_of,
    values_at,
)
from chalicelib.domain.cases.facts import Consent, FactoryReported, Filing
from chalicelib.domain.helpline.helpline_line import FormField
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.vocabulary import Category, Channel, ConsentLevel, WorkersBand
from chalicelib.errors import ValidationFailed

DEFAULTS = FormDefaults(Channel.OUTREACH, language="bn", jurisdiction="BD")
EVERYTHING: dict[str, Any] = {
    "text": "Wages for September were not paid.",
    "summary": "One month of wages outstanding.",
    "factory_name": "Example Knitwear",
    "factory_address": "12 Example Road",
    "factory_city": "Dhaka",
    "factory_country": "Bangladesh",
    "categories": "compensation safety_health",
    "incident_from": "2026-09",
    "workers_affected": "34",
    "language": "ben",
    "worker_name": "Example Worker",
    "worker_phone": "+1 555 0100",
    "consent_level": "c3",
    "consent_script_version": "outreach-bn-1",
    "cross_border": "yes",
    "contact_back": "1",
}


def errors_of(values: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailed) as refused:
        filing_of(values, DEFAULTS)
    return [(error.field, error.code) for error in refused.value.errors]


def read(name: str, value: Any) -> Filing:
    return filing_of({"text": "What happened.", name: value}, DEFAULTS).filing


def test_every_name_reaches_its_place() -> None:
    assert EVERYTHING.keys() == set(FormField)
    assert filing_of(EVERYTHING, DEFAULTS) == FormFiling(
        Filing(
            channel=Channel.OUTREACH,
            narrative="Wages for September were not paid.",
            summary="One month of wages outstanding.",
            factory_reported=FactoryReported(
                name="Example Knitwear", address="12 Example Road", city="Dhaka", country="BD"
            ),
            categories=(Category.COMPENSATION, Category.SAFETY_HEALTH),
            incident_from="2026-09",
            workers_affected=34,
            language="bn",
            jurisdiction="BD",
            consent=Consent(
                level=ConsentLevel.C3,
                cross_border=True,
                contact_back=True,
                script_version="outreach-bn-1",
            ),
        ),
        WorkerIdentity(name="Example Worker", phone="+1 555 0100"),
    )


def test_where_nothing_is_said_the_category_is_other_and_consent_none() -> None:
    filing, worker, unread = filing_of({"text": "What happened."}, DEFAULTS)
    assert (filing.categories, filing.consent, worker, unread) == (
        (Category.OTHER,),
        Consent(),
        None,
        (),
    )
    assert (filing.language, filing.jurisdiction) == ("bn", "BD")


@pytest.mark.parametrize(
    ("name", "written", "read_as"),
    [
        ("workers_affected", 34, 34),
        ("workers_affected", 34.0, 34),
        ("workers_affected", " 34 ", 34),
        ("workers_affected", "1", 1),
        ("workers_affected", "11 \u2013 50", WorkersBand.UP_TO_50),
        ("workers_affected", "over 1000", WorkersBand.OVER_1000),
        ("incident_from", "2026-09-01T10:00:00.000+06:00", "2026-09-01"),
        ("incident_from", date(2026, 9, 1), "2026-09-01"),
        ("incident_from", datetime(2026, 9, 1, 10, tzinfo=UTC), "2026-09-01"),
        ("incident_from", 2026, "2026"),
        ("language", "zh_CN", "zh-CN"),
        ("language", "ENG", "en"),
        ("language", "khm", "khm"),
        ("categories", "Freedom of association; other", ("freedom_of_association", "other")),
        ("categories", ["compensation", "compensation"], ("compensation",)),
        ("categories", "working-time\u3001other", ("working_time", "other")),
    ],
)
def test_the_usual_spellings_are_read(name: str, written: Any, read_as: Any) -> None:
    assert getattr(read(name, written), name) == read_as


@pytest.mark.parametrize("blank", [None, "", "  ", "\u0000", []])
def test_a_blank_says_nothing(blank: Any) -> None:
    assert read("workers_affected", blank) == read("text", "What happened.")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("workers_affected", "about thirty"),
        ("workers_affected", "-7"),
        ("workers_affected", "3.5"),
        ("incident_from", "2026-13"),
        ("incident_from", "last week"),
        ("factory_country", "Atlantis"),
        ("categories", "compensation nonsense"),
        ("language", "the local one"),
        ("factory_name", "n" * 501),
        ("worker_phone", "5" * 41),
        ("consent_level", "all"),
        ("cross_border", "on"),
        ("contact_back", "perhaps"),
        ("consent_script_version", "two words"),
        ("text", "t" * 20_001),
    ],
)
def test_what_cannot_be_read_is_told_under_our_name_without_the_value(
    name: str, wrong: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        filing_of({"text": "What happened.", name: wrong}, DEFAULTS)
    assert {error.field for error in refused.value.errors} == {name}
    assert wrong not in repr(refused.value.errors)


def test_all_that_is_wrong_is_told_at_once() -> None:
    values = {"text": "x", "workers_affected": "-1", "worker_name": "n" * 201, "language": "?"}
    assert {field for field, _ in errors_of(values)} == {
        "workers_affected",
        "worker_name",
        "language",
    }


def test_who_says_neither_what_happened_nor_where_has_said_nothing() -> None:
    assert errors_of({"worker_name": "Example Worker"}) == [("text", "missing")]
    assert filing_of({"factory_name": "Example Knitwear"}, DEFAULTS).filing.narrative is None


def test_a_yes_without_its_script_is_an_error() -> None:
    assert errors_of({"text": "x", "consent_level": "C2"}) == [
        ("consent_script_version", "value_error")
    ]


def test_names_that_are_not_ours_are_not_looked_at() -> None:
    assert read("partner_id", "another-house") == read("text", "What happened.")


def test_characters_that_are_refused_are_left_out() -> None:
    filing = filing_of({"text": "a\u0000b\r\nc\ud800\u202e", "factory_name": "x\ny"}, DEFAULTS)
    assert filing.filing.narrative == "ab\nc"
    assert filing.filing.factory_reported.name == "x y"


class TestAsTold:
    def test_a_fact_that_cannot_be_read_stays_as_words(self) -> None:
        told = filing_as_told(
            {"text": "What happened.", "workers_affected": "about\nthirty", "language": "?"},
            DEFAULTS,
        )
        assert told.filing.narrative == (
            "What happened.\nworkers_affected: about\nthirty\nlanguage: ?"
        )
        assert told.unread == (FormField.WORKERS_AFFECTED, FormField.LANGUAGE)
        assert (told.filing.workers_affected, told.filing.language) == (None, "bn")

    def test_consent_that_is_not_said_in_full_is_none(self) -> None:
        told = filing_as_told({"text": "x", "consent_level": "C3", "cross_border": True}, DEFAULTS)
        assert told.filing.consent == Consent()
        assert told.filing.narrative == "x\nconsent_level: C3\ncross_border: true"

    def test_what_can_be_read_is_as_it_was(self) -> None:
        assert filing_as_told(EVERYTHING, DEFAULTS) == filing_of(EVERYTHING, DEFAULTS)

    @pytest.mark.parametrize(
        ("name", "wrong"), [("text", "t" * 20_001), ("worker_phone", "5" * 41)]
    )
    def test_who_she_is_never_becomes_words(self, name: str, wrong: str) -> None:
        with pytest.raises(ValidationFailed):
            filing_as_told({"text": "x", name: wrong, "language": "?"}, DEFAULTS)

    def test_nothing_told_is_refused(self) -> None:
        with pytest.raises(ValidationFailed):
            filing_as_told({"workers_affected": "some"}, DEFAULTS)


BODY = {
    "group1/what": "What happened.",
    "results": {"factory": {"value": "Example Knitwear", "category": "Has Text"}},
    "list": [{"name": "first"}, "second"],
    "several": ["a", {"b": 1}, 2],
    "empty": {},
    "a.b": "a key with a dot",
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("group1/what", "What happened."),
        ("results.factory.value", "Example Knitwear"),
        ("results.factory.category", "Has Text"),
        ("results.factory", "Example Knitwear"),
        ("list.0.name", "first"),
        ("list.1", "second"),
        ("several", ["a", 2]),
        ("a.b", "a key with a dot"),
    ],
)
def test_a_path_leads_to_a_value(path: str, found: Any) -> None:
    assert values_at({"text": path}, BODY) == {"text": found}


@pytest.mark.parametrize(
    "path", ["nowhere", "list.2", "list.-1", "list.x", "empty", "results.", ".results", "..", "."]
)
def test_a_path_that_leads_nowhere_says_nothing(path: str) -> None:
    assert values_at({"text": path}, BODY) == {}


@pytest.mark.parametrize("body", [None, [], "text", 1, True])
def test_any_body_has_paths_that_lead_nowhere(body: Any) -> None:
    assert values_at({"text": "a.b"}, body) == {}
