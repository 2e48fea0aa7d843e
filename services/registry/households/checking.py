"""What every check of a household has, whatever is looked into: who made it, when, and once a day."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy import Select

from services.registry.households.belonging import of_division
from services.registry.households.tables import CheckOfHousehold
from services.registry.vocabulary.coded import CodedContent
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.values.refusal import InvalidValue
from shared.values.text import Line, Note

Row = TypeVar("Row", bound=CheckOfHousehold)


class CheckNotYetMade(InvalidValue):
    code = "check-not-yet-made"
    template = Bilingual(
        "核查日期晚于今天（{today}）；请填实际核查的日期。",
        "The check's date lies after today ({today}); give the day on which it was made.",
    )


class CheckAlreadyRecorded(Conflict):
    code = "check-already-recorded"
    title = Bilingual("该次核查已登记", "This check is recorded already")


class CheckContent(CodedContent):
    """Who checked, when, and what they say of it."""

    checked_on: Annotated[IsoDate, Field(description="核查日期 not in the future")]
    inspector: Annotated[str, Line(60), Field(description="核查人")]
    department: Annotated[str, Line(100), Field(description="核查部门")]
    description: Annotated[
        Annotated[str, Note(1000, least=0)] | None, Field(description="情况说明")
    ] = None

    def code_day(self, _member: str) -> date:
        return self.checked_on


@dataclass(frozen=True)
class CheckFilter:
    """Which checks a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 a village or anything above it")
    ] = None
    household_id: Annotated[UUID | None, Query(description="农户")] = None
    checked_from: Annotated[
        IsoDate | None, Query(description="核查日期起 checked on this day or later")
    ] = None
    checked_to: Annotated[
        IsoDate | None, Query(description="核查日期止 checked before this day, exclusive")
    ] = None


def checks_of_division(table: type[Row], caller: Caller, narrow: CheckFilter) -> Select[Row]:
    """Return the select of a table's checks that a list shows.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    statement = of_division(table, caller, narrow.division)
    if narrow.household_id is not None:
        statement = statement.where(table.household_id == narrow.household_id)
    if narrow.checked_from is not None:
        statement = statement.where(table.checked_on >= narrow.checked_from)
    if narrow.checked_to is not None:
        statement = statement.where(table.checked_on < narrow.checked_to)
    return statement


def require_made(checked_on: date, today: date) -> None:
    """Refuse a check that lies in the future. Raises CheckNotYetMade."""
    if checked_on > today:
        raise CheckNotYetMade(today=today.isoformat())
