"""Releases and their files into the database and out of it."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.releases.domain import ReleaseState, changed_files, with_editor
from services.rules.releases.records import RELEASE
from services.rules.releases.tables import ReleaseFileRow, ReleaseRow
from services.rules.subjects import PROVINCE
from services.rules.vocabulary import policy_digest
from shared.journal.records import change, create
from shared.web.work import Work

# One release at a time takes its number.
NUMBERING = text("SELECT pg_advisory_xact_lock(hashtext('qingling.rules.releases'))")


async def lock_releases(session: AsyncSession) -> None:
    """Wait until nobody else adds or dates a release, and let nobody until the transaction ends."""
    await session.execute(NUMBERING)


async def add_release(
    work: Work,
    title: str,
    base: ReleaseRow | None,
    files: Mapping[str, str],
    content: Mapping[str, Any],
) -> ReleaseRow:
    """Add a release with the next number and its files, a draft unless ``content`` says otherwise."""
    await lock_releases(work.session)
    last = await work.session.scalar(select(func.max(ReleaseRow.number)))
    before = files if base is None else await files_of(work.session, base.id)
    row = await create(
        work,
        RELEASE,
        {
            "division": PROVINCE,
            "number": (last or 0) + 1,
            "title": title,
            "based_on": None if base is None else base.id,
            "state": ReleaseState.DRAFT.value,
            "edited_by": [work.actor],
            **_described(before, files),
            **content,
        },
    )
    await _write(work.session, row.id, files)
    return row


async def replace_files(work: Work, row: ReleaseRow, files: Mapping[str, str]) -> None:
    """Give a locked draft other files, with a journal entry if they differ."""
    before = files if row.based_on is None else await files_of(work.session, row.based_on)
    described = _described(before, files)
    if described["files_digest"] == row.files_digest:
        return
    described["edited_by"] = with_editor(row.edited_by, work.actor)
    change(work, RELEASE, row, described)
    await work.session.execute(delete(ReleaseFileRow).where(ReleaseFileRow.release_id == row.id))
    await _write(work.session, row.id, files)


async def files_of(session: AsyncSession, release_id: UUID) -> dict[str, str]:
    """Return the files of a release by path; empty if there is no such release."""
    rows = await session.execute(
        select(ReleaseFileRow.path, ReleaseFileRow.text)
        .where(ReleaseFileRow.release_id == release_id)
        .order_by(ReleaseFileRow.path)
    )
    return {row.path: row.text for row in rows}


def files_digest(files: Mapping[str, str]) -> str:
    """Return the SHA-256 of all files, their paths included."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        for part in (path.encode(), content.encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _described(before: Mapping[str, str], files: Mapping[str, str]) -> dict[str, Any]:
    return {
        "digest": policy_digest(files),
        "files_digest": files_digest(files),
        "changed_files": {path: what.value for path, what in changed_files(before, files).items()},
    }


async def _write(session: AsyncSession, release_id: UUID, files: Mapping[str, str]) -> None:
    session.add_all(
        ReleaseFileRow(release_id=release_id, path=path, text=content)
        for path, content in files.items()
    )
    await session.flush()
