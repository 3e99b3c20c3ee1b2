"""Which factory is meant, by what is exactly equal: identifiers, names, confirmed aliases.

The registry keeps an entry for each key of a factory; the caller looks the reported keys up in one
batch and hands the findings in. An equal name is proof only where it is the only one of its country
and no identifier says otherwise.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chalicelib.domain.facts import FactoryReported
from chalicelib.domain.identifiers import find_in
from chalicelib.domain.registry import Factory
from chalicelib.domain.resolution import Candidate, Decision
from chalicelib.domain.vocabulary import MatchMethod, Verdict

VERSION = "exact-1"


class Key(NamedTuple):
    """A kind of exact key (`os_id`, `name`, `alias`, …) and its normalised value."""

    kind: str
    value: str


_PUNCTUATION = re.compile(r"[\W_]+")
_SCORES = {"alias": 0.99, "name": 0.97, "name_anywhere": 0.5}
_METHODS = {"alias": MatchMethod.ALIAS, "name": MatchMethod.EXACT_NAME}
_EVIDENCE = {
    "alias": "a reviewer has confirmed this spelling before",
    "name": "same name, same country",
    "name_anywhere": "same name; the country was not given",
}


def normalise_name(name: str) -> str:
    """A name without case, width, punctuation and repeated blanks; its script is kept."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _PUNCTUATION.sub(" ", folded).strip()


def keys_of_factory(factory: Factory) -> list[Key]:
    """The keys under which the registry can be asked for this factory."""
    names = {normalise_name(name) for name in (factory.name, *factory.aliases)} - {""}
    keys = [Key(kind, value) for kind, value in sorted(factory.identifiers.items())]
    for name in sorted(names):
        keys += [Key("name", f"{factory.country}|{name}"), Key("name_anywhere", name)]
    return keys


def keys_of_report(reported: FactoryReported) -> list[Key]:
    """The keys to look up for what a worker or an officer said."""
    texts = [*reported.identifiers, *(t for t in (reported.name, reported.address) if t)]
    found = {Key(i.kind, i.value) for text in texts for i in find_in(text)}
    keys = sorted(found)
    if reported.name and (name := normalise_name(reported.name)):
        if reported.country:
            keys += [
                alias_key(reported.country, reported.name),
                Key("name", f"{reported.country}|{name}"),
            ]
        else:
            keys.append(Key("name_anywhere", name))
    return keys


def alias_key(country: str, name: str) -> Key:
    """The key of a spelling that a reviewer has confirmed for a country."""
    return Key("alias", f"{country}|{normalise_name(name)}")


def decide(found: Mapping[Key, Iterable[str]]) -> Decision:
    """The decision for the findings of a look-up: key → ids of the factories that have it."""
    by_kind: dict[str, set[str]] = {}
    for key, ids in found.items():
        by_kind.setdefault(_family(key.kind), set()).update(ids)
    candidates = _candidates(found)
    if not candidates:
        return Decision(
            verdict=Verdict.UNMATCHED, candidates=(), reason="factory_unknown", version=VERSION
        )
    identified = by_kind.get("identifier", set())
    if len(identified) > 1:
        return _review(candidates, "identifiers_disagree")
    named = by_kind.get("alias") or by_kind.get("name", set())
    if identified and named and not identified & named:
        return _review(candidates, "identifier_and_name_disagree")
    certain = identified or named
    if len(certain) != 1:
        return _review(candidates, "factory_ambiguous")
    return Decision(
        verdict=Verdict.MATCHED, candidates=candidates, reason="matched", version=VERSION
    )


def _review(candidates: tuple[Candidate, ...], reason: str) -> Decision:
    return Decision(verdict=Verdict.REVIEW, candidates=candidates, reason=reason, version=VERSION)


def _family(kind: str) -> str:
    return kind if kind in _SCORES else "identifier"


def _candidates(found: Mapping[Key, Iterable[str]]) -> tuple[Candidate, ...]:
    best: dict[str, Candidate] = {}
    for key, ids in found.items():
        for factory_id in ids:
            candidate = _candidate(key.kind, factory_id)
            known = best.get(factory_id)
            best[factory_id] = candidate if known is None else _joined(candidate, known)
    return tuple(sorted(best.values(), key=lambda c: (-c.score, c.factory_id))[:20])


def _candidate(kind: str, factory_id: str) -> Candidate:
    return Candidate(
        factory_id=factory_id,
        score=_SCORES.get(kind, 1.0),
        method=_METHODS.get(
            kind, MatchMethod.EXACT_NAME if kind in _SCORES else MatchMethod.IDENTIFIER
        ),
        evidence=(_EVIDENCE.get(kind, f"same {kind}"),),
    )


def _joined(one: Candidate, other: Candidate) -> Candidate:
    best = max(one, other, key=lambda c: c.score)
    evidence = tuple(dict.fromkeys([*best.evidence, *one.evidence, *other.evidence]))
    return best.model_copy(update={"evidence": evidence})
