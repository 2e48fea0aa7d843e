"""Files of imports are sealed: how long each was before."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0009"
down_revision = "registry_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_files", sa.Column("length", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("import_files", "length")
