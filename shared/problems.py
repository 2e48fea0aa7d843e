"""Failures as RFC 9457 problems: one class each, with a stable code and words in two languages."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from shared.values.bilingual import Bilingual, Language
from shared.values.repeating import content_to_repeat, fit_to_repeat, sentence_to_repeat

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    pointer: str = Field(
        description="JSON pointer to the field, or the parameter's name",
        examples=["/amount"],
    )
    code: str = Field(description="stable code of the error", examples=["money-not-text"])
    detail: str = Field(description="what is wrong and what to send instead")


class ProblemBody(BaseModel):
    """The body of every failure (RFC 9457)."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    type: str = Field(examples=["urn:qingling:problem:not-found"])
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldError] | None = None


class Problem(Exception):
    """Base of every failure that a caller is told about."""

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[Bilingual]
    recorded: ClassVar[frozenset[str]] = frozenset()
    """Members that show a record as every read of it does, and stay as they are."""

    def __init__(
        self,
        detail: Bilingual,
        *,
        errors: Sequence[tuple[str, str, Bilingual]] = (),
        headers: dict[str, str] | None = None,
        **extension: Any,
    ) -> None:
        """Take what happened and what to do about it.

        ``errors`` are (pointer, code, detail) of the faulty fields; ``extension`` holds members
        that this problem adds to the body. All of it is made fit to repeat here, whether it is
        shown as a body of its own, within a batch, or kept with a job.
        """
        self.detail = sentence_to_repeat(detail)
        super().__init__(self.detail.en)
        self.errors = [
            (fit_to_repeat(pointer), code, sentence_to_repeat(words))
            for pointer, code, words in errors
        ]
        self.headers = headers
        self.extension = {
            name: member if name in self.recorded else content_to_repeat(member)
            for name, member in extension.items()
        }

    def body(self, request_id: str, language: Language) -> dict[str, Any]:
        """Return the problem document in one language."""
        body: dict[str, Any] = {
            "type": f"urn:qingling:problem:{self.code}",
            "title": self.title.in_language(language),
            "status": self.status,
            "detail": self.detail.in_language(language),
            "request_id": request_id,
        }
        if self.errors:
            body["errors"] = [
                {"pointer": pointer, "code": code, "detail": detail.in_language(language)}
                for pointer, code, detail in self.errors
            ]
        return body | self.extension


class MalformedRequest(Problem):
    status, code = 400, "malformed-request"
    title = Bilingual("请求无法读取", "The request cannot be read")


class UnknownParameter(Problem):
    status, code = 400, "unknown-parameter"
    title = Bilingual("未知的查询参数", "Unknown query parameter")


class InvalidCursor(Problem):
    status, code = 400, "invalid-cursor"
    title = Bilingual("游标无效", "The cursor is not valid")


class Unauthenticated(Problem):
    status, code = 401, "unauthenticated"
    title = Bilingual("未通过身份验证", "Not authenticated")


class Forbidden(Problem):
    status, code = 403, "forbidden"
    title = Bilingual("没有权限", "Not permitted")


class NotFound(Problem):
    status, code = 404, "not-found"
    title = Bilingual("找不到", "Not found")

    @classmethod
    def of(cls, what: Bilingual, record_id: object) -> Self:
        """Return the failure for an id that does not exist for the caller."""
        return cls(
            Bilingual(
                f"在您的区划范围内找不到{what.zh} {record_id}；请核对编号。",
                f"No {what.en} {record_id} is found within your division; check the id.",
            )
        )


class MethodNotAllowed(Problem):
    status, code = 405, "method-not-allowed"
    title = Bilingual("不支持的方法", "Method not allowed")


class RequestTimeout(Problem):
    status, code = 408, "request-timeout"
    title = Bilingual("请求未及时收全", "The request did not arrive in time")


class Conflict(Problem):
    status, code = 409, "conflict"
    title = Bilingual("与现有记录冲突", "In conflict with what is recorded")


class Collision(Conflict):
    """Somebody else's write came first; done again, a write sees it and says by name what is taken."""


class PreconditionFailed(Problem):
    status, code = 412, "precondition-failed"
    title = Bilingual("请求的前提不成立", "A condition of the request does not hold")
    recorded = frozenset({"current"})


class PayloadTooLarge(Problem):
    status, code = 413, "payload-too-large"
    title = Bilingual("请求内容过大", "The request is too large")


class UnsupportedMediaType(Problem):
    status, code = 415, "unsupported-media-type"
    title = Bilingual("不支持的内容类型", "Unsupported content type")


class InvalidRequest(Problem):
    status, code = 422, "invalid-request"
    title = Bilingual("请求内容有误", "The request is not valid")


class IdempotencyKeyReused(Problem):
    status, code = 422, "idempotency-key-reused"
    title = Bilingual("幂等键已用于其他请求", "The idempotency key was used for another request")


class PreconditionRequired(Problem):
    status, code = 428, "precondition-required"
    title = Bilingual("缺少 If-Match", "If-Match is required")


class TooManyRequests(Problem):
    status, code = 429, "too-many-requests"
    title = Bilingual("请求过于频繁", "Too many requests")


class HeadTooLarge(Problem):
    status, code = 431, "head-too-large"
    title = Bilingual("请求头过大", "The head of the request is too large")


class InternalError(Problem):
    status, code = 500, "internal-error"
    title = Bilingual("服务内部错误", "Internal error")


class DependencyUnavailable(Problem):
    status, code = 503, "dependency-unavailable"
    title = Bilingual("依赖的服务暂不可用", "A service that this one depends on is unavailable")


class OfDatabase(Problem):
    """What the database says of all that it is asked now; it passes, and nothing was saved."""

    words: ClassVar[Bilingual]
    again_after: ClassVar[int] = 5
    """When to come again, in seconds."""

    @classmethod
    def of_database(cls) -> Self:
        """Return the problem, with when to come again."""
        return cls(cls.words, headers={"Retry-After": str(cls.again_after)})


class DatabaseUnavailable(OfDatabase, DependencyUnavailable):
    """The database is away: it restarts, or cannot be reached."""

    code = "database-unavailable"
    title = Bilingual("数据库暂不可用", "The database is unavailable")
    words = Bilingual(
        "数据库暂时连接不上，本次未保存任何内容；请稍后重试。",
        "The database cannot be reached now and nothing was saved; try again later.",
    )


class ServiceBusy(OfDatabase):
    """Others hold what this request needs: a connection, a lock, memory."""

    status, code = 503, "service-busy"
    title = Bilingual("服务繁忙", "The service is busy")
    words = Bilingual(
        "数据库正忙于其他请求，本次未保存任何内容；请稍后重试。",
        "The database is busy with other requests and nothing was saved; try again later.",
    )

    @classmethod
    def of_pool(cls) -> Self:
        """Return the problem of a pool whose connections are all in use."""
        return cls(
            Bilingual(
                "同时进行的请求过多，未能及时取得数据库连接；请稍后重试。",
                "Too many requests are under way and no connection came free in time; try again later.",
            ),
            headers={"Retry-After": "5"},
        )


class TooLongAtOnce(OfDatabase):
    """A statement went beyond the time that it may take; less at a time may be possible."""

    status, code = 503, "too-long-at-once"
    title = Bilingual("处理超时", "This takes too long at once")
    words = Bilingual(
        "处理时间超过上限，本次未保存任何内容；请缩小范围，或稍后重试。",
        "This took longer than it may and nothing was saved; ask for less, or try again later.",
    )
    again_after = 30


class InsufficientStorage(OfDatabase):
    """There is no room left to record anything."""

    status, code = 507, "insufficient-storage"
    title = Bilingual("存储空间不足", "Out of storage")
    words = Bilingual(
        "存储空间不足，本次未保存任何内容；请联系管理员扩容，稍后重试。",
        "There is no room left and nothing was saved; ask an administrator for room, and try again "
        "later.",
    )
    again_after = 60


PASSING = (DependencyUnavailable, ServiceBusy, InsufficientStorage)
"""What passes by itself: whoever works in the background waits for it and goes on."""


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return a route's ``responses``: the failures that it may answer, for OpenAPI."""
    by_status: dict[int, list[type[Problem]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: {
            "description": "; ".join(f"{kind.title.zh} {kind.title.en}" for kind in same),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/ProblemBody"},
                    "example": {
                        "type": f"urn:qingling:problem:{same[0].code}",
                        "title": same[0].title.zh,
                        "status": status,
                        "detail": same[0].title.zh,
                        "request_id": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
                    },
                }
            },
        }
        for status, same in sorted(by_status.items())
    }


def language_of(request: Request) -> Language:
    """Return the language asked for by ``Accept-Language``; Chinese unless English comes first."""
    first = request.headers.get("accept-language", "zh").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "zh"


class _ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        # A name that is echoed may hold half a character, which has no bytes of its own.
        return json.dumps(content, ensure_ascii=False).encode(errors="backslashreplace")


def problem_response(request: Request, problem: Problem) -> Response:
    """Render a problem for the request that failed; every 503 says when to come again."""
    again = {"Retry-After": "5"} if problem.status == 503 else {}
    return _ProblemResponse(
        problem.body(request.state.request_id, language_of(request)),
        status_code=problem.status,
        headers={"Cache-Control": "no-store", **again, **(problem.headers or {})},
    )
