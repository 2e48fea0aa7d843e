"""What officials do with division figures: record one or many, amend one."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.registry.divisions.figures.domain import require_measured
from services.registry.divisions.figures.records import DIVISION_FIGURE
from services.registry.divisions.figures.schemas import (
    DivisionFigure,
    DivisionFigureContent,
    NewDivisionFigure,
)
from services.registry.divisions.queries import require_division_in
from services.registry.divisions.tables import DivisionFigureRow
from shared.ids import new_id
from shared.journal.records import amend, create, find
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.batch import Batch, BatchAnswer, ItemOutcome, carry_out
from shared.web.etags import ExpectedVersion, require_version
from shared.web.merge_patch import patched
from shared.web.validation import refusing_at
from shared.web.work import Work


class FigureAlreadyRecorded(Conflict):
    code = "figure-already-recorded"
    title = Bilingual("该指标已登记", "This figure is recorded already")


async def record_division_figure(
    work: Work, caller: Caller, new: NewDivisionFigure
) -> DivisionFigureRow:
    """Record a figure.

    Raises:
        NotFound: its division lies outside the caller's.
        InvalidRequest: the division was not in force in that year, or the year is not over.
        FigureAlreadyRecorded: the division has this figure for this year.
        Conflict: the id is taken.

    """
    await _require_possible(work, caller, new)
    recorded = await _recorded(work, new)
    if recorded is not None:
        raise _already_recorded(recorded)
    return await _create(work, new)


async def record_division_figures(
    work: Work, caller: Caller, batch: Batch[NewDivisionFigure]
) -> BatchAnswer:
    """Record many figures; one recorded already with the same content is left unchanged.

    Raises:
        BatchRefused: a figure failed and the mode is all_or_nothing.

    """

    async def write(new: NewDivisionFigure) -> tuple[ItemOutcome, UUID]:
        await _require_possible(work, caller, new)
        recorded = await _recorded(work, new)
        if recorded is None:
            return ItemOutcome.CREATED, (await _create(work, new)).id
        if (recorded.amount, recorded.source) != (new.amount, new.source):
            raise _already_recorded(recorded)
        return ItemOutcome.UNCHANGED, recorded.id

    return await carry_out(work, batch, NewDivisionFigure, write)


async def amend_division_figure(
    work: Work,
    caller: Caller,
    figure_id: UUID,
    expected_version: ExpectedVersion,
    patch: dict[str, Any],
) -> DivisionFigureRow:
    """Apply a merge patch to a figure.

    Raises:
        NotFound: the figure, or its new division, lies outside the caller's division.
        PreconditionFailed: it has changed since it was read.
        InvalidRequest: the result is not valid.
        FigureAlreadyRecorded: the division has another such figure for this year.

    """
    row = await find(work.session, DIVISION_FIGURE, figure_id, caller, for_update=True)
    current = DivisionFigure.of(row)
    require_version(expected_version, row.version, current.model_dump(mode="json"))
    after = patched(DivisionFigureContent, current, patch)
    await _require_possible(work, caller, after)
    recorded = await _recorded(work, after)
    if recorded is not None and recorded is not row:
        raise _already_recorded(recorded)
    await amend(work, DIVISION_FIGURE, row, after.model_dump())
    return row


async def _require_possible(work: Work, caller: Caller, content: DivisionFigureContent) -> None:
    caller.require_within(content.division)
    with refusing_at("/year"):
        require_measured(content.figure, content.year, work.today)
    await require_division_in(work.session, content.division, content.year, "/division")


async def _recorded(work: Work, content: DivisionFigureContent) -> DivisionFigureRow | None:
    return await work.session.scalar(
        select(DivisionFigureRow).filter_by(
            division=content.division, figure=content.figure, year=content.year
        )
    )


async def _create(work: Work, new: NewDivisionFigure) -> DivisionFigureRow:
    return await create(work, DIVISION_FIGURE, new.model_dump() | {"id": new.id or new_id()})


def _already_recorded(recorded: DivisionFigureRow) -> FigureAlreadyRecorded:
    return FigureAlreadyRecorded(
        Bilingual(
            f"该区划 {recorded.year} 年的这一指标已登记；请以 PATCH 修改 "
            f"/v1/division-figures/{recorded.id}。",
            f"The division has this figure for {recorded.year}; amend it with PATCH "
            f"/v1/division-figures/{recorded.id}.",
        ),
        division_figure_id=str(recorded.id),
    )
