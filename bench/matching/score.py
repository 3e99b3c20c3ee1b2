"""Count right and wrong: the benchmark's rules, in one place.

Soft queries are left out. A match is right when the query is answerable and its id is a true one;
if it is wrong but cannot be told from the truth (`also`) it is left out; any other is wrong.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .files import Case


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method said to one query."""

    status: str  # "matched", "review" or "unmatched"
    facility_id: str | None
    candidates: tuple[str, ...]
    score: float
    ms: float
    cpu_ms: float = 0.0


@dataclass(slots=True)
class Tally:
    """Counts over a group of queries."""

    queries: int = 0
    answerable: int = 0
    right: int = 0
    wrong: int = 0
    review: int = 0
    reviewed: int = 0  # of them answerable ones
    review_top5: int = 0  # of those the ones whose truth is among the first five
    lost: int = 0
    top1: int = 0
    top5: int = 0
    false_matches: list[dict[str, object]] = field(default_factory=list)

    def add(self, case: Case, answer: Answer) -> None:
        self.queries += 1
        if case.answerable:
            self.answerable += 1
            self.top1 += bool(case.truth.intersection(answer.candidates[:1]))
            self.top5 += bool(case.truth.intersection(answer.candidates[:5]))
            self.lost += answer.status == "unmatched"
            if answer.status == "review":
                self.reviewed += 1
                self.review_top5 += bool(case.truth.intersection(answer.candidates[:5]))
        self.review += answer.status == "review"
        if answer.status == "matched":
            self._match(case, answer)

    def _match(self, case: Case, answer: Answer) -> None:
        if case.answerable and answer.facility_id in case.truth:
            self.right += 1
        elif answer.facility_id not in case.also:
            self.wrong += 1
            self.false_matches.append(
                {
                    "qid": case.qid,
                    "kind": case.kind,
                    "name": case.query.name,
                    "address": case.query.address,
                    "matched": answer.facility_id,
                    "score": round(answer.score, 4),
                }
            )

    def figures(self) -> dict[str, object]:
        """Shares of the group; precision with its 95 % Wilson interval."""
        matched, answerable = self.right + self.wrong, max(self.answerable, 1)
        return {
            "queries": self.queries,
            "answerable": self.answerable,
            "matched": matched,
            "wrong": self.wrong,
            "precision_matched": round(self.right / matched, 5) if matched else None,
            "precision_ci95": wilson(self.right, matched),
            "recall_matched": round(self.right / answerable, 4),
            "review_share": round(self.review / max(self.queries, 1), 4),
            "review_top5_recall": round(self.review_top5 / self.reviewed, 4)
            if self.reviewed
            else None,
            "top1_recall": round(self.top1 / answerable, 4),
            "top5_recall": round(self.top5 / answerable, 4),
            "lost_share": round(self.lost / answerable, 4),
        }


def wilson(right: int, total: int) -> list[float] | None:
    """The 95 % Wilson score interval of a share."""
    if not total:
        return None
    z, share = 1.959964, right / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    bottom = 1 + z * z / total
    return [round((middle - spread) / bottom, 5), round((middle + spread) / bottom, 5)]


def group_of(kind: str) -> str:
    """The coarse groups in which results are read."""
    if kind in {"bn", "vi", "tw_pinyin"}:
        return {"tw_pinyin": "perturbed"}.get(kind, kind)
    if kind == "tw_plant" or kind.startswith(("unit", "generic")):
        return "reject"
    for start, group in (
        ("nat", "natural"), ("osid", "osid"), ("self", "own name"), ("tw", "zh"), ("zh", "zh"),
    ):  # fmt: skip
        if kind.startswith(start):
            return group
    return "perturbed"


def tallies(cases: Sequence[Case], answers: Iterable[Answer]) -> dict[str, Tally]:
    """Tallies by group ("all" first) and by kind ("kind:…")."""
    out: dict[str, Tally] = {"all": Tally()}
    for case, answer in zip(cases, answers, strict=True):
        if case.soft:
            continue
        for name in ("all", group_of(case.kind), f"kind:{case.kind}"):
            out.setdefault(name, Tally()).add(case, answer)
    return out


def recall_at_precision(
    cases: Sequence[Case], answers: Sequence[Answer], precision: float
) -> float:
    """The best recall any threshold on the score gives with at least this precision.

    The threshold is picked on the very queries it is judged by, which flatters a method.
    """
    ranked = [
        (case, answer)
        for case, answer in zip(cases, answers, strict=True)
        if answer.candidates and not case.soft
    ]
    ranked.sort(key=lambda pair: -pair[1].score)
    right = wrong = 0
    best = 0.0
    answerable = max(sum(case.answerable and not case.soft for case in cases), 1)
    for case, answer in ranked:
        if case.answerable and answer.candidates[0] in case.truth:
            right += 1
        elif answer.candidates[0] not in case.also:
            wrong += 1
        if right and right / (right + wrong) >= precision:
            best = right / answerable
    return round(best, 4)
