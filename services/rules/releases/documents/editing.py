"""What the routes that read and edit files have in hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.rules.releases.queries import find_release
from services.rules.releases.refusals import FilesRefused, ReleaseNotDraft
from services.rules.releases.schemas import ReleaseRecord
from services.rules.releases.storing import files_of
from services.rules.releases.usecases import Edit, edit_files
from services.rules.scopes import Scope
from shared.problems import (
    NotFound,
    PayloadTooLarge,
    PreconditionRequired,
    Problem,
)
from shared.security.access import Caller, requires
from shared.values.bilingual import Bilingual
from shared.web.etags import ExpectedVersion, IfMatch, etag
from shared.web.reading import ReadSession
from shared.web.work import CallersWork, writing

Reader = Annotated[Caller, requires(Scope.POLICY_READ)]
Drafting = Annotated[CallersWork, writing(Scope.RELEASES_DRAFT)]
EDIT: tuple[type[Problem], ...] = (
    ReleaseNotDraft,
    PreconditionRequired,
    FilesRefused,
    PayloadTooLarge,
)


@dataclass(frozen=True)
class _FilesRead:
    version: int
    files: dict[str, str]

    def file(self, path: str) -> str:
        """Return one file. Raises NotFound."""
        if path not in self.files:
            raise _no_file(path)
        return self.files[path]


@dataclass(frozen=True)
class _DraftInHand:
    work: CallersWork
    release_id: UUID
    expected: ExpectedVersion
    response: Response

    async def edit(
        self, edit: Edit, is_there: Callable[[dict[str, str]], bool] = lambda _: True
    ) -> ReleaseRecord:
        """Give the draft the files that ``edit`` makes of its own; see edit_files for failures."""
        row = await edit_files(self.work, self.release_id, self.expected, edit, is_there)
        self.response.headers["ETag"] = etag(row.version)
        return ReleaseRecord.model_validate(row)

    async def remove_file(self, path: str) -> ReleaseRecord:
        """Take one file out of the draft. Raises NotFound, or as edit_files does."""

        def without(files: dict[str, str]) -> Mapping[str, str]:
            if path not in files:
                raise _no_file(path)
            return {other: text for other, text in files.items() if other != path}

        return await self.edit(without)


async def _files_read(release_id: UUID, session: ReadSession, caller: Reader) -> _FilesRead:
    row = await find_release(session, release_id)
    return _FilesRead(row.version, await files_of(session, row.id))


async def _draft_in_hand(
    release_id: UUID, work: Drafting, expected: IfMatch, response: Response
) -> _DraftInHand:
    return _DraftInHand(work, release_id, expected, response)


FilesRead = Annotated[_FilesRead, Depends(_files_read)]
"""The files of the release in the path, for callers who may read the policy."""

DraftInHand = Annotated[_DraftInHand, Depends(_draft_in_hand)]
"""The draft in the path, at the version that the caller read, for callers who may edit it."""


def _no_file(path: str) -> NotFound:
    return NotFound(
        Bilingual(
            f"该版本没有文件 {path}；请在 files 中查看全部路径。",
            f"The release has no file {path}; see all paths in files.",
        )
    )
