"""Runs, and what each found: of every subject, in total, against the run before, and at large."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from services.rules.base import RulesBase
from shared.db.columns import Division
from shared.ids import new_id
from shared.jobs.tables import JobRow, of_job
from shared.journal.records import RecordColumns


class RunRow(RecordColumns, RulesBase):
    """A division judged on a day; its job has the same id. Readers see its results once published.

    ``orders`` says by subject kind what the bits of its masks stand for; ``outcomes`` are those of
    the division itself.
    """

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_division", "division", "as_of", "published_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    division: Mapped[str] = mapped_column(Division)
    as_of: Mapped[date] = mapped_column(Date)
    release_id: Mapped[UUID]
    release: Mapped[str] = mapped_column(String(64))
    compared_with: Mapped[UUID | None]
    orders: Mapped[dict[str, Any]] = mapped_column(JSONB)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    outcomes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = column_property(of_job(JobRow.state, id))  # noqa: A003 - the column


def _run() -> Mapped[UUID]:
    return mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


class RunPartRow(RulesBase):
    """A county of a run, or the run's own division if smaller: stored as a whole or not at all.

    The facts are Parquet with a row a subject, as the registry stated them and beside them the
    figures that the next run compares with.
    """

    __tablename__ = "run_parts"

    run_id: Mapped[UUID] = _run()
    part: Mapped[str] = mapped_column(Division, primary_key=True)
    households: Mapped[int]
    villages: Mapped[int]
    weak_villages: Mapped[dict[str, int]] = mapped_column(JSONB)
    household_facts: Mapped[bytes] = mapped_column(LargeBinary)
    village_facts: Mapped[bytes] = mapped_column(LargeBinary)


class RunOutcomeRow(RulesBase):
    """How one subject was judged: bit i of a mask is bit i % 8 of its byte i // 8.

    ``met`` and ``undetermined`` have a bit a rule, ``missing``, ``stale``, ``later`` and ``undated`` a
    bit a need; the last two are null where nothing in the part is so. It refers to its run without a foreign key: hundreds of thousands are written by COPY.
    """

    __tablename__ = "run_outcomes"
    __table_args__ = (Index("ix_run_outcomes_subject_id", "subject_id"),)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20, collation="C"), primary_key=True)
    village_code: Mapped[str] = mapped_column(Division, primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(40, collation="C"), primary_key=True)
    met: Mapped[bytes] = mapped_column(LargeBinary)
    undetermined: Mapped[bytes] = mapped_column(LargeBinary)
    missing: Mapped[bytes] = mapped_column(LargeBinary)
    stale: Mapped[bytes] = mapped_column(LargeBinary)
    later: Mapped[bytes | None] = mapped_column(LargeBinary)
    undated: Mapped[bytes | None] = mapped_column(LargeBinary)


class RunTotalRow(RulesBase):
    """How many subjects of a township meet each rule, or are undetermined, in the run's order."""

    __tablename__ = "run_totals"

    run_id: Mapped[UUID] = _run()
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    township: Mapped[str] = mapped_column(Division, primary_key=True)
    subjects: Mapped[int]
    met: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    undetermined: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class RunFlipRow(RulesBase):
    """A subject that a rule answers otherwise than in the run compared with."""

    __tablename__ = "run_flips"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    village_code: Mapped[str] = mapped_column(Division, primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(40, collation="C"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(100, collation="C"), primary_key=True)
    before: Mapped[str] = mapped_column(String(12))
    after: Mapped[str] = mapped_column(String(12))


class RunFindingRow(RulesBase):
    """Something odd in the population; ``figures`` are the numbers that it rests on."""

    __tablename__ = "run_findings"
    __table_args__ = (Index("ix_run_findings_run_id", "run_id", "division", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    check: Mapped[str] = mapped_column(String(40))
    division: Mapped[str] = mapped_column(Division)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    subjects: Mapped[list[str]] = mapped_column(ARRAY(Text))
