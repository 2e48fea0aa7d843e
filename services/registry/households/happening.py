"""Dates of what has happened: the register holds facts, and the future is none.

A date is marked where its model declares it, ``Annotated[IsoDate, HAPPENED]``. A date that may lie ahead
is not: a division is opened or closed by a decree that names a day to come.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue
from shared.web.validation import refusing_at


class NotYetHappened(InvalidValue):
    code = "not-yet-happened"
    template = Bilingual(
        "日期晚于今天（{today}）；只登记已经发生的事，请核对年份，或到时再登记。",
        "The date lies after today ({today}); only what has happened is recorded: check the year, or "
        "record it when the day has come.",
    )


@dataclass(frozen=True)
class Happened:
    """Marks a date of a model that cannot lie in the future."""


HAPPENED = Happened()


def dates_happened(model: type[BaseModel]) -> list[str]:
    """Return the members of a model that hold such dates."""
    return [name for name, each in model.model_fields.items() if HAPPENED in each.metadata]


def not_yet_happened(
    model: type[BaseModel], values: Mapping[str, Any], today: date, recorded: object = None
) -> Iterator[tuple[str, NotYetHappened]]:
    """Yield the members of a model whose dates lie in the future, each with its refusal.

    What ``recorded`` holds already, by attribute, is left as it is.
    """
    for name in dates_happened(model):
        day = values[name]
        if day is not None and day > today and day != getattr(recorded, name, None):
            yield name, NotYetHappened(today=today.isoformat())


def require_happened(
    model: type[BaseModel], values: Mapping[str, Any], today: date, recorded: object = None
) -> None:
    """Refuse a date in the future. Raises InvalidRequest, at its member."""
    for name, refusal in not_yet_happened(model, values, today, recorded):
        with refusing_at(f"/{name}"):
            raise refusal
