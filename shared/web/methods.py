"""The methods beside a route's own: HEAD wherever GET is, OPTIONS on every path, 405 for the rest."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.convertors import PathConvertor
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Message, Receive, Scope, Send

from shared.problems import MethodNotAllowed, problem_response
from shared.values.bilingual import Bilingual
from shared.web.contents import Contents

HEAD = "qingling.head"
"""Member of a request's scope that says that the body of the answer is not sent."""


class HttpRoute(APIRoute):
    """A route that answers HEAD as it answers GET, without the body.

    What stands for a parameter of its path holds no colon: behind one stands what is to be done,
    which is another address. Its function's name is its operation id.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:
        named = declared | {"generate_unique_id_function": _operation_id}
        super().__init__(path, endpoint, **named)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(_as_get(scope))
        if match is not Match.NONE and any(
            ":" in value and not isinstance(self.param_convertors[name], PathConvertor)
            for name, value in found["path_params"].items()
        ):
            return Match.NONE, {}
        return match, found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if scope["method"] == "HEAD":
            await super().handle({**_as_get(scope), HEAD: True}, receive, send_head)
        else:
            await super().handle(scope, receive, send)


def answer_head(app: FastAPI) -> None:
    """Let the framework's own routes, which say what a service is, answer HEAD as well."""
    for route in app.routes:
        if isinstance(route, Route) and route.methods and "GET" in route.methods:
            route.methods.add("HEAD")


def _operation_id(route: APIRoute) -> str:
    return route.name


def _as_get(scope: Scope) -> Scope:
    return {**scope, "method": "GET"} if scope.get("method") == "HEAD" else scope


def answer_other_method(request: Request) -> Response:
    """Answer a method that no route of the path takes: OPTIONS with what they take, else 405."""
    headers = _taken(request.app, request.scope["path"])
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=headers)
    return problem_response(
        request,
        MethodNotAllowed(
            Bilingual(
                f"此地址不支持该方法，只支持 {headers['Allow']}；请查看 /docs。",
                f"This address does not take that method but {headers['Allow']}; see /docs.",
            ),
            headers=headers,
        ),
    )


def _taken(app: Any, path: str) -> dict[str, str]:
    """Return ``Allow``, and the ``Accept-…`` of those methods that take a body."""
    methods, accepted = {"OPTIONS"}, dict[str, str]()
    asked = {"type": "http", "method": "OPTIONS", "path": path, "root_path": "", "headers": []}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Route) and route.matches(asked)[0] is not Match.NONE:
            methods |= route.methods or set()
            if isinstance(route, APIRoute):
                accepted |= Contents.of(route).accepted
    if "GET" in methods:
        methods.add("HEAD")
    return {"Allow": ", ".join(sorted(methods)), **accepted}
