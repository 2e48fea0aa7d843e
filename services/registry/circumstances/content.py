"""Wire models of circumstances 家庭状况核对."""

from typing import Annotated, Any, Self, TypeAlias

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StrictInt,
    ValidationInfo,
    field_validator,
    model_validator,
)

from services.registry.circumstances.domain import require_commissioned
from services.registry.households.belonging import NewOfHousehold, RecordedOfHousehold, with_example
from services.registry.households.checking import CheckContent, require_result
from services.registry.recording.sheet import InSheet
from services.registry.values.yuan import PossibleYuan
from shared.values.refusal import refusing
from shared.values.text import HeldTexts

EXAMPLE: dict[str, JsonValue] = {
    "checked_on": "2020-08-20",
    "inspector": "（虚构）王芳",
    "department": "县居民家庭经济状况核对中心",
    "commission_signed": True,
    "cars": 0,
    "homes": 1,
    "financial_assets": "3200.00",
    "company_shares": False,
    "medical_spending": "8600.00",
    "rigid_spending": "11000.00",
    "supporter_able": False,
}
Count: TypeAlias = Annotated[StrictInt, Field(ge=0, le=99)]


class CircumstancesContent(CheckContent):
    """What a check found, one result at least, of a household; null or left out: not found out."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    commission_signed: Annotated[
        StrictBool | None,
        InSheet(note="未签的不得核对财产，以下四项财产留空"),
        Field(description="已签核对委托书 without it no property may be checked"),
    ] = None
    cars: Annotated[Count | None, InSheet(units=("辆", "台")), Field(description="机动车辆数")] = (
        None
    )
    homes: Annotated[Count | None, InSheet(units=("套", "处")), Field(description="住房套数")] = (
        None
    )
    financial_assets: Annotated[
        PossibleYuan | None,
        InSheet(note="存款、有价证券等"),
        Field(description="金融资产，元 deposits and securities, yuan"),
    ] = None
    company_shares: Annotated[
        StrictBool | None, Field(description="持有企业股份 owns a company or part of one")
    ] = None
    medical_spending: Annotated[
        PossibleYuan | None,
        InSheet(note="近 12 个月"),
        Field(description="医疗自付支出，元 own share in the last twelve months"),
    ] = None
    education_spending: Annotated[
        PossibleYuan | None,
        InSheet(note="近 12 个月"),
        Field(description="教育自付支出，元 own share in the last twelve months"),
    ] = None
    disaster_loss: Annotated[
        PossibleYuan | None,
        InSheet(note="近 12 个月自行承担的"),
        Field(description="灾害事故损失，元 own share in the last twelve months"),
    ] = None
    rigid_spending: Annotated[
        PossibleYuan | None,
        InSheet(note="近 12 个月，以家庭申报为准"),
        Field(description="刚性支出合计，元 all that the family declares, last twelve months"),
    ] = None
    sudden_hardship: Annotated[
        StrictBool | None, Field(description="突发困难 struck by sudden hardship")
    ] = None
    supporter_able: Annotated[
        StrictBool | None,
        Field(description="法定义务人有履行能力 who must support them is able to"),
    ] = None
    job_refusals: Annotated[
        Count | None,
        InSheet(units=("次",), note="近 6 个月"),
        Field(description="拒绝就业次数 suitable jobs refused in six months"),
    ] = None
    new_job_income: Annotated[
        PossibleYuan | None,
        InSheet(note="收入年度内"),
        Field(description="新就业收入，元 from new jobs in the income year"),
    ] = None
    new_job_months: Annotated[
        StrictInt | None,
        InSheet(units=("个月", "月"), note="全家合计"),
        Field(ge=0, le=1200, description="新就业月数 months worked in new jobs, of all members"),
    ] = None
    relocating_members: Annotated[
        Count | None,
        InSheet(units=("人",)),
        Field(description="列入搬迁计划人数 members in the relocation plan"),
    ] = None
    bad_credit: Annotated[StrictBool | None, Field(description="不良信用记录")] = None
    microloan_wanted: Annotated[StrictBool | None, Field(description="有小额信贷意愿")] = None
    housing_repair_planned: Annotated[
        StrictBool | None, Field(description="列入危房改造计划 in the housing repair plan")
    ] = None

    @field_validator("cars", "homes", "financial_assets", "company_shares")
    @classmethod
    def _property_is_commissioned(cls, found: Any, info: ValidationInfo) -> Any:
        signed = info.data.get("commission_signed")
        on_record = isinstance(info.context, HeldTexts)
        refusing(lambda value: require_commissioned(signed, value, on_record=on_record))(found)
        return found

    @model_validator(mode="after")
    def _something_was_found(self, info: ValidationInfo) -> Self:
        if not isinstance(self, RecordedOfHousehold):  # what is on record is shown as it is
            results = CircumstancesContent.model_fields.keys() - CheckContent.model_fields.keys()
            require_result([getattr(self, name) for name in results], info)
        return self


class NewCircumstances(CircumstancesContent, NewOfHousehold):
    """Circumstances to record; a client that works offline chooses the id itself."""

    model_config = with_example(EXAMPLE)


class Circumstances(CircumstancesContent, RecordedOfHousehold):
    """Circumstances as recorded 家庭状况核对."""
