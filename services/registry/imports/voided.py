"""What was voided of what a file is about: it does not come back by being imported again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from services.registry.imports.outcomes import RowProblem
from services.registry.imports.refusals import RowRefusal, voided_before
from services.registry.imports.register import Recorded
from services.registry.recording.held import has_held, said_by
from services.registry.recording.kind import ServedKind
from services.registry.recording.tables import STANDS
from services.registry.values.sealing import Sealer
from shared.db.database import DriverConnection
from shared.values.divisions import span


@dataclass(frozen=True)
class Voided:
    """The voided records of a kind with the states that they had, by what they stood for."""

    kind: ServedKind[Any]
    sealer: Sealer
    states: Mapping[Any, Sequence[tuple[Recorded, dict[str, Any]]]]

    def why_not(
        self, of: Any, content: Callable[[], BaseModel | tuple[RowProblem, ...]]
    ) -> RowRefusal | None:
        """Return the refusal of a row that says what one of them has held, whatever stands now.

        ``content`` reads the row alone: what is recorded fills none of its blanks.
        """
        states = self.states.get(of)
        if not states:
            return None
        alone = content()
        if isinstance(alone, tuple):
            return None
        said = said_by(self.kind, alone)
        for row, state in states:
            if has_held(self.kind, row["id"], state, said, self.sealer):
                return voided_before(row)
        return None


async def read_voided(
    driver: DriverConnection,
    kind: ServedKind[Any],
    sealer: Sealer,
    division: str,
    of: Sequence[str],
    values: Sequence[Any],
) -> Voided:
    """Return what was voided within a division, by columns of which the last is one of the values."""
    rows = await driver.fetch(
        f"""SELECT record.*, journal.state AS state_held FROM {kind.table.__tablename__} record
            JOIN journal ON subject_kind = $1 AND subject_id = record.id::text
            WHERE NOT ({STANDS}) AND {of[-1]} = ANY($2)
              AND village_code >= $3 AND village_code < $4""",  # noqa: S608 - our own names
        kind.name,
        values,
        *span(division),
    )
    states: dict[Any, list[tuple[Recorded, dict[str, Any]]]] = {}
    for row in rows:
        states.setdefault(tuple(row[name] for name in of), []).append((row, row["state_held"]))
    return Voided(kind, sealer, states)
