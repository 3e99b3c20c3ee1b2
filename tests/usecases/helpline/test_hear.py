"""What is heard on a line: one case, nothing lost, nothing twice, nobody named, and forgotten."""

import json
from typing import Any

import pytest

from chalicelib.domain.cases.facts import FactoryReported
from chalicelib.domain.helpline.conversation import MOST_AN_HOUR
from chalicelib.domain.helpline.poster import PosterCode
from chalicelib.domain.limits import FLOOD_KEPT
from chalicelib.domain.record.ledger import Entry
from chalicelib.domain.references import CROCKFORD, is_poster_code, receipt_code
from chalicelib.domain.vocabulary import Channel, Role, Side, Visibility
from chalicelib.errors import Unavailable
from chalicelib.store.clients import client
from chalicelib.store.codec import encode
from chalicelib.store.keyring import Purpose
from chalicelib.texts import for_workers
from chalicelib.usecases.helpline.hearing import too_much
from chalicelib.usecases.helpline.hearing.said_back import Heard
from tests.channels.talking import SENDER, Worker, line_of
from tests.conftest import Lines
from tests.service import START, Service
from tests.usecases.identities.test_erase import erased
from tests.usecases.stories import case_of, covered

EN = for_workers.catalogue("en")
TOLD = "They lock the doors at night"


@pytest.fixture
def worker(service: Service) -> Worker:
    return Worker(service, line_of(jurisdiction="BD"))


def code_of(worker: Worker) -> str:
    key = worker.service.deps.keyring.key(Purpose.RECEIPT_CODE)
    return receipt_code(worker.case().grievance_id, key)


def cases(service: Service, partner_id: str = "handshake-gz") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = service.partner(partner_id).get("/v1/grievances").json()["items"]
    return items


def history(worker: Worker) -> list[Entry]:
    return list(worker.service.deps.cases.entries(worker.case(), 100, None).items)


def conversations(service: Service) -> list[dict[str, Any]]:
    rows = service.items_of(service.deps.settings.vault_keys_table)
    return [row for row in rows if row["pk"].startswith("CONVERSATION#")]


# The first message


def test_the_first_message_opens_a_case_and_gives_her_its_code(worker: Worker) -> None:
    heard = worker.hears(worker.message(TOLD))

    case = worker.case()
    assert heard == Heard(
        f"{EN['chat.received'].format(code=code_of(worker))}\n{EN['chat.ask_brands']}",
        "en",
        case.grievance_id,
        False,
        heard.conversation_id,
        receipt_code=code_of(worker),
    )
    view = case_of(worker.service.partner(), case.grievance_id)
    assert (view["narrative"], view["intake_type"], view["channel"]) == (TOLD, "enquiry", "sms")
    assert (view["jurisdiction"], view["language"], view["identity"]) == ("BD", "en", "held")
    assert view["consent"] == {
        "level": "C0",
        "publish_summary": False,
        "cross_border": False,
        "contact_back": False,
        "share_with_union": False,
        "script_version": None,
        "recipients": [],
    }


def test_what_comes_later_is_a_message_on_the_same_case(worker: Worker) -> None:
    worker.says(TOLD)
    worker.says("It is 40 of us")

    path = f"/v1/grievances/{worker.case().grievance_id}/messages"
    (message,) = worker.service.partner().get(path).json()["items"]
    assert (message["text"], message["visibility"]) == ("It is 40 of us", Visibility.PARTNER)
    assert message["speaks_for"] == Side.WORKER
    assert len(cases(worker.service)) == 1


def test_another_sender_another_line_and_another_partner_are_other_conversations(
    service: Service,
) -> None:
    ours, theirs = line_of(), line_of("other-ngo")
    first = Worker(service, ours)
    people = [
        first,
        Worker(service, ours, "+15550101"),
        Worker(service, line_of(name="two")),
        Worker(service, theirs),
    ]
    heard = [each.hears(each.message(TOLD, "SM-1")) for each in people]

    assert len({each.conversation_id for each in heard}) == 4
    assert len({each.grievance_id for each in heard}) == 4
    assert (len(cases(service)), len(cases(service, "other-ngo"))) == (3, 1)


def test_a_message_without_words_says_how_many_pictures_came(worker: Worker) -> None:
    pictures = [{"reference": "https://api.example/1"}, {"reference": "https://api.example/2"}]
    worker.says("", media=pictures)
    worker.says("", media=pictures[:1])

    assert worker.case().narrative is None
    assert worker.messages() == ["[1 pictures or recordings, without words]"]


def test_an_empty_message_opens_nothing(worker: Worker) -> None:
    assert worker.says(" \n") == EN["chat.tell_us"]
    assert cases(worker.service) == []


def test_the_language_a_provider_knows_is_spoken_and_one_we_lack_is_not(worker: Worker) -> None:
    assert worker.hears(worker.message("ok ok", language="id-ID")).language == "id"
    stranger = Worker(worker.service, line_of(language="vi", name="two"))
    assert stranger.hears(stranger.message("ok ok", language="km")).language == "vi"


# Twice


def test_a_message_that_comes_again_gets_the_same_answer_and_changes_nothing(
    worker: Worker,
) -> None:
    message = worker.message(TOLD)
    first = worker.hears(message)
    worker.says("1")
    worker.says("yes")
    before = worker.service.everything()
    worker.service.clock.forward(hours=5)

    assert worker.hears(message) == first._replace(replayed=True)
    assert worker.service.everything() == before


def test_two_messages_at_once_are_one_case_and_both_kept(worker: Worker) -> None:
    other: list[Heard] = []

    def meanwhile() -> None:
        other.append(worker.hears(worker.message("second")))

    with worker.service.before_call("TransactWriteItems", meanwhile):
        worker.says(TOLD)

    assert worker.case().narrative == "second"
    assert worker.messages() == [TOLD]
    assert len(conversations(worker.service)) == 1


def test_the_same_message_twice_at_once_is_heard_once(worker: Worker) -> None:
    message, other = worker.message(TOLD), []

    def meanwhile() -> None:
        other.append(worker.hears(message))

    with worker.service.before_call("TransactWriteItems", meanwhile):
        heard = worker.hears(message)

    assert heard == other[0]._replace(replayed=True)
    assert (len(cases(worker.service)), worker.messages()) == (1, [])


def test_two_answers_at_once_are_recorded_one_after_the_other(worker: Worker) -> None:
    worker.says(TOLD)

    def meanwhile() -> None:
        worker.says("3")

    with worker.service.before_call("TransactWriteItems", meanwhile):
        worker.says("1")

    case = worker.case()
    assert (case.consent.level, case.consent_changes) == ("C3", 2)


def test_a_message_that_is_older_than_what_is_remembered_opens_no_second_case(
    worker: Worker,
) -> None:
    message = worker.message(TOLD)
    worker.hears(message)
    for _ in range(MOST_AN_HOUR):
        worker.service.clock.forward(hours=1)
        worker.says("more")
    key = worker.service.deps.settings.vault_keys_table
    (row,) = conversations(worker.service)
    client("dynamodb").delete_item(TableName=key, Key=encode({"pk": row["pk"], "sk": row["sk"]}))

    heard = worker.hears(message)

    assert (heard.replayed, heard.grievance_id) == (True, worker.case().grievance_id)
    assert len(cases(worker.service)) == 1
    assert conversations(worker.service) == [], "what was erased does not come back by a repeat"


def test_an_outage_leaves_nothing_behind_and_the_next_delivery_is_the_first(
    worker: Worker,
) -> None:
    message = worker.message(TOLD)
    with worker.service.refusing("TransactWriteItems"), pytest.raises(Unavailable):
        worker.hears(message)

    assert worker.service.everything() == []
    assert not worker.hears(message).replayed


# Codes


def test_a_code_from_another_telephone_joins_that_case(worker: Worker) -> None:
    worker.says(TOLD)
    other = Worker(worker.service, line_of(name="two"), "+15550111")

    reply = other.says(f"{code_of(worker)} now they hit us")

    assert reply == f"{EN['chat.joined']}\n{EN['chat.added']}"
    assert worker.messages() == ["now they hit us"]
    worker.service.clock.forward(minutes=1)
    other.says("and today again")
    assert worker.messages() == ["now they hit us", "and today again"]
    assert other.says("status") == "\n".join([EN["progress.received"], EN["next.received"]])
    assert len(cases(worker.service)) == 1


def test_who_joined_by_a_code_agrees_to_nothing_but_can_take_back(worker: Worker) -> None:
    for text in (TOLD, "1", "4"):
        worker.says(text)
    other = Worker(worker.service, line_of(name="two"), "+15550111")
    other.says(code_of(worker))

    for text in ("3", "start", "yes", "brands", "2"):
        other.says(text)
    assert (worker.case().consent.level, worker.case().consent.contact_back) == ("C3", True)

    assert other.says("stop") == EN["chat.contact_no"]
    assert not worker.case().consent.contact_back


def test_her_own_code_says_how_her_case_stands(worker: Worker) -> None:
    worker.says(TOLD)
    for text in ("3", "5", "Maple Knitwear"):
        worker.says(text)

    assert worker.says(code_of(worker)) == f"{EN['progress.received']}\n{EN['next.received']}"


def test_a_code_of_another_partner_is_as_unknown_as_one_that_nobody_has(worker: Worker) -> None:
    worker.says(TOLD)
    stranger = Worker(worker.service, line_of("other-ngo"), "+15550112")
    nobodys = receipt_code("g_nobody", b"another key")

    assert stranger.says(code_of(worker)) == stranger.says(nobodys) == EN["chat.code_unknown"]
    assert cases(worker.service, "other-ngo") == []


def test_what_is_told_with_a_wrong_code_is_kept_all_the_same(worker: Worker) -> None:
    reply = worker.says(f"{receipt_code('g_nobody', b'k')} they hit us") or ""

    assert reply.startswith(f"{EN['chat.code_unknown']}\n{EN['chat.received'][:20]}")
    assert "they hit us" in (worker.case().narrative or "")


def test_guessing_codes_ends_and_fails_closed(worker: Worker) -> None:
    guesses = [receipt_code(f"g_{number}", b"k") for number in range(21)]
    answers = [worker.says(guess) for guess in guesses]

    assert answers == [EN["chat.code_unknown"]] * 20 + [EN["chat.code_wait"]]
    other = Worker(worker.service, worker.line, "+15550113")
    other.says(TOLD)
    assert worker.says(code_of(other)) == EN["chat.code_wait"]
    third = Worker(worker.service, worker.line, "+15550114")
    with worker.service.refusing("UpdateItem"), pytest.raises(Unavailable):
        third.says(code_of(other))


def test_a_right_code_with_words_is_kept_nowhere_while_she_has_to_wait(worker: Worker) -> None:
    other = Worker(worker.service, worker.line, "+15550113")
    other.says(TOLD)
    code, first = code_of(other), other.case().grievance_id
    for number in range(20):
        worker.says(receipt_code(f"g_{number}", b"k"))

    reply = worker.says(f"{code} they hit us") or ""
    added = worker.says(f"{code} again today")

    assert reply.startswith(f"{EN['chat.code_wait']}\n{EN['chat.received'][:20]}")
    assert EN["chat.code_unknown"] not in reply
    assert added == f"{EN['chat.code_wait']}\n{EN['chat.added']}\n{EN['chat.ask_brands']}"
    (mine,) = (row["grievance_id"] for row in cases(worker.service) if row["grievance_id"] != first)
    case = worker.service.deps.cases.head(mine)
    assert case is not None
    assert case.narrative == "they hit us"
    kept = worker.service.deps.cases.messages(mine, 10, None).items
    assert [message.text for message in kept] == ["again today"]
    assert worker.service.deps.cases.messages(first, 10, None).items == []


# Later


def closed(worker: Worker) -> None:
    path = f"/v1/grievances/{worker.case().grievance_id}/transitions"
    body = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
    assert worker.service.partner().post(path, body).status == 200


@pytest.mark.parametrize(("days", "number"), [(30, 1), (31, 2)])
def test_a_message_after_the_case_can_no_longer_be_reopened_is_another_case(
    worker: Worker, days: int, number: int
) -> None:
    worker.says(TOLD)
    closed(worker)
    worker.service.clock.forward(days=days)

    worker.says("It is happening again")

    assert len(cases(worker.service)) == number
    assert len(conversations(worker.service)) == 1


def test_when_her_case_is_over_she_can_still_ask_for_it(worker: Worker) -> None:
    worker.says(TOLD)
    closed(worker)
    worker.service.clock.forward(days=31)

    assert worker.says("status") == f"{EN['progress.closed']}\n{EN['next.closed']}"
    assert len(cases(worker.service)) == 1


def test_consent_given_in_a_conversation_reaches_the_brand_once_an_officer_says_it_is_one(
    service: Service,
) -> None:
    factory_id = covered(service)
    worker = Worker(service, line_of(jurisdiction="CN"))
    worker.says(f"{poster(service, factory_id)} they owe us two months")
    worker.says("2")
    case = worker.case()
    partner = service.partner()
    answer = partner.patch(
        f"/v1/grievances/{case.grievance_id}",
        {"intake_type": "grievance", "categories": ["compensation"]},
        If_Match=f'"{case.version}"',
    )
    assert answer.status == 200, answer.body
    service.tick()

    (alert,) = service.alert_rows(case.grievance_id)
    assert (alert.brand_id, alert.payload.consent_level) == ("acme", "C2")


# Posters


def poster(service: Service, factory_id: str, partner_id: str = "handshake-gz", **more: Any) -> str:
    code = next(
        code for code in (f"7KQ49XZ{symbol}" for symbol in CROCKFORD) if is_poster_code(code)
    )
    service.deps.posters.add(
        PosterCode(
            code=code, factory_id=factory_id, partner_id=partner_id,
            created_at=START, created_by="u_1", **more,
        )
    )  # fmt: skip
    return code


def test_a_posters_code_names_the_factory(worker: Worker) -> None:
    factory_id = worker.service.factory(os_id="CN2019303BQ3FZP")
    code = poster(worker.service, factory_id)

    worker.says(f"{code[:4].lower()}-{code[4:].lower()}: {TOLD}")

    reported = worker.case().factory_reported
    assert reported.model_dump(exclude_none=True) == {
        "name": "Yi Chang Tai Garment Factory",
        "city": "Shenzhen",
        "country": "CN",
        "identifiers": ("CN2019303BQ3FZP",),
    }


def test_a_posters_code_that_comes_later_names_the_factory_once(worker: Worker) -> None:
    worker.says(TOLD)
    code = poster(worker.service, worker.service.factory())
    message = worker.message(code)

    worker.hears(message)
    named = worker.case()
    worker.hears(message)
    worker.says(f"{code} again")

    assert named.factory_reported.name == "Yi Chang Tai Garment Factory"
    assert [entry.action for entry in history(worker)] == [
        "received", "corrected", "message_added", "message_added",
    ]  # fmt: skip


# Which factory


def test_which_factory_is_asked_once_and_the_answer_is_marked_and_sets_none(
    worker: Worker,
) -> None:
    asked = [worker.says(text) for text in (TOLD, "1", "4")][-1]
    repeated = worker.says("status")
    answered = worker.says("Maple Knitwear, in Gazipur")
    worker.service.clock.forward(minutes=1)
    again = [worker.says(text) for text in ("start", "4", "and 40 of us")]

    assert asked == f"{EN['chat.contact_yes']}\n{EN['chat.ask_factory']}"
    assert repeated == "\n".join(
        [EN["progress.received"], EN["next.received"], EN["chat.ask_factory"]]
    )
    assert answered == EN["chat.added"]
    assert again == [EN["chat.ask_contact"], EN["chat.contact_yes"], EN["chat.added"]]
    marked = "[Asked which factory it is] Maple Knitwear, in Gazipur"
    assert worker.messages() == [marked, "and 40 of us"]
    assert worker.case().factory_reported == FactoryReported()


def test_the_answer_may_be_a_posters_code(worker: Worker) -> None:
    code = poster(worker.service, worker.service.factory())
    for text in (TOLD, "1", "5"):
        worker.says(text)

    assert worker.says(code) == EN["chat.added"]

    assert worker.case().factory_reported.name == "Yi Chang Tai Garment Factory"
    assert worker.messages() == [f"[Asked which factory it is] {code}"]


@pytest.mark.parametrize(
    "told", [("{code}: " + TOLD, "1", "4"), (TOLD, "1", "{code}"), (TOLD, "{code}", "3", "no")]
)
def test_which_factory_is_not_asked_where_a_poster_has_said_it(
    worker: Worker, told: tuple[str, ...]
) -> None:
    code = poster(worker.service, worker.service.factory())

    replies = [worker.says(text.format(code=code)) or "" for text in told]

    assert EN["chat.ask_contact"] in replies[-2]
    assert EN["chat.ask_factory"] not in "".join(replies)
    worker.service.clock.forward(minutes=1)
    worker.says("more")
    assert worker.messages()[-1] == "more"


def test_who_stops_is_not_asked_which_factory(worker: Worker) -> None:
    replies = [worker.says(text) for text in (TOLD, "1", "stop", "more")]

    assert replies[2:] == [EN["chat.stopped"], None]


def test_the_question_is_over_once_an_officer_has_named_the_factory(worker: Worker) -> None:
    for text in (TOLD, "1", "4"):
        worker.says(text)
    path = f"/v1/grievances/{worker.case().grievance_id}"
    wish = {"factory_reported": {"name": "Maple Knitwear", "country": "BD"}}
    officer = worker.service.partner()
    changed = officer.patch(path, wish, If_Match=f'"{worker.case().version}"')
    assert changed.status == 200, changed.body

    assert worker.says("status") == f"{EN['progress.received']}\n{EN['next.received']}"
    worker.says("thank you")
    assert worker.messages() == ["thank you"]


def test_another_case_of_hers_is_asked_about_as_well(worker: Worker) -> None:
    for text in (TOLD, "1", "4", "Maple Knitwear"):
        worker.says(text)
    closed(worker)
    worker.service.clock.forward(days=31)

    replies = [worker.says(text) or "" for text in ("They do not pay us", "1", "4")]

    assert replies[-1].endswith(EN["chat.ask_factory"])


@pytest.mark.parametrize("more", [{"partner_id": "other-ngo"}, {"ended_at": START}])
def test_a_poster_of_another_partner_or_an_ended_one_names_nothing(
    worker: Worker, more: dict[str, Any]
) -> None:
    code = poster(worker.service, worker.service.factory(), **more)

    worker.says(f"{code} {TOLD}")

    case = worker.case()
    assert (case.factory_reported.name, case.narrative) == (None, f"{code} {TOLD}")


# Too much, and what nobody should send


def test_too_many_messages_are_kept_and_told_so_once(worker: Worker) -> None:
    replies = [worker.says(f"message {number}") for number in range(MOST_AN_HOUR + 5)]

    assert replies[MOST_AN_HOUR:] == [EN["chat.flood"]] + [None] * 4
    assert len(worker.messages()) == MOST_AN_HOUR + 4
    assert worker.says("stop") == EN["chat.stopped"]
    worker.service.clock.forward(hours=1)
    assert worker.says("status") == f"{EN['progress.received']}\n{EN['next.received']}"


def test_in_a_flood_a_number_agrees_to_nothing(worker: Worker) -> None:
    worker.says(TOLD)
    for _ in range(MOST_AN_HOUR):
        worker.says("status")

    assert worker.says("1") is None
    assert worker.case().consent.level == "C0"


def test_a_flood_has_an_end(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(too_much, "FLOOD_KEPT", FLOOD_KEPT._replace(quota=2))
    for number in range(MOST_AN_HOUR + 6):
        worker.says(f"message {number}")

    assert len(worker.messages()) == MOST_AN_HOUR + 1
    (row,) = conversations(worker.service)
    counters = worker.service.items_of(worker.service.deps.settings.access_table)
    assert row["conversation_id"] not in repr(counters), "that table has backups"


HOSTILE = {
    "long": "x" * 10_000,
    "emoji": "\U0001f469\u200d\U0001f3ed\U0001f525" * 500,
    "right to left": "\u202e\u2066evil\u2069 \u0627\u0644\u0633\u0644\u0627\u0645",
    "controls": "a\x00b\x07c\x1b[31m",
    "markup": "<Response><Say>hi</Say></Response>{code}{0}%s",
    "digits": "9" * 9_999,
    "only controls": "\x00\x01\u202e",
    "marks": "\u0301" * 3_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_is_written_is_heard(worker: Worker, name: str) -> None:
    assert worker.says(HOSTILE[name])
    assert worker.says(HOSTILE[name][:9_000] + " again")
    for item in cases(worker.service):
        case_of(worker.service.partner(), item["grievance_id"])


@pytest.mark.parametrize("sender", ["x" * 200, "\u202e1", "wa id\n", "\x00"])
def test_a_sender_that_is_no_number_is_heard_and_not_kept(service: Service, sender: str) -> None:
    worker = Worker(service, line_of(), sender)
    worker.says(TOLD)
    worker.says("more")

    assert worker.case().identity is None
    assert len(worker.messages()) == 1


def test_a_form_without_a_telephone_is_heard_too(service: Service) -> None:
    worker = Worker(service, line_of(), "uuid-1", Channel.WEB)
    worker.says(TOLD)

    assert worker.case().identity is None
    assert len(conversations(service)) == 1


# Nobody is named


def test_neither_the_sender_nor_a_word_is_where_it_must_not_be(
    worker: Worker, lines: Lines
) -> None:
    worker.sender = "kanari-sender-qx7"
    worker.channel = Channel.WECHAT
    for text in ("kanari-word-qx7", "1", "4", "kanari-more-qx7", "stop", "status"):
        worker.says(text)
    with worker.service.refusing("TransactWriteItems"), pytest.raises(Unavailable):
        worker.says("kanari-lost-qx7")

    settings = worker.service.deps.settings
    tables = [settings.vault_table, settings.vault_keys_table, settings.access_table,
              settings.registry_table, settings.jobs_table]  # fmt: skip
    elsewhere = repr([worker.service.items_of(table) for table in tables]) + json.dumps(lines())
    assert "kanari" not in elsewhere
    assert "kanari-sender" not in repr(worker.service.all_items())


def test_a_conversation_without_a_case_expires(worker: Worker) -> None:
    worker.says("language")
    (row,) = conversations(worker.service)
    assert row["expires"] == int(START.timestamp()) + 86_400

    worker.says(TOLD)
    (row,) = conversations(worker.service)
    assert "expires" not in row


# What is forgotten


def test_a_conversation_goes_with_the_identity_of_its_case(worker: Worker) -> None:
    worker.says(TOLD)
    worker.says("1")
    other = Worker(worker.service, line_of(name="two"), "+15550111")
    other.says(code_of(worker))
    grievance_id = worker.case().grievance_id
    assert len(conversations(worker.service)) == 2

    assert erased(worker.service, grievance_id).status == 200

    rows = worker.service.items_of(worker.service.deps.settings.vault_keys_table)
    assert [row["sk"] for row in rows] == ["KEY"]
    assert worker.service.deps.conversations.of_case(grievance_id) is None


def test_who_writes_after_an_erasure_is_somebody_new(worker: Worker) -> None:
    worker.says(TOLD)
    erased(worker.service, worker.case().grievance_id)

    worker.says("hello again")

    assert len(cases(worker.service)) == 2


def test_a_conversation_that_has_gone_on_forgets_what_is_erased(worker: Worker) -> None:
    worker.says(TOLD)
    first = worker.case().grievance_id
    closed(worker)
    worker.service.clock.forward(days=31)
    worker.says("another thing")

    erased(worker.service, first)

    (row,) = conversations(worker.service)
    assert first not in repr(row)
    assert (row["grievance_id"] != first, len(row["heard"])) == (True, 1)
    rows = worker.service.items_of(worker.service.deps.settings.vault_keys_table)
    assert {row["sk"] for row in rows if row["pk"] == first} == {"KEY"}
    worker.says("and more")
    assert len(cases(worker.service)) == 2


def test_an_erasure_and_a_message_at_once_leave_no_trace_of_what_was_erased(
    worker: Worker,
) -> None:
    worker.says(TOLD)
    first = worker.case().grievance_id

    def meanwhile() -> None:
        erased(worker.service, first)

    with worker.service.before_call("TransactWriteItems", meanwhile):
        worker.says("still here")

    rows = worker.service.items_of(worker.service.deps.settings.vault_keys_table)
    assert [row["sk"] for row in rows if first in repr(row)] == ["KEY"]
    assert [c.get("narrative") for c in map(_head(worker.service), cases(worker.service))] != []


def _head(service: Service) -> Any:
    return lambda row: service.head_item(row["grievance_id"])


# What others ask of it


def test_the_conversation_of_a_case_says_where_and_how_she_is_written_to(
    worker: Worker,
) -> None:
    worker.says("আমাদের বেতন দেয় না")

    talk = worker.service.deps.conversations.of_case(worker.case().grievance_id)

    assert talk is not None
    assert (talk.line_id, talk.language, talk.channel) == (worker.line.line_id, "bn", "sms")
    assert worker.service.deps.conversations.of_case("g_" + "0" * 26) is None


def test_who_she_is_stays_in_the_vault_as_of_any_case(worker: Worker) -> None:
    worker.says(TOLD)
    case = worker.case()
    service = worker.service
    officer = service.caller(Role.DPO, "privacy-office")
    path = f"/v1/grievances/{case.grievance_id}/identity/openings"

    opened = officer.post(path, {"reason": "data_subject_request"})

    kept = {name: value for name, value in opened.json()["worker"].items() if value}
    assert kept == {"phone": SENDER}


def test_the_line_is_who_files(worker: Worker) -> None:
    worker.says(TOLD)

    assert worker.case().first_entry.actor.endswith(f":{worker.line.line_id}")
