"""The route class of every service: closed queries, one transaction a write, safe retries."""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from starlette.responses import Response

from shared.db.database import Database
from shared.divisions import NAMING, require_named
from shared.security.access import admission, admit
from shared.web.bodies import Bodies
from shared.web.contents import Contents, refuse_body
from shared.web.etags import on_conditions, unless_there
from shared.web.headers import refuse_repeated
from shared.web.keeping import keeping
from shared.web.methods import HEAD, HttpRoute
from shared.web.negotiation import chosen_format, offered_by
from shared.web.parameters import Parameters
from shared.web.rates import network_of
from shared.web.streams import StreamedAnswer
from shared.web.work import work_in_hand, work_to_begin
from shared.web.writing import Begins, write

CREATED = 201
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ServiceRoute(HttpRoute):
    """An API route that the house's conventions hold for.

    Who asks is checked before anything that was sent, and what was sent before it counts: what the
    route does not declare is refused, and so is what stands twice or is not spelled as its type is.
    A write runs in one transaction, which ``shared.web.work.writing`` hands to the use case and
    which commits before the answer leaves; with an ``Idempotency-Key`` the answer is kept in the
    same transaction. A route that asks other services declares ``asking_first`` and begins when they
    have answered, and one that declares neither changes nothing: a key alone opens its transaction
    after the answer is made. Whatever a request reads or writes, it holds one connection.
    """

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()
        answer = keeping(unless_there(handler) if self.status_code == CREATED else handler)
        dependants = list(_all(self.dependant))
        scopes = _scopes(dependants)
        parameters = Parameters.of(self.dependant)
        contents = Contents.of(self)
        offered = offered_by(self)
        calls = {dependant.call for dependant in dependants}
        named = sorted(NAMING & {*parameters.query, *self.param_convertors})
        begins = Begins(at_once=work_in_hand in calls, later=work_to_begin in calls)

        async def handle(request: Request) -> Response:
            refuse_repeated(request)
            # Who may not is told so before a byte of the body is read, and a body is here to its
            # end before anything is opened for it.
            admitted = admit(request, scopes) if scopes else None
            caller = admitted.subject if admitted else network_of(request)
            chosen_format(request, *offered)
            parameters.check(request)
            if named and admitted:
                await require_named(request, admitted, named)
            database: Database = request.app.state.database
            if request.method == "GET":
                refuse_body(request)
                with database.one_connection():
                    response = await answer(request)
                if len(offered) > 1:
                    response.headers.add_vary_header("Accept")
                response = await on_conditions(request, response)
                if HEAD in request.scope and isinstance(response, StreamedAnswer):
                    return await response.head()
                return response
            kind = contents.kind(request)
            bodies: Bodies = request.app.state.bodies
            async with bodies.received(request, caller) as whole:
                try:
                    sent = await contents.read(whole, kind)
                    with database.one_connection():
                        return await write(whole, sent, answer, begins)
                finally:
                    await whole.close()

        return handle


def _all(dependant: Dependant) -> Iterator[Dependant]:
    """Yield a dependency and everything that it depends on."""
    yield dependant
    for part in dependant.dependencies:
        yield from _all(part)


def _scopes(dependants: Sequence[Dependant]) -> list[str]:
    """Return the scopes that a route needs."""
    return [
        scope
        for each in dependants
        if each.call is admission
        for scope in (*(each.parent_oauth_scopes or ()), *(each.own_oauth_scopes or ()))
    ]
