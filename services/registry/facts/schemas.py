"""Wire models of facts 事实."""

import datetime
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from services.registry.facts.columns import FACTS
from services.registry.recording.stating import SubjectKind
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.values.refusal import InvalidValue, refusing
from shared.web.wire import WireModel

MAX_IDS = 1000


class UnknownFact(InvalidValue):
    code = "unknown-fact"
    template = Bilingual(
        "没有名为“{written}”的事实；可选：{allowed}。",
        "There is no fact {written}; there are: {allowed}.",
    )


@dataclass(frozen=True, slots=True)
class FactOf:
    """Makes a text a closed enum: ``Annotated[str, FactOf("household")]`` is a fact's name."""

    kind: SubjectKind

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(refusing(self._known))

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "enum": [fact.name for fact in FACTS[self.kind]]}

    def _known(self, name: str) -> str:
        names = [fact.name for fact in FACTS[self.kind]]
        if name not in names:
            raise UnknownFact(written=name[:30], allowed=", ".join(names))
        return name


class FactSubject(BaseModel):
    """Whom facts are about."""

    kind: str = Field(examples=["household"])
    id: str
    division: str = Field(description="所在村（区划） the village, or the division itself")


class StatedFact(BaseModel):
    """One fact: money as decimal text, and when and by whom it was found out."""

    value: Any = Field(
        description="人数为已知人数，规则另作乘算或比较的除外 members are counted of whom it is recorded, and "
        "there may be more; rules' dictionary says of which",
        examples=["12000.00"],
    )
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
