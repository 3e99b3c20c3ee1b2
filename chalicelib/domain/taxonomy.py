"""What a grievance is about: categories, their sub-codes, and the crosswalk to other standards.

Clusters after Better Work's compliance assessment tool; crosswalk to the eight labour standards of
Fair Wear's Code of Labour Practices and to the performance areas of the amfori BSCI code.
A case keeps the version it was filed under.
"""

from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Category

VERSION = "2026-1"


class CategoryEntry(Value):
    """One category with its sub-codes and what other standards call it."""

    category: Category
    sub_codes: tuple[str, ...]
    fair_wear: str
    amfori_bsci: str


def _entry(category: Category, fair_wear: str, amfori: str, *sub_codes: str) -> CategoryEntry:
    return CategoryEntry(
        category=category,
        sub_codes=tuple(f"{category}.{code}" for code in sub_codes),
        fair_wear=fair_wear,
        amfori_bsci=amfori,
    )


ENTRIES: tuple[CategoryEntry, ...] = (
    _entry(
        Category.CHILD_LABOUR,
        "No exploitation of child labour",
        "No child labour / Special protection for young workers",
        "under_minimum_age",
        "hazardous_work_under_18",
        "worst_forms",
    ),
    _entry(
        Category.DISCRIMINATION,
        "No discrimination in employment",
        "No discrimination, violence or harassment",
        "gender",
        "pregnancy",
        "ethnicity_origin",
        "religion",
        "disability",
        "age",
        "union_membership",
    ),
    _entry(
        Category.FORCED_LABOUR,
        "Employment is freely chosen",
        "No precarious employment / No bonded, forced labour or human trafficking",
        "documents_retained",
        "movement_restricted",
        "debt_bondage",
        "prison_or_state_imposed",
    ),
    _entry(
        Category.FREEDOM_OF_ASSOCIATION,
        "Freedom of association and the right to collective bargaining",
        "The rights of freedom of association and collective bargaining",
        "union_formation",
        "collective_bargaining",
        "strike",
        "interference",
    ),
    _entry(
        Category.COMPENSATION,
        "Payment of a living wage",
        "Fair remuneration",
        "unpaid_wages",
        "late_payment",
        "below_minimum_wage",
        "overtime_pay",
        "deductions",
        "severance",
        "paid_leave",
    ),
    _entry(
        Category.CONTRACTS_HR,
        "Legally binding employment relationship",
        "No precarious employment",
        "no_contract",
        "contract_terms",
        "unfair_dismissal",
        "resignation_refused",
        "discipline",
    ),
    _entry(
        Category.SAFETY_HEALTH,
        "Safe and healthy working conditions",
        "Occupational health and safety",
        "injury",
        "occupational_disease",
        "chemicals",
        "fire_building_electrical",
        "protective_equipment",
        "heat",
        "welfare_facilities",
    ),
    _entry(
        Category.WORKING_TIME,
        "Reasonable hours of work",
        "Decent working hours",
        "excessive_overtime",
        "forced_overtime",
        "rest_days",
        "leave_refused",
        "records_falsified",
    ),
    _entry(
        Category.HARASSMENT_VIOLENCE,
        "No discrimination in employment",
        "No discrimination, violence or harassment",
        "verbal_abuse",
        "physical_abuse",
        "sexual_harassment",
        "bullying",
    ),
    _entry(
        Category.RETALIATION,
        "Freedom of association and the right to collective bargaining",
        "Workers involvement and protection",
        "dismissal",
        "demotion_or_transfer",
        "threats",
        "blacklisting",
    ),
    _entry(
        Category.SOCIAL_INSURANCE,
        "Payment of a living wage",
        "Fair remuneration",
        "not_enrolled",
        "underpaid_contributions",
        "housing_fund",
        "maternity",
        "work_injury_insurance",
    ),
    _entry(
        Category.LIVING_CONDITIONS,
        "Safe and healthy working conditions",
        "Occupational health and safety",
        "dormitory",
        "food_water",
        "transport",
    ),
    _entry(
        Category.RECRUITMENT_FEES,
        "Employment is freely chosen",
        "No bonded, forced labour or human trafficking",
        "fees_charged",
        "deposits",
        "deceptive_recruitment",
    ),
    _entry(Category.OTHER, "–", "–", "other"),
)

SUB_CODES: frozenset[str] = frozenset(code for entry in ENTRIES for code in entry.sub_codes)
