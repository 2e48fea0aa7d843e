"""What officials do with divisions: open one, rename one, close one."""

from datetime import date
from typing import Any

from sqlalchemy import or_, select

from services.registry.divisions.domain import DivisionRefusal, outlasts
from services.registry.divisions.queries import find_division
from services.registry.divisions.records import division_state, journal_division
from services.registry.divisions.schemas import Division, DivisionContent, NewDivision
from services.registry.divisions.tables import DivisionRow
from shared.problems import Conflict
from shared.values import divisions
from shared.values.bilingual import Bilingual
from shared.web.etags import ExpectedVersion, require_version
from shared.web.merge_patch import patched
from shared.web.validation import refusing_at
from shared.web.work import CallersWork, Work

NAMED_CHILDREN = 5


class DivisionCodeTaken(Conflict):
    code = "division-code-taken"
    title = Bilingual("区划代码已被使用", "The division's code is taken")


class ChildrenInForce(Conflict):
    code = "children-in-force"
    title = Bilingual("下级区划仍存续", "Divisions below are still in force")


async def open_division(work: CallersWork, new: NewDivision) -> DivisionRow:
    """Open a division.

    Raises:
        NotFound: it would lie outside the caller's division.
        DivisionCodeTaken: the code belongs to a division, a closed one perhaps.
        InvalidRequest: its code lies outside its parent, or the parent is not in force.

    """
    work.caller.require_within(new.code)
    taken = await work.session.get(DivisionRow, new.code)
    if taken is not None:
        raise _code_taken(taken)
    row = DivisionRow(
        code=new.code,
        name=new.name,
        level=divisions.level(new.code),
        parent=new.parent or divisions.parent(new.code),
        valid_from=new.valid_from,
        valid_to=None,
        version=1,
        recorded_by=work.actor,
        created_at=work.now,
        updated_at=work.now,
    )
    with refusing_at("/parent"):
        await _require_parent(work, row, None)
    work.session.add(row)
    await work.session.flush()
    journal_division(work, row, "opened", None)
    return row


async def amend_division(
    work: CallersWork, code: str, expected_version: ExpectedVersion, patch: dict[str, Any]
) -> DivisionRow:
    """Apply a merge patch to a division: a new name, a closing date, or null to reopen it.

    Raises:
        NotFound: it does not exist, or lies outside the caller's division.
        PreconditionFailed: it has changed since it was read.
        InvalidRequest: the result is not valid, or it would stand longer than its parent.
        ChildrenInForce: a division below would stand longer than it.

    """
    work.caller.require_within(code)
    row = await find_division(work.session, code, for_update=True)
    before = division_state(row)
    require_version(expected_version, row.version, before)
    after = patched(DivisionContent, Division.of(row), patch)
    if (after.name, after.valid_to) == (row.name, row.valid_to):
        return row
    if after.valid_to != row.valid_to:
        await _require_end(work, row, after.valid_to)
    what = "closed" if row.valid_to is None and after.valid_to is not None else "amended"
    row.name, row.valid_to = after.name, after.valid_to
    row.version += 1
    row.recorded_by, row.updated_at = work.actor, work.now
    journal_division(work, row, what, before)
    return row


async def _require_end(work: Work, row: DivisionRow, end: date | None) -> None:
    with refusing_at("/valid_to"):
        if end is not None and end <= row.valid_from:
            raise DivisionRefusal("closed-before-opened", start=row.valid_from.isoformat())
        await _require_parent(work, row, end)
    if end is not None:
        await _require_children_closed(work, row, end)


async def _require_parent(work: Work, row: DivisionRow, end: date | None) -> None:
    """Refuse a parent that does not hold a division, by its code and for all of its time.

    The parent stays locked, so that it is not closed meanwhile.
    """
    if row.parent is None:
        return
    if row.parent == row.code or not divisions.contains(row.parent, row.code):
        raise DivisionRefusal("division-outside-parent", division=row.code, parent=row.parent)
    parent = await work.session.get(DivisionRow, row.parent, with_for_update=True)
    if parent is None or not outlasts((parent.valid_from, parent.valid_to), (row.valid_from, end)):
        raise DivisionRefusal(
            "parent-not-in-force", parent=row.parent, start=row.valid_from.isoformat()
        )


async def _require_children_closed(work: Work, row: DivisionRow, end: date) -> None:
    still = list(
        await work.session.scalars(
            select(DivisionRow.code)
            .where(
                DivisionRow.parent == row.code,
                or_(DivisionRow.valid_to.is_(None), DivisionRow.valid_to > end),
            )
            .order_by(DivisionRow.code)
        )
    )
    if still:
        named = still[:NAMED_CHILDREN]
        raise ChildrenInForce(
            Bilingual(
                f"{row.name}有 {len(still)} 个下级区划在 {end} 仍存续"
                f"（如 {'、'.join(named)}）；请先将其撤销或并入他处。",
                f"{len(still)} divisions below {row.code} are still in force on {end}, such as "
                f"{', '.join(named)}; close them first.",
            ),
            children=named,
        )


def _code_taken(taken: DivisionRow) -> DivisionCodeTaken:
    return DivisionCodeTaken(
        Bilingual(
            f"代码 {taken.code} 属于{taken.name}，不能再用于其他地方；"
            "同一地方恢复时请将其 valid_to 改为 null，否则请换用新代码。",
            f"The code {taken.code} belongs to {taken.name} and is never given to another place; "
            "set its valid_to to null to reopen the same place, or use a new code.",
        )
    )
