"""What brands ask a factory, for its management: that alone, and nothing else."""

from chalicelib import errors
from chalicelib.api.alerting.dialogue_views import FactoryQuestion, factory_question
from chalicelib.api.audiences import MANAGEMENT
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.cases.question import NewFactoryAnswer
from chalicelib.usecases.alerting.answer_brand import answer_brand as use_answer_brand
from chalicelib.usecases.alerting.own_question import list_own_questions, own_question

audience = Audience(__name__, "Factories")
blueprint = audience.blueprint


@audience.route(
    "GET",
    "/v1/questions",
    roles=MANAGEMENT,
    query=Paging,
    replies={200: Listing[FactoryQuestion]},
    raises=[errors.InvalidCursor],
)
def list_questions(call: Call) -> Reply:
    """List what brands have asked your factory, newest first, with your answers.

    A question that may not be shown any more is left out: a page may be shorter than `limit` and
    still have a next one.
    """
    return list_reply(
        call,
        Listing[FactoryQuestion],
        lambda limit, start: list_own_questions(
            limit=limit, start=start, by=call.by, deps=call.deps
        ),
        factory_question,
        "/v1/questions",
    )


@audience.route(
    "GET",
    "/v1/questions/{question_id}",
    roles=MANAGEMENT,
    replies={200: FactoryQuestion},
    raises=[errors.NotFound],
)
def read_question(call: Call) -> Reply:
    """Read a question to your factory, with your answers."""
    found = own_question(call.path["question_id"], by=call.by, deps=call.deps)
    return Reply(factory_question(found))


@audience.route(
    "POST",
    "/v1/questions/{question_id}/answers",
    roles=MANAGEMENT,
    body=NewFactoryAnswer,
    replies={201: FactoryQuestion},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"text": "September was paid on 20 November, October is paid on 15 December."},
)
def answer_brand(call: Call) -> Reply:
    """Answer a question to your factory: the brand that asks reads it, and who brought the case.

    A brand that asks about an issue is no reason to ask around who spoke: that is retaliation, and
    is recorded as such.
    """
    answered = use_answer_brand(call.path["question_id"], call.body, by=call.by, deps=call.deps)
    return Reply(factory_question(answered), 201)
