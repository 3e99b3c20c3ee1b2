"""Values to test rules with: each complete and plain, with what a test cares about replaced."""

from datetime import UTC, date, datetime
from typing import Any

from chalicelib.domain.cases.case import Case, open_case
from chalicelib.domain.cases.facts import Consent, FactoryReported, Filing
from chalicelib.domain.cases.routing import Told
from chalicelib.domain.factories.registry import Brand, Factory, SourcingLink
from chalicelib.domain.factories.resolution import Match
from chalicelib.domain.vocabulary import Category, ConsentLevel, MatchMethod

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
GRIEVANCE_ID = "g_" + "0123456789abcdefghjkmnpqrs"
FACTORY_ID = "f_" + "0123456789abcdefghjkmnpqrs"
DESK = "https://handshake.test"


def commitment(text: str) -> str:
    """Stands for a keyed hash: shows what was committed to, which a real one hides."""
    return f"<{text}>"


def filing(**changes: Any) -> Filing:
    """A wage grievance that may be told to a brand together with its factory."""
    facts: dict[str, Any] = {
        "workers_affected": 34,
        "factory_reported": FactoryReported(name="Posh Garments", country="BD"),
        "incident_from": "2026-09",
        "incident_to": "ongoing",
        "categories": (Category.COMPENSATION,),
        "consent": Consent(level=ConsentLevel.C3, script_version="helpline-zh-3"),
    }
    return Filing(**{**facts, **changes})


def opened(**changes: Any) -> Case:
    """The case of such a filing, just received."""
    return open_case(
        filing(**changes),
        grievance_id=GRIEVANCE_ID,
        partner_id="handshake-gz",
        receipt_hash="r" * 64,
        fingerprint="f" * 64,
        by="partner_intake:handshake-gz:k1",
        at=AT,
    )


def case(facts: dict[str, Any] | None = None, **progress: Any) -> Case:
    """A case that has come as far as `progress` says; `facts` are changes of its filing."""
    return opened(**(facts or {})).model_copy(update=progress)


def brand(brand_id: str = "acme", **changes: Any) -> Brand:
    """A brand."""
    return Brand(**{"brand_id": brand_id, "name": "Acme Outdoor", "updated_at": AT, **changes})


def factory(**changes: Any) -> Factory:
    """A factory in Bangladesh."""
    plain = {
        "factory_id": FACTORY_ID,
        "name": "Posh Garments Ltd.",
        "country": "BD",
        "updated_at": AT,
    }
    return Factory(**{**plain, **changes})


def link(brand_id: str = "acme", **changes: Any) -> SourcingLink:
    """A link whose dates are not known."""
    plain = {
        "brand_id": brand_id,
        "factory_id": FACTORY_ID,
        "source": "factory-list",
        "disclosed_at": date(2026, 6, 30),
        "updated_at": AT,
    }
    return SourcingLink(**{**plain, **changes})


def told(*brand_ids: str) -> list[Told]:
    """Brands that source from the factory, with their links."""
    return [Told(brand(brand_id), link(brand_id)) for brand_id in brand_ids]


MATCH = Match(
    method=MatchMethod.EXACT_NAME,
    score=0.97,
    evidence=("same name, same country",),
    version="exact-1",
)
