"""Wire models of households 农户."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, ValidationInfo, field_validator, model_validator

from services.registry.households.happening import HAPPENED
from services.registry.households.refusals import HouseholdRefusal
from services.registry.personal_data import Purpose
from services.registry.recording.kind import NewRecord, RecordedModel
from services.registry.recording.sheet import NOT_IN_SHEETS, InSheet, Sensitive
from services.registry.vocabulary.code import CodeFrom
from services.registry.vocabulary.coded import CodedContent
from services.registry.vocabulary.notations import is_no_number, plain_telephone
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.values.text import Identifier, Line, Telephone, is_held
from shared.web.wire import WireModel

Category = Annotated[str, CodeFrom("household_category")]
Cause = Annotated[str, CodeFrom("poverty_cause")]
Address = Annotated[str, Line(200, least=0)]

EXAMPLE: dict[str, JsonValue] = {
    "number": "CA-000123",
    "village_code": "330127100219",
    "category": "dibao",
    "main_cause": "illness",
    "other_causes": ["labour"],
    "epidemic_impact": False,
    "address": "（虚构样本）1 号",
    "phone": "13800000000",
    "registered_on": "2019-10-01",
}


class HouseholdContent(CodedContent):
    """What is recorded of a household; what is left out or null is not known."""

    lasting: ClassVar[bool] = True

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    number: Annotated[
        str,
        Identifier(40),
        InSheet(note="本县内唯一，不含空格"),
        Field(description="户编号 the office's own number, unique within the county"),
    ]
    village_code: Annotated[
        DivisionCode,
        InSheet(header="村编码", note="12 位区划代码", text=Identifier(12), often=True),
    ]
    category: Annotated[Category, InSheet(header="农户类别")]
    main_cause: Annotated[Cause | None, InSheet(header="主要致贫原因")] = None
    other_causes: Annotated[
        list[Cause],
        InSheet(note="不与主要原因重复"),
        Field(max_length=14, description="其他致贫原因 further causes, no repeats"),
    ] = Field(default=[])
    epidemic_impact: Annotated[bool | None, Field(description="疫情影响 hit by the epidemic")] = (
        None
    )
    address: Annotated[Address | None, Field(description="住址")] = None
    phone: Annotated[
        Annotated[str, Telephone(21)] | None,
        InSheet(note="只含数字", tidied=plain_telephone, sensitive=Sensitive.PHONE),
        Field(description="联系电话 masked in every answer"),
    ] = None
    registered_on: Annotated[IsoDate, HAPPENED, Field(description="登记日期 date of registration")]
    ended_on: Annotated[
        IsoDate | None,
        HAPPENED,
        NOT_IN_SHEETS,
        Field(description="终止日期 no longer a household of the register from then"),
    ] = None

    @field_validator("number")
    @classmethod
    def _number_is_one(cls, number: str, info: ValidationInfo) -> str:
        if is_no_number(number) and not is_held(number, info):
            raise HouseholdRefusal("household-number-missing").as_pydantic()
        return number

    @field_validator("other_causes")
    @classmethod
    def _causes_differ(cls, causes: list[str], info: ValidationInfo) -> list[str]:
        if len({*causes, info.data.get("main_cause")}) <= len(causes):
            raise HouseholdRefusal("cause-repeated").as_pydantic()
        return causes

    @model_validator(mode="after")
    def _ends_after_registration(self) -> Self:
        if self.ended_on is not None and self.ended_on < self.registered_on:
            raise HouseholdRefusal("ended-before-registered").as_pydantic()
        return self

    def code_day(self, _member: str) -> date:
        return self.registered_on


class NewHousehold(HouseholdContent, NewRecord):
    """A household to record; a client that works offline chooses the id itself."""


class Household(HouseholdContent, RecordedModel):
    """A household as recorded 农户."""

    sealed: ClassVar[Mapping[str, str]] = {"phone": "phone"}

    phone: Annotated[str | None, Field(description="联系电话 masked", examples=["138******00"])] = (
        None
    )


class RevealHousehold(WireModel):
    """What to reveal of a household, and for what."""

    purpose: Purpose
    fields: Annotated[list[Literal["phone"]], Field(min_length=1, max_length=1)]


class RevealedHousehold(WireModel):
    """What is sealed of a household, in full."""

    phone: Annotated[str | None, Field(description="联系电话", examples=["13800000000"])]
