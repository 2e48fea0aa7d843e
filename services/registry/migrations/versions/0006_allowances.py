"""What is limited by caller and day: finds, reveals, refusals that tell of a person, and guesses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "registry_0006"
down_revision = "registry_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allowances",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("use", sa.String(length=20), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "day", "use", name=op.f("pk_allowances")),
    )
    op.create_index("ix_allowances_day", "allowances", ["day"])
    op.create_table(
        "guesses",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("likeness", sa.LargeBinary(), nullable=False),
        sa.Column("persons", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.PrimaryKeyConstraint("caller", "day", "likeness", name=op.f("pk_guesses")),
    )
    op.create_index("ix_guesses_day", "guesses", ["day"])


def downgrade() -> None:
    op.drop_table("guesses")
    op.drop_table("allowances")
