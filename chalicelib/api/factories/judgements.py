"""What reviewers have said about spellings: to be seen, and taken back where it was wrong."""

from chalicelib import errors
from chalicelib.api.audiences import OPERATOR
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.factories.judgement import Judgement
from chalicelib.usecases.factories.judge_spelling import take_judgement_back

audience = Audience(__name__, "Registry")
blueprint = audience.blueprint


@audience.route(
    "GET",
    "/v1/judgements",
    roles=OPERATOR,
    query=Paging,
    replies={200: Listing[Judgement]},
    raises=[errors.InvalidCursor],
)
def list_judgements(call: Call) -> Reply:
    """List what reviewers have said about spellings: which factory is meant, which is not."""
    return list_reply(
        call,
        Listing[Judgement],
        call.deps.registry.list_judgements,
        lambda judgement: judgement,
        "/v1/judgements",
    )


@audience.route(
    "DELETE",
    "/v1/judgements/{judgement_id}",
    roles=OPERATOR,
    replies={204: ""},
    raises=[errors.NotFound],
)
def delete_judgement(call: Call) -> Reply:
    """Take a judgement back that was wrong. Cases that were routed by it stay as they are."""
    take_judgement_back(call.path["judgement_id"], deps=call.deps)
    return Reply(status=204)
