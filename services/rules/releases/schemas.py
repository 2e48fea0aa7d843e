"""Wire models of releases 政策版本."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from services.rules.releases.domain import FileChange, ReleaseState
from services.rules.releases.tables import ReleaseRow
from shared.web.wire import WireModel


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
