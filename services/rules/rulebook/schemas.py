"""Wire models of the rulebook 规则手册."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from services.rules.engine import Outcome, Source, StatedBy


class Words(BaseModel):
    """The same words in Chinese and English."""

    model_config = ConfigDict(from_attributes=True)

    zh: str
    en: str


class CitationShown(BaseModel):
    """Where a rule or a value stands 出处."""

    model_config = ConfigDict(from_attributes=True)

    document: str = Field(examples=["浙委办发〔2020〕29号"])
    article: str = Field(examples=["二（一）"])
    source: Source = Field(
        description="policy 政策文件, law 法规, notice 公开通知, unverified 未经核实"
    )


class ParameterInForce(BaseModel):
    """A parameter with its value on the date and in the division asked for 参数."""

    name: str = Field(examples=["income_line"])
    title: Words
    unit: str = Field(examples=["money per person"])
    value: str | int | bool | None = Field(
        description="金额为元的文本 money is decimal text in yuan; null: 未定 nobody has decided, or "
        "nothing is in force"
    )
    words: Words
    in_force_from: date | None
    in_force_to: date | None = Field(description="最后一日 the last day, null while open")
    division: str | None = Field(description="null: 全省 everywhere")
    citation: CitationShown | None
    illustrative: bool = Field(description="示例值，尚无文件公布 nobody has published the value")


class FactUsed(BaseModel):
    """A fact that a rule looks at 事实."""

    name: str = Field(examples=["housing_grade"])
    title: Words
    unit: str
    stated_by: StatedBy
    fresh_for: str | None = Field(
        description="时效参数 the parameter with the days until it is stale"
    )


class ConditionShown(BaseModel):
    """One line of a rule 条件: its title, in words, and as it is written."""

    title: Words
    sentence: Words
    expression: str = Field(
        examples=["household.stable_net_income >= household_size * :income_line"]
    )


class CaseShown(BaseModel):
    """A case that the rule must answer 案例."""

    title: str
    as_of: date
    outcome: Outcome


class RuleSheet(BaseModel):
    """A rule as staff read it 规则."""

    rule: str = Field(examples=["household.income_line"])
    family: str = Field(examples=["zero_out"])
    subject: str = Field(examples=["household"])
    title: Words
    decides: bool = Field(description="false: 只给出数额 gives a figure, not met or not met")
    combination: Literal["all_of", "any_of", "value"]
    sentence: Words
    conditions: list[ConditionShown]
    citation: CitationShown
    in_force_from: date
    in_force_to: date | None
    in_force: bool = Field(description="所问日期是否有效 whether it holds on the date asked for")
    parameters: list[ParameterInForce]
    facts: list[FactUsed]
    refers_to: list[str] = Field(description="引用的规则 the rules it is made of")
    used_by: list[str] = Field(description="被引用 the rules that refer to it")
    cases: list[CaseShown]


class Rulebook(BaseModel):
    """The rules of a release with the values in force on a date 规则手册."""

    release: str = Field(description="发布版本的摘要 digest of the release's content")
    release_number: int
    as_of: date
    division: str | None
    rules: list[RuleSheet]


class DatedValue(BaseModel):
    """One value of a parameter, from its first to its last day."""

    value: str | int | bool | None
    words: Words
    in_force_from: date
    in_force_to: date | None
    division: str | None
    citation: CitationShown
    illustrative: bool


class ParameterSheet(BaseModel):
    """A parameter with all its values 参数历史."""

    name: str
    title: Words
    unit: str
    release: str
    values: list[DatedValue]


class CodeShown(BaseModel):
    """A code of a closed list."""

    code: str
    title: Words


class FactDeclared(BaseModel):
    """An entry of the fact dictionary 事实字典."""

    name: str
    title: Words
    type: Literal["integer", "money", "boolean", "code", "date"]
    unit: str
    min: str | int | None
    max: str | int | None
    codes: list[CodeShown]
    dated_by: str | None
    fresh_for: str | None
    stated_by: StatedBy
    at_least: bool = Field(
        description="已知人数，实际可能更多；规则只问有没有 counts those who are known, of whom there may "
        "be more; unknown while none is and somebody may be one"
    )


class FactDictionary(BaseModel):
    """Every fact that rules may look at, by subject 事实字典."""

    release: str
    subjects: dict[str, list[FactDeclared]]


class Difference(BaseModel):
    """One difference between two releases 差异; null where there is nothing on that side."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["rule", "condition", "parameter", "value", "fact"]
    name: str = Field(description="规则、参数或事实", examples=["income_line"])
    what: str = Field(description="差在何处 what of it differs", examples=["value from 2021-01-01"])
    title: Words
    before: Words | None
    after: Words | None


class Differences(BaseModel):
    """What changes from one release to another, condition by condition 版本差异."""

    since: str = Field(description="旧版本 digest of the earlier release")
    release: str = Field(description="新版本 digest of the later release")
    differences: list[Difference]


Family = Literal["zero_out", "eligibility", "risk", "quality"]
RuleName = Annotated[
    str,
    Path(
        max_length=100,
        pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$",
        description="规则编号",
        examples=["household.income_line"],
    ),
]
Name = Annotated[
    str,
    Path(
        max_length=63,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="参数名",
        examples=["income_line"],
    ),
]
