"""Conflicts: persons who could not be entered in one place since another has them."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0008"
down_revision = "registry_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    division = sa.String(length=12, collation="C")
    op.create_table(
        "conflicts",
        sa.Column("division", division, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("document_masked", sa.String(length=40), nullable=False),
        sa.Column("asking_village", division, nullable=False),
        sa.Column("asking_household", sa.Uuid(), nullable=True),
        sa.Column("registered_village", division, nullable=True),
        sa.Column("registered_household", sa.Uuid(), nullable=True),
        sa.Column("registered_member", sa.Uuid(), nullable=True),
        sa.Column("asked_times", sa.Integer(), nullable=False),
        sa.Column("last_asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settlement", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts")),
    )
    op.create_index("ix_conflicts_division", "conflicts", ["division", "created_at", "id"])
    op.create_index(
        "ix_conflicts_person",
        "conflicts",
        ["person"],
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.drop_table("conflicts")
