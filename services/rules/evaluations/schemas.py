"""Wire models of evaluations 判定."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, WrapValidator, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from services.rules.engine import Outcome, Policy
from services.rules.judging.tallies import Tally
from services.rules.subjects import JudgedKind, SubjectKind
from services.rules.words import InTwoLanguages, in_two_languages
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionCode, parse_division_code
from shared.values.periods import IsoDate
from shared.values.refusal import InvalidValue
from shared.values.text import KIND, Identifier, Line
from shared.web.wire import WireModel

MAX_SUBJECTS = 5000
MAX_FACTS = 200
BATCH_BYTES = 8 * 1024 * 1024


class Family(StrEnum):
    """规则类别: 清零 zero_out, 资格与金额 eligibility, 返贫风险 risk, 数据质量 quality."""

    ZERO_OUT = "zero_out"
    ELIGIBILITY = "eligibility"
    RISK = "risk"
    QUALITY = "quality"


class HouseholdIdMalformed(InvalidValue):
    code = "household-id"
    template = Bilingual(
        "农户编号应为 registry 给出的 UUID。",
        "A household goes by its id, a UUID as the registry gives it.",
    )


def parse_subject_id(kind: SubjectKind, given: str) -> str:
    """Return a subject's id as it is recorded: a UUID in its usual form, or a village's code.

    Raises HouseholdIdMalformed, DivisionNotTwelveDigits or DivisionGap.
    """
    if kind == "village":
        return parse_division_code(given)
    try:
        return str(UUID(given))
    except ValueError as error:
        raise HouseholdIdMalformed from error


class SubjectReference(WireModel):
    """A household by its id, or a village by its 12-digit code."""

    kind: Annotated[SubjectKind, Field(description="对象 household or village")]
    id: Annotated[str, Identifier(40), Field(examples=["0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"])]

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        try:
            self.id = parse_subject_id(self.kind, self.id)
        except InvalidValue as refusal:
            raise refusal.as_pydantic() from refusal
        return self


FactText = Annotated[
    Any,
    WithJsonSchema(
        {"anyOf": [{"type": "string", KIND: "fact"}, {"type": "integer"}, {"type": "boolean"}]}
    ),
]
"""Whatever came: the dictionary of facts says better than a type what a fact must be."""


class GivenFact(WireModel):
    """A fact's value; money as decimal text in yuan. What is not known is left out."""

    value: Annotated[
        FactText, Field(description="事实值 amounts as text, counts as whole numbers, never floats")
    ]
    date: IsoDate | None = Field(default=None, description="事实日期 when it was found out")
    recorded_by: Annotated[str, Line(200, least=0)] | None = None


class Chosen(WireModel):
    """Which rules are answered, and by which release."""

    release: Annotated[
        UUID | None, Field(description="政策版本 the one in force on that day unless given")
    ] = None
    families: Annotated[
        list[Family] | None,
        Field(
            min_length=1,
            max_length=len(Family),
            description="只判定这些类别 only these families; 均未给出时为清零 without families and rules: zero_out",
        ),
    ] = None
    rules: Annotated[
        list[Annotated[str, Identifier(100)]] | None,
        Field(
            min_length=1,
            max_length=200,
            description="只判定这些规则 only these rules, or these beside the families",
        ),
    ] = None


class EvaluationRequest(Chosen):
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
    subject_kind: JudgedKind | None = None
    division: DivisionCode | None = None
    facts: Annotated[
        dict[str, GivenFact] | None,
        Field(
            max_length=MAX_FACTS,
            description="事实 all that is known; 与 subject 同时给出时只能是申报人陈述的事实 beside a subject only "
            "what the asker states, since the registry states the rest",
        ),
    ] = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        described = self.subject_kind is not None or self.division is not None
        if self.subject is None if self.facts is None else self.subject is not None and described:
            raise PydanticCustomError(
                "subject_or_facts",
                "give either subject, or facts with subject_kind and division",
                {"zh": "请给出 subject，或给出 facts 及 subject_kind、division，二者择一"},
            )
        if self.subject is None and (self.subject_kind is None or self.division is None):
            raise PydanticCustomError(
                "facts_without_kind",
                "facts need subject_kind and division, since parameters differ by division",
                {"zh": "给出 facts 时必须同时给出 subject_kind 和 division（参数因区划而异）"},
            )
        return self


class BatchSubject(SubjectReference):
    """A subject of the registry, with what the asker states of it."""

    facts: Annotated[
        dict[str, GivenFact],
        Field(max_length=MAX_FACTS, default_factory=dict, description="申报人陈述的事实"),
    ]


class BatchRequest(Chosen):
    """Many subjects of the registry, judged on one date."""

    as_of: IsoDate
    # Each is validated on its own, so that a bad one does not hide the answers to the others.
    subjects: Annotated[
        list[Annotated[BatchSubject, WrapValidator(lambda item, _: item)]],
        Field(min_length=1, max_length=MAX_SUBJECTS),
    ]
    explain: Annotated[bool, Field(description="附理由 add reasons and facts")] = True


class Counts(BaseModel):
    """Always three: what is undetermined is neither met nor not met."""

    met: int = Field(default=0, description="达标")
    not_met: int = Field(default=0, description="未达标")
    undetermined: int = Field(default=0, description="待判定")

    @classmethod
    def of(cls, tally: Tally) -> Self:
        """Return the wire form of a tally."""
        return cls(met=tally.met, not_met=tally.not_met, undetermined=tally.undetermined)


class DivisionNamed(BaseModel):
    """A division with its name."""

    code: str = Field(examples=["330127000000"])
    name: str = Field(examples=["淳安县"])
    level: str = Field(examples=["county"])


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
    later: NotRequired[list[str]]
    undated: NotRequired[list[str]]
    facts: NotRequired[list[FactShown]]


class JudgedSubject(TypedDict):
    """Who was judged."""

    kind: str
    id: str
    division: NotRequired[str]


class FaultyField(TypedDict):
    """What is wrong with one field of a subject."""

    pointer: str
    code: str
    detail: InTwoLanguages


class BatchItem(TypedDict):
    """What became of one subject of a batch; it is null where it could not be read."""

    index: int
    subject: JudgedSubject | None
    status: Literal["evaluated", "failed"]
    outcomes: NotRequired[list[RuleOutcome]]
    figures: NotRequired[dict[str, Any]]
    code: NotRequired[str]
    detail: NotRequired[InTwoLanguages]
    errors: NotRequired[list[FaultyField]]


class BatchAnswer(TypedDict):
    """The outcome of every subject, in the order asked."""

    as_of: date
    release: str
    release_id: UUID
    items: list[BatchItem]


class Evaluation(TypedDict):
    """One subject judged and explained 判定及理由.

    Each rule has the smallest change of one fact that turns it over, if there is one; figures are
    the amounts that rules of the chosen families work out.
    """

    subject: JudgedSubject | None
    subject_kind: str
    division: str
    as_of: date
    release: str
    release_id: UUID
    rules: list[dict[str, Any]]
    figures: list[dict[str, Any]]


class DivisionOutcome(BaseModel):
    """A rule about the division as a whole."""

    rule: str = Field(examples=["division.cleared"])
    title: InTwoLanguages
    outcome: Outcome
    reason: InTwoLanguages


class RuleTotal(BaseModel):
    """One rule, and how many subjects meet it."""

    rule: str = Field(examples=["household.housing"])
    subject: SubjectKind
    title: InTwoLanguages
    counts: Counts

    @classmethod
    def of(cls, policy: Policy, kind: SubjectKind, rule: str, tally: Tally) -> Self:
        """Return how many subjects meet a rule, under its title."""
        title = in_two_languages(policy.rules[rule].title)
        return cls(rule=rule, subject=kind, title=title, counts=Counts.of(tally))
