"""The table of a conversation, read as a lawyer would: no yes that was not asked for and given."""

from datetime import timedelta
from itertools import product

import pytest

from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.helpline.chat_words import Said
from chalicelib.domain.helpline.conversation import (
    ANSWER,
    ASK_BRANDS,
    ASK_CONTACT,
    ASK_FACTORY,
    MOST_AN_HOUR,
    PROGRESS,
    TABLE,
    CaseTalk,
    Conversation,
    Effect,
    Remembered,
    Step,
    agreed,
    move,
    script_of,
    without_factory_question,
)
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Channel, ConsentLevel
from chalicelib.texts import for_workers
from tests.service import START

YES = {Effect.AGREE_TO_FACTORY, Effect.AGREE_TO_ISSUE, Effect.ALLOW_CONTACT}
ASKED_BRANDS = {Step.CONSENT_ASKED, Step.CONSENT_ASKED_AGAIN, Step.CHANGING_CONSENT}
ASKED = {*ASKED_BRANDS, Step.CONTACT_ASKED}
EVERYTHING = list(product(Step, Said))
EMPTY = Conversation(
    conversation_id="cv_1",
    partner_id="handshake-gz",
    line_id=derive_id("ln", "one"),
    channel=Channel.SMS,
    language="en",
)


@pytest.mark.parametrize(("step", "meant"), EVERYTHING)
def test_there_is_an_answer_to_everything_at_every_step(step: Step, meant: Said) -> None:
    follows = move(step, meant)

    assert follows.to is not Step.NEW
    assert follows.to is not Step.ENDED, "it follows from the case and is never stored"
    known = {*for_workers.catalogue("en"), PROGRESS, ANSWER}
    assert set(follows.says) <= known
    assert follows.says or step is Step.STOPPED


def test_a_yes_follows_from_its_own_answer_to_its_own_question_alone() -> None:
    """Every way to agree there is, by hand."""
    ways = {
        (step, meant): effect
        for step, meant in EVERYTHING
        for effect in move(step, meant).does
        if effect in YES
    }
    brands = {
        (step, meant): effect
        for step in ASKED
        for meant, effect in (
            (Said.FACTORY_TOO, Effect.AGREE_TO_FACTORY),
            (Said.FACTORY_NOT, Effect.AGREE_TO_ISSUE),
        )
    }
    contact = {
        (Step.CONTACT_ASKED, meant): Effect.ALLOW_CONTACT for meant in (Said.MAY_WRITE, Said.YES)
    }
    assert ways == {**brands, **contact}


@pytest.mark.parametrize("step", Step)
def test_words_agree_to_nothing_and_are_always_kept(step: Step) -> None:
    does = set(move(step, Said.WORDS).does)

    assert does == {Effect.OPEN_CASE} if step in (Step.NEW, Step.ENDED) else {Effect.ADD_MESSAGE}


@pytest.mark.parametrize("step", sorted(set(Step) - {Step.NEW, Step.STOPPED}))
def test_stop_takes_back_that_we_may_write_wherever_it_is_said(step: Step) -> None:
    assert move(step, Said.STOP).does == (Effect.WITHDRAW_CONTACT,)
    joined = step is Step.JOINED
    assert move(step, Said.STOP).says == ("chat.contact_no" if joined else "chat.stopped",)


def test_a_second_stop_is_not_answered() -> None:
    assert move(Step.STOPPED, Said.STOP) == (None, (), ())


def test_start_asks_and_gives_nothing() -> None:
    for step in Step:
        assert move(step, Said.START).does == ()
    assert move(Step.STOPPED, Said.START) == (Step.CONTACT_ASKED, (), (ASK_CONTACT,))


def test_who_joined_by_a_code_can_take_back_and_add_but_not_agree() -> None:
    does = {effect for meant in Said for effect in move(Step.JOINED, meant).does}

    assert does == {Effect.ADD_MESSAGE, Effect.WITHDRAW_CONTACT, Effect.JOIN_CASE}
    assert not ASKED.intersection(move(Step.JOINED, meant).to for meant in Said)


def test_a_question_that_is_open_is_repeated_when_something_else_was_wanted() -> None:
    for meant in (Said.STATUS, Said.HELP, Said.LANGUAGE, Said.NOTHING):
        for step in ASKED_BRANDS:
            assert move(step, meant).says[-1] == ASK_BRANDS
        assert move(Step.CONTACT_ASKED, meant).says[-1] == ASK_CONTACT
        assert move(Step.FACTORY_ASKED, meant).says[-1] == ASK_FACTORY


def test_who_answers_nothing_is_asked_each_thing_twice_at_most() -> None:
    step, asked = Step.NEW, []
    for _ in range(7):
        follows = move(step, Said.WORDS)
        asked += [key for key in follows.says if key.startswith("chat.ask_")]
        step = follows.to or step
    assert asked == [ASK_BRANDS, ASK_BRANDS, ASK_CONTACT, ASK_FACTORY]
    assert step is Step.OPEN


def test_nothing_is_asked_together_with_which_factory_it_is() -> None:
    for step, meant in EVERYTHING:
        asked = [key for key in move(step, meant).says if key.startswith("chat.ask_")]
        assert len(asked) <= 1
        if asked == [ASK_FACTORY]:
            assert move(step, meant).to in (Step.FACTORY_ASKED, None)


def test_a_number_that_may_be_a_buildings_gives_nothing_and_ends_no_question() -> None:
    for meant in (Said.FACTORY_TOO, Said.FACTORY_NOT, Said.NO_BRANDS, Said.MAY_WRITE):
        follows = move(Step.FACTORY_ASKED, meant)
        assert follows == (None, (Effect.ADD_MESSAGE,), ("chat.added", ASK_FACTORY))
    taken_back = move(Step.FACTORY_ASKED, Said.MAY_NOT_WRITE)
    assert taken_back == (None, (Effect.WITHDRAW_CONTACT,), ("chat.contact_no", ASK_FACTORY))


@pytest.mark.parametrize("meant", [Said.YES, Said.NO, Said.WORDS])
def test_where_the_factory_is_known_nothing_follows_the_question_about_contact(meant: Said) -> None:
    asks = move(Step.CONTACT_ASKED, meant)
    follows = without_factory_question(asks)

    assert (asks.to, asks.says[-1]) == (Step.FACTORY_ASKED, ASK_FACTORY)
    assert follows == (Step.OPEN, asks.does, asks.says[:-1])


def test_the_table_has_a_row_for_words_at_every_step() -> None:
    assert set(TABLE) == set(Step)
    assert all(Said.WORDS in moves for moves in TABLE.values())


# What is agreed to


@pytest.mark.parametrize(
    ("effect", "level"),
    [
        (Effect.AGREE_TO_FACTORY, ConsentLevel.C3),
        (Effect.AGREE_TO_ISSUE, ConsentLevel.C2),
        (Effect.AGREE_TO_NOTHING, ConsentLevel.C0),
    ],
)
@pytest.mark.parametrize("abroad", [True, False])
def test_an_answer_about_brands_says_how_much_and_whether_it_leaves_the_country(
    effect: Effect, level: ConsentLevel, abroad: bool
) -> None:
    script = script_of("bn", abroad=abroad)

    now = agreed(Consent(), effect, script)

    crosses = abroad and level is not ConsentLevel.C0
    assert now == Consent(level=level, cross_border=crosses, script_version=script)


def test_what_she_was_not_asked_stays_as_it_is() -> None:
    before = Consent(level=ConsentLevel.C2, share_with_union=True, script_version="helpline-1")

    may_write = agreed(before, Effect.ALLOW_CONTACT, "chat-en-1")
    not_any_more = agreed(may_write, Effect.WITHDRAW_CONTACT, None)

    assert may_write == before.changed(contact_back=True, script_version="chat-en-1")
    assert not_any_more == before.changed(script_version="chat-en-1")
    assert agreed(before, Effect.WITHDRAW_CONTACT, "chat-en-1") == before


def test_a_summary_is_not_published_once_the_factory_may_not_be_named() -> None:
    before = Consent(level=ConsentLevel.C3, publish_summary=True, script_version="helpline-1")

    assert not agreed(before, Effect.AGREE_TO_ISSUE, "chat-en-1").publish_summary
    assert agreed(before, Effect.AGREE_TO_FACTORY, "chat-en-1").publish_summary


@pytest.mark.parametrize(
    "effect", [Effect.AGREE_TO_FACTORY, Effect.AGREE_TO_ISSUE, Effect.AGREE_TO_NOTHING]
)
def test_an_answer_takes_back_that_somebody_may_know_who_she_is(effect: Effect) -> None:
    before = Consent(level=ConsentLevel.C4, recipients=("acme",), script_version="helpline-1")

    assert agreed(before, effect, "chat-en-1").recipients == ()
    assert agreed(before, Effect.ALLOW_CONTACT, "chat-en-1").recipients == ("acme",)


# What is remembered


def heard(number: int, **fields: str) -> Remembered:
    at = START + timedelta(minutes=number)
    return Remembered(mark=f"m{number}", at=at, language="en", **fields)


def test_no_more_messages_are_remembered_than_an_hour_may_bring() -> None:
    now = EMPTY
    for number in range(MOST_AN_HOUR + 5):
        now = now.having(heard(number))

    assert len(now.heard) == MOST_AN_HOUR
    assert now.version == MOST_AN_HOUR + 5
    assert now.heard_before("m4") is None
    assert now.heard_before("m5") == heard(5)


def test_it_is_a_flood_when_more_come_within_an_hour_than_are_answered() -> None:
    now = EMPTY
    for number in range(MOST_AN_HOUR):
        assert not now.is_flooding(START + timedelta(minutes=number))
        now = now.having(heard(number))

    assert now.is_flooding(START + timedelta(minutes=59))
    assert not now.is_flooding(START + timedelta(minutes=60))


def test_a_conversation_forgets_a_case_and_goes_with_the_one_it_is_about() -> None:
    now = EMPTY.having(heard(1, grievance_id="g_1"), grievance_id="g_1")
    now = now.having(heard(2, grievance_id="g_2"), grievance_id="g_2")

    assert now.without("g_2") is None
    left = now.without("g_1")
    assert left is not None
    assert left.heard == (heard(2, grievance_id="g_2"),)
    assert left.version == now.version + 1


def test_a_case_is_talked_about_in_a_bounded_number_of_conversations() -> None:
    talk = CaseTalk(began_in="cv_0", version=1)
    while talk.may_join(f"cv_{talk.version}"):
        talk = talk.joined_by(f"cv_{talk.version}")

    assert len(talk.joined) == 20
    assert talk.all == ("cv_0", *talk.joined)
    assert talk.may_join("cv_0")
    assert talk.may_join("cv_1")
