"""Determinations move with their household, and keep the village that it was judged in."""

import sqlalchemy as sa
from alembic import op

revision = "rules_0005"
down_revision = "rules_0004"
branch_labels = None
depends_on = None

DIVISION = sa.String(length=12, collation="C")


def upgrade() -> None:
    op.add_column("determinations", sa.Column("judged_in", DIVISION, nullable=True))
    op.execute("UPDATE determinations SET judged_in = division")
    op.alter_column("determinations", "judged_in", nullable=False)
    op.create_table(
        "household_places",
        sa.Column("household_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("division", DIVISION, nullable=False),
        sa.PrimaryKeyConstraint("household_id", name=op.f("pk_household_places")),
    )


def downgrade() -> None:
    op.drop_table("household_places")
    op.execute("UPDATE determinations SET division = judged_in")
    op.drop_column("determinations", "judged_in")
