"""What workers write on a line: no double case, no lost message, no answer that was not given."""

from collections.abc import Callable

from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.references import receipt_code
from chalicelib.domain.vocabulary import Role
from chalicelib.store.keyring import Purpose
from tests.channels.talking import Worker, line_of, publish_starter_set
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import chain_verifies
from tests.helpline import answering, connected
from tests.recorded import TWILIO_TOOK_IT
from tests.service import Service

QUESTION = "The factory keeps my identity card"
Said = Callable[[Service, Worker], None]


def _sends(text: str, message_id: str) -> Said:
    """The provider delivers a message, and, after a kill, the very same again."""

    def send(service: Service, worker: Worker) -> None:
        worker.hears(worker.message(text, message_id))

    return send


def _somebody(service: Service) -> Worker:
    publish_starter_set(service)
    return Worker(service, line_of(jurisdiction="CN"))


def _who_told(service: Service) -> Worker:
    worker = _somebody(service)
    worker.says(QUESTION, message_id="SM-told")
    return worker


def _who_was_asked_which_factory(service: Service) -> Worker:
    worker = _who_told(service)
    for number, text in enumerate(("1", "5")):
        worker.says(text, message_id=f"SM-answer-{number}")
    return worker


def _which_factory_once(service: Service, worker: Worker) -> None:
    _one_case(service, worker)
    assert worker.messages() == ["[Asked which factory it is] Maple Knitwear"]
    service.clock.forward(minutes=1)
    worker.says("more", message_id="SM-more")
    assert worker.messages()[1:] == ["more"]


def _who_floods(service: Service) -> Worker:
    worker = _who_told(service)
    for number in range(29):
        worker.says("status", message_id=f"SM-status-{number}")
    return worker


def _who_has_a_code(service: Service) -> Worker:
    _who_told(service)
    return Worker(service, line_of(name="two"), "+15550199")


def _sends_the_code(service: Service, worker: Worker) -> None:
    key = service.deps.keyring.key(Purpose.RECEIPT_CODE)
    code = receipt_code(worker.case().grievance_id, key)
    worker.hears(worker.message(f"{code} more", "SM-code"))


def _who_may_be_asked(service: Service) -> Worker:
    answering(service, TWILIO_TOOK_IT)
    worker = Worker(service, connected(service, Provider.TWILIO_MESSAGES, jurisdiction="CN"))
    for number, text in enumerate((QUESTION, "1", "4")):
        worker.says(text, message_id=f"SM-{number}")
    return worker


def _asks_her(service: Service, worker: Worker) -> None:
    path = f"/v1/grievances/{worker.case().grievance_id}/consent-questions"
    service.partner().post(path)


def _asks_her_and_ticks(service: Service, worker: Worker) -> None:
    _asks_her(service, worker)
    service.tick()


def _says_two(service: Service, worker: Worker) -> None:
    worker.hears(worker.message("2", "SM-answer"))


def _who_was_asked(service: Service) -> Worker:
    worker = _who_may_be_asked(service)
    _asks_her_and_ticks(service, worker)
    return worker


def _her_answer_counts(service: Service, worker: Worker) -> None:
    _says_two(service, worker)
    assert (worker.case().consent.level, worker.case().consent.cross_border) == ("C2", True)


def _one_case(service: Service, worker: Worker) -> Case:
    case = worker.case()
    chain_verifies(service, service.partner(), case.grievance_id, routed=0)
    assert case.narrative == QUESTION
    actions = [entry.action for entry in service.deps.cases.entries(case, 100, None).items]
    assert actions.count(Action.ANSWER_GIVEN) == 1
    assert case.standard_answer is not None
    return case


def _one_conversation(service: Service, worker: Worker) -> None:
    _one_case(service, worker)
    rows = service.items_of(service.deps.settings.vault_keys_table)
    assert len([row for row in rows if row["pk"].startswith("CONVERSATION#")]) == 1
    assert worker.messages() == []


def _added_once(service: Service, worker: Worker) -> None:
    _one_case(service, worker)
    assert worker.messages() == ["more"]


def _agreed_once(service: Service, worker: Worker) -> None:
    case = _one_case(service, worker)
    assert (case.consent.level, case.consent.cross_border, case.consent_changes) == ("C3", True, 1)


def _language_chosen(service: Service, worker: Worker) -> None:
    worker.hears(worker.message("more", "SM-more"))
    _added_once(service, worker)
    assert worker.hears(worker.message("status")).language == "my"


def _two_who_talk(service: Service) -> Worker:
    worker = _who_told(service)
    other = Worker(service, line_of(name="two"), "+15550199")
    _sends_the_code(service, other)
    return worker


def _erase(service: Service, worker: Worker) -> None:
    case = worker.case()
    officer = service.caller(Role.DPO, "privacy-office")
    body = {"scope": "identity", "reason": "worker_request", "confirm": case.public_ref}
    officer.post(f"/v1/grievances/{case.grievance_id}/erasure", body)


def _nobody_talked(service: Service, worker: Worker) -> None:
    _one_case(service, worker)
    rows = service.items_of(service.deps.settings.vault_keys_table)
    assert [row["sk"] for row in rows] == ["KEY"]
    worker.says("who are you?")
    assert len(service.partner().get("/v1/grievances").json()["items"]) == 2


SCENARIOS = [
    Scenario(
        "the first message of a worker",
        _somebody,
        _sends(QUESTION, "SM-told"),
        _sends(QUESTION, "SM-told"),
        _one_conversation,
        at_least_calls=8,
    ),
    Scenario(
        "ask for consent again",
        _who_may_be_asked,
        _asks_her,
        _asks_her_and_ticks,
        _her_answer_counts,
        at_least_calls=5,
    ),
    Scenario(
        "an answer to what was asked again",
        _who_was_asked,
        _says_two,
        _says_two,
        _her_answer_counts,
        at_least_calls=5,
    ),
    Scenario(
        "a later message",
        _who_told,
        _sends("more", "SM-more"),
        _sends("more", "SM-more"),
        _added_once,
        at_least_calls=4,
    ),
    Scenario(
        "an answer about brands",
        _who_told,
        _sends("1", "SM-yes"),
        _sends("1", "SM-yes"),
        _agreed_once,
        at_least_calls=5,
    ),
    Scenario(
        "an answer to which factory it is",
        _who_was_asked_which_factory,
        _sends("Maple Knitwear", "SM-factory"),
        _sends("Maple Knitwear", "SM-factory"),
        _which_factory_once,
        at_least_calls=4,
    ),
    Scenario(
        "another language",
        _who_told,
        _sends("မြန်မာ", "SM-language"),
        _sends("မြန်မာ", "SM-language"),
        _language_chosen,
        at_least_calls=3,
    ),
    Scenario(
        "a receipt code from another telephone",
        _who_has_a_code,
        _sends_the_code,
        _sends_the_code,
        _added_once,
        at_least_calls=8,
    ),
    Scenario(
        "an erasure that takes conversations along",
        _two_who_talk,
        _erase,
        _erase,
        _nobody_talked,
        at_least_calls=10,
    ),
    Scenario(
        "a flood",
        _who_floods,
        _sends("more", "SM-more"),
        _sends("more", "SM-more"),
        _added_once,
        at_least_calls=5,
    ),
]
