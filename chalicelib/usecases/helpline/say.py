"""Put into words what a line says: the texts of a reply in the worker's language, one after the
other. The same recipe says the same again."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.helpline.chat_words import LANGUAGE_NAMES
from chalicelib.domain.helpline.standard_answer import StandardAnswer
from chalicelib.domain.references import receipt_code
from chalicelib.store.keyring import Purpose
from chalicelib.texts import for_workers

_ANSWER = "answer"


def said(
    texts: Sequence[str], language: str, grievance_id: str | None, *, deps: Deps
) -> str | None:
    """What some texts of `for_workers` say, and standard answers; None where there are none."""
    spoken = [_in_words(key, language, grievance_id, deps) for key in texts]
    return "\n".join(each for each in spoken if each) or None


def receipt_code_in(texts: Sequence[str], grievance_id: str | None, *, deps: Deps) -> str | None:
    """The receipt code that these texts tell her; None where they tell her none."""
    return next((code for key in texts if (code := _code(key, grievance_id, deps))), None)


def answer_key(answer: StandardAnswer) -> str:
    """How a recipe names a version of a standard answer."""
    return f"{_ANSWER}.{answer.answer_id}.{answer.version}"


def answer_of(key: str, *, deps: Deps) -> StandardAnswer | None:
    """The version that such a name stands for; None for the name of any other text."""
    kind, _, named = key.partition(".")
    answer_id, _, version = named.partition(".")
    if kind != _ANSWER:
        return None
    return deps.standard_answers.version(answer_id, int(version))


def _in_words(key: str, language: str, grievance_id: str | None, deps: Deps) -> str:
    texts = for_workers.catalogue(language)
    if key in texts:
        return texts[key].format(code=_code(key, grievance_id, deps), names=_names())
    answer = answer_of(key, deps=deps)
    return f"{texts['chat.automatic']}\n{answer.told}" if answer else ""


def _code(key: str, grievance_id: str | None, deps: Deps) -> str:
    if key != "chat.received" or grievance_id is None:
        return ""
    return receipt_code(grievance_id, deps.keyring.key(Purpose.RECEIPT_CODE))


def _names() -> str:
    return ", ".join(f"{number} {name}" for number, name in enumerate(LANGUAGE_NAMES.values(), 1))
