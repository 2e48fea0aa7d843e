"""What officials do with drafts: start one, describe it, edit its files."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from services.rules.engine.errors import EngineError, PolicyError
from services.rules.releases.archive import require_files
from services.rules.releases.checking import refused
from services.rules.releases.domain import APPROVED, ReleaseState, with_editor
from services.rules.releases.queries import find_release
from services.rules.releases.records import RELEASE
from services.rules.releases.refusals import BaseNotApproved, ReleaseNotDraft
from services.rules.releases.schemas import NewRelease, ReleaseContent, ReleaseRecord, release_state
from services.rules.releases.storing import add_release, files_of, replace_files
from services.rules.releases.tables import ReleaseRow
from services.rules.subjects import PROVINCE
from services.rules.vocabulary.editing import DOCUMENT
from services.rules.vocabulary.errors import FileTaken, NotInFiles
from shared.ids import new_id
from shared.journal.records import amend, find
from shared.problems import Conflict, InvalidRequest, NotFound
from shared.values.bilingual import Bilingual
from shared.web.etags import ExpectedVersion, require_version
from shared.web.merge_patch import patched
from shared.web.work import CallersWork

Edit = Callable[[dict[str, str]], Mapping[str, str]]


async def create_draft(work: CallersWork, new: NewRelease, in_force: UUID) -> ReleaseRow:
    """Start a draft with the files of an approved release, the one ``in_force`` unless it says so.

    Raises:
        NotFound: the caller is not of the province, or there is no such release.
        BaseNotApproved: nobody approved the release to start from.
        Conflict: the id is taken.

    """
    work.caller.require_within(PROVINCE)
    base = await find_release(work.session, new.based_on or in_force)
    if base.state not in APPROVED:
        raise BaseNotApproved(
            Bilingual(
                f"版本 {base.number} 未获批准，不能作为起草依据；请选已批准的版本，或导出其文件再导入。",
                f"Release {base.number} is not approved; start from one that is, or export its files "
                "and import them.",
            )
        )
    files = await files_of(work.session, base.id)
    content = {"summary": new.summary, "id": new.id or new_id()}
    return await add_release(work, new.title, base, files, content)


async def amend_draft(
    work: CallersWork, release_id: UUID, expected: ExpectedVersion, patch: dict[str, Any]
) -> ReleaseRow:
    """Apply a merge patch to a draft's title and summary.

    Raises:
        NotFound: the release does not exist for the caller.
        ReleaseNotDraft: it is proposed already.
        PreconditionFailed: it has changed since it was read.
        InvalidRequest: the result is not valid.

    """
    row = await _draft(work, release_id, expected)
    after = patched(ReleaseContent, ReleaseRecord.model_validate(row), patch)
    columns = after.model_dump() | {"edited_by": with_editor(row.edited_by, work.actor)}
    await amend(work, RELEASE, row, columns)
    return row


async def edit_files(
    work: CallersWork,
    release_id: UUID,
    expected: ExpectedVersion,
    edit: Edit,
    is_there: Callable[[dict[str, str]], bool] = lambda _: True,
) -> ReleaseRow:
    """Give a draft the files that ``edit`` makes of those it has.

    ``is_there`` says whether they hold already what is to be put there.

    Raises:
        NotFound: the release, or what is to be edited in it, does not exist.
        ReleaseNotDraft: it is proposed already.
        PreconditionFailed: it has changed since it was read.
        FilesRefused: no release may have such files.
        InvalidRequest: the document is not what a file can hold.

    """
    row = await _draft(work, release_id, expected.whatever_is_known())
    before = await files_of(work.session, row.id)
    if expected.known is not None and is_there(before):
        expected.require_unknown(row.version)
    with refusing_documents():
        after = await asyncio.to_thread(edit, before)
    require_files(after)
    await replace_files(work, row, after)
    return row


@contextmanager
def refusing_documents() -> Iterator[None]:
    """Turn what can be wrong with a document into the problem that the caller is told."""
    try:
        yield
    except NotInFiles as error:
        raise NotFound(_words(error)) from error
    except FileTaken as error:
        raise Conflict(_words(error)) from error
    except EngineError as error:
        if isinstance(error, PolicyError) and error.place.file != DOCUMENT:
            raise refused([error]) from error
        raise InvalidRequest(_words(error), errors=[("", error.code, _words(error))]) from error


def require_name(document: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    """Return a document that bears the name under which it is put.

    Raises:
        InvalidRequest: it bears another one.

    """
    if document.get(key, name) != name:
        detail = Bilingual(
            f"{key} 与地址中的 {name} 不同；改名请先删除再新增。",
            f"{key} is not the {name} of the address; to rename, remove the one and add the other.",
        )
        raise InvalidRequest(detail, errors=[(f"/{key}", "name-differs", detail)])
    return {key: name, **document}


async def _draft(work: CallersWork, release_id: UUID, expected: ExpectedVersion) -> ReleaseRow:
    row = await find(work.session, RELEASE, release_id, work.caller, for_update=True)
    require_version(expected, row.version, release_state(row))
    if row.state != ReleaseState.DRAFT:
        raise ReleaseNotDraft(
            Bilingual(
                f"版本 {row.number} 已提请批准或已结束，内容不再改动；请另起草稿。",
                f"Release {row.number} has been proposed or is over and stays as it is; start another "
                "draft.",
            ),
            state=row.state,
        )
    return row


def _words(error: EngineError) -> Bilingual:
    return Bilingual(error.message("zh"), error.message("en"))
