"""The kinds of record that an import writes: their columns in order, and their journal states."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, get_args
from uuid import UUID

from pydantic import BaseModel

from services.registry.households.kind import HOUSEHOLD
from services.registry.households.members.kind import MEMBER
from services.registry.imports.outcomes import Outcome, RowPlan, RowProblem, failed
from services.registry.imports.refusals import RowRefusal
from services.registry.imports.register import Recorded, columns_by_attribute
from services.registry.recording.kind import ServedKind
from services.registry.recording.tables import VOIDING
from services.registry.values.sealing import Sealer
from shared.journal.entries import SEALED
from shared.journal.records import RecordKind, beside_content
from shared.values.money import Fen, format_fen

State = dict[str, Any]
STAMPS = ("id", "village_code", "version", "recorded_by", "created_at", "updated_at")
HOUSEHOLD_ID = "household_id"
EXTERNAL = ("external_source", "external_id")
BESIDE_CONTENT = dict.fromkeys(("voiding", *EXTERNAL))
"""What a new record's state says of it that no import sets."""


@dataclass(frozen=True)
class Importable:
    """A kind of record, and how its rows are moved in sets.

    ``content`` gives from a row's attributes the members of the journal's state that hold its
    content, for serialisation by orjson: dates may stand as they are. ``repeats`` says that many
    records have the very same content.
    """

    kind: RecordKind[Any]
    content: Callable[[Mapping[str, Any]], State]
    repeats: bool = False
    amounts: tuple[str, ...] = ()
    """The attributes that are money."""

    @classmethod
    def of(cls, kind: ServedKind[Any], *, repeats: bool = False) -> "Importable":
        """Return a kind, which says how its content is written of its columns."""
        amounts = amounts_of(kind.content)
        sealed = [called + SEALED for called in kind.recorded.sealed.values()]

        def content(row: Mapping[str, Any]) -> State:
            state = kind.written(row)
            for name in sealed:
                state[name] = None if row[name] is None else row[name].hex()
            for name in amounts:
                if state[name] is not None:
                    state[name] = format_fen(state[name])
            return state

        return cls(kind, content, repeats, amounts)

    @cached_property
    def columns(self) -> dict[str, str]:
        """The columns of the table by attribute."""
        return columns_by_attribute(self.kind.table)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The attributes of a record's content, in the order of ``RowPlan.after``."""
        common = {*STAMPS, HOUSEHOLD_ID, *beside_content(self.kind.table)}
        return tuple(name for name in self.columns if name not in common)

    @cached_property
    def stamps(self) -> tuple[str, ...]:
        """The other attributes: what the record is, whose, and who recorded it when."""
        return (*STAMPS, HOUSEHOLD_ID) if self.belongs else STAMPS

    @cached_property
    def belongs(self) -> bool:
        """Whether the record belongs to a household."""
        return HOUSEHOLD_ID in self.columns

    def state(self, row: Mapping[str, Any]) -> State:
        """Return from a row's attributes what ``kind.state`` gives from a mapped row."""
        stamps = {name: row[name] for name in (*self.stamps, *EXTERNAL)}
        return self.content(row) | stamps | {"voiding": _voiding(row)}

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each attribute in that order."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def values(self) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        """Return a record's content in that order."""
        return itemgetter(*self.names)

    def changes(self, recorded: Recorded, after: Sequence[Any]) -> bool:
        """Tell whether the values differ from what is recorded."""
        return any(recorded[name] != value for name, value in zip(self.names, after, strict=True))

    @cached_property
    def unsettable(self) -> frozenset[str]:
        """Columns that an amendment leaves alone: what moves with the household follows it."""
        fixed = {"id", "created_at"}
        return frozenset(fixed | ({"village_code", HOUSEHOLD_ID} if self.belongs else set()))


def amounts_of(content: type[BaseModel]) -> tuple[str, ...]:
    """Return the members of a wire model that are money, or may be."""
    return tuple(name for name, each in content.model_fields.items() if _has_fen(each.annotation))


def _has_fen(annotation: Any) -> bool:
    return annotation is Fen or any(map(_has_fen, get_args(annotation)))


def _voiding(row: Mapping[str, Any]) -> State | None:
    """Return the voiding in a row's attributes, if somebody has proposed one."""
    if row["void_proposed_at"] is None:
        return None
    return {member: row[column] for column, member in VOIDING.items()}


def content_on_record(kind: ServedKind[Any], existing: Recorded, sealer: Sealer) -> Any:
    """Return the content of a record in the register, what is sealed of it in full."""
    # Only read, and no mapped row: to make one takes longer than all else that is done with it.
    return kind.content_of(SimpleNamespace(**existing), sealer)


HOUSEHOLDS = Importable.of(HOUSEHOLD)
MEMBERS = Importable.of(MEMBER)


def planned(
    importable: Importable,
    row: int,
    record_id: UUID,
    village_code: str,
    after: tuple[Any, ...],
    existing: Recorded | None,
    household_id: UUID | None = None,
    changed: tuple[str, ...] = (),
) -> RowPlan:
    """Return the plan of a row whose record will hold ``after``; it fails if that waits to be voided.

    ``changed`` are the headers of what differs.
    """
    if existing is None:
        outcome = Outcome.CREATED
    elif importable.changes(existing, after) or (
        importable is HOUSEHOLDS and village_code != existing["village_code"]
    ):
        if existing["void_proposed_at"] is not None:
            return failed(row, RowProblem.of(RowRefusal("voiding-proposed")))
        outcome = Outcome.UPDATED
    else:
        return RowPlan(row, Outcome.UNCHANGED, record_id, village_code=village_code)
    return RowPlan(
        row, outcome, record_id, (), after, existing, village_code, household_id, changed
    )
