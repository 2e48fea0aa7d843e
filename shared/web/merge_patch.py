"""Updates as JSON merge patches (RFC 7396)."""

from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from shared.problems import InvalidRequest, Problem
from shared.values.bilingual import Bilingual
from shared.values.text import HeldTexts
from shared.web.validation import invalid_request

MEDIA_TYPE = "application/merge-patch+json"
Model = TypeVar("Model", bound=BaseModel)


def merge(target: Any, patch: Any) -> Any:
    """Return ``target`` with a merge patch applied: null removes a member, an object merges."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def _applied(target: Any, patch: Any) -> Any:
    """Merge as ``merge`` does, but keep a null that removes what is not there.

    The model then says whether there is such a member at all.
    """
    if not isinstance(patch, dict):
        return patch
    known = target if isinstance(target, dict) else {}
    absent = {name: None for name, value in patch.items() if value is None and name not in known}
    nested = {
        name: _applied(known.get(name), value)
        for name, value in patch.items()
        if isinstance(value, dict)
    }
    return merge(target, patch) | nested | absent


def patched(
    model: type[Model], current: BaseModel, patch: dict[str, Any], today: date | None = None
) -> Model:
    """Return the record's content after a patch, validated as a whole.

    ``current`` is its content now, as an instance of ``model`` or with the same members; what it
    holds already is not refused for a rule that is younger than the record. ``today`` is the
    day from which changed members hold, where they say what is so at present. A
    patch that names a member which does not exist is refused, also if it would only remove it.

    Raises:
        InvalidRequest: the result is not valid; pointers name the faulty members.
        MalformedRequest: the patch is nested too deeply.

    """
    before = current.model_dump(mode="json", by_alias=True, include=set(model.model_fields))
    try:
        return model.model_validate(_applied(before, patch), context=HeldTexts.of(before, today))
    except ValidationError as error:
        raise invalid_request(error.errors(), inside="body") from error
    except RecursionError as error:
        raise _unreadable() from error


def merge_patch_body(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """Return ``openapi_extra`` for a route that takes a merge patch of ``model``."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}", by_alias=True)
    schema.pop("required", None)
    schema.pop("$defs", None)
    schema["title"] = f"{model.__name__}Patch"
    return {
        "requestBody": {
            "required": True,
            "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
        }
    }


async def _merge_patch(request: Request) -> dict[str, Any]:
    try:
        patch = await request.json()
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(patch, dict):
        raise InvalidRequest(
            Bilingual("修改内容应为 JSON 对象。", "The changes must be a JSON object.")
        )
    return patch


def _unreadable() -> Problem:
    return invalid_request([{"type": "json_invalid", "loc": ("body",), "msg": "JSON decode error"}])


MergePatch = Annotated[dict[str, Any], Depends(_merge_patch)]
"""The merge patch in the request's body."""
