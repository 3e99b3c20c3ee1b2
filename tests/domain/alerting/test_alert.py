"""What a brand is told, at each level; and that it fits what SNS takes."""

import json
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from chalicelib.domain.alerting.alert import (
    Alert,
    AlertPayload,
    Reply,
    alert_id,
    grievance_of,
    write_alert,
)
from chalicelib.domain.alerting.alert_message import attributes, email_text, sms_text, subject
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Way, release
from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.factories.registry import CodeClause, CodeOfConduct
from chalicelib.domain.vocabulary import (
    AlertKind,
    AlertStatus,
    Category,
    ConsentLevel,
    IloIndicator,
    Severity,
)
from chalicelib.texts import catalogue, languages
from tests.domain.values import (
    AT,
    DESK,
    FACTORY_ID,
    GRIEVANCE_ID,
    brand,
    case,
    factory,
    link,
    opened,
)

ENGLISH = catalogue("en")
SNS_MESSAGE = 256 * 1024
CODE = CodeOfConduct(
    version="2025-03", clauses=(CodeClause(category=Category.COMPENSATION, clause="4.2 Wages"),)
)
PLACE = {"address": "48 Kangzheng Road", "city": "Dhaka", "os_id": "BD2020021QK28YZ"}


def agreed(level: ConsentLevel, **switches: bool) -> Consent:
    """A consent with the script it was given by."""
    return Consent(level=level, script_version="helpline-zh-3", **switches)


def written(
    given: Case, *, level: ConsentLevel = ConsentLevel.C3, at: Any = AT, **changes: Any
) -> Alert:
    """The alert for one brand."""
    return write_alert(
        given,
        changes.pop("brand", brand()),
        changes.pop("factory", factory(**PLACE)),
        changes.pop("link", link()),
        **{
            "kind": AlertKind.NEW,
            "released": release(given.consent.model_copy(update={"level": level}), Way.ALERT),
            "desk_url": DESK,
            "at": at,
            **changes,
        },
    )


def plain(alert: Alert) -> dict[str, Any]:
    """The payload as a brand's machine reads it."""
    payload: dict[str, Any] = json.loads(alert.payload.model_dump_json(exclude_none=True))
    return payload


# What it says

TELLING: dict[str, Any] = {
    "narrative": "CANARY-NARRATIVE of Ms Li",
    "requested_remedy": "CANARY-REMEDY",
    "partner_ref": "CANARY-REF",
    "summary": "Two months of wages are outstanding.",
    "ilo_indicators": (IloIndicator.WITHHOLDING_OF_WAGES,),
    "sub_codes": ("compensation.unpaid_wages",),
}
COMMON = {
    "schema_version": "1.0",
    "kind": "new",
    "brand_id": "acme",
    "country": "BD",
    "category": "compensation",
    "categories": ["compensation"],
    "ilo_indicators": ["withholding_of_wages"],
    "severity": "S2",
    "received_month": "2026-11",
    "workers_band": "11-50",
    "acknowledge_by": "2026-11-27T08:00:00.000Z",
    "respond_by": "2026-12-07T08:00:00.000Z",
    "actions_required": ["acknowledge", "reply"],
    "link_dates_known": False,
    "sequence": 1,
}
FACTORY = {
    "factory_id": FACTORY_ID,
    "name": "Posh Garments Ltd.",
    "address": "48 Kangzheng Road",
    "city": "Dhaka",
    "identifiers": {"os_id": "BD2020021QK28YZ"},
}


@pytest.mark.parametrize(
    ("level", "more"),
    [
        (ConsentLevel.C2, {}),
        (ConsentLevel.C3, {"factory": FACTORY}),
        (ConsentLevel.C4, {"factory": FACTORY}),
    ],
)
def test_a_brand_reads_what_the_level_allows_and_nothing_else(
    level: ConsentLevel, more: dict[str, Any]
) -> None:
    given = opened(**TELLING, consent=Consent(level=level, script_version="helpline-zh-3"))

    alert = written(given, level=level)

    payload = plain(alert)
    derived = {name: payload.pop(name) for name in ("alert_id", "link", "content_hash")}
    assert payload == {
        **COMMON,
        **more,
        "public_ref": given.public_ref,
        "consent_level": level,
    }
    assert derived["link"] == f"{DESK}/v1/alerts/{derived['alert_id']}"
    assert len(derived["content_hash"]) == 64


@pytest.mark.parametrize("level", [ConsentLevel.C2, ConsentLevel.C3, ConsentLevel.C4])
@pytest.mark.parametrize("publish_summary", [False, True])
def test_no_level_shows_the_partner_or_what_the_worker_told(
    level: ConsentLevel, publish_summary: bool
) -> None:
    consent = Consent(level=level, publish_summary=publish_summary, script_version="CANARY-SCRIPT")
    alert = written(opened(**TELLING, consent=consent), level=level)

    told = (
        alert.payload.model_dump_json()
        + email_text(alert.payload, ENGLISH)
        + sms_text(alert.payload, ENGLISH)
    )

    assert "CANARY" not in told
    assert "handshake-gz" not in told
    assert GRIEVANCE_ID not in told


@pytest.mark.parametrize(
    ("level", "publish_summary", "shown"),
    [
        (ConsentLevel.C2, True, False),
        (ConsentLevel.C3, False, False),
        (ConsentLevel.C3, True, True),
        (ConsentLevel.C4, True, True),
    ],
)
def test_the_summary_goes_out_only_with_a_yes_of_its_own_and_the_factory(
    level: ConsentLevel, publish_summary: bool, shown: bool
) -> None:
    consent = Consent(level=level, publish_summary=publish_summary, script_version="helpline-zh-3")

    alert = written(opened(**TELLING, consent=consent), level=level)

    assert (alert.payload.summary is not None) is shown
    assert ("wages are outstanding" in email_text(alert.payload, ENGLISH)) is shown


def test_the_brands_own_code_is_quoted_where_it_covers_the_category() -> None:
    with_code = written(opened(), brand=brand(code_of_conduct=CODE)).payload
    without = written(opened(categories=(Category.OTHER,)), brand=brand(code_of_conduct=CODE))

    assert (with_code.code_clause, with_code.code_version) == ("4.2 Wages", "2025-03")
    assert without.payload.code_clause is None
    assert "Your own code: 4.2 Wages (version 2025-03)" in email_text(with_code, ENGLISH)
    assert "Your own code" not in email_text(without.payload, ENGLISH)


def test_a_link_that_knows_since_when_it_holds_says_so() -> None:
    dated = link(valid_from=AT.date())

    assert written(opened(), link=dated).payload.link_dates_known


def test_a_critical_case_must_be_acknowledged_within_a_day() -> None:
    payload = written(opened(ilo_indicators=(IloIndicator.DEBT_BONDAGE,))).payload

    assert payload.acknowledge_by - AT == timedelta(days=1)


def test_an_alert_is_pending_and_due_at_once() -> None:
    alert = written(opened())

    assert (alert.status, alert.alerted_at, alert.due_at) == (AlertStatus.PENDING, AT, AT)
    assert (alert.grievance_id, alert.brand_id) == (GRIEVANCE_ID, "acme")


def test_nothing_is_written_without_a_release() -> None:
    with pytest.raises(ValueError, match="nothing may be released"):
        written(opened(), released=release(agreed(ConsentLevel.C1), Way.ALERT))


# What the brand makes of it

REPLIES = tuple(Reply(at=AT + timedelta(hours=n), by="desk", text=f"{n}") for n in (2, 3))


def test_the_first_acknowledgement_counts() -> None:
    seen = written(opened()).acknowledged(AT)

    assert seen == written(opened()).model_copy(update={"acknowledged_at": AT})
    assert seen.acknowledged(REPLIES[0].at) == seen


def test_answers_add_up_and_the_first_one_acknowledges() -> None:
    answered = written(opened()).answered(REPLIES[0]).answered(REPLIES[1])

    assert answered.replies == REPLIES
    assert answered.acknowledged_at == answered.first_reply_at == REPLIES[0].at


def test_an_answer_does_not_change_an_earlier_acknowledgement() -> None:
    assert written(opened()).acknowledged(AT).answered(REPLIES[0]).acknowledged_at == AT


# Its id and its hash


def test_the_same_case_brand_kind_level_and_round_give_the_same_id_and_others_another() -> None:
    first, second = opened(), case(grievance_id="g_" + "z" * 26)
    cells = list(product((first, second), ("acme", "bolt"), AlertKind, ("C2", "C3", "C4"), (1, 2)))

    ids = {alert_id(g, b, k, ConsentLevel(level), n) for g, b, k, level, n in cells}

    assert len(ids) == len(cells)
    assert alert_id(*cells[0]) == alert_id(*cells[0])  # type: ignore[arg-type]


def test_an_alerts_id_leads_to_its_case() -> None:
    alert = written(opened())

    assert grievance_of(alert.alert_id) == GRIEVANCE_ID
    assert len(alert.alert_id) == len("a_") + 26 + len("_") + 26


def test_the_content_hash_covers_every_field() -> None:
    base = written(opened())
    others = [
        written(opened(workers_affected=1)),
        written(opened(), at=AT + timedelta(milliseconds=1)),
        written(opened(), factory=factory(**PLACE, name="Palki")),
    ]

    assert written(opened()).payload.content_hash == base.payload.content_hash
    assert base.payload.content_hash not in {other.payload.content_hash for other in others}


# What SNS takes


def every_payload() -> list[AlertPayload]:
    """All combinations of kind, severity and category, with and without a country."""
    base = written(opened()).payload
    return [
        base.model_copy(
            update={"kind": kind, "severity": severity, "category": category, "country": country}
        )
        for kind, severity, category, country in product(
            AlertKind, Severity, Category, ("BD", None)
        )
    ]


def test_every_subject_is_under_100_printable_ascii_characters_and_never_cut() -> None:
    for payload in every_payload():
        line = subject(payload)

        assert len(line) < 99
        assert line.isascii()
        assert line.isprintable()
        assert line.endswith(payload.category.replace("_", " "))


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_sms_is_one_whole_sms(language: str) -> None:
    for payload in every_payload():
        text = sms_text(payload, catalogue(language))

        units = len(text.encode("utf-16-le")) // 2
        assert units <= (140 if text.isascii() else 70), text
        assert payload.public_ref in text
        if payload.kind is not AlertKind.TEST:
            assert f"{payload.respond_by:%Y-%m-%d} UTC" in text


def test_an_sms_does_not_say_what_the_case_is_about() -> None:
    for payload in every_payload():
        text = sms_text(payload, ENGLISH).lower()

        assert (
            payload.kind is AlertKind.RETALIATION
            or ENGLISH[f"category.{payload.category}"].lower() not in text.split()
        )


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_mail_says_what_happened_what_is_asked_by_when_and_where(language: str) -> None:
    texts = catalogue(language)
    for payload in every_payload():
        text = email_text(payload, texts)
        headline, *_ = text.splitlines()

        assert payload.public_ref in headline
        assert text.endswith(texts["alert.no_reprisals"])
        assert "{" not in text
        asked = payload.kind is not AlertKind.TEST
        assert (payload.link in text) is asked
        assert (f"{payload.acknowledge_by:%Y-%m-%d %H:%M} UTC" in text) is asked


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_mail_is_in_the_brands_language_and_names_its_own_clause(language: str) -> None:
    texts = catalogue(language)
    alert = written(opened(), brand=brand(code_of_conduct=CODE, language=language))

    text = email_text(alert.payload, texts)

    assert alert.language == language
    assert texts["category.compensation"] in text
    assert texts["alert.clause"].format(clause="4.2 Wages", version="2025-03") in text


def test_every_alert_has_the_same_five_attributes_none_of_them_empty() -> None:
    for payload in every_payload():
        sent = attributes(payload)

        assert set(sent) == {"brand_id", "kind", "severity", "category", "country"}
        assert all(value for values in sent.values() for value in values)
    assert {attributes(p)["country"][0] for p in every_payload()} == {"BD", "unknown"}


def longest(character: str) -> AlertPayload:
    """An alert whose every text is as long as it may be, of one character."""
    line, prose = character * 500, character * 20_000
    code = CodeOfConduct(
        version=line, clauses=(CodeClause(category=Category.CHILD_LABOUR, clause=line),)
    )
    given = opened(
        categories=tuple(Category)[:10],
        ilo_indicators=tuple(IloIndicator),
        summary=prose,
        consent=Consent(
            level=ConsentLevel.C4, publish_summary=True, script_version="helpline-zh-3"
        ),
    )
    names = ("name", "address", "city", "os_id", "uscc", "lei", "gln")
    place = factory(**dict.fromkeys(names, line))
    return written(
        given, level=ConsentLevel.C4, brand=brand(code_of_conduct=code), factory=place
    ).payload


@pytest.mark.parametrize("character", ["a", "é", "工", "😀", '"', "\\"])
def test_at_the_longest_a_machines_and_a_persons_text_fit_one_message(character: str) -> None:
    payload = longest(character)
    texts = {"default": payload.model_dump_json(), "email": email_text(payload, ENGLISH)}

    message = json.dumps({**texts, "sms": sms_text(payload, ENGLISH)}, ensure_ascii=False)

    assert len(message.encode()) < SNS_MESSAGE * 0.8


# For a person


def test_the_mail_says_what_a_person_needs() -> None:
    given = opened(ilo_indicators=(IloIndicator.WITHHOLDING_OF_WAGES,))

    text = email_text(written(given).payload, ENGLISH)

    assert text.splitlines() == [
        f"A worker's grievance concerns a factory you source from ({given.public_ref}).",
        "",
        "Severity: S2 (high)",
        "About: Wages and benefits",
        "Forced-labour indicators: Withholding of wages",
        "Factory: Posh Garments Ltd.",
        "Address: 48 Kangzheng Road, Dhaka",
        "Country: BD",
        "Workers concerned: 11-50",
        "Received in: 2026-11",
        "",
        "Please acknowledge by 2026-11-27 08:00 UTC and reply by 2026-12-07 08:00 UTC:",
        written(given).payload.link,
        "",
        ENGLISH["alert.no_reprisals"],
    ]


def test_the_mail_says_why_it_names_no_factory() -> None:
    text = email_text(written(opened(), level=ConsentLevel.C2).payload, ENGLISH)

    assert "Factory: not named, at the worker's wish" in text
    assert "Address" not in text


def test_an_address_without_a_city_is_written_without_a_comma() -> None:
    bare = factory(address="48 Kangzheng Road")

    assert "Address: 48 Kangzheng Road\n" in email_text(
        written(opened(), factory=bare).payload, ENGLISH
    )
