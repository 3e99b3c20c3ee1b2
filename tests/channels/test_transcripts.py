"""What workers write and what they are answered, in their languages: each file is a claim.

`she` writes, `we` are the texts that answer, `in` which language (the line's, where nothing is
said); `agreed` is what she has agreed to from then on, `script` in which words she was asked. At
the end, what she told first and what was added is read as officers read it.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.references import receipt_code
from chalicelib.store.keyring import Purpose
from chalicelib.texts import for_workers
from chalicelib.usecases.helpline.say import said
from tests.channels.talking import Worker, line_of
from tests.service import Service

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.yaml"))


def transcript(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return read


def agreed_in_words(consent: Consent) -> str:
    """`C3 cross_border`: the level and each yes."""
    switches = ("publish_summary", "cross_border", "contact_back", "share_with_union")
    return " ".join([consent.level, *(name for name in switches if getattr(consent, name))])


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_it_is_written_down(service: Service, path: Path) -> None:
    written = transcript(path)
    worker = Worker(service, line_of(**written["line"]))
    for turn in written["talk"]:
        heard = worker.hears(worker.message(turn["she"]))

        language = turn.get("in", written["line"]["language"])
        expected = said(turn["we"] or [], language, heard.grievance_id, deps=service.deps)
        assert (heard.reply, heard.language, heard.replayed) == (expected, language, False), turn
        if "agreed" in turn:
            assert agreed_in_words(worker.case().consent) == turn["agreed"], turn
        if "script" in turn:
            assert worker.case().consent.script_version == turn["script"]
        service.clock.forward(minutes=1)
    case = worker.case()
    if "agreed" in written:
        assert agreed_in_words(case.consent) == written["agreed"]
    assert case.narrative == written["told"]
    assert worker.messages() == written["added"]
    assert first_bad_entry(service.deps.cases.entries(case, 100, None).items) is None


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_conversation_in_which_every_message_comes_twice_goes_the_same_way(
    service: Service, path: Path
) -> None:
    written = transcript(path)
    worker = Worker(service, line_of(**written["line"]))
    for turn in written["talk"]:
        message = worker.message(turn["she"])
        first = worker.hears(message)
        before = service.everything()

        again = worker.hears(message)

        assert again == first._replace(replayed=True)
        assert service.everything() == before
        service.clock.forward(minutes=1)
    assert worker.messages() == written["added"]


def test_every_language_has_a_transcript() -> None:
    spoken = {turn.get("in", written["line"]["language"])
              for written in map(transcript, TRANSCRIPTS) for turn in written["talk"]}  # fmt: skip
    assert spoken == for_workers.languages()


def test_the_first_answer_holds_the_code_that_opens_her_case(service: Service) -> None:
    worker = Worker(service, line_of(jurisdiction="BD"))
    reply = worker.says("They do not let us go to the toilet") or ""

    case = worker.case()
    code = receipt_code(case.grievance_id, service.deps.keyring.key(Purpose.RECEIPT_CODE))
    assert code in reply
    assert service.public().get("/v1/receipts", Receipt_Code=code).json()["progress"] in (
        worker.says("status") or ""
    )
