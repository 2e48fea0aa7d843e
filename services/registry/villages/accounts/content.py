"""Wire models of village accounts 村集体经济年度收支."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue, StrictBool

from services.registry.recording.kind import NewRecord, RecordedModel
from services.registry.values.yuan import PossibleYuan, Yuan
from services.registry.villages.accounts.domain import sums_of
from services.registry.villages.tables import VillageAccountRow
from services.registry.vocabulary.code import CodeFrom
from services.registry.vocabulary.coded import CodedContent
from shared.values.divisions import DivisionCode
from shared.values.money import Fen
from shared.values.text import Note
from shared.web.wire import WireModel

MAX_LINES = 100
EXAMPLE: dict[str, JsonValue] = {
    "village_code": "330127100219",
    "year": 2019,
    "relatively_weak": True,
    "lines": [
        {
            "source": "leasing",
            "amount": "62000.00",
            "operating": True,
            "recurring": True,
            "description": "（虚构）厂房出租",
        },
        {"source": "subsidy", "amount": "45000.00", "operating": False, "recurring": False},
    ],
}


class VillageAccountLine(WireModel):
    """One item of a village's collective income in a year."""

    source: Annotated[str, CodeFrom("village_income_source")]
    amount: Annotated[PossibleYuan, Field(description="金额，元 yuan as text")]
    operating: Annotated[StrictBool, Field(description="是否经营性收入 counts as operating income")]
    recurring: Annotated[StrictBool, Field(description="是否经常性 one-off income is false")]
    description: Annotated[Annotated[str, Note(500, least=0)] | None, Field(description="备注")] = (
        None
    )


class VillageAccountContent(CodedContent):
    """What a village's collective economy took in during a calendar year that is over."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    village_code: DivisionCode
    year: Annotated[
        int,
        Field(strict=True, ge=2000, le=2100, description="年度 calendar year", examples=[2019]),
    ]
    relatively_weak: Annotated[
        StrictBool | None,
        Field(description="集体经济相对薄弱村 as listed that year; null: not known"),
    ] = None
    lines: Annotated[
        list[VillageAccountLine],
        Field(max_length=MAX_LINES, description="收入明细 empty: looked into, and there was none"),
    ]

    def code_day(self, _member: str) -> date:
        return date(self.year, 12, 31)


class NewVillageAccount(VillageAccountContent, NewRecord):
    """An account to record; a client that works offline chooses the id itself."""


class VillageAccount(VillageAccountContent, RecordedModel):
    """An account as recorded 村集体经济年度收支."""

    total_income: Annotated[Yuan, Field(description="总收入 sum of all lines")]
    operating_income: Annotated[Yuan, Field(description="经营性收入 sum of the operating lines")]
    one_off_income: Annotated[
        Yuan, Field(description="一次性收入 sum of the lines that do not recur")
    ]

    @classmethod
    def shown(cls, row: VillageAccountRow, member: str) -> Any:
        """Return a member as it is shown of a row."""
        return [*map(_line, row.lines)] if member == "lines" else super().shown(row, member)


def village_account_columns(content: VillageAccountContent) -> dict[str, Any]:
    """Return the columns of an account's content, its sums included."""
    return {
        "village_code": content.village_code,
        "year": content.year,
        "relatively_weak": content.relatively_weak,
        "lines": [
            line.model_dump(exclude={"amount"}) | {"amount_fen": int(line.amount)}
            for line in content.lines
        ],
        **asdict(sums_of(content.lines)),
    }


def _line(stored: dict[str, Any]) -> VillageAccountLine:
    plain = {name: value for name, value in stored.items() if name != "amount_fen"}
    return VillageAccountLine.model_construct(**plain, amount=Fen(stored["amount_fen"]))
