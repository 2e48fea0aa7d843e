"""Circumstances of households."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0004"
down_revision = "registry_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "circumstances",
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("inspector", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("commission_signed", sa.Boolean(), nullable=True),
        sa.Column("cars", sa.Integer(), nullable=True),
        sa.Column("homes", sa.Integer(), nullable=True),
        sa.Column("financial_assets_fen", sa.BigInteger(), nullable=True),
        sa.Column("company_shares", sa.Boolean(), nullable=True),
        sa.Column("medical_spending_fen", sa.BigInteger(), nullable=True),
        sa.Column("education_spending_fen", sa.BigInteger(), nullable=True),
        sa.Column("disaster_loss_fen", sa.BigInteger(), nullable=True),
        sa.Column("rigid_spending_fen", sa.BigInteger(), nullable=True),
        sa.Column("sudden_hardship", sa.Boolean(), nullable=True),
        sa.Column("supporter_able", sa.Boolean(), nullable=True),
        sa.Column("job_refusals", sa.Integer(), nullable=True),
        sa.Column("new_job_income_fen", sa.BigInteger(), nullable=True),
        sa.Column("new_job_months", sa.Integer(), nullable=True),
        sa.Column("relocating_members", sa.Integer(), nullable=True),
        sa.Column("bad_credit", sa.Boolean(), nullable=True),
        sa.Column("microloan_wanted", sa.Boolean(), nullable=True),
        sa.Column("housing_repair_planned", sa.Boolean(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("village_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id", "village_code"],
            ["households.id", "households.village_code"],
            name=op.f("fk_circumstances_household_id_village_code"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circumstances")),
        sa.UniqueConstraint(
            "household_id", "checked_on", name=op.f("uq_circumstances_household_id_checked_on")
        ),
    )
    op.create_index(
        op.f("ix_circumstances_village_code"), "circumstances", ["village_code"], unique=False
    )


def downgrade() -> None:
    op.drop_table("circumstances")
