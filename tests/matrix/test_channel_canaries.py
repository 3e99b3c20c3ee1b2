"""Personal data nowhere else, where it comes in by a provider: each field a canary, well and badly
sent, with outages, and looked for everywhere it must not be."""

import json
from typing import Any

from tests.channels import test_kobo, test_qq, test_rapidpro, test_wechat
from tests.channels.lines import cases_of, identity_of
from tests.matrix.test_canaries import Journeys, _Kept, found, logged, outside, tables
from tests.service import Service

__all__ = ["logged"]

OPENID = {"qq": "KANARIOPENIDQQ7QX7", "wechat": "oKanariOpenidWechatQx7"}
WORKER = {
    "name": "Kanari-Worker-Qx7",
    "phone": "+1 555 0100 4417",
    "number": "+1555010044",
    "second name": "Kanari-Other-Qx7",
    **OPENID,
}
WORDS = {"words": "Kanari-Words-Qx7 扣了两个月工资", "revised": "Kanari-Revised-Qx7"}
UNMAPPED = {"contact": "Kanari-Contact-Qx7", "device": "kanari-device-qx7"}


def _qq(**changes: Any) -> dict[str, Any]:
    author = {"user_openid": OPENID["qq"]}
    return test_qq.event(content=WORDS["words"], author=author, **changes)


def _flow(**changes: Any) -> dict[str, Any]:
    results = {
        **test_rapidpro.default_body()["results"],
        "text": test_rapidpro.result(WORDS["words"]),
        "worker_name": test_rapidpro.result(WORKER["name"]),
    }
    contact = {"uuid": "x", "name": UNMAPPED["contact"], "urn": f"tel:{WORKER['number']}"}
    return test_rapidpro.resthook_body(results=results, contact=contact, **changes)


def _submission(**changes: Any) -> dict[str, Any]:
    told = {
        "what/happened": WORDS["words"],
        "who/name": WORKER["name"],
        "who/phone": WORKER["phone"],
        "deviceid": UNMAPPED["device"],
    }
    return test_kobo.submission(**{**told, **changes})


def test_what_comes_in_by_a_provider_is_in_the_vault_and_the_case_alone(
    service: Service, logged: _Kept
) -> None:
    journeys = Journeys(service)
    bot, account = test_qq.line_of(service), test_wechat.line_of(service)
    flow, form = test_rapidpro.line_of(service), test_kobo.line_of(service)
    said = test_wechat.xml(FromUserName=OPENID["wechat"], Content=WORDS["words"])

    def all_of_them() -> list[Any]:
        return [
            test_qq.posted(service, bot, _qq()),
            test_wechat.posted(service, account, said),
            test_rapidpro.posted(service, flow, _flow()),
            test_kobo.posted(service, form, _submission()),
        ]

    for operation in ("GetItem", "GetSecretValue", "TransactWriteItems"):
        with service.refusing(operation):
            for number, answer in enumerate(all_of_them()):
                journeys.kept(f"{operation} {number}", answer)
    answers = [*all_of_them(), *all_of_them()]
    assert {answer.status for answer in answers} == {200}
    second = {"_uuid": test_kobo.EDITED, "who/name": WORKER["second name"]}
    edit = _submission(**second, **{"what/happened": WORDS["revised"]})
    assert test_kobo.posted(service, form, edit).json()["code"] == "revised"

    wrong = {"X-Signature-Ed25519": "0" * 128}
    journeys.kept("unsigned", test_qq.posted(service, bot, _qq(), **wrong))
    journeys.kept("no id", test_qq.posted(service, bot, _qq(id=WORDS["words"])))
    journeys.kept("cut", test_wechat.posted(service, account, said[:-1]))
    journeys.kept(
        "no number", test_wechat.posted(service, account, said.replace(b"<MsgId>", b"<M>"))
    )
    journeys.kept("no secret", test_rapidpro.posted(service, flow, _flow(), X_Other="x"))
    journeys.kept("half", test_rapidpro.posted(service, flow, json.dumps(_flow()).encode()[:-1]))
    journeys.kept("no uuid", test_kobo.posted(service, form, _submission(_uuid=WORKER["phone"])))
    long = _submission(**{"who/phone": WORKER["phone"] * 9})
    journeys.kept("too long", test_kobo.posted(service, form, long))

    elsewhere = outside(service, journeys, logged)
    items = tables(service)
    assert len(journeys.problems) == 12 + 8
    assert found({**WORKER, **WORDS, **UNMAPPED}, elsewhere) == []
    assert found({**WORKER, **UNMAPPED}, items) == []
    assert {line.split(" in ")[0] for line in found(WORDS, items)} == set(WORDS)
    assert all(" g_" in line for line in found(WORDS, items))
    known = [identity_of(service, case["grievance_id"]) for case in cases_of(service)]
    assert sorted(known, key=repr) == sorted(
        [
            {"qq": OPENID["qq"]},
            {"wechat": OPENID["wechat"]},
            {"name": WORKER["name"], "phone": WORKER["number"]},
            {"name": WORKER["name"], "phone": WORKER["phone"]},
        ],
        key=repr,
    )
