"""More alerts than a test would want to bring about one by one: one case with its alert, copied."""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from chalicelib.store.clients import client
from tests.service import Service


def copied(service: Service, case_id: str, times: int) -> None:
    """Write the case's head, alerts and plans again, under other ids."""
    table = service.deps.settings.cases_table
    rows = client("dynamodb").query(
        TableName=table,
        KeyConditionExpression="case_id = :case",
        ExpressionAttributeValues={":case": {"S": case_id}},
    )["Items"]
    kept = [row for row in rows if row["sk"]["S"].startswith(("CASE", "ALERT#", "PLAN#"))]
    written = iter(_under_other_ids(kept, case_id, times))
    while batch := list(islice(written, 25)):
        puts = [{"PutRequest": {"Item": item}} for item in batch]
        client("dynamodb").batch_write_item(RequestItems={table: puts})


def _under_other_ids(rows: Any, case_id: str, times: int) -> Iterable[Any]:
    said, digits = json.dumps(rows), case_id[2:]
    for number in range(times):
        yield from json.loads(said.replace(digits, f"{number:0{len(digits)}d}"))
