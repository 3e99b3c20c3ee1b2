"""What pydantic found, told without repeating what was sent."""

from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from chalicelib.domain.cases.facts import Facts
from chalicelib.domain.field_errors import field_errors
from chalicelib.domain.values import Value
from chalicelib.errors import FieldError


class Strict(Value):
    """A value with room for many mistakes."""

    numbers: tuple[Annotated[int, Field(ge=0)], ...] = ()


def problems(kind: type[Value], **fields: Any) -> list[FieldError]:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate(fields)
    return field_errors(refused.value)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (
            {"categories": []},
            FieldError(
                "categories",
                "too_short",
                "Give at least 1.",
            ),
        ),
        (
            {"categories": ["other", "wages"]},
            FieldError("categories.1", "enum", "Input should be "),
        ),
        (
            {"categories": ["wages"]},
            FieldError("categories.0", "enum", "Input should be "),
        ),
        (
            {"categories": ["other"], "jurisdiction": "secret"},
            FieldError(
                "jurisdiction",
                "string_pattern_mismatch",
                "Write the country's two letters (ISO 3166-1), such as `BD` or `CN`.",
            ),
        ),
        (
            {"categories": ["other"], "consent": {"level": "C3"}},
            FieldError(
                "consent",
                "value_error",
                "Script_version is needed: which script did the worker agree to?",
            ),
        ),
        (
            {"categories": ["other"], "narrative": "secret\u202e"},
            FieldError(
                "narrative",
                "value_error",
                "Must not contain control characters or bidirectional overrides.",
            ),
        ),
        (
            {"categories": ["other"], "consent": {"secret": 1}},
            FieldError("consent", "extra_forbidden", "Extra inputs are not permitted."),
        ),
        (
            {"categories": ["other"], "secret": 1},
            FieldError("body", "extra_forbidden", "Extra inputs are not permitted."),
        ),
        (
            {"categories": ["other"], "incident_from": "2026-09", "incident_to": "2026-08"},
            FieldError("body", "value_error", "Incident_to must not lie before incident_from."),
        ),
    ],
)
def test_a_mistake_is_a_path_a_code_and_a_sentence(
    fields: dict[str, Any], error: FieldError
) -> None:
    (found,) = problems(Facts, **fields)

    assert (found.field, found.code) == (error.field, error.code)
    assert found.detail.startswith(error.detail)
    assert "secret" not in str(found)


def test_members_of_a_union_are_not_named() -> None:
    found = problems(Facts, categories=["other"], workers_affected="secret")

    assert {error.field for error in found} == {"workers_affected"}


def test_fifty_mistakes_are_named_at_most() -> None:
    assert len(problems(Strict, numbers=[-1] * 49)) == 49
    assert len(problems(Strict, numbers=[-1] * 500)) == 50
