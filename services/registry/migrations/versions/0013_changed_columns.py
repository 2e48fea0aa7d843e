"""The row of an import that updated a record says which columns it changed."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0013"
down_revision = "registry_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let outcomes name columns; those on record do not say."""
    op.add_column("import_outcomes", sa.Column("changed", sa.ARRAY(sa.Text())))


def downgrade() -> None:
    """Forget which columns were changed."""
    op.drop_column("import_outcomes", "changed")
