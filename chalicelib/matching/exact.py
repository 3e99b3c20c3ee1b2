"""Which factory is meant, by what is exactly equal: what is left where there is no usable index.

The registry keeps an entry for each key of a factory; the caller looks the reported keys up in one
batch and hands the findings in. An identifier, a confirmed spelling, or an equal name with a place
that agrees decide; anything else waits for a reviewer. An equal name alone is no proof: the same
name may stand at a site that the registry does not know.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chalicelib.domain.cases.facts import FactoryReported
from chalicelib.domain.factories.identifiers import IdentifierKind, compact, find_in
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.factories.resolution import Candidate, Decision
from chalicelib.domain.vocabulary import MatchMethod, Verdict

VERSION = "exact-2"
CONFIRMED = "confirmed"
"""Kind of the keys under which confirmed spellings are kept (`matching.judged`)."""
REFUSED = "refused"
"""Kind of the keys under which refused spellings are kept."""


class Key(NamedTuple):
    """A kind of exact key (`os_id`, `name`, `confirmed`, …) and its normalised value."""

    kind: str
    value: str


_PUNCTUATION = re.compile(r"[\W_]+")
_NAMES = frozenset({"name", "name_anywhere"})
_SCORES = {CONFIRMED: 0.99, "name": 0.97, "name_anywhere": 0.5}
_METHODS = {CONFIRMED: MatchMethod.ALIAS, **dict.fromkeys(_NAMES, MatchMethod.EXACT_NAME)}
_EVIDENCE = {
    CONFIRMED: "a reviewer has confirmed this spelling",
    "name": "same name, same country",
    "name_anywhere": "same name; the country was not given",
}


def normalise_name(name: str) -> str:
    """A name without case, width, punctuation and repeated blanks; its script is kept."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _PUNCTUATION.sub(" ", folded).strip()


def keys_of_factory(factory: Factory) -> list[Key]:
    """The keys under which the registry can be asked for this factory: its OS ID as it was
    disclosed, and what that is now."""
    names = {normalise_name(name) for name in (factory.name, *factory.aliases)} - {""}
    known = {Key(kind, compact(value)) for kind, value in factory.identifiers.items()}
    if factory.current_os_id:
        known.add(Key(IdentifierKind.OS_ID, factory.current_os_id))
    keys = sorted(known)
    for name in sorted(names):
        keys += [Key("name", f"{factory.country}|{name}"), Key("name_anywhere", name)]
    return keys


def without_stale(
    found: Mapping[Key, Iterable[str]], factories: Mapping[str, Factory]
) -> dict[Key, frozenset[str]]:
    """The findings of a look-up without factories that do not have the key any more.

    A factory is renamed in several writes, and a process may die between them: the key under which
    it was known before may be left over. A factory that cannot be read is not doubted, nor is what
    reviewers have said.
    """
    own = {factory_id: frozenset(keys_of_factory(f)) for factory_id, f in factories.items()}

    def has_it(key: Key, factory_id: str) -> bool:
        return key.kind in (CONFIRMED, REFUSED) or key in own.get(factory_id, (key,))

    return {key: frozenset(i for i in ids if has_it(key, i)) for key, ids in found.items()}


def with_names_of_merged(factories: Mapping[str, Factory]) -> dict[str, Factory]:
    """The factories, each known also by the names of those that are it by their OS IDs."""
    found = dict(factories)
    for factory in factories.values():
        if (heir := found.get(factory.merged_into or "")) is not None:
            aliases = (*heir.aliases, factory.name, *factory.aliases)
            found[heir.factory_id] = heir.model_copy(update={"aliases": aliases})
    return found


def keys_of_report(reported: FactoryReported) -> list[Key]:
    """The identifiers and names to look up for what a worker or an officer said."""
    texts = [*reported.identifiers, *(t for t in (reported.name, reported.address) if t)]
    keys = sorted({Key(i.kind, i.value) for text in texts for i in find_in(text)})
    if reported.name and (name := normalise_name(reported.name)):
        if reported.country:
            keys.append(Key("name", f"{reported.country}|{name}"))
        else:
            keys.append(Key("name_anywhere", name))
    return keys


def decide(
    reported: FactoryReported,
    found: Mapping[Key, Iterable[str]],
    factories: Mapping[str, Factory],
) -> Decision:
    """The decision for the findings of a look-up: key → ids of the factories that have it.

    `factories` holds those of them that can be read; one that cannot still counts as a rival.
    """
    known = {key: frozenset(ids) for key, ids in found.items()}
    refused = frozenset[str]().union(*(ids for key, ids in known.items() if key.kind == REFUSED))
    candidates = _candidates(known, refused)
    by_kind: dict[str, set[str]] = {}
    for key, ids in known.items():
        by_kind.setdefault(_family(key.kind), set()).update(ids - refused)
    identified, confirmed = by_kind.get("identifier", set()), by_kind.get(CONFIRMED, set())
    named = by_kind.get("name", set())
    if not candidates:
        return Decision(
            verdict=Verdict.UNMATCHED, candidates=(), reason="factory_unknown", version=VERSION
        )
    if len(identified) > 1:
        return _review(candidates, "identifiers_disagree")
    others = (confirmed or named) if identified else set()
    if others and not identified & others:
        return _review(candidates, "identifier_and_name_disagree")
    if identified and not others and _contradicts(reported, factories.get(min(identified))):
        return _review(candidates, "identifier_and_name_disagree")
    certain = identified or confirmed or named
    if len(certain) != 1:
        return _review(candidates, "factory_ambiguous")
    (factory_id,) = certain
    if not identified | confirmed and not _same_place(reported, factories.get(factory_id)):
        return _review(candidates, "not_certain")
    best = sorted(candidates, key=lambda candidate: candidate.factory_id != factory_id)
    return Decision(
        verdict=Verdict.MATCHED,
        candidates=tuple(best),
        reason="matched",
        version=VERSION,
        score=best[0].score,
    )


def _contradicts(reported: FactoryReported, factory: Factory | None) -> bool:
    """Whether a name was given that shares no word with any of the factory's."""
    if factory is None:
        return False
    given = set(normalise_name(reported.name or "").split())
    texts = (factory.name, *factory.aliases)
    return bool(given) and not any(given & set(normalise_name(text).split()) for text in texts)


def _same_place(reported: FactoryReported, factory: Factory | None) -> bool:
    """Whether a place was given and agrees: the city, or the address to the letter.

    A factory that cannot be read is left to whoever reads it next: that fails, and is seen to.
    """
    if factory is None:
        return True
    city, address = normalise_name(reported.city or ""), normalise_name(reported.address or "")
    own_city, own_address = (
        normalise_name(factory.city or ""),
        normalise_name(factory.address or ""),
    )
    if city:
        return city == own_city or f" {city} " in f" {own_address} "
    if not address:
        return False
    return address == own_address or (bool(own_city) and f" {own_city} " in f" {address} ")


def _review(candidates: tuple[Candidate, ...], reason: str) -> Decision:
    return Decision(
        verdict=Verdict.REVIEW,
        candidates=candidates,
        reason=reason,
        version=VERSION,
        score=candidates[0].score,
    )


def _family(kind: str) -> str:
    return kind if kind in _SCORES or kind == REFUSED else "identifier"


def _candidates(
    found: Mapping[Key, Iterable[str]], refused: frozenset[str]
) -> tuple[Candidate, ...]:
    best: dict[str, Candidate] = {}
    for key, ids in found.items():
        if key.kind == REFUSED:
            continue
        for factory_id in frozenset(ids) - refused:
            candidate = _candidate(key.kind, factory_id)
            known = best.get(factory_id)
            best[factory_id] = candidate if known is None else _joined(candidate, known)
    return tuple(sorted(best.values(), key=lambda c: (-c.score, c.factory_id))[:20])


def _candidate(kind: str, factory_id: str) -> Candidate:
    return Candidate(
        factory_id=factory_id,
        score=_SCORES.get(kind, 1.0),
        method=_METHODS.get(kind, MatchMethod.IDENTIFIER),
        evidence=(_EVIDENCE.get(kind, f"same {kind}"),),
    )


def _joined(one: Candidate, other: Candidate) -> Candidate:
    best = max(one, other, key=lambda c: c.score)
    evidence = tuple(dict.fromkeys([*best.evidence, *one.evidence, *other.evidence]))
    return best.model_copy(update={"evidence": evidence})
