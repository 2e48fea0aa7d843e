"""What a queued job met and waits for."""

import sqlalchemy as sa
from alembic import op

revision = "shared_0004"
down_revision = "shared_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("waiting_for", sa.String(60)))
    op.add_column("jobs", sa.Column("waiting_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("jobs", "waiting_since")
    op.drop_column("jobs", "waiting_for")
