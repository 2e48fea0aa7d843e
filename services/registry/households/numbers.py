"""Households by their number 户编号, however wide its characters were when it was recorded.

Numbers are kept half-width; those recorded before are found by their half-width form, stay as they
are, and are taken for whoever writes it either way.
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.recording.tables import STANDS
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.text import half_width

NUMBERED = "(number {0} OR (number <> half_width(number) AND half_width(number) {0}))"
"""The condition that a household has a number: {0} compares with half-width ones."""
_TAKEN = text(
    "SELECT EXISTS (SELECT FROM households "  # noqa: S608 - our own condition
    f"WHERE county = :county AND {NUMBERED.format('= :number')} AND id <> :household_id AND {STANDS})"
)


async def require_number_free(
    session: AsyncSession, county: str, number: str, household_id: UUID
) -> None:
    """Require that no other household of the county has the number, written in either width.

    Raises:
        Conflict: one has it.

    """
    asked = {"county": county, "number": half_width(number), "household_id": household_id}
    if await session.scalar(_TAKEN, asked):
        raise Conflict(
            Bilingual(
                "本县已有农户使用此户编号（全角与半角视为相同）；请先查询再修改该户；查不到的，"
                "可能是该户已迁出您的区划，请报上级核实；确是另一户的，换用新编号。",
                "A household of the county has this number already, be its characters full-width or "
                "half-width; look it up and amend it. One that you do not find may have moved out of your "
                "division: ask the level above. If it is another household, use another number.",
            )
        )
