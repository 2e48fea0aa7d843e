"""What a kind of record is: everything that differs from its neighbours, declared once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, ClassVar, Generic, Protocol, Self, TypeAlias, TypeVar, cast
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field, JsonValue
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from services.registry.recording.domain import Voiding
from services.registry.recording.nesting import Nesting
from services.registry.recording.sheet import Sheets
from services.registry.recording.stating import Stated
from services.registry.recording.tables import RegisteredColumns
from services.registry.scopes import Scope
from services.registry.values.sealing import Sealer
from shared.journal.entries import SEALED
from shared.journal.records import RecordKind
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionCode
from shared.values.text import Identifier
from shared.web.work import CallersWork

Row = TypeVar("Row", bound=RegisteredColumns)


class Registered(BaseModel):
    """What every record of the registry shows beside its content."""

    external_source: Annotated[
        str | None, Field(description="外部系统 the system that sent the record; null for none")
    ] = None
    external_id: Annotated[str | None, Field(description="外部编号 what that system calls it")] = (
        None
    )
    voiding: Annotated[
        Voiding | None,
        Field(
            description="作废 null: the record stands; without voided_at it is proposed, and waits for "
            "a second person"
        ),
    ] = None


class NewRecord(BaseModel):
    """What a record to be made may name beside its content; a client that works offline chooses the id."""

    id: Annotated[UUID | None, Field(description="UUIDv7; made by the service if left out")] = None


class RecordedModel(Registered):
    """A record as it is shown. Members named as their columns need nothing more."""

    sealed: ClassVar[Mapping[str, str]] = {}
    """What the columns are called that hold a member masked and sealed."""
    nests: ClassVar[Mapping[str, Nesting]] = {}
    """The members that nest what the table has flat."""

    id: UUID
    version: int
    recorded_by: Annotated[str, Field(description="记录人 who recorded its content")]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def column_of(cls, member: str) -> str:
        """Return the column that a member is shown from."""
        return f"{cls.sealed[member]}_masked" if member in cls.sealed else member

    @classmethod
    def shown(cls, row: Any, member: str) -> Any:
        """Return a member as it is shown of a row."""
        nesting = cls.nests.get(member)
        return getattr(row, cls.column_of(member)) if nesting is None else nesting.shown(row)

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return the wire form of a row."""
        members: dict[str, Any] = {name: cls.shown(row, name) for name in cls.model_fields}
        return cast("Self", cls.model_construct(**members))

    @classmethod
    def state(cls, row: Any) -> dict[str, Any]:
        """Return a row's JSON state for the journal, what is sealed included."""
        state = cls.of(row).model_dump(mode="json", by_alias=True)
        for called in cls.sealed.values():
            sealed: bytes | None = getattr(row, called + SEALED)
            state[called + SEALED] = None if sealed is None else sealed.hex()
        return state


class Belonging(Protocol):
    """What a record belongs to: a household, a division in a year."""

    async def tie(self, work: CallersWork, content: Any, row: Any | None) -> Mapping[str, Any]:
        """Return the columns that tie a record, new if ``row`` is None, to what it belongs to.

        Raises:
            NotFound: that lies outside the caller's division.
            InvalidRequest: it cannot have such a record.

        """
        ...


@dataclass(frozen=True)
class Key:
    """What one record stands for, so that there is no second one.

    ``words`` says what to do instead and may name ``{recorded}``, the row that is there, and its
    columns: ``{recorded.id}``.
    """

    columns: Sequence[str]
    failure: type[Conflict]
    words: Bilingual


@dataclass(frozen=True)
class Sentences:
    """What the verbs do, in English, ``{kind}`` being the kind's title; in Chinese its label says that."""

    create: str
    list: str
    read: str = "Read the {kind}, as it is or as it was known at a moment."
    amend: str = "Amend the {kind} with a JSON merge patch; null makes a member unknown."
    void: str = ""
    """What is voided with it, in both languages, in front of what is said of all kinds."""
    create_many: str | None = None
    """Without it many cannot be sent at once."""


ExternalSource: TypeAlias = Annotated[str, Identifier(40)]
ExternalId: TypeAlias = Annotated[str, Identifier(80)]
ExternalSourceAsked: TypeAlias = Annotated[ExternalSource | None, Query(description="外部系统")]
ExternalIdAsked: TypeAlias = Annotated[ExternalId | None, Query(description="外部编号")]
VoidedAsked: TypeAlias = Annotated[
    bool, Query(description="已作废 true: those voided, in place of those that stand")
]


def stands(table: type[RegisteredColumns]) -> ColumnElement[bool]:
    """Return the condition that a record stands: nobody has voided it."""
    return table.voided_at.is_(None)


def is_voided(table: type[RegisteredColumns]) -> ColumnElement[bool]:
    """Return the condition that a record is voided."""
    return table.voided_at.is_not(None)


@dataclass(frozen=True)
class Narrowing:
    """Which records a list shows: members are columns that must hold what is asked; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 a village or anything above it")
    ] = None
    external_source: ExternalSourceAsked = None
    external_id: ExternalIdAsked = None
    voided: VoidedAsked = False

    def conditions(self, table: type[RegisteredColumns]) -> Iterator[ColumnElement[bool]]:
        """Yield what a row must meet, beside lying in the division."""
        yield is_voided(table) if self.voided else stands(table)
        for each in fields(self):
            wanted = getattr(self, each.name)
            if wanted is not None and each.name not in {"division", "voided"}:
                yield self.condition(table, each.name, wanted)

    def condition(self, table: Any, name: str, wanted: Any) -> Any:
        """Return what a row of a table must meet for one member."""
        return getattr(table, name) == wanted


@dataclass(frozen=True, kw_only=True)
class ServedKind(RecordKind[Row], Generic[Row]):
    """A kind of record as its routes and their documents know it."""

    service: str = "registry"
    state: Callable[[Row], dict[str, Any]] = field(init=False)
    path: str
    label: str
    """The kind in Chinese, as documents name it."""
    id_name: str
    content: type[BaseModel]
    new: type[BaseModel]
    recorded: type[RecordedModel]
    narrowing: type[Narrowing]
    orders: Mapping[str, Sequence[InstrumentedAttribute[Any]]]
    """By the name to sort by, with ``-`` if the greatest is first; the first is the default."""
    reader: Scope
    writer: Scope
    sentences: Sentences
    amendment: dict[str, JsonValue]
    """An example of a merge patch."""

    def __post_init__(self) -> None:
        """Let the journal hold the record as it is shown."""
        object.__setattr__(self, "state", self.recorded.state)

    @property
    def plural(self) -> str:
        """Return the name of many."""
        return self.path.replace("-", "_")

    @property
    def address(self) -> str:
        """Return where the records are found."""
        return f"/v1/{self.path}"

    def seal_context(self, record_id: object, called: str) -> str:
        """Return what a sealed column of a record is bound to, so that it opens nowhere else."""
        return f"{self.name}:{record_id}:{called}"

    def opened(self, row: Row, member: str, sealer: Sealer) -> str | None:
        """Return in full what is sealed of a row; None if nothing is."""
        called = self.recorded.sealed[member]
        sealed: bytes | None = getattr(row, called + SEALED)
        return None if sealed is None else sealer.open(sealed, self.seal_context(row.id, called))

    def content_of(self, row: Row, sealer: Sealer | None = None) -> Any:
        """Return a row's content, what is sealed of it in full if ``sealer`` is given."""
        members = {name: self.recorded.shown(row, name) for name in self.content.model_fields}
        if sealer is not None:
            members |= {name: self.opened(row, name, sealer) for name in self.recorded.sealed}
        return self.content.model_construct(**members)

    @cached_property
    def shown_from(self) -> Mapping[str, str]:
        """By member of the content that nests nothing the column that it is shown from."""
        members = self.content.model_fields.keys() - self.recorded.nests.keys()
        return {name: self.recorded.column_of(name) for name in members}

    def written(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return content, yet to be validated, of those of its columns that there are."""
        written = {
            name: columns[column] for name, column in self.shown_from.items() if column in columns
        }
        for name, nesting in self.recorded.nests.items():
            written[name] = nesting.written(columns)
        return written


@dataclass(frozen=True, kw_only=True)
class Kind(ServedKind[Row], Generic[Row]):
    """A kind of record that is recorded, amended, listed and read as all are."""

    owner: Belonging
    key: Key
    possible: Callable[[Any, date], None]
    """Refuses content that cannot be yet, by an ``InvalidValue``; the date is today's."""
    looked_at: str
    """The member that it looks at, as a pointer."""
    sheets: Sheets | None = None
    """The sheets of an import that hold it, if any do."""
    stated: Stated | None = None
    """The facts that follow from its records, if rules judge by any."""
    flat: Callable[[Any], dict[str, Any]] | None = None
    """Makes the table's columns, by attribute, of content that they do not hold as it is."""

    def columns(self, content: BaseModel) -> dict[str, Any]:
        """Return the table's columns, by attribute, of content."""
        if self.flat is not None:
            return self.flat(content)
        columns = content.model_dump(include={*self.content.model_fields})
        for name, nesting in self.recorded.nests.items():
            columns |= nesting.flat(columns.pop(name), columns)
        return columns
