"""What the bits of a run's masks stand for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.rules.engine import OUTCOMES, Need, Outcome, Plan

BITS_A_WORD = 64


@dataclass(frozen=True)
class Order:
    """The rules and needs of one subject kind, as they stood when a run was made."""

    rules: tuple[str, ...]
    needs: tuple[Need, ...]

    @classmethod
    def of_plan(cls, plan: Plan) -> "Order":
        """Return the order of a plan: the rules that decide, and all that they may wait for."""
        return cls(plan.deciding, plan.needs)

    @classmethod
    def of_json(cls, written: Mapping[str, Any]) -> "Order":
        """Return the order that :meth:`as_json` wrote."""
        needs = tuple(Need(kind, name) for kind, name in written["needs"])
        return cls(tuple(written["rules"]), needs)

    def as_json(self) -> dict[str, Any]:
        """Return the order as a run keeps it."""
        return {"rules": list(self.rules), "needs": [list(need) for need in self.needs]}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The bit of each rule."""
        return {rule: place for place, rule in enumerate(self.rules)}

    @property
    def rule_words(self) -> int:
        """How many words a mask of rules takes."""
        return -(-len(self.rules) // BITS_A_WORD)

    @property
    def need_words(self) -> int:
        """How many words a mask of needs takes."""
        return -(-len(self.needs) // BITS_A_WORD)

    def outcomes(self, met: bytes, undetermined: bytes) -> dict[str, Outcome]:
        """Return what each rule answers, from the masks of a subject."""
        return {
            rule: OUTCOMES[None if _bit(undetermined, place) else _bit(met, place)]
            for place, rule in enumerate(self.rules)
        }

    def named(self, mask: bytes) -> list[Need]:
        """Return the needs whose bits are set."""
        return [need for place, need in enumerate(self.needs) if _bit(mask, place)]


def _bit(mask: bytes, place: int) -> bool:
    return bool(mask[place // 8] >> (place % 8) & 1)
