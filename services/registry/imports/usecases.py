"""What officials do with imports: ask for one."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from services.registry.imports.outcomes import Mode
from services.registry.imports.tables import ImportFileRow, ImportRow
from services.registry.values.sealing import Sealer
from shared.ids import new_id
from shared.jobs.queue import enqueue
from shared.values.repeating import fit_to_repeat
from shared.web.work import CallersWork

IMPORT_JOB = "import"
NAME_LENGTH = 200
COUNTY_DIGITS = 6


async def request_import(
    work: CallersWork,
    files: Sequence[tuple[str, bytes]],
    mode: Mode,
    sealer: Sealer,
    *,
    dry_run: bool,
) -> ImportRow:
    """Keep the files, given as (name, content) pairs, and ask for the job that imports them.

    The imports of one county run one after another, so that they never hold up another's.
    """
    import_id = new_id()
    kept = await asyncio.to_thread(_kept, import_id, files, sealer)
    lock = f"{IMPORT_JOB} {work.caller.division[:COUNTY_DIGITS]}"
    await enqueue(work, IMPORT_JOB, work.caller.division, {}, job_id=import_id, lock=lock)
    row = ImportRow(
        id=import_id,
        division=work.caller.division,
        mode=mode.value,
        dry_run=dry_run,
        files=[described for described, _ in kept],
        counts={},
        problems=[],
        reason=work.reason,
        recorded_by=work.actor,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    work.session.add_all(row for _, row in kept)
    await work.session.flush()
    await work.session.refresh(row)
    return row


def seal_context(import_id: UUID, place: int) -> str:
    """Return under which context a file of an import is sealed."""
    return f"import:{import_id}:file:{place}"


def _kept(
    import_id: UUID, files: Sequence[tuple[str, bytes]], sealer: Sealer
) -> list[tuple[dict[str, Any], ImportFileRow]]:
    kept = []
    for place, (name, content) in enumerate(files):
        digest = hashlib.sha256(content).hexdigest()
        described = {"name": _name(name), "bytes": len(content), "sha256": digest}
        row = ImportFileRow(
            import_id=import_id,
            place=place,
            name=_name(name),
            content=sealer.seal_bytes(content, seal_context(import_id, place)),
            length=len(content),
        )
        kept.append((described, row))
    return kept


def _name(name: str) -> str:
    """Return the bare name of a file, whatever path and characters a client sent with it.

    Files are named after whom they are about: numbers of persons in it are masked.
    """
    bare = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(letter for letter in bare if letter.isprintable())
    return fit_to_repeat(printable)[-NAME_LENGTH:]
