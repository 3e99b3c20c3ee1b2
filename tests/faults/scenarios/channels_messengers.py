"""What comes in on QQ, WeChat, RapidPro and Kobo: killed, and sent again by its provider."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.helpline.helpline_line import HelplineLine
from infra.local.gateway import Answer
from tests.channels import test_kobo, test_qq, test_rapidpro, test_wechat
from tests.channels.lines import cases_of
from tests.faults.kills import Scenario
from tests.faults.scenarios.asked import Asked, repeated, told
from tests.helpline import answering
from tests.recorded import QQ_TOKEN, QQ_TOOK_IT, Recorded
from tests.service import Service

ONE_CASE = 1


def _posting(
    line_of: Callable[[Service], HelplineLine],
    posted: Callable[[Service, HelplineLine], Answer],
) -> Callable[[Service], Asked]:
    def prepare(service: Service) -> Asked:
        service.partner()
        line = line_of(service)
        return Asked(lambda: posted(service, line), lambda: len(cases_of(service)))

    return prepare


def _edited(**changes: Any) -> Callable[[Service], Asked]:
    """A submission stands, and was changed in Kobo."""
    body = test_kobo.edited(**changes)

    def prepare(service: Service) -> Asked:
        line = test_kobo.line_of(service)
        test_kobo.posted(service, line, test_kobo.submission())
        (case,) = cases_of(service)
        return Asked(
            lambda: test_kobo.posted(service, line, body), told(service, case["grievance_id"])
        )

    return prepare


@dataclass(frozen=True)
class _Bot:
    """A bot of QQ's, and QQ as it is asked."""

    line: HelplineLine
    providers: Recorded


def _bot(service: Service) -> _Bot:
    return _Bot(test_qq.line_of(service), answering(service, QQ_TOKEN, QQ_TOOK_IT))


def _heard_and_answered(service: Service, bot: _Bot) -> None:
    assert test_qq.posted(service, bot.line, test_qq.event()).status == 200
    service.drain()


def _answered_alike(service: Service, bot: _Bot) -> None:
    """At least once, and never anything else: QQ drops what answers the same message again."""
    (case,) = cases_of(service)
    assert case["intake_type"] == "enquiry"
    answers = [each.body for each in bot.providers.asked if each.url.endswith("/messages")]
    assert len(set(answers)) == 1


_NOTHING_AGREED = dict.fromkeys(("consent/level", "consent/script", "consent/call"), "")

SCENARIOS = [
    Scenario(
        "an answer on QQ",
        _bot,
        _heard_and_answered,
        _heard_and_answered,
        _answered_alike,
        at_least_calls=9,
    ),
    repeated(
        "a message on QQ",
        _posting(test_qq.line_of, lambda s, line: test_qq.posted(s, line, test_qq.event())),
        ONE_CASE,
        calls=3,
    ),
    repeated(
        "a message on WeChat",
        _posting(
            test_wechat.line_of, lambda s, line: test_wechat.posted(s, line, test_wechat.xml())
        ),
        ONE_CASE,
        calls=3,
    ),
    repeated(
        "a flow of RapidPro",
        _posting(
            test_rapidpro.line_of,
            lambda s, line: test_rapidpro.posted(s, line, test_rapidpro.resthook_body()),
        ),
        ONE_CASE,
        calls=3,
    ),
    repeated(
        "a submission of Kobo",
        _posting(
            test_kobo.line_of, lambda s, line: test_kobo.posted(s, line, test_kobo.submission())
        ),
        ONE_CASE,
        calls=3,
    ),
    repeated(
        "an edited submission of Kobo",
        _edited(**{"what/how_many": "41"}),
        ["corrected", "message_added"],
        calls=8,
    ),
    repeated(
        "an edited submission that agrees to nothing",
        _edited(**_NOTHING_AGREED, **{"what/how_many": "41"}),
        ["consent_changed", "corrected", "message_added"],
        calls=9,
    ),
]
