"""The documents name every route, error and setting, and their commands work as they stand."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.api.description import story as tale
from chalicelib.api.description.examples import path_example
from chalicelib.api.description.operations import summary_of
from chalicelib.api.endpoint import OPERATIONS
from chalicelib.api.problems import HEADERS, STATUS
from chalicelib.domain.vocabulary import Role
from chalicelib.settings import Settings
from infra.local.gateway import Answer
from tests.service import Caller, Service
from tests.usecases.stories import case_of, submitted

DOCS = Path("docs")
API = (DOCS / "api.md").read_text("utf-8")
ERRORS = (DOCS / "errors.md").read_text("utf-8")


def test_every_route_is_listed_with_who_may_use_it_and_what_it_does() -> None:
    listed = re.findall(r"^\| `([A-Z]+ /\S*)` \| (.+?) \| (.+?) \|$", API, re.M)
    declared = [
        (f"{o.method} {o.path}", ", ".join(o.roles) or "anybody", summary_of(o))
        for o in sorted(OPERATIONS, key=lambda o: (o.path, o.method))
    ]
    assert listed == declared


def test_every_route_that_the_text_speaks_of_exists() -> None:
    declared = {f"{o.method} {o.path}" for o in OPERATIONS}
    assert set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /\S*?)`", API)) == declared


def test_every_error_is_listed_with_its_status_and_what_to_do() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (\d+) \| .+ \| (.+?) \|$", ERRORS, re.M)
    declared = [(kind.code, str(status), kind.default_detail) for kind, status in STATUS.items()]
    assert sorted(listed) == sorted(declared)
    assert [status for _, status, _ in listed] == sorted(status for _, status, _ in listed)


def test_every_header_of_an_error_is_named() -> None:
    for headers in HEADERS.values():
        assert all(f"`{name}`" in ERRORS for name in headers)


@pytest.mark.parametrize("page", [*DOCS.rglob("*.md"), Path("README.md")], ids=str)
def test_every_test_that_a_page_points_to_exists(page: Path) -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", page.read_text("utf-8"))

    assert [path for path in named if not Path(path).exists()] == []


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_named(name: str) -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    assert f"`{name.upper()}`" in text or f"`HANDSHAKE_{name.upper()}`" in text


def test_the_commands_of_the_guide_work_one_after_the_other(service: Service) -> None:
    made = iter(range(1, 99))
    service.deps.token = lambda size: "example" if size == 16 else f"{next(made):0{2 * size}x}"
    partner = service.partner(tale.PARTNER)
    unsure = submitted(partner, factory_reported={"name": "Red Gate", "country": "CN"})
    known = {
        "UNSURE": unsure,
        "UNSURE_REF": case_of(partner, unsure)["public_ref"],
        "DPO_KEY": str(service.caller(Role.DPO, "privacy-office").key),
        "OTHER_FACTORY": service.factory("Fair Design Printing", country="BD"),
        "API": "",
        **proposed(service, partner),
        "OPERATOR_KEY": str(service.operator().key),
        "PARTNER_KEY": str(partner.key),
        "SUPERVISOR_KEY": str(service.partner("pearl-river-line").key),
        "BRAND_KEY": str(service.brand_desk(tale.BRAND).key),
        "AUDITOR_KEY": str(service.auditor().key),
        "FACTORY_KEY": str(service.caller(Role.FACTORY, tale.MILL).key),
        "FACTORY": path_example("factory_id"),
        "CASE": "",
        "ALERT": "",
        "EXPORT": path_example("export_id"),
    }
    for command in commands(API):
        answer = run(service, command, known)
        assert answer.status < 300, (command, answer)
        known["ETAG"] = answer.headers.get("ETag", "")
        if "receipt_code" in answer.body.decode():
            known["CODE"] = answer.json()["receipt_code"]
            known["CASE"] = answer.json()["grievance_id"]
        if command[:2] == ["-X", "POST"] and command[2].startswith("$API/v1/organisations"):
            known["USER"] = answer.json().get("user_id", "")
            known["KEY"] = answer.json().get("key_id", "")
        if command[:2] == ["-X", "POST"] and command[2].endswith("/engagements"):
            known["ENGAGEMENT"] = answer.json()["engagement_id"]
        if command[:2] == ["-X", "POST"] and command[2].endswith("$ALERT/plans"):
            known["PLAN"] = answer.json()["plan_id"]
        if command[:2] == ["-X", "POST"] and command[2].endswith("$ALERT/questions"):
            known["QUESTION"] = answer.json()["question_id"]
        if command[:2] == ["-X", "POST"] and command[2].endswith("/v1/subscriptions"):
            known["SUBSCRIPTION"] = answer.json()["subscription_id"]
        if "draft_id" in answer.body.decode():
            known["DRAFT"] = answer.json()["draft_id"]
        for judgement in service.deps.registry.all_judgements():
            known["JUDGEMENT"] = judgement.judgement_id
        service.tick()
        known["ALERT"] = next((a.alert_id for a in service.alert_rows(known["CASE"] or "g_0")), "")


def proposed(service: Service, partner: Caller) -> dict[str, str]:
    """A critical case that a supervisor wants to lower."""
    case_id = submitted(partner, "critical", ilo_indicators=["debt_bondage"])
    wish = {"severity": "S2", "severity_reason": "It was a misunderstanding."}
    answer = partner.patch(f"/v1/grievances/{case_id}", wish, If_Match='"1"')
    return {
        "CRITICAL": case_id,
        "PROPOSAL": answer.json()["proposal_id"],
        "SECOND_PARTNER_KEY": str(service.partner(tale.PARTNER, person=2).key),
    }


def commands(text: str) -> Iterator[list[str]]:
    """The words of each curl in the shell blocks of a text."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        for command in re.split(r"\n\n", block.strip()):
            words = shlex.split(command.replace("\\\n", " "))
            assert words[0] == "curl"
            yield words[1:]


def run(service: Service, words: list[str], known: dict[str, str]) -> Answer:
    """As much of curl as the guide uses."""
    words = [re.sub(r"\$(\w+)", lambda found: known[found[1]], word) for word in words]
    method, url, body, headers = "GET", "", None, {}
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = words.pop(0).encode()
            case "--data-binary":
                assert words.pop(0) == "@list.csv"
                body = tale.LIST_FILE.encode()
            case "-i":
                continue
            case word:
                url = word
    return service.public().send(method, url, body, headers)
