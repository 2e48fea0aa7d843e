"""Wire models of evaluations 判定."""

from datetime import date
from typing import Annotated, Any, Literal, NotRequired, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from services.rules.engine import Outcome
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.web.wire import WireModel

SubjectKind = Literal["household", "village", "division"]
MAX_SUBJECTS = 1000


class SubjectReference(WireModel):
    """A household by its id, or a village by its 12-digit code."""

    kind: Annotated[Literal["household", "village"], Field(description="对象 household or village")]
    id: Annotated[
        str, Field(min_length=1, max_length=40, examples=["0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"])
    ]


class GivenFact(WireModel):
    """A fact's value; money as decimal text in yuan."""

    value: str | int | bool
    date: IsoDate | None = Field(default=None, description="事实日期 when it was found out")
    recorded_by: str | None = Field(default=None, max_length=200)

    model_config = ConfigDict(strict=True)


class EvaluationRequest(WireModel):
    """What to judge: a subject of the registry, or facts that the request itself gives."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject_kind": "household",
                    "division": "330127100219",
                    "as_of": "2020-10-15",
                    "facts": {
                        "housing_grade": {"value": "C", "date": "2020-06-10"},
                        "only_home": {"value": True, "date": "2020-06-10"},
                    },
                }
            ]
        }
    )

    as_of: Annotated[IsoDate, Field(description="判定日期 judged by what was in force on this day")]
    subject: SubjectReference | None = None
    subject_kind: SubjectKind | None = None
    division: DivisionCode | None = None
    facts: dict[str, GivenFact] | None = None
    rules: Annotated[
        list[str] | None, Field(max_length=200, description="只判定这些规则 only these rules")
    ] = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.subject is None) == (self.facts is None):
            raise PydanticCustomError(
                "subject_or_facts",
                "give either subject, or facts with subject_kind and division",
                {"zh": "请给出 subject，或给出 facts 及 subject_kind、division，二者择一"},
            )
        if self.facts is not None and (self.subject_kind is None or self.division is None):
            raise PydanticCustomError(
                "facts_without_kind",
                "facts need subject_kind and division, since parameters differ by division",
                {"zh": "给出 facts 时必须同时给出 subject_kind 和 division（参数因区划而异）"},
            )
        return self


class BatchRequest(WireModel):
    """Many subjects of the registry, judged on one date."""

    as_of: IsoDate
    subjects: Annotated[list[SubjectReference], Field(min_length=1, max_length=MAX_SUBJECTS)]
    explain: Annotated[bool, Field(description="附理由 add reasons and facts")] = True


class InTwoLanguages(TypedDict):
    """The same words in Chinese and English."""

    zh: str
    en: str


class FactShown(TypedDict):
    """A fact that an outcome rests on."""

    name: str
    title: InTwoLanguages
    value: Any
    date: str | None
    recorded_by: str | None


class RuleOutcome(TypedDict):
    """One rule's answer: 达标 met, 未达标 not_met, 待判定 undetermined."""

    rule: str
    outcome: Outcome
    title: NotRequired[InTwoLanguages]
    reason: NotRequired[InTwoLanguages]
    citation: NotRequired[dict[str, Any]]
    missing: NotRequired[list[str]]
    stale: NotRequired[list[str]]
    facts: NotRequired[list[FactShown]]


class JudgedSubject(TypedDict):
    """Who was judged."""

    kind: str
    id: str
    division: NotRequired[str]


class BatchItem(TypedDict):
    """What became of one subject of a batch."""

    subject: JudgedSubject
    status: Literal["evaluated", "failed"]
    outcomes: NotRequired[list[RuleOutcome]]
    code: NotRequired[str]
    detail: NotRequired[InTwoLanguages]


class BatchAnswer(TypedDict):
    """The outcome of every subject, in the order asked."""

    as_of: date
    release: str
    items: list[BatchItem]


class Evaluation(TypedDict):
    """One subject judged and explained 判定及理由."""

    subject: JudgedSubject | None
    subject_kind: str
    division: str
    as_of: date
    release: str
    rules: list[dict[str, Any]]
