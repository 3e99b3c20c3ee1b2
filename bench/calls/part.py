"""The part of the bench that counts calls and capacity units."""

from collections.abc import Sequence

from bench.calls import document, expected
from bench.calls.scenarios import QUIET_CASES, groups, measured
from bench.calls.world import Measured
from bench.report import Part, Sheet, shortly

_MOST_CALLS = {
    # one write of the grievance, and one that counts it against its partner's quota (ADR 20)
    **dict.fromkeys(("intake.partner_ref", "intake.idempotency_key"), 2),
    **dict.fromkeys(("read.one", "read.page_of_50"), 1),
}


def calls_part(*, accept: bool, only: Sequence[str] = (), quiet_cases: int = QUIET_CASES) -> Part:
    """Run every scenario and compare it with the stored figures.

    `accept` stores what was counted as the figures to expect, and in the docs.
    `only` names the groups to run; what is stored of the others stays. KeyError for a name that
    is none.
    """
    every = groups(quiet_cases)
    counted = [one for name in only or every for one in measured(every[name])]
    found = expected.figures(counted)
    if accept:
        accepted = {**expected.read(), **found} if only else found
        expected.write(accepted)
        document.write(accepted)
    return Part(
        name="calls",
        data=dict(found),
        sheets=[_sheet(counted)],
        notes=[f"tick.quiet.full is over {quiet_cases:,} cases of which none is due."]
        if "tick.quiet.full" in found
        else [],
        failures=[*expected.differences(found, expected.read()), *missed_targets(found)],
    )


def missed_targets(found: expected.Figures) -> list[str]:
    """What takes more calls than it may; a quiet tick whose cost depends on the table."""
    missed = [
        f"{name} takes {found[name]['calls']} AWS calls instead of {most}"
        for name, most in _MOST_CALLS.items()
        if name in found and found[name]["calls"] > most
    ]
    if found.get("tick.quiet.empty") != found.get("tick.quiet.full"):
        missed.append("a quiet tick costs more over many cases than over none")
    return missed


def _sheet(counted: Sequence[Measured]) -> Sheet:
    headings = ("what", "cases", "calls", "RRU", "WRU", "calls a case", "RRU", "WRU", "operations")
    title = "AWS calls and DynamoDB read and write request units"
    return Sheet(title, headings, [_row(one) for one in counted], texts=["operations"])


def _row(one: Measured) -> list[str]:
    name, cases, cost = one
    each = [shortly(n / cases) for n in (cost.calls, cost.read_units, cost.write_units)]
    totals = [shortly(n) for n in (cost.calls, cost.read_units, cost.write_units)]
    operations = ", ".join(f"{n} {op.split('.')[1]}" for op, n in cost.operations.items())
    return [name, str(cases), *totals, *each, operations]
