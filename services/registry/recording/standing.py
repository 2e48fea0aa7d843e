"""Records that stand: found to be changed, and let hold other content."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from services.registry.recording.domain import ExternalIdentity, Voiding
from services.registry.recording.tables import RegisteredColumns
from shared.clock import china_date
from shared.journal.entries import shown
from shared.journal.records import RecordKind, amend, find
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.web.etags import ExpectedVersion, require_version
from shared.web.work import CallersWork, Work

Row = TypeVar("Row", bound=RegisteredColumns)


class RecordVoided(Conflict):
    code = "record-voided"
    title = Bilingual("该记录已作废", "The record is voided")


class VoidingProposed(Conflict):
    code = "voiding-proposed"
    title = Bilingual("该记录已被提请作废", "Somebody has proposed to void the record")


async def standing(
    work: CallersWork, kind: RecordKind[Row], record_id: UUID, expected: ExpectedVersion
) -> Row:
    """Return a record to be changed, locked, that is there as the caller expects.

    Raises:
        NotFound: it does not exist for the caller.
        RecordVoided: it is voided.
        PreconditionFailed: it has changed since it was read.

    """
    row = await find(work.session, kind, record_id, work.caller, for_update=True)
    require_expected(kind, row, expected)
    return row


def require_expected(kind: RecordKind[Row], row: Row, expected: ExpectedVersion) -> None:
    """Require that a locked record stands and is as the caller expects.

    Raises:
        RecordVoided: it is voided.
        PreconditionFailed: it has changed since it was read.

    """
    require_not_voided(kind, row)
    require_version(expected, row.version, shown(kind.state(row)))


def require_not_voided(kind: RecordKind[Any], row: RegisteredColumns) -> None:
    """Require that a record stands, to be changed or to have others belong to it.

    Raises:
        RecordVoided: it is voided.

    """
    if row.voided_at is not None:
        raise RecordVoided(
            Bilingual(
                f"此{kind.title.zh}（{row.id}）已作废，只能查阅；请另行登记正确的记录。",
                f"This {kind.title.en} ({row.id}) is voided and can only be read; record the right one "
                "anew.",
            )
        )


def holds(row: RegisteredColumns, columns: Mapping[str, Any]) -> bool:
    """Tell whether a record has the content of these columns, whatever its id."""
    return all(getattr(row, name) == value for name, value in columns.items() if name != "id")


async def rewrite(
    work: Work,
    kind: RecordKind[Row],
    row: Row,
    content: Mapping[str, Any],
    identity: ExternalIdentity | None = None,
) -> None:
    """Let a locked record hold other content, and bear what another system calls it.

    What waits for a second person is voided as it was proposed, so that nobody changes it meanwhile.

    Raises:
        VoidingProposed: somebody has proposed to void it, and the content is another.
        Collision: the change collides with another record.

    """
    if row.voiding is not None and not holds(row, content):
        raise VoidingProposed(
            Bilingual(
                f"此{kind.title.zh}（{row.id}）已被提请作废（{row.voiding.reason}），确认作废或以 :keep "
                "撤回之前不能修改。",
                f"Somebody has proposed to void this {kind.title.en} ({row.id}: {row.voiding.reason}); "
                "it is not changed before it is voided or :keep takes the proposal back.",
            )
        )
    await amend(work, kind, row, {**content, **(identity.columns if identity else {})})


def sent_before(kind: RecordKind[Any], voided: RegisteredColumns, voiding: Voiding) -> RecordVoided:
    """Return the failure of a record that is sent again as it was when it was voided."""
    day = china_date(voiding.voided_at or voiding.proposed_at)
    return RecordVoided(
        Bilingual(
            f"内容相同的{kind.title.zh}（{voided.id}）已于 {day} 作废（{voiding.reason}），不会因再次报送而恢复；"
            "请在来源系统中改正后报送，或确认无误后逐条登记。",
            f"A {kind.title.en} with the same content ({voided.id}) was voided on {day}: "
            f"{voiding.reason}. Sending it again does not bring it back; correct it in the system that "
            "sends it, or record it by hand if it is right after all.",
        )
    )
