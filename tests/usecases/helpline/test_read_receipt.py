"""What a worker learns with her code alone, in her language; and what nobody learns without it."""

from typing import Any

from botocore.exceptions import EndpointConnectionError

from chalicelib.domain.references import receipt_code
from chalicelib.store.clients import client
from chalicelib.store.codec import decode
from tests.calls import on_every_call
from tests.service import Service, filing
from tests.usecases.stories import covered, refusal

PATH = "/v1/receipts"


def code_of(service: Service, key: str = "k-1", **changes: object) -> str:
    """Post a grievance; the worker's code."""
    answer = service.partner().post("/v1/grievances", filing(**changes), Idempotency_Key=key)
    assert answer.status == 201, answer.body
    return str(answer.json()["receipt_code"])


def test_a_worker_reads_how_her_case_stands_and_no_name(service: Service) -> None:
    code = code_of(service, language="en")

    answer = service.public().get(PATH, Receipt_Code=code)

    progress = answer.json()
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert progress == {
        "public_ref": progress["public_ref"],
        "state": "received",
        "received_at": "2026-11-22T08:00:00.000Z",
        "language": "en",
        "progress": "We have received your case.",
        "next_step": "A helpline officer will look at it.",
        "answer_by": "2027-02-20T08:00:00.000Z",
    }


def test_the_progress_follows_the_case(service: Service) -> None:
    covered(service)
    code = code_of(service, language="en")
    service.tick()

    progress = service.public().get(PATH, Receipt_Code=code).json()

    assert (progress["state"], progress["progress"]) == (
        "brand_notified",
        "The brands that buy from the factory have been told.",
    )
    for name in ("Yi Chang", "acme", "handshake-gz", "Wages"):
        assert name not in str(progress)


# filed in, asked for, answered in
LANGUAGES: list[tuple[str, str | None, str]] = [
    ("zh-CN", None, "zh"),
    ("zh-TW", None, "zh-hant"),
    ("zh-Hant-HK", None, "zh-hant"),
    ("zh-Hans-SG", None, "zh"),
    ("zh-HK", None, "zh-hant"),
    ("bn-BD", None, "bn"),
    ("vi", None, "vi"),
    ("hi-IN", None, "hi"),
    ("en-GB", None, "en"),
    ("km-KH", None, "en"),
    ("zh-CN", "en", "en"),
    ("en", "bn-BD,bn;q=0.9,en;q=0.5", "bn"),
    ("zh", "en;q=0.1, vi;q=0.8, hi;q=0.8", "vi"),
    ("zh", "en;q=0, bn;q=0.001", "bn"),
    ("bn", "fr-FR,fr;q=0.9", "bn"),
    ("km", "fr-FR", "en"),
    ("zh", "", "zh"),
    ("zh", "*", "zh"),
    ("vi", "zh-TW, zh;q=0.8", "zh-hant"),
    ("vi", ";;,,q=;\t", "vi"),
    ("vi", "ZH-tw", "zh-hant"),
    ("vi", "../../etc/passwd", "vi"),
]


def test_the_language_is_the_one_asked_for_then_the_cases_then_english(service: Service) -> None:
    for number, (filed_in, asked_for, answered_in) in enumerate(LANGUAGES):
        code = code_of(service, f"k-{number}", language=filed_in)
        headers = {} if asked_for is None else {"Accept_Language": asked_for}

        progress = service.public().get(PATH, Receipt_Code=code, **headers).json()

        assert progress["language"] == answered_in, (filed_in, asked_for)
        in_english = progress["progress"] == "We have received your case."
        assert in_english == (answered_in == "en")


def test_a_code_may_be_typed_as_people_type(service: Service) -> None:
    code = code_of(service)
    digits = code.replace("-", "")
    right = service.public().get(PATH, Receipt_Code=code)

    arabic = digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for typed in (digits, f" {digits[:8]}  {digits[8:]} ", code.replace("-", "."), arabic):
        assert service.public().get(PATH, Receipt_Code=typed) == right


def test_a_mistyped_an_unknown_and_a_missing_code_answer_byte_for_byte_alike(
    service: Service,
) -> None:
    code = code_of(service)
    digits = code.replace("-", "")
    mistyped = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    swapped = digits[1] + digits[0] + digits[2:]
    unknown = "0000-0000-0000-0001"

    answers = [
        service.public().get(PATH, Receipt_Code=typed)
        for typed in (mistyped, swapped, unknown, "", "x", digits * 5, "1" * 16, "１" * 3_000)
    ]
    answers.append(service.public().get(PATH))

    assert refusal(answers[0]) == (404, "not_found")
    assert {(a.status, a.body, str(sorted(a.headers.items()))) for a in answers} == {
        (404, answers[0].body, str(sorted(answers[0].headers.items())))
    }


def test_a_code_in_the_url_opens_nothing(service: Service) -> None:
    code = code_of(service)

    for path in (
        f"{PATH}?code={code}",
        f"{PATH}?receipt-code={code}",
        f"{PATH}?Receipt-Code={code}",
    ):
        assert refusal(service.public().get(path)) == (404, "not_found")
    assert refusal(service.public().get(f"{PATH}/{code}")) == (404, "not_found")


def test_every_case_has_its_own_code(service: Service) -> None:
    codes = {code_of(service, f"k-{number}"): number for number in range(5)}

    refs = {service.public().get(PATH, Receipt_Code=code).json()["public_ref"] for code in codes}

    assert (len(codes), len(refs)) == (5, 5)


# Guessing

MISTYPED = "0000-0000-0000-0001"


def counter_rows(service: Service) -> list[dict[str, Any]]:
    """The rows of the access table that count."""
    table = service.deps.settings.access_table
    items = client("dynamodb").scan(TableName=table)["Items"]
    return [decode(item) for item in items if item["pk"]["S"].startswith("LIMIT#wrong_codes")]


def unknown_codes(number: int) -> list[str]:
    """Codes as they are made, that open nothing."""
    return [receipt_code(f"g_{n:026d}", b"another key") for n in range(number)]


def test_who_tries_many_codes_that_open_nothing_must_wait(service: Service) -> None:
    code, anybody = code_of(service), service.public()

    answers = [anybody.get(PATH, Receipt_Code=wrong) for wrong in unknown_codes(21)]

    assert {refusal(answer) for answer in answers[:20]} == {(404, "not_found")}
    assert refusal(answers[20]) == (429, "too_many_requests")
    assert answers[20].headers["Retry-After"] == "3600"
    assert refusal(anybody.get(PATH, Receipt_Code=code)) == (429, "too_many_requests")
    service.clock.forward(hours=1)
    assert anybody.get(PATH, Receipt_Code=code).status == 200


def test_right_codes_and_mistyped_ones_use_nothing_up(service: Service) -> None:
    """A mistyped code is known by its check digit, so that it is no guess."""
    code, anybody = code_of(service), service.public()

    for _ in range(25):
        assert anybody.get(PATH, Receipt_Code=code).status == 200
        assert refusal(anybody.get(PATH, Receipt_Code=MISTYPED)) == (404, "not_found")

    (row,) = counter_rows(service)
    assert row["used"] == 0


def test_where_nothing_can_be_counted_no_code_opens_anything(service: Service) -> None:
    code, anybody = code_of(service), service.public()

    with service.refusing("UpdateItem"):
        answer = anybody.get(PATH, Receipt_Code=code)

    assert refusal(answer) == (503, "unavailable")


def test_a_right_code_is_answered_although_it_could_not_be_given_back(service: Service) -> None:
    code, anybody = code_of(service), service.public()
    updates: list[str] = []

    def second_fails(model: Any, **_: Any) -> None:
        updates.extend([model.name] if model.name == "UpdateItem" else [])
        if len(updates) == 2:
            raise EndpointConnectionError(endpoint_url="https://aws.test")

    with on_every_call("before-call", second_fails):
        answer = anybody.get(PATH, Receipt_Code=code)

    assert answer.status == 200


def test_no_address_is_stored_and_what_stands_for_one_is_gone_after_the_hour(
    service: Service,
) -> None:
    anybody = service.public()
    anybody.get(PATH, Receipt_Code=unknown_codes(1)[0])
    service.clock.forward(hours=1)
    anybody.get(PATH, Receipt_Code=unknown_codes(1)[0])

    first, second = counter_rows(service)
    for row in (first, second):
        assert "127.0.0" not in str(row)
        assert row["expires"] <= service.clock().timestamp() + 2 * 3600
    assert first["pk"].split("#")[2] != second["pk"].split("#")[2]
