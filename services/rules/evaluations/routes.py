"""``/v1/evaluations`` 判定."""

from typing import Annotated

from fastapi import APIRouter, Request

from services.rules.evaluations.schemas import (
    BatchAnswer,
    BatchRequest,
    Evaluation,
    EvaluationRequest,
)
from services.rules.evaluations.usecases import evaluate, evaluate_batch
from services.rules.instruments import Registry
from services.rules.releases.shelf import ShelfInUse
from services.rules.scopes import Scope
from shared.problems import DependencyUnavailable, Forbidden, NotFound, language_of, problems
from shared.security.access import Caller, requires
from shared.web.route import ServiceRoute

router = APIRouter(prefix="/v1/evaluations", route_class=ServiceRoute, tags=["evaluations 判定"])
Evaluator = Annotated[Caller, requires(Scope.EVALUATIONS_CREATE)]


@router.post("", responses=problems(Forbidden, NotFound, DependencyUnavailable))
async def create_evaluation(
    asked: EvaluationRequest,
    request: Request,
    caller: Evaluator,
    shelf: ShelfInUse,
    registry: Registry,
) -> Evaluation:
    """判定一户（村）并说明理由。 Judge one subject and explain every rule, in the language asked."""
    policy = (await shelf.in_force(asked.as_of)).policy
    return await evaluate(policy, registry, caller, asked, language_of(request))


@router.post(":batch", responses=problems(Forbidden, DependencyUnavailable))
async def create_evaluations(
    asked: BatchRequest, caller: Evaluator, shelf: ShelfInUse, registry: Registry
) -> BatchAnswer:
    """批量判定。 Judge many subjects of the registry; every one gets its own answer."""
    policy = (await shelf.in_force(asked.as_of)).policy
    return await evaluate_batch(policy, registry, caller, asked)
