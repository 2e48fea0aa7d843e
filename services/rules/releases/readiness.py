"""What a draft lacks before it can be proposed."""

import asyncio
from collections.abc import Mapping

from services.rules.releases.checking import CheckResult, check, located, pointer_to
from services.rules.releases.domain import ReleaseState, undone_files
from services.rules.releases.shelf import Shelf
from services.rules.releases.storing import files_of
from services.rules.releases.tables import ReleaseRow
from shared.values.bilingual import Bilingual
from shared.web.work import Work

Error = tuple[str, str, Bilingual]


async def unready(
    work: Work, shelf: Shelf, row: ReleaseRow, files: Mapping[str, str]
) -> list[Error]:
    """Return what is missing, as the errors of a problem document; nothing for a draft that is ready."""
    return [
        *_undescribed(row),
        *await _undoing(work, shelf, row, files),
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


async def _undoing(
    work: Work, shelf: Shelf, row: ReleaseRow, files: Mapping[str, str]
) -> list[Error]:
    """Find the changes that took force after the draft was started, and that it does not have."""
    base = None if row.based_on is None else await work.session.get(ReleaseRow, row.based_on)
    if base is None or base.state != ReleaseState.SUPERSEDED:
        return []
    in_force = await shelf.in_force(work.today)
    current = await files_of(work.session, in_force.id)
    undone = undone_files(await files_of(work.session, base.id), files, current)
    detail = Bilingual(
        f"版本 {in_force.number} 已施行的修改会被此草稿撤销；请并入该修改，或以版本 {in_force.number} 为依据"
        "另起草稿。",
        f"This draft would undo what release {in_force.number} changed by taking force; take the change "
        f"over, or start a draft from release {in_force.number}.",
    )
    return [(pointer_to(path), "release-undoes-change", detail) for path in undone]


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
