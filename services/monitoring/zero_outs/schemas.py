"""Wire models of zero-out items 清零事项."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.monitoring.zero_outs.criteria import criteria
from services.monitoring.zero_outs.domain import ItemState, Outcome
from services.monitoring.zero_outs.tables import ZeroOutItemRow
from shared.values.divisions import DivisionCode
from shared.values.text import Line, Note
from shared.web.wire import WireModel

SubjectKind: TypeAlias = Literal["household", "village"]
"""Of whom an item is."""


class RecordedEvidence(WireModel):
    """What a signature rests on, as recorded 证据."""

    kind: Annotated[
        Literal["document", "photo", "visit", "minutes", "other"],
        Field(description="文件 document, 照片 photo, 走访 visit, 会议记录 minutes, 其他 other"),
    ]
    reference: Annotated[str, Field(description="编号或链接 number or link")]
    description: Annotated[str, Field(description="说明")]


class Evidence(RecordedEvidence):
    """What a signature rests on 证据."""

    reference: Annotated[str, Line(200), Field(description="编号或链接 number or link")]
    description: Annotated[str, Note(1000), Field(description="说明")]


class SignOffRequest(WireModel):
    """A signature at the caller's level 签字销号."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "evidence": [
                        {
                            "kind": "photo",
                            "reference": "2020-0831-01",
                            "description": "修缮后的房屋正面",
                        }
                    ],
                    "comment": "已现场核实",
                }
            ]
        }
    )

    evidence: Annotated[list[Evidence], Field(min_length=1, max_length=20)]
    comment: Annotated[str, Note(1000, least=0)] | None = None


class ReopenRequest(WireModel):
    """Why an item goes back to open 退回."""

    reason: Annotated[str, Note(1000)]


class JudgeRequest(WireModel):
    """Which division to judge anew."""

    division: DivisionCode


class SignOff(BaseModel):
    """One signature of the present round."""

    level: str
    signed_by: str
    division: str
    signed_at: datetime
    evidence: list[RecordedEvidence]
    comment: str | None


class ZeroOutItem(BaseModel):
    """One unmet criterion of a household or village, and how far its sign-off is 清零事项."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    subject_kind: SubjectKind
    subject_id: str
    village_code: str
    criterion: str = Field(examples=["household.housing"])
    title: dict[str, str] = Field(description="标准名称 the criterion's title in zh and en")
    state: ItemState = Field(description=ItemState.__doc__)
    outcome: Outcome = Field(description="最近一次判定 as last judged: " + (Outcome.__doc__ or ""))
    needs_check: bool = Field(description="已销号但现在无法判定 closed, and now undetermined")
    reason: dict[str, str] = Field(description="理由 in zh and en")
    missing: list[str]
    stale: list[str]
    evidence: list[dict[str, Any]] = Field(
        description="判定依据 the facts that the last judgement rests on, with date and recorder"
    )
    evidence_after: date | None = Field(
        description="证据不实被退回后，须有晚于该日的新证据 set when the evidence proved false: "
        "the item is not ready again until a fact dated after this day supports it"
    )
    sign_offs: list[SignOff] = Field(
        description="本轮签字 of this round; those of earlier rounds stand in the timeline"
    )
    release: str = Field(description="规则版本 rule-set release of the last judgement")
    judged_on: date = Field(
        description="最近判定日期 by what held on this day; moves on without a new version"
    )
    reopened: int
    opened_at: datetime
    ready_at: datetime | None
    closed_at: datetime | None
    version: int
    recorded_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: ZeroOutItemRow) -> Self:
        """Return the wire form of a row."""
        columns = {name: getattr(row, name) for name in cls.model_fields if name != "title"}
        return cls.model_validate(columns | {"title": criteria()[row.criterion].title})


class Counted(BaseModel):
    """How many items of a criterion are in a state."""

    criterion: str
    state: ItemState
    items: int


class DivisionCounts(BaseModel):
    """A division's items by criterion and state."""

    division: str
    counts: list[Counted]


class ZeroOutCounts(BaseModel):
    """The items of a division and of each division below it."""

    division: str
    counts: list[Counted]
    children: list[DivisionCounts]


def item_state(row: ZeroOutItemRow) -> dict[str, Any]:
    """Return an item's JSON state for the journal."""
    return ZeroOutItem.of(row).model_dump(mode="json")
