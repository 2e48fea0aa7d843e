"""Wire models of income entries 收入."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    ValidationInfo,
    field_validator,
)

from services.registry.households.belonging import NewOfHousehold, RecordedOfHousehold, with_example
from services.registry.income.domain import (
    item_of,
    recurring_if_spent,
    whole_year,
)
from services.registry.recording.nesting import Nesting
from services.registry.recording.sheet import InSheet, InSheets
from services.registry.values.yuan import PossibleYuan
from services.registry.vocabulary.code import CodeFrom
from services.registry.vocabulary.coded import CodedContent
from shared.values.periods import Period
from shared.values.refusal import refusing
from shared.values.text import Note

Source = Annotated[str, CodeFrom("income_source")]
EXAMPLE: dict[str, JsonValue] = {
    "source": "wages",
    "item": "public_post",
    "period": {"from": "2019-01-01", "to": "2020-01-01"},
    "amount": "12000.00",
    "recurring": True,
    "description": "（虚构）护林员岗位",
}


class IncomeEntryContent(CodedContent):
    """What a household took in, or spent on its business, by one item in twelve months."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    source: Source
    item: Annotated[str, CodeFrom("income_item")]
    period: Annotated[
        Period,
        AfterValidator(refusing(whole_year)),
        InSheets(
            {
                "from": InSheet(header="期间起", note="期间正好 12 个月"),
                "to": InSheet(header="期间止", note="最后一天（含当日）", inclusive_end=True),
            }
        ),
        Field(description="期间 exactly twelve months that are over; to is exclusive"),
    ]
    amount: Annotated[
        PossibleYuan,
        Field(description="金额，元 yuan as text; 0.00 when looked into and found to be none"),
    ]
    recurring: Annotated[
        StrictBool,
        InSheet(note="一次性的填“否”"),
        Field(description="是否经常性 true for expenses; one-off income is false"),
    ]
    description: Annotated[Annotated[str, Note(500, least=0)] | None, Field(description="备注")] = (
        None
    )

    @field_validator("item")
    @classmethod
    def _item_is_of_its_source(cls, item: str, info: ValidationInfo) -> str:
        source = info.data.get("source")
        return refusing(partial(item_of, source=source))(item) if source else item

    @field_validator("recurring")
    @classmethod
    def _expenses_recur(cls, recurring: bool, info: ValidationInfo) -> bool:
        return refusing(partial(recurring_if_spent, source=info.data.get("source", "")))(recurring)

    def code_day(self, _member: str) -> date:
        return self.period.end - timedelta(days=1)


class NewIncomeEntry(IncomeEntryContent, NewOfHousehold):
    """An income entry to record; a client that works offline chooses the id itself."""

    model_config = with_example(EXAMPLE)


class IncomeEntry(IncomeEntryContent, RecordedOfHousehold):
    """An income entry as recorded 收入."""

    nests: ClassVar[Mapping[str, Nesting]] = {
        "period": Nesting({None: (Period, {"from": "period_from", "to": "period_to"})})
    }
