"""Which rules an evaluation answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.rules.engine import Policy
from services.rules.evaluations.schemas import Family
from shared.problems import InvalidRequest
from shared.values.bilingual import Bilingual


@dataclass(frozen=True, slots=True)
class ChosenRules:
    """The ids of the rules that answer met or not met, and of those that give a figure."""

    deciding: Sequence[str]
    figures: Sequence[str]


def choose(
    policy: Policy, kind: str, families: Sequence[Family] | None, rules: Sequence[str] | None
) -> ChosenRules:
    """Return the rules of some families and those named beside; of zero-out when neither is given."""
    named = frozenset(rules or ())
    wanted = frozenset(families or (() if rules else (Family.ZERO_OUT,)))
    chosen = [
        rule for rule in policy.plan(kind).rules if rule.name in named or rule.family in wanted
    ]
    return ChosenRules(
        [rule.name for rule in chosen if rule.decides],
        [rule.name for rule in chosen if not rule.decides],
    )


def require_known(policy: Policy, kinds: Sequence[str], rules: Sequence[str] | None) -> None:
    """Refuse names that no rule about these kinds of subjects has.

    Raises:
        InvalidRequest: there is no such rule.

    """
    known = {rule.name for kind in kinds for rule in policy.plan(kind).rules}
    unknown = [rule for rule in rules or () if rule not in known]
    if unknown:
        detail = Bilingual(
            f"没有规则 {'、'.join(unknown)}；可用规则：{'、'.join(sorted(known))}。",
            f"There is no rule {', '.join(unknown)}; the rules are {', '.join(sorted(known))}.",
        )
        raise InvalidRequest(detail, errors=[("/rules", "unknown-rule", detail)])
