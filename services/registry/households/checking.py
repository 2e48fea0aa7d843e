"""What every check of a household has, whatever is looked into: who made it, when, and once a day."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from services.registry.households.belonging import NarrowingToHousehold
from services.registry.recording.sheet import InSheet
from services.registry.vocabulary.coded import CodedContent
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.periods import IsoDate
from shared.values.refusal import InvalidValue
from shared.values.text import Line, Note


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
    inspector: Annotated[str, Line(60), InSheet(often=True), Field(description="核查人")]
    department: Annotated[str, Line(100), InSheet(often=True), Field(description="核查部门")]
    description: Annotated[
        Annotated[str, Note(1000, least=0)] | None, Field(description="情况说明")
    ] = None

    def code_day(self, _member: str) -> date:
        return self.checked_on


@dataclass(frozen=True)
class CheckFilter(NarrowingToHousehold):
    """Which checks a list shows; None does not narrow."""

    checked_from: Annotated[
        IsoDate | None, Query(description="核查日期起 checked on this day or later")
    ] = None
    checked_to: Annotated[
        IsoDate | None, Query(description="核查日期止 checked before this day, exclusive")
    ] = None

    def condition(self, table: Any, name: str, wanted: Any) -> Any:
        """Return what a row must meet; the days on which checks were made are a range."""
        match name:
            case "checked_from":
                return table.checked_on >= wanted
            case "checked_to":
                return table.checked_on < wanted
        return super().condition(table, name, wanted)


def possible_check(content: CheckContent, today: date) -> None:
    """Refuse a check that lies in the future. Raises CheckNotYetMade."""
    if content.checked_on > today:
        raise CheckNotYetMade(today=today.isoformat())
