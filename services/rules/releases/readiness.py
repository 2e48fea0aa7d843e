"""What a draft lacks before it can be proposed."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.releases.checking import CheckResult, check, located, pointer_to
from services.rules.releases.domain import ReleaseState, common_base, undone_files
from services.rules.releases.refusals import ReleaseNotReady
from services.rules.releases.storing import files_of
from services.rules.releases.tables import ReleaseRow
from shared.values.bilingual import Bilingual
from shared.web.work import Work

Error = tuple[str, str, Bilingual]


async def unready(work: Work, row: ReleaseRow, files: Mapping[str, str]) -> list[Error]:
    """Return what is missing, as the errors of a problem document; nothing for a draft that is ready."""
    return [
        *_undescribed(row),
        *await _undoing(work.session, row, files),
        *_unchecked(await asyncio.to_thread(check, files)),
    ]


def _undescribed(row: ReleaseRow) -> list[Error]:
    errors: list[Error] = []
    if row.summary is None:
        detail = Bilingual("请先填写修改说明。", "Write the summary of what changes first.")
        errors.append(("/summary", "release-summary-missing", detail))
    if not row.changed_files:
        detail = Bilingual(
            "文件与依据的版本完全相同，没有可批准的内容。",
            "The files are those of the release it is based on; there is nothing to approve.",
        )
        errors.append(("/files", "release-changes-nothing", detail))
    return errors


async def require_nothing_undone(
    session: AsyncSession, row: ReleaseRow, day: date | None = None
) -> None:
    """Require that a release and those dated leave each other's changes.

    Others may have been dated since it was proposed. Without a ``day`` of its own it comes after all.

    Raises:
        ReleaseNotReady: it lists the files that would be as they were before.

    """
    errors = await _undoing(session, row, await files_of(session, row.id), day)
    if errors:
        raise ReleaseNotReady(
            Bilingual(
                "该政策版本会撤销另一版本的修改，或被其撤销，见 errors；请撤回其一，以另一版本为依据另起草稿。",
                "The release would undo another one's changes or be undone by it, see errors; withdraw "
                "one, and start a draft from the other.",
            ),
            errors=errors,
        )


async def _undoing(
    session: AsyncSession, row: ReleaseRow, files: Mapping[str, str], day: date | None = None
) -> list[Error]:
    """Find the changes of earlier releases that a release lacks, and its own that later ones lack.

    A change is what differs from the last release that both come from, however far back: whoever
    starts from a release knows its changes and may take them back.
    """
    statement = select(ReleaseRow.id, ReleaseRow.based_on)
    based_on = {each.id: each.based_on for each in await session.execute(statement)}
    found: dict[str, Error] = {}
    for other in await _dated_beside(session, row):
        before = await files_of(session, common_base(based_on, row.id, other.id))
        theirs = await files_of(session, other.id)
        if day is None or other.in_force_from is None or other.in_force_from <= day:
            undone, detail = undone_files(before, files, theirs), _undoes(other)
        else:
            undone, detail = undone_files(before, theirs, files), _undone_by(other)
        for path in undone:
            found.setdefault(path, (pointer_to(path), "release-undoes-change", detail))
    return list(found.values())


def _undoes(other: ReleaseRow) -> Bilingual:
    return Bilingual(
        f"版本 {other.number} 自 {other.in_force_from} 起施行的修改会被撤销；请并入该修改，或以版本 "
        f"{other.number} 为依据另起草稿。",
        f"This would undo what release {other.number} changes from {other.in_force_from} on; take the "
        f"change over, or start a draft from release {other.number}.",
    )


def _undone_by(other: ReleaseRow) -> Bilingual:
    return Bilingual(
        f"版本 {other.number} 自 {other.in_force_from} 起会撤销此处的修改；请先撤回版本 {other.number}，"
        "以本版本为依据另起草稿。",
        f"Release {other.number} would undo this change from {other.in_force_from} on; withdraw release "
        f"{other.number} first, and start a draft from this one.",
    )


async def _dated_beside(session: AsyncSession, row: ReleaseRow) -> Sequence[ReleaseRow]:
    """Return the release in force and the scheduled ones but for this one, by their days."""
    others = select(ReleaseRow).where(
        ReleaseRow.state.in_((ReleaseState.IN_FORCE, ReleaseState.SCHEDULED)),
        ReleaseRow.id != row.id,
    )
    return (await session.scalars(others.order_by(ReleaseRow.in_force_from.nulls_first()))).all()


def _unchecked(result: CheckResult) -> list[Error]:
    errors = located(result.errors)
    for failing in result.failing:
        case, expected, answer = failing.case, failing.expected, failing.answer
        detail = Bilingual(
            f"{case.place}：规则 {case.rule} 的案例“{case.title}”应为 {expected.outcome}，实为 "
            f"{answer.outcome}；请改正规则或案例。",
            f"{case.place}: the case '{case.title}' of {case.rule} expects {expected.outcome} and gets "
            f"{answer.outcome}; correct the rule or the case.",
        )
        errors.append((pointer_to(case.place.file), "release-case-fails", detail))
    return errors
