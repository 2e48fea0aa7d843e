"""Reading multipart forms: every part declared, single ones once, names and text in UTF-8."""

import re
from collections import Counter
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from fastapi import Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from shared.problems import InvalidRequest, MalformedRequest
from shared.values.bilingual import Bilingual
from shared.web.json_body import DuplicateMember
from shared.web.validation import pointer_to

MOST_FIELDS, MOST_FILES = 50, 100
LONGEST_TEXT = 64 * 1024
# RFC 5987, which RFC 7578 warns senders of and which they send all the same.
_EXTENDED_NAME = re.compile(rb"""(?i:;\s*filename\*\s*=\s*"?utf-8)'[^']*'([^;"\s]+)"?""")
_ANY_EXTENDED_NAME = re.compile(rb"(?i:;\s*filename\*)")


async def read_form(request: Request, declared: Mapping[str, bool]) -> FormData:
    """Return the parts of a multipart body; files are kept on disk beyond a megabyte.

    ``declared`` holds the names of the parts, and whether each may stand more than once.

    Raises:
        MalformedRequest: it is no multipart form, or a name, a file's name or a text is no UTF-8
            or holds NUL.
        InvalidRequest: a part is not declared.
        DuplicateMember: a part that stands once stands twice.

    """
    parser = _Parser(
        request.headers,
        request.stream(),
        max_files=MOST_FILES,
        max_fields=MOST_FIELDS,
        max_part_size=LONGEST_TEXT,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise MalformedRequest(
            Bilingual(
                "请求正文不是完整的 multipart/form-data；请检查后重发。",
                "The body is no whole multipart/form-data; correct it and send it again.",
            )
        ) from error
    try:
        _refuse_undeclared(form, declared)
    except BaseException:
        await form.close()
        raise
    return form


class _Parser(MultiPartParser):
    """Refuses what the framework would read as Latin-1, and reads the names that it passes over."""

    def on_headers_finished(self) -> None:
        part = self._current_part
        disposition = bytes(part.content_disposition or b"")
        _require_text(disposition, "Content-Disposition")
        if extended := _EXTENDED_NAME.search(disposition):
            name = unquote_to_bytes(extended[1])
            _require_text(name, "filename*")
            quoted = name.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            # The last one counts, and the extended one is the exact one.
            part.content_disposition = disposition + b'; filename="' + quoted + b'"'
        elif _ANY_EXTENDED_NAME.search(disposition):
            raise _unreadable("filename*")
        super().on_headers_finished()

    def on_part_end(self) -> None:
        if self._current_part.file is None:
            _require_text(bytes(self._current_part.data), self._current_part.field_name)
        super().on_part_end()


def _refuse_undeclared(form: FormData, declared: Mapping[str, bool]) -> None:
    counts = Counter(name for name, _ in form.multi_items())
    unknown = sorted(counts.keys() - declared.keys())
    if unknown:
        raise InvalidRequest(
            Bilingual(
                "表单中有此处没有的项，见 errors；请检查拼写或去掉。本处只接受："
                f"{'、'.join(declared)}。",
                "The form holds parts that this address does not take, see errors; check the "
                f"spelling or leave them out. It takes: {', '.join(declared)}.",
            ),
            errors=[
                (
                    pointer_to(name),
                    "extra-forbidden",
                    Bilingual(
                        "没有这一项；请去掉或检查拼写", "there is no such part; check its spelling"
                    ),
                )
                for name in unknown
            ],
        )
    repeated = sorted(name for name, times in counts.items() if times > 1 and not declared[name])
    if repeated:
        raise DuplicateMember(
            Bilingual(
                "表单中有一项写了多次，无法判断以哪个为准；请只写一次后重发。",
                "The form names a part more than once, so that nobody knows which one counts; "
                "write it once and send again.",
            ),
            errors=[
                (pointer_to(name), DuplicateMember.code, Bilingual("只写一次", "write it once"))
                for name in repeated
            ],
        )


def _require_text(raw: bytes, where: str) -> None:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise _unreadable(where) from error
    if "\x00" in text:
        raise _unreadable(where)


def _unreadable(where: str) -> MalformedRequest:
    return MalformedRequest(
        Bilingual(
            f"表单中的 {where} 无法读取：名称、文件名和文本应为 UTF-8，且不含空字符。",
            f"{where} in the form cannot be read: names, file names and text must be UTF-8 without "
            "NUL.",
        ),
    )
