"""When several partners' cases are a coalition: played through with a seed, and at its borders."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.alerting.coalition import (
    Coalition,
    Heard,
    Member,
    counts_differently,
    heard,
    is_enough,
    lapsed,
    next_round,
    of_category,
    told,
    write_coalition_alert,
)
from chalicelib.domain.alerting.escrow import Filed
from chalicelib.domain.cases.consent import Detail
from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.rules import COALITION
from chalicelib.domain.vocabulary import Category, ConsentLevel, IdentityState
from tests.domain.values import AT, FACTORY_ID, brand, case, commitment, factory, link

PAY, HOURS = Category.COMPENSATION, Category.WORKING_TIME
COALITION_ID = "c_" + "0123456789abcdefghjkmnpqrs"
SEED = random.SystemRandom().randrange(1 << 32)


def filed(worker: str, partner: str) -> Filed:
    return Filed(f"g_{partner}_{worker}", partner, frozenset({PAY}), frozenset({worker}))


def filings(*partners: str) -> list[Filed]:
    return [filed(f"w{number}", partner) for number, partner in enumerate(partners)]


FIVE = filings("a", "a", "a", "b", "b")


@pytest.mark.parametrize(
    ("filings", "enough"),
    [
        (FIVE, True),
        (FIVE[:4], False),
        (filings("a", "a", "a", "a", "b"), False),
        (filings("a", "b", "c", "d", "e"), False),
        (filings("a", "a", "b", "b", "c"), True),
        (filings(*["a"] * 50), False),
        ([*filings(*["a"] * 50), filed("x", "b")], False),
        ([*FIVE[:4], filed("w0", "b")], False),
        ([filed("w", partner) for partner in "abcdefgh"], False),
        ([*FIVE[:4], Filed("g_x", "b", frozenset({PAY}), frozenset({"w3", "w9"}))], False),
        ([], False),
    ],
    ids=[
        "five of two partners",
        "four",
        "of the other partner only one",
        "of each partner only one",
        "of a third partner one more",
        "one partner, however many",
        "one partner, and one worker who called another",
        "one worker called both",
        "one worker called all of them",
        "one worker has two numbers",
        "nobody",
    ],
)
def test_who_is_enough(filings: list[Filed], enough: bool) -> None:
    assert is_enough(filings) is enough
    assert is_enough(filings[::-1]) is enough


# Played through


def _by_brute_force(filings: list[Filed]) -> bool:
    """The same, told apart anew: each hash is one worker's, as the players have one each."""
    workers = {next(iter(each.worker)) for each in filings}
    of_each = {p: {next(iter(f.worker)) for f in filings if f.partner_id == p} for p in "abcde"}
    several = [p for p, hers in of_each.items() if len(hers) >= COALITION.workers_each]
    return len(workers) >= COALITION.workers and len(several) >= COALITION.partners


def test_whatever_is_filed_it_fires_exactly_where_the_rule_says_so() -> None:
    rng = random.Random(SEED)
    fired = 0
    for _ in range(2_000):
        said = [
            filed(f"w{rng.randrange(8)}", rng.choice("abcde"[: rng.randint(1, 5)]))
            for _ in range(rng.randrange(14))
        ]
        assert is_enough(said) == _by_brute_force(said), f"seed {SEED}: {said}"
        fired += is_enough(said)
    assert 200 < fired < 1_900, f"seed {SEED}"


@pytest.mark.parametrize("strays", [0, 1])
def test_one_partner_never_makes_it_whatever_it_invents(strays: int) -> None:
    """It may invent workers, and give one worker's number of its own many cases; of the workers of
    others it knows none, and so few of them as call another partner by themselves are no help."""
    rng = random.Random(SEED)
    for _ in range(500):
        invented = [filed(f"w{rng.randrange(300)}", "a") for _ in range(rng.randrange(200))]
        others = [filed(f"x{n}", "b") for n in range(strays)]
        assert not is_enough([*invented, *others]), f"seed {SEED}"


def test_more_filings_never_unmake_it_unless_they_show_two_workers_to_be_one() -> None:
    rng = random.Random(SEED)
    for _ in range(300):
        said = [filed(f"w{rng.randrange(9)}", rng.choice("abc")) for _ in range(12)]
        for end in range(len(said)):
            if is_enough(said[:end]):
                assert is_enough(said), f"seed {SEED}: {said}"


# What a brand hears of it


def member(each: Filed, detail: Detail = Detail.FACTORY, **changes: Any) -> Member:
    return Member(each, AT, "2026-09-01", "2026-09-30", detail)._replace(**changes)


def test_the_factory_is_named_only_where_those_who_agreed_are_enough() -> None:
    named = [member(each) for each in FIVE]
    one_less = [*named[:4], member(FIVE[4], Detail.COUNTED)]
    more = [*named, *(member(filed(f"y{n}", "c"), Detail.COUNTED) for n in range(9))]

    assert heard(named, link()) == Heard(ConsentLevel.C3, 5)
    assert heard(one_less, link()) == Heard(ConsentLevel.C1, 5)
    assert heard(more, link()) == Heard(ConsentLevel.C3, 5)
    assert heard(named[:4], link()) is None


def test_only_what_happened_while_the_brand_sourced_there_counts() -> None:
    members = [member(each) for each in FIVE]
    late = link(valid_from="2026-10-01")

    assert heard(members, late) is None
    ongoing = [each._replace(incident_to="ongoing") for each in members]
    assert heard(ongoing, late) == Heard(ConsentLevel.C3, 5)


def test_only_what_is_of_the_category_and_new_enough_counts() -> None:
    since = AT - COALITION.within
    old = member(FIVE[0], received_at=since)
    new = member(FIVE[0], received_at=since + timedelta(milliseconds=1))

    assert of_category([old, new], PAY, since) == [new]
    assert of_category([old, new], HOURS, since) == []


def alert(number: int = 1, level: ConsentLevel = ConsentLevel.C1, workers: int = 5) -> Alert:
    return write_coalition_alert(
        COALITION_ID, number, PAY, brand(), factory(), link(valid_from="2026-01-01"),
        Heard(level, workers), desk_url="https://desk", at=AT,
    )  # fmt: skip


def test_how_many_is_a_band_and_how_bad_follows_from_the_category() -> None:
    assert {alert(workers=n).payload.workers_band for n in range(5, 11)} == {"2-10"}
    assert alert(workers=11).payload.workers_band == "11-50"
    assert alert().payload.severity == "S3"


def test_an_unnamed_one_says_nothing_of_the_factory_nor_of_the_link() -> None:
    known = alert().payload
    unknown = write_coalition_alert(
        COALITION_ID, 1, PAY, brand(), factory(), link(),
        Heard(ConsentLevel.C1, 5), desk_url="https://desk", at=AT,
    ).payload  # fmt: skip

    assert known == unknown
    assert known.factory is None
    assert FACTORY_ID not in known.model_dump_json()


# Its life


def raised(at: Any = AT, known: Coalition | None = None) -> Coalition:
    number = next_round(known, at)
    return told(
        known, COALITION_ID, factory(), PAY, [alert(number)], [], at=at, commit=commitment
    ).coalition


def test_rounds_follow_each_other_and_each_step_is_on_record() -> None:
    first = raised()
    again = raised(AT + timedelta(days=1), first)
    over = AT + COALITION.within
    second = raised(over, first)

    assert (first.round, again.round, second.round) == (1, 1, 2)
    assert (again.raised_at, second.raised_at) == (AT, over)
    assert first.public_ref == again.public_ref != second.public_ref
    assert second.version == 2
    lapse = lapsed(second, over)
    assert first_bad_entry([first.first_entry]) is None
    assert lapse.entry.prev_hash == second.ledger_hash


@pytest.mark.parametrize(
    ("make", "stands"),
    [
        (lambda: (raised(), alert()), True),
        (lambda: (raised(), alert(2)), False),
        (lambda: (lapsed(raised(), AT).coalition, alert()), False),
        (lambda: (raised().model_copy(update={"alerted_brands": ()}), alert()), False),
    ],
    ids=["as raised", "of another round", "lapsed", "written ahead of a raise that never came"],
)
def test_which_of_its_alerts_go_out(
    make: Callable[[], tuple[Coalition, Alert]], stands: bool
) -> None:
    coalition, its_alert = make()
    assert coalition.still_stands(its_alert) is stands


# Which changes of a case are looked at

KNOWN: dict[str, Any] = {"factory_id": FACTORY_ID, "identity": IdentityState.HELD}
C1 = {"consent": Consent(level=ConsentLevel.C1, script_version="s")}
C0 = {"consent": Consent()}


@pytest.mark.parametrize(
    ("before", "after", "about"),
    [
        ({}, KNOWN, [FACTORY_ID]),
        (KNOWN, {**KNOWN, "identity": IdentityState.ERASED}, [FACTORY_ID]),
        (KNOWN, {**KNOWN, **C0}, [FACTORY_ID]),
        (KNOWN, {**KNOWN, **C1}, [FACTORY_ID]),
        (KNOWN, {**KNOWN, "incident_from": "2026-01"}, [FACTORY_ID]),
        (KNOWN, {**KNOWN, "factory_id": "f_other"}, [FACTORY_ID, "f_other"]),
        (KNOWN, {**KNOWN, "version": 9}, []),
        ({}, {"version": 9}, []),
    ],
)
def test_a_factory_is_looked_at_where_a_case_counts_otherwise(
    before: dict[str, Any], after: dict[str, Any], about: list[str]
) -> None:
    assert counts_differently(case(**before), case(**after)) == about
