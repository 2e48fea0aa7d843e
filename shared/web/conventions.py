"""What the route class does for every route, written down once in the OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.divisions import NAMING
from shared.problems import (
    Conflict,
    DatabaseUnavailable,
    Forbidden,
    HeadTooLarge,
    IdempotencyKeyReused,
    InsufficientStorage,
    InvalidCursor,
    InvalidRequest,
    MalformedRequest,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    Problem,
    RequestTimeout,
    ServiceBusy,
    TooLongAtOnce,
    TooManyRequests,
    Unauthenticated,
    UnknownParameter,
    UnsupportedMediaType,
    problems,
)
from shared.web.headers import DuplicateHeader
from shared.web.json_body import DuplicateMember
from shared.web.negotiation import NotAcceptable
from shared.web.parameters import DuplicateParameter

HTTP = """

**HTTP** HEAD is answered wherever GET is, and OPTIONS on every path with `Allow`, `Accept-Post` and `Accept-Patch`.
Every GET that is no stream has an `ETag`. `If-Match` takes a list or `*`, compares strongly and comes first: 412. `If-None-Match`
then gives 304, and 412 where something would be changed; with `*` what creates answers 412 if what is recorded leaves no room
for it. What is sent is taken as declared or refused: nothing unknown, nothing twice, each value in one spelling, bodies in UTF-8
and uncompressed. Where no body is taken, an empty JSON object is one.
"""
"""Stands below every service's own description."""

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
    "description": "幂等键 what was sent under the same key gives the first answer again for 24 "
    "hours, to who may still see it; anything else under it is refused",
    "example": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
}
EVERYWHERE: tuple[type[Problem], ...] = (
    MalformedRequest,
    UnknownParameter,
    DuplicateParameter,
    DuplicateHeader,
    NotAcceptable,
    TooManyRequests,
    HeadTooLarge,
    DatabaseUnavailable,
    ServiceBusy,
    TooLongAtOnce,
)
RETRY_AFTER = {
    "Retry-After": {
        "schema": {"type": "integer"},
        "description": "多少秒后重试 seconds to wait before trying again",
    }
}
ALLOWANCE = {
    f"RateLimit-{name}": {"schema": {"type": "integer"}, "description": meaning}
    for name, meaning in (
        ("Limit", "每分钟可请求的次数 requests a minute"),
        ("Remaining", "本分钟剩余的次数 requests left of this minute"),
        ("Reset", "多少秒后重新计数 seconds until the count begins anew"),
    )
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "所要的 ETag the ETags of which one must hold, or *; otherwise 412",
    "example": '"3"',
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "已有的 ETag the ETags of what is known already; 304 if one of them still holds",
    "example": '"3"',
}
UNLESS_THERE = IF_NONE_MATCH | {
    "description": "不得存在的 the ETags of which none may hold, or * for nothing that is there; "
    "otherwise 412 and nothing is changed",
    "example": "*",
}
ETAG = {
    "description": "another one whenever the body is another",
    "schema": {"type": "string"},
    "example": '"3"',
}


def describe(method: str, operation: dict[str, Any]) -> None:
    """Add to an operation what holds for all, beside the route's own words."""
    responses = operation["responses"]
    parameters = operation.setdefault("parameters", [])
    if "application/json" in responses.get("422", {}).get("content", {}):
        # The framework's own 422 is never answered: the problem document is.
        del responses["422"]
        responses |= _declared(InvalidRequest)
    failures = [*_failures(operation)]
    if method == "get":
        parameters.extend([IF_MATCH, IF_NONE_MATCH])
        failures += [PreconditionFailed]
        responses["304"] = {"description": "未改变 what the caller has still holds"}
        if "200" in responses:
            responses["200"].setdefault("headers", {}).setdefault("ETag", ETAG)
    else:
        failures += [Conflict, InsufficientStorage]
        if "201" in responses or any(each["name"] == "if-match" for each in parameters):
            parameters.append(UNLESS_THERE)
            failures += [PreconditionFailed]
    if method == "post":
        parameters.append(IDEMPOTENCY_KEY)
        failures += [IdempotencyKeyReused]
    for status, common in _declared(*failures).items():
        own = responses.setdefault(status, common)
        said = own["description"]
        more = [each for each in common["description"].split("; ") if each not in said]
        own["description"] = "; ".join([said, *more])
    described = dict(sorted(responses.items()))
    described["429"]["headers"] = RETRY_AFTER | ALLOWANCE
    described["503"]["headers"] = RETRY_AFTER
    operation["responses"] = described


def _failures(operation: Mapping[str, Any]) -> Iterator[type[Problem]]:
    """Yield the failures that follow from what a route takes, whatever its method."""
    if "security" in operation:
        yield from (Unauthenticated, Forbidden)
    named = {each["name"] for each in operation["parameters"]}
    # What an address or a query names is not there for everybody.
    if named & NAMING or any(each["in"] == "path" for each in operation["parameters"]):
        yield NotFound
    if "cursor" in named:
        yield InvalidCursor
    if operation.get("requestBody", {}).get("content", {}):
        yield from (PayloadTooLarge, RequestTimeout, UnsupportedMediaType, DuplicateMember)
    yield from EVERYWHERE


def _declared(*kinds: type[Problem]) -> dict[str, Any]:
    return {str(status): response for status, response in problems(*kinds).items()}
