"""What a system of one county calls its records is nothing to those of others."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0012"
down_revision = "registry_0011"
branch_labels = None
depends_on = None

TABLES = (
    "households",
    "members",
    "income_entries",
    "guarantee_checks",
    "circumstances",
    "village_accounts",
    "division_figures",
)
COLUMNS = ["external_source", "external_id"]


def upgrade() -> None:
    """Find records by what other systems call them, without letting one stand for all counties."""
    for table in TABLES:
        op.drop_index(f"uq_{table}_external_id", table)
        op.create_index(
            f"ix_{table}_external_id",
            table,
            COLUMNS,
            postgresql_where=sa.text("external_id IS NOT NULL"),
        )


def downgrade() -> None:
    """Let one record that stands have an id; where several have, this stops and says so."""
    for table in TABLES:
        op.drop_index(f"ix_{table}_external_id", table)
        op.create_index(
            f"uq_{table}_external_id",
            table,
            COLUMNS,
            unique=True,
            postgresql_where=sa.text("external_id IS NOT NULL AND voided_at IS NULL"),
        )
