"""``/v1/evaluations`` 判定."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.rules.evaluations.batches import evaluate_batch
from services.rules.evaluations.schemas import (
    BatchAnswer,
    BatchRequest,
    Evaluation,
    EvaluationRequest,
)
from services.rules.evaluations.usecases import evaluate
from services.rules.instruments import Registry
from services.rules.releases.shelf import Release, Shelf, ShelfInUse
from services.rules.scopes import Scope
from shared.divisions import DivisionsInUse
from shared.problems import DependencyUnavailable, NotFound, language_of, problems
from shared.security.access import Caller, requires
from shared.web.route import ServiceRoute
from shared.web.row_pages import as_json

router = APIRouter(prefix="/v1/evaluations", route_class=ServiceRoute, tags=["evaluations 判定"])
Evaluator = Annotated[Caller, requires(Scope.EVALUATIONS_CREATE)]


@router.post("", response_model=Evaluation, responses=problems(NotFound, DependencyUnavailable))
async def create_evaluation(
    asked: EvaluationRequest,
    request: Request,
    caller: Evaluator,
    shelf: ShelfInUse,
    registry: Registry,
    divisions: DivisionsInUse,
) -> Response:
    """判定一户（村）并说明理由。 Judge one subject and explain the rules, in the language asked.

    Answered are the rules of the families asked for and those named; the zero-out family when
    neither is given.
    """
    if asked.division is not None:
        await divisions.require(caller, asked.division, asked.as_of)
    release = await _release(shelf, asked)
    answer = await evaluate(release, registry, caller, asked, language_of(request))
    return Response(as_json(dict(answer)), media_type="application/json")


@router.post(
    ":batch", response_model=BatchAnswer, responses=problems(NotFound, DependencyUnavailable)
)
async def create_evaluations(
    asked: BatchRequest, caller: Evaluator, shelf: ShelfInUse, registry: Registry
) -> Response:
    """批量判定。 Judge up to 5,000 subjects of the registry; every one gets its own answer.

    A subject that cannot be judged is a failed item with its reason. Answered are the rules of the
    families asked for and those named; the zero-out family when neither is given.
    """
    release = await _release(shelf, asked)
    answer = await evaluate_batch(release, registry, caller, asked)
    return Response(answer, media_type="application/json")


async def _release(shelf: Shelf, asked: EvaluationRequest | BatchRequest) -> Release:
    if asked.release is None:
        return await shelf.in_force(asked.as_of)
    return await shelf.get(asked.release)
