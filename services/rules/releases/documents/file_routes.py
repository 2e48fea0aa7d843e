"""``/v1/releases/{id}/…``: the files of a release as a whole, and one by one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Path, Request, Response, UploadFile

from services.rules.releases.archive import decoded, pack, unpack
from services.rules.releases.documents.editing import EDIT, DraftInHand, FilesRead
from services.rules.releases.schemas import ReleaseFiles, ReleaseRecord
from services.rules.releases.shelf import shelf_in_use
from shared.problems import UnsupportedMediaType, problems
from shared.values.bilingual import Bilingual
from shared.values.text import Identifier
from shared.web.etags import etag
from shared.web.route import ServiceRoute

YAML, ZIP = "application/yaml", "application/zip"
router = APIRouter(
    prefix="/v1/releases/{release_id}",
    route_class=ServiceRoute,
    tags=["releases 政策版本"],
    dependencies=[Depends(shelf_in_use)],
)
FilePath = Annotated[
    str, Identifier(200), Path(description="文件路径", examples=["parameters/zero_out.yaml"])
]


async def _yaml(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != YAML:
        raise UnsupportedMediaType(
            Bilingual(
                f"请以 Content-Type: {YAML} 发送文件内容。",
                f"Send the file's text with Content-Type: {YAML}.",
            )
        )
    return await request.body()


YamlBody = Annotated[bytes, Depends(_yaml)]


@router.get("/files")
async def get_release_files(read: FilesRead, response: Response) -> ReleaseFiles:
    """读取全部文件。 All files of a release as a map of path to text."""
    response.headers["ETag"] = etag(read.version)
    return ReleaseFiles(files=read.files)


@router.put("/files", responses=problems(*EDIT))
async def replace_release_files(asked: ReleaseFiles, draft: DraftInHand) -> ReleaseRecord:
    """替换全部文件。 Give a draft these files instead of those it has."""
    return await draft.edit(lambda _: asked.files)


@router.get(
    "/archive",
    response_class=Response,
    responses={
        200: {
            "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
            "description": "全部文件 the files, as the repository keeps them",
        },
    },
)
async def get_release_archive(release_id: UUID, read: FilesRead) -> Response:
    """导出全部文件（zip）。 Export all files of a release as a zip archive."""
    disposition = f'attachment; filename="release-{release_id}.zip"'
    headers = {"ETag": etag(read.version), "Content-Disposition": disposition}
    return Response(pack(read.files), media_type=ZIP, headers=headers)


@router.put("/archive", responses=problems(*EDIT))
async def replace_release_archive(
    file: Annotated[
        UploadFile, File(description="zip 文件，路径同导出 with the paths of an export")
    ],
    draft: DraftInHand,
) -> ReleaseRecord:
    """导入全部文件（zip），替换现有文件。 Give a draft the files of a zip archive instead of its own."""
    content = await file.read()
    return await draft.edit(lambda _: unpack(content))


@router.get(
    "/files/{path:path}",
    response_class=Response,
    responses={
        200: {
            "content": {YAML: {}},
            "description": "文件内容 its text",
        },
    },
)
async def get_release_file(path: FilePath, read: FilesRead) -> Response:
    """读取一个文件。 One file of a release."""
    return Response(read.file(path), media_type=YAML, headers={"ETag": etag(read.version)})


@router.put(
    "/files/{path:path}",
    responses=problems(*EDIT),
    openapi_extra={"requestBody": {"required": True, "content": {YAML: {}}}},
)
async def put_release_file(path: FilePath, draft: DraftInHand, content: YamlBody) -> ReleaseRecord:
    """写入一个文件。 Add or replace one file of a draft."""
    text = decoded(path, content)
    return await draft.edit(lambda files: files | {path: text}, lambda files: path in files)


@router.delete("/files/{path:path}", responses=problems(*EDIT))
async def delete_release_file(path: FilePath, draft: DraftInHand) -> ReleaseRecord:
    """删除一个文件。 Remove one file of a draft."""
    return await draft.remove_file(path)
