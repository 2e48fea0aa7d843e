"""Why a change of the policy makes no answer another on a day: pure."""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum

from services.rules.engine import Policy
from services.rules.engine.declarations import Parameter, ParameterValue
from services.rules.engine.plan import Plan


class NoEffect(StrEnum):
    """没有改动 nothing_changed, 晚于判定日 begins_after, 与现行相同 equal, 无对象适用 no_subject, 未用到 not_used."""

    NOTHING_CHANGED = "nothing_changed"
    BEGINS_AFTER = "begins_after"
    EQUAL = "equal"
    NO_SUBJECT = "no_subject"
    NOT_USED = "not_used"


def effect_missed_by_parameter(
    policies: tuple[Policy, Policy],
    name: str,
    used: Collection[str],
    places: Collection[str],
    as_of: date,
) -> NoEffect | None:
    """Return why a parameter that was changed makes no answer another; None if it may.

    ``used`` is what the rules judged rest on, ``places`` the villages of those judged.
    """
    before, after = (policy.parameters.get(name) for policy in policies)
    why = _same_values(before, after, places, as_of)
    return NoEffect.NOT_USED if why is None and name not in used else why


def effect_missed_by_rule(
    policies: tuple[Policy, Policy], name: str, used: Collection[str], as_of: date
) -> NoEffect | None:
    """Return why a rule that was changed makes no answer another; None if it may."""
    versions = [policy.rules[name] for policy in policies if name in policy.rules]
    conditions = {tuple(part.text for part in one.conditions) for one in versions}
    forces = {(one.start, one.end, one.combination) for one in versions}
    if len(versions) == 2 and len(conditions) == len(forces) == 1:
        return NoEffect.EQUAL
    if not any(one.in_force(as_of) for one in versions):
        return NoEffect.BEGINS_AFTER
    return None if name in used else NoEffect.NOT_USED


def names_used(plans: Iterable[tuple[Plan, Collection[str] | None]]) -> set[str]:
    """Return the facts, parameters and rules that rules rest on: those named of each plan, or all."""
    names: set[str] = set()
    for plan, wanted in plans:
        narrow = plan.narrowed([rule for rule in plan.deciding if wanted is None or rule in wanted])
        for group in (narrow.facts, narrow.parameters, narrow.rules):
            names |= {one.name for one in group}
    return names


def _same_values(
    before: Parameter | None, after: Parameter | None, places: Collection[str], as_of: date
) -> NoEffect | None:
    if before is None or after is None:
        return None
    written = {_figure(value): value for value in after.values}
    changed = [written[key] for key in written.keys() - set(map(_figure, before.values))]
    if not changed and len(written) == len(before.values):
        return NoEffect.EQUAL
    if any(_value(before, as_of, place) != _value(after, as_of, place) for place in places):
        return None
    if changed and all(value.start > as_of for value in changed):
        return NoEffect.BEGINS_AFTER
    divisions = {value.division for value in changed}
    if any(_value(before, as_of, one) != _value(after, as_of, one) for one in divisions):
        return NoEffect.NO_SUBJECT
    return NoEffect.EQUAL


def _figure(value: ParameterValue) -> tuple[object, ...]:
    return value.value, value.start, value.end, value.division


def _value(parameter: Parameter, as_of: date, place: str | None) -> object:
    found = parameter.at(as_of, place)
    return None if found is None else found.value
