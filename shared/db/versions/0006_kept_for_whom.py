"""Kept answers remember the division of who asked, and what they are about."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "shared_0006"
down_revision = "shared_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Answers that were kept before say neither, so that they are not given again.
    op.add_column("idempotency_keys", sa.Column("division", sa.String(12), nullable=True))
    op.add_column("idempotency_keys", sa.Column("subjects", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("idempotency_keys", "subjects")
    op.drop_column("idempotency_keys", "division")
