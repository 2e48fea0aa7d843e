"""The routes of a declared kind of record: the same for all, under its own names."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response, Security

from services.registry.recording.batch import Batch, BatchAnswer, BatchRefused
from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.external import ExternalIdTaken
from services.registry.recording.kind import Kind, Narrowing, ServedKind
from services.registry.recording.putting import (
    AS_SENT,
    EXTERNAL_PATH,
    PUT_SENTENCE,
    ExternalIdentityAsked,
)
from services.registry.recording.standing import RecordVoided, VoidingProposed
from services.registry.recording.verbs import amend_one, page_of, put_one, record_many, record_one
from services.registry.recording.voiding import (
    AloneFor,
    NoVoidingProposed,
    SecondPersonNeeded,
    VoidingAsked,
    WhyVoided,
    keep_one,
    void_one,
)
from shared.journal.history import HistoryEntry
from shared.journal.records import history, state_of
from shared.problems import (
    NotFound,
    PreconditionRequired,
    Problem,
    problems,
)
from shared.security.access import Caller, requires
from shared.web.etags import ExpectedVersion, IfMatch, IfMatchSent, etag, representation
from shared.web.merge_patch import MergePatch, merge_patch_body
from shared.web.pages import Page, PageAsked
from shared.web.reading import KnownAt, ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, work_in_hand

VOID_SENTENCE = (
    "Void a record made by mistake. It is kept, marked, and counts for nothing any more. Who recorded "
    "it may do so alone for a while (an hour unless the service is set otherwise) if nobody, themselves "
    "included, has touched it since; otherwise this proposes it, and a second person voids it by the "
    "same request. Until then it is changed no more; `:keep` takes the proposal back."
)


@dataclass(frozen=True)
class Verbs:
    """What the routes of a kind do when something is written.

    ``hand`` is the dependency that hands the first three what they work with. Beside the failures
    of all kinds, ``recording`` are those of a new record, ``changing`` those of one that is changed,
    ``voiding`` those of one that is voided.
    """

    record: Callable[[Any, Any], Awaitable[Any]]
    put: Callable[[Any, ExternalIdentity, ExpectedVersion, object], Awaitable[tuple[Any, bool]]]
    amend: Callable[[Any, UUID, ExpectedVersion, dict[str, Any]], Awaitable[Any]]
    recording: Sequence[type[Problem]]
    changing: Sequence[type[Problem]]
    voiding: Sequence[type[Problem]] = ()
    hand: Callable[..., Any] = work_in_hand
    void: Callable[[CallersWork, Any, VoidingAsked], Awaitable[Any]] = void_one


def routes_of(kind: Kind[Any]) -> APIRouter:
    """Return the routes of a declared kind, many at once included if it says so."""
    router = router_of(kind)
    verbs = Verbs(
        record=lambda work, new: record_one(work, kind, new),
        put=lambda work, *asked: put_one(work, kind, *asked),
        amend=lambda work, *asked: amend_one(work, kind, *asked),
        recording=[kind.key.failure],
        changing=[kind.key.failure],
    )
    add_writing(router, kind, verbs)
    if kind.sentences.create_many is not None:
        _create_many(router, kind)
    add_reading(router, kind)
    return router


def router_of(kind: ServedKind[Any]) -> APIRouter:
    """Return a router that is yet to have the routes of a kind."""
    return APIRouter(
        prefix=kind.address, route_class=ServiceRoute, tags=[f"{kind.path} {kind.label}"]
    )


def add_writing(router: APIRouter, kind: ServedKind[Any], verbs: Verbs) -> None:
    """Add the routes that record, put and amend, tell the history, and void or keep."""
    _create(router, kind, verbs)
    _put(router, kind, verbs)
    _amend(router, kind, verbs)
    _list_history(router, kind)
    _void_and_keep(router, kind, verbs)


def add_reading(router: APIRouter, kind: ServedKind[Any]) -> None:
    """Add the routes that list records and read one."""
    _list(router, kind)
    _read(router, kind)


def _void_and_keep(router: APIRouter, kind: ServedKind[Any], verbs: Verbs) -> None:
    void = f"作废{kind.label}。 {kind.sentences.void}{VOID_SENTENCE}"
    keep = f"撤回对{kind.label}的作废提请。 Let a record stand that somebody has proposed to void."
    _act(router, kind, "void", verbs.void, void, SecondPersonNeeded, *verbs.voiding)
    _act(router, kind, "keep", keep_one, keep, NoVoidingProposed)


def _act(
    router: APIRouter,
    kind: ServedKind[Any],
    verb: str,
    act: Callable[..., Awaitable[Any]],
    words: str,
    *refusals: type[Problem],
) -> None:
    """Add a route that does something to a record for a reason, and shows it."""

    async def act_on_record(
        record_id: UUID,
        work: Any,
        why: WhyVoided,
        expected: IfMatch,
        alone_for: AloneFor,
        response: Response,
    ) -> Any:
        row = await act(work, kind, VoidingAsked(record_id, expected, why.reason, alone_for))
        response.headers["ETag"] = etag(row.version)
        return kind.recorded.of(row)

    router.add_api_route(
        f"/{{{kind.id_name}}}:{verb}",
        typed(act_on_record, record_id=id_in_path(kind), work=_writing(kind, work_in_hand)),
        methods=["POST"],
        name=f"{verb}_{kind.name}",
        description=words,
        response_model=kind.recorded,
        responses=problems(*refusals, RecordVoided, PreconditionRequired),
    )


def _create(router: APIRouter, kind: ServedKind[Any], verbs: Verbs) -> None:
    async def create(new: Any, hand: Any, response: Response) -> Any:
        row = await verbs.record(hand, new)
        response.headers.update({"ETag": etag(row.version), "Location": f"{kind.address}/{row.id}"})
        return kind.recorded.of(row)

    router.add_api_route(
        "",
        typed(create, new=kind.new, hand=_writing(kind, verbs.hand)),
        methods=["POST"],
        name=f"create_{kind.name}",
        description=f"登记{kind.label}。 {kind.sentences.create}",
        status_code=201,
        response_model=kind.recorded,
        responses=problems(*verbs.recording, NotFound),
    )


def _put(router: APIRouter, kind: ServedKind[Any], verbs: Verbs) -> None:
    async def put(
        hand: Any,
        identity: ExternalIdentityAsked,
        new: Any,
        expected: IfMatchSent,
        response: Response,
    ) -> Any:
        row, created = await verbs.put(hand, identity, expected, new)
        response.status_code = 201 if created else 200
        response.headers.update({"ETag": etag(row.version), "Location": f"{kind.address}/{row.id}"})
        return kind.recorded.of(row)

    router.add_api_route(
        EXTERNAL_PATH,
        typed(put, new=Annotated[kind.new, AS_SENT], hand=_writing(kind, verbs.hand)),
        methods=["PUT"],
        name=f"put_{kind.name}",
        description=f"按外部编号登记或更新{kind.label}。 {PUT_SENTENCE}",
        response_model=kind.recorded,
        responses={
            201: {
                "model": kind.recorded,
                "description": "已登记 recorded; it was not there before",
            },
            **problems(*verbs.changing, ExternalIdTaken, RecordVoided, VoidingProposed),
        },
    )


def _create_many(router: APIRouter, kind: Kind[Any]) -> None:
    async def create_many(batch: Any, work: Any) -> BatchAnswer:
        return await record_many(work, kind, batch)

    router.add_api_route(
        ":batch",
        typed(
            create_many,
            batch=Batch.__class_getitem__(kind.new),
            work=_writing(kind, work_in_hand),
        ),
        methods=["POST"],
        name=f"create_{kind.plural}",
        description=f"批量登记{kind.label}。 {kind.sentences.create_many}",
        responses=problems(BatchRefused),
    )


def _list(router: APIRouter, kind: ServedKind[Any]) -> None:
    async def list_(
        session: ReadSession, caller: Any, narrow: Narrowing, asked: PageAsked, sort: str
    ) -> Any:
        return await page_of(session, caller, kind, narrow, sort, asked)

    order = _order(kind)
    router.add_api_route(
        "",
        typed(
            list_,
            caller=reading(kind),
            narrow=Annotated[kind.narrowing, Depends()],
            sort=(Annotated[order, Query(description="排序")], next(iter(order))),
        ),
        methods=["GET"],
        name=f"list_{kind.plural}",
        description=f"{kind.label}列表。 {kind.sentences.list}",
        response_model=Page.__class_getitem__(kind.recorded),
    )


def _read(router: APIRouter, kind: ServedKind[Any]) -> None:
    async def read(
        record_id: UUID, session: ReadSession, caller: Any, known_at: KnownAt = None
    ) -> Response:
        return representation(await state_of(session, kind, record_id, caller, known_at))

    router.add_api_route(
        f"/{{{kind.id_name}}}",
        typed(read, record_id=id_in_path(kind), caller=reading(kind)),
        methods=["GET"],
        name=f"get_{kind.name}",
        description=f"读取{kind.label}。 {kind.sentences.read.format(kind=kind.title.en)}",
        response_model=kind.recorded,
    )


def _amend(router: APIRouter, kind: ServedKind[Any], verbs: Verbs) -> None:
    async def amend(
        record_id: UUID,
        hand: Any,
        patch: MergePatch,
        expected: IfMatch,
        response: Response,
    ) -> Any:
        row = await verbs.amend(hand, record_id, expected, patch)
        response.headers["ETag"] = etag(row.version)
        return kind.recorded.of(row)

    router.add_api_route(
        f"/{{{kind.id_name}}}",
        typed(amend, record_id=id_in_path(kind), hand=_writing(kind, verbs.hand)),
        methods=["PATCH"],
        name=f"amend_{kind.name}",
        description=f"修改{kind.label}。 {kind.sentences.amend.format(kind=kind.title.en)}",
        response_model=kind.recorded,
        responses=problems(*verbs.changing, RecordVoided, VoidingProposed, PreconditionRequired),
        openapi_extra=merge_patch_body(kind.content, kind.amendment),
    )


def _list_history(router: APIRouter, kind: ServedKind[Any]) -> None:
    async def list_history(
        record_id: UUID, session: ReadSession, caller: Any, asked: PageAsked
    ) -> Page[HistoryEntry]:
        return await history(session, kind, record_id, caller, asked)

    router.add_api_route(
        f"/{{{kind.id_name}}}/history",
        typed(list_history, record_id=id_in_path(kind), caller=reading(kind)),
        methods=["GET"],
        name=f"list_{kind.name}_history",
        description=f"{kind.label}变更记录。 Who changed what, when and why, oldest first.",
    )


def reading(kind: ServedKind[Any]) -> Any:
    """Return the caller who may read the records of a kind, as a route declares them."""
    return Annotated[Caller, requires(kind.reader)]


def _writing(kind: ServedKind[Any], hand: Callable[..., Any]) -> Any:
    return Annotated[Any, Security(hand, scopes=[kind.writer.value])]


def id_in_path(kind: ServedKind[Any]) -> Any:
    """Return the id of a record of a kind, as the path of a route names it."""
    return Annotated[UUID, Path(alias=kind.id_name)]


def _order(kind: ServedKind[Any]) -> Any:
    """Return the closed set of a list's orders, under the name that documents have for it."""
    name = f"{kind.recorded.__name__}Order"
    order = StrEnum(name, {order: order for order in kind.orders})  # type: ignore[misc]
    order.__doc__ = "Orders of the list 排序."
    return order


def typed(endpoint: Callable[..., Any], **types: Any) -> Callable[..., Any]:
    """Give parameters of an endpoint the types, and the defaults if a pair is given, of a kind."""
    signature = inspect.signature(endpoint)
    parameters = []
    for name, parameter in signature.parameters.items():
        given = types.get(name, parameter.annotation)
        annotation, default = given if isinstance(given, tuple) else (given, parameter.default)
        parameters.append(parameter.replace(annotation=annotation, default=default))
    endpoint.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return endpoint
