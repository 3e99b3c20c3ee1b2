"""One query in, one decision out. This is the door of the room."""

from collections.abc import Sequence
from typing import Final

from .decision import query_vetoes, ranked_by_facility, same_name_and_place, vetoes
from .identifiers import QueryIdentifiers, identifiers_in
from .index import Index
from .model import Model, shipped_model
from .overlay import Overlay, alias_key
from .pairs import FEATURES, Asked, pair_features
from .reasons import pair_reasons, reason
from .records import Candidate, Decision, Query, Reason, Status
from .search import Found, find
from .standing import standing_features
from .uniqueness import uniqueness

SHOWN: Final = 10  # candidates a supervisor gets to see, at most
_NAME_AGREES: Final = 0.05  # pair score from which a name does not contradict an identifier
_SAME_NAME: Final = 0.97  # score of an equal name with its place, as without an index

Ranked = list[tuple[Found, float]]


class Matcher:
    """Answers which factory is meant, from one index file and what is newer than it.

    Reading only: one matcher serves a container for as long as its index is current.
    """

    def __init__(
        self, index: Index, overlay: Overlay | None = None, model: Model | None = None
    ) -> None:
        self._index = index
        self._overlay = overlay or Overlay()
        self._model = model or shipped_model()

    def match(self, query: Query) -> Decision:
        """Decide about a query; any text is answered, none raises."""
        identifiers = identifiers_in(query.identifiers, (query.name, query.address, query.city))
        asked, found = find(self._indexes(), query, self._overlay.hidden)
        named = self._facilities_of(identifiers)
        found += self._missing(asked, found, self._wanted(query, named))
        ranked = self._ranked(found)
        named &= {one.entry.facility_id for one in found}
        if named:
            return self._by_identifier(query, asked, ranked, named)
        if not ranked:
            codes = ["identifier_broken"] if identifiers.broken else []
            return self._decision(
                Status.UNMATCHED, None, 0.0, "none", [*codes, "factory_unknown"], ()
            )
        return self._by_name(query, identifiers, asked, ranked)

    def _indexes(self) -> tuple[Index, ...]:
        newer = self._overlay.index
        return (self._index, newer) if newer else (self._index,)

    def _facilities_of(self, identifiers: QueryIdentifiers) -> frozenset[str]:
        """The facilities that the query's identifiers belong to, newer records first."""
        found = set()
        for identifier in identifiers.valid:
            newer = self._overlay.index and self._overlay.index.facility_of(identifier)
            older = self._index.facility_of(identifier)
            if newer:
                found.add(newer)
            elif older and older not in self._overlay.hidden:
                found.add(older)
        return frozenset(found)

    def _wanted(self, query: Query, named: frozenset[str]) -> frozenset[str]:
        """Facilities that must be among the candidates: identified or confirmed ones."""
        confirmed = self._confirmed(query)
        return named | {confirmed} if confirmed else named

    def _confirmed(self, query: Query) -> str | None:
        return self._overlay.confirmed.get(alias_key(query)) if self._overlay.confirmed else None

    def _missing(self, asked: Asked, found: Sequence[Found], wanted: frozenset[str]) -> list[Found]:
        """The wanted facilities that the search by name did not bring up."""
        lacking = wanted - {one.entry.facility_id for one in found}
        newer = self._overlay.index
        entries = [
            entry
            for facility in sorted(lacking)
            for entry in (newer.entries(facility) if newer else []) or self._index.entries(facility)
        ]
        return [
            Found(entry, pair_features(asked.with_words(entry.proper), entry)) for entry in entries
        ]

    def _ranked(self, found: Sequence[Found]) -> Ranked:
        return ranked_by_facility(found, self._model.pair.scores([one.features for one in found]))

    def _by_identifier(
        self, query: Query, asked: Asked, ranked: Ranked, named: frozenset[str]
    ) -> Decision:
        first = [pair for pair in ranked if pair[0].entry.facility_id in named]
        ordered = first + [pair for pair in ranked if pair[0].entry.facility_id not in named]
        shown = self._candidates(query, asked, ordered, named, named)
        if len(named) > 1:
            return self._review(["identifiers_disagree"], first[0][1], shown)
        best, score = first[0]
        against = list(self._against_identifier(query, asked, ranked, best, score))
        if against:
            return self._review(against, score, shown)
        alias = best.entry.name
        return self._decision(
            Status.MATCHED, alias, max(score, 0.99), "identifier", ["identifier_same"], shown
        )

    def _against_identifier(
        self, query: Query, asked: Asked, ranked: Ranked, best: Found, score: float
    ) -> list[str]:
        """What in the name speaks against the facility whose identifier was given."""
        against = [
            code
            for code in vetoes(asked, [(best, score)])
            if code in {"unit_differs", "unit_unknown", "country_differs"}
        ]
        says_something = bool(asked.name.proper or asked.name.native)
        top_is_other = ranked[0][0] is not best and ranked[0][1] > max(score, 0.5)
        if says_something and (score < _NAME_AGREES or top_is_other):
            against.append("identifier_and_name_disagree")
        if self._overlay.refuses(query, best.entry.facility_id):
            against.append("refused_before")
        return against

    def _by_name(
        self, query: Query, identifiers: QueryIdentifiers, asked: Asked, ranked: Ranked
    ) -> Decision:
        confirmed = self._confirmed(query)
        if confirmed:
            ranked.sort(key=lambda pair: pair[0].entry.facility_id != confirmed)
        best, pair_score = ranked[0]
        entry = best.entry
        refused = self._overlay.refuses(query, entry.facility_id)
        beyond_names = list(query_vetoes(query, identifiers, best, refused=refused))
        first, against = frozenset({entry.facility_id}), list[str]()
        if confirmed == entry.facility_id and not beyond_names:
            score, method, codes = 0.99, "confirmed_alias", ["confirmed_alias"]
        else:
            score, enough = self._decided(asked, ranked)
            against = [*vetoes(asked, ranked), *beyond_names]
            method, codes = ("none" if against else self._method(enough, ranked)), []
        if method != "none":
            shown = self._candidates(query, asked, ranked, first)
            score = max(score, _SAME_NAME) if method == "exact_name" else score
            return self._decision(Status.MATCHED, entry.name, score, method, codes, shown)
        if pair_score < self._model.review_from:
            codes = against if "only_general_words" in against else ["factory_unknown"]
            shown = self._candidates(query, asked, ranked)
            return self._decision(Status.UNMATCHED, None, score, "none", codes, shown)
        shown = self._candidates(query, asked, ranked, first)
        return self._review(against or ["not_certain"], score, shown)

    def _decided(self, asked: Asked, ranked: Ranked) -> tuple[float, bool]:
        """The score of the model that decides, and whether it is enough."""
        best = ranked[0][0].entry
        standing = standing_features(asked, ranked, uniqueness(self._index, asked, best))
        decides, enough = self._model.decides(self._index.borrowed)
        score = decides.score(standing)
        return score, score >= enough

    def _method(self, enough: bool, ranked: Ranked) -> str:
        """What matches the best candidate, against which nothing speaks; "none" if nothing does."""
        if enough:
            return "model"
        return "exact_name" if same_name_and_place(ranked) else "none"

    def _review(self, codes: list[str], score: float, shown: tuple[Candidate, ...]) -> Decision:
        return self._decision(Status.REVIEW, None, score, "none", codes, shown)

    def _candidates(
        self,
        query: Query,
        asked: Asked,
        ranked: Ranked,
        sure: frozenset[str] = frozenset(),
        named: frozenset[str] = frozenset(),
    ) -> tuple[Candidate, ...]:
        """What a person sees: facilities that are `sure` to be asked for, and what is alike."""
        return tuple(
            Candidate(
                facility_id=found.entry.facility_id,
                name=found.entry.name,
                score=score,
                reasons=(
                    *([reason("identifier_same")] if found.entry.facility_id in named else ()),
                    *pair_reasons(query, asked, found),
                ),
                features=dict(zip(FEATURES, found.features, strict=True)),
            )
            for found, score in ranked[:SHOWN]
            if score >= self._model.review_from or found.entry.facility_id in sure
        )

    def _decision(
        self,
        status: Status,
        alias: str | None,
        score: float,
        method: str,
        codes: list[str],
        shown: tuple[Candidate, ...],
    ) -> Decision:
        matched = status is Status.MATCHED
        said: tuple[Reason, ...] = tuple(map(reason, codes))
        return Decision(
            status=status,
            facility_id=shown[0].facility_id if matched else None,
            score=score,
            method=method,
            reasons=said + (shown[0].reasons if matched else ()),
            candidates=shown,
            matched_alias=alias if matched else None,
            index_version=self._index.version,
            model_version=self._model.version,
        )
