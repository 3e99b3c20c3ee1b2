"""Lines of a helpline: add, list, change, end; and the secrets by which a provider is known."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.admission.access_log import AccessEvent, AccessLogEntry
from chalicelib.domain.helpline.helpline_line import (
    UNSPOKEN,
    FieldPath,
    FormField,
    HelplineLine,
    Provider,
    unfit,
    unfit_secrets,
)
from chalicelib.domain.references import derive_id
from chalicelib.domain.text import CountryCode, LanguageTag, Line
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Role
from chalicelib.errors import (
    FieldError,
    NotFound,
    PreconditionFailed,
    StateConflict,
    ValidationFailed,
)
from chalicelib.store.paging import Page, Start
from chalicelib.texts import for_workers
from chalicelib.usecases.admission.administered import administered, noted

_FIELDS = Annotated[
    Mapping[FormField, FieldPath],
    Field(
        description="RapidPro and Kobo: where in the form each of our fields is, such as "
        "`results.complaint.value` or `group1/q2`, if it is not called as we call it."
    ),
]
_ADDRESS = Annotated[
    Annotated[Line, Field(max_length=100)] | None,
    Field(description="Twilio: the number, as `+E.164`. Others: null."),
]


class NewLine(Value):
    """A line as a supervisor describes it. What each provider needs, docs/channels.md says."""

    provider: Annotated[Provider, Field(description="Who carries the messages. Never changes.")]
    name: Annotated[Line, Field(description="What your staff call it.")]
    account: Annotated[
        Annotated[Line, Field(max_length=100)] | None,
        Field(
            description="Twilio: AccountSid. QQ: the bot's app id. WeChat: the account's original "
            "id (`gh_…`). RapidPro and Kobo: null. Never changes."
        ),
    ] = None
    address: _ADDRESS = None
    language: Annotated[
        LanguageTag, Field(description="What it speaks until a worker's own language is known.")
    ] = "en"
    jurisdiction: Annotated[
        CountryCode | None, Field(description="Whose rules apply to what comes in here.")
    ] = None
    fields: _FIELDS = {}


class LineChanges(Value):
    """Fields to replace, as in JSON merge patch: what is left out stays, `null` clears."""

    name: Annotated[Line | None, Field(description="Cannot be cleared.")] = None
    address: _ADDRESS = None
    language: Annotated[LanguageTag | None, Field(description="Cleared, it is `en`.")] = None
    jurisdiction: CountryCode | None = None
    fields: Annotated[
        Mapping[FormField, FieldPath] | None, Field(description="Replaced as a whole.")
    ] = None

    def changes(self) -> dict[str, Any]:
        """Fields by name; one that was sent as null gets its default."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {
            name: HelplineLine.model_fields[name].get_default() if value is None else value
            for name, value in given.items()
        }


_SECRET = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")] | None, Field(repr=False)
]


class SecretValues(Value):
    """The secrets of a line: exactly those of its provider. Nobody ever reads them again."""

    auth_token: Annotated[_SECRET, Field(description="Twilio: the account's Auth Token.")] = None
    bot_secret: Annotated[_SECRET, Field(description="QQ: the bot's AppSecret.")] = None
    token: Annotated[_SECRET, Field(description="WeChat: the Token of the server.")] = None
    app_id: Annotated[_SECRET, Field(description="WeChat: the account's AppID.")] = None
    app_secret: Annotated[_SECRET, Field(description="WeChat: the account's AppSecret.")] = None
    header_secret: Annotated[
        _SECRET, Field(description="RapidPro and Kobo: of 20 characters at least; make it yours.")
    ] = None
    basic_user: Annotated[
        _SECRET, Field(description="Kobo, with `basic_password`, instead of `header_secret`.")
    ] = None
    basic_password: Annotated[_SECRET, Field(description="Of 20 characters at least.")] = None

    def given(self) -> dict[str, str]:
        """Those that were sent, by name."""
        return {name: value for name, value in self if value is not None}


def add_line(wish: NewLine, *, by: Principal, deps: Deps) -> HelplineLine:
    """Add a line of the caller's organisation. It hears nothing before its secrets are set.

    Raises ValidationFailed (what does not fit the provider; a language that it cannot speak).
    """
    line = HelplineLine(
        line_id=derive_id("ln", by.organisation, deps.token(16)),
        partner_id=by.organisation,
        created_at=deps.now(),
        **dict(wish),
    )
    _refuse([*unfit(line), *_unspoken(line)])
    entry = _noted(AccessEvent.LINE_ADDED, line, by, deps)
    deps.access.save(deps.lines.rows(line), entry)
    return line


def list_lines(
    organisation_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[HelplineLine]:
    """A page of an organisation's lines, those that have ended included. NotFound."""
    administered(organisation_id, by=by, deps=deps)
    return deps.lines.page(organisation_id, limit, start)


def own_line(line_id: str, *, by: Principal, deps: Deps) -> HelplineLine:
    """A line that the caller looks after. NotFound, also for another's."""
    line = deps.lines.get(line_id)
    if line is None or (by.role is not Role.OPERATOR and line.partner_id != by.organisation):
        raise NotFound()
    return line


def change_line(
    line_id: str, changes: LineChanges, *, expected_version: int, by: Principal, deps: Deps
) -> HelplineLine:
    """Change a line. What changes nothing, leaves the version as it is.

    Raises NotFound, PreconditionFailed, StateConflict (it has ended), ValidationFailed,
    VersionConflict.
    """
    line = _live_line(line_id, by, deps)
    if line.version != expected_version:
        raise PreconditionFailed()
    wanted = changes.changes()
    if "name" in wanted and changes.name is None:
        _refuse([FieldError("name", "missing", "A name can be replaced, not cleared.")])
    changed: HelplineLine = line.model_copy(update=wanted)
    if changed == line:
        return line
    _refuse([*unfit(changed), *(_unspoken(changed) if "language" in wanted else ())])
    changed = changed.model_copy(update={"version": line.version + 1})
    entry = _noted(AccessEvent.LINE_CHANGED, changed, by, deps)
    deps.access.save(deps.lines.rows(changed), entry)
    return changed


def end_line(line_id: str, *, by: Principal, deps: Deps) -> None:
    """End a line, for good: nothing comes in any more. Its row stays, its secrets go.

    The row first: a line that has ended refuses everything, whatever becomes of its secrets. A
    second time deletes what was left of those. Raises NotFound, VersionConflict.
    """
    line = own_line(line_id, by=by, deps=deps)
    if line.ended_at is None:
        ended = line.model_copy(update={"ended_at": deps.now(), "version": line.version + 1})
        entry = _noted(AccessEvent.LINE_ENDED, ended, by, deps)
        deps.access.save(deps.lines.rows(ended), entry)
    deps.line_secrets.delete(line_id)


def set_secrets(
    line_id: str, secrets: Mapping[str, str], *, by: Principal, deps: Deps
) -> HelplineLine:
    """Set a line's secrets, all of them, instead of those before.

    The access log knows of it first, the line last: until then it says that it is not ready, or
    since when it was. A second time mends what a first one has left half done.
    Raises NotFound, StateConflict (it has ended), ValidationFailed, VersionConflict.
    """
    line = _live_line(line_id, by, deps)
    _refuse(unfit_secrets(line.provider, secrets))
    deps.access.note(_noted(AccessEvent.LINE_SECRETS_SET, line, by, deps))
    deps.line_secrets.put(line_id, secrets)
    update = {
        "secret_names": tuple(sorted(secrets)),
        "secrets_set_at": deps.now(),
        "version": line.version + 1,
    }
    ready: HelplineLine = line.model_copy(update=update)
    deps.lines.save(ready)
    return ready


def _unspoken(line: HelplineLine) -> list[FieldError]:
    """A form has the language of who made it; every other line answers, and needs texts for it."""
    if line.provider is Provider.KOBO:
        return []
    calls = line.provider is Provider.TWILIO_VOICE
    spoken = for_workers.languages() - (UNSPOKEN if calls else frozenset())
    if for_workers.known_language(line.language) in spoken:
        return []
    known = ", ".join(f"`{language}`" for language in sorted(spoken))
    return [FieldError("language", "not_spoken", f"This line can speak {known}: choose one.")]


def _live_line(line_id: str, by: Principal, deps: Deps) -> HelplineLine:
    line = own_line(line_id, by=by, deps=deps)
    if line.ended_at is not None:
        raise StateConflict("The line has ended. Add another one.")
    return line


def _refuse(wrong: list[FieldError]) -> None:
    if wrong:
        raise ValidationFailed(errors=wrong)


def _noted(event: AccessEvent, line: HelplineLine, by: Principal, deps: Deps) -> AccessLogEntry:
    return noted(event, by=by, organisation=line.partner_id, subject=line.line_id, deps=deps)
