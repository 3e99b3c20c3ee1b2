"""What the calls of a month say: most asked, how alike it was answered, what had no answer."""

from tests.service import Service
from tests.usecases.answers import published
from tests.usecases.helpline.test_log_call import CALL, logged
from tests.usecases.stories import fields

NOVEMBER = "/v1/call-statistics?month=2026-11"


def test_a_month_without_calls_says_so_and_divides_by_nothing(service: Service) -> None:
    answer = service.partner().get(NOVEMBER)

    assert (answer.status, answer.json()) == (
        200,
        {
            "month": "2026-11",
            "calls": 0,
            "enquiries": 0,
            "given": 0,
            "consistency": None,
            "mean_seconds": None,
            "top_topics": [],
            "unanswered": [],
        },
    )


def test_the_statistics_say_what_was_asked_and_how_alike_it_was_answered(
    service: Service,
) -> None:
    partner = service.partner()
    given = {"answer_id": published(service), "version": 1}
    for number in range(3):
        logged(partner, f"told-{number}", given=given, duration_seconds=100)
    logged(partner, "other", given=given, deviation="her_case_is_special", duration_seconds=300)
    logged(
        partner,
        "nobody-knows",
        topic="severance",
        outcome="no_answer_known",
        intake_type="grievance",
        duration_seconds=400,
    )

    assert partner.get(NOVEMBER).json() == {
        "month": "2026-11",
        "calls": 5,
        "enquiries": 4,
        "given": 4,
        "consistency": 0.75,
        "mean_seconds": 200,
        "top_topics": [
            {
                "topic": "overtime-pay",
                "jurisdiction": "CN",
                "calls": 4,
                "enquiries": 4,
                "given": 4,
                "deviated": 1,
                "no_answer_known": 0,
                "seconds": 600,
            },
            {
                "topic": "severance",
                "jurisdiction": "CN",
                "calls": 1,
                "enquiries": 0,
                "given": 0,
                "deviated": 0,
                "no_answer_known": 1,
                "seconds": 400,
            },
        ],
        "unanswered": [
            {
                "topic": "severance",
                "jurisdiction": "CN",
                "calls": 1,
                "enquiries": 0,
                "given": 0,
                "deviated": 0,
                "no_answer_known": 1,
                "seconds": 400,
            }
        ],
    }


def test_an_answer_that_did_not_help_counts_as_none(service: Service) -> None:
    partner = service.partner()
    given = {"answer_id": published(service), "version": 1}
    logged(partner, given=given, deviation="answer_incomplete", outcome="no_answer_known")

    month = partner.get(NOVEMBER).json()

    assert (month["consistency"], month["unanswered"][0]["no_answer_known"]) == (0.0, 1)


def test_a_repeat_of_a_call_is_counted_once(service: Service) -> None:
    partner = service.partner()
    logged(partner)

    assert partner.post("/v1/calls", CALL, Idempotency_Key="k-1").status == 200

    assert partner.get(NOVEMBER).json()["calls"] == 1


def test_another_month_and_another_partner_count_their_own(service: Service) -> None:
    logged(service.partner())
    service.clock.forward(days=10)
    logged(service.partner(), "december")
    logged(service.partner(), "december-too")

    assert service.partner().get(NOVEMBER).json()["calls"] == 1
    december = "/v1/call-statistics?month=2026-12"
    assert service.partner().get(december).json()["calls"] == 2
    assert service.partner("other-ngo").get(december).json()["calls"] == 0


def test_topics_asked_equally_often_come_in_the_order_of_their_names(service: Service) -> None:
    partner = service.partner()
    for topic in ("wages", "deposits", "maternity"):
        logged(partner, topic, topic=topic)

    topics = [t["topic"] for t in partner.get(NOVEMBER).json()["top_topics"]]
    assert topics == ["deposits", "maternity", "wages"]


def test_a_month_must_be_one(service: Service) -> None:
    partner = service.partner()

    assert fields(partner.get("/v1/call-statistics?month=2026-13")) == {
        "month": "string_pattern_mismatch"
    }
    assert fields(partner.get("/v1/call-statistics")) == {"month": "missing"}
