"""What officials do with imports: ask for one."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

from services.registry.imports.outcomes import Mode
from services.registry.imports.tables import ImportFileRow, ImportRow
from shared.ids import new_id
from shared.jobs.queue import enqueue
from shared.security.access import Caller
from shared.web.work import Work

IMPORT_JOB = "import"
NAME_LENGTH = 200


async def request_import(
    work: Work, caller: Caller, files: Sequence[tuple[str, bytes]], mode: Mode, *, dry_run: bool
) -> ImportRow:
    """Keep the files, given as (name, content) pairs, and ask for the job that imports them."""
    import_id = new_id()
    await enqueue(work, IMPORT_JOB, caller.division, {}, job_id=import_id)
    row = ImportRow(
        id=import_id,
        division=caller.division,
        mode=mode.value,
        dry_run=dry_run,
        files=[
            {
                "name": _name(name),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in files
        ],
        counts={},
        problems=[],
        reason=work.reason,
        recorded_by=work.actor,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    work.session.add_all(
        ImportFileRow(import_id=import_id, place=place, name=_name(name), content=content)
        for place, (name, content) in enumerate(files)
    )
    await work.session.flush()
    await work.session.refresh(row)
    return row


def _name(name: str) -> str:
    """Return the bare name of a file, whatever path and characters a client sent with it."""
    bare = PurePosixPath(name.replace("\\", "/")).name
    return "".join(letter for letter in bare if letter.isprintable())[-NAME_LENGTH:]
