"""Facts of later days and undated facts told apart from those out of date."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "rules_0004"
down_revision = "rules_0003"
branch_labels = None
depends_on = None

MASKS: dict[str, sa.types.TypeEngine[Any]] = {
    "determinations": sa.Text(),
    "run_outcomes": sa.LargeBinary(),
}


def upgrade() -> None:
    for table, mask in MASKS.items():
        op.add_column(table, sa.Column("later", mask, nullable=True))
        op.add_column(table, sa.Column("undated", mask, nullable=True))


def downgrade() -> None:
    for table in MASKS:
        op.drop_column(table, "undated")
        op.drop_column(table, "later")
