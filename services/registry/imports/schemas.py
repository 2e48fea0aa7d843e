"""Wire models of imports 导入."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from services.registry.imports.columns import SHEETS, SheetName
from services.registry.imports.outcomes import ImportResult, Mode, Outcome, result_of
from services.registry.imports.tables import ImportRow
from services.registry.recording.batch import InTwoLanguages
from shared.jobs.tables import JobState
from shared.values.divisions import DivisionCode
from shared.values.repeating import fit_to_repeat, text_to_repeat
from shared.web.wire import WireModel


class ImportedFile(WireModel):
    """A file of an import 文件."""

    name: Annotated[
        str,
        AfterValidator(fit_to_repeat),
        Field(description="文件名，号码已遮盖 numbers masked", examples=["淳安县低收入农户.xlsx"]),
    ]
    bytes: int
    sha256: str


class FileProblem(WireModel):
    """Why the import as a whole could not be done."""

    code: Annotated[str, Field(examples=["header-missing"])]
    detail: InTwoLanguages


class CellProblem(WireModel):
    """Why a row failed or was skipped."""

    code: Annotated[str, Field(examples=["money-has-separator"])]
    column: Annotated[
        str | None, Field(description="列（表头）null: concerns several columns", examples=["金额"])
    ]
    value: Annotated[
        str | None,
        Field(description="单元格内容，个人信息已遮盖 personal data masked", examples=["8,000"]),
    ]
    detail: InTwoLanguages


class ImportSummary(WireModel):
    """An import and how it went 导入."""

    id: Annotated[UUID, Field(description="导入编号 also the id of its job, /v1/jobs/{id}")]
    division: Annotated[DivisionCode, Field(description="区划 the importer's division")]
    mode: Mode
    dry_run: Annotated[bool, Field(description="试运行 nothing is written")]
    state: Annotated[
        JobState,
        Field(
            description=f"状态 {JobState.__doc__} failed too where the data was refused: `result` and "
            "the outcomes of the rows are there all the same"
        ),
    ]
    written: Annotated[
        bool | None,
        Field(
            description="是否已写入 null until it is over; false if nothing was written: `result` says why"
        ),
    ]
    result: Annotated[
        ImportResult | None,
        Field(
            description="数据结果 what became of the data; null until it is over, and if it broke off. "
            f"{ImportResult.__doc__}"
        ),
    ]
    files: list[ImportedFile]
    counts: Annotated[
        dict[str, dict[Outcome, int]],
        Field(
            description="各表各结果的行数 rows by sheet and outcome, once it is over",
            examples=[{"农户": {"created": 600}, "成员": {"created": 1811, "failed": 2}}],
        ),
    ]
    problems: Annotated[
        list[FileProblem],
        Field(description="文件整体的问题；非空则未导入任何内容 nothing was imported"),
    ]
    reason: Annotated[str | None, AfterValidator(text_to_repeat)]
    recorded_by: Annotated[str, Field(description="导入人 who imports")]
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: ImportRow) -> "ImportSummary":
        """Return the wire form of a row."""
        columns = {name: getattr(row, name) for name in cls.model_fields if name != "result"}
        return cls.model_validate(columns | {"result": _result(row)})


def _result(row: ImportRow) -> ImportResult | None:
    refused = bool(row.problems)
    if not row.counts and not refused:
        return None
    return result_of(Mode(row.mode), dry_run=row.dry_run, refused=refused, counts=row.counts)


class RowOutcome(WireModel):
    """What became of one row 逐行结果."""

    sheet: Annotated[SheetName, Field(description="工作表 sheet")]
    row: Annotated[
        int, Field(description="文件中的行号 as the spreadsheet numbers it", examples=[2])
    ]
    outcome: Outcome
    record_id: Annotated[
        UUID | None,
        Field(description="记录编号；试运行中新建的没有 absent for what a dry run would create"),
    ]
    problems: list[CellProblem]
    changed: Annotated[
        list[str] | None,
        Field(
            description="更正的列（表头） columns whose contents on record an updated row changed; null "
            "for other rows, and where it was not told yet",
            examples=[["加入日期"]],
        ),
    ] = None

    @classmethod
    def of(cls, row: Any) -> "RowOutcome":
        """Return the wire form of a row of ``import_outcomes``."""
        return cls(
            sheet=SHEETS[row.sheet].name,
            row=row.row,
            outcome=row.outcome,
            record_id=row.record_id,
            problems=row.problems or [],
            changed=row.changed,
        )
