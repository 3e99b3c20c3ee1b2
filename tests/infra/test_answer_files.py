"""A lawyer edits answers as files; what she gets and gives back is what was said, to the letter."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.helpline.standard_answer import AnswerFields, content_hash
from infra import answers
from infra.answers import NOTE, Send, answer_in, answers_under, file_of, path_of
from tests.service import Caller, Service
from tests.usecases.answers import ANSWER, published, suggested
from tests.usecases.stories import walked

STARTER = Path("data/answers")
READ_ON_A_PHONE = 800
"""Characters: a minute or so in English."""

# What a person may write: letters of many scripts, YAML's own signs, line breaks.
LETTERS = st.characters(exclude_categories=["C", "Zl", "Zp"])
LINES = st.text(LETTERS, min_size=1, max_size=40).filter(str.strip)
PASSAGES = (
    st.text(LETTERS | st.sampled_from("\n\t-:#'\"|>"), min_size=1, max_size=200)
    .map(str.strip)
    .filter(bool)
)


def sender(caller: Caller) -> Send:
    """The command's way to the front door."""

    def send(method: str, path: str, body: Any) -> tuple[int, Any]:
        answer = caller.send(method, path, body, {})
        return answer.status, answer.json()

    return send


@given(title=LINES, article=LINES, text=PASSAGES, expires=st.none() | st.dates(date(2027, 1, 1)))
def test_an_answer_comes_back_from_its_file_as_it_was(
    title: str, article: str, text: str, expires: date | None
) -> None:
    stated = AnswerFields.model_validate(
        {
            **ANSWER,
            "title": title,
            "text": text,
            "citations": [{"law": title, "article": article}],
            "expires_on": expires,
        }
    )

    assert answer_in(file_of(stated, {"status": "draft"})) == stated


@pytest.mark.parametrize("written", ["44", "no", "2026-11-01", "null", "1_000", "0x1F", "~"])
def test_what_another_reader_of_yaml_takes_for_something_else_stays_text(written: str) -> None:
    stated = AnswerFields.model_validate({**ANSWER, "title": written})
    content = file_of(stated, {}).replace(f"title: '{written}'", f"title: {written}")

    assert answer_in(content).title == written


def test_an_editor_of_another_system_changes_nothing() -> None:
    stated = AnswerFields.model_validate({**ANSWER, "text": "One.\n\nTwo."})
    content = "\ufeff" + file_of(stated, {"status": "draft"}).replace("\n", "\r\n")

    assert answer_in(content + "\r\n\r\n") == stated


def test_what_is_published_is_exported_and_edited_and_imported_as_drafts(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published(service)
    published(service, topic="probation", title="Probation")
    supervisor = service.partner()
    before = {row["topic"]: row["content_hash"] for row in walked(supervisor, "/v1/answers")}

    assert answers.main(["export", "--dir", str(tmp_path)], sender(supervisor)) == 0

    files = dict(answers_under(tmp_path))
    assert sorted(path.name for path in files) == ["overtime-pay.en.md", "probation.en.md"]
    assert {each.topic: content_hash(each) for each in files.values()} == before

    edited = tmp_path / "cn" / "overtime-pay.en.md"
    edited.write_text(edited.read_text("utf-8").replace("150%", "200%"), "utf-8")
    for expected in ("1 drafts posted", "0 drafts posted"):
        assert answers.main(["import", "--dir", str(tmp_path)], sender(supervisor)) == 0
        assert expected in capsys.readouterr().out

    (draft,) = walked(supervisor, "/v1/answer-drafts")
    assert (draft["topic"], draft["supersedes"]) == ("overtime-pay", 1)
    assert draft["text"] == "At least 200% of your wage on working days."
    assert suggested(supervisor, "overtime")[0]["version"] == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("no front matter", "---"),
        ("---\ntitle: [\n---\n\nText.", "no YAML"),
        ("---\njust text\n---\n\nText.", "no list of names"),
        ("---\ntitle: x\n---\n\nText.", "topic"),
        ("---\na: !!python/object/apply:os.getcwd []\n---\n\nText.", "no YAML"),
    ],
)
def test_a_file_that_is_no_answer_is_named_and_nothing_is_imported(
    service: Service,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    says: str,
) -> None:
    good = AnswerFields.model_validate(ANSWER)
    (tmp_path / "cn").mkdir()
    (tmp_path / "cn" / "a.en.md").write_text(file_of(good, {}), "utf-8")
    (tmp_path / "cn" / "b.en.md").write_text(content, "utf-8")

    assert answers.main(["import", "--dir", str(tmp_path)], sender(service.partner())) == 1

    told = capsys.readouterr().err
    assert "b.en.md" in told
    assert says in told
    assert walked(service.partner(), "/v1/answer-drafts") == []


def test_who_may_not_draft_is_told_so(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cn").mkdir()
    (tmp_path / "cn" / "a.en.md").write_text(file_of(AnswerFields.model_validate(ANSWER), {}))

    answers.main(["import", "--dir", str(tmp_path)], sender(service.operator()))

    assert "forbidden" in capsys.readouterr().err


def test_a_folder_without_answers_is_the_wrong_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answers.main(["check", "--dir", str(tmp_path / "cn")]) == 1

    assert "no files like" in capsys.readouterr().err


def test_where_nobody_answers_is_said_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["export", "--dir", str(tmp_path), "--api", "http://127.0.0.1:1"]

    assert answers.main(given) == 1

    told = capsys.readouterr().err
    assert told == "http://127.0.0.1:1: no answer of the API (ConnectionError)\n"


# The starter set


def test_the_starter_set_has_every_topic_in_chinese_and_english() -> None:
    files = dict(answers_under(STARTER))
    assert {stated.effective_from.isoformat() for stated in files.values()} == {"2026-01-01"}
    by_topic: dict[str, list[AnswerFields]] = {}
    for path, stated in files.items():
        assert path == STARTER / path_of(stated)
        by_topic.setdefault(stated.topic, []).append(stated)

    assert len(by_topic) >= 25
    for topic, pair in by_topic.items():
        assert sorted(each.language for each in pair) == ["en", "zh-CN"], topic
        chinese, english = sorted(pair, key=lambda each: each.language, reverse=True)
        assert chinese.category == english.category, topic
        articles = [[c.article for c in each.citations] for each in (chinese, english)]
        assert articles[0] == articles[1], topic


@pytest.mark.parametrize("path", sorted(STARTER.glob("*/*.md")), ids=lambda path: path.name)
def test_a_starting_answer_is_short_cites_the_law_and_says_that_it_is_a_draft(path: Path) -> None:
    content = path.read_text("utf-8")
    stated = answer_in(content)

    assert content.startswith(f"---\nstatus: draft\nnote: {NOTE}\n")
    assert len(stated.text) <= READ_ON_A_PHONE
    assert all(any(c.isdigit() for c in citation.article) for citation in stated.citations)
    assert stated.expires_on is None
    assert file_of(stated, {"status": "draft", "note": NOTE}) == content


def test_the_starter_set_is_imported_as_drafts_and_suggested_to_nobody(service: Service) -> None:
    posted = answers.import_answers(sender(service.partner()), STARTER)

    assert posted == (len(list(STARTER.glob("*/*.md"))), 0)
    assert walked(service.partner(), "/v1/answers") == []
    assert suggested(service.partner(), "加班费") == []
