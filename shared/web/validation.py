"""Turns validation errors of pydantic and errors of the framework into problems."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.exceptions import HTTPException

from shared import problems
from shared.problems import Problem
from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue

# Chinese for the errors that requests meet in practice; {name} is filled from the error's context.
MESSAGES: Mapping[str, str] = {
    "missing": "缺少此项",
    "extra_forbidden": "没有这一项；请去掉或检查拼写",
    "string_type": "应为文本",
    "string_unicode": "文本中有不成对的代理码，不是有效的字符；请去掉后重发",
    "string_too_short": "文本太短，至少 {min_length} 个字符",
    "string_too_long": "文本太长，至多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不符，应匹配 {pattern}",
    "int_type": "应为整数",
    "int_from_float": "应为整数，不能带小数",
    "bool_type": "应为 true 或 false",
    "date_type": "应为日期，如 2020-07-21",
    "date_parsing": "应为日期，如 2020-07-21",
    "date_from_datetime_parsing": "应为日期，如 2020-07-21",
    "datetime_parsing": "应为带时区的时间，如 2020-07-21T08:00:00+08:00",
    "timezone_aware": "时间必须带时区，如 2020-07-21T08:00:00+08:00",
    "uuid_parsing": "应为 UUID",
    "uuid_type": "应为 UUID",
    "enum": "应为以下之一：{expected}",
    "literal_error": "应为以下之一：{expected}",
    "greater_than_equal": "不得小于 {ge}",
    "greater_than": "应大于 {gt}",
    "less_than_equal": "不得大于 {le}",
    "less_than": "应小于 {lt}",
    "list_type": "应为列表",
    "too_long": "至多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "json_invalid": "不是有效的 JSON",
}

NOT_A_FILE = Bilingual(
    "应为文件：请以带 filename 的部分发送",
    "this must be a file: send it as a part with a filename",
)


def pointer_to(*steps: object) -> str:
    """Return the JSON pointer (RFC 6901) of the place that names and indexes lead to."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def field_errors(
    errors: Iterable[Mapping[str, Any]], *, inside: str | None = None
) -> list[tuple[str, str, Bilingual]]:
    """Return (pointer, code, detail) for each pydantic error.

    ``inside`` names the part of the request that the first location element stands for when the
    errors come from a model rather than from the framework.
    """
    found = []
    for error in errors:
        location = list(error["loc"])
        where = inside if inside is not None else str(location.pop(0)) if location else "body"
        path = pointer_to(*location)
        pointer = path if where == "body" else path.removeprefix("/")
        context = error.get("ctx") or {}
        code = str(error["type"])
        english = str(error["msg"]).removeprefix("Value error, ")
        chinese = context.get("zh") or MESSAGES.get(code)
        if english.startswith("Expected UploadFile"):
            # The framework names its own class to whoever sends text in the place of a file.
            code, (chinese, english) = "file-expected", NOT_A_FILE
        found.append(
            (
                pointer,
                code.replace("_", "-"),
                Bilingual(
                    chinese.format_map(_Lenient(context)) if chinese else english,
                    english,
                ),
            )
        )
    return found


class _Lenient(dict[str, Any]):
    """Leaves a placeholder as it is when the error carries no value for it."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def invalid_request(errors: Iterable[Mapping[str, Any]], *, inside: str | None = None) -> Problem:
    """Return the problem for a request whose content does not validate."""
    errors = list(errors)
    if any(error["loc"] == ("body",) and isinstance(error.get("input"), bytes) for error in errors):
        # The framework hands a body on unread that is not sent as JSON.
        return problems.UnsupportedMediaType(
            Bilingual(
                "请以 Content-Type: application/json 发送正文。",
                "Send the body with Content-Type: application/json.",
            )
        )
    listed = field_errors(errors, inside=inside)
    if any(code == "json-invalid" for _, code, _ in listed):
        return problems.MalformedRequest(
            Bilingual(
                "请求正文不是有效的 JSON；请检查后重发。",
                "The body is not valid JSON; correct it and send it again.",
            ),
            errors=listed,
        )
    return problems.InvalidRequest(
        Bilingual(
            "请求中有不合要求的内容，见 errors；改正后重发。",
            "Parts of the request are not valid, see errors; correct them and send it again.",
        ),
        errors=listed,
    )


@contextmanager
def refusing_at(pointer: str) -> Iterator[None]:
    """Turn a value's refusal inside the block into the problem of one field of the request."""
    try:
        yield
    except InvalidValue as refusal:
        detail = refusal.message
        raise problems.InvalidRequest(detail, errors=[(pointer, refusal.code, detail)]) from refusal


def from_http_exception(error: HTTPException) -> Problem:
    """Return the problem for an error that the framework itself raised."""
    match error.status_code:
        case 404:
            return problems.NotFound(
                Bilingual(
                    "没有这个地址；请查看 /docs。",
                    "There is no such address; see /docs.",
                )
            )
        case _:
            return problems.MalformedRequest(
                Bilingual(
                    "请求无法读取；请检查格式后重发。",
                    "The request cannot be read; check its form and send it again.",
                )
            )
