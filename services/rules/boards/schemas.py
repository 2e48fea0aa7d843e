"""Wire models of the board 清零看板."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from services.rules.engine import Outcome
from services.rules.evaluations.schemas import Counts, DivisionNamed, DivisionOutcome, RuleTotal
from services.rules.subjects import SubjectKind
from services.rules.words import InTwoLanguages


class ChildBoard(BaseModel):
    """One division below, with the counts of every rule."""

    division: DivisionNamed
    households: int
    villages: int
    cleared: Outcome
    counts: dict[str, Counts]


class Board(BaseModel):
    """A division's state of the three zero-outs on a date 三个清零看板."""

    division: DivisionNamed
    as_of: date
    release: str
    households: int = Field(description="在册农户数 households in the register on that day")
    villages: int = Field(description="行政村数 administrative villages")
    outcomes: list[DivisionOutcome]
    criteria: list[RuleTotal]
    children: list[ChildBoard]


class Reason(BaseModel):
    """Why one rule is not met or not determined."""

    rule: str
    outcome: Outcome
    title: InTwoLanguages
    reason: InTwoLanguages


class UnclearedSubject(BaseModel):
    """A household or village that is not cleared, with its first reasons."""

    kind: SubjectKind
    id: str
    village_code: str
    outcome: Outcome
    reasons: Annotated[
        list[Reason],
        Field(
            description="理由：所选规则的，或清零未达各项的前三条 of the rule chosen, or the first three of the zero-out"
        ),
    ]
