"""Who plays: fictitious helplines and brands; the factories are real, from the shipped lists."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from infra.local.options import ROOT

LISTS = ROOT / "data" / "lists"


class Disclosure(NamedTuple):
    """A list that a brand publishes; `damage` is what the story breaks in it on purpose."""

    brand_id: str
    path: str
    source: str
    damage: Mapping[bytes, bytes] = MappingProxyType({})


class Brand(NamedTuple):
    """A fictitious brand with a promise of its own."""

    brand_id: str
    name: str
    clause: str
    category: str


ACME, LANTERN, OAK = "acme-outdoor", "blue-lantern", "tall-oak"

BRANDS = (
    Brand(ACME, "Acme Outdoor", "4.2 Wages are paid in full and on time", "compensation"),
    Brand(LANTERN, "Blue Lantern Apparel", "7.1 Nobody is threatened or beaten",
          "harassment_violence"),
    Brand(OAK, "Tall Oak Shoes", "3.4 No more than sixty hours a week", "working_time"),
)  # fmt: skip

DAMAGE = MappingProxyType(
    {
        b"AUSTRALIA,Tripler": b"Atlantis,Tripler",
        b"Yangzhou Yaxiya Headwear & Garment Co.Ltd": b"",
    }
)
"""Line 2 loses its country, line 3 its name: the import has to say so."""

DAMAGED_LINES = (2, 3)

DISCLOSURES = (
    Disclosure(ACME, str(LISTS / "osh_sample_10.csv"), "acme-factory-list"),
    Disclosure(ACME, str(LISTS / "osh_sample_12.xlsx"), "acme-trim-suppliers"),
    Disclosure(LANTERN, str(LISTS / "osh_sample_8.csv"), "blue-lantern-factory-list"),
    Disclosure(OAK, str(LISTS / "osh_sample_2.csv"), "tall-oak-footwear"),
    Disclosure(OAK, str(LISTS / "osh_sample_9.csv"), "tall-oak-headwear", DAMAGE),
)

_CONSENT = {
    "level": "C3",
    "cross_border": True,
    "contact_back": True,
    "script_version": "helpline-zh-3",
}

UNPAID: dict[str, Any] = {
    "partner_ref": "PR-2026-0417",
    "channel": "wechat",
    "filed_by": "group",
    "workers_affected": 34,
    "factory_reported": {
        "name": "Yi Chang Tai (Shenzhen) garment factory",
        "city": "Shenzhen",
        "country": "CN",
    },
    "incident_from": "2026-09",
    "incident_to": "ongoing",
    "categories": ["compensation"],
    "sub_codes": ["compensation.unpaid_wages"],
    "ilo_indicators": ["withholding_of_wages"],
    "narrative": "九月和十月的工资到现在还没有发，我们车间三十四个人都没有拿到。",
    "summary": "Two months of wages outstanding for a group of workers.",
    "requested_remedy": "补发九月和十月的工资。",
    "language": "zh-CN",
    "consent": {**_CONSENT, "publish_summary": True},
}
"""Pearl River Helpline: wages, in Chinese, at a factory of Acme's list with a sister elsewhere."""

OVERTIME: dict[str, Any] = {
    "partner_ref": "DWL-1183",
    "channel": "phone",
    "filed_by": "individual",
    "factory_reported": {"name": "Supreme Stich", "city": "Kashimpur, Gazipur", "country": "BD"},
    "incident_from": "2026-10",
    "categories": ["working_time"],
    "narrative": "আমাদের প্রতিদিন রাত দশটা পর্যন্ত কাজ করতে হয়, কিন্তু ওভারটাইমের টাকা দেওয়া হয় না।",
    "language": "bn-BD",
    "consent": _CONSENT,
}
"""Dhaka Workers' Line: overtime, in Bengali, at a factory of Blue Lantern's list, misspelt."""

BEATEN: dict[str, Any] = {
    "partner_ref": "DWL-1184",
    "channel": "phone",
    "factory_reported": {"name": "Shine Embroidery Ltd.", "city": "Ashulia", "country": "BD"},
    "incident_from": "2026-11-18",
    "categories": ["harassment_violence"],
    "ilo_indicators": ["physical_sexual_violence"],
    "narrative": "সুপারভাইজার গতকাল একজন মেয়েকে মেরেছে, কারণ সে শৌচাগারে যেতে চেয়েছিল।",
    "language": "bn-BD",
    "consent": _CONSENT,
}
"""Dhaka Workers' Line: violence. Severity S1, which waits for nothing."""

SILENT: dict[str, Any] = {
    "partner_ref": "DWL-1185",
    "channel": "in_person",
    "factory_reported": {"name": "One Composite Mills LTD.", "city": "Gazipur", "country": "BD"},
    "categories": ["freedom_of_association"],
    "narrative": "ইউনিয়নে যোগ দেওয়ায় আমাকে অন্য ফ্লোরে পাঠানো হয়েছে। এখনই কাউকে বলবেন না।",
    "language": "bn-BD",
}
"""Dhaka Workers' Line: she does not want anybody to be told (C0, the default)."""

FEES: dict[str, Any] = {
    "partner_ref": "TH-76",
    "channel": "in_person",
    "filed_by": "union",
    "workers_affected": "11-50",
    "factory_reported": {"name": "Pratibha Syntex Ltd", "city": "Pithampur", "country": "IN"},
    "incident_from": "2026-08",
    "categories": ["recruitment_fees"],
    "narrative": "We paid an agent for this work, and now the factory takes it from our pay again.",
    "language": "en",
    "consent": _CONSENT,
}
"""Tirupur Helpdesk: recruitment fees, in English, at a factory of Acme's list."""

UNCLEAR: dict[str, Any] = {
    "partner_ref": "PR-2026-0418",
    "channel": "qq",
    "workers_affected": "51-250",
    "factory_reported": {"name": "Shanghai Jinlin Textile Co., Ltd", "country": "CN"},
    "incident_from": "2026-08",
    "categories": ["safety_health"],
    "narrative": "染色车间的排风扇从八月起就坏了，味道很呛，有人晕倒过。",
    "language": "zh-CN",
    "consent": _CONSENT,
}
"""Pearl River Helpline: Tall Oak's lists have two factories of this name, in two provinces."""

MEANT = "HUBIN ROAD"
"""Part of the address of the one that is meant, as the helpline finds out by asking back."""

UNCOVERED: dict[str, Any] = {
    "partner_ref": "TH-78",
    "channel": "phone",
    "factory_reported": {"name": "JVS Sporting Goods", "city": "Meerut", "country": "IN"},
    "incident_from": "2026-07",
    "categories": ["social_insurance"],
    "narrative": "They take the insurance from our pay, but the fund has no record of us.",
    "language": "en",
    "consent": _CONSENT,
}
"""Tirupur Helpdesk: the operator knows the factory, no brand has disclosed it yet."""

UNDISCLOSED_FACTORY = {
    "name": "JVS SPORTING GOODS",
    "address": "B-9, Sports Goods Complex, Delhi Road",
    "city": "Meerut",
    "country": "IN",
}
"""From a list that no brand of this story has published (osh_sample_15.csv)."""


class Talk(NamedTuple):
    """A worker who writes, and what she answers to the questions that she is asked."""

    name: str
    country: str
    language: str
    text: str
    question: str
    yes_with_factory: str
    yes_write: str
    factory: str
    status: str
    topic: str | None = None


SMS_LINE: dict[str, Any] = {
    "provider": "twilio_messages",
    "name": "SMS, for the sister factories",
    "account": "AC" + "0" * 31 + "1",
    "address": "+15550199",
    "language": "en",
    "jurisdiction": "BD",
}
QQ_LINE: dict[str, Any] = {
    "provider": "qq",
    "name": "QQ",
    "account": "102030405",
    "language": "zh",
    "jurisdiction": "CN",
}
SMS_WORKER, QQ_WORKER = "+15550100", "0DE30000000000000000000000000001"

TEXTED = Talk(
    name="texted",
    country="BD",
    language="bn",
    text="আমাদের কারখানায় গত মাসের বেতন এখনও দেওয়া হয়নি। আমরা কী করতে পারি?",
    question="chat.ask_brands",
    yes_with_factory="১",
    yes_write="৪",
    factory="কারখানার নাম জানি না, গাজীপুরে",
    status="অবস্থা",
)
"""To Pearl River Helpline's number: wages, in Bengali; she does not know the factory's name."""

CHATTED = Talk(
    name="chatted",
    country="CN",
    language="zh",
    text="老板说不给加班费，休息日加班怎么算",
    question="chat.ask_brands_abroad",
    topic="overtime-pay",
    yes_with_factory="1",
    yes_write="4",
    factory="龙洁制衣厂，在深圳",
    status="进度",
)
"""To Pearl River Helpline's bot: overtime that is not paid, in Chinese. A standard answer fits, and
the case leaves China only if she says so."""

TAKEN_UP: dict[str, Any] = {
    "intake_type": "grievance",
    "categories": ["compensation"],
    "factory_reported": {
        "name": "Dragon-Jety Garments (Shenzhen) Co.,Ltd",
        "city": "Shenzhen",
        "country": "CN",
    },
}
"""What the officer makes of that: a factory of Acme's list."""
