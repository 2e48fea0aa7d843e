"""Wire models of villages 行政村."""

from datetime import date
from typing import Annotated

from pydantic import Field

from services.registry.divisions.schemas import Division
from services.registry.values.yuan import Yuan
from services.registry.villages.accounts.content import VillageAccount
from shared.values.divisions import DivisionCode
from shared.web.wire import WireModel


class VillageSummary(WireModel):
    """A village and its latest account 行政村; what is null is not recorded."""

    code: DivisionCode
    name: Annotated[str, Field(description="名称 name")]
    parent: Annotated[DivisionCode, Field(description="所属乡镇 its township")]
    valid_from: date
    valid_to: Annotated[date | None, Field(description="撤销日期（不含当日） null while in force")]
    account_year: Annotated[
        int | None, Field(description="最近收支年度 year of the latest account")
    ]
    total_income: Annotated[Yuan | None, Field(description="集体经济总收入 of that year")]
    operating_income: Annotated[Yuan | None, Field(description="经营性收入 of that year")]
    relatively_weak: Annotated[
        bool | None, Field(description="集体经济相对薄弱村 as listed that year")
    ]


class Village(Division):
    """A village with all of its accounts 行政村."""

    accounts: Annotated[
        list[VillageAccount], Field(description="各年度收支，最近在先 newest year first")
    ]
