"""The files of a release as a zip archive, and the limits that every set of files keeps."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO

from services.rules.releases.checking import pointer_to
from services.rules.releases.domain import (
    MAX_BYTES,
    MAX_FILE_BYTES,
    MAX_FILES,
    is_policy_path,
)
from services.rules.releases.refusals import FilesRefused
from shared.values.bilingual import Bilingual

# The same files always make the same bytes.
_WRITTEN = (1980, 1, 1, 0, 0, 0)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_CHARACTERS = re.compile(r"^\ufeff|[\x00\ud800-\udfff]")
Error = tuple[str, str, Bilingual]


def pack(files: Mapping[str, str]) -> bytes:
    """Return the archive of some files, the same bytes for the same files."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            info = zipfile.ZipInfo(path, _WRITTEN)
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.encode(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def unpack(content: bytes) -> dict[str, str]:
    """Return the files of an archive, which hold to :func:`require_files`.

    Never unpacks more than the limits allow, whatever the archive says of itself.

    Raises:
        FilesRefused: it is no readable archive, or a file in it is refused.

    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _unpacked(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise _refused([_damaged()]) from error


def require_files(files: Mapping[str, str]) -> None:
    """Refuse files that no release may have.

    Raises:
        FilesRefused: too many or too large, a path that a policy does not have, a NUL, half a
            character or a byte order mark.

    """
    if len(files) > MAX_FILES:
        raise _refused([_too_many()])
    errors = [error for path, text in files.items() for error in _errors(path, text)]
    if errors:
        raise _refused(errors[:MAX_FILES])
    if sum(len(text.encode()) for text in files.values()) > MAX_BYTES:
        raise _refused([_too_large("/files", MAX_BYTES)])


def _unpacked(archive: zipfile.ZipFile) -> dict[str, str]:
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > MAX_FILES:
        raise _refused([_too_many()])
    files: dict[str, str] = {}
    left = MAX_BYTES
    for info in members:
        if not is_policy_path(info.filename):
            raise _refused([_path_refused(info.filename)])
        if info.filename in files:
            raise _refused([_twice(info.filename)])
        if info.compress_type not in _METHODS or info.flag_bits & _ENCRYPTED:
            raise _refused([_damaged()])
        with archive.open(info) as file:
            content = file.read(MAX_FILE_BYTES + 1)
        left -= len(content)
        if len(content) > MAX_FILE_BYTES or left < 0:
            raise _refused([_too_large(pointer_to(info.filename), MAX_FILE_BYTES)])
        files[info.filename] = decoded(info.filename, content)
    require_files(files)
    return files


def decoded(path: str, content: bytes) -> str:
    """Return the text of a file.

    Raises:
        FilesRefused: it is not UTF-8.

    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        detail = Bilingual(
            f"{path} 不是 UTF-8 文本；请另存为 UTF-8。", f"{path} is not UTF-8; save it as such."
        )
        raise _refused([(pointer_to(path), "policy-file-not-utf-8", detail)]) from error


def _errors(path: str, text: str) -> Iterator[Error]:
    if not is_policy_path(path):
        yield _path_refused(path)
    if _CHARACTERS.search(text):
        detail = Bilingual(
            f"{path} 含有空字符、不成对的代理码或字节顺序标记；请去掉。",
            f"{path} holds a NUL, half a character or a byte order mark; remove it.",
        )
        yield pointer_to(path), "policy-file-characters", detail
    elif len(text.encode()) > MAX_FILE_BYTES:
        yield _too_large(pointer_to(path), MAX_FILE_BYTES)


def _refused(errors: list[Error]) -> FilesRefused:
    return FilesRefused(
        Bilingual(
            "政策文件不合要求，见 errors；改正后重发。",
            "The policy's files are refused, see errors; correct them and send them again.",
        ),
        errors=errors,
    )


def _damaged() -> Error:
    detail = Bilingual(
        "不是可读取的 zip 文件，或已加密；请重新打包为普通 zip。",
        "This is no readable zip archive, or it is encrypted; pack it again as an ordinary one.",
    )
    return "/file", "policy-archive-unreadable", detail


def _too_many() -> Error:
    detail = Bilingual(f"文件超过 {MAX_FILES} 个。", f"There are more than {MAX_FILES} files.")
    return "/files", "policy-files-too-many", detail


def _too_large(pointer: str, limit: int) -> Error:
    detail = Bilingual(
        f"超过 {limit} 字节的上限；请拆分或精简。",
        f"This exceeds {limit} bytes; split or shorten it.",
    )
    return pointer, "policy-file-too-large", detail


def _path_refused(path: str) -> Error:
    shown = path[:200]
    detail = Bilingual(
        f"{shown!r} 不是政策文件的路径；文件须在 facts/、parameters/ 或 rules/ 之下，以小写字母、数字和"
        "下划线命名，扩展名为 .yaml。",
        f"{shown!r} is no path of a policy's file; it stands below facts/, parameters/ or rules/, is "
        "named in lower-case letters, digits and underscores, and ends in .yaml.",
    )
    return pointer_to(shown), "policy-file-path", detail


def _twice(path: str) -> Error:
    detail = Bilingual(f"{path} 出现两次。", f"{path} is in the archive twice.")
    return pointer_to(path), "policy-file-repeated", detail
