"""A partner hears it where a factory that it used to hear of falls silent."""

from datetime import UTC, datetime

from tests.service import Service
from tests.usecases.alerting.test_raise_coalitions import COUNTED, worker
from tests.usecases.stories import covered, submitted, walked

MONTHS = [datetime(2026, month, 10, 8, tzinfo=UTC) for month in range(2, 9)]


def files(service: Service, key: str, partner: str = "ngo-1") -> None:
    facts = {"consent": COUNTED, "worker": worker(1)}
    submitted(service.partner(partner), key, **facts)


def months_pass(service: Service, counts: list[int], partner: str = "ngo-1") -> None:
    """So many filings in each month from February on; then its first days."""
    for month, count in zip(MONTHS, counts, strict=False):
        service.clock.now = month
        for number in range(count):
            files(service, f"{month.month}-{number}", partner)
        ticks(service)


def ticks(service: Service) -> None:
    """The cases are checked, and the night's notes worked off."""
    service.tick()
    service.clock.forward(days=1)
    service.tick()


def silences(service: Service, partner: str = "ngo-1") -> list[dict[str, object]]:
    return walked(service.partner(partner), "/v1/signals?kind=silence")


def test_it_hears_of_it_once_when_the_silent_month_is_over(service: Service) -> None:
    factory_id = covered(service)
    months_pass(service, [6, 6, 6, 6, 6, 6])
    files(service, "another's", "ngo-2")
    service.clock.now = datetime(2026, 8, 31, 23, 0, tzinfo=UTC)
    ticks(service)

    (signal,) = silences(service)

    assert {k: v for k, v in signal.items() if k != "signal_id"} == {
        "grievance_id": None,
        "public_ref": None,
        "factory_id": factory_id,
        "category": None,
        "kind": "silence",
        "clock": None,
        "level": None,
        "due_at": "2026-09-01T00:00:00.000Z",
        "at": "2026-09-01T00:00:00.000Z",
    }
    assert silences(service, "ngo-2") == []
    assert service.received_alerts() == []

    files(service, "late")
    ticks(service)
    ticks(service)
    assert silences(service) == [signal]


def test_small_numbers_and_steady_ones_say_nothing(service: Service) -> None:
    covered(service)
    months_pass(service, [1, 1, 1, 1, 1, 1], "small")
    months_pass(service, [5, 6, 5, 6, 5, 6, 5], "steady")
    service.clock.now = datetime(2026, 9, 1, 0, 1, tzinfo=UTC)
    ticks(service)

    assert silences(service, "small") == silences(service, "steady") == []


def test_a_factory_that_nobody_files_about_any_more_is_forgotten(service: Service) -> None:
    covered(service)
    months_pass(service, [2])
    for month in range(3, 11):
        service.clock.now = datetime(2026, month, 1, 0, 1, tzinfo=UTC)
        ticks(service)

    notes = [i["case_id"] for i in service.all_items() if i["sk"] == "WATCH"]
    assert [note for note in notes if "#signals#" in note] == []
