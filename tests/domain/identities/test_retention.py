"""Which rule is next for a case that has ended, and whether it may act."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import rules
from chalicelib.domain.cases.case import Case, Hold, RetentionHold
from chalicelib.domain.identities.erasure import erased, is_erased
from chalicelib.domain.identities.retention import Outlook, next_scheduled, outlook, plan_id_for
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.vocabulary import (
    ErasureScope,
    HoldReason,
    IdentityState,
    Outcome,
    State,
)
from tests.domain.values import AT, case

DAY = timedelta(days=1)
ENDED: dict[str, Any] = {
    "state": State.CLOSED,
    "identity": IdentityState.HELD,
    "outcome": Outcome.SETTLED,
}


def ended(law: str | None = None, **progress: Any) -> Case:
    return case({"jurisdiction": law}, **{**ENDED, **progress})


@pytest.mark.parametrize(
    ("law", "outcome", "rule", "days"),
    [
        (None, Outcome.SETTLED, "default.identity", 90),
        (None, Outcome.WITHDRAWN, "default.identity", 30),
        ("CN", Outcome.SETTLED, "cn.identity", 60),
        ("CN", Outcome.WITHDRAWN, "cn.identity", 30),
        ("DE", Outcome.SETTLED, "default.identity", 90),
        ("ZZ", None, "default.identity", 90),
    ],
)
def test_the_identity_goes_first(law: str, outcome: Outcome, rule: str, days: int) -> None:
    scheduled = next_scheduled(ended(law, outcome=outcome), AT)

    assert scheduled is not None
    assert (scheduled.rule_id, scheduled.due_at) == (rule, AT + days * DAY)


@pytest.mark.parametrize(("law", "rule"), [("DE", "de.texts"), ("CN", "default.texts")])
def test_then_the_texts_after_three_years_and_then_nothing(law: str, rule: str) -> None:
    after = ended(law, identity=IdentityState.ERASED)
    during = next_scheduled(ended(law), AT, done=ErasureScope.IDENTITY)
    scheduled = next_scheduled(after, AT)

    assert scheduled is not None
    assert scheduled == during
    assert (scheduled.rule_id, scheduled.due_at) == (rule, AT + 3 * 365 * DAY)
    assert next_scheduled(after, AT, done=ErasureScope.TEXTS) is None
    assert next_scheduled(after.model_copy(update={"texts_erased_at": AT}), AT) is None


def test_a_case_that_never_had_an_identity_waits_for_its_texts_only() -> None:
    scheduled = next_scheduled(ended(identity=None), AT)

    assert scheduled is not None
    assert scheduled.erases is ErasureScope.TEXTS


def test_nothing_is_scheduled_for_an_open_case() -> None:
    assert next_scheduled(ended(state=State.INVESTIGATING), AT) is None


def test_identities_stay_at_least_as_long_as_a_case_can_be_reopened() -> None:
    every = [rules.retention_rules(law) for law in (None, *rules.RETENTION_BY_JURISDICTION)]
    for rule in (rule for found in every for rule in found):
        for withdrawn in (True, False):
            assert rule.period(withdrawn=withdrawn) >= rules.REOPEN_WINDOW
        assert plan_id_for(rule.rule_id, AT) == f"2026-11-22.{rule.rule_id}"


def test_what_would_be_done_depends_on_state_hold_and_what_is_left() -> None:
    scheduled = next_scheduled(ended(), AT)
    assert scheduled is not None
    hold = RetentionHold(reason=HoldReason.INVESTIGATION, since=AT)
    assert outlook(ended(), scheduled) is Outlook.ERASE
    assert outlook(ended(retention_hold=hold), scheduled) is Outlook.HELD
    assert outlook(ended(state=State.REOPENED), scheduled) is Outlook.DROPPED
    assert outlook(ended(identity=IdentityState.ERASED), scheduled) is Outlook.DROPPED
    assert outlook(ended(identity=None), scheduled) is Outlook.DROPPED


def test_an_erasure_of_texts_leaves_codes_and_takes_words() -> None:
    hold = Hold(reason="Words.", until=AT, held_from=State.FINDINGS)
    before = case({"narrative": "Words.", "summary": "Words."}, hold=hold, version=1)

    after, entry = erased(before, ErasureScope.TEXTS, by="x", at=AT, why={"scope": "texts"})

    assert "Words." not in after.model_dump_json()
    assert after.hold is not None
    assert after.hold.held_from is State.FINDINGS
    assert (entry.action, entry.data) == (Action.TEXTS_ERASED, {"scope": "texts"})
    assert is_erased(after, ErasureScope.TEXTS)
    assert is_erased(after, ErasureScope.IDENTITY)
    assert not is_erased(before, ErasureScope.IDENTITY)


def test_an_erasure_of_the_identity_leaves_what_was_said() -> None:
    before = case({"narrative": "Words."})
    after, entry = erased(before, ErasureScope.IDENTITY, by="x", at=AT, why={})

    assert after.narrative == "Words."
    assert entry.action is Action.IDENTITY_ERASED
    assert not is_erased(after, ErasureScope.TEXTS)
