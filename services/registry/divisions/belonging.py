"""What ties a record of a year to a division that was in force then."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.registry.divisions.queries import require_division_in
from shared.values.divisions import DivisionLevel
from shared.web.work import CallersWork


@dataclass(frozen=True)
class OfDivisionInYear:
    """Ties a record to the division that one of its members names, of a level if one is given."""

    member: str
    level: DivisionLevel | None = None

    async def tie(self, work: CallersWork, content: Any, row: Any | None) -> Mapping[str, Any]:
        """Return no further columns, since the content has it.

        Raises:
            NotFound: the division lies outside the caller's.
            InvalidRequest: it was none in force in that year.

        """
        code: str = getattr(content, self.member)
        work.caller.require_within(code)
        await require_division_in(work.session, code, content.year, f"/{self.member}", self.level)
        return {}
