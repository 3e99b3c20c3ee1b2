"""What a REST service of KoboToolbox posts: a submission of a form, flat, groups as paths.

Nothing is signed (support.kobotoolbox.org/rest_services.html). It is sent again for 502, 503 and
504 alone; and after an edit, with the same `meta/rootUuid`.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.channels.form_fields import FormDefaults, FormFiling, filing_as_told, values_at
from chalicelib.channels.json_body import json_object, wrong
from chalicelib.domain.helpline.helpline_line import FormField, HelplineLine
from chalicelib.domain.vocabulary import Channel


class Submission(NamedTuple):
    """What a form says, under our names; `key` is the same after every edit."""

    key: str
    values: Mapping[str, Any]


_QUESTIONS: Mapping[str, str] = {name.value: name.value for name in FormField}
_UUID = re.compile(r"(?:uuid:)?([0-9A-Za-z-]{8,64})")


def parse(raw: bytes, line: HelplineLine) -> Submission:
    """What a body says. ValidationFailed where it is no JSON object, or is no whole submission.

    A field stands where the line's `fields` say, else in the question that has our name for it.
    Where and when the interviewer was (`_geolocation`, `start`, `deviceid`, …) is not looked at.
    """
    body = json_object(raw)
    uuid = _uuid_in(body, "_uuid")
    if uuid is None:
        raise wrong(
            "_uuid",
            "missing",
            "Without it a report that comes twice is two cases. In the form's settings, under REST "
            "services, send JSON, leave `Select fields subset` empty and the custom wrapper, too.",
        )
    key = _uuid_in(body, "meta/rootUuid") or uuid
    return Submission(key, values_at({**_QUESTIONS, **line.fields}, body))


def filing_in(submission: Submission, line: HelplineLine) -> FormFiling:
    """The filing in a submission. ValidationFailed."""
    defaults = FormDefaults(
        Channel.OUTREACH, language=line.language, jurisdiction=line.jurisdiction
    )
    return filing_as_told(submission.values, defaults)


def _uuid_in(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    match = _UUID.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else None
