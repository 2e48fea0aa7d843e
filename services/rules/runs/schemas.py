"""Wire models of runs 批量判定."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.rules.engine import Outcome
from services.rules.evaluations.schemas import Counts, DivisionOutcome, RuleOutcome, RuleTotal
from services.rules.runs.parts.checks import Check
from services.rules.runs.tables import RunRow
from services.rules.subjects import SubjectKind
from services.rules.words import InTwoLanguages
from shared.jobs.tables import JobState
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.web.wire import WireModel


class NewRun(WireModel):
    """Whom to judge, by what held on which day."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"division": "330127000000", "as_of": "2020-10-15"}]}
    )

    division: DivisionCode
    as_of: Annotated[IsoDate, Field(description="判定日期 no later than today")]
    release: Annotated[
        UUID | None,
        Field(description="政策版本 an approved one; the one in force on that day unless given"),
    ] = None
    compare_with: Annotated[
        UUID | None,
        Field(
            description="比对的批次 a published run; the division's newest by that day unless given"
        ),
    ] = None


class Run(BaseModel):
    """A division judged on a day 批量判定."""

    id: UUID = Field(description="批次编号 also the id of its job")
    division: str
    as_of: date
    release_id: UUID
    release: str = Field(description="政策版本摘要 digest of the release")
    compared_with: UUID | None = Field(description="比对的批次 null until the run has begun")
    state: JobState = Field(description=JobState.__doc__)
    counts: dict[str, int] = Field(examples=[{"households": 4120, "villages": 425}])
    recorded_by: str
    created_at: AwareDatetime
    published_at: AwareDatetime | None = Field(description="发布时间 nothing is shown before")

    @classmethod
    def of(cls, row: RunRow) -> Self:
        """Return the wire form of a run."""
        return cls.model_validate(row, from_attributes=True)


class ChildTotals(BaseModel):
    """A division directly below, with the counts of every rule."""

    division: str
    cleared: Outcome
    counts: dict[str, Counts]


class Results(BaseModel):
    """What a run found of a division 判定结果."""

    division: str = Field(description="所示区划 the run's own, or the caller's part of it")
    outcomes: list[DivisionOutcome] = Field(
        description="区划判定 of the run's own division; empty for a part of it"
    )
    cleared: Outcome
    totals: list[RuleTotal]
    children: list[ChildTotals]


class RunWithResults(Run):
    """A run, and what it found once it is published."""

    results: Results | None


class RunSubject(BaseModel):
    """A household or village as a run judged it; facts are named over all rules."""

    kind: SubjectKind
    id: str
    village_code: str
    outcome: Outcome
    missing_facts: list[str] = Field(description="缺失事实 that some undetermined rule waits for")
    stale_facts: list[str] = Field(description="过期事实")
    later_facts: list[str] = Field(default=[], description="日期晚于判定日的事实")
    undated_facts: list[str] = Field(default=[], description="未注明日期的事实")
    undecided_parameters: list[str] = Field(description="未定参数")
    reasons: list[RuleOutcome] | None = Field(description="理由 only when reasons=true")


class Flip(BaseModel):
    """A subject that a rule answers otherwise than in the run compared with 变化."""

    kind: SubjectKind
    id: str
    village_code: str
    rule: str
    before: Outcome
    after: Outcome


class FlipCount(BaseModel):
    """How many subjects of a division flipped so by a rule."""

    division: str
    rule: str
    before: Outcome
    after: Outcome
    subjects: int


class RunFinding(BaseModel):
    """Something odd in the population 总体核查发现: a reason to check, never to reject aid."""

    id: UUID
    check: Check = Field(description=Check.__doc__)
    division: str
    figures: dict[str, Any]
    subjects: list[str] = Field(
        description="对象编号 the first 1,000 by id, without those that have left the caller's division"
    )
    words: InTwoLanguages


class SubjectExplained(BaseModel):
    """How a run judged a subject, with reasons built anew from the facts it kept."""

    run_id: UUID
    kind: SubjectKind
    id: str
    village_code: str
    as_of: date
    release: str
    agrees: bool = Field(description="复算一致 judged anew, every rule answers as it did")
    rules: list[dict[str, Any]]


class PastOutcome(BaseModel):
    """How a subject was judged at some time, by a run or a determination."""

    source: Literal["run", "determination"]
    source_id: UUID
    as_of: date
    release: str
    judged_at: AwareDatetime
    village_code: str
    outcomes: dict[str, Outcome]


def run_state(row: RunRow) -> dict[str, Any]:
    """Return the JSON state of a run for the journal."""
    return {
        "id": str(row.id),
        "division": row.division,
        "as_of": row.as_of.isoformat(),
        "release_id": str(row.release_id),
        "release": row.release,
        "compared_with": None if row.compared_with is None else str(row.compared_with),
        "counts": row.counts,
        "outcomes": {one["rule"]: one["outcome"] for one in row.outcomes},
        "published_at": None if row.published_at is None else row.published_at.isoformat(),
    }
