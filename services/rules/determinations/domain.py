"""What a determination keeps of a judgement, and how two of them differ: pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from services.rules.engine import Explanation, Outcome, Plan


@dataclass(frozen=True, slots=True)
class Judgement:
    """What judging found: outcomes by rule, and masks in hexadecimal.

    ``missing`` has the mask of every undetermined rule; ``needs_digest`` says what the bits mean.
    ``later`` and ``undated`` are None where they were kept with ``stale`` as one mask.
    """

    outcomes: Mapping[str, str]
    missing: Mapping[str, str]
    stale: str
    later: str | None
    undated: str | None
    needs_digest: str

    def of_rule(self, rule: str) -> tuple[str, str] | None:
        """Return the outcome and mask of a rule, None if it has none."""
        outcome = self.outcomes.get(rule)
        return None if outcome is None else (outcome, self.missing.get(rule, "0"))


def judgement_of(plan: Plan, explanation: Explanation) -> Judgement:
    """Return what is kept of an explained judgement."""
    outcomes = explanation.outcomes
    masks = zip(plan.rules, explanation.trace.missing, strict=True)
    return Judgement(
        {rule: outcome.value for rule, outcome in outcomes.items()},
        {
            rule.name: f"{mask:x}"
            for rule, mask in masks
            if outcomes.get(rule.name) is Outcome.UNDETERMINED
        },
        f"{explanation.trace.stale:x}",
        f"{explanation.trace.later:x}",
        f"{explanation.trace.undated:x}",
        needs_digest(plan),
    )


def same_unusable(stored: Judgement, replayed: Judgement) -> bool:
    """Tell whether the same recorded facts could not be used, and for the same reasons."""
    if stored.later is None or stored.undated is None:
        masks = (replayed.stale, replayed.later or "0", replayed.undated or "0")
        return int(stored.stale, 16) == reduce(or_, (int(mask, 16) for mask in masks))
    return (stored.stale, stored.later, stored.undated) == (
        replayed.stale,
        replayed.later,
        replayed.undated,
    )


def needs_digest(plan: Plan) -> str:
    """Return the SHA-256 of what the bits of a plan's masks stand for, in order."""
    order = "\n".join(f"{need.kind} {need.name}" for need in plan.needs)
    return hashlib.sha256(order.encode()).hexdigest()


def differing_rules(stored: Judgement, replayed: Judgement) -> list[str]:
    """Return the rules that answer differently; masks are compared where their bits mean the same."""
    rules = sorted(stored.outcomes.keys() | replayed.outcomes.keys())
    if stored.needs_digest != replayed.needs_digest:
        return [one for one in rules if stored.outcomes.get(one) != replayed.outcomes.get(one)]
    return [one for one in rules if stored.of_rule(one) != replayed.of_rule(one)]
