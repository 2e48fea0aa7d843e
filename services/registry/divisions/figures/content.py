"""Wire models of division figures 区划年度指标."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from services.registry.recording.kind import NewRecord, RecordedModel
from services.registry.values.yuan import PossibleYuan
from services.registry.vocabulary.code import CodeFrom
from services.registry.vocabulary.coded import CodedContent
from shared.values.divisions import DivisionCode
from shared.values.text import Line

EXAMPLE: dict[str, JsonValue] = {
    "division": "330127000000",
    "figure": "dibao_monthly_standard",
    "year": 2020,
    "amount": "700.00",
    "source": "（虚构）县民政局公告",
}

FigureCode = Annotated[str, CodeFrom("division_figure")]
Year = Annotated[
    int,
    Field(strict=True, ge=2000, le=2100, description="年度 calendar year", examples=[2019]),
]


class DivisionFigureContent(CodedContent):
    """A figure of a division as a whole for one year."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    division: DivisionCode
    figure: FigureCode
    year: Year
    amount: Annotated[
        PossibleYuan,
        Field(description="金额，元 yuan as text; a standard's is per month if its name says so"),
    ]
    source: Annotated[
        Annotated[str, Line(500, least=0)] | None,
        Field(description="依据 document that states it"),
    ] = None

    def code_day(self, _member: str) -> date:
        return date(self.year, 12, 31)


class NewDivisionFigure(DivisionFigureContent, NewRecord):
    """A figure to record; a client that works offline chooses the id itself."""


class DivisionFigure(DivisionFigureContent, RecordedModel):
    """A figure as recorded 区划年度指标."""
