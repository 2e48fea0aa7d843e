"""Where a record belonged before it moved, so that the feed there says that it left."""

import sqlalchemy as sa
from alembic import op

revision = "shared_0003"
down_revision = "shared_0002"
branch_labels = None
depends_on = None

# Until now an entry said so in its changes alone, under the name of the record's own column.
MOVES_ON_RECORD = """
UPDATE journal SET left_division = coalesce(
    changes->'village_code'->>'from', changes->'division'->>'from'
)
WHERE (changes->'village_code'->>'to' = division AND changes->'village_code'->>'from' IS NOT NULL)
   OR (changes->'division'->>'to' = division AND changes->'division'->>'from' IS NOT NULL)
"""


def upgrade() -> None:
    op.add_column("journal", sa.Column("left_division", sa.String(12, collation="C")))
    op.execute(MOVES_ON_RECORD)
    op.create_index(
        "ix_journal_moves",
        "journal",
        ["subject_kind", "subject_id", "version"],
        postgresql_where=sa.text("left_division IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_journal_moves", table_name="journal")
    op.drop_column("journal", "left_division")
