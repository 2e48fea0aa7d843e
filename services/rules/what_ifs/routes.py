"""``/v1/what-ifs`` 试算."""

from typing import Annotated

from fastapi import APIRouter, Request

from services.rules.instruments import Registry
from services.rules.releases.shelf import ShelfInUse
from services.rules.scopes import Scope
from services.rules.what_ifs.schemas import WhatIf, WhatIfRequest
from services.rules.what_ifs.usecases import suppose
from services.rules.what_ifs.variants import VariantsInUse
from shared.divisions import DivisionsInUse
from shared.problems import DependencyUnavailable, NotFound, language_of, problems
from shared.security.access import Caller, requires
from shared.web.route import ServiceRoute

router = APIRouter(prefix="/v1/what-ifs", route_class=ServiceRoute, tags=["what-ifs 试算"])


@router.post("", responses=problems(NotFound, DependencyUnavailable))
async def create_what_if(
    asked: WhatIfRequest,
    request: Request,
    caller: Annotated[Caller, requires(Scope.WHAT_IFS_CREATE)],
    shelf: ShelfInUse,
    variants: VariantsInUse,
    registry: Registry,
    divisions: DivisionsInUse,
) -> WhatIf:
    """试算：假设事实、参数或规则不同时谁会改变。 Judge as it is and as supposed; say what flips."""
    if asked.division is not None:
        await divisions.require(caller, asked.division, asked.as_of)
    return await suppose(shelf, variants, registry, caller, asked, language_of(request))
