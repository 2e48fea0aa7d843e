"""Stored determinations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "rules_0002"
down_revision = "rules_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "determinations",
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("division", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("parameters_on", sa.Date(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("release_digest", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcomes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("missing", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stale", sa.Text(), nullable=False),
        sa.Column("needs_digest", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_determinations_release_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_determinations")),
    )
    op.create_index(
        "ix_determinations_division", "determinations", ["division", "created_at", "id"]
    )
    op.create_index(
        "ix_determinations_subject",
        "determinations",
        ["subject_kind", "subject_id", "created_at", "id"],
    )
    op.create_table(
        "replay_progress",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("determination_id", sa.Uuid(), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_progress")),
    )


def downgrade() -> None:
    op.drop_table("replay_progress")
    op.drop_index("ix_determinations_subject", table_name="determinations")
    op.drop_index("ix_determinations_division", table_name="determinations")
    op.drop_table("determinations")
