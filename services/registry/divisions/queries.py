"""Reads of divisions."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.divisions.tables import DivisionRow
from shared.problems import InvalidRequest
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionLevel


async def require_village(session: AsyncSession, code: str, on: date) -> None:
    """Make sure that a code is a village in force on a day.

    Raises:
        InvalidRequest: there is no such division, it is not a village, or it is closed.

    """
    row = await session.get(DivisionRow, code)
    if row is None or row.level != DivisionLevel.VILLAGE:
        raise _not_a_village(code, Bilingual("不是已登记的村", "is not a village on record"))
    if row.valid_from > on or (row.valid_to is not None and row.valid_to <= on):
        raise _not_a_village(code, Bilingual("当日不存续", "is not in force on that day"))


def _not_a_village(code: str, why: Bilingual) -> InvalidRequest:
    detail = Bilingual(
        f"区划代码 {code} {why.zh}；请在 /v1/divisions 中查询村的 12 位代码。",
        f"Division {code} {why.en}; look up the village's 12-digit code in /v1/divisions.",
    )
    return InvalidRequest(detail, errors=[("/village_code", "not-a-village", detail)])
