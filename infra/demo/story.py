"""The steps in their order, and what it means that one of them fails."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import requests
from botocore.exceptions import BotoCoreError, ClientError

from infra.demo import answers, audit, conversations, disclosures, filings
from infra.demo.checks import StepFailed
from infra.demo.scene import Scene


class Step(NamedTuple):
    """One step: what is told of it, and what does and checks it."""

    title: str
    play: Callable[[Scene], None]


STORY: Sequence[Step] = (
    Step("Three brands register", disclosures.register_brands),
    Step("They publish where they have their goods made", disclosures.import_lists),
    Step("An index is built, to tell which factory is meant", disclosures.build_the_index),
    Step("A woman is beaten: severity S1", filings.file_urgent),
    Step("Three helplines file what workers tell them", filings.file_the_others),
    Step("The line drops, and a post is sent twice", filings.repeat_one),
    Step("The scheduled check runs", filings.tick),
    Step("What Acme Outdoor receives", answers.show_the_alert),
    Step("A reviewer decides which factory is meant", filings.review),
    Step("A brand discloses a factory later", filings.cover_later),
    Step("The brand answers", answers.let_the_brand_answer),
    Step("The workers ask how it stands", answers.let_the_workers_ask),
    Step("Two supervisors publish standard answers", conversations.publish_answers),
    Step("Workers write to a helpline, by SMS and QQ", conversations.hear_the_workers),
    Step("An officer takes one up, and a brand is told", conversations.take_one_up),
    Step("The workers who wrote hear of it", conversations.write_back),
    Step("The auditor pulls an export", audit.export),
    Step("The ledger of a case is verified", audit.verify_ledger),
    Step("The ledger is sealed, and the auditor checks it alone", audit.prove),
    Step("And the one who said no", filings.nobody_was_told_of_the_silent_one),
)


def tell(scene: Scene, story: Sequence[Step] = STORY) -> int:
    """Tell the whole story: 0 when every step truly happened, 1 at the first that did not."""
    started = time.monotonic()
    for step in story:
        scene.teller.chapter(step.title)
        try:
            step.play(scene)
        except StepFailed as failure:
            scene.teller.fail(f"Step failed: {step.title}: {failure}")
            return 1
        except (requests.RequestException, BotoCoreError, ClientError) as failure:
            scene.teller.fail(f"Step failed: {step.title}: {type(failure).__name__}")
            return 1
        except (KeyError, IndexError, ValueError, TypeError) as failure:
            scene.teller.fail(f"Step failed: {step.title}: an answer has another form: {failure!r}")
            return 1
    took = time.monotonic() - started
    scene.teller.end(f"All {len(story)} steps happened and were checked, in {took:.0f} s.")
    return 0
