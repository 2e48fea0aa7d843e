"""Households that a file moves, and what its other rows say of the records that went with them."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.registry.households.moving import stamps_of_move
from services.registry.imports.outcomes import RowPlan
from shared.web.work import Work


def villages_left(households: Iterable[RowPlan]) -> dict[UUID, str]:
    """Return the village that each household leaves, of those that move."""
    return {
        plan.before["id"]: plan.before["village_code"]
        for plan in households
        if plan.before is not None and plan.before["village_code"] != plan.village_code
    }


def restate_moved(work: Work, plans: Iterable[RowPlan], moved: Mapping[UUID, str]) -> None:
    """Let the plans of records that moved with their household build on them as they are now."""
    for plan in plans:
        if plan.before is not None and plan.household_id in moved:
            stamps = stamps_of_move(work, plan.before["version"])
            plan.before = {**plan.before, **stamps, "village_code": plan.village_code}
