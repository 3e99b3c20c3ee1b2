"""A file of grievances: every good row becomes a case, every bad one comes back, twice is once."""

import csv
import io
import json
from itertools import islice
from typing import Any

import pytest

from chalicelib.channels.disclosure import UnreadableList
from chalicelib.channels.form_fields import FormDefaults
from chalicelib.channels.grievance_file import MOST_ROWS, GrievanceRow, read_grievances
from chalicelib.domain.vocabulary import Channel, Role
from chalicelib.store.clients import client
from infra.local.gateway import Answer
from tests.channels.disclosure.files import xlsx
from tests.service import Service
from tests.usecases.stories import case_of, refusal, walked

PATH = "/v1/grievance-imports"
GOOD = {
    "partner_ref": "GZ-1",
    "text": "工资没有发",
    "factory_name": "Example Garments",
    "factory_country": "CN",
    "categories": "compensation, working_time",
    "language": "zh-CN",
}
BUCKET = "handshake-test-attachments"


def as_csv(*rows: dict[str, Any], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(*rows: dict[str, Any]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return xlsx({"Sheet": [names, *([row.get(name) for name in names] for row in rows)]})


def uploaded(
    service: Service, content: bytes, content_type: str = "text/csv", query: str = ""
) -> Answer:
    return service.partner().send("POST", f"{PATH}{query}", content, {"content-type": content_type})


def imported(service: Service, content: bytes, *args: str, **more: str) -> dict[str, Any]:
    """The import, once it is done."""
    answer = uploaded(service, content, *args, **more)
    assert answer.status == 202, answer.body
    service.drain()
    view: dict[str, Any] = service.partner().get(answer.headers["Location"]).json()
    return view


def cases(service: Service) -> list[dict[str, Any]]:
    return walked(service.partner(), "/v1/grievances")


def file_of(service: Service, view: dict[str, Any], name: str) -> str:
    key = f"lists/{view['import_id']}/{name}"
    body = client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return str(body.decode("utf-8-sig"))


def rows_of(service: Service, view: dict[str, Any], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file_of(service, view, name))))


def keys_in_the_bucket() -> list[str]:
    found = client("s3").list_objects_v2(Bucket=BUCKET, Prefix="lists/").get("Contents", [])
    return sorted(each["Key"].rpartition("/")[2] for each in found)


def test_every_good_row_becomes_a_case_and_every_bad_one_comes_back(service: Service) -> None:
    bad = {**GOOD, "partner_ref": "GZ-2", "categories": "nonsense"}

    view = imported(service, as_csv(GOOD, bad))

    assert view == {
        "import_id": view["import_id"],
        "status": "done",
        "request": {
            "channel": "partner_api",
            "language": "en",
            "jurisdiction": None,
            "intake_type": "grievance",
        },
        "created_at": "2026-11-22T08:00:00.000Z",
        "finished_at": "2026-11-22T08:00:00.000Z",
        "progress": {"done": 2, "total": 2},
        "counts": {"filed": 1, "repeated": 0, "refused": 1},
        "error": None,
        "error_detail": None,
        "filed_url": view["filed_url"],
        "refused_url": view["refused_url"],
    }
    (case,) = cases(service)
    whole = case_of(service.partner(), case["grievance_id"])
    assert whole["narrative"] == "工资没有发"
    assert whole["categories"] == ["compensation", "working_time"]
    assert whole["consent"]["level"] == "C0"
    (filed,) = rows_of(service, view, "filed.csv")
    assert filed == {
        "line": "2",
        "partner_ref": "GZ-1",
        "grievance_id": case["grievance_id"],
        "public_ref": case["public_ref"],
        "receipt_code": filed["receipt_code"],
    }
    told = service.public().get("/v1/receipts", Receipt_Code=filed["receipt_code"]).json()
    assert told["public_ref"] == case["public_ref"]
    (back,) = rows_of(service, view, "refused.csv")
    assert (back["line"], back["partner_ref"], back["text"]) == ("3", "GZ-2", "工资没有发")
    assert back["errors"].startswith("categories: ")
    assert "nonsense" not in back["errors"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"language": "Chinese"}, "language: Write the language's tag (BCP 47), such as `en`"),
        ({"incident_from": "May"}, "incident_from: Write the date as `2026-10-05`, `2026-10` or"),
        ({"cross_border": "maybe"}, "cross_border: Write `true` or `false`."),
        ({"worker_name": "y" * 201}, "worker_name: Give at most 200."),
    ],
)
def test_a_row_that_comes_back_says_in_words_what_to_write(
    service: Service, wrong: dict[str, str], told: str
) -> None:
    view = imported(service, as_csv({**GOOD, **wrong}))

    (back,) = rows_of(service, view, "refused.csv")
    assert back["errors"].startswith(told)
    assert "should" not in back["errors"]


def test_a_list_without_a_good_word_has_one_mistake(service: Service) -> None:
    view = imported(service, as_csv({**GOOD, "categories": "wages"}))

    (back,) = rows_of(service, view, "refused.csv")
    assert back["errors"].count("categories: ") == 1


def test_what_came_back_can_be_corrected_and_imported_again(service: Service) -> None:
    view = imported(service, as_csv(GOOD, {**GOOD, "partner_ref": "GZ-2", "categories": "wages"}))
    (back,) = rows_of(service, view, "refused.csv")
    corrected = {n: v for n, v in back.items() if n not in ("line", "errors")}

    again = imported(service, as_csv({**corrected, "categories": "compensation"}))

    assert again["counts"] == {"filed": 1, "repeated": 0, "refused": 0}
    assert len(cases(service)) == 2


def test_what_came_back_may_keep_its_columns_of_what_was_wrong(service: Service) -> None:
    view = imported(service, as_csv(GOOD, {**GOOD, "partner_ref": "GZ-2", "categories": "wages"}))
    (back,) = rows_of(service, view, "refused.csv")

    still_wrong = imported(service, as_csv(back))
    again = imported(service, as_csv({**back, "categories": "compensation"}))

    (once_more,) = rows_of(service, still_wrong, "refused.csv")
    assert once_more == {**back, "line": "2"}
    assert again["counts"] == {"filed": 1, "repeated": 0, "refused": 0}
    assert len(cases(service)) == 2


def test_the_same_file_twice_opens_no_second_case(service: Service) -> None:
    content = as_csv(GOOD, {**GOOD, "partner_ref": ""}, {**GOOD, "partner_ref": ""})
    first = imported(service, content)
    service.clock.forward(days=30)

    again = imported(service, content)

    assert first["counts"] == {"filed": 3, "repeated": 0, "refused": 0}
    assert again["counts"] == {"filed": 0, "repeated": 3, "refused": 0}
    assert len(cases(service)) == 3


def test_a_reference_that_stands_for_another_grievance_comes_back(service: Service) -> None:
    imported(service, as_csv(GOOD))

    view = imported(service, as_csv({**GOOD, "text": "something else"}))

    assert view["counts"] == {"filed": 0, "repeated": 0, "refused": 1}
    (back,) = rows_of(service, view, "refused.csv")
    assert back["errors"].startswith("row: This key already stands for another request.")
    assert len(cases(service)) == 1


@pytest.mark.parametrize(
    "content",
    [
        as_csv(GOOD, encoding="utf-8-sig"),
        as_csv(GOOD, delimiter=";"),
        as_csv(GOOD, delimiter="\t"),
        as_xlsx(GOOD),
        (json.dumps({"x": 1}).replace('{"x": 1}', "") + "\n").encode()
        + json.dumps(
            {
                "partner_ref": "GZ-1",
                "narrative": "工资没有发",
                "factory_reported": {"name": "Example Garments", "country": "CN"},
                "categories": ["compensation", "working_time"],
                "language": "zh-CN",
            }
        ).encode(),
    ],
    ids=["utf-8-bom", "semicolons", "tabs", "xlsx", "json-lines"],
)
def test_the_same_grievance_is_the_same_in_every_format(service: Service, content: bytes) -> None:
    view = imported(service, content)

    assert view["counts"] == {"filed": 1, "repeated": 0, "refused": 0}
    again = imported(service, as_csv(GOOD))
    assert again["counts"] == {"filed": 0, "repeated": 1, "refused": 0}


@pytest.mark.parametrize(
    ("content_type", "query"),
    [
        ("text/csv; charset=gb18030", ""),
        ("text/csv", "?language=zh"),
        ("text/csv", "?jurisdiction=CN"),
    ],
)
def test_what_was_written_in_gb18030_is_read_so(
    service: Service, content_type: str, query: str
) -> None:
    view = imported(service, as_csv(GOOD, encoding="gb18030"), content_type, query=query)

    assert view["counts"]["filed"] == 1
    (case,) = cases(service)
    assert case_of(service.partner(), case["grievance_id"])["narrative"] == "工资没有发"


def test_words_whose_encoding_is_a_guess_are_not_taken_for_a_workers(service: Service) -> None:
    view = imported(service, as_csv(GOOD, encoding="gb18030"))

    assert (view["status"], view["error"]) == ("failed", "encoding_unknown")
    assert cases(service) == []


def test_who_the_worker_is_goes_to_the_vault_and_the_file_is_deleted(service: Service) -> None:
    view = imported(service, as_csv({**GOOD, "worker_name": "Canary", "worker_phone": "+15550123"}))

    (case,) = cases(service)
    assert view["counts"]["filed"] == 1
    assert case_of(service.partner(), case["grievance_id"])["identity"] == "held"
    assert keys_in_the_bucket() == ["filed.csv"]


def test_json_lines_come_back_as_json_lines(service: Service) -> None:
    good = {"partner_ref": "GZ-1", "categories": ["compensation"]}
    lines = [json.dumps(good), "{", '{"categories": ["compensation"], "categories": []}', "{}", ""]

    view = imported(service, "\n".join(lines).encode(), "application/x-ndjson")

    assert view["counts"] == {"filed": 1, "repeated": 0, "refused": 3}
    back = [json.loads(line) for line in file_of(service, view, "refused.jsonl").splitlines()]
    assert [(row["line"], row["row"]) for row in back] == [(2, "{"), (3, lines[2]), (4, "{}")]
    assert back[2]["errors"][0]["field"] == "categories"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7", "unsupported_format"),
        (b"name,place\nA,B\n", "headings_not_found"),
        (as_csv({**GOOD, "shoe_size": "40"}), "headings_not_found"),
        (b"text,text,categories\na,b,other\n", "headings_not_found"),
        (b'text,categories\n"never closed,other\n', "unclosed_quote"),
    ],
)
def test_a_file_that_cannot_be_read_fails_and_says_what_to_do(
    service: Service, content: bytes, code: str
) -> None:
    view = imported(service, content)

    assert (view["status"], view["error"]) == ("failed", code)
    assert view["error_detail"]
    assert "shoe_size" not in view["error_detail"]
    assert (cases(service), keys_in_the_bucket()) == ([], [])


def test_a_row_with_more_cells_than_headings_comes_back(service: Service) -> None:
    view = imported(service, b"text,categories\nno pay, overtime,other\n")

    assert view["counts"] == {"filed": 0, "repeated": 0, "refused": 1}
    (back,) = rows_of(service, view, "refused.csv")
    assert back["errors"].startswith("row: The row has more cells")


def test_more_rows_than_a_file_may_have_are_not_read() -> None:
    content = b"text,categories\n" + b"no pay,compensation\n" * (MOST_ROWS + 1)
    rows = read_grievances(content, FormDefaults(channel=Channel.PARTNER_API))

    taken = list(islice(rows, MOST_ROWS))

    assert all(isinstance(row, GrievanceRow) for row in taken)
    with pytest.raises(UnreadableList, match="too_many_rows"):
        next(rows)


def test_what_exceeds_the_quota_comes_back_and_is_taken_the_next_day(service: Service) -> None:
    service.limit(filings_per_day=2)
    content = as_csv(*({**GOOD, "partner_ref": f"GZ-{n}"} for n in range(3)))

    view = imported(service, content)
    service.clock.forward(days=1)
    again = imported(service, content)

    assert view["counts"] == {"filed": 2, "repeated": 0, "refused": 1}
    (back,) = rows_of(service, view, "refused.csv")
    assert back["errors"].startswith("row: Your organisation has used up")
    assert again["counts"] == {"filed": 1, "repeated": 2, "refused": 0}


def test_an_empty_body_is_refused_at_once(service: Service) -> None:
    assert refusal(uploaded(service, b"")) == (422, "unreadable_file")


def test_an_import_is_listed_to_its_own_organisation_alone(service: Service) -> None:
    view = imported(service, as_csv(GOOD))
    other = service.caller(Role.PARTNER_SUPERVISOR, "other-ngo")

    (listed,) = walked(service.partner(), PATH)
    assert listed == {**view, "filed_url": None, "refused_url": None}
    assert walked(other, PATH) == []
    assert refusal(other.get(f"{PATH}/{view['import_id']}")) == (404, "not_found")


def test_the_template_is_taken_as_it_is(service: Service) -> None:
    template = service.public().get("/v1/grievance-import-template")
    heading = template.body.decode()
    cells = {"text": "No pay.", "categories": "compensation"}
    row = ",".join(cells.get(name, "") for name in heading.strip().split(","))

    view = imported(service, f"{heading}{row}\r\n".encode())

    assert template.status == 200
    assert template.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert view["counts"] == {"filed": 1, "repeated": 0, "refused": 0}
