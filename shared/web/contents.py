"""Bodies: the content that a route takes, refused or read before the framework sees it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from shared.db.failures import telling_failures
from shared.problems import InvalidRequest, MalformedRequest, UnsupportedMediaType
from shared.values.bilingual import Bilingual
from shared.web.forms import read_form
from shared.web.json_body import read_json
from shared.web.spelling import Spelling, spelling_of, takes_many

JSON, MULTIPART = "application/json", "multipart/form-data"
Sent: TypeAlias = Any
"""What a body says: a JSON document, a form, the bytes of a file, or None for no body."""
_EMPTY_OBJECT = re.compile(rb"[ \t\r\n]*\{[ \t\r\n]*\}[ \t\r\n]*")


@dataclass(frozen=True)
class Contents:
    """The media types that a route takes, and the parts of its form if it takes one."""

    taken: tuple[str, ...]
    parts: Mapping[str, bool]
    """The names of the parts, and whether each may stand more than once."""
    spellings: Mapping[str, Spelling]
    accepted: dict[str, str]
    """``Accept-Post`` or ``Accept-Patch``, as the route's method has it."""
    one_by_one: bool
    """Whether the body has items that are validated each for itself."""

    @classmethod
    def of(cls, route: APIRoute) -> "Contents":
        """Return what a route declares."""
        own = (route.openapi_extra or {}).get("requestBody", {}).get("content", {})
        taken, parts, spellings = tuple(own), {}, {}
        if not own and route.body_field is not None:
            taken = (route.body_field.field_info.media_type,)  # type: ignore[attr-defined]
        if MULTIPART in taken:
            for field in route.dependant.body_params:
                annotation: Any = field.field_info.annotation
                parts[field.alias] = takes_many(annotation)
                if spelling := spelling_of(annotation):
                    spellings[field.alias] = spelling
        accepted = {
            f"Accept-{method.title()}": ", ".join(taken)
            for method in (route.methods or set()) & {"POST", "PATCH"}
        }
        one_by_one = route.path.endswith(":batch")
        return cls(taken, parts, spellings, accepted if taken else {}, one_by_one)

    async def read(self, request: Request, kind: str | None) -> Sent:
        """Return what a body of a kind says, and leave it where the framework looks for it.

        Raises:
            MalformedRequest: it cannot be read.
            DuplicateMember: it names something twice.
            InvalidRequest: a part of a form is not declared, or not spelled as its type is.

        """
        if not self.taken:
            _refuse_content(request, await request.body())
        if kind is None:
            return None
        if kind == MULTIPART:
            with telling_failures():  # a full disk is no fault of who sends a file
                form = await read_form(request, self.parts)
            request._form = form  # where the framework keeps what it has read
            self._refuse_otherwise_spelled(form)
            return form
        raw = await request.body()
        if not raw or not kind.endswith("json"):
            return raw or None
        request._json = read_json(raw, one_by_one=self.one_by_one)
        return request._json

    def kind(self, request: Request) -> str | None:
        """Return the media type of the body that is sent, None if none is.

        Raises:
            UnsupportedMediaType: it is sent as something that the route does not take.

        """
        if not self.taken:
            return None
        headers = request.headers
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            raise self._unsupported({"Accept-Encoding": "identity"})
        declared = headers.get("content-type")
        if declared is None:
            if _has_body(request):
                raise self._unsupported()
            return None
        kind = _in_utf8(declared)
        if kind not in self.taken:
            raise self._unsupported()
        return kind

    def _unsupported(self, headers: dict[str, str] | None = None) -> UnsupportedMediaType:
        taken = ", ".join(self.taken)
        return UnsupportedMediaType(
            Bilingual(
                f"请以 Content-Type: {taken} 发送正文，UTF-8 编码，不压缩。",
                f"Send the body with Content-Type: {taken}, in UTF-8 and uncompressed.",
            ),
            headers=headers or self.accepted,
        )

    def _refuse_otherwise_spelled(self, form: FormData) -> None:
        wrong = [
            (f"/{name}", spelling.code, spelling.message)
            for name, value in form.multi_items()
            if (spelling := self.spellings.get(name))
            and not (isinstance(value, str) and spelling.pattern.fullmatch(value))
        ]
        # The framework takes a blank part for one that was left out, and a default for what was sent.
        wrong += [
            (
                f"/{name}",
                "blank",
                Bilingual("此项为空；请填写或去掉", "it is blank; fill it in or leave it out"),
            )
            for name, value in form.multi_items()
            if value == "" and name not in self.spellings
        ]
        if wrong:
            raise InvalidRequest(
                Bilingual(
                    "表单中有不合要求的内容，见 errors；改正后重发。",
                    "Parts of the form are not valid, see errors; correct them and send it again.",
                ),
                errors=wrong,
            )


def refuse_body(request: Request) -> None:
    """Refuse a body where none is taken. Raises MalformedRequest."""
    if _has_body(request):
        raise MalformedRequest(
            Bilingual(
                "此地址不接受请求正文；请去掉正文后重发。",
                "This address takes no body; leave it out and send again.",
            )
        )


def _refuse_content(request: Request, raw: bytes) -> None:
    """Refuse a body that says anything, where none is taken.

    Many a generated client sends an empty object with every POST; nothing of it is ignored.
    """
    kind = _in_utf8(request.headers.get("content-type", ""))
    if raw and not (kind == JSON and _EMPTY_OBJECT.fullmatch(raw)):
        refuse_body(request)


def _in_utf8(content_type: str) -> str | None:
    """Return the media type in a ``Content-Type``, None if the content is not in UTF-8."""
    kind, *parameters = (piece.strip() for piece in content_type.lower().split(";"))
    charsets = [each[8:].strip('"') for each in parameters if each.startswith("charset=")]
    return kind if all(each in {"utf-8", "utf8"} for each in charsets) else None


def _has_body(request: Request) -> bool:
    headers = request.headers
    return "transfer-encoding" in headers or bool(headers.get("content-length", "0").strip("0"))
