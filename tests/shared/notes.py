"""A small application under the house's conventions: notes on villages."""

import asyncio
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import Text, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db.base import service_metadata
from shared.db.columns import Division
from shared.db.database import Database
from shared.journal.history import HistoryEntry
from shared.journal.records import (
    RecordColumns,
    RecordKind,
    amend,
    create,
    find,
    history,
    state_of,
)
from shared.journal.routes import events_router
from shared.security.access import Caller, requires
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionCode
from shared.web.etags import IfMatch, etag, require_version
from shared.web.merge_patch import MergePatch, merge_patch_body, patched
from shared.web.pages import Page, PageAsked, read_page
from shared.web.reading import KnownAt, ReadSession
from shared.web.route import ServiceRoute
from shared.web.wire import WireModel
from shared.web.work import CallersWork, writing

VILLAGE = "330127100219"


class Scope(StrEnum):
    READ = "notes:read"
    WRITE = "notes:write"
    EVENTS = "events:read"


class EveryDivision:
    """Knows every division."""

    async def require(self, caller: Caller, code: str, as_of: date | None = None) -> None:
        caller.require_within(code)


class NotesBase(DeclarativeBase):
    metadata = service_metadata()


class NoteRow(RecordColumns, NotesBase):
    __tablename__ = "notes"

    village_code: Mapped[str] = mapped_column(Division)
    text: Mapped[str] = mapped_column(Text)
    secret_sealed: Mapped[str | None] = mapped_column(Text)
    place: Mapped[int] = mapped_column(default=0)


class NoteContent(WireModel):
    village_code: DivisionCode = VILLAGE
    text: str = Field(max_length=20)
    place: int = 0


class Note(NoteContent):
    id: UUID
    version: int


def _state(row: NoteRow) -> dict[str, Any]:
    return Note.model_validate(row, extra="ignore").model_dump(mode="json") | {
        "secret_sealed": row.secret_sealed
    }


NOTE = RecordKind("test", "note", Bilingual("记事", "note"), NoteRow, _state)
Reader = Annotated[Caller, requires(Scope.READ)]
Writing = Annotated[CallersWork, writing(Scope.WRITE)]
router = APIRouter(prefix="/v1/notes", route_class=ServiceRoute)
events = events_router("test", Scope.EVENTS)


def _note(row: NoteRow) -> Note:
    return Note.model_validate(_state(row), extra="ignore")


async def make_tables(database: Database) -> None:
    """Create the notes' table."""
    async with database.engine.begin() as connection:
        await connection.run_sync(NotesBase.metadata.create_all)


@router.post("", status_code=201)
async def create_note(new: NoteContent, work: Writing, response: Response) -> Note:
    """Record a note; ``slow`` takes its time, ``crash`` fails after it is written."""
    work.caller.require_within(new.village_code)
    row = await create(work, NOTE, new.model_dump())
    if new.text == "slow":
        await asyncio.sleep(0.3)
    if new.text == "crash":
        await work.session.flush()
        raise RuntimeError("a secret in the text of an exception")
    response.headers.update({"ETag": etag(row.version), "Location": f"/v1/notes/{row.id}"})
    return _note(row)


@router.get("")
async def list_notes(
    session: ReadSession,
    caller: Reader,
    asked: PageAsked,
    descending: Annotated[bool, Query()] = False,
) -> Page[Note]:
    """List the notes by place."""
    order = [NoteRow.place, NoteRow.id]
    return await read_page(session, select(NoteRow), order, asked, _note, descending=descending)


@router.get("/{note_id}")
async def get_note(
    note_id: UUID,
    session: ReadSession,
    caller: Reader,
    response: Response,
    known_at: KnownAt = None,
) -> dict[str, Any]:
    """Read a note, as it is or was known."""
    state = await state_of(session, NOTE, note_id, caller, known_at)
    response.headers["ETag"] = etag(state["version"])
    return state


@router.get("/named/{name}")
async def find_note(name: str, caller: Reader) -> str:
    """Answer the name that was asked for."""
    return name


@router.patch("/{note_id}", openapi_extra=merge_patch_body(NoteContent, {"text": "b"}))
async def amend_note(
    note_id: UUID,
    work: Writing,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> Note:
    """Amend a note."""
    row = await find(work.session, NOTE, note_id, work.caller, for_update=True)
    require_version(expected, row.version, _note(row).model_dump(mode="json"))
    await amend(work, NOTE, row, patched(NoteContent, _note(row), patch).model_dump())
    response.headers["ETag"] = etag(row.version)
    return _note(row)


@router.get("/{note_id}/history")
async def list_note_history(
    note_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """Who changed what."""
    return await history(session, NOTE, note_id, caller, asked)
