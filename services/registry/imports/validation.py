"""A row's values held to the same wire model that a request is held to."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.registry.imports.columns import Column, Sheet
from services.registry.imports.outcomes import RowProblem
from services.registry.imports.parsing import ParsedRow, ParsedSheet
from shared.values.text import HeldTexts
from shared.web.validation import field_errors

Model = TypeVar("Model", bound=BaseModel)


def validated(
    model: type[Model],
    sheet: ParsedSheet,
    row: ParsedRow,
    fields: Mapping[str, Any],
    held: HeldTexts | None = None,
) -> Model | tuple[RowProblem, ...]:
    """Return the record's content, or what the model finds wrong, each at its column.

    ``held`` is what the record that the row amends holds already.
    """
    try:
        return model.model_validate(fields, context=held)
    except ValidationError as error:
        return tuple(_problems(sheet, row, error))


def _problems(sheet: ParsedSheet, row: ParsedRow, error: ValidationError) -> list[RowProblem]:
    found = []
    for pointer, code, detail in field_errors(
        map(_in_words_of_sheets, error.errors()), inside="body"
    ):
        column = _column(sheet.sheet, pointer)
        place = sheet.places.get(column.member) if column else None
        cell = None if place is None else row.cells[place]
        found.append(RowProblem.at(column, cell, code, detail))
    return found


def _in_words_of_sheets(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an error with its words for sheets, where it has other ones than the wire's."""
    context = error.get("ctx") or {}
    if "cell_zh" not in context:
        return error
    english = str(context["cell_en"]).format_map(context)
    return {**error, "msg": english, "ctx": {**context, "zh": context["cell_zh"]}}


def _column(sheet: Sheet, pointer: str) -> Column | None:
    """Return the column that fills the member at a pointer.

    The wire nests what stands flat in a sheet: ``/period/to`` is filled by ``period_to``, and
    ``/evidence/grade`` by ``housing_grade``; what is nested, as a whole, stands at the last column that is
    named after it.
    """
    for part in reversed(pointer.split("/")[1:]):
        for member, column in reversed(list(sheet.by_member.items())):
            if member == part or member.endswith(f"_{part}") or member.startswith(f"{part}_"):
                return column
    return None
