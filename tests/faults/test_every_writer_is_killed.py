"""R1 is about every use case that writes: one that no scenario kills is found here.

The functions that write are read from the code of the use cases; those that are killed are seen on
the stack when a scenario writes.
"""

import pytest

from infra.local.gateway import Gateway
from tests.conftest import empty_aws
from tests.faults.scenarios import SCENARIOS
from tests.faults.writers import Function, noted_writers, writers
from tests.service import Service

SPARED: dict[Function, str] = {
    ("apply_retention", "_failed"): "puts off a case whose erasure failed; killed, it stays due",
    ("enforce_deadlines", "_alert_rows"): "writes only what does not fit into one transaction",
    ("enforce_deadlines", "_partners_told"): "writes only what does not fit into one transaction",
    ("enforce_deadlines", "_put_off"): "puts off a case that failed; killed, it stays due",
    ("erase", "_erase_if_back"): "a run of restored backups, which begins anew at the next one",
    ("recall_alerts", "recall_rows"): "writes only what does not fit into one transaction",
    ("run_export", "_rows"): "the progress of an export, every thirty days of its period",
    ("work_due", "_postponed"): "puts off work that failed; killed, it stays due",
}
"""What writes in a rare branch only, and why a kill there loses nothing."""


@pytest.fixture(scope="module")
def killed(_aws: None, gateway: Gateway) -> set[Function]:
    """The functions that are at work when a scenario writes, without anybody being killed."""
    seen: set[Function] = set()
    for scenario in SCENARIOS:
        empty_aws()
        service = Service.start(gateway)
        world = scenario.prepare(service)
        with noted_writers(seen):
            scenario.act(service, world)
    return seen


def test_every_function_that_writes_is_at_work_in_a_scenario(killed: set[Function]) -> None:
    missing = writers() - killed - SPARED.keys()
    assert not missing, f"no scenario of tests/faults/scenarios kills {sorted(missing)}"


def test_nothing_is_spared_that_is_killed_or_gone(killed: set[Function]) -> None:
    assert SPARED.keys() <= writers() - killed


def test_the_writers_are_found_in_the_code() -> None:
    """A positive control: one of each way to write, and some that only read."""
    found = writers()
    assert {
        ("submit_grievance", "_submitted"),
        ("acknowledge_alert", "acknowledge_alert"),
        ("check_grievances", "check_grievances"),
        ("publish_alerts", "_published"),
        ("keep_brands", "put_brand"),
        ("run_export", "run_export"),
        ("seal_ledger", "seal_ledger"),
    } <= found
    assert not [name for _, name in found if name.startswith(("list_", "preview_"))]
