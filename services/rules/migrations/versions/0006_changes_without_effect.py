"""The impact of a release says which of its changes change nothing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "rules_0006"
down_revision = "rules_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of what was computed before, nothing is said.
    op.add_column(
        "release_impacts",
        sa.Column("without_effect", JSONB(), server_default="[]", nullable=False),
    )
    op.alter_column("release_impacts", "without_effect", server_default=None)


def downgrade() -> None:
    op.drop_column("release_impacts", "without_effect")
