"""What every check of a household has, whatever is looked into: who made it, when, and once a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field, ValidationInfo

from services.registry.households.belonging import NarrowingToHousehold
from services.registry.recording.sheet import InSheet
from services.registry.vocabulary.coded import CodedContent
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.periods import IsoDate
from shared.values.refusal import WordedRefusal
from shared.values.text import HeldTexts, Line, Note


class CheckRefusal(WordedRefusal):
    """One of the reasons in ``checking.yaml``."""

    file = Path(__file__).with_suffix(".yaml")


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
    """Refuse a check that lies in the future. Raises a CheckRefusal."""
    if content.checked_on > today:
        raise CheckRefusal("check-not-yet-made", today=today.isoformat())


def require_result(found: Iterable[Any], info: ValidationInfo) -> None:
    """Refuse a check of whose results none was found out, unless one on record is amended.

    The latest check is the one that counts: without a result it would hide what is known. Raises the
    CheckRefusal for pydantic.
    """
    if all(each is None for each in found) and not isinstance(info.context, HeldTexts):
        raise CheckRefusal("check-without-result").as_pydantic()
