"""Standard answers as files that a lawyer can edit: Markdown under YAML front matter.

  python -m infra.answers export --api https://… --dir answers
  python -m infra.answers import --api https://… --dir answers
  python -m infra.answers check --dir data/answers

`HANDSHAKE_API_KEY` holds a supervisor's key. What is imported becomes drafts, whatever a file says
of itself: another supervisor approves each of them. What says the same as the newest version, or as
a draft that is open, is left alone, so that an import can be repeated.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
import yaml
from pydantic import ValidationError

from chalicelib.domain.field_errors import field_errors
from chalicelib.domain.helpline.standard_answer import AnswerFields, StandardAnswer, content_hash

FENCE = "---\n"
NOTE = "Needs a local lawyer's approval before use."
_OF_A_VERSION = ("version", "content_hash", "approved_at")
_MARKS = frozenset({"status", "note", "published"})
"""What a file says of itself. An import passes it over."""

Send = Callable[[str, str, Any], tuple[int, Any]]
"""`send(method, path, body)` → status and the JSON of the answer."""


class Refused(Exception):
    """A file or an answer that is not as it must be; the message says which and why."""


class _Texts(yaml.SafeLoader):
    """Reads every value as the text it is written with: an article 44 is no number, `no` no no."""


_Texts.yaml_implicit_resolvers = {}


def file_of(stated: AnswerFields, marks: Mapping[str, Any]) -> str:
    """The file of an answer; `marks` is what the file says of itself."""
    fields = stated.stated.model_dump(mode="python", exclude={"text"}, exclude_none=True)
    plain = {**marks, **fields, "category": str(stated.category)}
    plain["citations"] = [dict(citation) for citation in fields["citations"]]
    front = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=2**31)
    return f"{FENCE}{front}{FENCE}\n{stated.text}\n"


def answer_in(content: str) -> AnswerFields:
    """The answer in a file, whatever an editor did to its line ends. Raises Refused."""
    content = content.removeprefix("\ufeff").replace("\r\n", "\n")
    front, fence, text = content.removeprefix(FENCE).partition(f"\n{FENCE}")
    if not content.startswith(FENCE) or not fence:
        raise Refused("begins and ends its front matter with a line of `---`")
    try:
        fields = yaml.load(front, Loader=_Texts)  # noqa: S506  a SafeLoader
    except yaml.YAMLError as error:
        raise Refused(f"front matter is no YAML: {error}") from None
    if not isinstance(fields, dict):
        raise Refused("front matter is no list of names and values")
    stated = {name: value for name, value in fields.items() if name not in _MARKS}
    try:
        return AnswerFields.model_validate({**stated, "text": text.strip()})
    except ValidationError as error:
        wrong = [f"{each.field}: {each.detail}" for each in field_errors(error)]
        raise Refused("; ".join(wrong)) from None


def answers_under(folder: Path) -> Iterator[tuple[Path, AnswerFields]]:
    """Every answer in the folders below, by path. Raises Refused, with the file's name, and where
    there is none: it is another folder that was meant."""
    paths = sorted(folder.glob("*/*.md"))
    if not paths:
        raise Refused(f"{folder}: no files like {folder}/cn/overtime-pay.en.md")
    for path in paths:
        try:
            yield path, answer_in(path.read_bytes().decode())
        except (Refused, UnicodeDecodeError) as error:
            raise Refused(f"{path}: {error}") from None


def path_of(stated: AnswerFields) -> Path:
    """Where an answer lies: one file for each topic, jurisdiction and language."""
    return Path(stated.jurisdiction.lower()) / f"{stated.topic}.{stated.language}.md"


def export_answers(send: Send, folder: Path) -> list[Path]:
    """Write the newest version of each answer to its file; the files."""
    written = []
    for item in _listed(send, "/v1/answers"):
        answer = StandardAnswer.model_validate(item)
        published = {name: item[name] for name in _OF_A_VERSION}
        path = folder / path_of(answer)
        path.parent.mkdir(parents=True, exist_ok=True)
        content = file_of(answer, {"status": "published", "published": published})
        path.write_bytes(content.encode())
        written.append(path)
    return written


def import_answers(send: Send, folder: Path) -> tuple[int, int]:
    """Post a draft of each file; how many were posted, and how many say nothing new."""
    files = list(answers_under(folder))
    known = {item["content_hash"] for item in _listed(send, "/v1/answers")}
    known |= {item["content_hash"] for item in _listed(send, "/v1/answer-drafts")}
    new = [(path, stated) for path, stated in files if content_hash(stated) not in known]
    for path, stated in new:
        status, answer = send("POST", "/v1/answer-drafts", stated.model_dump(mode="json"))
        if status != 201:
            raise Refused(f"{path}: {status} {answer.get('code', '')}")
    return len(new), len(files) - len(new)


def _listed(send: Send, path: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        status, page = send("GET", f"{path}?limit=200{cursor}", None)
        if status != 200:
            raise Refused(f"{path}: {status} {page.get('code', '')}")
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def over_http(api: str, key: str) -> Send:
    """Sends to a deployment."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key}"

    def send(method: str, path: str, body: Any) -> tuple[int, Any]:
        try:
            answer = session.request(method, api + path, json=body, timeout=60)
            return answer.status_code, answer.json()
        except requests.RequestException as failed:
            raise Refused(f"{api}: no answer of the API ({type(failed).__name__})") from None

    return send


def main(arguments: Sequence[str], send: Send | None = None) -> int:
    """Do what is asked; 1 where something is refused."""
    parser = argparse.ArgumentParser(prog="python -m infra.answers", description=__doc__)
    parser.add_argument("what", choices=["export", "import", "check"])
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--api", default="http://127.0.0.1:8000")
    given = parser.parse_args(arguments)
    sender = send or over_http(given.api, os.environ.get("HANDSHAKE_API_KEY", ""))
    try:
        print(_done(given.what, sender, given.dir))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


def _done(what: str, send: Send, folder: Path) -> str:
    if what == "check":
        return f"{len(list(answers_under(folder)))} answers can be imported."
    if what == "export":
        return f"{len(export_answers(send, folder))} answers written."
    posted, known = import_answers(send, folder)
    return f"{posted} drafts posted for another supervisor to approve; {known} say nothing new."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
