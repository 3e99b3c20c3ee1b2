"""What the long jobs take: reading a list, writing an export."""

import csv
import io
from collections.abc import Iterator

from bench.calls.population import BRAND, register, settled_cases
from bench.calls.world import Measured, World
from bench.events import AUDITOR, OPERATOR

LIST_ROWS = 100
EXPORT_ROWS = 1000


def importing(service: World) -> Iterator[Measured]:
    """A new list of a brand, and the same list again."""
    register(service)
    yield _imported(service, "import.new_rows")
    yield _imported(service, "import.same_rows_again")


def _imported(service: World, name: str) -> Measured:
    query = {"brand_id": BRAND, "disclosed_at": "2026-10-01", "source": "acme-list"}
    service.ask(
        "POST",
        "/v1/imports",
        by=OPERATOR,
        body=disclosure(LIST_ROWS),
        headers={"Content-Type": "text/csv"},
        query=query,
    )
    return service.measured(name, LIST_ROWS, service.drain)


def disclosure(rows: int) -> str:
    """A list as brands publish them, in CSV."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["Factory Name", "Address", "City", "Country", "Workers"])
    for number in range(rows):
        name, street = f"Evergreen Garment Works {number}", f"{number} Industry Road"
        writer.writerow([name, street, "Dhaka", "Bangladesh", 200 + number])
    return written.getvalue()


def exporting(service: World) -> Iterator[Measured]:
    """One day's cases as CSV."""
    settled_cases(service, EXPORT_ROWS)
    service.let_in(AUDITOR["role"], AUDITOR["organisation"])
    period = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
    service.ask("POST", "/v1/exports", by=AUDITOR, body={"format": "csv", **period})
    yield service.measured("export.1000_rows", EXPORT_ROWS, service.drain)
