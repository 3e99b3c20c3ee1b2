"""What a form, a flow or a row of a file says under our names of fields, as a filing.

Forms are made by people who cannot be asked while a worker waits: values are read in the usual
spellings, never guessed. What is wrong is told under our name of the field, without the value.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from chalicelib.domain.cases.facts import Filing
from chalicelib.domain.field_errors import field_errors
from chalicelib.domain.helpline.helpline_line import FormField
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.text import readable, readable_line
from chalicelib.domain.vocabulary import Category, Channel, FiledBy, IntakeType
from chalicelib.errors import FieldError, ValidationFailed

V = TypeVar("V", Filing, WorkerIdentity)


class FormDefaults(NamedTuple):
    """What holds for everything that comes in by one form or file, where it says nothing else."""

    channel: Channel
    language: str = "en"
    jurisdiction: str | None = None
    intake_type: IntakeType = IntakeType.GRIEVANCE
    filed_by: FiledBy = FiledBy.INDIVIDUAL


class FormFiling(NamedTuple):
    """A filing, who the worker is, and the names of fields whose values became words of hers."""

    filing: Filing
    worker: WorkerIdentity | None
    unread: tuple[FormField, ...] = ()


def filing_of(values: Mapping[str, Any], defaults: FormDefaults) -> FormFiling:
    """The filing in values by our names; other names are not looked at, blanks say nothing.

    A value is text, a number, a boolean, a date or a list of these. Categories are `other` and
    consent is none where nothing is said of them. Raises ValidationFailed with an error for each
    field that is wrong; `text` is missing where nobody says what happened, nor where.
    """
    given = _given(values)
    if not given.keys() & _SAYS_SOMETHING:
        detail = "Say what happened (`text`, `summary`, `categories`), or where (`factory_name`)."
        raise ValidationFailed(errors=[FieldError(FormField.TEXT.value, "missing", detail)])
    body: dict[str, Any] = {"categories": (Category.OTHER,), **defaults._asdict()}
    person: dict[str, Any] = {}
    for name, value in given.items():
        _put(person if name in _OF_THE_WORKER else body, _PLACES[name], value)
    found: list[FieldError] = []
    filing = _checked(Filing, body, found)
    worker = _checked(WorkerIdentity, person, found) if person else None
    if found or filing is None:
        raise ValidationFailed(errors=found)
    return FormFiling(filing, worker)


def filing_as_told(values: Mapping[str, Any], defaults: FormDefaults) -> FormFiling:
    """The same from a form that somebody has sent and gone: a fact that cannot be read is kept as
    words under what she tells, instead of refusing all of it.

    Consent that is not said in full is none. Raises ValidationFailed where what she tells or who
    she is cannot be kept, or where nothing is told.
    """
    try:
        return filing_of(values, defaults)
    except ValidationFailed as error:
        unread = _as_words(error.errors)
        if unread is None:
            raise
    told = [readable(text_of(values.get(FormField.TEXT)))]
    told += [f"{name}: {readable(text_of(values[name]))}" for name in unread if name in values]
    rest = {name: value for name, value in values.items() if name not in unread}
    whole = {**rest, FormField.TEXT: "\n".join(filter(None, told))}
    return filing_of(whole, defaults)._replace(unread=unread)


def words_of(filing: Filing) -> str:
    """What a form says, as words for the staff who read it: the text, then the other fields under
    our names. The same filing has the same words."""
    told = filing.model_dump(mode="json")
    lines = [told["narrative"]]
    for name in FormField:
        if name is not FormField.TEXT and name not in _OF_THE_WORKER:
            value = _value_at(told, _PLACES[name])
            lines.append(f"{name}: {text_of(value)}" if value not in (None, "", []) else None)
    return "\n".join(filter(None, lines))


def values_at(paths: Mapping[str, str], body: Any) -> dict[str, Any]:
    """What stands in a body at the path of each name; what leads nowhere is left out.

    A path is a key as it is (`group1/q2`), or keys parted by dots (`results.factory.value`), with
    numbers for places in a list. Of an object its `value` is taken.
    """
    found = {name: _scalar(_at(body, path)) for name, path in paths.items()}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


_PLACES: Mapping[FormField, tuple[str, ...]] = {
    FormField.TEXT: ("narrative",),
    FormField.SUMMARY: ("summary",),
    FormField.FACTORY_NAME: ("factory_reported", "name"),
    FormField.FACTORY_ADDRESS: ("factory_reported", "address"),
    FormField.FACTORY_CITY: ("factory_reported", "city"),
    FormField.FACTORY_COUNTRY: ("factory_reported", "country"),
    FormField.CATEGORIES: ("categories",),
    FormField.INCIDENT_FROM: ("incident_from",),
    FormField.WORKERS_AFFECTED: ("workers_affected",),
    FormField.LANGUAGE: ("language",),
    FormField.WORKER_NAME: ("name",),
    FormField.WORKER_PHONE: ("phone",),
    FormField.CONSENT_LEVEL: ("consent", "level"),
    FormField.CONSENT_SCRIPT_VERSION: ("consent", "script_version"),
    FormField.CROSS_BORDER: ("consent", "cross_border"),
    FormField.CONTACT_BACK: ("consent", "contact_back"),
}
_NAMES: Mapping[str, FormField] = {
    **{".".join(place): name for name, place in _PLACES.items()},
    "consent": FormField.CONSENT_SCRIPT_VERSION,  # the one thing that is wrong with all of it
}
_OF_THE_WORKER = frozenset({FormField.WORKER_NAME, FormField.WORKER_PHONE})
_OF_CONSENT = frozenset(name for name, place in _PLACES.items() if place[0] == "consent")
_PROSE = frozenset({FormField.TEXT, FormField.SUMMARY})
_SAYS_SOMETHING = _PROSE | {FormField.CATEGORIES, FormField.FACTORY_NAME}


def _given(values: Mapping[str, Any]) -> dict[FormField, Any]:
    """What is said, each in the one spelling that the model takes; what has none stays as it is,
    and the model says why."""
    given: dict[FormField, Any] = {}
    for name in FormField:
        text = text_of(values.get(name))
        words = readable(text) if name in _PROSE else readable_line(text)
        if words:
            given[name] = _READERS[name](words) if name in _READERS else words
    return given


def text_of(value: Any) -> str:
    """A value as it would be written; nothing for None."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case date():
            return value.isoformat()
        case list() | tuple():
            return ", ".join(filter(None, map(text_of, value)))
        case _:
            return str(value)


def _put(body: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    *folders, last = place
    for folder in folders:
        body = body.setdefault(folder, {})
    body[last] = value


def _value_at(body: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    value: Any = body
    for step in place:
        value = value[step]
    return value


def _checked(model: type[V], body: Mapping[str, Any], found: list[FieldError]) -> V | None:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        found += [_under_our_name(each) for each in field_errors(error)]
        return None


def _under_our_name(error: FieldError) -> FieldError:
    """`factory_reported.country` is `factory_country`, `categories.2` is `categories`."""
    parts = error.field.split(".")
    known = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    name = next((_NAMES[place] for place in known if place in _NAMES), FormField.TEXT)
    return FieldError(name.value, error.code, error.detail)


def _as_words(found: Iterable[FieldError]) -> tuple[FormField, ...] | None:
    """The fields to be kept as words; None where that cannot help."""
    names = {FormField(error.field) for error in found}
    if names & (_PROSE | _OF_THE_WORKER):
        return None
    if names & _OF_CONSENT:
        names |= _OF_CONSENT
    return tuple(name for name in FormField if name in names)


_CATEGORIES = frozenset(category.value for category in Category)
_LIST = re.compile(r"[,;|\n\u3001\uff0c\uff1b]+")


def _categories(words: str) -> Sequence[str]:
    """Parted by commas and the like or, as a form's multiple choice is, by blanks; each once."""
    named: list[str] = []
    for part in _LIST.split(words):
        whole = "_".join(part.lower().replace("-", " ").split())
        named += [whole] if whole in _CATEGORIES else part.lower().split()
    return tuple(dict.fromkeys(named))


_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ].*", re.DOTALL)


def _day(words: str) -> str:
    """A date; of a point in time, as it was written, the date."""
    match = _MOMENT.fullmatch(words)
    return match[1] if match else words


_COUNT = re.compile(r"[0-9]{1,8}")
_DASHES = re.compile(r"[\s\u2010-\u2015\u2212-]+")


def _workers(words: str) -> int | str:
    """A count, or a band in any writing of its dash."""
    return int(words) if _COUNT.fullmatch(words) else _DASHES.sub("-", words.lower())


_ISO_639_3 = {"eng": "en", "ben": "bn", "hin": "hi", "vie": "vi", "zho": "zh", "chi": "zh"}
"""RapidPro names languages by three letters; BCP 47 takes two where there are two."""


def _language(words: str) -> str:
    tag = words.replace("_", "-")
    return _ISO_639_3.get(tag.lower(), tag)


def _country(words: str) -> str:
    """A code, or a name in any of the usual languages; one that could mean two stays as it is."""
    from chalicelib.channels.disclosure.countries import read_country

    return read_country(words).code or words


_YES = frozenset({"true", "yes", "y", "1", "是", "同意"})
_NO = frozenset({"false", "no", "n", "0", "否", "不同意"})


def _switch(words: str) -> bool | str:
    if words.lower() in _YES | _NO:
        return words.lower() in _YES
    return f"({words})"  # what else pydantic takes for a yes (`on`, `t`) is none here


_READERS: Mapping[FormField, Any] = {
    FormField.CATEGORIES: _categories,
    FormField.INCIDENT_FROM: _day,
    FormField.WORKERS_AFFECTED: _workers,
    FormField.LANGUAGE: _language,
    FormField.FACTORY_COUNTRY: _country,
    FormField.CONSENT_LEVEL: str.upper,
    FormField.CROSS_BORDER: _switch,
    FormField.CONTACT_BACK: _switch,
}


def _at(body: Any, path: str) -> Any:
    if isinstance(body, Mapping) and path in body:
        return body[path]
    step, dot, rest = path.partition(".")
    match body:
        case Mapping() if dot and step in body:
            return _at(body[step], rest)
        case list() if _COUNT.fullmatch(step) and int(step) < len(body):
            return _at(body[int(step)], rest) if dot else body[int(step)]
        case _:
            return None


def _scalar(value: Any) -> Any:
    """What can be read as a value. An object inside an object says nothing."""
    if isinstance(value, Mapping):
        value = value.get("value")
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str | int | float)]
    return value if isinstance(value, str | int | float) else None
