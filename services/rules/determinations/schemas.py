"""Wire models of determinations 判定存档."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.rules.determinations.tables import DeterminationRow
from services.rules.engine import Outcome
from services.rules.evaluations.schemas import GivenFact, SubjectReference
from services.rules.subjects import SubjectKind
from shared.ids import new_id
from shared.values.periods import IsoDate
from shared.values.text import Line
from shared.web.wire import WireModel


class NewDetermination(WireModel):
    """What to judge and keep: a subject of the registry, on a day, for a purpose."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": {
                        "kind": "household",
                        "id": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
                    },
                    "as_of": "2020-10-15",
                    "purpose": "2020 年度清零认定",
                }
            ]
        }
    )

    id: Annotated[UUID, Field(default_factory=new_id, description="编号 may be chosen")]
    subject: SubjectReference
    as_of: Annotated[IsoDate, Field(description="判定日期 no later than today")]
    release: Annotated[
        UUID | None, Field(description="政策版本 the one in force on that day unless given")
    ] = None
    purpose: Annotated[
        str,
        Line(200, least=2),
        Field(
            description="用途 what the determination is for",
            examples=["2020 年度清零认定"],
        ),
    ]
    facts: Annotated[
        dict[str, GivenFact],
        Field(
            max_length=100,
            default_factory=dict,
            description="申报事实 those that only the asker can state",
        ),
    ]


class StoredFact(BaseModel):
    """A fact that was judged; money as decimal text in yuan."""

    value: str | int | bool
    date: IsoDate | None = None
    recorded_by: str | None = None


class Determination(BaseModel):
    """One subject judged on one day, as it was kept 判定存档."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: str
    division: str = Field(description="所属村 the village that the subject belongs to now")
    judged_in: str = Field(
        description="判定时所属村 the village it belonged to then, by whose figures it was judged"
    )
    as_of: date
    parameters_on: date = Field(description="参数日期 parameters in force on this day")
    release_id: UUID
    release: str = Field(description="政策版本摘要 digest of the release")
    purpose: str
    outcomes: dict[str, Outcome] = Field(examples=[{"household.zero_out": "not_met"}])
    determined_by: str = Field(description="判定人 who asked for it")
    determined_at: AwareDatetime


class DeterminationExplained(Determination):
    """A determination with its facts and, built anew from them, its reasons."""

    facts: dict[str, StoredFact]
    missing: dict[str, str] = Field(
        description="缺失掩码 by undetermined rule, the mask of what it waits for, in hexadecimal"
    )
    stale: str = Field(description="过期掩码 the mask of the stale facts, in hexadecimal")
    later: str | None = Field(
        description="晚于判定日掩码 the mask of the facts of a later day than the one judged; where "
        "it is null, the mask of the stale facts has their bits too"
    )
    undated: str | None = Field(
        description="未注明日期掩码 the mask of the facts without a date; null as the one before"
    )
    needs_digest: str = Field(
        description="掩码次序摘要 digest of what the bits stand for, in order"
    )
    rules: list[dict[str, Any]]


class Answered(BaseModel):
    """What a rule answers: its outcome, and the mask of what it waits for."""

    outcome: Outcome
    missing: str


class ReplayDifference(BaseModel):
    """A rule that no longer answers as it did; null where there is no such rule."""

    rule: str
    stored: Answered | None
    replayed: Answered | None


class Replay(BaseModel):
    """A determination computed again from its stored facts and release 复算."""

    determination_id: UUID
    agrees: bool
    differences: list[ReplayDifference]
    release_agrees: bool = Field(
        description="版本一致 the release can be read, is the same, and its masks mean the same"
    )
    stale_agrees: bool = Field(
        description="过期一致 the same facts are out of date, of a later day, or without a date"
    )
    replayed_at: AwareDatetime


def determination_state(row: DeterminationRow) -> dict[str, Any]:
    """Return the JSON state of a determination for the journal: what was found, not the facts."""
    return determination(row).model_dump(mode="json", exclude={"purpose"})


def determination(row: DeterminationRow) -> Determination:
    """Return the wire form of a determination."""
    return Determination.model_validate(_content(row))


def explained(row: DeterminationRow, rules: list[dict[str, Any]]) -> DeterminationExplained:
    """Return a determination with its facts and the rules as they are explained."""
    return DeterminationExplained.model_validate(
        {
            **_content(row),
            "facts": row.facts,
            "missing": row.missing,
            "stale": row.stale,
            "later": row.later,
            "undated": row.undated,
            "needs_digest": row.needs_digest,
            "rules": rules,
        }
    )


def _content(row: DeterminationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "division": row.division,
        "judged_in": row.judged_in,
        "as_of": row.as_of,
        "parameters_on": row.parameters_on,
        "release_id": row.release_id,
        "release": row.release_digest,
        "purpose": row.purpose,
        "outcomes": row.outcomes,
        "determined_by": row.recorded_by,
        "determined_at": row.created_at,
    }
