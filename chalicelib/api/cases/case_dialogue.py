"""What brands ask about a grievance, what its partner answers and grants, what both sides said."""

from chalicelib import errors
from chalicelib.api.alerting.dialogue_views import (
    ExtensionView,
    QuestionView,
    extension_view,
    question_view,
)
from chalicelib.api.audiences import LEAD, STAFF
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.cases.extension import NewDecision
from chalicelib.domain.cases.question import NewAnswer
from chalicelib.domain.cases.statement import Statement
from chalicelib.usecases.cases.ask_partner import answer_question as use_answer_question
from chalicelib.usecases.cases.extend_clock import decide_extension as use_decide_extension
from chalicelib.usecases.cases.extend_clock import list_case_extensions as use_list_case_extensions
from chalicelib.usecases.cases.read_statements import list_case_questions as use_list_case_questions
from chalicelib.usecases.cases.read_statements import (
    list_case_statements as use_list_case_statements,
)

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/statements",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[Statement]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_case_statements(call: Call) -> Reply:
    """List what brands, factories, the worker and your organisation have said, oldest first.

    Your notes are left out: a page may be shorter than `limit` and still have a next one.
    """
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[Statement],
        lambda limit, start: use_list_case_statements(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda statement: statement,
        f"/v1/grievances/{grievance_id}/statements",
    )


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/questions",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[QuestionView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_case_questions(call: Call) -> Reply:
    """List what brands have asked you, or the factory, about a grievance, with the answers.

    The newest comes first. What they ask the factory (`to`) is for it to answer.
    """
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[QuestionView],
        lambda limit, start: use_list_case_questions(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        question_view,
        f"/v1/grievances/{grievance_id}/questions",
    )


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/questions/{question_id}/answers",
    roles=STAFF,
    body=NewAnswer,
    replies={201: QuestionView},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"text": "September and October; it concerns both shifts."},
)
def answer_question(call: Call) -> Reply:
    """Answer a brand's question; that brand alone reads it."""
    question = use_answer_question(
        call.path["grievance_id"],
        call.path["question_id"],
        call.body,
        by=call.by,
        deps=call.deps,
    )
    return Reply(question_view(question), 201)


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/extensions",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[ExtensionView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_case_extensions(call: Call) -> Reply:
    """List the requests of brands for more time, newest first."""
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[ExtensionView],
        lambda limit, start: use_list_case_extensions(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        extension_view,
        f"/v1/grievances/{grievance_id}/extensions",
    )


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/extensions/{extension_id}/decision",
    roles=LEAD,
    body=NewDecision,
    replies={200: ExtensionView},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"granted": True, "reason": "The workers agree to wait for the audit."},
)
def decide_extension(call: Call) -> Reply:
    """Grant a brand more time, or refuse it.

    Granted, the clock is due so many days later, for every brand of the case. That it had run out
    before stays on record.
    """
    extension = use_decide_extension(
        call.path["grievance_id"],
        call.path["extension_id"],
        call.body,
        by=call.by,
        deps=call.deps,
    )
    return Reply(extension_view(extension))
