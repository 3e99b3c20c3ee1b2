"""Who may do what, and with whose data: every role on every route, against a table by hand.

A route without a row here fails, and so does a row without a route.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

import app
from chalicelib.api.endpoint import OPERATIONS, Operation
from chalicelib.domain.admission.key_text import key_text
from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.service import Caller, Service
from tests.usecases.stories import alerted, covered, refusal, submitted

# Columns: intake, supervisor, brand, factory, auditor, dpo, operator: `y` may, `-` may not.
# `public` stands for a route that asks nobody for a key.
#
# Then what who may gets, with everything that the route asks for: by who it belongs to or made it,
# by somebody else of the same house, by another house, and where it is not there; on the routes of
# a case also by who it belongs to, once its texts were erased. `+` stands for one of the two
# hundreds; `*` for whatever (the route knows no such thing). A role that gets something else than
# the others has a group of its own (`i=`).
TABLE = """
                                                                       i s b f a d o  own/same/other/absent/erased
GET    /health                                                         public
GET    /docs                                                           public
GET    /docs/{asset}                                                   public
GET    /openapi.json                                                   public
GET    /v1/taxonomy                                                    public
GET    /v1/rules-of-procedure                                              public
GET    /v1/receipts                                                    public
GET    /v1/ledger/heads                                                public
GET    /v1/ledger/key                                                  public
GET    /v1/brands/{brand_id}/scorecards/{quarter}                      public
GET    /v1/schemas/alert                                               public
GET    /v1/schemas/digest                                              public
POST   /v1/channels/twilio/{line_id}                                   public
POST   /v1/channels/twilio/{line_id}/status                            public
POST   /v1/channels/voice/{line_id}                                    public
POST   /v1/channels/voice/{line_id}/language                           public
POST   /v1/channels/voice/{line_id}/consent                            public
POST   /v1/channels/voice/{line_id}/recording                          public
POST   /v1/channels/voice/{line_id}/recorded                           public
POST   /v1/channels/voice/{line_id}/receipt                            public
POST   /v1/channels/qq/{line_id}                                       public
GET    /v1/channels/wechat/{line_id}                                   public
POST   /v1/channels/wechat/{line_id}                                   public
POST   /v1/channels/rapidpro/{line_id}                                 public
POST   /v1/channels/kobo/{line_id}                                     public
GET    /v1/ledger/heads/{tree_size}/leaves                             - - - - y - -  +/+/+/404
POST   /v1/grievances                                                  y y - - - - -  +/+/+/*
POST   /v1/grievance-imports                                           y y - - - - -  +/+/+/*
GET    /v1/grievance-imports                                           y y - - - - -  +/+/+/*
GET    /v1/grievance-imports/{grievance_import_id}                     y y - - - - -  +/+/404/404
GET    /v1/grievance-import-template                                   public
GET    /v1/grievances                                                  y y - - - - -  +/+/+/*
GET    /v1/grievances/{grievance_id}                                   y y - - - - -  +/+/404/404/+
PATCH  /v1/grievances/{grievance_id}                                   y y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/transitions                       y y - - - - -  +/+/404/404/+ i=403/403/404/404/403
PUT    /v1/grievances/{grievance_id}/remedy                            - y - - - - -  +/+/404/404/+
PUT    /v1/grievances/{grievance_id}/consent                           y y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/proposals/{proposal_id}/confirmation - y - - - - -  403/+/404/404/404
DELETE /v1/grievances/{grievance_id}/proposals/{proposal_id}           - y - - - - -  +/+/404/404/404
POST   /v1/grievances/{grievance_id}/check-ins                         y y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/messages                          y y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/consent-questions                 y y - - - - -  409/409/404/404/409
GET    /v1/grievances/{grievance_id}/messages                          y y - - - - -  +/+/404/404/+
GET    /v1/grievances/{grievance_id}/prepared-message                  y y - - - - -  +/+/404/404/+
GET    /v1/grievances/{grievance_id}/history                           y y - - - - -  +/+/404/404/+
GET    /v1/grievances/{grievance_id}/alerts                            y y - - - - -  +/+/404/404/+
GET    /v1/grievances/{grievance_id}/plans                             y y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/plans/{remediation_plan_id}/acceptance - y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/plans/{remediation_plan_id}/return - y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/plans/{remediation_plan_id}/actions/{action_number}/verification - y - - - - -  409/409/404/404/409
GET    /v1/grievances/{grievance_id}/statements                        y y - - - - -  +/+/404/404/+
GET    /v1/grievances/{grievance_id}/questions                         y y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/questions/{question_id}/answers   y y - - - - -  +/+/404/404/+
GET    /v1/grievances/{grievance_id}/extensions                        y y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/extensions/{extension_id}/decision - y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/attachments                       y y - - - - -  +/+/404/404/409
GET    /v1/grievances/{grievance_id}/attachments                       y y - - - - -  +/+/404/404/+
GET    /v1/grievances/{grievance_id}/attachments/{attachment_id}       y y - - - - -  +/+/404/404/404
DELETE /v1/grievances/{grievance_id}/attachments/{attachment_id}       - y - - - - -  +/+/404/404/404
POST   /v1/grievances/{grievance_id}/factory                           - y - - - - -  409/409/404/404/409
POST   /v1/grievances/{grievance_id}/refused-factories                 - y - - - - -  409/409/404/404/409
PUT    /v1/grievances/{grievance_id}/identity                          y y - - - - -  +/+/404/404/410
POST   /v1/grievances/{grievance_id}/identity/openings                 y y - - - y -  +/+/404/404/410 d=+/+/+/404/410
POST   /v1/grievances/{grievance_id}/identity/hand-overs               - y - - - - -  409/409/404/404/410
GET    /v1/grievances/{grievance_id}/identity/hand-overs               y y - - - - -  +/+/404/404/+
GET    /v1/grievances/{grievance_id}/same-person                       y y - - - - -  +/+/404/404/+
POST   /v1/grievances/{grievance_id}/erasure-requests                  - y - - - - -  +/+/404/404/409
POST   /v1/grievances/{grievance_id}/erasure                           - - - - - y -  +/+/+/404/+
PUT    /v1/grievances/{grievance_id}/retention-hold                    - - - - - y -  +/+/+/404/+
DELETE /v1/grievances/{grievance_id}/retention-hold                    - - - - - y -  +/+/+/404/+
GET    /v1/erasure-requests                                            - - - - - y -  +/+/+/*
GET    /v1/retention/preview                                           y y - - - y -  +/+/+/*
GET    /v1/retention/plans                                             - - - - - y y  +/+/+/*
GET    /v1/retention/plans/{plan_id}/cases                             y y - - - y -  +/+/+/404
GET    /v1/review-queue                                                y y - - - - -  +/+/+/*
GET    /v1/signals                                                     y y - - - - -  +/+/+/*
GET    /v1/alerts                                                      - - y - - - -  +/+/+/*
GET    /v1/alerts/{alert_id}                                           - - y - - - -  +/+/404/404/+
POST   /v1/alerts/{alert_id}/acknowledgement                           - - y - - - -  +/+/404/404/+
POST   /v1/alerts/{alert_id}/replies                                   - - y - - - -  +/+/404/404/+
POST   /v1/alerts/{alert_id}/plans                                     - - y - - - -  +/+/404/404/+
GET    /v1/alerts/{alert_id}/plans                                     - - y - - - -  +/+/404/404/+
POST   /v1/alerts/{alert_id}/plans/{remediation_plan_id}/actions/{action_number}/completion - - y - - - -  409/409/404/404/409
POST   /v1/alerts/{alert_id}/questions                                 - - y - - - -  +/+/404/404/+
GET    /v1/alerts/{alert_id}/questions                                 - - y - - - -  +/+/404/404/+
GET    /v1/alerts/{alert_id}/statements                                - - y - - - -  +/+/404/404/+
POST   /v1/alerts/{alert_id}/extensions                                - - y - - - -  +/+/404/404/+
GET    /v1/alerts/{alert_id}/extensions                                - - y - - - -  +/+/404/404/+
POST   /v1/alerts/{alert_id}/redeliver                                 - - - - - - y  +/+/+/404/+
GET    /v1/questions                                                   - - - y - - -  +/+/+/*
GET    /v1/questions/{question_id}                                     - - - y - - -  +/+/404/404
POST   /v1/questions/{question_id}/answers                             - - - y - - -  +/+/404/404
GET    /v1/scorecards/{quarter}                                        - - y - - - -  +/+/+/409
PUT    /v1/scorecards/{quarter}/statements                             - - y - - - -  +/+/+/409
POST   /v1/subscriptions                                               - - y - - - -  +/+/+/*
GET    /v1/subscriptions                                               - - y - - - -  +/+/+/*
POST   /v1/subscriptions/dry-run                                       - - y - - - -  +/+/+/*
GET    /v1/subscriptions/{subscription_id}                             - - y - - - -  +/+/404/404
DELETE /v1/subscriptions/{subscription_id}                             - - y - - - -  +/+/404/404
GET    /v1/deliveries                                                  - - y - - - -  +/+/+/*
POST   /v1/test-alerts                                                 - - y - - - -  +/+/+/*
POST   /v1/exports                                                     - - - - y - -  +/+/+/*
GET    /v1/exports                                                     - - - - y - -  +/+/+/*
GET    /v1/exports/{export_id}                                         - - - - y - -  +/+/404/404
GET    /v1/operations                                                  - - - - - - y  +/+/+/*
GET    /v1/quarantine                                                  - - - - - - y  +/+/+/*
POST   /v1/quarantine/retry                                            - - - - - - y  +/+/+/*
POST   /v1/redeliveries                                                - - - - - - y  +/+/+/*
GET    /v1/redeliveries                                                - - - - - - y  +/+/+/*
GET    /v1/redeliveries/{redelivery_id}                                - - - - - - y  +/+/+/404
POST   /v1/reconciliations                                             - - - - - - y  +/+/+/*
GET    /v1/reconciliations                                             - - - - - - y  +/+/+/*
GET    /v1/reconciliations/{reconciliation_id}                         - - - - - - y  +/+/+/404
GET    /v1/brands                                                      y y - - - - y  +/+/+/*
GET    /v1/brands/{brand_id}                                           y y - - - - y  +/+/+/404
PUT    /v1/brands/{brand_id}                                           - - - - - - y  +/+/+/+
DELETE /v1/brands/{brand_id}                                           - - - - - - y  409/409/409/404
GET    /v1/factories                                                   y y - - - - y  +/+/+/*
GET    /v1/factories/{factory_id}                                      y y - - - - y  +/+/+/404
POST   /v1/factories                                                   - - - - - - y  +/+/+/*
PUT    /v1/factories/{factory_id}                                      - - - - - - y  +/+/+/404
DELETE /v1/factories/{factory_id}                                      - - - - - - y  409/409/409/404
GET    /v1/factories/{factory_id}/links                                y y - - - - y  +/+/+/404
GET    /v1/factories/{factory_id}/links/{brand_id}                     y y - - - - y  +/+/+/404
PUT    /v1/factories/{factory_id}/links/{brand_id}                     - - - - - - y  +/+/+/404
DELETE /v1/factories/{factory_id}/links/{brand_id}                     - - - - - - y  +/+/+/404
GET    /v1/links                                                       y y - - - - y  +/+/+/*
GET    /v1/os-id-merges                                                y y - - - - y  +/+/+/*
GET    /v1/os-id-merges/{os_id}                                        y y - - - - y  +/+/+/404
PUT    /v1/os-id-merges/{os_id}                                        - - - - - - y  +/+/+/+
DELETE /v1/os-id-merges/{os_id}                                        - - - - - - y  +/+/+/404
GET    /v1/judgements                                                  - - - - - - y  +/+/+/*
DELETE /v1/judgements/{judgement_id}                                   - - - - - - y  +/+/+/404
POST   /v1/imports                                                     - - - - - - y  +/+/+/*
GET    /v1/imports                                                     - - - - - - y  +/+/+/*
GET    /v1/imports/{import_id}                                         - - - - - - y  +/+/+/404
POST   /v1/answer-drafts                                               - y - - - - -  +/+/+/*
GET    /v1/answer-drafts                                               - y - - - - -  +/+/+/*
GET    /v1/answer-drafts/{draft_id}                                    - y - - - - -  +/+/+/404
DELETE /v1/answer-drafts/{draft_id}                                    - y - - - - -  +/+/+/404
POST   /v1/answer-drafts/{draft_id}/approval                           - y - - - - -  403/+/+/404
GET    /v1/answers                                                     y y - - - - y  +/+/+/*
POST   /v1/answers/suggestions                                         y y - - - - -  +/+/+/*
GET    /v1/answers/{answer_id}                                         y y - - - - y  +/+/+/404
GET    /v1/answers/{answer_id}/versions                                y y - - - - y  +/+/+/404
GET    /v1/answers/{answer_id}/versions/{answer_version}               y y - - - - y  +/+/+/404
GET    /v1/answers/{answer_id}/versions/{answer_version}/given         y y - - - - -  +/+/+/404
POST   /v1/calls                                                       y y - - - - -  +/+/+/*
GET    /v1/calls                                                       y y - - - - -  +/+/+/*
GET    /v1/call-statistics                                             y y - - - - -  +/+/+/*
PUT    /v1/organisations/{organisation_id}                             - - - - - - y  +/+/+/+
GET    /v1/organisations                                               - - - - - - y  +/+/+/*
GET    /v1/organisations/{organisation_id}                             - - - - - - y  +/+/+/404
DELETE /v1/organisations/{organisation_id}                             - - - - - - y  +/+/+/404
POST   /v1/organisations/{organisation_id}/reinstatement               - - - - - - y  +/+/+/404
POST   /v1/organisations/{organisation_id}/users                       - y - - - - y  +/+/404/404 o=+/+/+/404
GET    /v1/organisations/{organisation_id}/users                       - y - - - - y  +/+/404/404 o=+/+/+/404
DELETE /v1/organisations/{organisation_id}/users/{user_id}             - y - - - - y  +/+/404/404 o=+/+/+/404
POST   /v1/organisations/{organisation_id}/keys                        - y - - - - y  +/+/404/404 o=403/403/403/404
GET    /v1/organisations/{organisation_id}/keys                        - y - - - - y  +/+/404/404 o=+/+/+/404
DELETE /v1/organisations/{organisation_id}/keys/{key_id}               - y - - - - y  +/+/404/404 o=+/+/+/404
POST   /v1/organisations/{organisation_id}/keys/{key_id}/rotations     - y - - - - y  +/+/404/404 o=403/403/403/404
POST   /v1/organisations/{organisation_id}/engagements                 - - - - - - y  +/+/+/404
GET    /v1/organisations/{organisation_id}/engagements                 - - y - y - y  +/+/404/404 o=+/+/+/+
GET    /v1/organisations/{organisation_id}/engagements/{engagement_id} - - y - y - y  +/+/404/404 o=+/+/+/404
DELETE /v1/organisations/{organisation_id}/engagements/{engagement_id} - - - - - - y  +/+/+/404
GET    /v1/border-crossings                                            - - - - - y -  +/+/+/*
GET    /v1/access-log                                                  - - - - - - y  +/+/+/*
POST   /v1/key-proposals                                               - - - - - - y  +/+/404/*
GET    /v1/key-proposals                                               - - - - - - y  +/+/+/*
POST   /v1/key-proposals/{key_proposal_id}/confirmation                - - - - - - y  403/+/+/404
DELETE /v1/key-proposals/{key_proposal_id}                             - - - - - - y  +/+/+/404
POST   /v1/lines                                                       - y - - - - -  +/+/+/*
GET    /v1/lines                                                       - y - - - - y  +/+/+/*
GET    /v1/lines/{line_id}                                             - y - - - - y  +/+/404/404 o=+/+/+/404
PATCH  /v1/lines/{line_id}                                             - y - - - - -  +/+/404/404
DELETE /v1/lines/{line_id}                                             - y - - - - y  +/+/404/404 o=+/+/+/404
PUT    /v1/lines/{line_id}/secrets                                     - y - - - - -  +/+/404/404
POST   /v1/factories/{factory_id}/poster-codes                         - y - - - - y  +/+/+/404
GET    /v1/factories/{factory_id}/poster-codes                         - y - - - - y  +/+/+/404
DELETE /v1/poster-codes/{poster_code}                                  - y - - - - y  +/+/404/404 o=+/+/+/404
"""  # noqa: E501
ROLES = (
    Role.PARTNER_INTAKE,
    Role.PARTNER_SUPERVISOR,
    Role.BRAND,
    Role.FACTORY,
    Role.AUDITOR,
    Role.DPO,
    Role.OPERATOR,
)
PUBLIC = None

ABSENT = {
    "grievance_id": "g_" + "0" * 26,
    "attachment_id": "at_" + "0" * 26,
    "alert_id": "a_" + "0" * 26 + "_" + "0" * 26,
    "factory_id": "f_" + "0" * 26,
    "brand_id": "nobody",
    "os_id": "CN2017011B0RQ8Z",
    "export_id": "x_" + "0" * 26,
    "import_id": "i_" + "0" * 26,
    "grievance_import_id": "gi_" + "0" * 26,
    "redelivery_id": "r_" + "0" * 26,
    "reconciliation_id": "rc_" + "0" * 26,
    "judgement_id": "j_" + "0" * 26,
    "organisation_id": "nowhere",
    "user_id": "u_" + "0" * 26,
    "key_id": "k_" + "0" * 26,
    "engagement_id": "e_" + "0" * 26,
    "key_proposal_id": "p_" + "0" * 26,
    "proposal_id": "p_" + "0" * 26,
    "remediation_plan_id": "rp_" + "0" * 26,
    "question_id": "q_" + "0" * 26,
    "extension_id": "ex_" + "0" * 26,
    "action_number": "1",
    "plan_id": "2026-11-22.default.identity",
    "answer_id": "sa_" + "0" * 26,
    "draft_id": "ad_" + "0" * 26,
    "answer_version": "1",
    "quarter": "2098-Q4",
    "subscription_id": "00000000-0000-0000-0000-000000000000",
    "asset": "nothing.txt",
    "line_id": "ln_" + "0" * 26,
    "tree_size": "1",
    "poster_code": "00000000",
}


LETTERS = dict(zip("isbfado", ROLES, strict=True))
OWN, SAME, OTHER, NOT_THERE, ERASED = OWNERSHIPS = ("own", "same", "other", "absent", "erased")


class Row(NamedTuple):
    """Who may use a route, and what they get."""

    may: dict[Role, bool]
    gets: dict[Role, dict[str, str]]


def rows() -> Iterator[tuple[tuple[str, str], Row | None]]:
    """(method, path) → who may and what they get; None where nobody is asked."""
    for line in TABLE.strip().splitlines()[1:]:
        method, path, *cells = line.split()
        if cells == ["public"]:
            yield (method, path), PUBLIC
            continue
        letters, groups = cells[:7], cells[7:]
        assert set(letters) <= {"y", "-"}, line
        may = dict(zip(ROLES, (c == "y" for c in letters), strict=True))
        yield (method, path), Row(may, dict(_gets(may, groups)))


def _gets(may: dict[Role, bool], groups: list[str]) -> Iterator[tuple[Role, dict[str, str]]]:
    common, *special = groups
    own_groups = {LETTERS[group[0]]: group[2:] for group in special}
    for role in (role for role in ROLES if may[role]):
        cells = own_groups.get(role, common).split("/")
        erased = [] if len(cells) == len(OWNERSHIPS) else ["*"]  # no case's route
        yield role, dict(zip(OWNERSHIPS, [*cells, *erased], strict=True))


EXPECTED = dict(rows())


def asked(caller: Caller, operation: Operation, **ids: str) -> Answer:
    """The route with ids that are not there (or those given) and an empty body."""
    path = operation.path.format(**{**ABSENT, **ids})
    body = b"" if operation.method in ("GET", "DELETE") else b"{}"
    headers = {"content-type": operation.body_types[0]}
    return caller.send(operation.method, path, body or None, headers)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert app.app is not None
    assert sorted(EXPECTED) == sorted((o.method, o.path) for o in OPERATIONS)
    assert set(ROLES) == set(Role)


def test_every_route_of_a_case_says_what_it_does_to_an_erased_one() -> None:
    for (method, path), row in EXPECTED.items():
        of_a_case = "{grievance_id}" in path or "{alert_id}" in path
        for gets in () if row is PUBLIC else row.gets.values():
            assert (gets[ERASED] != "*") is of_a_case, (method, path)


def test_every_mounted_route_is_a_declared_one() -> None:
    """Nothing is reachable that the table does not know."""
    mounted = {(method, path) for path, methods in app.app.routes.items() for method in methods}
    assert mounted == set(EXPECTED)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_the_table_gives_it_and_nothing_else(
    service: Service, role: Role
) -> None:
    caller = service.caller(role, "some-organisation")
    for operation in OPERATIONS:
        allowed = EXPECTED[operation.method, operation.path]
        answer = asked(caller, operation)
        route = f"{role} {operation.method} {operation.path}"
        if allowed is PUBLIC or allowed.may[role]:
            assert answer.status not in (401, 403), route
            assert answer.status < 500, route
        else:
            assert refusal(answer) == (403, "forbidden"), route
    assert service.all_items() == []


GOOD = key_text("5a" * 24)
UNKNOWN = key_text("5b" * 24)
MISTYPED = UNKNOWN[:-1] + ("0" if UNKNOWN[-1] != "0" else "1")
BAD_KEYS: list[str | None] = [
    None,
    "",
    "Bearer",
    "Bearer ",
    f"Bearer {UNKNOWN}",
    f"Basic {GOOD}",
    GOOD,
    f"Bearer {GOOD.removeprefix('hsk_')}",
    f"Bearer {GOOD.swapcase()}",
    f"Bearer {MISTYPED}",
    "Bearer hsk_" + "x" * 300,
    "Bearer hsk_\u0661",
]


def test_without_a_good_key_only_public_routes_answer(service: Service) -> None:
    service.caller(Role.OPERATOR, "operations", token=GOOD)
    nobody = service.public()
    for number, header in enumerate(BAD_KEYS):
        headers = {} if header is None else {"authorization": header}
        for operation in OPERATIONS if header is None else OPERATIONS[number::12]:
            answer = nobody.send(operation.method, operation.path.format(**ABSENT), None, headers)
            route = f"{operation.method} {operation.path} {header}"
            if EXPECTED[operation.method, operation.path] is PUBLIC:
                assert answer.status in (200, 404, 415), route  # 415: a post without a body
            else:
                assert refusal(answer) == (401, "unauthenticated"), route
                assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "ended",
    [{"revoked_at": "2026-11-22T07:59:59Z"}, {"expires_at": "2026-11-22T08:00:00Z"}],
    ids=["revoked", "expired"],
)
def test_a_key_that_was_revoked_or_has_expired_opens_nothing(
    service: Service, ended: dict[str, Any]
) -> None:
    partner = service.caller(Role.PARTNER_SUPERVISOR, "handshake-gz", **ended)

    assert refusal(partner.get("/v1/grievances")) == (401, "unauthenticated")


def test_api_gateway_keeps_no_answer_of_the_authorizer() -> None:
    """Otherwise a revoked key would go on opening for as long (ADR 11)."""
    assert [handler.ttl_seconds for handler in app.app.builtin_auth_handlers] == [0]


def test_a_refusal_says_nothing_about_what_is_there(service: Service) -> None:
    """The role is looked at before the path, the body and the store."""
    covered(service)
    grievance_id = alerted(service, service.partner())
    operator = service.operator()

    for path in (f"/v1/grievances/{grievance_id}", f"/v1/grievances/{ABSENT['grievance_id']}"):
        answers = [operator.get(path), operator.patch(path, b"not json")]
        assert {refusal(answer) for answer in answers} == {(403, "forbidden")}
        assert len({answer.body for answer in answers}) == 1


# Whose data


@dataclass(frozen=True)
class World:
    """Two partners, two brands, two auditors, each with something of their own."""

    grievance_id: str
    alert_id: str
    export_id: str


@pytest.fixture
def world(service: Service) -> World:
    covered(service, "acme")
    partner = service.partner("handshake-gz")
    grievance_id = alerted(service, partner, worker={"name": "Somebody"})
    alert_id = service.brand_desk("acme").get("/v1/alerts").json()["items"][0]["alert_id"]
    period = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
    export_id = service.auditor().post("/v1/exports", period).json()["export_id"]
    service.drain()
    return World(grievance_id, alert_id, export_id)


def test_lists_hold_what_is_ones_own(service: Service, world: World) -> None:
    other = service.partner("other-ngo")
    theirs = submitted(other, "theirs", factory_reported={"name": "Nobody", "country": "CN"})
    service.tick()

    def items(caller: Caller, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = caller.get(path).json()["items"]
        return found

    partner = service.partner("handshake-gz")
    assert [row["grievance_id"] for row in items(partner, "/v1/grievances")] == [world.grievance_id]
    assert [row["grievance_id"] for row in items(other, "/v1/grievances")] == [theirs]
    assert items(partner, "/v1/review-queue") == []
    assert [row["grievance_id"] for row in items(other, "/v1/review-queue")] == [theirs]
    assert [row["alert_id"] for row in items(service.brand_desk("acme"), "/v1/alerts")] == [
        world.alert_id
    ]
    assert items(service.brand_desk("bolt"), "/v1/alerts") == []
    assert [row["export_id"] for row in items(service.auditor(), "/v1/exports")] == [
        world.export_id
    ]
    assert items(service.caller(Role.AUDITOR, "other-house"), "/v1/exports") == []


def test_an_organisations_name_is_no_way_into_another_role(service: Service, world: World) -> None:
    """A brand, a partner and an auditor of one name share nothing."""
    for role, path in (
        (Role.BRAND, "/v1/alerts"),
        (Role.AUDITOR, "/v1/exports"),
        (Role.PARTNER_SUPERVISOR, "/v1/grievances"),
    ):
        for name in ("handshake-gz", "acme", "audit-house", "operator"):
            own = {Role.BRAND: "acme", Role.AUDITOR: "audit-house"}.get(role, "handshake-gz")
            items = service.caller(role, name).get(path).json()["items"]
            assert (len(items) == 1) == (name == own), (role, name)


def test_an_import_is_the_operators_and_no_export_by_another_path(
    service: Service, world: World
) -> None:
    operator = service.operator()
    as_import = "i_" + world.export_id[2:]

    assert refusal(operator.get(f"/v1/imports/{as_import}")) == (404, "not_found")
    assert refusal(operator.get(f"/v1/imports/{world.export_id}")) == (404, "not_found")
