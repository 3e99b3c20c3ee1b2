"""Which fields the models of replies and requests have, at every depth."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from chalicelib.api.endpoint import OPERATIONS
from chalicelib.api.listing import Listing
from chalicelib.domain.vocabulary import Role

Model = type[BaseModel]


def replied() -> dict[Model, set[Role]]:
    """Every model that a route answers with (lists by their items), and who may call the route."""
    found: dict[Model, set[Role]] = {}
    for operation in OPERATIONS:
        for model in operation.replies.values():
            if not isinstance(model, str):
                found.setdefault(_item(model), set()).update(operation.roles)
    return found


def _item(model: Model) -> Model:
    if not issubclass(model, Listing):
        return model
    (item,) = get_args(model.model_fields["items"].annotation)
    return item  # type: ignore[no-any-return]


def paths_of(model: Model) -> set[str]:
    """The dotted paths of all fields: `factory_reported.name`, `replies.text`."""
    return {path for path, _ in _walked(model, ())}


def nested_in(model: Model) -> Iterator[tuple[tuple[str, ...], Model]]:
    """Each model at each depth of a body, with its path (`0` for an item of a list)."""
    yield (), model
    for name, field in model.model_fields.items():
        for in_list, nested in _models_in(field.annotation):
            step = (name, "0") if in_list else (name,)
            for path, deeper in nested_in(nested):
                yield (*step, *path), deeper


def _walked(model: Model, seen: tuple[Model, ...]) -> Iterator[tuple[str, Model]]:
    for name, field in model.model_fields.items():
        yield name, model
        for _, nested in _models_in(field.annotation):
            if nested not in seen:
                for path, owner in _walked(nested, (*seen, model)):
                    yield f"{name}.{path}", owner


def _models_in(annotation: Any, in_list: bool = False) -> Iterator[tuple[bool, Model]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield in_list, annotation
        return
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _models_in(get_args(annotation)[0], in_list)
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _models_in(part, in_list)
    elif origin in (list, tuple, dict):
        for part in get_args(annotation):
            yield from _models_in(part, True)
