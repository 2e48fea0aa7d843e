"""Wire models of what-ifs 试算."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from services.rules.effects import NoEffect
from services.rules.engine import Outcome
from services.rules.evaluations.schemas import (
    Counts,
    DivisionNamed,
    Family,
    GivenFact,
    SubjectReference,
)
from services.rules.subjects import JudgedKind, SubjectKind
from services.rules.words import InTwoLanguages
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.values.text import KIND, Identifier
from shared.web.wire import WireModel

MAX_SUBJECTS = 5000
MAX_LISTED = 1000
MAX_REFORM = 200_000
REFORM = """title: 收入线提高到 9000 元
parameters:
  income_line:
    values:
      - {value: "9000.00", from: 2020-01-01}
"""


def _text_or_object(reform: Any) -> Any:
    if isinstance(reform, dict) or (isinstance(reform, str) and len(reform) <= MAX_REFORM):
        return reform
    raise PydanticCustomError(
        "reform",
        "give the reform as a YAML text of at most {longest} characters, or as an object",
        {"longest": MAX_REFORM, "zh": "改革方案应为至多 {longest} 个字符的 YAML 文本，或一个对象"},
    )


Reform = Annotated[
    str | dict[str, Any],
    PlainValidator(_text_or_object),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": MAX_REFORM, KIND: "policy"},
                {"type": "object"},
            ]
        }
    ),
]


class Changes(WireModel):
    """What is supposed to be different: facts, and parameters and rules by a reform."""

    facts: Annotated[
        dict[str, GivenFact | None],
        Field(
            max_length=100,
            default_factory=dict,
            description="假设事实 replaced for every subject, or withdrawn by null; "
            "found out on as_of unless dated",
        ),
    ]
    reform: Annotated[
        Reform | None,
        Field(
            description="改革方案 title, parameters and rules, as a YAML text or as JSON",
            examples=[REFORM],
        ),
    ] = None


class WhatIfRequest(WireModel):
    """Whom to judge twice, and what differs the second time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "as_of": "2020-10-15",
                    "division": "330127000000",
                    "subject_kind": "household",
                    "changes": {
                        "reform": {
                            "title": "收入线提高到 9000 元",
                            "parameters": {
                                "income_line": {
                                    "values": [{"value": "9000.00", "from": "2020-01-01"}]
                                }
                            },
                        }
                    },
                }
            ]
        }
    )

    as_of: Annotated[IsoDate, Field(description="判定日期 judged by what held on this day")]
    release: Annotated[
        UUID | None, Field(description="基准版本 the one in force on that day unless given")
    ] = None
    subject: SubjectReference | None = None
    subjects: Annotated[
        list[SubjectReference] | None, Field(min_length=1, max_length=MAX_SUBJECTS)
    ] = None
    subject_kind: JudgedKind | None = None
    division: Annotated[
        DivisionCode | None, Field(description="区划 a whole one, unless facts are given")
    ] = None
    facts: dict[str, GivenFact] | None = None
    changes: Annotated[Changes, Field(default_factory=Changes)]
    families: Annotated[
        list[Family] | None,
        Field(
            max_length=len(Family), description="规则类别 all unless families or rules are given"
        ),
    ] = None
    rules: Annotated[
        list[Annotated[str, Identifier(100)]] | None,
        Field(min_length=1, max_length=200, description="这些规则 these rules by name"),
    ] = None
    limit: Annotated[
        int, Field(ge=0, le=MAX_LISTED, description="最多列出的翻转 how many flips are listed")
    ] = 100

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        here = self.subject_kind is not None and self.division is not None
        whole = self.facts is not None or self.division is not None or self.subject_kind is not None
        if sum((self.subject is not None, self.subjects is not None, whole)) != 1 or whole != here:
            raise PydanticCustomError(
                "one_target",
                "give one of subject; subjects; subject_kind with division, and with facts for "
                "facts of your own",
                {
                    "zh": "请给出 subject、subjects 或 subject_kind 加 division"
                    "（自带事实时再加 facts）之一"
                },
            )
        if self.subject_kind == "division" and self.facts is None:
            raise PydanticCustomError(
                "division_without_facts",
                "a division itself is judged by facts that you give; "
                "for the subjects in it name household or village",
                {"zh": "判定区划本身须给出 facts；判定其中对象请写 household 或 village"},
            )
        return self


class SupposedFlipCount(BaseModel):
    """How many subjects a rule answers one way before and another way after."""

    before: Outcome
    after: Outcome
    subjects: int


class RuleImpact(BaseModel):
    """What becomes of one rule; before is null for an added rule, after for a removed one."""

    rule: str = Field(examples=["household.income_line"])
    before: Counts | None
    after: Counts | None
    flips: list[SupposedFlipCount]


class TitledRuleImpact(RuleImpact):
    """What becomes of one rule, with its title."""

    title: InTwoLanguages


class ChildImpact(BaseModel):
    """What becomes of the rules in one division directly below."""

    division: DivisionNamed
    subjects: int
    flipped: int = Field(description="翻转对象数 subjects that any rule flips for")
    rules: list[RuleImpact]


class SupposedFlip(BaseModel):
    """One subject whose outcome a rule changes; id is null for facts given."""

    kind: JudgedKind
    id: str | None
    village_code: str
    rule: str
    before: Outcome
    after: Outcome


class NotJudged(BaseModel):
    """A subject that was asked for and is not in the register of the caller's division."""

    kind: SubjectKind
    id: str
    code: str
    detail: InTwoLanguages


class Explained(BaseModel):
    """The reasons before and after, for one subject.

    Each rule has the smallest change of one fact that turns it over, if there is one.
    """

    before: list[dict[str, Any]]
    after: list[dict[str, Any]]


class ChangeWithoutEffect(BaseModel):
    """A change that changes nothing, and why 未产生影响的改动."""

    pointer: str
    name: str
    code: NoEffect = Field(description=NoEffect.__doc__)
    detail: InTwoLanguages


class WhatIf(BaseModel):
    """What flips when something is supposed to be different 试算结果."""

    as_of: date
    release_id: UUID
    release: str = Field(description="基准版本摘要 digest of the base release")
    variant: str = Field(description="方案摘要 digest of the policy with the reform applied")
    title: str | None = Field(description="方案名称 title of the reform")
    subjects: int
    flipped: int = Field(description="翻转对象数 subjects that any rule flips for")
    rules: list[TitledRuleImpact]
    children: list[ChildImpact] = Field(description="各下级 for a whole division")
    flips: list[SupposedFlip] = Field(description="翻转名单 by village, subject and rule")
    truncated: bool = Field(description="名单未列全 there are more flips than are listed")
    not_judged: list[NotJudged]
    without_effect: list[ChangeWithoutEffect] = Field(
        description="未产生影响的改动 changes that cannot have made any answer another, and why"
    )
    explained: Explained | None = Field(description="理由 for one subject or facts given")
