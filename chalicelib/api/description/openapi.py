"""The API's description, OpenAPI 3.1, from the declared routes and their models.

`openapi.json` beside this file is what GET /openapi.json serves. `python -m infra.openapi` writes
it; a test says that it is what this code generates.
"""

import json
from collections.abc import Sequence
from typing import Any

from chalicelib.api.description.limit_headers import SHARED_HEADERS
from chalicelib.api.description.operations import described
from chalicelib.api.description.problems import shared_examples, shared_responses
from chalicelib.api.description.schemas import Schemas
from chalicelib.api.endpoint import OPERATIONS, Operation
from chalicelib.api.problems import Problem
from chalicelib.domain.admission.key_text import KEY_PATTERN

VERSION = "0.1.0"

_ABOUT = """\
Helplines of labour NGOs file workers' grievances here; the brands that source from the factory are
told, as far as the worker's consent allows; auditors can prove it.

**Keys.** Send yours as `Authorization: Bearer <key>`. What a key may do is written at each route.

**Errors** are problem documents (RFC 9457) with a stable `code`, a `detail` that says what to do
now, and `errors` with the path of each field that is wrong. A value you sent is never repeated.

**Bodies** are JSON objects in UTF-8. Unknown fields, duplicate keys, numbers as text and whole
numbers with a decimal point are refused. Text is kept exactly as it was sent; control characters
and bidirectional overrides are refused.

**Times** are UTC, RFC 3339, to the millisecond. **Lists** come in pages: follow `next_cursor` or
the `Link` header. **Changes** need the `ETag` of what you have read as `If-Match`.

**Limits** count by key and, for new grievances, by organisation. Every answer to a key says how
much is left (`RateLimit`). Over a limit it is 429 with `Retry-After`: nothing was done, and the
same request works later.

Ignore fields of replies that you do not know.
"""

_TAGS = {
    "Public": "For anybody, without a key.",
    "Partners": "For NGOs and unions: grievances from intake to the ledger.",
    "Identity": "For partners and the data-protection officer: who a worker is, and erasing it.",
    "Brands": "For brands: the alerts addressed to them.",
    "Factories": "For the management of factories: what brands ask it, and nothing else.",
    "Scorecards": "What brands did about what they were told: for them, and later for anybody.",
    "Standard answers": "For helplines: what every officer says, approved, and which calls got it.",
    "Auditors": "For auditors: exports.",
    "Ledger": "The signed heads of the record, and what proves them: for anybody, and auditors.",
    "Oversight": "For data-protection officers: how many people's data crossed a border.",
    "Operations": "For operators: whether the service does its work, and what to try again.",
    "Registry": "For operators: brands, factories, who sources where. Partners may read it.",
    "Access": "For operators and, within their own house, supervisors: who is let in.",
    "Channels": "For the carriers of workers' messages and calls: their signature is the key.",
    "Lines": "For supervisors: through which numbers, accounts and forms workers reach a helpline.",
    "Page": "This description as a page, with its files.",
}


def text() -> str:
    """The document as it is committed and served."""
    return json.dumps(document(OPERATIONS), indent=1, ensure_ascii=False) + "\n"


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document for some routes."""
    schemas = Schemas(operations)
    paths: dict[str, Any] = {}
    for operation in sorted(operations, key=lambda o: (o.path, o.method)):
        path = paths.setdefault(operation.path, {})
        path[operation.method.lower()] = described(operation, schemas)
    used = {operation.tag for operation in operations}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "handshake",
            "version": VERSION,
            "summary": "Grievance intake and brand alerts for labour helplines.",
            "description": _ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": ".", "description": "Where this document was read from."}],
        "tags": [{"name": n, "description": t} for n, t in _TAGS.items() if n in used],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": shared_responses(schemas.reply(Problem)),
            "headers": SHARED_HEADERS,
            "examples": shared_examples(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"A key that was issued to you: `{KEY_PATTERN}`.",
                }
            },
        },
    }
