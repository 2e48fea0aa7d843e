"""The kind of record that a division's figure is."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from services.registry.divisions.belonging import OfDivisionInYear
from services.registry.divisions.figures.content import (
    DivisionFigure,
    DivisionFigureContent,
    FigureCode,
    NewDivisionFigure,
)
from services.registry.divisions.figures.domain import require_measured
from services.registry.divisions.tables import DivisionFigureRow
from services.registry.recording.kind import Key, Kind, Narrowing, Sentences
from services.registry.scopes import Scope
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionCode


class FigureAlreadyRecorded(Conflict):
    code = "figure-already-recorded"
    title = Bilingual("该指标已登记", "This figure is recorded already")


@dataclass(frozen=True)
class DivisionFigureFilter(Narrowing):
    """Which figures a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 it and everything within it")
    ] = None
    figure: Annotated[FigureCode | None, Query(description="指标")] = None
    year: Annotated[int | None, Query(ge=2000, le=2100, description="年度")] = None


DIVISION_FIGURE = Kind(
    name="division_figure",
    path="division-figures",
    id_name="figure_id",
    title=Bilingual("区划年度指标", "division figure"),
    label="区划年度指标",
    sentences=Sentences(
        create="Record a figure of a division, such as its dibao standard.",
        create_many="Record up to 1000 figures; every one gets its outcome.",
        list="List the figures of a division and of all within it.",
    ),
    table=DivisionFigureRow,
    content=DivisionFigureContent,
    new=NewDivisionFigure,
    recorded=DivisionFigure,
    amendment={"amount": "720.00"},
    division="division",
    owner=OfDivisionInYear("division"),
    key=Key(
        ("division", "figure", "year"),
        FigureAlreadyRecorded,
        Bilingual(
            "该区划 {recorded.year} 年的这一指标已登记；请以 PATCH 修改 "
            "/v1/division-figures/{recorded.id}。",
            "The division has this figure for {recorded.year}; amend it with PATCH "
            "/v1/division-figures/{recorded.id}.",
        ),
    ),
    possible=lambda figure, today: require_measured(figure.figure, figure.year, today),
    looked_at="/year",
    narrowing=DivisionFigureFilter,
    orders={
        "division": [DivisionFigureRow.division, DivisionFigureRow.id],
        "-year": [DivisionFigureRow.year, DivisionFigureRow.id],
    },
    reader=Scope.DIVISIONS_READ,
    writer=Scope.DIVISIONS_WRITE,
)
