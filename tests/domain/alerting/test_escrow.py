"""When a case comes out of escrow: enough others, told apart, of more than one partner."""

from typing import Any

import pytest

from chalicelib.domain.alerting.escrow import Filed, is_joined, standing, to_be_looked_at, waits
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import IN_ESCROW
from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.vocabulary import (
    Category,
    ConsentLevel,
    IdentityState,
    IntakeType,
    Outcome,
    Routing,
    State,
)
from tests.domain.values import FACTORY_ID, case

PAY, HOURS = Category.COMPENSATION, Category.WORKING_TIME
HERS = {"hers"}


def agreed(level: ConsentLevel) -> Consent:
    return Consent(level=level, script_version="helpline-zh-3")


def filed(worker: str | set[str], partner: str = "ngo-1", *categories: Category) -> Filed:
    hashes = {worker} if isinstance(worker, str) else worker
    name = f"g_{partner}_{'_'.join(sorted(hashes))}"
    return Filed(name, partner, frozenset(categories or (PAY,)), frozenset(hashes))


def others(*partners: str) -> list[Filed]:
    return [filed(f"w{number}", partner) for number, partner in enumerate(partners)]


FIVE = others("ngo-1", "ngo-1", "ngo-1", "ngo-1", "ngo-2")


def in_escrow(*categories: Category, **progress: Any) -> Case:
    facts = {"consent": agreed(ConsentLevel.X), "categories": categories or (PAY,)}
    held = {
        "routing": Routing.HELD,
        "routing_reason": IN_ESCROW,
        "state": State.ADMISSIBLE,
        "factory_id": FACTORY_ID,
    }
    return case(facts, **{**held, **progress})


@pytest.mark.parametrize(
    ("filings", "joined"),
    [
        (FIVE, True),
        (FIVE[1:], False),
        (others(*["ngo-1"] * 20), False),
        ([*FIVE[1:], filed("w1", "ngo-3")], False),
        ([*FIVE[1:], filed({"w1", "w9"}, "ngo-3")], False),
        ([*FIVE[1:], filed("hers", "ngo-3")], False),
        ([*FIVE[1:], filed(set(), "ngo-3")], False),
        ([*FIVE[1:], filed("w9", "ngo-3", HOURS)], False),
        ([*FIVE[1:], filed("w9", "ngo-3", HOURS, PAY)], True),
        ([*FIVE, filed({"w0", "w1"}, "ngo-1")], False),
        ([filed("w1", f"ngo-{number}") for number in range(9)], False),
        ([], False),
    ],
    ids=[
        "five of two partners",
        "one too few",
        "one partner, however many",
        "the same worker again",
        "the same worker under another number as well",
        "she herself",
        "somebody without a name",
        "another category",
        "among other categories",
        "two numbers that turn out to be one worker's",
        "one worker at many partners",
        "nobody",
    ],
)
def test_enough_others_have_filed_the_same(filings: list[Filed], joined: bool) -> None:
    assert is_joined(in_escrow(), HERS, filings) is joined
    assert is_joined(in_escrow(), HERS, filings[::-1]) is joined


def test_each_of_the_categories_must_be_common() -> None:
    both = [filed(f"w{n}", f"ngo-{n % 2}", PAY, HOURS) for n in range(5)]
    assert not is_joined(in_escrow(PAY, HOURS), HERS, FIVE)
    assert is_joined(in_escrow(PAY, HOURS), HERS, both)


def test_without_a_name_any_of_the_others_may_be_her() -> None:
    assert not is_joined(in_escrow(), (), FIVE)
    assert not is_joined(in_escrow(), (), [*FIVE, filed("w9", "ngo-1")])  # all but w4 of ngo-1
    assert is_joined(in_escrow(), (), [*FIVE, filed("w9", "ngo-2")])


def test_a_case_is_nobodys_other_for_itself() -> None:
    own = filed("w9", "ngo-3")._replace(case_id=in_escrow().grievance_id)
    assert not is_joined(in_escrow(), HERS, [*FIVE[1:], own])


KNOWN: dict[str, Any] = {"factory_id": FACTORY_ID, "identity": IdentityState.HELD}


@pytest.mark.parametrize(
    ("level", "progress", "counts"),
    [
        ("C0", {}, False),
        ("C1", {}, True),
        ("C3", {}, True),
        ("X", {}, True),
        ("C3", {"factory_id": None}, False),
        ("C3", {"identity": None}, False),
        ("C3", {"identity": IdentityState.ERASED}, False),
        ("C3", {"state": State.INADMISSIBLE}, False),
        ("C3", {"state": State.CLOSED, "outcome": Outcome.WITHDRAWN}, False),
        ("C3", {"state": State.CLOSED, "outcome": Outcome.RESOLVED}, True),
        ("C3", {"intake_type": IntakeType.ENQUIRY}, False),
    ],
)
def test_who_counts(level: str, progress: dict[str, Any], counts: bool) -> None:
    given = case({"consent": agreed(ConsentLevel(level))} if level != "C0" else {
        "consent": Consent()
    }, **{**KNOWN, **progress})  # fmt: skip
    assert (standing(given) is not None) is counts


@pytest.mark.parametrize(
    "progress",
    [
        {"routing": Routing.NEEDS_REVIEW},
        {"routing_reason": "cross_border_consent_missing"},
        {"escrow_released_at": case().received_at},
        {"factory_id": None},
    ],
)
def test_only_what_is_held_for_others_waits(progress: dict[str, Any]) -> None:
    assert waits(in_escrow())
    assert not waits(in_escrow(**progress))


def test_a_change_that_may_open_an_escrow_is_noticed() -> None:
    anonymous = case({}, factory_id=FACTORY_ID)
    known = case({}, **KNOWN)
    elsewhere = case({}, **{**KNOWN, "factory_id": "f_other"})

    assert to_be_looked_at(anonymous, known) == FACTORY_ID
    assert to_be_looked_at(elsewhere, known) == FACTORY_ID
    assert to_be_looked_at(known, known) is None
    assert to_be_looked_at(known, anonymous) is None
    assert to_be_looked_at(anonymous, in_escrow()) == FACTORY_ID
    assert to_be_looked_at(in_escrow(), in_escrow()) is None
    assert to_be_looked_at(in_escrow(PAY, HOURS), in_escrow(PAY)) == FACTORY_ID
