"""Runs over a division."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "rules_0003"
down_revision = "rules_0002"
branch_labels = None
depends_on = None

DIVISION = sa.String(length=12, collation="C")


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("division", DIVISION, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("release", sa.String(length=64), nullable=False),
        sa.Column("compared_with", sa.Uuid(), nullable=True),
        sa.Column("orders", postgresql.JSONB(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("outcomes", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_division", "runs", ["division", "as_of", "published_at"])
    op.create_table(
        "run_parts",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("part", DIVISION, nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("villages", sa.Integer(), nullable=False),
        sa.Column("weak_villages", postgresql.JSONB(), nullable=False),
        sa.Column("household_facts", sa.LargeBinary(), nullable=False),
        sa.Column("village_facts", sa.LargeBinary(), nullable=False),
        _of_run("run_parts"),
        sa.PrimaryKeyConstraint("run_id", "part", name=op.f("pk_run_parts")),
    )
    op.create_table(
        "run_outcomes",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20, collation="C"), nullable=False),
        sa.Column("village_code", DIVISION, nullable=False),
        sa.Column("subject_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("met", sa.LargeBinary(), nullable=False),
        sa.Column("undetermined", sa.LargeBinary(), nullable=False),
        sa.Column("missing", sa.LargeBinary(), nullable=False),
        sa.Column("stale", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "run_id", "kind", "village_code", "subject_id", name=op.f("pk_run_outcomes")
        ),
    )
    op.create_index("ix_run_outcomes_subject_id", "run_outcomes", ["subject_id"])
    op.create_table(
        "run_totals",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("township", DIVISION, nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("met", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("undetermined", postgresql.ARRAY(sa.Integer()), nullable=False),
        _of_run("run_totals"),
        sa.PrimaryKeyConstraint("run_id", "kind", "township", name=op.f("pk_run_totals")),
    )
    op.create_table(
        "run_flips",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("village_code", DIVISION, nullable=False),
        sa.Column("subject_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("rule", sa.String(length=100, collation="C"), nullable=False),
        sa.Column("before", sa.String(length=12), nullable=False),
        sa.Column("after", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint(
            "run_id", "village_code", "subject_id", "rule", name=op.f("pk_run_flips")
        ),
    )
    op.create_table(
        "run_findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("check", sa.String(length=40), nullable=False),
        sa.Column("division", DIVISION, nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        _of_run("run_findings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_findings")),
    )
    op.create_index("ix_run_findings_run_id", "run_findings", ["run_id", "division", "id"])


def downgrade() -> None:
    for table in (
        "run_findings",
        "run_flips",
        "run_totals",
        "run_outcomes",
        "run_parts",
        "runs",
    ):
        op.drop_table(table)


def _of_run(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_run_id")
    return sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=name, ondelete="CASCADE")
