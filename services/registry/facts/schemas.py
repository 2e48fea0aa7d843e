"""Wire models of facts 事实."""

import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.web.wire import WireModel

MAX_IDS = 1000


class FactSubject(BaseModel):
    """Whom facts are about."""

    kind: str = Field(examples=["household"])
    id: str
    division: str = Field(description="所在村（区划） the village, or the division itself")


class StatedFact(BaseModel):
    """One fact: money as decimal text, and when and by whom it was found out."""

    value: Any = Field(examples=["12000.00"])
    date: datetime.date | None = Field(description="事实日期 freshness counts from it")
    recorded_by: str | None = Field(description="记录人")


class FactsStatement(BaseModel):
    """What is on record of one subject on a day; what nobody recorded is not listed 事实陈述."""

    subject: FactSubject
    as_of: datetime.date
    facts: dict[str, StatedFact]


class HouseholdLookup(WireModel):
    """Households to state the facts of."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_IDS)]
    as_of: IsoDate


class VillageLookup(WireModel):
    """Villages to state the facts of."""

    ids: Annotated[list[DivisionCode], Field(min_length=1, max_length=MAX_IDS)]
    as_of: IsoDate


class LookupAnswer(BaseModel):
    """The statements found, and the ids that are not in the register of the caller's division."""

    items: list[FactsStatement]
    missing: list[str]
