"""Releases of the policy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "rules_0001"
down_revision = None
branch_labels = ("rules",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("division", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("based_on", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("files_digest", sa.String(length=64), nullable=False),
        sa.Column("changed_files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("edited_by", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column("scheduled_by", sa.Text(), nullable=True),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["based_on"], ["releases.id"], name=op.f("fk_releases_based_on")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    op.create_index("uq_releases_number", "releases", ["number"], unique=True)
    op.create_index("uq_releases_in_force_from", "releases", ["in_force_from"], unique=True)
    op.create_index(op.f("ix_releases_digest"), "releases", ["digest"])
    op.create_table(
        "release_files",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=200, collation="C"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_release_files_release_id")
        ),
        sa.PrimaryKeyConstraint("release_id", "path", name=op.f("pk_release_files")),
    )
    op.create_table(
        "release_impacts",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("files_digest", sa.String(length=64), nullable=False),
        sa.Column("against", sa.Uuid(), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rules_added", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("rules_removed", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["against"], ["releases.id"], name=op.f("fk_release_impacts_against")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_release_impacts_release_id")
        ),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_release_impacts")),
    )
    op.create_table(
        "release_flip_counts",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("county", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("before", sa.String(length=12), nullable=False),
        sa.Column("after", sa.String(length=12), nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["release_impacts.release_id"],
            name=op.f("fk_release_flip_counts_release_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "release_id",
            "county",
            "rule",
            "before",
            "after",
            name=op.f("pk_release_flip_counts"),
        ),
    )


def downgrade() -> None:
    op.drop_table("release_flip_counts")
    op.drop_table("release_impacts")
    op.drop_table("release_files")
    op.drop_table("releases")
