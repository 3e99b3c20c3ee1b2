"""Lines of a suspended partner: who is new is told to turn elsewhere, what is hers is kept."""

from typing import Any

from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.texts import for_workers
from tests.channels.phone import Phone
from tests.channels.talking import Worker, line_of
from tests.channels.twilio import PARTNER, Twilio, opened_line
from tests.service import Service
from tests.usecases.stories import walked

ENGLISH = for_workers.catalogue("en")


def _closed(service: Service, partner_id: str = PARTNER) -> None:
    service.partner(partner_id)
    assert service.operator().delete(f"/v1/organisations/{partner_id}").status == 204


def _open_again(service: Service) -> None:
    path = f"/v1/organisations/{PARTNER}/reinstatement"
    assert service.operator().post(path).status == 200


def _stored(service: Service) -> list[Any]:
    return [item for item in service.all_items() if "narrative" in str(item)]


def test_who_is_new_is_told_where_else_to_turn_and_nothing_is_kept(service: Service) -> None:
    _closed(service)
    worker = Worker(service, line_of())

    replies = [worker.says(text) for text in ("Our wages were not paid.", "help")]

    assert replies == [ENGLISH["chat.closed"]] * 2
    assert _stored(service) == []
    _open_again(service)
    assert service.partner(PARTNER).get("/v1/grievances").json()["items"] == []


def test_she_is_told_in_her_language(service: Service) -> None:
    _closed(service)

    reply = Worker(service, line_of()).says("আমাদের বেতন দেয়নি")

    assert reply == for_workers.catalogue("bn")["chat.closed"]


def test_what_she_adds_to_her_case_is_kept_and_nobody_says_that_it_is_read(
    service: Service,
) -> None:
    worker = Worker(service, line_of())
    for text in ("Our wages were not paid.", "1", "4"):
        worker.says(text)
    _closed(service)

    reply = worker.says("Nor in July.")
    service.clock.forward(minutes=1)
    again = worker.says("help")

    assert reply == again == ENGLISH["chat.closed_kept"]
    _open_again(service)
    assert worker.messages() == ["[Asked which factory it is] Nor in July.", "help"]
    assert worker.says("Nor in August.") == ENGLISH["chat.added"]


def test_what_she_takes_back_counts_while_nobody_reads(service: Service) -> None:
    worker = Worker(service, line_of())
    for text in ("Our wages were not paid.", "1", "4"):
        worker.says(text)
    _closed(service)

    asked = worker.says("brands")
    worker.says("3")
    stopped = worker.says("stop")

    assert asked == ENGLISH["chat.ask_brands"]
    assert stopped == ENGLISH["chat.stopped"]
    case = service.deps.cases.head(_only_case(service))
    assert case is not None
    assert (case.consent.level, case.consent.contact_back) == ("C0", False)


def _only_case(service: Service) -> str:
    _open_again(service)
    (row,) = walked(service.partner(PARTNER), "/v1/grievances")
    return str(row["grievance_id"])


def test_a_line_that_opens_again_hears_as_before(service: Service) -> None:
    worker = Worker(service, line_of())
    _closed(service)
    worker.says("Our wages were not paid.", message_id="SM-1")
    _open_again(service)

    reply = worker.says("Our wages were not paid.")

    assert reply is not None
    assert reply.startswith(ENGLISH["chat.received"].partition("{")[0])
    assert worker.case().narrative == "Our wages were not paid."


def test_a_machine_that_answers_us_is_not_answered_for_ever(service: Service) -> None:
    _closed(service)
    worker = Worker(service, line_of())

    replies = [worker.says("I am out of office.") for _ in range(205)]

    assert replies[0] == ENGLISH["chat.closed"]
    assert replies[-1] is None


def test_a_caller_is_told_before_she_speaks(service: Service) -> None:
    line = opened_line(service, Provider.TWILIO_VOICE, language="bn")
    _closed(service)

    phone = Phone(Twilio(service, line)).dial()

    assert [verb.tag for verb in phone.heard] == ["Say", "Say", "Hangup"]
    spoken = [verb.text for verb in phone.heard[:2]]
    assert spoken == [
        for_workers.catalogue("bn")["voice.closed"],
        ENGLISH["voice.closed"],
    ]


def test_another_partners_line_is_not_closed(service: Service) -> None:
    _closed(service, "other-ngo")

    reply = Worker(service, line_of()).says("Our wages were not paid.")

    assert reply is not None
    assert ENGLISH["chat.closed"] not in reply
