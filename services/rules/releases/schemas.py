"""Wire models of releases 政策版本."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, WithJsonSchema

from services.rules.effects import NoEffect
from services.rules.engine import Outcome
from services.rules.engine.errors import PolicyError
from services.rules.releases.checking import MAX_ERRORS, CheckResult, FailingCase
from services.rules.releases.domain import FileChange, ReleaseState
from services.rules.releases.tables import ReleaseRow
from services.rules.vocabulary import Answer
from services.rules.words import InTwoLanguages
from shared.jobs.tables import JobState
from shared.values.bilingual import Bilingual, Language
from shared.values.periods import IsoDate
from shared.values.repeating import fit_to_repeat
from shared.values.text import KIND, Identifier, Line, Note
from shared.web.wire import WireModel

Words = Annotated[str, Line(200)]
Prose = Annotated[str, Note(4000)]
PolicyText = Annotated[str, WithJsonSchema({"type": "string", KIND: "policy"})]
"""A policy file, which its reader looks through: see ``services.rules.vocabulary``."""


class ReleaseRecord(WireModel):
    """A release of the policy as recorded 政策版本; its files are read on their own."""

    id: UUID
    version: int
    recorded_by: str
    created_at: datetime
    updated_at: datetime
    number: int = Field(description="版本号", examples=[2])
    title: str = Field(description="名称", examples=["2021 年收入线调整"])
    summary: str | None = Field(description="修改说明 a summary of what changed")
    state: ReleaseState = Field(description=ReleaseState.__doc__)
    based_on: UUID | None = Field(
        description="依据版本 the release that its files were copied from"
    )
    digest: str = Field(
        description="政策摘要 names the policy in evaluations: SHA-256 of all but cases"
    )
    files_digest: str = Field(description="文件摘要 SHA-256 of all files, cases included")
    changed_files: dict[str, FileChange] = Field(
        description="修改的文件 each file that differs from based_on"
    )
    edited_by: list[str] = Field(description="编辑人 none of them may approve")
    proposed_by: str | None = Field(description="提请人")
    proposed_at: datetime | None
    approved_by: str | None = Field(description="批准人")
    approved_at: datetime | None
    closed_reason: str | None = Field(
        description="退回或撤回的理由 why it was rejected or withdrawn"
    )
    scheduled_by: str | None
    scheduled_at: datetime | None
    in_force_from: date | None = Field(
        description="施行日期 judges from this day on; the first release has none"
    )
    activated_at: datetime | None = Field(
        description="转为施行的时间 when it was noted as in force"
    )
    superseded_at: datetime | None = Field(description="被替代的时间")


def release_state(row: ReleaseRow) -> dict[str, Any]:
    """Return a release's JSON state for the journal."""
    return ReleaseRecord.model_validate(row).model_dump(mode="json")


class ReleaseContent(WireModel):
    """What a draft says of itself."""

    title: Annotated[Words, Field(description="名称")]
    summary: Annotated[
        Prose | None,
        Field(description="修改说明 what changes and why; needed before it is proposed"),
    ] = None


class NewRelease(ReleaseContent):
    """A draft to start; a client may choose the id itself."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "2021 年收入线调整", "summary": "自 2021 年起收入线提高到 9000 元。"}
            ]
        }
    )

    id: UUID | None = None
    based_on: Annotated[
        UUID | None,
        Field(
            description="依据版本 copies the files of this one, unless given the one in force today"
        ),
    ] = None


class ReleaseFiles(WireModel):
    """The files of a release: path to text 政策文件."""

    files: dict[Annotated[str, Identifier(200)], PolicyText] = Field(
        description="路径与内容 paths below facts/, parameters/ or rules/",
        examples=[{"parameters/zero_out.yaml": "parameters:\n  - name: income_line\n"}],
    )


class FileProblem(WireModel):
    """Something wrong in a file, and what to do about it."""

    file: str = Field(examples=["rules/zero_out/household/housing.yaml"])
    line: int = Field(description="行 from 1")
    column: int = Field(description="列 from 1")
    code: str = Field(examples=["unknown-fact"])
    detail: str

    @classmethod
    def of(cls, error: PolicyError, language: Language) -> Self:
        """Return the wire form of an error in the language asked."""
        place = error.place
        return cls(
            file=fit_to_repeat(place.file),
            line=place.line,
            column=place.column,
            code=error.code,
            detail=error.message(language),
        )


class CaseAnswer(WireModel):
    """An outcome, with the facts that an undetermined one waits for."""

    outcome: Outcome
    missing: list[str]
    stale: list[str]
    later: list[str]
    undated: list[str]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Return the wire form of an answer."""
        return cls(
            outcome=answer.outcome,
            missing=sorted(answer.missing),
            stale=sorted(answer.stale),
            later=sorted(answer.later),
            undated=sorted(answer.undated),
        )


class CaseProblem(WireModel):
    """A case that does not pass 未通过的案例."""

    rule: str
    title: str
    file: str
    line: int
    column: int
    expected: CaseAnswer
    answered: CaseAnswer

    @classmethod
    def of(cls, failing: FailingCase) -> Self:
        """Return the wire form of a case that does not pass."""
        case = failing.case
        return cls(
            rule=case.rule,
            title=case.title,
            file=case.place.file,
            line=case.place.line,
            column=case.place.column,
            expected=CaseAnswer.of(failing.expected),
            answered=CaseAnswer.of(failing.answer),
        )


class ReleaseCheck(WireModel):
    """What a check of a release found 检查结果."""

    passed: bool = Field(description="是否可提请批准 no errors and no failing cases")
    rules: int | None = Field(description="规则数 null where the files do not check")
    cases: int = Field(description="案例数 cases run")
    errors: list[FileProblem] = Field(description=f"问题 the first {MAX_ERRORS} at most")
    failing_cases: list[CaseProblem]

    @classmethod
    def of(cls, result: CheckResult, language: Language) -> Self:
        """Return the wire form of a check in the language asked."""
        return cls(
            passed=result.passed,
            rules=None if result.policy is None else len(result.policy.rules),
            cases=result.cases,
            errors=[FileProblem.of(error, language) for error in result.errors],
            failing_cases=[CaseProblem.of(failing) for failing in result.failing],
        )


class JudgingDate(WireModel):
    """On which day's facts and parameters the impact is computed."""

    judged_on: Annotated[
        IsoDate | None, Field(description="测算日期 today in China unless given")
    ] = None


class ReleaseClosing(WireModel):
    """Why a release goes no further."""

    reason: Annotated[Prose, Field(description="理由")]


class ReleaseScheduling(WireModel):
    """When a release takes force."""

    in_force_from: Annotated[IsoDate, Field(description="施行日期 today or later")]
    supersedes: Annotated[
        UUID | None,
        Field(
            description="取代已定于同日施行的版本 the release scheduled for that day, to give way"
        ),
    ] = None


NO_EFFECT: Mapping[NoEffect, Bilingual] = {
    NoEffect.NOTHING_CHANGED: Bilingual(
        "该版本与对照版本内容相同，没有改动。",
        "The release says what the one it is compared with says; nothing is changed.",
    ),
    NoEffect.BEGINS_AFTER: Bilingual(
        "{name} 的改动自测算日以后才生效，对这一天没有影响；请以更晚的 judged_on 重新测算。",
        "The change of {name} begins after the day judged and has no effect on it; assess the release "
        "on a later day.",
    ),
    NoEffect.NO_SUBJECT: Bilingual(
        "在册对象都不适用 {name} 的改动；请核对其区划。",
        "The change of {name} applies to nobody in the register; check its division.",
    ),
    NoEffect.NOT_USED: Bilingual(
        "没有规则用到 {name}；请核对是否漏改规则。",
        "No rule uses {name}; check whether one should.",
    ),
}


class CountyImpact(WireModel):
    """How many of a county were judged, and of how many at least one outcome changes."""

    county: str = Field(examples=["330127000000"])
    households: int
    households_changed: int
    villages: int
    villages_changed: int


class NoEffectOfRelease(WireModel):
    """A change of the release that can have made no answer another, and why 未产生影响的改动."""

    name: str = Field(
        description="改动之处 its address below the release; files for all of them",
        examples=["parameters/income_line"],
    )
    code: NoEffect = Field(description=NoEffect.__doc__)
    detail: InTwoLanguages

    @classmethod
    def of(cls, kept: dict[str, str]) -> Self:
        """Return the wire form of what the impact's row keeps."""
        said = NO_EFFECT[NoEffect(kept["code"])]
        name = kept["name"]
        detail = InTwoLanguages(zh=said.zh.format(name=name), en=said.en.format(name=name))
        return cls(name=name, code=NoEffect(kept["code"]), detail=detail)


class RuleFlips(WireModel):
    """How many subjects a rule would answer otherwise."""

    rule: str = Field(examples=["household.income_line"])
    before: Outcome = Field(description="现行结果 under the release in force")
    after: Outcome = Field(description="拟行结果 under the proposed release")
    subjects: int = Field(description="户（村）数")


class CountyFlips(RuleFlips):
    """The same in one county."""

    county: str = Field(examples=["330127000000"])


class ReleaseImpact(WireModel):
    """What a proposed release would change, on one day 影响测算; empty until it is computed."""

    job_id: UUID = Field(description="测算任务 see /v1/jobs")
    job_state: JobState
    against: UUID = Field(description="对照版本 the release in force on that day")
    judged_on: date
    files_digest: str = Field(description="文件摘要 of the files that were judged by")
    computed_at: datetime | None
    rules_added: list[str] = Field(description="新增的规则 without an outcome to compare with")
    rules_removed: list[str] = Field(description="删去的规则")
    without_effect: list[NoEffectOfRelease] = Field(
        description="未产生影响的改动 changes that can have made no answer another, and why"
    )
    counties: list[CountyImpact] = Field(description="分县变化 within the caller's division")
    flips: list[RuleFlips] = Field(description="全省变化 over the province")
