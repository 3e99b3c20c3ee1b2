"""Remember what a reviewer said about a spelling, so that it acts on every later report."""

from chalicelib.deps import Deps
from chalicelib.domain.cases.facts import FactoryReported
from chalicelib.domain.factories.judgement import Judgement, judgement_id_for
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.vocabulary import JudgementVerdict
from chalicelib.errors import NotFound
from chalicelib.matching.exact import CONFIRMED, REFUSED, Key


def judge_spelling(
    reported: FactoryReported,
    factory: Factory,
    verdict: JudgementVerdict,
    *,
    organisation: str,
    deps: Deps,
) -> None:
    """Keep a judgement and let it act at once, also on what waits; the next index has it in it.

    The judgement comes before its key: nothing acts that nobody can see and take back. A report
    that does not tell one factory from others (no word of its own, or no country where a factory
    was confirmed) is no spelling to remember. Raises Unavailable.
    """
    # The matcher's tables cost a cold start: only the request that needs them pays.
    from chalicelib.matching.judged import confirmed_key, is_a_name, refused_key

    same = verdict is JudgementVerdict.SAME
    if not is_a_name(reported) or (same and not reported.country):
        return
    key = confirmed_key(reported) if same else refused_key(reported)
    now = deps.now()
    judgement = Judgement(
        judgement_id=judgement_id_for(verdict, key.value, factory.factory_id),
        verdict=verdict,
        factory_id=factory.factory_id,
        reported=reported,
        spelling_key=key.value,
        judged_by=organisation,
        judged_at=now,
    )
    deps.registry.save_judgement(judgement)
    deps.registry.add_keys(factory.factory_id, [key])
    deps.registry.note_judgements(now)
    if same and reported.country:
        deps.work.watch_country(reported.country, now)


def take_judgement_back(judgement_id: str, *, deps: Deps) -> None:
    """Delete a judgement; it stops acting first. Raises NotFound."""
    judgement = deps.registry.judgement(judgement_id)
    if judgement is None:
        raise NotFound()
    kind = CONFIRMED if judgement.verdict is JudgementVerdict.SAME else REFUSED
    deps.registry.remove_keys(judgement.factory_id, [Key(kind, judgement.spelling_key)])
    deps.registry.delete_judgement(judgement_id)
    deps.registry.note_judgements(deps.now())
